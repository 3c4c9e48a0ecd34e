// lane_orders.c — from an intent to bytes on the wire, and from evidence back to a position.
//
// The write-ahead rule: the request is in the journal's ring before its first byte is handed to
// the socket. What the socket did not take is abandoned, provably unsent; whatever it took stays
// in doubt until the venue says otherwise.
#include "lane_internal.h"

#include <string.h>

static bool orders_ready(const nt_lane *lane) {
    return atomic_load_explicit(&lane->ready, memory_order_relaxed);
}

/// Unrealised + realised - fees over all instruments since the day began.
nt_money lane_day_profit(const nt_lane *lane) {
    nt_money total = -lane->day_start_profit;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        const lane_market *market = &lane->markets[i];
        int64_t mark = market->position.lots >= 0 ? market->bid.price : market->ask.price;
        total += market->position.realised - market->position.fees;
        if (mark > 0)
            total += nt_position_unrealised(&market->position, &market->instrument, mark);
    }
    return total;
}

static nt_money worst_value(const nt_lane *lane, uint32_t slot) {
    const lane_market *market = &lane->markets[slot];
    nt_exposure exposure = nt_orders_exposure(lane->orders, slot);
    int64_t longest = market->position.lots + exposure.open_buy;
    int64_t shortest = market->position.lots - exposure.open_sell;
    int64_t lots = longest > -shortest ? longest : -shortest;
    int64_t mark = market->ask.price > 0 ? market->ask.price : market->bid.price;
    nt_money value = 0;
    if (lots <= 0 || mark <= 0) return 0;
    // A value that does not fit is larger than any limit.
    return nt_notional(&market->instrument, mark, lots, &value) ? value : INT64_MAX;
}

static nt_gate_view gate_view(const nt_lane *lane, const nt_intent *intent, uint32_t weight) {
    nt_gate_view view = {.weight = weight, .connected = orders_ready(lane)};
    view.open_value = nt_orders_open_value(lane->orders);
    view.open_orders = nt_orders_live_count(lane->orders);
    view.day_profit = lane_day_profit(lane);
    view.target = nt_orders_find(lane->orders, intent->order);
    if (intent->instrument >= lane->config.instrument_count) return view;
    const lane_market *market = &lane->markets[intent->instrument];
    nt_lane_view seen = lane_view(lane, market);
    view.instrument = &market->instrument;
    view.position = &market->position;
    view.exposure = seen.exposure;
    view.bid = market->bid;
    view.ask = market->ask;
    view.book_valid = seen.valid;
    view.reference_received_ns =
        atomic_load_explicit(&market->last_data_ns, memory_order_relaxed);
    view.reference_venue_age_ns = market->venue_ns != 0 ? lane->wall_ns - market->venue_ns : -1;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (i != intent->instrument &&
            __builtin_add_overflow(view.gross_value, worst_value(lane, i), &view.gross_value))
            view.gross_value = INT64_MAX;
    return view;
}

/// Encodes and hands over. NT_OK: every byte was taken; anything else: none was.
static nt_status submit(nt_lane *lane, const nt_request *request) {
    if (lane->config.paper != NULL)
        return nt_paper_submit(lane->config.paper, request, lane->now_ns);
    if (lane->orders_stream == NT_MAX_STREAMS) return NT_CLOSED;
    uint8_t buffer[NT_MAX_REQUEST_BYTES];
    uint32_t length = 0;
    const nt_codec *codec = lane->config.codec;
    nt_status status = codec->encode(codec->context, request, lane->wall_ns / 1000000, buffer,
                                     sizeof buffer, &length);
    if (status != NT_OK) return status;
    status = lane->config.wire.send(lane->config.wire.context, lane->orders_stream, buffer, length);
    if (status == NT_BUSY) lane_count(&lane->counters.send_busy);
    return status;
}

static void refuse(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict) {
    lane_count(&lane->counters.refusals);
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_REFUSED, intent->instrument);
    if (notice != NULL) {
        notice->intent = *intent;
        notice->verdict = *verdict;
        lane_notice_end(lane);
    }
}

