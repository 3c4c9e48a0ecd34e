// lane_recover_test.c — doubt and its end: lost replies, lost streams, lost processes.
#include <stdlib.h>

#include "lane_rig.h"

static const nt_order *order_of(const rig *rig, nt_order_key key) {
    return nt_orders_find(nt_lane_orders(rig->lane), key);
}

TEST(lane_recover, a_silent_submit_is_unknown_then_found_open_and_never_sent_again) {
    rig rig;
    rig_run(&rig, 1);
    fake_venue_faults(rig.venue)->resting = true;
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_SENT);
    rig_wait(&rig, 2100 * RIG_MS);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    EXPECT_EQ(rig.last_change.order.state, NT_ORDER_UNKNOWN); // The strategy heard of it.
    rig_market(&rig, 30);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9890, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_UNKNOWN_PENDING);
    fake_venue_faults(rig.venue)->mute = false;
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    rig_close(&rig);
}

TEST(lane_recover, a_lost_stream_doubts_what_was_sent_and_finds_it_filled) {
    rig rig;
    rig_run(&rig, 2);
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 10100, 10, NT_IOC);
    EXPECT_EQ(fake_venue_position(rig.venue, 0), 10);
    rig_disconnect(&rig);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    EXPECT(!nt_lane_ready(rig.lane));
    fake_venue_faults(rig.venue)->mute = false;
    rig_connect(&rig);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).fills, 2);
    EXPECT(nt_lane_ready(rig.lane));
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE); // Its trades are not foreign.
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    rig_close(&rig);
}

static int64_t last_listed;
static nt_status note_listed(void *context, const nt_record *record, const void *payload) {
    (void)context;
    nt_record_listed listed;
    if (record->kind != NT_RECORD_LISTED) return NT_OK;
    memcpy(&listed, payload, sizeof listed);
    if (listed.instrument == 0) last_listed = listed.trade;
    return NT_OK;
}

TEST(lane_recover, a_listed_trade_waits_for_the_name_of_its_order) {
    rig rig;
    rig_run(&rig, 21);
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 10100, 10, NT_IOC);
    rig_disconnect(&rig);
    fake_venue_faults(rig.venue)->mute = false;
    fake_venue_faults(rig.venue)->forgetful = true; // Its trades are listed, itself is not found.
    rig_connect(&rig);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 0), NT_TRADING_ACTIVE); // Not foreign.
    nt_journal_found found;
    nt_journal_drain(rig.journal);
    EXPECT_EQ(nt_journal_read("j", nt_files_memory(rig.disk), note_listed, NULL, &found), NT_OK);
    EXPECT_EQ(last_listed, 0); // Nor passed over.
    rig_wait(&rig, 25 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN); // Nor is it absent: they may be its.
    fake_venue_faults(rig.venue)->forgetful = false;
    rig_wait(&rig, 40 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    rig_close(&rig);
}

