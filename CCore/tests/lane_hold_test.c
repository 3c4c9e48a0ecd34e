// lane_hold_test.c — holds: what services lower and lift by cause, beside the operator's word.
#include "lane_rig.h"

static uint64_t hold(rig *rig, nt_instrument_id instrument, int64_t cause, int64_t state) {
    nt_command command = {.kind = NT_COMMAND_HOLD,
                          .instrument = instrument,
                          .argument = {cause, state},
                          .reason = "the test says so"};
    if (nt_command_send(rig->commands, &command) != NT_OK) return 0;
    rig_tick(rig, RIG_MS);
    rig_services(rig);
    return command.ticket;
}

TEST(lane_hold, reduces_and_ends_by_itself) {
    rig rig;
    rig_run(&rig, 1);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    uint64_t ticket = hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_REDUCING);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 11, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_REDUCING);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_ACTIVE);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 12, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane_hold, lifting_never_ends_a_halt_of_the_operator) {
    rig rig;
    rig_run(&rig, 2);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_MAINTENANCE, NT_TRADING_REDUCING);
    rig_command(&rig, NT_COMMAND_HALT, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_MAINTENANCE, NT_TRADING_ACTIVE);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_HALTED);
    rig_close(&rig);
}

TEST(lane_hold, a_resume_of_the_operator_does_not_lift_it) {
    rig rig;
    rig_run(&rig, 3);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_REDUCING);
    rig_command(&rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    rig_close(&rig);
}

TEST(lane_hold, each_cause_is_lifted_alone) {
    rig rig;
    rig_run(&rig, 4);
    hold(&rig, 0, NT_HOLD_CLOSED, NT_TRADING_REDUCING);
    hold(&rig, 0, NT_HOLD_RULES, NT_TRADING_HALTED);
    hold(&rig, 0, NT_HOLD_RULES, NT_TRADING_ACTIVE);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_REDUCING);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE); // The account's own.
    hold(&rig, 0, NT_HOLD_CLOSED, NT_TRADING_ACTIVE);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane_hold, a_halting_one_cancels_what_is_open) {
    rig rig;
    rig_run(&rig, 5);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_REDUCING);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_HALTED);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    rig_close(&rig);
}

TEST(lane_hold, refuses_what_it_does_not_know) {
    rig rig;
    rig_run(&rig, 6);
    uint64_t ticket = hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CAUSES, NT_TRADING_HALTED);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_INVALID);
    ticket = hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_HALTED + 1);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_INVALID);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    rig_close(&rig);
}

TEST(lane_hold, is_gone_after_a_start) {
    rig rig;
    rig_run(&rig, 7);
    hold(&rig, NT_NO_INSTRUMENT, NT_HOLD_CLOCK, NT_TRADING_HALTED);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_HALTED);
    rig_kill(&rig);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    rig_close(&rig);
}
