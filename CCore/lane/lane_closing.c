// lane_closing.c — bringing orders and positions to an end: cancels, flatten, stop.
//
// Each goes on until the venue's evidence says that it is done; a failure on the way is tried
// again and never ends it. Whoever asked is answered then, not when the request went out.
#include "lane_internal.h"

#define STOP_PATIENCE_NS       (5 * LANE_SECOND_NS)
#define FLATTEN_PATIENCE_TRIES 5u
#define PPM                    INT64_C(1000000)

/// Every order of ours so far; later ones are not meant.
static nt_order_key last_key(const nt_lane *lane) {
    return nt_order_key_make(lane->epoch, lane->order_sequence);
}

// --- cancel all --------------------------------------------------------------------------------

static bool is_awaited(const nt_order *order, nt_instrument_id instrument, nt_order_key up_to) {
    return order != NULL && !nt_order_is_terminal(order->state) &&
           order->state != NT_ORDER_DISPUTED && order->intent.order <= up_to &&
           !(nt_planted(NT_BUG_HALT_SPARES_UNKNOWN) && order->state == NT_ORDER_UNKNOWN) &&
           lane_concerns(instrument, order->intent.instrument);
}

/// A dispute ends by the operator's word alone: its order is cancelled once, and not waited for.
static bool is_uncancelled_dispute(const nt_order *order, nt_instrument_id instrument) {
    return order != NULL && order->state == NT_ORDER_DISPUTED && order->cancel == NT_PENDING_NONE &&
           order->intent.instrument == instrument;
}

static uint32_t count_open(const nt_lane *lane, nt_instrument_id instrument, nt_order_key up_to) {
    uint32_t open = 0;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++)
        open += is_awaited(nt_orders_at(lane->orders, i), instrument, up_to);
    return open;
}

/// Orders that rounds of cancels still mean.
static uint32_t count_meant(const nt_lane *lane, const lane_market *market) {
    nt_instrument_id instrument = lane_slot(lane, market);
    uint32_t meant = count_open(lane, instrument, market->cancel_up_to);
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++)
        meant += is_uncancelled_dispute(nt_orders_at(lane->orders, i), instrument);
    return meant;
}

static void cancel_round(nt_lane *lane, lane_market *market) {
    nt_instrument_id instrument = lane_slot(lane, market);
    market->cancelled_ns = lane->now_ns;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (is_awaited(order, instrument, market->cancel_up_to) ||
            is_uncancelled_dispute(order, instrument))
            (void)lane_cancel(lane, order);
    }
}

void lane_begin_cancel(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    market->cancel_up_to = last_key(lane);
    market->cancelled_ns = 0;
}

void lane_begin_cancels(nt_lane *lane, nt_instrument_id instrument) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (lane_concerns(instrument, i)) lane_begin_cancel(lane, i);
}

static void cancel_turn(nt_lane *lane, lane_market *market) {
    if (market->cancel_up_to == 0) return;
    bool again =
        lane->now_ns - market->cancelled_ns >= LANE_REPEAT_NS && !nt_planted(NT_BUG_CANCEL_ONCE);
    if (market->cancelled_ns == 0 || again) cancel_round(lane, market);
    if (count_meant(lane, market) == 0) market->cancel_up_to = 0;
}

// --- waiting commands --------------------------------------------------------------------------

/// Answers the command when nothing of its scope that exists now is open any more.
void lane_answer_when_closed(nt_lane *lane, const nt_command *command) {
    for (uint32_t i = 0; i < LANE_MAX_WAITERS; i++) {
        if (lane->waiters[i].ticket != 0) continue;
        lane->waiters[i] = (lane_waiter){
            .ticket = command->ticket, .instrument = command->instrument, .up_to = last_key(lane)};
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

// --- flatten -----------------------------------------------------------------------------------

static void answer_flatten(nt_lane *lane, lane_market *market, nt_status status, const char *text) {
    if (market->flatten.ticket == 0) return;
    lane_answer(lane, market->flatten.ticket, status, "%s: %s", market->instrument.symbol, text);
    market->flatten.ticket = 0;
}

/// Whether so many lots at the price are worth what the venue asks for at least.
static bool is_worth_an_order(const nt_instrument *instrument, int64_t price, int64_t lots) {
    nt_money value = 0;
    return !nt_notional(instrument, price, lots, &value) || value >= instrument->min_notional;
}

/// As many of the lots as the venue takes in one order; the next try takes more.
static int64_t most_of(const nt_instrument *instrument, int64_t price, int64_t lots) {
    nt_money value = 0;
    if (instrument->max_quantity > 0 && instrument->max_quantity < lots)
        lots = instrument->max_quantity;
    bool fits = instrument->max_notional == 0 || !nt_notional(instrument, price, lots, &value) ||
                value <= instrument->max_notional;
    // The value is rounded down, hence the one more below the line.
    return fits ? lots
                : (int64_t)((__int128)lots * instrument->max_notional / ((__int128)value + 1));
}

/// Half the emergency collar beyond the touch, or the touch where that is worth too little to sell.
static int64_t exit_price(const nt_lane *lane, const lane_market *market, int64_t lots) {
    int64_t collar = nt_gate_instrument(lane->gate, lane_slot(lane, market)).emergency_collar_ppm;
    bool selling = market->position.lots > 0;
    int64_t touch = selling ? market->valid_bid.price : market->valid_ask.price;
    int64_t away = (int64_t)((__int128)touch * (collar / 2) / PPM);
    int64_t price = selling ? touch - away : touch + away;
    return is_worth_an_order(&market->instrument, price, lots) ? price : touch;
}

/// A limit inside the emergency collar that takes at once: bounded in price, never resting.
static nt_intent exit_intent(const nt_lane *lane, const lane_market *market, int64_t lots) {
    int64_t price = exit_price(lane, market, lots);
    return (nt_intent){
        .price = price,
        .quantity = most_of(&market->instrument, price, lots),
        .instrument = lane_slot(lane, market),
        .strategy = NT_OPERATOR,
        .kind = NT_INTENT_PLACE,
        .side = market->position.lots > 0 ? NT_SELL : NT_BUY,
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
    int64_t mark = market->valid_bid.price;
    if (lots == 0 || lots < market->instrument.min_quantity) return true;
    return mark > 0 && !is_worth_an_order(&market->instrument, mark, lots);
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

void lane_begin_flatten(nt_lane *lane, const nt_command *command) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        if (!lane_concerns(command->instrument, i)) continue;
        lane_market *market = &lane->markets[i];
        if (market->flatten.ticket != 0)
            answer_flatten(lane, market, NT_BUSY, "flattened by a later command");
        // Every instrument answers under the one ticket. No entry may race the exit.
        market->flatten = (lane_flatten){.active = true, .ticket = command->ticket};
        lane_lower_trading(lane, i, NT_TRADING_REDUCING, "flatten");
    }
}

// --- stop --------------------------------------------------------------------------------------

/// What was not done when the lane ends is not done by it any more.
static void answer_all(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        answer_flatten(lane, &lane->markets[i], NT_TIMEOUT, "not closed; the bot has stopped");
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
        cancel_turn(lane, &lane->markets[i]);
        flatten_turn(lane, &lane->markets[i]);
    }
    waiters_turn(lane);
    stop_turn(lane);
}
