// fake_inside.h — the state of the fake venue, shared by its files.
#ifndef FAKE_INSIDE_H
#define FAKE_INSIDE_H

#include "fake_message.h"
#include "nt/random.h"

#define FAKE_SCRATCH_LEVELS 1024u
#define FAKE_WIDTH 10u ///< Levels per side.

/// Bids lie at mid - 1 … mid - width, asks at mid + 1 … mid + width.
typedef struct fake_market {
    int64_t mid, update_id, public_trade, position;
    int64_t bids[FAKE_WIDTH], asks[FAKE_WIDTH]; ///< Lots by distance from the mid.
} fake_market;

typedef struct fake_answer {
    uint32_t count;
    nt_event event; ///< When count is 1.
    nt_request request; ///< Listings are written when they are taken.
} fake_answer;

struct fake_venue {
    nt_codec codec;
    nt_random random;
    uint32_t instruments, next_place, open;
    int64_t last_order, last_trade;
    uint64_t trade_count;
    fake_faults faults;
    uint32_t requests[NT_REQUEST_KIND_COUNT];
    fake_market markets[FAKE_MAX_INSTRUMENTS];
    fake_order orders[FAKE_ORDERS];
    fake_trade trades[FAKE_TRADES]; ///< Ring by count.
    fake_answer queue[FAKE_QUEUE];
    uint32_t head, tail;
    nt_level scratch[FAKE_SCRATCH_LEVELS];
    nt_event rows[NT_MAX_EVENTS_PER_MESSAGE];
};

nt_codec fake_codec(fake_venue *venue);
/// Fills resting orders that the market has reached.
void fake_exchange_reach(fake_venue *venue, nt_instrument_id instrument);

#endif
