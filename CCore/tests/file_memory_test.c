#include "nt/file.h"
#include "test.h"

TEST(file_memory, missing_file_is_not_found_until_created) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor;
    EXPECT_EQ(files.open(files.context, "a", false, &descriptor), NT_NOT_FOUND);
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    EXPECT_EQ(files.open(files.context, "a", false, &descriptor), NT_OK);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, contents_survive_close_and_open) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor, other;
    size_t got = 0;
    char text[8] = {0};
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    EXPECT_EQ(files.open(files.context, "b", true, &other), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "hello", 5, 0), NT_OK);
    EXPECT_EQ(files.write(files.context, other, "other", 5, 0), NT_OK);
    files.close(files.context, descriptor);
    EXPECT_EQ(files.read(files.context, descriptor, text, sizeof text, 0, &got), NT_IO);
    EXPECT_EQ(files.open(files.context, "a", false, &descriptor), NT_OK);
    EXPECT_EQ(files.read(files.context, descriptor, text, sizeof text, 0, &got), NT_OK);
    EXPECT_EQ(got, 5);
    EXPECT_TEXT(text, "hello");
    EXPECT_EQ(files.read(files.context, descriptor, text, 4, 5, &got), NT_OK);
    EXPECT_EQ(got, 0);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, holes_and_regrown_parts_are_zero) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor;
    uint64_t size = 0;
    size_t got = 0;
    char bytes[4] = {9, 9, 9, 9};
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "xyz", 3, 5), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, 6), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, 8), NT_OK);
    EXPECT_EQ(files.size(files.context, descriptor, &size), NT_OK);
    EXPECT_EQ(size, 8);
    EXPECT_EQ(files.read(files.context, descriptor, bytes, 4, 4, &got), NT_OK);
    EXPECT(memcmp(bytes, "\0x\0\0", 4) == 0);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, mapping_is_the_file_and_never_moves) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor;
    void *address = NULL, *again = NULL;
    size_t got = 0;
    char text[6] = {0};
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    EXPECT_EQ(files.map(files.context, descriptor, 4096, &address), NT_INVALID);
    EXPECT_EQ(files.resize(files.context, descriptor, 4096), NT_OK);
    EXPECT_EQ(files.map(files.context, descriptor, 4096, &address), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, 1 << 20), NT_OK);
    memcpy(address, "hello", 5);
    files.unmap(files.context, address, 4096);
    files.close(files.context, descriptor);
    EXPECT_EQ(files.open(files.context, "a", false, &descriptor), NT_OK);
    EXPECT_EQ(files.map(files.context, descriptor, 1 << 20, &again), NT_OK);
    EXPECT(again == address);
    EXPECT_EQ(files.read(files.context, descriptor, text, 5, 0, &got), NT_OK);
    EXPECT_TEXT(text, "hello");
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, planned_failure_comes_after_its_operations_and_stays) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor;
    uint64_t size = 0;
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    nt_memory_disk_fail_after(disk, 2, NT_FULL);
    EXPECT_EQ(files.write(files.context, descriptor, "x", 1, 0), NT_OK);
    EXPECT_EQ(files.sync(files.context, descriptor), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "y", 1, 1), NT_FULL);
    EXPECT_EQ(files.sync(files.context, descriptor), NT_FULL);
    EXPECT_EQ(files.size(files.context, descriptor, &size), NT_OK);
    EXPECT_EQ(size, 1);
    nt_memory_disk_fail_after(disk, 0, NT_IO);
    EXPECT_EQ(files.sync(files.context, descriptor), NT_IO);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_IO);
    EXPECT_EQ(files.write(files.context, descriptor, "y", 1, 1), NT_OK);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, torn_write_keeps_its_first_bytes_once) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor;
    uint64_t size = 0;
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    nt_memory_disk_tear_next(disk, 3);
    EXPECT_EQ(files.write(files.context, descriptor, "hello", 5, 0), NT_IO);
    EXPECT_EQ(files.size(files.context, descriptor, &size), NT_OK);
    EXPECT_EQ(size, 3);
    EXPECT_EQ(files.write(files.context, descriptor, "hello", 5, 0), NT_OK);
    nt_memory_disk_tear_next(disk, 0);
    EXPECT_EQ(files.write(files.context, descriptor, "more", 4, 5), NT_IO);
    EXPECT_EQ(files.size(files.context, descriptor, &size), NT_OK);
    EXPECT_EQ(size, 5);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, a_renamed_file_takes_the_place_of_another) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int old, new, found;
    char byte = 0;
    size_t got;
    EXPECT_EQ(files.open(files.context, "a", true, &old), NT_OK);
    EXPECT_EQ(files.open(files.context, "b", true, &new), NT_OK);
    EXPECT_EQ(files.write(files.context, old, "o", 1, 0), NT_OK);
    EXPECT_EQ(files.write(files.context, new, "n", 1, 0), NT_OK);
    EXPECT_EQ(files.rename(files.context, "b", "a"), NT_OK);
    EXPECT_EQ(files.open(files.context, "b", false, &found), NT_NOT_FOUND);
    EXPECT_EQ(files.open(files.context, "a", false, &found), NT_OK);
    EXPECT_EQ(files.read(files.context, found, &byte, 1, 0, &got), NT_OK);
    EXPECT_EQ(byte, 'n');
    EXPECT_EQ(files.rename(files.context, "none", "a"), NT_NOT_FOUND);
    EXPECT_EQ(files.open(files.context, "c", true, &found), NT_OK);
    EXPECT_EQ(files.read(files.context, found, &byte, 1, 0, &got), NT_OK);
    EXPECT_EQ(got, 0);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, resizes_renames_and_directory_syncs_count_as_operations) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor;
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    nt_memory_disk_fail_after(disk, 3, NT_IO);
    EXPECT_EQ(files.resize(files.context, descriptor, 9), NT_OK);
    EXPECT_EQ(files.rename(files.context, "a", "b"), NT_OK);
    EXPECT_EQ(files.sync_directory(files.context, "."), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, 9), NT_IO);
    EXPECT_EQ(files.rename(files.context, "b", "a"), NT_IO);
    EXPECT_EQ(files.sync_directory(files.context, "."), NT_IO);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, a_reboot_changes_the_name_of_the_machines_run) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    uint8_t before[NT_BOOT_SIZE], after[NT_BOOT_SIZE];
    files.boot(files.context, before);
    nt_memory_disk_reboot(disk);
    files.boot(files.context, after);
    EXPECT(memcmp(before, after, sizeof before) != 0);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, limits_are_errors) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int descriptor = -5;
    nt_status status = NT_OK;
    EXPECT_EQ(files.open(files.context, "a", true, &descriptor), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, UINT64_MAX), NT_FULL);
    EXPECT_EQ(files.write(files.context, descriptor, "x", 1, UINT64_MAX), NT_FULL);
    EXPECT_EQ(files.write(files.context, 0, "x", 1, 0), NT_IO);
    EXPECT_EQ(files.write(files.context, -1, "x", 1, 0), NT_IO);
    for (int i = 0; i < 300 && status == NT_OK; i++) {
        status = files.open(files.context, "a", false, &descriptor);
    }
    EXPECT_EQ(status, NT_IO);
    nt_memory_disk_destroy(disk);
}

