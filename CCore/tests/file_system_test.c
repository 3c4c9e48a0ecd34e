#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nt/file.h"
#include "temporary.h"
#include "test.h"

/// A fresh path in the system's temporary folder; the file does not exist.
static const char *fresh_path(void) {
    static char path[TEMPORARY_PATH];
    if (!make_temporary(path)) abort();
    rmdir(path);
    return path;
}

TEST(file_system, missing_file_is_not_found_and_create_makes_it_private) {
    const nt_files files = nt_files_system();
    const char *path = fresh_path();
    int descriptor = -5;
    EXPECT_EQ(files.open(files.context, path, false, &descriptor), NT_NOT_FOUND);
    EXPECT(strstr(nt_last_error(), path) != NULL);
    EXPECT_EQ(descriptor, -5);
    EXPECT_EQ(files.open(files.context, path, true, &descriptor), NT_OK);
    struct stat information;
    EXPECT_EQ(fstat(descriptor, &information), 0);
    EXPECT_EQ(information.st_mode & 0777, 0600);
    files.close(files.context, descriptor);
    unlink(path);
}

TEST(file_system, writes_at_an_offset_and_reads_up_to_the_end) {
    const nt_files files = nt_files_system();
    const char *path = fresh_path();
    int descriptor;
    uint64_t size = 0;
    size_t got = 0;
    char text[16] = {0};
    EXPECT_EQ(files.open(files.context, path, true, &descriptor), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "world", 5, 6), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "hello ", 6, 0), NT_OK);
    EXPECT_EQ(files.sync(files.context, descriptor), NT_OK);
    EXPECT_EQ(files.size(files.context, descriptor, &size), NT_OK);
    EXPECT_EQ(size, 11);
    EXPECT_EQ(files.read(files.context, descriptor, text, sizeof text, 0, &got), NT_OK);
    EXPECT_EQ(got, 11);
    EXPECT_TEXT(text, "hello world");
    EXPECT_EQ(files.read(files.context, descriptor, text, sizeof text, 11, &got), NT_OK);
    EXPECT_EQ(got, 0);
    files.close(files.context, descriptor);
    unlink(path);
}

TEST(file_system, growing_gives_reserved_zeros_and_shrinking_cuts) {
    const nt_files files = nt_files_system();
    const char *path = fresh_path();
    int descriptor;
    uint64_t size = 0;
    size_t got = 0;
    char bytes[4] = {9, 9, 9, 9};
    struct stat information;
    EXPECT_EQ(files.open(files.context, path, true, &descriptor), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, 65536), NT_OK);
    EXPECT_EQ(fstat(descriptor, &information), 0);
    EXPECT(information.st_blocks * 512 >= 65536);
    EXPECT_EQ(files.read(files.context, descriptor, bytes, 4, 65532, &got), NT_OK);
    EXPECT_EQ(got, 4);
    EXPECT(bytes[0] == 0 && bytes[3] == 0);
    EXPECT_EQ(files.resize(files.context, descriptor, 10), NT_OK);
    EXPECT_EQ(files.size(files.context, descriptor, &size), NT_OK);
    EXPECT_EQ(size, 10);
    files.close(files.context, descriptor);
    unlink(path);
}

TEST(file_system, mapping_shows_and_makes_the_files_bytes) {
    const nt_files files = nt_files_system();
    const char *path = fresh_path();
    int descriptor;
    void *address = NULL;
    size_t got = 0;
    char text[6] = {0};
    EXPECT_EQ(files.open(files.context, path, true, &descriptor), NT_OK);
    EXPECT_EQ(files.map(files.context, descriptor, 8192, &address), NT_INVALID);
    EXPECT_EQ(files.resize(files.context, descriptor, 8192), NT_OK);
    EXPECT_EQ(files.map(files.context, descriptor, 8192, &address), NT_OK);
    memcpy((char *)address + 4096, "hello", 5);
    EXPECT_EQ(files.read(files.context, descriptor, text, 5, 4096, &got), NT_OK);
    EXPECT_TEXT(text, "hello");
    files.unmap(files.context, address, 8192);
    files.close(files.context, descriptor);
    unlink(path);
}

