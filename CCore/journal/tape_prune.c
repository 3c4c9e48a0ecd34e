// tape_prune.c — keeps the tape's segments under their limit by deleting the oldest.
//
// Room for one whole segment is made ahead, because the one being written grows. The system's
// directory is listed, so that earlier runs are counted and go first; behind any other files only
// this run's segments are known, and deleting is cutting to nothing.
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tape_internal.h"

enum { MAX_LISTED = 65536 };

typedef struct {
    uint64_t order; ///< Epoch, then index.
    uint64_t size;
    char path[NT_PATH_MAX];
} listed_segment;

static uint64_t order_of(uint32_t epoch, uint32_t index) { return (uint64_t)epoch << 32 | index; }

static uint64_t current_order(const nt_tape *tape) {
    return order_of(tape->config.epoch, tape->index);
}

/// Bytes that finished segments may keep.
static uint64_t allowance(const nt_tape *tape) {
    const nt_tape_config *config = &tape->config;
    return config->max_bytes > config->segment_bytes ? config->max_bytes - config->segment_bytes
                                                     : 0;
}

/// One pass: total size and the oldest of the segments before the current one.
static uint64_t list_finished(const nt_tape *tape, listed_segment *oldest) {
    uint64_t total = 0;
    oldest->order = UINT64_MAX;
    DIR *listing = opendir(tape->directory);
    if (listing == NULL) return 0;
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        uint32_t epoch, index;
        struct stat information;
        char path[NT_PATH_MAX];
        if (!nt_tape_name_parse(entry->d_name, &epoch, &index)) continue;
        const uint64_t order = order_of(epoch, index);
        if (order >= current_order(tape)) continue;
        if (nt_path_join(tape->directory, entry->d_name, path) != NT_OK) continue;
        if (stat(path, &information) != 0) continue;
        total += (uint64_t)information.st_size;
        if (order >= oldest->order) continue;
        oldest->order = order;
        oldest->size = (uint64_t)information.st_size;
        memcpy(oldest->path, path, strlen(path) + 1);
    }
    closedir(listing);
    return total;
}

static void prune_listed(const nt_tape *tape) {
    for (int deleted = 0; deleted < MAX_LISTED; deleted++) {
        listed_segment oldest;
        if (list_finished(tape, &oldest) <= allowance(tape)) return;
        if (oldest.order == UINT64_MAX || unlink(oldest.path) != 0) return;
    }
}

/// Opens one of this run's finished segments; −1 when it is not there.
static int open_own(const nt_tape *tape, uint32_t index, uint64_t *size) {
    const nt_files *files = &tape->config.files;
    char path[NT_PATH_MAX];
    int descriptor;
    if (nt_tape_path(tape->directory, tape->config.epoch, index, path) != NT_OK) return -1;
    if (files->open(files->context, path, false, &descriptor) != NT_OK) return -1;
    if (files->size(files->context, descriptor, size) != NT_OK) *size = 0;
    return descriptor;
}

static void prune_own(const nt_tape *tape) {
    const nt_files *files = &tape->config.files;
    uint64_t kept = 0;
    for (uint32_t index = tape->index; index-- > 0;) {
        uint64_t size;
        const int descriptor = open_own(tape, index, &size);
        if (descriptor < 0) return;
        kept += size;
        if (kept > allowance(tape)) files->resize(files->context, descriptor, 0);
        files->close(files->context, descriptor);
        if (size == 0) return; // Older ones were cut before.
    }
}

void nt_tape_prune(const nt_tape *tape) {
    if (tape->config.max_bytes == 0) return;
    if (nt_files_are_system(&tape->config.files))
        prune_listed(tape);
    else
        prune_own(tape);
}