static void journal_verdict(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict,
                            int64_t reference) {
    nt_record_verdict record;
    memset(&record, 0, sizeof record);
    record.intent = *intent;
    record.verdict = *verdict;
    record.reference = reference;
    lane_journal(lane, NT_RECORD_VERDICT, &record, sizeof record);
}

/// Price at which a market order counts: the far side of the touch.
static int64_t reference_price(const lane_market *market, const nt_intent *intent) {
    return intent->side == NT_BUY ? market->ask.price : market->bid.price;
}

static void place(nt_lane *lane, nt_request *request) {
    nt_status status = submit(lane, request);
    nt_order_key key = request->intent.order;
    if (status == NT_OK) {
        lane_count(&lane->counters.orders_sent);
        nt_histogram_record(lane->histograms[NT_STAGE_ORDER],
                            nt_now(&lane->config.clock) - lane->trigger_ns);
    }
    lane_step_order(lane, key, status == NT_OK ? NT_ORDER_ON_SEND : NT_ORDER_ON_SEND_FAILED);
}

static void change(nt_lane *lane, nt_request *request) {
    nt_order_key key = request->intent.order;
    bool cancel = request->kind == NT_REQUEST_CANCEL;
    nt_status status = submit(lane, request);
    if (status != NT_OK) return;
    if (cancel) {
        lane_count(&lane->counters.cancels_sent);
        nt_orders_mark_cancel(lane->orders, key, NT_PENDING_REQUESTED);
    } else {
        nt_orders_mark_amend(lane->orders, key, NT_PENDING_REQUESTED, request->intent.quantity);
    }
}

static void journal_request(nt_lane *lane, const nt_request *request) {
    lane_journal(lane, NT_RECORD_REQUEST, request, sizeof *request);
}

static nt_refusal send_approved(nt_lane *lane, nt_intent *intent, nt_verdict *verdict,
                                uint32_t weight) {
    static const nt_request_kind kinds[NT_INTENT_KIND_COUNT] = {
        NT_REQUEST_PLACE, NT_REQUEST_CANCEL, NT_REQUEST_AMEND};
    nt_request request;
    memset(&request, 0, sizeof request);
    request.kind = kinds[intent->kind];
    if (intent->kind == NT_INTENT_PLACE) {
        int64_t reference = reference_price(&lane->markets[intent->instrument], intent);
        if (nt_orders_add(lane->orders, intent, reference, lane->now_ns) != NT_OK) {
            verdict->refusal = NT_REFUSAL_TABLE_FULL;
            refuse(lane, intent, verdict);
            return verdict->refusal;
        }
    } else {
        request.venue_order = nt_orders_find(lane->orders, intent->order)->venue_order;
    }
    request.intent = *intent;
    journal_request(lane, &request);
    if (lane->journal_failed && intent->kind == NT_INTENT_PLACE) {
        lane_step_order(lane, intent->order, NT_ORDER_ON_SEND_FAILED);
        return NT_REFUSAL_TABLE_FULL;
    }
    nt_gate_commit(lane->gate, intent, weight, lane->now_ns);
    if (intent->kind == NT_INTENT_PLACE) place(lane, &request);
    else change(lane, &request);
    return NT_PASS;
}

nt_refusal lane_carry_out(nt_lane *lane, nt_intent *intent, nt_verdict *verdict) {
    lane_count(&lane->counters.intents);
    const nt_codec *codec = lane->config.codec;
    nt_request_kind kind = intent->kind == NT_INTENT_PLACE    ? NT_REQUEST_PLACE
                           : intent->kind == NT_INTENT_CANCEL ? NT_REQUEST_CANCEL
                                                              : NT_REQUEST_AMEND;
    uint32_t weight = codec->weight(codec->context, kind);
    if (intent->kind == NT_INTENT_PLACE)
        intent->order = nt_order_key_make(lane->epoch, ++lane->order_sequence);
    nt_gate_view view = gate_view(lane, intent, weight);
    *verdict = nt_gate_check(lane->gate, &view, intent, lane->now_ns);
    bool known = intent->instrument < lane->config.instrument_count;
    int64_t reference = known ? reference_price(&lane->markets[intent->instrument], intent) : 0;
    journal_verdict(lane, intent, verdict, reference);
    if (verdict->refusal != NT_PASS) {
        refuse(lane, intent, verdict);
        return verdict->refusal;
    }
    return send_approved(lane, intent, verdict, weight);
}

