// lane_recover.c — start-up is crash recovery: the journal's records go back through the same
// tables that live events go through.
#include "lane_internal.h"

#include <string.h>

static nt_status too_short(const nt_record *record) {
    return nt_fail(NT_CORRUPT, "journal record %llu has a payload of %u bytes, too few for its kind",
                   (unsigned long long)record->sequence, record->payload_length);
}

/// Order sequences and epochs seen, so that no id is ever used twice.
static void note_key(nt_lane *lane, nt_order_key key) {
    if (nt_order_key_epoch(key) == lane->epoch &&
        nt_order_key_sequence(key) > lane->order_sequence)
        lane->order_sequence = nt_order_key_sequence(key);
}

static void recover_verdict(nt_lane *lane, const nt_record_verdict *record) {
    if (record->verdict.refusal != NT_PASS || record->intent.kind != NT_INTENT_PLACE) return;
    note_key(lane, record->intent.order);
    // A verdict without its request was never sent; the request's record adds it.
    (void)nt_orders_add(lane->orders, &record->intent, record->reference, lane->now_ns);
}

static void recover_request(nt_lane *lane, const nt_request *request) {
    if (request->kind == NT_REQUEST_CANCEL)
        nt_orders_mark_cancel(lane->orders, request->intent.order, NT_PENDING_UNKNOWN);
    if (request->kind == NT_REQUEST_AMEND)
        nt_orders_mark_amend(lane->orders, request->intent.order, NT_PENDING_UNKNOWN,
                             request->intent.quantity);
}

static void recover_report(nt_lane *lane, const nt_record_report *record) {
    if (record->instrument >= lane->config.instrument_count) return;
    lane_market *market = &lane->markets[record->instrument];
    nt_order_change change;
    (void)nt_orders_report(lane->orders, record->instrument, &record->report, lane->now_ns,
                           &change);
    if (!record->position_takes) return;
    const nt_report *report = &record->report;
    lane_count(&lane->counters.fills);
    (void)nt_position_fill(&market->position, &market->instrument, report->side,
                           report->last_price, report->last_quantity, report->fee,
                           report->fee_asset);
}

static nt_status recover_instrument(nt_lane *lane, const nt_record_instrument *record) {
    if (record->slot >= lane->config.instrument_count) return NT_OK;
    const nt_instrument *now = &lane->markets[record->slot].instrument;
    const nt_instrument *then = &record->instrument;
    bool same = strncmp(now->symbol, then->symbol, NT_SYMBOL_SIZE) == 0 &&
                now->price_decimals == then->price_decimals &&
                now->quantity_decimals == then->quantity_decimals &&
                now->tick_units == then->tick_units && now->lot_units == then->lot_units;
    if (same) return NT_OK;
    return nt_fail(NT_REFUSED,
                   "slot %u was %s in the journal and is %s now, or its tick or lot changed; keep "
                   "the order of instruments, or start with a new data directory",
                   record->slot, then->symbol, now->symbol);
}

static void recover_listed(nt_lane *lane, const nt_record_listed *record) {
    if (record->instrument < lane->config.instrument_count)
        lane->markets[record->instrument].complete_trade = record->trade;
}

static void recover_state(nt_lane *lane, const nt_record_state *record) {
    if (record->instrument != NT_NO_INSTRUMENT &&
        record->instrument >= lane->config.instrument_count)
        return;
    nt_gate_set_state(lane->gate, record->instrument, (nt_trading_state)record->state);
    if (record->instrument == NT_NO_INSTRUMENT)
        atomic_store_explicit(&lane->trading, (uint8_t)record->state, memory_order_relaxed);
}

static void forget_stop(nt_lane *lane) {
    // The halt of a clean stop ends with it; a halt by an operator does not.
    nt_gate_set_state(lane->gate, NT_NO_INSTRUMENT, (nt_trading_state)lane->trading_before_stop);
    atomic_store_explicit(&lane->trading, lane->trading_before_stop, memory_order_relaxed);
}

