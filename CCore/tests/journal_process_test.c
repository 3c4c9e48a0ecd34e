// journal_process_test.c — the journal on the system's files: its thread, its lock, a process that
// is killed, a system that refuses io_uring.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "journal_support.h"
#include "temporary.h"

// The system's files: processes, locks, kills.

TEST(journal, drains_by_its_thread_to_the_systems_files) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    EXPECT(directory != NULL);
    const nt_journal_config config = system_config(directory);
    nt_journal *journal;
    nt_journal_found found;
    checker seen = {0};
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT_EQ(nt_journal_drain(journal), NT_INVALID);
    for (int i = 0; i < 5000; i++) {
        while (append_next(journal) == NT_FULL) sched_yield();
    }
    nt_journal_close(journal);
    EXPECT_EQ(nt_journal_read(directory, config.files, check_record, &seen, &found), NT_OK);
    EXPECT_EQ(seen.count, 5000);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_EQ(found.from_ring, 0);
    remove_temporary(directory);
}

TEST(journal, is_locked_while_open) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    EXPECT(directory != NULL);
    const nt_journal_config config = system_config(directory);
    nt_journal *first, *second;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &first), NT_OK);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &second), NT_LOCKED);
    EXPECT_EQ(nt_journal_read(directory, config.files, NULL, NULL, NULL), NT_OK);
    nt_journal_close(first);
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &second), NT_OK);
    nt_journal_close(second);
    remove_temporary(directory);
}

TEST(journal, refuses_when_a_segment_is_missing) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    EXPECT(directory != NULL);
    nt_journal_config config = system_config(directory);
    config.segment_bytes = SMALL_SEGMENT;
    config.inline_drain = true;
    nt_journal *journal;
    char path[NT_PATH_MAX];
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT(append_many(journal, 300));
    nt_journal_close(journal);
    EXPECT_EQ(nt_path_join(directory, "ring.ntr", path), NT_OK);
    unlink(path);
    EXPECT_EQ(nt_journal_read(directory, config.files, NULL, NULL, NULL), NT_OK);
    EXPECT_EQ(nt_segment_path(directory, 1, path), NT_OK);
    unlink(path);
    EXPECT_EQ(nt_journal_read(directory, config.files, NULL, NULL, NULL), NT_CORRUPT);
    EXPECT(read_text_has("records 1 to"));
    remove_temporary(directory);
}

TEST(journal, says_when_its_directory_is_missing) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    remove_temporary(directory);
    const nt_journal_config config = system_config(directory);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_NOT_FOUND);
}

/// Refuses io_uring_setup to this process, as container sandboxes do.
static bool forbid_uring(void) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

/// From here on the calling thread dies of any system call but its end.
static bool forbid_system_calls(void) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

/// Laps of the ring, each found full and emptied by the journal's own thread; a strict one is
/// looked at after each record until the disk has it.
static int append_without_system_calls(const char *directory, nt_durability durability,
                                       bool calls_once) {
    nt_journal_config config = system_config(directory);
    config.clock = nt_clock_manual(&test_time); // How a clock is read is not the journal's.
    config.durability = durability;
    nt_journal *journal;
    if (nt_journal_open(&config, NULL, NULL, NULL, &journal) != NT_OK) return 1;
    if (!forbid_system_calls()) return 77;
    const int count = nt_journal_is_strict(journal) ? 200 : 5000;
    for (int i = 0; i < count; i++) {
        while (append_next(journal) == NT_FULL) continue;
        while (nt_journal_is_strict(journal) &&
               nt_journal_durable(journal) < nt_journal_sequence(journal))
            continue;
    }
    if (calls_once) (void)getppid();
    return 0;
}

static void try_without_system_calls(nt_durability durability, bool control, bool *available) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    const pid_t child = fork();
    if (child == 0) _exit(append_without_system_calls(directory, durability, control));
    int status;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    checker seen = {0};
    EXPECT_EQ(nt_journal_read(directory, nt_files_system(), check_record, &seen, NULL), NT_OK);
    remove_temporary(directory);
    *available = !WIFEXITED(status) || WEXITSTATUS(status) != 77;
    if (!*available) return;
    EXPECT_EQ(WIFEXITED(status), !control); // One call more, and it is killed.
    if (!control) EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(seen.count, durability == NT_DURABILITY_STRICT ? 200 : 5000);
    EXPECT_EQ(seen.wrong, 0);
}

TEST(journal, appends_without_a_system_call) {
#if defined(__SANITIZE_ADDRESS__)
    SKIP("a sanitizer makes system calls of its own");
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    SKIP("a sanitizer makes system calls of its own");
#endif
#endif
    const nt_durability modes[] = {NT_DURABILITY_RING, NT_DURABILITY_GROUP, NT_DURABILITY_STRICT};
    for (int i = 0; i < 6; i++) {
        bool available = false;
        try_without_system_calls(modes[i / 2], i % 2 == 1, &available);
        if (!available) SKIP("seccomp is not available");
    }
}

