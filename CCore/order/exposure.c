// exposure.c — what the orders of an instrument can still do to us, kept as they change.
//
// An order that is not finished reserves quantity - cumulative. One that the venue has closed
// reserves only the trades that the venue has counted and we have not seen. A best price that
// goes away is found again by a walk over the instrument's active orders.
#include <stddef.h>

#include "nt/planted.h"
#include "table.h"

int64_t order_clamp(__int128 value) {
    if (value > INT64_MAX) return INT64_MAX;
    if (value < INT64_MIN) return INT64_MIN;
    return (int64_t)value;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/// Lots that may still be traded under this order, by the worst reading of the evidence.
static int64_t reserved_lots(const nt_order *order) {
    const nt_order_state end = nt_order_is_terminal(order->state) ? order->state : order->closing;
    // Of one that is filled every trade is due.
    const bool closed = end != NT_ORDER_NONE && end != NT_ORDER_FILLED;
    if (closed && nt_planted(NT_BUG_VENUE_COUNT_IGNORED)) return 0;
    const int64_t most =
        closed ? order->venue_cumulative : larger(order->intent.quantity, order->venue_cumulative);
    return most > order->cumulative ? most - order->cumulative : 0;
}

/// Ticks at which an open lot of the order is valued.
static int64_t valued_at(const nt_order *order) {
    if (order->intent.type == NT_STOP_MARKET) return order->intent.stop_price;
    return order->intent.type == NT_MARKET ? order->reference : order->intent.price;
}

static order_share share_of(const nt_orders *orders, const nt_order *order) {
    order_share share = {0};
    if (order->state == NT_ORDER_NONE) return share;
    share.lots = reserved_lots(order);
    if (nt_planted(NT_BUG_UNKNOWN_RESERVES_NOTHING) && order->state == NT_ORDER_UNKNOWN)
        share.lots = 0;
    if (nt_planted(NT_BUG_SENT_RESERVES_NOTHING) && order->state == NT_ORDER_SENT) share.lots = 0;
    if (!nt_notional(&orders->instruments[order->intent.instrument], valued_at(order), share.lots,
                     &share.value)) {
        share.value = INT64_MAX;
    }
    share.live = !nt_order_is_terminal(order->state);
    share.unknown = order->state == NT_ORDER_UNKNOWN;
    const bool rests = order->intent.type == NT_LIMIT || order->intent.type == NT_LIMIT_MAKER;
    if (share.live && rests && share.lots > 0 && order->closing == NT_ORDER_NONE) {
        share.quote = order->intent.price;
    }
    return share;
}

void order_link(nt_orders *orders, uint32_t slot, uint32_t list) {
    order_slot *entry = &orders->slots[slot];
    order_list *target = &orders->lists[list];
    entry->list = list;
    entry->previous = target->last;
    entry->next = NO_SLOT;
    if (target->last != NO_SLOT)
        orders->slots[target->last].next = slot;
    else
        target->first = slot;
    target->last = slot;
}

static void unlink_slot(nt_orders *orders, uint32_t slot) {
    const order_slot *entry = &orders->slots[slot];
    order_list *list = &orders->lists[entry->list];
    if (entry->previous != NO_SLOT)
        orders->slots[entry->previous].next = entry->next;
    else
        list->first = entry->next;
    if (entry->next != NO_SLOT)
        orders->slots[entry->next].previous = entry->previous;
    else
        list->last = entry->previous;
}

static int64_t better(nt_side side, int64_t a, int64_t b) {
    if (a == 0 || b == 0) return a == 0 ? b : a;
    return side == NT_BUY ? larger(a, b) : -larger(-a, -b);
}

/// Walks the active orders of the instrument; shares are up to date.
static int64_t find_best(const nt_orders *orders, nt_instrument_id instrument, nt_side side) {
    int64_t best = 0;
    uint32_t slot = orders->lists[LIST_ACTIVE + instrument].first;
    for (; slot != NO_SLOT; slot = orders->slots[slot].next) {
        const order_slot *entry = &orders->slots[slot];
        if (entry->order.intent.side == side) best = better(side, best, entry->share.quote);
    }
    return best;
}

static void update_best(nt_orders *orders, const nt_intent *intent, int64_t old, int64_t new) {
    order_sums *sums = &orders->sums[intent->instrument];
    int64_t *best = intent->side == NT_BUY ? &sums->best_buy : &sums->best_sell;
    if (old == new) return;
    if (old != 0 && old == *best) {
        *best = find_best(orders, intent->instrument, intent->side);
    } else {
        *best = better(intent->side, *best, new);
    }
}

static void add_share(nt_orders *orders, const nt_intent *intent, const order_share *share,
                      int sign) {
    order_sums *sums = &orders->sums[intent->instrument];
    __int128 *lots = intent->side == NT_BUY ? &sums->buy_lots : &sums->sell_lots;
    *lots += sign * (__int128)share->lots;
    sums->value += sign * (__int128)share->value;
    orders->value += sign * (__int128)share->value;
    const uint32_t live = share->live, unknown = share->unknown;
    sums->live += sign > 0 ? live : 0 - live; // Wraps on purpose: this is a subtraction.
    orders->live += sign > 0 ? live : 0 - live;
    sums->unknown += sign > 0 ? unknown : 0 - unknown;
}

static uint32_t list_of(const order_slot *entry) {
    if (entry->order.state == NT_ORDER_NONE) return LIST_FREE;
    if (!entry->share.live && entry->share.lots == 0) return LIST_FINISHED;
    return LIST_ACTIVE + entry->order.intent.instrument;
}

void order_settle(nt_orders *orders, uint32_t slot) {
    order_slot *entry = &orders->slots[slot];
    const nt_intent *intent = &entry->order.intent;
    const order_share old = entry->share;
    entry->share = share_of(orders, &entry->order);
    add_share(orders, intent, &old, -1);
    add_share(orders, intent, &entry->share, 1);

    const uint32_t list = list_of(entry);
    if (list != entry->list) {
        unlink_slot(orders, slot);
        order_link(orders, slot, list);
    }
    update_best(orders, intent, old.quote, entry->share.quote);
}

nt_exposure nt_orders_exposure(const nt_orders *orders, nt_instrument_id instrument) {
    nt_exposure exposure = {0};
    if (instrument >= orders->instrument_count) return exposure;
    const order_sums *sums = &orders->sums[instrument];
    exposure.open_buy = order_clamp(sums->buy_lots);
    exposure.open_sell = order_clamp(sums->sell_lots);
    exposure.best_buy = sums->best_buy;
    exposure.best_sell = sums->best_sell;
    exposure.open_value = order_clamp(sums->value);
    exposure.live = sums->live;
    exposure.unknown = sums->unknown;
    return exposure;
}

void nt_orders_reserved(const nt_orders *orders, nt_order_key key, int64_t *lots, nt_money *value) {
    const uint32_t slot = order_locate(orders, key);
    *lots = slot == NO_SLOT ? 0 : orders->slots[slot].share.lots;
    *value = slot == NO_SLOT ? 0 : orders->slots[slot].share.value;
}

nt_money nt_orders_open_value(const nt_orders *orders) { return order_clamp(orders->value); }

uint32_t nt_orders_live_count(const nt_orders *orders) { return orders->live; }
