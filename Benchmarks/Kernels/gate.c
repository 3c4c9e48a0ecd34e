// gate.c — orders before the gate: the full table, booking what passed, and what the shared budget
// adds.
#include "subject.h"

#include "nt/budget.h"
#include "nt/gate.h"
#include "nt/random.h"

#define CASES    1024u
#define START_NS INT64_C(1000000000000)
#define STEP_NS  INT64_C(10000000) ///< Between two orders: a window of a minute holds them all.
#define TOUCH    INT64_C(1000000)
#define FIT      UINT64_C(16) ///< One in so many is refused.
#define TURNS    16u          ///< Through all cases, for the hash.

typedef struct gate_subject {
    bk_subject subject;
    nt_gate *gate;
    nt_budget *budget; ///< NULL = none.
    bool commits, takes;
    uint32_t next;
    int64_t now_ns;
    nt_instrument instrument;
    nt_position position;
    nt_gate_view view;
    nt_intent intents[CASES];
} gate_subject;

static const nt_account_limits account = {.max_gross_value = 1000000 * NT_MONEY_ONE,
                                          .max_open_value = 1000000 * NT_MONEY_ONE,
                                          .max_daily_loss = 10000 * NT_MONEY_ONE,
                                          .max_open_orders = 100,
                                          .max_orders_per_window = 100000,
                                          .order_window_ns = 1000000000,
                                          .duplicate_window_ns = 100000000,
                                          .max_rejects_per_window = 20,
                                          .reject_window_ns = 60000000000,
                                          .budget_weight = 10000000,
                                          .budget_reserve = 100,
                                          .budget_window_ns = 60000000000};

static const nt_instrument_limits limits = {.max_order_lots = 1000000,
                                            .max_order_value = 100000 * NT_MONEY_ONE,
                                            .max_position_lots = 10000000,
                                            .collar_ppm = 10000,
                                            .emergency_collar_ppm = 50000,
                                            .emergency_max_age_ms = 600000,
                                            .max_age_ns = 1000000000,
                                            .allow_short = false};

/// Prices 0.01, quantities 0.00001; the touch at 10,000.00.
static void prepare_view(gate_subject *gate) {
    gate->instrument = (nt_instrument){.symbol = "BTCUSDT",
                                       .base = "BTC",
                                       .quote = "USDT",
                                       .price_decimals = 2,
                                       .quantity_decimals = 5,
                                       .tick_units = 1,
                                       .lot_units = 1,
                                       .min_price = 1,
                                       .max_price = 100000000,
                                       .min_quantity = 1,
                                       .max_quantity = 900000000,
                                       .min_notional = 5 * NT_MONEY_ONE,
                                       .max_notional = 9000000 * NT_MONEY_ONE};
    gate->position = (nt_position){.lots = 200000, .cost = 20000 * NT_MONEY_ONE, .bought = 200000};
    gate->view = (nt_gate_view){.instrument = &gate->instrument,
                                .position = &gate->position,
                                .exposure = {.open_buy = 1000,
                                             .open_sell = 1000,
                                             .best_buy = TOUCH - 500,
                                             .best_sell = TOUCH + 500,
                                             .open_value = 200 * NT_MONEY_ONE,
                                             .live = 2},
                                .bid = {TOUCH - 1, 5000},
                                .ask = {TOUCH + 1, 5000},
                                .book_valid = true,
                                .connected = true,
                                .reference_venue_age_ns = -1,
                                .gross_value = 1000 * NT_MONEY_ONE,
                                .open_value = 200 * NT_MONEY_ONE,
                                .open_orders = 2,
                                .weight = 1};
}

/// Buys and sells around the touch, one quarter of them exits; one in sixteen leaves the collar.
static nt_intent draw(nt_random *random, uint64_t number) {
    const nt_side side = (nt_side)nt_random_below(random, 2);
    const bool refused = nt_random_below(random, FIT) == 0;
    const int64_t distance = refused ? 20000 : (int64_t)nt_random_below(random, 400);
    return (nt_intent){
        .order = number + 1,
        .price = TOUCH + nt_sign(side) * distance,
        .quantity = 500 + (int64_t)nt_random_below(random, 100000),
        .tag = number,
        .kind = NT_INTENT_PLACE,
        .side = side,
        .type = NT_LIMIT,
        .tif = NT_IOC,
        .flags = side == NT_SELL && nt_random_below(random, 2) == 0 ? NT_INTENT_REDUCE_ONLY : 0};
}

