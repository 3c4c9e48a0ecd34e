// journal_stress.c — one thread appends, the journal's own drains, a third looks on; then the tape
// in the same way. Bounded by the number of records; run under ThreadSanitizer as well.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "../temporary.h"
#include "../test.h"
#include "nt/journal.h"
#include "nt/tape.h"

enum {
    RECORDS = 1000000,
    FRAMES = 300000,
    JOURNAL_RING = 1 << 20,
    LAP_SECONDS = 20,
};

/// The two failures of a bounded wait are told apart by the counts.
static int64_t deadline_ns(void) {
    const nt_clock clock = nt_clock_system();
    return nt_now(&clock) + LAP_SECONDS * INT64_C(1000000000);
}

static bool is_over(int64_t deadline) {
    const nt_clock clock = nt_clock_system();
    return nt_now(&clock) > deadline;
}

static void wait_a_little(void) { nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL); }

typedef struct {
    nt_journal *journal;
    atomic_bool done;
    uint64_t looks, backwards;
} onlooker;

/// What is durable only grows, and stays behind what was appended.
static void *look_on(void *context) {
    onlooker *self = context;
    uint64_t last = 0;
    while (!atomic_load_explicit(&self->done, memory_order_acquire)) {
        const uint64_t durable = nt_journal_durable(self->journal);
        if (durable < last || nt_journal_health(self->journal) != NT_OK) self->backwards++;
        last = durable;
        self->looks++;
        wait_a_little();
    }
    return NULL;
}

static nt_status append_patiently(nt_journal *journal, uint64_t number, int64_t deadline) {
    const uint64_t payload[] = {number, number * 3, ~number};
    const uint32_t length = (uint32_t)(number % 25);
    nt_status status;
    while ((status = nt_journal_append(journal, NT_RECORD_STEP, number, payload, length)) ==
           NT_FULL) {
        if (is_over(deadline)) return NT_TIMEOUT;
        wait_a_little();
    }
    return status;
}

static nt_status check_record(void *context, const nt_record *record, const void *payload) {
    uint64_t *count = context;
    const uint64_t number = ++*count;
    const uint64_t wanted[] = {number, number * 3, ~number};
    const bool right = record->sequence == number && record->event == number &&
                       record->payload_length == number % 25 &&
                       memcmp(payload, wanted, record->payload_length) == 0;
    return right ? NT_OK : NT_INVALID;
}

TEST(journal_stress, one_million_records_arrive_whole) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    const nt_journal_config config = {.directory = directory,
                                      .ring_bytes = JOURNAL_RING,
                                      .files = nt_files_system(),
                                      .clock = nt_clock_system()};
    onlooker onlooker = {0};
    pthread_t thread;
    const int64_t deadline = deadline_ns();
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &onlooker.journal), NT_OK);
    EXPECT_EQ(pthread_create(&thread, NULL, look_on, &onlooker), 0);
    nt_status status = NT_OK;
    for (uint64_t number = 1; number <= RECORDS && status == NT_OK; number++) {
        status = append_patiently(onlooker.journal, number, deadline);
    }
    atomic_store_explicit(&onlooker.done, true, memory_order_release);
    pthread_join(thread, NULL);
    nt_journal_close(onlooker.journal);
    uint64_t count = 0;
    const nt_status read = nt_journal_read(directory, config.files, check_record, &count, NULL);
    remove_temporary(directory);
    EXPECT_EQ(status, NT_OK);
    EXPECT_EQ(onlooker.backwards, 0);
    EXPECT(onlooker.looks > 0);
    EXPECT_EQ(read, NT_OK);
    EXPECT_EQ(count, RECORDS);
}

/// The drain copies through the disk in memory, so that every byte it reads is seen by the
/// sanitizer; the kernel's reads are not.
TEST(journal_stress, the_drain_reads_only_what_was_published) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = {.directory = "j",
                                      .ring_bytes = 64 << 10,
                                      .files = nt_files_memory(disk),
                                      .clock = nt_clock_system()};
    nt_journal *journal;
    const int64_t deadline = deadline_ns();
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    nt_status status = NT_OK;
    for (uint64_t number = 1; number <= RECORDS / 4 && status == NT_OK; number++) {
        status = append_patiently(journal, number, deadline);
    }
    nt_journal_close(journal);
    uint64_t count = 0;
    EXPECT_EQ(status, NT_OK);
    EXPECT_EQ(nt_journal_read("j", config.files, check_record, &count, NULL), NT_OK);
    EXPECT_EQ(count, RECORDS / 4);
    nt_memory_disk_destroy(disk);
}

static nt_status check_frame(void *context, const nt_tape_frame *frame, const uint8_t *bytes) {
    uint64_t *count = context;
    const uint64_t number = ++*count;
    bool right = frame->sequence == number && frame->length == number % 300;
    for (uint32_t i = 0; i < frame->length; i++) right = right && bytes[i] == (uint8_t)number;
    return right ? NT_OK : NT_INVALID;
}

TEST(journal_stress, the_tape_keeps_up_or_says_where_it_did_not) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_tape_config config = {
        .directory = "t", .ring_bytes = 1 << 20, .files = nt_files_memory(disk), .epoch = 1};
    nt_tape *tape;
    EXPECT_EQ(nt_tape_open(&config, &tape), NT_OK);
    for (uint64_t number = 1; number <= FRAMES; number++) {
        uint8_t bytes[300];
        memset(bytes, (uint8_t)number, sizeof bytes);
        nt_tape_append(tape, number, 0, 0, 0, bytes, (uint32_t)(number % 300));
        if (number % 2000 == 0) wait_a_little();
    }
    const uint64_t dropped = nt_tape_dropped(tape);
    nt_tape_close(tape);
    uint64_t count = 0;
    const nt_status read = nt_tape_read("t", 1, config.files, check_frame, &count);
    EXPECT_EQ(read, dropped == 0 ? NT_OK : NT_GAP);
    EXPECT(count > 0 && count <= FRAMES - dropped);
    nt_memory_disk_destroy(disk);
}
