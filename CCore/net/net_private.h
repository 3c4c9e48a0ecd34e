// net_private.h — what the files of this folder share; nobody else includes it.
//
// A stream is what the user opened; a wire is one TCP connection of its life. A stream that
// reconnects leaves its old wire behind to end in good order (flush, close_notify, cancel, wait
// for every operation) while it already talks through another. Everything here belongs to the one
// thread that created the net.
#ifndef NT_NET_PRIVATE_H
#define NT_NET_PRIVATE_H

#include <assert.h>
#include <liburing.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>

#include "nt/stream.h"
#include "trust.h"

enum {
    NT_SEND_CAPACITY = 256 * 1024, ///< Bytes waiting for the kernel, per wire. Power of two.
    NT_SEND_RESERVE = 8 * 1024,    ///< Kept free for pong, close and KeyUpdate.
    NT_SIDE_CAPACITY = 64 * 1024,  ///< Received bytes libwebsockets did not take yet.
    NT_BUFFER_SIZE = 8 * 1024,     ///< One provided receive buffer.
    NT_MAX_STREAMS = 256,
    NT_MAX_TEXT = 256,                ///< Hosts, addresses, reasons.
    NT_MAX_PATH = 1800,               ///< libwebsockets writes the request line into 2 kB.
    NT_TICK_NS = 10 * 1000 * 1000,    ///< Timers of streams and libwebsockets when all is quiet.
    NT_BUSY_TICK_NS = 500 * 1000,     ///< Longest sleep while a wire connects or closes.
    NT_FLUSH_NS = 1000 * 1000 * 1000, ///< A closing wire may flush or wait for so long.
};

enum { ///< nt_wire_state
    NT_WIRE_FREE = 0,
    NT_WIRE_CONNECTING, ///< libwebsockets owns socket and SSL.
    NT_WIRE_OPEN,       ///< Upgraded; after a swap the ring moves the bytes.
    NT_WIRE_CLOSING,    ///< Our close frame is on its way; libwebsockets still frames.
    NT_WIRE_LINGER,     ///< libwebsockets is finished; flush, cancel, wait, close.
};
typedef uint8_t nt_wire_state;

enum { NT_OP_RECEIVE = 1, NT_OP_SEND, NT_OP_CANCEL, NT_OP_POLL, NT_OP_WAKE };
typedef uint8_t nt_operation;

typedef struct nt_wire {
    nt_net *net;
    nt_stream *stream; ///< NULL once the stream went on without it.
    struct lws *wsi;   ///< NULL once libwebsockets destroyed it.
    SSL *ssl;          ///< Our reference, taken at the swap.
    int fd;            ///< The real socket after the swap, else -1.
    int lws_fd;        ///< The number libwebsockets believes in, else -1.
    int pair;          ///< Other end of its dummy socket, else -1.
    nt_wire_state state;
    bool plain, eof, receiving, polling, sending, cancelled, doomed, reached;
    bool close_wanted, close_started, peer_closed, writing;
    uint16_t close_code;
    int error; ///< errno that ended the socket, 0 if none.
    uint32_t generation, inflight;
    int64_t deadline_ns;  ///< Of CONNECTING, CLOSING, LINGER.
    int64_t received_ns;  ///< When the bytes being handled arrived.
    const uint8_t *slice; ///< Received bytes, borrowed from a provided buffer.
    uint32_t slice_length;
    uint8_t *side; ///< What libwebsockets left over. Allocated at creation.
    uint32_t side_head, side_length;
    uint8_t *send_ring; ///< NT_SEND_CAPACITY bytes; allocated at creation.
    uint32_t send_head, send_tail;
    uint32_t round, taken; ///< Buffers handled in that round of the ring.
    uint32_t held;         ///< Buffers that wait for the next round, a list by id.
    uint16_t held_first, held_last;
    bool paused, end_known; ///< Its receive is being cancelled; `end` waits behind the held ones.
    int32_t end;
    char reason[NT_MAX_TEXT];
} nt_wire;

struct nt_stream {
    nt_net *net;
    nt_wire *wire;           ///< The current one, or NULL.
    nt_stream_config config; ///< Its strings point into the next fields.
    nt_addresses addresses;
    uint32_t turn; ///< Which of them is used.
    int64_t certificate_end_s;
    char host[NT_MAX_TEXT], host_header[NT_MAX_TEXT + 8];
    char path[NT_MAX_PATH + 1], ca_file[NT_CA_PATH];
    struct lws_vhost *trust;
    nt_stream_state state;
    bool pinged;      ///< A ping asks whether the silence is real.
    uint32_t attempt; ///< Failed connects in a row: the exponent of the back-off.
    int64_t retry_ns, opened_ns, last_data_ns;
    int64_t whole_ns;  ///< Last whole message, ping or pong.
    uint8_t *assembly; ///< max_message bytes.
    uint32_t assembled;
    nt_stream_counters counters;
};

/// A received buffer that was not handled yet.
typedef struct nt_held {
    int64_t received_ns;
    uint32_t length;
    uint16_t next; ///< Of the same wire.
} nt_held;

typedef struct nt_uring {
    struct io_uring ring;
    struct io_uring_buf_ring *buffers;
    uint8_t *memory;
    uint32_t buffer_count, completion_count;
    nt_held *held; ///< By buffer id.
    uint32_t round, held_count;
    uint64_t starved, rearmed; ///< Receives that found no buffer; that had to be armed again.
    bool ready;
} nt_uring;

