// ring.c — io_uring: one ring and one group of provided buffers per net.
//
// Every operation carries slot, generation and kind in its user data, so that a late completion of
// an earlier life of a slot is only counted. Cancelling names the user data, never a descriptor.
// Completion queue and buffers hold four entries per wire: an overflow or a lack of buffers loses
// nothing (the multishot receive ends and is armed again) but costs a re-arm.
#include "net_private.h"

#include <errno.h>
#include <stdlib.h>

enum { BUFFER_GROUP = 1, SMALLEST_QUEUE = 64, LARGEST_QUEUE = 2048, WAKE_SLOT = 0xffff };

static uint32_t power_of_two(uint32_t wanted) {
    uint32_t size = SMALLEST_QUEUE;
    while (size < wanted && size < LARGEST_QUEUE) size *= 2;
    return size;
}

static uint64_t tag(const nt_wire *wire, nt_operation operation) {
    uint64_t slot = (uint64_t)(wire - wire->net->wires);
    return (uint64_t)wire->generation << 32 | slot << 8 | operation;
}

static void give_back(nt_uring *uring, uint32_t id) {
    io_uring_buf_ring_add(uring->buffers, uring->memory + (size_t)id * NT_BUFFER_SIZE,
                          NT_BUFFER_SIZE, (uint16_t)id, io_uring_buf_ring_mask(uring->buffer_count),
                          0);
    io_uring_buf_ring_advance(uring->buffers, 1);
}

static nt_status provide_buffers(nt_uring *uring) {
    uint32_t count = uring->buffer_count;
    size_t size = count * sizeof(struct io_uring_buf);
    void *ring_memory = NULL;
    if (posix_memalign(&ring_memory, 4096, size) != 0) return NT_NO_MEMORY;
    memset(ring_memory, 0, size);
    uring->buffers = ring_memory;
    uring->memory = calloc(count, NT_BUFFER_SIZE);
    if (uring->memory == NULL) return NT_NO_MEMORY;
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)ring_memory, .ring_entries = count, .bgid = BUFFER_GROUP};
    if (io_uring_register_buf_ring(&uring->ring, &registration, 0) != 0) return NT_NO_RING;
    io_uring_buf_ring_init(uring->buffers);
    for (uint32_t id = 0; id < count; id++) give_back(uring, id);
    return NT_OK;
}

nt_status nt_uring_open(nt_net *net) {
    nt_uring *uring = &net->uring;
    uring->buffer_count = power_of_two(4 * net->wire_count);
    struct io_uring_params parameters = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                                  IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                         .cq_entries = uring->buffer_count * 2};
    int result = io_uring_queue_init_params(uring->buffer_count, &uring->ring, &parameters);
    if (result < 0) return nt_fail(NT_NO_RING, "io_uring is refused: %s", strerror(-result));
    uring->ready = true;
    nt_status status = provide_buffers(uring);
    if (status != NT_OK) nt_uring_close(net);
    return status;
}

void nt_uring_close(nt_net *net) {
    nt_uring *uring = &net->uring;
    if (uring->ready) io_uring_queue_exit(&uring->ring);
    free(uring->buffers);
    free(uring->memory);
    *uring = (nt_uring){0};
}

static struct io_uring_sqe *next_entry(nt_uring *uring) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&uring->ring);
    if (entry == NULL) { // The queue is full of entries we never submitted: do it now.
        io_uring_submit(&uring->ring);
        entry = io_uring_get_sqe(&uring->ring);
    }
    NT_ASSERT(entry != NULL);
    return entry;
}

