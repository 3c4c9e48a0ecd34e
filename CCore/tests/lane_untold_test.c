// lane_untold_test.c — an order stream that answers questions and tells nothing by itself.
#include "lane_rig.h"

enum { ORDERS = 3 };

/// Orders that rest; all is settled.
static void rest_orders(rig *rig, uint64_t seed, nt_order_key *keys) {
    rig_run(rig, seed);
    fake_venue_faults(rig->venue)->resting = true;
    rig_wait(rig, 40 * RIG_SECOND);
    rig_market(rig, 100);
    for (int i = 0; i < ORDERS; i++) keys[i] = rig_place(rig, NT_BUY, 9900 - i, 10, NT_GTC);
    for (int i = 0; i < ORDERS; i++) EXPECT_EQ(rig_state(rig, keys[i]), NT_ORDER_LIVE);
}

static void fill_silently(rig *rig, nt_order_key key, int64_t price) {
    fake_venue_faults(rig->venue)->mute = true;
    fake_venue_fill(rig->venue, key, price, 10);
    fake_venue_faults(rig->venue)->mute = false;
}

static uint64_t untold(const rig *rig) { return nt_lane_get_counters(rig->lane).untold; }

TEST(lane_untold, a_stream_that_never_tells_is_opened_anew_after_three_finds) {
    rig rig;
    nt_order_key keys[ORDERS];
    rest_orders(&rig, 130, keys);
    for (int i = 0; i < ORDERS; i++) {
        fill_silently(&rig, keys[i], 9900 - i);
        EXPECT_EQ(rig.restarts[RIG_ORDERS], 0);
        rig_wait(&rig, 70 * RIG_SECOND);
        EXPECT_EQ(rig_state(&rig, keys[i]), NT_ORDER_FILLED);
        EXPECT_EQ(untold(&rig), i + 1);
    }
    EXPECT_EQ(rig_lots(&rig, 0), 30);
    EXPECT_EQ(rig.restarts[RIG_ORDERS], 1);
    EXPECT_TEXT(rig.restart_reason, "it told nothing of our orders");
    EXPECT_TEXT(rig.last_alarm.text,
                "the order stream answers and tells nothing; it is opened anew");
    EXPECT_EQ(rig.alarms, ORDERS + 1);
    // The next session has its own count.
    rig_disconnect(&rig);
    rig_connect(&rig);
    rig_wait(&rig, 40 * RIG_SECOND);
    EXPECT_EQ(rig.restarts[RIG_ORDERS], 1);
    rig_close(&rig);
}

TEST(lane_untold, what_is_told_is_not_counted) {
    rig rig;
    nt_order_key keys[ORDERS];
    rest_orders(&rig, 131, keys);
    for (int i = 0; i < ORDERS; i++) {
        fake_venue_fill(rig.venue, keys[i], 9900 - i, 10);
        rig_wait(&rig, 70 * RIG_SECOND);
        EXPECT_EQ(rig_state(&rig, keys[i]), NT_ORDER_FILLED);
    }
    EXPECT_EQ(untold(&rig), 0);
    EXPECT_EQ(rig.restarts[RIG_ORDERS], 0);
    rig_close(&rig);
}

TEST(lane_untold, what_is_told_soon_after_the_answer_is_not_counted) {
    rig rig;
    nt_order_key keys[ORDERS];
    rest_orders(&rig, 132, keys);
    fill_silently(&rig, keys[0], 9900);
    while (rig_state(&rig, keys[0]) == NT_ORDER_LIVE) rig_wait(&rig, 10 * RIG_MS);
    rig_report(&rig, (nt_report){.order = keys[0],
                                 .venue_order = fake_venue_find(rig.venue, keys[0])->id,
                                 .cumulative = 10,
                                 .trade = 501,
                                 .last_price = 9900,
                                 .last_quantity = 10,
                                 .evidence = NT_EVIDENCE_FILL});
    rig_wait(&rig, 20 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, keys[0]), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    EXPECT_EQ(untold(&rig), 0);
    rig_close(&rig);
}

TEST(lane_untold, what_a_new_session_finds_the_last_one_missed) {
    rig rig;
    nt_order_key keys[ORDERS];
    rest_orders(&rig, 133, keys);
    rig_disconnect(&rig);
    for (int i = 0; i < ORDERS; i++) fake_venue_fill(rig.venue, keys[i], 9900 - i, 10);
    fake_venue_hang_up(rig.venue);
    rig_connect(&rig);
    rig_wait(&rig, 20 * RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 30);
    EXPECT_EQ(untold(&rig), 0);
    EXPECT_EQ(rig.restarts[RIG_ORDERS], 0);
    rig_close(&rig);
}
