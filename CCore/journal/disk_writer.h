// disk_writer.h — writes and syncs one file at a time: io_uring, or the seam's calls where that
// is refused or the files are not the system's.
#ifndef NT_JOURNAL_DISK_WRITER_H
#define NT_JOURNAL_DISK_WRITER_H

#include <liburing.h>
#include <stdbool.h>

#include "nt/file.h"

/// One thread at a time.
typedef struct nt_disk_writer {
    nt_files files;
    struct io_uring uring;
    bool uses_uring;
    int uring_error;     ///< errno of a refused ring; 0: not asked for.
    uint64_t operations; ///< Names each submission in its completion.
} nt_disk_writer;

/// Never fails: a refused ring leaves the seam's calls.
void nt_disk_writer_init(nt_disk_writer *writer, nt_files files);
void nt_disk_writer_destroy(nt_disk_writer *writer);

/// Writes all of it or fails with NT_FULL (no space) or NT_IO. Returns after completion, so the
/// bytes are the caller's again.
nt_status nt_disk_writer_write(nt_disk_writer *writer, int descriptor, const uint8_t *bytes,
                               uint64_t length, uint64_t offset);
/// fdatasync. A failure must not be tried again: the kernel may have dropped the pages.
nt_status nt_disk_writer_sync(nt_disk_writer *writer, int descriptor);

#endif
