// measure.c — the one timed loop that every subject is measured by, and what it was built with.
//
// The clock is CLOCK_MONOTONIC through the vDSO: the same on every machine, and the same that the
// lane stamps with. It costs tens of nanoseconds, so short operations are timed in batches and the
// cost of the loop around nothing, measured in the same run, is taken off each batch.
#include "subject.h"

#include <time.h>

static int64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t bk_now(void) { return read_clock(CLOCK_MONOTONIC); }

bk_round bk_measure(bk_subject *subject, bool floor, uint32_t samples, uint32_t batch,
                    int64_t *out) {
    bk_round round = {.sum = 0};
    uint64_t (*run)(bk_subject *, uint32_t) = floor ? subject->floor : subject->run;
    if (subject->rewind != NULL) subject->rewind(subject);
    const int64_t cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
    for (uint32_t i = 0; i < samples; i++) {
        const int64_t begin = bk_now();
        const uint64_t result = run(subject, batch);
        bk_consume(result);
        out[i] = bk_now() - begin;
        round.sum += result;
    }
    round.cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID) - cpu;
    if (subject->rest != NULL) subject->rest(subject);
    return round;
}

bool bk_has_floor(const bk_subject *subject) { return subject->floor != NULL; }
const char *bk_problem(const bk_subject *subject) { return subject->problem; }
uint32_t bk_operations(const bk_subject *subject) { return subject->operations; }
uint32_t bk_operation_bytes(const bk_subject *subject) { return subject->operation_bytes; }

uint64_t bk_result_hash(bk_subject *subject) {
    return subject->hash == NULL ? 0 : subject->hash(subject);
}

void bk_subject_destroy(bk_subject *subject) {
    if (subject == NULL) return;
    if (subject->destroy != NULL) subject->destroy(subject);
    free(subject);
}

// Tools/build-release writes it into the finished program: a definition by the compiler would
// build everything anew at each commit.
__attribute__((section("needletail_commit"), used)) static const volatile char commit[64] = "";

void bk_commit(char text[64]) {
    for (int i = 0; i < 64; i++) text[i] = commit[i];
    text[63] = 0;
}

const char *bk_compiler(void) {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

bool bk_is_optimised(void) {
#ifdef __OPTIMIZE__
    return true;
#else
    return false;
#endif
}

// Defined by the allocation counter of the test kit, where that is linked.
extern __attribute__((weak)) void allocation_counter_begin(void);
extern __attribute__((weak)) uint64_t allocation_counter_end(void);
extern __attribute__((weak)) bool allocation_counter_works(void);

static bool counts_allocations(void) {
    return allocation_counter_works != NULL && allocation_counter_works();
}

void bk_allocations_begin(void) {
    if (counts_allocations()) allocation_counter_begin();
}

int64_t bk_allocations_end(void) {
    return counts_allocations() ? (int64_t)allocation_counter_end() : -1;
}