struct nt_net {
    nt_net_config config;
    struct lws_context *context;
    nt_uring uring;
    char refusal[NT_MAX_TEXT]; ///< Why there is no ring.
    int wake_fd;
    uint64_t wake_value; ///< The ring reads the eventfd into it.
    uint32_t wake_inflight;
    bool waking, destroying, sweep_wanted;
    uint32_t depth; ///< > 0 inside libwebsockets: it must not be entered again.
    uint32_t delivered, progress, unsettled;
    int64_t next_tick_ns;
    nt_wire *attempt; ///< The wire inside lws_client_connect_via_info, or NULL.
    nt_stream *streams;
    uint32_t stream_count;
    nt_wire *wires;
    uint32_t wire_count;
    nt_trust_set trust;
    bool pooled; ///< Asked at creation, so that a static link keeps the constructor behind it.
    uint8_t *send_copy; ///< LWS_PRE + NT_SEND_CAPACITY: where frames are masked.
};

// bio.c
/// A BIO that reads the wire's slice and writes its send ring. NULL: no memory.
BIO *nt_bio_create(nt_wire *wire);

// ring.c
/// NT_NO_RING when the kernel refuses; the caller then goes without.
nt_status nt_uring_open(nt_net *net);
void nt_uring_close(nt_net *net);
void nt_uring_receive(nt_wire *wire);
void nt_uring_poll(nt_wire *wire);
void nt_uring_cancel(nt_wire *wire, nt_operation operation);
/// Starts a send when none is in flight and bytes wait.
void nt_uring_send(nt_wire *wire);
void nt_uring_submit(nt_net *net);
/// Handles every completion that is ready.
void nt_uring_reap(nt_net *net);
void nt_uring_wait(nt_net *net, int64_t wait_ns);

// poll.c
/// One round of plain libwebsockets service.
void nt_poll_service(nt_net *net);
void nt_poll_wait(nt_net *net, int64_t wait_ns);
/// Watches bytes, end and errors of a wire that libwebsockets reads itself.
void nt_poll_watch(nt_wire *wire);

// crypto_memory.c
/// Whether OpenSSL's small blocks come from per-thread lists.
bool nt_crypto_memory_installed(void);

// wire.c
nt_wire *nt_wire_take(nt_net *net, nt_stream *stream);
/// After the upgrade: the ring takes the socket over from libwebsockets.
nt_status nt_wire_swap(nt_wire *wire);
/// Lets libwebsockets work on this wire until nothing is left to do.
void nt_wire_drain(nt_wire *wire);
/// Bytes or an end arrived from the ring.
void nt_wire_received(nt_wire *wire, const uint8_t *bytes, int32_t result, int64_t received_ns);
/// libwebsockets destroyed its half.
void nt_wire_orphaned(nt_wire *wire);
/// One step of closing; called each tick.
void nt_wire_step(nt_wire *wire, int64_t now_ns);
/// Asks for a close frame with `code`, or with 0 for a cut. Outside libwebsockets it is done at
/// once, inside it at the end of the turn.
void nt_wire_end(nt_wire *wire, uint16_t code);
void nt_wire_sweep(nt_net *net);
/// Free bytes of the send ring.
static inline uint32_t nt_wire_room(const nt_wire *wire) {
    return (uint32_t)NT_SEND_CAPACITY - (wire->send_tail - wire->send_head);
}
/// Why a wire that was open ended, in one sentence.
void nt_wire_explain(const nt_wire *wire, char *text, size_t capacity);

// stream_lws.c
struct lws_context *nt_lws_context(nt_net *net);
/// Starts one connection. Failure is reported through nt_stream_lost, perhaps at once.
void nt_lws_connect(nt_stream *stream);
/// All timers and sockets of libwebsockets, without waiting.
void nt_lws_service(nt_net *net);

// stream.c
void nt_stream_opened(nt_stream *stream);
/// The current wire is gone or given up: waits for the next attempt, or ends.
void nt_stream_lost(nt_stream *stream, const char *reason);
/// `rest`: bytes of its frame still to come.
void nt_stream_fragment(nt_wire *wire, const uint8_t *bytes, size_t length, uint64_t rest,
                        bool first, bool last);
void nt_stream_tick(nt_stream *stream, int64_t now_ns);
/// Bytes came in, whatever they carry.
static inline void nt_stream_heard(nt_wire *wire, int64_t now_ns, uint64_t bytes) {
    wire->received_ns = now_ns;
    wire->net->progress++;
    if (wire->stream == NULL) return;
    wire->stream->last_data_ns = now_ns;
    wire->stream->counters.bytes_in += bytes;
}

/// A whole message, ping or pong came: the peer is alive, not only its bytes.
static inline void nt_stream_completed(nt_wire *wire) {
    if (wire->stream == NULL) return;
    wire->stream->whole_ns = wire->received_ns;
    wire->stream->pinged = false;
}

/// A record that we did not ask for, on a live wire, is libwebsockets' answer to a ping.
static inline void nt_stream_answered(nt_wire *wire) {
    if (wire->writing || wire->state != NT_WIRE_OPEN || wire->peer_closed || wire->stream == NULL)
        return;
    wire->stream->counters.pings_in++;
    nt_stream_completed(wire);
}

/// Something must be looked at in the next turn.
static inline void nt_net_stir(nt_net *net) { net->next_tick_ns = 0; }

static inline int64_t nt_net_now(const nt_net *net) { return nt_now(&net->config.clock); }

#endif
