// journal_test.c — what was appended comes back: around the ring, over segments, after restarts and
// failing disks.
#include "nt/journal.h"

#include "journal_support.h"

// Round trips.

TEST(journal, gives_back_what_was_appended) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal_found found;
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, &found, &journal), NT_OK);
    EXPECT_EQ(found.records, 0);
    EXPECT_EQ(nt_journal_epoch(journal), 1);
    EXPECT(append_many(journal, 20));
    EXPECT_EQ(nt_journal_sequence(journal), 20);
    EXPECT_EQ(nt_journal_durable(journal), 0);
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    EXPECT_EQ(nt_journal_durable(journal), 20);
    nt_journal_close(journal);

    checker seen = {0};
    EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
    EXPECT_EQ(seen.count, 20);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_EQ(found.last_sequence, 20);
    EXPECT_EQ(found.from_ring, 0);
    EXPECT_EQ(found.trimmed_bytes, 0);
    EXPECT(!found.clean_stop);
    nt_journal_close(journal);
    nt_memory_disk_destroy(disk);
}

TEST(journal, stamps_times_epoch_and_kind) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT_EQ(nt_journal_append(journal, NT_RECORD_STOP, 77, "abc", 3), NT_OK);
    uint64_t size;
    nt_journal_close(journal);
    uint8_t *bytes = load_file(config.files, first_segment, &size);
    const nt_record *record = (const nt_record *)(bytes + NT_SEGMENT_HEADER);
    EXPECT_EQ(size, SMALL_SEGMENT);
    EXPECT_EQ(record->length, 80); // With its link.
    EXPECT_EQ(record->event, 77);
    EXPECT_EQ(record->monotonic_ns, 1000);
    EXPECT_EQ(record->wall_ns, 2000);
    EXPECT_EQ(record->epoch, 1);
    EXPECT_EQ(record->kind, NT_RECORD_STOP);
    EXPECT(memcmp(record + 1, "abc\0\0\0\0\0", 8) == 0);
    free(bytes);
    nt_journal_found found;
    EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, &found), NT_OK);
    EXPECT(found.clean_stop);
    nt_memory_disk_destroy(disk);
}

TEST(journal, refuses_what_is_no_record) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint8_t payload[NT_RECORD_MAX_PAYLOAD + 1] = {0};
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT_EQ(nt_journal_append(journal, NT_RECORD_PAD, 0, NULL, 0), NT_INVALID);
    EXPECT_EQ(nt_journal_append(journal, NT_RECORD_KIND_COUNT, 0, NULL, 0), NT_INVALID);
    EXPECT_EQ(nt_journal_append(journal, NT_RECORD_STEP, 0, payload, sizeof payload), NT_INVALID);
    EXPECT_EQ(nt_journal_sequence(journal), 0);
    EXPECT_EQ(nt_journal_append(journal, NT_RECORD_STEP, 0, payload, NT_RECORD_MAX_PAYLOAD), NT_OK);
    nt_journal_close(journal);
    nt_memory_disk_destroy(disk);
}

TEST(journal, wraps_its_ring_and_rolls_its_segments) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    nt_journal_found found;
    checker seen = {0};
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 2000)); // 40 laps of the ring.
    nt_journal_close(journal);
    EXPECT_EQ(nt_journal_read("j", config.files, check_record, &seen, &found), NT_OK);
    EXPECT_EQ(seen.count, 2000);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_EQ(found.trimmed_bytes, 0);
    nt_memory_disk_destroy(disk);
}

TEST(journal, is_full_when_nothing_drains_it) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    nt_status status = NT_OK;
    int appended = 0;
    for (; appended < 1000 && status == NT_OK; appended++) status = append_next(journal);
    EXPECT_EQ(status, NT_FULL);
    EXPECT(appended > SMALL_RING / 112 && appended < SMALL_RING / 48);
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    EXPECT_EQ(append_next(journal), NT_OK);
    nt_journal_close(journal);
    nt_memory_disk_destroy(disk);
}

