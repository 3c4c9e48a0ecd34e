// gate_cases.h — a situation before the gate as one plain value, bent by the tests.
#ifndef NT_TESTS_GATE_CASES_H
#define NT_TESTS_GATE_CASES_H

#include <stdlib.h>

#include "nt/gate.h"

/// Everything that nt_gate_view borrows lies in here. Two instruments; slot 0 is traded.
typedef struct gate_case {
    nt_instrument instrument;
    nt_position position;
    nt_order target;
    bool no_instrument, no_position, no_target;
    nt_exposure exposure;
    nt_level bid, ask;
    bool book_valid, connected;
    int64_t reference_received_ns, reference_venue_age_ns;
    nt_money gross_value, open_value;
    uint32_t open_orders;
    nt_money day_profit;
    uint32_t weight;
    bool booked;
    nt_intent intent;
    int64_t now_ns;
    nt_account_limits account;
    nt_instrument_limits limits;
    nt_trading_state account_state, state;
} gate_case;

enum { UNIT = 1000 }; // Money of 1 tick × 1 lot of the instrument below.

/// Buys 20 lots at 1000 with the touch at 1000 and 1001, far from every limit.
static inline gate_case entry_case(void) {
    return (gate_case){
        .instrument = {.symbol = "AAABBB",
                       .base = "AAA",
                       .quote = "BBB",
                       .price_decimals = 2,
                       .quantity_decimals = 3,
                       .tick_units = 1,
                       .lot_units = 1},
        .bid = {1000, 5},
        .ask = {1001, 5},
        .book_valid = true,
        .connected = true,
        .now_ns = 1000000000,
        .reference_received_ns = 1000000000,
        .weight = 1,
        .intent = {.price = 1000, .quantity = 20},
        .account = {.max_gross_value = 10000000 * INT64_C(1000),
                    .max_open_value = 10000000 * INT64_C(1000),
                    .max_daily_loss = 1000000,
                    .max_open_orders = 10,
                    .max_orders_per_window = 100,
                    .order_window_ns = 1000,
                    .max_rejects_per_window = 20,
                    .reject_window_ns = 1000,
                    .budget_weight = 1000,
                    .budget_reserve = 100,
                    .budget_window_ns = 1000},
        .limits = {.max_order_lots = INT64_MAX,
                   .max_order_value = INT64_MAX,
                   .max_position_lots = 1000,
                   .collar_ppm = 10000,
                   .emergency_collar_ppm = 50000,
                   .emergency_max_age_ms = 600000,
                   .max_age_ns = 500000000,
                   .allow_short = true},
    };
}

/// Long 100; sells 20 at 1000.
static inline gate_case exit_case(void) {
    gate_case c = entry_case();
    c.position.lots = 100;
    c.intent.side = NT_SELL;
    return c;
}

/// Cancels an open order of 40 lots at 1000, 10 of them filled.
static inline gate_case cancel_case(void) {
    gate_case c = entry_case();
    c.intent = (nt_intent){.order = 77, .kind = NT_INTENT_CANCEL};
    c.target = (nt_order){.intent = {.order = 77, .price = 1000, .quantity = 40},
                          .cumulative = 10,
                          .state = NT_ORDER_PARTIAL};
    return c;
}

/// Lowers the same order to 30.
static inline gate_case amend_case(void) {
    gate_case c = cancel_case();
    c.intent.kind = NT_INTENT_AMEND;
    c.intent.quantity = 30;
    return c;
}

static inline nt_gate_view view_of(const gate_case *c) {
    return (nt_gate_view){.instrument = c->no_instrument ? NULL : &c->instrument,
                          .position = c->no_position ? NULL : &c->position,
                          .target = c->no_target ? NULL : &c->target,
                          .exposure = c->exposure,
                          .bid = c->bid,
                          .ask = c->ask,
                          .book_valid = c->book_valid,
                          .connected = c->connected,
                          .reference_received_ns = c->reference_received_ns,
                          .reference_venue_age_ns = c->reference_venue_age_ns,
                          .gross_value = c->gross_value,
                          .open_value = c->open_value,
                          .open_orders = c->open_orders,
                          .day_profit = c->day_profit,
                          .weight = c->weight,
                          .booked = c->booked};
}

/// A gate for two instruments without a past, set as the case says.
static inline nt_gate *gate_of(const gate_case *c) {
    nt_gate *gate = NULL;
    if (nt_gate_create(2, &gate) != NT_OK) abort();
    nt_gate_set_account(gate, &c->account);
    nt_gate_set_instrument(gate, 0, &c->limits);
    nt_gate_set_instrument(gate, 1, &c->limits);
    nt_gate_set_state(gate, NT_NO_INSTRUMENT, c->account_state);
    nt_gate_set_state(gate, 0, c->state);
    return gate;
}

#endif
