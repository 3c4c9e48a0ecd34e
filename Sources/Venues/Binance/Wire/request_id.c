// request_id.c — see the header; strict both ways, so that a foreign id is never taken for ours.
#include "request_id.h"

#include <string.h>

enum { SLOT_DIGITS = 2, MAX_STEP = 999 };

static const char digits[] = "0123456789abcdef";

uint32_t bn_request_id_write(char kind, nt_instrument_id slot, const char *client,
                             char out[BN_REQUEST_ID_SIZE]) {
    out[0] = kind;
    out[1] = digits[(slot >> 4) & 15];
    out[2] = digits[slot & 15];
    if (client == NULL) return 1 + SLOT_DIGITS;
    memcpy(out + 1 + SLOT_DIGITS, client, NT_ORDER_ID_LENGTH);
    return 1 + SLOT_DIGITS + NT_ORDER_ID_LENGTH;
}

uint32_t bn_request_id_write_step(uint32_t step, char out[BN_REQUEST_ID_SIZE]) {
    NT_ASSERT(step <= MAX_STEP);
    uint32_t length = 1;
    out[0] = 'g';
    if (step >= 100) out[length++] = digits[step / 100];
    if (step >= 10) out[length++] = digits[step / 10 % 10];
    out[length++] = digits[step % 10];
    return length;
}

static bool read_slot(const char *text, nt_instrument_id *slot) {
    const char *high = memchr(digits, text[0], 16), *low = memchr(digits, text[1], 16);
    if (high == NULL || low == NULL) return false;
    *slot = (nt_instrument_id)((high - digits) * 16 + (low - digits));
    return true;
}

static bool read_step(const char *text, uint32_t length, uint32_t *step) {
    if (length == 0 || length > 3) return false;
    *step = 0;
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *step = *step * 10 + (uint32_t)(text[i] - '0');
    }
    return true;
}

bn_request_id bn_request_id_read(uint32_t instance, uint32_t instrument_count,
                                 const bn_value *value) {
    const bn_request_id foreign = {0, NT_NO_INSTRUMENT, 0, 0, NULL};
    bn_request_id id = foreign;
    if (value->kind != BN_STRING || value->length == 0) return foreign;
    const char *text = value->text;
    const uint32_t length = value->length;
    id.kind = text[0];
    if (id.kind == 'g') return read_step(text + 1, length - 1, &id.step) ? id : foreign;
    if (length < 1 + SLOT_DIGITS || !read_slot(text + 1, &id.slot)) return foreign;
    if (id.slot >= instrument_count) return foreign;
    if (memchr("ofw", id.kind, 3) != NULL) return length == 1 + SLOT_DIGITS ? id : foreign;
    if (memchr("pcaq", id.kind, 4) == NULL) return foreign;
    id.client = text + 1 + SLOT_DIGITS;
    if (nt_order_id_read(instance, id.client, length - 1 - SLOT_DIGITS, &id.order) != NT_OK) {
        return foreign;
    }
    return id;
}
