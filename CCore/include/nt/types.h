// types.h — the values that every part of the core speaks in.
//
// Prices are whole ticks, quantities whole lots, money fixed point with eight decimals of the
// quote currency. No floating point enters the core.
#ifndef NT_TYPES_H
#define NT_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/// Money: units of 1e-8 of the quote currency.
typedef int64_t nt_money;
#define NT_MONEY_ONE      INT64_C(100000000)
#define NT_MONEY_DECIMALS 8

/// Slot of an instrument in its lane, 0 … NT_MAX_INSTRUMENTS - 1.
typedef uint32_t nt_instrument_id;
#define NT_MAX_INSTRUMENTS 64u
#define NT_NO_INSTRUMENT   UINT32_MAX
#define NT_SYMBOL_SIZE     24

enum { NT_BUY = 0, NT_SELL = 1 }; ///< nt_side; a bid is NT_BUY.
typedef uint8_t nt_side;

enum { ///< nt_order_type
    NT_LIMIT = 0,
    NT_MARKET = 1,
    NT_LIMIT_MAKER = 2, ///< Post only: refused if it would take.
    NT_STOP_MARKET = 3, ///< Becomes MARKET when trades reach stop_price.
    NT_STOP_LIMIT = 4,  ///< Becomes LIMIT when trades reach stop_price.
    NT_ORDER_TYPE_COUNT = 5
};
typedef uint8_t nt_order_type;

enum { NT_GTC = 0, NT_IOC = 1, NT_FOK = 2, NT_TIF_COUNT = 3 };
typedef uint8_t nt_time_in_force;

/// One price level: ticks and lots. A quantity of zero removes the level.
typedef struct nt_level {
    int64_t price;
    int64_t quantity;
} nt_level;

/// What the core must know of an instrument. Immutable once its lane runs.
/// price in quote currency = ticks * tick_units / 10^price_decimals, quantity likewise.
typedef struct nt_instrument {
    char symbol[NT_SYMBOL_SIZE]; ///< As the venue writes it, upper case, NUL-terminated.
    char base[12];
    char quote[12];
    uint8_t price_decimals;    ///< 0 … 12
    uint8_t quantity_decimals; ///< 0 … 12
    uint16_t reserved;
    int64_t tick_units;                 ///< Tick in units of 10^-price_decimals, > 0.
    int64_t lot_units;                  ///< Lot in units of 10^-quantity_decimals, > 0.
    int64_t min_price, max_price;       ///< Ticks; max 0 = no limit.
    int64_t min_quantity, max_quantity; ///< Lots; max 0 = no limit.
    int64_t min_market_quantity, max_market_quantity; ///< Lots; max 0 = as for limits.
    nt_money min_notional, max_notional;              ///< max 0 = no limit.
} nt_instrument;

/// Value of `quantity` lots at `price` ticks. Rounds towards zero. False when it overflows.
bool nt_notional(const nt_instrument *instrument, int64_t price, int64_t quantity, nt_money *out);

/// Signed: +1 for NT_BUY, -1 for NT_SELL.
static inline int64_t nt_sign(nt_side side) { return side == NT_BUY ? 1 : -1; }
static inline nt_side nt_opposite(nt_side side) { return (nt_side)(side ^ 1u); }

#endif
