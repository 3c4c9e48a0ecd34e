// http_upgrade_fuzz.c — any answer to a stream's request for the upgrade.
//
// Where the input says {accept} the right value stands. Proves: the stream opens for an answer of
// status 101 that holds that value, and for no other; nothing is delivered before it is open; each
// attempt ends, with a reason.
#include "stream_rig.h"

#include <strings.h>

enum { CONTROL = 1, LONGEST = 16 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    const uint8_t *input;
    size_t length, used;
    uint8_t bytes[2 * LONGEST];
    bool accepts; ///< The value stands in it.
} answered;

static void put(const void *bytes, size_t length) {
    if (length > sizeof answered.bytes - answered.used) return;
    memcpy(answered.bytes + answered.used, bytes, length);
    answered.used += length;
}

static void answer(stream_rig *rig) {
    static const char mark[] = "{accept}";
    const uint8_t *at = answered.input, *end = at + answered.length, *found;
    answered.used = 0;
    answered.accepts = false;
    while ((found = memmem(at, (size_t)(end - at), mark, sizeof mark - 1)) != NULL) {
        put(at, (size_t)(found - at));
        put(rig->accept, RIG_ACCEPT);
        answered.accepts = true;
        at = found + sizeof mark - 1;
    }
    put(at, (size_t)(end - at));
    rig->out = (rig_bytes){answered.bytes, answered.used};
}

/// Before any message: the status line of HTTP/1.0 or 1.1, in whatever case, says 101.
static bool switches(void) {
    const char *line = (const char *)answered.bytes;
    if (answered.used < 12 || strncasecmp(line, "HTTP/1.", 7) != 0) return false;
    return memmem(line, answered.used < 64 ? answered.used : 64, " 101", 4) != NULL;
}

static void take_message(const uint8_t *bytes, uint32_t length) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < length; i++) sum += bytes[i];
    if (sum > (uint64_t)length * 255) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static stream_rig *rigs[2];
    if (size < CONTROL || size - CONTROL > LONGEST) return 0;
    stream_rig **rig = &rigs[data[0] & 1];
    if (*rig == NULL) {
        *rig = rig_create(false, data[0] & 1);
        (*rig)->answer = answer;
        (*rig)->on_message = take_message;
    }
    answered.input = data + CONTROL;
    answered.length = size - CONTROL;
    (*rig)->piece = (*rig)->first = 1 + answered.length / (1 + (data[0] >> 4));
    rig_run(*rig);
    if ((*rig)->opened && !(answered.accepts && switches())) abort();
    return 0;
}
