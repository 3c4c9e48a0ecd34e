// gate_test.c — each refusal at, under and over its limit; limits unset; windows.
#include "gate_cases.h"
#include "test.h"

/// Judges with a fresh gate; `c` has been bent by the test.
static nt_verdict judge(const gate_case *c) {
    nt_gate *gate = gate_of(c);
    const nt_gate_view view = view_of(c);
    const nt_verdict verdict = nt_gate_check(gate, &view, &c->intent, c->now_ns);
    nt_gate_destroy(gate);
    return verdict;
}

static nt_refusal refusal(const gate_case *c) { return judge(c).refusal; }

/// `c` passes with `field` at the limit and is refused with it one step (+1 or -1) beyond.
#define EXPECT_LIMIT(c, field, at_limit, beyond, wanted)                                           \
    do {                                                                                           \
        (c).field = (at_limit) - (beyond);                                                         \
        EXPECT_EQ(refusal(&(c)), NT_PASS);                                                         \
        (c).field = (at_limit);                                                                    \
        EXPECT_EQ(refusal(&(c)), NT_PASS);                                                         \
        (c).field = (at_limit) + (beyond);                                                         \
        EXPECT_EQ(refusal(&(c)), wanted);                                                          \
    } while (0)

TEST(gate, an_ordinary_order_passes) {
    gate_case c = entry_case();
    const nt_verdict verdict = judge(&c);
    EXPECT_EQ(verdict.refusal, NT_PASS);
    EXPECT(!verdict.reducing);
    c = exit_case();
    EXPECT_EQ(refusal(&c), NT_PASS);
    EXPECT(judge(&c).reducing);
}

TEST(gate, refuses_what_it_does_not_know) {
    const gate_case good = entry_case();
    for (int i = 0; i < 7; i++) {
        gate_case c = good;
        if (i == 0) c.intent.kind = NT_INTENT_KIND_COUNT;
        if (i == 1) c.intent.side = 2;
        if (i == 2) c.intent.type = NT_ORDER_TYPE_COUNT;
        if (i == 3) c.intent.tif = NT_TIF_COUNT;
        if (i == 4) c.intent.instrument = 2;
        if (i == 5) c.no_instrument = true;
        if (i == 6) c.no_position = true;
        EXPECT_EQ(refusal(&c), NT_REFUSAL_BAD_INTENT);
    }
}

TEST(gate, states_let_through_what_they_should) {
    static const nt_refusal entries[] = {NT_PASS, NT_REFUSAL_REDUCING, NT_REFUSAL_HALTED};
    static const nt_refusal exits[] = {NT_PASS, NT_PASS, NT_REFUSAL_HALTED};
    for (nt_trading_state state = 0; state <= NT_TRADING_HALTED; state++) {
        for (int scope = 0; scope < 2; scope++) {
            gate_case c[4] = {entry_case(), exit_case(), amend_case(), cancel_case()};
            for (int i = 0; i < 4; i++) {
                if (scope == 0)
                    c[i].account_state = state;
                else
                    c[i].state = state;
            }
            EXPECT_EQ(refusal(&c[0]), entries[state]);
            EXPECT_EQ(refusal(&c[1]), exits[state]);
            EXPECT_EQ(refusal(&c[2]), exits[state]);
            EXPECT_EQ(refusal(&c[3]), NT_PASS);
        }
    }
    nt_gate *gate = NULL;
    EXPECT_EQ(nt_gate_create(1, &gate), NT_OK);
    nt_gate_set_state(gate, 0, NT_TRADING_REDUCING);
    EXPECT_EQ(nt_gate_state(gate, 0), NT_TRADING_REDUCING);
    EXPECT_EQ(nt_gate_state(gate, NT_NO_INSTRUMENT), NT_TRADING_ACTIVE);
    EXPECT_EQ(nt_gate_state(gate, 1), NT_TRADING_HALTED);
    nt_gate_set_state(gate, NT_NO_INSTRUMENT, 9);
    EXPECT_EQ(nt_gate_state(gate, NT_NO_INSTRUMENT), NT_TRADING_HALTED);
    nt_gate_destroy(gate);
    EXPECT_EQ(nt_gate_create(NT_MAX_INSTRUMENTS + 1, &gate), NT_INVALID);
    EXPECT_EQ(nt_gate_create(NT_MAX_INSTRUMENTS, &gate), NT_OK);
    nt_gate_destroy(gate);
}

