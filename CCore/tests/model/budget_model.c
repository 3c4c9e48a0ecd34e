// budget_model.c — two or three who take from one budget: never more than the limit, whatever
// slices their clocks are in, and what was not taken is not counted.
#include <stdlib.h>

#include "model.h"
#include "nt/budget.h"

enum { LIMIT = 1, WINDOW_MS = 60000, SLICE_MS = WINDOW_MS / 6, NOW_MS = 100 * WINDOW_MS };

typedef struct {
    nt_budget *budget;
    uint32_t taken[MODEL_THREADS];
} world;

static void *start(void) {
    world *made = calloc(1, sizeof *made);
    MODEL_EXPECT(nt_budget_create(100, &made->budget) == NT_OK);
    nt_budget_set_limit(made->budget, NT_BUDGET_WEIGHT, LIMIT, WINDOW_MS);
    return made;
}

static void take(world *at, uint32_t number, int64_t wall_ms) {
    nt_budget_refusal refusal;
    // Cancels may use the whole of the limit.
    at->taken[number] +=
        nt_budget_take(at->budget, NT_BUDGET_CANCEL, 1, 0, wall_ms, &refusal) == NT_OK;
}

static void take_now(void *context) { take(context, 0, NOW_MS); }
static void take_now_too(void *context) { take(context, 1, NOW_MS); }
static void take_ahead(void *context) { take(context, 1, NOW_MS + SLICE_MS); }
static void take_behind(void *context) { take(context, 2, NOW_MS - SLICE_MS); }

/// Who saw too much gave back: both may have, at worst.
static void end(void *context) {
    const world *at = context;
    const uint32_t taken = at->taken[0] + at->taken[1] + at->taken[2];
    MODEL_EXPECT(taken <= LIMIT);
    const nt_budget_view view = nt_budget_look(at->budget, NOW_MS + SLICE_MS);
    MODEL_EXPECT(view.uses[NT_BUDGET_WEIGHT].used == taken);
    model_outcome(taken);
}

MODEL_CASE(budget, two_in_one_slice, .start = start, .threads = {take_now, take_now_too},
           .end = end, .outcomes = 0x3)
MODEL_CASE(budget, two_in_two_slices, .start = start, .threads = {take_now, take_ahead}, .end = end,
           .outcomes = 0x3)

MODEL_CASE(budget, three_in_three_slices, .start = start,
           .threads = {take_now, take_ahead, take_behind}, .end = end, .outcomes = 0x3)

// Orders count in two windows: who gets no room in the second leaves the first.

static void *start_orders(void) {
    world *made = start();
    nt_budget_set_limit(made->budget, NT_BUDGET_ORDERS, 2 * LIMIT, WINDOW_MS);
    nt_budget_set_limit(made->budget, NT_BUDGET_ORDERS_DAY, LIMIT, WINDOW_MS);
    return made;
}
static void order(void *context) {
    world *at = context;
    nt_budget_refusal refusal;
    at->taken[0] += nt_budget_take(at->budget, NT_BUDGET_CANCEL, 0, 1, NOW_MS, &refusal) == NT_OK;
}
static void order_and_give_back(void *context) {
    world *at = context;
    nt_budget_refusal refusal;
    if (nt_budget_take(at->budget, NT_BUDGET_CANCEL, 0, 1, NOW_MS, &refusal) == NT_OK)
        nt_budget_give_back(at->budget, 0, 1, NOW_MS);
}
static void end_orders(void *context) {
    const world *at = context;
    const nt_budget_view view = nt_budget_look(at->budget, NOW_MS);
    MODEL_EXPECT(view.uses[NT_BUDGET_ORDERS].used == at->taken[0]);
    MODEL_EXPECT(view.uses[NT_BUDGET_ORDERS_DAY].used == at->taken[0]);
    model_outcome(at->taken[0]);
}

MODEL_CASE(budget, orders_in_two_windows, .start = start_orders,
           .threads = {order, order_and_give_back}, .end = end_orders, .outcomes = 0x3)

// A silence is never shortened.

static void block_short(void *context) {
    const world *at = context;
    nt_budget_block(at->budget, NOW_MS + 1000, false, NOW_MS);
}
static void block_long(void *context) {
    const world *at = context;
    nt_budget_block(at->budget, NOW_MS + 2000, true, NOW_MS);
    MODEL_EXPECT(nt_budget_blocked_until(at->budget, NOW_MS) == NOW_MS + 2000);
}
static void look(void *context) {
    const world *at = context;
    const int64_t first = nt_budget_blocked_until(at->budget, NOW_MS);
    const int64_t second = nt_budget_blocked_until(at->budget, NOW_MS);
    MODEL_EXPECT(second >= first);
    model_outcome(second == 0 ? 0 : (uint32_t)(second - NOW_MS) / 1000);
}
static void end_blocked(void *context) {
    const world *at = context;
    MODEL_EXPECT(nt_budget_blocked_until(at->budget, NOW_MS) == NOW_MS + 2000);
    MODEL_EXPECT(nt_budget_banned_until(at->budget, NOW_MS) == NOW_MS + 2000);
}

MODEL_CASE(budget, silence_is_never_shortened, .start = start,
           .threads = {block_short, block_long, look}, .end = end_blocked, .outcomes = 0x7)
