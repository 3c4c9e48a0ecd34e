// lane_resolve_test.c — the operator's word on orders in doubt: journaled, checked, never final.
#include "lane_rig.h"

static uint64_t resolve(rig *rig, nt_order_key key, nt_order_state as, int64_t filled) {
    nt_command command = {.kind = NT_COMMAND_RESOLVE,
                          .instrument = NT_NO_INSTRUMENT,
                          .position_or_order = key,
                          .argument = {as, filled},
                          .reason = "test: seen on the venue's page"};
    NT_ASSERT(nt_command_send(rig->commands, &command) == NT_OK);
    rig_tick(rig, RIG_MS);
    return command.ticket;
}

static int64_t reserved_buy(const rig *rig) {
    return nt_orders_exposure(nt_lane_orders(rig->lane), 0).open_buy;
}

/// An order that the venue has, and of which nothing is heard any more.
static nt_order_key unknown_order(rig *rig) {
    fake_venue_faults(rig->venue)->resting = true;
    fake_venue_faults(rig->venue)->mute = true;
    nt_order_key key = rig_place(rig, NT_BUY, 9900, 10, NT_GTC);
    rig_wait(rig, 3 * RIG_SECOND);
    NT_ASSERT(rig_state(rig, key) == NT_ORDER_UNKNOWN);
    return key;
}

static nt_report report_on(nt_order_key key, nt_evidence evidence, uint8_t from_query) {
    return (nt_report){
        .order = key, .evidence = evidence, .cumulative = -1, .from_query = from_query};
}

TEST(lane_resolve, a_word_ends_the_doubt_and_survives_a_restart) {
    rig rig;
    rig_run(&rig, 31);
    nt_order_key key = unknown_order(&rig);
    EXPECT_EQ(reserved_buy(&rig), 10);
    uint64_t ticket = resolve(&rig, key, NT_ORDER_CANCELED, 0);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    EXPECT_EQ(rig.last_change.order.state, NT_ORDER_CANCELED); // The strategy hears of it.
    EXPECT_EQ(reserved_buy(&rig), 0);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).unknowns_resolved, 1);
    EXPECT(strstr(rig.last_alarm.text, "was unknown, is canceled; test: seen") != NULL);
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    EXPECT_EQ(nt_orders_find(nt_lane_orders(rig.lane), key)->resolved, 1);
    rig_close(&rig);
}

static nt_status find_resolution(void *context, const nt_record *record, const void *payload) {
    nt_record_resolution *found = context;
    if (record->kind == NT_RECORD_RESOLUTION) memcpy(found, payload, sizeof *found);
    return NT_OK;
}

TEST(lane_resolve, the_journal_says_who_and_why_and_before_and_after) {
    rig rig;
    rig_run(&rig, 32);
    nt_order_key key = unknown_order(&rig);
    resolve(&rig, key, NT_ORDER_FILLED, -1);
    nt_record_resolution found = {0};
    nt_journal_found about;
    EXPECT_EQ(nt_journal_read("j", nt_files_memory(rig.disk), find_resolution, &found, &about),
              NT_OK);
    EXPECT_EQ(found.order, key);
    EXPECT_EQ(found.before, NT_ORDER_UNKNOWN);
    EXPECT_EQ(found.after, NT_ORDER_FILLED);
    EXPECT_EQ(found.filled, -1);
    EXPECT_TEXT(found.reason, "test: seen on the venue's page");
    rig_close(&rig);
}

TEST(lane_resolve, orders_that_need_no_word_and_words_that_cannot_be_are_refused) {
    rig rig;
    rig_run(&rig, 33);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key live = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(rig_state(&rig, live), NT_ORDER_LIVE);
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, live, NT_ORDER_CANCELED, -1)), NT_REFUSED);
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, live + 9, NT_ORDER_CANCELED, -1)), NT_NOT_FOUND);
    nt_order_key key = unknown_order(&rig);
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, key, NT_ORDER_LIVE, -1)), NT_REFUSED);
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, key, 77, -1)), NT_REFUSED);
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, key, NT_ORDER_ABSENT, 4)), NT_REFUSED);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    EXPECT_EQ(rig_state(&rig, live), NT_ORDER_LIVE);
    rig_close(&rig);
}

