// orders.c — the table of our orders: slots, keys, and what comes in and goes out of it.
//
// Everything is allocated at creation. The hash is open addressing at no more than half load;
// removal shifts followers back. What evidence does to an order is in evidence.c.
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "table.h"

#ifndef NT_STOP_ON_BUG
#define NT_STOP_ON_BUG 0 ///< 1 in test builds.
#endif

enum { MAX_CAPACITY = 1 << 24 };

static uint32_t home(const nt_orders *orders, nt_order_key key) {
    // Multiplicative hash; wraps on purpose.
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - orders->hash_bits));
}

static uint32_t mask(const nt_orders *orders) { return (UINT32_C(1) << orders->hash_bits) - 1; }

/// Place in the hash of the key, or of the free place where it would go.
static uint32_t probe(const nt_orders *orders, nt_order_key key) {
    uint32_t place = home(orders, key);
    while (orders->hash[place] != NO_SLOT &&
           orders->slots[orders->hash[place]].order.intent.order != key) {
        place = (place + 1) & mask(orders);
    }
    return place;
}

uint32_t order_locate(const nt_orders *orders, nt_order_key key) {
    return key == 0 ? NO_SLOT : orders->hash[probe(orders, key)];
}

static void hash_remove(nt_orders *orders, nt_order_key key) {
    uint32_t hole = probe(orders, key);
    for (uint32_t place = (hole + 1) & mask(orders); orders->hash[place] != NO_SLOT;
         place = (place + 1) & mask(orders)) {
        const nt_order_key other = orders->slots[orders->hash[place]].order.intent.order;
        const uint32_t distance = (place - home(orders, other)) & mask(orders);
        if (distance < ((place - hole) & mask(orders))) continue;
        orders->hash[hole] = orders->hash[place];
        hole = place;
    }
    orders->hash[hole] = NO_SLOT;
}

static void empty_slots(nt_orders *orders) {
    for (uint32_t i = 0; i < LIST_ACTIVE + NT_MAX_INSTRUMENTS; i++) {
        orders->lists[i] = (order_list){NO_SLOT, NO_SLOT};
    }
    for (uint32_t i = 0; i <= mask(orders); i++) orders->hash[i] = NO_SLOT;
    for (uint32_t i = 0; i < orders->capacity; i++) {
        memset(&orders->slots[i], 0, sizeof orders->slots[i]);
        orders->sorted[i] = i;
        order_link(orders, i, LIST_FREE);
    }
}

nt_status nt_orders_create(uint32_t capacity, const nt_instrument *instruments,
                           uint32_t instrument_count, nt_orders **out) {
    if (capacity == 0 || capacity > MAX_CAPACITY || instrument_count > NT_MAX_INSTRUMENTS) {
        return nt_fail(NT_INVALID, "order table of %u orders, %u instruments", capacity,
                       instrument_count);
    }
    nt_orders *orders = calloc(1, sizeof *orders);
    if (orders == NULL) return NT_NO_MEMORY;
    orders->instruments = instruments;
    orders->instrument_count = instrument_count;
    orders->capacity = capacity;
    orders->stops_on_bug = NT_STOP_ON_BUG;
    orders->hash_bits = 1;
    while ((UINT32_C(1) << orders->hash_bits) < 2 * capacity) orders->hash_bits++;
    orders->slots = calloc(capacity, sizeof *orders->slots);
    orders->sorted = calloc(capacity, sizeof *orders->sorted);
    orders->hash = calloc((size_t)mask(orders) + 1, sizeof *orders->hash);
    orders->trades = nt_trades_create();
    if (!orders->slots || !orders->sorted || !orders->hash || !orders->trades) {
        nt_orders_destroy(orders);
        return NT_NO_MEMORY;
    }
    empty_slots(orders);
    *out = orders;
    return NT_OK;
}

void nt_orders_destroy(nt_orders *orders) {
    if (orders == NULL) return;
    nt_trades_destroy(orders->trades);
    free(orders->hash);
    free(orders->sorted);
    free(orders->slots);
    free(orders);
}

void nt_orders_stop_on_bug(nt_orders *orders, bool stops) {
    orders->stops_on_bug = stops && NT_STOP_ON_BUG;
}

/// A slot to write into: a free one, else the one of the order that has been finished longest.
static uint32_t take_slot(nt_orders *orders) {
    if (orders->lists[LIST_FREE].first != NO_SLOT) return orders->lists[LIST_FREE].first;
    const uint32_t slot = orders->lists[LIST_FINISHED].first;
    if (slot == NO_SLOT) return NO_SLOT;
    hash_remove(orders, orders->slots[slot].order.intent.order);
    orders->slots[slot].order = (nt_order){0};
    order_settle(orders, slot);
    return slot;
}

/// Writes a new order into a slot of its own. Its key is not in the table.
static nt_status insert(nt_orders *orders, const nt_order *order) {
    const uint32_t slot = take_slot(orders);
    if (slot == NO_SLOT) return NT_FULL;
    orders->slots[slot].order = *order;
    orders->hash[probe(orders, order->intent.order)] = slot;
    order_settle(orders, slot);
    return NT_OK;
}

static bool has_limit_price(nt_order_type type) {
    return type == NT_LIMIT || type == NT_LIMIT_MAKER || type == NT_STOP_LIMIT;
}

