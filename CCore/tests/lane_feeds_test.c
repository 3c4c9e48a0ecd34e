// lane_feeds_test.c — two connections with the same data: each event once, whichever is lost.
#include "../../Sources/TestKit/FakeVenue/fake_inside.h"
#include "lane_rig.h"

enum { LINE_SLOTS = 128, LINE_BYTES = 4096, IDS = 1 << 14 };

/// What the venue has said on one connection and the lane has not heard yet.
typedef struct line {
    uint8_t messages[LINE_SLOTS][LINE_BYTES];
    uint32_t lengths[LINE_SLOTS];
    uint32_t head, tail; ///< Counts since the start.
    uint32_t slot;
    uint64_t opened_at; ///< Messages published before it opened.
    uint64_t heard;     ///< Since it opened.
    bool open;
    bool in_step; ///< The other one has brought all that this one brought since it opened.
} line;

typedef struct twins {
    rig rig; ///< First: the strategy is given its address.
    line lines[2];
    uint64_t published, depths, depths_heard, trades, trades_heard;
    int64_t quote_ids[2];
    uint8_t seen[2][IDS]; ///< By trade id.
    bool counting;
} twins;

static void listen_to(rig *rig, const nt_lane_view *view, const nt_call *call,
                      nt_intents *intents) {
    twins *twins = (struct twins *)(void *)rig;
    const nt_event *event = call->event;
    if (!twins->counting || call->change != NULL || call->refusal != NULL) return;
    EXPECT(view->valid);
    if (event->kind == NT_EVENT_DEPTH) twins->depths_heard++;
    if (event->kind == NT_EVENT_TRADE) {
        twins->trades_heard++;
        twins->seen[event->instrument][event->as.trade.id]++;
    }
    if (event->kind == NT_EVENT_QUOTE) {
        EXPECT(event->as.quote.id >= twins->quote_ids[event->instrument]);
        twins->quote_ids[event->instrument] = event->as.quote.id;
    }
    if (rig->calls % 50 == 0)
        intents->items[intents->count++] = (nt_intent){
            .kind = NT_INTENT_PLACE, .price = view->ask.price + 50, .quantity = 1, .tif = NT_IOC};
}

static void open_line(twins *twins, uint32_t which) {
    line *line = &twins->lines[which];
    line->open = true;
    line->head = line->tail;
    line->opened_at = twins->published;
    line->heard = 0;
    line->in_step = false;
    nt_lane_stream(twins->rig.lane, line->slot, NT_STREAM_OPEN, "");
    rig_services(&twins->rig);
}

/// What was on its way is lost with it.
static void cut_line(twins *twins, uint32_t which) {
    line *line = &twins->lines[which];
    line->open = false;
    line->head = line->tail;
    nt_lane_stream(twins->rig.lane, line->slot, NT_STREAM_WAITING, "test");
    rig_services(&twins->rig);
}

static void publish(twins *twins) {
    static uint8_t message[FAKE_MAX_MESSAGE];
    rig *rig = &twins->rig;
    uint32_t length = fake_venue_market(rig->venue, rig->time.wall_ns, message, sizeof message);
    nt_event event;
    memcpy(&event, message + sizeof(uint32_t), sizeof event);
    twins->depths += event.kind == NT_EVENT_DEPTH;
    twins->trades += event.kind == NT_EVENT_TRADE;
    twins->published++;
    for (uint32_t i = 0; i < 2; i++) {
        line *line = &twins->lines[i];
        if (!line->open) continue;
        NT_ASSERT(length <= LINE_BYTES && line->tail - line->head < LINE_SLOTS);
        memcpy(line->messages[line->tail % LINE_SLOTS], message, length);
        line->lengths[line->tail++ % LINE_SLOTS] = length;
    }
}

static void hear(twins *twins, uint32_t which, uint32_t count) {
    line *line = &twins->lines[which];
    for (uint32_t i = 0; i < count && line->head < line->tail; i++) {
        uint32_t at = line->head++ % LINE_SLOTS;
        line->heard++;
        nt_lane_receive(twins->rig.lane, line->slot, NT_NO_INSTRUMENT, line->messages[at],
                        line->lengths[at], twins->rig.time.monotonic_ns);
        rig_pump(&twins->rig);
    }
}

static void hear_all(twins *twins) {
    for (uint32_t i = 0; i < 2; i++) hear(twins, i, LINE_SLOTS);
}

