// lane_exit_test.c — what is offered to exit is held: one owner of every lot, whatever fails.
#include "lane_rig.h"

/// A lane that holds 30 lots; nothing fills by itself from here on.
static void hold_thirty(rig *rig, uint64_t seed) {
    rig_run(rig, seed);
    (void)rig_place(rig, NT_BUY, 10100, 30, NT_IOC);
    NT_ASSERT(rig_lots(rig, 0) == 30);
    fake_venue_faults(rig->venue)->resting = true;
}

static void wish(rig *rig, nt_intent intent) {
    rig->wishes.items[rig->wishes.count++] = intent;
    while (rig->wishes.count > 0) rig_market(rig, 1);
}

static void leave(rig *rig, int64_t lots, int64_t price) {
    wish(rig, (nt_intent){.kind = NT_INTENT_EXIT,
                          .quantity = lots,
                          .price = price,
                          .type = price > 0 ? NT_LIMIT : NT_MARKET,
                          .tag = 77});
}

static int64_t open_sells(const rig *rig) {
    return nt_orders_exposure(nt_lane_orders(rig->lane), 0).open_sell;
}

static nt_pending cancel_of(const rig *rig, nt_order_key key) {
    return nt_orders_find(nt_lane_orders(rig->lane), key)->cancel;
}

TEST(lane_exit, an_exit_gets_what_is_free_and_leaves_the_rest_alone) {
    rig rig;
    hold_thirty(&rig, 1);
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 10, NT_GTC);
    leave(&rig, 20, 10400);
    EXPECT_EQ(rig.last_sent.kind, NT_REQUEST_PLACE);
    EXPECT_EQ(rig.last_sent.intent.quantity, 20);
    EXPECT_EQ(rig.last_sent.intent.tag, 77);
    EXPECT(rig.last_sent.intent.flags == NT_INTENT_REDUCE_ONLY);
    EXPECT_EQ(open_sells(&rig), 30);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_LIVE);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 0);
    rig_close(&rig);
}

TEST(lane_exit, an_exit_takes_the_place_of_another_when_its_cancel_is_proven) {
    rig rig;
    hold_thirty(&rig, 2);
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    fake_venue_faults(rig.venue)->mute = true; // It acts, and says nothing of it.
    leave(&rig, INT64_MAX, 0);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    EXPECT_EQ(cancel_of(&rig, resting), NT_PENDING_REQUESTED);
    EXPECT_EQ(open_sells(&rig), 30);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 2); // The buy and the first sell.
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 30);
    fake_venue_faults(rig.venue)->mute = false;
    fake_venue_faults(rig.venue)->resting = false;
    rig_wait(&rig, 10 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_CANCELED);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 3);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 0);
    rig_close(&rig);
}

TEST(lane_exit, a_cancel_without_an_outcome_frees_nothing) {
    rig rig;
    hold_thirty(&rig, 3);
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    fake_venue_faults(rig.venue)->stubborn = true;
    leave(&rig, INT64_MAX, 0);
    rig_wait(&rig, 30 * RIG_SECOND);
    EXPECT(rig.sent[NT_REQUEST_CANCEL] > 5); // Again and again.
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 2);
    // Over a new connection the old cancel is in doubt, and still nothing is free.
    rig_disconnect(&rig);
    rig_connect(&rig);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_LIVE);
    EXPECT_EQ(open_sells(&rig), 30);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 2);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_market(&rig, 20);
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_CANCELED);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 3);
    rig_close(&rig);
}

TEST(lane_exit, an_unknown_exit_owns_its_lots_until_it_is_proven_absent) {
    rig rig;
    hold_thirty(&rig, 4);
    fake_venue_faults(rig.venue)->deaf = true;
    nt_order_key lost = rig_place(&rig, NT_SELL, 9990, 20, NT_GTC);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, lost), NT_ORDER_UNKNOWN);
    fake_venue_faults(rig.venue)->deaf = false;
    fake_venue_faults(rig.venue)->forgetful = true; // Absence takes a while to prove.
    uint32_t placed = rig.sent[NT_REQUEST_PLACE];
    leave(&rig, INT64_MAX, 10400);
    rig_wait(&rig, 2 * RIG_SECOND);
    // The remainder goes; the rest waits for the proof.
    EXPECT_EQ(rig_state(&rig, lost), NT_ORDER_UNKNOWN);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], placed + 1);
    EXPECT_EQ(open_sells(&rig), 30);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, lost), NT_ORDER_ABSENT);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], placed + 2);
    EXPECT_EQ(open_sells(&rig), 30);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 0);
    rig_close(&rig);
}

