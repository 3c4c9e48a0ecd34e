// position.h — what we hold of one instrument and what it has earned, from fills alone.
//
// Average-cost accounting in exact integers. Fees in the quote asset cost money; fees in the base
// asset reduce what can be sold (they are valued at the trade's price as well); fees in a third
// asset are counted apart, in that asset's units, and said so.
#ifndef NT_POSITION_H
#define NT_POSITION_H

#include <stdbool.h>

#include "nt/status.h"
#include "nt/types.h"

typedef struct nt_position {
    int64_t lots;         ///< Signed: long > 0.
    nt_money cost;        ///< Signed value paid for `lots` (average price × lots).
    nt_money realised;    ///< Profit of closed quantity, before fees.
    nt_money fees;        ///< In quote currency (base-asset fees valued at their trade).
    nt_money base_fees;   ///< Units of 1e-8 of the base asset.
    nt_money other_fees;  ///< Fees in third assets, units of 1e-8, not valued.
    int64_t bought, sold; ///< Lots, ever.
    uint64_t fills;
} nt_position;

/// Applies one fill. NT_OVERFLOW leaves it untouched. `fee_asset` as the venue writes it.
nt_status nt_position_fill(nt_position *position, const nt_instrument *instrument, nt_side side,
                           int64_t price, int64_t quantity, nt_money fee, const char *fee_asset);
/// Profit of what is held if it could be closed at `mark` ticks, before fees. 0 when flat.
nt_money nt_position_unrealised(const nt_position *position, const nt_instrument *instrument,
                                int64_t mark);
/// Average entry price in units of 1e-8 of the quote currency per 1 base; 0 when flat.
nt_money nt_position_average(const nt_position *position, const nt_instrument *instrument);
/// Whole lots that can be sold now: long lots less what base-asset fees took (rounded up).
int64_t nt_position_sellable(const nt_position *position, const nt_instrument *instrument);

#endif
