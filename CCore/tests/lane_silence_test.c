// lane_silence_test.c — pings fine, data frozen: one instrument of twenty stands still, a quiet
// market is told from a frozen one, and what cannot be told is said.
#include "../../Sources/TestKit/FakeVenue/fake_inside.h"
#include "lane_rig.h"

#define LIMIT (5 * RIG_SECOND)
#define ASKED (LIMIT / 2) // When a witness is asked for.

static void start(rig *rig, uint64_t seed, uint32_t instruments) {
    rig_open_with(rig, seed, instruments);
    rig->max_silence_ns = LIMIT;
    EXPECT_EQ(rig_start(rig), NT_OK);
    rig_connect(rig);
    rig_market(rig, 40 * instruments);
}

static bool is_live(const rig *rig, uint32_t instrument) {
    nt_top top;
    nt_book_top(nt_lane_book(rig->lane, instrument), &top);
    return top.valid;
}

static nt_silence silence(const rig *rig, uint32_t instrument) {
    return nt_lane_silence(rig->lane, instrument);
}

/// An order of the strategy at the next event of that instrument. True when it was sent.
static bool trades(rig *rig, uint32_t instrument) {
    uint32_t before = rig->sent[NT_REQUEST_PLACE];
    rig->wishes.items[rig->wishes.count++] = (nt_intent){.kind = NT_INTENT_PLACE,
                                                         .instrument = instrument,
                                                         .price = 9950,
                                                         .quantity = 1,
                                                         .type = NT_LIMIT,
                                                         .tif = NT_GTC};
    while (rig->wishes.count > 0) rig_market(rig, 1);
    return rig->sent[NT_REQUEST_PLACE] == before + 1;
}

TEST(lane_silence, one_frozen_instrument_of_twenty_goes_stale_in_its_limit_and_the_others_trade) {
    rig rig;
    start(&rig, 61, 20);
    for (uint32_t i = 0; i < 20; i++) EXPECT(is_live(&rig, i));
    const uint32_t frozen = 7;
    rig.frozen = 1u << frozen;
    int64_t since = rig.time.monotonic_ns;
    while (rig.stale_told == 0 && rig.time.monotonic_ns - since < 2 * LIMIT) rig_market(&rig, 1);
    EXPECT(rig.time.monotonic_ns - since <= LIMIT);
    EXPECT(!is_live(&rig, frozen));
    EXPECT_EQ(silence(&rig, frozen), NT_SILENCE_FROZEN);
    EXPECT_EQ(rig.alarms, 1);
    EXPECT(strstr(rig.last_alarm.text, "H stands still on a living connection") != NULL);
    EXPECT_EQ(rig.last_alarm.instrument, frozen);
    // Nothing new on it; on each of the others an order goes out.
    EXPECT(!trades(&rig, frozen));
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_NO_REFERENCE);
    for (uint32_t i = 0; i < 20; i++)
        if (i != frozen) EXPECT(trades(&rig, i));
    EXPECT_EQ(rig.stale_told, 1);
    // Its feed is opened anew once, and no book is fetched that nothing would keep up to date.
    rig_market(&rig, 100);
    EXPECT_EQ(rig.restarts[RIG_MARKET], 1);
    EXPECT_EQ(rig.snapshots_wanted, 20);
    rig.frozen = 0;
    rig_market(&rig, 400);
    EXPECT(is_live(&rig, frozen));
    EXPECT_EQ(silence(&rig, frozen), NT_SILENCE_NONE);
    EXPECT(trades(&rig, frozen));
    rig_close(&rig);
}