TEST(lane_recover, a_lost_request_is_absent_after_two_questions_far_apart) {
    rig rig;
    rig_run(&rig, 3);
    fake_venue_faults(rig.venue)->deaf = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    fake_venue_faults(rig.venue)->deaf = false;
    rig_wait(&rig, 9 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    EXPECT(order_of(&rig, key)->not_found >= 1);
    rig_wait(&rig, 20 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_ABSENT);
    EXPECT_EQ(rig.last_change.order.state, NT_ORDER_ABSENT);
    rig_services(&rig);
    EXPECT_EQ(rig.last_told.order.state, NT_ORDER_ABSENT);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    rig_close(&rig);
}

TEST(lane_recover, not_found_on_two_connections_proves_nothing) {
    rig rig;
    rig_run(&rig, 4);
    fake_venue_faults(rig.venue)->forgetful = true;
    fake_venue_faults(rig.venue)->resting = true;
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    fake_venue_faults(rig.venue)->mute = false;
    for (int i = 0; i < 6; i++) { // Each session ends before the proof is whole.
        rig_wait(&rig, 9 * RIG_SECOND);
        EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
        rig_disconnect(&rig);
        rig_connect(&rig);
    }
    fake_venue_faults(rig.venue)->forgetful = false;
    rig_wait(&rig, 40 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    rig_close(&rig);
}

TEST(lane_recover, finds_the_fill_that_was_lost_though_newer_ones_arrived) {
    rig rig;
    rig_run(&rig, 5);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key first = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    nt_order_key second = rig_place(&rig, NT_BUY, 9890, 10, NT_GTC);
    fake_venue_faults(rig.venue)->mute = true;
    fake_venue_fill(rig.venue, first, 9900, 4); // Nobody says it.
    fake_venue_faults(rig.venue)->mute = false;
    fake_venue_fill(rig.venue, second, 9890, 3);
    rig_pump(&rig);
    EXPECT_EQ(rig_lots(&rig, 0), 3);
    rig_disconnect(&rig);
    rig_connect(&rig);
    EXPECT_EQ(rig_lots(&rig, 0), 7);
    EXPECT_EQ(order_of(&rig, first)->cumulative, 4);
    EXPECT_EQ(rig_state(&rig, first), NT_ORDER_PARTIAL);
    rig_close(&rig);
}

TEST(lane_recover, finds_a_lost_fill_by_asking_now_and_then) {
    rig rig;
    rig_run(&rig, 6);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    fake_venue_faults(rig.venue)->mute = true;
    fake_venue_fill(rig.venue, key, 9900, 10);
    fake_venue_faults(rig.venue)->mute = false;
    rig_wait(&rig, 70 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    rig_close(&rig);
}

/// The reports of one order's life: reply, stream, and lists, some twice.
static uint32_t life_of(const nt_order *order, nt_report out[8]) {
    nt_report base = {.order = order->intent.order,
                      .venue_order = 77,
                      .price = 9900,
                      .quantity = 10,
                      .cumulative = -1,
                      .fee_asset = "Q"};
    nt_report ack = base, one = base, two = base, listed = base, closed = base;
    ack.evidence = NT_EVIDENCE_ACK;
    one.evidence = two.evidence = listed.evidence = NT_EVIDENCE_FILL;
    one.trade = 901, one.last_price = 9900, one.last_quantity = 4;
    two.trade = 902, two.last_price = 9899, two.last_quantity = 6;
    listed = two;
    listed.from_query = 1;
    closed.evidence = NT_EVIDENCE_FOUND_FILLED;
    closed.from_query = 1;
    closed.cumulative = 10;
    out[0] = ack, out[1] = one, out[2] = two, out[3] = listed, out[4] = closed, out[5] = one;
    return 6;
}

static void swap(nt_report *a, nt_report *b) {
    nt_report kept = *a;
    *a = *b;
    *b = kept;
}

/// Each order of the six reports (Heap's algorithm), each on an order of its own.
TEST(lane_recover, counts_each_fill_once_in_every_order_of_telling) {
    rig rig;
    rig_run(&rig, 7);
    fake_venue_faults(rig.venue)->mute = true;
    uint32_t orders_told = 0;
    int64_t trades = 0;
    uint32_t counters[8] = {0};
    nt_report reports[8];
    nt_order probe = {.intent = {.order = 1}};
    uint32_t count = life_of(&probe, reports);
    for (uint32_t i = 0; i < count;) {
        rig_market(&rig, 1);
        nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
        EXPECT(key != 0);
        for (uint32_t k = 0; k < count; k++) {
            nt_report report = reports[k];
            report.order = key;
            report.venue_order = 5000 + (int64_t)orders_told;
            if (report.trade != 0) report.trade += trades;
            rig_report(&rig, report);
        }
        trades += 10;
        orders_told++;
        EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
        EXPECT_EQ(rig_lots(&rig, 0), 10 * (int64_t)orders_told);
        while (i < count && counters[i] == i) counters[i++] = 0;
        if (i == count) break;
        swap(&reports[i % 2 == 0 ? 0 : counters[i]], &reports[i]);
        counters[i]++;
        i = 1;
    }
    EXPECT_EQ(orders_told, 720);
    rig_close(&rig);
}

TEST(lane_recover, takes_an_answer_that_does_not_name_the_instrument) {
    rig rig;
    rig_run(&rig, 8);
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    nt_event event = {.kind = NT_EVENT_REPORT, .instrument = NT_NO_INSTRUMENT};
    event.as.report =
        (nt_report){.order = key, .evidence = NT_EVIDENCE_REFUSED, .code = -2010, .cumulative = -1};
    rig_event(&rig, RIG_ORDERS, &event);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_REJECTED);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).rejects, 1);
    rig_close(&rig);
}