bool lane_cancel(nt_lane *lane, const nt_order *order) {
    nt_request request;
    memset(&request, 0, sizeof request);
    request.kind = NT_REQUEST_CANCEL;
    request.intent = order->intent;
    request.intent.kind = NT_INTENT_CANCEL;
    request.venue_order = order->venue_order;
    journal_request(lane, &request);
    if (submit(lane, &request) != NT_OK) return false;
    lane_count(&lane->counters.cancels_sent);
    nt_orders_mark_cancel(lane->orders, order->intent.order, NT_PENDING_REQUESTED);
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
    int64_t known = lane->markets[instrument].complete_trade;
    // 0 asks for the newest ones: the account's past before us is none of our business.
    if (kind == NT_REQUEST_FILLS) request.since = known > 0 ? known + 1 : 0;
    if (submit(lane, &request) != NT_OK) return false;
    lane_count(&lane->counters.queries_sent);
    if (order != NULL) nt_orders_mark_query(lane->orders, key, lane->now_ns);
    return true;
}

// --- evidence --------------------------------------------------------------------------------

static void count_change(nt_lane *lane, const nt_order_change *change) {
    nt_order_state after = change->order.state;
    if (change->before != NT_ORDER_UNKNOWN && after == NT_ORDER_UNKNOWN)
        lane_count(&lane->counters.unknowns_made);
    if (change->before == NT_ORDER_UNKNOWN && after != NT_ORDER_UNKNOWN)
        lane_count(&lane->counters.unknowns_resolved);
    if (change->fill_late) lane_count(&lane->counters.late_fills);
}

static void mind_trouble(nt_lane *lane, nt_instrument_id instrument,
                         const nt_order_change *change) {
    if (change->fill_late)
        lane_alarm(lane, instrument, "a fill came after its order was %s; it is counted",
                   nt_order_state_name(change->before));
    if (change->order.state == NT_ORDER_DISPUTED && change->before != NT_ORDER_DISPUTED)
        lane_set_trading(lane, instrument, NT_TRADING_HALTED,
                         "evidence about an order contradicts itself; see `needletail orders`");
    if (change->order.state == NT_ORDER_REJECTED && change->before != NT_ORDER_REJECTED) {
        lane_count(&lane->counters.rejects);
        if (nt_gate_count_reject(lane->gate, lane->now_ns))
            lane_set_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_REDUCING,
                             "the venue rejected too many orders in a short time");
    }
}

void lane_step_order(nt_lane *lane, nt_order_key key, nt_order_event event) {
    nt_order_change change;
    if (nt_orders_step(lane->orders, key, event, lane->now_ns, &change) != NT_OK) return;
    nt_record_step record = {.order = key, .event = event};
    lane_journal(lane, NT_RECORD_STEP, &record, sizeof record);
    nt_instrument_id instrument = change.order.intent.instrument;
    count_change(lane, &change);
    mind_trouble(lane, instrument, &change);
    lane_tell_order(lane, instrument, &change, NULL);
}

static void take_fill(nt_lane *lane, nt_instrument_id instrument, const nt_report *report,
                      nt_side side) {
    lane_market *market = &lane->markets[instrument];
    lane_count(&lane->counters.fills);
    nt_status status =
        nt_position_fill(&market->position, &market->instrument, side, report->last_price,
                         report->last_quantity, report->fee, report->fee_asset);
    if (status != NT_OK)
        lane_set_trading(lane, instrument, NT_TRADING_HALTED, "a fill does not fit the position");
}

