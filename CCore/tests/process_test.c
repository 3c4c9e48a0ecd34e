#include "nt/process.h"

#include "test.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/// Runs `body` in a child, so that the tests' own process stays as it was; true: it answered true.
static bool in_child(bool (*body)(void)) {
    pid_t child = fork();
    if (child == 0) _exit(body() ? 0 : 1);
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool dumps_at_first(void) { return nt_process_can_dump(); }

static bool is_private(void) {
    return nt_process_forbid_dumps() == NT_OK && !nt_process_can_dump() &&
           prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool is_private_twice(void) { return is_private() && is_private(); }

TEST(process, can_dump_unless_told_otherwise) { EXPECT(in_child(dumps_at_first)); }

TEST(process, is_private_once_told) { EXPECT(in_child(is_private)); }

TEST(process, may_be_told_again) { EXPECT(in_child(is_private_twice)); }

TEST(process, leaves_no_core_behind) {
    pid_t child = fork();
    if (child == 0) {
        if (nt_process_forbid_dumps() != NT_OK) _exit(1);
        signal(SIGABRT, SIG_DFL);
        raise(SIGABRT);
        _exit(2);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGABRT);
    EXPECT(!WCOREDUMP(status));
}