TEST(gate, nothing_leaves_without_a_connection) {
    gate_case c[4] = {entry_case(), exit_case(), amend_case(), cancel_case()};
    for (int i = 0; i < 4; i++) {
        c[i].connected = false;
        EXPECT_EQ(refusal(&c[i]), NT_REFUSAL_NOT_CONNECTED);
    }
}

TEST(gate, cancels_and_amends_need_an_open_order) {
    for (int kind = 0; kind < 2; kind++) {
        const gate_case good = kind == 0 ? cancel_case() : amend_case();
        EXPECT_EQ(refusal(&good), NT_PASS);
        gate_case c = good;
        c.no_target = true;
        EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_SUCH_ORDER);
        c = good;
        c.target.state = NT_ORDER_CANCELED;
        EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_SUCH_ORDER);
        c.target.state = NT_ORDER_UNKNOWN;
        EXPECT_EQ(refusal(&c), NT_PASS);
        c.target.intent.order++;
        EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_SUCH_ORDER);
        c = good;
        c.target.intent.instrument = 1;
        EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_SUCH_ORDER);
    }
}

TEST(gate, an_amend_only_lowers) {
    gate_case c = amend_case(); // Of 40 lots, 10 of them filled.
    EXPECT_LIMIT(c, intent.quantity, 39, 1, NT_REFUSAL_NOT_REDUCING);
    EXPECT_LIMIT(c, intent.quantity, 11, -1, NT_REFUSAL_NOT_REDUCING);
    c.intent.quantity = 0;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NOT_POSITIVE);
    c = amend_case();
    c.instrument.min_quantity = c.intent.quantity + 1;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_QUANTITY_RANGE);
    c = amend_case();
    c.instrument.min_notional = c.intent.quantity * c.target.intent.price * UNIT + 1;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NOTIONAL_RANGE);
}

TEST(gate, prices_and_quantities_are_positive) {
    gate_case c = entry_case();
    EXPECT_LIMIT(c, intent.quantity, 1, -1, NT_REFUSAL_NOT_POSITIVE);
    c = entry_case();
    c.intent.quantity = INT64_MIN;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NOT_POSITIVE);
    static const nt_order_type types[] = {NT_LIMIT, NT_LIMIT_MAKER, NT_STOP_LIMIT, NT_STOP_MARKET};
    for (int i = 0; i < 4; i++) {
        c = entry_case();
        c.intent.type = types[i];
        c.intent.stop_price = c.intent.price;
        EXPECT_EQ(refusal(&c), NT_PASS);
        if (i < 3)
            c.intent.price = 0;
        else
            c.intent.stop_price = 0;
        EXPECT_EQ(refusal(&c), NT_REFUSAL_NOT_POSITIVE);
        if (i < 3) c.intent.price = 1000;
        c.intent.stop_price = -5;
        EXPECT_EQ(refusal(&c), i < 2 ? NT_PASS : NT_REFUSAL_NOT_POSITIVE);
    }
}

/// Unsets the limit at a place of the document's list.
static void unset(gate_case *c, int place) {
    nt_instrument_limits *limits = &c->limits;
    nt_account_limits *account = &c->account;
    int64_t *const wide[] = {
        NULL,
        &limits->emergency_collar_ppm,
        &account->budget_weight,
        &account->budget_window_ns,
        &limits->max_order_lots,
        &limits->max_order_value,
        &limits->max_position_lots,
        &limits->collar_ppm,
        &limits->max_age_ns,
        &account->max_gross_value,
        &account->max_open_value,
        &account->max_daily_loss,
        NULL,
        NULL,
        &account->order_window_ns,
        NULL,
        &account->reject_window_ns,
        &account->budget_reserve,
        NULL,
    };
    if (wide[place] != NULL) *wide[place] = place % 2 == 0 ? 0 : -1;
    if (place == 12) account->max_open_orders = 0;
    if (place == 13) account->max_orders_per_window = 0;
    if (place == 15) account->max_rejects_per_window = 0;
    if (place == 18) limits->emergency_max_age_ms = 0;
}

