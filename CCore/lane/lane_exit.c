// lane_exit.c — the one owner of every lot that is offered to exit.
//
// Offered is what orders on the closing side may still trade by the worst reading: resting,
// waiting, in flight, UNKNOWN, and those whose cancel nobody has proven yet. It is never more than
// held, so an exit gets what is free, and the orders in its way are cancelled; their lots become
// free one by one, as the venue's evidence ends them, and only then are they offered anew. A cancel
// that was asked for, or whose outcome is unknown, frees nothing. What an older order still trades
// on the way is no more to leave: both shrink.
//
// An instrument is left by one exit at a time: a strategy's, which offers each lot once, or a
// flatten, which goes on until it is flat. Meanwhile no other order may offer the same lots. A lot
// is promised in memory only: after a crash the orders are still owned, and who wanted out asks
// again.
#include "lane_internal.h"

#define FLATTEN_PATIENCE_TRIES 5u
#define PPM                    INT64_C(1000000)
#define ALL_LOTS               INT64_MAX // What a flatten has left, whatever it offers.

// --- what is held, offered and free --------------------------------------------------------------

static nt_side closing_side(const lane_market *market) {
    return market->position.lots > 0 ? NT_SELL : NT_BUY;
}

/// Lots that can be closed: those that fees in the base asset took are not there any more.
static int64_t held_lots(const lane_market *market) {
    if (market->position.lots < 0) return -market->position.lots;
    return nt_position_sellable(&market->position, &market->instrument);
}

static int64_t offered_lots(const nt_lane *lane, const lane_market *market) {
    nt_exposure exposure = nt_orders_exposure(lane->orders, lane_slot(lane, market));
    return closing_side(market) == NT_SELL ? exposure.open_sell : exposure.open_buy;
}

static int64_t free_lots(const nt_lane *lane, const lane_market *market) {
    int64_t held = held_lots(market), offered = offered_lots(lane, market);
    return held > offered ? held - offered : 0;
}

/// Whether so many lots at the price are worth what the venue asks for at least.
static bool is_worth_an_order(const nt_instrument *instrument, int64_t price, int64_t lots) {
    nt_money value = 0;
    return !nt_notional(instrument, price, lots, &value) || value >= instrument->min_notional;
}

/// Too little for the venue's filters.
static bool is_dust(const lane_market *market, int64_t lots) {
    int64_t mark = market->valid_bid.price;
    if (lots == 0 || lots < market->instrument.min_quantity) return true;
    return mark > 0 && !is_worth_an_order(&market->instrument, mark, lots);
}

/// Said once for what is left: nothing is tried with it until it is more, or less.
static bool is_news_of_dust(nt_lane *lane, lane_market *market) {
    if (market->dust_lots == market->position.lots) return false;
    market->dust_lots = market->position.lots;
    lane_alarm(lane, lane_slot(lane, market),
               "what is left of %s is dust: less than the venue takes in an order",
               market->instrument.symbol);
    return true;
}

// --- the price of an exit ------------------------------------------------------------------------

/// Half the emergency collar beyond the touch, or the touch where that is worth too little to sell.
static int64_t exit_price(const nt_lane *lane, const lane_market *market, int64_t lots) {
    int64_t collar = nt_gate_instrument(lane->gate, lane_slot(lane, market)).emergency_collar_ppm;
    bool selling = closing_side(market) == NT_SELL;
    int64_t touch = selling ? market->valid_bid.price : market->valid_ask.price;
    int64_t away = (int64_t)((__int128)touch * (collar / 2) / PPM);
    int64_t price = selling ? touch - away : touch + away;
    return is_worth_an_order(&market->instrument, price, lots) ? price : touch;
}

/// Out at once, and at no nonsense of a price: a limit inside the emergency collar that never
/// rests. Without a touch there is no price: it stays a market order, which the gate refuses.
static void bind_price(const nt_lane *lane, const lane_market *market, nt_intent *intent) {
    int64_t price = exit_price(lane, market, intent->quantity);
    if (intent->type != NT_MARKET || price <= 0) return;
    intent->type = NT_LIMIT;
    intent->price = price;
    if (intent->tif != NT_FOK) intent->tif = NT_IOC;
}

