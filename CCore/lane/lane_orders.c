// lane_orders.c — from an intent to bytes on the wire.
//
// The write-ahead rule: the request is in the journal's ring before its first byte is handed to
// the socket, in a strict journal on the disk. What waits for the disk, or finds no room in the
// socket, waits a moment (lane_queue.c); what the socket did not take is abandoned, provably
// unsent; whatever it took stays in doubt until the venue says otherwise.
#include "lane_internal.h"

#include <string.h>

typedef __int128 wide;

static int64_t clamp(wide value) {
    if (value > INT64_MAX) return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

bool lane_day_profit(const nt_lane *lane, nt_money *profit) {
    wide total = -(wide)lane->day_start_profit;
    bool known = true;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        const lane_market *market = &lane->markets[i];
        const nt_position *position = &market->position;
        int64_t mark = position->lots >= 0 ? market->valid_bid.price : market->valid_ask.price;
        total += (wide)position->realised - position->fees;
        if (mark > 0)
            total += nt_position_unrealised(position, &market->instrument, mark);
        else if (position->lots != 0)
            known = false;
    }
    *profit = clamp(total);
    return known;
}

/// Value of the instrument if everything open on its worse side is filled.
static wide worst_value(const nt_lane *lane, uint32_t slot) {
    const lane_market *market = &lane->markets[slot];
    nt_exposure exposure = nt_orders_exposure(lane->orders, slot);
    wide longest = (wide)market->position.lots + exposure.open_buy;
    wide shortest = (wide)market->position.lots - exposure.open_sell;
    int64_t lots = clamp(longest > -shortest ? longest : -shortest);
    int64_t mark = market->valid_ask.price;
    nt_money value = 0;
    if (lots <= 0) return 0;
    if (mark <= 0) { // No price yet: what was paid, and what the orders may pay.
        wide cost = market->position.cost;
        return (cost < 0 ? -cost : cost) + exposure.open_value;
    }
    // A value that does not fit is larger than any limit.
    return nt_notional(&market->instrument, mark, lots, &value) ? value : INT64_MAX;
}

static uint32_t weight_of(const nt_lane *lane, nt_request_kind kind) {
    const nt_codec *codec = lane->config.codec;
    return lane->config.paper != NULL ? 0 : codec->weight(codec->context, kind);
}

static nt_gate_view gate_view(const nt_lane *lane, const nt_intent *intent, uint32_t weight) {
    nt_gate_view view = {.weight = weight, .connected = lane_is_ready(lane)};
    // Cancels are allowed as soon as somebody listens.
    if (intent->kind == NT_INTENT_CANCEL) view.connected = lane_is_connected(lane);
    view.open_value = nt_orders_open_value(lane->orders);
    view.open_orders = nt_orders_live_count(lane->orders);
    // What is not known is not a profit.
    if (!lane_day_profit(lane, &view.day_profit)) view.day_profit = -INT64_MAX;
    view.target = nt_orders_find(lane->orders, intent->order);
    if (intent->instrument >= lane->config.instrument_count) return view;
    const lane_market *market = &lane->markets[intent->instrument];
    nt_lane_view seen = lane_view(lane, market);
    view.instrument = &market->instrument;
    view.position = &market->position;
    view.exposure = seen.exposure;
    view.bid = market->valid_bid;
    view.ask = market->valid_ask;
    view.book_valid = seen.valid;
    view.reference_received_ns = market->touch_ns;
    view.reference_venue_age_ns = market->venue_ns != 0 ? lane->wall_ns - market->venue_ns : -1;
    wide gross = 0;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (i != intent->instrument) gross += worst_value(lane, i);
    view.gross_value = clamp(gross);
    return view;
}

/// The order's own share of the worst case is taken out: the gate adds it again.
nt_verdict lane_judge_again(const nt_lane *lane, const nt_order *order) {
    const nt_intent *intent = &order->intent;
    nt_gate_view view = gate_view(lane, intent, 0);
    nt_exposure *exposure = &view.exposure;
    int64_t lots;
    nt_money value;
    nt_orders_reserved(lane->orders, intent->order, &lots, &value);
    *(intent->side == NT_BUY ? &exposure->open_buy : &exposure->open_sell) -= lots;
    view.open_value -= value;
    view.open_orders -= 1;
    view.booked = true;
    return nt_gate_check(lane->gate, &view, intent, lane->now_ns);
}

nt_verdict lane_judge_alone(const nt_lane *lane, const nt_intent *intent) {
    nt_gate_view view = gate_view(lane, intent, weight_of(lane, NT_REQUEST_PLACE));
    *(intent->side == NT_BUY ? &view.exposure.open_buy : &view.exposure.open_sell) = 0;
    return nt_gate_check(lane->gate, &view, intent, lane->now_ns);
}