TEST(lane_silence, a_quiet_market_is_confirmed_and_stays_tradable) {
    rig rig;
    start(&rig, 62, 2);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT_EQ(rig.alarms, 0);
    EXPECT_EQ(rig.stale_told, 0);
    EXPECT(is_live(&rig, 0) && is_live(&rig, 1));
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_QUIET);
    // One per instrument and half a limit: 24 each in a minute.
    EXPECT(rig.witnesses_wanted >= 2 * 20 && rig.witnesses_wanted <= 2 * 24);
    // The touch is a minute old by its last event, and no older than the witness.
    EXPECT(rig.time.monotonic_ns - nt_lane_last_data_ns(rig.lane, 0) <= ASKED + RIG_SECOND);
    nt_event trade = {.kind = NT_EVENT_TRADE};
    trade.as.trade = (nt_trade){.id = 1000000, .price = 10000, .quantity = 1};
    rig.wishes.items[rig.wishes.count++] = (nt_intent){
        .kind = NT_INTENT_PLACE, .price = 9950, .quantity = 1, .type = NT_LIMIT, .tif = NT_GTC};
    rig_event(&rig, RIG_MARKET, &trade);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 1);
    rig_market(&rig, 20);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_NONE);
    rig_close(&rig);
}

TEST(lane_silence, confirms_no_touch_that_the_witness_does_not_show) {
    rig rig;
    start(&rig, 63, 2);
    const fake_market *market = &rig.venue->markets[0];
    // A quote of its own, newer than the book, says something else.
    rig_quote(&rig, 0, market->update_id + 1, market->mid - 3, market->mid + 3);
    rig_wait(&rig, 20 * RIG_SECOND);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_QUIET);
    nt_event trade = {.kind = NT_EVENT_TRADE};
    trade.as.trade = (nt_trade){.id = 1000000, .price = 10000, .quantity = 1};
    rig.wishes.items[rig.wishes.count++] = (nt_intent){
        .kind = NT_INTENT_PLACE, .price = 9950, .quantity = 1, .type = NT_LIMIT, .tif = NT_GTC};
    rig_event(&rig, RIG_MARKET, &trade);
    EXPECT_EQ(rig.sent[NT_REQUEST_PLACE], 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_STALE);
    rig_close(&rig);
}

/// What the venue says while one of its instruments is delayed.
typedef struct delayed {
    uint8_t messages[64][4096];
    uint32_t lengths[64];
    uint32_t count;
} delayed;

static void hold_back(rig *rig, delayed *out, uint32_t depths) {
    static uint8_t message[FAKE_MAX_MESSAGE];
    int64_t until = rig->venue->markets[0].update_id + 2 * depths;
    while (rig->venue->markets[0].update_id < until && out->count < 64) {
        uint32_t length = fake_venue_market(rig->venue, rig->time.wall_ns, message, sizeof message);
        memcpy(out->messages[out->count], message, length);
        out->lengths[out->count++] = length;
    }
}

static void release(rig *rig, const delayed *held) {
    for (uint32_t i = 0; i < held->count; i++)
        nt_lane_receive(rig->lane, RIG_MARKET, NT_NO_INSTRUMENT, held->messages[i],
                        held->lengths[i], rig->time.monotonic_ns);
    rig_services(rig);
}

TEST(lane_silence, news_on_their_way_are_waited_for) {
    rig rig;
    static delayed held;
    start(&rig, 64, 1);
    held.count = 0;
    hold_back(&rig, &held, 3);
    while (rig.witnesses_wanted == 0) rig_tick(&rig, 10 * RIG_MS);
    rig_wait(&rig, 900 * RIG_MS);
    EXPECT(is_live(&rig, 0));
    release(&rig, &held);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT(is_live(&rig, 0));
    EXPECT_EQ(rig.alarms, 0);
    EXPECT_EQ(rig.stale_told, 0);
    rig_close(&rig);
}

TEST(lane_silence, news_that_come_too_late_find_a_stale_book_and_mend_it) {
    rig rig;
    static delayed held;
    start(&rig, 65, 1);
    held.count = 0;
    hold_back(&rig, &held, 3);
    rig_wait(&rig, LIMIT);
    EXPECT(!is_live(&rig, 0));
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_FROZEN);
    release(&rig, &held);
    rig_market(&rig, 20);
    EXPECT(is_live(&rig, 0));
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_NONE);
    rig_close(&rig);
}

