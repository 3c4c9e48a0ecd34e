// reader.h — verifies a directory: segments in order, then what only the ring still holds.
#ifndef NT_JOURNAL_READER_H
#define NT_JOURNAL_READER_H

#include "ring.h"
#include "segment.h"

/// Who reads what, for whom.
typedef struct nt_journal_query {
    const char *directory;
    nt_files files;
    const uint8_t *account; ///< NULL: any one account.
    nt_journal_visit visit; ///< NULL: verify only.
    void *context;
} nt_journal_query;

/// What the directory holds and where writing goes on.
typedef struct nt_journal_scan {
    nt_journal_found found;
    uint64_t disk_last;     ///< Last sequence in the segments.
    uint64_t segment_first; ///< Segment to go on with; 0: make the next.
    uint64_t segment_end;   ///< Offset behind its last record.
    uint32_t segment_format;
    nt_chain chain;      ///< Of all records in the segments.
    uint64_t durable;    ///< Greatest sequence that is known to have been synced.
    uint64_t torn_bytes; ///< Not zero behind segment_end.
    uint64_t torn_begin; ///< The first of them that is not zero.
    nt_ring_view ring;   ///< Records after disk_last go to disk next.
} nt_journal_scan;

/// Changes nothing on disk. The scan's ring view is the caller's, to free after NT_OK.
nt_status nt_journal_scan_directory(const nt_journal_query *query, nt_journal_scan *out);

#endif
