// lane_test.c — market to order and back: what one lane does, message by message.
#include "../../Sources/TestKit/FakeVenue/fake_inside.h"
#include "lane_rig.h"

TEST(lane, asks_for_a_book_once_and_goes_live) {
    rig rig;
    rig_run(&rig, 1);
    EXPECT_EQ(rig.snapshots_wanted, 2);
    nt_top top;
    for (uint32_t i = 0; i < 2; i++) {
        nt_book_top(nt_lane_book(rig.lane, i), &top);
        EXPECT(top.valid);
    }
    rig_market(&rig, 500);
    EXPECT_EQ(rig.snapshots_wanted, 2);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).gaps, 0);
    EXPECT(nt_lane_ready(rig.lane));
    rig_close(&rig);
}

TEST(lane, carries_an_order_from_intent_to_position) {
    rig rig;
    rig_run(&rig, 2);
    nt_order_key key = rig_place(&rig, NT_BUY, 10100, 10, NT_IOC);
    EXPECT(key != 0);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(rig_lots(&rig, 0), fake_venue_position(rig.venue, 0));
    nt_lane_counters counters = nt_lane_get_counters(rig.lane);
    EXPECT_EQ(counters.fills, 2);
    EXPECT_EQ(counters.orders_sent, 1);
    // SENT, ACK, and two fills were heard by the strategy.
    EXPECT_EQ(rig.changes_heard, 4);
    rig_close(&rig);
}

static uint32_t kinds_before_send;
static nt_record_kind last_kind;

static nt_status note_kind(void *context, const nt_record *record, const void *payload) {
    (void)context;
    (void)payload;
    last_kind = record->kind;
    kinds_before_send += record->kind == NT_RECORD_REQUEST;
    return NT_OK;
}

TEST(lane, journals_the_request_before_its_first_byte) {
    rig rig;
    rig_run(&rig, 3);
    // The wire refuses: whatever the journal holds was written before the send.
    rig.send_status = NT_BUSY;
    rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 0);
    nt_journal_found found;
    kinds_before_send = 0;
    nt_journal_drain(rig.journal);
    EXPECT_EQ(nt_journal_read("j", nt_files_memory(rig.disk), note_kind, NULL, &found), NT_OK);
    EXPECT_EQ(kinds_before_send, 1);
    EXPECT_EQ(last_kind, NT_RECORD_REQUEST);
    rig_close(&rig);
}

TEST(lane, abandons_what_a_busy_socket_did_not_take_and_says_so) {
    rig rig;
    rig_open(&rig, 4);
    rig.queue_ns = -1; // What finds no room does not wait for it.
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_market(&rig, 40);
    rig.send_status = NT_BUSY;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_ABANDONED);
    EXPECT_EQ(rig.last_change.order.state, NT_ORDER_ABANDONED);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).send_busy, 1);
    rig.send_status = NT_OK;
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 0);
    rig_close(&rig);
}

TEST(lane, doubts_what_a_breaking_connection_may_have_sent) {
    rig rig;
    rig_run(&rig, 5);
    rig.send_status = NT_PROTOCOL;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    rig_close(&rig);
}

TEST(lane, tells_the_strategy_a_refusal_once_per_intent_and_people_once_a_second) {
    rig rig;
    rig_run(&rig, 6);
    for (int i = 0; i < 3; i++) EXPECT_EQ(rig_place(&rig, NT_BUY, 20000, 10, NT_IOC), 0);
    rig_market(&rig, 1);
    EXPECT_EQ(rig.refusals_heard, 3);
    EXPECT_EQ(rig.last_heard_refusal, NT_REFUSAL_COLLAR);
    EXPECT_EQ(rig.refused, 1);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 0);
    rig_wait(&rig, RIG_SECOND);
    rig_place(&rig, NT_BUY, 20000, 10, NT_IOC);
    EXPECT_EQ(rig.refused, 2);
    rig_close(&rig);
}

