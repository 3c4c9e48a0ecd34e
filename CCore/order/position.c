// position.c — average-cost accounting in exact integers.
//
// At every moment: realised - cost = money received - money paid, to the last unit of 1e-8. A
// closing trade takes its share of the cost rounded towards zero; the rest stays with the rest of
// the lots, so nothing is lost by rounding. A trade that turns the position is a close and an
// opening, and its value is split likewise.
#include "nt/position.h"

#include <string.h>

#include "nt/decimal.h"

typedef __int128 wide;

enum { ASSET_SIZE = 12, ASSET_DECIMALS = 8 };

static bool narrow(wide value, int64_t *out) {
    if (value > INT64_MAX || value < INT64_MIN) return false;
    *out = (int64_t)value;
    return true;
}

static int64_t clamp(wide value) {
    if (value > INT64_MAX) return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

static bool add(int64_t *sum, wide value) { return narrow((wide)*sum + value, sum); }

static wide power_of_ten(unsigned exponent) {
    wide power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

static wide magnitude(int64_t value) { return value < 0 ? -(wide)value : value; }

static bool is_asset(const char *name, const char *asset) {
    return name[0] != '\0' && strncmp(name, asset, ASSET_SIZE) == 0;
}

/// Value in quote currency of a fee in the base asset, rounded up: never understated.
static bool base_fee_value(const nt_instrument *instrument, int64_t price, nt_money fee,
                           nt_money *out) {
    int64_t units;
    if (!nt_multiply(price, instrument->tick_units, &units)) return false;
    const wide product = (wide)units * fee;
    const wide scale = power_of_ten(instrument->price_decimals);
    return narrow(product / scale + (product % scale > 0), out);
}

static bool add_fee(nt_position *position, const nt_instrument *instrument, int64_t price,
                    nt_money fee, const char *asset) {
    if (fee == 0) return true;
    if (is_asset(asset, instrument->quote)) return add(&position->fees, fee);
    if (!is_asset(asset, instrument->base)) return add(&position->other_fees, fee);
    nt_money value;
    if (!base_fee_value(instrument, price, fee, &value)) return false;
    return add(&position->base_fees, fee) && add(&position->fees, value);
}

/// Closes `lots` (at most what is held) for `value`.
static bool close_lots(nt_position *position, nt_side side, int64_t lots, nt_money value) {
    // |cost| × lots fits 126 bits; division towards zero.
    const wide part = (wide)position->cost * lots / magnitude(position->lots);
    const wide received = side == NT_SELL ? (wide)value : -(wide)value;
    return add(&position->realised, received - part) && add(&position->cost, -part) &&
           add(&position->lots, nt_sign(side) * (wide)lots);
}

static bool open_lots(nt_position *position, nt_side side, int64_t lots, nt_money value) {
    return add(&position->cost, nt_sign(side) * (wide)value) &&
           add(&position->lots, nt_sign(side) * (wide)lots);
}

static bool trade(nt_position *position, const nt_instrument *instrument, nt_side side,
                  int64_t price, int64_t quantity) {
    nt_money value, closed_value = 0;
    if (!nt_notional(instrument, price, quantity, &value)) return false;
    int64_t closed = 0;
    if ((position->lots > 0) == (side == NT_SELL) && position->lots != 0) {
        const wide held = magnitude(position->lots);
        closed = held < quantity ? (int64_t)held : quantity;
        if (!nt_notional(instrument, price, closed, &closed_value)) return false;
        if (!close_lots(position, side, closed, closed_value)) return false;
    }
    return closed == quantity || open_lots(position, side, quantity - closed, value - closed_value);
}

nt_status nt_position_fill(nt_position *position, const nt_instrument *instrument, nt_side side,
                           int64_t price, int64_t quantity, nt_money fee, const char *fee_asset) {
    if (price <= 0 || quantity <= 0 || side > NT_SELL) return NT_INVALID;
    nt_position after = *position;
    int64_t *turnover = side == NT_BUY ? &after.bought : &after.sold;
    const bool fits = trade(&after, instrument, side, price, quantity) && add(turnover, quantity) &&
                      add_fee(&after, instrument, price, fee, fee_asset);
    if (!fits) return NT_OVERFLOW;
    after.fills++;
    *position = after;
    return NT_OK;
}

nt_money nt_position_unrealised(const nt_position *position, const nt_instrument *instrument,
                                int64_t mark) {
    if (position->lots == 0) return 0;
    nt_money value;
    if (!nt_notional(instrument, mark, position->lots, &value)) {
        value = position->lots > 0 ? INT64_MAX : INT64_MIN;
    }
    return clamp((wide)value - position->cost);
}

nt_money nt_position_average(const nt_position *position, const nt_instrument *instrument) {
    if (position->lots == 0) return 0;
    // 63 + 40 bits above, at most 127 below.
    const wide above = magnitude(position->cost) * power_of_ten(instrument->quantity_decimals);
    return clamp(above / (magnitude(position->lots) * instrument->lot_units));
}

int64_t nt_position_sellable(const nt_position *position, const nt_instrument *instrument) {
    if (position->lots <= 0) return 0;
    // Fees in lots, rounded up; both sides brought to the finer of the two scales.
    const unsigned decimals = instrument->quantity_decimals;
    wide fees = position->base_fees, lot = instrument->lot_units;
    if (decimals > ASSET_DECIMALS)
        fees *= power_of_ten(decimals - ASSET_DECIMALS);
    else
        lot *= power_of_ten(ASSET_DECIMALS - decimals);
    if (fees <= 0) return position->lots;
    const wide taken = fees / lot + (fees % lot != 0);
    return taken < position->lots ? position->lots - (int64_t)taken : 0;
}