/// As many of the lots as the venue takes in one order; the next one takes more.
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

/// An order of the wish for so many lots, or as many of them as one order may have.
static nt_intent order_of(const nt_lane *lane, const lane_market *market, const nt_intent *wish,
                          int64_t lots) {
    nt_intent intent = *wish;
    intent.kind = NT_INTENT_PLACE;
    intent.order = 0;
    intent.side = closing_side(market);
    intent.flags |= NT_INTENT_REDUCE_ONLY;
    intent.quantity = lots;
    bind_price(lane, market, &intent);
    int64_t price = intent.price > 0 ? intent.price : intent.stop_price;
    intent.quantity = most_of(&market->instrument, price, lots);
    return intent;
}

// --- making way ----------------------------------------------------------------------------------

/// A dispute ends by the operator's word alone; its instrument is halted.
static bool is_in_the_way(const nt_order *order, const lane_exit *exit) {
    return order != NULL && order->intent.order <= exit->older &&
           order->intent.instrument == exit->wish.instrument &&
           !nt_order_is_terminal(order->state) && order->state != NT_ORDER_DISPUTED &&
           (exit->flattens || order->intent.side == exit->wish.side);
}

/// Cancels what is in the way, again each second, however often exits are wished for. Returns how
/// many orders still are.
static uint32_t make_way(nt_lane *lane, lane_exit *exit) {
    uint32_t left = 0;
    if (exit->older == 0) return 0;
    bool again = lane->now_ns - exit->cancelled_ns >= LANE_REPEAT_NS;
    if (again) exit->cancelled_ns = lane->now_ns;
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (!is_in_the_way(order, exit)) continue;
        if (again || order->cancel == NT_PENDING_NONE) (void)lane_cancel(lane, order);
        left += is_in_the_way(order, exit);
    }
    return left;
}

/// Their lots come together within a moment, mostly: one order is better than three.
static bool awaits_more(const nt_lane *lane, const lane_exit *exit, uint32_t in_the_way) {
    return in_the_way > 0 && lane->now_ns - exit->begun_ns < LANE_REPEAT_NS;
}

// --- a strategy's exit ---------------------------------------------------------------------------

static void show_waiting(lane_market *market) {
    const lane_exit *exit = &market->exit;
    int64_t held = held_lots(market);
    int64_t lots = !exit->active ? 0 : exit->left < held ? exit->left : held;
    // Relaxed: a reader wants a recent number, no more.
    atomic_store_explicit(&market->exit_lots, lots, memory_order_relaxed);
}

static void end_exit(lane_market *market) {
    market->exit.active = false;
    show_waiting(market);
}

/// What passes by itself is tried again; everything else needs another wish.
static bool may_pass_later(nt_refusal refusal) {
    switch (refusal) {
    case NT_REFUSAL_NOT_CONNECTED:
    case NT_REFUSAL_NO_REFERENCE:
    case NT_REFUSAL_RATE:
    case NT_REFUSAL_VENUE_BUDGET:
    case NT_REFUSAL_DUPLICATE:
    case NT_REFUSAL_SELF_CROSS:
    case NT_REFUSAL_TABLE_FULL:
        return true;
    default:
        return false;
    }
}

/// Offers so many lots. What never left is offered again a second later.
static nt_refusal offer(nt_lane *lane, lane_market *market, int64_t lots, nt_intent *intent,
                        nt_verdict *verdict) {
    lane_exit *exit = &market->exit;
    *intent = order_of(lane, market, &exit->wish, lots);
    exit->tried_ns = lane->now_ns;
    nt_refusal refusal = lane_carry_out_exit(lane, intent, verdict);
    const nt_order *order = nt_orders_find(lane->orders, intent->order);
    if (refusal != NT_PASS || order == NULL || order->state == NT_ORDER_ABANDONED) return refusal;
    exit->tried_ns = 0;
    if (!exit->flattens) exit->left -= intent->quantity;
    return NT_PASS;
}

static int64_t lots_to_offer(const nt_lane *lane, const lane_market *market) {
    int64_t lots = free_lots(lane, market);
    return market->exit.left < lots ? market->exit.left : lots;
}

