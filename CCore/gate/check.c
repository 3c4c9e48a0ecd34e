// check.c — the one function that every order passes, in the order of nt_refusal.
//
// Each check is a small function that answers "passes?" and, when it does not, leaves the name
// and the two numbers in the verdict. docs/gate.md is the table of them; tests/gate_agree_test.c
// holds a second checker written from that table. Sums are 128 bits wide, so nothing here
// overflows; a value that does not fit its type refuses as "overflow".
#include <stddef.h>

#include "gate_inside.h"
#include "nt/planted.h"

typedef __int128 wide;

enum { PPM = 1000000, NS_PER_MS = 1000000 };

/// One intent before the gate.
typedef struct {
    const nt_gate *gate;
    const nt_gate_view *view;
    const nt_intent *intent;
    const nt_account_limits *account;
    const nt_instrument_limits *limits;
    int64_t now_ns;
    int64_t price; ///< Ticks at which the order is valued; 0 not known.
    nt_money value;
    wide worst_lots; ///< Largest absolute position, this order included.
    nt_verdict verdict;
} hearing;

static int64_t clamp(wide value) {
    if (value > INT64_MAX) return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

static bool refuse(hearing *at, nt_refusal refusal, wide value, wide limit) {
    at->verdict.refusal = refusal;
    at->verdict.value = clamp(value);
    at->verdict.limit = clamp(limit);
    return false;
}

/// Refuses what is more than the limit; the limit itself passes.
static bool at_most(hearing *at, nt_refusal refusal, wide value, wide limit) {
    return value <= limit || refuse(at, refusal, value, limit);
}

static bool at_least(hearing *at, nt_refusal refusal, wide value, wide limit) {
    return value >= limit || refuse(at, refusal, value, limit);
}

static wide magnitude(wide value) { return value < 0 ? -value : value; }

static bool has_limit_price(nt_order_type type) {
    return type == NT_LIMIT || type == NT_LIMIT_MAKER || type == NT_STOP_LIMIT;
}

static bool is_stop(nt_order_type type) { return type == NT_STOP_MARKET || type == NT_STOP_LIMIT; }

static bool touch_is_usable(const nt_gate_view *view) {
    return view->bid.quantity > 0 && view->ask.quantity > 0 && view->bid.price > 0 &&
           view->ask.price > view->bid.price;
}

// ---- What the order is

static bool is_well_formed(hearing *at) {
    const nt_intent *intent = at->intent;
    const bool known = intent->kind < NT_INTENT_KIND_COUNT && intent->side <= NT_SELL &&
                       intent->type < NT_ORDER_TYPE_COUNT && intent->tif < NT_TIF_COUNT;
    const bool placed = at->view->instrument != NULL && at->view->position != NULL &&
                        intent->instrument < at->gate->instrument_count;
    return (known && placed) || refuse(at, NT_REFUSAL_BAD_INTENT, intent->kind, 0);
}

/// Lots held on the side that the intent would close.
static wide held_lots(const hearing *at) {
    const int64_t lots = at->view->position->lots;
    return at->intent->side == NT_SELL ? (wide)lots : -(wide)lots;
}

/// Lots of open orders on the intent's side, UNKNOWN ones included.
static wide open_lots(const hearing *at) {
    const nt_exposure *exposure = &at->view->exposure;
    return at->intent->side == NT_SELL ? exposure->open_sell : exposure->open_buy;
}

/// With it, all that is offered to exit is still no more than what is held.
static bool only_reduces(const hearing *at) {
    const nt_intent *intent = at->intent;
    return intent->quantity > 0 && (wide)intent->quantity + open_lots(at) <= held_lots(at);
}

static bool state_allows(hearing *at) {
    const nt_trading_state state = nt_gate_meets(at->gate, at->intent);
    if (at->intent->kind == NT_INTENT_CANCEL) return true;
    if (nt_planted(NT_BUG_GATE_REDUCING_IGNORED) && state == NT_TRADING_REDUCING) return true;
    if (nt_planted(NT_BUG_GATE_HALT_IGNORED) && state == NT_TRADING_HALTED) return true;
    if (state == NT_TRADING_HALTED) return refuse(at, NT_REFUSAL_HALTED, state, NT_TRADING_ACTIVE);
    if (state == NT_TRADING_ACTIVE || at->verdict.reducing) return true;
    return refuse(at, NT_REFUSAL_REDUCING, state, NT_TRADING_ACTIVE);
}

static bool is_connected(hearing *at) {
    return at->view->connected || refuse(at, NT_REFUSAL_NOT_CONNECTED, 0, 1);
}

static bool target_is_open(hearing *at) {
    const nt_order *target = at->view->target;
    const bool open = target != NULL && !nt_order_is_terminal(target->state) &&
                      target->intent.order == at->intent->order &&
                      target->intent.instrument == at->intent->instrument;
    return open ||
           refuse(at, NT_REFUSAL_NO_SUCH_ORDER, target == NULL ? NT_ORDER_NONE : target->state, 0);
}

static bool is_positive(hearing *at) {
    const nt_intent *intent = at->intent;
    if (!at_least(at, NT_REFUSAL_NOT_POSITIVE, intent->quantity, 1)) return false;
    if (intent->kind != NT_INTENT_PLACE) return true;
    if (has_limit_price(intent->type) && !at_least(at, NT_REFUSAL_NOT_POSITIVE, intent->price, 1)) {
        return false;
    }
    return !is_stop(intent->type) || at_least(at, NT_REFUSAL_NOT_POSITIVE, intent->stop_price, 1);
}

/// Refuses with the place of the first limit that is not set, counted from 1.
static bool are_set(hearing *at, const int64_t *limits, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (nt_planted(NT_BUG_GATE_UNSET_PASSES)) continue;
        if (limits[i] <= 0) return refuse(at, NT_REFUSAL_LIMIT_UNSET, 0, (wide)i + 1);
    }
    return true;
}

