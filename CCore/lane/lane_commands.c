// lane_commands.c — commands of operator and brain: each journaled before it acts, each answered.
//
// Halt, cancel and flatten go on until the venue's evidence says that they are done; a failure on
// the way is tried again and never ends them.
#include "lane_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STOP_PATIENCE_NS INT64_C(5000000000)
#define PPM INT64_C(1000000)

static void answer(nt_lane *lane, uint64_t ticket, nt_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void answer(nt_lane *lane, uint64_t ticket, nt_status status, const char *format, ...) {
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

static bool concerns(nt_instrument_id wanted, nt_instrument_id instrument) {
    return wanted == NT_NO_INSTRUMENT || wanted == instrument;
}

// --- cancel all ------------------------------------------------------------------------------

static uint32_t cancel_round(nt_lane *lane, nt_instrument_id instrument) {
    uint32_t open = 0, left = nt_orders_live_count(lane->orders);
    for (uint32_t i = 0; left > 0 && i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || nt_order_is_terminal(order->state)) continue;
        left--;
        if (!concerns(instrument, order->intent.instrument)) continue;
        open++;
        lane_cancel(lane, order);
    }
    return open;
}

static void begin_cancel_all(nt_lane *lane, nt_instrument_id instrument, uint64_t ticket) {
    lane->cancelling_all = true;
    lane->cancel_all_instrument = instrument;
    lane->cancel_all_ticket = ticket;
    lane->cancel_all_ns = lane->now_ns;
    cancel_round(lane, instrument);
}

static uint32_t count_open(const nt_lane *lane, nt_instrument_id instrument) {
    if (instrument == NT_NO_INSTRUMENT) return nt_orders_live_count(lane->orders);
    return nt_orders_exposure(lane->orders, instrument).live;
}

void lane_cancel_all_turn(nt_lane *lane) {
    if (!lane->cancelling_all) return;
    if (count_open(lane, lane->cancel_all_instrument) == 0) {
        lane->cancelling_all = false;
        if (lane->cancel_all_ticket != 0)
            answer(lane, lane->cancel_all_ticket, NT_OK, "no order is open");
        return;
    }
    if (lane->now_ns - lane->cancel_all_ns < LANE_CANCEL_REPEAT_NS) return;
    lane->cancel_all_ns = lane->now_ns;
    cancel_round(lane, lane->cancel_all_instrument);
}

// --- flatten -----------------------------------------------------------------------------------

static void end_flatten(nt_lane *lane, lane_market *market, nt_status status, const char *text) {
    market->flatten = false;
    market->flatten_order = 0;
    if (market->flatten_ticket != 0)
        answer(lane, market->flatten_ticket, status, "%s: %s", market->instrument.symbol, text);
}

/// A limit inside the emergency collar that takes at once: bounded in price, never resting.
static nt_intent exit_intent(const nt_lane *lane, const lane_market *market, int64_t lots) {
    nt_instrument_id slot = (nt_instrument_id)(market - lane->markets);
    int64_t collar = nt_gate_instrument(lane->gate, slot).emergency_collar_ppm;
    bool selling = market->position.lots > 0;
    int64_t touch = selling ? market->bid.price : market->ask.price;
    int64_t away = (int64_t)((__int128)touch * (collar / 2) / PPM);
    return (nt_intent){
        .price = selling ? touch - away : touch + away,
        .quantity = lots,
        .instrument = slot,
        .strategy = NT_OPERATOR,
        .kind = NT_INTENT_PLACE,
        .side = selling ? NT_SELL : NT_BUY,
        .type = NT_LIMIT,
        .tif = NT_IOC,
        .flags = NT_INTENT_REDUCE_ONLY,
    };
}

static int64_t lots_to_close(const lane_market *market) {
    if (market->position.lots < 0) return -market->position.lots;
    return nt_position_sellable(&market->position, &market->instrument);
}

/// Too little for the venue's filters: it stays as dust and is said so.
static bool is_dust(const lane_market *market, int64_t lots) {
    nt_money value = 0;
    int64_t mark = market->bid.price;
    if (lots == 0 || lots < market->instrument.min_quantity) return true;
    return mark > 0 && nt_notional(&market->instrument, mark, lots, &value) &&
           value < market->instrument.min_notional;
}

void lane_flatten_turn(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    if (!market->flatten) return;
    if (count_open(lane, instrument) > 0) {
        // Its own exit must end by itself; everything else is being cancelled.
        if (!lane->cancelling_all && market->flatten_order == 0)
            begin_cancel_all(lane, instrument, 0);
        return;
    }
    market->flatten_order = 0;
    int64_t lots = lots_to_close(market);
    if (market->position.lots == 0 || is_dust(market, lots)) {
        end_flatten(lane, market, NT_OK, market->position.lots == 0 ? "flat" : "only dust is left");
        return;
    }
    if (market->flatten_tries == LANE_FLATTEN_TRIES) {
        end_flatten(lane, market, NT_TIMEOUT, "not closed after 5 tries");
        return;
    }
    market->flatten_tries++;
    nt_intent intent = exit_intent(lane, market, lots);
    nt_verdict verdict;
    if (lane_carry_out(lane, &intent, &verdict) == NT_PASS) {
        market->flatten_order = intent.order;
        return;
    }
    end_flatten(lane, market, NT_REFUSED, nt_refusal_name(verdict.refusal));
}

static void begin_flatten(nt_lane *lane, nt_instrument_id instrument, uint64_t ticket) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        if (!concerns(instrument, i)) continue;
        lane_market *market = &lane->markets[i];
        market->flatten = true;
        market->flatten_tries = 0;
        market->flatten_order = 0;
        // Every instrument answers under the one ticket.
        market->flatten_ticket = ticket;
    }
}

