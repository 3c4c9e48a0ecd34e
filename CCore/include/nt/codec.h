// codec.h — the seam between the core and a venue's wire format.
//
// A venue supplies one nt_codec; the core calls it on the lane. It never allocates, never traps,
// never logs. What it cannot read is a status, not a guess.
#ifndef NT_CODEC_H
#define NT_CODEC_H

#include "nt/event.h"
#include "nt/intent.h"
#include "nt/status.h"

#define NT_MAX_EVENTS_PER_MESSAGE 256u
#define NT_MAX_REQUEST_BYTES      2048u
#define NT_MAX_GREETING_BYTES     16384u

enum {                    ///< nt_stream_role
    NT_ROLE_MARKET = 0,   ///< Public market data.
    NT_ROLE_ORDERS = 1,   ///< Order entry and account events.
    NT_ROLE_SNAPSHOT = 2, ///< A book snapshot's body, fetched by the connector.
    NT_ROLE_WITNESS = 3,  ///< The body of a small one, to hold a silent book against.
    NT_ROLE_COUNT = 4
};
typedef uint8_t nt_stream_role;

typedef struct nt_codec {
    const char *name; ///< Such as "binance-spot".
    void *context;    ///< The venue's; outlives the lane.

    /// Decodes one whole message into at most `capacity` events. `instrument` is the slot that the
    /// body of a snapshot or witness belongs to, else NT_NO_INSTRUMENT. Sets everything in each
    /// event but sequence, received_ns and stream. Returns NT_OK with *count >= 0 (0: nothing of
    /// interest), NT_UNSUPPORTED (known, not handled), NT_INVALID, NT_OVERFLOW or NT_FULL; on
    /// failure *count is 0 and nothing of the message may be used.
    nt_status (*decode)(void *context, nt_stream_role role, nt_instrument_id instrument,
                        const uint8_t *bytes, uint32_t length, nt_event *events, uint32_t capacity,
                        uint32_t *count);

    /// Writes the message that greets a freshly opened stream at `step` (0, 1, …): log on,
    /// subscribe. NT_EMPTY: the session is complete. now_ms is wall time for signatures.
    nt_status (*greet)(void *context, nt_stream_role role, uint32_t step, int64_t now_ms,
                       uint8_t *buffer, uint32_t capacity, uint32_t *length);

    /// Writes a request. NT_FULL: too small a buffer. NT_UNSUPPORTED: the venue has no such thing.
    nt_status (*encode)(void *context, const nt_request *request, int64_t now_ms, uint8_t *buffer,
                        uint32_t capacity, uint32_t *length);

    /// Request weight that the venue charges for it, for the gate's rate budget.
    uint32_t (*weight)(void *context, nt_request_kind kind);
} nt_codec;

#endif
