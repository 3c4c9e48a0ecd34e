// memory.c — memory as C11 gives it to threads.
//
// Every atomic location keeps all of its stores in modification order. A load may read any store
// that coherence allows: none older than one that happened before it, or than one that a load
// before it has read. A store may be put anywhere in the modification order that coherence
// allows. An acquire that reads a release takes over what the releasing thread knew. Plain
// accesses keep, per byte, the last write and the last read of each thread; two that are not
// ordered by happens-before and are not both reads are a race.
//
// Sequentially consistent operations take effect in the order of execution: none goes back behind
// what another has read or written at the same location. A seq_cst fence is acquire and release
// only, so what needs more of one is reported as wrong.
//
// Release sequences are those of C++20: only read-modify-writes continue one. Loads read stores
// that were made already: no load buffering, no values out of thin air. Consume is acquire.
#include "checker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_SIZE = 512 << 10,
    PAGE_SIZE = 1024, ///< Of what is known of bytes.
    MAX_STORES = 4096,
    MAX_LOCATIONS = 256,
    MAX_STORES_EACH = 256,
    MAX_LOCKS = 16,
};

typedef struct {
    uint64_t value;
    model_clock released;              ///< What an acquire that reads it learns.
    uint16_t first_read[MODEL_CLOCKS]; ///< Step of each thread's first load of it.
    uint32_t id;                       ///< The same in every interleaving.
    uint16_t thread, step;
    bool modifies; ///< Of a read-modify-write: stays right behind what it read.
    bool in_total; ///< A seq_cst operation has written or read it.
} store;

typedef struct {
    uint32_t place; ///< In the arena.
    uint32_t size, count;
    uint16_t order[MAX_STORES_EACH]; ///< Modification order.
} location;

typedef struct {
    uint16_t write_step, write_thread;
    uint16_t read_step[MODEL_CLOCKS];
} byte_past;

typedef struct {
    const void *mutex;
    bool is_locked;
    uint32_t last; ///< Who unlocked it last, and at which step.
    model_clock released;
} lock;

static _Alignas(4096) uint8_t arena[ARENA_SIZE];
static uint32_t arena_used;
static byte_past past[ARENA_SIZE];
static bool is_used[ARENA_SIZE / PAGE_SIZE]; ///< Pages of `past`.
static uint16_t location_at[ARENA_SIZE];     ///< Number + 1 of the location that a byte belongs to.

static store stores[MAX_STORES];
static uint32_t store_count;
static location locations[MAX_LOCATIONS];
static uint32_t location_count;
static lock locks[MAX_LOCKS];
static uint32_t lock_count;

/// Which threads have used a place in any execution of this case, and which went there without a
/// scheduling point because no other did.
typedef struct {
    uint8_t read_by, written_by;
    uint8_t apart_reading, apart_writing;
} place_users;

static place_users users[ARENA_SIZE];

// Clocks.

static void learn(model_clock *clock, const model_clock *other) {
    for (uint32_t i = 0; i < MODEL_CLOCKS; i++) {
        if (other->of[i] > clock->of[i]) clock->of[i] = other->of[i];
    }
}

static bool acquires(int order) {
    return order == memory_order_acquire || order == memory_order_consume ||
           order == memory_order_acq_rel || order == memory_order_seq_cst;
}

static bool releases(int order) {
    return order == memory_order_release || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static bool is_total(int order) { return order == memory_order_seq_cst; }

/// One operation of this thread is done.
static void step(model_view *view) {
    view->now.of[view->number]++;
    view->steps++;
}

void memory_begin(model_view *view, uint32_t number) {
    *view = (model_view){.number = number};
    view->now.of[number] = 1;
}

void memory_join(model_view *view, const model_view *ended) {
    learn(&view->now, &ended->now);
    view->history = memory_mix(view->history, ended->number);
    step(view);
}

// Hashes.

uint64_t memory_mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 32;
}

uint64_t memory_hash(void) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < location_count; i++) {
        const location *each = &locations[i];
        uint64_t hash = memory_mix(1, each->place);
        // Only the first use of a location makes its initial store known.
        if (each->count == 1) continue;
        for (uint32_t k = 1; k < each->count; k++) {
            hash = memory_mix(hash, stores[each->order[k]].id);
        }
        sum += hash;
    }
    return sum;
}

