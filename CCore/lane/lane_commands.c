// lane_commands.c — commands of operator and brain: each journaled before it acts, each answered.
//
// Halt, cancel and flatten go on until the venue's evidence says that they are done; a failure on
// the way is tried again and never ends them.
#include "lane_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STOP_PATIENCE_NS       (5 * LANE_SECOND_NS)
#define FLATTEN_PATIENCE_TRIES 5u
#define COMMANDS_PER_TURN      8u
#define PPM                    INT64_C(1000000)

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

/// Every order of ours so far; later ones are not meant.
static nt_order_key last_key(const nt_lane *lane) {
    return nt_order_key_make(lane->epoch, lane->order_sequence);
}

// --- cancel all --------------------------------------------------------------------------------

/// A dispute ends by the operator's word alone: it is cancelled like the others, and not waited
/// for.
static bool is_awaited(const nt_order *order, nt_instrument_id instrument, nt_order_key up_to) {
    return order != NULL && !nt_order_is_terminal(order->state) &&
           order->state != NT_ORDER_DISPUTED && order->intent.order <= up_to &&
           concerns(instrument, order->intent.instrument);
}

static uint32_t count_open(const nt_lane *lane, nt_instrument_id instrument, nt_order_key up_to) {
    uint32_t open = 0;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++)
        open += is_awaited(nt_orders_at(lane->orders, i), instrument, up_to);
    return open;
}

static void cancel_round(nt_lane *lane, lane_market *market) {
    nt_instrument_id instrument = lane_slot(lane, market);
    market->cancelled_ns = lane->now_ns;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        bool disputed = order != NULL && order->state == NT_ORDER_DISPUTED &&
                        order->intent.instrument == instrument && order->cancel == NT_PENDING_NONE;
        if (disputed || is_awaited(order, instrument, market->cancel_up_to))
            (void)lane_cancel(lane, order);
    }
}

void lane_begin_cancel(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    market->cancel_up_to = last_key(lane);
    market->cancelled_ns = 0;
}

static void begin_cancels(nt_lane *lane, nt_instrument_id instrument) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (concerns(instrument, i)) lane_begin_cancel(lane, i);
}

static void cancel_turn(nt_lane *lane, lane_market *market) {
    if (market->cancel_up_to == 0) return;
    bool again = lane->now_ns - market->cancelled_ns >= LANE_REPEAT_NS;
    if (market->cancelled_ns == 0 || again) cancel_round(lane, market);
    if (count_open(lane, lane_slot(lane, market), market->cancel_up_to) == 0)
        market->cancel_up_to = 0;
}

// --- waiting commands --------------------------------------------------------------------------

/// Answers the command when nothing of its scope that exists now is open any more.
static void answer_when_closed(nt_lane *lane, const nt_command *command) {
    for (uint32_t i = 0; i < LANE_MAX_WAITERS; i++) {
        if (lane->waiters[i].ticket != 0) continue;
        lane->waiters[i] = (lane_waiter){
            .ticket = command->ticket, .instrument = command->instrument, .up_to = last_key(lane)};
        return;
    }
    answer(lane, command->ticket, NT_BUSY, "being cancelled; too many commands wait for it");
}

static void waiters_turn(nt_lane *lane) {
    for (uint32_t i = 0; i < LANE_MAX_WAITERS; i++) {
        lane_waiter *waiter = &lane->waiters[i];
        if (waiter->ticket == 0 || count_open(lane, waiter->instrument, waiter->up_to) > 0)
            continue;
        answer(lane, waiter->ticket, NT_OK, "no order is open");
        waiter->ticket = 0;
    }
}

// --- flatten -----------------------------------------------------------------------------------

static void answer_flatten(nt_lane *lane, lane_market *market, nt_status status, const char *text) {
    if (market->flatten.ticket == 0) return;
    answer(lane, market->flatten.ticket, status, "%s: %s", market->instrument.symbol, text);
    market->flatten.ticket = 0;
}

