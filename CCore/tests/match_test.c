// match_test.c — OPEN mode: each rule of match.h, event for event, then invariants on random flow.
#include "match_log.h"

#include "nt/random.h"

enum { B = NT_BUY, S = NT_SELL, ROOM = 16 };

static const char *limit(match_log *log, uint64_t id, nt_side side, int64_t quantity,
                         int64_t price) {
    return match_log_place(log, limit_order(id, side, quantity, price));
}

static const char *typed(match_log *log, nt_match_order order, nt_order_type type,
                         nt_time_in_force tif) {
    return match_log_place(log, typed_order(order, type, tif));
}

static void ignore_event(void *context, const nt_match_event *event) {
    (void)context;
    (void)event;
}

TEST(match, refuses_a_configuration_it_cannot_keep) {
    nt_match *match = NULL;
    nt_match_config good = {.max_orders = 1, .max_levels = 1, .on_event = ignore_event};
    nt_match_config bad = good;
    bad.on_event = NULL;
    EXPECT_EQ(nt_match_create(&bad, &match), NT_INVALID);
    bad = good;
    bad.max_orders = 0;
    EXPECT_EQ(nt_match_create(&bad, &match), NT_INVALID);
    bad = good;
    bad.mode = 2;
    EXPECT_EQ(nt_match_create(&bad, &match), NT_INVALID);
    bad = good;
    bad.mode = NT_MATCH_RECORDED;
    bad.max_levels = 0;
    EXPECT_EQ(nt_match_create(&bad, &match), NT_INVALID);
    EXPECT(match == NULL);
    nt_match_destroy(NULL);
}

TEST(match, limit_rests_and_is_seen) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(limit(&log, 1, B, 5, 100), "A 1");
    EXPECT_TEXT(limit(&log, 2, B, 3, 100), "A 2");
    EXPECT_TEXT(limit(&log, 3, B, 2, 98), "A 3");
    nt_level levels[4];
    EXPECT_EQ(nt_match_levels(log.match, NT_BUY, levels, 4), 2);
    EXPECT(levels[0].price == 100 && levels[0].quantity == 8);
    EXPECT(levels[1].price == 98 && levels[1].quantity == 2);
    EXPECT_EQ(nt_match_levels(log.match, NT_BUY, levels, 1), 1);
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 0);
    EXPECT_EQ(nt_match_remaining(log.match, 2), 3);
    EXPECT_EQ(nt_match_live_count(log.match), 3);
    EXPECT_EQ(nt_match_last_price(log.match), 0);
    match_log_close(&log);
}

TEST(match, taker_meets_best_price_first_then_oldest_at_makers_price) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, S, 5, 102);
    limit(&log, 2, S, 5, 101);
    limit(&log, 3, S, 5, 101);
    EXPECT_TEXT(limit(&log, 4, B, 12, 102),
                "A 4; T 4/2 5@101 7/0; T 4/3 5@101 2/0; T 4/1 2@102 0/3");
    EXPECT_EQ(nt_match_live_count(log.match), 1);
    EXPECT_EQ(nt_match_last_price(log.match), 102);
    EXPECT(log.numbers_are_in_turn && log.last_trade == 3);
    match_log_close(&log);
}

TEST(match, selling_taker_meets_the_highest_bid_first) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, B, 1, 99);
    limit(&log, 2, B, 1, 100);
    EXPECT_TEXT(limit(&log, 3, S, 3, 99), "A 3; T 3/2 1@100 2/0; T 3/1 1@99 1/0");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).price, 99);
    match_log_close(&log);
}

TEST(match, remainder_of_a_limit_rests) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, S, 5, 100);
    EXPECT_TEXT(limit(&log, 2, B, 8, 100), "A 2; T 2/1 5@100 3/0");
    nt_level best = nt_match_best(log.match, NT_BUY);
    EXPECT(best.price == 100 && best.quantity == 3);
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 0);
    match_log_close(&log);
}

