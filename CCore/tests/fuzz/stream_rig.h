// stream_rig.h — a real stream and its peer on one thread, so that any bytes can be put on the way
// between them: TCP over loopback, with TLS or without, moved by io_uring or by libwebsockets.
#ifndef STREAM_RIG_H
#define STREAM_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../temporary.h"
#include "nt/server.h"
#include "nt/stream.h"

enum {
    RIG_MAX_MESSAGE = 64 * 1024, ///< Longer messages must end the connection.
    RIG_MAX_TURNS = 200000,      ///< Seconds; then the stream hangs.
    RIG_WAIT_NS = 200 * 1000,
    RIG_HEAD = 4096,
    RIG_ACCEPT = 28, ///< Characters of Sec-WebSocket-Accept.
};

/// What the peer does with one connection, in this order.
typedef enum { RIG_LISTEN, RIG_SHAKE, RIG_REQUEST, RIG_SEND, RIG_HUNG_UP } rig_stage;

typedef struct {
    const uint8_t *bytes;
    size_t length;
} rig_bytes;

typedef struct stream_rig {
    nt_net *net;
    nt_stream *stream;
    SSL_CTX *context; ///< NULL: plain text.
    int listener, fd;
    SSL *ssl;
    rig_stage stage;
    char request[RIG_HEAD], accept[RIG_ACCEPT + 1];
    size_t requested, sent;
    size_t first, piece; ///< How much is sent at once: first, then each time; at least one.
    rig_bytes out;
    bool opened, ended;
    char reason[256];
    /// Makes `out` of the request, once `accept` is known.
    void (*answer)(struct stream_rig *rig);
    void (*on_message)(const uint8_t *bytes, uint32_t length);
} stream_rig;

static char rig_folder[TEMPORARY_PATH];

static void rig_remove_folder(void) { remove_temporary(rig_folder); }

static inline const char *rig_certificates(void) {
    if (rig_folder[0] != 0) return rig_folder;
    if (!make_temporary(rig_folder) || nt_server_make_certificates(rig_folder) != NT_OK) abort();
    atexit(rig_remove_folder);
    return rig_folder;
}

static inline void rig_state(void *context, nt_stream *stream, nt_stream_state state,
                             const char *reason) {
    (void)stream;
    stream_rig *rig = context;
    if (state == NT_STREAM_OPEN) {
        if (rig->ended) abort(); // The next life begins with the next input.
        rig->opened = true;
    }
    if (state != NT_STREAM_WAITING) return;
    if (reason[0] == 0) abort(); // Every end has a reason.
    rig->ended = true;
    snprintf(rig->reason, sizeof rig->reason, "%s", reason);
}

static inline void rig_message(void *context, nt_stream *stream, const uint8_t *bytes,
                               uint32_t length, int64_t received_ns) {
    (void)stream;
    const stream_rig *rig = context;
    if (!rig->opened || rig->ended || length > RIG_MAX_MESSAGE || received_ns <= 0) abort();
    rig->on_message(bytes, length);
}

static inline uint16_t rig_listen(stream_rig *rig) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    rig->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(rig->listener, (struct sockaddr *)&address, size) != 0) abort();
    if (listen(rig->listener, 16) != 0) abort();
    getsockname(rig->listener, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

static inline SSL_CTX *rig_server_context(void) {
    char path[TEMPORARY_PATH + 16];
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    snprintf(path, sizeof path, "%s/server.pem", rig_certificates());
    if (SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM) != 1) abort();
    snprintf(path, sizeof path, "%s/server.key", rig_certificates());
    if (SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) != 1) abort();
    return context;
}

/// Lives as long as the process.
static inline stream_rig *rig_create(bool tls, bool refuse_ring) {
    char ca_file[TEMPORARY_PATH + 16];
    stream_rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL) abort();
    rig->fd = -1;
    const uint16_t port = rig_listen(rig);
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", rig_certificates());
    if (tls) rig->context = rig_server_context();
    const nt_net_config net = {.max_streams = 1,
                               .clock = nt_clock_system(),
                               .random = nt_random_seeded(7),
                               .refuse_ring = refuse_ring};
    if (nt_net_create(&net, &rig->net) != NT_OK) abort();
    const nt_stream_config stream = {.address = "127.0.0.1",
                                     .port = port,
                                     .host = "localhost",
                                     .path = "/stream",
                                     .ca_file = ca_file,
                                     .plain_text = !tls,
                                     .max_message = RIG_MAX_MESSAGE,
                                     .connect_timeout_ms = 60000,
                                     .reconnect = true,
                                     .context = rig,
                                     .on_message = rig_message,
                                     .on_state = rig_state};
    rig->ended = true;
    if (nt_stream_open(rig->net, &stream, &rig->stream) != NT_OK) abort();
    return rig;
}