TEST(lane_recover, too_many_rejections_reduce) {
    rig rig;
    rig_run(&rig, 9);
    fake_venue_faults(rig.venue)->mute = true;
    for (int i = 0; i < 21; i++) {
        nt_order_key key = rig_place(&rig, NT_BUY, 9900 - i, 10, NT_GTC);
        EXPECT(key != 0);
        rig_report(&rig,
                   (nt_report){.order = key, .evidence = NT_EVIDENCE_REFUSED, .cumulative = -1});
    }
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING);
    rig_close(&rig);
}

TEST(lane_recover, a_doubt_that_lasts_is_told_to_a_person) {
    rig rig;
    rig_run(&rig, 22);
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    // Each question is answered by "I do not know".
    for (uint32_t asked = 0; rig.sent[NT_REQUEST_QUERY] < 25;) {
        rig_tick(&rig, 10 * RIG_MS);
        if (rig.sent[NT_REQUEST_QUERY] == asked) continue;
        asked = rig.sent[NT_REQUEST_QUERY];
        rig_report(&rig, (nt_report){.order = key,
                                     .evidence = NT_EVIDENCE_UNCERTAIN,
                                     .cumulative = -1,
                                     .from_query = 1});
    }
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    EXPECT_EQ(rig.alarms, 1);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 0), NT_TRADING_REDUCING);
    rig_close(&rig);
}

TEST(lane_recover, trades_of_forgotten_orders_are_not_foreign) {
    rig rig;
    rig_run(&rig, 23);
    // More orders than the table holds, all of them finished and counted.
    for (int i = 0; i < 300; i++) {
        EXPECT(rig_place(&rig, NT_BUY, 10100, 1, NT_IOC) != 0);
        EXPECT(rig_place(&rig, NT_SELL, 9900, 1, NT_IOC) != 0);
    }
    uint64_t fills = nt_lane_get_counters(rig.lane).fills;
    EXPECT_EQ(fills, 600);
    rig_disconnect(&rig);
    rig_connect(&rig);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).fills, fills);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 0), NT_TRADING_ACTIVE);
    EXPECT_EQ(rig.alarms, 0);
    rig_close(&rig);
}

TEST(lane_recover, a_foreign_order_reduces_and_is_told_once_a_second) {
    rig rig;
    rig_run(&rig, 10);
    for (int i = 0; i < 10; i++)
        rig_report(&rig, (nt_report){.venue_order = 9,
                                     .client_hash = 5,
                                     .quantity = 1,
                                     .evidence = NT_EVIDENCE_ACK,
                                     .cumulative = 0});
    EXPECT_EQ(rig.alarms, 1);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).foreign_reports, 10);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_REDUCING);
    rig_close(&rig);
}

TEST(lane_recover, an_overfill_disputes_halts_the_instrument_and_counts_the_money) {
    rig rig;
    rig_run(&rig, 11);
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_report(&rig, (nt_report){.order = key,
                                 .evidence = NT_EVIDENCE_FILL,
                                 .trade = 1,
                                 .last_price = 9900,
                                 .last_quantity = 11,
                                 .cumulative = -1});
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_DISPUTED);
    EXPECT_EQ(rig_lots(&rig, 0), 11);
    EXPECT_EQ(rig_place(&rig, NT_SELL, 9900, 5, NT_IOC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_HALTED);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE); // The account goes on.
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_DISPUTED);
    EXPECT_EQ(rig_lots(&rig, 0), 11);
    rig_close(&rig);
}

TEST(lane_recover, a_disputed_order_is_cancelled_as_soon_as_the_venue_listens) {
    rig rig;
    rig_run(&rig, 24);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    nt_event quiet = {.kind = NT_EVENT_USAGE, .instrument = NT_NO_INSTRUMENT};
    quiet.as.usage.retry_after_ms = rig.time.wall_ns / RIG_MS + 3000;
    rig_event(&rig, RIG_ORDERS, &quiet);
    rig_report(&rig, (nt_report){.order = key,
                                 .evidence = NT_EVIDENCE_FILL,
                                 .trade = 1,
                                 .last_price = 9900,
                                 .last_quantity = 11,
                                 .cumulative = -1});
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_DISPUTED);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    rig_close(&rig);
}

TEST(lane_recover, what_is_taken_back_while_halted_is_cancelled) {
    rig rig;
    rig_run(&rig, 25);
    fake_venue_faults(rig.venue)->resting = true;
    rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_kill(&rig);
    nt_memory_disk_destroy(rig.disk); // The disk is gone.
    rig.disk = nt_memory_disk_create();
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    rig_connect(&rig);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    rig_close(&rig);
}