/// Both open, both books live, both feeds in step.
static void twins_start(twins *twins, uint64_t seed) {
    memset(twins, 0, sizeof *twins);
    rig_open(&twins->rig, seed);
    twins->rig.act = listen_to;
    twins->lines[0].slot = RIG_MARKET;
    twins->lines[1].slot = RIG_STANDBY;
    EXPECT_EQ(rig_start(&twins->rig), NT_OK);
    nt_lane_stream(twins->rig.lane, RIG_ORDERS, NT_STREAM_OPEN, "");
    rig_pump(&twins->rig);
    open_line(twins, 0);
    open_line(twins, 1);
    for (uint32_t i = 0; i < 60; i++) {
        publish(twins);
        hear_all(twins);
        rig_tick(&twins->rig, RIG_MS);
    }
    twins->depths = twins->trades = 0;
    twins->counting = true;
}

static nt_feed feed(const twins *twins, uint32_t which) {
    return nt_lane_feed(twins->rig.lane, twins->lines[which].slot);
}

static bool is_live(const twins *twins, uint32_t instrument) {
    nt_top top;
    nt_book_top(nt_lane_book(twins->rig.lane, instrument), &top);
    return top.valid;
}

/// The book is the venue's, level by level.
static void expect_book(const twins *twins, uint32_t instrument) {
    const fake_market *market = &twins->rig.venue->markets[instrument];
    const nt_book *book = nt_lane_book(twins->rig.lane, instrument);
    EXPECT_EQ(nt_book_count(book, NT_BUY), FAKE_WIDTH);
    for (uint32_t i = 0; i < FAKE_WIDTH; i++) {
        EXPECT_EQ(nt_book_level(book, NT_BUY, i).price, market->mid - 1 - i);
        EXPECT_EQ(nt_book_level(book, NT_BUY, i).quantity, market->bids[i]);
        EXPECT_EQ(nt_book_level(book, NT_SELL, i).quantity, market->asks[i]);
    }
}

static uint64_t brought(const twins *twins, uint32_t which) {
    return twins->published - (twins->lines[which].tail - twins->lines[which].head);
}

/// What the other feed has not brought, and what it will bring, joins what this one brought.
static bool may_cut(twins *twins, uint32_t which) {
    line *other = &twins->lines[1 - which];
    bool caught_up = brought(twins, which) >= brought(twins, 1 - which);
    if (!twins->lines[which].open || !other->open) return false;
    if (caught_up && other->heard >= 60) other->in_step = true;
    return other->in_step && brought(twins, which) >= other->opened_at;
}

static void cut_and_open(twins *twins, nt_random *random) {
    uint32_t which = (uint32_t)nt_random_below(random, 2);
    line *line = &twins->lines[which];
    if (!line->open && nt_random_below(random, 10) == 0) open_line(twins, which);
    bool may = may_cut(twins, which);
    if (may && nt_random_below(random, 30) == 0) cut_line(twins, which);
}

static void run_seed(uint64_t seed) {
    static twins twins;
    twins_start(&twins, seed);
    nt_random random = nt_random_seeded(seed);
    for (uint32_t step = 0; step < 4000; step++) {
        publish(&twins);
        for (uint32_t i = 0; i < 2; i++) {
            line *line = &twins.lines[i];
            uint32_t waiting = line->tail - line->head;
            // Each lags behind in turn, by up to a hundred messages.
            bool lags = (step / 200 + i) % 3 == 0 && waiting < 100;
            hear(&twins, i, lags ? (uint32_t)nt_random_below(&random, 2) : waiting);
        }
        cut_and_open(&twins, &random);
        rig_tick(&twins.rig, RIG_MS);
    }
    hear_all(&twins);
    EXPECT_EQ(twins.rig.stale_told, 0);
    EXPECT_EQ(twins.depths_heard, twins.depths);
    EXPECT_EQ(twins.trades_heard, twins.trades);
    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t id = 0; id < IDS; id++) EXPECT(twins.seen[i][id] <= 1);
        expect_book(&twins, i);
    }
    EXPECT(feed(&twins, 0).switches + feed(&twins, 1).switches > 10);
    EXPECT(feed(&twins, 0).first > 500 && feed(&twins, 1).first > 500);
    EXPECT(twins.rig.sent[NT_REQUEST_PLACE] > 50);
    rig_close(&twins.rig);
}

TEST(lane_feeds, no_event_is_lost_or_doubled_while_feeds_are_cut_by_seed) {
    for (uint64_t seed = 100; seed < 120; seed++) run_seed(seed);
}

