// stress.h — what the threaded tests share: a time limit, and waiting that suits few cores.
#ifndef NT_STRESS_H
#define NT_STRESS_H

#include <sched.h>
#include <stdbool.h>

#include "nt/clock.h"

/// A stress test ends after its items or after this time, whichever comes first: sanitizers slow
/// it down some twenty times.
#define STRESS_LIMIT_NS INT64_C(1500000000)

static inline int64_t stress_deadline(void) {
    const nt_clock clock = nt_clock_system();
    return nt_now(&clock) + STRESS_LIMIT_NS;
}

static inline bool stress_is_over(int64_t deadline) {
    const nt_clock clock = nt_clock_system();
    return nt_now(&clock) >= deadline;
}

/// Lets the other side run: with two cores it may be waiting for this one.
static inline void stress_wait(void) { sched_yield(); }

#endif
