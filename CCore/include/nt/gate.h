// gate.h — the one function that every order passes before a byte of it leaves.
//
// Checks run on the worst case: position + everything not terminal + this order. A limit that is
// not set refuses; so does a missing or old reference price. Orders that only reduce risk pass a
// shorter table: never refused for stale data, rate reserve or daily loss, priced within the
// emergency collar. Each refusal has a name and the two numbers that decided it.
#ifndef NT_GATE_H
#define NT_GATE_H

#include <assert.h>
#include <stdbool.h>

#include "nt/intent.h"
#include "nt/order.h"
#include "nt/position.h"
#include "nt/status.h"

enum { NT_TRADING_ACTIVE = 0, NT_TRADING_REDUCING = 1, NT_TRADING_HALTED = 2 };
typedef uint8_t nt_trading_state; ///< Down-moves are instant; up-moves need the operator.

enum { ///< nt_refusal, in the order in which they are checked.
    NT_PASS = 0,
    NT_REFUSAL_BAD_INTENT = 1, ///< Unknown kind, side, type or time in force; no such instrument.
    NT_REFUSAL_HALTED = 2,
    NT_REFUSAL_REDUCING = 3,      ///< New risk while only reducing is allowed.
    NT_REFUSAL_NOT_CONNECTED = 4, ///< The order connection is not ready.
    NT_REFUSAL_NO_SUCH_ORDER = 5, ///< Cancel or amend of an order that is not open.
    NT_REFUSAL_NOT_POSITIVE = 6,  ///< Price or quantity zero or negative.
    NT_REFUSAL_LIMIT_UNSET = 7,
    NT_REFUSAL_PRICE_RANGE = 8,     ///< Venue's price filter.
    NT_REFUSAL_QUANTITY_RANGE = 9,  ///< Venue's lot filter.
    NT_REFUSAL_NOTIONAL_RANGE = 10, ///< Venue's notional filter.
    NT_REFUSAL_NO_REFERENCE =
        11,                      ///< No valid book: one side is empty, crossed or not synchronised.
    NT_REFUSAL_STALE = 12,       ///< Reference older than max_age by receive or by venue time.
    NT_REFUSAL_COLLAR = 13,      ///< Price too far from the touch.
    NT_REFUSAL_ORDER_SIZE = 14,  ///< Our own limit on one order's quantity.
    NT_REFUSAL_ORDER_VALUE = 15, ///< Our own limit on one order's value.
    NT_REFUSAL_NOT_REDUCING = 16, ///< Reduce-only, but it would open or exceed what is held.
    NT_REFUSAL_POSITION = 17,     ///< Worst-case position of the instrument.
    NT_REFUSAL_GROSS = 18,        ///< Worst-case value over all instruments.
    NT_REFUSAL_OPEN_VALUE = 19,   ///< Value of open orders.
    NT_REFUSAL_OPEN_COUNT = 20,   ///< Number of open orders.
    NT_REFUSAL_DAILY_LOSS = 21,
    NT_REFUSAL_RATE = 22,         ///< Our limit on orders per window.
    NT_REFUSAL_VENUE_BUDGET = 23, ///< The venue's request budget, less the reserve for cancels.
    NT_REFUSAL_DUPLICATE = 24,    ///< Same economics within the duplicate window.
    NT_REFUSAL_SELF_CROSS = 25,   ///< Would trade with an own open order.
    NT_REFUSAL_UNKNOWN_PENDING =
        26,                     ///< An order of the same side and instrument has no proven outcome.
    NT_REFUSAL_OVERFLOW = 27,   ///< A number does not fit.
    NT_REFUSAL_TABLE_FULL = 28, ///< Order table or journal ring has no room.
    NT_REFUSAL_NO_INVENTORY = 29, ///< Sells more than is held where shorting is not allowed.
    NT_REFUSAL_EXIT_PENDING = 30, ///< The lane's: its lots are promised to an exit that waits.
    NT_REFUSAL_DUST = 31,         ///< The lane's: what is held is less than the venue takes.
    NT_REFUSAL_COUNT = 32
};
typedef uint8_t nt_refusal;

/// Limits of one instrument. Zero means unset, and unset refuses.
typedef struct nt_instrument_limits {
    int64_t max_order_lots;
    nt_money max_order_value;
    int64_t max_position_lots;    ///< Absolute, worst case.
    int64_t collar_ppm;           ///< From the touch, entry orders. 10,000 = 1 %.
    int64_t emergency_collar_ppm; ///< Risk-reducing orders, from the last valid touch.
    int64_t max_age_ns;           ///< Of the reference, by receive time and by venue time.
    bool allow_short;
    /// Of the last valid touch as the reference of exits; an older one is none. In milliseconds, so
    /// that it lies where journals from before it existed hold zeros.
    uint32_t emergency_max_age_ms;
} nt_instrument_limits;

static_assert(sizeof(nt_instrument_limits) == 56, "LIMITS records keep their length");