static void insist(rig *rig, const nt_lane_view *view, const nt_call *call, nt_intents *intents) {
    (void)rig;
    (void)view;
    if (call->refusal == NULL && call->change == NULL) return;
    intents->items[intents->count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .price = 20000, .quantity = 1, .tif = NT_IOC};
}

TEST(lane, survives_a_strategy_that_answers_each_refusal_with_the_same_order) {
    rig rig;
    rig_run(&rig, 7);
    rig.act = insist;
    rig_place(&rig, NT_BUY, 20000, 10, NT_IOC);
    uint32_t calls = rig.calls;
    rig_market(&rig, 10);
    // One market call and at most two deliveries an event (message and tick).
    EXPECT(rig.calls - calls <= 30);
    EXPECT(rig.calls - calls >= 20);
    rig_close(&rig);
}

static nt_event depth(uint32_t instrument, int64_t first, int64_t last, const nt_level *bid) {
    nt_event event = {.kind = NT_EVENT_DEPTH, .instrument = instrument};
    event.as.depth = (nt_depth){
        .first_id = first, .last_id = last, .previous_id = -1, .bids = bid, .bid_count = 1};
    return event;
}

TEST(lane, a_gap_makes_one_book_stale_and_fetches_it_alone) {
    rig rig;
    rig_run(&rig, 8);
    rig_wait(&rig, 2 * RIG_SECOND);
    rig.snapshots_wanted = 0;
    rig.venue->markets[0].update_id += 10; // Messages were lost.
    fake_venue_faults(rig.venue)->late_books = true;
    while (rig.stale_told == 0) rig_market(&rig, 1);
    EXPECT_EQ(rig.snapshots_wanted, 1);
    nt_top top;
    nt_book_top(nt_lane_book(rig.lane, 0), &top);
    EXPECT(!top.valid);
    nt_book_top(nt_lane_book(rig.lane, 1), &top);
    EXPECT(top.valid);
    rig_market(&rig, 1);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_NO_REFERENCE);
    fake_venue_faults(rig.venue)->late_books = false;
    rig_wait(&rig, 2 * RIG_SECOND);
    rig_market(&rig, 100);
    EXPECT(rig.snapshots_wanted <= 3);
    nt_book_top(nt_lane_book(rig.lane, 0), &top);
    EXPECT(top.valid);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    rig_close(&rig);
}

static uint32_t wanted_in(rig *rig) {
    uint32_t length, wanted = 0;
    const uint8_t *bytes;
    while ((bytes = nt_bytes_ring_peek(rig->outbox, &length)) != NULL) {
        nt_notice notice;
        memcpy(&notice, bytes, sizeof notice);
        wanted += notice.kind == NT_NOTICE_SNAPSHOT_WANTED;
        nt_bytes_ring_release(rig->outbox);
    }
    return wanted;
}

TEST(lane, finds_back_after_an_event_from_a_far_future) {
    rig rig;
    rig_run(&rig, 19);
    const nt_level bid = {9000, 5};
    nt_event event = depth(0, 100000, 100001, &bid);
    rig_event(&rig, RIG_MARKET, &event);
    for (int i = 0; i < 20; i++) {
        rig_market(&rig, 20);
        rig_wait(&rig, RIG_SECOND);
    }
    nt_top top;
    nt_book_top(nt_lane_book(rig.lane, 0), &top);
    EXPECT(top.valid);
    rig_close(&rig);
}