TEST(lane_exit, what_the_old_exit_still_trades_is_no_more_to_leave) {
    rig rig;
    hold_thirty(&rig, 5);
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    rig_pump(&rig);
    fake_venue_faults(rig.venue)->stubborn = true;
    leave(&rig, 20, 10400);
    fake_venue_fill(rig.venue, resting, 10500, 8);
    rig_pump(&rig);
    EXPECT_EQ(rig_lots(&rig, 0), 22);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 12);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_CANCELED);
    EXPECT_EQ(rig.last_sent.intent.quantity, 12);
    EXPECT_EQ(open_sells(&rig), 12);
    rig_close(&rig);
}

TEST(lane_exit, no_other_order_offers_what_an_exit_waits_for) {
    rig rig;
    hold_thirty(&rig, 6);
    (void)rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    fake_venue_faults(rig.venue)->stubborn = true;
    leave(&rig, INT64_MAX, 10400);
    EXPECT_EQ(rig_place(&rig, NT_SELL, 10450, 5, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_EXIT_PENDING);
    EXPECT(rig_place(&rig, NT_BUY, 9000, 5, NT_GTC) != 0); // Not on the closing side.
    // Taken back, the lots are everybody's again; what was cancelled stays so.
    leave(&rig, 0, 0);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 0);
    fake_venue_faults(rig.venue)->stubborn = false;
    (void)rig_command(&rig, NT_COMMAND_CANCEL_ALL, 0);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT(rig_place(&rig, NT_SELL, 10450, 5, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane_exit, a_newer_exit_takes_the_place_of_one_that_waits_and_cancels_no_faster) {
    rig rig;
    hold_thirty(&rig, 14);
    (void)rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    fake_venue_faults(rig.venue)->stubborn = true;
    for (int i = 0; i < 10; i++) leave(&rig, 30 - i, 10400 - i);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 21);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT(rig.sent[NT_REQUEST_CANCEL] >= 2 && rig.sent[NT_REQUEST_CANCEL] <= 4);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(open_sells(&rig), 21);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 3);
    rig_close(&rig);
}

TEST(lane_exit, an_exit_that_the_gate_would_refuse_cancels_nothing) {
    rig rig;
    hold_thirty(&rig, 7);
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    leave(&rig, INT64_MAX, 7000);
    EXPECT_EQ(rig.last_heard_refusal, NT_REFUSAL_COLLAR);
    leave(&rig, -1, 10400);
    EXPECT_EQ(rig.last_heard_refusal, NT_REFUSAL_NOT_POSITIVE);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_LIVE);
    wish(&rig, (nt_intent){.kind = NT_INTENT_EXIT, .quantity = 5, .instrument = 1});
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_NOT_REDUCING);
    wish(&rig, (nt_intent){.kind = NT_INTENT_EXIT, .quantity = 5, .instrument = 9});
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_BAD_INTENT);
    rig_close(&rig);
}

TEST(lane_exit, a_halt_ends_an_exit_that_waits) {
    rig rig;
    hold_thirty(&rig, 8);
    (void)rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    fake_venue_faults(rig.venue)->stubborn = true;
    leave(&rig, INT64_MAX, 10400);
    (void)rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    fake_venue_faults(rig.venue)->stubborn = false;
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig.last_heard_refusal, NT_REFUSAL_HALTED);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 0);
    EXPECT_EQ(open_sells(&rig), 0);
    rig_close(&rig);
}

TEST(lane_exit, an_exit_that_never_left_is_offered_again) {
    rig rig;
    hold_thirty(&rig, 9);
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    rig_pump(&rig);
    fake_venue_faults(rig.venue)->mute = true;
    leave(&rig, INT64_MAX, 0);
    rig.send_status = NT_CLOSED; // The socket takes no byte: abandoned, provably.
    rig_report(&rig, (nt_report){.order = resting,
                                 .evidence = NT_EVIDENCE_CANCELED,
                                 .quantity = 30,
                                 .price = 10500,
                                 .side = NT_SELL});
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_CANCELED);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.last_change.order.state, NT_ORDER_ABANDONED);
    EXPECT_EQ(open_sells(&rig), 0);
    EXPECT_EQ(nt_lane_exit_lots(rig.lane, 0), 30);
    rig.send_status = NT_OK;
    *fake_venue_faults(rig.venue) = (fake_faults){0};
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    rig_close(&rig);
}

// --- price and dust ------------------------------------------------------------------------------

