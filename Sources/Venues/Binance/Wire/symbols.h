// symbols.h — symbol text to slot, for the lane.
#ifndef BN_SYMBOLS_H
#define BN_SYMBOLS_H

#include "nt/status.h"
#include "nt/types.h"

enum { BN_SYMBOL_BUCKETS = 256 }; ///< Four per instrument: probes stay short.

typedef struct bn_symbols {
    uint8_t slot_plus_one[BN_SYMBOL_BUCKETS];
    uint8_t length[NT_MAX_INSTRUMENTS];
    char text[NT_MAX_INSTRUMENTS][NT_SYMBOL_SIZE]; ///< ASCII letters in upper case.
} bn_symbols;

/// NT_DUPLICATE: the symbol is there already, in whatever case. NT_INVALID: empty or too long.
nt_status bn_symbols_add(bn_symbols *symbols, const char *text, nt_instrument_id slot);

/// Slot of a symbol in either case (streams are named in lower case); NT_NO_INSTRUMENT when none.
nt_instrument_id bn_symbols_find(const bn_symbols *symbols, const char *text, uint32_t length);

#endif
