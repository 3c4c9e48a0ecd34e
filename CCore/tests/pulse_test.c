// pulse_test.c — who lives, who turns, who ended on purpose; by real processes where they matter.
#include "nt/pulse.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "temporary.h"
#include "test.h"

typedef struct place {
    char folder[TEMPORARY_PATH];
    char file[TEMPORARY_PATH + 8];
} place;

static place fresh(void) {
    place at;
    NT_ASSERT(make_temporary(at.folder));
    snprintf(at.file, sizeof at.file, "%s/pulse", at.folder);
    return at;
}

static nt_pulse *opened(const char *path) {
    nt_pulse *pulse = NULL;
    NT_ASSERT(nt_pulse_open(path, &pulse) == NT_OK);
    return pulse;
}

TEST(pulse, tells_a_living_side_from_one_that_was_never_there) {
    const place at = fresh();
    nt_pulse *guard = opened(at.file);
    EXPECT(!nt_pulse_look(guard, NT_PULSE_BOT).alive);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_NONE);
    nt_pulse *bot = opened(at.file);
    EXPECT_EQ(nt_pulse_hold(bot, NT_PULSE_BOT), NT_OK);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_STARTING);
    nt_pulse_begin(bot, 70);
    const nt_pulse_view first = nt_pulse_look(guard, NT_PULSE_BOT);
    EXPECT(first.alive);
    EXPECT_EQ(first.state, NT_PULSE_UP);
    EXPECT_EQ(first.pid, (uint32_t)getpid());
    EXPECT_EQ(first.run, 1);
    EXPECT_EQ(first.stamp_ns, 70);
    nt_pulse_beat(bot, 80);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).turns, first.turns + 1);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).stamp_ns, 80);
    EXPECT(!nt_pulse_look(guard, NT_PULSE_GUARD).alive);
    nt_pulse_close(bot);
    nt_pulse_close(guard);
    remove_temporary(at.folder);
}

TEST(pulse, one_process_a_side) {
    const place at = fresh();
    nt_pulse *first = opened(at.file), *second = opened(at.file), *guard = opened(at.file);
    EXPECT_EQ(nt_pulse_hold(first, NT_PULSE_BOT), NT_OK);
    EXPECT_EQ(nt_pulse_hold(second, NT_PULSE_BOT), NT_LOCKED);
    EXPECT_EQ(nt_pulse_hold(guard, NT_PULSE_GUARD), NT_OK);
    EXPECT(nt_pulse_look(first, NT_PULSE_GUARD).alive);
    nt_pulse_close(first);
    EXPECT_EQ(nt_pulse_hold(second, NT_PULSE_BOT), NT_OK);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).run, 2);
    nt_pulse_close(second);
    nt_pulse_close(guard);
    remove_temporary(at.folder);
}

TEST(pulse, an_end_on_purpose_is_no_death) {
    const place at = fresh();
    nt_pulse *guard = opened(at.file), *bot = opened(at.file);
    // A start that comes to nothing sent nothing.
    EXPECT_EQ(nt_pulse_hold(bot, NT_PULSE_BOT), NT_OK);
    nt_pulse_close(bot);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_ENDED);
    bot = opened(at.file);
    EXPECT_EQ(nt_pulse_hold(bot, NT_PULSE_BOT), NT_OK);
    nt_pulse_begin(bot, 1);
    nt_pulse_end(bot, true);
    nt_pulse_close(bot);
    EXPECT(!nt_pulse_look(guard, NT_PULSE_BOT).alive);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_ENDED);
    nt_pulse_settle(guard, 2);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_ENDED);
    bot = opened(at.file);
    EXPECT_EQ(nt_pulse_hold(bot, NT_PULSE_BOT), NT_OK);
    nt_pulse_begin(bot, 2);
    nt_pulse_end(bot, false);
    nt_pulse_close(bot);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_FAILED);
    nt_pulse_close(guard);
    remove_temporary(at.folder);
}

