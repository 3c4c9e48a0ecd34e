// tape.c — the lane's side of the tape, its thread, opening and closing.
//
// A frame is copied into a ring of plain memory. Where it does not fit it is counted, and the
// next one that fits is put behind a mark that says from where frames are missing.
#include "nt/tape.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "tape_internal.h"

enum {
    DEFAULT_RING = 8 << 20,
    DEFAULT_SEGMENT = 64 << 20,
    IDLE_SLEEP_NS = 1000000,
};

// Appending: the lane.

void nt_tape_put(nt_ring *ring, const nt_tape_frame *frame, const uint8_t *bytes) {
    const uint64_t length = nt_tape_frame_size(frame->length);
    const uint64_t skip = nt_ring_skip(ring, length);
    if (skip >= sizeof(nt_tape_frame)) {
        ((nt_tape_frame *)nt_ring_at(ring, ring->tail))->length = NT_TAPE_SKIP;
    }
    uint8_t *at = nt_ring_at(ring, ring->tail + skip);
    const size_t used = length - sizeof *frame;
    // The padding first: it is part of the last eight bytes.
    if (used > 0) memset(at + length - 8, 0, 8);
    memcpy(at, frame, sizeof *frame);
    if (used > 0 && bytes != NULL) memcpy(at + sizeof *frame, bytes, frame->length);
    nt_ring_publish(ring, skip + length);
}

/// Bytes that a frame, with the gap's mark before it, may take at worst.
static uint64_t worst_case(const nt_tape *tape, uint32_t length) {
    const uint64_t mark = tape->gap_open ? nt_tape_frame_size(NT_TAPE_GAP) : 0;
    const uint64_t total = nt_tape_frame_size(length) + mark;
    return total + nt_ring_skip(&tape->ring, total);
}

static void put_gap(nt_tape *tape) {
    nt_tape_put(&tape->ring, &tape->gap, NULL);
    tape->gap_open = false;
}

static void leave_out(nt_tape *tape, const nt_tape_frame *frame) {
    // Relaxed: a count; written by the lane only.
    atomic_fetch_add_explicit(&tape->dropped_at_ring, 1, memory_order_relaxed);
    if (tape->gap_open) return;
    tape->gap_open = true;
    tape->gap = *frame;
    tape->gap.length = NT_TAPE_GAP;
    tape->gap.crc = nt_tape_frame_checksum(&tape->gap, NULL);
}

void nt_tape_append(nt_tape *tape, uint64_t sequence, int64_t received_ns, uint32_t stream,
                    uint32_t instrument, const uint8_t *bytes, uint32_t length) {
    nt_tape_frame frame = {.length = length,
                           .sequence = sequence,
                           .received_ns = received_ns,
                           .stream = stream,
                           .instrument = instrument};
    if (!nt_ring_fits(&tape->ring, worst_case(tape, length))) {
        leave_out(tape, &frame);
        return;
    }
    if (tape->gap_open) put_gap(tape);
    frame.crc = nt_tape_frame_checksum(&frame, bytes);
    nt_tape_put(&tape->ring, &frame, bytes);
}

uint64_t nt_tape_dropped(const nt_tape *tape) {
    // Relaxed: counts.
    return atomic_load_explicit(&tape->dropped_at_ring, memory_order_relaxed) +
           atomic_load_explicit(&tape->dropped_at_disk, memory_order_relaxed);
}

nt_status nt_tape_drain(nt_tape *tape) {
    if (!tape->config.inline_drain) {
        return nt_fail(NT_INVALID, "this tape has a thread that drains it");
    }
    return nt_tape_drain_all(tape);
}

// The thread.

static void *thread_main(void *context) {
    nt_tape *tape = context;
    const struct timespec pause = {.tv_nsec = IDLE_SLEEP_NS};
    // Relaxed: the last drain is nt_tape_close's own, after the join.
    while (!atomic_load_explicit(&tape->stopping, memory_order_relaxed)) {
        nt_tape_drain_all(tape);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static nt_status start_thread(nt_tape *tape) {
    sigset_t all, before;
    // Signals are for the threads that expect them.
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&tape->thread, NULL, thread_main, tape);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) return nt_fail(NT_IO, "start the tape's thread: error %d", error);
    pthread_setname_np(tape->thread, "nt-tape");
    tape->has_thread = true;
    return NT_OK;
}

// Opening and closing.