/// A listed trade names only the venue's order id; the table knows whose it is.
static void complete_report(const nt_lane *lane, const nt_event *event, nt_report *report) {
    if (report->order != 0 || report->venue_order == 0) return;
    report->order = lane_find_by_venue_order(lane, event->instrument, report->venue_order);
}

static void journal_report(nt_lane *lane, nt_instrument_id instrument, const nt_report *report,
                           bool position_takes) {
    nt_record_report record;
    memset(&record, 0, sizeof record);
    record.report = *report;
    record.instrument = instrument;
    record.position_takes = position_takes;
    lane_journal(lane, NT_RECORD_REPORT, &record, sizeof record);
}

static void foreign_report(nt_lane *lane, const nt_event *event, const nt_report *report) {
    const lane_market *market = &lane->markets[event->instrument];
    lane_count(&lane->counters.foreign_reports);
    // Trades older than anything of ours are the account's past, not news.
    bool past = report->from_query && report->evidence == NT_EVIDENCE_FILL &&
                market->reconcile != RECONCILE_DONE;
    if (past) return;
    lane_alarm(lane, event->instrument,
               "order %lld of %s is not ours: someone else trades on this account",
               (long long)report->venue_order, market->instrument.symbol);
    lane_set_trading(lane, event->instrument, NT_TRADING_REDUCING,
                     "a foreign order on this account");
}

/// An order with our mark that the journal does not know (power loss): it is ours again.
static bool adopt(nt_lane *lane, const nt_event *event, const nt_report *report) {
    if (report->order == 0 || report->evidence != NT_EVIDENCE_FOUND_OPEN || report->quantity <= 0)
        return false;
    nt_order order;
    memset(&order, 0, sizeof order);
    order.intent = (nt_intent){.order = report->order,
                               .price = report->price,
                               .quantity = report->quantity,
                               .instrument = event->instrument,
                               .strategy = NT_OPERATOR,
                               .side = report->side};
    order.venue_order = report->venue_order;
    order.venue_cumulative = report->cumulative;
    order.state = NT_ORDER_LIVE;
    order.recovered = 1;
    order.created_ns = order.sent_ns = order.changed_ns = lane->now_ns;
    if (nt_orders_restore(lane->orders, &order) != NT_OK) return false;
    lane_journal(lane, NT_RECORD_RESTORE, &order, sizeof order);
    lane_alarm(lane, event->instrument, "an open order of ours was not in the journal; adopted");
    return true;
}

static void note_reply(nt_lane *lane, const nt_order *before_reply) {
    if (before_reply == NULL || before_reply->answered_ns != 0 || before_reply->sent_ns == 0) return;
    nt_histogram_record(lane->histograms[NT_STAGE_REPLY],
                        nt_now(&lane->config.clock) - before_reply->sent_ns);
}

void lane_report(nt_lane *lane, const nt_event *event) {
    if (event->instrument >= lane->config.instrument_count) return;
    nt_report report = event->as.report;
    complete_report(lane, event, &report);
    note_reply(lane, nt_orders_find(lane->orders, report.order));
    nt_order_change change;
    nt_status status =
        nt_orders_report(lane->orders, event->instrument, &report, lane->now_ns, &change);
    if (status == NT_DUPLICATE) return;
    if (!change.found && !change.fill_applied) {
        if (adopt(lane, event, &report)) return;
        foreign_report(lane, event, &report);
        return;
    }
    nt_side side = change.found ? change.order.intent.side : report.side;
    report.side = side;
    journal_report(lane, event->instrument, &report, change.fill_applied);
    if (change.fill_applied) take_fill(lane, event->instrument, &report, side);
    if (report.evidence == NT_EVIDENCE_NOT_FOUND)
        lane_not_found(lane, event->instrument, report.order);
    if (change.needs_query) lane->markets[event->instrument].fills_wanted = true;
    count_change(lane, &change);
    mind_trouble(lane, event->instrument, &change);
    lane_tell_order(lane, event->instrument, &change, &report);
    nt_call call = {.event = event, .change = &change};
    lane_decide(lane, event->instrument, &call);
}