TEST(journal, names_a_directory_that_may_not_be_used) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    nt_journal_config config = system_config(directory);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    nt_journal_close(journal);
    EXPECT_EQ(chmod(directory, 0), 0);
    const uid_t before = (uid_t)setfsuid(65534); // The superuser may everything.
    const nt_status status = nt_journal_open(&config, NULL, NULL, NULL, &journal);
    const bool named = read_text_has(directory) && read_text_has("Permission denied");
    setfsuid(before);
    EXPECT_EQ(status, NT_IO);
    EXPECT(named);
    EXPECT_EQ(chmod(directory, 0700), 0);
    remove_temporary(directory);
}

static int write_without_uring(const char *directory) {
    const nt_journal_config config = system_config(directory);
    nt_journal *journal;
    if (!forbid_uring()) return 77;
    if (nt_journal_open(&config, NULL, NULL, NULL, &journal) != NT_OK) return 1;
    if (strstr(nt_journal_warning(journal), "io_uring is refused") == NULL) return 2;
    for (int i = 0; i < 3000; i++) {
        while (append_next(journal) == NT_FULL) sched_yield();
    }
    nt_journal_close(journal);
    return 0;
}

TEST(journal, works_where_io_uring_is_refused) {
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    EXPECT(directory != NULL);
    const pid_t child = fork();
    if (child == 0) _exit(write_without_uring(directory));
    int status;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    checker seen = {0};
    const nt_status read = nt_journal_read(directory, nt_files_system(), check_record, &seen, NULL);
    remove_temporary(directory);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) SKIP("seccomp is not available");
    EXPECT(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(read, NT_OK);
    EXPECT_EQ(seen.count, 3000);
    EXPECT_EQ(seen.wrong, 0);
}

/// Appends until it is killed; publishes each sequence after its append returned.
static void append_until_killed(const char *directory, bool inline_drain,
                                _Atomic uint64_t *returned) {
    nt_journal_config config = system_config(directory);
    nt_journal *journal;
    config.inline_drain = inline_drain;
    if (nt_journal_open(&config, NULL, NULL, NULL, &journal) != NT_OK) _exit(1);
    for (;;) {
        const nt_status status = append_next(journal);
        if (status == NT_OK) {
            atomic_store_explicit(returned, nt_journal_sequence(journal), memory_order_release);
        } else if (inline_drain && nt_journal_sequence(journal) % 3 == 0) {
            pause(); // Full and never drained: everything is in the ring.
        } else if (inline_drain) {
            nt_journal_drain(journal);
        } else {
            sched_yield();
        }
    }
}

/// Runs one child and kills it once it has gone `target` records beyond `from`, or waits for that
/// no longer than a bounded number of looks.
static uint64_t run_and_kill(const char *directory, bool inline_drain, uint64_t from,
                             uint64_t target, _Atomic uint64_t *returned) {
    enum { MAX_LOOKS = 20000 };
    atomic_store(returned, from);
    const pid_t child = fork();
    if (child == 0) append_until_killed(directory, inline_drain, returned);
    for (int looks = 0; looks < MAX_LOOKS; looks++) {
        if (atomic_load_explicit(returned, memory_order_acquire) >= from + target) break;
        sched_yield();
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return atomic_load(returned);
}

TEST(journal, loses_nothing_when_its_process_is_killed) {
    enum { KILLS = 20 };
    char directory[TEMPORARY_PATH];
    EXPECT(make_temporary(directory));
    EXPECT(directory != NULL);
    _Atomic uint64_t *returned =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(returned != MAP_FAILED);
    uint64_t random = 88172645463325252u, last = 0, from_ring = 0;
    for (int kills = 0; kills < KILLS; kills++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        const bool inline_drain = kills % 2 == 0;
        const uint64_t reported =
            run_and_kill(directory, inline_drain, last, 1 + random % 1500, returned);
        checker seen = {0};
        nt_journal_found found;
        EXPECT_EQ(nt_journal_read(directory, nt_files_system(), check_record, &seen, &found),
                  NT_OK);
        EXPECT_EQ(seen.wrong, 0);
        // One more may have been published before its append returned.
        EXPECT(seen.count >= reported && seen.count <= reported + 1);
        last = seen.count;
        from_ring += found.from_ring;
    }
    EXPECT(last > KILLS);
    EXPECT(from_ring > 0);
    munmap((void *)returned, 4096);
    remove_temporary(directory);
}

// Repair.

/// A closed journal of some segments; *path is that of the one that begins with `first`.
static void make_journal(const char *directory, uint64_t first, char path[NT_PATH_MAX]) {
    nt_journal_config config = system_config(directory);
    config.segment_bytes = SMALL_SEGMENT;
    config.inline_drain = true;
    nt_journal *journal;
    for (int run = 0; run < 3; run++) {
        EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
        EXPECT(append_many(journal, 60));
        nt_journal_close(journal);
    }
    EXPECT_EQ(nt_segment_path(directory, first, path), NT_OK);
}

static void flip(const char *path, uint64_t offset) {
    const nt_files files = nt_files_system();
    int descriptor;
    uint8_t byte = 0;
    size_t got;
    EXPECT_EQ(files.open(files.context, path, false, &descriptor), NT_OK);
    EXPECT_EQ(files.read(files.context, descriptor, &byte, 1, offset, &got), NT_OK);
    byte ^= 1;
    EXPECT_EQ(files.write(files.context, descriptor, &byte, 1, offset), NT_OK);
    files.close(files.context, descriptor);
}

TEST(journal_repair, cuts_at_the_damage_keeps_the_rest_and_goes_on_with_a_new_epoch) {
    char directory[TEMPORARY_PATH], keep[TEMPORARY_PATH + 8], path[NT_PATH_MAX];
    char ring[NT_PATH_MAX], kept[NT_PATH_MAX];
    EXPECT(make_temporary(directory));
    snprintf(keep, sizeof keep, "%s/keep", directory);
    EXPECT_EQ(mkdir(keep, 0700), 0);
    make_journal(directory, 1, path);
    flip(path, NT_SEGMENT_HEADER + 1200);
    const nt_journal_config config = system_config(directory);
    nt_journal *journal;
    nt_journal_found before, after;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_CORRUPT);
    EXPECT_EQ(nt_journal_repair(&config, keep, &before), NT_OK);
    EXPECT(before.damage.record > 1 && before.damage.record == before.records + 1);
    checker seen = {0};
    EXPECT_EQ(nt_journal_read(directory, config.files, check_record, &seen, &after), NT_OK);
    EXPECT_EQ(seen.count, before.records);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_EQ(after.last_epoch, 4); // The three that were, and the repair's.
    // Everything that was taken away is there.
    EXPECT_EQ(nt_path_join(keep, NT_RING_NAME, ring), NT_OK);
    EXPECT_EQ(access(ring, R_OK), 0);
    EXPECT_EQ(nt_segment_path(keep, 1, kept), NT_OK);
    EXPECT_EQ(access(kept, R_OK), 0);
    EXPECT(nt_segment_from(keep, 2) != 0);
    EXPECT_EQ(nt_segment_from(directory, before.damage.record), 0);
    remove_temporary(directory);
}