TEST(match, ioc_remainder_expires) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(typed(&log, limit_order(1, B, 8, 100), NT_LIMIT, NT_IOC), "A 1; E 1 8 none");
    limit(&log, 2, S, 5, 100);
    EXPECT_TEXT(typed(&log, limit_order(3, B, 8, 100), NT_LIMIT, NT_IOC),
                "A 3; T 3/2 5@100 3/0; E 3 3 none");
    EXPECT_EQ(nt_match_live_count(log.match), 0);
    match_log_close(&log);
}

TEST(match, fok_fills_whole_or_not_at_all) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, S, 5, 100);
    limit(&log, 2, S, 5, 101);
    EXPECT_TEXT(typed(&log, limit_order(3, B, 6, 100), NT_LIMIT, NT_FOK), "A 3; E 3 6 fok");
    EXPECT_TEXT(typed(&log, limit_order(4, B, 11, 101), NT_LIMIT, NT_FOK), "A 4; E 4 11 fok");
    EXPECT_TEXT(typed(&log, limit_order(5, B, 10, 101), NT_LIMIT, NT_FOK),
                "A 5; T 5/1 5@100 5/0; T 5/2 5@101 0/0");
    match_log_close(&log);
}

TEST(match, market_takes_any_price_and_its_remainder_expires) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(typed(&log, limit_order(1, B, 8, 0), NT_MARKET, NT_GTC), "R 1 no-liquidity");
    limit(&log, 2, S, 5, 100);
    limit(&log, 3, S, 5, INT64_MAX);
    EXPECT_TEXT(typed(&log, limit_order(4, B, 7, 0), NT_MARKET, NT_GTC),
                "A 4; T 4/2 5@100 2/0; T 4/3 2@9223372036854775807 0/3");
    EXPECT_TEXT(typed(&log, limit_order(5, B, 7, 0), NT_MARKET, NT_IOC),
                "A 5; T 5/3 3@9223372036854775807 4/0; E 5 4 no-liquidity");
    limit(&log, 6, S, 5, 100);
    EXPECT_TEXT(typed(&log, limit_order(7, B, 7, 0), NT_MARKET, NT_FOK), "A 7; E 7 7 fok");
    match_log_close(&log);
}

TEST(match, limit_maker_never_takes) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(typed(&log, limit_order(1, S, 5, 100), NT_LIMIT_MAKER, NT_GTC), "A 1");
    EXPECT_TEXT(typed(&log, limit_order(2, B, 5, 100), NT_LIMIT_MAKER, NT_GTC), "R 2 would-take");
    EXPECT_TEXT(typed(&log, limit_order(3, B, 5, 99), NT_LIMIT_MAKER, NT_GTC), "A 3");
    EXPECT_TEXT(typed(&log, limit_order(4, S, 5, 99), NT_LIMIT_MAKER, NT_GTC), "R 4 would-take");
    match_log_close(&log);
}

TEST(match, refuses_orders_that_make_no_sense) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(limit(&log, 0, B, 5, 100), "R 0 bad");
    EXPECT_TEXT(limit(&log, 1, B, 0, 100), "R 1 bad");
    EXPECT_TEXT(limit(&log, 1, B, -1, 100), "R 1 bad");
    EXPECT_TEXT(limit(&log, 1, B, NT_MATCH_MAX_QUANTITY + 1, 100), "R 1 bad");
    EXPECT_TEXT(limit(&log, 1, B, 5, 0), "R 1 bad");
    EXPECT_TEXT(limit(&log, 1, 2, 5, 100), "R 1 bad");
    EXPECT_TEXT(typed(&log, limit_order(1, B, 5, 1), 5, NT_GTC), "R 1 bad");
    EXPECT_TEXT(typed(&log, limit_order(1, B, 5, 1), NT_LIMIT, 3), "R 1 bad");
    EXPECT_TEXT(typed(&log, limit_order(1, B, 5, 1), NT_LIMIT_MAKER, NT_IOC), "R 1 bad");
    EXPECT_TEXT(typed(&log, limit_order(1, B, 5, 1), NT_STOP_LIMIT, NT_GTC), "R 1 bad");
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, B, 5, -1), 10)), "R 1 bad");
    nt_match_order order = limit_order(1, B, 5, 0);
    EXPECT_EQ(nt_match_place(log.match, &order), NT_REFUSED);
    EXPECT_EQ(nt_match_live_count(log.match), 0);
    match_log_close(&log);
}

