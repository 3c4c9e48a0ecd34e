// stream.h — seam 4 of 4: one WebSocket connection over TLS, driven by the thread that owns it.
//
// `stream_lws`: libwebsockets connects, negotiates TLS, upgrades, frames, pings and closes in a
// context on the caller's thread; after the upgrade io_uring moves every byte
// (docs/connections.md). Where io_uring is refused, libwebsockets moves them itself and
// nt_net_kind() says so. Names are resolved elsewhere: a stream is opened by address and told of
// others later; the host name is for SNI, certificate check and Host header only.
#ifndef NT_STREAM_H
#define NT_STREAM_H

#include <stdbool.h>

#include "nt/clock.h"
#include "nt/random.h"
#include "nt/resolve.h"
#include "nt/status.h"

enum { ///< nt_stream_state
    NT_STREAM_CLOSED = 0,
    NT_STREAM_CONNECTING = 1,
    NT_STREAM_OPEN = 2,    ///< Upgraded; messages may be sent.
    NT_STREAM_WAITING = 3, ///< Lost; will try again after its back-off.
};
typedef uint8_t nt_stream_state;

typedef struct nt_net nt_net;       ///< One per thread: a libwebsockets context and a ring.
typedef struct nt_stream nt_stream; ///< One connection; lives until its net is destroyed.

typedef struct nt_net_config {
    uint32_t max_streams; ///< 1 … 256
    nt_clock clock;
    nt_random random; ///< For back-off jitter.
    bool refuse_ring; ///< Do not use io_uring even where it works.
    /// Receive buffers of 8 kB and entries of the completion queue, each a power of two up to
    /// 4,096; 0 = enough for max_streams. Too few lose nothing and cost system calls.
    uint32_t receive_buffers, completions;
} nt_net_config;

typedef struct nt_stream_config {
    const char *address; ///< "127.0.0.1" or "::1"; copied, as all strings here.
    uint16_t port;
    const char *host;            ///< Name the certificate must carry (or its IP SAN).
    const char *path;            ///< "/stream?streams=…"
    const char *ca_file;         ///< PEM; NULL = the system's store.
    bool plain_text;             ///< No TLS: loopback tests and benchmarks only.
    uint32_t max_message;        ///< Longer messages, announced or sent, close the stream.
    uint32_t connect_timeout_ms; ///< Default 5,000 when 0.
    uint32_t silence_timeout_ms; ///< No data for so long, or data but no whole message, ping or
                                 ///< pong: reconnect. 0 = never.
    uint32_t backoff_min_ms, backoff_max_ms; ///< Doubling, full jitter. Defaults 250, 30,000.
    bool reconnect;                          ///< False: one life, then NT_STREAM_CLOSED.
    void *context;                           ///< Handed to the two callbacks.
    /// One whole message, reassembled. Bytes are borrowed for the call. `received_ns`: monotonic
    /// time at which its last bytes arrived.
    void (*on_message)(void *context, nt_stream *stream, const uint8_t *bytes, uint32_t length,
                       int64_t received_ns);
    /// State changed. `reason`: one clear English sentence for CLOSED and WAITING ("certificate
    /// not trusted: …", "peer closed: 1001", "no data for 5,000 ms"), else "".
    void (*on_state)(void *context, nt_stream *stream, nt_stream_state state, const char *reason);
} nt_stream_config;

typedef struct nt_stream_counters {
    uint64_t messages_in, bytes_in, messages_out, bytes_out, connects, disconnects, busy, pings_in;
} nt_stream_counters;

/// Creates context and ring on the calling thread, which must make every later call as well.
nt_status nt_net_create(const nt_net_config *config, nt_net **out);
/// Closes every stream in order (close frame, close_notify, operations cancelled), then frees.
void nt_net_destroy(nt_net *net);
/// "io_uring" or "poll".
const char *nt_net_kind(const nt_net *net);
/// Why it is not io_uring, in words with the mend; "" where it is.
const char *nt_net_refusal(const nt_net *net);

/// Handles everything that is ready; then, if nothing was and `wait_ns` > 0, waits at most that
/// long for the next byte or timer. Returns the number of messages delivered.
uint32_t nt_net_turn(nt_net *net, int64_t wait_ns);
/// Wakes a waiting nt_net_turn. The only call allowed from other threads. Async-signal safe.
void nt_net_wake(nt_net *net);

/// Starts connecting; the outcome comes through on_state. NT_FULL: no free slot.
nt_status nt_stream_open(nt_net *net, const nt_stream_config *config, nt_stream **out);
/// Sends one text message now. NT_BUSY: the bounded send buffer has no room (nothing was taken).
/// NT_CLOSED: not open. Any other failure closes the stream. Allocates nothing once open.
nt_status nt_stream_send(nt_stream *stream, const uint8_t *bytes, uint32_t length);
/// Polite close with code 1000; no reconnect afterwards.
void nt_stream_close(nt_stream *stream);
/// Drops the connection and connects again at once (used when its data is known to be bad).
void nt_stream_restart(nt_stream *stream, const char *reason);
/// Where its name points to now. An open connection stays; the next connect goes to the same
/// address while it is still listed, else to the first. A connect that fails, or a connection that
/// did not last, makes the next one go to the next address. What is not numeric is left out; an
/// empty list changes nothing.
void nt_stream_set_addresses(nt_stream *stream, const nt_addresses *addresses);
/// Of the current or next connection.
const char *nt_stream_address(const nt_stream *stream);
/// When the first certificate of the peer's chain expires, UTC seconds; of the newest connection.
/// 0: plain text, or none yet.
int64_t nt_stream_certificate_end(const nt_stream *stream);
nt_stream_state nt_stream_get_state(const nt_stream *stream);
nt_stream_counters nt_stream_get_counters(const nt_stream *stream);
/// Monotonic time of the last byte from the peer, 0 before any.
int64_t nt_stream_last_data_ns(const nt_stream *stream);

#endif
