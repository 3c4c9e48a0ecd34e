// file.h — seam 3 of 4: files. The journal and the tape touch the disk through it, so that a
// test can give a short write, a full disk or a torn sector.
#ifndef NT_FILE_H
#define NT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nt/status.h"

#define NT_BOOT_SIZE 16

/// Copied by value. All calls may block; none is made on the lane after it runs.
typedef struct nt_files {
    void *context;
    /// Opens for reading and writing; creates with mode 0600 when `create`.
    nt_status (*open)(void *context, const char *path, bool create, int *descriptor);
    /// Writes all of it or fails with NT_IO / NT_FULL (no space).
    nt_status (*write)(void *context, int descriptor, const void *bytes, size_t length,
                       uint64_t offset);
    /// Reads up to `length`; *got less than that means end of file.
    nt_status (*read)(void *context, int descriptor, void *bytes, size_t length, uint64_t offset,
                      size_t *got);
    nt_status (*sync)(void *context, int descriptor);
    nt_status (*size)(void *context, int descriptor, uint64_t *size);
    nt_status (*resize)(void *context, int descriptor, uint64_t size);
    /// Shared mapping of the first `length` bytes; survives the process' death.
    nt_status (*map)(void *context, int descriptor, size_t length, void **address);
    void (*unmap)(void *context, void *address, size_t length);
    void (*close)(void *context, int descriptor);
    /// Gives a file another name, at once; what had that name is gone.
    nt_status (*rename)(void *context, const char *from, const char *to);
    /// Makes the names in a directory durable.
    nt_status (*sync_directory)(void *context, const char *directory);
    /// Names the machine's run. What lies in a mapping outlives the process, not this run.
    void (*boot)(void *context, uint8_t out[NT_BOOT_SIZE]);
} nt_files;

/// The operating system's files. Any thread.
nt_files nt_files_system(void);

/// Files in memory for tests: `nt_memory_disk` outlives them; survives close and re-open.
typedef struct nt_memory_disk nt_memory_disk;
nt_memory_disk *nt_memory_disk_create(void);
void nt_memory_disk_destroy(nt_memory_disk *disk);
nt_files nt_files_memory(nt_memory_disk *disk);
/// After `operations` more writes, syncs, resizes and renames every one fails with `status`; 0
/// operations: at once.
void nt_memory_disk_fail_after(nt_memory_disk *disk, uint64_t operations, nt_status status);
/// The next write stores only its first `length` bytes and then reports NT_IO: a torn write.
void nt_memory_disk_tear_next(nt_memory_disk *disk, size_t length);
/// From now on it remembers what was written and not synced, for nt_memory_disk_cut_power.
void nt_memory_disk_remember(nt_memory_disk *disk);
/// The power fails: of what was written and not synced each sector of 512 bytes is old or new as
/// `seed` draws, nothing of a mapping reached the disk since it was made, and the machine is
/// started anew. Names and sizes stay. Nothing may be open.
void nt_memory_disk_cut_power(nt_memory_disk *disk, uint64_t seed);
/// The machine was started anew; the files stay as they are.
void nt_memory_disk_reboot(nt_memory_disk *disk);

#endif
