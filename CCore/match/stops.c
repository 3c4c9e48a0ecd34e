// stops.c — stops wait in one list, oldest first, until a trade reaches them.
//
// Looking through the list is rare: the nearest stop of each side is remembered, and most trades
// do not reach it. The remembered price may be nearer than any real stop after a cancel; then one
// look too many corrects it. Cascades are a queue, not a recursion, and end because each stop
// triggers once.
#include "internal.h"

/// Nearest stops while none waits: no trade reaches them.
static const int64_t farthest_stop[2] = {[NT_BUY] = INT64_MAX, [NT_SELL] = 0};

void nt_match_begin(nt_match *match) {
    match->low = INT64_MAX;
    match->high = 0;
}

bool nt_match_stop_is_reached(const order *stop, int64_t low, int64_t high) {
    return stop->side == NT_BUY ? high >= stop->stop_price : low <= stop->stop_price;
}

static void remember_nearest(nt_match *match, const order *stop) {
    int64_t *nearest = &match->nearest_stop[stop->side];
    bool is_nearer =
        stop->side == NT_BUY ? stop->stop_price < *nearest : stop->stop_price > *nearest;
    if (is_nearer) *nearest = stop->stop_price;
}

void nt_match_stop_wait(nt_match *match, order *stop) {
    stop->place = PLACE_STOP;
    nt_match_list_push(match, &match->stops, stop);
    remember_nearest(match, stop);
}

/// Moves the stops that the call's trades so far reach to the queue, oldest first. What earlier
/// executions of the call reached has left the list already.
static void collect_reached(nt_match *match) {
    if (match->stops.head == NONE || match->low > match->high) return;
    if (match->high < match->nearest_stop[NT_BUY] && match->low > match->nearest_stop[NT_SELL]) {
        return;
    }
    match->nearest_stop[NT_BUY] = farthest_stop[NT_BUY];
    match->nearest_stop[NT_SELL] = farthest_stop[NT_SELL];
    for (uint32_t slot = match->stops.head; slot != NONE;) {
        order *stop = &match->orders[slot];
        slot = stop->next;
        if (!nt_match_stop_is_reached(stop, match->low, match->high)) {
            remember_nearest(match, stop);
            continue;
        }
        nt_match_list_remove(match, &match->stops, stop);
        nt_match_list_push(match, &match->triggered, stop);
        stop->place = PLACE_TRIGGERED;
    }
}

static void trigger(nt_match *match, order *stop) {
    nt_match_list_remove(match, &match->triggered, stop);
    stop->place = PLACE_TAKING;
    nt_match_emit(match, stop, NT_MATCH_TRIGGERED, NT_MATCH_NO_REASON);
    stop->type = stop->type == NT_STOP_MARKET ? NT_MARKET : NT_LIMIT;
    nt_match_execute(match, stop);
}

void nt_match_finish(nt_match *match) {
    collect_reached(match);
    while (match->triggered.head != NONE) {
        trigger(match, &match->orders[match->triggered.head]);
        collect_reached(match);
    }
}
