// explore.c — every execution of a case, one after the other.
//
// An execution is determined by its choices: at each scheduling point the thread that goes on, at
// each load the store it reads. The path of choices is walked depth first by running the case
// again from the start. What the threads did so far is a graph: who read from which store, and in
// which order each location was modified. Two interleavings with the same graph have the same
// future, so a graph that was met before is not followed again. An operation at a place that no
// other thread uses is no scheduling point.
#include "checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum {
    MAX_PATH = 4096,
    MAX_TRACE = 4096,
    STACK_SIZE = 64 << 10,
    MAX_STATES = 1 << 24,
    MAX_SLEEPS = 2, ///< Of a thread: more turns of its loop are not followed.
    NO_THREAD = UINT32_MAX,
};

typedef struct {
    uint16_t chosen, count;
} choice;

typedef struct {
    model_view view;
    ucontext_t context;
    void (*body)(void *);
    const void *mutex; ///< Waits for this lock.
    uint32_t awaited;  ///< Waits for the end of this thread.
    uint32_t sleeps;
    bool ended;
    _Alignas(16) uint8_t stack[STACK_SIZE];
} thread;

typedef struct {
    char site[96];
    const char *what;
    const void *address;
    uint64_t value;
    uint32_t thread;
} trace_line;

typedef enum { GOES_ON, SEEN_BEFORE, CUT, RESTART, FAILED } ending;

static choice path[MAX_PATH];
static uint32_t path_length, path_at;

static thread threads[MODEL_THREADS];
static uint32_t thread_count, current;
static ucontext_t main_context;
static void *world;
static bool running, starting;

static trace_line trace[MAX_TRACE];
static uint32_t trace_length;

static model_result *result;
static ending leaving;

// The graphs that were met: open addressing, 0 is free.

static uint64_t *seen;
static uint64_t seen_size, seen_count;

static void seen_clear(void) {
    if (seen == NULL) {
        seen_size = 1 << 16;
        seen = calloc(seen_size, sizeof *seen);
    }
    if (seen == NULL) abort();
    memset(seen, 0, seen_size * sizeof *seen);
    seen_count = 0;
}

static bool seen_insert(uint64_t hash) {
    hash |= hash == 0;
    uint64_t at = hash & (seen_size - 1);
    while (seen[at] != 0 && seen[at] != hash) at = (at + 1) & (seen_size - 1);
    if (seen[at] == hash) return false;
    seen[at] = hash;
    seen_count++;
    return true;
}

static void seen_grow(void) {
    uint64_t *old = seen;
    const uint64_t old_size = seen_size;
    seen_size *= 2;
    seen_count = 0;
    seen = calloc(seen_size, sizeof *seen);
    if (seen == NULL) abort();
    for (uint64_t i = 0; i < old_size; i++) {
        if (old[i] != 0) seen_insert(old[i]);
    }
    free(old);
}

/// True when this graph is new.
static bool seen_add(uint64_t hash) {
    if (seen_count * 2 > seen_size) seen_grow();
    return seen_insert(hash);
}

// Choices.

static _Noreturn void broken(const char *what) {
    fprintf(stderr, "model checker: %s\n", what);
    exit(2);
}

uint32_t explore_choose(uint32_t count) {
    if (count <= 1) return 0;
    if (path_at == path_length) {
        if (path_length == MAX_PATH) broken("an execution has too many choices");
        path[path_length++] = (choice){0, (uint16_t)count};
    }
    if (path[path_at].count != count) broken("a case does not repeat itself");
    return path[path_at++].chosen;
}

/// Moves to the next path; false when there is none.
static bool next_path(void) {
    while (path_length > 0) {
        choice *last = &path[path_length - 1];
        if (++last->chosen < last->count) return true;
        path_length--;
    }
    return false;
}

// Threads.

model_view *explore_view(void) { return running ? &threads[current].view : NULL; }

bool explore_is_stack(const void *address) {
    const uint8_t *at = address;
    for (uint32_t i = 0; i < thread_count; i++) {
        if (at >= threads[i].stack && at < threads[i].stack + STACK_SIZE) return true;
    }
    return false;
}

/// Ends this execution from inside a thread.
static void leave(ending why) {
    leaving = why;
    swapcontext(&threads[current].context, &main_context);
}

static bool can_run(const thread *asked) {
    if (asked->ended) return false;
    if (asked->mutex != NULL && memory_is_locked(asked->mutex)) return false;
    return asked->awaited == NO_THREAD || threads[asked->awaited].ended;
}

/// The thread that goes next; NO_THREAD: none can. The current one is tried first.
static uint32_t choose_thread(void) {
    uint32_t able[MODEL_THREADS], count = 0;
    for (uint32_t i = 0; i < thread_count; i++) {
        const uint32_t number = (current + i) % thread_count;
        if (can_run(&threads[number])) able[count++] = number;
    }
    return count == 0 ? NO_THREAD : able[explore_choose(count)];
}

