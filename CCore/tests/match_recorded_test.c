// match_recorded_test.c — RECORDED mode: queue positions, prints, crossings, displayed quantity.
#include "match_log.h"

#include "nt/random.h"

enum { B = NT_BUY, S = NT_SELL, ROOM = 16 };

/// Bids 100 × 10 and 99 × 20, asks 102 × 5 and 103 × 8.
static void open_recorded(match_log *log) {
    match_log_open(log, NT_MATCH_RECORDED, ROOM);
    nt_match_set_level(log->match, NT_BUY, 100, 10);
    nt_match_set_level(log->match, NT_BUY, 99, 20);
    nt_match_set_level(log->match, NT_SELL, 102, 5);
    nt_match_set_level(log->match, NT_SELL, 103, 8);
}

static const char *limit(match_log *log, uint64_t id, nt_side side, int64_t quantity,
                         int64_t price) {
    return match_log_place(log, limit_order(id, side, quantity, price));
}

static const char *print(match_log *log, int64_t price, int64_t quantity, nt_side aggressor) {
    nt_match_print(log->match, price, quantity, aggressor);
    return match_log_take(log);
}

static const char *set(match_log *log, nt_side side, int64_t price, int64_t quantity) {
    nt_match_set_level(log->match, side, price, quantity);
    return match_log_take(log);
}

TEST(match_recorded, shows_recorded_and_own_quantity_together) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 3, 100);
    limit(&log, 2, B, 4, 101);
    nt_level levels[8];
    EXPECT_EQ(nt_match_levels(log.match, NT_BUY, levels, 8), 3);
    EXPECT(levels[0].price == 101 && levels[0].quantity == 4);
    EXPECT(levels[1].price == 100 && levels[1].quantity == 13);
    EXPECT(levels[2].price == 99 && levels[2].quantity == 20);
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).price, 102);
    match_log_close(&log);
}

TEST(match_recorded, saturates_a_sum_that_does_not_fit) {
    match_log log;
    match_log_open(&log, NT_MATCH_RECORDED, ROOM);
    set(&log, NT_BUY, 100, INT64_MAX);
    limit(&log, 1, B, 3, 100);
    EXPECT_EQ(nt_match_best(log.match, NT_BUY).quantity, INT64_MAX);
    match_log_close(&log);
}

TEST(match_recorded, taker_consumes_displayed_quantity_up_to_its_limit) {
    match_log log;
    open_recorded(&log);
    EXPECT_TEXT(limit(&log, 1, B, 20, 103), "A 1; T 1/0 5@102 15/0; T 1/0 8@103 7/0");
    EXPECT_EQ(nt_match_best(log.match, NT_BUY).price, 103);
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 0);
    EXPECT_EQ(nt_match_last_price(log.match), 103);
    match_log_close(&log);
}

TEST(match_recorded, two_quick_takers_do_not_take_the_same_lots) {
    match_log log;
    open_recorded(&log);
    nt_match_order ioc = typed_order(limit_order(1, B, 3, 102), NT_LIMIT, NT_IOC);
    EXPECT_TEXT(match_log_place(&log, ioc), "A 1; T 1/0 3@102 0/2");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 2);
    ioc.id = 2;
    EXPECT_TEXT(match_log_place(&log, ioc), "A 2; T 2/0 2@102 1/0; E 2 1 none");
    ioc.id = 3;
    EXPECT_TEXT(match_log_place(&log, ioc), "A 3; E 3 3 none");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).price, 103);
    set(&log, NT_SELL, 102, 4);
    ioc.id = 4;
    EXPECT_TEXT(match_log_place(&log, ioc), "A 4; T 4/0 3@102 0/1");
    match_log_close(&log);
}

TEST(match_recorded, refusals_go_by_what_is_available) {
    match_log log;
    match_log_open(&log, NT_MATCH_RECORDED, ROOM);
    set(&log, NT_SELL, 102, 5);
    nt_match_order fok = typed_order(limit_order(1, B, 6, 102), NT_LIMIT, NT_FOK);
    EXPECT_TEXT(match_log_place(&log, fok), "A 1; E 1 6 fok");
    nt_match_order maker = typed_order(limit_order(2, B, 1, 102), NT_LIMIT_MAKER, NT_GTC);
    EXPECT_TEXT(match_log_place(&log, maker), "R 2 would-take");
    fok.quantity = 5;
    EXPECT_TEXT(match_log_place(&log, fok), "A 1; T 1/0 5@102 0/0");
    nt_match_order market = typed_order(limit_order(3, B, 1, 0), NT_MARKET, NT_GTC);
    EXPECT_TEXT(match_log_place(&log, market), "R 3 no-liquidity");
    EXPECT_TEXT(match_log_place(&log, maker), "A 2");
    match_log_close(&log);
}

