// net.c — one thread's network: libwebsockets' context, the ring, and the turn that drives both.
//
// A turn first takes what is ready. Only when nothing was does it wait, in the ring (or in ppoll
// where the ring is refused), and never past the next timer. libwebsockets' own timers run every
// NT_TICK_NS; while a wire connects or closes, every turn, because its handshake is driven by
// lws_service() alone. Those turns sleep at most NT_BUSY_TICK_NS, so that they do not spin.
#include "net_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { DESTROY_WAIT_MS = 400, CANCEL_WAIT_MS = 2000 };

static nt_status allocate(nt_net *net) {
    net->wire_count = 2 * net->config.max_streams + 16;
    net->streams = calloc(net->config.max_streams, sizeof *net->streams);
    net->wires = calloc(net->wire_count, sizeof *net->wires);
    net->send_copy = calloc(1, LWS_PRE + NT_SEND_CAPACITY);
    if (net->streams == NULL || net->wires == NULL || net->send_copy == NULL) return NT_NO_MEMORY;
    for (uint32_t i = 0; i < net->wire_count; i++) {
        nt_wire *wire = &net->wires[i];
        wire->side = calloc(1, NT_SIDE_CAPACITY);
        wire->send_ring = calloc(1, NT_SEND_CAPACITY);
        wire->fd = wire->lws_fd = wire->pair = -1;
        if (wire->side == NULL || wire->send_ring == NULL) return NT_NO_MEMORY;
    }
    return NT_OK;
}

static void release_all(nt_net *net) {
    if (net->uring.ready) nt_uring_close(net);
    if (net->wake_fd >= 0) close(net->wake_fd);
    for (uint32_t i = 0; net->wires != NULL && i < net->wire_count; i++) {
        free(net->wires[i].side);
        free(net->wires[i].send_ring);
    }
    for (uint32_t i = 0; i < net->stream_count; i++) free(net->streams[i].assembly);
    free(net->streams);
    free(net->wires);
    free(net->send_copy);
    free(net);
}

nt_status nt_net_create(const nt_net_config *config, nt_net **out) {
    if (config->max_streams < 1 || config->max_streams > NT_MAX_STREAMS)
        return nt_fail(NT_INVALID, "max_streams must be 1 to %d", NT_MAX_STREAMS);
    nt_net *net = calloc(1, sizeof *net);
    if (net == NULL) return NT_NO_MEMORY;
    net->config = *config;
    net->pooled = nt_crypto_memory_installed();
    net->wake_fd = eventfd(0, EFD_CLOEXEC);
    nt_status status = net->wake_fd < 0 ? nt_fail(NT_IO, "eventfd: %s", strerror(errno)) : NT_OK;
    if (status == NT_OK) status = allocate(net);
    if (status == NT_OK && !config->refuse_ring) {
        status = nt_uring_open(net);
        if (status == NT_NO_RING) status = NT_OK; // The plain way; nt_net_kind() says so.
    } else if (status == NT_OK) {
        snprintf(net->refusal, sizeof net->refusal, "not wanted by the caller");
    }
    if (status == NT_OK) {
        net->context = nt_lws_context(net);
        if (net->context == NULL) status = nt_fail(NT_IO, "libwebsockets gives no context");
    }
    if (status != NT_OK) {
        release_all(net);
        return status;
    }
    *out = net;
    return NT_OK;
}

static uint32_t busy_wires(const nt_net *net) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->wire_count; i++)
        count += net->wires[i].state != NT_WIRE_FREE && net->wires[i].state != NT_WIRE_OPEN;
    return count;
}

/// Timers of libwebsockets, streams and closing wires.
static void tick(nt_net *net, int64_t now_ns) {
    net->next_tick_ns = now_ns + NT_TICK_NS;
    if (net->uring.ready) nt_lws_service(net);
    for (uint32_t i = 0; i < net->stream_count && !net->destroying; i++)
        nt_stream_tick(&net->streams[i], now_ns);
    for (uint32_t i = 0; i < net->wire_count; i++) nt_wire_step(&net->wires[i], now_ns);
    net->unsettled = busy_wires(net);
    if (net->uring.ready) nt_uring_submit(net);
}

