// status.h — the one result type of the C core.
//
// 0 is success; every failure has a name. Functions that can fail return nt_status and put
// their answer in the last parameter. `bool` is for questions only.
#ifndef NT_STATUS_H
#define NT_STATUS_H

#include <stdint.h>

typedef enum nt_status {
    NT_OK = 0,
    NT_INVALID = -1,   ///< Input breaks a rule of its format (bad number, unknown enum, truncated).
    NT_OVERFLOW = -2,  ///< A number does not fit its type.
    NT_FULL = -3,      ///< A fixed-size table, queue or buffer has no room.
    NT_EMPTY = -4,     ///< Nothing there.
    NT_NOT_FOUND = -5, ///< No such order, level, instrument or file.
    NT_BUSY = -6,      ///< Try again later: the send buffer or a lock is taken.
    NT_GAP = -7,       ///< A sequence has a hole; state built on it is stale.
    NT_STALE = -8,     ///< Older than what is already known; ignored on purpose.
    NT_UNSUPPORTED = -9, ///< Well formed, known by name, and deliberately not handled.
    NT_CORRUPT = -10,    ///< A checksum or chain does not match.
    NT_CLOSED = -11,     ///< The connection or handle is closed.
    NT_TIMEOUT = -12,    ///< No answer within the limit; the outcome is unknown.
    NT_REFUSED = -13,    ///< A policy or the peer said no.
    NT_IO = -14,         ///< The operating system reported an error; see nt_last_error().
    NT_NO_MEMORY = -15,  ///< Allocation failed at start-up.
    NT_NO_RING = -16,    ///< io_uring is refused on this machine.
    NT_TLS = -17,        ///< Certificate or handshake failure.
    NT_PROTOCOL = -18,   ///< The peer broke the protocol.
    NT_DUPLICATE = -19,  ///< Already there.
    NT_VERSION = -20,    ///< Written by a newer version.
    NT_LOCKED = -21,     ///< Another process holds it.
} nt_status;

/// The status' name in lower case words, such as "not found". Static storage.
const char *nt_status_text(nt_status status);

/// Text of the last NT_IO, NT_TLS or NT_INVALID on this thread, with the operation that failed.
/// Valid until the next failure on the same thread. Never NULL. Cold paths only.
const char *nt_last_error(void);

/// Records the text that nt_last_error() returns, and returns `status`. Cold paths only.
nt_status nt_fail(nt_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Stops the process: the condition is a bug of ours. Stays on in release.
#define NT_ASSERT(condition)                                                                       \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) nt_assert_failed(#condition, __FILE__, __LINE__);   \
    } while (0)
_Noreturn void nt_assert_failed(const char *condition, const char *file, int line);

#endif