TEST(gate, a_limit_that_is_not_set_refuses) {
    for (int place = 1; place <= 18; place++) {
        gate_case c = entry_case();
        unset(&c, place);
        EXPECT_EQ(refusal(&c), NT_REFUSAL_LIMIT_UNSET);
        EXPECT_EQ(judge(&c).limit, place);
        c = exit_case();
        unset(&c, place);
        EXPECT_EQ(refusal(&c), place <= 3 || place == 18 ? NT_REFUSAL_LIMIT_UNSET : NT_PASS);
        c = cancel_case();
        unset(&c, place);
        EXPECT_EQ(refusal(&c), NT_PASS);
    }
    gate_case c = entry_case();
    c.account.duplicate_window_ns = 0;
    EXPECT_EQ(refusal(&c), NT_PASS);
}

TEST(gate, the_venues_filters_hold) {
    gate_case c = entry_case();
    EXPECT_LIMIT(c, instrument.min_price, c.intent.price, 1, NT_REFUSAL_PRICE_RANGE);
    c = entry_case();
    EXPECT_LIMIT(c, instrument.max_price, c.intent.price, -1, NT_REFUSAL_PRICE_RANGE);
    c = entry_case();
    EXPECT_LIMIT(c, instrument.min_quantity, c.intent.quantity, 1, NT_REFUSAL_QUANTITY_RANGE);
    c = entry_case();
    EXPECT_LIMIT(c, instrument.max_quantity, c.intent.quantity, -1, NT_REFUSAL_QUANTITY_RANGE);
    c = entry_case();
    const int64_t value = c.intent.price * c.intent.quantity * UNIT;
    EXPECT_LIMIT(c, instrument.min_notional, value, 1, NT_REFUSAL_NOTIONAL_RANGE);
    c = entry_case();
    EXPECT_LIMIT(c, instrument.max_notional, value, -1, NT_REFUSAL_NOTIONAL_RANGE);
    c = exit_case();
    c.instrument.min_notional = value * 100;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NOTIONAL_RANGE);
}

TEST(gate, the_filters_know_stops_and_markets) {
    gate_case c = entry_case();
    c.intent.type = NT_STOP_LIMIT;
    c.intent.stop_price = 999;
    EXPECT_LIMIT(c, instrument.min_price, 999, 1, NT_REFUSAL_PRICE_RANGE);
    c.instrument.min_price = 0;
    c.intent.type = NT_MARKET;
    c.intent.price = 0;
    EXPECT_LIMIT(c, instrument.min_market_quantity, c.intent.quantity, 1,
                 NT_REFUSAL_QUANTITY_RANGE);
    c.instrument.min_market_quantity = 0;
    EXPECT_LIMIT(c, instrument.max_market_quantity, c.intent.quantity, -1,
                 NT_REFUSAL_QUANTITY_RANGE);
    c.instrument.max_market_quantity = 0;
    EXPECT_LIMIT(c, instrument.min_notional, c.intent.quantity * c.ask.price * UNIT, 1,
                 NT_REFUSAL_NOTIONAL_RANGE);
    c.instrument.min_notional = 0;
    c.intent.side = NT_SELL;
    EXPECT_LIMIT(c, instrument.min_notional, c.intent.quantity * c.bid.price * UNIT, 1,
                 NT_REFUSAL_NOTIONAL_RANGE);
    c = entry_case();
    c.instrument.min_market_quantity = 1000;
    EXPECT_EQ(refusal(&c), NT_PASS);
}

TEST(gate, a_missing_reference_refuses) {
    for (int i = 0; i < 6; i++) {
        gate_case entry = entry_case(), exit = exit_case(), market = exit_case();
        market.intent.type = NT_MARKET;
        gate_case *const cases[] = {&entry, &exit, &market};
        for (int j = 0; j < 3; j++) {
            gate_case *c = cases[j];
            if (i == 0) c->bid.quantity = 0;
            if (i == 1) c->ask.quantity = 0;
            if (i == 2) c->bid.price = c->ask.price;
            if (i == 3) c->bid.price = c->ask.price + 1;
            if (i == 4) c->bid.price = 0;
            if (i == 5) c->book_valid = false;
            // A market order has a touch and no price.
            const nt_refusal expected = i < 5 || j == 0 ? NT_REFUSAL_NO_REFERENCE
                                        : j == 1        ? NT_PASS
                                                        : NT_REFUSAL_COLLAR;
            EXPECT_EQ(refusal(c), expected);
        }
    }
}