// --- handing over ------------------------------------------------------------------------------

static nt_status encode_and_send(nt_lane *lane, const nt_request *request) {
    if (lane->config.paper != NULL)
        return nt_paper_submit(lane->config.paper, request, lane->now_ns);
    if (lane->orders_stream == NT_MAX_STREAMS || !lane->session_ready) return NT_CLOSED;
    uint8_t buffer[NT_MAX_REQUEST_BYTES];
    uint32_t length = 0;
    const nt_codec *codec = lane->config.codec;
    nt_status status = codec->encode(codec->context, request, lane->wall_ns / 1000000, buffer,
                                     sizeof buffer, &length);
    if (status != NT_OK) return status == NT_IO ? NT_INVALID : status;
    status = lane->config.wire.send(lane->config.wire.context, lane->orders_stream, buffer, length);
    if (status == NT_BUSY) lane_count(&lane->counters.send_busy);
    // A connection that broke while sending may have sent.
    return status == NT_OK || status == NT_BUSY || status == NT_CLOSED ? status : NT_IO;
}

nt_status lane_submit(nt_lane *lane, const nt_request *request) {
    nt_status status = encode_and_send(lane, request);
    if (status != NT_OK && status != NT_IO) lane_give_back_budget(lane, request->kind);
    return status;
}

/// Books the weight of what the gate did not judge.
static void book_weight(nt_lane *lane, nt_request_kind kind) {
    nt_intent weightless = {.kind = NT_INTENT_CANCEL};
    nt_gate_commit(lane->gate, &weightless, weight_of(lane, kind), lane->now_ns);
}

static void journal_request(nt_lane *lane, const nt_request *request) {
    lane_journal(lane, NT_RECORD_REQUEST, request, sizeof *request);
}

void lane_note_sent(nt_lane *lane, nt_order_key key, nt_status status, int64_t since_ns) {
    if (status == NT_OK) {
        lane_count(&lane->counters.orders_sent);
        nt_histogram_record(lane->histograms[NT_STAGE_ORDER],
                            nt_now(&lane->config.clock) - since_ns);
    }
    bool unsent = status != NT_OK && status != NT_IO;
    lane_step_order(lane, key, unsent ? NT_ORDER_ON_SEND_FAILED : NT_ORDER_ON_SEND);
    if (status == NT_IO) lane_step_order(lane, key, NT_ORDER_ON_SILENCE);
}

/// Nothing overtakes what waits.
static void place(nt_lane *lane, const nt_request *request) {
    lane_queue_turn(lane);
    bool waits = lane->queued_count > 0 || !lane_is_recorded(lane);
    if (waits) lane_give_back_budget(lane, NT_REQUEST_PLACE);
    nt_status status = waits ? NT_BUSY : lane_submit(lane, request);
    if (status == NT_BUSY && lane_queue_add(lane, request)) return;
    lane_note_sent(lane, request->intent.order, status, lane->trigger_ns);
}

void lane_mark_change(nt_lane *lane, const nt_request *request, nt_status status) {
    nt_order_key key = request->intent.order;
    nt_pending pending = status == NT_OK ? NT_PENDING_REQUESTED : NT_PENDING_UNKNOWN;
    // An answer is awaited from now on. Cancels that are repeated must not put off the question
    // that their missing answers raise, nor the one about an order in doubt.
    const nt_order *order = nt_orders_find(lane->orders, key);
    const bool first = order->state != NT_ORDER_UNKNOWN && order->cancel == NT_PENDING_NONE;
    if (first || nt_planted(NT_BUG_CANCEL_PUTS_OFF_QUESTION))
        nt_orders_mark_query(lane->orders, key, lane->now_ns);
    if (request->kind == NT_REQUEST_CANCEL) {
        lane_count(&lane->counters.cancels_sent);
        nt_orders_mark_cancel(lane->orders, key, pending);
    } else {
        nt_orders_mark_amend(lane->orders, key, pending, request->intent.quantity);
    }
}

/// NT_OK: sent, or it waits for the disk and will be.
static nt_status change(nt_lane *lane, const nt_request *request) {
    journal_request(lane, request);
    if (!lane_is_recorded(lane)) {
        lane_give_back_budget(lane, request->kind);
        return lane_queue_add(lane, request) ? NT_OK : NT_BUSY;
    }
    nt_status status = lane_submit(lane, request);
    if (status == NT_OK || status == NT_IO) lane_mark_change(lane, request, status);
    return status;
}

// --- judging -----------------------------------------------------------------------------------

/// Price at which a market order counts: the far side of the touch.
static int64_t reference_price(const nt_lane *lane, const nt_intent *intent) {
    if (intent->instrument >= lane->config.instrument_count) return 0;
    const lane_market *market = &lane->markets[intent->instrument];
    return intent->side == NT_BUY ? market->valid_ask.price : market->valid_bid.price;
}