static void leave_turn(nt_lane *lane, lane_market *market) {
    lane_exit *exit = &market->exit;
    if (!lane_is_ready(lane)) return;
    uint32_t in_the_way = make_way(lane, exit);
    if (awaits_more(lane, exit, in_the_way)) return;
    bool is_over = market->position.lots == 0 || closing_side(market) != exit->wish.side;
    int64_t lots = is_over ? 0 : lots_to_offer(lane, market);
    if (is_dust(market, lots)) {
        if (in_the_way > 0 && !is_over) return;
        if (lots > 0) (void)is_news_of_dust(lane, market);
        end_exit(market);
        return;
    }
    if (exit->tried_ns != 0 && lane->now_ns - exit->tried_ns < LANE_REPEAT_NS) return;
    nt_intent intent;
    nt_verdict verdict;
    nt_refusal refusal = offer(lane, market, lots, &intent, &verdict);
    if (refusal == NT_PASS || may_pass_later(refusal)) return;
    if (exit->wish.strategy != NT_OPERATOR) lane_queue_refusal(lane, &exit->wish, &verdict);
    end_exit(market);
}

static bool refuse(nt_verdict *verdict, nt_refusal refusal, int64_t value, int64_t limit) {
    *verdict = (nt_verdict){.refusal = refusal, .reducing = true, .value = value, .limit = limit};
    return false;
}

/// Nothing is cancelled for an exit that the gate would refuse with its lots free.
static bool may_begin(nt_lane *lane, const nt_intent *wish, nt_verdict *verdict) {
    if (wish->instrument >= lane->config.instrument_count)
        return refuse(verdict, NT_REFUSAL_BAD_INTENT, wish->kind, 0);
    lane_market *market = &lane->markets[wish->instrument];
    int64_t held = held_lots(market);
    if (wish->quantity < 0) return refuse(verdict, NT_REFUSAL_NOT_POSITIVE, wish->quantity, 1);
    if (market->exit.active && market->exit.flattens)
        return refuse(verdict, NT_REFUSAL_EXIT_PENDING, held, 0);
    if (wish->quantity == 0) return true;
    if (market->position.lots == 0)
        return refuse(verdict, NT_REFUSAL_NOT_REDUCING, wish->quantity, 0);
    if (is_dust(market, held))
        return refuse(verdict, NT_REFUSAL_DUST, held, market->instrument.min_quantity);
    int64_t lots = wish->quantity < held ? wish->quantity : held;
    nt_intent intent = order_of(lane, market, wish, lots);
    *verdict = lane_judge_alone(lane, &intent);
    return verdict->refusal == NT_PASS;
}

nt_refusal lane_exit_begin(nt_lane *lane, nt_intent *wish, nt_verdict *verdict) {
    *verdict = (nt_verdict){.reducing = true};
    if (!may_begin(lane, wish, verdict)) {
        bool silent = verdict->refusal == NT_REFUSAL_DUST &&
                      !is_news_of_dust(lane, &lane->markets[wish->instrument]);
        if (!silent) lane_refuse(lane, wish, verdict);
        return verdict->refusal;
    }
    lane_market *market = &lane->markets[wish->instrument];
    lane_exit *exit = &market->exit;
    int64_t held = held_lots(market);
    int64_t lots = wish->quantity < held ? wish->quantity : held;
    *exit = (lane_exit){.active = lots > 0,
                        .wish = *wish,
                        .left = lots,
                        .older = lots > free_lots(lane, market) ? lane_last_key(lane) : 0,
                        .begun_ns = lane->now_ns,
                        .cancelled_ns = exit->active ? exit->cancelled_ns : 0};
    exit->wish.side = closing_side(market);
    if (exit->active) leave_turn(lane, market);
    show_waiting(market);
    return NT_PASS;
}

void lane_exit_filled(lane_market *market, const nt_report *report) {
    lane_exit *exit = &market->exit;
    if (!exit->active || exit->flattens || report->side != exit->wish.side) return;
    if (report->order > exit->older) return;
    exit->left -= report->last_quantity < exit->left ? report->last_quantity : exit->left;
    show_waiting(market);
}

