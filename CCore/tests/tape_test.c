// tape_test.c — frames come back in order, and a missing one is never passed over in silence.
#include "nt/tape.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "../journal/tape_format.h"
#include "nt/crypto.h"
#include "temporary.h"
#include "test.h"

enum { SMALL_RING = 8192, SMALL_SEGMENT = 4096, EPOCH = 0x2a };

static const char first_file[] = "t/0000002a-000000.ntt";

static nt_tape_config memory_config(nt_memory_disk *disk) {
    return (nt_tape_config){
        .directory = "t",
        .ring_bytes = SMALL_RING,
        .segment_bytes = SMALL_SEGMENT,
        .files = nt_files_memory(disk),
        .epoch = EPOCH,
        .inline_drain = true,
    };
}

/// Length and bytes of a frame follow from its sequence, without a pattern; every third may be
/// large.
static uint32_t make_frame(uint64_t sequence, uint8_t *out) {
    const uint64_t mixed = sequence * 0x9e3779b97f4a7c15u >> 32;
    const uint32_t length = (uint32_t)(mixed % 3 == 0 ? mixed % 1500 : mixed % 150);
    for (uint32_t i = 0; i < length; i++) out[i] = (uint8_t)(sequence * 17 + i);
    return length;
}

static void append_frame(nt_tape *tape, uint64_t sequence) {
    uint8_t bytes[1500];
    const uint32_t length = make_frame(sequence, bytes);
    nt_tape_append(tape, sequence, (int64_t)sequence * 5, (uint32_t)sequence % 3, UINT32_MAX, bytes,
                   length);
}

typedef struct {
    uint64_t count;
    uint64_t wrong;
} checker;

static nt_status check_frame(void *context, const nt_tape_frame *frame, const uint8_t *bytes) {
    checker *seen = context;
    uint8_t wanted[1500];
    const uint64_t sequence = ++seen->count;
    const uint32_t length = make_frame(sequence, wanted);
    const bool right = frame->sequence == sequence && frame->length == length &&
                       frame->received_ns == (int64_t)sequence * 5 &&
                       frame->stream == sequence % 3 && frame->instrument == UINT32_MAX &&
                       memcmp(bytes, wanted, length) == 0;
    if (!right) seen->wrong++;
    return NT_OK;
}

/// Writes frames 1 to `count`, draining after each few.
static bool write_tape(const nt_tape_config *config, uint64_t count) {
    nt_tape *tape;
    if (nt_tape_open(config, &tape) != NT_OK) return false;
    for (uint64_t sequence = 1; sequence <= count; sequence++) {
        append_frame(tape, sequence);
        if (sequence % 4 == 0 && nt_tape_drain(tape) != NT_OK) return false;
    }
    const bool complete = nt_tape_dropped(tape) == 0;
    nt_tape_close(tape);
    return complete;
}

static uint64_t file_size(nt_files files, const char *path) {
    int descriptor;
    uint64_t size = 0;
    if (files.open(files.context, path, false, &descriptor) != NT_OK) return 0;
    files.size(files.context, descriptor, &size);
    files.close(files.context, descriptor);
    return size;
}

static void cut_file(nt_files files, const char *path, uint64_t size) {
    int descriptor;
    if (files.open(files.context, path, false, &descriptor) != NT_OK) return;
    files.resize(files.context, descriptor, size);
    files.close(files.context, descriptor);
}

static uint8_t *map_file(nt_files files, const char *path, uint64_t size) {
    int descriptor;
    void *bytes = NULL;
    if (files.open(files.context, path, false, &descriptor) != NT_OK) return NULL;
    files.map(files.context, descriptor, size, &bytes);
    files.close(files.context, descriptor);
    return bytes;
}

TEST(tape, gives_back_its_frames_over_many_segments) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    checker seen = {0};
    EXPECT(write_tape(&config, 300));
    EXPECT(file_size(config.files, "t/0000002a-000005.ntt") > 0);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, check_frame, &seen), NT_OK);
    EXPECT_EQ(seen.count, 300);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_EQ(nt_tape_read("t", EPOCH + 1, config.files, check_frame, &seen), NT_NOT_FOUND);
    nt_memory_disk_destroy(disk);
}

TEST(tape, keeps_a_frame_larger_than_a_segment) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_tape_config config = memory_config(disk);
    config.ring_bytes = 64 << 10;
    nt_tape *tape;
    uint8_t *large = calloc(1, 20000);
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    for (uint64_t i = 1; i <= 3; i++) nt_tape_append(tape, i, 0, 0, 0, large, 20000);
    EXPECT_EQ(nt_tape_dropped(tape), 0);
    nt_tape_close(tape);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, NULL, NULL), NT_OK);
    EXPECT_EQ(file_size(config.files, "t/0000002a-000002.ntt"), 64 + 32 + 20000);
    free(large);
    nt_memory_disk_destroy(disk);
}