static bool limits_are_set(hearing *at) {
    const nt_account_limits *account = at->account;
    const nt_instrument_limits *limits = at->limits;
    const int64_t needed[] = {
        limits->emergency_collar_ppm,
        account->budget_weight,
        account->budget_window_ns,
        // From here on for orders that take new risk.
        limits->max_order_lots,
        limits->max_order_value,
        limits->max_position_lots,
        limits->collar_ppm,
        limits->max_age_ns,
        account->max_gross_value,
        account->max_open_value,
        account->max_daily_loss,
        account->max_open_orders,
        account->max_orders_per_window,
        account->order_window_ns,
        account->max_rejects_per_window,
        account->reject_window_ns,
        account->budget_reserve,
    };
    const uint32_t count = at->verdict.reducing ? 3 : sizeof needed / sizeof *needed;
    if (!are_set(at, needed, count)) return false;
    // Last in the list, because it came last: numbers of old refusals keep their meaning.
    if (limits->emergency_max_age_ms > 0) return true;
    return refuse(at, NT_REFUSAL_LIMIT_UNSET, 0, sizeof needed / sizeof *needed + 1);
}

// ---- The venue's filters

static bool in_price_range(hearing *at, int64_t price) {
    const nt_instrument *instrument = at->view->instrument;
    if (!at_least(at, NT_REFUSAL_PRICE_RANGE, price, instrument->min_price)) return false;
    return instrument->max_price == 0 ||
           at_most(at, NT_REFUSAL_PRICE_RANGE, price, instrument->max_price);
}

static bool prices_in_range(hearing *at) {
    const nt_intent *intent = at->intent;
    if (has_limit_price(intent->type) && !in_price_range(at, intent->price)) return false;
    return !is_stop(intent->type) || in_price_range(at, intent->stop_price);
}

static bool quantity_in_range(hearing *at, nt_order_type type) {
    const nt_instrument *instrument = at->view->instrument;
    int64_t least = instrument->min_quantity, most = instrument->max_quantity;
    if (!has_limit_price(type)) {
        const int64_t market = instrument->max_market_quantity;
        if (instrument->min_market_quantity > least) least = instrument->min_market_quantity;
        if (market != 0 && (most == 0 || market < most)) most = market;
    }
    const int64_t quantity = at->intent->quantity;
    if (!at_least(at, NT_REFUSAL_QUANTITY_RANGE, quantity, least)) return false;
    return most == 0 || at_most(at, NT_REFUSAL_QUANTITY_RANGE, quantity, most);
}