static bool all_ended(void) {
    for (uint32_t i = 0; i < thread_count; i++) {
        if (!threads[i].ended) return false;
    }
    return true;
}

static uint64_t graph_hash(void) {
    uint64_t hash = memory_hash();
    for (uint32_t i = 0; i < thread_count; i++) {
        hash = memory_mix(hash, threads[i].view.history);
        hash = memory_mix(hash, threads[i].view.steps);
    }
    return hash;
}

/// Chooses from inside a thread, or after its end, and goes there.
static void pass_on(void) {
    thread *from = &threads[current];
    if (path_at == path_length && !seen_add(graph_hash())) leave(SEEN_BEFORE);
    if (all_ended()) leave(GOES_ON);
    if (seen_count > MAX_STATES) broken("a case has too many states");
    const uint32_t next = choose_thread();
    if (next == NO_THREAD) model_fail("all threads wait for each other");
    if (next == current) return;
    current = next;
    swapcontext(&from->context, &threads[next].context);
}

void explore_point(void) {
    // Every thread is first brought to its first operation.
    if (starting) {
        swapcontext(&threads[current].context, &main_context);
    } else {
        pass_on();
    }
}

void explore_wait(const void *mutex, uint32_t awaited) {
    threads[current].mutex = mutex;
    threads[current].awaited = mutex == NULL ? awaited : NO_THREAD;
    explore_point();
    threads[current].mutex = NULL;
    threads[current].awaited = NO_THREAD;
}

int model_join(uintptr_t number);
int model_join(uintptr_t number) {
    explore_wait(NULL, (uint32_t)number);
    memory_join(&threads[current].view, &threads[number].view);
    return 0;
}

int model_sleep(void);
int model_sleep(void) {
    if (running && ++threads[current].sleeps > MAX_SLEEPS) leave(CUT);
    return 0;
}

static void run_body(void) {
    threads[current].body(world);
    threads[current].ended = true;
    // Not an operation: nothing is chosen twice because a thread ends here or there.
    explore_point();
}

static void start_thread(uint32_t number) {
    thread *started = &threads[number];
    started->mutex = NULL;
    started->awaited = NO_THREAD;
    started->ended = false;
    started->sleeps = 0;
    memory_begin(&started->view, number);
    getcontext(&started->context);
    started->context.uc_stack.ss_sp = started->stack;
    started->context.uc_stack.ss_size = STACK_SIZE;
    started->context.uc_link = NULL;
    makecontext(&started->context, run_body, 0);
    current = number;
    swapcontext(&main_context, &started->context);
}

// Executions.

static void run_threads(void) {
    running = true;
    starting = true;
    for (uint32_t i = 0; i < thread_count && leaving == GOES_ON; i++) start_thread(i);
    starting = false;
    if (leaving == GOES_ON && !all_ended()) {
        if (path_at == path_length) seen_add(graph_hash());
        current = 0;
        current = choose_thread();
        if (current == NO_THREAD) broken("no thread of a case can start");
        swapcontext(&main_context, &threads[current].context);
    }
    running = false;
}

static void run_once(const model_case *explored) {
    memory_reset();
    path_at = 0;
    trace_length = 0;
    leaving = GOES_ON;
    world = explored->start();
    for (uint32_t i = 0; i < thread_count; i++) threads[i].body = explored->threads[i];
    run_threads();
    result->executions += leaving == GOES_ON;
    result->cut += leaving == CUT;
    if (leaving == GOES_ON && explored->end != NULL) explored->end(world);
}

void explore_case(const model_case *explored, model_result *out) {
    result = out;
    for (thread_count = 0; thread_count < MODEL_THREADS; thread_count++) {
        if (explored->threads[thread_count] == NULL) break;
    }
    memory_forget();
    do {
        *out = (model_result){0};
        path_length = 0;
        seen_clear();
        do {
            run_once(explored);
        } while (!out->failed && leaving != RESTART && next_path());
    } while (leaving == RESTART);
    out->states = seen_count;
}

// What cases say.

void explore_trace(const char *what, const void *address, uint64_t value) {
    if (trace_length == MAX_TRACE) return;
    trace_line *line = &trace[trace_length++];
    *line = (trace_line){.what = what, .address = address, .value = value, .thread = current};
    snprintf(line->site, sizeof line->site, "%s", mutants_here());
}

void explore_print_trace(void) {
    for (uint32_t i = 0; i < trace_length; i++) {
        printf("        thread %u  %-50s %s %" PRIu64 "\n", trace[i].thread, trace[i].site,
               trace[i].what, trace[i].value);
    }
}

void model_outcome(uint32_t bit) { result->outcomes |= UINT64_C(1) << bit; }

void explore_restart(void) { leave(RESTART); }

void model_cut(void) {
    if (running) leave(CUT);
}

void model_fail(const char *format, ...) {
    if (!result->failed) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(result->message, sizeof result->message, format, arguments);
        va_end(arguments);
    }
    result->failed = true;
    if (running) leave(FAILED);
}
