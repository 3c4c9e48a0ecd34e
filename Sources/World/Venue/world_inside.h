// world_inside.h — the state of the world's venue, shared by its files.
#ifndef WORLD_INSIDE_H
#define WORLD_INSIDE_H

#include "include/world_venue.h"

#include "nt/codec.h"
#include "nt/random.h"

#define WORLD_WIDTH   10u   ///< Levels per side.
#define WORLD_ORDERS  8192u ///< Of one life; never forgotten, since they are the truth.
#define WORLD_TRADES  8192u
#define WORLD_PAGE    200u ///< Rows of a list of trades.
#define WORLD_SCRATCH 1024u
#define WORLD_MS      INT64_C(1000000)
#define WORLD_SECOND  INT64_C(1000000000)

/// Kind of a greeting; the others are nt_request_kind.
#define WORLD_GREETING 0xffu
#define WORLD_MAGIC    0x4e545744u

/// What the lane sends.
typedef struct world_request {
    uint32_t magic, step;
    int64_t stamped_ms; ///< Wall time; a new order that is too old is refused.
    nt_request request;
} world_request;

/// Bids lie at mid - 1 … mid - width, asks at mid + 1 … mid + width.
typedef struct market {
    int64_t mid, update_id, public_trade, frozen_until, frozen_since;
    int64_t position;                             ///< Ours.
    int64_t bids[WORLD_WIDTH], asks[WORLD_WIDTH]; ///< Lots by distance from the mid.
} market;

typedef struct order {
    nt_intent intent; ///< Key 0: somebody else's.
    int64_t id, filled, created_ns, closed_ns;
    uint32_t creations;
    nt_evidence state; ///< FOUND_OPEN, _FILLED, _CANCELED, _EXPIRED.
} order;

typedef struct trade {
    int64_t id, order, price, quantity, time_ns;
    uint64_t key;
    nt_instrument_id instrument;
    nt_side side;
} trade;

/// Bytes under way. `bytes` belong to it; NULL in a request, which lies in `request`.
typedef struct parcel {
    int64_t due_ns;
    uint8_t *bytes;
    uint32_t length;
    world_request request;
} parcel;

typedef struct parcels {
    parcel *items;
    uint32_t head, count, room; ///< A ring.
} parcels;

typedef struct connection {
    bool up, told_up, lost; ///< lost: to be told.
    int64_t opens_ns;       ///< When down: comes up then. INT64_MAX: nobody dials.
    parcels down, to_venue; ///< To the bot, and from it.
    int64_t last_down_ns, last_up_ns;
} connection;

/// What is on. Counts fall to zero by use; times are ends.
typedef struct faults {
    uint32_t lose_requests, garble[WORLD_STREAMS], drop_replies, late_accepts, false_not_found,
        drop_fills, fill_first, late_fills, twice, uncertain, refuse, unknown_state, lost_cancels,
        gaps, crossed, no_snapshots, old_snapshots;
    int64_t half_open_until, slow_until, slow_by, busy_until, lag_until, lag_by, silent_until;
} faults;

/// A new order that the venue has and has not looked at yet, or a trade told late.
typedef struct held {
    int64_t due_ns;
    nt_intent intent; ///< Of a new order; kind is its.
    nt_event event;   ///< Of a late trade.
    bool is_event, in_use;
} held;

#define WORLD_HELD 64u

struct world_venue {
    nt_codec codec;
    nt_random random;
    uint32_t instruments;
    int64_t now_ns, wall_ns;
    market markets[WORLD_MAX_INSTRUMENTS];
    order orders[WORLD_ORDERS];
    uint32_t order_count;
    trade trades[WORLD_TRADES];
    uint32_t trade_count;
    int64_t last_trade;
    connection connections[WORLD_STREAMS];
    faults faults;
    held held[WORLD_HELD];
    nt_level scratch[WORLD_SCRATCH];
    nt_event rows[WORLD_PAGE + 1];
    uint8_t message[WORLD_MAX_MESSAGE];
};

// --- codec
nt_codec world_codec_of(world_venue *venue);
/// Writes events as one message. Returns its length.
uint32_t world_write(const nt_event *events, uint32_t count, uint8_t *out, uint32_t capacity);

// --- network
/// Sends events to the bot on one connection.
void world_tell(world_venue *venue, uint32_t stream, const nt_event *events, uint32_t count);
/// Ends a connection; it comes back after `pause_ns`.
void world_cut(world_venue *venue, uint32_t stream, int64_t pause_ns);

// --- exchange
/// A request has arrived.
void world_act(world_venue *venue, const world_request *request);
/// Fills resting orders that the market has reached.
void world_reach(world_venue *venue, nt_instrument_id instrument);
/// What was held back until now.
void world_release(world_venue *venue);
void world_cancel_all(world_venue *venue);
void world_trade_elsewhere(world_venue *venue);
void world_end_session(world_venue *venue);

uint64_t world_below(world_venue *venue, uint64_t bound);
/// Between `low` and `high`, most of them near `low`: one in sixteen reaches the upper half.
int64_t world_heavy(world_venue *venue, int64_t low, int64_t high);

#endif
