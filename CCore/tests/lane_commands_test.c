// lane_commands_test.c — operator and brain: halts, cancels, flatten and stop end by evidence.
#include "lane_rig.h"

/// Three orders that rest, one of them on the other instrument.
static void rest_three(rig *rig, nt_order_key keys[3]) {
    fake_venue_faults(rig->venue)->resting = true;
    keys[0] = rig_place(rig, NT_BUY, 9900, 10, NT_GTC);
    keys[1] = rig_place(rig, NT_BUY, 9890, 10, NT_GTC);
    rig->wishes.items[rig->wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .instrument = 1, .price = 9900, .quantity = 10};
    rig_market(rig, 3);
    keys[2] = keys[1] + 1;
}

TEST(lane_commands, halt_refuses_and_cancels_until_all_is_closed) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 1);
    rest_three(&rig, keys);
    fake_venue_faults(rig.venue)->stubborn = true;
    uint64_t ticket = rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    EXPECT_EQ(rig_answer(&rig, ticket), 1);
    EXPECT(rig.sent[NT_REQUEST_CANCEL] >= 12 && rig.sent[NT_REQUEST_CANCEL] <= 18);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    for (int i = 0; i < 3; i++) EXPECT_EQ(rig_state(&rig, keys[i]), NT_ORDER_CANCELED);
    rig_close(&rig);
}

TEST(lane_commands, halt_is_seen_at_the_next_message_even_when_the_ring_is_full) {
    rig rig;
    rig_run(&rig, 2);
    nt_command filler = {.kind = NT_COMMAND_REDUCE, .instrument = 1};
    while (nt_command_send(rig.commands, &filler) == NT_OK) {
    }
    nt_command halt = {.kind = NT_COMMAND_HALT, .instrument = NT_NO_INSTRUMENT};
    EXPECT_EQ(nt_command_send(rig.commands, &halt), NT_FULL);
    rig_quote(&rig, 0, 90000, 9999, 10001);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    rig_close(&rig);
}

TEST(lane_commands, halt_of_one_instrument_leaves_the_other_trading) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 3);
    rest_three(&rig, keys);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_HALT, 1);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig_state(&rig, keys[0]), NT_ORDER_LIVE);
    EXPECT_EQ(rig_state(&rig, keys[2]), NT_ORDER_CANCELED);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    EXPECT(rig_place(&rig, NT_BUY, 9880, 10, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane_commands, two_cancels_of_different_scope_both_end) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 4);
    rest_three(&rig, keys);
    fake_venue_faults(rig.venue)->stubborn = true;
    uint64_t all = rig_command(&rig, NT_COMMAND_CANCEL_ALL, NT_NO_INSTRUMENT);
    uint64_t one = rig_command(&rig, NT_COMMAND_CANCEL_ALL, 1);
    rig_wait(&rig, RIG_SECOND / 2);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, all), NT_OK);
    EXPECT_EQ(rig_answer(&rig, one), NT_OK);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    rig_close(&rig);
}

TEST(lane_commands, cancel_all_means_the_orders_that_exist_now) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 5);
    rest_three(&rig, keys);
    fake_venue_faults(rig.venue)->stubborn = true;
    uint64_t ticket = rig_command(&rig, NT_COMMAND_CANCEL_ALL, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    nt_order_key later = rig_place(&rig, NT_BUY, 9870, 10, NT_GTC);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig_state(&rig, keys[0]), NT_ORDER_CANCELED);
    EXPECT_EQ(rig_state(&rig, later), NT_ORDER_LIVE);
    rig_close(&rig);
}

TEST(lane_commands, reduce_ends_a_halt_but_takes_no_new_risk) {
    rig rig;
    rig_run(&rig, 6);
    rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_command(&rig, NT_COMMAND_HALT, 1);
    rig_tick(&rig, RIG_MS);
    uint64_t one = rig_command(&rig, NT_COMMAND_REDUCE, 0);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, one), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    uint64_t all = rig_command(&rig, NT_COMMAND_REDUCE, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, all), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING);
    EXPECT_EQ(nt_gate_state(nt_lane_gate(rig.lane), 1), NT_TRADING_REDUCING);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    rig_close(&rig);
}

