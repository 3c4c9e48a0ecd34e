// resolve.h — names to addresses, with a time limit; never on a lane.
#ifndef NT_RESOLVE_H
#define NT_RESOLVE_H

#include "nt/status.h"

#define NT_MAX_ADDRESSES 8u
#define NT_ADDRESS_SIZE  46u ///< The longest IPv6 address as text, with its NUL.

/// Where a name points to, in the order in which it is tried. Plain value.
typedef struct nt_addresses {
    uint32_t count;
    char text[NT_MAX_ADDRESSES][NT_ADDRESS_SIZE]; ///< "127.0.0.1", "::1"
} nt_addresses;

/// Resolves a name to its first eight addresses, IPv4 before IPv6, each once; a numeric address is
/// its own answer. Blocking, with a time limit: a resolver that hangs costs one abandoned thread,
/// not the caller. NT_NOT_FOUND: the name has none, or its servers do not answer; NT_TIMEOUT;
/// NT_INVALID.
nt_status nt_resolve(const char *host, uint32_t timeout_ms, nt_addresses *out);

#endif