TEST(match, refuses_a_live_id_and_a_full_table) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, 2);
    limit(&log, 1, B, 5, 100);
    EXPECT_TEXT(limit(&log, 1, B, 5, 100), "R 1 duplicate");
    limit(&log, 2, B, 5, 100);
    EXPECT_TEXT(limit(&log, 3, S, 5, 100), "R 3 full");
    EXPECT_EQ(nt_match_cancel(log.match, 1), NT_OK);
    EXPECT_TEXT(match_log_take(&log), "C 1 5");
    EXPECT_TEXT(limit(&log, 1, S, 5, 101), "A 1");
    match_log_close(&log);
}

TEST(match, cancel_takes_the_order_out_of_its_queue) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    for (uint64_t id = 1; id <= 3; id++) limit(&log, id, S, 5, 100);
    limit(&log, 4, B, 2, 100);
    EXPECT_EQ(nt_match_cancel(log.match, 2), NT_OK);
    EXPECT_TEXT(match_log_take(&log), "C 2 5");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 8);
    EXPECT_TEXT(limit(&log, 5, B, 4, 100), "A 5; T 5/1 3@100 1/0; T 5/3 1@100 0/4");
    EXPECT_EQ(nt_match_cancel(log.match, 3), NT_OK);
    EXPECT_TEXT(match_log_take(&log), "C 3 4");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 0);
    EXPECT_EQ(nt_match_cancel(log.match, 3), NT_NOT_FOUND);
    match_log_close(&log);
}

TEST(match, amend_down_keeps_priority) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, S, 5, 100);
    limit(&log, 2, S, 5, 100);
    limit(&log, 3, B, 2, 100);
    EXPECT_EQ(nt_match_amend(log.match, 1, 5), NT_INVALID);
    EXPECT_EQ(nt_match_amend(log.match, 1, 2), NT_INVALID);
    EXPECT_EQ(nt_match_amend(log.match, 9, 2), NT_NOT_FOUND);
    EXPECT_EQ(nt_match_amend(log.match, 1, 4), NT_OK);
    EXPECT_TEXT(match_log_take(&log), "M 1 2");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 7);
    EXPECT_TEXT(limit(&log, 4, B, 3, 100), "A 4; T 4/1 2@100 1/0; T 4/2 1@100 0/4");
    match_log_close(&log);
}

TEST(match, newest_expires_instead_of_trading_with_its_owner) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, S, 5, 100);
    match_log_place(&log, owned_order(limit_order(2, S, 5, 100), 7));
    limit(&log, 3, S, 5, 100);
    nt_match_order taker = owned_order(limit_order(4, B, 12, 100), 7);
    EXPECT_TEXT(match_log_place(&log, taker), "A 4; T 4/1 5@100 7/0; E 4 7 self");
    EXPECT_EQ(nt_match_best(log.match, NT_SELL).quantity, 10);
    EXPECT_EQ(nt_match_best(log.match, NT_BUY).quantity, 0);
    taker = owned_order(limit_order(5, B, 6, 100), 8);
    EXPECT_TEXT(match_log_place(&log, taker), "A 5; T 5/2 5@100 1/0; T 5/3 1@100 0/4");
    match_log_close(&log);
}

TEST(match, fok_does_not_count_what_stands_behind_its_owner) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    limit(&log, 1, S, 5, 100);
    match_log_place(&log, owned_order(limit_order(2, S, 5, 100), 7));
    limit(&log, 3, S, 5, 100);
    nt_match_order taker = typed_order(limit_order(4, B, 6, 100), NT_LIMIT, NT_FOK);
    EXPECT_TEXT(match_log_place(&log, owned_order(taker, 7)), "A 4; E 4 6 fok");
    taker.quantity = 5;
    EXPECT_TEXT(match_log_place(&log, owned_order(taker, 7)), "A 4; T 4/1 5@100 0/0");
    match_log_close(&log);
}

/// Trades one lot at a price, by orders 90 and 91 that leave nothing behind.
static const char *trade_at(match_log *log, int64_t price) {
    limit(log, 90, S, 1, price);
    return limit(log, 91, B, 1, price);
}

