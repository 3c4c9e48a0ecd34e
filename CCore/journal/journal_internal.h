// journal_internal.h — the journal's state, shared by its two sides: append (lane) and drain.
#ifndef NT_JOURNAL_INTERNAL_H
#define NT_JOURNAL_INTERNAL_H

#include <pthread.h>

#include "disk_writer.h"
#include "reader.h"

enum { NT_JOURNAL_STAGE = 256 << 10 }; ///< Bytes of one write.

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
    nt_chain chain;   ///< Of everything up to `written`.
    uint64_t written; ///< Last sequence handed to the stage.
    uint64_t synced;  ///< Last sequence that is safe.
    uint64_t staged;  ///< Bytes in the stage.
    uint8_t stage[NT_JOURNAL_STAGE];
    _Atomic int health;

    // Everyone's, constant after open.
    alignas(64) nt_journal_config config;
    char directory[NT_PATH_MAX];
    uint32_t least_epoch; ///< Epochs up to it were seen in what a repair takes away.
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

/// Puts one whole record of the ring behind the current segment's end, by way of the stage; rolls
/// to the next segment when it does not fit: a segment is synced before the next is made. Used by
/// recovery too. Drain side only.
nt_status nt_journal_write(nt_journal *journal, const nt_record *record);
/// Writes the stage. Drain side only.
nt_status nt_journal_write_out(nt_journal *journal);
/// Writes the stage and syncs. Drain side only.
nt_status nt_journal_sync(nt_journal *journal);

/// Drains and syncs a last time. Drain side, after its thread has ended.
void nt_journal_finish(nt_journal *journal);

/// Does something to the directory once it is locked and before it is read.
typedef nt_status (*nt_journal_prepare)(nt_journal *journal, void *context);
/// nt_journal_open with a preparation, NULL for none.
nt_status nt_journal_open_prepared(const nt_journal_config *config, nt_journal_prepare prepare,
                                   void *prepare_context, nt_journal_visit visit, void *context,
                                   nt_journal_found *found, nt_journal **out);

nt_status nt_journal_thread_start(nt_journal *journal);
/// Returns after a last drain.
void nt_journal_thread_stop(nt_journal *journal);

#endif
