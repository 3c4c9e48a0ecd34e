// types.c — the one calculation that the shared values need.
#include "nt/types.h"

static const uint64_t power_of_ten[] = {
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
};

static uint64_t magnitude(int64_t value) {
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

bool nt_notional(const nt_instrument *instrument, int64_t price, int64_t quantity, nt_money *out) {
    // Unsigned 128 bits hold price × quantity always; with the units and the scale it is checked.
    // The largest divisor is 10^16 < 2^54, so whatever passes 2^128 here passes 2^63 at the end.
    typedef unsigned __int128 wide;
    wide value = (wide)magnitude(price) * magnitude(quantity);
    const wide units = (wide)magnitude(instrument->tick_units) * magnitude(instrument->lot_units);
    if (__builtin_mul_overflow(value, units, &value)) return false;

    const unsigned decimals = (unsigned)instrument->price_decimals + instrument->quantity_decimals;
    if (decimals > NT_MONEY_DECIMALS) {
        value /= power_of_ten[decimals - NT_MONEY_DECIMALS];
    } else if (__builtin_mul_overflow(value, (wide)power_of_ten[NT_MONEY_DECIMALS - decimals],
                                      &value)) {
        return false;
    }
    if (value > (wide)INT64_MAX) return false;
    const bool negative = (price < 0) != (quantity < 0);
    *out = negative ? -(nt_money)value : (nt_money)value;
    return true;
}
