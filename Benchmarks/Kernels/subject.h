// subject.h — what stands behind a bk_subject: a few functions over state of its own.
#ifndef BENCHMARK_SUBJECT_H
#define BENCHMARK_SUBJECT_H

#include <stdlib.h>

#include "include/benchmark_kernels.h"

/// First member of each subject's struct.
struct bk_subject {
    /// Does `count` operations from where the last call ended; returns the sum of their results.
    uint64_t (*run)(bk_subject *subject, uint32_t count);
    uint64_t (*floor)(bk_subject *subject, uint32_t count); ///< NULL = none.
    void (*rewind)(bk_subject *subject);                    ///< Back to the beginning; or NULL.
    void (*rest)(bk_subject *subject);                      ///< After a round; or NULL.
    uint64_t (*hash)(bk_subject *subject);                  ///< NULL = the sums say it all.
    void (*destroy)(bk_subject *subject);                   ///< Frees what it holds, not itself.
    const char *problem;
    uint32_t operations, operation_bytes;
};

/// Makes the compiler believe that `value` is used.
static inline void bk_consume(uint64_t value) { __asm__ volatile("" : : "r"(value) : "memory"); }

/// FNV-1a over eight bytes, lowest first.
static inline uint64_t bk_fold(uint64_t hash, uint64_t value) {
    for (uint32_t i = 0; i < 8; i++) hash = (hash ^ (value >> (8 * i) & 0xff)) * 0x100000001b3u;
    return hash;
}
#define BK_HASH_START UINT64_C(0xcbf29ce484222325)

#endif