/// Limits of the account, as dealt to this lane. Zero means unset, and unset refuses.
typedef struct nt_account_limits {
    nt_money max_gross_value;
    nt_money max_open_value;
    nt_money max_daily_loss; ///< Positive number.
    uint32_t max_open_orders;
    uint32_t max_orders_per_window;
    int64_t order_window_ns;
    int64_t duplicate_window_ns;     ///< 0 = not checked (the one limit that may be off).
    uint32_t max_rejects_per_window; ///< Beyond it the lane goes REDUCING.
    int64_t reject_window_ns;
    int64_t budget_weight;  ///< Request weight a window allows this lane.
    int64_t budget_reserve; ///< Of it kept for cancels and exits.
    int64_t budget_window_ns;
} nt_account_limits;

/// What the lane knows at this moment; all borrowed.
typedef struct nt_gate_view {
    const nt_instrument *instrument; ///< NULL: no such instrument.
    const nt_position *position;
    const nt_order *target; ///< Of a cancel or an amend, NULL when not found.
    nt_exposure exposure;   ///< Of the instrument.
    nt_level bid, ask;      ///< Last valid touch; quantity 0 = none yet.
    bool book_valid;
    bool connected;
    int64_t reference_received_ns;  ///< Monotonic.
    int64_t reference_venue_age_ns; ///< wall now - venue time of the reference; < 0: not stated.
    nt_money gross_value;           ///< Worst case over the *other* instruments.
    nt_money open_value;            ///< Over all instruments.
    uint32_t open_orders;
    nt_money day_profit; ///< Realised + unrealised - fees since the day began.
    uint32_t weight;     ///< Request weight of this intent.
    bool booked;         ///< Passed and booked before, judged again: not counted a second time.
} nt_gate_view;

/// The verdict with the numbers that decided: `value` against `limit`, both in the check's unit.
typedef struct nt_verdict {
    nt_refusal refusal;
    bool reducing; ///< Judged by the shorter table.
    int64_t value, limit;
} nt_verdict;

typedef struct nt_gate nt_gate; ///< Lane thread only.

nt_status nt_gate_create(uint32_t instrument_count, nt_gate **out);
void nt_gate_destroy(nt_gate *gate);
void nt_gate_set_account(nt_gate *gate, const nt_account_limits *limits);
void nt_gate_set_instrument(nt_gate *gate, nt_instrument_id instrument,
                            const nt_instrument_limits *limits);
nt_account_limits nt_gate_account(const nt_gate *gate);
nt_instrument_limits nt_gate_instrument(const nt_gate *gate, nt_instrument_id instrument);

/// State of the account (NT_NO_INSTRUMENT), of one instrument, or of one strategy
/// (NT_STRATEGY_SCOPE), each as it was set.
void nt_gate_set_state(nt_gate *gate, uint32_t scope, nt_trading_state state);
nt_trading_state nt_gate_state(const nt_gate *gate, uint32_t scope);
/// A second state beside it, for what comes and goes by itself; a fresh gate has none.
void nt_gate_set_hold(nt_gate *gate, nt_instrument_id instrument, nt_trading_state state);
/// The worst of the scope's states and the account's two. Of NT_NO_INSTRUMENT: of the account's.
nt_trading_state nt_gate_in_force(const nt_gate *gate, uint32_t scope);
/// What an intent meets: the worst of account, instrument and strategy.
nt_trading_state nt_gate_meets(const nt_gate *gate, const nt_intent *intent);

/// Judges an intent; changes nothing. Allocates nothing.
nt_verdict nt_gate_check(const nt_gate *gate, const nt_gate_view *view, const nt_intent *intent,
                         int64_t now_ns);
/// Books an approved intent into rate, budget and duplicate windows.
void nt_gate_commit(nt_gate *gate, const nt_intent *intent, uint32_t weight, int64_t now_ns);
/// Counts a venue's rejection; true when an active account must go REDUCING by it: the caller
/// sets, journals and tells the state.
bool nt_gate_count_reject(nt_gate *gate, int64_t now_ns);
/// The venue told its own count; `retry_after_ns` monotonic, 0 = none (an earlier one stays until
/// it is over). The count holds for one budget window from `now_ns`.
void nt_gate_usage_at(nt_gate *gate, int64_t used_weight, int64_t retry_after_ns, int64_t now_ns);
/// The same where the moment is not at hand: the window begins when something is next booked.
void nt_gate_usage(nt_gate *gate, int64_t used_weight, int64_t retry_after_ns);
/// FNV-1a over limits, states and windows: part of the state hash.
uint64_t nt_gate_hash(const nt_gate *gate);

/// "stale", "daily loss", … Static storage; stable, used in JSON with '_' for ' '.
const char *nt_refusal_name(nt_refusal refusal);
/// What an operator can do about it: one sentence. Static storage.
const char *nt_refusal_help(nt_refusal refusal);

#endif
