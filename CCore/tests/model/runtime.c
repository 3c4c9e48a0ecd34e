// runtime.c — what the instrumented code calls instead of the thread sanitizer's library, and
// what shim.h puts in the place of allocation, locks and sleep.
//
// The compiler's instrumentation calls these at every access that another thread might see. While
// a case starts or ends there is one thread, and they act on memory as it is.
#include "checker.h"

#include <pthread.h>
#include <string.h>

// Plain accesses.

static void plain(const void *address, size_t size, bool is_write) {
    const model_view *view = explore_view();
    if (view != NULL) memory_plain(view, address, size, is_write);
}

#define PLAIN(name, size, is_write)                                                                \
    void __tsan_##name(void *address);                                                             \
    void __tsan_##name(void *address) { plain(address, size, is_write); }

PLAIN(read1, 1, false)
PLAIN(read2, 2, false)
PLAIN(read4, 4, false)
PLAIN(read8, 8, false)
PLAIN(read16, 16, false)
PLAIN(write1, 1, true)
PLAIN(write2, 2, true)
PLAIN(write4, 4, true)
PLAIN(write8, 8, true)
PLAIN(write16, 16, true)
PLAIN(unaligned_read2, 2, false)
PLAIN(unaligned_read4, 4, false)
PLAIN(unaligned_read8, 8, false)
PLAIN(unaligned_read16, 16, false)
PLAIN(unaligned_write2, 2, true)
PLAIN(unaligned_write4, 4, true)
PLAIN(unaligned_write8, 8, true)
PLAIN(unaligned_write16, 16, true)

void __tsan_init(void);
void __tsan_init(void) {}

void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memcpy(void *to, const void *from, size_t size) {
    plain(from, size, false);
    plain(to, size, true);
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size) {
    plain(from, size, false);
    plain(to, size, true);
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int value, size_t size);
void *__tsan_memset(void *to, int value, size_t size) {
    plain(to, size, true);
    return memset(to, value, size);
}

// Atomics, of all sizes as 64 bits.

static void take_turn(const void *address, bool is_write) {
    if (!memory_is_apart(explore_view(), address, is_write)) explore_point();
}

static uint64_t load(const void *from, uint32_t size, int order) {
    uint64_t value = 0;
    if (explore_view() == NULL) {
        memcpy(&value, from, size);
        return value;
    }
    take_turn(from, false);
    return memory_load(explore_view(), from, size, mutants_order(order));
}

static void put(void *to, uint32_t size, uint64_t value, int order) {
    if (explore_view() == NULL) {
        memcpy(to, &value, size);
        return;
    }
    take_turn(to, true);
    memory_store(explore_view(), to, size, value, mutants_order(order));
}

static uint64_t modify(void *to, uint32_t size, uint64_t operand, model_update update, int order) {
    if (explore_view() == NULL) {
        uint64_t old = 0;
        memcpy(&old, to, size);
        const uint64_t value = update(old, operand);
        memcpy(to, &value, size);
        return old;
    }
    take_turn(to, true);
    return memory_modify(explore_view(), to, size, operand, update, mutants_order(order));
}

static bool compare(void *to, uint32_t size, uint64_t *expected, uint64_t value, int success,
                    int failure) {
    if (explore_view() == NULL) {
        uint64_t old = 0;
        memcpy(&old, to, size);
        const bool exchanges = old == *expected;
        if (exchanges) memcpy(to, &value, size);
        *expected = old;
        return exchanges;
    }
    take_turn(to, true);
    return memory_compare(explore_view(), to, size, expected, value, mutants_order(success),
                          failure);
}

static uint64_t exchanged(uint64_t old, uint64_t operand) { return (void)old, operand; }
static uint64_t added(uint64_t old, uint64_t operand) { return old + operand; }
static uint64_t subtracted(uint64_t old, uint64_t operand) { return old - operand; }
static uint64_t with_bits(uint64_t old, uint64_t operand) { return old | operand; }
static uint64_t only_bits(uint64_t old, uint64_t operand) { return old & operand; }

#define MODIFY(bits, name, update)                                                                 \
    uint##bits##_t __tsan_atomic##bits##_##name(uint##bits##_t *to, uint##bits##_t operand,        \
                                                int order);                                        \
    uint##bits##_t __tsan_atomic##bits##_##name(uint##bits##_t *to, uint##bits##_t operand,        \
                                                int order) {                                       \
        return (uint##bits##_t)modify(to, sizeof *to, operand, update, order);                     \
    }

#define ATOMIC(bits)                                                                               \
    uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *from, int order);              \
    uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *from, int order) {             \
        return (uint##bits##_t)load(from, sizeof *from, order);                                    \
    }                                                                                              \
    void __tsan_atomic##bits##_store(uint##bits##_t *to, uint##bits##_t value, int order);         \
    void __tsan_atomic##bits##_store(uint##bits##_t *to, uint##bits##_t value, int order) {        \
        put(to, sizeof *to, value, order);                                                         \
    }                                                                                              \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                     \
        uint##bits##_t *to, uint##bits##_t expected, uint##bits##_t value, int success,            \
        int failure);                                                                              \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                     \
        uint##bits##_t *to, uint##bits##_t expected, uint##bits##_t value, int success,            \
        int failure) {                                                                             \
        uint64_t old = expected;                                                                   \
        compare(to, sizeof *to, &old, value, success, failure);                                    \
        return (uint##bits##_t)old;                                                                \
    }                                                                                              \
    MODIFY(bits, exchange, exchanged)                                                              \
    MODIFY(bits, fetch_add, added)                                                                 \
    MODIFY(bits, fetch_sub, subtracted)                                                            \
    MODIFY(bits, fetch_or, with_bits)                                                              \
    MODIFY(bits, fetch_and, only_bits)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order) {
    model_view *view = explore_view();
    if (view != NULL) memory_fence(view, mutants_order(order));
}

/// Concerns the compiler alone.
void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order) { (void)order; }

// What shim.h renames.

void *model_malloc(size_t size);
void *model_malloc(size_t size) { return memory_allocate(16, size); }

void *model_calloc(size_t count, size_t size);
void *model_calloc(size_t count, size_t size) { return memory_allocate(16, count * size); }

void *model_aligned_alloc(size_t alignment, size_t size);
void *model_aligned_alloc(size_t alignment, size_t size) {
    return memory_allocate(alignment, size);
}

void model_free(void *memory);
void model_free(void *memory) { (void)memory; }

int model_mutex_lock(pthread_mutex_t *mutex);
int model_mutex_lock(pthread_mutex_t *mutex) {
    if (explore_view() == NULL) return 0;
    explore_wait(mutex, 0);
    memory_lock(explore_view(), mutex);
    return 0;
}

int model_mutex_unlock(pthread_mutex_t *mutex);
int model_mutex_unlock(pthread_mutex_t *mutex) {
    if (explore_view() != NULL) memory_unlock(explore_view(), mutex);
    return 0;
}

_Noreturn void model_assert_failed(const char *condition, const char *file, int line);
_Noreturn void model_assert_failed(const char *condition, const char *file, int line) {
    model_fail("%s:%d: this cannot be: %s is false", file, line, condition);
    __builtin_trap();
}
