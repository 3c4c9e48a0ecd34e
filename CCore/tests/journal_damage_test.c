// journal_damage_test.c — cut, changed, missing and foreign files: refused, or trimmed at the very
// end, never a wrong record.
#include <stddef.h>

#include "journal_support.h"
#include "nt/crypto.h"

// Damaged files.

/// A closed journal of `count` records; returns the first segment's bytes.
static uint8_t *closed_journal(nt_memory_disk *disk, uint64_t count, uint64_t *size) {
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    if (nt_journal_open(&config, NULL, NULL, NULL, &journal) != NT_OK) return NULL;
    append_many(journal, count);
    nt_journal_close(journal);
    return load_file(config.files, first_segment, size);
}

/// Offset behind the first `count` records.
static uint64_t end_of_records(const uint8_t *bytes, uint64_t count) {
    uint64_t at = NT_SEGMENT_HEADER;
    for (; count > 0; count--) at += ((const nt_record *)(bytes + at))->length;
    return at;
}

TEST(journal, survives_a_cut_at_every_byte) {
    enum { RECORDS = 6 };
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    uint64_t size, kept_before = 0;
    uint8_t *bytes = closed_journal(disk, RECORDS, &size);
    const uint64_t used = end_of_records(bytes, RECORDS);
    for (uint64_t cut = 0; cut <= used + 16; cut++) {
        nt_journal_found found;
        nt_journal *journal;
        checker seen = {0};
        clear_ring(config.files);
        store_file(config.files, first_segment, bytes, cut);
        const nt_status status = nt_journal_open(&config, check_record, &seen, &found, &journal);
        EXPECT_EQ(status, cut > 0 && cut < NT_SEGMENT_HEADER ? NT_CORRUPT : NT_OK);
        if (status != NT_OK) continue;
        EXPECT_EQ(seen.wrong, 0);
        EXPECT_EQ(seen.count, found.records);
        EXPECT(seen.count >= kept_before && seen.count <= kept_before + 1);
        EXPECT_EQ(seen.count == RECORDS, cut >= used);
        kept_before = seen.count;
        // It goes on from there.
        EXPECT(append_many(journal, 3));
        nt_journal_close(journal);
        seen = (checker){0};
        EXPECT_EQ(nt_journal_read("j", config.files, check_record, &seen, NULL), NT_OK);
        EXPECT_EQ(seen.count, kept_before + 3);
        EXPECT_EQ(seen.wrong, 0);
    }
    EXPECT_EQ(kept_before, RECORDS);
    free(bytes);
    nt_memory_disk_destroy(disk);
}

TEST(journal, zeroes_a_torn_tail) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    nt_journal_found found;
    uint64_t size;
    uint8_t *bytes = closed_journal(disk, 6, &size);
    const uint64_t end = end_of_records(bytes, 6);
    memset(bytes + end, 0xa5, 1000);
    store_file(config.files, first_segment, bytes, size);
    free(bytes);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, &found, &journal), NT_OK);
    EXPECT_EQ(found.records, 6);
    EXPECT_EQ(found.trimmed_bytes, 1000);
    nt_journal_close(journal);
    bytes = load_file(config.files, first_segment, &size);
    EXPECT(nt_bytes_used(bytes, size) <= end);
    free(bytes);
    nt_memory_disk_destroy(disk);
}

TEST(journal, never_trims_below_what_was_synced) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint64_t size;
    uint8_t *bytes = closed_journal(disk, 6, &size);
    store_file(config.files, first_segment, bytes, end_of_records(bytes, 6) - 1);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_CORRUPT);
    EXPECT(read_text_has(first_segment + 2));
    EXPECT(read_text_has("record 6 had been synced"));
    free(bytes);
    nt_memory_disk_destroy(disk);
}