TEST(lane_silence, a_witness_of_the_same_moment_with_other_levels_ends_the_book) {
    rig rig;
    start(&rig, 66, 2);
    rig.venue->markets[0].bids[3] += 1; // The venue's book is another one.
    while (rig.stale_told == 0 && rig.witnesses_wanted < 10) rig_wait(&rig, 10 * RIG_MS);
    EXPECT_EQ(rig.stale_told, 1);
    EXPECT_TEXT(rig.last_alarm.text, "the book of A differs from the venue's own");
    EXPECT(!is_live(&rig, 0));
    EXPECT(is_live(&rig, 1));
    rig_market(&rig, 40);
    EXPECT(is_live(&rig, 0));
    rig_close(&rig);
}

TEST(lane_silence, witnesses_from_before_the_book_prove_nothing_and_end_it_after_three) {
    rig rig;
    start(&rig, 67, 1);
    rig.venue->markets[0].bids[3] += 1;
    fake_venue_faults(rig.venue)->late_books = true;
    rig_wait(&rig, 2 * LIMIT / 2 + RIG_SECOND);
    EXPECT_EQ(rig.witnesses_wanted, 2);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_DOUBT);
    EXPECT(is_live(&rig, 0));
    rig_wait(&rig, LIMIT / 2);
    EXPECT_EQ(rig.witnesses_wanted, 3);
    EXPECT(!is_live(&rig, 0));
    rig_close(&rig);
}

TEST(lane_silence, says_that_no_witness_can_be_had_and_leaves_the_book_to_its_age) {
    rig rig;
    start(&rig, 68, 1);
    rig.no_witness = true;
    rig_wait(&rig, 30 * RIG_SECOND);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_DOUBT);
    EXPECT_EQ(rig.alarms, 1);
    EXPECT(strstr(rig.last_alarm.text, "A is silent") != NULL);
    EXPECT_EQ(rig.stale_told, 0);
    EXPECT_EQ(rig.restarts[RIG_MARKET], 0);
    nt_event trade = {.kind = NT_EVENT_TRADE};
    trade.as.trade = (nt_trade){.id = 1000000, .price = 10000, .quantity = 1};
    rig.wishes.items[rig.wishes.count++] =
        (nt_intent){.kind = NT_INTENT_PLACE, .price = 9950, .quantity = 1, .tif = NT_GTC};
    rig_event(&rig, RIG_MARKET, &trade);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_STALE);
    rig_close(&rig);
}

TEST(lane_silence, asks_once_for_a_witness_that_does_not_come) {
    rig rig;
    start(&rig, 69, 1);
    rig.mute_witness = true;
    rig_wait(&rig, 30 * RIG_SECOND);
    EXPECT_EQ(rig.witnesses_wanted, 1);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_DOUBT);
    EXPECT_EQ(rig.alarms, 1);
    rig_wait(&rig, 40 * RIG_SECOND);
    EXPECT_EQ(rig.witnesses_wanted, 2);
    rig_close(&rig);
}

TEST(lane_silence, twenty_silent_instruments_cost_two_witnesses_a_second) {
    rig rig;
    start(&rig, 70, 20);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT(rig.witnesses_wanted <= 120);
    EXPECT(rig.witnesses_wanted >= 100);
    for (uint32_t i = 0; i < 20; i++) EXPECT_EQ(silence(&rig, i), NT_SILENCE_QUIET);
    rig_close(&rig);
}

TEST(lane_silence, a_witness_is_never_taken_for_a_book) {
    rig rig;
    static uint8_t body[FAKE_MAX_MESSAGE];
    start(&rig, 71, 1);
    nt_lane_stream(rig.lane, RIG_MARKET, NT_STREAM_WAITING, "test");
    EXPECT(!is_live(&rig, 0));
    uint32_t length = fake_venue_snapshot(rig.venue, 0, body, sizeof body);
    nt_lane_receive(rig.lane, RIG_WITNESS, 0, body, length, rig.time.monotonic_ns);
    EXPECT(!is_live(&rig, 0));
    rig_close(&rig);
}

TEST(lane_silence, an_unwatched_instrument_is_left_alone) {
    rig rig;
    rig_run(&rig, 72);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT_EQ(rig.witnesses_wanted, 0);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_NONE);
    rig_close(&rig);
}