bool lane_exit_admits(const nt_lane *lane, nt_intent *intent, nt_verdict *verdict) {
    if (intent->kind != NT_INTENT_PLACE || intent->instrument >= lane->config.instrument_count)
        return true;
    const lane_market *market = &lane->markets[intent->instrument];
    if (market->position.lots == 0 || intent->side != closing_side(market)) return true;
    if (market->exit.active) return refuse(verdict, NT_REFUSAL_EXIT_PENDING, intent->quantity, 0);
    int64_t held = market->position.lots < 0 ? -market->position.lots : market->position.lots;
    bool closes = intent->quantity > 0 && intent->quantity <= held - offered_lots(lane, market);
    if (closes) bind_price(lane, market, intent);
    return true;
}

// --- flatten -------------------------------------------------------------------------------------

void lane_answer_flatten(nt_lane *lane, lane_market *market, nt_status status, const char *text) {
    if (market->exit.ticket == 0) return;
    lane_answer(lane, market->exit.ticket, status, "%s: %s", market->instrument.symbol, text);
    market->exit.ticket = 0;
}

/// Tries again until it is flat; whoever asked hears when it takes long, and why.
static void try_flatten(nt_lane *lane, lane_market *market, int64_t lots) {
    lane_exit *exit = &market->exit;
    if (exit->tried_ns != 0 && lane->now_ns - exit->tried_ns < LANE_REPEAT_NS) return;
    exit->tries++;
    nt_intent intent;
    nt_verdict verdict;
    nt_refusal refusal = offer(lane, market, lots, &intent, &verdict);
    exit->tried_ns = lane->now_ns;
    if (refusal == NT_REFUSAL_HALTED) {
        lane_answer_flatten(lane, market, NT_REFUSED, "halted; resume or reduce first");
        end_exit(market);
    } else if (exit->tries == FLATTEN_PATIENCE_TRIES) {
        lane_answer_flatten(lane, market, NT_TIMEOUT,
                            refusal == NT_PASS ? "not closed yet; goes on"
                                               : nt_refusal_name(refusal));
    }
}

static bool has_open_orders(const nt_lane *lane, const lane_market *market) {
    return nt_orders_exposure(lane->orders, lane_slot(lane, market)).live > 0;
}

static void flatten_turn(nt_lane *lane, lane_market *market) {
    uint32_t in_the_way = make_way(lane, &market->exit);
    if (awaits_more(lane, &market->exit, in_the_way)) return;
    int64_t lots = market->position.lots == 0 ? 0 : lots_to_offer(lane, market);
    if (!is_dust(market, lots)) {
        try_flatten(lane, market, lots);
        return;
    }
    // Its own orders end by themselves.
    if (has_open_orders(lane, market)) return;
    bool flat = market->position.lots == 0;
    if (!flat) (void)is_news_of_dust(lane, market);
    lane_answer_flatten(lane, market, NT_OK, flat ? "flat" : "only dust is left");
    end_exit(market);
}

void lane_begin_flatten(nt_lane *lane, const nt_command *command) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        if (!lane_concerns(command->instrument, i)) continue;
        lane_market *market = &lane->markets[i];
        if (market->exit.ticket != 0)
            lane_answer_flatten(lane, market, NT_BUSY, "flattened by a later command");
        // Every instrument answers under the one ticket. No entry may race the exit.
        market->exit = (lane_exit){
            .active = true,
            .flattens = true,
            .wish = {.instrument = i, .strategy = NT_OPERATOR, .type = NT_MARKET, .tif = NT_IOC},
            .left = ALL_LOTS,
            .older = lane_last_key(lane),
            .begun_ns = lane->now_ns,
            .ticket = command->ticket};
        lane_lower_trading(lane, i, NT_TRADING_REDUCING, "flatten");
    }
}

void lane_exit_turn(nt_lane *lane, lane_market *market) {
    lane_exit *exit = &market->exit;
    if (!exit->active) return;
    if (exit->flattens)
        flatten_turn(lane, market);
    else
        leave_turn(lane, market);
    show_waiting(market);
}

int64_t nt_lane_exit_lots(const nt_lane *lane, nt_instrument_id instrument) {
    return atomic_load_explicit(&lane->markets[instrument].exit_lots, memory_order_relaxed);
}
