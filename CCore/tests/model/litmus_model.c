// litmus_model.c — the checker against the known litmus tests of the C11 memory model: the
// outcomes that it finds are all that the model allows, and no other.
#include "model.h"

#include <stdatomic.h>
#include <stdlib.h>

typedef struct {
    atomic_int x, y, z;
    int plain;
    int seen[4];
    pthread_mutex_t lock, other_lock;
} shared;

static void *start(void) { return calloc(1, sizeof(shared)); }

static int load(atomic_int *from) { return atomic_load_explicit(from, memory_order_relaxed); }
static int load_acquire(atomic_int *from) {
    return atomic_load_explicit(from, memory_order_acquire);
}
static void store(atomic_int *to, int value) {
    atomic_store_explicit(to, value, memory_order_relaxed);
}
static void store_release(atomic_int *to, int value) {
    atomic_store_explicit(to, value, memory_order_release);
}

/// The first two values seen as one number.
static void end_two(void *world) {
    const shared *at = world;
    model_outcome((uint32_t)(at->seen[0] + 2 * at->seen[1]));
}

static void end_four(void *world) {
    const shared *at = world;
    model_outcome((uint32_t)(at->seen[0] + 2 * at->seen[1] + 4 * at->seen[2] + 8 * at->seen[3]));
}

// Message passing: y says that x is there.

static void pass_relaxed(void *world) {
    shared *at = world;
    store(&at->x, 1);
    store(&at->y, 1);
}
static void pass_released(void *world) {
    shared *at = world;
    store(&at->x, 1);
    store_release(&at->y, 1);
}
static void pass_fenced(void *world) {
    shared *at = world;
    store(&at->x, 1);
    atomic_thread_fence(memory_order_release);
    store(&at->y, 1);
}
static void take_relaxed(void *world) {
    shared *at = world;
    at->seen[0] = load(&at->y);
    at->seen[1] = load(&at->x);
}
static void take_acquired(void *world) {
    shared *at = world;
    at->seen[0] = load_acquire(&at->y);
    at->seen[1] = load(&at->x);
}
static void take_fenced(void *world) {
    shared *at = world;
    at->seen[0] = load(&at->y);
    atomic_thread_fence(memory_order_acquire);
    at->seen[1] = load(&at->x);
}

enum { ALL_OF_TWO = 0xf, NOT_FLAG_ALONE = 0xd }; // Bit 1: the flag without the message.

MODEL_CASE(litmus, message_passing_relaxed, .start = start, .threads = {pass_relaxed, take_relaxed},
           .end = end_two, .outcomes = ALL_OF_TWO)
MODEL_CASE(litmus, message_passing_released_only, .start = start,
           .threads = {pass_released, take_relaxed}, .end = end_two, .outcomes = ALL_OF_TWO)
MODEL_CASE(litmus, message_passing_acquired_only, .start = start,
           .threads = {pass_relaxed, take_acquired}, .end = end_two, .outcomes = ALL_OF_TWO)
MODEL_CASE(litmus, message_passing, .start = start, .threads = {pass_released, take_acquired},
           .end = end_two, .outcomes = NOT_FLAG_ALONE)
MODEL_CASE(litmus, message_passing_fences, .start = start, .threads = {pass_fenced, take_fenced},
           .end = end_two, .outcomes = NOT_FLAG_ALONE)
MODEL_CASE(litmus, message_passing_fence_and_acquire, .start = start,
           .threads = {pass_fenced, take_acquired}, .end = end_two, .outcomes = NOT_FLAG_ALONE)
MODEL_CASE(litmus, message_passing_release_and_fence, .start = start,
           .threads = {pass_released, take_fenced}, .end = end_two, .outcomes = NOT_FLAG_ALONE)

// Store buffering: both may miss the other's store.

static void buffer_x(void *world) {
    shared *at = world;
    store_release(&at->x, 1);
    at->seen[0] = load_acquire(&at->y);
}
static void buffer_y(void *world) {
    shared *at = world;
    store_release(&at->y, 1);
    at->seen[1] = load_acquire(&at->x);
}