TEST(lane_feeds, the_first_copy_counts_and_the_later_one_is_counted) {
    static twins twins;
    twins_start(&twins, 81);
    nt_feed first = feed(&twins, 0), second = feed(&twins, 1);
    for (uint32_t i = 0; i < 100; i++) {
        publish(&twins);
        hear(&twins, 1, 1);
        hear(&twins, 0, 1);
    }
    EXPECT_EQ(feed(&twins, 1).first - second.first, 100);
    EXPECT_EQ(feed(&twins, 0).first, first.first);
    EXPECT_EQ(feed(&twins, 0).later - first.later, 100);
    rig_close(&twins.rig);
}

TEST(lane_feeds, a_gap_on_one_feed_is_mended_by_the_other) {
    static twins twins;
    twins_start(&twins, 82);
    for (uint32_t i = 0; i < 20; i++) publish(&twins);
    twins.lines[0].head += 10; // Lost on the way.
    hear(&twins, 0, 10);
    EXPECT(feed(&twins, 0).gaps > 0);
    EXPECT_EQ(twins.rig.stale_told, 0);
    hear(&twins, 1, 20);
    EXPECT(is_live(&twins, 0) && is_live(&twins, 1));
    EXPECT_EQ(twins.depths_heard, twins.depths);
    uint64_t gaps = feed(&twins, 0).gaps;
    publish(&twins);
    hear_all(&twins);
    EXPECT_EQ(feed(&twins, 0).gaps, gaps); // In step again.
    expect_book(&twins, 0);
    expect_book(&twins, 1);
    rig_close(&twins.rig);
}

/// Both feeds have lost the same events.
static void lose_on_both(twins *twins) {
    twins->counting = false;
    for (uint32_t i = 0; i < 40; i++) publish(twins);
    twins->lines[0].head += 20;
    twins->lines[1].head += 20;
}

TEST(lane_feeds, a_gap_on_every_feed_ends_the_book_in_that_message) {
    static twins twins;
    twins_start(&twins, 83);
    lose_on_both(&twins);
    fake_venue_faults(twins.rig.venue)->late_books = true;
    hear(&twins, 0, 20);
    EXPECT_EQ(twins.rig.stale_told, 0);
    hear(&twins, 1, 20);
    EXPECT_EQ(twins.rig.stale_told, 2);
    fake_venue_faults(twins.rig.venue)->late_books = false;
    rig_wait(&twins.rig, 2 * RIG_SECOND);
    publish(&twins);
    hear_all(&twins);
    EXPECT(is_live(&twins, 0) && is_live(&twins, 1));
    rig_close(&twins.rig);
}

TEST(lane_feeds, what_the_other_feed_does_not_bring_in_time_is_a_gap) {
    static twins twins;
    twins_start(&twins, 84);
    lose_on_both(&twins);
    hear(&twins, 0, 20);
    rig_tick(&twins.rig, 240 * RIG_MS);
    EXPECT_EQ(twins.rig.stale_told, 0);
    rig_tick(&twins.rig, 20 * RIG_MS);
    EXPECT_EQ(twins.rig.stale_told, 2);
    rig_close(&twins.rig);
}

TEST(lane_feeds, the_loss_of_the_feed_that_had_to_mend_a_gap_ends_the_book) {
    static twins twins;
    twins_start(&twins, 85);
    lose_on_both(&twins);
    hear(&twins, 0, 20);
    EXPECT_EQ(twins.rig.stale_told, 0);
    cut_line(&twins, 1);
    EXPECT_EQ(twins.rig.stale_told, 2);
    rig_close(&twins.rig);
}

TEST(lane_feeds, only_the_last_feed_takes_the_books_with_it) {
    static twins twins;
    twins_start(&twins, 86);
    cut_line(&twins, 0);
    EXPECT(is_live(&twins, 0) && is_live(&twins, 1));
    for (uint32_t i = 0; i < 50; i++) publish(&twins);
    hear_all(&twins);
    EXPECT_EQ(twins.rig.stale_told, 0);
    cut_line(&twins, 1);
    EXPECT_EQ(twins.rig.stale_told, 2);
    EXPECT(!is_live(&twins, 0) && !is_live(&twins, 1));
    EXPECT_EQ(feed(&twins, 0).switches, 1);
    EXPECT_EQ(feed(&twins, 1).switches, 0);
    rig_close(&twins.rig);
}

TEST(lane_feeds, an_open_feed_without_data_of_a_book_does_not_keep_it) {
    static twins twins;
    twins_start(&twins, 87);
    cut_line(&twins, 1);
    open_line(&twins, 1);
    twins.counting = false;
    cut_line(&twins, 0);
    EXPECT_EQ(twins.rig.stale_told, 2);
    rig_close(&twins.rig);
}

