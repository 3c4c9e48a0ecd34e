// journal_tail_test.c — following a journal: only what is synced, each record once, in order.
#include "nt/journal_tail.h"

#include <stddef.h>

#include "journal_support.h"
#include "nt/crypto.h"

enum { ALL = 1 << 20 };

/// A journal on a disk in memory and one who follows it.
typedef struct {
    nt_memory_disk *disk;
    nt_journal *journal;
    nt_journal_tail *tail;
    checker seen;
} follower;

static bool begin(follower *world) {
    memset(world, 0, sizeof *world);
    world->disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(world->disk);
    return nt_journal_tail_open("j", config.files, &world->tail) == NT_OK &&
           nt_journal_open(&config, NULL, NULL, NULL, &world->journal) == NT_OK;
}

static void end(follower *world) {
    nt_journal_close(world->journal);
    nt_journal_tail_close(world->tail);
    nt_memory_disk_destroy(world->disk);
}

static nt_status follow(follower *world, uint64_t most, uint64_t *shown) {
    return nt_journal_tail_read(world->tail, most, check_record, &world->seen, shown);
}

TEST(journal_tail, shows_nothing_of_a_directory_without_a_journal) {
    uint64_t shown = 9;
    uint8_t account[16];
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_tail *tail;
    EXPECT_EQ(nt_journal_tail_open("j", nt_files_memory(disk), &tail), NT_OK);
    EXPECT_EQ(nt_journal_tail_read(tail, ALL, check_record, NULL, &shown), NT_OK);
    EXPECT_EQ(shown, 0);
    EXPECT_EQ(nt_journal_tail_account(tail, account), NT_EMPTY);
    nt_journal_tail_close(tail);
    nt_memory_disk_destroy(disk);
}

TEST(journal_tail, shows_a_record_only_once_it_is_synced) {
    follower world;
    uint64_t shown;
    EXPECT(begin(&world));
    EXPECT_EQ(append_next(world.journal), NT_OK);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 0);
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 1);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 0);
    end(&world);
}

TEST(journal_tail, shows_nothing_that_is_written_and_not_synced) {
    follower world;
    uint64_t shown;
    EXPECT(begin(&world));
    EXPECT_EQ(append_next(world.journal), NT_OK);
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    EXPECT_EQ(append_next(world.journal), NT_OK);
    nt_memory_disk_fail_after(world.disk, 1, NT_IO); // The write succeeds, its sync does not.
    EXPECT_EQ(nt_journal_drain(world.journal), NT_IO);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 1);
    end(&world);
}

TEST(journal_tail, shows_every_record_once_over_many_segments) {
    follower world;
    uint64_t shown, total = 0;
    EXPECT(begin(&world));
    for (uint64_t round = 0; round < 60; round++) {
        EXPECT(append_many(world.journal, 1 + round * 7 % 23));
        EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
        EXPECT_EQ(follow(&world, 1 + round % 40, &shown), NT_OK);
        EXPECT(shown <= 1 + round % 40);
        total += shown;
    }
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(total + shown, nt_journal_sequence(world.journal));
    EXPECT_EQ(nt_journal_tail_sequence(world.tail), nt_journal_sequence(world.journal));
    EXPECT_EQ(world.seen.count, total + shown);
    EXPECT_EQ(world.seen.wrong, 0);
    end(&world);
}

TEST(journal_tail, goes_on_after_the_journal_was_closed_and_opened_again) {
    follower world;
    uint64_t shown;
    EXPECT(begin(&world));
    EXPECT(append_many(world.journal, 300));
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    EXPECT_EQ(follow(&world, 100, &shown), NT_OK);
    nt_journal_close(world.journal);
    const nt_journal_config config = memory_config(world.disk);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &world.journal), NT_OK);
    EXPECT(append_many(world.journal, 50));
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 250);
    EXPECT_EQ(world.seen.wrong, 0);
    EXPECT_EQ(world.seen.epoch, 2);
    end(&world);
}

static nt_status stop_at_third(void *context, const nt_record *record, const void *payload) {
    if (record->sequence == 3) return NT_BUSY;
    return check_record(context, record, payload);
}

TEST(journal_tail, shows_again_the_record_that_its_visitor_refused) {
    follower world;
    uint64_t shown;
    EXPECT(begin(&world));
    EXPECT(append_many(world.journal, 5));
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    EXPECT_EQ(nt_journal_tail_read(world.tail, ALL, stop_at_third, &world.seen, &shown), NT_BUSY);
    EXPECT_EQ(shown, 2);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 3);
    EXPECT_EQ(world.seen.wrong, 0);
    end(&world);
}