TEST(journal, notices_every_changed_bit) {
    enum { RECORDS = 4 };
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    uint64_t size;
    uint8_t *bytes = closed_journal(disk, RECORDS, &size);
    const uint64_t used = end_of_records(bytes, RECORDS);
    const uint64_t last_record = end_of_records(bytes, RECORDS - 1);
    clear_ring(config.files);
    uint8_t *file = NULL;
    int descriptor;
    EXPECT_EQ(config.files.open(config.files.context, first_segment, false, &descriptor), NT_OK);
    EXPECT_EQ(config.files.map(config.files.context, descriptor, size, (void **)&file), NT_OK);
    uint64_t trimmed = 0, refused = 0;
    nt_test_figure("bits_flipped", (used + 64) * 8);
    for (uint64_t bit = 0; bit < (used + 64) * 8; bit++) {
        nt_journal_found found;
        checker seen = {0};
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const nt_status status = nt_journal_read("j", config.files, check_record, &seen, &found);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT_EQ(seen.wrong, 0);
        if (bit / 8 < last_record) {
            EXPECT_EQ(status, NT_CORRUPT);
            EXPECT(read_text_has(first_segment + 2) && read_text_has("offset"));
            refused++;
        } else {
            EXPECT_EQ(status, NT_OK);
            EXPECT(found.trimmed_bytes > 0);
            EXPECT_EQ(seen.count, bit / 8 < used ? RECORDS - 1 : RECORDS);
            trimmed++;
        }
    }
    EXPECT_EQ(refused, last_record * 8);
    EXPECT(trimmed > 0);
    config.files.close(config.files.context, descriptor);
    free(bytes);
    nt_memory_disk_destroy(disk);
}

TEST(journal, notices_every_changed_bit_of_the_ring) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 45));
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    EXPECT(append_many(journal, 20)); // Around the ring's end.
    nt_memory_disk_fail_after(disk, 0, NT_IO);
    nt_journal_close(journal);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    uint8_t *file;
    int descriptor;
    const uint64_t length = NT_RING_HEADER + SMALL_RING;
    EXPECT_EQ(config.files.open(config.files.context, "j/ring.ntr", false, &descriptor), NT_OK);
    EXPECT_EQ(config.files.map(config.files.context, descriptor, length, (void **)&file), NT_OK);
    uint64_t unnoticed = 0;
    nt_test_figure("bits_flipped", (offsetof(nt_ring_header, crc) + 4 + SMALL_RING) * 8);
    for (uint64_t bit = 0; bit < length * 8; bit++) {
        if (bit == offsetof(nt_ring_header, crc) * 8 + 32) bit = NT_RING_HEADER * 8;
        nt_journal_found found;
        checker seen = {0};
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const nt_status status = nt_journal_read("j", config.files, check_record, &seen, &found);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT_EQ(seen.wrong, 0);
        if (status == NT_CORRUPT) continue;
        EXPECT_EQ(status, NT_OK);
        if (found.trimmed_bytes > 0) {
            EXPECT_EQ(seen.count, 64); // Only the last record may go.
            continue;
        }
        EXPECT_EQ(seen.count, 65);
        unnoticed++;
    }
    EXPECT(unnoticed > 0 && unnoticed < SMALL_RING * 8); // Bytes behind tail are nobody's.
    config.files.close(config.files.context, descriptor);
    nt_memory_disk_destroy(disk);
}

/// A segment mapped for changes behind the journal's back.
static uint8_t *map_segment(nt_files files, const char *path, uint64_t *size) {
    uint8_t *bytes = NULL;
    int descriptor;
    if (files.open(files.context, path, false, &descriptor) != NT_OK) return NULL;
    if (files.size(files.context, descriptor, size) != NT_OK) return NULL;
    if (files.map(files.context, descriptor, *size, (void **)&bytes) != NT_OK) return NULL;
    files.close(files.context, descriptor);
    return bytes;
}

/// Puts `content` in the sector's place and expects to be refused.
static void expect_refused(nt_files files, uint8_t *sector, const uint8_t *content) {
    uint8_t kept[NT_SEGMENT_SECTOR];
    checker seen = {0};
    if (memcmp(sector, content, sizeof kept) == 0) return;
    memcpy(kept, sector, sizeof kept);
    memcpy(sector, content, sizeof kept);
    EXPECT_EQ(nt_journal_read("j", files, check_record, &seen, NULL), NT_CORRUPT);
    EXPECT_EQ(seen.wrong, 0);
    memcpy(sector, kept, sizeof kept);
}