// Locations.

static uint32_t place_of(const void *address) {
    return (uint32_t)((const uint8_t *)address - arena);
}

static bool is_arena(const void *address) {
    return (const uint8_t *)address >= arena && (const uint8_t *)address < arena + arena_used;
}

static uint64_t peek(const void *from, uint32_t size) {
    uint64_t value = 0;
    memcpy(&value, from, size); // Little endian.
    return value;
}

static uint16_t new_store(uint64_t value, uint32_t thread, uint32_t at_step) {
    if (store_count == MAX_STORES) {
        fprintf(stderr, "model checker: too many stores\n");
        exit(2);
    }
    store *made = &stores[store_count];
    *made = (store){.value = value,
                    .thread = (uint16_t)thread,
                    .step = (uint16_t)at_step,
                    .id = thread << 16 | at_step};
    for (uint32_t i = 0; i < MODEL_CLOCKS; i++) made->first_read[i] = MODEL_NEVER;
    return (uint16_t)store_count++;
}

static bool was_plain(uint32_t place, uint32_t size) {
    for (uint32_t i = place; i < place + size; i++) {
        bool used = past[i].write_step != 0;
        for (uint32_t k = 0; k < MODEL_CLOCKS; k++) used |= past[i].read_step[k] != 0;
        if (used) return true;
    }
    return false;
}

static location *make_location(uint32_t place, uint32_t size) {
    if (was_plain(place, size)) model_fail("%s: an atomic access to plain memory", mutants_here());
    if (location_count == MAX_LOCATIONS) {
        fprintf(stderr, "model checker: too many atomic locations\n");
        exit(2);
    }
    location *made = &locations[location_count++];
    made->place = place;
    made->size = size;
    made->count = 1;
    made->order[0] = new_store(peek(arena + place, size), MODEL_MAIN, 0);
    for (uint32_t i = 0; i < size; i++) location_at[place + i] = (uint16_t)location_count;
    return made;
}

static location *location_of(const void *address, uint32_t size) {
    if (!is_arena(address)) {
        model_fail("%s: an atomic outside of the case's memory", mutants_here());
        exit(2);
    }
    const uint32_t place = place_of(address);
    if (location_at[place] == 0) return make_location(place, size);
    location *found = &locations[location_at[place] - 1];
    if (found->place != place || found->size != size) {
        model_fail("%s: an atomic of %u bytes at one of %u", mutants_here(), size, found->size);
    }
    return found;
}

// Coherence.

static bool is_known(const model_view *view, const store *asked) {
    if (view->now.of[asked->thread] >= asked->step) return true;
    for (uint32_t i = 0; i < MODEL_CLOCKS; i++) {
        if (asked->first_read[i] <= view->now.of[i]) return true;
    }
    return false;
}

/// Place in the modification order of the oldest store that an operation of this thread may still
/// see.
static uint32_t oldest_visible(const model_view *view, const location *from, int order) {
    uint32_t at = from->count - 1;
    while (at > 0) {
        const store *asked = &stores[from->order[at]];
        if (is_known(view, asked) || (is_total(order) && asked->in_total)) break;
        at--;
    }
    return at;
}

static void read_from(model_view *view, store *source, int order) {
    if (source->first_read[view->number] == MODEL_NEVER) {
        source->first_read[view->number] = view->now.of[view->number];
    }
    source->in_total |= is_total(order);
    learn(acquires(order) ? &view->now : &view->acquirable, &source->released);
    view->history = memory_mix(view->history, source->id);
}

static store *insert(model_view *view, location *to, uint32_t at, uint64_t value, int order) {
    if (to->count == MAX_STORES_EACH) {
        fprintf(stderr, "model checker: too many stores to one location\n");
        exit(2);
    }
    memmove(&to->order[at + 1], &to->order[at], (to->count - at) * sizeof to->order[0]);
    to->order[at] = new_store(value, view->number, view->now.of[view->number]);
    to->count++;
    stores[to->order[at]].in_total = is_total(order);
    // The bytes hold the last store, for whoever looks when the threads have ended.
    if (at == to->count - 1) memcpy(arena + to->place, &value, to->size);
    return &stores[to->order[at]];
}

