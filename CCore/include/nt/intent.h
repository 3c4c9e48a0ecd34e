// intent.h — what a strategy or an operator wants done, and the request that goes to the venue.
#ifndef NT_INTENT_H
#define NT_INTENT_H

#include "nt/event.h"

enum { ///< nt_intent_kind
    NT_INTENT_PLACE = 0,
    NT_INTENT_CANCEL = 1,     ///< Of `order`.
    NT_INTENT_AMEND = 2,      ///< Lowers the total quantity of `order` to `quantity`.
    NT_INTENT_KIND_COUNT = 3, ///< Of those that the gate judges.
    /// For the lane's owner of exits (lane_exit.c), which makes orders of it: leaves `quantity`
    /// lots
    /// of the position, INT64_MAX all of it, in place of whatever else offers them. 0 takes back an
    /// exit that still waits. Side and reduce-only are the owner's.
    NT_INTENT_EXIT = 4
};
typedef uint8_t nt_intent_kind;

enum { NT_INTENT_REDUCE_ONLY = 1 }; ///< Flag: may only bring the position nearer to zero.

/// One wish. Plain value; copied.
typedef struct nt_intent {
    nt_order_key order; ///< CANCEL, AMEND: which. PLACE: set by the lane.
    int64_t price;      ///< Ticks; 0 for market orders.
    int64_t stop_price; ///< Ticks; stops only.
    int64_t quantity;   ///< Lots, > 0.
    uint64_t tag;       ///< The strategy's own mark, returned with every report.
    nt_instrument_id instrument;
    uint16_t strategy; ///< Slot of the strategy in its lane; 0xffff = operator.
    nt_intent_kind kind;
    nt_side side;
    nt_order_type type;
    nt_time_in_force tif;
    uint8_t flags;
    uint8_t reserved;
} nt_intent;

#define NT_OPERATOR       UINT16_MAX
#define NT_MAX_STRATEGIES 16u
/// What a trading state is of: an instrument's slot, NT_NO_INSTRUMENT for the account, or this for
/// a strategy's slot.
#define NT_STRATEGY_SCOPE(slot) (UINT32_C(0x10000) + (slot))
#define NT_MAX_INTENTS          16u ///< Per call of a strategy.

/// A fixed array that a strategy writes into. `dropped` counts what did not fit.
typedef struct nt_intents {
    uint32_t count, dropped;
    nt_intent items[NT_MAX_INTENTS];
} nt_intents;

enum { ///< nt_request_kind: what codec.encode writes.
    NT_REQUEST_PLACE = 0,
    NT_REQUEST_CANCEL = 1,
    NT_REQUEST_AMEND = 2,
    NT_REQUEST_QUERY = 3,       ///< State of one order by our client id.
    NT_REQUEST_OPEN_ORDERS = 4, ///< All open orders of the instrument.
    NT_REQUEST_FILLS = 5,       ///< Our trades of the instrument since trade id `since`.
    NT_REQUEST_KIND_COUNT = 6
};
typedef uint8_t nt_request_kind;

/// An approved intent, or a question, on its way to the venue.
typedef struct nt_request {
    nt_intent intent;    ///< order and instrument are always set.
    int64_t venue_order; ///< 0 when not known; the client id is used then.
    int64_t since;       ///< FILLS: first trade id wanted; 0 = the newest ones.
    nt_request_kind kind;
} nt_request;

#endif
