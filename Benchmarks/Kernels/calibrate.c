// calibrate.c — the yardsticks of a run: nothing, the clock, the kernel, another core.
//
// They are measured between the subjects' rounds, so that a busy or slow machine shows in them.
#include "subject.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

static bk_subject *make(uint64_t (*run)(bk_subject *, uint32_t)) {
    bk_subject *subject = calloc(1, sizeof *subject);
    if (subject != NULL) subject->run = run;
    return subject;
}

static uint64_t run_empty(bk_subject *subject, uint32_t count) {
    (void)subject;
    return count;
}

bk_subject *bk_empty_create(void) { return make(run_empty); }

static uint64_t run_clock(bk_subject *subject, uint32_t count) {
    (void)subject;
    uint64_t forward = 0;
    int64_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t now = bk_now();
        forward += now >= last;
        last = now;
    }
    return forward;
}

bk_subject *bk_clock_create(void) { return make(run_clock); }

static uint64_t run_system_call(bk_subject *subject, uint32_t count) {
    (void)subject;
    uint64_t answered = 0;
    for (uint32_t i = 0; i < count; i++) answered += getppid() >= 0;
    return answered;
}

bk_subject *bk_system_call_create(void) { return make(run_system_call); }

// --- a cache line there and back
// -------------------------------------------------------------------

/// Both numbers share one line on purpose: that line is what travels.
typedef struct cache_line {
    bk_subject subject;
    pthread_t thread;
    bool running;
    cpu_set_t allowed; ///< Of the measuring thread, before the round.
    uint64_t asked;
    int64_t end_ns; ///< Of the round's patience.
    struct {
        _Alignas(128) _Atomic uint64_t question;
        _Atomic uint64_t answer;
    } line;
} cache_line;

#define STOP_ANSWERING UINT64_MAX
#define MOST_SPINS     5000u ///< Some ten microseconds: the other thread is not running.
#define PATIENCE_NS    INT64_C(2000000000) ///< For a round, which may never end.

static void *answer(void *argument) {
    cache_line *line = argument;
    uint64_t last = 0;
    uint32_t spins = 0;
    while (last != STOP_ANSWERING) {
        // Acquire: pairs with the release of `question` in run_cache_line.
        const uint64_t question = atomic_load_explicit(&line->line.question, memory_order_acquire);
        if (question == last) {
            if (++spins % MOST_SPINS == 0) sched_yield();
            continue;
        }
        last = question;
        // Release: pairs with the acquire of `answer` in run_cache_line.
        atomic_store_explicit(&line->line.answer, question, memory_order_release);
    }
    return NULL;
}

static uint64_t run_cache_line(bk_subject *subject, uint32_t count) {
    cache_line *line = (cache_line *)subject;
    uint64_t answered = 0;
    for (uint32_t i = 0; i < count && subject->problem == NULL; i++) {
        const uint64_t question = ++line->asked;
        atomic_store_explicit(&line->line.question, question, memory_order_release);
        uint32_t spins = 0;
        while (atomic_load_explicit(&line->line.answer, memory_order_acquire) != question) {
            if (++spins % MOST_SPINS != 0) continue;
            sched_yield();
            if (bk_now() < line->end_ns) continue;
            subject->problem = "the other thread got no core";
            break;
        }
        answered++;
    }
    return answered;
}

/// Pins a thread to one core.
static bool pin(pthread_t thread, int core) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    return pthread_setaffinity_np(thread, sizeof one, &one) == 0;
}

/// Another core than `here` that this thread may run on; -1 = there is none.
static int other_core(const cpu_set_t *allowed, int here) {
    for (int core = 0; core < CPU_SETSIZE; core++)
        if (core != here && CPU_ISSET((size_t)core, allowed)) return core;
    return -1;
}

/// On two cores, one thread each: on one they would measure the scheduler.
static bool start_apart(cache_line *line) {
    const int here = sched_getcpu();
    if (sched_getaffinity(0, sizeof line->allowed, &line->allowed) != 0 || here < 0) return false;
    const int there = other_core(&line->allowed, here);
    if (there < 0 || pthread_create(&line->thread, NULL, answer, line) != 0) return false;
    line->running = true;
    return pin(line->thread, there) && pin(pthread_self(), here);
}

static void start_answering(bk_subject *subject) {
    cache_line *line = (cache_line *)subject;
    line->asked = 0;
    line->end_ns = bk_now() + PATIENCE_NS;
    atomic_store_explicit(&line->line.question, 0, memory_order_relaxed);
    atomic_store_explicit(&line->line.answer, 0, memory_order_relaxed);
    if (!start_apart(line)) subject->problem = "there is no second core to use";
    run_cache_line(subject, 1); // The thread is up once it has answered.
}

/// The thread must not take a core away from the next subject.
static void stop_answering(bk_subject *subject) {
    cache_line *line = (cache_line *)subject;
    if (!line->running) return;
    atomic_store_explicit(&line->line.question, STOP_ANSWERING, memory_order_release);
    pthread_join(line->thread, NULL);
    sched_setaffinity(0, sizeof line->allowed, &line->allowed);
    line->running = false;
}

bk_subject *bk_cache_line_create(void) {
    cache_line *line = NULL;
    if (posix_memalign((void **)&line, 128, sizeof *line) != 0) return NULL;
    *line = (cache_line){.subject = {.run = run_cache_line,
                                     .rewind = start_answering,
                                     .rest = stop_answering,
                                     .destroy = stop_answering}};
    return &line->subject;
}
