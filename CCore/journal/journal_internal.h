// journal_internal.h — the journal's state, shared by its two sides: append (lane) and drain.
#ifndef NT_JOURNAL_INTERNAL_H
#define NT_JOURNAL_INTERNAL_H

#include <pthread.h>

#include "disk_writer.h"
#include "reader.h"

/// Created by nt_journal_open, freed by nt_journal_close. The lane owns the first part, the
/// draining thread the second; they meet in the ring's marks and the two atomics.
struct nt_journal {
    // The lane's.
    nt_ring ring;
    nt_clock clock;
    _Atomic uint64_t sequence;
    uint32_t epoch;

    // The drain's.
    alignas(64) nt_segment segment;
    nt_disk_writer writer;
    uint64_t written; ///< Last sequence handed to the disk.
    _Atomic int health;

    // Everyone's, constant after open.
    alignas(64) nt_journal_config config;
    char directory[NT_PATH_MAX];
    nt_ring_file ring_file;
    int lock_descriptor; ///< −1: none.
    bool has_thread;
    pthread_t thread;
    _Atomic bool stopping;
    char warning[160];
};

/// Moves what is published from the ring to disk, in groups of writes that share one sync, until
/// the ring is empty. The first failure sets health and stays. Drain side only.
nt_status nt_journal_drain_all(nt_journal *journal);

/// Writes whole records behind the current segment's end, rolling to the next when they do not
/// fit; a segment is synced before the next is made. Used by recovery too. Drain side only.
nt_status nt_journal_write_run(nt_journal *journal, const uint8_t *bytes, uint64_t length,
                               uint64_t first_sequence, uint64_t last_sequence);

nt_status nt_journal_thread_start(nt_journal *journal);
/// Returns after a last drain.
void nt_journal_thread_stop(nt_journal *journal);

#endif
