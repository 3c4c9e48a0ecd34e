// order_cases.h — orders and reports that the tests of the order table share, and the recount.
//
// The recount knows nothing of shares and lists: it adds up the orders as docs/orders.md says.
#ifndef NT_TESTS_ORDER_CASES_H
#define NT_TESTS_ORDER_CASES_H

#include <stdlib.h>

#include "nt/order.h"

enum { EVERY_STATE = NT_ORDER_STATE_COUNT, EVERY_EVENT = NT_ORDER_EVENT_COUNT };

static const nt_instrument instruments[3] = {
    {.symbol = "AAABBB",
     .base = "AAA",
     .quote = "BBB",
     .price_decimals = 2,
     .quantity_decimals = 3,
     .tick_units = 1,
     .lot_units = 1},
    {.symbol = "CCCBBB",
     .base = "CCC",
     .quote = "BBB",
     .price_decimals = 4,
     .quantity_decimals = 0,
     .tick_units = 5,
     .lot_units = 10},
    {.symbol = "DDDBBB",
     .base = "DDD",
     .quote = "BBB",
     .price_decimals = 8,
     .quantity_decimals = 8,
     .tick_units = 1,
     .lot_units = 1},
};

static inline nt_orders *make_table(uint32_t capacity) {
    nt_orders *orders = NULL;
    if (nt_orders_create(capacity, instruments, 3, &orders) != NT_OK) abort();
    return orders;
}

static inline nt_intent limit_order(nt_order_key key, nt_side side, int64_t price,
                                    int64_t quantity) {
    return (nt_intent){.order = key, .price = price, .quantity = quantity, .side = side};
}

static inline nt_report evidence(nt_order_key key, nt_evidence kind) {
    return (nt_report){.order = key, .evidence = kind, .cumulative = -1};
}

static inline nt_report fill(nt_order_key key, int64_t trade, int64_t quantity,
                             int64_t cumulative) {
    nt_report report = evidence(key, NT_EVIDENCE_FILL);
    report.trade = trade;
    report.last_price = 100;
    report.last_quantity = quantity;
    report.cumulative = cumulative;
    return report;
}

static inline nt_order_change tell(nt_orders *orders, nt_report report) {
    nt_order_change change;
    (void)nt_orders_report(orders, 0, &report, 50, &change);
    return change;
}

static inline nt_order_change step(nt_orders *orders, nt_order_key key, nt_order_event event) {
    nt_order_change change;
    (void)nt_orders_step(orders, key, event, 40, &change);
    return change;
}

/// A table with one order (key 7: buys 10 at 100), sent.
static inline nt_orders *sent_order(void) {
    nt_orders *orders = make_table(8);
    nt_intent intent = limit_order(7, NT_BUY, 100, 10);
    if (nt_orders_add(orders, &intent, 0, 1) != NT_OK) abort();
    step(orders, 7, NT_ORDER_ON_SEND);
    return orders;
}

static inline nt_order_state state_of(const nt_orders *orders) {
    return nt_orders_find(orders, 7)->state;
}

static inline int64_t reserved(const nt_orders *orders) {
    return nt_orders_exposure(orders, 0).open_buy;
}

// ---- A second opinion on exposure, from nothing but the orders

static inline bool finished(nt_order_state state) {
    return state == NT_ORDER_ABANDONED || state == NT_ORDER_FILLED || state == NT_ORDER_CANCELED ||
           state == NT_ORDER_EXPIRED || state == NT_ORDER_REJECTED || state == NT_ORDER_ABSENT;
}

static inline int64_t recount_lots(const nt_order *order) {
    bool ended = finished(order->state) && order->state != NT_ORDER_FILLED;
    int64_t most = ended ? 0 : order->intent.quantity;
    if (order->closing != NT_ORDER_NONE && order->closing != NT_ORDER_FILLED) most = 0;
    if (order->venue_cumulative > most) most = order->venue_cumulative;
    return most > order->cumulative ? most - order->cumulative : 0;
}

