// order_flow_test.c — evidence in any order and any number of times; random flows with a recount.
#include "nt/random.h"
#include "order_cases.h"
#include "test.h"

// ---- Any order, any number of times

enum { SCRIPT_MAX = 7 };

typedef struct {
    nt_order_state ends;
    int64_t cumulative;
    uint32_t count;
    nt_report reports[SCRIPT_MAX];
} script;

static nt_report stating(nt_evidence kind, int64_t cumulative) {
    nt_report report = evidence(7, kind);
    report.cumulative = cumulative;
    report.venue_order = 55;
    return report;
}

/// Silence as a "report" of a script; it is a step.
static nt_report silence(void) { return evidence(7, NT_EVIDENCE_NONE); }

static uint32_t make_scripts(script out[8]) {
    out[0] = (script){NT_ORDER_FILLED,
                      10,
                      7,
                      {stating(NT_EVIDENCE_ACK, 0), fill(7, 1, 3, 3), fill(7, 2, 3, 6),
                       fill(7, 3, 4, 10), stating(NT_EVIDENCE_CANCEL_REFUSED, -1),
                       stating(NT_EVIDENCE_FOUND_OPEN, 3), stating(NT_EVIDENCE_UNCERTAIN, -1)}};
    out[1] = (script){NT_ORDER_CANCELED,
                      6,
                      7,
                      {stating(NT_EVIDENCE_ACK, 0), fill(7, 1, 3, 3), fill(7, 2, 3, 6),
                       stating(NT_EVIDENCE_CANCELED, 6), stating(NT_EVIDENCE_CANCEL_UNCERTAIN, -1),
                       stating(NT_EVIDENCE_NOT_FOUND, -1), silence()}};
    out[2] = (script){NT_ORDER_EXPIRED,
                      3,
                      7,
                      {stating(NT_EVIDENCE_ACK, 0), fill(7, 1, 2, 2), fill(7, 2, 1, 3),
                       stating(NT_EVIDENCE_FOUND_EXPIRED, 3), stating(NT_EVIDENCE_DUPLICATE_ID, -1),
                       stating(NT_EVIDENCE_FOUND_OPEN, 2), silence()}};
    out[3] = (script){NT_ORDER_REJECTED,
                      0,
                      4,
                      {evidence(7, NT_EVIDENCE_REFUSED), evidence(7, NT_EVIDENCE_UNCERTAIN),
                       evidence(7, NT_EVIDENCE_NOT_FOUND), silence()}};
    out[4] = (script){NT_ORDER_PARTIAL,
                      5,
                      7,
                      {stating(NT_EVIDENCE_ACK, 0), fill(7, 1, 2, 2), fill(7, 2, 3, 5),
                       stating(NT_EVIDENCE_FOUND_OPEN, 5), stating(NT_EVIDENCE_UNCERTAIN, -1),
                       stating(NT_EVIDENCE_NOT_FOUND, -1), silence()}};
    out[5] = (script){NT_ORDER_FILLED,
                      10,
                      6,
                      {fill(7, 1, 5, -1), fill(7, 2, 5, -1), evidence(7, NT_EVIDENCE_FOUND_FILLED),
                       stating(NT_EVIDENCE_FOUND_FILLED, 10), silence(),
                       stating(NT_EVIDENCE_CANCEL_REFUSED, -1)}};
    out[6] = (script){NT_ORDER_DISPUTED,
                      12,
                      5,
                      {stating(NT_EVIDENCE_ACK, 0), fill(7, 1, 6, 6), fill(7, 2, 6, 12),
                       stating(NT_EVIDENCE_CANCELED, 12), silence()}};
    nt_report amended = stating(NT_EVIDENCE_AMENDED, -1);
    amended.quantity = 6;
    out[7] = (script){
        NT_ORDER_FILLED,
        6,
        5,
        {stating(NT_EVIDENCE_ACK, 0), fill(7, 1, 3, 3), fill(7, 2, 3, 6), amended, silence()}};
    return 8;
}

/// One table for all plays; each play has a key and trade ids of its own.
typedef struct {
    nt_orders *orders;
    nt_order_key key;
    int64_t position;
} stage;

static void open_play(stage *at) {
    nt_intent intent = limit_order(++at->key, NT_BUY, 100, 10);
    if (nt_orders_add(at->orders, &intent, 0, 1) != NT_OK) abort();
    step(at->orders, at->key, NT_ORDER_ON_SEND);
    at->position = 0;
}

/// Frees the slot, whatever the order has become.
static void close_play(stage *at) {
    nt_order order = *nt_orders_find(at->orders, at->key);
    order.state = NT_ORDER_CANCELED;
    order.venue_cumulative = -1;
    if (nt_orders_restore(at->orders, &order) != NT_OK) abort();
}

