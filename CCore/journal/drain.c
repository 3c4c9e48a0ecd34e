// drain.c — the way from the ring to disk, and the thread that walks it.
//
// Records are copied out of the mapping into a stage, each with its link, and a stage is one write.
// After up to a group of them comes one sync, and only then do the durable sequence and the ring's
// head advance, so that whatever the disk may not have is still in the ring. The thread looks at
// the ring, works, and sleeps for the time of a group; the lane never wakes it and so makes no
// system call. Where orders wait for the disk (strict) it hardly sleeps.
#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "journal_internal.h"
#include "nt/planted.h"

enum {
    GROUP_LIMIT = 1 << 20, ///< Bytes of the ring between two syncs.
    STRICT_SLEEP_NS = 20000,
    SECOND_NS = 1000000000,
};

nt_status nt_journal_write_out(nt_journal *journal) {
    nt_segment *segment = &journal->segment;
    if (journal->staged == 0) return NT_OK;
    const nt_status status = nt_disk_writer_write(&journal->writer, segment->descriptor,
                                                  journal->stage, journal->staged, segment->end);
    if (status != NT_OK) return status;
    segment->end += journal->staged;
    journal->staged = 0;
    return NT_OK;
}

nt_status nt_journal_sync(nt_journal *journal) {
    nt_status status = nt_journal_write_out(journal);
    if (status == NT_OK && journal->segment.descriptor >= 0 && !nt_planted(NT_BUG_SYNC_SKIPPED)) {
        status = nt_disk_writer_sync(&journal->writer, journal->segment.descriptor);
    }
    if (status != NT_OK) return status;
    journal->synced = journal->written;
    journal->segment.end = nt_segment_next_sector(journal->segment.end);
    return NT_OK;
}

/// Ends the current segment and makes the next.
static nt_status roll(nt_journal *journal) {
    nt_segment next;
    nt_status status = nt_journal_sync(journal);
    if (status == NT_OK) {
        status = nt_segment_create(&journal->config, journal->epoch, journal->written + 1,
                                   &journal->chain, &next);
    }
    if (status != NT_OK) return status;
    nt_segment_close(&journal->config.files, &journal->segment);
    journal->segment = next;
    return NT_OK;
}

nt_status nt_journal_write(nt_journal *journal, const nt_record *record) {
    const nt_segment *segment = &journal->segment;
    const uint64_t length = record->length + sizeof(nt_record_link);
    nt_status status = NT_OK;
    if (segment->end + journal->staged + length > segment->size) status = roll(journal);
    if (status == NT_OK && journal->staged + length > NT_JOURNAL_STAGE) {
        status = nt_journal_write_out(journal);
    }
    if (status != NT_OK) return status;
    journal->staged += nt_record_write_linked(record, journal->synced, &journal->chain,
                                              journal->stage + journal->staged);
    journal->written = record->sequence;
    return NT_OK;
}

/// Writes the record at a position, which moves behind it and behind a skip to the ring's start.
/// NT_IO: our own ring does not hold what was appended.
static nt_status write_next(nt_journal *journal, uint64_t *position, uint64_t tail) {
    const nt_record *record = (const nt_record *)nt_ring_at(&journal->ring, *position);
    const uint64_t to_end = nt_ring_to_end(&journal->ring, *position);
    if (nt_record_is_pad(record, to_end)) {
        *position += to_end;
        return NT_OK;
    }
    if (record->length > tail - *position || record->sequence != journal->written + 1 ||
        !nt_record_whole(record, to_end, 0)) {
        return nt_fail(NT_IO, "journal ring: record %" PRIu64 " was overwritten",
                       journal->written + 1);
    }
    *position += record->length;
    return nt_journal_write(journal, record);
}

/// Writes up to a group, syncs once, and gives the ring's room back.
static nt_status drain_group(nt_journal *journal, uint64_t tail) {
    const uint64_t head = nt_ring_head(&journal->ring);
    uint64_t position = head;
    while (position != tail && position - head < GROUP_LIMIT) {
        const nt_status status = write_next(journal, &position, tail);
        if (status != NT_OK) return status;
    }
    const bool syncs = journal->config.durability != NT_DURABILITY_RING;
    const nt_status status = syncs ? nt_journal_sync(journal) : nt_journal_write_out(journal);
    if (status != NT_OK) return status;
    nt_ring_set_durable(&journal->ring, journal->written);
    nt_ring_release(&journal->ring, position);
    return NT_OK;
}

static void set_health(nt_journal *journal, nt_status status) {
    // Relaxed: the status is all that is handed over.
    atomic_store_explicit(&journal->health, status == NT_FULL ? NT_FULL : NT_IO,
                          memory_order_relaxed);
}

void nt_journal_finish(nt_journal *journal) {
    if (nt_journal_drain_all(journal) != NT_OK) return;
    const nt_status status = nt_journal_sync(journal);
    if (status != NT_OK) set_health(journal, status);
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
    const int64_t sleep =
        nt_journal_is_strict(journal) ? STRICT_SLEEP_NS : journal->config.group_ns;
    const struct timespec pause = {.tv_sec = sleep / SECOND_NS, .tv_nsec = sleep % SECOND_NS};
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