/// Appends in groups of three, each synced.
static void append_groups(nt_journal *journal, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        EXPECT_EQ(append_next(journal), NT_OK);
        if (i % 3 == 2) EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    }
}

TEST(journal, notices_every_sector_that_is_zeroed_stale_or_another) {
    enum { SECTORS = SMALL_SEGMENT / NT_SEGMENT_SECTOR };
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint64_t size;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    append_groups(journal, 9);
    uint8_t *stale = load_file(config.files, first_segment, &size);
    append_groups(journal, 9);
    nt_journal_close(journal);
    uint8_t *bytes = map_segment(config.files, first_segment, &size);
    const uint64_t used = nt_bytes_used(bytes, size);
    static const uint8_t zeros[NT_SEGMENT_SECTOR];
    EXPECT(used > NT_SEGMENT_HEADER + 4 * NT_SEGMENT_SECTOR);
    for (uint64_t i = 0; i * NT_SEGMENT_SECTOR < used; i++) {
        uint8_t *sector = bytes + i * NT_SEGMENT_SECTOR;
        expect_refused(config.files, sector, zeros);
        expect_refused(config.files, sector, stale + i * NT_SEGMENT_SECTOR);
        for (uint64_t other = 0; other * NT_SEGMENT_SECTOR < used; other++) {
            expect_refused(config.files, sector, bytes + other * NT_SEGMENT_SECTOR);
        }
    }
    EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, NULL), NT_OK);
    free(stale);
    nt_memory_disk_destroy(disk);
}

TEST(journal, refuses_a_segment_of_another_run_of_the_same_numbers) {
    uint8_t *first = NULL;
    uint64_t size;
    for (int life = 0; life < 2; life++) {
        nt_memory_disk *disk = nt_memory_disk_create();
        const nt_journal_config config = memory_config(disk);
        nt_journal *journal;
        EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
        test_time.monotonic_ns += life; // All that tells the two apart.
        EXPECT(append_many(journal, 200));
        test_time.monotonic_ns -= life;
        nt_journal_close(journal);
        if (life == 0) {
            first = load_file(config.files, first_segment, &size);
        } else {
            EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, NULL), NT_OK);
            store_file(config.files, first_segment, first, size);
            EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, NULL), NT_CORRUPT);
            EXPECT(read_text_has("does not continue the chain"));
        }
        nt_memory_disk_destroy(disk);
    }
    free(first);
}

TEST(journal, refuses_a_record_that_was_changed_and_sealed_again) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    uint64_t size;
    free(closed_journal(disk, 6, &size));
    uint8_t *bytes = map_segment(config.files, first_segment, &size);
    nt_record *record = (nt_record *)(bytes + end_of_records(bytes, 5));
    record->event++;
    nt_record_seal(record);
    nt_journal_found found;
    EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, &found), NT_CORRUPT);
    EXPECT(read_text_has("(record 6) does not continue the chain"));
    EXPECT_EQ(found.damage.record, 6);
    EXPECT_EQ(found.damage.offset, end_of_records(bytes, 5));
    nt_memory_disk_destroy(disk);
}

TEST(journal, takes_no_wrong_record_for_any_changed_bit_of_the_rings_marks) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 45));
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    EXPECT(append_many(journal, 5));
    nt_memory_disk_fail_after(disk, 0, NT_IO);
    nt_journal_close(journal);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    uint64_t size;
    uint8_t *ring = map_segment(config.files, "j/" NT_RING_NAME, &size);
    const uint64_t begin = offsetof(nt_ring_header, marks), end = sizeof(nt_ring_header);
    nt_test_figure("bits_flipped", (end - begin) * 8);
    for (uint64_t bit = begin * 8; bit < end * 8; bit++) {
        checker seen = {0};
        ring[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const nt_status status = nt_journal_read("j", config.files, check_record, &seen, NULL);
        ring[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT(status == NT_CORRUPT || (status == NT_OK && seen.count >= 45));
    }
    nt_memory_disk_destroy(disk);
}

TEST(journal, refuses_damage_in_an_earlier_segment) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint64_t size;
    uint8_t *bytes = closed_journal(disk, 500, &size);
    const uint64_t used = nt_bytes_used(bytes, size);
    bytes[used - 1] ^= 1; // Its last record, so nothing whole follows in this file.
    store_file(config.files, first_segment, bytes, size);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_CORRUPT);
    EXPECT(read_text_has(first_segment + 2) && read_text_has("offset"));
    free(bytes);
    nt_memory_disk_destroy(disk);
}

