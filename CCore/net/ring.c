// ring.c — io_uring: one ring and one group of provided buffers per net.
//
// Every operation carries slot, generation and kind in its user data, so that a late completion of
// an earlier life of a slot is only counted. Cancelling names the user data, never a descriptor.
// Completion queue and buffers hold four entries per wire: an overflow or a lack of buffers loses
// nothing (the multishot receive ends and is armed again) but costs a re-arm.
//
// A peer that floods us must not delay the others: of one round (one look at the queue) a wire gets
// BUFFERS_A_ROUND buffers; what else came for it is held, its receive is cancelled, and the next
// rounds hand out the held ones. So each other wire waits for at most so many buffers of it, and a
// flood fills its socket instead of our memory.
#include "net_private.h"

#include <errno.h>
#include <stdlib.h>

enum {
    BUFFER_GROUP = 1,
    SMALLEST_QUEUE = 64,
    LARGEST_QUEUE = 4096,
    WAKE_SLOT = 0xffff,
    BUFFERS_A_ROUND = 4,
};

static uint32_t power_of_two(uint32_t wanted) {
    uint32_t size = SMALLEST_QUEUE;
    while (size < wanted && size < LARGEST_QUEUE) size *= 2;
    return size;
}

static uint64_t tag(const nt_wire *wire, nt_operation operation) {
    uint64_t slot = (uint64_t)(wire - wire->net->wires);
    return (uint64_t)wire->generation << 32 | slot << 8 | operation;
}

static bool is_size(uint32_t wanted) {
    return wanted <= LARGEST_QUEUE && (wanted & (wanted - 1)) == 0;
}

static void give_back(nt_uring *uring, uint32_t id) {
    io_uring_buf_ring_add(uring->buffers, uring->memory + (size_t)id * NT_BUFFER_SIZE,
                          NT_BUFFER_SIZE, (uint16_t)id, io_uring_buf_ring_mask(uring->buffer_count),
                          0);
    io_uring_buf_ring_advance(uring->buffers, 1);
}

/// The kernel's answer, with what an operator can do about it.
static nt_status refused(nt_net *net, int error) {
    const char *mend = "";
    if (error == EPERM || error == EACCES)
        mend = ": a seccomp profile or sysctl kernel.io_uring_disabled forbids it";
    else if (error == ENOSYS)
        mend = ": this kernel was built without it";
    else if (error == EINVAL)
        mend = ": the kernel is older than 6.1";
    else if (error == ENOMEM)
        mend = ": the limit of locked memory (ulimit -l) or memory itself is used up";
    else if (error == EMFILE || error == ENFILE)
        mend = ": the limit of open files (ulimit -n) is used up";
    snprintf(net->refusal, sizeof net->refusal, "%s%s", strerror(error), mend);
    return nt_fail(NT_NO_RING, "io_uring is refused: %s", net->refusal);
}

static nt_status provide_buffers(nt_net *net) {
    nt_uring *uring = &net->uring;
    uint32_t count = uring->buffer_count;
    size_t size = count * sizeof(struct io_uring_buf);
    void *ring_memory = NULL;
    if (posix_memalign(&ring_memory, 4096, size) != 0) return NT_NO_MEMORY;
    memset(ring_memory, 0, size);
    uring->buffers = ring_memory;
    uring->memory = calloc(count, NT_BUFFER_SIZE);
    uring->held = calloc(count, sizeof *uring->held);
    if (uring->memory == NULL || uring->held == NULL) return NT_NO_MEMORY;
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)ring_memory, .ring_entries = count, .bgid = BUFFER_GROUP};
    int result = io_uring_register_buf_ring(&uring->ring, &registration, 0);
    if (result != 0) return refused(net, -result);
    io_uring_buf_ring_init(uring->buffers);
    for (uint32_t id = 0; id < count; id++) give_back(uring, id);
    return NT_OK;
}

nt_status nt_uring_open(nt_net *net) {
    nt_uring *uring = &net->uring;
    const nt_net_config *config = &net->config;
    if (!is_size(config->receive_buffers) || !is_size(config->completions))
        return nt_fail(NT_INVALID, "sizes of a ring are powers of two up to %d", LARGEST_QUEUE);
    uint32_t buffers = config->receive_buffers, completions = config->completions;
    if (buffers == 0) buffers = power_of_two(4 * net->wire_count);
    if (completions == 0) completions = buffers * 2;
    uring->buffer_count = buffers;
    uring->completion_count = completions;
    struct io_uring_params parameters = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                                  IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                         .cq_entries = completions};
    uint32_t submissions = buffers < completions ? buffers : completions;
    int result = io_uring_queue_init_params(submissions, &uring->ring, &parameters);
    if (result < 0) return refused(net, -result);
    uring->ready = true;
    nt_status status = provide_buffers(net);
    if (status != NT_OK) nt_uring_close(net);
    return status;
}