static const model_clock *what_is_released(const model_view *view, int order) {
    return releases(order) ? &view->now : &view->released;
}

uint64_t memory_load(model_view *view, const void *from, uint32_t size, int order) {
    location *read = location_of(from, size);
    const uint32_t choices = read->count - oldest_visible(view, read, order);
    const uint32_t at = read->count - 1 - explore_choose(choices);
    store *source = &stores[read->order[at]];
    read_from(view, source, order);
    step(view);
    explore_trace("read", from, source->value);
    return source->value;
}

void memory_store(model_view *view, void *to, uint32_t size, uint64_t value, int order) {
    location *written = location_of(to, size);
    uint32_t places[MAX_STORES_EACH + 1], count = 0;
    const uint32_t oldest = oldest_visible(view, written, order);
    for (uint32_t at = written->count; at > oldest; at--) {
        // Nothing comes between a read-modify-write and what it read.
        if (at < written->count && stores[written->order[at]].modifies) continue;
        places[count++] = at;
    }
    store *made = insert(view, written, places[explore_choose(count)], value, order);
    made->released = *what_is_released(view, order);
    step(view);
    explore_trace("wrote", to, value);
}

/// Chooses what a read-modify-write reads: a store that no other has changed yet.
static uint32_t choose_modified(const model_view *view, const location *changed, int order) {
    uint32_t places[MAX_STORES_EACH], count = 0;
    const uint32_t oldest = oldest_visible(view, changed, order);
    for (uint32_t at = changed->count; at-- > oldest;) {
        const bool is_last = at + 1 == changed->count;
        if (is_last || !stores[changed->order[at + 1]].modifies) places[count++] = at;
    }
    return places[explore_choose(count)];
}

static void write_modified(model_view *view, location *changed, uint32_t at, uint64_t value,
                           int order) {
    const model_clock before = stores[changed->order[at]].released;
    store *made = insert(view, changed, at + 1, value, order);
    made->modifies = true;
    made->released = *what_is_released(view, order);
    learn(&made->released, &before); // It continues the release sequence.
}

uint64_t memory_modify(model_view *view, void *to, uint32_t size, uint64_t operand,
                       model_update update, int order) {
    location *changed = location_of(to, size);
    const uint32_t at = choose_modified(view, changed, order);
    store *source = &stores[changed->order[at]];
    const uint64_t old = source->value;
    read_from(view, source, order);
    write_modified(view, changed, at, update(old, operand), order);
    step(view);
    explore_trace("changed", to, old);
    return old;
}

bool memory_compare(model_view *view, void *to, uint32_t size, uint64_t *expected, uint64_t value,
                    int success, int failure) {
    location *changed = location_of(to, size);
    const uint32_t oldest = oldest_visible(view, changed, success);
    const uint32_t oldest_failing = oldest_visible(view, changed, failure);
    uint32_t places[MAX_STORES_EACH], count = 0;
    for (uint32_t at = changed->count; at-- > oldest_failing;) {
        const bool is_last = at + 1 == changed->count;
        const bool fails = stores[changed->order[at]].value != *expected;
        const bool is_free = is_last || !stores[changed->order[at + 1]].modifies;
        if (fails || (is_free && at >= oldest)) places[count++] = at;
    }
    const uint32_t at = places[explore_choose(count)];
    store *source = &stores[changed->order[at]];
    const bool exchanges = source->value == *expected;
    *expected = source->value;
    read_from(view, source, exchanges ? success : failure);
    if (exchanges) write_modified(view, changed, at, value, success);
    step(view);
    explore_trace(exchanges ? "exchanged" : "kept", to, *expected);
    return exchanges;
}

void memory_fence(model_view *view, int order) {
    if (acquires(order)) learn(&view->now, &view->acquirable);
    if (releases(order)) view->released = view->now;
    step(view);
}

// Plain accesses.

static void report_race(const void *address, bool is_write, const char *other, uint32_t thread) {
    model_fail("race: thread %u's %s of byte %u, and thread %u's %s", explore_view()->number,
               is_write ? "write" : "read", place_of(address), thread, other);
}

