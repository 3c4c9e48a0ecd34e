// paper_test.c — our own matcher as a venue: latency both ways, fills from the market, restarts.
#include "nt/paper.h"

#include "lane_rig.h"

enum { LATENCY = 100, FIRST = 7000 };

static nt_instrument instrument = {.symbol = "A",
                                   .base = "A",
                                   .quote = "Q",
                                   .price_decimals = 2,
                                   .quantity_decimals = 2,
                                   .tick_units = 1,
                                   .lot_units = 1};

static nt_paper *fresh(void) {
    nt_paper_config config = {.instruments = &instrument,
                              .instrument_count = 1,
                              .max_orders = 8,
                              .latency_ns = LATENCY,
                              .first_trade = FIRST,
                              .maker_fee_ppm = 100,
                              .taker_fee_ppm = 1000};
    nt_paper *paper = NULL;
    (void)nt_paper_create(&config, &paper);
    return paper;
}

static nt_event book(const nt_level *bid, const nt_level *ask) {
    nt_event event = {.kind = NT_EVENT_SNAPSHOT};
    event.as.depth = (nt_depth){.bids = bid, .asks = ask, .bid_count = 1, .ask_count = 1};
    return event;
}

static void show_book(nt_paper *paper, int64_t now_ns) {
    const nt_level bid = {9990, 10}, ask = {10010, 10};
    nt_event event = book(&bid, &ask);
    nt_paper_observe(paper, &event, now_ns);
}

static nt_request request(nt_request_kind kind, nt_side side, int64_t price, int64_t quantity) {
    nt_request request = {.kind = kind};
    request.intent = (nt_intent){.order = 42, .side = side, .price = price, .quantity = quantity};
    return request;
}

static nt_evidence next(nt_paper *paper, int64_t now_ns, nt_event *out) {
    return nt_paper_next(paper, now_ns, out) ? out->as.report.evidence : NT_EVIDENCE_NONE;
}

TEST(paper, acts_after_its_latency_and_reports_after_another) {
    nt_paper *paper = fresh();
    nt_event event;
    show_book(paper, 0);
    nt_request place = request(NT_REQUEST_PLACE, NT_BUY, 10010, 4);
    EXPECT_EQ(nt_paper_submit(paper, &place, 1000), NT_OK);
    EXPECT_EQ(next(paper, 1099, &event), NT_EVIDENCE_NONE);
    EXPECT_EQ(next(paper, 1100, &event), NT_EVIDENCE_NONE); // It acts now.
    EXPECT_EQ(next(paper, 1199, &event), NT_EVIDENCE_NONE);
    EXPECT_EQ(next(paper, 1200, &event), NT_EVIDENCE_ACK);
    EXPECT_EQ(next(paper, 1200, &event), NT_EVIDENCE_FILL);
    const nt_report *report = &event.as.report;
    EXPECT_EQ(report->trade, FIRST + 1);
    EXPECT_EQ(report->last_price, 10010);
    EXPECT_EQ(report->last_quantity, 4);
    EXPECT_EQ(report->fee, (int64_t)10010 * 4 * 10000 / 1000);
    EXPECT_TEXT(report->fee_asset, "Q");
    EXPECT_EQ(report->is_maker, 0);
    EXPECT_EQ(next(paper, 9999, &event), NT_EVIDENCE_NONE);
    nt_paper_destroy(paper);
}

TEST(paper, fills_what_rests_by_prints_at_the_makers_fee) {
    nt_paper *paper = fresh();
    nt_event event;
    show_book(paper, 0);
    nt_request place = request(NT_REQUEST_PLACE, NT_BUY, 9995, 4);
    EXPECT_EQ(nt_paper_submit(paper, &place, 0), NT_OK);
    EXPECT_EQ(next(paper, 200, &event), NT_EVIDENCE_NONE);
    EXPECT_EQ(next(paper, 300, &event), NT_EVIDENCE_ACK);
    nt_event print = {.kind = NT_EVENT_TRADE};
    print.as.trade = (nt_trade){.id = 1, .price = 9994, .quantity = 3, .aggressor = NT_SELL};
    nt_paper_observe(paper, &print, 400);
    EXPECT_EQ(next(paper, 500, &event), NT_EVIDENCE_FILL);
    EXPECT_EQ(event.as.report.last_quantity, 3);
    EXPECT_EQ(event.as.report.is_maker, 1);
    EXPECT_EQ(event.as.report.fee, (int64_t)9995 * 3 * 10000 / 10000);
    nt_paper_destroy(paper);
}