// --- stop --------------------------------------------------------------------------------------------

void lane_stop_turn(nt_lane *lane) {
    if (!lane->stopping) return;
    uint32_t open = nt_orders_live_count(lane->orders);
    bool patient = lane->now_ns - lane->stop_ns < STOP_PATIENCE_NS;
    if (open > 0 && !lane->keep_orders && patient) return;
    nt_record_stop record = {.hash = nt_lane_hash(lane)};
    lane_journal(lane, NT_RECORD_STOP, &record, sizeof record);
    lane_tell(lane, NT_NOTICE_STOPPED, NT_NO_INSTRUMENT, (int64_t)record.hash, "");
    answer(lane, lane->stop_ticket, open == 0 || lane->keep_orders ? NT_OK : NT_TIMEOUT,
           "stopped with %u open orders", open);
    lane->stopping = false;
    // Release: whoever sees `stopped` also sees the journal's last record.
    atomic_store_explicit(&lane->stopped, true, memory_order_release);
}

// --- taking ----------------------------------------------------------------------------------------------

static void cancel_one(nt_lane *lane, const nt_command *command) {
    const nt_order *order = nt_orders_find(lane->orders, command->position_or_order);
    if (order == NULL || nt_order_is_terminal(order->state)) {
        answer(lane, command->ticket, NT_NOT_FOUND, "no such open order");
        return;
    }
    bool sent = lane_cancel(lane, order);
    answer(lane, command->ticket, sent ? NT_OK : NT_CLOSED,
           sent ? "cancel sent" : "the order connection is down; try again");
}

static void place_one(nt_lane *lane, const nt_command *command) {
    int64_t shape = command->argument[NT_PLACE_SHAPE];
    nt_intent intent = {
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
    nt_verdict verdict;
    nt_refusal refusal = lane_carry_out(lane, &intent, &verdict);
    if (refusal == NT_PASS) answer(lane, command->ticket, NT_OK, "order sent");
    else
        answer(lane, command->ticket, NT_REFUSED, "%s: %s", nt_refusal_name(refusal),
               nt_refusal_help(refusal));
}

static void resume(nt_lane *lane, const nt_command *command) {
    if (lane->journal_failed) {
        answer(lane, command->ticket, NT_IO, "the journal takes no records; restart first");
        return;
    }
    nt_command_accept_resume(lane->config.commands, command);
    if (nt_command_halted(lane->config.commands)) {
        answer(lane, command->ticket, NT_STALE, "halted again since; look before you resume");
        return;
    }
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (concerns(command->instrument, i))
            lane_set_trading(lane, i, NT_TRADING_ACTIVE, command->reason);
    if (command->instrument == NT_NO_INSTRUMENT)
        lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_ACTIVE, command->reason);
    answer(lane, command->ticket, NT_OK, "trading");
}

static void stop(nt_lane *lane, const nt_command *command) {
    lane->stopping = true;
    lane->stop_ticket = command->ticket;
    lane->stop_ns = lane->now_ns;
    lane->keep_orders = command->argument[0] != 0;
    if (!lane->keep_orders) {
        lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, "stopping");
        begin_cancel_all(lane, NT_NO_INSTRUMENT, 0);
    } else {
        lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, "stopping, orders kept");
    }
}

static void carry_out_command(nt_lane *lane, const nt_command *command) {
    switch (command->kind) {
    case NT_COMMAND_HALT:
        lane_set_trading(lane, command->instrument, NT_TRADING_HALTED, command->reason);
        begin_cancel_all(lane, command->instrument, command->ticket);
        break;
    case NT_COMMAND_RESUME:
        resume(lane, command);
        break;
    case NT_COMMAND_REDUCE:
        lane_set_trading(lane, command->instrument, NT_TRADING_REDUCING, command->reason);
        answer(lane, command->ticket, NT_OK, "only risk-reducing orders from now on");
        break;
    case NT_COMMAND_CANCEL_ORDER:
        cancel_one(lane, command);
        break;
    case NT_COMMAND_CANCEL_ALL:
        begin_cancel_all(lane, command->instrument, command->ticket);
        break;
    case NT_COMMAND_FLATTEN:
        begin_flatten(lane, command->instrument, command->ticket);
        break;
    case NT_COMMAND_PLACE:
        place_one(lane, command);
        break;
    case NT_COMMAND_STOP:
        stop(lane, command);
        break;
    default:
        answer(lane, command->ticket, NT_UNSUPPORTED, "not a command of this version");
        break;
    }
}

static void obey_halt_flag(nt_lane *lane) {
    if (!nt_command_halted(lane->config.commands)) return;
    if (nt_gate_state(lane->gate, NT_NO_INSTRUMENT) == NT_TRADING_HALTED) return;
    lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, "the halt flag is raised");
    begin_cancel_all(lane, NT_NO_INSTRUMENT, 0);
}

uint32_t lane_take_commands(nt_lane *lane) {
    if (lane->config.commands == NULL || !lane->started) return 0;
    nt_command command;
    uint32_t taken = 0;
    while (taken < 8 && nt_command_take(lane->config.commands, &command) == NT_OK) {
        lane->sequence++;
        lane_journal(lane, NT_RECORD_COMMAND, &command, sizeof command);
        carry_out_command(lane, &command);
        taken++;
    }
    obey_halt_flag(lane);
    return taken;
}
