// temporary.h — a fresh folder for a test, under TMPDIR or where the system keeps such things.
#ifndef NT_TEST_TEMPORARY_H
#define NT_TEST_TEMPORARY_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_PATH 128

/// Makes it with mode 0700; no two calls on the machine get the same. False: it cannot be made.
static inline bool make_temporary(char path[TEMPORARY_PATH]) {
    static unsigned made;
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == 0) parent = P_tmpdir;
    do {
        const int length =
            snprintf(path, TEMPORARY_PATH, "%s/nt-test-%d-%u", parent, (int)getpid(), made++);
        if (length < 0 || length >= TEMPORARY_PATH) return false;
        if (mkdir(path, 0700) == 0) return true;
    } while (errno == EEXIST); // Left behind by a process that was killed and had this number.
    return false;
}

static inline void remove_temporary(const char *path) {
    char command[TEMPORARY_PATH + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0) fprintf(stderr, "could not remove %s\n", path);
}

#endif
