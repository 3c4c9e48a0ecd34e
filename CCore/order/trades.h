// trades.h — which trades were counted: a bounded set of (instrument, trade id).
#ifndef NT_ORDER_TRADES_H
#define NT_ORDER_TRADES_H

#include <stdbool.h>
#include <stdint.h>

#include "nt/types.h"

/// Pairs remembered; then the oldest gives way to the newest.
#define NT_TRADES_CAPACITY 65536u

/// Owned by the order table; lane thread only.
typedef struct nt_trades nt_trades;

/// NULL when there is no memory.
nt_trades *nt_trades_create(void);
void nt_trades_destroy(nt_trades *trades);

/// True when the pair was new; it is remembered then.
bool nt_trades_add(nt_trades *trades, nt_instrument_id instrument, int64_t trade);
bool nt_trades_has(const nt_trades *trades, nt_instrument_id instrument, int64_t trade);

#endif