MODEL_CASE(litmus, store_buffering, .start = start, .threads = {buffer_x, buffer_y}, .end = end_two,
           .outcomes = ALL_OF_TWO)

// Unless all four are sequentially consistent.

static void total_x(void *world) {
    shared *at = world;
    atomic_store_explicit(&at->x, 1, memory_order_seq_cst);
    at->seen[0] = atomic_load_explicit(&at->y, memory_order_seq_cst);
}
static void total_y(void *world) {
    shared *at = world;
    atomic_store_explicit(&at->y, 1, memory_order_seq_cst);
    at->seen[1] = atomic_load_explicit(&at->x, memory_order_seq_cst);
}
static void add_total_y(void *world) {
    shared *at = world;
    atomic_fetch_add_explicit(&at->y, 1, memory_order_seq_cst);
    at->seen[1] = atomic_load_explicit(&at->x, memory_order_seq_cst);
}
static void add_y(void *world) {
    shared *at = world;
    atomic_fetch_add_explicit(&at->y, 1, memory_order_acq_rel);
    at->seen[1] = atomic_load_explicit(&at->x, memory_order_seq_cst);
}

MODEL_CASE(litmus, store_buffering_in_total_order, .start = start, .threads = {total_x, total_y},
           .end = end_two, .outcomes = 0xe)
MODEL_CASE(litmus, additions_in_total_order, .start = start, .threads = {total_x, add_total_y},
           .end = end_two, .outcomes = 0xe)
MODEL_CASE(litmus, one_of_four_not_in_total_order, .start = start, .threads = {total_x, add_y},
           .end = end_two, .outcomes = ALL_OF_TWO)

// Load buffering: C11 allows both to see a store that comes later; this checker does not.

static void late_x(void *world) {
    shared *at = world;
    at->seen[0] = load(&at->y);
    store(&at->x, 1);
}
static void late_y(void *world) {
    shared *at = world;
    at->seen[1] = load(&at->x);
    store(&at->y, 1);
}

MODEL_CASE(litmus, load_buffering_is_not_modelled, .start = start, .threads = {late_x, late_y},
           .end = end_two, .outcomes = 0x7)

// Coherence: one location is never seen to go back.

static void write_twice(void *world) {
    shared *at = world;
    store(&at->x, 1);
    store(&at->x, 2);
}
static void read_twice(void *world) {
    shared *at = world;
    at->seen[0] = load(&at->x);
    at->seen[1] = load(&at->x);
}
static void end_thirds(void *world) {
    const shared *at = world;
    model_outcome((uint32_t)(at->seen[0] + 3 * at->seen[1]));
}

// 00 01 02 11 12 22 as first + 3 * second.
MODEL_CASE(litmus, coherence, .start = start, .threads = {write_twice, read_twice},
           .end = end_thirds, .outcomes = 1 << 0 | 1 << 3 | 1 << 6 | 1 << 4 | 1 << 7 | 1 << 8)

// Two stores each to two locations: the last ones may be the first of each thread.

static void first_x(void *world) {
    shared *at = world;
    store(&at->x, 1);
    store(&at->y, 2);
}
static void first_y(void *world) {
    shared *at = world;
    store(&at->y, 1);
    store(&at->x, 2);
}
static void end_last(void *world) {
    shared *at = world;
    model_outcome((uint32_t)(load(&at->x) - 1 + 2 * (load(&at->y) - 1)));
}

MODEL_CASE(litmus, two_and_two_stores, .start = start, .threads = {first_x, first_y},
           .end = end_last, .outcomes = ALL_OF_TWO)

// Who reads a store and then writes comes after it.