TEST(match_recorded, market_order_walks_the_levels) {
    match_log log;
    open_recorded(&log);
    nt_match_order market = typed_order(limit_order(1, S, 40, 0), NT_MARKET, NT_GTC);
    EXPECT_TEXT(match_log_place(&log, market),
                "A 1; T 1/0 10@100 30/0; T 1/0 20@99 10/0; E 1 10 no-liquidity");
    match_log_close(&log);
}

TEST(match_recorded, print_consumes_the_queue_ahead_first) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 100);
    EXPECT_TEXT(print(&log, 100, 9, NT_SELL), "");
    EXPECT_TEXT(print(&log, 100, 3, NT_SELL), "T 1/1 2@100 3/3");
    EXPECT_TEXT(print(&log, 100, 9, NT_SELL), "T 1/1 3@100 0/0");
    EXPECT_EQ(nt_match_live_count(log.match), 0);
    EXPECT_EQ(nt_match_last_price(log.match), 100);
    match_log_close(&log);
}

TEST(match_recorded, prints_elsewhere_or_of_the_same_side_do_not_fill) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 101);
    EXPECT_TEXT(print(&log, 102, 50, NT_SELL), "");
    EXPECT_TEXT(print(&log, 101, 50, NT_BUY), "");
    EXPECT_TEXT(print(&log, 101, 2, NT_SELL), "T 1/1 2@101 3/3");
    match_log_close(&log);
}

TEST(match_recorded, print_through_our_price_fills_as_far_as_it_reaches) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 100);
    limit(&log, 2, B, 5, 101);
    EXPECT_TEXT(print(&log, 99, 7, NT_SELL), "T 2/2 5@101 0/0; T 1/1 2@100 3/3");
    EXPECT_EQ(nt_match_last_price(log.match), 99);
    // Nothing is ahead any more after a print beyond.
    EXPECT_TEXT(print(&log, 100, 1, NT_SELL), "T 1/1 1@100 2/2");
    match_log_close(&log);
}

TEST(match_recorded, sell_orders_mirror_buy_orders) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, S, 5, 102);
    limit(&log, 2, S, 5, 101);
    EXPECT_TEXT(print(&log, 102, 11, NT_BUY), "T 2/2 5@101 0/0; T 1/1 1@102 4/4");
    EXPECT_TEXT(print(&log, 104, 9, NT_BUY), "T 1/1 4@102 0/0");
    match_log_close(&log);
}

TEST(match_recorded, cancels_happen_behind_us_unless_the_level_is_too_small) {
    match_log log;
    open_recorded(&log);
    set(&log, NT_BUY, 100, 10);
    limit(&log, 1, B, 5, 100);
    set(&log, NT_BUY, 100, 30); // Joined behind us.
    set(&log, NT_BUY, 100, 12); // Left behind us.
    EXPECT_TEXT(print(&log, 100, 10, NT_SELL), "");
    EXPECT_TEXT(print(&log, 100, 1, NT_SELL), "T 1/1 1@100 4/4");
    limit(&log, 2, B, 5, 99);
    set(&log, NT_BUY, 99, 3); // 17 of the 20 ahead must have left.
    set(&log, NT_BUY, 99, 20);
    EXPECT_TEXT(print(&log, 100, 4, NT_SELL), "T 1/1 4@100 0/0");
    EXPECT_TEXT(print(&log, 99, 4, NT_SELL), "T 2/2 1@99 4/4");
    match_log_close(&log);
}

TEST(match_recorded, a_level_that_vanishes_leaves_nothing_ahead) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 100);
    set(&log, NT_BUY, 100, 0);
    EXPECT_TEXT(print(&log, 100, 2, NT_SELL), "T 1/1 2@100 3/3");
    match_log_close(&log);
}

TEST(match_recorded, a_print_and_the_level_change_it_caused_count_once) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 100);
    print(&log, 100, 4, NT_SELL);
    set(&log, NT_BUY, 100, 6);
    EXPECT_TEXT(print(&log, 100, 6, NT_SELL), "");
    EXPECT_TEXT(print(&log, 100, 1, NT_SELL), "T 1/1 1@100 4/4");
    match_log_close(&log);
}

TEST(match_recorded, own_orders_of_one_price_share_the_recorded_queue) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 100);  // Behind 10.
    set(&log, NT_BUY, 100, 14); // Four join.
    limit(&log, 2, B, 5, 100);  // Behind those 14 and order 1.
    EXPECT_TEXT(print(&log, 100, 17, NT_SELL), "T 1/1 5@100 0/0");
    EXPECT_TEXT(print(&log, 100, 4, NT_SELL), "T 2/2 2@100 3/3");
    match_log_close(&log);
}

