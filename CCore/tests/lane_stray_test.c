// lane_stray_test.c — evidence that fits nothing the lane holds: late, unknown, too large.
#include "lane_rig.h"
#include "nt/order_id.h"

static nt_report of_order(nt_order_key key, nt_evidence evidence) {
    return (nt_report){.order = key,
                       .venue_order = 4711,
                       .price = 9900,
                       .quantity = 10,
                       .cumulative = -1,
                       .evidence = evidence,
                       .side = NT_BUY};
}

static nt_report trade_of(nt_order_key key, int64_t trade, int64_t price, int64_t quantity) {
    nt_report report = of_order(key, NT_EVIDENCE_FILL);
    report.trade = trade;
    report.last_price = price;
    report.last_quantity = quantity;
    return report;
}

/// An order that rests, with its own id at the venue.
static nt_order_key rest_order(rig *rig, uint64_t seed) {
    rig_run(rig, seed);
    fake_venue_faults(rig->venue)->resting = true;
    return rig_place(rig, NT_BUY, 9900, 10, NT_GTC);
}

TEST(lane_stray, a_fill_after_the_end_of_its_order_is_counted_and_told) {
    rig rig;
    const nt_order_key key = rest_order(&rig, 210);
    rig_cancel(&rig, key);
    rig_pump(&rig);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    const uint32_t alarms = rig.alarms;
    rig_report(&rig, trade_of(key, 900001, 9900, 4));
    rig_services(&rig);
    EXPECT_EQ(rig_lots(&rig, 0), 4);
    EXPECT_EQ(rig.alarms, alarms + 1);
    EXPECT_TEXT(rig.last_alarm.text, "a fill came after its order was canceled; it is counted");
    rig_report(&rig, trade_of(key, 900001, 9900, 4)); // Told again.
    EXPECT_EQ(rig_lots(&rig, 0), 4);
    rig_close(&rig);
}

TEST(lane_stray, an_open_order_that_cannot_be_taken_back_forbids_new_risk) {
    rig rig;
    rig_run(&rig, 211);
    nt_report report = of_order(nt_order_key_make(9, 1), NT_EVIDENCE_FOUND_OPEN);
    report.price = 0; // Its worst case is not known.
    rig_report(&rig, report);
    rig_services(&rig);
    EXPECT_TEXT(rig.last_alarm.text,
                "an open order of ours cannot be taken back; cancel it by hand");
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    rig_close(&rig);
}

TEST(lane_stray, an_adopted_key_is_never_given_again) {
    rig rig;
    rig_run(&rig, 212);
    const nt_order_key found = nt_order_key_make(9, 41);
    rig_report(&rig, of_order(found, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(rig_state(&rig, found), NT_ORDER_LIVE);
    const nt_order_key next = rig_place(&rig, NT_BUY, 9800, 10, NT_GTC);
    EXPECT_EQ(nt_order_key_epoch(next), 9);
    EXPECT_EQ(nt_order_key_sequence(next), 42);
    // One of the same start, further on.
    rig_report(&rig, of_order(nt_order_key_make(9, 60), NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(nt_order_key_sequence(rig_place(&rig, NT_BUY, 9700, 10, NT_GTC)), 61);
    rig_close(&rig);
}

TEST(lane_stray, a_trade_too_large_for_any_sum_is_not_counted_and_asked_about) {
    rig rig;
    const nt_order_key key = rest_order(&rig, 213);
    const uint32_t asked = rig.sent[NT_REQUEST_FILLS];
    rig_report(&rig, trade_of(key, 900002, INT64_MAX, 10));
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    EXPECT_EQ(rig.sent[NT_REQUEST_FILLS], asked + 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    rig_close(&rig);
}

/// An order in doubt, then the news of a cancelled order of `quantity` that bears another's mark,
/// then a trade of it in a list. Returns whether the venue is asked whose that is.
static bool asks_whose(uint64_t seed, int64_t quantity) {
    rig rig;
    rig_run(&rig, seed);
    fake_venue_faults(rig.venue)->resting = true;
    rig_place(&rig, NT_BUY, 10000, 1, NT_GTC);
    rig_wait(&rig, 2 * RIG_SECOND);
    fake_venue_faults(rig.venue)->mute = true;
    rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    nt_report cancelled = of_order(0, NT_EVIDENCE_CANCELED);
    cancelled.client_hash = 99;
    cancelled.quantity = quantity;
    rig_report(&rig, cancelled);
    nt_report listed = trade_of(0, 900003, 9900, 5);
    listed.from_query = 1;
    const uint32_t asked = rig.sent[NT_REQUEST_QUERY];
    rig_report(&rig, listed);
    const bool asks = rig.sent[NT_REQUEST_QUERY] > asked;
    rig_close(&rig);
    return asks;
}

TEST(lane_stray, the_mark_of_a_cancel_does_not_make_an_order_foreign_that_looks_like_ours) {
    EXPECT(asks_whose(214, 10));
    EXPECT(!asks_whose(214, 11));
}
