// bio.c — the OpenSSL BIO between libwebsockets' SSL object and the ring.
//
// Reading copies from the bytes the ring received, writing appends to the wire's send ring; neither
// makes a system call. The type carries BIO_TYPE_DESCRIPTOR so that SSL_get_fd() asks for the
// number: libwebsockets closes what it answers, and would leak its descriptor otherwise.
#include "net_private.h"

#include <errno.h>
#include <pthread.h>

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static int take_side(nt_wire *wire, char *out, int capacity) {
    uint32_t count = smaller(wire->side_length, (uint32_t)capacity);
    memcpy(out, wire->side + wire->side_head, count);
    wire->side_head += count;
    wire->side_length -= count;
    if (wire->side_length == 0) wire->side_head = 0;
    return (int)count;
}

static int read_wire(BIO *bio, char *out, int capacity) {
    nt_wire *wire = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (out == NULL || capacity <= 0) return 0;
    if (wire->side_length > 0) return take_side(wire, out, capacity);
    if (wire->slice_length > 0) {
        uint32_t count = smaller(wire->slice_length, (uint32_t)capacity);
        memcpy(out, wire->slice, count);
        wire->slice += count;
        wire->slice_length -= count;
        return (int)count;
    }
    if (wire->error != 0) {
        errno = wire->error;
        return -1;
    }
    if (wire->eof) return 0;
    BIO_set_retry_read(bio);
    return -1;
}

static int write_wire(BIO *bio, const char *bytes, int length) {
    nt_wire *wire = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (bytes == NULL || length <= 0) return 0;
    uint32_t count = smaller(nt_wire_room(wire), (uint32_t)length);
    if (count == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    uint32_t at = wire->send_tail & (NT_SEND_CAPACITY - 1);
    uint32_t first = smaller(count, NT_SEND_CAPACITY - at);
    memcpy(wire->send_ring + at, bytes, first);
    memcpy(wire->send_ring, bytes + first, count - first);
    wire->send_tail += count;
    nt_stream_answered(wire);
    return (int)count;
}

static long control_wire(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    nt_wire *wire = BIO_get_data(bio);
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return wire->eof && wire->slice_length + wire->side_length == 0;
    case BIO_CTRL_PENDING:
        return (long)(wire->slice_length + wire->side_length);
    case BIO_C_GET_FD:
        if (pointer != NULL) *(int *)pointer = wire->lws_fd;
        return wire->lws_fd;
    default:
        return 0;
    }
}

static int create_wire_bio(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static int destroy_wire_bio(BIO *bio) { return bio != NULL; }

static void make_method(void) {
    int type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR;
    method = BIO_meth_new(type, "needletail wire");
    if (method == NULL) return;
    BIO_meth_set_read(method, read_wire);
    BIO_meth_set_write(method, write_wire);
    BIO_meth_set_ctrl(method, control_wire);
    BIO_meth_set_create(method, create_wire_bio);
    BIO_meth_set_destroy(method, destroy_wire_bio);
}

BIO *nt_bio_create(nt_wire *wire) {
    pthread_once(&method_once, make_method);
    if (method == NULL) return NULL;
    BIO *bio = BIO_new(method);
    if (bio != NULL) BIO_set_data(bio, wire);
    return bio;
}
