// orders.c — lives of orders in the table: added, sent, acknowledged, filled in two trades.
//
// OPEN orders rest at any time: one operation begins a life and ends the oldest one. Every change
// is one that the lane makes, and the table forgets the oldest finished orders as it does there.
#include "subject.h"

#include "nt/order.h"

#define OPEN     20u
#define CAPACITY 4096u
#define QUANTITY INT64_C(1000)
#define HASHED   4096u

typedef struct orders_subject {
    bk_subject subject;
    nt_orders *orders;
    nt_instrument instrument;
    uint64_t next; ///< Key of the order that comes next; 1 is the first.
} orders_subject;

static uint64_t tell(orders_subject *lives, const nt_report *report) {
    nt_order_change change;
    const nt_status status =
        nt_orders_report(lives->orders, 0, report, (int64_t)lives->next, &change);
    if (status != NT_OK) lives->subject.problem = "the table did not take the evidence";
    return change.order.state + UINT64_C(16) * change.fill_applied;
}

static uint64_t begin(orders_subject *lives, uint64_t key) {
    const nt_intent intent = {.order = key,
                              .price = 100000 + (int64_t)(key % 64),
                              .quantity = QUANTITY,
                              .kind = NT_INTENT_PLACE,
                              .side = (nt_side)(key % 2),
                              .type = NT_LIMIT,
                              .tif = NT_GTC};
    nt_order_change change;
    if (nt_orders_add(lives->orders, &intent, 0, (int64_t)key) != NT_OK ||
        nt_orders_step(lives->orders, key, NT_ORDER_ON_SEND, (int64_t)key, &change) != NT_OK)
        lives->subject.problem = "the table did not take the order";
    const nt_report taken = {
        .order = key, .venue_order = (int64_t)key, .cumulative = -1, .evidence = NT_EVIDENCE_ACK};
    return tell(lives, &taken);
}

static uint64_t end(orders_subject *lives, uint64_t key) {
    uint64_t sum = 0;
    for (int64_t part = 1; part <= 2; part++) {
        const nt_report trade = {.order = key,
                                 .venue_order = (int64_t)key,
                                 .trade = (int64_t)(2 * key) + part,
                                 .last_price = 100000,
                                 .last_quantity = QUANTITY / 2,
                                 .cumulative = part * (QUANTITY / 2),
                                 .evidence = NT_EVIDENCE_FILL};
        sum += tell(lives, &trade);
    }
    return sum;
}

static uint64_t run_orders(bk_subject *subject, uint32_t count) {
    orders_subject *lives = (orders_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t key = lives->next++;
        sum += begin(lives, key);
        sum += end(lives, key - OPEN);
    }
    return sum;
}

/// An empty table, then OPEN orders that rest.
static void rewind_orders(bk_subject *subject) {
    orders_subject *lives = (orders_subject *)subject;
    if (lives->orders != NULL) nt_orders_destroy(lives->orders);
    lives->orders = NULL;
    if (nt_orders_create(CAPACITY, &lives->instrument, 1, &lives->orders) != NT_OK) {
        subject->problem = "no memory for a table of orders";
        return;
    }
    for (lives->next = 1; lives->next <= OPEN; lives->next++) begin(lives, lives->next);
}

static uint64_t hash_orders(bk_subject *subject) {
    orders_subject *lives = (orders_subject *)subject;
    rewind_orders(subject);
    uint64_t hash = bk_fold(BK_HASH_START, run_orders(subject, HASHED));
    if (nt_orders_live_count(lives->orders) != OPEN) subject->problem = "orders did not end";
    return bk_fold(hash, nt_orders_hash(lives->orders));
}

static void destroy_orders(bk_subject *subject) {
    orders_subject *lives = (orders_subject *)subject;
    if (lives->orders != NULL) nt_orders_destroy(lives->orders);
}

bk_subject *bk_orders_create(void) {
    orders_subject *lives = calloc(1, sizeof *lives);
    if (lives == NULL) return NULL;
    lives->subject = (bk_subject){
        .run = run_orders, .rewind = rewind_orders, .hash = hash_orders, .destroy = destroy_orders};
    lives->instrument = (nt_instrument){.symbol = "BTCUSDT",
                                        .base = "BTC",
                                        .quote = "USDT",
                                        .price_decimals = 2,
                                        .quantity_decimals = 5,
                                        .tick_units = 1,
                                        .lot_units = 1};
    return &lives->subject;
}
