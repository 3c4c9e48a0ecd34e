// net_client.h — for the network tests: a net with one stream, an echo server, and the table of
// both kinds. Include once per test file.
#ifndef NT_NET_CLIENT_H
#define NT_NET_CLIENT_H

#include <malloc.h>

#include "net_peer.h"
#include "nt/stream.h"

enum { BIG = 1024 * 1024, MS = 1000000 };

typedef struct client {
    nt_net *net;
    nt_stream *stream;
    nt_stream_config config;
    int messages, opened, waiting, closed;
    uint64_t bytes, checksum;
    char last[256];
    char reason[256];
    bool echo, greet; ///< Send back what comes; send "subscribe" when open.
    int restarts;     ///< So many messages are answered by a restart.
    bool close;       ///< … and then one by a close.
} client;

static UNUSED void on_message(void *context, nt_stream *stream, const uint8_t *bytes,
                              uint32_t length, int64_t received_ns) {
    client *client = context;
    client->messages++;
    client->bytes += length;
    for (uint32_t i = 0; i < length; i++) client->checksum = client->checksum * 31 + bytes[i];
    snprintf(client->last, sizeof client->last, "%.*s", (int)(length < 200 ? length : 200), bytes);
    if (client->echo) nt_stream_send(stream, bytes, length);
    if (client->restarts > 0) {
        client->restarts--;
        nt_stream_restart(stream, "data known to be bad");
    } else if (client->close) {
        nt_stream_close(stream);
    }
    if (received_ns <= 0) client->messages = -1000000;
}

static UNUSED void on_state(void *context, nt_stream *stream, nt_stream_state state,
                            const char *reason) {
    client *client = context;
    if (state == NT_STREAM_OPEN) client->opened++;
    if (state == NT_STREAM_OPEN && client->greet)
        nt_stream_send(stream, (const uint8_t *)"subscribe", 9);
    if (state == NT_STREAM_WAITING) client->waiting++;
    if (state == NT_STREAM_CLOSED) client->closed++;
    if (reason[0] != 0) snprintf(client->reason, sizeof client->reason, "%s", reason);
}

/// A clock that stands where the test puts it, so that no time limit depends on the machine's load;
/// at zero it runs with the system's.
typedef struct {
    int64_t stands_at_ns;
} hands;

static UNUSED int64_t read_hands(void *context) {
    const hands *hands = context;
    const nt_clock system = nt_clock_system();
    return hands->stands_at_ns != 0 ? hands->stands_at_ns : nt_now(&system);
}

static UNUSED hands stopped_now(void) {
    const nt_clock system = nt_clock_system();
    return (hands){nt_now(&system)};
}

static UNUSED nt_net *make_net_by(uint32_t streams, bool refuse_ring, nt_clock clock) {
    nt_net_config config = {.max_streams = streams,
                            .clock = clock,
                            .random = nt_random_seeded(7),
                            .refuse_ring = refuse_ring};
    nt_net *net = NULL;
    return nt_net_create(&config, &net) == NT_OK ? net : NULL;
}

static UNUSED nt_net *make_net(uint32_t streams, bool refuse_ring) {
    return make_net_by(streams, refuse_ring, nt_clock_system());
}

static UNUSED nt_net *make_net_at(hands *hands, bool refuse_ring) {
    return make_net_by(1, refuse_ring, (nt_clock){hands, read_hands, read_hands});
}

/// The clock must run again: ending in order has time limits of its own.
static UNUSED void destroy_net_at(hands *hands, nt_net *net) {
    hands->stands_at_ns = 0;
    nt_net_destroy(net);
}

static UNUSED void prepare(client *client, uint16_t port) {
    client->config = (nt_stream_config){.address = "127.0.0.1",
                                        .port = port,
                                        .host = "localhost",
                                        .path = "/stream",
                                        .ca_file = certificate_path("ca.pem"),
                                        .max_message = 2 * BIG,
                                        .context = client,
                                        .on_message = on_message,
                                        .on_state = on_state};
}

