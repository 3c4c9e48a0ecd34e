// lane_trading_test.c — trading states of account, instrument and strategy: the worst applies,
// they say who and why, they survive a restart, and only a person raises them.
#include "lane_rig.h"

static nt_trading_state state_of(const rig *rig, uint32_t scope) {
    return nt_gate_state(nt_lane_gate(rig->lane), scope);
}

static int32_t command(rig *rig, uint32_t kind, uint32_t scope) {
    uint64_t ticket = rig_command(rig, kind, scope);
    rig_tick(rig, RIG_MS);
    rig_pump(rig);
    rig_tick(rig, RIG_MS);
    return rig_answer(rig, ticket);
}

/// An order by hand of the first instrument.
static int32_t place_by_hand(rig *rig) {
    nt_command place = {.kind = NT_COMMAND_PLACE,
                        .instrument = 0,
                        .argument = {9900, 5, 0, nt_place_shape(NT_BUY, NT_LIMIT, NT_GTC, 0)}};
    NT_ASSERT(nt_command_send(rig->commands, &place) == NT_OK);
    rig_tick(rig, RIG_MS);
    return rig_answer(rig, place.ticket);
}

TEST(lane_trading, a_halted_strategy_is_cancelled_and_refused_and_nobody_else) {
    rig rig;
    rig_run(&rig, 51);
    fake_venue_faults(rig.venue)->resting = true;
    nt_order_key own = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    EXPECT_EQ(place_by_hand(&rig), NT_OK);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 2);
    EXPECT_EQ(command(&rig, NT_COMMAND_HALT, NT_STRATEGY_SCOPE(0)), NT_OK);
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, own), NT_ORDER_CANCELED);
    EXPECT_EQ(fake_venue_open_orders(rig.venue), 1); // The operator's stays.
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9880, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_HALTED);
    EXPECT_EQ(place_by_hand(&rig), NT_OK);
    EXPECT_EQ(state_of(&rig, NT_NO_INSTRUMENT), NT_TRADING_ACTIVE);
    EXPECT_EQ(command(&rig, NT_COMMAND_REDUCE, NT_STRATEGY_SCOPE(0)), NT_OK);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9880, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_REDUCING);
    EXPECT_EQ(command(&rig, NT_COMMAND_RESUME, NT_STRATEGY_SCOPE(0)), NT_OK);
    EXPECT(rig_place(&rig, NT_BUY, 9880, 10, NT_GTC) != 0);
    rig_close(&rig);
}

TEST(lane_trading, states_come_back_with_their_reasons) {
    rig rig;
    rig_run(&rig, 52);
    command(&rig, NT_COMMAND_REDUCE, 1);
    command(&rig, NT_COMMAND_HALT, NT_STRATEGY_SCOPE(3));
    const int64_t since = rig.last_trading.wall_ns;
    EXPECT(since > rig.time.wall_ns - RIG_SECOND && since <= rig.time.wall_ns);
    rig_kill(&rig);
    rig.time.wall_ns += 60 * RIG_SECOND;
    memset(&rig.last_trading, 0, sizeof rig.last_trading);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    EXPECT_EQ(state_of(&rig, NT_NO_INSTRUMENT), NT_TRADING_ACTIVE);
    EXPECT_EQ(state_of(&rig, 0), NT_TRADING_ACTIVE);
    EXPECT_EQ(state_of(&rig, 1), NT_TRADING_REDUCING);
    EXPECT_EQ(state_of(&rig, NT_STRATEGY_SCOPE(3)), NT_TRADING_HALTED);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig.last_trading.instrument, NT_STRATEGY_SCOPE(3));
    EXPECT_EQ(rig.last_trading.value, NT_TRADING_HALTED);
    EXPECT_TEXT(rig.last_trading.text, "test");
    EXPECT(rig.last_trading.wall_ns <= since); // Since when it holds, not since the start.
    EXPECT(rig.last_trading.wall_ns > since - RIG_SECOND);
    rig_close(&rig);
}

TEST(lane_trading, the_worst_state_applies) {
    static const uint32_t scopes[] = {NT_NO_INSTRUMENT, 0, NT_STRATEGY_SCOPE(0)};
    nt_gate *gate;
    EXPECT_EQ(nt_gate_create(2, &gate), NT_OK);
    for (uint32_t mix = 0; mix < 27; mix++) {
        const nt_trading_state states[] = {mix % 3, mix / 3 % 3, (nt_trading_state)(mix / 9)};
        nt_trading_state worst = NT_TRADING_ACTIVE, without = NT_TRADING_ACTIVE;
        for (uint32_t i = 0; i < 3; i++) {
            nt_gate_set_state(gate, scopes[i], states[i]);
            if (states[i] > worst) worst = states[i];
            if (i < 2) without = worst;
        }
        const nt_intent own = {.instrument = 0}, other = {.instrument = 0, .strategy = 1},
                        hand = {.instrument = 0, .strategy = NT_OPERATOR};
        EXPECT_EQ(nt_gate_meets(gate, &own), worst);
        EXPECT_EQ(nt_gate_meets(gate, &other), without);
        EXPECT_EQ(nt_gate_meets(gate, &hand), without);
    }
    const nt_intent stranger = {.instrument = 0, .strategy = NT_MAX_STRATEGIES};
    EXPECT_EQ(nt_gate_meets(gate, &stranger), NT_TRADING_HALTED);
    nt_gate_destroy(gate);
}

TEST(lane_trading, a_symbol_with_a_dispute_is_not_resumed_before_it_is_resolved) {
    rig rig;
    rig_run(&rig, 53);
    fake_venue_faults(rig.venue)->mute = true;
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_report(&rig, (nt_report){.order = key,
                                 .evidence = NT_EVIDENCE_FILL,
                                 .trade = 1,
                                 .last_price = 9900,
                                 .last_quantity = 11,
                                 .cumulative = -1});
    EXPECT_EQ(state_of(&rig, 0), NT_TRADING_HALTED);
    EXPECT_EQ(command(&rig, NT_COMMAND_RESUME, 0), NT_REFUSED);
    command(&rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    EXPECT_EQ(state_of(&rig, 0), NT_TRADING_HALTED);
    EXPECT_EQ(command(&rig, NT_COMMAND_REDUCE, 0), NT_OK); // The way to flatten.
    nt_command word = {.kind = NT_COMMAND_RESOLVE,
                       .instrument = NT_NO_INSTRUMENT,
                       .position_or_order = key,
                       .argument = {NT_ORDER_FILLED, -1},
                       .reason = "test"};
    EXPECT_EQ(nt_command_send(rig.commands, &word), NT_OK);
    EXPECT_EQ(command(&rig, NT_COMMAND_RESUME, 0), NT_OK);
    EXPECT_EQ(state_of(&rig, 0), NT_TRADING_ACTIVE);
    rig_close(&rig);
}

TEST(lane_trading, no_such_strategy_is_no_scope) {
    rig rig;
    rig_run(&rig, 54);
    EXPECT_EQ(command(&rig, NT_COMMAND_HALT, NT_STRATEGY_SCOPE(NT_MAX_STRATEGIES)), NT_NOT_FOUND);
    EXPECT_EQ(command(&rig, NT_COMMAND_FLATTEN, NT_STRATEGY_SCOPE(0)), NT_NOT_FOUND);
    EXPECT_EQ(state_of(&rig, NT_NO_INSTRUMENT), NT_TRADING_ACTIVE);
    rig_close(&rig);
}
