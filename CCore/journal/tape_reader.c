// tape_reader.c — one run's frames, in order, for replay.
//
// A replay with a frame missing decides differently, so a gap ends the reading: one marked by the
// writer, one left by deleted segments. Only the very end may be torn.
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nt/crypto.h"
#include "tape_internal.h"

/// Bytes that may be checksummed while a tail is searched, as a multiple of the segment.
enum { SEARCH_LIMIT = 16 };

typedef struct {
    const char *directory;
    uint32_t epoch;
    nt_files files;
    nt_tape_visit visit;
    void *context;
    uint64_t last_sequence;
} tape_walk;

typedef struct {
    char path[NT_PATH_MAX];
    uint32_t index;
    uint8_t *bytes;
    uint64_t length;
    bool is_last;
} tape_segment;

/// Lowest or highest index of a run by the directory's listing; NT_TAPE_INDEX_MAX + 1: none, or
/// the files are not the system's.
static uint32_t listed_index(const tape_walk *walk, bool highest) {
    uint32_t found = NT_TAPE_INDEX_MAX + 1;
    if (!nt_files_are_system(&walk->files)) return found;
    DIR *listing = opendir(walk->directory);
    if (listing == NULL) return found;
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        uint32_t epoch, index;
        if (!nt_tape_name_parse(entry->d_name, &epoch, &index) || epoch != walk->epoch) continue;
        const bool first = found > NT_TAPE_INDEX_MAX;
        if (first || (highest ? index > found : index < found)) found = index;
    }
    closedir(listing);
    return found;
}

static nt_status open_index(const tape_walk *walk, uint32_t index, char path[NT_PATH_MAX],
                            int *descriptor) {
    const nt_status status = nt_tape_path(walk->directory, walk->epoch, index, path);
    if (status != NT_OK) return status;
    return walk->files.open(walk->files.context, path, false, descriptor);
}

static bool exists(const tape_walk *walk, uint32_t index) {
    char path[NT_PATH_MAX];
    int descriptor;
    if (open_index(walk, index, path, &descriptor) != NT_OK) return false;
    walk->files.close(walk->files.context, descriptor);
    return true;
}

static nt_status read_whole(const nt_files *files, int descriptor, tape_segment *segment) {
    uint64_t size;
    size_t got;
    nt_status status = files->size(files->context, descriptor, &size);
    if (status != NT_OK) return status;
    // A frame larger than a segment has one of its own, so the ring bounds it too.
    if (size > (uint64_t)NT_TAPE_SEGMENT_MAX + NT_RING_MAX) {
        return nt_fail(NT_CORRUPT, "%s: larger than a segment can be", segment->path);
    }
    segment->bytes = malloc(size > 0 ? size : 1);
    if (segment->bytes == NULL) return nt_fail(NT_NO_MEMORY, "%s: no memory", segment->path);
    status = files->read(files->context, descriptor, segment->bytes, size, 0, &got);
    segment->length = got;
    return status;
}

/// NT_NOT_FOUND when there is no such segment. The caller frees `bytes`.
static nt_status load(const tape_walk *walk, uint32_t index, tape_segment *out) {
    int descriptor;
    *out = (tape_segment){.index = index};
    nt_status status = open_index(walk, index, out->path, &descriptor);
    if (status != NT_OK) return status;
    status = read_whole(&walk->files, descriptor, out);
    walk->files.close(walk->files.context, descriptor);
    out->is_last = !exists(walk, index + 1);
    return status;
}

/// Room that a frame needs, or 0 when its length cannot be one's here.
static uint64_t frame_room(const nt_tape_frame *frame, uint64_t room) {
    if (room < sizeof *frame) return 0;
    const uint64_t size = nt_tape_frame_size(frame->length);
    return size <= room ? size : 0;
}

/// A gap's mark may stand anywhere; frames are in order.
static bool frame_whole(const nt_tape_frame *frame, uint64_t room, uint64_t last_sequence) {
    if (frame_room(frame, room) == 0) return false;
    if (frame->length != NT_TAPE_GAP && frame->sequence < last_sequence) return false;
    return frame->crc == nt_tape_frame_checksum(frame, frame + 1);
}

