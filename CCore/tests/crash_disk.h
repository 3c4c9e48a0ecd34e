// crash_disk.h — a disk in memory that remembers what was written and synced, and gives the disks
// that a power failure could leave.
//
// The model: what was synced is there. Of everything since, any sector of 512 bytes may be old, any
// version that it had meanwhile, or nonsense, each on its own; sizes and names may be as they were
// after any number of the changes. A mapping's pages may reach the disk at any time.
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include "nt/file.h"
#include "nt/random.h"

typedef struct crash_disk crash_disk;

/// How far the program is; asked before each operation.
typedef struct crash_progress {
    uint64_t durable;  ///< Reported as safe.
    uint64_t appended; ///< Handed over.
} crash_progress;
typedef crash_progress (*crash_probe)(void *context);

/// One point at which the power may fail: after so many operations.
typedef struct crash_point {
    crash_progress progress; ///< At its latest moment.
    uint64_t images;         ///< Combinations that are possible there; UINT64_MAX: or more.
} crash_point;

/// Begins with the files of `start` as synced (NULL: empty).
crash_disk *crash_disk_create(nt_memory_disk *start);
void crash_disk_destroy(crash_disk *disk);
/// Records what is done through it.
nt_files crash_disk_files(crash_disk *disk);
void crash_disk_probe(crash_disk *disk, crash_probe probe, void *context);

/// Ends the recording. Returns the number of points.
uint64_t crash_disk_finish(crash_disk *disk);
/// Goes to a point; points are visited upwards.
crash_point crash_disk_go(crash_disk *disk, uint64_t point);
/// The disk left there by combination `number` (below `images`).
nt_memory_disk *crash_disk_image(crash_disk *disk, uint64_t number);
/// The disk left there by a combination drawn at random.
nt_memory_disk *crash_disk_draw(crash_disk *disk, uint64_t seed);

#endif
