// stream_lws.c — libwebsockets' side of a stream: context, connecting, and its callback.
//
// The callback only translates: upgraded, fragment, close frame, gone. What they mean for the
// stream is decided in stream.c, what becomes of the connection in wire.c.
#include "net_private.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { DESCRIPTORS_PER_WIRE = 2, MAX_CLOSE_TEXT = 120 };

static nt_wire *wire_of(struct lws *wsi) { return lws_get_opaque_user_data(wsi); }

/// The first reason is the true one; what follows are its consequences.
static void note_refusal(nt_wire *wire, int error, int http_status, const char *library) {
    if (wire->stream == NULL || wire->reason[0] != 0) return;
    nt_refusal refusal = {.address = wire->stream->config.address,
                          .port = wire->stream->config.port,
                          .wsi = wire->wsi,
                          .error = error,
                          .http_status = http_status,
                          .library = library};
    nt_trust_explain(&refusal, wire->reason, sizeof wire->reason);
}

/// Looks whether a connecting socket failed, before libwebsockets swallows the reason.
static void probe_socket(nt_wire *wire) {
    if (wire->wsi == NULL || wire->reached || wire->stream == NULL) return;
    struct pollfd probe = {.fd = lws_get_socket_fd(wire->wsi), .events = POLLOUT};
    if (probe.fd < 0 || poll(&probe, 1, 0) != 1) return;
    if ((probe.revents & POLLERR) == 0) {
        wire->reached = true;
        return;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(probe.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    note_refusal(wire, error, 0, "");
    nt_wire_end(wire, 0);
}

static void record_close(nt_wire *wire, const uint8_t *bytes, size_t length) {
    wire->peer_closed = true;
    if (length < 2) {
        snprintf(wire->reason, sizeof wire->reason, "peer closed without a code");
        return;
    }
    int code = bytes[0] << 8 | bytes[1];
    int count = length - 2 < MAX_CLOSE_TEXT ? (int)length - 2 : MAX_CLOSE_TEXT;
    snprintf(wire->reason, sizeof wire->reason,
             count > 0 ? "peer closed: %d %.*s" : "peer closed: %d", code, count, bytes + 2);
    for (char *c = wire->reason; *c != 0; c++) // It goes to terminals and logs.
        if (*c < ' ' || *c == 0x7f) *c = '?';
}

/// Belt and braces: libwebsockets has verified, else the handshake would have failed.
static bool trusted(const nt_wire *wire, struct lws *wsi) {
    if (wire->plain) return true;
    SSL *ssl = lws_get_ssl(wsi);
    return ssl != NULL && SSL_get0_peer_certificate(ssl) != NULL &&
           SSL_get_verify_result(ssl) == X509_V_OK;
}

static int established(nt_wire *wire, struct lws *wsi) {
    if (wire->stream == NULL || wire->doomed) return -1;
    if (!trusted(wire, wsi)) {
        snprintf(wire->reason, sizeof wire->reason, "certificate not trusted");
        return -1;
    }
    wire->stream->certificate_end_s = wire->plain ? 0 : nt_trust_certificate_end(wsi);
    if (nt_wire_swap(wire) != NT_OK) {
        snprintf(wire->reason, sizeof wire->reason, "cannot take over: %.200s", nt_last_error());
        return -1;
    }
    wire->state = NT_WIRE_OPEN;
    wire->received_ns = nt_net_now(wire->net); // Frames may have come with the answer.
    nt_stream_opened(wire->stream);
    return 0;
}

/// Nonzero asks libwebsockets to close; the code was set before.
static int end_if_asked(nt_wire *wire, struct lws *wsi) {
    if (wire->doomed) return -1;
    if (!wire->close_wanted) return 0;
    wire->close_started = true;
    lws_close_reason(wsi, (enum lws_close_status)wire->close_code, NULL, 0);
    return -1;
}

/// Never asks libwebsockets to close from here: it would leave its buffer full, and while it waits
/// for the peer's close frame write the rest of the frame behind it. The sweep closes.
static int received(nt_wire *wire, struct lws *wsi, const uint8_t *bytes, size_t length) {
    // Where libwebsockets reads plain text itself, this is the only sign of life.
    if (wire->plain) nt_stream_heard(wire, nt_net_now(wire->net), length);
    nt_stream_fragment(wire, bytes, length, lws_remaining_packet_payload(wsi),
                       lws_is_first_fragment(wsi), lws_is_final_fragment(wsi));
    return 0;
}

static void closed(nt_wire *wire, struct lws *wsi) {
    SSL *ssl = wire->plain ? NULL : lws_get_ssl(wsi);
    if (ssl != NULL && (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0) wire->eof = true;
    if (wire->plain && !wire->peer_closed) wire->eof = true;
}

/// Some venues refuse a client without a name. `position`: where the header may be written.
static int introduce(char **position, size_t room) {
    static const char name[] = "user-agent: needletail\r\n";
    if (room < sizeof name) return -1;
    memcpy(*position, name, sizeof name - 1);
    *position += sizeof name - 1;
    return 0;
}

static int on_wire(nt_wire *wire, struct lws *wsi, enum lws_callback_reasons reason, void *in,
                   size_t length) {
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return introduce(in, length);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        wire->wsi = wsi;
        note_refusal(wire, errno, (int)lws_http_client_http_response(wsi), in != NULL ? in : "");
        return 0;
    case LWS_CALLBACK_CLIENT_HTTP_REDIRECT: // Whoever is trusted, nobody moves us elsewhere.
        note_refusal(wire, 0, (int)length, "HS: ws upgrade");
        return -1;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        return established(wire, wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return received(wire, wsi, in, length);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (wire->plain) nt_stream_heard(wire, nt_net_now(wire->net), length);
        nt_stream_completed(wire);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return end_if_asked(wire, wsi);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        record_close(wire, in, length);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        closed(wire, wsi);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        nt_wire_orphaned(wire);
        return 0;
    default:
        return 0;
    }
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
    (void)user;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY: {
        nt_wire *wire = wire_of(wsi);
        return wire == NULL ? 0 : on_wire(wire, wsi, reason, in, length);
    }
    default:
        return 0;
    }
}

// Frames leave in one piece: libwebsockets would keep the rest beyond tx_packet_size for later.
static const struct lws_protocols protocols[] = {{.name = "needletail",
                                                  .callback = callback,
                                                  .rx_buffer_size = NT_CLIENT_BUFFER,
                                                  .tx_packet_size = 2 * NT_SEND_CAPACITY},
                                                 {0}};

struct lws_context *nt_lws_context(nt_net *net) {
    lws_set_log_level(0, NULL);
    struct lws_context_creation_info info = nt_trust_info(protocols);
    info.max_http_header_pool = (uint16_t)net->wire_count;
    info.fd_limit_per_thread = DESCRIPTORS_PER_WIRE * net->wire_count + 16;
    info.user = net;
    net->trust.protocols = protocols;
    net->trust.context = lws_create_context(&info);
    return net->trust.context;
}

static struct lws_client_connect_info connect_info(nt_stream *stream, nt_wire *wire) {
    const nt_stream_config *config = &stream->config;
    struct lws_client_connect_info info = {0};
    info.context = stream->net->context;
    info.vhost = stream->trust;
    info.address = config->address;
    info.port = config->port;
    info.host = stream->host_header;
    info.path = config->path;
    info.alpn = "http/1.1";
    info.ssl_connection = config->plain_text ? 0 : LCCSCF_USE_SSL;
    info.local_protocol_name = protocols[0].name;
    info.opaque_user_data = wire;
    info.pwsi = &wire->wsi;
    return info;
}

void nt_lws_connect(nt_stream *stream) {
    nt_net *net = stream->net;
    nt_wire *wire = nt_wire_take(net, stream);
    if (wire == NULL) {
        nt_stream_lost(stream, "too many connections are still closing");
        return;
    }
    stream->wire = wire;
    wire->deadline_ns = nt_net_now(net) + (int64_t)stream->config.connect_timeout_ms * 1000000;
    struct lws_client_connect_info info = connect_info(stream, wire);
    net->attempt = wire;
    net->depth++;
    errno = 0;
    bool started = lws_client_connect_via_info(&info) != NULL;
    int error = errno;
    net->depth--;
    net->attempt = NULL;
    if (started) return;
    wire->stream = stream;
    wire->wsi = NULL; // Already freed, perhaps without LWS_CALLBACK_WSI_DESTROY.
    note_refusal(wire, error, 0, "");
    stream->wire = NULL;
    wire->stream = NULL;
    wire->wsi = NULL; // Already freed, perhaps without LWS_CALLBACK_WSI_DESTROY.
    wire->state = NT_WIRE_FREE;
    nt_stream_lost(stream, wire->reason);
}

void nt_lws_service(nt_net *net) {
    for (uint32_t i = 0; net->unsettled > 0 && i < net->wire_count; i++)
        if (net->wires[i].state == NT_WIRE_CONNECTING) probe_socket(&net->wires[i]);
    net->depth++;
    lws_service(net->context, -1);
    net->depth--;
}