static void step(nt_net *net) {
    if (net->uring.ready)
        nt_uring_reap(net);
    else
        nt_poll_service(net);
    int64_t now_ns = nt_net_now(net);
    if (net->unsettled > 0 || now_ns >= net->next_tick_ns) tick(net, now_ns);
    nt_wire_sweep(net);
}

/// A stream waits for a moment of its own; whatever is due earlier than the tick shortens it.
static int64_t bounded(const nt_net *net, int64_t wait_ns) {
    if (net->unsettled > 0 && wait_ns > NT_BUSY_TICK_NS) return NT_BUSY_TICK_NS;
    int64_t rest = net->next_tick_ns - nt_net_now(net);
    if (rest < 0) rest = 0;
    return wait_ns < rest ? wait_ns : rest;
}

uint32_t nt_net_turn(nt_net *net, int64_t wait_ns) {
    NT_ASSERT(net->depth == 0); // Never from inside a callback.
    net->delivered = 0;
    net->progress = 0;
    step(net);
    if (wait_ns <= 0 || net->progress > 0) return net->delivered;
    int64_t wait = bounded(net, wait_ns);
    if (wait > 0) {
        if (net->uring.ready)
            nt_uring_wait(net, wait);
        else
            nt_poll_wait(net, wait);
    }
    step(net);
    return net->delivered;
}

void nt_net_wake(nt_net *net) {
    uint64_t one = 1;
    ssize_t ignored = write(net->wake_fd, &one, sizeof one);
    (void)ignored; // Full means that a wake is already pending.
}

const char *nt_net_kind(const nt_net *net) { return net->uring.ready ? "io_uring" : "poll"; }

const char *nt_net_refusal(const nt_net *net) { return net->refusal; }

static bool any_wire(const nt_net *net) {
    for (uint32_t i = 0; i < net->wire_count; i++)
        if (net->wires[i].state != NT_WIRE_FREE) return true;
    return false;
}

static void turn_until_empty(nt_net *net, int64_t limit_ms) {
    int64_t end_ns = nt_net_now(net) + limit_ms * 1000000;
    while (any_wire(net) && nt_net_now(net) < end_ns) nt_net_turn(net, NT_BUSY_TICK_NS);
}

/// The ring reads the eventfd; that read is ended by a wake.
static void finish_wake(nt_net *net) {
    if (!net->uring.ready || net->wake_inflight == 0) return;
    nt_net_wake(net);
    for (uint32_t i = 0; i < CANCEL_WAIT_MS && net->wake_inflight > 0; i++) {
        nt_uring_wait(net, 1000000);
        nt_uring_reap(net);
    }
}

void nt_net_destroy(nt_net *net) {
    if (net == NULL) return;
    net->destroying = true;
    for (uint32_t i = 0; i < net->wire_count; i++) {
        net->wires[i].stream = NULL;
        nt_wire_end(&net->wires[i], 1000);
    }
    turn_until_empty(net, DESTROY_WAIT_MS);
    lws_context_destroy(net->context); // Orphans what is left; the ring outlives it.
    nt_trust_free(&net->trust);
    for (uint32_t i = 0; i < net->wire_count; i++) net->wires[i].deadline_ns = 0;
    int64_t end_ns = nt_net_now(net) + (int64_t)CANCEL_WAIT_MS * 1000000;
    while (any_wire(net) && nt_net_now(net) < end_ns) {
        for (uint32_t i = 0; i < net->wire_count; i++)
            nt_wire_step(&net->wires[i], nt_net_now(net));
        nt_uring_wait(net, 1000000);
        nt_uring_reap(net);
    }
    NT_ASSERT(!any_wire(net)); // Else the kernel might still write into our buffers.
    finish_wake(net);
    release_all(net);
}
