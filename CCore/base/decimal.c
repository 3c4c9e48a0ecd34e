// decimal.c — exact decimals without floating point.
//
// The grammar is the one JSON numbers share with every venue's price strings, without the
// exponent: [-] digits [. digits]. Signs of plus, a bare point and blanks are refused, because
// whoever writes them also writes other things that we do not expect.
#include "nt/decimal.h"

#include <stddef.h>

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

/// Reads the digits after the point. NULL when one beyond `decimals` is not zero.
static const char *read_fraction(const char *at, const char *end, uint32_t decimals,
                                 uint32_t *count, accumulator *number) {
    for (; at < end && is_digit(*at); at++) {
        if (*count < decimals) {
            add_digit(number, (unsigned)(*at - '0'));
            (*count)++;
        } else if (*at != '0') {
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
    if (value % units != 0) return NT_INVALID;
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