TEST(match, stop_waits_outside_the_book_until_a_trade_reaches_it) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, B, 2, 106), 105)), "A 1");
    EXPECT_EQ(nt_match_best(log.match, NT_BUY).quantity, 0);
    EXPECT_EQ(nt_match_remaining(log.match, 1), 2);
    trade_at(&log, 104);
    EXPECT_TEXT(trade_at(&log, 105), "A 91; T 91/90 1@105 0/0; S 1");
    EXPECT_EQ(nt_match_best(log.match, NT_BUY).price, 106);
    match_log_close(&log);
}

TEST(match, sell_stop_is_reached_from_above) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    match_log_place(&log, stop_order(limit_order(1, S, 2, 0), 95));
    limit(&log, 2, B, 5, 90);
    EXPECT_TEXT(trade_at(&log, 96), "A 91; T 91/90 1@96 0/0");
    EXPECT_TEXT(limit(&log, 3, S, 1, 90), "A 3; T 3/2 1@90 0/4; S 1; T 1/2 2@90 0/2");
    match_log_close(&log);
}

TEST(match, refuses_a_stop_that_is_reached_already) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, B, 1, 0), 1)), "A 1");
    nt_match_cancel(log.match, 1);
    match_log_take(&log);
    trade_at(&log, 100);
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, B, 1, 0), 100)),
                "R 1 would-trigger");
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, S, 1, 0), 100)),
                "R 1 would-trigger");
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(1, B, 1, 0), 101)), "A 1");
    EXPECT_TEXT(match_log_place(&log, stop_order(limit_order(2, S, 1, 0), 99)), "A 2");
    match_log_close(&log);
}

TEST(match, an_order_that_does_not_trade_reaches_no_stop) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    match_log_place(&log, stop_order(limit_order(1, S, 1, 1), INT64_MAX));
    match_log_place(&log, stop_order(limit_order(2, B, 1, 1), 1));
    EXPECT_TEXT(limit(&log, 3, B, 1, 100), "A 3");
    EXPECT_TEXT(trade_at(&log, 101), "A 91; T 91/90 1@101 0/0; S 1; T 1/3 1@100 0/0; S 2");
    match_log_close(&log);
}

TEST(match, stop_market_without_liquidity_expires) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    match_log_place(&log, stop_order(limit_order(1, B, 2, 0), 100));
    nt_match_order fok = stop_order(limit_order(2, B, 2, 0), 100);
    fok.tif = NT_FOK;
    match_log_place(&log, fok);
    EXPECT_TEXT(trade_at(&log, 100),
                "A 91; T 91/90 1@100 0/0; S 1; E 1 2 no-liquidity; S 2; E 2 2 fok");
    EXPECT_EQ(nt_match_live_count(log.match), 0);
    match_log_close(&log);
}

TEST(match, stops_reached_together_run_oldest_first_on_both_sides) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    match_log_place(&log, stop_order(limit_order(1, B, 1, 1), 101));
    match_log_place(&log, stop_order(limit_order(2, S, 1, 500), 100));
    match_log_place(&log, stop_order(limit_order(3, B, 1, 1), 100));
    limit(&log, 4, S, 1, 100);
    limit(&log, 5, S, 1, 101);
    EXPECT_TEXT(limit(&log, 6, B, 2, 101), "A 6; T 6/4 1@100 1/0; T 6/5 1@101 0/0; S 1; S 2; S 3");
    match_log_close(&log);
}

TEST(match, cascading_stops_queue_behind_those_reached_before) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    match_log_place(&log, stop_order(limit_order(1, B, 1, 0), 102)); // Reached by stop 2 only.
    match_log_place(&log, stop_order(limit_order(2, B, 1, 0), 100));
    match_log_place(&log, stop_order(limit_order(3, B, 1, 0), 100));
    limit(&log, 4, S, 1, 100);
    limit(&log, 5, S, 1, 102);
    limit(&log, 6, S, 5, 103);
    EXPECT_TEXT(limit(&log, 7, B, 1, 100),
                "A 7; T 7/4 1@100 0/0; S 2; T 2/5 1@102 0/0; S 3; T 3/6 1@103 0/4; "
                "S 1; T 1/6 1@103 0/3");
    match_log_close(&log);
}