TEST(journal_tail, names_the_account) {
    follower world;
    uint64_t shown;
    uint8_t account[16];
    const uint8_t wanted[16] = {1, 2, 3};
    EXPECT(begin(&world));
    EXPECT_EQ(append_next(world.journal), NT_OK);
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(nt_journal_tail_account(world.tail, account), NT_OK);
    EXPECT_EQ(memcmp(account, wanted, sizeof account), 0);
    end(&world);
}

TEST(journal_tail, refuses_damage_before_the_synced_mark_with_its_offset) {
    follower world;
    uint64_t shown, size;
    EXPECT(begin(&world));
    EXPECT(append_many(world.journal, 10));
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    nt_files files = nt_files_memory(world.disk);
    uint8_t *bytes = load_file(files, first_segment, &size);
    bytes[NT_SEGMENT_HEADER + 8] ^= 1;
    store_file(files, first_segment, bytes, size);
    free(bytes);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_CORRUPT);
    EXPECT(read_text_has("offset 4096"));
    EXPECT_EQ(shown, 0);
    end(&world);
}

TEST(journal_tail, refuses_a_whole_record_that_is_not_in_its_place) {
    follower world;
    uint64_t shown, size, at = NT_SEGMENT_HEADER;
    EXPECT(begin(&world));
    EXPECT(append_many(world.journal, 10));
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    nt_files files = nt_files_memory(world.disk);
    uint8_t *bytes = load_file(files, first_segment, &size);
    for (uint32_t i = 1; i < 9; i++) at += ((const nt_record *)(bytes + at))->length;
    memcpy(bytes + at, bytes + NT_SEGMENT_HEADER, 56); // The first over the ninth, of equal size.
    store_file(files, first_segment, bytes, size);
    free(bytes);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_CORRUPT);
    EXPECT_EQ(shown, 8);
    end(&world);
}

TEST(journal_tail, takes_a_torn_end_for_the_end_where_there_is_no_ring) {
    follower world;
    uint64_t shown, size;
    EXPECT(begin(&world));
    EXPECT(append_many(world.journal, 10));
    nt_journal_close(world.journal);
    nt_files files = nt_files_memory(world.disk);
    clear_ring(files);
    uint8_t *bytes = load_file(files, first_segment, &size);
    uint64_t used = size;
    while (bytes[used - 1] == 0) used--;
    bytes[used - 1] ^= 1; // In the last record.
    store_file(files, first_segment, bytes, size);
    free(bytes);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 9);
    world.journal = NULL;
    nt_journal_tail_close(world.tail);
    nt_memory_disk_destroy(world.disk);
}

TEST(journal_tail, misses_a_segment_that_is_gone) {
    follower world;
    uint64_t shown;
    EXPECT(begin(&world));
    EXPECT(append_many(world.journal, 10));
    EXPECT_EQ(nt_journal_drain(world.journal), NT_OK);
    store_file(nt_files_memory(world.disk), first_segment, "", 0);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_CORRUPT);
    end(&world);
}