// --- the peer: one step, as far as its socket lets it -----------------------------------------

static inline void rig_drop(stream_rig *rig) {
    if (rig->ssl != NULL) SSL_free(rig->ssl);
    // A reset, so that no port waits for stragglers.
    const struct linger now = {.l_onoff = 1};
    if (rig->fd >= 0) {
        setsockopt(rig->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(rig->fd);
    }
    rig->ssl = NULL;
    rig->fd = -1;
}

static inline void rig_take(stream_rig *rig) {
    rig->fd = accept4(rig->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (rig->fd < 0) return;
    const int on = 1, room = 1 << 20;
    setsockopt(rig->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(rig->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    rig->stage = rig->context != NULL ? RIG_SHAKE : RIG_REQUEST;
    if (rig->context == NULL) return;
    rig->ssl = SSL_new(rig->context);
    SSL_set_fd(rig->ssl, rig->fd);
}

static inline void rig_make_accept(stream_rig *rig) {
    char text[128];
    uint8_t digest[SHA_DIGEST_LENGTH], encoded[RIG_ACCEPT + 1];
    const char *key = strcasestr(rig->request, "sec-websocket-key: ");
    if (key == NULL) abort();
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
    SHA1((uint8_t *)text, strlen(text), digest);
    EVP_EncodeBlock(encoded, digest, sizeof digest);
    memcpy(rig->accept, encoded, sizeof encoded);
}

static inline void rig_read_request(stream_rig *rig) {
    char *at = rig->request + rig->requested;
    const size_t room = sizeof rig->request - 1 - rig->requested;
    const ssize_t got = rig->ssl != NULL ? SSL_read(rig->ssl, at, (int)room)
                                         : recv(rig->fd, at, room, MSG_DONTWAIT);
    if (got <= 0) return;
    rig->requested += (size_t)got;
    rig->request[rig->requested] = 0;
    if (strstr(rig->request, "\r\n\r\n") == NULL) return;
    rig_make_accept(rig);
    rig->answer(rig);
    rig->stage = RIG_SEND;
}

/// The next piece; behind the last one the end of the stream, so that nothing sent is lost.
static inline void rig_send(stream_rig *rig) {
    size_t length = rig->sent == 0 ? rig->first : rig->piece;
    if (length > rig->out.length - rig->sent) length = rig->out.length - rig->sent;
    if (length > 0) {
        const uint8_t *at = rig->out.bytes + rig->sent;
        const ssize_t sent = rig->ssl != NULL ? SSL_write(rig->ssl, at, (int)length)
                                              : send(rig->fd, at, length, MSG_NOSIGNAL);
        if (sent > 0) rig->sent += (size_t)sent;
        const bool later = rig->ssl != NULL
                               ? SSL_get_error(rig->ssl, (int)sent) == SSL_ERROR_WANT_WRITE
                               : errno == EAGAIN;
        if (sent > 0 || later) return;
    }
    if (rig->ssl != NULL) SSL_shutdown(rig->ssl);
    shutdown(rig->fd, SHUT_WR);
    rig->stage = RIG_HUNG_UP;
}

static inline void rig_step(stream_rig *rig) {
    if (rig->stage == RIG_LISTEN) rig_take(rig);
    if (rig->stage == RIG_SHAKE && SSL_accept(rig->ssl) == 1) rig->stage = RIG_REQUEST;
    if (rig->stage == RIG_REQUEST) rig_read_request(rig);
    if (rig->stage == RIG_SEND) rig_send(rig);
}

/// One connection from its beginning to its end.
static inline void rig_run(stream_rig *rig) {
    rig->opened = rig->ended = false;
    rig->stage = RIG_LISTEN;
    rig->requested = rig->sent = 0;
    if (nt_stream_get_state(rig->stream) == NT_STREAM_WAITING) {
        nt_stream_restart(rig->stream, "next input");
        rig->ended = false;
    }
    for (uint32_t turns = 0; !rig->ended; turns++) {
        if (turns == RIG_MAX_TURNS) abort(); // It hangs.
        nt_net_turn(rig->net, RIG_WAIT_NS);
        rig_step(rig);
    }
    rig_drop(rig);
}

#endif
