// gate.c — limits, states and windows of the gate: everything that changes.
//
// Judging is in check.c and changes nothing. What was approved is booked here, at once, so that
// the next intent of the same event already meets it.
#include <stdlib.h>

#include "../order/fold.h"
#include "gate_inside.h"

nt_status nt_gate_create(uint32_t instrument_count, nt_gate **out) {
    if (instrument_count > NT_MAX_INSTRUMENTS) {
        return nt_fail(NT_INVALID, "gate for %u instruments", instrument_count);
    }
    nt_gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) return NT_NO_MEMORY;
    gate->instrument_count = instrument_count;
    // Written once, so that no page is first touched on the lane.
    for (uint32_t i = 0; i < NT_WINDOW_CAPACITY; i++) {
        gate->orders.time_ns[i] = gate->orders.before[i] = INT64_MIN;
        gate->weights.time_ns[i] = gate->weights.before[i] = INT64_MIN;
        gate->rejects.time_ns[i] = gate->rejects.before[i] = INT64_MIN;
    }
    gate->told_ns = NT_GATE_NOT_DATED;
    *out = gate;
    return NT_OK;
}

void nt_gate_destroy(nt_gate *gate) { free(gate); }

void nt_gate_set_account(nt_gate *gate, const nt_account_limits *limits) {
    gate->account = *limits;
}

void nt_gate_set_instrument(nt_gate *gate, nt_instrument_id instrument,
                            const nt_instrument_limits *limits) {
    if (instrument < gate->instrument_count) gate->instruments[instrument] = *limits;
}

nt_account_limits nt_gate_account(const nt_gate *gate) { return gate->account; }

nt_instrument_limits nt_gate_instrument(const nt_gate *gate, nt_instrument_id instrument) {
    if (instrument >= gate->instrument_count) return (nt_instrument_limits){0};
    return gate->instruments[instrument];
}

/// Where the state of a scope lies; NULL: there is no such scope.
static nt_trading_state *state_of(nt_gate *gate, uint32_t scope) {
    const uint32_t strategy = scope - NT_STRATEGY_SCOPE(0);
    if (scope == NT_NO_INSTRUMENT) return &gate->account_state;
    if (scope < gate->instrument_count) return &gate->states[scope];
    return strategy < NT_MAX_STRATEGIES ? &gate->strategies[strategy] : NULL;
}

void nt_gate_set_state(nt_gate *gate, uint32_t scope, nt_trading_state state) {
    nt_trading_state *place = state_of(gate, scope);
    if (place != NULL) *place = state > NT_TRADING_HALTED ? NT_TRADING_HALTED : state;
}

nt_trading_state nt_gate_state(const nt_gate *gate, uint32_t scope) {
    const nt_trading_state *place = state_of((nt_gate *)gate, scope); // Read only.
    return place == NULL ? NT_TRADING_HALTED : *place;
}

void nt_gate_set_hold(nt_gate *gate, nt_instrument_id instrument, nt_trading_state state) {
    if (state > NT_TRADING_HALTED) state = NT_TRADING_HALTED;
    if (instrument == NT_NO_INSTRUMENT)
        gate->account_hold = state;
    else if (instrument < gate->instrument_count)
        gate->holds[instrument] = state;
}

static nt_trading_state worse(nt_trading_state a, nt_trading_state b) { return a > b ? a : b; }

nt_trading_state nt_gate_in_force(const nt_gate *gate, uint32_t scope) {
    const nt_trading_state account = worse(gate->account_state, gate->account_hold);
    if (scope == NT_NO_INSTRUMENT) return account;
    const nt_trading_state own = worse(account, nt_gate_state(gate, scope));
    return scope < gate->instrument_count ? worse(own, gate->holds[scope]) : own;
}

nt_trading_state nt_gate_meets(const nt_gate *gate, const nt_intent *intent) {
    const nt_trading_state state = nt_gate_in_force(gate, intent->instrument);
    // The operator's own orders are of no strategy.
    if (intent->strategy == NT_OPERATOR) return state;
    return worse(state, nt_gate_state(gate, NT_STRATEGY_SCOPE(intent->strategy)));
}

/// Dates the venue's count when it was told without a time: just before what is booked now.
static void date_usage(nt_gate *gate, int64_t now_ns) {
    if (gate->told_ns == NT_GATE_NOT_DATED && now_ns > INT64_MIN + 1) gate->told_ns = now_ns - 1;
}