/// A bot in a process of its own, up and turning nothing.
static pid_t child(const char *path) {
    int ready[2];
    NT_ASSERT(pipe(ready) == 0);
    const pid_t pid = fork();
    if (pid == 0) {
        nt_pulse *bot = NULL;
        if (nt_pulse_open(path, &bot) != NT_OK || nt_pulse_hold(bot, NT_PULSE_BOT) != NT_OK)
            _exit(1);
        nt_pulse_begin(bot, 1);
        if (write(ready[1], "x", 1) != 1) _exit(1);
        for (;;) pause();
    }
    char byte;
    NT_ASSERT(pid > 0 && read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

TEST(pulse, a_killed_process_has_died_and_is_settled_once) {
    const place at = fresh();
    nt_pulse *guard = opened(at.file);
    const pid_t pid = child(at.file);
    const nt_pulse_view up = nt_pulse_look(guard, NT_PULSE_BOT);
    EXPECT(up.alive);
    EXPECT_EQ(up.pid, (uint32_t)pid);
    EXPECT_EQ(nt_pulse_kill(guard, up.run + 1), NT_NOT_FOUND);
    EXPECT_EQ(nt_pulse_kill(guard, up.run), NT_OK);
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT(!nt_pulse_look(guard, NT_PULSE_BOT).alive);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_UP);
    EXPECT_EQ(nt_pulse_kill(guard, up.run), NT_NOT_FOUND);
    nt_pulse_settle(guard, up.run + 1);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_UP);
    nt_pulse_settle(guard, up.run);
    EXPECT_EQ(nt_pulse_look(guard, NT_PULSE_BOT).state, NT_PULSE_SETTLED);
    nt_pulse_close(guard);
    remove_temporary(at.folder);
}

TEST(pulse, a_strike_is_taken_once_and_an_older_one_never) {
    const place at = fresh();
    nt_pulse *guard = opened(at.file), *bot = opened(at.file);
    nt_pulse_strike(guard);
    EXPECT_EQ(nt_pulse_hold(bot, NT_PULSE_BOT), NT_OK);
    EXPECT(!nt_pulse_take_strike(bot));
    nt_pulse_strike(guard);
    EXPECT(nt_pulse_take_strike(bot));
    EXPECT(!nt_pulse_take_strike(bot));
    nt_pulse_close(bot);
    nt_pulse_close(guard);
    remove_temporary(at.folder);
}

static void spoil(const char *path, off_t size, const char *head, mode_t mode) {
    unlink(path);
    const int file = open(path, O_RDWR | O_CREAT, 0600);
    NT_ASSERT(file >= 0 && ftruncate(file, size) == 0);
    NT_ASSERT(write(file, head, strlen(head)) == (ssize_t)strlen(head));
    NT_ASSERT(fchmod(file, mode) == 0);
    close(file);
}

TEST(pulse, refuses_what_is_none) {
    const place at = fresh();
    nt_pulse *pulse = NULL;
    spoil(at.file, 10, "x", 0600);
    EXPECT_EQ(nt_pulse_open(at.file, &pulse), NT_CORRUPT);
    unlink(at.file);
    nt_pulse_close(opened(at.file));
    struct stat made;
    EXPECT_EQ(stat(at.file, &made), 0);
    EXPECT_EQ(made.st_mode & 0777, 0600);
    spoil(at.file, made.st_size, "something else", 0600);
    EXPECT_EQ(nt_pulse_open(at.file, &pulse), NT_CORRUPT);
    spoil(at.file, made.st_size, "", 0644);
    EXPECT_EQ(nt_pulse_open(at.file, &pulse), NT_REFUSED);
    EXPECT_EQ(nt_pulse_open("/nowhere/pulse", &pulse), NT_IO);
    nt_pulse_close(NULL);
    remove_temporary(at.folder);
}