TEST(gate, old_references_refuse_new_risk_only) {
    gate_case c = entry_case();
    const int64_t oldest = c.now_ns - c.limits.max_age_ns;
    EXPECT_LIMIT(c, reference_received_ns, oldest, -1, NT_REFUSAL_STALE);
    c.reference_received_ns = INT64_MIN;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_STALE);
    c = entry_case();
    EXPECT_LIMIT(c, reference_venue_age_ns, c.limits.max_age_ns, 1, NT_REFUSAL_STALE);
    c.reference_venue_age_ns = -1;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c = exit_case();
    c.reference_received_ns = c.now_ns - c.limits.max_age_ns - 1;
    c.reference_venue_age_ns = INT64_MAX;
    EXPECT_EQ(refusal(&c), NT_PASS);
}

TEST(gate, a_touch_that_is_older_than_the_emergency_allows_is_no_reference) {
    gate_case c = exit_case();
    const int64_t oldest = c.now_ns - c.limits.emergency_max_age_ms * INT64_C(1000000);
    EXPECT_LIMIT(c, reference_received_ns, oldest, -1, NT_REFUSAL_NO_REFERENCE);
    c.reference_received_ns = INT64_MIN;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_REFERENCE);
}

TEST(gate, what_only_reduces_is_within_a_price) {
    gate_case c = exit_case();
    c.intent.type = NT_MARKET;
    c.intent.price = 0;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_COLLAR);
    EXPECT_EQ(judge(&c).value, 0);
    EXPECT_EQ(judge(&c).limit, 950);
    c.intent.side = NT_BUY; // New risk, on a touch that is fresh.
    EXPECT_EQ(refusal(&c), NT_PASS);
    c.position.lots = -100;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_COLLAR);
    EXPECT_EQ(judge(&c).limit, 1051);
}

TEST(gate, the_collar_holds_on_the_aggressive_side) {
    gate_case c = entry_case(); // Bid 1000, ask 1001, collar 1 %, emergency collar 5 %.
    EXPECT_LIMIT(c, intent.price, 1011, 1, NT_REFUSAL_COLLAR);
    EXPECT_EQ(judge(&c).limit, 1011);
    c.ask.price = 1100; // 1 % more is a whole number of ticks.
    EXPECT_LIMIT(c, intent.price, 1111, 1, NT_REFUSAL_COLLAR);
    c.intent.price = 1;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c.intent.side = NT_SELL;
    EXPECT_LIMIT(c, intent.price, 990, -1, NT_REFUSAL_COLLAR);
    EXPECT_EQ(judge(&c).limit, 990);
    c = exit_case();
    EXPECT_LIMIT(c, intent.price, 950, -1, NT_REFUSAL_COLLAR);
    c.intent.type = NT_STOP_LIMIT;
    c.intent.stop_price = 500;
    EXPECT_LIMIT(c, intent.price, 475, -1, NT_REFUSAL_COLLAR);
    c.intent.type = NT_STOP_MARKET;
    EXPECT_EQ(refusal(&c), NT_PASS);
}

TEST(gate, own_limits_on_one_order_hold) {
    gate_case c = entry_case();
    EXPECT_LIMIT(c, limits.max_order_lots, c.intent.quantity, -1, NT_REFUSAL_ORDER_SIZE);
    c = entry_case();
    EXPECT_LIMIT(c, limits.max_order_value, c.intent.quantity * c.intent.price * UNIT, -1,
                 NT_REFUSAL_ORDER_VALUE);
    c = exit_case();
    c.limits.max_order_lots = c.limits.max_order_value = 1;
    EXPECT_EQ(refusal(&c), NT_PASS);
}

TEST(gate, reduce_only_never_opens) {
    gate_case c = exit_case(); // Long 100; sells 20.
    c.intent.flags = NT_INTENT_REDUCE_ONLY;
    c.exposure.open_sell = 30;
    EXPECT_LIMIT(c, intent.quantity, 70, 1, NT_REFUSAL_NOT_REDUCING);
    EXPECT_EQ(judge(&c).value, 101);
    EXPECT_EQ(judge(&c).limit, 100);
    c.intent.side = NT_BUY;
    c.intent.quantity = 1;
    c.exposure.open_sell = 0;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NOT_REDUCING);
    c.position.lots = -1;
    c.intent.price = 1001;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c.position.lots = 0;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NOT_REDUCING);
}

