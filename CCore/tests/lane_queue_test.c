// lane_queue_test.c — orders that find the connection busy: sent late, or never.
#include "lane_rig.h"

/// A rig whose connection has no room, and an order that waits for it.
static nt_order_key busy(rig *rig, uint64_t seed) {
    rig_run(rig, seed);
    fake_venue_faults(rig->venue)->resting = true;
    rig->send_status = NT_BUSY;
    return rig_place(rig, NT_BUY, 9900, 10, NT_GTC);
}

/// Room again, time enough for everything; no byte of an order arrived.
static void expect_never_sent(rig *rig, nt_order_key key) {
    EXPECT_EQ(rig_state(rig, key), NT_ORDER_ABANDONED);
    rig->send_status = NT_OK;
    rig_wait(rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig->sent[NT_REQUEST_PLACE], 0);
    EXPECT(fake_venue_find(rig->venue, key) == NULL);
    EXPECT_EQ(rig_state(rig, key), NT_ORDER_ABANDONED);
    rig_close(rig);
}

TEST(lane_queue, an_order_that_finds_no_room_is_sent_once_when_there_is_some) {
    rig rig;
    nt_order_key key = busy(&rig, 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_QUEUED);
    EXPECT_EQ(nt_orders_exposure(nt_lane_orders(rig.lane), 0).open_buy, 10);
    rig_market(&rig, 50);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_QUEUED);
    rig.send_status = NT_OK;
    rig_market(&rig, 2);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).orders_sent, 1);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    rig_close(&rig);
}

TEST(lane_queue, it_waits_no_longer_than_its_time_and_a_person_is_told) {
    rig rig;
    nt_order_key key = busy(&rig, 2);
    rig_market(&rig, 240);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_QUEUED);
    rig_market(&rig, 20);
    EXPECT_EQ(rig.alarms, 1);
    EXPECT(strstr(rig.last_alarm.text, "given up unsent") != NULL);
    EXPECT_EQ(rig.last_change.order.state, NT_ORDER_ABANDONED); // The strategy heard of it.
    expect_never_sent(&rig, key);
}

TEST(lane_queue, a_cancel_by_the_strategy_takes_it_out_unsent) {
    rig rig;
    nt_order_key key = busy(&rig, 3);
    rig_cancel(&rig, key);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    EXPECT_EQ(nt_orders_exposure(nt_lane_orders(rig.lane), 0).open_buy, 0);
    rig.send_status = NT_OK;
    rig_market(&rig, 5);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    expect_never_sent(&rig, key);
}

TEST(lane_queue, a_cancel_by_the_operator_takes_it_out_unsent) {
    rig rig;
    nt_order_key key = busy(&rig, 4);
    nt_command command = {.kind = NT_COMMAND_CANCEL_ORDER, .position_or_order = key};
    EXPECT_EQ(nt_command_send(rig.commands, &command), NT_OK);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, command.ticket), NT_OK);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    expect_never_sent(&rig, key);
}

TEST(lane_queue, a_halt_and_a_stop_take_it_out_unsent) {
    static const uint32_t kinds[] = {NT_COMMAND_HALT, NT_COMMAND_CANCEL_ALL, NT_COMMAND_REDUCE};
    for (uint32_t i = 0; i < 3; i++) {
        rig rig;
        nt_order_key key = busy(&rig, 5);
        rig_command(&rig, kinds[i], NT_NO_INSTRUMENT);
        rig_tick(&rig, RIG_MS);
        expect_never_sent(&rig, key);
    }
    rig rig;
    nt_order_key key = busy(&rig, 5);
    nt_command command = {.kind = NT_COMMAND_STOP, .instrument = NT_NO_INSTRUMENT};
    command.argument[0] = 1; // Orders at the venue stay; this one is not there.
    EXPECT_EQ(nt_command_send(rig.commands, &command), NT_OK);
    rig_tick(&rig, RIG_MS);
    EXPECT(nt_lane_stopped(rig.lane));
    expect_never_sent(&rig, key);
}

