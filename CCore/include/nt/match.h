// match.h — a matching engine for one instrument, in two modes.
//
// OPEN: price-time priority among the orders placed here. RECORDED: levels come from a recording
// or a live feed; own resting orders carry the quantity ahead of them and fill on trade prints
// or when their level is crossed; own takers consume displayed quantity and do not change the
// recording. Single-threaded; deterministic. tests/match_test.c checks each rule below.
//
// Placing. Refusals are looked for in this order: BAD_ORDER, DUPLICATE, TABLE_FULL (as many live
// orders as max_orders, whatever the new order's type), then WOULD_TRIGGER for stops, WOULD_TAKE
// for LIMIT_MAKER, NO_LIQUIDITY for MARKET against an empty side. BAD_ORDER: id 0; quantity not in
// 1 … NT_MATCH_MAX_QUANTITY; side, type or tif unknown; price not positive for LIMIT, LIMIT_MAKER,
// STOP_LIMIT; stop_price not positive for stops; LIMIT_MAKER with IOC or FOK. Prices that a type
// does not use are ignored. For MARKET and STOP_MARKET, GTC means IOC.
//
// Events of one order that executes (placed, or a stop that was triggered):
//   1. ACCEPTED when placed, TRIGGERED when it was a stop.
//   2. FOK that cannot be filled whole at once: EXPIRED (FOK_UNFILLABLE), and that is all. What
//      could be had behind an order of the same owner does not count.
//   3. TRADE for each maker, best price first, within a price oldest first, at the maker's price.
//   4. Meeting an order of its own owner (owner 0 is nobody): EXPIRED (SELF_TRADE), after the
//      trades before it. The resting order stays.
//   5. What then remains: MARKET: EXPIRED (NO_LIQUIDITY). IOC: EXPIRED (no reason). Otherwise it
//      rests, behind all orders of its price, without another event. Nothing remains: no event.
// A maker that is filled leaves without an event of its own: its maker_remaining was 0. LIMIT_MAKER
// is refused also when only an order of its own owner stands in its way.
//
// Stops. A placed stop is ACCEPTED and waits, outside the book. A buy stop is reached by a trade at
// or above stop_price, a sell stop by one at or below it; WOULD_TRIGGER is asked of the last price
// (never while that is 0). When an order has executed (steps 2 to 5), the stops reached by any of
// its trades join the end of a queue, oldest placed first; then the first of the queue executes as
// MARKET or LIMIT with its own tif, which may add to the queue, until it is empty. In RECORDED
// mode a print or a crossing level counts as one execution; the print's price counts as a trade.
//
// Amending lowers the total quantity and keeps the place in the queue; also for waiting stops.
//
// RECORDED mode.
//   Available at a level: displayed minus what own takers and crossings took since the recording
//   last set that level. Takers meet available quantity first, then own resting orders, price by
//   price; a level's available quantity is one TRADE with maker_id 0 and maker_remaining what is
//   still available there. Refusals, FOK, and the views below go by what is available.
//   Queue: an order that comes to rest has the whole displayed quantity of its price and side
//   ahead (not less than an earlier own order there has). Displayed quantity falling below what is
//   ahead lowers it to that: cancels happen behind us as long as they can.
//   Print at p, lots left = its quantity, against the own orders on the side opposite to the
//   aggressor: first orders priced better than p, best first, oldest first, each filled as far as
//   left reaches (nothing is ahead of them any more); then those at p, oldest first: recorded
//   quantity ahead uses left up, each recorded lot counted once for all of them, and an order with
//   nothing ahead is filled as far as left reaches. Then the last price is p.
//   Level set to q > 0 on one side: own orders on the other side that it reaches (own bid >= ask)
//   are filled, best first, oldest first, as far as q reaches; that part counts as taken. Other
//   levels are not looked at again. A level beyond max_levels has no effect at all (NT_FULL).
//   Fills of resting orders are at the order's own price, with maker_id == id.
#ifndef NT_MATCH_H
#define NT_MATCH_H

#include "nt/status.h"
#include "nt/types.h"

typedef struct nt_match nt_match;

#define NT_MATCH_MAX_ORDERS (1u << 20)
#define NT_MATCH_MAX_LEVELS (1u << 20)
/// So that the sum over a full table fits: lots.
#define NT_MATCH_MAX_QUANTITY ((INT64_C(1) << 43) - 1)

enum { NT_MATCH_OPEN = 0, NT_MATCH_RECORDED = 1 };
typedef uint8_t nt_match_mode;

typedef struct nt_match_order {
    uint64_t id;               ///< Caller's; unique among live orders, not 0.
    uint64_t owner;            ///< Caller's mark (account); orders of one owner never trade. 0: no
                               ///< owner, trades with all.
    int64_t price, stop_price; ///< Ticks.
    int64_t quantity;          ///< Lots.
    nt_side side;
    nt_order_type type;
    nt_time_in_force tif;
} nt_match_order;

