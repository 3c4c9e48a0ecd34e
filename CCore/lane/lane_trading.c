// lane_trading.c — trading states: of the account, of each instrument, of each strategy.
//
// The worst of those that concern an order applies (the gate asks). What lowers one says who and
// why; both are journaled, come back at the next start, and are told then. Down is instant and may
// be automatic; up is the operator's word alone.
#include "lane_internal.h"

#include <string.h>

void lane_publish_trading(nt_lane *lane) {
    // Relaxed: a reader wants a recent state, no more.
    atomic_store_explicit(&lane->trading, nt_gate_in_force(lane->gate, NT_NO_INSTRUMENT),
                          memory_order_relaxed);
}

/// Instruments first, then the account, then strategies. NULL: no such scope.
static lane_scope *scope_of(nt_lane *lane, uint32_t scope) {
    uint32_t strategy = scope - NT_STRATEGY_SCOPE(0);
    if (scope == NT_NO_INSTRUMENT) return &lane->scopes[NT_MAX_INSTRUMENTS];
    if (scope < lane->config.instrument_count) return &lane->scopes[scope];
    return strategy < NT_MAX_STRATEGIES ? &lane->scopes[NT_MAX_INSTRUMENTS + 1 + strategy] : NULL;
}

bool lane_is_scope(const nt_lane *lane, uint32_t scope) {
    return scope == NT_NO_INSTRUMENT || scope < lane->config.instrument_count ||
           scope - NT_STRATEGY_SCOPE(0) < NT_MAX_STRATEGIES;
}

void lane_take_state(nt_lane *lane, uint32_t scope, nt_trading_state state, const char *reason) {
    lane_scope *place = scope_of(lane, scope);
    if (place == NULL) return;
    nt_gate_set_state(lane->gate, scope, state);
    lane_publish_trading(lane);
    memset(place->reason, 0, sizeof place->reason);
    strncpy(place->reason, reason, sizeof place->reason - 1);
    place->since_wall_ns = lane->wall_ns;
}

static void tell(nt_lane *lane, uint32_t scope) {
    const lane_scope *place = scope_of(lane, scope);
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_TRADING, scope);
    if (notice == NULL) return;
    notice->value = nt_gate_state(lane->gate, scope);
    notice->wall_ns = place->since_wall_ns;
    memcpy(notice->text, place->reason, sizeof place->reason);
    lane_notice_end(lane);
}

void lane_set_trading(nt_lane *lane, uint32_t scope, nt_trading_state state, const char *reason) {
    if (nt_gate_state(lane->gate, scope) == state) return;
    lane_take_state(lane, scope, state, reason);
    nt_record_state record = {.instrument = scope, .state = state};
    memcpy(record.reason, scope_of(lane, scope)->reason, sizeof record.reason);
    lane_journal(lane, NT_RECORD_STATE, &record, sizeof record);
    tell(lane, scope);
}

void lane_lower_trading(nt_lane *lane, uint32_t scope, nt_trading_state state, const char *reason) {
    if (nt_gate_state(lane->gate, scope) < state) lane_set_trading(lane, scope, state, reason);
}

static void tell_lowered(nt_lane *lane, uint32_t scope) {
    if (nt_gate_state(lane->gate, scope) != NT_TRADING_ACTIVE) tell(lane, scope);
}

void lane_tell_states(nt_lane *lane) {
    tell_lowered(lane, NT_NO_INSTRUMENT);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) tell_lowered(lane, i);
    for (uint32_t i = 0; i < NT_MAX_STRATEGIES; i++) tell_lowered(lane, NT_STRATEGY_SCOPE(i));
}

// --- the operator's word -----------------------------------------------------------------------

/// Ends halts of its own scope only: the flag belongs to the account.
static bool lower_flag(nt_lane *lane, const nt_command *command) {
    if (command->instrument != NT_NO_INSTRUMENT) return true;
    nt_command_accept_resume(lane->config.commands, command);
    return !nt_command_halted(lane->config.commands);
}

/// Whether the operator's word may end a halt now; answers if not.
static bool may_end_halt(nt_lane *lane, const nt_command *command) {
    if (lane->journal_failed || lane->stopping) {
        lane_answer(lane, command->ticket, NT_REFUSED,
                    lane->stopping ? "stopping" : "the journal takes no records; restart first");
        return false;
    }
    if (lower_flag(lane, command)) return true;
    lane_answer(lane, command->ticket, NT_STALE, "halted again since; look before you resume");
    return false;
}

/// A disputed order of the instrument; 0 = none. What it is must be known before new risk.
static nt_order_key disputed(const nt_lane *lane, nt_instrument_id instrument) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order != NULL && order->state == NT_ORDER_DISPUTED &&
            order->intent.instrument == instrument)
            return order->intent.order;
    }
    return 0;
}

/// Sets the state of every scope that the command means. `of_halted`: of the account's parts only
/// those that are halted.
static void raise_all(nt_lane *lane, const nt_command *command, nt_trading_state state,
                      bool of_halted) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if ((!of_halted || nt_gate_state(lane->gate, i) == NT_TRADING_HALTED) &&
            (state != NT_TRADING_ACTIVE || disputed(lane, i) == 0))
            lane_set_trading(lane, i, state, command->reason);
    for (uint32_t i = 0; i < NT_MAX_STRATEGIES; i++)
        if (!of_halted || nt_gate_state(lane->gate, NT_STRATEGY_SCOPE(i)) == NT_TRADING_HALTED)
            lane_set_trading(lane, NT_STRATEGY_SCOPE(i), state, command->reason);
    lane_set_trading(lane, NT_NO_INSTRUMENT, state, command->reason);
}

void lane_resume(nt_lane *lane, const nt_command *command) {
    uint32_t scope = command->instrument;
    nt_order_key key = scope < lane->config.instrument_count ? disputed(lane, scope) : 0;
    if (key != 0) {
        lane_answer(lane, command->ticket, NT_REFUSED,
                    "order %u-%llu is disputed; `needletail order resolve` it first",
                    nt_order_key_epoch(key), (unsigned long long)nt_order_key_sequence(key));
        return;
    }
    if (!may_end_halt(lane, command)) return;
    if (scope == NT_NO_INSTRUMENT)
        raise_all(lane, command, NT_TRADING_ACTIVE, false);
    else
        lane_set_trading(lane, scope, NT_TRADING_ACTIVE, command->reason);
    bool halted = nt_gate_state(lane->gate, NT_NO_INSTRUMENT) != NT_TRADING_ACTIVE;
    lane_answer(lane, command->ticket, NT_OK, halted ? "resumed; the account is not" : "trading");
}

/// From trading and from a halt alike: the way from a halt to flatten takes no new risk.
void lane_reduce(nt_lane *lane, const nt_command *command) {
    if (!may_end_halt(lane, command)) return;
    if (command->instrument == NT_NO_INSTRUMENT)
        raise_all(lane, command, NT_TRADING_REDUCING, true);
    else
        lane_set_trading(lane, command->instrument, NT_TRADING_REDUCING, command->reason);
    bool halted = nt_gate_state(lane->gate, NT_NO_INSTRUMENT) == NT_TRADING_HALTED;
    lane_answer(lane, command->ticket, NT_OK,
                halted ? "reducing; the account is halted"
                       : "only risk-reducing orders from now on");
}

void lane_halt(nt_lane *lane, const nt_command *command) {
    lane_lower_trading(lane, command->instrument, NT_TRADING_HALTED, command->reason);
    lane_begin_cancels(lane, command->instrument);
    lane_answer_when_closed(lane, command);
}