TEST(lane_recover, takes_back_an_order_that_the_journal_lost) {
    rig rig;
    rig_run(&rig, 12);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    fake_venue_fill(rig.venue, key, 9900, 3);
    rig_pump(&rig);
    rig_kill(&rig);
    nt_memory_disk_destroy(rig.disk); // The disk is gone.
    rig.disk = nt_memory_disk_create();
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_PARTIAL);
    rig_market(&rig, 60);
    // Its id is not given again.
    nt_order_key next = rig_place(&rig, NT_BUY, 9880, 10, NT_GTC);
    EXPECT(next > key);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 2);
    rig_close(&rig);
}

// --- a random life -----------------------------------------------------------------------------

static void trade_at_random(rig *rig, const nt_lane_view *view, const nt_call *call,
                            nt_intents *intents) {
    if (call->change != NULL || call->refusal != NULL || !view->valid || !view->trading) return;
    uint64_t choice = nt_random_below(&rig->random, 16);
    nt_intent intent = {.instrument = call->event->instrument, .strategy = 1};
    const nt_orders *orders = nt_lane_orders(rig->lane);
    if (choice < 3) {
        intent.kind = NT_INTENT_PLACE;
        intent.side = (nt_side)nt_random_below(&rig->random, 2);
        intent.tif = choice == 0 ? NT_IOC : NT_GTC;
        intent.quantity = 1 + (int64_t)nt_random_below(&rig->random, 20);
        intent.price = view->bid.price - 4 + (int64_t)nt_random_below(&rig->random, 10);
        intents->items[intents->count++] = intent;
    } else if (choice < 6) {
        const nt_order *order = nt_orders_at(
            orders, (uint32_t)nt_random_below(&rig->random, nt_orders_capacity(orders)));
        if (order == NULL) return;
        intent.kind = NT_INTENT_CANCEL;
        intent.order = order->intent.order;
        intent.instrument = order->intent.instrument;
        intents->items[intents->count++] = intent;
    }
}

/// One step of a life with faults: market, lost replies, lost connections, time.
static void live(rig *rig) {
    uint64_t choice = nt_random_below(&rig->random, 40);
    fake_venue_faults(rig->venue)->mute = choice == 1;
    fake_venue_faults(rig->venue)->deaf = choice == 2;
    if (choice == 3) {
        rig_disconnect(rig);
        rig_connect(rig);
        rig_wait(rig, RIG_SECOND);
    }
    rig_market(rig, 10);
    fake_venue_faults(rig->venue)->mute = fake_venue_faults(rig->venue)->deaf = false;
    if (choice == 4) rig_wait(rig, 3 * RIG_SECOND);
}

static void start_life(rig *rig, uint64_t seed) {
    rig_run(rig, seed);
    rig->act = trade_at_random;
}

/// Gives the lane the time to ask for everything. The strategy is silent.
static void settle(rig *rig) {
    rig->act = NULL;
    fake_venue_faults(rig->venue)->resting = true;
    rig_wait(rig, 80 * RIG_SECOND); // Longer than open orders go unasked.
}

/// True when lane and venue hold the same, order for order and lot for lot.
static bool agrees(const rig *rig) {
    for (uint32_t i = 0; i < 2; i++)
        if (rig_lots(rig, i) != fake_venue_position(rig->venue, i)) return false;
    uint32_t open = 0;
    for (uint32_t i = 0; i < FAKE_ORDERS; i++) {
        const fake_order *theirs = fake_venue_order_at(rig->venue, i);
        if (theirs == NULL) continue;
        const nt_order *ours = order_of(rig, theirs->intent.order);
        bool is_open = theirs->state == NT_EVIDENCE_FOUND_OPEN;
        if (is_open && (ours == NULL || nt_order_is_terminal(ours->state))) return false;
        if (ours != NULL && ours->cumulative != theirs->filled) return false;
        if (ours != NULL && !is_open && !nt_order_is_terminal(ours->state)) return false;
        open += is_open;
    }
    return nt_orders_live_count(nt_lane_orders(rig->lane)) == open;
}