/// Field by field: no byte of padding reaches the journal, so that equal runs write equal bytes.
static void journal_verdict(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict) {
    nt_record_verdict record;
    memset(&record, 0, sizeof record);
    record.intent = *intent;
    record.verdict.refusal = verdict->refusal;
    record.verdict.reducing = verdict->reducing;
    record.verdict.value = verdict->value;
    record.verdict.limit = verdict->limit;
    record.reference = reference_price(lane, intent);
    lane_journal(lane, NT_RECORD_VERDICT, &record, sizeof record);
}

/// The same refusal again and again is counted, not written: it changes nothing.
static bool is_told(nt_lane *lane, const nt_intent *intent, nt_refusal refusal) {
    if (intent->instrument >= lane->config.instrument_count || intent->side > NT_SELL) return false;
    lane_refused *last = &lane->markets[intent->instrument].refused[intent->side];
    bool same = intent->strategy != NT_OPERATOR && last->refusal == refusal &&
                lane->now_ns - last->told_ns < LANE_REPEAT_NS;
    if (!same) *last = (lane_refused){.refusal = refusal, .told_ns = lane->now_ns};
    return same;
}

void lane_refuse(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict) {
    lane_count(&lane->counters.refusals);
    if (is_told(lane, intent, verdict->refusal)) return;
    journal_verdict(lane, intent, verdict);
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_REFUSED, intent->instrument);
    if (notice == NULL) return;
    notice->intent = *intent;
    notice->verdict = *verdict;
    lane_notice_end(lane);
}

/// What the gate does not see of a change: the same is on its way, or the order is not.
static nt_refusal look_at_target(const nt_lane *lane, const nt_intent *intent) {
    const nt_order *target = nt_orders_find(lane->orders, intent->order);
    if (target->state == NT_ORDER_QUEUED) return NT_REFUSAL_NO_SUCH_ORDER;
    nt_pending pending = intent->kind == NT_INTENT_CANCEL ? target->cancel : target->amend;
    return pending == NT_PENDING_REQUESTED ? NT_REFUSAL_DUPLICATE : NT_PASS;
}

/// What is left after the gate: the shared budget and room in the table.
static bool prepare(nt_lane *lane, const nt_intent *intent, nt_request_kind kind,
                    nt_verdict *verdict) {
    if (kind != NT_REQUEST_PLACE) verdict->refusal = look_at_target(lane, intent);
    if (verdict->refusal != NT_PASS) return false;
    // Cancels and exits may use the reserve.
    nt_budget_class who = verdict->reducing ? NT_BUDGET_CANCEL : NT_BUDGET_ORDER;
    if (!lane_take_budget(lane, who, kind, verdict)) return false;
    if (kind != NT_REQUEST_PLACE) return true;
    if (nt_orders_add(lane->orders, intent, reference_price(lane, intent), lane->now_ns) == NT_OK)
        return true;
    lane_give_back_budget(lane, kind);
    verdict->refusal = NT_REFUSAL_TABLE_FULL;
    return false;
}

static void send_approved(nt_lane *lane, const nt_intent *intent, nt_request_kind kind) {
    nt_request request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    request.intent = *intent;
    if (kind != NT_REQUEST_PLACE) {
        request.venue_order = nt_orders_find(lane->orders, intent->order)->venue_order;
        const bool busy = change(lane, &request) == NT_BUSY;
        if (busy && kind == NT_REQUEST_CANCEL) (void)lane_queue_add(lane, &request);
        return;
    }
    journal_request(lane, &request);
    if (lane->journal_failed)
        lane_step_order(lane, intent->order, NT_ORDER_ON_SEND_FAILED);
    else
        place(lane, &request);
}

/// A cancel of an order that still waits here: there is nothing to send.
static bool takes_back(nt_lane *lane, const nt_intent *intent, nt_verdict *verdict) {
    const nt_order *order = nt_orders_find(lane->orders, intent->order);
    if (intent->kind != NT_INTENT_CANCEL || order == NULL || order->state != NT_ORDER_QUEUED ||
        order->intent.instrument != intent->instrument)
        return false;
    *verdict = (nt_verdict){.reducing = true};
    journal_verdict(lane, intent, verdict);
    return lane_unqueue(lane, intent->order);
}

