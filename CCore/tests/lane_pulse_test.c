// lane_pulse_test.c — the lane's turns are counted for the guard, and a strike halts.
#include "lane_rig.h"
#include "temporary.h"

/// A lane and a guard on one page.
typedef struct watched {
    rig rig;
    char folder[TEMPORARY_PATH];
    nt_pulse *guard;
} watched;

static void begin(watched *at, uint64_t seed) {
    char file[TEMPORARY_PATH + 8];
    NT_ASSERT(make_temporary(at->folder));
    snprintf(file, sizeof file, "%s/pulse", at->folder);
    rig_open(&at->rig, seed);
    NT_ASSERT(nt_pulse_open(file, &at->guard) == NT_OK);
    NT_ASSERT(nt_pulse_open(file, &at->rig.pulse) == NT_OK);
    NT_ASSERT(nt_pulse_hold(at->rig.pulse, NT_PULSE_BOT) == NT_OK);
    NT_ASSERT(rig_start(&at->rig) == NT_OK);
    rig_connect(&at->rig);
    rig_market(&at->rig, 40);
}

static void end(watched *at) {
    rig_close(&at->rig);
    nt_pulse_close(at->rig.pulse);
    nt_pulse_close(at->guard);
    remove_temporary(at->folder);
}

TEST(lane_pulse, each_turn_is_counted_and_stamped) {
    watched at;
    begin(&at, 1);
    const nt_pulse_view before = nt_pulse_look(at.guard, NT_PULSE_BOT);
    rig_tick(&at.rig, RIG_MS);
    rig_tick(&at.rig, RIG_MS);
    const nt_pulse_view after = nt_pulse_look(at.guard, NT_PULSE_BOT);
    EXPECT_EQ(after.turns, before.turns + 2);
    EXPECT_EQ(after.stamp_ns, before.stamp_ns + 2 * RIG_MS);
    end(&at);
}

TEST(lane_pulse, a_strike_halts_and_cancels_until_a_person_resumes) {
    watched at;
    begin(&at, 2);
    const nt_order_key order = rig_place(&at.rig, NT_BUY, 9900, 10, NT_GTC);
    rig_wait(&at.rig, RIG_SECOND);
    EXPECT_EQ(rig_state(&at.rig, order), NT_ORDER_LIVE);
    nt_pulse_strike(at.guard);
    rig_wait(&at.rig, RIG_SECOND);
    EXPECT_EQ(nt_lane_trading(at.rig.lane), NT_TRADING_HALTED);
    EXPECT_EQ(rig_state(&at.rig, order), NT_ORDER_CANCELED);
    rig_command(&at.rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    rig_wait(&at.rig, RIG_SECOND);
    EXPECT_EQ(nt_lane_trading(at.rig.lane), NT_TRADING_ACTIVE);
    end(&at);
}

static nt_pulse *striking;
static nt_command_ring *halting;

/// The guard strikes, or an operator halts, while the strategy thinks; then it wants an order.
static void think_long(rig *rig, const nt_lane_view *view, const nt_call *call,
                       nt_intents *intents) {
    (void)rig;
    if (call->change != NULL || call->refusal != NULL || !view->valid) return;
    if (striking != NULL) nt_pulse_strike(striking);
    nt_command halt = {
        .kind = NT_COMMAND_HALT, .instrument = NT_NO_INSTRUMENT, .reason = "the test says so"};
    if (halting != NULL) (void)nt_command_send(halting, &halt);
    striking = NULL;
    halting = NULL;
    intents->items[intents->count++] = (nt_intent){.price = view->bid.price - 50,
                                                   .quantity = 5,
                                                   .instrument = call->event->instrument,
                                                   .kind = NT_INTENT_PLACE,
                                                   .side = NT_BUY,
                                                   .type = NT_LIMIT,
                                                   .tif = NT_GTC};
}

TEST(lane_pulse, nothing_is_sent_after_a_strike_that_came_while_the_strategy_thought) {
    watched at;
    begin(&at, 3);
    at.rig.act = think_long;
    striking = at.guard;
    rig_market(&at.rig, 4);
    EXPECT(striking == NULL);
    EXPECT_EQ(at.rig.sent[NT_REQUEST_PLACE], 0);
    EXPECT_EQ(nt_lane_trading(at.rig.lane), NT_TRADING_HALTED);
    end(&at);
}

TEST(lane_pulse, nor_after_a_halt) {
    watched at;
    begin(&at, 4);
    at.rig.act = think_long;
    halting = at.rig.commands;
    rig_market(&at.rig, 4);
    EXPECT(halting == NULL);
    EXPECT_EQ(at.rig.sent[NT_REQUEST_PLACE], 0);
    end(&at);
}