TEST(lane, does_not_flood_the_venue_with_fetches_that_fail) {
    rig rig;
    rig_open(&rig, 9);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    const nt_level bid = {9000, 5};
    static uint8_t message[FAKE_MAX_MESSAGE];
    uint32_t wanted = 0;
    for (int64_t i = 0; i < 60000; i++) { // One event each ms, every fetch fails at once.
        nt_event event = depth(0, i + 1, i + 1, &bid);
        uint32_t length = fake_message(&event, 1, message, sizeof message);
        nt_lane_receive(rig.lane, RIG_MARKET, 0, message, length, rig.time.monotonic_ns);
        uint32_t asked = wanted_in(&rig);
        if (asked > 0) nt_lane_snapshot_failed(rig.lane, 0);
        wanted += asked;
        rig.time.monotonic_ns += RIG_MS;
        nt_lane_tick(rig.lane);
    }
    EXPECT(wanted >= 5 && wanted <= 9);
    rig_close(&rig);
}

TEST(lane, an_old_snapshot_leaves_a_live_book_alone) {
    rig rig;
    rig_run(&rig, 10);
    nt_event event = {.kind = NT_EVENT_SNAPSHOT, .instrument = 0};
    const nt_level bid = {9000, 5}, ask = {9001, 5};
    event.as.depth = (nt_depth){.last_id = 1,
                                .previous_id = -1,
                                .bids = &bid,
                                .asks = &ask,
                                .bid_count = 1,
                                .ask_count = 1};
    rig_event(&rig, RIG_SNAPSHOT, &event);
    nt_top top;
    nt_book_top(nt_lane_book(rig.lane, 0), &top);
    EXPECT(top.valid);
    EXPECT_EQ(rig.stale_told, 0);
    rig_close(&rig);
}

static nt_level seen_bid, seen_ask;
static void look(rig *rig, const nt_lane_view *view, const nt_call *call, nt_intents *intents) {
    (void)rig;
    (void)intents;
    if (call->event->instrument != 0) return;
    seen_bid = view->bid;
    seen_ask = view->ask;
}

TEST(lane, the_touch_is_the_newer_of_quote_and_book) {
    rig rig;
    rig_run(&rig, 11);
    rig.act = look;
    rig_quote(&rig, 0, 50000, 9990, 9995);
    EXPECT_EQ(seen_bid.price, 9990);
    rig_market(&rig, 30); // Books with older ids do not replace it.
    EXPECT_EQ(seen_bid.price, 9990);
    rig_quote(&rig, 0, 49999, 9000, 9001); // Nor does an older quote.
    EXPECT_EQ(seen_ask.price, 9995);
    rig_quote(&rig, 0, 50001, INT64_MAX - 1, INT64_MAX); // Such a price is none.
    EXPECT_EQ(seen_bid.quantity, 0);
    rig_disconnect(&rig);
    rig_connect(&rig);
    rig_market(&rig, 100); // Ids may begin anew on another connection.
    EXPECT(seen_bid.price > 9000 && seen_bid.price != 9990 && seen_bid.quantity > 0);
    rig_close(&rig);
}

TEST(lane, a_stale_touch_refuses_new_risk_by_receive_and_by_venue_time) {
    rig rig;
    rig_run(&rig, 12);
    rig.time.wall_ns += 100 * RIG_SECOND; // So that the venue's time alone does not refuse.
    rig_quote(&rig, 0, 90000, 9999, 10001);
    rig.time.wall_ns -= 100 * RIG_SECOND;
    nt_event trade = {.kind = NT_EVENT_TRADE, .instrument = 0, .venue_ns = rig.time.wall_ns};
    trade.as.trade = (nt_trade){.id = 1000000, .price = 10000, .quantity = 1};
    rig_tick(&rig, 6 * RIG_SECOND);
    rig.wishes.items[rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .price = 9900, .quantity = 1};
    rig_event(&rig, RIG_MARKET, &trade); // A print does not make an old touch new.
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_STALE);
    // Received just now, made long ago.
    nt_event quote = {.kind = NT_EVENT_QUOTE, .venue_ns = rig.time.wall_ns - 6 * RIG_SECOND};
    quote.as.quote = (nt_quote){.id = 90001, .bid = {9999, 5}, .ask = {10001, 5}};
    rig_event(&rig, RIG_MARKET, &quote);
    rig.wishes.items[rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .price = 10001, .quantity = 1, .side = NT_SELL};
    trade.as.trade.id++;
    rig_event(&rig, RIG_MARKET, &trade);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_STALE);
    EXPECT_EQ(rig.last_refusal.intent.side, NT_SELL);
    rig_close(&rig);
}