TEST(lane_commands, reduce_that_waited_does_not_end_a_later_halt) {
    rig rig;
    rig_run(&rig, 6);
    uint64_t reduce = rig_command(&rig, NT_COMMAND_REDUCE, NT_NO_INSTRUMENT);
    rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, reduce), NT_STALE);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    rig_close(&rig);
}

TEST(lane_commands, resume_of_one_instrument_does_not_resume_the_account) {
    rig rig;
    rig_run(&rig, 6);
    rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    uint64_t one = rig_command(&rig, NT_COMMAND_RESUME, 0);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, one), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    uint64_t all = rig_command(&rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, all), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane_commands, flatten_cancels_then_closes_both_ways) {
    rig rig;
    rig_run(&rig, 7);
    rig_place(&rig, NT_BUY, 10100, 30, NT_IOC);
    rig.wishes.items[rig.wishes.count++] = (nt_intent){.kind = NT_INTENT_PLACE,
                                                       .instrument = 1,
                                                       .side = NT_SELL,
                                                       .price = 9900,
                                                       .quantity = 20,
                                                       .tif = NT_IOC};
    rig_market(&rig, 3);
    EXPECT_EQ(rig_lots(&rig, 0), 30);
    EXPECT_EQ(rig_lots(&rig, 1), -20);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 10, NT_GTC);
    EXPECT(resting != 0);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND); // Nothing fills: it tries again.
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_CANCELED);
    EXPECT(rig_lots(&rig, 0) == 30);
    fake_venue_faults(rig.venue)->resting = false;
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(rig_lots(&rig, 1), 0);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(fake_venue_position(rig.venue, 0), 0);
    // No entry may follow before the operator says so.
    EXPECT_EQ(rig_place(&rig, NT_BUY, 10100, 30, NT_IOC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_REDUCING);
    rig_close(&rig);
}

TEST(lane_commands, flatten_goes_on_after_it_said_that_it_takes_long) {
    rig rig;
    rig_run(&rig, 8);
    rig_place(&rig, NT_BUY, 10100, 30, NT_IOC);
    fake_venue_faults(rig.venue)->resting = true;
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    rig_wait(&rig, 8 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_TIMEOUT);
    EXPECT_EQ(rig_lots(&rig, 0), 30);
    fake_venue_faults(rig.venue)->resting = false;
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    rig_close(&rig);
}

/// A lane behind the venue's filter, in Q, that holds `lots` of the first instrument.
static void hold_behind_filter(rig *rig, uint64_t seed, nt_money least, nt_money most,
                               int64_t lots) {
    rig_open(rig, seed);
    rig->min_notional = least;
    rig->max_notional = most;
    NT_ASSERT(rig_start(rig) == NT_OK);
    rig_connect(rig);
    rig_market(rig, 40);
    for (int64_t held = 0; held < lots; held += 10) rig_place(rig, NT_BUY, 10100, 10, NT_IOC);
}

TEST(lane_commands, flatten_closes_in_parts_what_is_too_much_for_one_order) {
    rig rig;
    hold_behind_filter(&rig, 14, 0, 11 * NT_MONEY_ONE, 30);
    EXPECT_EQ(rig_lots(&rig, 0), 30);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    rig_close(&rig);
}

TEST(lane_commands, flatten_concedes_no_more_than_the_least_value_allows) {
    rig rig;
    // 10 lots are worth 10 Q at the touch and 9 Q at half the emergency collar.
    hold_behind_filter(&rig, 15, 95 * NT_MONEY_ONE / 10, 0, 10);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    rig_close(&rig);
}

static nt_record_kind last_kind;
static uint64_t stop_hash;
static nt_status note_last(void *context, const nt_record *record, const void *payload) {
    (void)context;
    last_kind = record->kind;
    if (record->kind == NT_RECORD_STOP) memcpy(&stop_hash, payload, sizeof stop_hash);
    return NT_OK;
}

