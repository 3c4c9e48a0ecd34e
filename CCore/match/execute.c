// execute.c — one order against what is there: trades, then it rests, expires or is done.
#include "internal.h"

void nt_match_emit(nt_match *match, const order *order, nt_match_event_kind kind,
                   nt_match_reason reason) {
    nt_match_event event = {
        .id = order->id,
        .price = order->price,
        .quantity = order->quantity,
        .remaining = order->remaining,
        .side = order->side,
        .kind = kind,
        .reason = reason,
    };
    match->config.on_event(match->config.context, &event);
}

void nt_match_note_price(nt_match *match, int64_t price) {
    match->last_price = price;
    if (price < match->low) match->low = price;
    if (price > match->high) match->high = price;
}

/// Both sides' quantities are already lowered. `maker_remaining` as the event states it.
static void emit_trade(nt_match *match, const order *order, uint64_t maker_id, int64_t price,
                       int64_t quantity, int64_t maker_remaining) {
    nt_match_note_price(match, price);
    nt_match_event event = {
        .id = order->id,
        .maker_id = maker_id,
        .trade = ++match->trade_count,
        .price = price,
        .quantity = quantity,
        .remaining = order->remaining,
        .maker_remaining = maker_remaining,
        .side = order->side,
        .kind = NT_MATCH_TRADE,
    };
    match->config.on_event(match->config.context, &event);
}

void nt_match_unrest(nt_match *match, order *order) {
    ladder *ladder = &match->own[order->side];
    level *level = nt_match_ladder_find(ladder, mirrored(order->side, order->price));
    level->quantity -= order->remaining;
    nt_match_list_remove(match, &level->queue, order);
    if (level->queue.head == NONE) nt_match_ladder_remove(ladder, level);
}

/// Lowers a resting order; it leaves when nothing remains.
static void lower_resting(nt_match *match, order *order, int64_t quantity) {
    order->remaining -= quantity;
    level *level =
        nt_match_ladder_find(&match->own[order->side], mirrored(order->side, order->price));
    level->quantity -= quantity;
}

static void release_when_filled(nt_match *match, order *order) {
    if (order->remaining > 0) return;
    nt_match_unrest(match, order);
    nt_match_table_remove(match, order);
}

void nt_match_fill_resting(nt_match *match, order *order, int64_t quantity) {
    lower_resting(match, order, quantity);
    emit_trade(match, order, order->id, order->price, quantity, order->remaining);
    release_when_filled(match, order);
}

static bool is_same_owner(const order *a, const order *b) {
    return a->owner != 0 && a->owner == b->owner;
}

static bool is_market(const order *order) { return order->type == NT_MARKET; }

/// Worst key on the other side at which the order may trade.
static int64_t limit_key(const order *order) {
    return is_market(order) ? INT64_MIN : mirrored(nt_opposite(order->side), order->price);
}

static void take_shown(nt_match *match, order *taker, const offer *offer) {
    int64_t quantity = smaller(taker->remaining, offer->available);
    taker->remaining -= quantity;
    offer->shown->consumed += quantity;
    emit_trade(match, taker, 0, mirrored(nt_opposite(taker->side), offer->key), quantity,
               offer->available - quantity);
}

/// Trades with the orders of one level, oldest first. False when one is the taker's own.
static bool take_own(nt_match *match, order *taker, const level *level) {
    uint32_t slot = level->queue.head;
    while (slot != NONE && taker->remaining > 0) {
        order *maker = &match->orders[slot];
        if (is_same_owner(taker, maker)) return false;
        slot = maker->next;
        int64_t quantity = smaller(taker->remaining, maker->remaining);
        taker->remaining -= quantity;
        lower_resting(match, maker, quantity);
        emit_trade(match, taker, maker->id, maker->price, quantity, maker->remaining);
        release_when_filled(match, maker);
    }
    return true;
}

/// Trades as far as price and quantity allow. False when it met an order of its own owner.
static bool take(nt_match *match, order *taker) {
    nt_side side = nt_opposite(taker->side);
    int64_t limit = limit_key(taker);
    offer_cursor cursor = nt_match_first_offer(match, side);
    offer offer;
    while (taker->remaining > 0 && nt_match_next_offer(match, side, &cursor, &offer) &&
           offer.key >= limit) {
        if (offer.shown != NULL) take_shown(match, taker, &offer);
        if (offer.own != NULL && taker->remaining > 0 && !take_own(match, taker, offer.own)) {
            return false;
        }
    }
    return true;
}

/// Lowers *wanted by what a level's orders would give. False when one is the taker's own.
static bool count_own(const nt_match *match, const order *taker, const level *level,
                      int64_t *wanted) {
    for (uint32_t slot = level->queue.head; slot != NONE && *wanted > 0;) {
        const order *maker = &match->orders[slot];
        if (is_same_owner(taker, maker)) return false;
        *wanted -= smaller(*wanted, maker->remaining);
        slot = maker->next;
    }
    return true;
}

/// Whether the order could be filled whole at once.
static bool is_fillable(const nt_match *match, const order *taker) {
    nt_side side = nt_opposite(taker->side);
    int64_t limit = limit_key(taker), wanted = taker->remaining;
    offer_cursor cursor = nt_match_first_offer(match, side);
    offer offer;
    while (wanted > 0 && nt_match_next_offer(match, side, &cursor, &offer) && offer.key >= limit) {
        wanted -= smaller(wanted, offer.available);
        if (offer.own != NULL && !count_own(match, taker, offer.own, &wanted)) break;
    }
    return wanted == 0;
}

static void expire(nt_match *match, order *order, nt_match_reason reason) {
    nt_match_emit(match, order, NT_MATCH_EXPIRED, reason);
    nt_match_table_remove(match, order);
}

static void rest(nt_match *match, order *order) {
    level *level =
        nt_match_ladder_add(&match->own[order->side], mirrored(order->side, order->price));
    NT_ASSERT(level != NULL);
    order->place = PLACE_RESTING;
    order->ahead = nt_match_queue_ahead(match, level, order->side);
    level->quantity += order->remaining;
    nt_match_list_push(match, &level->queue, order);
}

void nt_match_execute(nt_match *match, order *order) {
    if (order->tif == NT_FOK && !is_fillable(match, order)) {
        expire(match, order, NT_MATCH_FOK_UNFILLABLE);
        return;
    }
    bool met_nobody_own = take(match, order);
    if (order->remaining == 0) {
        nt_match_table_remove(match, order);
    } else if (!met_nobody_own) {
        expire(match, order, NT_MATCH_SELF_TRADE);
    } else if (is_market(order)) {
        expire(match, order, NT_MATCH_NO_LIQUIDITY);
    } else if (order->tif == NT_IOC) {
        expire(match, order, NT_MATCH_NO_REASON);
    } else {
        rest(match, order);
    }
}
