// status.c — names of results, the per-thread failure text, and the stop on a bug of ours.
//
// The text lives in a fixed buffer per thread: recording it allocates nothing, and threads
// never see each other's.
#include "nt/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ERROR_TEXT_SIZE = 512 };

static _Thread_local char last_error[ERROR_TEXT_SIZE];

const char *nt_status_text(nt_status status) {
    switch (status) {
    case NT_OK:
        return "ok";
    case NT_INVALID:
        return "invalid";
    case NT_OVERFLOW:
        return "overflow";
    case NT_FULL:
        return "full";
    case NT_EMPTY:
        return "empty";
    case NT_NOT_FOUND:
        return "not found";
    case NT_BUSY:
        return "busy";
    case NT_GAP:
        return "gap";
    case NT_STALE:
        return "stale";
    case NT_UNSUPPORTED:
        return "unsupported";
    case NT_CORRUPT:
        return "corrupt";
    case NT_CLOSED:
        return "closed";
    case NT_TIMEOUT:
        return "timeout";
    case NT_REFUSED:
        return "refused";
    case NT_IO:
        return "input or output error";
    case NT_NO_MEMORY:
        return "no memory";
    case NT_NO_RING:
        return "no ring";
    case NT_TLS:
        return "tls failure";
    case NT_PROTOCOL:
        return "protocol violation";
    case NT_DUPLICATE:
        return "duplicate";
    case NT_VERSION:
        return "newer version";
    case NT_LOCKED:
        return "locked";
    }
    return "unknown status";
}

const char *nt_last_error(void) { return last_error; }

nt_status nt_fail(nt_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    return status;
}

void nt_assert_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: this cannot be: %s is false\n", file, line, condition);
    fflush(stderr);
    abort();
}