TEST(tape, marks_a_gap_when_the_ring_is_full) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    nt_tape *tape;
    checker seen = {0};
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    uint64_t sequence = 0;
    while (nt_tape_dropped(tape) == 0 && sequence < 1000) append_frame(tape, ++sequence);
    EXPECT_EQ(nt_tape_dropped(tape), 1);
    EXPECT_EQ(nt_tape_drain(tape), NT_OK);
    append_frame(tape, sequence + 1); // Fits again, behind the mark.
    EXPECT_EQ(nt_tape_dropped(tape), 1);
    nt_tape_close(tape);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, check_frame, &seen), NT_GAP);
    EXPECT_EQ(seen.count, sequence - 1);
    EXPECT_EQ(seen.wrong, 0);
    nt_memory_disk_destroy(disk);
}

TEST(tape, never_overwrites_what_is_not_drained) {
    for (uint64_t start = 1; start < 300; start++) {
        nt_memory_disk *disk = nt_memory_disk_create();
        const nt_tape_config config = memory_config(disk);
        nt_tape *tape;
        checker seen = {0};
        EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
        uint64_t sequence = 0;
        while (sequence < start) {
            append_frame(tape, ++sequence);
            EXPECT_EQ(nt_tape_drain(tape), NT_OK);
        }
        while (nt_tape_dropped(tape) == 0) append_frame(tape, ++sequence);
        nt_tape_close(tape);
        EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, check_frame, &seen), NT_GAP);
        EXPECT_EQ(seen.count, sequence - 1);
        EXPECT_EQ(seen.wrong, 0);
        nt_memory_disk_destroy(disk);
    }
}

TEST(tape, marks_a_gap_at_its_end) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    nt_tape *tape;
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    for (uint64_t sequence = 1; sequence <= 100; sequence++) append_frame(tape, sequence);
    EXPECT(nt_tape_dropped(tape) > 0);
    nt_tape_close(tape);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, NULL, NULL), NT_GAP);
    nt_memory_disk_destroy(disk);
}

TEST(tape, leaves_out_a_frame_larger_than_its_ring) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    nt_tape *tape;
    uint8_t *large = calloc(1, SMALL_RING);
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    nt_tape_append(tape, 1, 0, 0, 0, large, SMALL_RING);
    EXPECT_EQ(nt_tape_dropped(tape), 1);
    nt_tape_close(tape);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, NULL, NULL), NT_GAP);
    free(large);
    nt_memory_disk_destroy(disk);
}

TEST(tape, counts_what_a_failing_disk_loses_and_marks_it) {
    for (uint64_t operations = 0; operations < 20; operations++) {
        nt_memory_disk *disk = nt_memory_disk_create();
        const nt_tape_config config = memory_config(disk);
        nt_tape *tape;
        checker seen = {0};
        EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
        nt_memory_disk_fail_after(disk, operations, NT_FULL);
        for (uint64_t sequence = 1; sequence <= 100; sequence++) {
            append_frame(tape, sequence);
            nt_tape_drain(tape);
        }
        const uint64_t lost = nt_tape_dropped(tape);
        EXPECT(lost > 50);
        nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
        append_frame(tape, 101);
        EXPECT_EQ(nt_tape_drain(tape), NT_OK); // The disk has room again.
        EXPECT_EQ(nt_tape_dropped(tape), lost);
        nt_tape_close(tape);
        EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, check_frame, &seen), NT_GAP);
        EXPECT_EQ(seen.count, 100 - lost);
        EXPECT_EQ(seen.wrong, 0);
        nt_memory_disk_destroy(disk);
    }
}

TEST(tape, ends_at_a_torn_tail_wherever_it_is_cut) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_tape_config config = memory_config(disk);
    config.segment_bytes = 1 << 20;
    EXPECT(write_tape(&config, 12));
    for (uint64_t cut = file_size(config.files, first_file); cut > 0; cut--) {
        checker seen = {0};
        cut_file(config.files, first_file, cut - 1);
        EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, check_frame, &seen), NT_OK);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT(seen.count < 12);
    }
    nt_memory_disk_destroy(disk);
}

TEST(tape, notices_every_changed_bit) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_tape_config config = memory_config(disk);
    config.segment_bytes = 1 << 20;
    EXPECT(write_tape(&config, 5));
    const uint64_t size = file_size(config.files, first_file);
    uint8_t *file = map_file(config.files, first_file, size);
    EXPECT(file != NULL);
    for (uint64_t bit = 0; bit < size * 8; bit++) {
        checker seen = {0};
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const nt_status status = nt_tape_read("t", EPOCH, config.files, check_frame, &seen);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT_EQ(seen.wrong, 0);
        // The last frame's change is a torn tail; the padding behind a frame is nobody's.
        if (status == NT_OK)
            EXPECT(seen.count >= 4);
        else
            EXPECT_EQ(status, NT_CORRUPT);
    }
    nt_memory_disk_destroy(disk);
}

