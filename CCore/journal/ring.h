// ring.h — a ring of bytes between one producer and one consumer, and the file it lives in.
//
// Positions only grow; a position's place is its remainder by the size. What is put into the ring
// is contiguous: where it does not fit before the ring's end, the producer skips to the start.
// The journal's ring is a shared mapping of `ring.ntr`, so that what was published outlives the
// process; the tape's ring is plain memory.
#ifndef NT_JOURNAL_RING_H
#define NT_JOURNAL_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "nt/file.h"
#include "record.h"

/// Shared by both sides, one cache line each.
typedef struct nt_ring_marks {
    alignas(64) _Atomic uint64_t tail; ///< Producer: everything before it is complete.
    alignas(64) _Atomic uint64_t head; ///< Consumer: everything before it may be overwritten.
    _Atomic uint64_t durable;          ///< Consumer: last sequence that was synced to disk.
} nt_ring_marks;

/// One side's view is enough to use it; the producer's own fields are never read by the consumer.
typedef struct nt_ring {
    nt_ring_marks *marks;
    uint8_t *bytes;
    uint64_t size;             ///< Power of two.
    alignas(64) uint64_t tail; ///< Producer's own copy.
    uint64_t known_head;       ///< Producer: head when last looked at.
} nt_ring;

static inline uint8_t *nt_ring_at(const nt_ring *ring, uint64_t position) {
    return ring->bytes + (position & (ring->size - 1));
}

/// Bytes from a position to the ring's end.
static inline uint64_t nt_ring_to_end(const nt_ring *ring, uint64_t position) {
    return ring->size - (position & (ring->size - 1));
}

/// Bytes to skip so that `length` bytes are contiguous. Producer.
static inline uint64_t nt_ring_skip(const nt_ring *ring, uint64_t length) {
    const uint64_t to_end = nt_ring_to_end(ring, ring->tail);
    return to_end < length ? to_end : 0;
}

/// True when `length` more bytes fit. Producer.
static inline bool nt_ring_fits(nt_ring *ring, uint64_t length) {
    if (ring->tail - ring->known_head + length <= ring->size) return true;
    // Acquire: the consumer has done with the bytes before head. Pairs with nt_ring_release.
    ring->known_head = atomic_load_explicit(&ring->marks->head, memory_order_acquire);
    return ring->tail - ring->known_head + length <= ring->size;
}

/// Publishes the next `length` bytes. Producer.
static inline void nt_ring_publish(nt_ring *ring, uint64_t length) {
    ring->tail += length;
    // Release: the bytes are visible before the new tail. Pairs with nt_ring_published, and with
    // recovery, which reads the mapping after the process has died.
    atomic_store_explicit(&ring->marks->tail, ring->tail, memory_order_release);
}

/// Position behind the last published byte. Consumer.
static inline uint64_t nt_ring_published(const nt_ring *ring) {
    // Acquire: pairs with the release in nt_ring_publish.
    return atomic_load_explicit(&ring->marks->tail, memory_order_acquire);
}

/// The consumer's own position. Consumer.
static inline uint64_t nt_ring_head(const nt_ring *ring) {
    return atomic_load_explicit(&ring->marks->head, memory_order_relaxed); // Its own store.
}

/// Gives everything before `position` back to the producer. Consumer.
static inline void nt_ring_release(const nt_ring *ring, uint64_t position) {
    // Release: the consumer's reads are done before the bytes may be overwritten. Pairs with the
    // acquire in nt_ring_fits.
    atomic_store_explicit(&ring->marks->head, position, memory_order_release);
}

static inline void nt_ring_set_durable(const nt_ring *ring, uint64_t sequence) {
    // Release: pairs with nt_ring_durable; whoever sees the sequence may rely on the disk.
    atomic_store_explicit(&ring->marks->durable, sequence, memory_order_release);
}

/// Any thread.
static inline uint64_t nt_ring_durable(const nt_ring *ring) {
    // Acquire: pairs with nt_ring_set_durable.
    return atomic_load_explicit(&ring->marks->durable, memory_order_acquire);
}

// The ring's file.

#define NT_RING_MAGIC  0x3152544eu ///< "NTR1"
#define NT_RING_FORMAT 2u          ///< Written; 1 is still read.
#define NT_RING_NAME   "ring.ntr"

enum {
    NT_RING_HEADER = 4096, ///< The ring's bytes begin here in the file.
    NT_RING_MIN = 4096,
    NT_RING_MAX = 1 << 30,
};

/// First page of the file. What is fixed has a sector of its own: it is synced before the file gets
/// its name, so that no power failure can damage it.
typedef struct nt_ring_header {
    uint32_t magic;
    uint32_t format;
    uint8_t account[16];
    uint64_t size;
    int64_t created_wall_ns;
    uint32_t epoch; ///< Of the run that made it.
    uint32_t reserved;
    uint8_t boot[NT_BOOT_SIZE]; ///< Run of the machine; in another one the rest is hearsay.
    uint32_t crc;               ///< CRC32C of everything before.
    alignas(512) nt_ring_marks marks;
} nt_ring_header;

static_assert(offsetof(nt_ring_header, crc) == 64, "the ring's header is a format on disk");
static_assert(offsetof(nt_ring_header, marks) == 512, "the ring's header is a format on disk");
static_assert(sizeof(nt_ring_header) <= NT_RING_HEADER, "the header has one page");

/// What a ring's file held: a copy, verified.
typedef struct nt_ring_view {
    bool present;
    bool other_boot; ///< The machine was started since: its records may be older than its marks.
    uint8_t account[16];
    uint64_t size;
    uint32_t epoch;                         ///< Of the last run that opened the journal.
    uint64_t durable;                       ///< Last sequence that was synced; 0: not known.
    uint8_t *bytes;                         ///< Freed by nt_ring_view_free.
    uint64_t head, tail;                    ///< Of the records that are whole.
    uint64_t first_sequence, last_sequence; ///< 0: no records.
    uint64_t trimmed_bytes;                 ///< Behind the last whole record.
} nt_ring_view;

/// Copies and verifies `ring.ntr`. An absent file is no ring and no error. NT_CORRUPT and
/// NT_VERSION as the journal reports them.
nt_status nt_ring_view_load(const char *directory, nt_files files, nt_ring_view *out);
void nt_ring_view_free(nt_ring_view *view);
/// Forgets the records of a view.
void nt_ring_view_drop(nt_ring_view *view);

/// Last sequence that was synced to disk, as `ring.ntr` says now. NT_EMPTY: there is no ring, or
/// one of another run of the machine.
nt_status nt_ring_durable_load(const char *directory, nt_files files, uint64_t *durable);

/// The record at *position, which moves behind it; NULL at the view's tail.
const nt_record *nt_ring_view_next(const nt_ring_view *view, uint64_t *position);

/// True when the ring still holds this sequence.
bool nt_ring_view_holds(const nt_ring_view *view, uint64_t sequence);

/// The mapped file.
typedef struct nt_ring_file {
    nt_files files;
    int descriptor;
    void *mapping;
    size_t length;
    bool locked; ///< The pages are locked in memory.
} nt_ring_file;

/// Makes and maps an empty `ring.ntr` that says: this run, everything up to `durable` is synced.
/// The old one is gone then; whatever it held must be on disk by now.
nt_status nt_ring_file_open(const nt_journal_config *config, uint32_t epoch, uint64_t durable,
                            nt_ring_file *file, nt_ring *ring);
void nt_ring_file_close(nt_ring_file *file);

#endif
