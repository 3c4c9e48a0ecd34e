// lane_commands.c — commands of operator and brain: each journaled before it acts, each answered.
#include "lane_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COMMANDS_PER_TURN 8u

void lane_answer(nt_lane *lane, uint64_t ticket, nt_status status, const char *format, ...) {
    nt_answer out;
    memset(&out, 0, sizeof out);
    out.ticket = ticket;
    out.status = (int32_t)status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out.text, sizeof out.text, format, arguments);
    va_end(arguments);
    // A full answer ring is counted by the ring itself.
    (void)nt_answer_send(lane->config.commands, &out);
}

static void cancel_one(nt_lane *lane, const nt_command *command) {
    const nt_order *order = nt_orders_find(lane->orders, command->position_or_order);
    if (order == NULL || nt_order_is_terminal(order->state)) {
        lane_answer(lane, command->ticket, NT_NOT_FOUND, "no such open order");
        return;
    }
    bool waited = order->state == NT_ORDER_QUEUED;
    bool done = lane_cancel(lane, order);
    const char *text = waited ? "taken back before it was sent" : "cancel sent";
    lane_answer(lane, command->ticket, done ? NT_OK : NT_CLOSED, "%s",
                done ? text
                     : "cannot be sent now: the connection is not ready, or the venue wants "
                       "silence; try again");
}

static nt_intent placed_intent(const nt_command *command) {
    int64_t shape = command->argument[NT_PLACE_SHAPE];
    return (nt_intent){
        .price = command->argument[NT_PLACE_PRICE],
        .stop_price = command->argument[NT_PLACE_STOP_PRICE],
        .quantity = command->argument[NT_PLACE_QUANTITY],
        .instrument = command->instrument,
        .strategy = NT_OPERATOR,
        .kind = NT_INTENT_PLACE,
        .side = (nt_side)(shape & 0xff),
        .type = (nt_order_type)(shape >> 8 & 0xff),
        .tif = (nt_time_in_force)(shape >> 16 & 0xff),
        .flags = (uint8_t)(shape >> 24 & 0xff),
    };
}

static void place_one(nt_lane *lane, const nt_command *command) {
    nt_intent intent = placed_intent(command);
    nt_verdict verdict;
    nt_refusal refusal = lane_carry_out(lane, &intent, &verdict);
    if (refusal != NT_PASS) {
        lane_answer(lane, command->ticket, NT_REFUSED, "%s: %s", nt_refusal_name(refusal),
                    nt_refusal_help(refusal));
        return;
    }
    const nt_order *order = nt_orders_find(lane->orders, intent.order);
    bool alive = order != NULL && order->state != NT_ORDER_ABANDONED;
    bool waits = alive && order->state == NT_ORDER_QUEUED;
    const char *text = waits ? "waits a moment: the connection has no room" : "sent";
    lane_answer(lane, command->ticket, alive ? NT_OK : NT_BUSY, "order %u-%llu %s",
                nt_order_key_epoch(intent.order),
                (unsigned long long)nt_order_key_sequence(intent.order),
                alive ? text : "was not sent: the connection took nothing");
}

static const char *limits_text(nt_status status) {
    switch (status) {
    case NT_OK:
        return "the new limits are in force";
    case NT_STALE:
        return "other limits were sent since; look at them and ask again";
    case NT_REFUSED:
        return "a limit that is set may not be unset; halt instead";
    default:
        return "the limits of this lane are fixed";
    }
}

static void set_limits(nt_lane *lane, const nt_command *command) {
    nt_status status = lane_take_limits(lane, command->generation);
    lane_answer(lane, command->ticket, status, "%s", limits_text(status));
}

static void stop(nt_lane *lane, const nt_command *command) {
    if (lane->stopping)
        lane_answer(lane, lane->stop_ticket, NT_BUSY, "a later stop took its place");
    lane->stopping = true;
    lane->stop_ticket = command->ticket;
    lane->stop_ns = lane->now_ns;
    lane->keep_orders = command->argument[0] != 0;
    lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, LANE_STOPPING);
    if (!lane->keep_orders) lane_begin_cancels(lane, NT_NO_INSTRUMENT);
}

static void carry_out_command(nt_lane *lane, const nt_command *command) {
    switch (command->kind) {
    case NT_COMMAND_HALT:
        lane_halt(lane, command);
        break;
    case NT_COMMAND_RESUME:
        lane_resume(lane, command);
        break;
    case NT_COMMAND_REDUCE:
        lane_reduce(lane, command);
        break;
    case NT_COMMAND_CANCEL_ORDER:
        cancel_one(lane, command);
        break;
    case NT_COMMAND_CANCEL_ALL:
        lane_begin_cancels(lane, command->instrument);
        lane_answer_when_closed(lane, command);
        break;
    case NT_COMMAND_FLATTEN:
        lane_begin_flatten(lane, command);
        break;
    case NT_COMMAND_SET_LIMITS:
        set_limits(lane, command);
        break;
    case NT_COMMAND_PLACE:
        place_one(lane, command);
        break;
    case NT_COMMAND_STOP:
        stop(lane, command);
        break;
    case NT_COMMAND_RESOLVE:
        lane_resolve(lane, command);
        break;
    case NT_COMMAND_RECONCILE:
        lane_reconcile_now(lane, command);
        break;
    case NT_COMMAND_HOLD:
        lane_hold(lane, command);
        break;
    default:
        lane_answer(lane, command->ticket, NT_UNSUPPORTED, "not a command of this version");
        break;
    }
}

static void take_command(nt_lane *lane, const nt_command *command) {
    lane->sequence++;
    lane_journal(lane, NT_RECORD_COMMAND, command, sizeof *command);
    bool whole = command->kind == NT_COMMAND_HALT || command->kind == NT_COMMAND_REDUCE ||
                 command->kind == NT_COMMAND_RESUME || command->kind == NT_COMMAND_CANCEL_ALL;
    bool known = command->instrument == NT_NO_INSTRUMENT ||
                 command->instrument < lane->config.instrument_count ||
                 (whole && lane_is_scope(lane, command->instrument));
    if (known)
        carry_out_command(lane, command);
    else
        lane_answer(lane, command->ticket, NT_NOT_FOUND, "no such instrument, or strategy");
}

static void obey_halts(nt_lane *lane) {
    // A strike is obeyed once: the operator's resume ends it.
    const bool struck = lane->config.pulse != NULL && nt_pulse_take_strike(lane->config.pulse);
    if (!struck && !nt_command_halted(lane->config.commands)) return;
    if (nt_gate_state(lane->gate, NT_NO_INSTRUMENT) == NT_TRADING_HALTED) return;
    lane->sequence++;
    lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED,
                       struck ? "the guard struck: no turn of the lane for too long"
                              : "the halt flag is raised");
    lane_begin_cancels(lane, NT_NO_INSTRUMENT);
}

bool lane_halt_waits(const nt_lane *lane) {
    if (lane->config.commands == NULL || !lane->started) return false;
    if (nt_gate_state(lane->gate, NT_NO_INSTRUMENT) == NT_TRADING_HALTED) return false;
    return nt_command_halted(lane->config.commands) ||
           (lane->config.pulse != NULL && nt_pulse_is_struck(lane->config.pulse));
}

uint32_t lane_take_commands(nt_lane *lane) {
    if (lane->config.commands == NULL || !lane->started) return 0;
    nt_command command;
    uint32_t taken = 0;
    while (taken < COMMANDS_PER_TURN && nt_command_take(lane->config.commands, &command) == NT_OK) {
        take_command(lane, &command);
        taken++;
    }
    obey_halts(lane);
    return taken;
}
