// fake_market.c — a market that walks: the mid goes a tick up or down, quantities change, trades
// print. Update ids chain; quotes carry the id of the book that they show.
#include "fake_inside.h"

static int64_t lots(fake_venue *venue) { return 5 + (int64_t)nt_random_below(&venue->random, 50); }

static nt_level at(int64_t price, int64_t quantity) {
    return (nt_level){.price = price, .quantity = quantity};
}

typedef struct changes {
    nt_level bids[4], asks[4];
    uint32_t bid_count, ask_count;
} changes;

static void change_quantity(fake_venue *venue, fake_market *market, changes *out) {
    uint32_t away = (uint32_t)nt_random_below(&venue->random, FAKE_WIDTH);
    market->bids[away] = lots(venue);
    market->asks[away] = lots(venue);
    out->bids[out->bid_count++] = at(market->mid - 1 - away, market->bids[away]);
    out->asks[out->ask_count++] = at(market->mid + 1 + away, market->asks[away]);
}

/// The best ask is taken, a new best bid comes; both far ends move along.
static void move_up(fake_venue *venue, fake_market *market, changes *out) {
    int64_t last = FAKE_WIDTH;
    out->asks[out->ask_count++] = at(market->mid + 1, 0);
    out->bids[out->bid_count++] = at(market->mid - last, 0);
    market->mid++;
    for (int64_t i = last - 1; i > 0; i--) market->bids[i] = market->bids[i - 1];
    for (int64_t i = 0; i < last - 1; i++) market->asks[i] = market->asks[i + 1];
    market->bids[0] = lots(venue);
    market->asks[last - 1] = lots(venue);
    out->bids[out->bid_count++] = at(market->mid - 1, market->bids[0]);
    out->asks[out->ask_count++] = at(market->mid + last, market->asks[last - 1]);
}

static void move_down(fake_venue *venue, fake_market *market, changes *out) {
    int64_t last = FAKE_WIDTH;
    out->bids[out->bid_count++] = at(market->mid - 1, 0);
    out->asks[out->ask_count++] = at(market->mid + last, 0);
    market->mid--;
    for (int64_t i = last - 1; i > 0; i--) market->asks[i] = market->asks[i - 1];
    for (int64_t i = 0; i < last - 1; i++) market->bids[i] = market->bids[i + 1];
    market->asks[0] = lots(venue);
    market->bids[last - 1] = lots(venue);
    out->asks[out->ask_count++] = at(market->mid + 1, market->asks[0]);
    out->bids[out->bid_count++] = at(market->mid - last, market->bids[last - 1]);
}

static void walk(fake_venue *venue, fake_market *market, changes *out) {
    uint64_t choice = nt_random_below(&venue->random, 4);
    if (choice == 0 && market->mid < 12000) move_up(venue, market, out);
    else if (choice == 1 && market->mid > 8000)
        move_down(venue, market, out);
    else
        change_quantity(venue, market, out);
}

static uint32_t depth(fake_venue *venue, nt_event *event, fake_market *market, uint8_t *out,
                      uint32_t capacity) {
    changes made = {.bid_count = 0};
    walk(venue, market, &made);
    event->kind = NT_EVENT_DEPTH;
    event->as.depth = (nt_depth){.first_id = market->update_id + 1,
                                 .last_id = market->update_id + 2,
                                 .previous_id = -1,
                                 .bids = made.bids,
                                 .asks = made.asks,
                                 .bid_count = made.bid_count,
                                 .ask_count = made.ask_count};
    market->update_id += 2;
    fake_exchange_reach(venue, event->instrument);
    return fake_message(event, 1, out, capacity);
}

uint32_t fake_venue_market(fake_venue *venue, int64_t wall_ns, uint8_t *out, uint32_t capacity) {
    uint32_t slot = (uint32_t)nt_random_below(&venue->random, venue->instruments);
    fake_market *market = &venue->markets[slot];
    uint64_t choice = nt_random_below(&venue->random, 100);
    nt_event event = {.instrument = slot, .venue_ns = wall_ns};
    if (choice < 50) return depth(venue, &event, market, out, capacity);
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
    return fake_message(&event, 1, out, capacity);
}

uint32_t fake_venue_snapshot(const fake_venue *venue, uint32_t instrument, uint8_t *out,
                             uint32_t capacity) {
    const fake_market *market = &venue->markets[instrument];
    nt_level bids[FAKE_WIDTH], asks[FAKE_WIDTH];
    for (uint32_t i = 0; i < FAKE_WIDTH; i++) {
        bids[i] = at(market->mid - 1 - i, market->bids[i]);
        asks[i] = at(market->mid + 1 + i, market->asks[i]);
    }
    nt_event event = {.kind = NT_EVENT_SNAPSHOT, .instrument = instrument};
    event.as.depth = (nt_depth){.last_id = venue->faults.late_books ? 1 : market->update_id,
                                .previous_id = -1,
                                .bids = bids,
                                .asks = asks,
                                .bid_count = FAKE_WIDTH,
                                .ask_count = FAKE_WIDTH};
    return fake_message(&event, 1, out, capacity);
}
