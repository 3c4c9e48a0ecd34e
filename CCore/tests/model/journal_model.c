// journal_model.c — the journal's two sides: a lane that appends and a thread that takes the
// records to disk, until it is told to stop.
//
// Their own sources are compiled in here, so that the thread's loop can be run as one of the
// case's threads on a ring of a few hundred bytes.
#include "journal/drain.c"
#include "journal/journal.c"
#include "model.h"

enum { RING_SIZE = 256, DISK_SIZE = 4096, MAX_RECORDS = 4, DRAIN = 1 };

typedef struct {
    nt_journal journal;
    nt_ring_marks marks;
    uint8_t ring[RING_SIZE], disk[DISK_SIZE];
    uint64_t written;
    uint32_t payload, appended;
    bool was_full, is_broken;
} world;

// A disk in the case's memory.

static nt_status disk_write(void *context, int descriptor, const void *bytes, size_t length,
                            uint64_t offset) {
    world *at = context;
    (void)descriptor;
    if (at->is_broken) return NT_FULL;
    MODEL_EXPECT(offset >= at->written && offset + length <= DISK_SIZE);
    memcpy(at->disk + offset, bytes, length);
    at->written = offset + length;
    return NT_OK;
}

static nt_status disk_sync(void *context, int descriptor) {
    (void)context, (void)descriptor;
    return NT_OK;
}

static int64_t no_time(void *context) {
    (void)context;
    return 0;
}

static void *start_with(uint32_t payload) {
    world *made = aligned_alloc(alignof(world), sizeof *made);
    memset(made, 0, sizeof *made);
    nt_journal *journal = &made->journal;
    journal->ring = (nt_ring){.marks = &made->marks, .bytes = made->ring, .size = RING_SIZE};
    journal->clock = (nt_clock){.monotonic_ns = no_time, .wall_ns = no_time};
    journal->writer.files = (nt_files){.context = made, .write = disk_write, .sync = disk_sync};
    journal->segment = (nt_segment){.descriptor = 0, .size = DISK_SIZE};
    journal->has_thread = true;
    journal->thread = DRAIN;
    made->payload = payload;
    return made;
}
static void *start(void) { return start_with(8); }

/// Records of which the second does not end where the ring ends: what is left is a pad.
static void *start_padded(void) { return start_with(56); }

static void append(world *at, int times) {
    uint8_t payload[56];
    for (int i = 0; i < times; i++) {
        memset(payload, (int)at->appended + 1, sizeof payload);
        if (nt_journal_append(&at->journal, 1, at->appended + 1, payload, at->payload) == NT_OK) {
            at->appended++;
        } else {
            at->was_full = true;
        }
    }
}

/// Every record up to `last` is on the disk, in order and whole.
static void check_disk(const world *at, uint64_t last) {
    uint64_t place = 0;
    for (uint64_t i = 1; i <= last; i++) {
        const nt_record *record = (const nt_record *)(at->disk + place);
        // Behind what was synced the next begins in a sector of its own.
        if (record->length == 0) {
            place = nt_segment_next_sector(place);
            record = (const nt_record *)(at->disk + place);
        }
        const uint8_t *payload = nt_record_payload(record);
        MODEL_EXPECT(nt_record_whole(record, DISK_SIZE - place, sizeof(nt_record_link)));
        MODEL_EXPECT(record->sequence == i && record->event == i);
        MODEL_EXPECT(payload[0] == i && payload[at->payload - 1] == i);
        place += record->length;
    }
}

static void append_and_stop(void *context) {
    world *at = context;
    append(at, 3);
    nt_journal_thread_stop(&at->journal);
    check_disk(at, at->appended);
    MODEL_EXPECT(nt_journal_health(&at->journal) == NT_OK);
}
static void append_four_and_stop(void *context) {
    append(context, 1);
    append_and_stop(context);
}
static void append_two(void *context) { append(context, 2); }

static void drain(void *context) {
    world *at = context;
    thread_main(&at->journal);
}
static void drain_twice(void *context) {
    world *at = context;
    for (int i = 0; i < 2; i++) nt_journal_drain_all(&at->journal);
}
/// Whoever sees a durable sequence finds it on the disk.
static void follow(void *context) {
    const world *at = context;
    const uint64_t durable = nt_journal_durable(&at->journal);
    check_disk(at, durable);
    model_outcome((uint32_t)durable);
}

static void end(void *context) {
    const world *at = context;
    check_disk(at, at->appended);
    MODEL_EXPECT(at->journal.written == at->appended &&
                 nt_journal_durable(&at->journal) == at->appended);
    model_outcome(at->was_full);
}

MODEL_CASE(journal, all_is_on_disk_at_the_end, .start = start, .threads = {append_and_stop, drain},
           .end = end, .outcomes = 1 << 0)
MODEL_CASE(journal, pads_and_wraps, .start = start_padded, .threads = {append_four_and_stop, drain},
           .end = end, .outcomes = 0x3)
MODEL_CASE(journal, durable_is_on_disk, .start = start,
           .threads = {append_two, drain_twice, follow}, .outcomes = 0x7)

// A disk that takes nothing: the lane learns of it, and nothing counts as durable.

static void *start_broken(void) {
    world *made = start();
    made->is_broken = true;
    return made;
}
static void append_and_look(void *context) {
    world *at = context;
    append(at, 2);
    const nt_status health = nt_journal_health(&at->journal);
    MODEL_EXPECT(health == NT_OK || health == NT_FULL);
    model_outcome(health != NT_OK);
}
static void end_broken(void *context) {
    const world *at = context;
    MODEL_EXPECT(nt_journal_durable(&at->journal) == 0 && at->written == 0);
}

MODEL_CASE(journal, broken_disk, .start = start_broken, .threads = {append_and_look, drain_twice},
           .end = end_broken, .outcomes = 0x3)