static void play(stage *at, nt_report report) {
    nt_order_change change;
    if (report.evidence == NT_EVIDENCE_NONE) {
        step(at->orders, at->key, NT_ORDER_ON_SILENCE);
        return;
    }
    report.order = at->key;
    if (report.trade != 0) report.trade += (int64_t)at->key * 10;
    (void)nt_orders_report(at->orders, 0, &report, 70, &change);
    if (change.fill_applied) at->position += report.last_quantity;
}

/// Plays a script in one order, each report once or twice; false when it ends elsewhere.
static bool ends_alike(stage *at, const script *told, const uint32_t *order, uint32_t twice) {
    open_play(at);
    bool agrees = true;
    for (uint32_t i = 0; i < told->count; i++) {
        play(at, told->reports[order[i]]);
        if ((twice >> i & 1) != 0) play(at, told->reports[order[i]]);
        agrees = agrees && recount_agrees(at->orders);
    }
    // All of it again, after the end, changes nothing.
    for (uint32_t i = 0; twice != 0 && i < told->count; i++) play(at, told->reports[order[i]]);
    const nt_order *end = nt_orders_find(at->orders, at->key);
    bool closed = told->ends != NT_ORDER_PARTIAL;
    agrees = agrees && end->state == told->ends && end->cumulative == told->cumulative &&
             at->position == end->cumulative &&
             reserved(at->orders) == (closed ? 0 : 10 - end->cumulative);
    close_play(at);
    return agrees;
}

/// Next permutation in order of the alphabet; false after the last.
static bool permute(uint32_t *order, uint32_t count) {
    uint32_t i = count - 1;
    while (i > 0 && order[i - 1] >= order[i]) i--;
    if (i == 0) return false;
    uint32_t j = count - 1;
    while (order[j] <= order[i - 1]) j--;
    uint32_t kept = order[j];
    order[j] = order[i - 1];
    order[i - 1] = kept;
    for (uint32_t low = i, high = count - 1; low < high; low++, high--) {
        kept = order[low];
        order[low] = order[high];
        order[high] = kept;
    }
    return true;
}

TEST(order_flow, any_order_and_any_repetition_ends_the_same) {
    script scripts[8];
    uint32_t count = make_scripts(scripts), tried = 0;
    nt_random random = nt_random_seeded(3);
    stage at = {.orders = make_table(4)};
    for (uint32_t s = 0; s < count; s++) {
        uint32_t order[SCRIPT_MAX] = {0, 1, 2, 3, 4, 5, 6};
        do {
            uint32_t twice = (uint32_t)nt_random_below(&random, 128);
            tried++;
            if (!ends_alike(&at, &scripts[s], order, 0) ||
                !ends_alike(&at, &scripts[s], order, twice)) {
                nt_test_fail(__FILE__, __LINE__, "script %u, permutation %u, twice %u", s, tried,
                             twice);
                return;
            }
        } while (permute(order, scripts[s].count));
    }
    nt_orders_destroy(at.orders);
    EXPECT_EQ(tried, 4 * 5040 + 24 + 720 + 2 * 120);
}

// ---- Random flows

typedef struct {
    nt_orders *orders;
    nt_random random;
    nt_order_key last_key;
    int64_t last_trade;
    int64_t counted; ///< Lots that were told to be applied.
} flow;

static int64_t draw(flow *at, uint64_t bound) {
    return (int64_t)nt_random_below(&at->random, bound);
}

static void add_random(flow *at) {
    nt_intent intent =
        limit_order(at->last_key + 1, (nt_side)draw(at, 2), 90 + draw(at, 20), 1 + draw(at, 20));
    intent.instrument = (nt_instrument_id)draw(at, 3);
    intent.type = (nt_order_type)draw(at, NT_ORDER_TYPE_COUNT);
    intent.stop_price = 80 + draw(at, 40);
    nt_status status = nt_orders_add(at->orders, &intent, 95, at->last_trade);
    if (status == NT_OK) at->last_key++;
}

static void report_random(flow *at, nt_order_key key) {
    const nt_order *order = nt_orders_find(at->orders, key);
    nt_report report = evidence(key, (nt_evidence)(1 + draw(at, NT_EVIDENCE_COUNT - 1)));
    if (draw(at, 2) == 0) report.evidence = NT_EVIDENCE_FILL;
    report.trade = draw(at, 4) == 0 ? 1 + draw(at, (uint64_t)at->last_trade + 1) : ++at->last_trade;
    report.last_price = draw(at, 50) == 0 ? 0 : 90 + draw(at, 20);
    report.last_quantity = draw(at, 5);
    report.cumulative = draw(at, 3) == 0 ? draw(at, 12) : -1;
    report.quantity = draw(at, 4) == 0 ? draw(at, 22) : 0;
    report.from_query = (uint8_t)draw(at, 2);
    nt_order_change change;
    nt_instrument_id instrument = order == NULL ? 0 : order->intent.instrument;
    (void)nt_orders_report(at->orders, instrument, &report, 80, &change);
    if (change.fill_applied && change.found) at->counted += report.last_quantity;
}