enum {                      ///< nt_match_event_kind
    NT_MATCH_ACCEPTED = 0,  ///< Resting or about to trade; first event of each accepted order.
    NT_MATCH_REFUSED = 1,   ///< reason says why; no other event follows.
    NT_MATCH_TRADE = 2,     ///< Between `id` and `maker_id` (0: recorded liquidity).
    NT_MATCH_CANCELED = 3,  ///< On request.
    NT_MATCH_EXPIRED = 4,   ///< IOC, FOK or market remainder, or self-trade prevention (newest).
    NT_MATCH_TRIGGERED = 5, ///< A stop became live.
    NT_MATCH_AMENDED = 6,   ///< remaining is the new open quantity.
};
typedef uint8_t nt_match_event_kind;

enum { ///< nt_match_reason
    NT_MATCH_NO_REASON = 0,
    NT_MATCH_WOULD_TAKE = 1,    ///< LIMIT_MAKER would match at once.
    NT_MATCH_WOULD_TRIGGER = 2, ///< Stop price already reached.
    NT_MATCH_NO_LIQUIDITY = 3,  ///< MARKET: refused by an empty side, or its remainder.
    NT_MATCH_FOK_UNFILLABLE = 4,
    NT_MATCH_SELF_TRADE = 5,
    NT_MATCH_TABLE_FULL = 6,
    NT_MATCH_DUPLICATE = 7,
    NT_MATCH_BAD_ORDER = 8, ///< Not positive, or unknown type.
};
typedef uint8_t nt_match_reason;

typedef struct nt_match_event {
    uint64_t id; ///< Order concerned; for TRADE the taker, or, when a recorded
                 ///< trade fills a resting order, that order (maker_id == id).
    uint64_t maker_id;
    int64_t trade;           ///< Trade number, +1 each, from 1.
    int64_t price, quantity; ///< TRADE: price and lots; else order price (0 for MARKET and
                             ///< STOP_MARKET) and total quantity.
    int64_t remaining;       ///< Of `id` afterwards: total minus traded; for CANCELED and
                             ///< EXPIRED the lots that will not trade; REFUSED: 0.
    int64_t maker_remaining; ///< TRADE: of the maker afterwards; else 0, like maker_id and trade.
    nt_side side;            ///< Of `id`.
    nt_match_event_kind kind;
    nt_match_reason reason;
    uint8_t reserved;
} nt_match_event;

typedef struct nt_match_config {
    nt_match_mode mode;
    uint32_t max_orders; ///< Live at once.
    uint32_t max_levels; ///< RECORDED: levels kept per side.
    void *context;
    /// Called for each event, in order, during the calls below. Must not call back into the engine.
    void (*on_event)(void *context, const nt_match_event *event);
} nt_match_config;

/// NT_INVALID: unknown mode, no callback, or max_orders (RECORDED: or max_levels) out of range.
nt_status nt_match_create(const nt_match_config *config, nt_match **out);
void nt_match_destroy(nt_match *match);

/// Every outcome is an event; the status is NT_OK unless the order was refused (NT_REFUSED).
nt_status nt_match_place(nt_match *match, const nt_match_order *order);
/// NT_NOT_FOUND: not live.
nt_status nt_match_cancel(nt_match *match, uint64_t id);
/// Lowers the total quantity, keeping priority. NT_INVALID: not lower, or not above what traded.
nt_status nt_match_amend(nt_match *match, uint64_t id, int64_t new_quantity);

/// RECORDED only: the recording's level changed; zero removes. Crossing fills resting orders.
/// NT_INVALID: price not positive, quantity negative. NT_FULL: beyond max_levels, without effect.
/// In OPEN mode these three are NT_UNSUPPORTED or do nothing.
nt_status nt_match_set_level(nt_match *match, nt_side side, int64_t price, int64_t quantity);
/// RECORDED only: the recording printed a trade; consumes the queue ahead of resting orders.
/// NT_INVALID: price or quantity not positive, unknown side.
nt_status nt_match_print(nt_match *match, int64_t price, int64_t quantity, nt_side aggressor);
/// RECORDED only: forget all levels (a gap); resting orders stay, at the back of unknown queues:
/// a print at their price does not fill them before their level was set again.
void nt_match_clear_levels(nt_match *match);

/// Best level at which something can be had: available plus own resting. Quantity 0 when empty.
nt_level nt_match_best(const nt_match *match, nt_side side);
/// Aggregated levels best first; returns how many were written.
uint32_t nt_match_levels(const nt_match *match, nt_side side, nt_level *out, uint32_t capacity);
/// Remaining lots of a live order, 0 when not live.
int64_t nt_match_remaining(const nt_match *match, uint64_t id);
uint32_t nt_match_live_count(const nt_match *match);
/// Price of the last TRADE event or print, 0 before any.
int64_t nt_match_last_price(const nt_match *match);

#endif