TEST(paper, cancels_amends_and_answers) {
    nt_paper *paper = fresh();
    nt_event event;
    show_book(paper, 0);
    nt_request place = request(NT_REQUEST_PLACE, NT_BUY, 9995, 10);
    nt_request amend = request(NT_REQUEST_AMEND, NT_BUY, 0, 6);
    nt_request query = request(NT_REQUEST_QUERY, NT_BUY, 0, 0);
    nt_request cancel = request(NT_REQUEST_CANCEL, NT_BUY, 0, 0);
    const nt_request *all[] = {&place, &amend, &query, &cancel, &cancel, &query};
    for (int i = 0; i < 6; i++) EXPECT_EQ(nt_paper_submit(paper, all[i], 0), NT_OK);
    EXPECT_EQ(next(paper, 100, &event), NT_EVIDENCE_NONE);
    const nt_evidence wanted[] = {
        NT_EVIDENCE_ACK,      NT_EVIDENCE_AMENDED,        NT_EVIDENCE_FOUND_OPEN,
        NT_EVIDENCE_CANCELED, NT_EVIDENCE_CANCEL_REFUSED, NT_EVIDENCE_NOT_FOUND};
    for (int i = 0; i < 6; i++) {
        EXPECT_EQ(next(paper, 200, &event), wanted[i]);
        if (i == 1) EXPECT_EQ(event.as.report.quantity, 6);
    }
    nt_paper_destroy(paper);
}

TEST(paper, a_restored_order_keeps_count_of_what_it_had_traded) {
    nt_paper *paper = fresh();
    nt_event event;
    show_book(paper, 0);
    nt_intent intent = request(NT_REQUEST_PLACE, NT_BUY, 9995, 10).intent;
    EXPECT_EQ(nt_paper_restore(paper, &intent, 8), NT_OK); // Two were traded before.
    EXPECT_EQ(next(paper, 1000, &event), NT_EVIDENCE_ACK);
    nt_request amend = request(NT_REQUEST_AMEND, NT_BUY, 0, 5);
    EXPECT_EQ(nt_paper_submit(paper, &amend, 1000), NT_OK);
    EXPECT_EQ(next(paper, 1100, &event), NT_EVIDENCE_NONE);
    EXPECT_EQ(next(paper, 1200, &event), NT_EVIDENCE_AMENDED);
    EXPECT_EQ(event.as.report.quantity, 5);
    nt_event print = {.kind = NT_EVENT_TRADE};
    print.as.trade = (nt_trade){.id = 1, .price = 9990, .quantity = 50, .aggressor = NT_SELL};
    nt_paper_observe(paper, &print, 1300);
    EXPECT_EQ(next(paper, 1400, &event), NT_EVIDENCE_FILL);
    EXPECT_EQ(event.as.report.last_quantity, 3); // Five in all.
    EXPECT_EQ(nt_paper_restore(paper, &intent, 0), NT_INVALID);
    nt_paper_destroy(paper);
}

TEST(paper, says_busy_when_too_much_is_on_its_way) {
    nt_paper *paper = fresh();
    nt_request query = request(NT_REQUEST_QUERY, NT_BUY, 0, 0);
    int taken = 0;
    while (taken < 1000 && nt_paper_submit(paper, &query, 0) == NT_OK) taken++;
    EXPECT_EQ(taken, 128);
    nt_paper_destroy(paper);
}

TEST(paper, a_flood_of_prints_that_nobody_reads_does_not_stop_it) {
    nt_paper *paper = fresh();
    nt_event event;
    show_book(paper, 0);
    nt_request place = request(NT_REQUEST_PLACE, NT_BUY, 9995, 100000);
    EXPECT_EQ(nt_paper_submit(paper, &place, 0), NT_OK);
    nt_event print = {.kind = NT_EVENT_TRADE};
    print.as.trade = (nt_trade){.id = 1, .price = 9990, .quantity = 1, .aggressor = NT_SELL};
    for (int i = 0; i < 30000; i++) nt_paper_observe(paper, &print, 100);
    uint32_t fills = 0;
    while (nt_paper_next(paper, 1000, &event))
        fills += event.as.report.evidence == NT_EVIDENCE_FILL;
    EXPECT(fills > 5000 && fills < 16384);
    nt_paper_destroy(paper);
}

