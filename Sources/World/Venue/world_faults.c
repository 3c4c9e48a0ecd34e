// world_faults.c — what each fault sets; how much of it the venue's seed draws.
#include "world_inside.h"

#include <string.h>

static uint32_t some(world_venue *venue, uint64_t most) {
    return 1 + (uint32_t)world_below(venue, most);
}

static int64_t until(world_venue *venue, int64_t low, int64_t high) {
    return venue->now_ns + world_heavy(venue, low, high);
}

static void freeze(world_venue *venue) {
    market *market = &venue->markets[world_below(venue, venue->instruments)];
    market->frozen_until = until(venue, 100 * WORLD_MS, 60 * WORLD_SECOND);
    if (market->frozen_since == 0) market->frozen_since = venue->now_ns;
}

static void inject_network(world_venue *venue, world_fault fault) {
    faults *on = &venue->faults;
    int64_t pause = world_heavy(venue, WORLD_MS, 30 * WORLD_SECOND);
    switch (fault) {
    case WORLD_CUT_ORDERS:
        world_cut(venue, WORLD_ORDER_STREAM, pause);
        break;
    case WORLD_CUT_MARKET:
        world_cut(venue, WORLD_MARKET_STREAM, pause);
        break;
    case WORLD_HALF_OPEN:
        on->half_open_until = until(venue, WORLD_SECOND, 60 * WORLD_SECOND);
        break;
    case WORLD_SLOW:
        on->slow_until = until(venue, 100 * WORLD_MS, 30 * WORLD_SECOND);
        on->slow_by = world_heavy(venue, 10 * WORLD_MS, 60 * WORLD_SECOND);
        break;
    case WORLD_LOSE_REQUEST:
        on->lose_requests += some(venue, 3);
        break;
    case WORLD_BUSY:
        on->busy_until = until(venue, 10 * WORLD_MS, 5 * WORLD_SECOND);
        break;
    default:
        on->garble[world_below(venue, WORLD_STREAMS)] += some(venue, 2);
        break;
    }
}

static void inject_answer(world_venue *venue, world_fault fault) {
    faults *on = &venue->faults;
    switch (fault) {
    case WORLD_DROP_REPLY:
        on->drop_replies += some(venue, 3);
        break;
    case WORLD_LATE_ACCEPT:
        on->late_accepts += some(venue, 2);
        break;
    case WORLD_FALSE_NOT_FOUND:
        on->false_not_found += some(venue, 3);
        break;
    case WORLD_LISTING_LAG:
        on->lag_until = until(venue, WORLD_SECOND, 40 * WORLD_SECOND);
        on->lag_by = world_heavy(venue, 100 * WORLD_MS, 40 * WORLD_SECOND);
        break;
    case WORLD_SILENT_ACCOUNT:
        on->silent_until = until(venue, WORLD_SECOND, 60 * WORLD_SECOND);
        break;
    case WORLD_DROP_FILL:
        on->drop_fills += some(venue, 3);
        break;
    case WORLD_FILL_FIRST:
        on->fill_first += some(venue, 4);
        break;
    case WORLD_LATE_FILL:
        on->late_fills += some(venue, 2);
        break;
    case WORLD_TWICE:
        on->twice += some(venue, 8);
        break;
    case WORLD_UNCERTAIN:
        on->uncertain += some(venue, 2);
        break;
    case WORLD_REFUSE:
        on->refuse += some(venue, 3);
        break;
    case WORLD_UNKNOWN_STATE:
        on->unknown_state += some(venue, 2);
        break;
    case WORLD_STUBBORN_CANCEL:
        on->lost_cancels += some(venue, 3);
        break;
    case WORLD_CANCEL_ALL:
        world_cancel_all(venue);
        break;
    case WORLD_END_SESSION:
        world_end_session(venue);
        break;
    default:
        world_trade_elsewhere(venue);
        break;
    }
}

static void inject_market(world_venue *venue, world_fault fault) {
    faults *on = &venue->faults;
    switch (fault) {
    case WORLD_GAP:
        on->gaps += some(venue, 3);
        break;
    case WORLD_FREEZE:
        freeze(venue);
        break;
    case WORLD_CROSSED:
        on->crossed += some(venue, 2);
        break;
    case WORLD_NO_SNAPSHOT:
        on->no_snapshots += some(venue, 4);
        break;
    default:
        on->old_snapshots += some(venue, 4);
        break;
    }
}

void world_inject(world_venue *venue, world_fault fault, int64_t now_ns) {
    venue->now_ns = now_ns;
    if (fault <= WORLD_GARBLE)
        inject_network(venue, fault);
    else if (fault <= WORLD_FOREIGN_ORDER)
        inject_answer(venue, fault);
    else
        inject_market(venue, fault);
}

void world_calm(world_venue *venue, int64_t now_ns) {
    venue->now_ns = now_ns;
    // A connection that swallows everything does not heal; whoever watches it gives it up.
    bool is_half_open = venue->faults.half_open_until != 0;
    memset(&venue->faults, 0, sizeof venue->faults);
    if (is_half_open) world_cut(venue, WORLD_ORDER_STREAM, WORLD_SECOND);
    for (uint32_t i = 0; i < venue->instruments; i++) venue->markets[i].frozen_until = now_ns;
    for (uint32_t i = 0; i < WORLD_STREAMS; i++) {
        connection *down = &venue->connections[i];
        if (!down->up && down->opens_ns > now_ns + 5 * WORLD_SECOND && down->opens_ns != INT64_MAX)
            down->opens_ns = now_ns + 5 * WORLD_SECOND;
    }
}
