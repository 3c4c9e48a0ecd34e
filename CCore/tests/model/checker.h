// checker.h — what the parts of the model checker know of each other.
//
//   explore.c   which thread goes next and which value a load reads; every choice in turn
//   memory.c    the C11 memory: modification orders, happens-before, races
//   runtime.c   the callbacks that the compiler's thread-sanitizer instrumentation calls
//   mutants.c   weakens one memory order at a time
//   written.c   finds the orders in the sources that no case ran
//   model_main.c runs cases and mutants and counts
//
// One process, one real thread: the case's threads are coroutines.
#ifndef NT_MODEL_CHECKER_H
#define NT_MODEL_CHECKER_H

#include <inttypes.h>
#include <stddef.h>

#include "model.h"

enum {
    MODEL_MAIN = MODEL_THREADS, ///< Number of the thread that starts and ends a case.
    MODEL_CLOCKS = MODEL_THREADS + 1,
    MODEL_NEVER = UINT16_MAX,
};

/// How much of each thread's past is known: that many of its steps.
typedef struct model_clock {
    uint16_t of[MODEL_CLOCKS];
} model_clock;

/// One thread's part of the memory model.
typedef struct model_view {
    model_clock now;
    model_clock acquirable; ///< What an acquire fence would add.
    model_clock released;   ///< now at the last release fence.
    uint64_t history;       ///< Hash of what this thread has read, in order.
    uint32_t number;
    uint16_t steps;
} model_view;

// explore.c

typedef struct model_result {
    bool failed;
    char message[512];
    uint64_t states, executions, cut;
    uint64_t outcomes;
} model_result;

/// Runs every execution of a case, up to the first failure.
void explore_case(const model_case *explored, model_result *result);
/// A number below `count`; over all executions, each of them.
uint32_t explore_choose(uint32_t count);
/// A scheduling point: the caller goes on when it is its turn.
void explore_point(void);
/// Lets the caller wait until `mutex` is free; NULL: until `thread` has ended.
void explore_wait(const void *mutex, uint32_t thread);
/// Leaves this execution and begins the case again.
void explore_restart(void);
/// The running thread; NULL while a case starts or ends.
model_view *explore_view(void);
bool explore_is_stack(const void *address);
/// Adds to the trace of this execution.
void explore_trace(const char *what, const void *address, uint64_t value);

void explore_print_trace(void);

// memory.c

typedef uint64_t (*model_update)(uint64_t old, uint64_t operand);

/// Before a case: nothing is known of who uses what.
void memory_forget(void);
/// Before an execution.
void memory_reset(void);
/// True when no other thread of the case ever uses this atomic in a way that matters.
bool memory_is_apart(const model_view *view, const void *address, bool is_write);
void memory_begin(model_view *view, uint32_t number);
void memory_join(model_view *view, const model_view *ended);
/// Of all modification orders.
uint64_t memory_hash(void);
uint64_t memory_mix(uint64_t hash, uint64_t value);

uint64_t memory_load(model_view *view, const void *from, uint32_t size, int order);
void memory_store(model_view *view, void *to, uint32_t size, uint64_t value, int order);
/// Returns the old value.
uint64_t memory_modify(model_view *view, void *to, uint32_t size, uint64_t operand,
                       model_update update, int order);
/// True when it exchanged; otherwise *expected is what it read.
bool memory_compare(model_view *view, void *to, uint32_t size, uint64_t *expected, uint64_t value,
                    int success, int failure);
void memory_fence(model_view *view, int order);
void memory_plain(const model_view *view, const void *address, size_t size, bool is_write);

bool memory_is_locked(const void *mutex);
void memory_lock(model_view *view, void *mutex);
void memory_unlock(model_view *view, void *mutex);

void *memory_allocate(size_t alignment, size_t size);

// mutants.c

typedef struct model_tally {
    uint32_t caught, missed;
} model_tally;

/// The order that the operation about to run has in this run.
int mutants_order(int written);
/// Site of the operation about to run, for messages. Until the next call.
const char *mutants_here(void);
/// From here on the case with this number runs.
void mutants_case(uint32_t index);
/// Weakens every memory order that the cases ran, one at a time.
void mutants_run(const model_case *const *cases, uint32_t count, model_tally *tally);

/// True when a case ran an operation at this line that is more than relaxed.
bool mutants_ran(const char *path, int line);

// written.c

/// True when the cases ran every order above relaxed that stands in these files; names the others.
bool written_were_run(const char *const *paths, int count);

#endif