static bool has_stop_price(nt_order_type type) {
    return type == NT_STOP_MARKET || type == NT_STOP_LIMIT;
}

static bool is_well_formed(const nt_orders *orders, const nt_intent *intent) {
    return intent->order != 0 && intent->instrument < orders->instrument_count &&
           intent->side <= NT_SELL && intent->type < NT_ORDER_TYPE_COUNT && intent->quantity > 0 &&
           (!has_limit_price(intent->type) || intent->price > 0) &&
           (!has_stop_price(intent->type) || intent->stop_price > 0);
}

nt_status nt_orders_add(nt_orders *orders, const nt_intent *intent, int64_t reference,
                        int64_t now_ns) {
    if (!is_well_formed(orders, intent) || intent->kind != NT_INTENT_PLACE) return NT_INVALID;
    if (intent->type == NT_MARKET && reference <= 0) return NT_INVALID;
    if (order_locate(orders, intent->order) != NO_SLOT) return NT_DUPLICATE;
    nt_order order = {.intent = *intent,
                      .venue_cumulative = -1,
                      .reference = reference,
                      .created_ns = now_ns,
                      .changed_ns = now_ns,
                      .state = NT_ORDER_QUEUED};
    return insert(orders, &order);
}

static bool is_possible(const nt_order *order) {
    return order->state != NT_ORDER_NONE && order->state < NT_ORDER_STATE_COUNT &&
           order->closing < NT_ORDER_STATE_COUNT && order->cumulative >= 0 &&
           order->venue_cumulative >= -1;
}

nt_status nt_orders_restore(nt_orders *orders, const nt_order *order) {
    if (!is_well_formed(orders, &order->intent) || !is_possible(order)) return NT_INVALID;
    const uint32_t slot = order_locate(orders, order->intent.order);
    if (slot == NO_SLOT) return insert(orders, order);
    const nt_intent *known = &orders->slots[slot].order.intent;
    const bool same_book =
        known->instrument == order->intent.instrument && known->side == order->intent.side;
    if (!same_book) return NT_INVALID;
    orders->slots[slot].order = *order;
    order_settle(orders, slot);
    return NT_OK;
}

bool nt_orders_has_trade(const nt_orders *orders, nt_instrument_id instrument, int64_t trade) {
    return nt_trades_has(orders->trades, instrument, trade);
}

const nt_order *nt_orders_find(const nt_orders *orders, nt_order_key key) {
    const uint32_t slot = order_locate(orders, key);
    return slot == NO_SLOT ? NULL : &orders->slots[slot].order;
}

const nt_order *nt_orders_at(const nt_orders *orders, uint32_t slot) {
    if (slot >= orders->capacity) return NULL;
    const nt_order *order = &orders->slots[slot].order;
    return order->state == NT_ORDER_NONE ? NULL : order;
}

uint32_t nt_orders_capacity(const nt_orders *orders) { return orders->capacity; }

/// Lets `at` sink in the heap of the first `count` entries, largest key on top.
static void sift(const nt_orders *orders, uint32_t at, uint32_t count) {
    uint32_t *sorted = orders->sorted;
    for (uint32_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        const order_slot *slots = orders->slots;
        if (child + 1 < count &&
            slots[sorted[child + 1]].order.intent.order > slots[sorted[child]].order.intent.order) {
            child++;
        }
        if (slots[sorted[at]].order.intent.order >= slots[sorted[child]].order.intent.order) return;
        const uint32_t moved = sorted[at];
        sorted[at] = sorted[child];
        sorted[child] = moved;
        at = child;
    }
}

/// Heap sort: in place, no worst case.
static void sort_by_key(const nt_orders *orders) {
    for (uint32_t i = orders->capacity / 2; i > 0; i--) sift(orders, i - 1, orders->capacity);
    for (uint32_t last = orders->capacity; last > 1; last--) {
        const uint32_t top = orders->sorted[0];
        orders->sorted[0] = orders->sorted[last - 1];
        orders->sorted[last - 1] = top;
        sift(orders, 0, last - 1);
    }
}

static uint64_t fold_intent(uint64_t hash, const nt_intent *intent) {
    const int64_t fields[] = {
        (int64_t)intent->order, intent->price,      intent->stop_price, intent->quantity,
        (int64_t)intent->tag,   intent->instrument, intent->strategy,   intent->kind,
        intent->side,           intent->type,       intent->tif,        intent->flags,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) hash = nt_fold(hash, fields[i]);
    return hash;
}

static uint64_t fold_order(uint64_t hash, const nt_order *order) {
    hash = fold_intent(hash, &order->intent);
    const int64_t fields[] = {
        order->venue_order, order->cumulative, order->venue_cumulative, order->filled_value,
        order->reference,   order->code,       order->queries,          order->state,
        order->cancel,      order->amend,      order->late_fills,       order->closing,
        order->not_found,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) hash = nt_fold(hash, fields[i]);
    // Alone when it says something, so that journals without it keep their hash.
    return order->resolved == 0 ? hash : nt_fold(hash, order->resolved);
}

uint64_t nt_orders_hash(const nt_orders *orders) {
    sort_by_key(orders);
    uint64_t hash = NT_FOLD_START;
    for (uint32_t i = 0; i < orders->capacity; i++) {
        const nt_order *order = &orders->slots[orders->sorted[i]].order;
        if (order->state != NT_ORDER_NONE) hash = fold_order(hash, order);
    }
    return hash;
}