TEST(lane_resolve, a_trade_after_a_wrong_word_is_counted_and_alarmed_and_asked_about) {
    rig rig;
    rig_run(&rig, 34);
    nt_order_key key = unknown_order(&rig);
    resolve(&rig, key, NT_ORDER_CANCELED, -1);
    uint32_t alarms = rig.alarms;
    nt_report fill = report_on(key, NT_EVIDENCE_FILL, 0);
    fill.trade = 901;
    fill.last_price = 9900;
    fill.last_quantity = 4;
    rig_report(&rig, fill);
    rig_report(&rig, fill);
    EXPECT_EQ(rig_lots(&rig, 0), 4);
    EXPECT_EQ(rig.alarms, alarms + 1);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).late_fills, 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    rig_close(&rig);
}

TEST(lane_resolve, an_order_that_stays_open_is_disputed_and_can_be_resolved_again) {
    rig rig;
    rig_run(&rig, 35);
    nt_order_key key = unknown_order(&rig);
    resolve(&rig, key, NT_ORDER_CANCELED, -1);
    fake_venue_faults(rig.venue)->mute = false; // It answers: the order is open.
    rig_wait(&rig, 200 * RIG_SECOND);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 0), NT_TRADING_HALTED);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_DISPUTED);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0); // Cancelled by the halt.
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, key, NT_ORDER_CANCELED, -1)), NT_OK);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    EXPECT_EQ(reserved_buy(&rig), 0);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 0), NT_TRADING_HALTED); // Until resumed.
    rig_close(&rig);
}

TEST(lane_resolve, absent_after_all_the_venue_shows_it_is_disputed_at_once) {
    rig rig;
    rig_run(&rig, 36);
    nt_order_key key = unknown_order(&rig);
    resolve(&rig, key, NT_ORDER_ABSENT, -1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_ABSENT);
    rig_report(&rig, report_on(key, NT_EVIDENCE_FOUND_OPEN, 1));
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_DISPUTED);
    EXPECT_EQ(reserved_buy(&rig), 10);
    rig_close(&rig);
}

TEST(lane_resolve, a_trade_that_only_a_list_shows_finds_its_order_after_a_wrong_word) {
    rig rig;
    rig_run(&rig, 37);
    nt_order_key key = unknown_order(&rig);
    resolve(&rig, key, NT_ORDER_ABSENT, -1);
    fake_venue_fill(rig.venue, key, 9900, 4); // Nobody tells.
    fake_venue_faults(rig.venue)->mute = false;
    rig_command(&rig, NT_COMMAND_RECONCILE, NT_NO_INSTRUMENT);
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 4);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_DISPUTED);
    rig_close(&rig);
}

TEST(lane_resolve, a_listed_trade_asks_whose_it_is_also_after_a_restart) {
    rig rig;
    rig_run(&rig, 39);
    nt_order_key key = unknown_order(&rig);
    fake_venue_fill(rig.venue, key, 9900, 10); // Nobody tells, and it is open no more.
    resolve(&rig, key, NT_ORDER_CANCELED, -1);
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    fake_venue_faults(rig.venue)->mute = false;
    rig_connect(&rig);
    rig_wait(&rig, 10 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 0), NT_TRADING_ACTIVE); // Not foreign.
    rig_close(&rig);
}

TEST(lane_resolve, what_is_said_to_be_filled_is_filled_by_the_trades_that_are_listed) {
    rig rig;
    rig_run(&rig, 38);
    nt_order_key key = unknown_order(&rig);
    fake_venue_fill(rig.venue, key, 9900, 10);
    EXPECT_EQ(rig_answer(&rig, resolve(&rig, key, NT_ORDER_FILLED, -1)), NT_OK);
    EXPECT_EQ(reserved_buy(&rig), 10);
    fake_venue_faults(rig.venue)->mute = false;
    rig_wait(&rig, 10 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(reserved_buy(&rig), 0);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    rig_close(&rig);
}