TEST(lane_feeds, a_switch_takes_from_the_last_event_of_the_lost_feed_to_the_next_of_another) {
    static twins twins;
    twins_start(&twins, 88);
    publish(&twins);
    hear(&twins, 0, 1);
    rig_tick(&twins.rig, 30 * RIG_MS);
    cut_line(&twins, 0);
    rig_tick(&twins.rig, 12 * RIG_MS);
    publish(&twins);
    hear(&twins, 1, 2);
    EXPECT_EQ(feed(&twins, 0).switches, 1);
    EXPECT_EQ(feed(&twins, 0).switch_ns, 42 * RIG_MS);
    // Lost long after the other one was first: what counts is when that was.
    open_line(&twins, 0);
    for (uint32_t i = 0; i < 60; i++) publish(&twins);
    hear(&twins, 0, 60);
    rig_tick(&twins.rig, 7 * RIG_MS);
    publish(&twins);
    hear(&twins, 1, 61);
    rig_tick(&twins.rig, 500 * RIG_MS);
    cut_line(&twins, 0);
    EXPECT_EQ(feed(&twins, 0).switches, 2);
    EXPECT_EQ(feed(&twins, 0).switch_ns, 7 * RIG_MS);
    EXPECT_EQ(feed(&twins, 0).max_switch_ns, 42 * RIG_MS);
    rig_close(&twins.rig);
}

static void trade_on(twins *twins, uint32_t which, int64_t id) {
    nt_event event = {.kind = NT_EVENT_TRADE};
    event.as.trade = (nt_trade){.id = id, .price = 10000, .quantity = 1};
    rig_event(&twins->rig, twins->lines[which].slot, &event);
}

TEST(lane_feeds, a_trade_counts_once_also_when_a_younger_one_came_before_it) {
    static twins twins;
    twins_start(&twins, 89);
    static const int64_t ids[] = {5000, 5002, 5001, 5002, 5000, 5063, 5064, 5003, 5064,
                                  6000, 5500, 6000, 5500, 9000, 8999, 9000, 5003, 8100};
    for (uint32_t i = 0; i < sizeof ids / sizeof ids[0]; i++) trade_on(&twins, i % 2, ids[i]);
    static const int64_t once[] = {5000, 5001, 5002, 5003, 5063, 5064,
                                   5500, 6000, 8100, 8999, 9000};
    for (uint32_t i = 0; i < sizeof once / sizeof once[0]; i++)
        EXPECT_EQ(twins.seen[0][once[i]], 1);
    EXPECT_EQ(twins.trades_heard, sizeof once / sizeof once[0]);
    rig_close(&twins.rig);
}

TEST(lane_feeds, the_same_quote_on_another_feed_is_a_copy) {
    static twins twins;
    twins_start(&twins, 90);
    nt_event event = {.kind = NT_EVENT_QUOTE};
    event.as.quote = (nt_quote){.id = 100000, .bid = {9990, 1}, .ask = {9995, 1}};
    rig_event(&twins.rig, RIG_MARKET, &event);
    uint32_t calls = twins.rig.calls;
    rig_event(&twins.rig, RIG_STANDBY, &event);
    EXPECT_EQ(twins.rig.calls, calls);
    event.as.quote.id++;
    rig_event(&twins.rig, RIG_STANDBY, &event);
    EXPECT_EQ(twins.rig.calls, calls + 1);
    rig_close(&twins.rig);
}

TEST(lane_feeds, what_cannot_be_read_is_counted_on_its_feed) {
    static twins twins;
    twins_start(&twins, 91);
    nt_lane_receive(twins.rig.lane, RIG_STANDBY, NT_NO_INSTRUMENT, (const uint8_t *)"x", 1, 1);
    EXPECT_EQ(feed(&twins, 1).undecodable, 1);
    EXPECT_EQ(feed(&twins, 0).undecodable, 0);
    EXPECT(is_live(&twins, 0) && is_live(&twins, 1));
    rig_close(&twins.rig);
}

TEST(lane_feeds, refuses_a_group_that_no_stream_can_have) {
    rig rig;
    rig_open(&rig, 1);
    rig.renew_after_ns[RIG_MARKET] = -1;
    EXPECT_EQ(rig_start(&rig), NT_INVALID);
    nt_command_ring_destroy(rig.commands);
    nt_bytes_ring_destroy(rig.outbox);
    fake_venue_destroy(rig.venue);
    nt_memory_disk_destroy(rig.disk);
}

