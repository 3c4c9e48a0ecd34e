// stream_frames_fuzz.c — any bytes behind the answer to the upgrade, by every way they can take:
// TLS or plain text, io_uring or poll, in one piece or in many, glued to the answer or not.
//
// Proves, against a reader of frames of its own: each message that is delivered is the next one
// that the peer sent, whole and unchanged; nothing behind a close frame or a breach of the protocol
// is delivered; of a well-formed stream nothing is missing; each connection ends, with a reason.
// Behind a masked frame, which libwebsockets unmasks instead of hanging up, all are let pass.
#include "stream_rig.h"

enum { CONTROL = 2, LONGEST = 60 * 1024, MAX_MESSAGES = 8192, MAX_PIECES = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// --- what RFC 6455 makes of the bytes ---------------------------------------------------------

typedef struct {
    size_t from, length; ///< Within `text`.
} expected_message;

static struct {
    uint8_t text[LONGEST];
    size_t used, messages, delivered;
    expected_message list[MAX_MESSAGES];
    bool breached; ///< Behind the list the stream is no WebSocket stream any more.
    bool masked;   ///< That was a masked frame.
} expected;

typedef struct {
    const uint8_t *at, *end;
    bool open; ///< Within a fragmented message.
} frames;

typedef struct {
    uint8_t first, second;
    uint64_t length;
    const uint8_t *mask, *payload;
} frame;

/// False: no whole frame is left.
static bool next_frame(frames *f, frame *out) {
    if (f->end - f->at < 2) return false;
    *out = (frame){.first = f->at[0], .second = f->at[1], .length = f->at[1] & 0x7f};
    const uint8_t *at = f->at + 2;
    const int more = out->length == 126 ? 2 : out->length == 127 ? 8 : 0;
    const int masked = out->second & 0x80 ? 4 : 0;
    if (f->end - at < more + masked) return false;
    if (more > 0) out->length = 0;
    for (int i = 0; i < more; i++) out->length = out->length << 8 | *at++;
    out->mask = at;
    out->payload = at + masked;
    if ((uint64_t)(f->end - out->payload) < out->length) return false;
    f->at = out->payload + out->length;
    return true;
}

static void begin_message(void) {
    expected.list[expected.messages] = (expected_message){expected.used, 0};
}

static void add_payload(const frame *f) {
    memcpy(expected.text + expected.used, f->payload, f->length);
    expected.used += f->length;
    expected.list[expected.messages].length += f->length;
}

/// False: the frame is against the protocol, or closes.
static bool take_frame(frames *f, const frame *next) {
    const int opcode = next->first & 15;
    const bool last = next->first & 0x80;
    expected.masked = (next->second & 0x80) != 0;
    if ((next->first & 0x70) != 0 || expected.masked) return false;
    if (opcode == 9 || opcode == 10) return last && next->length <= 125;
    if (opcode > 2) return false;
    if ((opcode == 0) != f->open) return false;
    if (opcode != 0) begin_message();
    if (expected.list[expected.messages].length + next->length > RIG_MAX_MESSAGE) return false;
    add_payload(next);
    f->open = !last;
    if (last) expected.messages++;
    return true;
}

static void expect(const uint8_t *bytes, size_t length) {
    frames f = {bytes, bytes + length, false};
    frame next;
    expected.used = expected.messages = expected.delivered = 0;
    expected.breached = expected.masked = false;
    while (!expected.breached && expected.messages < MAX_MESSAGES && next_frame(&f, &next))
        expected.breached = !take_frame(&f, &next);
}

static void check_message(const uint8_t *bytes, uint32_t length) {
    if (expected.delivered == expected.messages && expected.masked) return;
    if (expected.delivered == expected.messages) abort(); // Nobody sent it.
    const expected_message *wanted = &expected.list[expected.delivered++];
    if (length != wanted->length) abort();
    if (length > 0 && memcmp(bytes, expected.text + wanted->from, length) != 0) abort();
}

// --- one input ---------------------------------------------------------------------------------

static struct {
    uint8_t bytes[RIG_HEAD + LONGEST];
    const uint8_t *input;
    size_t length;
    bool glued; ///< The first piece comes with the answer.
} outgoing;

static void answer(stream_rig *rig) {
    const int head = snprintf((char *)outgoing.bytes, RIG_HEAD,
                              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                              rig->accept);
    memcpy(outgoing.bytes + head, outgoing.input, outgoing.length);
    rig->out = (rig_bytes){outgoing.bytes, (size_t)head + outgoing.length};
    rig->first = (size_t)head + (outgoing.glued ? rig->piece : 0);
}

static stream_rig *rig_for(uint8_t control) {
    static stream_rig *rigs[4];
    // TLS costs ten times as much, so it gets an eighth of the inputs.
    const bool tls = (control & 0x0e) == 0, refuse_ring = control & 1;
    stream_rig **rig = &rigs[(tls ? 2 : 0) + refuse_ring];
    if (*rig == NULL) {
        *rig = rig_create(tls, refuse_ring);
        (*rig)->answer = answer;
        (*rig)->on_message = check_message;
    }
    return *rig;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const size_t pieces[] = {LONGEST, 1, 2, 3, 7, 129, 1000, 8192};
    if (size < CONTROL || size - CONTROL > LONGEST) return 0;
    outgoing.input = data + CONTROL;
    outgoing.length = size - CONTROL;
    outgoing.glued = data[1] & 8;
    stream_rig *rig = rig_for(data[0]);
    rig->piece = pieces[data[1] & 7];
    if (rig->piece < outgoing.length / MAX_PIECES) rig->piece = outgoing.length / MAX_PIECES;
    expect(outgoing.input, outgoing.length);
    rig_run(rig);
    if (!rig->opened) abort();
    if (!expected.breached && expected.delivered != expected.messages) abort();
    return 0;
}
