// spsc.c — creation and the batch read of the ring whose hot half is inline in spsc.h.
#include "nt/spsc.h"

#include <stddef.h>
#include <stdlib.h>

_Static_assert(offsetof(nt_spsc, head) - offsetof(nt_spsc, tail) == NT_CACHE_PAIR,
               "the two sides share no cache line");
_Static_assert(offsetof(nt_spsc, items) - offsetof(nt_spsc, head) == NT_CACHE_PAIR,
               "constants share no line with a side");

/// Zeroed, so that no page of it is touched for the first time on the lane.
static void *allocate(size_t size) {
    const size_t rounded = (size + NT_CACHE_PAIR - 1) / NT_CACHE_PAIR * NT_CACHE_PAIR;
    void *memory = aligned_alloc(NT_CACHE_PAIR, rounded);
    if (memory != NULL) memset(memory, 0, rounded);
    return memory;
}

nt_status nt_spsc_create(uint32_t capacity, uint32_t item_size, nt_spsc **out) {
    if (capacity == 0 || (capacity & (capacity - 1)) != 0) {
        return nt_fail(NT_INVALID, "create ring: %u is no power of two", capacity);
    }
    if (item_size == 0 || item_size > UINT32_MAX - 7) {
        return nt_fail(NT_INVALID, "create ring: item size of %u", item_size);
    }
    nt_spsc *ring = allocate(sizeof *ring);
    if (ring == NULL) return nt_fail(NT_NO_MEMORY, "create ring: no memory");
    ring->capacity = capacity;
    ring->item_size = item_size;
    ring->stride = (item_size + 7u) & ~7u;
    ring->items = allocate((size_t)capacity * ring->stride);
    if (ring->items == NULL) {
        free(ring);
        return nt_fail(NT_NO_MEMORY, "create ring: no memory");
    }
    *out = ring;
    return NT_OK;
}

void nt_spsc_destroy(nt_spsc *ring) {
    if (ring == NULL) return;
    free(ring->items);
    free(ring);
}

uint32_t nt_spsc_drain(nt_spsc *ring, void *items, uint32_t limit) {
    const uint64_t ready = nt_spsc_ready(ring);
    const uint32_t count = ready < limit ? (uint32_t)ready : limit;
    if (count == 0) return 0;
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint8_t *at = items;
    for (uint32_t i = 0; i < count; i++, at += ring->item_size) {
        memcpy(at, nt_spsc_slot(ring, head + i), ring->item_size);
    }
    nt_spsc_release_many(ring, count);
    return count;
}

uint64_t nt_spsc_count(const nt_spsc *ring) {
    // Acquire: the tail read next is at least the one that the consumer saw before this head, so
    // the difference is never negative. Pairs with the release in nt_spsc_release_many.
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    // Relaxed: the answer is old when it arrives, and guards nothing.
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    const uint64_t count = tail - head;
    return count <= ring->capacity ? count : ring->capacity;
}
