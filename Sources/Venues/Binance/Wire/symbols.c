// symbols.c — open addressing with linear probing; never full, so a probe always ends.
#include "symbols.h"

#include <string.h>

_Static_assert(BN_SYMBOL_BUCKETS >= 2 * NT_MAX_INSTRUMENTS, "half of the buckets stay empty");
_Static_assert(NT_MAX_INSTRUMENTS < UINT8_MAX, "slots fit a byte");

static char upper(char character) {
    return (char)(character >= 'a' && character <= 'z' ? character - ('a' - 'A') : character);
}

/// FNV-1a over the upper-case text.
static uint32_t hash_of(const char *text, uint32_t length) {
    uint32_t hash = UINT32_C(2166136261);
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)upper(text[i])) * UINT32_C(16777619); // Wraps on purpose.
    }
    return hash ^ (hash >> 15);
}

static bool matches(const char *known, const char *text, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        if (known[i] != upper(text[i])) return false;
    }
    return true;
}

nt_status bn_symbols_add(bn_symbols *symbols, const char *text, nt_instrument_id slot) {
    const size_t length = strnlen(text, NT_SYMBOL_SIZE);
    if (length == 0 || length == NT_SYMBOL_SIZE || slot >= NT_MAX_INSTRUMENTS) return NT_INVALID;
    if (bn_symbols_find(symbols, text, (uint32_t)length) != NT_NO_INSTRUMENT) return NT_DUPLICATE;
    uint32_t bucket = hash_of(text, (uint32_t)length) % BN_SYMBOL_BUCKETS;
    while (symbols->slot_plus_one[bucket] != 0) bucket = (bucket + 1) % BN_SYMBOL_BUCKETS;
    symbols->slot_plus_one[bucket] = (uint8_t)(slot + 1);
    symbols->length[slot] = (uint8_t)length;
    for (size_t i = 0; i < length; i++) symbols->text[slot][i] = upper(text[i]);
    return NT_OK;
}

nt_instrument_id bn_symbols_find(const bn_symbols *symbols, const char *text, uint32_t length) {
    uint32_t bucket = hash_of(text, length) % BN_SYMBOL_BUCKETS;
    for (; symbols->slot_plus_one[bucket] != 0; bucket = (bucket + 1) % BN_SYMBOL_BUCKETS) {
        const uint32_t slot = symbols->slot_plus_one[bucket] - 1u;
        if (symbols->length[slot] == length && matches(symbols->text[slot], text, length)) {
            return slot;
        }
    }
    return NT_NO_INSTRUMENT;
}
