// recorded.c — levels and prints of a recording against own resting orders.
//
// The estimate is averse to risk: everything displayed when an order came to rest is ahead of it,
// cancels happen behind it as long as the level is large enough for that, and a print or a
// crossing level never fills more lots than it has.
#include "internal.h"

int64_t nt_match_queue_ahead(const nt_match *match, const level *own, nt_side side) {
    const level *shown = nt_match_ladder_find(&match->shown[side], own->key);
    int64_t ahead = shown == NULL ? 0 : shown->quantity;
    if (own->queue.tail == NONE) return ahead;
    int64_t earlier = match->orders[own->queue.tail].ahead;
    return earlier > ahead ? earlier : ahead;
}

/// No order of the level has more ahead than `most`.
static void limit_ahead(nt_match *match, const level *own, int64_t most) {
    for (uint32_t slot = own->queue.head; slot != NONE; slot = match->orders[slot].next) {
        match->orders[slot].ahead = smaller(match->orders[slot].ahead, most);
    }
}

/// False when the level is beyond those kept.
static bool show(ladder *shown, int64_t key, int64_t quantity) {
    if (quantity == 0) {
        level *level = nt_match_ladder_find(shown, key);
        if (level != NULL) nt_match_ladder_remove(shown, level);
        return true;
    }
    level *level = nt_match_ladder_add(shown, key);
    if (level == NULL) return false;
    level->quantity = quantity;
    level->consumed = 0;
    return true;
}

/// Fills the orders of `side` with a key above `key`, best first, oldest first, as far as `left`
/// reaches. Returns what is left.
static int64_t fill_better(nt_match *match, nt_side side, int64_t key, int64_t left) {
    const ladder *own = &match->own[side];
    while (left > 0 && own->count > 0 && own->levels[own->count - 1].key > key) {
        order *order = &match->orders[own->levels[own->count - 1].queue.head];
        int64_t quantity = smaller(left, order->remaining);
        left -= quantity;
        nt_match_fill_resting(match, order, quantity);
    }
    return left;
}

nt_status nt_match_set_level(nt_match *match, nt_side side, int64_t price, int64_t quantity) {
    if (match->config.mode != NT_MATCH_RECORDED) return NT_UNSUPPORTED;
    if (side > NT_SELL || price <= 0 || quantity < 0) return NT_INVALID;
    int64_t key = mirrored(side, price);
    if (!show(&match->shown[side], key, quantity)) return NT_FULL;
    const level *own = nt_match_ladder_find(&match->own[side], key);
    if (own != NULL) limit_ahead(match, own, quantity);
    if (quantity == 0) return NT_OK;
    nt_side other = nt_opposite(side);
    nt_match_begin(match);
    // Keys ascend to the best: an order at the level's very price is reached too.
    int64_t left = fill_better(match, other, mirrored(other, price) - 1, quantity);
    nt_match_ladder_find(&match->shown[side], key)->consumed = quantity - left;
    nt_match_finish(match);
    return NT_OK;
}

/// A print at the very price of a level: the recorded queue first, then own orders, in turn.
static void fill_at(nt_match *match, const level *own, int64_t left) {
    int64_t passed = 0; // Recorded lots that this print has used up so far.
    for (uint32_t slot = own->queue.head; slot != NONE;) {
        order *order = &match->orders[slot];
        slot = order->next;
        int64_t before = order->ahead > passed ? smaller(left, order->ahead - passed) : 0;
        passed += before;
        left -= before;
        order->ahead = order->ahead > passed ? order->ahead - passed : 0;
        int64_t quantity = order->ahead == 0 ? smaller(left, order->remaining) : 0;
        left -= quantity;
        if (quantity > 0) nt_match_fill_resting(match, order, quantity);
    }
}

nt_status nt_match_print(nt_match *match, int64_t price, int64_t quantity, nt_side aggressor) {
    if (match->config.mode != NT_MATCH_RECORDED) return NT_UNSUPPORTED;
    if (aggressor > NT_SELL || price <= 0 || quantity <= 0) return NT_INVALID;
    nt_side side = nt_opposite(aggressor);
    int64_t key = mirrored(side, price);
    const ladder *own = &match->own[side];
    for (uint32_t i = own->count; i-- > 0 && own->levels[i].key > key;) {
        limit_ahead(match, &own->levels[i], 0);
    }
    nt_match_begin(match);
    int64_t left = fill_better(match, side, key, quantity);
    const level *level = nt_match_ladder_find(own, key);
    if (level != NULL) fill_at(match, level, left);
    nt_match_note_price(match, price);
    nt_match_finish(match);
    return NT_OK;
}

void nt_match_clear_levels(nt_match *match) {
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        nt_match_ladder_clear(&match->shown[side]);
        const ladder *own = &match->own[side];
        for (uint32_t i = 0; i < own->count; i++) {
            for (uint32_t slot = own->levels[i].queue.head; slot != NONE;) {
                match->orders[slot].ahead = UNKNOWN_QUEUE;
                slot = match->orders[slot].next;
            }
        }
    }
}
