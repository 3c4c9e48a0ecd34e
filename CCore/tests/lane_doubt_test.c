// lane_doubt_test.c — doubts about an order end by themselves, whatever else goes on meanwhile.
#include "lane_rig.h"

TEST(lane_doubt, repeated_cancels_do_not_put_the_question_off) {
    rig rig;
    rig_run(&rig, 31);
    fake_venue_faults(rig.venue)->deaf = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9990, 5, NT_GTC);
    EXPECT(key != 0);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_UNKNOWN);
    // It never arrived, so every cancel is refused and the next one follows.
    fake_venue_faults(rig.venue)->deaf = false;
    (void)rig_command(&rig, NT_COMMAND_CANCEL_ALL, NT_NO_INSTRUMENT);
    rig_wait(&rig, 60 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_ABSENT);
    rig_close(&rig);
}

TEST(lane_doubt, a_cancel_without_an_answer_is_asked_about) {
    rig rig;
    rig_run(&rig, 32);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9990, 5, NT_GTC);
    rig_pump(&rig);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    // Filled, and nothing said of it; then cancels are lost, one after the other.
    fake_venue_faults(rig.venue)->mute = true;
    fake_venue_fill(rig.venue, key, 9990, 5);
    fake_venue_faults(rig.venue)->mute = false;
    fake_venue_faults(rig.venue)->stubborn = true;
    (void)rig_command(&rig, NT_COMMAND_CANCEL_ALL, NT_NO_INSTRUMENT);
    rig_wait(&rig, 20 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_FILLED);
    EXPECT_EQ(rig_lots(&rig, 0) + rig_lots(&rig, 1), 5);
    rig_close(&rig);
}
