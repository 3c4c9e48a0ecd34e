// match.h — a matching engine for one instrument, in two modes.
//
// OPEN: price-time priority among the orders placed here. RECORDED: levels come from a recording
// or a live feed; own resting orders carry the quantity ahead of them and fill on trade prints
// or when their level is crossed; own takers consume displayed quantity and do not change the
// recording. Single-threaded; deterministic.
#ifndef NT_MATCH_H
#define NT_MATCH_H

#include "nt/status.h"
#include "nt/types.h"

typedef struct nt_match nt_match;

enum { NT_MATCH_OPEN = 0, NT_MATCH_RECORDED = 1 };
typedef uint8_t nt_match_mode;

typedef struct nt_match_order {
    uint64_t id;                    ///< Caller's; unique among live orders, not 0.
    uint64_t owner;                 ///< Caller's mark (account); two orders of one owner never trade.
    int64_t price, stop_price;      ///< Ticks.
    int64_t quantity;               ///< Lots.
    nt_side side;
    nt_order_type type;
    nt_time_in_force tif;
} nt_match_order;

enum {                              ///< nt_match_event_kind
    NT_MATCH_ACCEPTED = 0,          ///< Resting or about to trade; first event of every accepted order.
    NT_MATCH_REFUSED = 1,           ///< reason says why; no other event follows.
    NT_MATCH_TRADE = 2,             ///< Between `id` and `maker_id` (0: recorded liquidity).
    NT_MATCH_CANCELED = 3,          ///< On request.
    NT_MATCH_EXPIRED = 4,           ///< IOC / FOK / market remainder, or self-trade prevention (newest).
    NT_MATCH_TRIGGERED = 5,         ///< A stop became live.
    NT_MATCH_AMENDED = 6,           ///< remaining is the new open quantity.
};
typedef uint8_t nt_match_event_kind;

enum {                              ///< nt_match_reason
    NT_MATCH_NO_REASON = 0,
    NT_MATCH_WOULD_TAKE = 1,        ///< LIMIT_MAKER would match at once.
    NT_MATCH_WOULD_TRIGGER = 2,     ///< Stop price already reached.
    NT_MATCH_NO_LIQUIDITY = 3,      ///< MARKET against an empty side.
    NT_MATCH_FOK_UNFILLABLE = 4,
    NT_MATCH_SELF_TRADE = 5,
    NT_MATCH_TABLE_FULL = 6,
    NT_MATCH_DUPLICATE = 7,
    NT_MATCH_BAD_ORDER = 8,         ///< Not positive, or unknown type.
};
typedef uint8_t nt_match_reason;

typedef struct nt_match_event {
    uint64_t id;                    ///< Order concerned; for TRADE the taker, or, when a recorded
                                    ///< trade fills a resting order, that order (maker_id == id).
    uint64_t maker_id;
    int64_t trade;                  ///< Trade number, +1 each, from 1.
    int64_t price, quantity;        ///< TRADE: price and lots; else order price and total quantity.
    int64_t remaining;              ///< Of `id` afterwards.
    int64_t maker_remaining;
    nt_side side;                   ///< Of `id`.
    nt_match_event_kind kind;
    nt_match_reason reason;
    uint8_t reserved;
} nt_match_event;

typedef struct nt_match_config {
    nt_match_mode mode;
    uint32_t max_orders;            ///< Live at once.
    uint32_t max_levels;            ///< RECORDED: levels kept per side.
    void *context;
    /// Called for each event, in order, during the calls below. Must not call back into the engine.
    void (*on_event)(void *context, const nt_match_event *event);
} nt_match_config;

nt_status nt_match_create(const nt_match_config *config, nt_match **out);
void nt_match_destroy(nt_match *match);

/// Every outcome is an event; the status is NT_OK unless the order was refused (NT_REFUSED).
nt_status nt_match_place(nt_match *match, const nt_match_order *order);
/// NT_NOT_FOUND: not live.
nt_status nt_match_cancel(nt_match *match, uint64_t id);
/// Lowers the total quantity, keeping priority. NT_INVALID: not lower, or not above what traded.
nt_status nt_match_amend(nt_match *match, uint64_t id, int64_t new_quantity);

/// RECORDED only: the recording's level changed; zero removes. Crossing fills resting orders.
nt_status nt_match_set_level(nt_match *match, nt_side side, int64_t price, int64_t quantity);
/// RECORDED only: the recording printed a trade; consumes the queue ahead of resting orders.
nt_status nt_match_print(nt_match *match, int64_t price, int64_t quantity, nt_side aggressor);
/// RECORDED only: forget all levels (a gap); resting orders stay, at the back of unknown queues.
void nt_match_clear_levels(nt_match *match);

/// Best level, own resting orders included. Quantity 0 when empty.
nt_level nt_match_best(const nt_match *match, nt_side side);
/// Aggregated levels best first; returns how many were written.
uint32_t nt_match_levels(const nt_match *match, nt_side side, nt_level *out, uint32_t capacity);
/// Remaining lots of a live order, 0 when not live.
int64_t nt_match_remaining(const nt_match *match, uint64_t id);
uint32_t nt_match_live_count(const nt_match *match);
/// Last traded price, 0 before any.
int64_t nt_match_last_price(const nt_match *match);

#endif