TEST(lane_exit, at_once_means_within_the_emergency_collar_on_any_book) {
    rig rig;
    hold_thirty(&rig, 10);
    nt_intent market = {.kind = NT_INTENT_PLACE, .side = NT_SELL, .quantity = 10};
    market.type = NT_MARKET;
    wish(&rig, market);
    EXPECT_EQ(rig.last_sent.intent.type, NT_LIMIT);
    EXPECT_EQ(rig.last_sent.intent.tif, NT_IOC);
    // Half of the 20 % below the bid.
    EXPECT(rig.last_sent.intent.price >= 8900 && rig.last_sent.intent.price <= 9100);
    // The data stand still, beyond max_age and the book is lost: the last valid touch still holds.
    nt_lane_stream(rig.lane, RIG_MARKET, NT_STREAM_WAITING, "test");
    rig_wait(&rig, 60 * RIG_SECOND);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    fake_venue_faults(rig.venue)->resting = false;
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    rig_close(&rig);
}

TEST(lane_exit, prices_too_old_for_an_emergency_sell_nothing_until_there_are_others) {
    rig rig;
    hold_thirty(&rig, 11);
    fake_venue_faults(rig.venue)->resting = false;
    nt_lane_stream(rig.lane, RIG_MARKET, NT_STREAM_WAITING, "test");
    rig.time.monotonic_ns += 601 * RIG_SECOND;
    rig.time.wall_ns += 601 * RIG_SECOND;
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    rig_wait(&rig, 8 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_TIMEOUT);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_NO_REFERENCE);
    EXPECT_EQ(rig_lots(&rig, 0), 30);
    nt_lane_stream(rig.lane, RIG_MARKET, NT_STREAM_OPEN, "");
    rig_market(&rig, 40);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    rig_close(&rig);
}

TEST(lane_exit, dust_is_said_once_and_not_tried) {
    rig rig;
    rig_open(&rig, 12);
    rig.min_notional = 20 * NT_MONEY_ONE;
    NT_ASSERT(rig_start(&rig) == NT_OK);
    rig_connect(&rig);
    rig_market(&rig, 40);
    // 30 lots are worth 30 Q; of them 15 are traded, which leaves less than the venue takes.
    (void)rig_place(&rig, NT_BUY, 10100, 30, NT_IOC);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key resting = rig_place(&rig, NT_SELL, 10500, 30, NT_GTC);
    rig_pump(&rig);
    fake_venue_fill(rig.venue, resting, 10500, 15);
    rig_pump(&rig);
    uint32_t alarms = rig.alarms, placed = rig.sent[NT_REQUEST_PLACE];
    leave(&rig, INT64_MAX, 0);
    EXPECT_EQ(rig.last_heard_refusal, NT_REFUSAL_DUST);
    EXPECT_EQ(rig.alarms, alarms + 1);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    uint32_t heard = rig.refusals_heard, told = rig.refused;
    for (int i = 0; i < 5; i++) {
        leave(&rig, INT64_MAX, 0);
        rig_wait(&rig, RIG_SECOND);
    }
    EXPECT_EQ(rig.refusals_heard, heard + 5); // Its strategy hears it each time, people once.
    EXPECT_EQ(rig.refused, told);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig.alarms, alarms + 1);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], placed);
    rig_close(&rig);
}

// --- flatten -------------------------------------------------------------------------------------

TEST(lane_exit, a_flatten_sells_what_is_free_while_an_exit_is_in_doubt) {
    rig rig;
    hold_thirty(&rig, 13);
    fake_venue_faults(rig.venue)->deaf = true;
    nt_order_key lost = rig_place(&rig, NT_SELL, 10500, 20, NT_GTC);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, lost), NT_ORDER_UNKNOWN);
    fake_venue_faults(rig.venue)->deaf = false;
    fake_venue_faults(rig.venue)->resting = false;
    uint64_t ticket = rig_command(&rig, NT_COMMAND_FLATTEN, 0);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, lost), NT_ORDER_UNKNOWN);
    EXPECT_EQ(rig_lots(&rig, 0), 20);
    EXPECT_EQ(open_sells(&rig), 20);
    leave(&rig, 5, 0);
    EXPECT_EQ(rig.last_heard_refusal, NT_REFUSAL_EXIT_PENDING);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, lost), NT_ORDER_ABSENT);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    rig_close(&rig);
}

// --- under every fault ---------------------------------------------------------------------------

/// The slow way: every order that may still trade, one by one, by what the venue and we know of it.
static int64_t offered_slowly(const rig *rig, nt_side side) {
    const nt_orders *orders = nt_lane_orders(rig->lane);
    int64_t lots = 0;
    for (uint32_t i = 0; i < nt_orders_capacity(orders); i++) {
        const nt_order *order = nt_orders_at(orders, i);
        if (order == NULL || order->intent.side != side || order->intent.instrument != 0) continue;
        if (!nt_order_is_terminal(order->state)) lots += order->intent.quantity - order->cumulative;
    }
    return lots;
}