static nt_status take_config(nt_tape *tape, const nt_tape_config *config) {
    nt_tape_config *own = &tape->config;
    *own = *config;
    if (own->ring_bytes == 0) own->ring_bytes = DEFAULT_RING;
    if (own->segment_bytes == 0) own->segment_bytes = DEFAULT_SEGMENT;
    const uint64_t ring = own->ring_bytes;
    if (ring < NT_RING_MIN || ring > NT_RING_MAX || (ring & (ring - 1)) != 0) {
        return nt_fail(NT_INVALID,
                       "tape ring of %" PRIu64 " bytes: not a power of two from %d "
                       "to %d",
                       ring, NT_RING_MIN, NT_RING_MAX);
    }
    if (own->segment_bytes < 4096 || own->segment_bytes > NT_TAPE_SEGMENT_MAX) {
        return nt_fail(NT_INVALID, "tape segment of %" PRIu64 " bytes: not from 4096 to %d",
                       own->segment_bytes, NT_TAPE_SEGMENT_MAX);
    }
    const int length = snprintf(tape->directory, sizeof tape->directory, "%s", config->directory);
    if (length < 0 || (size_t)length >= sizeof tape->directory) {
        return nt_fail(NT_INVALID, "tape directory: path too long");
    }
    own->directory = tape->directory;
    return NT_OK;
}

static nt_status make_ring(nt_tape *tape) {
    const size_t size = tape->config.ring_bytes;
    uint8_t *bytes = aligned_alloc(4096, size);
    if (bytes == NULL) return nt_fail(NT_NO_MEMORY, "no memory for the tape's ring");
    memset(bytes, 0, size); // Every page is there before the lane needs it.
    mlock(bytes, size);     // A refusal costs a page fault at worst.
    tape->ring = (nt_ring){.marks = &tape->marks, .bytes = bytes, .size = size};
    return NT_OK;
}

/// The first index of this epoch that no file has. An epoch that was used before goes on behind
/// a gap: the two runs are not one.
static nt_status choose_index(nt_tape *tape) {
    const nt_files *files = &tape->config.files;
    for (uint32_t index = 0; index <= NT_TAPE_INDEX_MAX; index++) {
        char path[NT_PATH_MAX];
        int descriptor;
        nt_status status = nt_tape_path(tape->directory, tape->config.epoch, index, path);
        if (status == NT_OK) status = files->open(files->context, path, false, &descriptor);
        if (status == NT_OK) {
            files->close(files->context, descriptor);
            continue;
        }
        if (status != NT_NOT_FOUND) return status;
        tape->index = index;
        tape->gap_pending = index > 0;
        tape->lost.length = NT_TAPE_GAP;
        tape->lost.crc = nt_tape_frame_checksum(&tape->lost, NULL);
        return NT_OK;
    }
    return nt_fail(NT_FULL, "no free tape name for epoch %08" PRIx32, tape->config.epoch);
}

static void release(nt_tape *tape) {
    const nt_files *files = &tape->config.files;
    if (tape->descriptor >= 0) files->close(files->context, tape->descriptor);
    if (tape->ring.bytes != NULL) munlock(tape->ring.bytes, tape->ring.size);
    free(tape->ring.bytes);
    free(tape);
}

nt_status nt_tape_open(const nt_tape_config *config, nt_tape **out) {
    nt_tape *tape = aligned_alloc(alignof(nt_tape), sizeof *tape);
    if (tape == NULL) return nt_fail(NT_NO_MEMORY, "no memory for a tape");
    memset(tape, 0, sizeof *tape);
    tape->descriptor = -1;
    nt_status status = take_config(tape, config);
    if (status == NT_OK) status = make_ring(tape);
    if (status == NT_OK) status = choose_index(tape);
    if (status == NT_OK) nt_tape_prune(tape);
    if (status == NT_OK && !tape->config.inline_drain) status = start_thread(tape);
    if (status != NT_OK) {
        release(tape);
        return status;
    }
    *out = tape;
    return NT_OK;
}

void nt_tape_close(nt_tape *tape) {
    if (tape == NULL) return;
    if (tape->has_thread) {
        atomic_store_explicit(&tape->stopping, true, memory_order_relaxed); // As above.
        pthread_join(tape->thread, NULL);
    }
    nt_tape_drain_all(tape);
    if (tape->gap_open) {
        put_gap(tape); // The ring is empty now.
        nt_tape_drain_all(tape);
    }
    release(tape);
}