TEST(file_memory, a_power_failure_takes_what_was_not_synced_and_nothing_else) {
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    int file;
    nt_memory_disk_remember(disk);
    EXPECT_EQ(files.open(files.context, "f", true, &file), NT_OK);
    uint8_t bytes[64 * 512], seen[sizeof bytes];
    size_t got;
    memset(bytes, 1, sizeof bytes);
    EXPECT_EQ(files.write(files.context, file, bytes, sizeof bytes, 0), NT_OK);
    EXPECT_EQ(files.sync(files.context, file), NT_OK);
    memset(bytes, 2, sizeof bytes);
    EXPECT_EQ(files.write(files.context, file, bytes, sizeof bytes / 2, sizeof bytes / 2), NT_OK);
    files.close(files.context, file);
    nt_memory_disk_cut_power(disk, 1);
    EXPECT_EQ(files.open(files.context, "f", false, &file), NT_OK);
    EXPECT_EQ(files.read(files.context, file, seen, sizeof seen, 0, &got), NT_OK);
    uint32_t old = 0, news = 0;
    for (size_t i = 0; i < got; i += 512) *(seen[i] == 1 ? &old : &news) += 1;
    for (size_t i = 0; i < got; i++) EXPECT_EQ(seen[i], seen[i - i % 512]);
    EXPECT_EQ(old + news, 64);
    EXPECT(old > 32 && news > 0);
    files.close(files.context, file);
    nt_memory_disk_destroy(disk);
}
