// spsc.h — a ring of fixed-size items from one thread to one other; neither ever waits.
//
// Positions count up for ever and wrap by masking. Each side keeps its own position and its last
// look at the other's on cache lines of its own, and looks again only when the ring seems full
// or empty, so in steady flow the two threads share no line but the items' (the scheme of
// https://rigtorp.se/ringbuffer/). The functions are inline: they are part of the tick's path.
#ifndef NT_SPSC_H
#define NT_SPSC_H

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "nt/planted.h"
#include "nt/status.h"

/// Two lines of 64 bytes, because the processor fetches neighbours in pairs.
#define NT_CACHE_PAIR 128

/// Opaque to users; here for the inline functions. Created and destroyed by the owner of both
/// threads. "Producer" and "consumer" below name the one thread that may call.
typedef struct nt_spsc {
    _Alignas(NT_CACHE_PAIR) _Atomic uint64_t tail; ///< Next to be written. Producer writes.
    uint64_t known_head;                           ///< Producer's last look at head.
    _Alignas(NT_CACHE_PAIR) _Atomic uint64_t head; ///< Next to be read. Consumer writes.
    uint64_t known_tail;                           ///< Consumer's last look at tail.
    _Alignas(NT_CACHE_PAIR) uint8_t *items;        ///< From here on constant after creation.
    uint64_t capacity;
    uint32_t item_size, stride;
} nt_spsc;

/// `capacity`: items, a power of two. Slots are aligned to 8 bytes. All memory is touched here.
/// NT_INVALID: not a power of two, or an item size of zero. NT_NO_MEMORY.
nt_status nt_spsc_create(uint32_t capacity, uint32_t item_size, nt_spsc **out);
void nt_spsc_destroy(nt_spsc *ring);

static inline uint8_t *nt_spsc_slot(const nt_spsc *ring, uint64_t position) {
    return ring->items + (position & (ring->capacity - 1)) * ring->stride;
}

/// The next free slot, to be filled and committed; NULL when full. Producer.
static inline void *nt_spsc_claim(nt_spsc *ring) {
    // Relaxed: our own position.
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    const uint64_t room = ring->capacity + (nt_planted(NT_BUG_RING_ONE_TOO_MANY) ? 1 : 0);
    if (__builtin_expect(tail - ring->known_head == room, 0)) {
        // Acquire: the consumer is done with the slot before we overwrite it.
        // Pairs with the release in nt_spsc_release_many.
        ring->known_head = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail - ring->known_head == room) return NULL;
    }
    return nt_spsc_slot(ring, tail);
}

/// Publishes the claimed slot. Producer.
static inline void nt_spsc_commit(nt_spsc *ring) {
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    // Release: the slot's bytes are visible before the new tail.
    // Pairs with the acquire in nt_spsc_ready.
    if (nt_planted(NT_BUG_RING_RELAXED))
        atomic_store_explicit(&ring->tail, tail + 1, memory_order_relaxed);
    else
        atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

/// Copies an item in. NT_FULL when there is no room. Producer.
static inline nt_status nt_spsc_push(nt_spsc *ring, const void *item) {
    void *slot = nt_spsc_claim(ring);
    if (slot == NULL) return NT_FULL;
    memcpy(slot, item, ring->item_size);
    nt_spsc_commit(ring);
    return NT_OK;
}

/// Items that can be read now. Looks at the producer's position only when none was known.
/// Consumer.
static inline uint64_t nt_spsc_ready(nt_spsc *ring) {
    // Relaxed: our own position.
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (ring->known_tail == head) {
        // Acquire: the items' bytes are visible after their tail.
        // Pairs with the release in nt_spsc_commit.
        ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    }
    return ring->known_tail - head;
}

/// The oldest item, valid until it is released; NULL when empty. Consumer.
static inline const void *nt_spsc_peek(nt_spsc *ring) {
    if (nt_spsc_ready(ring) == 0) return NULL;
    return nt_spsc_slot(ring, atomic_load_explicit(&ring->head, memory_order_relaxed));
}

/// Gives back the `count` oldest slots, which must be ready. Consumer.
static inline void nt_spsc_release_many(nt_spsc *ring, uint64_t count) {
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    // Release: our reads of the slots are done before they are free.
    // Pairs with the acquire in nt_spsc_claim.
    atomic_store_explicit(&ring->head, head + count, memory_order_release);
}

/// Gives back the peeked slot. Consumer.
static inline void nt_spsc_release(nt_spsc *ring) { nt_spsc_release_many(ring, 1); }

/// Copies the oldest item out and removes it. NT_EMPTY when there is none. Consumer.
static inline nt_status nt_spsc_pop(nt_spsc *ring, void *item) {
    const void *slot = nt_spsc_peek(ring);
    if (slot == NULL) return NT_EMPTY;
    memcpy(item, slot, ring->item_size);
    nt_spsc_release(ring);
    return NT_OK;
}

/// Copies up to `limit` items, tightly packed, and removes them all at once. Returns how many;
/// what the producer commits meanwhile may wait for the next call. Consumer.
uint32_t nt_spsc_drain(nt_spsc *ring, void *items, uint32_t limit);

/// Items inside, as far as a look from outside can tell. Any thread.
uint64_t nt_spsc_count(const nt_spsc *ring);

#endif