TEST(lane, unreadable_bytes_change_nothing_and_ask_again) {
    rig rig;
    rig_run(&rig, 13);
    const uint8_t rubbish[9] = {0xff, 0xff};
    nt_lane_receive(rig.lane, RIG_MARKET, 0, rubbish, 9, rig.time.monotonic_ns);
    nt_lane_receive(rig.lane, RIG_MARKET, 0, rubbish, 0, rig.time.monotonic_ns);
    EXPECT_EQ(nt_lane_get_counters(rig.lane).undecodable, 2);
    EXPECT(nt_lane_ready(rig.lane));
    uint32_t lists = rig.sent[NT_REQUEST_FILLS];
    for (int i = 0; i < 100; i++)
        nt_lane_receive(rig.lane, RIG_ORDERS, 0, rubbish, 9, rig.time.monotonic_ns);
    EXPECT(!nt_lane_ready(rig.lane));
    rig_wait(&rig, 5 * RIG_SECOND);
    EXPECT(nt_lane_ready(rig.lane));
    EXPECT(rig.sent[NT_REQUEST_FILLS] - lists <= 4);
    rig_services(&rig);
    EXPECT(rig.alarms <= 3);
    rig_close(&rig);
}

TEST(lane, a_held_position_without_a_price_blocks_new_risk_elsewhere) {
    rig rig;
    rig_run(&rig, 14);
    rig_place(&rig, NT_BUY, 10100, 10, NT_IOC);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    rig_kill(&rig);
    rig.time.wall_ns += 86400 * RIG_SECOND; // Another day: its base is not known yet.
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    rig.wishes.items[rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .instrument = 1, .price = 9900, .quantity = 1};
    // Instrument 1 is live before instrument 0 has a price.
    const nt_level bid = {9990, 5}, ask = {9995, 5};
    nt_event first = depth(1, 200001, 200001, &bid);
    nt_event whole = {.kind = NT_EVENT_SNAPSHOT, .instrument = 1};
    whole.as.depth = (nt_depth){.last_id = 200001,
                                .previous_id = -1,
                                .bids = &bid,
                                .asks = &ask,
                                .bid_count = 1,
                                .ask_count = 1};
    rig.wishes.count = 0;
    rig_event(&rig, RIG_MARKET, &first);
    rig.wishes.count = 1;
    rig_event(&rig, RIG_SNAPSHOT, &whole);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_DAILY_LOSS);
    rig_market(&rig, 50);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane, a_refused_log_on_is_tried_again) {
    rig rig;
    rig_open(&rig, 15);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    fake_venue_faults(rig.venue)->mute = true;
    rig_connect(&rig);
    nt_event no = {.kind = NT_EVENT_SESSION, .instrument = NT_NO_INSTRUMENT};
    no.as.session = (nt_session){.step = 0, .code = -1021};
    rig_event(&rig, RIG_ORDERS, &no);
    EXPECT(!nt_lane_ready(rig.lane));
    fake_venue_faults(rig.venue)->mute = false;
    rig_wait(&rig, 6 * RIG_SECOND);
    EXPECT(nt_lane_ready(rig.lane));
    rig_close(&rig);
}