TEST(lane_commands, stop_cancels_and_ends_the_journal_with_its_hash) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 9);
    rest_three(&rig, keys);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_STOP, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    EXPECT(nt_lane_stopped(rig.lane));
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    // Nothing is written after it, whatever still arrives.
    rig_market(&rig, 10);
    nt_lane_stream(rig.lane, RIG_ORDERS, NT_STREAM_CLOSED, "end");
    nt_journal_drain(rig.journal);
    nt_journal_found found;
    EXPECT_EQ(nt_journal_read("j", nt_files_memory(rig.disk), note_last, NULL, &found), NT_OK);
    EXPECT_EQ(last_kind, NT_RECORD_STOP);
    EXPECT(found.clean_stop);
    EXPECT(stop_hash == nt_lane_hash(rig.lane));
    // The halt of the stop ended with the run.
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    rig_close(&rig);
}

TEST(lane_commands, stop_gives_up_waiting_and_says_so) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 10);
    rest_three(&rig, keys);
    fake_venue_faults(rig.venue)->stubborn = true;
    uint64_t ticket = rig_command(&rig, NT_COMMAND_STOP, NT_NO_INSTRUMENT);
    rig_wait(&rig, 4 * RIG_SECOND);
    EXPECT(!nt_lane_stopped(rig.lane));
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT(nt_lane_stopped(rig.lane));
    EXPECT_EQ(rig_answer(&rig, ticket), NT_TIMEOUT);
    rig_close(&rig);
}

TEST(lane_commands, a_stop_answers_all_who_wait) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 16);
    rest_three(&rig, keys);
    fake_venue_faults(rig.venue)->stubborn = true;
    uint64_t halt = rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    uint64_t flatten = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    uint64_t first = rig_command(&rig, NT_COMMAND_STOP, NT_NO_INSTRUMENT);
    uint64_t second = rig_command(&rig, NT_COMMAND_STOP, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, first), NT_BUSY);
    rig_wait(&rig, 6 * RIG_SECOND);
    EXPECT(nt_lane_stopped(rig.lane));
    EXPECT_EQ(rig_answer(&rig, flatten), NT_TIMEOUT);
    EXPECT_EQ(rig_answer(&rig, halt), NT_TIMEOUT);
    EXPECT_EQ(rig_answer(&rig, second), NT_TIMEOUT);
    rig_close(&rig);
}

TEST(lane_commands, a_halted_lane_starts_halted_and_goes_on_cancelling) {
    rig rig;
    nt_order_key keys[3];
    rig_run(&rig, 11);
    rest_three(&rig, keys);
    fake_venue_faults(rig.venue)->stubborn = true;
    rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    rig_kill(&rig);
    fake_venue_faults(rig.venue)->stubborn = false;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    rig_connect(&rig);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    EXPECT_EQ(rig_state(&rig, keys[0]), NT_ORDER_CANCELED);
    rig_close(&rig);
}

TEST(lane_commands, places_an_operators_order_through_the_gate) {
    rig rig;
    rig_run(&rig, 12);
    nt_command place = {.kind = NT_COMMAND_PLACE,
                        .instrument = 0,
                        .argument = {10100, 10, 0, nt_place_shape(NT_BUY, NT_LIMIT, NT_IOC, 0)}};
    EXPECT_EQ(nt_command_send(rig.commands, &place), NT_OK);
    rig_wait(&rig, 20 * RIG_MS);
    EXPECT_EQ(rig_answer(&rig, place.ticket), NT_OK);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(rig.changes_heard, 0); // Not an order of the strategy.
    place.argument[NT_PLACE_PRICE] = 30000;
    EXPECT_EQ(nt_command_send(rig.commands, &place), NT_OK);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, place.ticket), NT_REFUSED);
    place.instrument = 77;
    EXPECT_EQ(nt_command_send(rig.commands, &place), NT_OK);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, place.ticket), NT_NOT_FOUND);
    rig_close(&rig);
}

TEST(lane_commands, a_cancel_on_its_way_is_not_sent_again_by_the_strategy) {
    rig rig;
    rig_run(&rig, 13);
    fake_venue_faults(rig.venue)->resting = true;
    fake_venue_faults(rig.venue)->stubborn = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_cancel(&rig, key);
    rig_cancel(&rig, key);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_DUPLICATE);
    // Unanswered, it is asked about; found open, it may be sent again.
    uint32_t queries = rig.sent[NT_REQUEST_QUERY];
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_QUERY], queries + 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    rig_close(&rig);
}
