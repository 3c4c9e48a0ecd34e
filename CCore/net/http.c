// http.c — one HTTP/1.1 exchange through libwebsockets' client, on the connector's thread.
//
// One connection per exchange: REST is for snapshots and rules, orders go through a stream.
// Redirects are not followed: a venue's API has none, and a request must not wander elsewhere.
#include "connector_private.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROBE_MS = 50, WRITE_PIECE = 16 * 1024, READ_PIECE = 16 * 1024, FIRST_BODY = 4096 };
enum { LOWEST_STATUS = 100, HIGHEST_STATUS = 599 };

static void __attribute__((format(printf, 2, 3)))
say(nt_exchange_state *exchange, const char *format, ...) {
    if (exchange->response->error[0] != 0) return; // The first reason is the true one.
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(exchange->response->error, sizeof exchange->response->error, format, arguments);
    va_end(arguments);
}

/// libwebsockets swallows the errno of a connect that failed later; one more try brings it out.
static int ask_again(const nt_exchange_state *exchange) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *address = NULL;
    char port[8];
    snprintf(port, sizeof port, "%u", exchange->request->port);
    if (getaddrinfo(exchange->address, port, &hints, &address) != 0) return 0;
    int error = 0;
    socklen_t size = sizeof error;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        error = errno;
        struct pollfd probe = {.fd = fd, .events = POLLOUT};
        int ready = 0;
        do ready = error == EINPROGRESS ? poll(&probe, 1, PROBE_MS) : 0;
        while (ready < 0 && errno == EINTR);
        if (ready == 1)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (fd >= 0) close(fd);
    freeaddrinfo(address);
    return error;
}

static nt_status refused(nt_exchange_state *exchange, int error, const char *library) {
    if (strcmp(library, "Unable to connect") == 0) error = ask_again(exchange);
    nt_refusal refusal = {.address = exchange->address,
                          .port = exchange->request->port,
                          .wsi = exchange->wsi,
                          .error = error,
                          .library = library};
    return nt_trust_explain(&refusal, exchange->response->error, sizeof exchange->response->error);
}

/// `in` points to the write position; `length` bytes are free there.
static int append_headers(nt_exchange_state *exchange, struct lws *wsi, char **position,
                          size_t length) {
    const nt_http_request *request = exchange->request;
    bool body = request->body != NULL && request->body_length > 0;
    bool may_have = body || strcmp(request->method, "GET") != 0;
    char count[48] = "";
    if (may_have)
        snprintf(count, sizeof count, "content-length: %u\r\n", body ? request->body_length : 0);
    const char *headers = request->headers != NULL ? request->headers : "";
    // Some venues refuse a client without a name.
    const char *name =
        strcasestr(headers, "user-agent:") == NULL ? "user-agent: needletail\r\n" : "";
    int written = snprintf(*position, length, "%s%s%s", name, count, headers);
    if (written < 0 || (size_t)written >= length) {
        say(exchange, "the request's headers are too long");
        return -1;
    }
    *position += written;
    exchange->response->sent = true; // From here on, bytes may leave this machine.
    if (body) {
        lws_client_http_body_pending(wsi, 1);
        lws_callback_on_writable(wsi);
    }
    return 0;
}

static int write_body(nt_exchange_state *exchange, struct lws *wsi) {
    uint8_t piece[LWS_PRE + WRITE_PIECE];
    uint32_t left = exchange->request->body_length - exchange->body_sent;
    if (exchange->request->body == NULL || left == 0) return 0;
    uint32_t count = left < WRITE_PIECE ? left : WRITE_PIECE;
    memcpy(piece + LWS_PRE, exchange->request->body + exchange->body_sent, count);
    enum lws_write_protocol kind = count == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
    if (lws_write(wsi, piece + LWS_PRE, count, kind) < 0) return -1;
    exchange->body_sent += count;
    if (count == left)
        lws_client_http_body_pending(wsi, 0);
    else
        lws_callback_on_writable(wsi);
    return 0;
}

/// Digits and nothing else; -1 otherwise. A date, a list or a fraction is not half a number.
static int64_t number_of(const char *text) {
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool whole = *text >= '0' && *text <= '9' && *end == 0;
    return whole && errno == 0 ? (int64_t)value : -1;
}

/// More than fits is as much as fits: cut to its low bits it would be a small number.
static int32_t weight_of(const char *text) {
    int64_t number = number_of(text);
    return number < INT32_MAX ? (int32_t)number : INT32_MAX;
}

/// A length that is no number is one that no body has.
static int64_t length_of(const char *text) {
    int64_t number = number_of(text);
    return number >= 0 ? number : INT64_MAX;
}

/// Nonzero closes the connection.
static int read_headers(nt_exchange_state *exchange, struct lws *wsi) {
    static const char weight[] = "x-mbx-used-weight-1m:";
    nt_http_response *response = exchange->response;
    char text[64];
    response->status = lws_http_client_http_response(wsi);
    response->certificate_end_s = nt_trust_certificate_end(wsi);
    if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_RETRY_AFTER) > 0)
        response->retry_after_s = number_of(text);
    if (lws_hdr_custom_copy(wsi, text, sizeof text, weight, sizeof weight - 1) > 0)
        response->used_weight = weight_of(text);
    if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0)
        exchange->expected = length_of(text);
    exchange->chunked = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
    if (response->status >= LOWEST_STATUS && response->status <= HIGHEST_STATUS) return 0;
    say(exchange, "the answer has no HTTP status");
    nt_connector_finish(exchange, NT_PROTOCOL);
    return -1;
}

