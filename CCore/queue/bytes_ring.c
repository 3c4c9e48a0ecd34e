// bytes_ring.c — records behind an 8-byte header in a ring of bytes.
//
// Positions count up for ever and wrap by masking, as in spsc.h. Everything is a multiple of 8,
// so a header always fits before the end. A record that does not fit there is preceded by a
// filler which takes the rest; both are published by one store of the tail, so a filler is never
// the last thing in the ring.
#include "nt/bytes_ring.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nt/spsc.h"

enum { MIN_CAPACITY = 64, MAX_CAPACITY = 1 << 30, HEADER_SIZE = 8 };

typedef struct {
    uint32_t length; ///< Bytes after the header, before rounding up to 8.
    uint32_t is_filler;
} record_header;
_Static_assert(sizeof(record_header) == HEADER_SIZE, "records stay aligned to 8");

struct nt_bytes_ring {
    _Alignas(NT_CACHE_PAIR) _Atomic uint64_t tail; ///< End of what is published. Producer writes.
    uint64_t known_head;                           ///< Producer's last look at head.
    uint64_t claimed_at;                           ///< Where the claimed record's header goes.
    uint32_t claimed_length;
    bool has_claim;
    _Alignas(NT_CACHE_PAIR) _Atomic uint64_t head; ///< Oldest unreleased. Consumer writes.
    uint64_t known_tail;                           ///< Consumer's last look at tail.
    _Alignas(NT_CACHE_PAIR) uint8_t *bytes;        ///< From here on constant after creation.
    uint64_t capacity;
};

nt_status nt_bytes_ring_create(uint32_t capacity, nt_bytes_ring **out) {
    if (capacity < MIN_CAPACITY || capacity > MAX_CAPACITY || (capacity & (capacity - 1)) != 0) {
        return nt_fail(NT_INVALID, "create byte ring: capacity of %u", capacity);
    }
    nt_bytes_ring *ring = aligned_alloc(NT_CACHE_PAIR, sizeof *ring);
    if (ring == NULL) return nt_fail(NT_NO_MEMORY, "create byte ring: no memory");
    memset(ring, 0, sizeof *ring);
    ring->capacity = capacity;
    ring->bytes = aligned_alloc(MIN_CAPACITY, capacity);
    if (ring->bytes == NULL) {
        free(ring);
        return nt_fail(NT_NO_MEMORY, "create byte ring: no memory");
    }
    memset(ring->bytes, 0, capacity); // So that no page is touched first on the lane.
    *out = ring;
    return NT_OK;
}

void nt_bytes_ring_destroy(nt_bytes_ring *ring) {
    if (ring == NULL) return;
    free(ring->bytes);
    free(ring);
}

uint32_t nt_bytes_ring_limit(const nt_bytes_ring *ring) {
    return (uint32_t)(ring->capacity / 2) - HEADER_SIZE;
}

static uint8_t *at_position(const nt_bytes_ring *ring, uint64_t position) {
    return ring->bytes + (position & (ring->capacity - 1));
}

static uint64_t record_size(uint32_t length) {
    return HEADER_SIZE + (((uint64_t)length + 7) & ~UINT64_C(7));
}

static void write_header(nt_bytes_ring *ring, uint64_t position, uint32_t length, bool is_filler) {
    const record_header header = {length, is_filler};
    memcpy(at_position(ring, position), &header, sizeof header);
}

static record_header read_header(const nt_bytes_ring *ring, uint64_t position) {
    record_header header;
    memcpy(&header, at_position(ring, position), sizeof header);
    return header;
}

/// Whether `size` bytes from `tail` on are free.
static bool has_room(nt_bytes_ring *ring, uint64_t tail, uint64_t size) {
    if (ring->capacity - (tail - ring->known_head) >= size) return true;
    // Acquire: the consumer is done with the bytes before we overwrite them.
    // Pairs with the releases in nt_bytes_ring_peek and nt_bytes_ring_release.
    ring->known_head = atomic_load_explicit(&ring->head, memory_order_acquire);
    return ring->capacity - (tail - ring->known_head) >= size;
}

uint8_t *nt_bytes_ring_claim(nt_bytes_ring *ring, uint32_t length) {
    ring->has_claim = false;
    if (length > nt_bytes_ring_limit(ring)) return NULL;
    const uint64_t size = record_size(length);
    // Relaxed: our own position.
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    const uint64_t to_end = ring->capacity - (tail & (ring->capacity - 1));
    const uint64_t skipped = size > to_end ? to_end : 0;
    if (!has_room(ring, tail, skipped + size)) return NULL;
    if (skipped != 0) write_header(ring, tail, (uint32_t)skipped - HEADER_SIZE, true);
    ring->claimed_at = tail + skipped;
    ring->claimed_length = length;
    ring->has_claim = true;
    return at_position(ring, ring->claimed_at) + HEADER_SIZE;
}

void nt_bytes_ring_commit(nt_bytes_ring *ring, uint32_t length) {
    NT_ASSERT(ring->has_claim && length <= ring->claimed_length);
    ring->has_claim = false;
    write_header(ring, ring->claimed_at, length, false);
    // Release: filler, header and bytes are visible before the new tail.
    // Pairs with the acquire in nt_bytes_ring_peek.
    atomic_store_explicit(&ring->tail, ring->claimed_at + record_size(length),
                          memory_order_release);
}

nt_status nt_bytes_ring_push(nt_bytes_ring *ring, const void *bytes, uint32_t length) {
    if (length > nt_bytes_ring_limit(ring)) return NT_INVALID;
    uint8_t *room = nt_bytes_ring_claim(ring, length);
    if (room == NULL) return NT_FULL;
    if (length > 0) memcpy(room, bytes, length);
    nt_bytes_ring_commit(ring, length);
    return NT_OK;
}

const uint8_t *nt_bytes_ring_peek(nt_bytes_ring *ring, uint32_t *length) {
    // Relaxed: our own position.
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head == ring->known_tail) {
        // Acquire: the records' bytes are visible after their tail.
        // Pairs with the release in nt_bytes_ring_commit.
        ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->known_tail) return NULL;
    }
    record_header header = read_header(ring, head);
    if (header.is_filler) {
        head += record_size(header.length);
        // Release: our read of the filler is done before its bytes are free.
        // Pairs with the acquire in has_room.
        atomic_store_explicit(&ring->head, head, memory_order_release);
        header = read_header(ring, head);
    }
    *length = header.length;
    return at_position(ring, head) + HEADER_SIZE;
}

void nt_bytes_ring_release(nt_bytes_ring *ring) {
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    NT_ASSERT(head != ring->known_tail);
    const uint64_t size = record_size(read_header(ring, head).length);
    // Release: our reads of the record are done before its bytes are free.
    // Pairs with the acquire in has_room.
    atomic_store_explicit(&ring->head, head + size, memory_order_release);
}

uint64_t nt_bytes_ring_used(const nt_bytes_ring *ring) {
    // Acquire: the tail read next is at least the one that the consumer saw before this head, so
    // the difference is never negative. Pairs with the releases in peek and release.
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    // Relaxed: the answer is old when it arrives, and guards nothing.
    const uint64_t used = atomic_load_explicit(&ring->tail, memory_order_relaxed) - head;
    return used <= ring->capacity ? used : ring->capacity;
}