TEST(journal, refuses_a_gap_between_disk_and_ring) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 10));
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    EXPECT(append_many(journal, 5));
    nt_memory_disk_fail_after(disk, 0, NT_IO);
    nt_journal_close(journal);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    // The ring begins with record 11; its mark of what was synced is lowered too.
    uint64_t size;
    uint8_t *ring = load_file(config.files, "j/ring.ntr", &size);
    memset(ring + offsetof(nt_ring_header, marks) + offsetof(nt_ring_marks, durable), 0, 8);
    store_file(config.files, "j/ring.ntr", ring, size);
    uint8_t *bytes = load_file(config.files, first_segment, &size);
    store_file(config.files, first_segment, bytes, end_of_records(bytes, 8));
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_CORRUPT);
    EXPECT(read_text_has("record 11"));
    free(bytes);
    free(ring);
    nt_memory_disk_destroy(disk);
}

// Versions and accounts.

static void reseal_segment(nt_segment_header *header) {
    header->crc = nt_crc32c(0, header, offsetof(nt_segment_header, crc));
}

TEST(journal, refuses_a_newer_format) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint64_t size;
    uint8_t *bytes = closed_journal(disk, 6, &size);
    uint8_t *ring = load_file(config.files, "j/ring.ntr", &size);
    nt_ring_header *ring_header = (nt_ring_header *)ring;
    ring_header->format++;
    ring_header->crc = nt_crc32c(0, ring_header, offsetof(nt_ring_header, crc));
    store_file(config.files, "j/ring.ntr", ring, size);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_VERSION);
    EXPECT(read_text_has("ring.ntr"));
    clear_ring(config.files);
    nt_segment_header *header = (nt_segment_header *)bytes;
    header->format++;
    reseal_segment(header);
    store_file(config.files, first_segment, bytes, SMALL_SEGMENT);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_VERSION);
    EXPECT(read_text_has(first_segment + 2));
    free(bytes);
    free(ring);
    nt_memory_disk_destroy(disk);
}

TEST(journal, refuses_another_account) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint64_t size;
    free(closed_journal(disk, 6, &size));
    config.account[15] = 9;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_REFUSED);
    EXPECT(read_text_has("ring.ntr"));
    clear_ring(config.files);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_REFUSED);
    EXPECT(read_text_has(first_segment + 2));
    EXPECT_EQ(nt_journal_read("j", config.files, NULL, NULL, NULL), NT_OK);
    nt_memory_disk_destroy(disk);
}

TEST(journal, uses_up_a_segment_whose_making_was_interrupted) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_journal_config config = memory_config(disk);
    nt_journal *journal;
    uint64_t size;
    free(closed_journal(disk, 6, &size));
    uint8_t zeros[SMALL_SEGMENT] = {0};
    store_file(config.files, "j/00000000000000000007.ntj", zeros, sizeof zeros);
    for (uint64_t run = 0; run < 3; run++) {
        checker seen = {0};
        nt_journal_found found;
        EXPECT_EQ(nt_journal_open(&config, check_record, &seen, &found, &journal), NT_OK);
        EXPECT_EQ(seen.count, 6 + run * 2);
        EXPECT_EQ(seen.wrong, 0);
        EXPECT(append_many(journal, 2));
        nt_journal_close(journal);
    }
    nt_memory_disk_destroy(disk);
}
