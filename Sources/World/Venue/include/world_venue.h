// world_venue.h — the seeded world's venue and the network to it, in virtual time.
//
// An exchange with a book that walks, orders that fill, and two connections: market data, and
// orders with account events. Bytes in both directions take time and may be lost, held up, said
// twice or not at all, as the faults say that the world draws from its seed. What really happened
// is kept apart, for the checks. One thread; all times are the caller's monotonic nanoseconds.
#ifndef WORLD_VENUE_H
#define WORLD_VENUE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct world_venue world_venue;

#define WORLD_MAX_MESSAGE     262144u
#define WORLD_MAX_INSTRUMENTS 4u
#define WORLD_MARKET_STREAM   0u
#define WORLD_ORDER_STREAM    1u
#define WORLD_SNAPSHOT_STREAM 2u
#define WORLD_STREAMS         2u ///< Those that are connections.
/// Age beyond which the venue refuses a new order, as the lane is told (nt_lane_config).
#define WORLD_VALIDITY_NS 1000000000

typedef enum world_fault {
    // The network.
    WORLD_CUT_ORDERS = 0, ///< Reset; what is under way is lost in both directions.
    WORLD_CUT_MARKET = 1,
    WORLD_HALF_OPEN = 2,    ///< Orders: all bytes vanish for a while, then the connection is lost.
    WORLD_SLOW = 3,         ///< Orders: every byte takes longer for a while.
    WORLD_LOSE_REQUEST = 4, ///< The next request never arrives.
    WORLD_BUSY = 5,         ///< The socket takes nothing for a while.
    WORLD_GARBLE = 6,       ///< The next message of either connection cannot be read.
    // The venue's answers.
    WORLD_DROP_REPLY = 7,       ///< The next request acts; nothing is said of it.
    WORLD_LATE_ACCEPT = 8,      ///< The next new order acts only after a while.
    WORLD_FALSE_NOT_FOUND = 9,  ///< The next queries find nothing.
    WORLD_LISTING_LAG = 10,     ///< Lists and queries show the state of a while ago.
    WORLD_SILENT_ACCOUNT = 11,  ///< Account events stay out, replies come.
    WORLD_DROP_FILL = 12,       ///< The next trade is not told.
    WORLD_FILL_FIRST = 13,      ///< The next trades are told before the order is confirmed.
    WORLD_LATE_FILL = 14,       ///< A trade is told long after its order was closed.
    WORLD_TWICE = 15,           ///< The next account events are said twice.
    WORLD_UNCERTAIN = 16,       ///< The next new order acts or not; the answer says neither.
    WORLD_REFUSE = 17,          ///< The next new order is refused.
    WORLD_CANCEL_ALL = 18,      ///< The venue cancels every order by itself.
    WORLD_UNKNOWN_STATE = 19,   ///< The next query answers a state that nobody knows.
    WORLD_STUBBORN_CANCEL = 20, ///< The next cancels are lost.
    WORLD_END_SESSION = 21,     ///< The log-on ends; the connection stays.
    WORLD_FOREIGN_ORDER = 22,   ///< Someone else trades on the account.
    // Market data.
    WORLD_GAP = 23,          ///< The next change of a book is not told.
    WORLD_FREEZE = 24,       ///< One instrument stands still while the venue moves on.
    WORLD_CROSSED = 25,      ///< The next change leaves the book crossed.
    WORLD_NO_SNAPSHOT = 26,  ///< The next snapshots cannot be fetched.
    WORLD_OLD_SNAPSHOT = 27, ///< The next snapshots are older than what was told.
    WORLD_VENUE_FAULTS = 28, ///< Of the process itself, from here on: see World.swift.
} world_fault;

/// Same seed, same life. `instruments`: 1 … WORLD_MAX_INSTRUMENTS. NULL: no memory.
world_venue *world_venue_create(uint64_t seed, uint32_t instruments);
void world_venue_destroy(world_venue *venue);
/// An nt_codec; lives as long as the venue.
const void *world_venue_codec(const world_venue *venue);

/// Turns one fault on. It ends by itself, or at world_calm.
void world_inject(world_venue *venue, world_fault fault, int64_t now_ns);
/// No fault any more. Connections that are down come back soon.
void world_calm(world_venue *venue, int64_t now_ns);

/// The market moves once; what it tells is on its way.
void world_market(world_venue *venue, int64_t now_ns, int64_t wall_ns);
/// What bytes from the lane ask for.
typedef struct world_sent {
    uint64_t key;
    uint32_t instrument;
    bool is_place, buys;
} world_sent;
world_sent world_peek(const uint8_t *bytes, uint32_t length);
/// Bytes from the lane. False: the socket took none.
bool world_send(world_venue *venue, uint32_t stream, const uint8_t *bytes, uint32_t length,
                int64_t now_ns, int64_t wall_ns);

typedef enum world_news {
    WORLD_NOTHING = 0,
    WORLD_MESSAGE = 1,
    WORLD_OPENED = 2,
    WORLD_LOST = 3,
} world_news;

/// The next thing that reaches the bot by now, one stream after the other.
world_news world_next(world_venue *venue, int64_t now_ns, uint32_t *stream, uint8_t *out,
                      uint32_t capacity, uint32_t *length);
/// A snapshot's body; 0: it cannot be fetched now.
uint32_t world_snapshot(world_venue *venue, uint32_t instrument, uint8_t *out, uint32_t capacity);
/// The bot's process died: its connections are gone, what was under way to it as well.
void world_hang_up(world_venue *venue, int64_t now_ns);
/// The bot starts: connections come up.
void world_dial(world_venue *venue, int64_t now_ns);

// --- the truth -----------------------------------------------------------------------------------

typedef struct world_order {
    uint64_t key; ///< Ours; 0 = somebody else's.
    int64_t quantity, filled;
    int64_t created_ns;
    uint32_t instrument;
    uint32_t creations; ///< How often the venue made an order of this key.
    bool open, buys;
} world_order;

/// Orders 0 … count - 1, oldest first.
uint32_t world_order_count(const world_venue *venue);
world_order world_order_at(const world_venue *venue, uint32_t place);
/// False: never created.
bool world_order_find(const world_venue *venue, uint64_t key, world_order *out);
/// A new order of this key is on its way, or held: it may still be made.
bool world_may_come(const world_venue *venue, uint64_t key);
/// Lots that our trades add up to.
int64_t world_position(const world_venue *venue, uint32_t instrument);
/// Lots of our sell orders that can still be filled: open, on their way, and those that the venue
/// has and has not looked at.
int64_t world_offered(const world_venue *venue, uint32_t instrument);
uint64_t world_trades(const world_venue *venue);
/// Since when the instrument's data stand still, 0 = they move.
int64_t world_frozen_since(const world_venue *venue, uint32_t instrument);
/// FNV-1a over orders, trades and books.
uint64_t world_hash(const world_venue *venue);

#endif
