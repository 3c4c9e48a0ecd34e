// order.h — the life of our orders: one table, one transition table.
//
// States and events follow docs/orders.md. Silence is never an answer: an order whose outcome is
// not proven is UNKNOWN, keeps its worst case reserved, and leaves that state only by evidence.
// Fills are the truth for positions: each (instrument, trade id) counts once, however often and
// in whatever order it is told; a late fill of a finished order is applied.
#ifndef NT_ORDER_H
#define NT_ORDER_H

#include <stdbool.h>

#include "nt/event.h"
#include "nt/intent.h"
#include "nt/status.h"

enum { ///< nt_order_state
    NT_ORDER_NONE = 0,
    NT_ORDER_QUEUED = 1,    ///< Approved and journaled, not yet handed to the socket.
    NT_ORDER_ABANDONED = 2, ///< Terminal: provably never sent.
    NT_ORDER_SENT = 3,      ///< Bytes handed over; the venue may have it.
    NT_ORDER_UNKNOWN = 4,   ///< Outcome not proven.
    NT_ORDER_LIVE = 5,
    NT_ORDER_PARTIAL = 6,
    NT_ORDER_FILLED = 7, ///< Terminal, as are the next four.
    NT_ORDER_CANCELED = 8,
    NT_ORDER_EXPIRED = 9,
    NT_ORDER_REJECTED = 10,
    NT_ORDER_ABSENT = 11,   ///< Proven never accepted.
    NT_ORDER_DISPUTED = 12, ///< Evidence contradicts; needs the operator. Symbol is halted.
    NT_ORDER_STATE_COUNT = 13
};
typedef uint8_t nt_order_state;

enum { ///< nt_order_event: what moves an order. Evidence maps onto it.
    NT_ORDER_EVENT_NONE = 0,
    NT_ORDER_ON_SEND = 1,        ///< Bytes were handed to the socket.
    NT_ORDER_ON_SEND_FAILED = 2, ///< The socket took no byte.
    NT_ORDER_ON_SILENCE = 3,     ///< Reply timer, lost connection, restart, takeover.
    NT_ORDER_ON_ACK = 4,
    NT_ORDER_ON_REFUSED = 5,
    NT_ORDER_ON_FILL = 6,      ///< cumulative < quantity after this trade.
    NT_ORDER_ON_FULL_FILL = 7, ///< cumulative == quantity after this trade.
    NT_ORDER_ON_OVERFILL = 8,  ///< cumulative > quantity: the venue's money is real.
    NT_ORDER_ON_CANCELED = 9,
    NT_ORDER_ON_EXPIRED = 10,
    NT_ORDER_ON_REJECTED = 11,
    NT_ORDER_ON_FOUND_OPEN = 12,
    NT_ORDER_ON_FOUND_CLOSED = 13,  ///< Closed at the venue with fills that we do not all have yet.
    NT_ORDER_ON_NOT_FOUND = 14,     ///< No transition by itself.
    NT_ORDER_ON_PROVEN_ABSENT = 15, ///< All conditions of the proof hold.
    NT_ORDER_ON_UNCERTAIN = 16,     ///< 5xx, timeouts, duplicate id, unknown state names.
    NT_ORDER_ON_OPEN_PARTLY = 17,   ///< ACK or FOUND_OPEN of an order that has trades already.
    NT_ORDER_ON_DISPROVED = 18,     ///< What was proven, or what the operator said, cannot be.
    NT_ORDER_ON_RESOLVED_FILLED = 19, ///< The operator's word, as the next three.
    NT_ORDER_ON_RESOLVED_CANCELED = 20,
    NT_ORDER_ON_RESOLVED_REJECTED = 21,
    NT_ORDER_ON_RESOLVED_ABSENT = 22,
    NT_ORDER_EVENT_COUNT = 23
};
typedef uint8_t nt_order_event;