static nt_refusal judge_and_send(nt_lane *lane, nt_intent *intent, nt_verdict *verdict,
                                 bool owns_exit) {
    static const nt_request_kind kinds[NT_INTENT_KIND_COUNT] = {NT_REQUEST_PLACE, NT_REQUEST_CANCEL,
                                                                NT_REQUEST_AMEND};
    bool known = intent->kind < NT_INTENT_KIND_COUNT;
    nt_request_kind kind = known ? kinds[intent->kind] : NT_REQUEST_PLACE;
    uint32_t weight = weight_of(lane, kind);
    if (takes_back(lane, intent, verdict)) return NT_PASS;
    if (kind == NT_REQUEST_PLACE)
        intent->order = nt_order_key_make(lane->epoch, ++lane->order_sequence);
    bool admitted = owns_exit || lane_exit_admits(lane, intent, verdict);
    nt_gate_view view = gate_view(lane, intent, weight);
    if (admitted) *verdict = nt_gate_check(lane->gate, &view, intent, lane->now_ns);
    if (verdict->refusal != NT_PASS || !prepare(lane, intent, kind, verdict)) {
        lane_refuse(lane, intent, verdict);
        return verdict->refusal;
    }
    if (!nt_planted(NT_BUG_ORDER_NOT_JOURNALED)) journal_verdict(lane, intent, verdict);
    nt_gate_commit(lane->gate, intent, weight, lane->now_ns);
    send_approved(lane, intent, kind);
    return NT_PASS;
}

nt_refusal lane_carry_out(nt_lane *lane, nt_intent *intent, nt_verdict *verdict) {
    lane_count(&lane->counters.intents);
    if (intent->kind == NT_INTENT_EXIT) return lane_exit_begin(lane, intent, verdict);
    return judge_and_send(lane, intent, verdict, false);
}

nt_refusal lane_carry_out_exit(nt_lane *lane, nt_intent *intent, nt_verdict *verdict) {
    lane_count(&lane->counters.intents);
    return judge_and_send(lane, intent, verdict, true);
}

// --- without the gate --------------------------------------------------------------------------

/// The venue listens, has not asked for silence, and the budget has room.
static bool may_send(nt_lane *lane, nt_budget_class who, nt_request_kind kind) {
    nt_verdict verdict = {0};
    return lane_is_connected(lane) && !lane_is_silenced(lane) &&
           lane_take_budget(lane, who, kind, &verdict);
}

void lane_cancel_request(nt_request *request, const nt_order *order) {
    memset(request, 0, sizeof *request);
    request->kind = NT_REQUEST_CANCEL;
    request->intent = order->intent;
    request->intent.kind = NT_INTENT_CANCEL;
    request->venue_order = order->venue_order;
}

bool lane_cancel(nt_lane *lane, const nt_order *order) {
    if (lane_unqueue(lane, order->intent.order)) return true;
    if (!may_send(lane, NT_BUDGET_CANCEL, NT_REQUEST_CANCEL)) return false;
    nt_request request;
    lane_cancel_request(&request, order);
    if (change(lane, &request) != NT_OK) return false;
    book_weight(lane, NT_REQUEST_CANCEL);
    return true;
}

static bool ask(nt_lane *lane, const nt_request *request) {
    if (!may_send(lane, NT_BUDGET_QUERY, request->kind)) return false;
    if (lane_submit(lane, request) != NT_OK) return false;
    book_weight(lane, request->kind);
    lane_count(&lane->counters.queries_sent);
    return true;
}

bool lane_ask(nt_lane *lane, nt_request_kind kind, nt_instrument_id instrument, nt_order_key key) {
    nt_request request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    const nt_order *order = nt_orders_find(lane->orders, key);
    if (order != NULL) {
        request.intent = order->intent;
        request.venue_order = order->venue_order;
    }
    request.intent.instrument = instrument;
    if (kind == NT_REQUEST_FILLS) request.since = lane->markets[instrument].listing.from;
    if (!ask(lane, &request)) return false;
    if (order != NULL) nt_orders_mark_query(lane->orders, key, lane->now_ns);
    return true;
}

bool lane_ask_owner(nt_lane *lane, nt_instrument_id instrument, int64_t venue_order) {
    nt_request request;
    memset(&request, 0, sizeof request);
    request.kind = NT_REQUEST_QUERY;
    request.intent.instrument = instrument;
    request.venue_order = venue_order;
    return ask(lane, &request);
}

// --- steps -------------------------------------------------------------------------------------

void lane_step_order(nt_lane *lane, nt_order_key key, nt_order_event event) {
    nt_order_change change;
    if (nt_orders_step(lane->orders, key, event, lane->now_ns, &change) != NT_OK) return;
    nt_record_step record = {.order = key, .event = event};
    lane_journal(lane, NT_RECORD_STEP, &record, sizeof record);
    nt_instrument_id instrument = change.order.intent.instrument;
    lane_note_change(lane, instrument, &change);
    lane_tell_order(lane, instrument, &change, NULL);
    lane_queue_change(lane, &change);
}
