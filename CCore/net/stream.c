// stream.c — the stream's life: closed, connecting, open, waiting; back-off, silence, sending.
//
// How an order goes out now: nt_stream_send checks the room, lws_write frames and encrypts into the
// wire's send ring (our BIO takes every byte, so nothing is deferred), and the send operation is
// submitted before the call returns. libwebsockets' "writable" callback plays no part.
#include "net_private.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_BACKOFF_MIN_MS = 250,
    DEFAULT_BACKOFF_MAX_MS = 30000,
    LARGEST_EXPONENT = 20,
    CODE_NORMAL = 1000,
    CODE_TOO_LONG = 1009,
};

static int64_t from_ms(uint32_t ms) { return (int64_t)ms * 1000000; }

static void enter(nt_stream *stream, nt_stream_state state, const char *reason) {
    stream->state = state;
    nt_net_stir(stream->net);
    if (!stream->net->destroying && stream->config.on_state != NULL)
        stream->config.on_state(stream->config.context, stream, state, reason);
}

static bool is_address(const char *text) {
    uint8_t bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static nt_status check(const nt_stream_config *config) {
    if (config->address == NULL || strlen(config->address) >= NT_ADDRESS_SIZE ||
        !is_address(config->address))
        return nt_fail(NT_INVALID, "a stream needs a numeric address");
    // libwebsockets cuts the name at 127 bytes and at ':'; an empty name would check nothing.
    if (config->host == NULL || config->host[0] == 0 || strlen(config->host) > 120 ||
        strpbrk(config->host, ":\r\n ") != NULL)
        return nt_fail(NT_INVALID, "a stream needs a host name without port, up to 120 characters");
    if (config->path == NULL || config->path[0] != '/' || strlen(config->path) > NT_MAX_PATH ||
        strpbrk(config->path, "\r\n ") != NULL)
        return nt_fail(NT_INVALID, "a path starts with '/', has no spaces and at most %d bytes",
                       NT_MAX_PATH);
    if (config->port == 0 || config->max_message == 0)
        return nt_fail(NT_INVALID, "a stream needs a port and a largest message");
    return NT_OK;
}

static void copy_config(nt_stream *stream, const nt_stream_config *config) {
    stream->config = *config;
    nt_stream_config *own = &stream->config;
    snprintf(stream->addresses.text[0], NT_ADDRESS_SIZE, "%s", config->address);
    stream->addresses.count = 1;
    snprintf(stream->host, sizeof stream->host, "%s", config->host);
    snprintf(stream->path, sizeof stream->path, "%s", config->path);
    bool usual = config->port == (config->plain_text ? 80 : 443);
    snprintf(stream->host_header, sizeof stream->host_header, usual ? "%s" : "%s:%u", config->host,
             config->port);
    if (config->ca_file != NULL)
        snprintf(stream->ca_file, sizeof stream->ca_file, "%s", config->ca_file);
    own->address = stream->addresses.text[0];
    own->host = stream->host;
    own->path = stream->path;
    own->ca_file = config->ca_file != NULL ? stream->ca_file : NULL;
    if (own->connect_timeout_ms == 0) own->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    if (own->backoff_min_ms == 0) own->backoff_min_ms = DEFAULT_BACKOFF_MIN_MS;
    if (own->backoff_max_ms == 0) own->backoff_max_ms = DEFAULT_BACKOFF_MAX_MS;
    if (own->backoff_max_ms < own->backoff_min_ms) own->backoff_max_ms = own->backoff_min_ms;
}

nt_status nt_stream_open(nt_net *net, const nt_stream_config *config, nt_stream **out) {
    nt_status status = check(config);
    if (status != NT_OK) return status;
    if (net->stream_count == net->config.max_streams)
        return nt_fail(NT_FULL, "all %u streams are in use", net->config.max_streams);
    struct lws_vhost *trust = NULL;
    status = nt_trust_find(&net->trust, config->plain_text ? "" : config->ca_file, &trust);
    if (status != NT_OK) return status;
    nt_stream *stream = &net->streams[net->stream_count];
    *stream = (nt_stream){.net = net, .trust = trust, .state = NT_STREAM_CONNECTING};
    stream->assembly = malloc(config->max_message);
    if (stream->assembly == NULL) return nt_fail(NT_NO_MEMORY, "no memory for a message");
    copy_config(stream, config);
    stream->retry_ns = nt_net_now(net);
    net->stream_count++;
    nt_net_stir(net);
    *out = stream;
    return NT_OK;
}

static void start(nt_stream *stream) {
    stream->assembled = 0;
    stream->last_data_ns = 0;
    stream->pinged = false;
    enter(stream, NT_STREAM_CONNECTING, "");
    // The callback may have closed the stream again.
    if (stream->state == NT_STREAM_CONNECTING) nt_lws_connect(stream);
}

void nt_stream_opened(nt_stream *stream) {
    stream->opened_ns = stream->last_data_ns = stream->whole_ns = nt_net_now(stream->net);
    stream->counters.connects++;
    stream->net->progress++;
    enter(stream, NT_STREAM_OPEN, "");
}

/// Full jitter: anywhere between now and the capped, doubled back-off.
static int64_t back_off_ns(nt_stream *stream) {
    const nt_stream_config *config = &stream->config;
    uint32_t exponent = stream->attempt < LARGEST_EXPONENT ? stream->attempt : LARGEST_EXPONENT;
    uint64_t limit = (uint64_t)config->backoff_min_ms << exponent;
    if (limit > config->backoff_max_ms) limit = config->backoff_max_ms;
    stream->attempt++;
    return (int64_t)nt_random_below(&stream->net->config.random, limit * 1000000 + 1);
}

static void use_address(nt_stream *stream, uint32_t turn) {
    stream->turn = turn;
    stream->config.address = stream->addresses.text[turn];
}

void nt_stream_lost(nt_stream *stream, const char *reason) {
    if (stream->state == NT_STREAM_CLOSED) return;
    nt_net *net = stream->net;
    int64_t now_ns = nt_net_now(net);
    // Only a connection that lasted proves venue and address well; a short one keeps the back-off.
    bool lasted = stream->state == NT_STREAM_OPEN &&
                  now_ns - stream->opened_ns > from_ms(stream->config.backoff_max_ms);
    if (stream->state == NT_STREAM_OPEN) stream->counters.disconnects++;
    if (lasted)
        stream->attempt = 0;
    else
        use_address(stream, (stream->turn + 1) % stream->addresses.count);
    net->progress++;
    if (!stream->config.reconnect) {
        enter(stream, NT_STREAM_CLOSED, reason);
        return;
    }
    stream->retry_ns = now_ns + back_off_ns(stream);
    enter(stream, NT_STREAM_WAITING, reason);
}

/// Lets go of the current wire, which ends in its own time.
static void abandon(nt_stream *stream, uint16_t code) {
    nt_wire *wire = stream->wire;
    stream->wire = NULL;
    if (wire == NULL) return;
    wire->stream = NULL;
    nt_wire_end(wire, code);
}

static void give_up(nt_stream *stream, uint16_t code, const char *reason) {
    abandon(stream, code);
    nt_stream_lost(stream, reason);
}

static void ping(nt_stream *stream) {
    nt_wire *wire = stream->wire;
    stream->pinged = true;
    if (wire->net->uring.ready && !wire->plain && nt_wire_room(wire) < NT_SEND_RESERVE) return;
    if (lws_partial_buffered(wire->wsi)) return;
    wire->writing = true;
    lws_write(wire->wsi, wire->net->send_copy + LWS_PRE, 0, LWS_WRITE_PING);
    wire->writing = false;
    nt_uring_send(wire);
}

/// Bytes alone are no life: a frame that drips for ever would hide that nothing is said.
static void listen_for_silence(nt_stream *stream, int64_t now_ns) {
    uint32_t limit_ms = stream->config.silence_timeout_ms;
    int64_t limit_ns = from_ms(limit_ms);
    int64_t silent_ns = now_ns - stream->last_data_ns, unfinished_ns = now_ns - stream->whole_ns;
    if (limit_ns == 0) return;
    char text[NT_MAX_TEXT];
    if (silent_ns >= limit_ns) {
        snprintf(text, sizeof text, "no data for %u ms", limit_ms);
        give_up(stream, 0, text);
    } else if (unfinished_ns >= limit_ns && silent_ns < limit_ns / 2) {
        snprintf(text, sizeof text, "data, but no whole message for %u ms", limit_ms);
        give_up(stream, 0, text);
    } else if (unfinished_ns >= limit_ns / 2 && !stream->pinged) {
        ping(stream);
    }
}

void nt_stream_tick(nt_stream *stream, int64_t now_ns) {
    switch (stream->state) {
    case NT_STREAM_CONNECTING:
        if (stream->wire == NULL) {
            start(stream);
        } else if (now_ns > stream->wire->deadline_ns) {
            char text[NT_MAX_TEXT];
            snprintf(text, sizeof text, "no connection within %u ms",
                     stream->config.connect_timeout_ms);
            give_up(stream, 0, text);
        }
        break;
    case NT_STREAM_WAITING:
        if (now_ns >= stream->retry_ns) start(stream);
        break;
    case NT_STREAM_OPEN:
        listen_for_silence(stream, now_ns);
        break;
    default:
        break;
    }
    int64_t next_ns = stream->net->next_tick_ns;
    if (stream->state == NT_STREAM_WAITING && stream->retry_ns < next_ns)
        stream->net->next_tick_ns = stream->retry_ns;
}

static void deliver(nt_stream *stream, const uint8_t *bytes, uint32_t length, int64_t received_ns) {
    stream->assembled = 0;
    stream->counters.messages_in++;
    stream->net->delivered++;
    nt_stream_completed(stream->wire);
    stream->config.on_message(stream->config.context, stream, bytes, length, received_ns);
}

void nt_stream_fragment(nt_wire *wire, const uint8_t *bytes, size_t length, uint64_t rest,
                        bool first, bool last) {
    nt_stream *stream = wire->stream;
    if (stream == NULL) return;
    if (first) stream->assembled = 0;
    if (length + rest > stream->config.max_message - stream->assembled) {
        char text[NT_MAX_TEXT];
        snprintf(text, sizeof text, "a message is longer than %u bytes",
                 stream->config.max_message);
        give_up(stream, CODE_TOO_LONG, text);
        return;
    }
    if (first && last) { // The usual case: no copy.
        deliver(stream, bytes, (uint32_t)length, wire->received_ns);
        return;
    }
    memcpy(stream->assembly + stream->assembled, bytes, length);
    stream->assembled += (uint32_t)length;
    if (last) deliver(stream, stream->assembly, stream->assembled, wire->received_ns);
}

/// Room for the frame, its records and the reserve for pong, close and KeyUpdate.
static bool has_room(const nt_wire *wire, uint32_t length) {
    if (wire->fd >= 0 && !wire->plain)
        return nt_wire_room(wire) >= length + length / 64 + NT_SEND_RESERVE;
    return !lws_partial_buffered(wire->wsi) && !lws_send_pipe_choked(wire->wsi);
}

nt_status nt_stream_send(nt_stream *stream, const uint8_t *bytes, uint32_t length) {
    nt_wire *wire = stream->wire;
    if (stream->state != NT_STREAM_OPEN || wire == NULL) return NT_CLOSED;
    uint32_t longest = NT_SEND_CAPACITY - NT_SEND_CAPACITY / 64 - NT_SEND_RESERVE;
    if (length > longest)
        return nt_fail(NT_INVALID, "a message to send has at most %u bytes", longest);
    if (!has_room(wire, length)) {
        stream->counters.busy++;
        return NT_BUSY;
    }
    uint8_t *frame = stream->net->send_copy + LWS_PRE;
    memcpy(frame, bytes, length);
    wire->writing = true;
    int written = lws_write(wire->wsi, frame, length, LWS_WRITE_TEXT);
    wire->writing = false;
    if (written < (int)length) {
        give_up(stream, 0, "a message could not be written");
        return NT_IO;
    }
    stream->counters.messages_out++;
    stream->counters.bytes_out += length;
    nt_uring_send(wire);
    if (stream->net->uring.ready) nt_uring_submit(stream->net);
    return NT_OK;
}

void nt_stream_close(nt_stream *stream) {
    if (stream->state == NT_STREAM_CLOSED) return;
    if (stream->state == NT_STREAM_OPEN) stream->counters.disconnects++;
    abandon(stream, CODE_NORMAL);
    enter(stream, NT_STREAM_CLOSED, "closed by us");
}

void nt_stream_restart(nt_stream *stream, const char *reason) {
    if (stream->state == NT_STREAM_CLOSED) return;
    if (stream->state == NT_STREAM_OPEN) stream->counters.disconnects++;
    abandon(stream, CODE_NORMAL);
    stream->retry_ns = nt_net_now(stream->net);
    enter(stream, NT_STREAM_WAITING, reason);
}

void nt_stream_set_addresses(nt_stream *stream, const nt_addresses *addresses) {
    nt_addresses fresh = {0};
    uint32_t turn = 0;
    for (uint32_t i = 0; i < addresses->count && i < NT_MAX_ADDRESSES; i++) {
        const char *text = addresses->text[i];
        if (memchr(text, 0, NT_ADDRESS_SIZE) == NULL || !is_address(text)) continue;
        if (strcmp(text, stream->config.address) == 0) turn = fresh.count;
        memcpy(fresh.text[fresh.count++], text, NT_ADDRESS_SIZE);
    }
    if (fresh.count == 0) return;
    stream->addresses = fresh;
    use_address(stream, turn);
}

const char *nt_stream_address(const nt_stream *stream) { return stream->config.address; }

int64_t nt_stream_certificate_end(const nt_stream *stream) { return stream->certificate_end_s; }

nt_stream_state nt_stream_get_state(const nt_stream *stream) { return stream->state; }

nt_stream_counters nt_stream_get_counters(const nt_stream *stream) { return stream->counters; }

int64_t nt_stream_last_data_ns(const nt_stream *stream) { return stream->last_data_ns; }