TEST(match, a_long_cascade_ends) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    for (uint64_t i = 0; i < 7; i++) {
        match_log_place(&log, stop_order(limit_order(1 + i, B, 1, 0), 100 + (int64_t)i));
        limit(&log, 20 + i, S, 1, 100 + (int64_t)i);
    }
    limit(&log, 40, B, 1, 100);
    EXPECT_EQ(nt_match_live_count(log.match), 0);
    EXPECT_EQ(nt_match_last_price(log.match), 106);
    match_log_close(&log);
}

TEST(match, waiting_stops_can_be_amended_and_cancelled) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    match_log_place(&log, stop_order(limit_order(1, B, 4, 0), 100));
    match_log_place(&log, stop_order(limit_order(2, B, 4, 0), 105));
    EXPECT_EQ(nt_match_amend(log.match, 2, 3), NT_OK);
    EXPECT_TEXT(match_log_take(&log), "M 2 3");
    EXPECT_EQ(nt_match_cancel(log.match, 1), NT_OK);
    EXPECT_TEXT(match_log_take(&log), "C 1 4");
    EXPECT_TEXT(trade_at(&log, 104), "A 91; T 91/90 1@104 0/0");
    limit(&log, 3, S, 9, 105);
    EXPECT_TEXT(limit(&log, 4, B, 1, 105), "A 4; T 4/3 1@105 0/8; S 2; T 2/3 3@105 0/5");
    match_log_close(&log);
}

TEST(match, open_mode_takes_no_recording) {
    match_log log;
    match_log_open(&log, NT_MATCH_OPEN, ROOM);
    EXPECT_EQ(nt_match_set_level(log.match, NT_BUY, 100, 1), NT_UNSUPPORTED);
    EXPECT_EQ(nt_match_print(log.match, 100, 1, NT_BUY), NT_UNSUPPORTED);
    nt_match_clear_levels(log.match);
    EXPECT_EQ(nt_match_best(log.match, NT_BUY).quantity, 0);
    match_log_close(&log);
}

/// Watches a random flow: what every order has open by its events alone.
enum { FLOW_ORDERS = 64, FLOW_IDS = 4096 };

typedef struct flow {
    nt_match *match;
    int64_t open[FLOW_IDS]; // By id, from the events.
    nt_match_order asked[FLOW_IDS];
    uint64_t turn[FLOW_IDS]; // When it came to rest, for first in, first out.
    uint64_t turns, trades;
    bool good;
    nt_match_event previous;
} flow;

static void check(flow *flow, bool condition) { flow->good = flow->good && condition; }

static bool crosses(const nt_match_order *order, int64_t price) {
    if (order->type == NT_MARKET || order->type == NT_STOP_MARKET) return true;
    return order->side == NT_BUY ? price <= order->price : price >= order->price;
}

static void watch_trade(flow *flow, const nt_match_event *event) {
    const nt_match_order *taker = &flow->asked[event->id], *maker = &flow->asked[event->maker_id];
    const nt_match_event *previous = &flow->previous;
    flow->trades++;
    check(flow, event->quantity > 0 && maker->price == event->price);
    check(flow, taker->side != maker->side && taker->type != NT_LIMIT_MAKER);
    check(flow, taker->owner == 0 || taker->owner != maker->owner);
    check(flow, crosses(taker, event->price) && crosses(maker, event->price));
    flow->open[event->id] -= event->quantity;
    flow->open[event->maker_id] -= event->quantity;
    check(flow, flow->open[event->id] == event->remaining);
    check(flow, flow->open[event->maker_id] == event->maker_remaining);
    if (previous->kind != NT_MATCH_TRADE || previous->id != event->id) return;
    // Within one taker: prices never get better, and within a price the older maker was first.
    check(flow, taker->side == NT_BUY ? previous->price <= event->price
                                      : previous->price >= event->price);
    if (previous->price == event->price) {
        check(flow, previous->maker_remaining == 0);
        check(flow, flow->turn[previous->maker_id] < flow->turn[event->maker_id]);
    }
}