TEST(gate, the_worst_position_is_limited_on_both_sides) {
    gate_case c = entry_case(); // Buys 20 of at most 1000.
    c.exposure.open_buy = 500;
    EXPECT_LIMIT(c, position.lots, 480, 1, NT_REFUSAL_POSITION);
    EXPECT_EQ(judge(&c).value, 1001);
    c.position.lots = 0;
    c.exposure.open_buy = 0;
    EXPECT_LIMIT(c, exposure.open_sell, 1000, 1, NT_REFUSAL_POSITION);
    c = entry_case();
    c.intent.side = NT_SELL;
    c.exposure.open_sell = 500;
    EXPECT_LIMIT(c, position.lots, -480, -1, NT_REFUSAL_POSITION);
    c = entry_case();
    c.exposure.open_buy = INT64_MAX;
    c.position.lots = INT64_MAX;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_POSITION);
    c.limits.max_position_lots = c.account.max_gross_value = INT64_MAX;
    c.exposure.open_buy = 0;
    c.position.lots = INT64_MAX - 20;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_OVERFLOW);
}

TEST(gate, the_accounts_limits_hold) {
    gate_case c = entry_case();
    // Worst case of the instrument: 20 lots at the ask.
    const int64_t worst = 20 * c.ask.price * UNIT, value = 20 * c.intent.price * UNIT;
    EXPECT_LIMIT(c, gross_value, c.account.max_gross_value - worst, 1, NT_REFUSAL_GROSS);
    c = entry_case();
    EXPECT_LIMIT(c, open_value, c.account.max_open_value - value, 1, NT_REFUSAL_OPEN_VALUE);
    c.open_value = INT64_MAX;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_OPEN_VALUE);
    c = entry_case();
    EXPECT_LIMIT(c, open_orders, c.account.max_open_orders - 1, 1, NT_REFUSAL_OPEN_COUNT);
    c = entry_case();
    EXPECT_LIMIT(c, day_profit, -c.account.max_daily_loss, -1, NT_REFUSAL_DAILY_LOSS);
    c.day_profit = INT64_MIN;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_DAILY_LOSS);
    c = exit_case();
    c.day_profit = INT64_MIN;
    c.open_orders = UINT32_MAX;
    c.gross_value = c.open_value = INT64_MAX;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c = entry_case();
    c.intent.price = 1010; // Above the ask: the worst case is valued at it.
    EXPECT_LIMIT(c, gross_value, c.account.max_gross_value - 20 * 1010 * UNIT, 1, NT_REFUSAL_GROSS);
}

TEST(gate, our_own_orders_are_not_met) {
    gate_case c = entry_case(); // Buys at 1000.
    EXPECT_LIMIT(c, exposure.best_sell, 1001, -1, NT_REFUSAL_SELF_CROSS);
    c.exposure.best_sell = 5000;
    c.intent.type = NT_MARKET;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_SELF_CROSS);
    c.intent.type = NT_STOP_MARKET;
    c.intent.stop_price = 1005;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c = exit_case(); // Sells at 1000.
    EXPECT_LIMIT(c, exposure.best_buy, 999, 1, NT_REFUSAL_SELF_CROSS);
    c.position.lots = 0; // A market order is new risk here: what only reduces has a price.
    c.intent.type = NT_MARKET;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_SELF_CROSS);
}

TEST(gate, an_unknown_order_blocks_new_risk) {
    gate_case c = entry_case();
    c.exposure.unknown = 1;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_UNKNOWN_PENDING);
    c = exit_case();
    c.exposure.unknown = 1;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c.exposure.open_sell = 81; // The unknown one may be an exit.
    EXPECT_EQ(refusal(&c), NT_REFUSAL_UNKNOWN_PENDING);
}

TEST(gate, sells_no_more_than_it_has_where_shorting_is_not_allowed) {
    gate_case c = entry_case();
    c.intent.side = NT_SELL;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c.limits.allow_short = false;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_INVENTORY);
    c = exit_case();
    c.limits.allow_short = false;
    c.intent.quantity = 100;
    EXPECT_EQ(refusal(&c), NT_PASS);
    c.position.base_fees = 1; // A fee in the base asset took a part of a lot.
    EXPECT_EQ(refusal(&c), NT_REFUSAL_NO_INVENTORY);
    EXPECT_EQ(judge(&c).limit, 99);
}

