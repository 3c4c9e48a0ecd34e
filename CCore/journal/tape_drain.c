// tape_drain.c — the way from the tape's ring to its files.
//
// Nothing is synced. When the disk refuses, the frames are counted as lost and the ring goes on
// being emptied, so that the lane never notices; once the disk takes bytes again, a gap's mark
// is the first thing it gets.
#include <string.h>

#include "tape_internal.h"

enum { RUN_LIMIT = 1 << 20 }; ///< Bytes of one write, unless one frame is larger.

/// Frames that lie together, or a skip to the ring's start.
typedef struct {
    const nt_tape_frame *first;
    uint64_t length; ///< 0: nothing to write.
    uint64_t frames; ///< Without gap marks.
    uint64_t next;   ///< Position behind it.
} frame_run;

/// Cuts the next run out of the ring: at most `room` bytes, but at least one frame.
static frame_run next_run(const nt_ring *ring, uint64_t position, uint64_t tail, uint64_t room) {
    frame_run run = {.first = (const nt_tape_frame *)nt_ring_at(ring, position), .next = position};
    uint64_t to_end = nt_ring_to_end(ring, position);
    while (run.next != tail && to_end > 0 && run.length < RUN_LIMIT) {
        const nt_tape_frame *frame = (const nt_tape_frame *)nt_ring_at(ring, run.next);
        if (to_end < sizeof *frame || frame->length == NT_TAPE_SKIP) {
            if (run.length == 0) run.next += to_end;
            return run;
        }
        const uint64_t length = nt_tape_frame_size(frame->length);
        if (run.length > 0 && run.length + length > room) return run;
        run.length += length;
        run.next += length;
        run.frames += frame->length != NT_TAPE_GAP;
        to_end -= length;
    }
    return run;
}

/// Ends the segment being written; the next one is made when there is something for it.
static void end_segment(nt_tape *tape) {
    const nt_files *files = &tape->config.files;
    files->close(files->context, tape->descriptor);
    tape->descriptor = -1;
    tape->index++;
}

static nt_status make_segment(nt_tape *tape) {
    char path[NT_PATH_MAX];
    const nt_files *files = &tape->config.files;
    const nt_tape_header header = nt_tape_header_make(tape->config.epoch, tape->index);
    if (tape->index > NT_TAPE_INDEX_MAX) return nt_fail(NT_FULL, "the tape's names are used up");
    int descriptor;
    nt_status status = nt_tape_path(tape->directory, tape->config.epoch, tape->index, path);
    if (status == NT_OK) status = files->open(files->context, path, true, &descriptor);
    if (status != NT_OK) return status;
    status = files->write(files->context, descriptor, &header, sizeof header, 0);
    if (status != NT_OK) {
        files->close(files->context, descriptor);
        return status;
    }
    tape->descriptor = descriptor;
    tape->end = sizeof header;
    nt_tape_prune(tape);
    return NT_OK;
}

static nt_status write_bytes(nt_tape *tape, const void *bytes, uint64_t length) {
    const nt_files *files = &tape->config.files;
    const nt_status status =
        files->write(files->context, tape->descriptor, bytes, length, tape->end);
    if (status == NT_OK) tape->end += length;
    return status;
}

static nt_status write_run(nt_tape *tape, const frame_run *run) {
    nt_status status = NT_OK;
    const bool has_frames = tape->end > sizeof(nt_tape_header);
    if (tape->descriptor >= 0 && has_frames &&
        tape->end + run->length > tape->config.segment_bytes) {
        end_segment(tape);
    }
    if (tape->descriptor < 0) status = make_segment(tape);
    if (status == NT_OK && tape->gap_pending) {
        status = write_bytes(tape, &tape->lost, sizeof tape->lost);
        if (status == NT_OK) tape->gap_pending = false;
    }
    return status == NT_OK ? write_bytes(tape, run->first, run->length) : status;
}

/// The disk did not take the run: remember from where, go on without it.
static void lose_run(nt_tape *tape, const frame_run *run) {
    // Relaxed: a count; written by this side only.
    atomic_fetch_add_explicit(&tape->dropped_at_disk, run->frames, memory_order_relaxed);
    if (tape->gap_pending) return;
    tape->gap_pending = true;
    tape->lost = *run->first;
    tape->lost.length = NT_TAPE_GAP;
    tape->lost.crc = nt_tape_frame_checksum(&tape->lost, NULL);
}

nt_status nt_tape_drain_all(nt_tape *tape) {
    nt_status first_failure = NT_OK;
    const uint64_t tail = nt_ring_published(&tape->ring);
    uint64_t position = nt_ring_head(&tape->ring);
    while (position != tail) {
        const uint64_t used = tape->descriptor < 0 ? sizeof(nt_tape_header) : tape->end;
        const uint64_t limit = tape->config.segment_bytes;
        const frame_run run =
            next_run(&tape->ring, position, tail, limit > used ? limit - used : 0);
        if (run.length > 0) {
            const nt_status status = write_run(tape, &run);
            if (status != NT_OK) lose_run(tape, &run);
            if (first_failure == NT_OK) first_failure = status;
        }
        position = run.next;
        nt_ring_release(&tape->ring, position);
    }
    return first_failure;
}