static void watch(void *context, const nt_match_event *event) {
    flow *flow = context;
    switch (event->kind) {
    case NT_MATCH_ACCEPTED:
        flow->open[event->id] = event->quantity;
        flow->turn[event->id] = ++flow->turns;
        break;
    case NT_MATCH_TRIGGERED:
        flow->turn[event->id] = ++flow->turns;
        break;
    case NT_MATCH_TRADE:
        watch_trade(flow, event);
        break;
    case NT_MATCH_CANCELED:
    case NT_MATCH_EXPIRED:
        check(flow, flow->open[event->id] == event->remaining && event->remaining > 0);
        flow->open[event->id] = 0;
        break;
    case NT_MATCH_AMENDED:
        flow->open[event->id] = event->remaining;
        break;
    case NT_MATCH_REFUSED:
        break;
    }
    flow->previous = *event;
}

static nt_match_order random_order(nt_random *random, uint64_t id) {
    nt_match_order order = {.id = id};
    order.owner = nt_random_below(random, 4);
    order.price = 90 + (int64_t)nt_random_below(random, 21);
    order.stop_price = 90 + (int64_t)nt_random_below(random, 21);
    order.quantity = 1 + (int64_t)nt_random_below(random, 20);
    order.side = (nt_side)nt_random_below(random, 2);
    order.type = (nt_order_type)nt_random_below(random, NT_ORDER_TYPE_COUNT);
    if (nt_random_below(random, 2) == 0) order.type = NT_LIMIT;
    order.tif =
        (nt_time_in_force)(nt_random_below(random, 3) == 0 ? nt_random_below(random, 3) : 0);
    return order;
}

static void random_step(flow *flow, nt_random *random, uint64_t id) {
    uint64_t choice = nt_random_below(random, 10), other = 1 + nt_random_below(random, id);
    if (choice == 0) {
        bool was_live = flow->open[other] > 0;
        check(flow, (nt_match_cancel(flow->match, other) == NT_OK) == was_live);
    } else if (choice == 1) {
        int64_t total = 1 + (int64_t)nt_random_below(random, 20);
        nt_match_amend(flow->match, other, total);
    }
    flow->asked[id] = random_order(random, id);
    nt_match_place(flow->match, &flow->asked[id]);
}

/// Between calls: not crossed, quantities as the events say, levels sum the open orders.
static void check_rest(flow *flow, uint64_t ids) {
    nt_level bid = nt_match_best(flow->match, NT_BUY), ask = nt_match_best(flow->match, NT_SELL);
    check(flow, bid.quantity == 0 || ask.quantity == 0 || bid.price < ask.price);
    uint32_t live = 0;
    for (uint64_t id = 1; id <= ids; id++) {
        check(flow, nt_match_remaining(flow->match, id) == flow->open[id]);
        live += flow->open[id] > 0;
    }
    check(flow, live == nt_match_live_count(flow->match));
    nt_level levels[64];
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        uint32_t count = nt_match_levels(flow->match, side, levels, 64);
        for (uint32_t i = 0; i < count; i++) {
            check(flow, levels[i].quantity > 0);
            if (i == 0) continue;
            check(flow, side == NT_BUY ? levels[i].price < levels[i - 1].price
                                       : levels[i].price > levels[i - 1].price);
        }
    }
}

TEST(match, random_flow_conserves_quantity_and_priority) {
    static flow flow;
    uint64_t trades = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        flow = (struct flow){.good = true};
        nt_random random = nt_random_seeded(seed);
        nt_match_config config = {.max_orders = FLOW_ORDERS, .context = &flow, .on_event = watch};
        EXPECT_EQ(nt_match_create(&config, &flow.match), NT_OK);
        for (uint64_t id = 1; id < 1000 && flow.good; id++) {
            random_step(&flow, &random, id);
            check_rest(&flow, id);
            if (flow.good) continue;
            nt_test_fail(__FILE__, __LINE__, "seed %" PRIu64 " order %" PRIu64, seed, id);
            return;
        }
        trades += flow.trades;
        nt_match_destroy(flow.match);
    }
    EXPECT(trades > 2000);
}