TEST(journal, never_overwrites_what_is_not_drained) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    config.segment_bytes = 1 << 20;
    nt_journal *journal;
    nt_journal_found found;
    uint8_t payload[NT_RECORD_MAX_PAYLOAD] = {0};
    uint64_t random = 88172645463325252u;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    for (int round = 0; round < 500; round++) {
        nt_status status = NT_OK;
        for (int i = 0; i < 100 && status == NT_OK; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            status = nt_journal_append(journal, NT_RECORD_STEP, 0, payload,
                                       (uint32_t)(random % sizeof payload));
        }
        EXPECT_EQ(status, NT_FULL);
        EXPECT_EQ(nt_journal_drain(journal), NT_OK); // It verifies each record.
    }
    const uint64_t appended = nt_journal_sequence(journal);
    nt_journal_close(journal);
    EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, &found), NT_OK);
    EXPECT_EQ(found.records, appended);
    nt_memory_disk_destroy(disk);
}

TEST(journal, gives_back_only_the_room_of_what_was_synced) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    config.ring_bytes = 4 << 20;
    config.segment_bytes = 8 << 20;
    nt_journal *journal;
    checker seen = {0};
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 40000));       // Several groups.
    nt_memory_disk_fail_after(disk, 7, NT_IO); // In the second.
    EXPECT_EQ(nt_journal_drain(journal), NT_IO);
    EXPECT(nt_journal_durable(journal) > 0 && nt_journal_durable(journal) < 40000);
    nt_journal_close(journal);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    nt_journal_found found;
    EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
    EXPECT_EQ(seen.count, 40000);
    EXPECT_EQ(seen.wrong, 0);
    nt_journal_close(journal);
    nt_memory_disk_destroy(disk);
}

TEST(journal, raises_its_epoch_at_each_start) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    for (uint32_t run = 1; run <= 30; run++) {
        nt_journal *journal;
        nt_journal_found found;
        checker seen = {0};
        EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
        EXPECT_EQ(nt_journal_epoch(journal), run);
        EXPECT_EQ(found.last_epoch, run - 1);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT_EQ(seen.count, (run - 1) / 2 * 9);
        // Every other run appends nothing; its epoch is used up all the same.
        if (run % 2 == 0) EXPECT(append_many(journal, 9));
        nt_journal_close(journal);
    }
    nt_memory_disk_destroy(disk);
}

TEST(journal, keeps_old_epochs_apart_when_recovery_rolls) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    config.ring_bytes = 32 << 10;
    nt_journal *journal;
    nt_journal_found found;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 300)); // Several segments' worth, all in the ring.
    nt_memory_disk_fail_after(disk, 0, NT_IO);
    nt_journal_close(journal);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    for (int run = 0; run < 3; run++) {
        checker seen = {0};
        EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
        EXPECT_EQ(seen.count, 300);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT_EQ(found.from_ring, run == 0 ? 300 : 0);
        nt_journal_close(journal);
    }
    nt_memory_disk_destroy(disk);
}

TEST(journal, takes_another_ring_size_at_a_later_start) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    uint64_t sizes[] = {4096, 16384, 8192, 65536, 4096};
    for (uint64_t run = 0; run < 5; run++) {
        nt_journal *journal;
        nt_journal_found found;
        checker seen = {0};
        config.ring_bytes = sizes[run];
        EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
        EXPECT_EQ(seen.count, run * 30);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT_EQ(found.from_ring, run == 0 ? 0 : 30);
        EXPECT(append_many(journal, 30));
        nt_memory_disk_fail_after(disk, 0, NT_IO); // The drain of the close fails.
        nt_journal_close(journal);
        nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    }
    nt_memory_disk_destroy(disk);
}

static nt_status stop_at_five(void *context, const nt_record *record, const void *payload) {
    (void)context, (void)payload;
    return record->sequence == 5 ? NT_REFUSED : NT_OK;
}

TEST(journal, ends_the_walk_when_the_visitor_says_so) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    nt_journal_found found;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 9));
    nt_journal_close(journal);
    EXPECT_EQ(nt_journal_open(&config, stop_at_five, NULL, &found, &journal), NT_REFUSED);
    EXPECT_EQ(found.records, 5);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, &found, &journal), NT_OK);
    EXPECT_EQ(found.records, 9);
    nt_journal_close(journal);
    nt_memory_disk_destroy(disk);
}

TEST(journal, refuses_impossible_sizes) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    config.ring_bytes = 5000;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_INVALID);
    config.ring_bytes = 4096;
    config.segment_bytes = 4096;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_INVALID);
    nt_memory_disk_destroy(disk);
}