TEST(lane_silence, data_that_come_before_the_failure_is_known_leave_no_doubt) {
    rig rig;
    start(&rig, 75, 1);
    rig.mute_witness = true;
    while (rig.witnesses_wanted == 0) rig_tick(&rig, 10 * RIG_MS);
    rig_market(&rig, 20);
    nt_lane_witness_failed(rig.lane, 0);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_NONE);
    EXPECT_EQ(rig.alarms, 0);
    rig_close(&rig);
}

static void open_anew(rig *rig, uint32_t slot) {
    nt_lane_stream(rig->lane, slot, NT_STREAM_WAITING, rig->restart_reason);
    nt_lane_stream(rig->lane, slot, NT_STREAM_OPEN, "");
}

TEST(lane_silence, of_two_frozen_feeds_one_at_a_time_is_opened_anew_each_once_a_minute) {
    rig rig;
    start(&rig, 74, 2);
    nt_lane_stream(rig.lane, RIG_STANDBY, NT_STREAM_OPEN, "");
    rig.with_standby = true;
    rig_market(&rig, 40);
    rig.frozen = 1;
    static const uint32_t slots[2] = {RIG_MARKET, RIG_STANDBY};
    uint32_t seen[2] = {0, 0};
    int64_t last_ns = 0, last_of[2] = {0, 0}, until = rig.time.monotonic_ns + 200 * RIG_SECOND;
    while (rig.time.monotonic_ns < until) {
        rig_market(&rig, 10);
        for (uint32_t i = 0; i < 2; i++) {
            if (rig.restarts[slots[i]] == seen[i]) continue;
            int64_t now = rig.time.monotonic_ns;
            EXPECT(last_ns == 0 || now - last_ns >= 10 * RIG_SECOND - 20 * RIG_MS);
            EXPECT(last_of[i] == 0 || now - last_of[i] >= 60 * RIG_SECOND - 20 * RIG_MS);
            last_ns = last_of[i] = now;
            seen[i]++;
            open_anew(&rig, slots[i]);
        }
    }
    EXPECT(seen[0] >= 3 && seen[1] >= 3);
    EXPECT(seen[0] <= 4 && seen[1] <= 4);
    EXPECT_EQ(rig.stale_told, 1); // The other instrument never noticed.
    rig_close(&rig);
}

TEST(lane_silence, a_feed_is_not_opened_anew_while_the_other_one_lacks_what_it_brings) {
    rig rig;
    start(&rig, 76, 2);
    nt_lane_stream(rig.lane, RIG_STANDBY, NT_STREAM_OPEN, ""); // And nothing comes on it yet.
    rig.frozen = 1;
    rig_market(&rig, 30000);
    EXPECT_EQ(silence(&rig, 0), NT_SILENCE_FROZEN);
    EXPECT_EQ(rig.restarts[RIG_MARKET], 0);
    rig.with_standby = true;
    rig_market(&rig, 40);
    EXPECT_EQ(rig.restarts[RIG_MARKET] + rig.restarts[RIG_STANDBY], 1);
    EXPECT_EQ(rig.stale_told, 1);
    rig_close(&rig);
}

TEST(lane_silence, a_feed_that_stays_frozen_is_opened_anew_now_and_then) {
    rig rig;
    start(&rig, 73, 2);
    rig.frozen = 1;
    uint32_t restarts = 0;
    while (rig.time.monotonic_ns < 1000 * RIG_SECOND + 700 * RIG_SECOND) {
        rig_market(&rig, 10);
        if (rig.restarts[RIG_MARKET] == restarts) continue;
        restarts++;
        open_anew(&rig, RIG_MARKET);
    }
    // Alone it brings the other instrument: at once, then each five minutes.
    EXPECT_EQ(rig.restarts[RIG_MARKET], 3);
    EXPECT_TEXT(rig.restart_reason, "its data stand still");
    EXPECT_EQ(rig.alarms, 1);
    rig_close(&rig);
}
