// decimal.h — exact decimals: text ↔ scaled 64-bit integers. No floating point, no locale.
#ifndef NT_DECIMAL_H
#define NT_DECIMAL_H

#include "nt/status.h"
#include "nt/types.h"

/// Reads plain decimal text ("-12.3400") as an integer of 10^-decimals units.
/// NT_INVALID: not a number, empty, exponent, or non-zero digits beyond `decimals`.
/// NT_OVERFLOW: does not fit. `decimals` 0 … 18.
nt_status nt_decimal_read(const char *text, uint32_t length, uint32_t decimals, int64_t *out);

/// As nt_decimal_read, then divides by `units`; NT_INVALID when it is not a whole multiple.
nt_status nt_decimal_read_units(const char *text, uint32_t length, uint32_t decimals, int64_t units,
                                int64_t *out);

/// Writes value × 10^-decimals with exactly `decimals` digits after the point (no point when 0).
/// Returns the length, at most 22; no terminator. `out` holds at least 24 bytes.
uint32_t nt_decimal_write(int64_t value, uint32_t decimals, char *out);

/// Checked arithmetic: false on overflow, *out untouched then.
static inline bool nt_add(int64_t a, int64_t b, int64_t *out) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}
static inline bool nt_multiply(int64_t a, int64_t b, int64_t *out) {
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

#endif