static void write_one(void *world) {
    shared *at = world;
    store(&at->x, 1);
}
static void read_then_write(void *world) {
    shared *at = world;
    at->seen[0] = load(&at->x);
    store(&at->x, 2);
}
static void end_read_then_write(void *world) {
    shared *at = world;
    model_outcome((uint32_t)(at->seen[0] + 2 * (load(&at->x) - 1)));
}

MODEL_CASE(litmus, read_then_write, .start = start, .threads = {write_one, read_then_write},
           .end = end_read_then_write, .outcomes = 1 << 0 | 1 << 2 | 1 << 3)

// Causality: what the middle saw, the last sees too.

static void causal_first(void *world) {
    shared *at = world;
    store_release(&at->x, 1);
}
static void causal_middle(void *world) {
    shared *at = world;
    at->seen[0] = load_acquire(&at->x);
    store_release(&at->y, 1);
}
static void causal_last(void *world) {
    shared *at = world;
    at->seen[1] = load_acquire(&at->y);
    at->seen[2] = load(&at->x);
}
static void end_causal(void *world) {
    const shared *at = world;
    model_outcome((uint32_t)(at->seen[0] + 2 * at->seen[1] + 4 * at->seen[2]));
}

MODEL_CASE(litmus, causality, .start = start, .threads = {causal_first, causal_middle, causal_last},
           .end = end_causal, .outcomes = 0xff & ~(1 << 3))

// A release goes on through read-modify-writes of others, and not through their stores.

static void begin_sequence(void *world) {
    shared *at = world;
    store(&at->x, 1);
    store_release(&at->y, 1);
}
static void go_on_adding(void *world) {
    shared *at = world;
    atomic_fetch_add_explicit(&at->y, 1, memory_order_relaxed);
}
static void go_on_storing(void *world) {
    shared *at = world;
    if (load(&at->y) == 1) store(&at->y, 2);
}
static void end_sequence(void *world) {
    shared *at = world;
    at->seen[0] = load_acquire(&at->y) == 2;
    at->seen[1] = load(&at->x);
}

MODEL_CASE(litmus, release_sequence, .start = start,
           .threads = {begin_sequence, go_on_adding, end_sequence}, .end = end_two, .outcomes = 0xd)
MODEL_CASE(litmus, stores_end_a_release_sequence, .start = start,
           .threads = {begin_sequence, go_on_storing, end_sequence}, .end = end_two,
           .outcomes = ALL_OF_TWO)

// Read-modify-writes follow each other: none is lost.

static void add_one(void *world) {
    shared *at = world;
    atomic_fetch_add_explicit(&at->x, 1, memory_order_relaxed);
}
static void end_sum(void *world) {
    shared *at = world;
    model_outcome((uint32_t)load(&at->x));
}

MODEL_CASE(litmus, additions, .start = start, .threads = {add_one, add_one, add_one},
           .end = end_sum, .outcomes = 1 << 3)

static void claim(void *world) {
    shared *at = world;
    int free_value = 0;
    if (atomic_compare_exchange_strong_explicit(&at->x, &free_value, 1, memory_order_acq_rel,
                                                memory_order_acquire)) {
        at->plain++;
        store_release(&at->y, 1);
    }
}
static void end_claim(void *world) {
    const shared *at = world;
    model_outcome((uint32_t)at->plain);
}

MODEL_CASE(litmus, one_claims, .start = start, .threads = {claim, claim, claim}, .end = end_claim,
           .outcomes = 1 << 1)

// Locks.

static void add_locked(void *world) {
    shared *at = world;
    pthread_mutex_lock(&at->lock);
    at->plain++;
    pthread_mutex_unlock(&at->lock);
}

MODEL_CASE(litmus, locks, .start = start, .threads = {add_locked, add_locked, add_locked},
           .end = end_claim, .outcomes = 1 << 3)

// What must be found.