TEST(lane_queue, a_stale_book_takes_it_out_unsent) {
    rig rig;
    nt_order_key key = busy(&rig, 6);
    nt_event gap = {.kind = NT_EVENT_DEPTH};
    nt_level bid = {9990, 5};
    gap.as.depth = (nt_depth){
        .first_id = 900000, .last_id = 900001, .previous_id = -1, .bids = &bid, .bid_count = 1};
    rig_event(&rig, RIG_MARKET, &gap);
    rig_tick(&rig, 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_NO_REFERENCE);
    expect_never_sent(&rig, key);
}

TEST(lane_queue, a_price_that_is_out_of_the_collar_by_then_takes_it_out_unsent) {
    rig rig;
    nt_order_key key = busy(&rig, 7);
    rig_quote(&rig, 0, INT64_C(1) << 40, 8000, 8001); // 9,900 pays 24 % more.
    rig_tick(&rig, 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_COLLAR);
    expect_never_sent(&rig, key);
}

TEST(lane_queue, a_lost_connection_takes_it_out_unsent) {
    rig rig;
    nt_order_key key = busy(&rig, 8);
    rig_disconnect(&rig);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_ABANDONED);
    rig.send_status = NT_OK;
    rig_connect(&rig);
    expect_never_sent(&rig, key);
}

TEST(lane_queue, it_does_not_stand_in_its_own_way_when_it_is_judged_again) {
    rig rig;
    rig_run(&rig, 9);
    fake_venue_faults(rig.venue)->resting = true;
    nt_account_limits account = nt_gate_account(nt_lane_gate(rig.lane));
    account.max_open_orders = 1;
    account.max_orders_per_window = 1;
    account.order_window_ns = account.duplicate_window_ns = 60 * RIG_SECOND;
    account.max_open_value = 10 * NT_MONEY_ONE; // 10 lots of 0.01 at 99.00 are 9.9.
    nt_gate_set_account(nt_lane_gate(rig.lane), &account);
    nt_instrument_limits limits = nt_gate_instrument(nt_lane_gate(rig.lane), 0);
    limits.max_position_lots = 10;
    nt_gate_set_instrument(nt_lane_gate(rig.lane), 0, &limits);
    rig.send_status = NT_BUSY;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9800, 1, NT_GTC), 0); // Its worst case is reserved.
    rig.send_status = NT_OK;
    rig_market(&rig, 2);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    rig_close(&rig);
}

TEST(lane_queue, orders_keep_their_order_and_no_more_wait_than_there_are_places) {
    rig rig;
    nt_order_key first = busy(&rig, 10), last = 0;
    for (int i = 1; i < 64; i++) last = rig_place(&rig, NT_BUY, 9900 - i, 10, NT_GTC);
    nt_order_key beyond = rig_place(&rig, NT_BUY, 9800, 10, NT_GTC);
    EXPECT_EQ(rig_state(&rig, last), NT_ORDER_QUEUED);
    EXPECT_EQ(rig_state(&rig, beyond), NT_ORDER_ABANDONED);
    rig.send_status = NT_OK;
    nt_order_key late = rig_place(&rig, NT_BUY, 9700, 10, NT_GTC); // With the others, behind them.
    rig_market(&rig, 2);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 65);
    EXPECT(fake_venue_find(rig.venue, first)->id < fake_venue_find(rig.venue, last)->id);
    EXPECT(fake_venue_find(rig.venue, last)->id < fake_venue_find(rig.venue, late)->id);
    EXPECT(fake_venue_find(rig.venue, beyond) == NULL);
    rig_close(&rig);
}

TEST(lane_queue, an_amend_of_a_waiting_order_is_refused) {
    rig rig;
    nt_order_key key = busy(&rig, 11);
    rig.wishes.items[rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_AMEND, .order = key, .quantity = 5};
    while (rig.wishes.count > 0) rig_market(&rig, 1);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_NO_SUCH_ORDER);
    EXPECT_EQ(rig.sent[NT_REQUEST_AMEND], 0);
    rig.send_status = NT_OK;
    rig_market(&rig, 2);
    EXPECT_EQ(fake_venue_find(rig.venue, key)->intent.quantity, 10);
    rig_close(&rig);
}