/// Ticks at which the order is valued: its own price, else the touch that it would meet.
static int64_t valued_at(const nt_gate_view *view, const nt_intent *intent) {
    if (has_limit_price(intent->type)) return intent->price;
    if (intent->type == NT_STOP_MARKET) return intent->stop_price;
    if (!touch_is_usable(view)) return 0;
    return intent->side == NT_BUY ? view->ask.price : view->bid.price;
}

static bool notional_in_range(hearing *at, const nt_intent *order) {
    const nt_instrument *instrument = at->view->instrument;
    at->price = valued_at(at->view, order);
    if (at->price == 0) return true; // A market order without a touch: refused by the next check.
    if (!nt_notional(instrument, at->price, at->intent->quantity, &at->value)) {
        return refuse(at, NT_REFUSAL_OVERFLOW, at->intent->quantity, at->price);
    }
    if (!at_least(at, NT_REFUSAL_NOTIONAL_RANGE, at->value, instrument->min_notional)) return false;
    return instrument->max_notional == 0 ||
           at_most(at, NT_REFUSAL_NOTIONAL_RANGE, at->value, instrument->max_notional);
}

// ---- The reference

/// To reduce, the last touch that was valid is good enough, for much longer than `max_age_ns`. Its
/// age is by our monotonic clock alone: a wall clock that was set must keep nobody in a position.
static bool is_good_enough(const hearing *at) {
    const wide age = (wide)at->now_ns - at->view->reference_received_ns;
    return age <= (wide)at->limits->emergency_max_age_ms * NS_PER_MS;
}

static bool has_reference(hearing *at) {
    const bool valid = at->verdict.reducing
                           ? is_good_enough(at)
                           : at->view->book_valid || nt_planted(NT_BUG_GATE_INVALID_BOOK_IGNORED);
    return (valid && touch_is_usable(at->view)) || refuse(at, NT_REFUSAL_NO_REFERENCE, 0, 1);
}

static bool is_fresh(hearing *at) {
    if (nt_planted(NT_BUG_GATE_STALE_IGNORED)) return true;
    const int64_t most = at->limits->max_age_ns;
    const wide age = (wide)at->now_ns - at->view->reference_received_ns;
    return at_most(at, NT_REFUSAL_STALE, age, most) &&
           at_most(at, NT_REFUSAL_STALE, at->view->reference_venue_age_ns, most);
}

/// A limit must not pay more than the touch (a stop: than its trigger) and the collar. What only
/// reduces may trade on an old touch, so at once it trades within a price or not at all.
static bool in_collar(hearing *at) {
    const nt_intent *intent = at->intent;
    const bool unbound = at->verdict.reducing && intent->type == NT_MARKET;
    if (!has_limit_price(intent->type) && !unbound) return true;
    if (nt_planted(NT_BUG_GATE_COLLAR_IGNORED)) return true;
    const bool buys = intent->side == NT_BUY;
    int64_t from = buys ? at->view->ask.price : at->view->bid.price;
    if (is_stop(intent->type)) from = intent->stop_price;
    const int64_t ppm =
        at->verdict.reducing ? at->limits->emergency_collar_ppm : at->limits->collar_ppm;
    const wide bound = buys ? (wide)from * ((wide)PPM + ppm) : (wide)from * ((wide)PPM - ppm);
    const wide price = (wide)intent->price * PPM;
    if (!unbound && (buys ? price <= bound : price >= bound)) return true;
    // Told as the last price that would pass.
    const wide last = (bound + (buys || bound < 0 ? 0 : PPM - 1)) / PPM;
    return refuse(at, NT_REFUSAL_COLLAR, unbound ? 0 : intent->price, last);
}

// ---- Our own limits

static bool order_is_small(hearing *at) {
    return at_most(at, NT_REFUSAL_ORDER_SIZE, at->intent->quantity, at->limits->max_order_lots) &&
           at_most(at, NT_REFUSAL_ORDER_VALUE, at->value, at->limits->max_order_value);
}

static bool keeps_reduce_only(hearing *at) {
    if ((at->intent->flags & NT_INTENT_REDUCE_ONLY) == 0 || at->verdict.reducing) return true;
    return refuse(at, NT_REFUSAL_NOT_REDUCING, at->intent->quantity + open_lots(at),
                  held_lots(at) > 0 ? held_lots(at) : 0);
}

