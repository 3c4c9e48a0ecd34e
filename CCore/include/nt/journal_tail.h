// journal_tail.h — follows a journal from its first record on, also while it is being written.
//
// For what is projected from the journal: it shows a record once it is synced, never before, so
// that what was shown cannot be lost by a power failure and then be followed by something else.
// Each look costs what was added since the last one. Nothing is locked or changed.
#ifndef NT_JOURNAL_TAIL_H
#define NT_JOURNAL_TAIL_H

#include "nt/journal.h"

/// Made by nt_journal_tail_open, freed by nt_journal_tail_close; one thread at a time.
typedef struct nt_journal_tail nt_journal_tail;

/// Begins before the first record of a directory, which may be empty still.
nt_status nt_journal_tail_open(const char *directory, nt_files files, nt_journal_tail **out);
void nt_journal_tail_close(nt_journal_tail *tail);

/// Shows the next records, at most `most`. NT_OK with *shown = 0: nothing new. A visitor's status
/// stops the walk; that record counts as not shown, and the next call begins with it. NT_CORRUPT,
/// NT_VERSION, NT_REFUSED (a segment of another account) as nt_journal_read; nt_last_error() says
/// which file and offset. Without a `ring.ntr`, everything that is whole is shown.
nt_status nt_journal_tail_read(nt_journal_tail *tail, uint64_t most, nt_journal_visit visit,
                               void *context, uint64_t *shown);

/// Sequence of the last record shown; 0 before the first.
uint64_t nt_journal_tail_sequence(const nt_journal_tail *tail);
/// Last sequence that the journal says is synced, now; UINT64_MAX when there is no ring.
nt_status nt_journal_tail_durable(const nt_journal_tail *tail, uint64_t *durable);
/// Copies the account of the journal. NT_EMPTY: nothing names one yet.
nt_status nt_journal_tail_account(const nt_journal_tail *tail, uint8_t account[16]);

#endif