TEST(journal_tail, refuses_a_path_that_is_too_long) {
    char path[8192];
    memset(path, 'j', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    nt_journal_tail *tail = NULL;
    nt_memory_disk *disk = nt_memory_disk_create();
    EXPECT_EQ(nt_journal_tail_open(path, nt_files_memory(disk), &tail), NT_INVALID);
    EXPECT(read_text_has("path too long"));
    nt_memory_disk_destroy(disk);
}

/// Ten synced records; the sixth is changed by `change` and sealed again.
static bool begin_with_sixth(follower *world, void (*change)(nt_record *)) {
    uint64_t size, at = NT_SEGMENT_HEADER;
    if (!begin(world) || !append_many(world->journal, 10)) return false;
    if (nt_journal_drain(world->journal) != NT_OK) return false;
    nt_files files = nt_files_memory(world->disk);
    uint8_t *bytes = load_file(files, first_segment, &size);
    for (uint32_t i = 1; i < 6; i++) at += ((const nt_record *)(bytes + at))->length;
    change((nt_record *)(bytes + at));
    nt_record_seal((nt_record *)(bytes + at));
    store_file(files, first_segment, bytes, size);
    free(bytes);
    return true;
}

static void change_event(nt_record *record) { record->event++; }
static void change_kind(nt_record *record) { record->kind = NT_RECORD_KIND_COUNT; }

TEST(journal_tail, refuses_a_record_that_was_changed_and_sealed_again) {
    follower world;
    uint64_t shown;
    EXPECT(begin_with_sixth(&world, change_event));
    EXPECT_EQ(follow(&world, ALL, &shown), NT_CORRUPT);
    EXPECT(read_text_has("does not continue the chain"));
    EXPECT_EQ(shown, 5);
    end(&world);
}

TEST(journal_tail, refuses_a_record_of_a_kind_that_it_does_not_know) {
    follower world;
    uint64_t shown;
    EXPECT(begin_with_sixth(&world, change_kind));
    EXPECT_EQ(follow(&world, ALL, &shown), NT_VERSION);
    EXPECT(read_text_has("record 6 is of unknown kind"));
    EXPECT_EQ(shown, 5);
    end(&world);
}

/// Fills one segment and begins the next; `path` is the next one's.
static bool begin_second_segment(follower *world, char path[64]) {
    nt_files files = nt_files_memory(world->disk);
    for (uint32_t i = 0; i < 1000; i++) {
        int descriptor;
        if (append_next(world->journal) != NT_OK) return false;
        if (nt_journal_drain(world->journal) != NT_OK) return false;
        snprintf(path, 64, "j/%020" PRIu64 ".ntj", nt_journal_sequence(world->journal));
        if (strcmp(path, first_segment) == 0) continue;
        if (files.open(files.context, path, false, &descriptor) != NT_OK) continue;
        files.close(files.context, descriptor);
        return true;
    }
    return false;
}

TEST(journal_tail, refuses_a_segment_that_does_not_continue_the_one_before) {
    follower world;
    char path[64];
    uint64_t shown, size;
    EXPECT(begin(&world));
    EXPECT(begin_second_segment(&world, path));
    nt_files files = nt_files_memory(world.disk);
    uint8_t *bytes = load_file(files, path, &size);
    nt_segment_header *header = (nt_segment_header *)bytes;
    header->chain[0] ^= 1;
    header->crc = nt_crc32c(0, header, offsetof(nt_segment_header, crc));
    store_file(files, path, bytes, size);
    free(bytes);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_CORRUPT);
    EXPECT(read_text_has(path) && read_text_has("the chain of the segment before"));
    EXPECT_EQ(shown + 1, nt_journal_sequence(world.journal));
    end(&world);
}

TEST(journal_tail, waits_for_a_segment_that_is_being_made) {
    follower world;
    char path[64];
    uint64_t shown, size;
    EXPECT(begin(&world));
    EXPECT(begin_second_segment(&world, path));
    const uint64_t sequence = nt_journal_sequence(world.journal);
    nt_journal_close(world.journal);
    world.journal = NULL;
    nt_files files = nt_files_memory(world.disk);
    clear_ring(files); // Nothing says how far the disk is.
    uint8_t *bytes = load_file(files, path, &size);
    store_file(files, path, bytes, 100); // Part of its header, and nothing behind it.
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, sequence - 1);
    store_file(files, path, bytes, size);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_OK);
    EXPECT_EQ(shown, 1);
    free(bytes);
    nt_journal_tail_close(world.tail);
    nt_memory_disk_destroy(world.disk);
}

TEST(journal_tail, names_the_segment_that_is_missing_and_the_one_that_is_gone) {
    follower world;
    char path[64];
    uint64_t shown;
    EXPECT(begin(&world));
    EXPECT(begin_second_segment(&world, path));
    nt_files files = nt_files_memory(world.disk);
    EXPECT_EQ(follow(&world, 3, &shown), NT_OK);
    EXPECT_EQ(shown, 3);
    EXPECT_EQ(files.rename(files.context, first_segment, "j/away"), NT_OK);
    EXPECT_EQ(follow(&world, ALL, &shown), NT_CORRUPT);
    EXPECT(read_text_has("00000000000000000001.ntj is gone"));
    nt_journal_tail *other;
    EXPECT_EQ(nt_journal_tail_open("j", files, &other), NT_OK);
    EXPECT_EQ(nt_journal_tail_read(other, ALL, check_record, &world.seen, &shown), NT_CORRUPT);
    EXPECT(read_text_has("00000000000000000001.ntj is missing"));
    nt_journal_tail_close(other);
    end(&world);
}