TEST(lane_queue, a_cancel_that_finds_no_room_is_sent_when_there_is_some) {
    rig rig;
    rig_run(&rig, 12);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig.send_status = NT_BUSY;
    rig_cancel(&rig, key);
    rig_wait(&rig, 2 * RIG_SECOND); // It does not give up.
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    rig.send_status = NT_OK;
    rig_wait(&rig, 20 * RIG_MS);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    rig_close(&rig);
}

TEST(lane_queue, after_a_crash_it_is_in_doubt_unless_a_record_says_that_it_was_given_up) {
    rig rig;
    nt_order_key waiting = busy(&rig, 13);
    nt_order_key taken = rig_place(&rig, NT_BUY, 9890, 10, NT_GTC);
    rig_cancel(&rig, taken);
    EXPECT_EQ(rig_state(&rig, taken), NT_ORDER_ABANDONED);
    EXPECT_EQ(rig_state(&rig, waiting), NT_ORDER_QUEUED);
    nt_journal_drain(rig.journal);
    rig_kill(&rig);
    rig.send_status = NT_OK;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(rig_state(&rig, waiting), NT_ORDER_UNKNOWN);
    EXPECT_EQ(rig_state(&rig, taken), NT_ORDER_ABANDONED);
    rig_connect(&rig);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, waiting), NT_ORDER_ABSENT);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 0);
    rig_close(&rig);
}

/// What is believed of every order.
static uint64_t beliefs(const rig *rig) {
    const nt_orders *orders = nt_lane_orders(rig->lane);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < nt_orders_capacity(orders); i++) {
        const nt_order *order = nt_orders_at(orders, i);
        if (order == NULL) continue;
        const uint64_t belief = (uint64_t)order->state << 32 | (uint64_t)order->cumulative;
        sum +=
            order->intent.order * UINT64_C(0x9e3779b97f4a7c15) ^ belief * UINT64_C(0x100000001b3);
    }
    return sum;
}

/// Room comes and goes by the seed; cancels, too.
static uint64_t eventful_run(uint64_t seed, uint64_t *recovered) {
    rig rig;
    rig_run(&rig, seed);
    for (int i = 0; i < 400; i++) {
        rig.send_status = nt_random_below(&rig.random, 3) == 0 ? NT_OK : NT_BUSY;
        const int64_t price = 9800 + (int64_t)nt_random_below(&rig.random, 400);
        nt_order_key key = rig_place(&rig, (nt_side)(i % 2), price, 1 + i % 7, NT_GTC);
        if (key != 0 && i % 3 == 0) rig_cancel(&rig, key);
        rig_market(&rig, (uint32_t)nt_random_below(&rig.random, 40));
    }
    rig.send_status = NT_OK;
    rig_market(&rig, 300);
    rig_wait(&rig, 3 * RIG_SECOND);
    NT_ASSERT(rig.sent[NT_REQUEST_PLACE] > 20);
    const uint64_t hash = nt_lane_hash(rig.lane), before = beliefs(&rig);
    nt_journal_drain(rig.journal);
    rig_kill(&rig);
    NT_ASSERT(rig_start(&rig) == NT_OK);
    *recovered = before ^ beliefs(&rig);
    rig_close(&rig);
    return hash;
}

TEST(lane_queue, equal_runs_end_equal_and_the_journal_gives_the_same_orders_back) {
    for (uint64_t seed = 20; seed < 23; seed++) {
        uint64_t difference[2];
        const uint64_t first = eventful_run(seed, &difference[0]);
        EXPECT_EQ(first, eventful_run(seed, &difference[1]));
        EXPECT_EQ(difference[0], 0);
        EXPECT_EQ(difference[1], 0);
    }
}
