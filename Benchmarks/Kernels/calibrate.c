// calibrate.c — the yardsticks of a run: nothing, the clock, the kernel, another core.
//
// They are measured between the subjects' rounds, so that a busy or slow machine shows in them.
#include "subject.h"

#include <pthread.h>
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
    uint64_t asked;
    struct {
        _Alignas(128) _Atomic uint64_t question;
        _Atomic uint64_t answer;
    } line;
} cache_line;

#define STOP_ANSWERING UINT64_MAX
#define MOST_SPINS     200000000u ///< Some tenths of a second: the other thread is not running.

static void *answer(void *argument) {
    cache_line *line = argument;
    uint64_t last = 0;
    while (last != STOP_ANSWERING) {
        // Acquire: pairs with the release of `question` in run_cache_line.
        const uint64_t question = atomic_load_explicit(&line->line.question, memory_order_acquire);
        if (question == last) continue;
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
            if (++spins == MOST_SPINS) {
                subject->problem = "the other thread got no core";
                break;
            }
        }
        answered++;
    }
    return answered;
}

static void start_answering(bk_subject *subject) {
    cache_line *line = (cache_line *)subject;
    line->asked = 0;
    atomic_store_explicit(&line->line.question, 0, memory_order_relaxed);
    atomic_store_explicit(&line->line.answer, 0, memory_order_relaxed);
    line->running = pthread_create(&line->thread, NULL, answer, line) == 0;
    if (!line->running) {
        subject->problem = "no second thread";
        return;
    }
    run_cache_line(subject, 1); // The thread is up once it has answered.
}

/// The thread must not take a core away from the next subject.
static void stop_answering(bk_subject *subject) {
    cache_line *line = (cache_line *)subject;
    if (!line->running) return;
    atomic_store_explicit(&line->line.question, STOP_ANSWERING, memory_order_release);
    pthread_join(line->thread, NULL);
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