static inline void recount_order(const nt_order *order, nt_exposure *sum) {
    const nt_intent *intent = &order->intent;
    int64_t lots = recount_lots(order);
    *(intent->side == NT_BUY ? &sum->open_buy : &sum->open_sell) += lots;
    int64_t price = intent->type == NT_MARKET        ? order->reference
                    : intent->type == NT_STOP_MARKET ? intent->stop_price
                                                     : intent->price;
    nt_money value = 0;
    if (!nt_notional(&instruments[intent->instrument], price, lots, &value)) abort();
    sum->open_value += value;
    if (finished(order->state)) return;
    sum->live++;
    if (order->state == NT_ORDER_UNKNOWN) sum->unknown++;
    bool rests = intent->type == NT_LIMIT || intent->type == NT_LIMIT_MAKER;
    if (!rests || lots == 0 || order->closing != NT_ORDER_NONE) return;
    if (intent->side == NT_BUY && price > sum->best_buy) sum->best_buy = price;
    if (intent->side == NT_SELL && (sum->best_sell == 0 || price < sum->best_sell)) {
        sum->best_sell = price;
    }
}

static inline nt_exposure recount(const nt_orders *orders, nt_instrument_id instrument) {
    nt_exposure sum = {0};
    for (uint32_t i = 0; i < nt_orders_capacity(orders); i++) {
        const nt_order *order = nt_orders_at(orders, i);
        if (order != NULL && order->intent.instrument == instrument) recount_order(order, &sum);
    }
    return sum;
}

static inline bool same_exposure(const nt_exposure *a, const nt_exposure *b) {
    return a->open_buy == b->open_buy && a->open_sell == b->open_sell &&
           a->best_buy == b->best_buy && a->best_sell == b->best_sell &&
           a->open_value == b->open_value && a->live == b->live && a->unknown == b->unknown;
}

static inline bool recount_agrees(const nt_orders *orders) {
    nt_money value = 0;
    uint32_t live = 0;
    for (nt_instrument_id i = 0; i < 3; i++) {
        nt_exposure kept = nt_orders_exposure(orders, i), counted = recount(orders, i);
        if (!same_exposure(&kept, &counted)) return false;
        value += counted.open_value;
        live += counted.live;
    }
    return value == nt_orders_open_value(orders) && live == nt_orders_live_count(orders);
}

// ---- Every pair of state and event

/// An order in a state, as the journal might bring it back, fit to meet the event; sells, so that
/// best prices matter.
static inline nt_order order_in(nt_order_state state, nt_order_event event) {
    nt_order order = {.intent = limit_order(7, NT_SELL, 100, 10), .state = state};
    const bool disproved = event == NT_ORDER_ON_DISPROVED;
    order.venue_cumulative = -1;
    if (state == NT_ORDER_PARTIAL || event == NT_ORDER_ON_OPEN_PARTLY) order.cumulative = 4;
    // By the operator's word alone; else its trades would speak.
    if (state == NT_ORDER_FILLED) order.cumulative = event == NT_ORDER_ON_REFUSED ? 0 : 8;
    if (disproved && finished(state)) order.resolved = 1;
    if (disproved && !finished(state)) order.venue_order = 9;
    return order;
}

static inline nt_report report_of(const nt_order *order, nt_order_event event) {
    static const nt_evidence kinds[EVERY_EVENT] = {
        [NT_ORDER_ON_ACK] = NT_EVIDENCE_ACK,
        [NT_ORDER_ON_REFUSED] = NT_EVIDENCE_REFUSED,
        [NT_ORDER_ON_CANCELED] = NT_EVIDENCE_CANCELED,
        [NT_ORDER_ON_EXPIRED] = NT_EVIDENCE_EXPIRED,
        [NT_ORDER_ON_REJECTED] = NT_EVIDENCE_REJECTED,
        [NT_ORDER_ON_FOUND_OPEN] = NT_EVIDENCE_FOUND_OPEN,
        [NT_ORDER_ON_OPEN_PARTLY] = NT_EVIDENCE_FOUND_OPEN,
        [NT_ORDER_ON_FOUND_CLOSED] = NT_EVIDENCE_FOUND_CANCELED,
        [NT_ORDER_ON_NOT_FOUND] = NT_EVIDENCE_NOT_FOUND,
        [NT_ORDER_ON_UNCERTAIN] = NT_EVIDENCE_UNKNOWN_STATE,
    };
    const int64_t left = order->intent.quantity - order->cumulative;
    nt_report report = evidence(7, kinds[event]);
    if (event == NT_ORDER_ON_FILL) report = fill(7, 99, left - 1, -1);
    if (event == NT_ORDER_ON_FULL_FILL) report = fill(7, 99, left, -1);
    if (event == NT_ORDER_ON_OVERFILL) report = fill(7, 99, left + 1, -1);
    if (event == NT_ORDER_ON_FOUND_CLOSED) report.cumulative = order->cumulative + 1;
    return report;
}

#endif