static void pass_plain(void *world) {
    shared *at = world;
    at->plain = 1;
    store(&at->y, 1);
}
static void take_plain(void *world) {
    shared *at = world;
    if (load_acquire(&at->y) == 1) at->seen[0] = at->plain;
}
static void pass_plain_released(void *world) {
    shared *at = world;
    at->plain = 1;
    store_release(&at->y, 1);
}
static void take_plain_early(void *world) {
    shared *at = world;
    if (load(&at->y) == 1) at->seen[0] = at->plain;
}
static void write_plain(void *world) {
    shared *at = world;
    at->plain = 2;
}
static void lock_in_order(void *world) {
    shared *at = world;
    pthread_mutex_lock(&at->lock);
    pthread_mutex_lock(&at->other_lock);
    pthread_mutex_unlock(&at->other_lock);
    pthread_mutex_unlock(&at->lock);
}
static void lock_the_other_way(void *world) {
    shared *at = world;
    pthread_mutex_lock(&at->other_lock);
    pthread_mutex_lock(&at->lock);
    pthread_mutex_unlock(&at->lock);
    pthread_mutex_unlock(&at->other_lock);
}

MODEL_CASE(litmus, plain_message, .start = start, .threads = {pass_plain_released, take_plain},
           .end = end_two, .outcomes = 0x3)
MODEL_CASE(litmus, race_without_release, .start = start, .threads = {pass_plain, take_plain},
           .fails = "race: thread 1's read")
MODEL_CASE(litmus, race_without_acquire, .start = start,
           .threads = {pass_plain_released, take_plain_early}, .fails = "race: thread 1's read")
MODEL_CASE(litmus, race_of_writes, .start = start, .threads = {write_plain, write_plain},
           .fails = "race: thread 1's write")
MODEL_CASE(litmus, deadlock, .start = start, .threads = {lock_in_order, lock_the_other_way},
           .fails = "all threads wait for each other")

// Two observers may see two independent stores in different orders, unless all is in one order.

static void publish_x(void *world) {
    shared *at = world;
    store_release(&at->x, 1);
}
static void publish_y(void *world) {
    shared *at = world;
    store_release(&at->y, 1);
}
static void observe_x_y(void *world) {
    shared *at = world;
    at->seen[0] = load_acquire(&at->x);
    at->seen[1] = load_acquire(&at->y);
}
static void observe_y_x(void *world) {
    shared *at = world;
    at->seen[2] = load_acquire(&at->y);
    at->seen[3] = load_acquire(&at->x);
}
static void publish_total_x(void *world) {
    shared *at = world;
    atomic_store_explicit(&at->x, 1, memory_order_seq_cst);
}
static void publish_total_y(void *world) {
    shared *at = world;
    atomic_store_explicit(&at->y, 1, memory_order_seq_cst);
}
static void observe_total_x_y(void *world) {
    shared *at = world;
    at->seen[0] = atomic_load_explicit(&at->x, memory_order_seq_cst);
    at->seen[1] = atomic_load_explicit(&at->y, memory_order_seq_cst);
}
static void observe_total_y_x(void *world) {
    shared *at = world;
    at->seen[2] = atomic_load_explicit(&at->y, memory_order_seq_cst);
    at->seen[3] = atomic_load_explicit(&at->x, memory_order_seq_cst);
}

MODEL_CASE(litmus, independent_stores, .start = start,
           .threads = {publish_x, publish_y, observe_x_y, observe_y_x}, .end = end_four,
           .outcomes = 0xffff)
// x before y for one, y before x for the other: 0101.
MODEL_CASE(litmus, independent_stores_in_total_order, .start = start,
           .threads = {publish_total_x, publish_total_y, observe_total_x_y, observe_total_y_x},
           .end = end_four, .outcomes = 0xffff & ~(1 << 5))

// Mixed accesses.

static void store_x_early(void *world) {
    shared *at = world;
    store(&at->x, 1);
}
static void copy_x_plainly(void *world) {
    shared *at = world;
    at->seen[0] = *(volatile int *)&at->x;
}

MODEL_CASE(litmus, plain_read_of_an_atomic, .start = start,
           .threads = {store_x_early, copy_x_plainly}, .fails = "plain")