enum { ///< nt_order_effects: what a transition brings along; bits.
    NT_EFFECT_NONE = 0,
    NT_EFFECT_ASK = 1,   ///< Ask the venue about the order.
    NT_EFFECT_HALT = 2,  ///< Halt the instrument and cancel its orders.
    NT_EFFECT_COUNT = 4, ///< Count a rejection against its limit.
    NT_EFFECT_LATE = 8,  ///< The trade came after the end of its order: alarm.
    NT_EFFECT_COUNT_OF = 4
};
typedef uint8_t nt_order_effects;

/// A row of the transition table.
typedef struct nt_transition {
    nt_order_state next; ///< NT_ORDER_NONE: no such row.
    nt_order_effects effects;
} nt_transition;

enum {
    NT_PENDING_NONE = 0,
    NT_PENDING_REQUESTED = 1,
    NT_PENDING_UNKNOWN = 2,
    NT_PENDING_REFUSED = 3
};
typedef uint8_t
    nt_pending; ///< Of a cancel or an amend; never changes what we believe of the order.

typedef struct nt_order {
    nt_intent intent; ///< order is the key; quantity is the total (amended) quantity.
    int64_t venue_order;
    int64_t cumulative;       ///< Lots filled, summed from trades.
    int64_t venue_cumulative; ///< As the venue last stated it, -1 never.
    nt_money filled_value;    ///< Value of the trades, each rounded towards zero.
    int64_t reference;        ///< Ticks at which an order without a price is valued.
    int64_t created_ns, sent_ns, changed_ns, answered_ns; ///< Monotonic; answered: first reply.
    int64_t asked_ns;                                     ///< Last query about it.
    int32_t code;                                         ///< Venue's last error code.
    uint16_t queries;                                     ///< Since it became UNKNOWN.
    nt_order_state state;
    nt_pending cancel, amend;
    uint8_t late_fills;     ///< Fills applied after a terminal state (saturating).
    uint8_t recovered;      ///< 1: from the journal or the venue at start.
    nt_order_state closing; ///< Closed at the venue as this; its last trades are missing.
    uint8_t not_found;      ///< Queries in a row that did not find it (saturating).
    uint8_t resolved;       ///< 1: the operator said how it ended; nothing else proves it.
    uint8_t reserved[2];
} nt_order;

/// What one event did. `before == after` and nothing else set: it changed nothing.
typedef struct nt_order_change {
    nt_order order; ///< Copy, after the change.
    nt_order_state before;
    bool found;        ///< False: not in the table (foreign, or long forgotten).
    bool fill_applied; ///< The report's trade was new: positions must take it.
    bool fill_late;
    bool illegal;             ///< No such row: a bug of ours. The order is DISPUTED now.
    bool needs_query;         ///< Evidence is incomplete: ask the venue about this order.
    nt_order_event event;     ///< What the evidence amounted to, NT_ORDER_EVENT_NONE: nothing.
    nt_order_effects effects; ///< Of that row of the table.
} nt_order_change;

/// Worst case of everything that is not terminal. Lots; per instrument. Trades that the venue has
/// counted and we have not yet seen stay reserved, whatever the order's state.
typedef struct nt_exposure {
    int64_t open_buy, open_sell; ///< Remaining lots, UNKNOWN included.
    int64_t best_buy, best_sell; ///< Highest live buy and lowest live sell price, 0 = none.
                                 ///< Of limit orders; stops rest apart, markets have none.
    nt_money open_value;         ///< Remaining value of both sides at limit (or reference) price.
    uint32_t live, unknown;      ///< Orders not terminal; of these UNKNOWN.
} nt_exposure;

typedef struct nt_orders nt_orders; ///< Lane thread only.

bool nt_order_is_terminal(nt_order_state state);
/// The venue, or the operator, says that it traded more than the trades that are counted.
bool nt_order_misses_trades(const nt_order *order);
/// "unknown", "partial", … Static storage.
const char *nt_order_state_name(nt_order_state state);
const char *nt_order_event_name(nt_order_event event);
/// "ask", "halt", … of the effect 1 << bit.
const char *nt_order_effect_name(uint32_t bit);
/// The transition table (order/transitions.def). Tests, docs and code share it.
nt_transition nt_order_transition(nt_order_state state, nt_order_event event);

