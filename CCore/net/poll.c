// poll.c — the way without io_uring: libwebsockets reads and writes its sockets itself.
//
// lws_service() with a positive time ignores it, so the bounded wait is our own ppoll() on the same
// descriptors. Bytes, ends and errors are seen through a callback on libwebsockets' socket BIO.
#include "net_private.h"

#include <errno.h>
#include <poll.h>

/// OpenSSL's signature: `operation` with BIO_CB_RETURN set comes after the call.
static long watch(BIO *bio, int operation, const char *bytes, size_t length, int number, long big,
                  int result, size_t *processed) {
    (void)bytes, (void)length, (void)number, (void)big;
    nt_wire *wire = (nt_wire *)BIO_get_callback_arg(bio);
    if (operation == (BIO_CB_READ | BIO_CB_RETURN)) {
        if (result > 0) {
            nt_stream_heard(wire, nt_net_now(wire->net), processed != NULL ? *processed : 0);
        } else if (!BIO_should_retry(bio)) {
            wire->eof = result == 0 || errno == 0;
            if (!wire->eof) wire->error = errno;
        }
    }
    if (operation == (BIO_CB_WRITE | BIO_CB_RETURN) && result > 0) nt_stream_answered(wire);
    return result;
}

void nt_poll_watch(nt_wire *wire) {
    if (wire->plain) return;
    BIO *bio = SSL_get_rbio(lws_get_ssl(wire->wsi));
    BIO_set_callback_arg(bio, (char *)wire);
    BIO_set_callback_ex(bio, watch);
}

void nt_poll_service(nt_net *net) {
    uint32_t before = net->progress;
    nt_lws_service(net);
    // What was read may ask for an answer (a pong): one more round sends it now.
    if (net->progress != before) nt_lws_service(net);
}

void nt_poll_wait(nt_net *net, int64_t wait_ns) {
    struct pollfd descriptors[2 * NT_MAX_STREAMS + 32];
    nfds_t count = 0;
    descriptors[count++] = (struct pollfd){.fd = net->wake_fd, .events = POLLIN};
    for (uint32_t i = 0; i < net->wire_count; i++) {
        const nt_wire *wire = &net->wires[i];
        if (wire->wsi == NULL || wire->lws_fd < 0) continue;
        short events = lws_partial_buffered(wire->wsi) ? POLLIN | POLLOUT : POLLIN;
        descriptors[count++] = (struct pollfd){.fd = wire->lws_fd, .events = events};
    }
    struct timespec limit = {.tv_sec = wait_ns / 1000000000, .tv_nsec = wait_ns % 1000000000};
    ppoll(descriptors, count, &limit, NULL);
    if (descriptors[0].revents != 0) {
        uint64_t ignored;
        if (read(net->wake_fd, &ignored, sizeof ignored) > 0) net->progress++;
    }
}