void memory_plain(const model_view *view, const void *address, size_t size, bool is_write) {
    if (!is_arena(address)) {
        if (is_write && !explore_is_stack(address)) {
            model_fail("a write outside of the case's memory, which the checker cannot follow");
        }
        return;
    }
    for (size_t i = 0; i < size; i++) {
        const uint8_t *at = (const uint8_t *)address + i;
        byte_past *byte = &past[place_of(at)];
        is_used[place_of(at) / PAGE_SIZE] = true;
        if (location_at[place_of(at)] != 0) model_fail("a plain access to an atomic");
        if (byte->write_step > view->now.of[byte->write_thread]) {
            report_race(at, is_write, "write", byte->write_thread);
        }
        for (uint32_t k = 0; is_write && k < MODEL_THREADS; k++) {
            if (byte->read_step[k] > view->now.of[k]) report_race(at, is_write, "read", k);
        }
        if (is_write) {
            byte->write_thread = (uint16_t)view->number;
            byte->write_step = view->now.of[view->number];
        } else {
            byte->read_step[view->number] = view->now.of[view->number];
        }
    }
}

// Locks.

static lock *lock_of(const void *mutex) {
    for (uint32_t i = 0; i < lock_count; i++) {
        if (locks[i].mutex == mutex) return &locks[i];
    }
    if (lock_count == MAX_LOCKS) {
        fprintf(stderr, "model checker: too many locks\n");
        exit(2);
    }
    locks[lock_count] = (lock){.mutex = mutex};
    return &locks[lock_count++];
}

bool memory_is_locked(const void *mutex) { return lock_of(mutex)->is_locked; }

void memory_lock(model_view *view, void *mutex) {
    lock *taken = lock_of(mutex);
    taken->is_locked = true;
    learn(&view->now, &taken->released);
    view->history = memory_mix(view->history, taken->last);
    step(view);
}

void memory_unlock(model_view *view, void *mutex) {
    lock *given = lock_of(mutex);
    given->is_locked = false;
    given->released = view->now;
    given->last = view->number << 16 | view->now.of[view->number];
    step(view);
}

// The case's memory: the same addresses in every execution, given back at its end.

void *memory_allocate(size_t alignment, size_t size) {
    const size_t begin = (arena_used + alignment - 1) / alignment * alignment;
    if (begin + size > ARENA_SIZE) {
        fprintf(stderr, "model checker: a case needs too much memory\n");
        exit(2);
    }
    arena_used = (uint32_t)(begin + size);
    return memset(arena + begin, 0, size);
}

void memory_forget(void) { memset(users, 0, sizeof users); }

/// What a thread does where no other ever goes needs no turn of its own: it is the same before and
/// after whatever the others do. Which places those are is learned; an error starts the case anew.
bool memory_is_apart(const model_view *view, const void *address, bool is_write) {
    if (!is_arena(address)) return false;
    place_users *place = &users[place_of(address)];
    const uint8_t own = (uint8_t)(1u << view->number), others = (uint8_t)~own;
    *(is_write ? &place->written_by : &place->read_by) |= own;
    const uint8_t misled = place->apart_writing | (is_write ? place->apart_reading : 0);
    if ((misled & others) != 0) {
        place->apart_reading = place->apart_writing = 0;
        explore_restart();
    }
    const uint8_t met = place->written_by | (is_write ? place->read_by : 0);
    if ((met & others) != 0) return false;
    *(is_write ? &place->apart_writing : &place->apart_reading) |= own;
    return true;
}

void memory_reset(void) {
    for (uint32_t i = 0; i < ARENA_SIZE / PAGE_SIZE; i++) {
        if (is_used[i]) memset(&past[i * PAGE_SIZE], 0, PAGE_SIZE * sizeof past[0]);
        is_used[i] = false;
    }
    for (uint32_t i = 0; i < location_count; i++) {
        const location *left = &locations[i];
        memset(&location_at[left->place], 0, left->size * sizeof location_at[0]);
    }
    arena_used = 0;
    store_count = location_count = lock_count = 0;
}
