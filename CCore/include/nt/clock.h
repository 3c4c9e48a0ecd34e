// clock.h — seam 1 of 4: time. Live code reads the kernel's clocks, tests a clock they turn.
#ifndef NT_CLOCK_H
#define NT_CLOCK_H

#include <stdint.h>

/// Copied by value; `context` is the implementation's.
typedef struct nt_clock {
    void *context;
    int64_t (*monotonic_ns)(void *context); ///< Never goes back. For order, age, timers.
    int64_t (*wall_ns)(void *context);      ///< UTC. For signatures and display only.
} nt_clock;

/// CLOCK_MONOTONIC and CLOCK_REALTIME. Any thread.
nt_clock nt_clock_system(void);

/// A clock that stands still until it is set; the caller owns the two numbers.
typedef struct nt_manual_time {
    int64_t monotonic_ns, wall_ns;
} nt_manual_time;
nt_clock nt_clock_manual(nt_manual_time *time);

static inline int64_t nt_now(const nt_clock *clock) { return clock->monotonic_ns(clock->context); }
static inline int64_t nt_wall(const nt_clock *clock) { return clock->wall_ns(clock->context); }

#endif