void nt_gate_commit(nt_gate *gate, const nt_intent *intent, uint32_t weight, int64_t now_ns) {
    date_usage(gate, now_ns);
    nt_window_add(&gate->weights, weight, now_ns);
    if (intent->kind != NT_INTENT_PLACE) return;
    nt_window_add(&gate->orders, 1, now_ns);
    gate->echoes[gate->next_echo] = (nt_echo){.time_ns = now_ns,
                                              .price = intent->price,
                                              .stop_price = intent->stop_price,
                                              .quantity = intent->quantity,
                                              .instrument = intent->instrument,
                                              .side = intent->side,
                                              .type = intent->type};
    gate->next_echo = (gate->next_echo + 1) % NT_GATE_ECHOES;
}

bool nt_gate_count_reject(nt_gate *gate, int64_t now_ns) {
    date_usage(gate, now_ns);
    nt_window_add(&gate->rejects, 1, now_ns);
    if (gate->account_state != NT_TRADING_ACTIVE) return false;
    const nt_account_limits *limits = &gate->account;
    // Unset limits refuse: the first rejection is one too many.
    if (limits->max_rejects_per_window == 0 || limits->reject_window_ns <= 0) return true;
    return nt_window_sum(&gate->rejects, limits->reject_window_ns, now_ns) >
           limits->max_rejects_per_window;
}

void nt_gate_usage_at(nt_gate *gate, int64_t used_weight, int64_t retry_after_ns, int64_t now_ns) {
    gate->told_weight = used_weight > 0 ? used_weight : 0;
    gate->told_ns = now_ns;
    // A ban told on one connection is not lifted by silence about it on another.
    if (retry_after_ns > gate->retry_after_ns) gate->retry_after_ns = retry_after_ns;
}

void nt_gate_usage(nt_gate *gate, int64_t used_weight, int64_t retry_after_ns) {
    nt_gate_usage_at(gate, used_weight, retry_after_ns, NT_GATE_NOT_DATED);
}

static uint64_t fold_account(uint64_t hash, const nt_account_limits *limits) {
    const int64_t fields[] = {
        limits->max_gross_value,     limits->max_open_value,         limits->max_daily_loss,
        limits->max_open_orders,     limits->max_orders_per_window,  limits->order_window_ns,
        limits->duplicate_window_ns, limits->max_rejects_per_window, limits->reject_window_ns,
        limits->budget_weight,       limits->budget_reserve,         limits->budget_window_ns,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) hash = nt_fold(hash, fields[i]);
    return hash;
}

static uint64_t fold_instrument(uint64_t hash, const nt_instrument_limits *limits) {
    const int64_t fields[] = {
        limits->max_order_lots, limits->max_order_value,      limits->max_position_lots,
        limits->collar_ppm,     limits->emergency_collar_ppm, limits->max_age_ns,
        limits->allow_short,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) hash = nt_fold(hash, fields[i]);
    // Not where it is not set, so that journals from before it existed keep their hashes.
    const int64_t age = limits->emergency_max_age_ms;
    return age == 0 ? hash : nt_fold(hash, age);
}

static uint64_t fold_window(uint64_t hash, const nt_window *window) {
    uint64_t first = 0;
    if (window->count > NT_WINDOW_CAPACITY) first = window->count - NT_WINDOW_CAPACITY;
    hash = nt_fold(nt_fold(hash, (int64_t)window->count), window->total);
    for (uint64_t i = first; i < window->count; i++) {
        hash = nt_fold(hash, window->time_ns[i % NT_WINDOW_CAPACITY]);
        hash = nt_fold(hash, window->before[i % NT_WINDOW_CAPACITY]);
    }
    return hash;
}

static uint64_t fold_echo(uint64_t hash, const nt_echo *echo) {
    const int64_t fields[] = {
        echo->time_ns,    echo->price, echo->stop_price, echo->quantity,
        echo->instrument, echo->side,  echo->type,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) hash = nt_fold(hash, fields[i]);
    return hash;
}

uint64_t nt_gate_hash(const nt_gate *gate) {
    uint64_t hash = fold_account(NT_FOLD_START, &gate->account);
    hash = nt_fold(hash, gate->account_state);
    for (uint32_t i = 0; i < gate->instrument_count; i++) {
        hash = fold_instrument(nt_fold(hash, gate->states[i]), &gate->instruments[i]);
    }
    // Alone when it says something, so that journals without them keep their hash.
    for (uint32_t i = 0; i < NT_MAX_STRATEGIES; i++)
        if (gate->strategies[i] != NT_TRADING_ACTIVE)
            hash = nt_fold(nt_fold(hash, i), gate->strategies[i]);
    for (uint32_t i = 0; i < NT_GATE_ECHOES; i++) hash = fold_echo(hash, &gate->echoes[i]);
    hash = nt_fold(nt_fold(hash, gate->next_echo), gate->retry_after_ns);
    hash = nt_fold(nt_fold(hash, gate->told_weight), gate->told_ns);
    hash = fold_window(hash, &gate->orders);
    hash = fold_window(hash, &gate->weights);
    return fold_window(hash, &gate->rejects);
}
