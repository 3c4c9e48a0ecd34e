// wire.c — a message to an echo server on loopback and back, over TLS WebSocket.
//
// Closed loop: one message in flight. The client's side is nt_net, as the lane uses it; the server
// is the one that the venue simulator stands on, which always waits in the kernel. Its wake-up is
// part of every round trip.
#include "subject.h"

#include <stdio.h>
#include <string.h>

#include "nt/server.h"
#include "nt/stream.h"

#define PAYLOAD_BYTES  200u
#define TIMEOUT_NS     INT64_C(2000000000)
#define WAIT_NS        INT64_C(2000000)
#define SERVER_TICK_MS 1000u
#define PATH_SIZE      1200u

typedef struct wire_subject {
    bk_subject subject;
    nt_server *server;
    nt_net *net;
    nt_stream *stream;
    bool spins, open;
    uint64_t number, echoed, sum;
    char payload[PAYLOAD_BYTES];
} wire_subject;

static bool welcome(void *context, nt_server *server, nt_peer peer, const char *path,
                    const char *query) {
    (void)context, (void)server, (void)peer, (void)query;
    return strcmp(path, "/echo") == 0;
}

static void echo(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                 uint32_t length) {
    (void)context;
    nt_server_send(server, peer, bytes, length);
}

static void take_message(void *context, nt_stream *stream, const uint8_t *bytes, uint32_t length,
                         int64_t received_ns) {
    (void)stream, (void)received_ns;
    wire_subject *wire = context;
    if (length != PAYLOAD_BYTES || memcmp(bytes, wire->payload, length) != 0)
        wire->subject.problem = "the echo is not what was sent";
    uint64_t sum = 0;
    for (uint32_t i = 0; i < length; i++) sum += bytes[i];
    wire->sum += sum;
    wire->echoed++;
}

static void take_state(void *context, nt_stream *stream, nt_stream_state state,
                       const char *reason) {
    (void)stream, (void)reason;
    wire_subject *wire = context;
    wire->open = state == NT_STREAM_OPEN;
    if (state == NT_STREAM_CLOSED) wire->subject.problem = "the connection was lost";
}

/// Turns until `done` reaches `wanted`, or gives up.
static bool turn_until(wire_subject *wire, const uint64_t *done, uint64_t wanted) {
    const int64_t end = bk_now() + TIMEOUT_NS;
    for (uint32_t turns = 1; *done < wanted && wire->subject.problem == NULL; turns++) {
        nt_net_turn(wire->net, wire->spins ? 0 : WAIT_NS);
        if (turns % 1024 == 0 && bk_now() > end) wire->subject.problem = "no echo in two seconds";
    }
    return wire->subject.problem == NULL;
}

static uint64_t run_wire(bk_subject *subject, uint32_t count) {
    wire_subject *wire = (wire_subject *)subject;
    wire->sum = 0;
    for (uint32_t i = 0; i < count && subject->problem == NULL; i++) {
        wire->number++;
        // Printable, as a text message must be; eight digits are enough for any run.
        for (uint64_t k = 0, rest = wire->number; k < 8; k++, rest /= 10)
            wire->payload[k] = (char)('0' + rest % 10);
        const nt_status status =
            nt_stream_send(wire->stream, (const uint8_t *)wire->payload, PAYLOAD_BYTES);
        if (status != NT_OK) subject->problem = "the message could not be sent";
        turn_until(wire, &wire->echoed, wire->number);
    }
    return wire->sum;
}

/// The same numbers go out in each round.
static void rewind_wire(bk_subject *subject) {
    wire_subject *wire = (wire_subject *)subject;
    wire->number = wire->echoed = 0;
}

static void destroy_wire(bk_subject *subject) {
    wire_subject *wire = (wire_subject *)subject;
    if (wire->net != NULL) nt_net_destroy(wire->net);
    if (wire->server != NULL) nt_server_stop(wire->server);
}

static nt_status start_server(wire_subject *wire, const char *certificate, const char *key) {
    const nt_server_config config = {.certificate_file = certificate,
                                     .key_file = key,
                                     .max_body = 1024,
                                     .max_peers = 4,
                                     .tick_ms = SERVER_TICK_MS,
                                     .on_open = welcome,
                                     .on_message = echo};
    return nt_server_start(&config, &wire->server);
}

static nt_status connect_client(wire_subject *wire, const char *authority) {
    const nt_net_config net = {
        .max_streams = 1, .clock = nt_clock_system(), .random = nt_random_seeded(1)};
    nt_status status = nt_net_create(&net, &wire->net);
    if (status != NT_OK) return status;
    const nt_stream_config stream = {.address = "127.0.0.1",
                                     .port = nt_server_port(wire->server),
                                     .host = "localhost",
                                     .path = "/echo",
                                     .ca_file = authority,
                                     .max_message = 65536,
                                     .context = wire,
                                     .on_message = take_message,
                                     .on_state = take_state};
    status = nt_stream_open(wire->net, &stream, &wire->stream);
    if (status != NT_OK) return status;
    for (uint32_t i = 0; i < 5000 && !wire->open && wire->subject.problem == NULL; i++)
        nt_net_turn(wire->net, 1000000);
    return wire->open ? NT_OK : nt_fail(NT_TIMEOUT, "the echo server cannot be reached");
}

static nt_status set_up(wire_subject *wire, const char *directory) {
    char certificate[PATH_SIZE], key[PATH_SIZE], authority[PATH_SIZE];
    if (strlen(directory) + 32 > PATH_SIZE) return nt_fail(NT_FULL, "the path is too long");
    snprintf(certificate, sizeof certificate, "%s/server.pem", directory);
    snprintf(key, sizeof key, "%s/server.key", directory);
    snprintf(authority, sizeof authority, "%s/ca.pem", directory);
    nt_status status = nt_server_make_certificates(directory);
    if (status == NT_OK) status = start_server(wire, certificate, key);
    if (status == NT_OK) status = connect_client(wire, authority);
    return status;
}

bk_subject *bk_wire_create(const char *directory, bool spins) {
    wire_subject *wire = calloc(1, sizeof *wire);
    if (wire == NULL) return NULL;
    wire->subject = (bk_subject){.run = run_wire,
                                 .rewind = rewind_wire,
                                 .destroy = destroy_wire,
                                 .operation_bytes = PAYLOAD_BYTES};
    wire->spins = spins;
    memset(wire->payload, 'x', sizeof wire->payload);
    if (set_up(wire, directory) == NT_OK) return &wire->subject;
    bk_subject_destroy(&wire->subject);
    return NULL;
}

const char *bk_last_error(void) { return nt_last_error(); }