/// A limit inside the emergency collar that takes at once: bounded in price, never resting.
static nt_intent exit_intent(const nt_lane *lane, const lane_market *market, int64_t lots) {
    nt_instrument_id slot = lane_slot(lane, market);
    int64_t collar = nt_gate_instrument(lane->gate, slot).emergency_collar_ppm;
    int64_t most = market->instrument.max_quantity;
    bool selling = market->position.lots > 0;
    int64_t touch = selling ? market->valid_bid.price : market->valid_ask.price;
    int64_t away = (int64_t)((__int128)touch * (collar / 2) / PPM);
    return (nt_intent){
        .price = selling ? touch - away : touch + away,
        .quantity = most > 0 && most < lots ? most : lots,
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
    int64_t mark = market->valid_bid.price;
    if (lots == 0 || lots < market->instrument.min_quantity) return true;
    return mark > 0 && nt_notional(&market->instrument, mark, lots, &value) &&
           value < market->instrument.min_notional;
}

/// Tries again until it is flat; whoever asked hears when it takes long, and why.
static void try_exit(nt_lane *lane, lane_market *market, int64_t lots) {
    lane_flatten *flatten = &market->flatten;
    if (flatten->tried_ns != 0 && lane->now_ns - flatten->tried_ns < LANE_REPEAT_NS) return;
    flatten->tried_ns = lane->now_ns;
    flatten->tries++;
    nt_intent intent = exit_intent(lane, market, lots);
    nt_verdict verdict;
    nt_refusal refusal = lane_carry_out(lane, &intent, &verdict);
    if (refusal == NT_PASS) flatten->order = intent.order;
    if (refusal == NT_REFUSAL_HALTED) {
        flatten->active = false;
        answer_flatten(lane, market, NT_REFUSED, "halted; resume or reduce first");
    } else if (flatten->tries == FLATTEN_PATIENCE_TRIES) {
        answer_flatten(lane, market, NT_TIMEOUT,
                       refusal == NT_PASS ? "not closed yet; goes on" : nt_refusal_name(refusal));
    }
}

static void flatten_turn(nt_lane *lane, lane_market *market) {
    lane_flatten *flatten = &market->flatten;
    if (!flatten->active) return;
    nt_instrument_id instrument = lane_slot(lane, market);
    if (count_open(lane, instrument, UINT64_MAX) > 0) {
        // Its own exit must end by itself; everything else is being cancelled.
        if (market->cancel_up_to == 0 && flatten->order == 0) lane_begin_cancel(lane, instrument);
        return;
    }
    flatten->order = 0;
    int64_t lots = lots_to_close(market);
    if (market->position.lots != 0 && !is_dust(market, lots)) {
        try_exit(lane, market, lots);
        return;
    }
    flatten->active = false;
    answer_flatten(lane, market, NT_OK, market->position.lots == 0 ? "flat" : "only dust is left");
}

static void begin_flatten(nt_lane *lane, const nt_command *command) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        if (!concerns(command->instrument, i)) continue;
        lane_market *market = &lane->markets[i];
        if (market->flatten.ticket != 0)
            answer_flatten(lane, market, NT_BUSY, "flattened by a later command");
        // Every instrument answers under the one ticket. No entry may race the exit.
        market->flatten = (lane_flatten){.active = true, .ticket = command->ticket};
        lane_lower_trading(lane, i, NT_TRADING_REDUCING, "flatten");
    }
}

// --- stop --------------------------------------------------------------------------------------

static void stop_turn(nt_lane *lane) {
    if (!lane->stopping) return;
    uint32_t open = nt_orders_live_count(lane->orders);
    bool patient = lane->now_ns - lane->stop_ns < STOP_PATIENCE_NS;
    if (count_open(lane, NT_NO_INSTRUMENT, UINT64_MAX) > 0 && !lane->keep_orders && patient) return;
    lane_deliver(lane); // What the strategy hears now is refused whatever it answers.
    lane_journal_equity(lane);
    nt_record_stop record = {.hash = nt_lane_hash(lane)};
    lane_journal(lane, NT_RECORD_STOP, &record, sizeof record);
    lane_tell(lane, NT_NOTICE_STOPPED, NT_NO_INSTRUMENT, (int64_t)record.hash, "");
    answer(lane, lane->stop_ticket, open == 0 || lane->keep_orders ? NT_OK : NT_TIMEOUT,
           "stopped with %u open orders", open);
    lane->stopping = false;
    // Release: whoever sees `stopped` also sees the journal's last record.
    atomic_store_explicit(&lane->stopped, true, memory_order_release);
}

void lane_commands_turn(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        cancel_turn(lane, &lane->markets[i]);
        flatten_turn(lane, &lane->markets[i]);
    }
    waiters_turn(lane);
    stop_turn(lane);
}

// --- taking ------------------------------------------------------------------------------------

static void cancel_one(nt_lane *lane, const nt_command *command) {
    const nt_order *order = nt_orders_find(lane->orders, command->position_or_order);
    if (order == NULL || nt_order_is_terminal(order->state)) {
        answer(lane, command->ticket, NT_NOT_FOUND, "no such open order");
        return;
    }
    bool sent = lane_cancel(lane, order);
    answer(lane, command->ticket, sent ? NT_OK : NT_CLOSED,
           sent ? "cancel sent" : "the order connection is not ready; try again");
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
        answer(lane, command->ticket, NT_REFUSED, "%s: %s", nt_refusal_name(refusal),
               nt_refusal_help(refusal));
        return;
    }
    const nt_order *order = nt_orders_find(lane->orders, intent.order);
    bool sent = order != NULL && order->state != NT_ORDER_ABANDONED;
    answer(lane, command->ticket, sent ? NT_OK : NT_BUSY, "order %u-%llu %s",
           nt_order_key_epoch(intent.order),
           (unsigned long long)nt_order_key_sequence(intent.order),
           sent ? "sent" : "was not sent: the connection took nothing");
}

