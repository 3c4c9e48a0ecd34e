// lane_hold.c — holds: lowered trading that comes and goes by itself, one for each cause.
//
// The venue closes an instrument, its clock is lost, it is down for maintenance: services see that
// and see its end, and nobody should have to resume by hand. So a hold stands beside the state that
// operator and lane decide, and lifting it never ends a halt of theirs.
#include "lane_internal.h"

static nt_trading_state *holds_of(nt_lane *lane, nt_instrument_id instrument) {
    return lane->holds[instrument == NT_NO_INSTRUMENT ? NT_MAX_INSTRUMENTS : instrument];
}

static nt_trading_state worst(const nt_trading_state *holds) {
    nt_trading_state state = NT_TRADING_ACTIVE;
    for (uint32_t i = 0; i < NT_HOLD_CAUSES; i++)
        if (holds[i] > state) state = holds[i];
    return state;
}

static bool is_sound(const nt_command *command) {
    int64_t cause = command->argument[NT_HOLD_CAUSE], state = command->argument[NT_HOLD_STATE];
    return cause >= 0 && cause < NT_HOLD_CAUSES && state >= NT_TRADING_ACTIVE &&
           state <= NT_TRADING_HALTED;
}

void lane_hold(nt_lane *lane, const nt_command *command) {
    if (!is_sound(command)) {
        lane_answer(lane, command->ticket, NT_INVALID, "no such cause or state");
        return;
    }
    nt_instrument_id instrument = command->instrument;
    nt_trading_state *holds = holds_of(lane, instrument);
    nt_trading_state before = nt_gate_in_force(lane->gate, instrument);
    holds[command->argument[NT_HOLD_CAUSE]] = (nt_trading_state)command->argument[NT_HOLD_STATE];
    nt_gate_set_hold(lane->gate, instrument, worst(holds));
    nt_trading_state now = nt_gate_in_force(lane->gate, instrument);
    if (instrument == NT_NO_INSTRUMENT) lane_publish_trading(lane);
    if (now != before) lane_tell(lane, NT_NOTICE_TRADING, instrument, now, command->reason);
    if (now == NT_TRADING_HALTED && before != NT_TRADING_HALTED)
        lane_begin_cancels(lane, instrument);
    lane_answer(lane, command->ticket, NT_OK, "%s",
                command->argument[NT_HOLD_STATE] == NT_TRADING_ACTIVE ? "lifted" : "held");
}
