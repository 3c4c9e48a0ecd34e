// wire.c — one TCP connection from the upgrade to its last descriptor.
//
// After the upgrade the descriptor libwebsockets polls is replaced by a dummy (one end of a socket
// pair: never readable, always writable), and the SSL object reads and writes through our BIO. Our
// descriptor's life is then our own: libwebsockets may close its number, and the kernel may give
// it to the next connection, while our receive is still armed.
//
// Closing, in this order: flush for at most a second, cancel a stuck send, cancel the receive,
// wait until no operation is in flight, then free the SSL object, the descriptor and the slot.
#include "net_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_DRAIN_TURNS = 4, CLOSE_TURNS = 3, KEEPALIVE_S = 10, UNSENT_LIMIT_MS = 15000 };

nt_wire *nt_wire_take(nt_net *net, nt_stream *stream) {
    for (uint32_t i = 0; i < net->wire_count; i++) {
        nt_wire *wire = &net->wires[i];
        if (wire->state != NT_WIRE_FREE) continue;
        *wire = (nt_wire){.net = net,
                          .stream = stream,
                          .fd = -1,
                          .lws_fd = -1,
                          .pair = -1,
                          .state = NT_WIRE_CONNECTING,
                          .plain = stream->config.plain_text,
                          .generation = wire->generation + 1,
                          .side = wire->side,
                          .send_ring = wire->send_ring};
        nt_net_stir(net);
        return wire;
    }
    return NULL;
}

static void release(nt_wire *wire) {
    NT_ASSERT(wire->inflight == 0 && wire->held == 0);
    if (wire->ssl != NULL) SSL_free(wire->ssl);
    if (wire->fd >= 0) close(wire->fd);
    if (wire->pair >= 0) close(wire->pair);
    wire->ssl = NULL;
    wire->fd = wire->pair = wire->lws_fd = -1;
    wire->stream = NULL;
    wire->wsi = NULL;
    wire->state = NT_WIRE_FREE;
}

/// A peer that vanished without a word is found by the kernel too, not only by our silence timer.
static void tune(int fd) {
    int on = 1, idle = KEEPALIVE_S, limit = UNSENT_LIMIT_MS;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

/// Puts one end of a fresh socket pair under libwebsockets' number.
static nt_status leave_dummy(nt_wire *wire) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return nt_fail(NT_IO, "socketpair: %s", strerror(errno));
    int result = dup3(pair[0], wire->lws_fd, O_CLOEXEC);
    close(pair[0]);
    wire->pair = pair[1];
    return result < 0 ? nt_fail(NT_IO, "dup3: %s", strerror(errno)) : NT_OK;
}

nt_status nt_wire_swap(nt_wire *wire) {
    wire->lws_fd = lws_get_socket_fd(wire->wsi);
    tune(wire->lws_fd);
    // libwebsockets asks OpenSSL to free its buffers when idle: an allocation for every message.
    SSL *ssl = wire->plain ? NULL : lws_get_ssl(wire->wsi);
    if (ssl != NULL) SSL_clear_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    if (!wire->net->uring.ready) {
        nt_poll_watch(wire);
        return NT_OK;
    }
    wire->fd = fcntl(wire->lws_fd, F_DUPFD_CLOEXEC, 3);
    if (wire->fd < 0) return nt_fail(NT_IO, "dup: %s", strerror(errno));
    if (wire->plain) { // No BIO to stand in: the ring only says when libwebsockets should read.
        nt_uring_poll(wire);
        return NT_OK;
    }
    BIO *bio = nt_bio_create(wire);
    if (bio == NULL) return nt_fail(NT_NO_MEMORY, "no memory for a BIO");
    nt_status status = leave_dummy(wire);
    if (status != NT_OK) {
        BIO_free(bio);
        return status;
    }
    SSL_up_ref(ssl);
    wire->ssl = ssl;
    SSL_set_bio(ssl, bio, bio); // Frees libwebsockets' socket BIO; does not close the descriptor.
    nt_uring_receive(wire);
    return NT_OK;
}

static void service(nt_wire *wire, short events) {
    struct lws_pollfd poll = {
        .fd = wire->lws_fd, .events = LWS_POLLIN | LWS_POLLOUT, .revents = events};
    wire->net->depth++;
    lws_service_fd(wire->net->context, &poll);
    wire->net->depth--;
}

static uint32_t unread(const nt_wire *wire) {
    uint32_t decrypted = wire->ssl != NULL ? (uint32_t)SSL_pending(wire->ssl) : 0;
    return wire->slice_length + wire->side_length + decrypted;
}

/// Writable as well as readable: so each ping is answered before the next one is read.
void nt_wire_drain(nt_wire *wire) {
    uint32_t idle = 0;
    do {
        uint32_t before = unread(wire);
        if (wire->wsi == NULL || wire->net->depth > 0) break;
        service(wire, LWS_POLLIN | LWS_POLLOUT);
        idle = unread(wire) < before ? 0 : idle + 1;
    } while (wire->wsi != NULL && (unread(wire) > 0 || wire->eof || wire->error != 0) &&
             idle < IDLE_DRAIN_TURNS);
    if (wire->wsi != NULL && (wire->eof || wire->error != 0)) nt_wire_end(wire, 0);
    nt_uring_send(wire);
}

