// decimal.c — exact decimals without floating point.
//
// The grammar is the one JSON numbers share with every venue's price strings, without the
// exponent: [-] digits [. digits]. Signs of plus, a bare point and blanks are refused, because
// whoever writes them also writes other things that we do not expect.
//
// Venues pad fractions to eight digits, so eight at a time is the common case: one load and
// three multiplications (https://lemire.me/blog/2022/01/21/swar-explained-parsing-eight-digits).
#include "nt/decimal.h"

#include <stddef.h>
#include <string.h>

#include "nt/planted.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "eight digits are loaded as one word");

enum { MAX_DECIMALS = 18 };

static const uint64_t power_of_ten[MAX_DECIMALS + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

/// A number under construction. Scanning goes on after an overflow, so that text which is no
/// number at all is called that.
typedef struct {
    uint64_t magnitude;
    bool overflow;
} accumulator;

static void add_digit(accumulator *number, unsigned digit) {
    // Compared before the multiplication: keeps the check off the chain of dependent results.
    if (__builtin_expect(number->magnitude > (UINT64_MAX - 9) / 10, 0)) number->overflow = true;
    number->magnitude = number->magnitude * 10 + digit;
}

static bool is_digit(char character) { return (unsigned char)(character - '0') <= 9; }

/// Reads the digits at `at`; returns the place after the last one.
static const char *read_whole(const char *at, const char *end, accumulator *number) {
    for (; at < end && is_digit(*at); at++) add_digit(number, (unsigned)(*at - '0'));
    return at;
}

/// Eight characters as digit values, the first in the lowest byte. False when one is no digit.
static bool load_eight(const char *at, uint64_t *digits) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    *digits = word - UINT64_C(0x3030303030303030);
    // A character above '9' sets its high bit in the sum, one below '0' in the difference.
    const uint64_t above = word + UINT64_C(0x4646464646464646);
    return ((above | *digits) & UINT64_C(0x8080808080808080)) == 0;
}

/// The number that eight digit values spell: joins pairs, then fours, then all.
static uint64_t join_eight(uint64_t digits) {
    const uint64_t mask = UINT64_C(0x000000ff000000ff);
    const uint64_t pairs = digits * 10 + (digits >> 8);
    const uint64_t outer = (pairs & mask) * (100 + (UINT64_C(1000000) << 32));
    const uint64_t inner = (pairs >> 16 & mask) * (1 + (UINT64_C(10000) << 32));
    return (outer + inner) >> 32;
}

/// Appends the first `wanted` of eight digit values. False when one after them is not zero.
static bool add_eight(uint64_t digits, uint32_t wanted, accumulator *number) {
    if (wanted == 0) return digits == 0;
    if (wanted < 8) {
        if (digits >> (8 * wanted) != 0 && !nt_planted(NT_BUG_DIGITS_DROPPED)) return false;
        digits <<= 64 - 8 * wanted; // Zeros in front do not change the number.
    }
    uint64_t scaled;
    number->overflow |= __builtin_mul_overflow(number->magnitude, power_of_ten[wanted], &scaled);
    number->overflow |= __builtin_add_overflow(scaled, join_eight(digits), &number->magnitude);
    return true;
}

/// Reads the digits after the point. NULL when one beyond `decimals` is not zero.
static const char *read_fraction(const char *at, const char *end, uint32_t decimals,
                                 uint32_t *count, accumulator *number) {
    uint64_t eight;
    if (end - at >= 8 && load_eight(at, &eight)) {
        *count = decimals < 8 ? decimals : 8;
        if (!add_eight(eight, *count, number)) return NULL;
        at += 8;
    }
    for (; at < end && is_digit(*at); at++) {
        if (*count < decimals) {
            add_digit(number, (unsigned)(*at - '0'));
            (*count)++;
        } else if (*at != '0' && !nt_planted(NT_BUG_DIGITS_DROPPED)) {
            return NULL;
        }
    }
    return at;
}

static nt_status apply_sign(uint64_t magnitude, bool negative, int64_t *out) {
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0)) return NT_OVERFLOW;
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return NT_OK;
}

nt_status nt_decimal_read(const char *text, uint32_t length, uint32_t decimals, int64_t *out) {
    NT_ASSERT(decimals <= MAX_DECIMALS);
    if (length == 0) return NT_INVALID;
    const char *at = text, *end = text + length;
    const bool negative = *at == '-';
    if (negative) at++;

    accumulator number = {0, false};
    const char *first = at;
    at = read_whole(at, end, &number);
    if (at == first) return NT_INVALID;

    uint32_t fraction_digits = 0;
    if (at < end && *at == '.') {
        first = ++at;
        at = read_fraction(at, end, decimals, &fraction_digits, &number);
        if (at == NULL || at == first) return NT_INVALID;
    }
    if (at != end) return NT_INVALID;

    uint64_t scaled;
    if (number.overflow ||
        __builtin_mul_overflow(number.magnitude, power_of_ten[decimals - fraction_digits],
                               &scaled)) {
        return NT_OVERFLOW;
    }
    return apply_sign(scaled, negative, out);
}

nt_status nt_decimal_read_units(const char *text, uint32_t length, uint32_t decimals, int64_t units,
                                int64_t *out) {
    NT_ASSERT(units > 0);
    int64_t value;
    const nt_status status = nt_decimal_read(text, length, decimals, &value);
    if (status != NT_OK) return status;
    if (value % units != 0 && !nt_planted(NT_BUG_TICK_UNCHECKED)) return NT_INVALID;
    *out = value / units;
    return NT_OK;
}

uint32_t nt_decimal_write(int64_t value, uint32_t decimals, char *out) {
    NT_ASSERT(decimals <= MAX_DECIMALS);
    char reversed[24];
    uint32_t length = 0, digits = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    // At least one digit stands before the point.
    while (rest != 0 || digits <= decimals) {
        if (digits == decimals && decimals != 0) reversed[length++] = '.';
        reversed[length++] = (char)('0' + rest % 10);
        rest /= 10;
        digits++;
    }
    if (value < 0) reversed[length++] = '-';
    for (uint32_t i = 0; i < length; i++) out[i] = reversed[length - 1 - i];
    return length;
}