static int64_t offered_at_venue(const rig *rig, nt_side side) {
    int64_t lots = 0;
    for (uint32_t i = 0; i < FAKE_ORDERS; i++) {
        const fake_order *order = fake_venue_order_at(rig->venue, i);
        if (order == NULL || order->intent.side != side || order->intent.instrument != 0) continue;
        if (order->state == NT_EVIDENCE_FOUND_OPEN) lots += order->intent.quantity - order->filled;
    }
    return lots;
}

/// Nothing here means to be short: sells exit, and more than is held is never offered.
static bool offers_what_is_held(const rig *rig) {
    int64_t held = rig_lots(rig, 0), truth = fake_venue_position(rig->venue, 0);
    return held >= 0 && truth >= 0 && offered_slowly(rig, NT_SELL) <= held &&
           offered_at_venue(rig, NT_SELL) <= truth;
}

static bool one_in(nt_random *random, uint64_t chance) {
    return nt_random_below(random, chance) == 0;
}

static void shake(rig *rig, nt_random *random) {
    fake_faults *faults = fake_venue_faults(rig->venue);
    bool *const switches[] = {&faults->deaf,    &faults->mute,     &faults->forgetful,
                              &faults->resting, &faults->stubborn, &faults->late_books};
    if (one_in(random, 12)) {
        bool *chosen = switches[nt_random_below(random, 6)];
        *chosen = !*chosen;
    }
    if (one_in(random, 30)) memset(faults, 0, sizeof *faults);
    if (one_in(random, 60)) {
        rig_disconnect(rig);
        rig_connect(rig);
    }
    if (one_in(random, 25)) rig_wait(rig, (int64_t)nt_random_below(random, 8) * RIG_SECOND);
    if (one_in(random, 80)) (void)rig_command(rig, NT_COMMAND_FLATTEN, 0);
    if (one_in(random, 20)) (void)rig_command(rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    if (one_in(random, 20)) (void)rig_command(rig, NT_COMMAND_RESUME, 0);
    nt_answer answer;
    while (nt_answer_take(rig->commands, &answer) == NT_OK) {
    }
}

static nt_intent any_wish(nt_random *random) {
    nt_intent intent = {.price = 9950 + (int64_t)nt_random_below(random, 100),
                        .quantity = 1 + (int64_t)nt_random_below(random, 20),
                        .type = one_in(random, 3) ? NT_MARKET : NT_LIMIT,
                        .tif = one_in(random, 2) ? NT_GTC : NT_IOC};
    if (intent.type == NT_MARKET) intent.price = 0;
    switch (nt_random_below(random, 5)) {
    case 0:
        intent.side = NT_BUY;
        break;
    case 1: // More than there is, mostly: by an order that may only reduce.
        intent.side = NT_SELL;
        intent.flags = NT_INTENT_REDUCE_ONLY;
        break;
    default:
        intent.kind = NT_INTENT_EXIT;
        if (one_in(random, 3)) intent.quantity = INT64_MAX;
        if (one_in(random, 8)) intent.quantity = 0;
        break;
    }
    return intent;
}

/// Returns how many exits were seen to wait.
static uint32_t live_with_exits(uint64_t seed, uint32_t steps) {
    rig rig;
    uint32_t waits = 0;
    rig_run(&rig, seed);
    nt_random random = nt_random_seeded(seed * 31);
    for (uint32_t i = 0; i < steps; i++) {
        shake(&rig, &random);
        rig.wishes.count = 0;
        if (one_in(&random, 2)) rig.wishes.items[rig.wishes.count++] = any_wish(&random);
        rig_market(&rig, 1);
        waits += nt_lane_exit_lots(rig.lane, 0) > 0;
        if (offers_what_is_held(&rig)) continue;
        nt_test_fail(__FILE__, __LINE__, "seed %u, step %u: %d offered of %d, truly %d of %d",
                     (uint32_t)seed, i, (int)offered_slowly(&rig, NT_SELL), (int)rig_lots(&rig, 0),
                     (int)offered_at_venue(&rig, NT_SELL), (int)fake_venue_position(rig.venue, 0));
        break;
    }
    rig_close(&rig);
    return waits;
}

TEST(lane_exit, what_is_offered_is_held_under_every_fault) {
    uint32_t waits = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) waits += live_with_exits(seed, 500);
    EXPECT(waits > 1000);
}