TEST(lane, a_log_on_that_the_venue_ends_stops_new_risk_until_all_is_listed_again) {
    rig rig;
    rig_run(&rig, 21);
    const uint32_t lists = rig.sent[NT_REQUEST_FILLS];
    const uint32_t questions = rig.sent[NT_REQUEST_OPEN_ORDERS];
    nt_event end = {.kind = NT_EVENT_SESSION, .instrument = NT_NO_INSTRUMENT};
    end.as.session = (nt_session){.step = 0, .code = -2015};
    // On the market's connection it is the answer to a request, and says nothing of orders.
    rig_event(&rig, RIG_MARKET, &end);
    EXPECT(nt_lane_ready(rig.lane));
    rig_event(&rig, RIG_ORDERS, &end);
    EXPECT(!nt_lane_ready(rig.lane));
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    rig_wait(&rig, 6 * RIG_SECOND);
    EXPECT(nt_lane_ready(rig.lane));
    EXPECT_EQ(rig.sent[NT_REQUEST_OPEN_ORDERS], questions + 2);
    EXPECT(rig.sent[NT_REQUEST_FILLS] >= lists + 2);
    rig_market(&rig, 50);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane, silence_asked_for_by_the_venue_is_kept) {
    rig rig;
    rig_run(&rig, 16);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    nt_event usage = {.kind = NT_EVENT_USAGE, .instrument = NT_NO_INSTRUMENT};
    usage.as.usage =
        (nt_usage){.used = 10, .retry_after_ms = rig.time.wall_ns / RIG_MS + 3000, .banned = 1};
    rig_event(&rig, RIG_ORDERS, &usage);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_CANCEL_ALL, NT_NO_INSTRUMENT);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    EXPECT_EQ(rig_answer(&rig, ticket), 1);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    rig_close(&rig);
}

TEST(lane, a_full_journal_halts_and_cancels) {
    rig rig;
    rig_open(&rig, 17);
    rig.ring_bytes = 1 << 14;
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_market(&rig, 40);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key first = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig.undrained = true;
    for (int i = 0; i < 40 && nt_lane_trading(rig.lane) == NT_TRADING_ACTIVE; i++)
        rig_place(&rig, NT_BUY, 9800 + i, 10, NT_GTC);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9950, 10, NT_GTC), 0);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, first), NT_ORDER_CANCELED);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
    // Only a restart ends it.
    uint64_t ticket = rig_command(&rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_REFUSED);
    rig_close(&rig);
}

TEST(lane, a_disk_that_fails_at_any_operation_halts_and_still_cancels) {
    for (uint64_t operations = 0; operations < 24; operations++) {
        rig rig;
        rig_run(&rig, 19);
        fake_venue_faults(rig.venue)->resting = true;
        nt_order_key first = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
        rig_wait(&rig, RIG_SECOND);
        EXPECT_EQ(fake_venue_open_orders(rig.venue), 1);
        nt_memory_disk_fail_after(rig.disk, operations, operations % 2 ? NT_IO : NT_FULL);
        for (int i = 0; i < 60 && nt_lane_trading(rig.lane) == NT_TRADING_ACTIVE; i++) {
            rig_place(&rig, NT_BUY, 9800 + i, 10, NT_GTC);
            rig_market(&rig, 3);
        }
        EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
        EXPECT_EQ(rig_place(&rig, NT_BUY, 9950, 10, NT_GTC), 0);
        rig_wait(&rig, 3 * RIG_SECOND);
        EXPECT_EQ(rig_state(&rig, first), NT_ORDER_CANCELED);
        EXPECT_EQ(fake_venue_open_orders(rig.venue), 0);
        // The disk is well again, and that changes nothing: a failed sync is final.
        nt_memory_disk_fail_after(rig.disk, UINT64_MAX, NT_OK);
        rig_wait(&rig, RIG_SECOND);
        EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
        EXPECT(nt_journal_health(rig.journal) != NT_OK);
        rig_close(&rig);
    }
}

TEST(lane, a_failing_disk_halts) {
    rig rig;
    rig_run(&rig, 18);
    nt_memory_disk_fail_after(rig.disk, 0, NT_FULL);
    rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_market(&rig, 3);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    rig_close(&rig);
}