/// Room for all: nothing is refused by it.
static void rewind_budget(gate_subject *gate) {
    nt_budget_close(gate->budget);
    gate->budget = NULL;
    if (!gate->takes) return;
    if (nt_budget_create(100, &gate->budget) != NT_OK) {
        gate->subject.problem = "no memory for a budget";
        return;
    }
    nt_budget_set_limit(gate->budget, NT_BUDGET_WEIGHT, INT32_MAX, 60000);
    nt_budget_set_limit(gate->budget, NT_BUDGET_ORDERS, INT32_MAX, 10000);
    nt_budget_set_limit(gate->budget, NT_BUDGET_ORDERS_DAY, INT32_MAX, 86400000);
}

/// A gate without a past.
static void rewind_gate(bk_subject *subject) {
    gate_subject *gate = (gate_subject *)subject;
    if (gate->gate != NULL) nt_gate_destroy(gate->gate);
    gate->gate = NULL;
    if (nt_gate_create(1, &gate->gate) != NT_OK) {
        subject->problem = "no memory for a gate";
        return;
    }
    nt_gate_set_account(gate->gate, &account);
    nt_gate_set_instrument(gate->gate, 0, &limits);
    nt_gate_set_state(gate->gate, NT_NO_INSTRUMENT, NT_TRADING_ACTIVE);
    nt_gate_set_state(gate->gate, 0, NT_TRADING_ACTIVE);
    rewind_budget(gate);
    gate->next = 0;
    gate->now_ns = START_NS;
}

static nt_verdict judge_next(gate_subject *gate) {
    const nt_intent *intent = &gate->intents[gate->next++ % CASES];
    gate->now_ns += STEP_NS;
    gate->view.reference_received_ns = gate->now_ns - STEP_NS;
    nt_verdict verdict = nt_gate_check(gate->gate, &gate->view, intent, gate->now_ns);
    nt_budget_refusal why;
    if (gate->budget != NULL && verdict.refusal == NT_PASS &&
        nt_budget_take(gate->budget, NT_BUDGET_ORDER, 1, 1, gate->now_ns / 1000000, &why) != NT_OK)
        verdict.refusal = NT_REFUSAL_VENUE_BUDGET;
    if (gate->commits && verdict.refusal == NT_PASS)
        nt_gate_commit(gate->gate, intent, 1, gate->now_ns);
    return verdict;
}

static uint64_t run_gate(bk_subject *subject, uint32_t count) {
    gate_subject *gate = (gate_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const nt_verdict verdict = judge_next(gate);
        sum += verdict.refusal * UINT64_C(1000) + verdict.reducing;
        sum += (uint64_t)verdict.value + (uint64_t)verdict.limit;
    }
    return sum;
}

/// Every verdict in order; and that the mix stays what it says it is, however long it goes on.
static uint64_t hash_gate(bk_subject *subject) {
    gate_subject *gate = (gate_subject *)subject;
    uint64_t hash = BK_HASH_START;
    uint32_t passed = 0;
    rewind_gate(subject);
    for (uint32_t i = 0; i < TURNS * CASES; i++) {
        const nt_verdict verdict = judge_next(gate);
        passed += verdict.refusal == NT_PASS;
        hash = bk_fold(hash, verdict.refusal);
        hash = bk_fold(hash, (uint64_t)verdict.value);
        hash = bk_fold(hash, (uint64_t)verdict.limit);
    }
    if (passed < TURNS * CASES / 10 * 9 || passed == TURNS * CASES)
        subject->problem = "the orders do not pass as they should";
    return hash;
}

static void destroy_gate(bk_subject *subject) {
    gate_subject *gate = (gate_subject *)subject;
    if (gate->gate != NULL) nt_gate_destroy(gate->gate);
    nt_budget_close(gate->budget);
}

bk_subject *bk_gate_create(uint64_t seed, bool commits, bool takes) {
    gate_subject *gate = calloc(1, sizeof *gate);
    if (gate == NULL) return NULL;
    gate->subject = (bk_subject){
        .run = run_gate, .rewind = rewind_gate, .hash = hash_gate, .destroy = destroy_gate};
    gate->commits = commits;
    gate->takes = takes;
    prepare_view(gate);
    nt_random random = nt_random_seeded(seed);
    for (uint32_t i = 0; i < CASES; i++) gate->intents[i] = draw(&random, i);
    return &gate->subject;
}
