// order_id.c — client order ids to text and back.
//
// Base 32 with the digits 0-9a-v keeps the text's order the same as the numbers', so a listing
// sorted by id is sorted by epoch and sequence.
#include "nt/order_id.h"

enum { PREFIX = 'n', INSTANCE_DIGITS = 4, EPOCH_DIGITS = 4, SEQUENCE_DIGITS = 9 };

_Static_assert(1 + INSTANCE_DIGITS + EPOCH_DIGITS + SEQUENCE_DIGITS == NT_ORDER_ID_LENGTH,
               "the fields fill the id");

static const char digit_text[] = "0123456789abcdefghijklmnopqrstuv";

static char *write_digits(uint64_t value, unsigned count, char *out) {
    for (unsigned i = count; i > 0; i--) {
        out[i - 1] = digit_text[value & 31];
        value >>= 5;
    }
    return out + count;
}

void nt_order_id_write(uint32_t instance, nt_order_key key, char out[NT_ORDER_ID_LENGTH]) {
    NT_ASSERT(instance <= NT_INSTANCE_MAX);
    *out++ = PREFIX;
    out = write_digits(instance, INSTANCE_DIGITS, out);
    out = write_digits(nt_order_key_epoch(key), EPOCH_DIGITS, out);
    write_digits(nt_order_key_sequence(key), SEQUENCE_DIGITS, out);
}

static bool read_digits(const char *text, unsigned count, uint64_t *out) {
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        const char character = text[i];
        unsigned digit;
        if (character >= '0' && character <= '9')
            digit = (unsigned)(character - '0');
        else if (character >= 'a' && character <= 'v')
            digit = (unsigned)(character - 'a') + 10;
        else
            return false;
        value = (value << 5) | digit;
    }
    *out = value;
    return true;
}

nt_status nt_order_id_read(uint32_t instance, const char *text, uint32_t length,
                           nt_order_key *out) {
    uint64_t found_instance, epoch, sequence;
    if (length != NT_ORDER_ID_LENGTH || *text++ != PREFIX) return NT_NOT_FOUND;
    if (!read_digits(text, INSTANCE_DIGITS, &found_instance)) return NT_NOT_FOUND;
    if (found_instance != instance) return NT_NOT_FOUND;
    text += INSTANCE_DIGITS;
    if (!read_digits(text, EPOCH_DIGITS, &epoch)) return NT_NOT_FOUND;
    text += EPOCH_DIGITS;
    if (!read_digits(text, SEQUENCE_DIGITS, &sequence)) return NT_NOT_FOUND;
    // Nine digits hold 45 bits; we never write the highest.
    if (sequence >> NT_ORDER_SEQUENCE_BITS != 0) return NT_NOT_FOUND;
    *out = nt_order_key_make((uint32_t)epoch, sequence);
    return NT_OK;
}

uint64_t nt_order_id_hash(const char *text, uint32_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3); // Wraps on purpose.
    }
    return hash;
}