// --- opened anew -------------------------------------------------------------------------------

/// The venue goes on for so long, both feeds deliver.
static void pass(twins *twins, int64_t nanoseconds) {
    for (int64_t passed = 0; passed < nanoseconds; passed += 100 * RIG_MS) {
        publish(twins);
        hear_all(twins);
        rig_tick(&twins->rig, 100 * RIG_MS);
    }
}

static void twins_renew(twins *twins, uint64_t seed, int64_t market_ns, int64_t orders_ns) {
    memset(twins, 0, sizeof *twins);
    rig_open(&twins->rig, seed);
    twins->lines[0].slot = RIG_MARKET;
    twins->lines[1].slot = RIG_STANDBY;
    twins->rig.renew_after_ns[RIG_MARKET] = twins->rig.renew_after_ns[RIG_STANDBY] = market_ns;
    twins->rig.renew_after_ns[RIG_ORDERS] = orders_ns;
    EXPECT_EQ(rig_start(&twins->rig), NT_OK);
    nt_lane_stream(twins->rig.lane, RIG_ORDERS, NT_STREAM_OPEN, "");
    rig_pump(&twins->rig);
    open_line(twins, 0);
    open_line(twins, 1);
}

TEST(lane_feeds, old_feeds_are_renewed_one_after_the_other) {
    static twins twins;
    twins_renew(&twins, 92, 100 * RIG_SECOND, 0);
    pass(&twins, 99 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_MARKET] + twins.rig.restarts[RIG_STANDBY], 0);
    while (twins.rig.restarts[RIG_MARKET] == 0) pass(&twins, 100 * RIG_MS);
    EXPECT_TEXT(twins.rig.restart_reason, "renewed before the venue ends it");
    cut_line(&twins, 0);
    pass(&twins, 5 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_STANDBY], 0); // It is the only one.
    open_line(&twins, 0);
    pass(&twins, 9 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_STANDBY], 0); // The other one has not settled.
    pass(&twins, 2 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_STANDBY], 1);
    cut_line(&twins, 1);
    open_line(&twins, 1);
    pass(&twins, 80 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_MARKET], 1);
    EXPECT_EQ(twins.rig.restarts[RIG_STANDBY], 1);
    EXPECT_EQ(twins.rig.stale_told, 0);
    EXPECT_EQ(feed(&twins, 0).renewals, 1);
    rig_close(&twins.rig);
}

TEST(lane_feeds, a_feed_without_another_is_left_to_the_venue) {
    static twins twins;
    twins_renew(&twins, 93, 100 * RIG_SECOND, 0);
    cut_line(&twins, 1);
    pass(&twins, 300 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_MARKET], 0);
    rig_close(&twins.rig);
}

static void announce(twins *twins, uint32_t slot) {
    nt_event notice = {.kind = NT_EVENT_NOTICE, .instrument = NT_NO_INSTRUMENT};
    rig_event(&twins->rig, slot, &notice);
}

TEST(lane_feeds, an_announced_feed_is_renewed_while_the_other_stands) {
    static twins twins;
    twins_renew(&twins, 94, 0, 0);
    pass(&twins, 20 * RIG_SECOND);
    announce(&twins, RIG_STANDBY);
    EXPECT_EQ(twins.rig.alarms, 1);
    pass(&twins, RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_STANDBY], 1);
    EXPECT_EQ(twins.rig.restarts[RIG_MARKET], 0);
    EXPECT_TEXT(twins.rig.restart_reason, "the venue announced its end");
    cut_line(&twins, 1);
    open_line(&twins, 1);
    pass(&twins, 20 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_STANDBY], 1);
    rig_close(&twins.rig);
}

TEST(lane_feeds, the_order_stream_is_renewed_when_nothing_is_asked) {
    static twins twins;
    twins_renew(&twins, 95, 0, 50 * RIG_SECOND);
    pass(&twins, 40 * RIG_SECOND);
    fake_venue_faults(twins.rig.venue)->deaf = true;
    twins.rig.wishes.items[twins.rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .price = 9900, .quantity = 1, .tif = NT_GTC};
    pass(&twins, RIG_SECOND);
    EXPECT_EQ(twins.rig.sent[NT_REQUEST_PLACE], 1);
    EXPECT_EQ(twins.rig.restarts[RIG_ORDERS], 0);
    fake_venue_faults(twins.rig.venue)->deaf = false;
    pass(&twins, 20 * RIG_SECOND);
    EXPECT_EQ(twins.rig.restarts[RIG_ORDERS], 1);
    rig_close(&twins.rig);
}
