// drain.c — the way from the ring to disk, and the thread that walks it.
//
// Records are written straight from the mapping: a run of whole records that lie together is one
// write. After up to a group of them comes one sync, and only then do the durable sequence and
// the ring's head advance, so that whatever the disk may not have is still in the ring. The
// thread looks at the ring, works, and sleeps for less than a millisecond; the lane never wakes
// it and so makes no system call.
#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "journal_internal.h"

enum {
    RUN_LIMIT = 256 << 10, ///< Bytes of one write.
    GROUP_LIMIT = 1 << 20, ///< Bytes between two syncs.
    IDLE_SLEEP_NS = 500000,
};

/// Records that lie together, or a skip to the ring's start.
typedef struct {
    const uint8_t *bytes;
    uint64_t length; ///< 0: nothing to write.
    uint64_t next;   ///< Position behind it.
    uint64_t last_sequence;
} record_run;

/// Cuts the next run out of the ring. NT_IO: our own ring does not hold what was appended.
static nt_status next_run(const nt_ring *ring, uint64_t position, uint64_t tail, uint64_t last,
                          record_run *out) {
    *out =
        (record_run){.bytes = nt_ring_at(ring, position), .next = position, .last_sequence = last};
    uint64_t to_end = nt_ring_to_end(ring, position);
    while (out->next != tail && to_end > 0 && out->length < RUN_LIMIT) {
        const nt_record *record = (const nt_record *)nt_ring_at(ring, out->next);
        if (nt_record_is_pad(record, to_end)) {
            if (out->length == 0) out->next += to_end;
            return NT_OK;
        }
        if (record->length > tail - out->next || record->sequence != out->last_sequence + 1 ||
            !nt_record_whole(record, to_end)) {
            return nt_fail(NT_IO, "journal ring: record %" PRIu64 " was overwritten",
                           out->last_sequence + 1);
        }
        out->last_sequence = record->sequence;
        out->length += record->length;
        out->next += record->length;
        to_end -= record->length;
    }
    return NT_OK;
}

/// Ends the current segment and makes the next.
static nt_status roll(nt_journal *journal, uint64_t first_sequence) {
    nt_segment next;
    nt_status status = NT_OK;
    if (journal->segment.descriptor >= 0) {
        status = nt_disk_writer_sync(&journal->writer, journal->segment.descriptor);
    }
    if (status == NT_OK) {
        status = nt_segment_create(&journal->config, journal->epoch, first_sequence, &next);
    }
    if (status != NT_OK) return status;
    nt_segment_close(&journal->config.files, &journal->segment);
    journal->segment = next;
    return NT_OK;
}

/// Length of the whole records at `bytes` that fit into `room`, and how many they are.
static uint64_t fitting(const uint8_t *bytes, uint64_t length, uint64_t room, uint64_t *count) {
    uint64_t taken = 0;
    *count = 0;
    while (taken < length) {
        const nt_record *record = (const nt_record *)(bytes + taken);
        if (taken + record->length > room) break;
        taken += record->length;
        (*count)++;
    }
    return taken;
}

nt_status nt_journal_write_run(nt_journal *journal, const uint8_t *bytes, uint64_t length,
                               uint64_t first_sequence, uint64_t last_sequence) {
    while (length > 0) {
        nt_segment *segment = &journal->segment;
        uint64_t count, part = length;
        if (length > segment->size - segment->end) {
            part = fitting(bytes, length, segment->size - segment->end, &count);
        } else {
            count = last_sequence - first_sequence + 1;
        }
        nt_status status;
        if (part == 0) {
            status = roll(journal, first_sequence);
            if (status != NT_OK) return status;
            continue;
        }
        status =
            nt_disk_writer_write(&journal->writer, segment->descriptor, bytes, part, segment->end);
        if (status != NT_OK) return status;
        segment->end += part;
        bytes += part;
        length -= part;
        first_sequence += count;
    }
    return NT_OK;
}

/// Writes up to a group, syncs once, and gives the ring's room back.
static nt_status drain_group(nt_journal *journal, uint64_t tail) {
    uint64_t position = nt_ring_head(&journal->ring), bytes = 0;
    while (position != tail && bytes < GROUP_LIMIT) {
        record_run run;
        nt_status status = next_run(&journal->ring, position, tail, journal->written, &run);
        if (status == NT_OK) {
            status = nt_journal_write_run(journal, run.bytes, run.length, journal->written + 1,
                                          run.last_sequence);
        }
        if (status != NT_OK) return status;
        journal->written = run.last_sequence;
        position = run.next;
        bytes += run.length;
    }
    if (bytes > 0) {
        const nt_status status = nt_disk_writer_sync(&journal->writer, journal->segment.descriptor);
        if (status != NT_OK) return status;
        nt_ring_set_durable(&journal->ring, journal->written);
    }
    nt_ring_release(&journal->ring, position);
    return NT_OK;
}

static void set_health(nt_journal *journal, nt_status status) {
    // Relaxed: the status is all that is handed over.
    atomic_store_explicit(&journal->health, status == NT_FULL ? NT_FULL : NT_IO,
                          memory_order_relaxed);
}

nt_status nt_journal_drain_all(nt_journal *journal) {
    // Relaxed: this side wrote it.
    nt_status status = (nt_status)atomic_load_explicit(&journal->health, memory_order_relaxed);
    if (status != NT_OK) return status;
    // Bounded by what is published now, so that a busy lane cannot hold the caller here.
    const uint64_t tail = nt_ring_published(&journal->ring);
    while (nt_ring_head(&journal->ring) != tail) {
        status = drain_group(journal, tail);
        if (status != NT_OK) {
            set_health(journal, status);
            return nt_journal_health(journal);
        }
    }
    return NT_OK;
}

static void *thread_main(void *context) {
    nt_journal *journal = context;
    const struct timespec pause = {.tv_nsec = IDLE_SLEEP_NS};
    // Acquire: pairs with the release in nt_journal_thread_stop.
    while (!atomic_load_explicit(&journal->stopping, memory_order_acquire)) {
        nt_journal_drain_all(journal);
        nanosleep(&pause, NULL);
    }
    nt_journal_drain_all(journal);
    return NULL;
}

nt_status nt_journal_thread_start(nt_journal *journal) {
    sigset_t all, before;
    // Signals are for the threads that expect them.
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&journal->thread, NULL, thread_main, journal);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) return nt_fail(NT_IO, "start the journal's thread: error %d", error);
    pthread_setname_np(journal->thread, "nt-journal");
    journal->has_thread = true;
    return NT_OK;
}

void nt_journal_thread_stop(nt_journal *journal) {
    if (!journal->has_thread) return;
    // Release: the last records are published. Pairs with the acquire in thread_main.
    atomic_store_explicit(&journal->stopping, true, memory_order_release);
    pthread_join(journal->thread, NULL);
    journal->has_thread = false;
}
