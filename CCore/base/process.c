// process.c — keeps a process' memory to itself.
//
// Two locks, since either alone has a hole: a core limit of zero does not stop a handler that
// core_pattern pipes to (core(5)), and a dumpable flag of zero is reset by execve(2).
#include "nt/process.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

nt_status nt_process_forbid_dumps(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return nt_fail(NT_IO, "core files cannot be turned off: %s", strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return nt_fail(NT_IO, "the memory cannot be made private: %s", strerror(errno));
    return NT_OK;
}

bool nt_process_can_dump(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0)
        return true;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
}
