// fold.h — FNV-1a of integers in little-endian order, the same on every machine.
#ifndef NT_ORDER_FOLD_H
#define NT_ORDER_FOLD_H

#include <stdint.h>

#define NT_FOLD_START UINT64_C(0xcbf29ce484222325)

/// Wraps on purpose. Teacher: http://www.isthe.com/chongo/tech/comp/fnv/
static inline uint64_t nt_fold(uint64_t hash, int64_t value) {
    uint64_t rest = (uint64_t)value;
    for (int i = 0; i < 8; i++) {
        hash = (hash ^ (rest & 0xff)) * UINT64_C(0x100000001b3);
        rest >>= 8;
    }
    return hash;
}

#endif
