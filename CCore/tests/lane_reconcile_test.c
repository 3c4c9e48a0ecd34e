// lane_reconcile_test.c — bringing lane and venue together: as often as one likes, in any order of
// the venue's pages, with live events in between, and never by one look alone.
#include "lane_rig.h"

/// What reconciliation is about: orders, what they reserve, positions.
static uint64_t digest(const rig *rig) {
    uint64_t hash = 14695981039346656037u;
    const nt_orders *orders = nt_lane_orders(rig->lane);
    for (uint32_t i = 0; i < nt_orders_capacity(orders); i++) {
        const nt_order *order = nt_orders_at(orders, i);
        if (order == NULL) continue;
        const int64_t facts[] = {(int64_t)order->intent.order, order->state,   order->cumulative,
                                 order->venue_cumulative,      order->closing, order->venue_order};
        for (size_t f = 0; f < sizeof facts / sizeof *facts; f++)
            hash = (hash ^ (uint64_t)facts[f]) * 1099511628211u;
    }
    const nt_position position = nt_lane_position(rig->lane, 0);
    const nt_exposure exposure = nt_orders_exposure(orders, 0);
    const int64_t sums[] = {position.lots,           position.bought,   position.sold,
                            (int64_t)position.fills, exposure.open_buy, exposure.open_sell};
    for (size_t s = 0; s < sizeof sums / sizeof *sums; s++)
        hash = (hash ^ (uint64_t)sums[s]) * 1099511628211u;
    return hash;
}

static void fill_untold(rig *rig, nt_order_key key, int64_t lots) {
    fake_venue_faults(rig->venue)->mute = true;
    fake_venue_fill(rig->venue, key, 9900, lots);
    fake_venue_faults(rig->venue)->mute = false;
}

// --- rounds ------------------------------------------------------------------------------------

TEST(lane_reconcile, two_rounds_must_agree_before_new_risk) {
    rig rig;
    rig_open(&rig, 41);
    rig.agree_gap_ns = 2 * RIG_SECOND;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_wait(&rig, RIG_SECOND);
    EXPECT(!nt_lane_ready(rig.lane));
    EXPECT_EQ(rig.sent[NT_REQUEST_OPEN_ORDERS], 2);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT(nt_lane_ready(rig.lane));
    EXPECT_EQ(rig.sent[NT_REQUEST_OPEN_ORDERS], 4);
    EXPECT(nt_lane_reconciled_ns(rig.lane) > 0);
    rig_close(&rig);
}

TEST(lane_reconcile, a_round_that_changes_something_is_not_the_last) {
    rig rig;
    rig_open(&rig, 42);
    rig.agree_gap_ns = 2 * RIG_SECOND;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_wait(&rig, 3 * RIG_SECOND);
    rig_market(&rig, 40);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_disconnect(&rig);
    rig_connect(&rig);
    rig_wait(&rig, RIG_SECOND);
    fill_untold(&rig, key, 3); // Between two rounds.
    rig_wait(&rig, 3 * RIG_SECOND / 2);
    EXPECT(!nt_lane_ready(rig.lane));
    EXPECT_EQ(rig_lots(&rig, 0), 3);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT(nt_lane_ready(rig.lane));
    rig_close(&rig);
}

TEST(lane_reconcile, now_and_then_while_trading_goes_on) {
    rig rig;
    rig_open(&rig, 43);
    rig.agree_gap_ns = 2 * RIG_SECOND;
    rig.reconcile_every_ns = 30 * RIG_SECOND;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_wait(&rig, 3 * RIG_SECOND);
    const uint32_t before = rig.sent[NT_REQUEST_OPEN_ORDERS];
    for (uint32_t i = 0; i < 32; i++) {
        rig_wait(&rig, RIG_SECOND);
        EXPECT(nt_lane_ready(rig.lane));
    }
    EXPECT_EQ(rig.sent[NT_REQUEST_OPEN_ORDERS], before + 4);
    rig_close(&rig);
}

// --- by command --------------------------------------------------------------------------------

TEST(lane_reconcile, twice_is_once) {
    rig rig;
    rig_run(&rig, 44);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_place(&rig, NT_BUY, 9890, 5, NT_GTC);
    fill_untold(&rig, key, 3);
    rig_pump(&rig);
    EXPECT_EQ(rig_lots(&rig, 0), 0); // Nobody told.
    uint64_t ticket = rig_command(&rig, NT_COMMAND_RECONCILE, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig_lots(&rig, 0), 3);
    const uint64_t once = digest(&rig), fills = nt_lane_get_counters(rig.lane).fills;
    ticket = rig_command(&rig, NT_COMMAND_RECONCILE, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(digest(&rig), once);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).fills, fills);
    rig_close(&rig);
}

TEST(lane_reconcile, is_refused_without_a_log_on_and_needless_on_paper) {
    rig rig;
    rig_run(&rig, 45);
    rig_disconnect(&rig);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_RECONCILE, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_CLOSED);
    rig_close(&rig);
    rig_open(&rig, 46);
    rig.with_paper = true;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    ticket = rig_command(&rig, NT_COMMAND_RECONCILE, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    rig_close(&rig);
}