/// `capacity` orders remembered, terminal ones included (the oldest terminal gives way).
/// `instruments` is borrowed and outlives the table.
nt_status nt_orders_create(uint32_t capacity, const nt_instrument *instruments,
                           uint32_t instrument_count, nt_orders **out);
void nt_orders_destroy(nt_orders *orders);

/// Adds an approved intent (its key set) as QUEUED and reserves its worst case. `reference`: ticks
/// at which a market order is valued. NT_FULL: every slot holds an order that is not terminal.
nt_status nt_orders_add(nt_orders *orders, const nt_intent *intent, int64_t reference,
                        int64_t now_ns);
/// Puts back an order as the journal or the venue tells it (state and cumulative included);
/// replaces what the table had under that key.
nt_status nt_orders_restore(nt_orders *orders, const nt_order *order);
/// A pair without a row stops the process: in test builds alone (NT_STOP_ON_BUG), and there unless
/// this says otherwise. Else the order becomes DISPUTED.
void nt_orders_stop_on_bug(nt_orders *orders, bool stops);
/// A change without a report: sent, send failed, silence, proven absent.
nt_status nt_orders_step(nt_orders *orders, nt_order_key key, nt_order_event event, int64_t now_ns,
                         nt_order_change *change);
/// Applies evidence. A fill is applied before the state it implies. NT_DUPLICATE: nothing new.
/// NT_NOT_FOUND: not in the table and nothing to count (found = false); a trade of a forgotten
/// order of ours is still counted once (NT_OK, found = false, fill_applied). NT_INVALID: a trade
/// without id, price or quantity, or of another instrument; it asks for a query. `instrument` may
/// be NT_NO_INSTRUMENT where the venue's answer does not name it.
nt_status nt_orders_report(nt_orders *orders, nt_instrument_id instrument, const nt_report *report,
                           int64_t now_ns, nt_order_change *change);
/// The operator's word on an UNKNOWN or DISPUTED order: it is FILLED, CANCELED, REJECTED or ABSENT.
/// `filled`: lots that the venue has traded of it, -1 = not said; those that are not counted yet
/// stay reserved until their trades come. NT_REFUSED: the table has no row for it in the order's
/// state. NT_INVALID: its trades, or what the venue has shown, say otherwise.
nt_status nt_orders_resolve(nt_orders *orders, nt_order_key key, nt_order_state as, int64_t filled,
                            int64_t now_ns, nt_order_change *change);
/// Marks that a cancel, an amend or a query was sent (or that its outcome is unknown).
void nt_orders_mark_cancel(nt_orders *orders, nt_order_key key, nt_pending pending);
void nt_orders_mark_amend(nt_orders *orders, nt_order_key key, nt_pending pending,
                          int64_t new_quantity);
void nt_orders_mark_query(nt_orders *orders, nt_order_key key, int64_t now_ns);
/// Whether this trade was counted, of an order that may be forgotten by now.
bool nt_orders_has_trade(const nt_orders *orders, nt_instrument_id instrument, int64_t trade);

/// NULL when not in the table. Borrowed until the next change.
const nt_order *nt_orders_find(const nt_orders *orders, nt_order_key key);
nt_exposure nt_orders_exposure(const nt_orders *orders, nt_instrument_id instrument);
/// Remaining open value over all instruments.
nt_money nt_orders_open_value(const nt_orders *orders);
/// What one order has in the sums of exposure; zero when it is not in the table.
void nt_orders_reserved(const nt_orders *orders, nt_order_key key, int64_t *lots, nt_money *value);
uint32_t nt_orders_live_count(const nt_orders *orders);
/// Visits slots 0 … capacity - 1; NULL for an empty one. In order of slot, hence deterministic.
const nt_order *nt_orders_at(const nt_orders *orders, uint32_t slot);
uint32_t nt_orders_capacity(const nt_orders *orders);
/// FNV-1a over all orders in order of key, fixed byte order, without times: part of the state hash.
uint64_t nt_orders_hash(const nt_orders *orders);

#endif
