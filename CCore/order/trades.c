// trades.c — a hash set over a ring: the ring knows the age, the table finds.
//
// The table holds positions in the ring, open addressing with linear probing at half load;
// removal shifts the followers back, so there are no tombstones and probes stay short.
#include "trades.h"

#include <stdlib.h>

enum { BITS = 17, TABLE_SIZE = 1 << BITS, MASK = TABLE_SIZE - 1 };
_Static_assert(NT_TRADES_CAPACITY * 2 == TABLE_SIZE, "half load");

#define NO_ENTRY UINT32_MAX

typedef struct {
    int64_t trade;
    nt_instrument_id instrument;
    uint32_t reserved;
} pair;

struct nt_trades {
    uint32_t count, next; // Ring: entries in use, place of the next.
    pair ring[NT_TRADES_CAPACITY];
    uint32_t table[TABLE_SIZE];
};

static uint32_t home(nt_instrument_id instrument, int64_t trade) {
    // Multiplicative hash; wraps on purpose. Trade ids are often consecutive.
    const uint64_t mixed = ((uint64_t)trade ^ ((uint64_t)instrument << 56 | instrument)) *
                           UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> (64 - BITS));
}

/// Place in the table of the pair, or of the free place where it would go.
static uint32_t locate(const nt_trades *trades, nt_instrument_id instrument, int64_t trade) {
    uint32_t place = home(instrument, trade);
    while (trades->table[place] != NO_ENTRY) {
        const pair *entry = &trades->ring[trades->table[place]];
        if (entry->trade == trade && entry->instrument == instrument) break;
        place = (place + 1) & MASK;
    }
    return place;
}

static void forget(nt_trades *trades, const pair *oldest) {
    uint32_t hole = locate(trades, oldest->instrument, oldest->trade);
    for (uint32_t place = (hole + 1) & MASK; trades->table[place] != NO_ENTRY;
         place = (place + 1) & MASK) {
        const pair *entry = &trades->ring[trades->table[place]];
        const uint32_t distance = (place - home(entry->instrument, entry->trade)) & MASK;
        if (distance < ((place - hole) & MASK)) continue;
        trades->table[hole] = trades->table[place];
        hole = place;
    }
    trades->table[hole] = NO_ENTRY;
}

nt_trades *nt_trades_create(void) {
    nt_trades *trades = calloc(1, sizeof *trades);
    if (trades == NULL) return NULL;
    // Written through and through, so that no page is first touched on the lane.
    for (uint32_t i = 0; i < NT_TRADES_CAPACITY; i++) trades->ring[i].trade = -1;
    for (uint32_t i = 0; i < TABLE_SIZE; i++) trades->table[i] = NO_ENTRY;
    return trades;
}

void nt_trades_destroy(nt_trades *trades) { free(trades); }

bool nt_trades_has(const nt_trades *trades, nt_instrument_id instrument, int64_t trade) {
    return trades->table[locate(trades, instrument, trade)] != NO_ENTRY;
}

bool nt_trades_add(nt_trades *trades, nt_instrument_id instrument, int64_t trade) {
    if (nt_trades_has(trades, instrument, trade)) return false;
    if (trades->count == NT_TRADES_CAPACITY) {
        forget(trades, &trades->ring[trades->next]);
    } else {
        trades->count++;
    }
    trades->ring[trades->next] = (pair){.trade = trade, .instrument = instrument};
    trades->table[locate(trades, instrument, trade)] = trades->next;
    trades->next = (trades->next + 1) % NT_TRADES_CAPACITY;
    return true;
}
