// clock.c — the kernel's clocks, and one that a test turns by hand.
#include "nt/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + (int64_t)now.tv_nsec;
}

static int64_t system_monotonic(void *context) {
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_wall(void *context) {
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

nt_clock nt_clock_system(void) { return (nt_clock){NULL, system_monotonic, system_wall}; }

static int64_t manual_monotonic(void *context) {
    return ((const nt_manual_time *)context)->monotonic_ns;
}

static int64_t manual_wall(void *context) { return ((const nt_manual_time *)context)->wall_ns; }

nt_clock nt_clock_manual(nt_manual_time *time) {
    return (nt_clock){time, manual_monotonic, manual_wall};
}