TEST(match_recorded, placed_in_an_empty_price_nothing_is_ahead) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 101);
    EXPECT_TEXT(print(&log, 101, 1, NT_SELL), "T 1/1 1@101 4/4");
    match_log_close(&log);
}

TEST(match_recorded, a_crossing_level_fills_us_at_our_price) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 100);
    limit(&log, 2, B, 5, 101);
    EXPECT_TEXT(set(&log, NT_SELL, 100, 7), "T 2/2 5@101 0/0; T 1/1 2@100 3/3");
    // What filled us is taken; the recording has to set the level again.
    nt_match_order ioc = typed_order(limit_order(3, B, 1, 100), NT_LIMIT, NT_IOC);
    EXPECT_TEXT(match_log_place(&log, ioc), "A 3; E 3 1 none");
    EXPECT_TEXT(set(&log, NT_SELL, 101, 7), "");
    EXPECT_TEXT(set(&log, NT_SELL, 99, 9), "T 1/1 3@100 0/0");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 6);
    match_log_close(&log);
}

TEST(match_recorded, a_crossing_bid_fills_our_offer) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, S, 5, 102);
    limit(&log, 2, S, 5, 101);
    EXPECT_TEXT(set(&log, NT_BUY, 102, 7), "T 2/2 5@101 0/0; T 1/1 2@102 3/3");
    match_log_close(&log);
}

TEST(match_recorded, own_orders_trade_with_each_other_after_what_is_displayed) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, S, 2, 102);
    EXPECT_TEXT(limit(&log, 2, B, 6, 102), "A 2; T 2/0 5@102 1/0; T 2/1 1@102 0/1");
    match_log_place(&log, owned_order(limit_order(3, S, 2, 101), 9));
    nt_match_order taker = owned_order(limit_order(4, B, 2, 103), 9);
    EXPECT_TEXT(match_log_place(&log, taker), "A 4; E 4 2 self");
    match_log_close(&log);
}

TEST(match_recorded, after_a_gap_the_queue_is_unknown_until_the_level_is_set) {
    match_log log;
    open_recorded(&log);
    limit(&log, 1, B, 5, 101); // Nothing ahead.
    nt_match_clear_levels(log.match);
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 0);
    EXPECT_EQ(nt_match_remaining(log.match, 1), 5);
    limit(&log, 2, B, 5, 101); // Behind an unknown queue.
    EXPECT_TEXT(print(&log, 101, 50, NT_SELL), "");
    set(&log, NT_BUY, 101, 3);
    EXPECT_TEXT(print(&log, 101, 4, NT_SELL), "T 1/1 1@101 4/4");
    nt_match_clear_levels(log.match);
    EXPECT_TEXT(print(&log, 100, 1, NT_SELL), "T 1/1 1@101 3/3");
    match_log_close(&log);
}

TEST(match_recorded, prints_trigger_stops) {
    match_log log;
    open_recorded(&log);
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, S, 12, 0), 98)), "A 1");
    EXPECT_TEXT(print(&log, 99, 1, NT_SELL), "");
    EXPECT_TEXT(print(&log, 98, 1, NT_SELL), "S 1; T 1/0 10@100 2/0; T 1/0 2@99 0/18");
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(2, B, 1, 0), 99)),
                "R 2 would-trigger");
    match_log_close(&log);
}

TEST(match_recorded, a_crossing_fill_triggers_stops) {
    match_log log;
    open_recorded(&log);
    match_log_place(&log, stop_order(limit_order(1, S, 2, 0), 101));
    limit(&log, 2, B, 5, 101);
    EXPECT_TEXT(set(&log, NT_SELL, 101, 1), "T 2/2 1@101 4/4; S 1; T 1/2 2@101 0/2");
    match_log_close(&log);
}

TEST(match_recorded, keeps_only_the_best_levels) {
    match_log log;
    match_log_open(&log, NT_MATCH_RECORDED, ROOM); // Eight levels per side.
    for (int64_t i = 0; i < 8; i++) set(&log, NT_BUY, 100 - i, 1);
    EXPECT_EQ(nt_match_set_level(log.match, NT_BUY, 92, 1), NT_FULL);
    EXPECT_EQ(nt_match_set_level(log.match, NT_BUY, 92, 0), NT_OK);
    EXPECT_EQ(nt_match_set_level(log.match, NT_BUY, 101, 1), NT_OK);
    nt_level levels[16];
    EXPECT_EQ(nt_match_levels(log.match, NT_BUY, levels, 16), 8);
    EXPECT_EQ(levels[7].price, 94);
    match_log_close(&log);
}