/// Keeps what libwebsockets did not take; a wire that cannot keep up is cut.
static void put_aside(nt_wire *wire, const uint8_t *bytes, uint32_t length) {
    if (wire->side_head > 0) {
        memmove(wire->side, wire->side + wire->side_head, wire->side_length);
        wire->side_head = 0;
    }
    if (length > NT_SIDE_CAPACITY - wire->side_length) {
        wire->error = ENOBUFS;
        return;
    }
    memcpy(wire->side + wire->side_length, bytes, length);
    wire->side_length += length;
}

void nt_wire_received(nt_wire *wire, const uint8_t *bytes, int32_t result, int64_t received_ns) {
    if (result > 0) {
        nt_stream_heard(wire, received_ns, (uint64_t)result);
        if (wire->side_length > 0) {
            put_aside(wire, bytes, (uint32_t)result);
        } else {
            wire->slice = bytes;
            wire->slice_length = (uint32_t)result;
        }
    } else if (result == 0) {
        wire->eof = true;
    } else if (wire->error == 0) {
        wire->error = -result;
    }
    nt_wire_drain(wire);
    if (wire->slice_length > 0 && wire->wsi != NULL)
        put_aside(wire, wire->slice, wire->slice_length);
    wire->slice_length = 0;
}

void nt_wire_explain(const nt_wire *wire, char *text, size_t capacity) {
    if (wire->peer_closed || wire->reason[0] != 0)
        snprintf(text, capacity, "%s", wire->reason);
    else if (wire->error != 0)
        snprintf(text, capacity, "connection lost: %s", strerror(wire->error));
    else if (wire->eof || (wire->ssl != NULL && SSL_get_shutdown(wire->ssl) != 0))
        snprintf(text, capacity, "peer hung up without a close frame");
    else
        snprintf(text, capacity, "connection broken: not valid TLS or WebSocket data");
}

void nt_wire_orphaned(nt_wire *wire) {
    nt_net *net = wire->net;
    nt_stream *stream = wire->stream;
    char text[NT_MAX_TEXT];
    nt_wire_explain(wire, text, sizeof text);
    wire->wsi = NULL;
    wire->stream = NULL;
    wire->lws_fd = -1;
    if (wire->pair >= 0) close(wire->pair);
    wire->pair = -1;
    if (wire->fd < 0) {
        release(wire);
    } else {
        wire->state = NT_WIRE_LINGER;
        wire->deadline_ns = nt_net_now(net) + NT_FLUSH_NS;
        // libwebsockets as a client never says close_notify.
        if (wire->ssl != NULL && !wire->eof && wire->error == 0) SSL_shutdown(wire->ssl);
        nt_uring_send(wire);
    }
    nt_net_stir(net);
    if (stream == NULL || net->attempt == wire) return;
    stream->wire = NULL;
    nt_stream_lost(stream, text);
}

static void linger(nt_wire *wire, int64_t now_ns) {
    bool unsent = wire->sending || wire->send_head != wire->send_tail;
    if (unsent && wire->error == 0 && now_ns < wire->deadline_ns) {
        nt_uring_send(wire);
        return;
    }
    if (!wire->cancelled) {
        wire->cancelled = true;
        wire->send_head = wire->send_tail;
        if (wire->sending) nt_uring_cancel(wire, NT_OP_SEND);
        if (wire->receiving) nt_uring_cancel(wire, NT_OP_RECEIVE);
        if (wire->polling) nt_uring_cancel(wire, NT_OP_POLL);
    }
    if (wire->inflight == 0 && wire->held == 0) release(wire);
}

void nt_wire_step(nt_wire *wire, int64_t now_ns) {
    if (wire->state == NT_WIRE_LINGER) linger(wire, now_ns);
    if (wire->state == NT_WIRE_OPEN || wire->state == NT_WIRE_CLOSING) nt_uring_send(wire);
    if (wire->state == NT_WIRE_CLOSING && now_ns > wire->deadline_ns) nt_wire_end(wire, 0);
}

void nt_wire_end(nt_wire *wire, uint16_t code) {
    if (wire->wsi == NULL) return;
    if (code != 0 && wire->state == NT_WIRE_OPEN) {
        wire->state = NT_WIRE_CLOSING;
        wire->close_wanted = true;
        wire->close_code = code;
        wire->deadline_ns = nt_net_now(wire->net) + NT_FLUSH_NS;
    } else {
        wire->doomed = true;
    }
    wire->net->sweep_wanted = true;
    nt_net_stir(wire->net);
    if (wire->net->depth == 0) nt_wire_sweep(wire->net);
}

static void kill_now(nt_wire *wire) {
    // What libwebsockets still holds back would keep the connection for seconds.
    if (!wire->net->uring.ready && wire->lws_fd >= 0) shutdown(wire->lws_fd, SHUT_RDWR);
    wire->net->depth++;
    lws_set_timeout(wire->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
    wire->net->depth--;
}

static void start_close(nt_wire *wire) {
    wire->close_started = true;
    lws_callback_on_writable(wire->wsi);
    // First turn: the callback names the code. Second: the close frame is written.
    for (uint32_t i = 0; i < CLOSE_TURNS && wire->wsi != NULL; i++) service(wire, LWS_POLLOUT);
    nt_uring_send(wire);
}

void nt_wire_sweep(nt_net *net) {
    if (!net->sweep_wanted || net->depth > 0) return;
    net->sweep_wanted = false;
    for (uint32_t i = 0; i < net->wire_count; i++) {
        nt_wire *wire = &net->wires[i];
        if (wire->wsi == NULL) continue;
        if (wire->doomed)
            kill_now(wire);
        else if (wire->close_wanted && !wire->close_started)
            start_close(wire);
    }
    if (net->uring.ready) nt_uring_submit(net);
}