// Failing disks.

TEST(journal, says_full_and_keeps_appending_into_the_ring) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    nt_journal_found found;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 10));
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    nt_memory_disk_fail_after(disk, 0, NT_FULL);
    EXPECT_EQ(append_next(journal), NT_OK);
    EXPECT_EQ(nt_journal_drain(journal), NT_FULL);
    EXPECT_EQ(nt_journal_health(journal), NT_FULL);
    EXPECT_EQ(nt_journal_durable(journal), 10);
    nt_status status = NT_OK;
    for (int i = 0; i < 1000 && status == NT_OK; i++) status = append_next(journal);
    EXPECT_EQ(status, NT_FULL);
    const uint64_t appended = nt_journal_sequence(journal);
    nt_journal_close(journal);

    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    checker seen = {0};
    EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
    EXPECT_EQ(seen.count, appended);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_EQ(found.from_ring, appended - 10);
    nt_journal_close(journal);
    nt_memory_disk_destroy(disk);
}

TEST(journal, loses_nothing_wherever_the_disk_fails) {
    for (uint64_t operations = 0; operations < 60; operations++) {
        nt_memory_disk *disk = nt_memory_disk_create();
        const nt_journal_config config = memory_config(disk);
        nt_journal *journal;
        uint64_t appended = 0;
        nt_memory_disk_fail_after(disk, operations, operations % 2 == 0 ? NT_IO : NT_FULL);
        if (nt_journal_open(&config, NULL, NULL, NULL, &journal) == NT_OK) {
            append_many(journal, 600);
            EXPECT(nt_journal_health(journal) != NT_OK || operations > 20);
            appended = nt_journal_sequence(journal);
            nt_journal_close(journal);
        }
        nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
        for (int run = 0; run < 2; run++) {
            checker seen = {0};
            nt_journal_found found;
            EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
            EXPECT_EQ(seen.count, appended);
            EXPECT_EQ(seen.wrong, 0);
            nt_journal_close(journal);
        }
        nt_memory_disk_destroy(disk);
    }
}

TEST(journal, repairs_a_torn_write_from_the_ring) {
    for (size_t torn = 0; torn < 400; torn += 7) {
        nt_memory_disk *disk = nt_memory_disk_create();
        const nt_journal_config config = memory_config(disk);
        nt_journal *journal;
        nt_journal_found found;
        checker seen = {0};
        EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
        EXPECT(append_many(journal, 10));
        nt_memory_disk_tear_next(disk, torn);
        EXPECT_EQ(nt_journal_drain(journal), NT_IO);
        EXPECT_EQ(nt_journal_health(journal), NT_IO);
        nt_journal_close(journal);
        EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
        EXPECT_EQ(seen.count, 10);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT(found.from_ring >= 1);
        nt_journal_close(journal);
        nt_memory_disk_destroy(disk);
    }
}

TEST(journal, refuses_settings_that_cannot_be) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config good = memory_config(disk);
    static char path[8192];
    memset(path, 'j', sizeof path - 1);
    nt_journal_config bad[9] = {good, good, good, good, good, good, good, good, good};
    bad[0].ring_bytes = NT_RING_MIN / 2;
    bad[1].ring_bytes = (uint64_t)NT_RING_MAX * 2;
    bad[2].ring_bytes = NT_RING_MIN * 3;
    bad[3].segment_bytes = NT_SEGMENT_MIN / 2;
    bad[4].segment_bytes = (uint64_t)NT_SEGMENT_MAX + 4096;
    bad[5].segment_bytes = NT_SEGMENT_MIN + 512;
    bad[6].directory = path;
    bad[7].durability = NT_DURABILITY_STRICT + 1;
    bad[8].group_ns = -1;
    const char *words[9] = {"ring",
                            "ring",
                            "ring",
                            "segment",
                            "segment",
                            "segment",
                            "too long",
                            "no such durability",
                            "no such durability"};
    for (uint32_t i = 0; i < 9; i++) {
        nt_journal *journal = NULL;
        EXPECT_EQ(nt_journal_open(&bad[i], NULL, NULL, NULL, &journal), NT_INVALID);
        EXPECT(read_text_has(words[i]));
    }
    nt_memory_disk_destroy(disk);
}