TEST(tape, refuses_a_cut_in_an_earlier_segment) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    EXPECT(write_tape(&config, 100));
    cut_file(config.files, first_file, file_size(config.files, first_file) - 8);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, NULL, NULL), NT_CORRUPT);
    EXPECT(strstr(nt_last_error(), first_file) != NULL);
    nt_memory_disk_destroy(disk);
}

TEST(tape, refuses_a_newer_format) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    EXPECT(write_tape(&config, 3));
    nt_tape_header *header =
        (nt_tape_header *)map_file(config.files, first_file, sizeof(nt_tape_header));
    header->format++;
    header->crc = nt_crc32c(0, header, offsetof(nt_tape_header, crc));
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, NULL, NULL), NT_VERSION);
    nt_memory_disk_destroy(disk);
}

TEST(tape, never_overwrites_an_epoch_that_was_used) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = memory_config(disk);
    nt_tape *tape;
    checker seen = {0};
    EXPECT(write_tape(&config, 10));
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    append_frame(tape, 11);
    nt_tape_close(tape);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, check_frame, &seen), NT_GAP);
    EXPECT_EQ(seen.count, 10);
    EXPECT_EQ(seen.wrong, 0);
    nt_memory_disk_destroy(disk);
}

TEST(tape, cuts_its_oldest_segments_to_keep_its_limit) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_tape_config config = memory_config(disk);
    config.max_bytes = 3 * SMALL_SEGMENT;
    EXPECT(write_tape(&config, 300));
    uint64_t total = 0;
    for (uint32_t index = 0; index < 60; index++) {
        char path[NT_PATH_MAX];
        EXPECT_EQ(nt_tape_path("t", EPOCH, index, path), NT_OK);
        total += file_size(config.files, path);
    }
    EXPECT(total > SMALL_SEGMENT && total <= config.max_bytes);
    EXPECT_EQ(nt_tape_read("t", EPOCH, config.files, NULL, NULL), NT_GAP);
    nt_memory_disk_destroy(disk);
}

TEST(tape, deletes_earlier_runs_first_on_the_systems_files) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    nt_tape_config config = {.directory = directory,
                             .ring_bytes = SMALL_RING,
                             .segment_bytes = SMALL_SEGMENT,
                             .max_bytes = 10 * SMALL_SEGMENT,
                             .files = nt_files_system(),
                             .inline_drain = true};
    const nt_files files = config.files;
    for (config.epoch = 1; config.epoch <= 4; config.epoch++) EXPECT(write_tape(&config, 80));
    checker seen = {0};
    EXPECT_EQ(nt_tape_read(directory, 1, files, NULL, NULL), NT_NOT_FOUND);
    EXPECT_EQ(nt_tape_read(directory, 4, files, check_frame, &seen), NT_OK);
    EXPECT_EQ(seen.count, 80);
    EXPECT_EQ(seen.wrong, 0);
    // One run over the limit loses its own beginning, and says so.
    EXPECT(write_tape(&config, 600));
    EXPECT_EQ(nt_tape_read(directory, 4, files, NULL, NULL), NT_NOT_FOUND);
    EXPECT_EQ(nt_tape_read(directory, 5, files, NULL, NULL), NT_GAP);
    // However small the limit, the segment being written stays.
    config.epoch = 6;
    config.max_bytes = 1;
    EXPECT(write_tape(&config, 80));
    EXPECT_EQ(nt_tape_read(directory, 5, files, NULL, NULL), NT_NOT_FOUND);
    EXPECT_EQ(nt_tape_read(directory, 6, files, NULL, NULL), NT_GAP);
    remove_temporary(directory);
}

TEST(tape, drains_by_its_thread) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    const nt_tape_config config = {.directory = directory, .files = nt_files_system(), .epoch = 7};
    nt_tape *tape;
    checker seen = {0};
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    EXPECT_EQ(nt_tape_drain(tape), NT_INVALID);
    for (uint64_t sequence = 1; sequence <= 5000; sequence++) append_frame(tape, sequence);
    EXPECT_EQ(nt_tape_dropped(tape), 0);
    nt_tape_close(tape);
    EXPECT_EQ(nt_tape_read(directory, 7, config.files, check_frame, &seen), NT_OK);
    EXPECT_EQ(seen.count, 5000);
    EXPECT_EQ(seen.wrong, 0);
    remove_temporary(directory);
}