TEST(file_system, mapped_bytes_survive_the_death_of_their_process) {
    const nt_files files = nt_files_system();
    const char *path = fresh_path();
    int descriptor;
    size_t got = 0;
    char text[6] = {0};
    EXPECT_EQ(files.open(files.context, path, true, &descriptor), NT_OK);
    EXPECT_EQ(files.resize(files.context, descriptor, 4096), NT_OK);
    const pid_t child = fork();
    if (child == 0) {
        void *address;
        if (files.map(files.context, descriptor, 4096, &address) == NT_OK) {
            memcpy(address, "alive", 5);
        }
        kill(getpid(), SIGKILL);
    }
    waitpid(child, NULL, 0);
    EXPECT_EQ(files.read(files.context, descriptor, text, 5, 0, &got), NT_OK);
    EXPECT_TEXT(text, "alive");
    files.close(files.context, descriptor);
    unlink(path);
}

TEST(file_system, errors_have_a_status_and_a_text) {
    const nt_files files = nt_files_system();
    uint64_t size;
    size_t got;
    char byte = 0;
    int descriptor;
    EXPECT_EQ(files.write(files.context, -1, "x", 1, 0), NT_IO);
    EXPECT(strncmp(nt_last_error(), "write file: ", 12) == 0);
    EXPECT_EQ(files.read(files.context, -1, &byte, 1, 0, &got), NT_IO);
    EXPECT_EQ(files.sync(files.context, -1), NT_IO);
    EXPECT_EQ(files.size(files.context, -1, &size), NT_IO);
    EXPECT_EQ(files.resize(files.context, -1, 1), NT_IO);
    EXPECT_EQ(files.open(files.context, "/", true, &descriptor), NT_IO);
    EXPECT_EQ(files.write(files.context, -1, "x", 1, UINT64_MAX), NT_IO);
}

TEST(file_system, names_the_run_of_the_machine) {
    const nt_files files = nt_files_system();
    uint8_t first[NT_BOOT_SIZE], again[NT_BOOT_SIZE];
    static const uint8_t zeros[NT_BOOT_SIZE];
    if (access("/proc/sys/kernel/random/boot_id", R_OK) != 0) SKIP("the kernel does not tell");
    files.boot(files.context, first);
    files.boot(files.context, again);
    EXPECT(memcmp(first, again, sizeof first) == 0);
    EXPECT(memcmp(first, zeros, sizeof first) != 0);
}

TEST(file_system, a_renamed_file_takes_the_place_of_another) {
    const nt_files files = nt_files_system();
    char directory[TEMPORARY_PATH], old[TEMPORARY_PATH + 8], new[TEMPORARY_PATH + 8];
    int descriptor;
    char byte = 0;
    size_t got;
    EXPECT(make_temporary(directory));
    snprintf(old, sizeof old, "%s/old", directory);
    snprintf(new, sizeof new, "%s/new", directory);
    EXPECT_EQ(files.open(files.context, old, true, &descriptor), NT_OK);
    files.close(files.context, descriptor);
    EXPECT_EQ(files.open(files.context, new, true, &descriptor), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "n", 1, 0), NT_OK);
    files.close(files.context, descriptor);
    EXPECT_EQ(files.rename(files.context, new, old), NT_OK);
    EXPECT_EQ(files.sync_directory(files.context, directory), NT_OK);
    EXPECT_EQ(files.rename(files.context, new, old), NT_NOT_FOUND);
    EXPECT_EQ(files.open(files.context, old, false, &descriptor), NT_OK);
    EXPECT_EQ(files.read(files.context, descriptor, &byte, 1, 0, &got), NT_OK);
    EXPECT_EQ(byte, 'n');
    files.close(files.context, descriptor);
    remove_temporary(directory);
    EXPECT_EQ(files.sync_directory(files.context, directory), NT_NOT_FOUND);
}

TEST(file_system, full_device_is_full) {
    const nt_files files = nt_files_system();
    int descriptor;
    if (access("/dev/full", W_OK) != 0) SKIP("there is no /dev/full");
    EXPECT_EQ(files.open(files.context, "/dev/full", false, &descriptor), NT_OK);
    EXPECT_EQ(files.write(files.context, descriptor, "x", 1, 0), NT_FULL);
    files.close(files.context, descriptor);
}