// --- in any order ------------------------------------------------------------------------------

enum { A = 11, B = 12, C = 13, D = 14, NEWS = 13 };

static void give(rig *rig, nt_order_key key, nt_order_state state, int64_t cumulative) {
    nt_order order = {.intent = {.order = key, .price = 9900, .quantity = 10, .side = NT_BUY},
                      .state = state,
                      .cumulative = cumulative,
                      .venue_cumulative = -1,
                      .venue_order = state == NT_ORDER_UNKNOWN ? 0 : 100 + (int64_t)key};
    const nt_record record = {.kind = NT_RECORD_RESTORE, .payload_length = sizeof order};
    NT_ASSERT(nt_lane_recover(rig->lane, &record, &order) == NT_OK);
}

static nt_report row(nt_order_key key, nt_evidence evidence, int64_t cumulative) {
    return (nt_report){.order = key,
                       .venue_order = 100 + (int64_t)key,
                       .evidence = evidence,
                       .quantity = 10,
                       .price = 9900,
                       .cumulative = cumulative,
                       .from_query = 1};
}

static nt_report trade(nt_order_key key, int64_t id, int64_t lots, uint8_t listed) {
    nt_report report = row(key, NT_EVIDENCE_FILL, -1);
    report.trade = id;
    report.last_price = 9900;
    report.last_quantity = lots;
    report.from_query = listed;
    return report;
}

/// A is open with 2 filled; B was filled in two trades; C cancelled with 7; D is open.
static void gather(nt_report news[NEWS]) {
    const nt_report all[NEWS] = {
        row(A, NT_EVIDENCE_FOUND_OPEN, 2),
        row(D, NT_EVIDENCE_FOUND_OPEN, 0),
        row(B, NT_EVIDENCE_FOUND_FILLED, 10),
        row(C, NT_EVIDENCE_FOUND_CANCELED, 7),
        trade(A, 1, 2, 1),
        trade(B, 2, 4, 1),
        trade(B, 3, 6, 1),
        trade(C, 5, 3, 1), // The others are live, some of them the same.
        trade(B, 2, 4, 0),
        trade(C, 5, 3, 0),
        trade(A, 1, 2, 0),
        row(C, NT_EVIDENCE_CANCELED, 7),
        row(D, NT_EVIDENCE_ACK, 0),
    };
    memcpy(news, all, sizeof all);
    news[11].from_query = news[12].from_query = 0;
}

static void shuffle(nt_random *random, nt_report news[NEWS]) {
    for (uint32_t i = NEWS - 1; i > 0; i--) {
        const uint64_t other = nt_random_below(random, i + 1);
        const nt_report kept = news[i];
        news[i] = news[other];
        news[other] = kept;
    }
}

static void end_list(rig *rig, uint8_t request, uint32_t count, int64_t last) {
    nt_event event = {.kind = NT_EVENT_ANSWERED};
    event.as.answer =
        (nt_answer_end){.request = request, .accepted = 1, .count = count, .last_trade = last};
    rig_event(rig, RIG_ORDERS, &event);
}

/// One reconciliation of orders that the lane half knows, its rows and the live events shuffled.
static uint64_t reconciled(uint64_t seed) {
    rig rig;
    nt_report news[NEWS];
    nt_random random = nt_random_seeded(seed);
    rig_run(&rig, 47);
    fake_venue_faults(rig.venue)->mute = true;
    give(&rig, A, NT_ORDER_LIVE, 0);
    give(&rig, B, NT_ORDER_UNKNOWN, 0);
    give(&rig, C, NT_ORDER_PARTIAL, 4);
    give(&rig, D, NT_ORDER_UNKNOWN, 0);
    rig_command(&rig, NT_COMMAND_RECONCILE, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    gather(news);
    shuffle(&random, news);
    for (uint32_t i = 0; i < NEWS; i++) rig_report(&rig, news[i]);
    end_list(&rig, NT_REQUEST_OPEN_ORDERS, 2, 0);
    end_list(&rig, NT_REQUEST_FILLS, 4, 5);
    const bool right = rig_state(&rig, A) == NT_ORDER_PARTIAL && rig_lots(&rig, 0) == 15 &&
                       rig_state(&rig, B) == NT_ORDER_FILLED &&
                       rig_state(&rig, C) == NT_ORDER_CANCELED &&
                       rig_state(&rig, D) == NT_ORDER_LIVE;
    const uint64_t found = digest(&rig);
    rig_close(&rig);
    return right ? found : 0;
}

TEST(lane_reconcile, pages_and_live_events_in_any_order_end_the_same) {
    const uint64_t first = reconciled(1);
    EXPECT(first != 0);
    for (uint64_t seed = 2; seed <= 400; seed++) {
        if (reconciled(seed) == first) continue;
        nt_test_fail(__FILE__, __LINE__, "shuffle %" PRIu64 " ends elsewhere", seed);
        return;
    }
}