void nt_uring_receive(nt_wire *wire) {
    if (wire->receiving) return;
    struct io_uring_sqe *entry = next_entry(&wire->net->uring);
    io_uring_prep_recv_multishot(entry, wire->fd, NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = BUFFER_GROUP;
    io_uring_sqe_set_data64(entry, tag(wire, NT_OP_RECEIVE));
    wire->receiving = true;
    wire->inflight++;
}

void nt_uring_poll(nt_wire *wire) {
    if (wire->polling) return;
    struct io_uring_sqe *entry = next_entry(&wire->net->uring);
    io_uring_prep_poll_add(entry, wire->fd, POLLIN);
    io_uring_sqe_set_data64(entry, tag(wire, NT_OP_POLL));
    wire->polling = true;
    wire->inflight++;
}

void nt_uring_cancel(nt_wire *wire, nt_operation operation) {
    struct io_uring_sqe *entry = next_entry(&wire->net->uring);
    io_uring_prep_cancel64(entry, tag(wire, operation), 0);
    io_uring_sqe_set_data64(entry, tag(wire, NT_OP_CANCEL));
    wire->inflight++;
}

void nt_uring_send(nt_wire *wire) {
    if (wire->sending || wire->fd < 0 || wire->send_head == wire->send_tail) return;
    uint32_t at = wire->send_head & (NT_SEND_CAPACITY - 1);
    uint32_t length = wire->send_tail - wire->send_head;
    if (length > NT_SEND_CAPACITY - at) length = NT_SEND_CAPACITY - at;
    struct io_uring_sqe *entry = next_entry(&wire->net->uring);
    io_uring_prep_send(entry, wire->fd, wire->send_ring + at, length, MSG_NOSIGNAL);
    io_uring_sqe_set_data64(entry, tag(wire, NT_OP_SEND));
    wire->sending = true;
    wire->inflight++;
}

void nt_uring_submit(nt_net *net) {
    if (io_uring_sq_ready(&net->uring.ring) > 0) io_uring_submit(&net->uring.ring);
}

static void finish_send(nt_wire *wire, int32_t result) {
    wire->sending = false;
    if (result < 0) {
        wire->send_head = wire->send_tail; // Nobody will take these bytes any more.
        // The receive brings the end, and before it perhaps the close frame that explains it.
        if (wire->receiving || wire->state == NT_WIRE_LINGER) return;
        if (wire->error == 0) wire->error = -result;
        nt_wire_drain(wire);
        return;
    }
    wire->send_head += (uint32_t)result;
    if (wire->send_head == wire->send_tail) wire->send_head = wire->send_tail = 0;
    nt_uring_send(wire);
}

static void finish_receive(nt_wire *wire, int32_t result, uint32_t flags) {
    nt_uring *uring = &wire->net->uring;
    if ((flags & IORING_CQE_F_MORE) == 0) wire->receiving = false;
    bool buffered = (flags & IORING_CQE_F_BUFFER) != 0;
    uint32_t id = flags >> IORING_CQE_BUFFER_SHIFT;
    if (result != -ENOBUFS && result != -ECANCELED && wire->state != NT_WIRE_LINGER)
        nt_wire_received(wire, buffered ? uring->memory + (size_t)id * NT_BUFFER_SIZE : NULL,
                         result);
    if (buffered) give_back(uring, id);
    bool alive = wire->state == NT_WIRE_OPEN || wire->state == NT_WIRE_CLOSING;
    if (alive && !wire->eof && wire->error == 0) nt_uring_receive(wire);
}

static void finish_poll(nt_wire *wire, int32_t result) {
    wire->polling = false;
    if (result < 0 || wire->state == NT_WIRE_LINGER) return;
    nt_wire_drain(wire);
    if (wire->state == NT_WIRE_OPEN || wire->state == NT_WIRE_CLOSING) nt_uring_poll(wire);
}

static void arm_wake(nt_net *net) {
    if (net->waking || net->destroying) return;
    struct io_uring_sqe *entry = next_entry(&net->uring);
    io_uring_prep_read(entry, net->wake_fd, &net->wake_value, sizeof net->wake_value, 0);
    io_uring_sqe_set_data64(entry, (uint64_t)WAKE_SLOT << 8 | NT_OP_WAKE);
    net->waking = true;
    net->wake_inflight++;
}

static void handle(nt_net *net, uint64_t data, int32_t result, uint32_t flags) {
    if ((data & 0xff) == NT_OP_WAKE) {
        net->waking = false;
        net->wake_inflight--;
        if (result > 0) net->progress++;
        return;
    }
    uint32_t slot = (uint32_t)(data >> 8) & 0xffff;
    NT_ASSERT(slot < net->wire_count);
    nt_wire *wire = &net->wires[slot];
    NT_ASSERT(wire->generation == (uint32_t)(data >> 32)); // A slot waits for its operations.
    if ((flags & IORING_CQE_F_MORE) == 0) wire->inflight--;
    switch (data & 0xff) {
    case NT_OP_RECEIVE:
        finish_receive(wire, result, flags);
        break;
    case NT_OP_SEND:
        finish_send(wire, result);
        break;
    case NT_OP_POLL:
        finish_poll(wire, result);
        break;
    default:
        break;
    }
}

void nt_uring_reap(nt_net *net) {
    struct io_uring *ring = &net->uring.ring;
    arm_wake(net);
    if (io_uring_sq_ready(ring) > 0)
        io_uring_submit_and_get_events(ring);
    else
        io_uring_get_events(ring);
    // Bounded: one round sees at most a full queue, so that timers never starve.
    struct io_uring_cqe *entry;
    for (uint32_t i = 0; i < net->uring.buffer_count * 2; i++) {
        if (io_uring_peek_cqe(ring, &entry) != 0 || entry == NULL) break;
        uint64_t data = entry->user_data;
        int32_t result = entry->res;
        uint32_t flags = entry->flags;
        io_uring_cqe_seen(ring, entry);
        handle(net, data, result, flags);
    }
    nt_uring_submit(net);
}

void nt_uring_wait(nt_net *net, int64_t wait_ns) {
    struct __kernel_timespec limit = {.tv_sec = wait_ns / 1000000000,
                                      .tv_nsec = wait_ns % 1000000000};
    struct io_uring_cqe *entry;
    arm_wake(net);
    io_uring_submit_and_wait_timeout(&net->uring.ring, &entry, 1, &limit, NULL);
}