// --- behind a lane -----------------------------------------------------------------------------

static void run_on_paper(rig *rig, uint64_t seed) {
    rig_open(rig, seed);
    rig->with_paper = true;
    NT_ASSERT(rig_start(rig) == NT_OK);
    nt_lane_stream(rig->lane, RIG_MARKET, NT_STREAM_OPEN, "");
    rig_market(rig, 40);
}

TEST(paper, a_lane_trades_on_it_without_an_order_stream) {
    rig rig;
    run_on_paper(&rig, 1);
    nt_order_key key = rig_place(&rig, NT_BUY, 10100, 10, NT_IOC);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_SENT);
    rig_market(&rig, 20);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(fake_venue_trades(rig.venue), 0);
    // A market stream that is lost does not end its own venue.
    nt_lane_stream(rig.lane, RIG_ORDERS, NT_STREAM_OPEN, "");
    nt_lane_stream(rig.lane, RIG_ORDERS, NT_STREAM_WAITING, "");
    EXPECT(nt_lane_ready(rig.lane));
    rig_close(&rig);
}

TEST(paper, what_rested_before_a_restart_rests_again_and_the_rest_is_absent) {
    rig rig;
    run_on_paper(&rig, 2);
    nt_order_key resting = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_market(&rig, 20);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_LIVE);
    nt_order_key flying = rig_place(&rig, NT_BUY, 9901, 10, NT_GTC);
    EXPECT_EQ(rig_state(&rig, flying), NT_ORDER_SENT);
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(rig_state(&rig, flying), NT_ORDER_ABSENT);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_LIVE);
    nt_lane_stream(rig.lane, RIG_MARKET, NT_STREAM_OPEN, "");
    rig_market(&rig, 40);
    nt_event print = {.kind = NT_EVENT_TRADE};
    print.as.trade = (nt_trade){.id = 1, .price = 9890, .quantity = 50, .aggressor = NT_SELL};
    rig_event(&rig, RIG_MARKET, &print);
    rig_market(&rig, 20);
    EXPECT_EQ(rig_state(&rig, resting), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    rig_close(&rig);
}

/// The paper venue must see the changes that were kept while the snapshot was awaited.
TEST(paper, matches_against_the_joined_book_not_the_bare_snapshot) {
    rig rig;
    rig_open(&rig, 3);
    rig.with_paper = true;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    nt_lane_stream(rig.lane, RIG_MARKET, NT_STREAM_OPEN, "");
    fake_venue_faults(rig.venue)->late_books = true; // The test's own snapshot is the one.
    const nt_level bids[] = {{9990, 5}}, snapshot_asks[] = {{9995, 5}, {9999, 50}};
    const nt_level gone[] = {{9995, 0}};
    nt_event change = {.kind = NT_EVENT_DEPTH, .venue_ns = rig.time.wall_ns};
    change.as.depth =
        (nt_depth){.first_id = 11, .last_id = 12, .previous_id = -1, .asks = gone, .ask_count = 1};
    nt_event snapshot = {.kind = NT_EVENT_SNAPSHOT};
    snapshot.as.depth = (nt_depth){.last_id = 10,
                                   .previous_id = -1,
                                   .bids = bids,
                                   .asks = snapshot_asks,
                                   .bid_count = 1,
                                   .ask_count = 2};
    static uint8_t message[FAKE_MAX_MESSAGE];
    uint32_t length = fake_message(&change, 1, message, sizeof message);
    nt_lane_receive(rig.lane, RIG_MARKET, 0, message, length, rig.time.monotonic_ns);
    length = fake_message(&snapshot, 1, message, sizeof message);
    nt_lane_receive(rig.lane, RIG_SNAPSHOT, 0, message, length, rig.time.monotonic_ns);
    nt_command place = {.kind = NT_COMMAND_PLACE,
                        .argument = {9999, 5, 0, nt_place_shape(NT_BUY, NT_LIMIT, NT_IOC, 0)}};
    EXPECT_EQ(nt_command_send(rig.commands, &place), NT_OK);
    for (int i = 0; i < 20; i++) rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_lots(&rig, 0), 5);
    EXPECT_EQ(nt_lane_position(rig.lane, 0).cost, (int64_t)9999 * 5 * 10000);
    rig_close(&rig);
}
