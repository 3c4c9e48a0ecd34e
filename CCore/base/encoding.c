// encoding.c — hex and base64 of keys and signatures (https://www.rfc-editor.org/rfc/rfc4648).
//
// Reading is strict: no blanks, padding required, unused bits zero. So every byte string has
// exactly one text, and a signature cannot be rewritten in passing.
#include "nt/crypto.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void nt_hex_write(const uint8_t *bytes, size_t length, char *out) {
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = hex_digits[bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
}

size_t nt_base64_write(const uint8_t *bytes, size_t length, char *out) {
    char *at = out;
    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 |
                               (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        *at++ = base64_digits[group >> 18];
        *at++ = base64_digits[group >> 12 & 63];
        *at++ = left > 1 ? base64_digits[group >> 6 & 63] : '=';
        *at++ = left > 2 ? base64_digits[group & 63] : '=';
    }
    return (size_t)(at - out);
}

/// Value of a base64 digit, or 64 when it is none.
static uint32_t base64_value(char digit) {
    if (digit >= 'A' && digit <= 'Z') return (uint32_t)(digit - 'A');
    if (digit >= 'a' && digit <= 'z') return (uint32_t)(digit - 'a') + 26;
    if (digit >= '0' && digit <= '9') return (uint32_t)(digit - '0') + 52;
    if (digit == '+') return 62;
    if (digit == '/') return 63;
    return 64;
}

/// Reads four characters of which the last `padding` stand for nothing.
static bool read_group(const char text[4], uint32_t padding, uint32_t *group) {
    *group = 0;
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t value = i < 4 - padding ? base64_value(text[i]) : 0;
        if (value == 64) return false;
        *group = *group << 6 | value;
    }
    // Bits that belong to no byte must be zero.
    return (*group & ((UINT32_C(1) << (8 * padding)) - 1)) == 0;
}

static uint32_t count_padding(const char *text, size_t length) {
    if (length == 0 || text[length - 1] != '=') return 0;
    return text[length - 2] == '=' ? 2 : 1;
}

nt_status nt_base64_read(const char *text, size_t length, uint8_t *out, size_t capacity,
                         size_t *written) {
    if (length % 4 != 0) return NT_INVALID;
    const uint32_t padding = count_padding(text, length);
    const size_t size = length / 4 * 3 - padding;
    if (size > capacity) return NT_FULL;
    size_t at = 0;
    for (size_t i = 0; i < length; i += 4) {
        uint32_t group;
        if (!read_group(text + i, i + 4 == length ? padding : 0, &group)) return NT_INVALID;
        for (uint32_t shift = 24; shift > 0 && at < size; shift -= 8) {
            out[at++] = (uint8_t)(group >> (shift - 8));
        }
    }
    *written = size;
    return NT_OK;
}