TEST(gate, numbers_that_do_not_fit_refuse) {
    gate_case c = entry_case();
    c.intent.price = INT64_MAX;
    c.intent.quantity = INT64_MAX;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_OVERFLOW);
    c.intent.quantity = 1;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_OVERFLOW);
    c.intent.price = 1;
    c.intent.quantity = INT64_MAX;
    EXPECT_EQ(refusal(&c), NT_REFUSAL_OVERFLOW);
}

TEST(gate, every_refusal_has_a_name_and_a_help) {
    for (nt_refusal i = 0; i < NT_REFUSAL_COUNT; i++) {
        EXPECT(nt_refusal_name(i) != NULL && nt_refusal_help(i) != NULL);
        const size_t length = strlen(nt_refusal_help(i));
        EXPECT(length > 10 && nt_refusal_help(i)[length - 1] == '.');
        for (nt_refusal j = 0; j < i; j++) {
            EXPECT(strcmp(nt_refusal_name(i), nt_refusal_name(j)) != 0);
        }
    }
    EXPECT_TEXT(nt_refusal_name(NT_REFUSAL_DAILY_LOSS), "daily loss");
    EXPECT_TEXT(nt_refusal_name(NT_REFUSAL_COUNT), "?");
}

// ---- Windows

/// Judges `intent` in the situation of `c` with a gate that has a past.
static nt_refusal with(const nt_gate *gate, const gate_case *c, int64_t now_ns) {
    gate_case now = *c;
    now.reference_received_ns = now_ns;
    const nt_gate_view view = view_of(&now);
    return nt_gate_check(gate, &view, &now.intent, now_ns).refusal;
}

TEST(gate, the_rate_window_slides_exactly) {
    gate_case c = entry_case();
    c.account.max_orders_per_window = 3;
    c.account.order_window_ns = 1000;
    nt_gate *gate = gate_of(&c);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(with(gate, &c, 5000 + i), NT_PASS);
        nt_intent other = c.intent;
        other.price -= i + 1;
        nt_gate_commit(gate, &other, 1, 5000 + i);
    }
    EXPECT_EQ(with(gate, &c, 5003), NT_REFUSAL_RATE);
    EXPECT_EQ(with(gate, &c, 5999), NT_REFUSAL_RATE);
    EXPECT_EQ(with(gate, &c, 6000), NT_PASS);
    gate_case exit = exit_case();
    EXPECT_EQ(with(gate, &exit, 5003), NT_PASS);
    nt_gate_commit(gate, &c.intent, 1, 6000);
    EXPECT_EQ(with(gate, &c, 6000), NT_REFUSAL_RATE);
    nt_intent cancel = {.kind = NT_INTENT_CANCEL};
    nt_gate_commit(gate, &cancel, 1, 6100); // Cancels are not orders.
    c.intent.price--;
    EXPECT_EQ(with(gate, &c, 6001), NT_PASS);
    nt_gate_destroy(gate);
}

TEST(gate, time_that_runs_backwards_frees_no_room) {
    gate_case c = entry_case();
    c.account.max_orders_per_window = 3;
    c.account.order_window_ns = 1000;
    nt_gate *gate = gate_of(&c);
    nt_gate_commit(gate, &c.intent, 1, 5000);
    nt_gate_commit(gate, &c.intent, 1, 4000); // Counts as 5000, as does the next.
    nt_gate_commit(gate, &c.intent, 1, 4500);
    EXPECT_EQ(with(gate, &c, 5999), NT_REFUSAL_RATE);
    EXPECT_EQ(with(gate, &c, 6000), NT_PASS);
    nt_gate_destroy(gate);
}

TEST(gate, a_rate_beyond_its_memory_refuses) {
    gate_case c = entry_case();
    c.account.max_orders_per_window = UINT32_MAX;
    c.account.order_window_ns = INT64_MAX;
    c.account.budget_weight = INT64_MAX;
    nt_gate *gate = gate_of(&c);
    for (int i = 0; i < 8192; i++) nt_gate_commit(gate, &c.intent, 0, 10);
    c.intent.price--;
    EXPECT_EQ(with(gate, &c, 1000000000), NT_PASS);
    nt_gate_commit(gate, &c.intent, 0, 10);
    c.intent.price--;
    EXPECT_EQ(with(gate, &c, 1000000000), NT_REFUSAL_RATE);
    nt_gate_destroy(gate);
}