static nt_status take(nt_lane *lane, const nt_record *record, const void *payload) {
#define PAYLOAD(type)                                                                              \
    (record->payload_length < sizeof(type) ? NULL : (const type *)payload)
    switch (record->kind) {
    case NT_RECORD_START:
        lane->epoch = record->epoch;
        lane->order_sequence = 0;
        return NT_OK;
    case NT_RECORD_VERDICT:
        if (PAYLOAD(nt_record_verdict) == NULL) return too_short(record);
        recover_verdict(lane, payload);
        return NT_OK;
    case NT_RECORD_REQUEST:
        if (PAYLOAD(nt_request) == NULL) return too_short(record);
        recover_request(lane, payload);
        return NT_OK;
    case NT_RECORD_STEP: {
        const nt_record_step *step = PAYLOAD(nt_record_step);
        nt_order_change change;
        if (step == NULL) return too_short(record);
        (void)nt_orders_step(lane->orders, step->order, step->event, lane->now_ns, &change);
        return NT_OK;
    }
    case NT_RECORD_REPORT:
        if (PAYLOAD(nt_record_report) == NULL) return too_short(record);
        recover_report(lane, payload);
        return NT_OK;
    case NT_RECORD_STATE:
        if (PAYLOAD(nt_record_state) == NULL) return too_short(record);
        recover_state(lane, payload);
        return NT_OK;
    case NT_RECORD_COMMAND: {
        const nt_command *command = PAYLOAD(nt_command);
        if (command == NULL) return too_short(record);
        if (command->kind == NT_COMMAND_STOP)
            lane->trading_before_stop =
                atomic_load_explicit(&lane->trading, memory_order_relaxed);
        return NT_OK;
    }
    case NT_RECORD_RESTORE:
        if (PAYLOAD(nt_order) == NULL) return too_short(record);
        (void)nt_orders_restore(lane->orders, payload);
        return NT_OK;
    case NT_RECORD_LISTED:
        if (PAYLOAD(nt_record_listed) == NULL) return too_short(record);
        recover_listed(lane, payload);
        return NT_OK;
    case NT_RECORD_CLOCK: {
        const nt_record_day *day = PAYLOAD(nt_record_day);
        if (day == NULL) return too_short(record);
        lane->day = day->day;
        lane->day_start_profit = day->start_profit;
        return NT_OK;
    }
    case NT_RECORD_INSTRUMENT:
        if (PAYLOAD(nt_record_instrument) == NULL) return too_short(record);
        return recover_instrument(lane, payload);
    case NT_RECORD_STOP:
        forget_stop(lane);
        return NT_OK;
    default:
        return NT_OK;
    }
#undef PAYLOAD
}

nt_status nt_lane_recover(void *context, const nt_record *record, const void *payload) {
    nt_lane *lane = context;
    return take(lane, record, payload);
}

// --- start ---------------------------------------------------------------------------------------

static void journal_beginning(nt_lane *lane) {
    nt_record_start start = {.epoch = lane->epoch,
                             .instance = lane->config.instance,
                             .instrument_count = lane->config.instrument_count};
    lane_journal(lane, NT_RECORD_START, &start, sizeof start);
    nt_record_limits limits;
    memset(&limits, 0, sizeof limits);
    limits.instrument = NT_NO_INSTRUMENT;
    limits.account = nt_gate_account(lane->gate);
    lane_journal(lane, NT_RECORD_LIMITS, &limits, sizeof limits);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        nt_record_instrument record = {.slot = i, .instrument = lane->markets[i].instrument};
        lane_journal(lane, NT_RECORD_INSTRUMENT, &record, sizeof record);
        limits.instrument = i;
        limits.limits = nt_gate_instrument(lane->gate, i);
        lane_journal(lane, NT_RECORD_LIMITS, &limits, sizeof limits);
    }
}

/// An order that was queued or sent when the last run ended may be at the venue. Our own paper
/// venue ended with that run: there what rested rests again and what was on its way is absent.
static void doubt_order(nt_lane *lane, const nt_order *found) {
    nt_order order = *found;
    bool on_its_way = order.state == NT_ORDER_QUEUED || order.state == NT_ORDER_SENT;
    if (on_its_way) lane_step_order(lane, order.intent.order, NT_ORDER_ON_SILENCE);
    if (lane->config.paper == NULL) return;
    if (on_its_way || order.state == NT_ORDER_UNKNOWN)
        lane_step_order(lane, order.intent.order, NT_ORDER_ON_PROVEN_ABSENT);
    else
        (void)nt_paper_restore(lane->config.paper, &order.intent,
                               order.intent.quantity - order.cumulative);
}

static void doubt_orders(nt_lane *lane) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order != NULL && !nt_order_is_terminal(order->state)) doubt_order(lane, order);
    }
}

/// A restart within the day goes on counting the day's loss from where the day began.
static void begin_day(nt_lane *lane) {
    int64_t today = lane->wall_ns / INT64_C(86400000000000);
    if (lane->day == today) return;
    lane->day = today;
    lane->day_start_profit += lane_day_profit(lane);
    nt_record_day record = {.day = today, .start_profit = lane->day_start_profit};
    lane_journal(lane, NT_RECORD_CLOCK, &record, sizeof record);
}

nt_status nt_lane_start(nt_lane *lane, nt_journal *journal, nt_tape *tape) {
    lane_look_at_clock(lane);
    lane->journal = journal;
    lane->tape = tape;
    lane->epoch = journal != NULL ? nt_journal_epoch(journal) : lane->epoch + 1;
    if (lane->epoch > NT_ORDER_EPOCH_MAX)
        return nt_fail(NT_OVERFLOW, "this journal has seen %u starts; archive it and begin anew",
                       lane->epoch);
    lane->order_sequence = 0;
    lane->started = true;
    journal_beginning(lane);
    doubt_orders(lane);
    begin_day(lane);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        lane->markets[i].reconcile =
            lane->config.paper != NULL ? RECONCILE_DONE : RECONCILE_IDLE;
    lane_update_ready(lane);
    return NT_OK;
}