/// Ends halts of its own scope only: the flag belongs to the account.
static bool lower_flag(nt_lane *lane, const nt_command *command) {
    if (command->instrument != NT_NO_INSTRUMENT) return true;
    nt_command_accept_resume(lane->config.commands, command);
    return !nt_command_halted(lane->config.commands);
}

/// Whether the operator's word may end a halt now; answers if not.
static bool may_end_halt(nt_lane *lane, const nt_command *command) {
    if (lane->journal_failed || lane->stopping) {
        answer(lane, command->ticket, NT_REFUSED,
               lane->stopping ? "stopping" : "the journal takes no records; restart first");
        return false;
    }
    if (lower_flag(lane, command)) return true;
    answer(lane, command->ticket, NT_STALE, "halted again since; look before you resume");
    return false;
}

static void resume(nt_lane *lane, const nt_command *command) {
    if (!may_end_halt(lane, command)) return;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (concerns(command->instrument, i))
            lane_set_trading(lane, i, NT_TRADING_ACTIVE, command->reason);
    if (command->instrument == NT_NO_INSTRUMENT)
        lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_ACTIVE, command->reason);
    bool halted = nt_gate_state(lane->gate, NT_NO_INSTRUMENT) != NT_TRADING_ACTIVE;
    answer(lane, command->ticket, NT_OK, halted ? "resumed; the account is not" : "trading");
}

/// From trading and from a halt alike: the way from a halt to flatten takes no new risk.
static void reduce(nt_lane *lane, const nt_command *command) {
    if (!may_end_halt(lane, command)) return;
    bool all = command->instrument == NT_NO_INSTRUMENT;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        if (!concerns(command->instrument, i)) continue;
        bool halted_alone = nt_gate_state(lane->gate, i) == NT_TRADING_HALTED;
        if (!all || halted_alone) lane_set_trading(lane, i, NT_TRADING_REDUCING, command->reason);
    }
    if (all) lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_REDUCING, command->reason);
    bool halted = nt_gate_state(lane->gate, NT_NO_INSTRUMENT) == NT_TRADING_HALTED;
    answer(lane, command->ticket, NT_OK,
           halted ? "reducing; the account is halted" : "only risk-reducing orders from now on");
}

static void halt(nt_lane *lane, const nt_command *command) {
    lane_lower_trading(lane, command->instrument, NT_TRADING_HALTED, command->reason);
    begin_cancels(lane, command->instrument);
    answer_when_closed(lane, command);
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
    answer(lane, command->ticket, status, "%s", limits_text(status));
}

static void stop(nt_lane *lane, const nt_command *command) {
    lane->stopping = true;
    lane->stop_ticket = command->ticket;
    lane->stop_ns = lane->now_ns;
    lane->keep_orders = command->argument[0] != 0;
    lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, LANE_STOPPING);
    if (!lane->keep_orders) begin_cancels(lane, NT_NO_INSTRUMENT);
}

static void carry_out_command(nt_lane *lane, const nt_command *command) {
    switch (command->kind) {
    case NT_COMMAND_HALT:
        halt(lane, command);
        break;
    case NT_COMMAND_RESUME:
        resume(lane, command);
        break;
    case NT_COMMAND_REDUCE:
        reduce(lane, command);
        break;
    case NT_COMMAND_CANCEL_ORDER:
        cancel_one(lane, command);
        break;
    case NT_COMMAND_CANCEL_ALL:
        begin_cancels(lane, command->instrument);
        answer_when_closed(lane, command);
        break;
    case NT_COMMAND_FLATTEN:
        begin_flatten(lane, command);
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
    default:
        answer(lane, command->ticket, NT_UNSUPPORTED, "not a command of this version");
        break;
    }
}

static void take_command(nt_lane *lane, const nt_command *command) {
    lane->sequence++;
    lane_journal(lane, NT_RECORD_COMMAND, command, sizeof *command);
    bool known = command->instrument == NT_NO_INSTRUMENT ||
                 command->instrument < lane->config.instrument_count;
    if (known)
        carry_out_command(lane, command);
    else
        answer(lane, command->ticket, NT_NOT_FOUND, "no such instrument");
}

static void obey_halt_flag(nt_lane *lane) {
    if (!nt_command_halted(lane->config.commands)) return;
    if (nt_gate_state(lane->gate, NT_NO_INSTRUMENT) == NT_TRADING_HALTED) return;
    lane->sequence++;
    lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, "the halt flag is raised");
    begin_cancels(lane, NT_NO_INSTRUMENT);
}

uint32_t lane_take_commands(nt_lane *lane) {
    if (lane->config.commands == NULL || !lane->started) return 0;
    nt_command command;
    uint32_t taken = 0;
    while (taken < COMMANDS_PER_TURN && nt_command_take(lane->config.commands, &command) == NT_OK) {
        take_command(lane, &command);
        taken++;
    }
    obey_halt_flag(lane);
    return taken;
}
