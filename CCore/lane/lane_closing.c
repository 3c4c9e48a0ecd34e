// lane_closing.c — bringing orders to an end: cancels, stop. Positions: lane_exit.c.
//
// Each goes on until the venue's evidence says that it is done; a failure on the way is tried
// again and never ends it. Whoever asked is answered then, not when the request went out.
#include "lane_internal.h"

#define STOP_PATIENCE_NS (5 * LANE_SECOND_NS)

/// Every order of ours so far; later ones are not meant.
nt_order_key lane_last_key(const nt_lane *lane) {
    return nt_order_key_make(lane->epoch, lane->order_sequence);
}

// --- cancel all --------------------------------------------------------------------------------

static bool is_awaited(const nt_order *order, uint32_t scope, nt_order_key up_to) {
    return order != NULL && !nt_order_is_terminal(order->state) &&
           order->state != NT_ORDER_DISPUTED && order->intent.order <= up_to &&
           !(nt_planted(NT_BUG_HALT_SPARES_UNKNOWN) && order->state == NT_ORDER_UNKNOWN) &&
           lane_means(scope, &order->intent);
}

/// A dispute ends by the operator's word alone: its order is cancelled once, and not waited for.
static bool is_uncancelled_dispute(const nt_order *order, uint32_t scope) {
    return order != NULL && order->state == NT_ORDER_DISPUTED && order->cancel == NT_PENDING_NONE &&
           lane_means(scope, &order->intent);
}

static uint32_t count_open(const nt_lane *lane, uint32_t scope, nt_order_key up_to) {
    uint32_t open = 0;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++)
        open += is_awaited(nt_orders_at(lane->orders, i), scope, up_to);
    return open;
}

/// Orders that rounds of cancels still mean.
static uint32_t count_meant(const nt_lane *lane, uint32_t scope, const lane_cancels *cancels) {
    uint32_t meant = count_open(lane, scope, cancels->up_to);
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++)
        meant += is_uncancelled_dispute(nt_orders_at(lane->orders, i), scope);
    return meant;
}

static void cancel_round(nt_lane *lane, uint32_t scope, lane_cancels *cancels) {
    cancels->sent_ns = lane->now_ns;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (is_awaited(order, scope, cancels->up_to) || is_uncancelled_dispute(order, scope))
            (void)lane_cancel(lane, order);
    }
}

static void begin(nt_lane *lane, lane_cancels *cancels) {
    *cancels = (lane_cancels){.up_to = lane_last_key(lane)};
}

void lane_begin_cancel(nt_lane *lane, nt_instrument_id instrument) {
    begin(lane, &lane->markets[instrument].cancels);
}

void lane_begin_cancels(nt_lane *lane, uint32_t scope) {
    uint32_t strategy = scope - NT_STRATEGY_SCOPE(0);
    if (strategy < NT_MAX_STRATEGIES) begin(lane, &lane->strategy_cancels[strategy]);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (lane_concerns(scope, i)) lane_begin_cancel(lane, i);
}

static void cancel_turn(nt_lane *lane, uint32_t scope, lane_cancels *cancels) {
    if (cancels->up_to == 0) return;
    bool again =
        lane->now_ns - cancels->sent_ns >= LANE_REPEAT_NS && !nt_planted(NT_BUG_CANCEL_ONCE);
    if (cancels->sent_ns == 0 || again) cancel_round(lane, scope, cancels);
    if (count_meant(lane, scope, cancels) == 0) cancels->up_to = 0;
}

// --- waiting commands --------------------------------------------------------------------------

/// Answers the command when nothing of its scope that exists now is open any more.
void lane_answer_when_closed(nt_lane *lane, const nt_command *command) {
    for (uint32_t i = 0; i < LANE_MAX_WAITERS; i++) {
        if (lane->waiters[i].ticket != 0) continue;
        lane->waiters[i] = (lane_waiter){.ticket = command->ticket,
                                         .instrument = command->instrument,
                                         .up_to = lane_last_key(lane)};
        return;
    }
    lane_answer(lane, command->ticket, NT_BUSY, "being cancelled; too many commands wait for it");
}

static void waiters_turn(nt_lane *lane) {
    for (uint32_t i = 0; i < LANE_MAX_WAITERS; i++) {
        lane_waiter *waiter = &lane->waiters[i];
        if (waiter->ticket == 0 || count_open(lane, waiter->instrument, waiter->up_to) > 0)
            continue;
        lane_answer(lane, waiter->ticket, NT_OK, "no order is open");
        waiter->ticket = 0;
    }
}

// --- stop --------------------------------------------------------------------------------------

/// What was not done when the lane ends is not done by it any more.
static void answer_all(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        lane_answer_flatten(lane, &lane->markets[i], NT_TIMEOUT, "not closed; the bot has stopped");
    if (lane->reconcile_ticket != 0)
        lane_answer(lane, lane->reconcile_ticket, NT_TIMEOUT, "not whole; the bot has stopped");
    for (uint32_t i = 0; i < LANE_MAX_WAITERS; i++) {
        if (lane->waiters[i].ticket == 0) continue;
        lane_answer(lane, lane->waiters[i].ticket, NT_TIMEOUT,
                    "orders are still open; the bot has stopped");
        lane->waiters[i].ticket = 0;
    }
}

static void stop_turn(nt_lane *lane) {
    if (!lane->stopping) return;
    uint32_t open = nt_orders_live_count(lane->orders);
    bool patient = lane->now_ns - lane->stop_ns < STOP_PATIENCE_NS;
    if (count_open(lane, NT_NO_INSTRUMENT, UINT64_MAX) > 0 && !lane->keep_orders && patient) return;
    lane_deliver(lane); // What the strategy hears now is refused whatever it answers.
    answer_all(lane);
    lane_journal_equity(lane);
    nt_record_stop record = {.hash = nt_lane_hash(lane)};
    lane_journal(lane, NT_RECORD_STOP, &record, sizeof record);
    lane_tell(lane, NT_NOTICE_STOPPED, NT_NO_INSTRUMENT, (int64_t)record.hash, "");
    lane_answer(lane, lane->stop_ticket, open == 0 || lane->keep_orders ? NT_OK : NT_TIMEOUT,
                "stopped with %u open orders", open);
    lane->stopping = false;
    atomic_store_explicit(&lane->stopped, true, memory_order_relaxed); // As in nt_lane_stopped.
}

void lane_closing_turn(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        cancel_turn(lane, i, &lane->markets[i].cancels);
        lane_exit_turn(lane, &lane->markets[i]);
    }
    for (uint32_t i = 0; i < NT_MAX_STRATEGIES; i++)
        cancel_turn(lane, NT_STRATEGY_SCOPE(i), &lane->strategy_cancels[i]);
    waiters_turn(lane);
    stop_turn(lane);
}