/// True when a whole frame begins in the bytes, or when the search became too long to say.
static bool frame_follows(const tape_walk *walk, const uint8_t *bytes, uint64_t length) {
    uint64_t budget = length * SEARCH_LIMIT;
    for (uint64_t at = 8; at + sizeof(nt_tape_frame) <= length; at += 8) {
        const nt_tape_frame *frame = (const nt_tape_frame *)(bytes + at);
        const uint64_t room = frame_room(frame, length - at);
        if (room == 0 || frame->sequence == 0 || frame->sequence < walk->last_sequence) continue;
        if (room > budget) return true;
        budget -= room;
        if (frame_whole(frame, length - at, walk->last_sequence)) return true;
    }
    return false;
}

/// Decides what the bytes from `at`, which are no valid next frame, are.
static nt_status judge_tail(const tape_walk *walk, const tape_segment *segment, uint64_t at) {
    const bool torn =
        segment->is_last && !frame_follows(walk, segment->bytes + at, segment->length - at);
    if (torn) return NT_OK;
    return nt_fail(NT_CORRUPT, "%s: damaged at offset %" PRIu64, segment->path, at);
}

static nt_status check_header(const tape_walk *walk, const tape_segment *segment) {
    const nt_tape_header *header = (const nt_tape_header *)segment->bytes;
    const nt_tape_header wanted = nt_tape_header_make(walk->epoch, segment->index);
    if (header->magic != NT_TAPE_MAGIC) {
        return nt_fail(NT_CORRUPT, "%s: not a tape", segment->path);
    }
    if (memcmp(header, &wanted, sizeof wanted) == 0) return NT_OK;
    const uint32_t crc = nt_crc32c(0, header, offsetof(nt_tape_header, crc));
    if (header->crc == crc && header->format > NT_TAPE_FORMAT) {
        return nt_fail(NT_VERSION, "%s: format %" PRIu32 ", this program reads %u", segment->path,
                       header->format, NT_TAPE_FORMAT);
    }
    return nt_fail(NT_CORRUPT, "%s: damaged header at offset 0", segment->path);
}

static nt_status walk_frames(tape_walk *walk, const tape_segment *segment) {
    uint64_t at = sizeof(nt_tape_header);
    while (at < segment->length) {
        const nt_tape_frame *frame = (const nt_tape_frame *)(segment->bytes + at);
        if (!frame_whole(frame, segment->length - at, walk->last_sequence)) {
            return judge_tail(walk, segment, at);
        }
        if (frame->length == NT_TAPE_GAP) {
            return nt_fail(NT_GAP, "%s: frames are missing at offset %" PRIu64, segment->path, at);
        }
        walk->last_sequence = frame->sequence;
        const nt_status status =
            walk->visit != NULL ? walk->visit(walk->context, frame, (const uint8_t *)(frame + 1))
                                : NT_OK;
        if (status != NT_OK) return status;
        at += nt_tape_frame_size(frame->length);
    }
    return NT_OK;
}

static nt_status walk_segment(tape_walk *walk, const tape_segment *segment) {
    if (segment->length == 0 && !segment->is_last) {
        return nt_fail(NT_GAP, "%s: was deleted to save room", segment->path);
    }
    if (segment->length < sizeof(nt_tape_header)) {
        if (segment->is_last) return NT_OK; // Its making was interrupted.
        return nt_fail(NT_CORRUPT, "%s: cut off in its header", segment->path);
    }
    const nt_status status = check_header(walk, segment);
    return status == NT_OK ? walk_frames(walk, segment) : status;
}

/// The run has no segment of this index: its end, or a hole.
static nt_status judge_missing(const tape_walk *walk, uint32_t index) {
    const uint32_t listed = listed_index(walk, index > 0);
    if (listed <= NT_TAPE_INDEX_MAX && listed > index) {
        return nt_fail(NT_GAP, "tape %08" PRIx32 ": segment %06" PRIu32 " is missing", walk->epoch,
                       index);
    }
    if (index > 0) return NT_OK;
    return nt_fail(NT_NOT_FOUND, "no tape of run %08" PRIx32, walk->epoch);
}

nt_status nt_tape_read(const char *directory, uint32_t epoch, nt_files files, nt_tape_visit visit,
                       void *context) {
    tape_walk walk = {
        .directory = directory, .epoch = epoch, .files = files, .visit = visit, .context = context};
    for (uint32_t index = 0; index <= NT_TAPE_INDEX_MAX; index++) {
        tape_segment segment;
        nt_status status = load(&walk, index, &segment);
        if (status == NT_NOT_FOUND) return judge_missing(&walk, index);
        if (status == NT_OK) status = walk_segment(&walk, &segment);
        free(segment.bytes);
        if (status != NT_OK) return status;
    }
    return NT_OK;
}
