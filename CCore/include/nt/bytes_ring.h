// bytes_ring.h — records of any length from one thread to one other; neither ever waits.
//
// The lane's way to the tape and the outbox: it writes a frame straight into the ring. Every
// record lies in one piece; the unused rest at the ring's end is skipped.
#ifndef NT_BYTES_RING_H
#define NT_BYTES_RING_H

#include <stdint.h>

#include "nt/status.h"

/// Created and destroyed by the owner of both threads. "Producer" and "consumer" below name the
/// one thread that may call.
typedef struct nt_bytes_ring nt_bytes_ring;

/// `capacity`: bytes, a power of two, 64 … 2^30. Each record takes 8 more than its length, and
/// is aligned to 8. All memory is touched here. NT_INVALID, NT_NO_MEMORY.
nt_status nt_bytes_ring_create(uint32_t capacity, nt_bytes_ring **out);
void nt_bytes_ring_destroy(nt_bytes_ring *ring);

/// The longest record: half of the capacity less 8, which fits wherever the ring stands.
uint32_t nt_bytes_ring_limit(const nt_bytes_ring *ring);

/// Room for a record of `length` bytes, in one piece; NULL when there is none now, or when
/// `length` is beyond the limit. A second claim replaces one that was not committed. Producer.
uint8_t *nt_bytes_ring_claim(nt_bytes_ring *ring, uint32_t length);
/// Publishes the first `length` bytes of the claim, at most what was claimed. Producer.
void nt_bytes_ring_commit(nt_bytes_ring *ring, uint32_t length);
/// Claims, copies and commits. NT_FULL: no room now. NT_INVALID: beyond the limit. Producer.
nt_status nt_bytes_ring_push(nt_bytes_ring *ring, const void *bytes, uint32_t length);

/// The oldest record, valid until it is released; NULL when empty. Consumer.
const uint8_t *nt_bytes_ring_peek(nt_bytes_ring *ring, uint32_t *length);
/// Gives back the peeked record. Consumer.
void nt_bytes_ring_release(nt_bytes_ring *ring);

/// Bytes in use, as far as a look from outside can tell. Any thread.
uint64_t nt_bytes_ring_used(const nt_bytes_ring *ring);

#endif