static void act_random(flow *at) {
    nt_order_key key =
        at->last_key == 0 ? 1 : at->last_key - (nt_order_key)draw(at, 12) % at->last_key;
    nt_order_change change;
    switch (draw(at, 9)) {
    case 8:
        (void)nt_orders_resolve(at->orders, key, (nt_order_state)draw(at, EVERY_STATE),
                                draw(at, 2) == 0 ? -1 : draw(at, 12), 95, &change);
        break;
    case 0:
    case 1:
        add_random(at);
        break;
    case 2:
        step(at->orders, key, (nt_order_event)draw(at, EVERY_EVENT));
        break;
    case 3:
        nt_orders_mark_amend(at->orders, key, (nt_pending)draw(at, 4), draw(at, 25));
        nt_orders_mark_cancel(at->orders, key, (nt_pending)draw(at, 4));
        nt_orders_mark_query(at->orders, key, 90);
        break;
    default:
        report_random(at, key);
    }
}

/// Ends what has gone on for long, so that the table never stays full.
static void clear_old(flow *at) {
    for (uint32_t i = 0; i < nt_orders_capacity(at->orders); i++) {
        const nt_order *order = nt_orders_at(at->orders, i);
        if (order == NULL || order->intent.order + 20 > at->last_key) continue;
        nt_order ended = *order;
        ended.state = NT_ORDER_CANCELED;
        ended.closing = NT_ORDER_NONE;
        ended.venue_cumulative = -1;
        (void)nt_orders_restore(at->orders, &ended);
    }
}

TEST(order_flow, exposure_equals_a_recount_after_every_step_of_random_flows) {
    uint32_t steps = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        flow at = {.orders = make_table(48), .random = nt_random_seeded(seed)};
        uint64_t twin_hash = 0;
        for (uint32_t i = 0; i < 1500; i++, steps++) {
            nt_orders_stop_on_bug(at.orders, false); // It sends what was sent, and worse.
            act_random(&at);
            if (i % 16 == 0) clear_old(&at);
            if (recount_agrees(at.orders)) continue;
            nt_test_fail(__FILE__, __LINE__, "seed %" PRIu64 ", step %u", seed, i);
            nt_orders_destroy(at.orders);
            return;
        }
        twin_hash = nt_orders_hash(at.orders);
        nt_orders_destroy(at.orders);
        flow again = {.orders = make_table(48), .random = nt_random_seeded(seed)};
        for (uint32_t i = 0; i < 1500; i++) {
            nt_orders_stop_on_bug(again.orders, false);
            act_random(&again);
            if (i % 16 == 0) clear_old(&again);
        }
        bool same = twin_hash == nt_orders_hash(again.orders) && at.counted == again.counted;
        nt_orders_destroy(again.orders);
        EXPECT(same);
    }
    EXPECT_EQ(steps, 60000);
}

// ---- Keys

/// Every order is found under its key, and under no other.
static bool keys_agree(const nt_orders *orders) {
    for (uint32_t i = 0; i < nt_orders_capacity(orders); i++) {
        const nt_order *order = nt_orders_at(orders, i);
        if (order != NULL && nt_orders_find(orders, order->intent.order) != order) return false;
    }
    return true;
}

TEST(order_flow, finds_every_key_while_orders_come_and_go) {
    nt_orders *orders = make_table(64);
    nt_random random = nt_random_seeded(9);
    nt_order_key keys[4096];
    for (uint32_t i = 0; i < 4096; i++) {
        keys[i] = nt_random_next(&random) | 1;
        nt_intent intent = limit_order(keys[i], NT_BUY, 100, 1);
        EXPECT_EQ(nt_orders_add(orders, &intent, 0, 1), NT_OK);
        EXPECT_EQ(nt_orders_add(orders, &intent, 0, 1), NT_DUPLICATE);
        // Some finish at once, most only when 50 younger ones have come.
        const uint32_t ends = i >= 50 && nt_random_below(&random, 8) != 0 ? i - 50 : i;
        for (uint32_t k = i >= 60 ? i - 60 : 0; k <= ends && k + 50 <= i; k++) {
            step(orders, keys[k], NT_ORDER_ON_SEND_FAILED);
        }
        if (ends == i) step(orders, keys[i], NT_ORDER_ON_SEND_FAILED);
        EXPECT(keys_agree(orders));
        if (i >= 200) EXPECT(nt_orders_find(orders, keys[i - 200]) == NULL);
    }
    EXPECT(recount_agrees(orders));
    nt_orders_destroy(orders);
}
