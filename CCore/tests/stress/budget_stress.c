// budget_stress.c — threads that all want more than there is, of one budget.
#include "nt/budget.h"

#include <pthread.h>
#include <stdatomic.h>

#include "../test.h"
#include "stress.h"

enum { THREADS = 4, LIMIT = 20000, NOW = 60000000 };

typedef struct {
    nt_budget *budget;
    nt_budget_class who;
    int64_t now;
    _Atomic int64_t *granted;
} greedy;

static void *take_all(void *argument) {
    const greedy *self = argument;
    nt_budget_refusal why;
    int64_t got = 0, refused = 0;
    // Somebody who steps back makes others step back for a moment, too.
    while (refused < 1000) {
        if (nt_budget_take(self->budget, self->who, 1, 0, self->now, &why) == NT_OK)
            got++;
        else
            refused++;
    }
    atomic_fetch_add(self->granted, got);
    return NULL;
}

/// Runs so many threads at once; each sees the clock a slice later than the one before.
static int64_t run(nt_budget *budget, nt_budget_class who, int64_t step_ms) {
    _Atomic int64_t granted = 0;
    pthread_t threads[THREADS];
    greedy selves[THREADS];
    for (int i = 0; i < THREADS; i++) {
        selves[i] = (greedy){budget, who, NOW + (i % 2) * step_ms, &granted};
        NT_ASSERT(pthread_create(&threads[i], NULL, take_all, &selves[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    return granted;
}

TEST(budget_stress, threads_together_never_take_more_than_the_class_may) {
    for (int round = 0; round < 20; round++) {
        nt_budget *budget = NULL;
        EXPECT_EQ(nt_budget_create(100, &budget), NT_OK);
        nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, LIMIT, 60000);
        const int64_t step = round % 2 * 10000; // In two slices, whose sums are judged together.
        const int64_t reads = run(budget, NT_BUDGET_READ, step);
        EXPECT_EQ(reads, LIMIT * 8 / 10);
        const int64_t cancels = run(budget, NT_BUDGET_CANCEL, step);
        EXPECT_EQ(reads + cancels, LIMIT);
        EXPECT_EQ(nt_budget_look(budget, NOW).uses[NT_BUDGET_WEIGHT].used, LIMIT);
        nt_budget_close(budget);
    }
}

static void *observe_all(void *argument) {
    const greedy *self = argument;
    for (int64_t used = 0; used <= LIMIT; used += 7)
        nt_budget_observe(self->budget, NT_BUDGET_WEIGHT, used, 0, self->now);
    return NULL;
}

TEST(budget_stress, what_the_venue_states_is_never_lost) {
    nt_budget *budget = NULL;
    EXPECT_EQ(nt_budget_create(100, &budget), NT_OK);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, LIMIT, 60000);
    greedy self = {.budget = budget, .now = NOW};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, observe_all, &self), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    EXPECT(nt_budget_look(budget, NOW).uses[NT_BUDGET_WEIGHT].used >= LIMIT - 7);
    nt_budget_close(budget);
}
