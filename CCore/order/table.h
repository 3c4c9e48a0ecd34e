// table.h — the inside of the order table, shared by the files of this folder.
//
// Slots are allocated once. A hash finds them by key. Every slot is on one of three lists: free;
// finished (terminal, nothing reserved; the oldest is taken when a slot is needed); or its
// instrument's active list. What a slot adds to its instrument's exposure is kept with it as its
// share, so that a change subtracts the old share and adds the new one.
#ifndef NT_ORDER_TABLE_H
#define NT_ORDER_TABLE_H

#include "nt/order.h"
#include "trades.h"

#define NO_SLOT UINT32_MAX

/// What one order reserves.
typedef struct order_share {
    int64_t lots;
    nt_money value;
    int64_t quote; ///< Limit price at which it may rest, 0 none.
    bool live, unknown;
} order_share;

typedef struct order_slot {
    nt_order order; ///< state NT_ORDER_NONE: free.
    order_share share;
    uint32_t previous, next; ///< In its list.
    uint32_t list;           ///< Index into `lists`.
} order_slot;

typedef struct order_list {
    uint32_t first, last;
} order_list;

/// Sums of shares. Wide, so that no mix of orders overflows them; clamped when told.
typedef struct order_sums {
    __int128 buy_lots, sell_lots, value;
    int64_t best_buy, best_sell;
    uint32_t live, unknown;
} order_sums;

enum { LIST_FREE = 0, LIST_FINISHED = 1, LIST_ACTIVE = 2 }; ///< Active: + instrument.

struct nt_orders {
    const nt_instrument *instruments;
    uint32_t instrument_count, capacity;
    order_slot *slots;
    order_list lists[LIST_ACTIVE + NT_MAX_INSTRUMENTS];
    order_sums sums[NT_MAX_INSTRUMENTS];
    __int128 value; ///< Over all instruments.
    uint32_t live;
    bool stops_on_bug;
    uint32_t *hash; ///< Slot or NO_SLOT; linear probing.
    uint32_t hash_bits;
    uint32_t *sorted; ///< Room for nt_orders_hash.
    nt_trades *trades;
};

// exposure.c

/// Puts a free slot's list links right; `list` as above.
void order_link(nt_orders *orders, uint32_t slot, uint32_t list);
/// Makes share, sums and list agree with the slot's order, after any change of it.
void order_settle(nt_orders *orders, uint32_t slot);

// table.c

/// NO_SLOT when not in the table.
uint32_t order_locate(const nt_orders *orders, nt_order_key key);
int64_t order_clamp(__int128 value);

#endif