TEST(journal_repair, leaves_a_whole_journal_and_one_in_use_alone) {
    char directory[TEMPORARY_PATH], path[NT_PATH_MAX];
    EXPECT(make_temporary(directory));
    make_journal(directory, 1, path);
    const nt_journal_config config = system_config(directory);
    nt_journal_found before, after;
    EXPECT_EQ(nt_journal_repair(&config, directory, &before), NT_OK);
    EXPECT_EQ(nt_journal_read(directory, config.files, NULL, NULL, &after), NT_OK);
    EXPECT_EQ(after.records, 180);
    EXPECT_EQ(memcmp(before.chain, after.chain, sizeof after.chain), 0);
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT_EQ(nt_journal_repair(&config, directory, &before), NT_LOCKED);
    nt_journal_close(journal);
    remove_temporary(directory);
}

TEST(journal_repair, refuses_to_leave_nothing) {
    char directory[TEMPORARY_PATH], path[NT_PATH_MAX];
    EXPECT(make_temporary(directory));
    make_journal(directory, 1, path);
    flip(path, 20);
    const nt_journal_config config = system_config(directory);
    nt_journal_found before;
    EXPECT_EQ(nt_journal_repair(&config, directory, &before), NT_REFUSED);
    EXPECT(read_text_has("begin with a new data directory"));
    EXPECT_EQ(access(path, R_OK), 0);
    remove_temporary(directory);
}

// Durability.

TEST(journal, in_ring_mode_is_synced_only_between_segments_and_at_the_end) {
    nt_memory_disk *disk = nt_memory_disk_create();
    nt_journal_config config = memory_config(disk);
    config.durability = NT_DURABILITY_RING;
    nt_journal *journal;
    EXPECT_EQ(nt_journal_open(&config, NULL, NULL, NULL, &journal), NT_OK);
    EXPECT_EQ(append_next(journal), NT_OK);
    nt_memory_disk_fail_after(disk, 1, NT_IO); // A write, and no sync.
    EXPECT_EQ(nt_journal_drain(journal), NT_OK);
    EXPECT_EQ(nt_journal_durable(journal), 1);
    EXPECT_EQ(nt_journal_health(journal), NT_OK);
    nt_memory_disk_fail_after(disk, UINT64_MAX, NT_OK);
    EXPECT(append_many(journal, 500));
    nt_journal_close(journal);
    checker seen = {0};
    EXPECT_EQ(nt_journal_read("j", config.files, check_record, &seen, NULL), NT_OK);
    EXPECT_EQ(seen.count, 501);
    EXPECT_EQ(seen.wrong, 0);
    nt_memory_disk_destroy(disk);
}