static int append_body(nt_exchange_state *exchange, const uint8_t *bytes, size_t length) {
    nt_http_response *response = exchange->response;
    if (length > exchange->max_body - response->body_length) {
        say(exchange, "the answer is longer than %u bytes", exchange->max_body);
        nt_connector_finish(exchange, NT_FULL);
        return -1;
    }
    uint32_t needed = response->body_length + (uint32_t)length;
    if (needed + 1 > exchange->capacity) {
        uint32_t capacity = needed < FIRST_BODY ? FIRST_BODY : needed + needed / 2 + 1;
        uint8_t *grown = realloc(response->body, capacity);
        if (grown == NULL) {
            nt_connector_finish(exchange, NT_NO_MEMORY);
            return -1;
        }
        response->body = grown;
        exchange->capacity = capacity;
    }
    memcpy(response->body + response->body_length, bytes, length);
    response->body_length = needed;
    response->body[needed] = 0;
    return 0;
}

/// Reads what is there; libwebsockets undoes chunks and calls back with the bare bytes.
static int read_some(nt_exchange_state *exchange, struct lws *wsi) {
    char buffer[LWS_PRE + READ_PIECE];
    char *at = buffer + LWS_PRE;
    int length = READ_PIECE;
    exchange->read_start = at;
    exchange->read_at = &at;
    int result = lws_http_client_read(wsi, &at, &length);
    // The exchange may be finished, and its caller gone: only libwebsockets' pointer is safe.
    if (result < 0) return -1;
    exchange = lws_get_opaque_user_data(wsi);
    if (exchange == NULL) return -1;
    exchange->read_at = NULL;
    return 0;
}

/// libwebsockets calls a chunked answer complete also when the peer hung up in the middle. The last
/// chunk was truly read only when this very read used bytes of our buffer.
static bool broke_off(const nt_exchange_state *exchange) {
    if (exchange->expected >= 0) return exchange->response->body_length < exchange->expected;
    if (!exchange->chunked) return false;
    return exchange->read_at == NULL || *exchange->read_at == exchange->read_start;
}

static int complete(nt_exchange_state *exchange) {
    nt_http_response *response = exchange->response;
    if (broke_off(exchange)) {
        say(exchange, "the answer broke off after %u bytes", response->body_length);
        nt_connector_finish(exchange, NT_IO);
        return -1;
    }
    if (response->body == NULL && append_body(exchange, (const uint8_t *)"", 0) != 0) return -1;
    nt_connector_finish(exchange, NT_OK);
    return -1;
}

static void lost(nt_exchange_state *exchange) {
    say(exchange, "%s:%u hung up before the answer was complete", exchange->address,
        exchange->request->port);
    nt_connector_finish(exchange, NT_IO);
}

static int on_exchange(nt_exchange_state *exchange, struct lws *wsi,
                       enum lws_callback_reasons reason, void *in, size_t length) {
    // A failure inside the connecting call is reported by nt_http_start.
    bool ends = reason == LWS_CALLBACK_WSI_DESTROY || reason == LWS_CALLBACK_CLOSED_CLIENT_HTTP;
    if (ends && exchange->connector->starting == exchange) return 0;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return append_headers(exchange, wsi, in, length);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return write_body(exchange, wsi);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        return read_headers(exchange, wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return read_some(exchange, wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return append_body(exchange, in, length);
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        return complete(exchange);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: {
        nt_status status = refused(exchange, errno, in != NULL ? in : "");
        nt_connector_finish(exchange, status);
        return 0;
    }
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        lost(exchange);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        exchange->wsi = NULL;
        lost(exchange);
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
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY: {
        nt_exchange_state *exchange = lws_get_opaque_user_data(wsi);
        if (exchange != NULL) return on_exchange(exchange, wsi, reason, in, length);
        return reason == LWS_CALLBACK_RECEIVE_CLIENT_HTTP ? -1 : 0;
    }
    default:
        return 0;
    }
}

const struct lws_protocols nt_http_protocols[] = {{.name = "http-client",
                                                   .callback = callback,
                                                   .rx_buffer_size = NT_CLIENT_BUFFER,
                                                   .tx_packet_size = NT_CLIENT_BUFFER},
                                                  {0}};

void nt_http_start(nt_exchange_state *exchange) {
    nt_connector *connector = exchange->connector;
    const nt_http_request *request = exchange->request;
    struct lws_vhost *vhost = NULL;
    const char *ca_file = request->plain_text ? "" : request->ca_file;
    nt_status status = nt_trust_find(&connector->trust, ca_file, &vhost);
    if (status != NT_OK) {
        say(exchange, "%s", nt_last_error());
        nt_connector_finish(exchange, status);
        return;
    }
    struct lws_client_connect_info info = {0};
    info.context = connector->context;
    info.vhost = vhost;
    info.address = exchange->address;
    info.port = request->port;
    info.host = exchange->host_header;
    info.path = request->target;
    info.method = request->method;
    info.alpn = "http/1.1";
    info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
    if (!request->plain_text) info.ssl_connection |= LCCSCF_USE_SSL;
    info.local_protocol_name = nt_http_protocols[0].name;
    info.opaque_user_data = exchange;
    info.pwsi = &exchange->wsi;
    connector->starting = exchange;
    errno = 0;
    bool started = lws_client_connect_via_info(&info) != NULL;
    int error = errno;
    connector->starting = NULL;
    if (started) return;
    exchange->wsi = NULL; // Already freed.
    nt_connector_finish(exchange, refused(exchange, error, ""));
}