TEST(gate, the_budget_keeps_a_reserve_for_exits) {
    gate_case c = entry_case(), exit = exit_case();
    c.account.budget_weight = 100;
    c.account.budget_reserve = 20;
    c.account.budget_window_ns = 1000;
    c.weight = exit.weight = 10;
    exit.account = c.account;
    nt_gate *gate = gate_of(&c);
    nt_intent cancel = {.kind = NT_INTENT_CANCEL};
    nt_gate_commit(gate, &cancel, 70, 5000);
    EXPECT_EQ(with(gate, &c, 5001), NT_PASS);
    nt_gate_commit(gate, &cancel, 1, 5001);
    EXPECT_EQ(with(gate, &c, 5001), NT_REFUSAL_VENUE_BUDGET);
    EXPECT_EQ(with(gate, &exit, 5001), NT_PASS);
    nt_gate_commit(gate, &cancel, 19, 5002);
    EXPECT_EQ(with(gate, &exit, 5002), NT_PASS);
    nt_gate_commit(gate, &cancel, 1, 5003);
    EXPECT_EQ(with(gate, &exit, 5003), NT_REFUSAL_VENUE_BUDGET);
    EXPECT_EQ(with(gate, &exit, 6000), NT_PASS);
    gate_case free = cancel_case();
    EXPECT_EQ(with(gate, &free, 5003), NT_PASS);
    nt_gate_destroy(gate);
}

TEST(gate, what_the_venue_counts_is_believed) {
    gate_case c = entry_case();
    c.account.budget_weight = 100;
    c.account.budget_reserve = 20;
    c.account.budget_window_ns = 1000;
    nt_gate *gate = gate_of(&c);
    nt_gate_usage_at(gate, 79, 0, 5000);
    EXPECT_EQ(with(gate, &c, 5000), NT_PASS);
    nt_gate_usage_at(gate, 80, 0, 5000);
    EXPECT_EQ(with(gate, &c, 5999), NT_REFUSAL_VENUE_BUDGET);
    EXPECT_EQ(with(gate, &c, 6000), NT_PASS);
    nt_gate_usage_at(gate, 70, 0, 6000);
    nt_intent cancel = {.kind = NT_INTENT_CANCEL};
    nt_gate_commit(gate, &cancel, 9, 6001);
    EXPECT_EQ(with(gate, &c, 6001), NT_PASS);
    nt_gate_commit(gate, &cancel, 1, 6002);
    EXPECT_EQ(with(gate, &c, 6002), NT_REFUSAL_VENUE_BUDGET);
    // Told without a time: it holds until something dates it, and then for one window.
    nt_gate_usage(gate, 80, 0);
    EXPECT_EQ(with(gate, &c, 99000), NT_REFUSAL_VENUE_BUDGET);
    nt_gate_commit(gate, &cancel, 1, 100000);
    EXPECT_EQ(with(gate, &c, 100998), NT_REFUSAL_VENUE_BUDGET);
    EXPECT_EQ(with(gate, &c, 100999), NT_PASS);
    nt_gate_destroy(gate);
}

TEST(gate, not_before_stops_everything) {
    gate_case c[4] = {entry_case(), exit_case(), amend_case(), cancel_case()};
    nt_gate *gate = gate_of(&c[0]);
    nt_gate_usage_at(gate, 0, 9000, 5000);
    nt_gate_usage_at(gate, 0, 0, 5001); // Silence about it lifts nothing.
    for (int i = 0; i < 4; i++) {
        EXPECT_EQ(with(gate, &c[i], 8999), NT_REFUSAL_VENUE_BUDGET);
        EXPECT_EQ(with(gate, &c[i], 9000), NT_PASS);
    }
    nt_gate_destroy(gate);
}

TEST(gate, the_same_order_twice_in_a_short_time_is_refused) {
    for (int i = 0; i < 2; i++) {
        gate_case c = i == 0 ? entry_case() : exit_case();
        c.account.duplicate_window_ns = 1000;
        nt_gate *gate = gate_of(&c);
        nt_gate_commit(gate, &c.intent, 1, 5000);
        EXPECT_EQ(with(gate, &c, 5999), NT_REFUSAL_DUPLICATE);
        EXPECT_EQ(with(gate, &c, 6000), NT_PASS);
        gate_case other = c;
        other.intent.quantity++;
        EXPECT_EQ(with(gate, &other, 5001), NT_PASS);
        other = c;
        other.intent.price++;
        EXPECT_EQ(with(gate, &other, 5001), NT_PASS);
        for (int k = 0; k < 63; k++) nt_gate_commit(gate, &other.intent, 0, 5002);
        EXPECT_EQ(with(gate, &c, 5003), NT_REFUSAL_DUPLICATE);
        nt_gate_commit(gate, &other.intent, 0, 5002);
        EXPECT_EQ(with(gate, &c, 5003), NT_PASS); // Only 64 are remembered.
        nt_gate_destroy(gate);
    }
}