TEST(match_recorded, refuses_what_is_no_level_and_no_print) {
    match_log log;
    open_recorded(&log);
    EXPECT_EQ(nt_match_set_level(log.match, 2, 100, 1), NT_INVALID);
    EXPECT_EQ(nt_match_set_level(log.match, NT_BUY, 0, 1), NT_INVALID);
    EXPECT_EQ(nt_match_set_level(log.match, NT_BUY, 100, -1), NT_INVALID);
    EXPECT_EQ(nt_match_print(log.match, 100, 1, 2), NT_INVALID);
    EXPECT_EQ(nt_match_print(log.match, 0, 1, NT_BUY), NT_INVALID);
    EXPECT_EQ(nt_match_print(log.match, 100, 0, NT_BUY), NT_INVALID);
    EXPECT_EQ(nt_match_last_price(log.match), 0);
    match_log_close(&log);
}

/// Random flow: what the recording offers bounds what we trade, and quantities are conserved.
enum { FLOW_IDS = 1024 };

typedef struct flow {
    nt_match *match;
    int64_t open[FLOW_IDS];
    int64_t recorded_fills; // Lots that resting orders got from the recording, in this step.
    bool good;
} flow;

static void watch(void *context, const nt_match_event *event) {
    flow *flow = context;
    if (event->kind == NT_MATCH_ACCEPTED) flow->open[event->id] = event->quantity;
    if (event->kind == NT_MATCH_CANCELED || event->kind == NT_MATCH_EXPIRED) {
        flow->good = flow->good && flow->open[event->id] == event->remaining;
        flow->open[event->id] = 0;
    }
    if (event->kind != NT_MATCH_TRADE) return;
    flow->open[event->id] -= event->quantity;
    flow->good = flow->good && flow->open[event->id] == event->remaining && event->quantity > 0;
    if (event->maker_id == event->id) flow->recorded_fills += event->quantity;
    if (event->maker_id == 0 || event->maker_id == event->id) return;
    flow->open[event->maker_id] -= event->quantity;
    flow->good = flow->good && flow->open[event->maker_id] == event->maker_remaining;
}

static void random_step(flow *flow, nt_random *random, uint64_t id) {
    int64_t price = 90 + (int64_t)nt_random_below(random, 20);
    int64_t quantity = 1 + (int64_t)nt_random_below(random, 9);
    nt_side side = (nt_side)nt_random_below(random, 2);
    flow->recorded_fills = 0;
    switch (nt_random_below(random, 4)) {
    case 0:
        nt_match_print(flow->match, price, quantity, side);
        break;
    case 1:
        // A recording is not crossed for long: bids below 100, asks from 100.
        price = side == NT_BUY ? 90 + price % 10 : 100 + price % 10;
        nt_match_set_level(flow->match, side, price, quantity - 1);
        break;
    case 2:
        nt_match_cancel(flow->match, 1 + nt_random_below(random, id));
        break;
    default: {
        nt_match_order order = limit_order(id, side, quantity, price);
        order.type = (nt_order_type)nt_random_below(random, NT_ORDER_TYPE_COUNT);
        order.stop_price = 90 + (int64_t)nt_random_below(random, 20);
        order.owner = nt_random_below(random, 3);
        nt_match_place(flow->match, &order);
    }
    }
    flow->good = flow->good && flow->recorded_fills <= quantity;
    if (nt_random_below(random, 200) == 0) nt_match_clear_levels(flow->match);
}

TEST(match_recorded, random_flow_conserves_quantity) {
    static flow flow;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        flow = (struct flow){.good = true};
        nt_random random = nt_random_seeded(seed);
        nt_match_config config = {.mode = NT_MATCH_RECORDED, .max_orders = 40, .max_levels = 8};
        config.context = &flow;
        config.on_event = watch;
        EXPECT_EQ(nt_match_create(&config, &flow.match), NT_OK);
        for (uint64_t id = 1; id < FLOW_IDS; id++) {
            random_step(&flow, &random, id);
            for (uint64_t i = 1; i <= id; i++) {
                flow.good = flow.good && nt_match_remaining(flow.match, i) == flow.open[i];
            }
            nt_level bid = nt_match_best(flow.match, NT_BUY);
            nt_level ask = nt_match_best(flow.match, NT_SELL);
            flow.good =
                flow.good && (bid.quantity == 0 || ask.quantity == 0 || bid.price < ask.price);
            if (flow.good) continue;
            nt_test_fail(__FILE__, __LINE__, "seed %" PRIu64 " step %" PRIu64, seed, id);
            return;
        }
        nt_match_destroy(flow.match);
    }
}