static bool position_is_small(hearing *at) {
    const nt_gate_view *view = at->view;
    const wide lots = view->position->lots, quantity = at->intent->quantity;
    const bool buys = at->intent->side == NT_BUY;
    const wide longest = lots + view->exposure.open_buy + (buys ? quantity : 0);
    const wide shortest = lots - view->exposure.open_sell - (buys ? 0 : quantity);
    const wide up = magnitude(longest), down = magnitude(shortest);
    at->worst_lots = up > down ? up : down;
    if (nt_planted(NT_BUG_GATE_POSITION_IGNORED)) return true;
    return at_most(at, NT_REFUSAL_POSITION, at->worst_lots, at->limits->max_position_lots);
}

static bool account_has_room(hearing *at) {
    const nt_gate_view *view = at->view;
    const int64_t mark = at->price > view->ask.price ? at->price : view->ask.price;
    nt_money worst; // worst_lots passed a 64-bit limit: it fits.
    if (!nt_notional(view->instrument, mark, (int64_t)at->worst_lots, &worst)) {
        return refuse(at, NT_REFUSAL_OVERFLOW, at->worst_lots, mark);
    }
    return at_most(at, NT_REFUSAL_GROSS, (wide)view->gross_value + worst,
                   at->account->max_gross_value) &&
           at_most(at, NT_REFUSAL_OPEN_VALUE, (wide)view->open_value + at->value,
                   at->account->max_open_value) &&
           (nt_planted(NT_BUG_GATE_OPEN_COUNT_IGNORED) ||
            at_most(at, NT_REFUSAL_OPEN_COUNT, (wide)view->open_orders + 1,
                    at->account->max_open_orders)) &&
           at_most(at, NT_REFUSAL_DAILY_LOSS, -(wide)view->day_profit, at->account->max_daily_loss);
}

static bool rate_has_room(hearing *at) {
    const int64_t sent = nt_window_sum(&at->gate->orders, at->account->order_window_ns, at->now_ns);
    const wide own = at->view->booked ? 0 : 1;
    return at_most(at, NT_REFUSAL_RATE, sent + own, at->account->max_orders_per_window);
}

// ---- The venue's budget

static bool venue_listens(hearing *at) {
    return at_least(at, NT_REFUSAL_VENUE_BUDGET, at->now_ns, at->gate->retry_after_ns);
}

/// Weight used: by our own count, or by the venue's and what we added since it told.
static wide used_weight(const hearing *at) {
    const nt_gate *gate = at->gate;
    const int64_t length = at->account->budget_window_ns;
    const wide own = nt_window_sum(&gate->weights, length, at->now_ns);
    wide told = gate->told_weight;
    if (gate->told_ns != NT_GATE_NOT_DATED) {
        if ((wide)at->now_ns - gate->told_ns >= length) return own;
        told += nt_window_since(&gate->weights, gate->told_ns);
    }
    return own > told ? own : told;
}

static bool budget_has_room(hearing *at) {
    const wide kept = at->verdict.reducing || nt_planted(NT_BUG_BUDGET_RESERVE_IGNORED)
                          ? 0
                          : at->account->budget_reserve;
    const wide own = at->view->booked ? 0 : at->view->weight;
    return at_most(at, NT_REFUSAL_VENUE_BUDGET, used_weight(at) + own,
                   at->account->budget_weight - kept);
}

// ---- Against our own orders

static bool is_same(const nt_echo *echo, const nt_intent *intent) {
    return echo->price == intent->price && echo->quantity == intent->quantity &&
           echo->stop_price == intent->stop_price && echo->instrument == intent->instrument &&
           echo->side == intent->side && echo->type == intent->type;
}