void nt_uring_close(nt_net *net) {
    nt_uring *uring = &net->uring;
    if (uring->ready) io_uring_queue_exit(&uring->ring);
    free(uring->buffers);
    free(uring->memory);
    free(uring->held);
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

static const uint8_t *buffer(const nt_uring *uring, uint32_t id) {
    return uring->memory + (size_t)id * NT_BUFFER_SIZE;
}

/// Arms the receive again, unless held buffers or the end come first.
static void receive_again(nt_wire *wire) {
    bool alive = wire->state == NT_WIRE_OPEN || wire->state == NT_WIRE_CLOSING;
    if (!alive || wire->eof || wire->error != 0 || wire->held > 0 || wire->receiving) return;
    wire->paused = false;
    wire->net->uring.rearmed++;
    nt_uring_receive(wire);
}

static void take(nt_wire *wire, uint32_t id, uint32_t length, int64_t received_ns) {
    nt_uring *uring = &wire->net->uring;
    wire->taken++;
    if (wire->state != NT_WIRE_LINGER)
        nt_wire_received(wire, buffer(uring, id), (int32_t)length, received_ns);
    give_back(uring, id);
}

static bool has_had_its_share(nt_wire *wire) {
    if (wire->round != wire->net->uring.round) {
        wire->round = wire->net->uring.round;
        wire->taken = 0;
    }
    return wire->held > 0 || wire->taken >= BUFFERS_A_ROUND;
}

static void hold(nt_wire *wire, uint32_t id, uint32_t length, int64_t received_ns) {
    nt_uring *uring = &wire->net->uring;
    uring->held[id] = (nt_held){.received_ns = received_ns, .length = length};
    if (wire->held == 0)
        wire->held_first = (uint16_t)id;
    else
        uring->held[wire->held_last].next = (uint16_t)id;
    wire->held_last = (uint16_t)id;
    wire->held++;
    uring->held_count++;
    if (wire->paused || !wire->receiving) return;
    wire->paused = true;
    nt_uring_cancel(wire, NT_OP_RECEIVE);
}

static void serve(nt_wire *wire) {
    nt_uring *uring = &wire->net->uring;
    wire->round = uring->round;
    wire->taken = 0;
    while (wire->held > 0 && (wire->taken < BUFFERS_A_ROUND || wire->state == NT_WIRE_LINGER)) {
        uint32_t id = wire->held_first;
        wire->held_first = uring->held[id].next;
        wire->held--;
        uring->held_count--;
        take(wire, id, uring->held[id].length, uring->held[id].received_ns);
    }
    if (wire->held > 0) return;
    if (wire->end_known && wire->state != NT_WIRE_LINGER)
        nt_wire_received(wire, NULL, wire->end, 0);
    wire->end_known = false;
    receive_again(wire);
}

/// The next share of each wire that had more than fits one round.
static void serve_held(nt_net *net) {
    for (uint32_t i = 0; i < net->wire_count; i++)
        if (net->wires[i].held > 0) serve(&net->wires[i]);
}

static void finish_receive(nt_wire *wire, int32_t result, uint32_t flags) {
    nt_uring *uring = &wire->net->uring;
    if ((flags & IORING_CQE_F_MORE) == 0) wire->receiving = false;
    bool buffered = (flags & IORING_CQE_F_BUFFER) != 0;
    uint32_t id = flags >> IORING_CQE_BUFFER_SHIFT;
    if (result == -ENOBUFS) uring->starved++;
    if (result > 0 && buffered) {
        int64_t now_ns = nt_net_now(wire->net);
        if (wire->state != NT_WIRE_LINGER && has_had_its_share(wire))
            hold(wire, id, (uint32_t)result, now_ns);
        else
            take(wire, id, (uint32_t)result, now_ns);
    } else {
        if (buffered) give_back(uring, id);
        bool ends = result != -ENOBUFS && result != -ECANCELED && wire->state != NT_WIRE_LINGER;
        if (ends && wire->held > 0) {
            wire->end_known = true;
            wire->end = result;
        } else if (ends) {
            nt_wire_received(wire, NULL, result, 0);
        }
    }
    receive_again(wire);
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
    net->uring.round++;
    if (net->uring.held_count > 0) serve_held(net);
    if (io_uring_sq_ready(ring) > 0)
        io_uring_submit_and_get_events(ring);
    else
        io_uring_get_events(ring);
    // Bounded: one round sees at most a full queue, so that timers never starve.
    struct io_uring_cqe *entry;
    for (uint32_t i = 0; i < net->uring.completion_count; i++) {
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
