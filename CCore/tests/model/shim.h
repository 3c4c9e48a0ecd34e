// shim.h — included before the source under test: names its atomic operations, and gives it the
// checker's memory, locks, threads and sleep. The source itself is not changed.
#ifndef NT_MODEL_SHIM_H
#define NT_MODEL_SHIM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "model.h"

#define MODEL_AT(what)                                                                             \
    do {                                                                                           \
        static const model_site model_here = {__FILE__, __func__, what, __LINE__};                 \
        model_at(&model_here);                                                                     \
    } while (0)

// Operands first: they may hold atomic operations of their own.

#undef atomic_load_explicit
#define atomic_load_explicit(from, order)                                                          \
    ({                                                                                             \
        __auto_type model_from = (from);                                                           \
        MODEL_AT("load");                                                                          \
        __c11_atomic_load(model_from, order);                                                      \
    })

#undef atomic_store_explicit
#define atomic_store_explicit(to, value, order)                                                    \
    ({                                                                                             \
        __auto_type model_to = (to);                                                               \
        __auto_type model_value = (value);                                                         \
        MODEL_AT("store");                                                                         \
        __c11_atomic_store(model_to, model_value, order);                                          \
    })

#define MODEL_RMW(operation, what, to, value, order)                                               \
    ({                                                                                             \
        __auto_type model_to = (to);                                                               \
        __auto_type model_value = (value);                                                         \
        MODEL_AT(what);                                                                            \
        operation(model_to, model_value, order);                                                   \
    })

#undef atomic_exchange_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_or_explicit
#undef atomic_fetch_and_explicit
#define atomic_exchange_explicit(to, value, order)                                                 \
    MODEL_RMW(__c11_atomic_exchange, "exchange", to, value, order)
#define atomic_fetch_add_explicit(to, value, order)                                                \
    MODEL_RMW(__c11_atomic_fetch_add, "fetch_add", to, value, order)
#define atomic_fetch_sub_explicit(to, value, order)                                                \
    MODEL_RMW(__c11_atomic_fetch_sub, "fetch_sub", to, value, order)
#define atomic_fetch_or_explicit(to, value, order)                                                 \
    MODEL_RMW(__c11_atomic_fetch_or, "fetch_or", to, value, order)
#define atomic_fetch_and_explicit(to, value, order)                                                \
    MODEL_RMW(__c11_atomic_fetch_and, "fetch_and", to, value, order)

#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak_explicit
#define atomic_compare_exchange_strong_explicit(to, expected, value, success, failure)             \
    ({                                                                                             \
        __auto_type model_to = (to);                                                               \
        __auto_type model_expected = (expected);                                                   \
        __auto_type model_value = (value);                                                         \
        MODEL_AT("compare_exchange");                                                              \
        __c11_atomic_compare_exchange_strong(model_to, model_expected, model_value, success,       \
                                             failure);                                             \
    })
#define atomic_compare_exchange_weak_explicit atomic_compare_exchange_strong_explicit

#undef atomic_thread_fence
#define atomic_thread_fence(order)                                                                 \
    do {                                                                                           \
        MODEL_AT("fence");                                                                         \
        __c11_atomic_thread_fence(order);                                                          \
    } while (0)

void *model_malloc(size_t size);
void *model_calloc(size_t count, size_t size);
void *model_aligned_alloc(size_t alignment, size_t size);
void model_free(void *memory);
int model_mutex_lock(pthread_mutex_t *mutex);
int model_mutex_unlock(pthread_mutex_t *mutex);
/// Waits for one of the case's threads: `thread` is its number.
int model_join(uintptr_t thread);
int model_sleep(void);

#define malloc                      model_malloc
#define calloc                      model_calloc
#define aligned_alloc               model_aligned_alloc
#define free                        model_free
#define pthread_mutex_lock          model_mutex_lock
#define pthread_mutex_unlock        model_mutex_unlock
#define pthread_join(thread, value) model_join((uintptr_t)(thread))
#define nanosleep(pause, left)      ((void)(pause), model_sleep())
#define nt_assert_failed            model_assert_failed

#endif
