// world_market.c — books that walk: the middle goes a tick up or down, quantities change, trades
// print. Update ids chain; quotes carry the id of the book that they show.
#include "world_inside.h"

#include <string.h>

typedef struct changes {
    nt_level bids[4], asks[4];
    uint32_t bid_count, ask_count;
} changes;

static int64_t lots(world_venue *venue) { return 5 + (int64_t)world_below(venue, 50); }

static nt_level at(int64_t price, int64_t quantity) {
    return (nt_level){.price = price, .quantity = quantity};
}

static void change_quantity(world_venue *venue, market *market, changes *out) {
    uint32_t away = (uint32_t)world_below(venue, WORLD_WIDTH);
    market->bids[away] = lots(venue);
    market->asks[away] = lots(venue);
    out->bids[out->bid_count++] = at(market->mid - 1 - away, market->bids[away]);
    out->asks[out->ask_count++] = at(market->mid + 1 + away, market->asks[away]);
}

/// One tick up: the best ask is taken, a new best bid comes; both far ends move along. Down: the
/// same with the sides exchanged.
static void move(world_venue *venue, market *market, bool up, changes *out) {
    const int64_t last = WORLD_WIDTH;
    int64_t *gains = up ? market->bids : market->asks, *loses = up ? market->asks : market->bids;
    nt_level *gain_rows = up ? out->bids : out->asks, *lose_rows = up ? out->asks : out->bids;
    int64_t sign = up ? 1 : -1;
    lose_rows[0] = at(market->mid + sign, 0);
    gain_rows[0] = at(market->mid - sign * last, 0);
    market->mid += sign;
    for (int64_t i = last - 1; i > 0; i--) gains[i] = gains[i - 1];
    for (int64_t i = 0; i < last - 1; i++) loses[i] = loses[i + 1];
    gains[0] = lots(venue);
    loses[last - 1] = lots(venue);
    gain_rows[1] = at(market->mid - sign, gains[0]);
    lose_rows[1] = at(market->mid + sign * last, loses[last - 1]);
    out->bid_count = out->ask_count = 2;
}

static void walk(world_venue *venue, market *market, changes *out) {
    uint64_t choice = world_below(venue, 4);
    if (choice == 0 && market->mid < 12000)
        move(venue, market, true, out);
    else if (choice == 1 && market->mid > 8000)
        move(venue, market, false, out);
    else
        change_quantity(venue, market, out);
}

/// A bid at the ask: no venue sends it, save by a fault.
static void cross(world_venue *venue, const market *market, changes *out) {
    if (venue->faults.crossed == 0 || out->bid_count == 4) return;
    venue->faults.crossed--;
    out->bids[out->bid_count++] = at(market->mid + 1, 7);
}

static void depth(world_venue *venue, nt_event *event, market *market) {
    changes made = {.bid_count = 0};
    walk(venue, market, &made);
    cross(venue, market, &made);
    event->kind = NT_EVENT_DEPTH;
    event->as.depth = (nt_depth){.first_id = market->update_id + 1,
                                 .last_id = market->update_id + 2,
                                 .previous_id = -1,
                                 .bids = made.bids,
                                 .asks = made.asks,
                                 .bid_count = made.bid_count,
                                 .ask_count = made.ask_count};
    market->update_id += 2;
    world_reach(venue, event->instrument);
    bool untold = venue->faults.gaps > 0;
    if (untold) venue->faults.gaps--;
    if (!untold && market->frozen_since == 0) world_tell(venue, WORLD_MARKET_STREAM, event, 1);
}

static void thaw(world_venue *venue, market *market) {
    if (market->frozen_since != 0 && venue->now_ns >= market->frozen_until)
        market->frozen_since = market->frozen_until = 0;
}

void world_market(world_venue *venue, int64_t now_ns, int64_t wall_ns) {
    venue->now_ns = now_ns;
    venue->wall_ns = wall_ns;
    uint32_t slot = (uint32_t)world_below(venue, venue->instruments);
    market *market = &venue->markets[slot];
    thaw(venue, market);
    uint64_t choice = world_below(venue, 100);
    nt_event event = {.instrument = slot, .venue_ns = wall_ns};
    if (choice < 50) {
        depth(venue, &event, market);
        return;
    }
    if (choice < 95) {
        event.kind = NT_EVENT_QUOTE;
        event.as.quote = (nt_quote){.id = market->update_id,
                                    .bid = at(market->mid - 1, market->bids[0]),
                                    .ask = at(market->mid + 1, market->asks[0])};
    } else {
        event.kind = NT_EVENT_TRADE;
        event.as.trade = (nt_trade){.id = ++market->public_trade,
                                    .price = choice % 2 == 0 ? market->mid - 1 : market->mid + 1,
                                    .quantity = lots(venue),
                                    .aggressor = choice % 2 == 0 ? NT_SELL : NT_BUY};
    }
    if (market->frozen_since == 0) world_tell(venue, WORLD_MARKET_STREAM, &event, 1);
}

uint32_t world_snapshot(world_venue *venue, uint32_t instrument, uint8_t *out, uint32_t capacity) {
    faults *faults = &venue->faults;
    if (faults->no_snapshots > 0) {
        faults->no_snapshots--;
        return 0;
    }
    bool is_old = faults->old_snapshots > 0;
    if (is_old) faults->old_snapshots--;
    const market *market = &venue->markets[instrument];
    nt_level bids[WORLD_WIDTH], asks[WORLD_WIDTH];
    for (uint32_t i = 0; i < WORLD_WIDTH; i++) {
        bids[i] = at(market->mid - 1 - i, market->bids[i]);
        asks[i] = at(market->mid + 1 + i, market->asks[i]);
    }
    nt_event event = {.kind = NT_EVENT_SNAPSHOT, .instrument = instrument};
    event.as.depth = (nt_depth){.last_id = is_old ? 1 : market->update_id,
                                .previous_id = -1,
                                .bids = bids,
                                .asks = asks,
                                .bid_count = WORLD_WIDTH,
                                .ask_count = WORLD_WIDTH};
    return world_write(&event, 1, out, capacity);
}

int64_t world_frozen_since(const world_venue *venue, uint32_t instrument) {
    return venue->markets[instrument].frozen_since;
}