TEST(lane_recover, ends_equal_to_the_venue_after_any_life) {
    for (uint64_t seed = 1; seed <= 30; seed++) {
        rig rig;
        start_life(&rig, seed);
        for (int i = 0; i < 120; i++) live(&rig);
        settle(&rig);
        if (!agrees(&rig)) nt_test_fail(__FILE__, __LINE__, "seed %d differs", (int)seed);
        EXPECT(nt_lane_get_counters(rig.lane).fills > 20);
        rig_close(&rig);
    }
}

TEST(lane_recover, a_process_killed_at_any_step_comes_back_equal_to_the_venue) {
    for (int step = 1; step <= 60; step++) {
        rig rig;
        start_life(&rig, 99);
        for (int i = 0; i < step; i++) live(&rig);
        // The very last words may be lost on the way.
        fake_venue_faults(rig.venue)->mute = step % 3 == 0;
        rig_market(&rig, 2);
        fake_venue_faults(rig.venue)->mute = false;
        rig_kill(&rig);
        EXPECT_EQ(rig_start(&rig), NT_OK);
        rig_connect(&rig);
        settle(&rig);
        if (!agrees(&rig)) nt_test_fail(__FILE__, __LINE__, "killed at step %d: differs", step);
        rig_close(&rig);
    }
}

// --- every prefix of a journal -----------------------------------------------------------------

typedef struct kept_record {
    nt_record header;
    uint8_t payload[NT_RECORD_MAX_PAYLOAD];
} kept_record;

typedef struct kept_journal {
    kept_record *records;
    uint32_t count;
} kept_journal;

static nt_status keep(void *context, const nt_record *record, const void *payload) {
    kept_journal *kept = context;
    kept->records = realloc(kept->records, (kept->count + 1) * sizeof *kept->records);
    kept->records[kept->count].header = *record;
    memcpy(kept->records[kept->count].payload, payload, record->payload_length);
    kept->count++;
    return NT_OK;
}

/// What a prefix holds, read by itself: lots by instrument.
static void add_record(const kept_record *record, int64_t lots[2]) {
    if (record->header.kind != NT_RECORD_REPORT) return;
    nt_record_report report;
    memcpy(&report, record->payload, sizeof report);
    if (report.position_takes)
        lots[report.instrument] += nt_sign(report.report.side) * report.report.last_quantity;
}

/// A lane made of the first `count` records has every order that may be at the venue.
static bool holds_all_orders(const rig *rig, const kept_journal *kept, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        nt_request request;
        if (kept->records[i].header.kind != NT_RECORD_REQUEST) continue;
        memcpy(&request, kept->records[i].payload, sizeof request);
        if (request.kind != NT_REQUEST_PLACE) continue;
        const nt_order *order = order_of(rig, request.intent.order);
        if (order == NULL || order->state == NT_ORDER_QUEUED || order->state == NT_ORDER_SENT)
            return false;
    }
    return true;
}

TEST(lane_recover, every_prefix_of_a_journal_gives_its_orders_and_positions) {
    rig life, reborn;
    start_life(&life, 123);
    for (int i = 0; i < 40; i++) live(&life);
    nt_journal_drain(life.journal);
    kept_journal kept = {NULL, 0};
    nt_journal_found found;
    EXPECT_EQ(nt_journal_read("j", nt_files_memory(life.disk), keep, &kept, &found), NT_OK);
    EXPECT(kept.count > 200);
    int64_t lots[2] = {0, 0};
    for (uint32_t count = 1; count <= kept.count; count++) {
        add_record(&kept.records[count - 1], lots);
        rig_open(&reborn, 1);
        reborn.without_journal = true;
        EXPECT_EQ(rig_start(&reborn), NT_OK);
        // Recovery before the start, as nt_journal_open does it.
        for (uint32_t i = 0; i < count; i++)
            EXPECT_EQ(
                nt_lane_recover(reborn.lane, &kept.records[i].header, kept.records[i].payload),
                NT_OK);
        EXPECT_EQ(nt_lane_start(reborn.lane, NULL, NULL), NT_OK);
        EXPECT(holds_all_orders(&reborn, &kept, count));
        for (uint32_t i = 0; i < 2; i++) EXPECT_EQ(rig_lots(&reborn, i), lots[i]);
        rig_close(&reborn);
    }
    free(kept.records);
    rig_close(&life);
}