static bool is_not_repeated(hearing *at) {
    const int64_t window = at->account->duplicate_window_ns;
    if (window <= 0 || at->view->booked || nt_planted(NT_BUG_GATE_DUPLICATE_IGNORED)) return true;
    // Newest first: the first like it is the youngest. An unused place has quantity 0.
    for (uint32_t i = 1; i <= NT_GATE_ECHOES; i++) {
        const nt_echo *echo = &at->gate->echoes[(at->gate->next_echo - i) % NT_GATE_ECHOES];
        if (!is_same(echo, at->intent)) continue;
        const wide age = (wide)at->now_ns - echo->time_ns;
        return age >= window || refuse(at, NT_REFUSAL_DUPLICATE, age, window);
    }
    return true;
}

/// Stops are not judged: they rest apart until the market reaches them.
static bool does_not_cross(hearing *at) {
    const nt_intent *intent = at->intent;
    if (is_stop(intent->type) || nt_planted(NT_BUG_GATE_SELF_CROSS_IGNORED)) return true;
    const bool buys = intent->side == NT_BUY;
    const int64_t other = buys ? at->view->exposure.best_sell : at->view->exposure.best_buy;
    if (other == 0) return true;
    const bool meets =
        intent->type == NT_MARKET || (buys ? intent->price >= other : intent->price <= other);
    return !meets || refuse(at, NT_REFUSAL_SELF_CROSS, intent->price, other);
}

static bool all_is_known(hearing *at) {
    return at_most(at, NT_REFUSAL_UNKNOWN_PENDING, at->view->exposure.unknown, 0);
}

static bool has_inventory(hearing *at) {
    if (nt_planted(NT_BUG_GATE_OVERSELL_IGNORED)) return true;
    if (at->intent->side == NT_BUY || at->limits->allow_short) return true;
    return at_most(at, NT_REFUSAL_NO_INVENTORY, at->intent->quantity + open_lots(at),
                   nt_position_sellable(at->view->position, at->view->instrument));
}

// ---- The tables

static bool may_take_risk(hearing *at) {
    return is_fresh(at) && in_collar(at) && order_is_small(at) && keeps_reduce_only(at) &&
           position_is_small(at) && account_has_room(at) && rate_has_room(at) &&
           venue_listens(at) && budget_has_room(at) && is_not_repeated(at) && does_not_cross(at) &&
           all_is_known(at) && has_inventory(at);
}

/// The shorter table.
static bool may_reduce(hearing *at) {
    return in_collar(at) && venue_listens(at) && budget_has_room(at) && is_not_repeated(at) &&
           does_not_cross(at) && has_inventory(at);
}

static bool may_place(hearing *at) {
    const bool possible = is_positive(at) && limits_are_set(at) && prices_in_range(at) &&
                          quantity_in_range(at, at->intent->type) &&
                          notional_in_range(at, at->intent) && has_reference(at);
    if (!possible) return false;
    return at->verdict.reducing ? may_reduce(at) : may_take_risk(at);
}

/// An amend only lowers: below what was asked, above what is filled.
static bool amend_lowers(hearing *at) {
    const nt_order *target = at->view->target;
    return at_most(at, NT_REFUSAL_NOT_REDUCING, at->intent->quantity,
                   (wide)target->intent.quantity - 1) &&
           at_least(at, NT_REFUSAL_NOT_REDUCING, at->intent->quantity,
                    (wide)target->cumulative + 1);
}

static bool may_amend(hearing *at) {
    const nt_intent *order = &at->view->target->intent;
    return is_positive(at) && quantity_in_range(at, order->type) && notional_in_range(at, order) &&
           amend_lowers(at) && venue_listens(at);
}

static void judge(hearing *at) {
    if (!is_well_formed(at)) return;
    at->limits = &at->gate->instruments[at->intent->instrument];
    const nt_intent_kind kind = at->intent->kind;
    at->verdict.reducing = kind != NT_INTENT_PLACE || only_reduces(at);
    if (!state_allows(at) || !is_connected(at)) return;
    if (kind == NT_INTENT_PLACE) {
        may_place(at);
    } else if (target_is_open(at)) {
        if (kind == NT_INTENT_AMEND)
            may_amend(at);
        else
            venue_listens(at);
    }
}

nt_verdict nt_gate_check(const nt_gate *gate, const nt_gate_view *view, const nt_intent *intent,
                         int64_t now_ns) {
    hearing at = {
        .gate = gate, .view = view, .intent = intent, .account = &gate->account, .now_ns = now_ns};
    judge(&at);
    return at.verdict;
}