TEST(gate, what_was_booked_does_not_stand_in_its_own_way) {
    gate_case c = entry_case();
    c.account.duplicate_window_ns = 1000;
    c.account.max_orders_per_window = 1;
    c.account.budget_weight = 11;
    c.account.budget_reserve = 10;
    nt_gate *gate = gate_of(&c);
    EXPECT_EQ(with(gate, &c, 5000), NT_PASS);
    nt_gate_commit(gate, &c.intent, 1, 5000);
    EXPECT_EQ(with(gate, &c, 5001), NT_REFUSAL_RATE);
    c.booked = true;
    EXPECT_EQ(with(gate, &c, 5001), NT_PASS);
    nt_gate_commit(gate, &c.intent, 1, 5001); // Another one, and all is as full as it says.
    EXPECT_EQ(with(gate, &c, 5002), NT_REFUSAL_RATE);
    c.book_valid = false;
    EXPECT_EQ(with(gate, &c, 5002), NT_REFUSAL_NO_REFERENCE);
    nt_gate_destroy(gate);
}

TEST(gate, too_many_rejections_ask_for_reducing) {
    gate_case c = entry_case();
    c.account.max_rejects_per_window = 2;
    c.account.reject_window_ns = 1000;
    nt_gate *gate = gate_of(&c);
    EXPECT(!nt_gate_count_reject(gate, 5000));
    EXPECT(!nt_gate_count_reject(gate, 5500));
    EXPECT(!nt_gate_count_reject(gate, 6000)); // The first one is a window old.
    EXPECT(nt_gate_count_reject(gate, 6001));
    nt_gate_set_state(gate, NT_NO_INSTRUMENT, NT_TRADING_REDUCING);
    EXPECT(!nt_gate_count_reject(gate, 6002));
    c.account.max_rejects_per_window = 0;
    nt_gate_set_account(gate, &c.account);
    nt_gate_set_state(gate, NT_NO_INSTRUMENT, NT_TRADING_ACTIVE);
    EXPECT(nt_gate_count_reject(gate, 99000));
    c.account.max_rejects_per_window = 2;
    c.account.reject_window_ns = 0;
    nt_gate_set_account(gate, &c.account);
    EXPECT(nt_gate_count_reject(gate, 199000));
    nt_gate_destroy(gate);
}

TEST(gate, hash_tells_every_part) {
    gate_case c = entry_case();
    nt_gate *gate = gate_of(&c);
    uint64_t seen[8];
    seen[0] = nt_gate_hash(gate);
    EXPECT(seen[0] == nt_gate_hash(gate));
    nt_gate_commit(gate, &c.intent, 1, 10);
    seen[1] = nt_gate_hash(gate);
    nt_gate_set_state(gate, 1, NT_TRADING_HALTED);
    seen[2] = nt_gate_hash(gate);
    nt_gate_usage_at(gate, 5, 0, 20);
    seen[3] = nt_gate_hash(gate);
    nt_gate_count_reject(gate, 30);
    seen[4] = nt_gate_hash(gate);
    c.limits.allow_short = !c.limits.allow_short;
    nt_gate_set_instrument(gate, 0, &c.limits);
    seen[5] = nt_gate_hash(gate);
    c.account.max_open_orders++;
    nt_gate_set_account(gate, &c.account);
    seen[6] = nt_gate_hash(gate);
    for (int i = 0; i < 7; i++) {
        for (int j = 0; j < i; j++) EXPECT(seen[i] != seen[j]);
    }
    EXPECT_EQ(nt_gate_account(gate).max_open_orders, c.account.max_open_orders);
    EXPECT_EQ(nt_gate_instrument(gate, 0).allow_short, c.limits.allow_short);
    EXPECT_EQ(nt_gate_instrument(gate, 9).max_order_lots, 0);
    nt_gate_destroy(gate);
}