TEST(lane_recover, a_halt_counts_from_its_command_on) {
    rig rig;
    rig_open(&rig, 1);
    rig.without_journal = true;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    nt_command halt = {.kind = NT_COMMAND_HALT, .instrument = NT_NO_INSTRUMENT};
    nt_record record = {.kind = NT_RECORD_COMMAND, .payload_length = sizeof halt};
    EXPECT_EQ(nt_lane_recover(rig.lane, &record, &halt), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    rig_close(&rig);
}

TEST(lane_recover, a_record_too_short_for_its_kind_is_corrupt) {
    rig rig;
    rig_open(&rig, 1);
    rig.without_journal = true;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    uint8_t payload[8] = {0};
    for (nt_record_kind kind = NT_RECORD_VERDICT; kind <= NT_RECORD_REQUEST; kind++) {
        nt_record record = {.kind = kind, .payload_length = 8};
        EXPECT_EQ(nt_lane_recover(rig.lane, &record, payload), NT_CORRUPT);
    }
    rig_close(&rig);
}

static uint64_t fold_record(uint64_t hash, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static nt_status hash_record(void *context, const nt_record *record, const void *payload) {
    uint64_t *hash = context;
    *hash = fold_record(*hash, record, sizeof *record);
    *hash = fold_record(*hash, payload, record->payload_length);
    return NT_OK;
}

/// State and journal after a life of one seed.
static void hashes_of(uint64_t seed, uint64_t *state, uint64_t *journal) {
    rig rig;
    nt_journal_found found;
    start_life(&rig, seed);
    for (int i = 0; i < 60; i++) live(&rig);
    *state = nt_lane_hash(rig.lane);
    *journal = 1;
    nt_journal_drain(rig.journal);
    (void)nt_journal_read("j", nt_files_memory(rig.disk), hash_record, journal, &found);
    rig_close(&rig);
}

TEST(lane_recover, two_lives_of_one_seed_are_equal_to_the_last_byte) {
    uint64_t state[3], journal[3];
    hashes_of(5, &state[0], &journal[0]);
    hashes_of(5, &state[1], &journal[1]);
    hashes_of(6, &state[2], &journal[2]);
    EXPECT(state[0] == state[1]);
    EXPECT(journal[0] == journal[1]);
    EXPECT(state[0] != state[2]);
    EXPECT(journal[0] != journal[2]);
}

TEST(lane_recover, the_days_loss_counts_on_over_a_restart) {
    rig rig;
    rig_run(&rig, 20);
    rig_place(&rig, NT_BUY, 10100, 100, NT_IOC);
    nt_position before = nt_lane_position(rig.lane, 0);
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_market(&rig, 60);
    nt_position after = nt_lane_position(rig.lane, 0);
    EXPECT(memcmp(&before, &after, sizeof before) == 0);
    // With a limit below the loss so far (fees alone), new risk is refused.
    nt_account_limits account = nt_gate_account(nt_lane_gate(rig.lane));
    account.max_daily_loss = 1;
    nt_gate_set_account(nt_lane_gate(rig.lane), &account);
    rig_quote(&rig, 0, 900000, 9000, 9001);
    rig.wishes.items[rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .price = 9000, .quantity = 1};
    rig_quote(&rig, 0, 900001, 9000, 9001);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_DAILY_LOSS);
    rig_close(&rig);
}

TEST(lane_recover, yesterdays_loss_is_not_todays_not_even_over_a_restart) {
    rig rig;
    rig_run(&rig, 22);
    rig_place(&rig, NT_BUY, 10100, 100, NT_IOC);
    rig_quote(&rig, 0, 900000, 9000, 9001); // A loss of about 1,000 ticks a lot.
    rig.time.wall_ns += 86400 * RIG_SECOND;
    rig_tick(&rig, RIG_MS);
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_market(&rig, 60);
    rig_quote(&rig, 0, 900000, 9000, 9001);
    nt_account_limits account = nt_gate_account(nt_lane_gate(rig.lane));
    account.max_daily_loss = NT_MONEY_ONE;
    nt_gate_set_account(nt_lane_gate(rig.lane), &account);
    // Today's loss is nothing so far: it passes (the book is live, the touch is the quote's).
    EXPECT(rig_place(&rig, NT_BUY, 8990, 10, NT_GTC) != 0);
    account.max_daily_loss = 1;
    nt_gate_set_account(nt_lane_gate(rig.lane), &account);
    rig_quote(&rig, 0, 900001, 8999, 9001);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 8980, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_DAILY_LOSS);
    rig_close(&rig);
}