/// Bytes that the process has taken from the allocator; 0 where a sanitizer has its own.
static UNUSED size_t heap_in_use(void) { return mallinfo2().uordblks; }

static UNUSED void turn_until(client *client, const int *counter, int wanted) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (*counter < wanted && now_ms() < end) nt_net_turn(client->net, 2000000);
}

static UNUSED void turn_for(nt_net *net, int ms) {
    int64_t end = now_ms() + ms;
    while (now_ms() < end) nt_net_turn(net, 1000000);
}

/// One net, one stream to `port`; true once it is open.
static UNUSED bool connect_to(client *client, uint16_t port, bool refuse_ring) {
    client->net = make_net(4, refuse_ring);
    prepare(client, port);
    if (nt_stream_open(client->net, &client->config, &client->stream) != NT_OK) return false;
    turn_until(client, &client->opened, 1);
    return client->opened == 1;
}

// Our own server: echoes what it is told.

static UNUSED bool welcome(void *context, nt_server *server, nt_peer peer, const char *path,
                           const char *query) {
    (void)context, (void)server, (void)peer, (void)query;
    return strcmp(path, "/forbidden") != 0;
}

static UNUSED void echo(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                        uint32_t length) {
    (void)context;
    nt_server_send(server, peer, bytes, length);
}

static UNUSED nt_server *start_echo(bool tls) {
    nt_server_config config = {.certificate_file = tls ? certificate_path("server.pem") : NULL,
                               .key_file = tls ? certificate_path("server.key") : NULL,
                               .max_body = 1024,
                               .max_peers = 128,
                               .tick_ms = 100,
                               .on_open = welcome,
                               .on_message = echo};
    nt_server *server = NULL;
    return nt_server_start(&config, &server) == NT_OK ? server : NULL;
}

#define BOTH(suite, behaviour)                                                                     \
    static void behaviour(bool refuse_ring);                                                       \
    TEST(suite, behaviour##_by_ring) { behaviour(false); }                                         \
    TEST(suite, behaviour##_by_poll) { behaviour(true); }                                          \
    static void behaviour(bool refuse_ring)

/// … and with the newest TLS and the one before.
#define FOUR(suite, behaviour)                                                                     \
    static void behaviour(bool refuse_ring, int tls);                                              \
    TEST(suite, behaviour##_by_ring) { behaviour(false, TLS1_3_VERSION); }                         \
    TEST(suite, behaviour##_by_poll) { behaviour(true, TLS1_3_VERSION); }                          \
    TEST(suite, behaviour##_by_ring_tls_1_2) { behaviour(false, TLS1_2_VERSION); }                 \
    TEST(suite, behaviour##_by_poll_tls_1_2) { behaviour(true, TLS1_2_VERSION); }                  \
    static void behaviour(bool refuse_ring, int tls)

static UNUSED nt_status send_text(nt_stream *stream, const char *text) {
    return nt_stream_send(stream, (const uint8_t *)text, (uint32_t)strlen(text));
}

// A peer that notes how the client left.

typedef struct {
    int close_code;    ///< Of the close frame that came back.
    bool said_goodbye; ///< close_notify came.
    int pongs, pings, echoes;
    atomic_int received;  ///< Messages, as they come.
    atomic_bool may_read; ///< Set by a test that holds its peer back.
} ending;

/// Reads until the client is gone and notes how it went.
static UNUSED void read_ending(peer *peer) {
    ending *ending = peer->context;
    char payload[256];
    for (;;) {
        size_t length = sizeof payload;
        int opcode = peer_next(peer, payload, &length);
        if (opcode < 0) break;
        if (opcode == 9) ending->pings++;
        if (opcode == 10) ending->pongs++;
        if (opcode == 8 && length >= 2)
            ending->close_code = (uint8_t)payload[0] << 8 | (uint8_t)payload[1];
    }
    ending->said_goodbye = (SSL_get_shutdown(peer->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

#endif
