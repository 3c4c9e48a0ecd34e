// tape_model.c — the tape's two sides: what was appended is on the tape at the end, in order, and
// where frames had no room there is a gap.
#include "journal/tape.c"
#include "journal/tape_drain.c"
#include "model.h"

enum { RING_SIZE = 128, DISK_SIZE = 1024, FRAMES = 4, DRAIN = 1 };

typedef struct {
    nt_tape tape;
    uint8_t ring[RING_SIZE], disk[DISK_SIZE];
    uint64_t written;
} world;

static nt_status disk_write(void *context, int descriptor, const void *bytes, size_t length,
                            uint64_t offset) {
    world *at = context;
    (void)descriptor;
    MODEL_EXPECT(offset == sizeof(nt_tape_header) + at->written);
    MODEL_EXPECT(at->written + length <= DISK_SIZE);
    memcpy(at->disk + at->written, bytes, length);
    at->written += length;
    return NT_OK;
}

static void disk_close(void *context, int descriptor) { (void)context, (void)descriptor; }

static void *start(void) {
    world *made = aligned_alloc(alignof(world), sizeof *made);
    memset(made, 0, sizeof *made);
    nt_tape *tape = &made->tape;
    tape->ring = (nt_ring){.marks = &tape->marks, .bytes = made->ring, .size = RING_SIZE};
    tape->config.files = (nt_files){.context = made, .write = disk_write, .close = disk_close};
    tape->config.segment_bytes = DISK_SIZE;
    tape->end = sizeof(nt_tape_header);
    tape->has_thread = true;
    tape->thread = DRAIN;
    return made;
}

static void append_and_close(void *context) {
    world *at = context;
    for (uint64_t i = 1; i <= FRAMES; i++) {
        uint8_t bytes[24];
        memset(bytes, (int)i, sizeof bytes);
        nt_tape_append(&at->tape, i, 0, 0, 0, bytes, i == 2 ? 24 : 8);
    }
    nt_tape_close(&at->tape);
}

static void drain(void *context) {
    world *at = context;
    thread_main(&at->tape);
}

/// Each number is there as a frame, or lies in a gap that begins with it or before. The outcome
/// is how many frames were left out.
static void end(void *context) {
    const world *at = context;
    uint64_t place = 0, next = 1, frames = 0;
    bool is_gap = false;
    while (place < at->written) {
        nt_tape_frame frame;
        memcpy(&frame, at->disk + place, sizeof frame);
        if (frame.length == NT_TAPE_GAP) {
            MODEL_EXPECT(frame.sequence == next && !is_gap);
            is_gap = true;
        } else {
            MODEL_EXPECT(is_gap ? frame.sequence > next : frame.sequence == next);
            MODEL_EXPECT(frame.length == (frame.sequence == 2 ? 24 : 8));
            const uint8_t *bytes = at->disk + place + sizeof frame;
            for (uint32_t i = 0; i < frame.length; i++) MODEL_EXPECT(bytes[i] == frame.sequence);
            next = frame.sequence + 1;
            frames++;
            is_gap = false;
        }
        place += nt_tape_frame_size(frame.length);
    }
    MODEL_EXPECT(is_gap || next == FRAMES + 1);
    MODEL_EXPECT(nt_tape_dropped(&at->tape) == FRAMES - frames);
    model_outcome((uint32_t)(FRAMES - frames));
}

MODEL_CASE(tape, frames_or_gaps, .start = start, .threads = {append_and_close, drain}, .end = end,
           .outcomes = 0x7)
