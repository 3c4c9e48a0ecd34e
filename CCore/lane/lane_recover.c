// lane_recover.c — start-up is crash recovery: the journal's records go back through the same
// tables that live events go through.
#include "lane_internal.h"

#include <string.h>

static nt_status too_short(const nt_record *record) {
    return nt_fail(NT_CORRUPT, "journal record %llu: %u bytes of payload are too few for its kind",
                   (unsigned long long)record->sequence, record->payload_length);
}

static void recover_verdict(nt_lane *lane, const nt_record_verdict *record) {
    if (record->verdict.refusal != NT_PASS || record->intent.kind != NT_INTENT_PLACE) return;
    lane_note_key(lane, record->intent.order);
    // In doubt from here on, even without its request: after a power loss the request may be
    // among the records that are gone, and the order at the venue.
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
    nt_report told = record->report;
    if (nt_planted(NT_BUG_RESTART_FORGETS_TRADES)) told.trade = -told.trade;
    (void)nt_orders_report(lane->orders, record->instrument, &told, lane->now_ns, &change);
    if (!record->position_takes) return;
    const nt_report *report = &record->report;
    lane_count(&lane->counters.fills);
    (void)nt_position_fill(&market->position, &market->instrument, report->side, report->last_price,
                           report->last_quantity, report->fee, report->fee_asset);
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
    if (record->instrument >= lane->config.instrument_count) return;
    lane->markets[record->instrument].listing.complete = record->trade;
    lane->markets[record->instrument].listing.begun = true;
}

/// The halt of a stop ends with its run; a halt by an operator does not.
static void recover_state(nt_lane *lane, const nt_record_state *record) {
    if (nt_planted(NT_BUG_HALT_LOST_AT_RESTART)) return;
    bool of_stop = lane->stop_seen && strcmp(record->reason, LANE_STOPPING) == 0;
    if (!of_stop)
        lane_take_state(lane, record->instrument, (nt_trading_state)record->state, record->reason);
}

/// A halt counts from its command on: the state's own record may be missing.
static void recover_command(nt_lane *lane, const nt_command *command) {
    if (command->kind == NT_COMMAND_STOP) lane->stop_seen = true;
    if (nt_planted(NT_BUG_HALT_LOST_AT_RESTART)) return;
    if (command->kind == NT_COMMAND_HALT)
        lane_take_state(lane, command->instrument, NT_TRADING_HALTED, command->reason);
}

static void recover_restored(nt_lane *lane, const nt_order *order) {
    lane_note_key(lane, order->intent.order);
    (void)nt_orders_restore(lane->orders, order);
}

static void recover_start(nt_lane *lane, const nt_record_start *start) {
    lane->epoch = start->epoch;
    lane->order_sequence = 0;
    lane->stop_seen = false;
    if (start->epoch > lane->highest_epoch) lane->highest_epoch = start->epoch;
}

static void recover_step(nt_lane *lane, const nt_record_step *step) {
    nt_order_change change;
    (void)nt_orders_step(lane->orders, step->order, step->event, lane->now_ns, &change);
}

static void recover_day(nt_lane *lane, const nt_record_day *day) {
    lane->day = day->day;
    lane->day_start_profit = day->start_profit;
}

/// The least payload of a kind that is taken back, 0 for the others.
static size_t payload_of(nt_record_kind kind) {
    switch (kind) {
    case NT_RECORD_START:
        return sizeof(nt_record_start);
    case NT_RECORD_VERDICT:
        return sizeof(nt_record_verdict);
    case NT_RECORD_REQUEST:
        return sizeof(nt_request);
    case NT_RECORD_STEP:
        return sizeof(nt_record_step);
    case NT_RECORD_REPORT:
        return sizeof(nt_record_report);
    case NT_RECORD_RESOLUTION:
        return sizeof(nt_record_resolution);
    case NT_RECORD_COMMAND:
        return sizeof(nt_command);
    case NT_RECORD_STATE:
        return sizeof(nt_record_state);
    case NT_RECORD_CLOCK:
        return sizeof(nt_record_day);
    case NT_RECORD_RESTORE:
        return sizeof(nt_order);
    case NT_RECORD_INSTRUMENT:
        return sizeof(nt_record_instrument);
    case NT_RECORD_LISTED:
        return sizeof(nt_record_listed);
    default:
        return 0;
    }
}

/// `payload` is long enough for its kind.
static nt_status take(nt_lane *lane, nt_record_kind kind, const void *payload) {
    switch (kind) {
    case NT_RECORD_START:
        recover_start(lane, payload);
        break;
    case NT_RECORD_VERDICT:
        recover_verdict(lane, payload);
        break;
    case NT_RECORD_REQUEST:
        recover_request(lane, payload);
        break;
    case NT_RECORD_STEP:
        recover_step(lane, payload);
        break;
    case NT_RECORD_REPORT:
        recover_report(lane, payload);
        break;
    case NT_RECORD_STATE:
        recover_state(lane, payload);
        break;
    case NT_RECORD_COMMAND:
        recover_command(lane, payload);
        break;
    case NT_RECORD_RESOLUTION:
        lane_recover_resolution(lane, payload);
        break;
    case NT_RECORD_RESTORE:
        recover_restored(lane, payload);
        break;
    case NT_RECORD_LISTED:
        recover_listed(lane, payload);
        break;
    case NT_RECORD_CLOCK:
        recover_day(lane, payload);
        break;
    case NT_RECORD_INSTRUMENT:
        return recover_instrument(lane, payload);
    default:
        break;
    }
    return NT_OK;
}

nt_status nt_lane_recover(void *context, const nt_record *record, const void *payload) {
    nt_lane *lane = context;
    if (record->payload_length < payload_of(record->kind)) return too_short(record);
    if (record->event > lane->sequence) lane->sequence = record->event;
    lane->wall_ns = record->wall_ns; // Since when a state holds.
    return take(lane, record->kind, payload);
}

// --- start --------------------------------------------------------------------------------------

static void journal_beginning(nt_lane *lane) {
    nt_record_start start = {.epoch = lane->epoch,
                             .instance = lane->config.instance,
                             .instrument_count = lane->config.instrument_count};
    lane_journal(lane, NT_RECORD_START, &start, sizeof start);
    lane_journal_limits(lane, NT_NO_INSTRUMENT);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        nt_record_instrument record = {.slot = i, .instrument = lane->markets[i].instrument};
        lane_journal(lane, NT_RECORD_INSTRUMENT, &record, sizeof record);
        lane_journal_limits(lane, i);
    }
}

/// An order that was queued or sent when the last run ended may be at the venue. Our own paper
/// venue ended with that run: there what rested rests again and what was on its way is absent.
static void doubt_order(nt_lane *lane, const nt_order *found) {
    nt_order order = *found;
    bool on_its_way = order.state == NT_ORDER_QUEUED || order.state == NT_ORDER_SENT;
    if (on_its_way && nt_planted(NT_BUG_SENT_LOST_AT_RESTART))
        lane_step_order(lane, order.intent.order, NT_ORDER_ON_SEND_FAILED);
    if (on_its_way || order.cancel == NT_PENDING_REQUESTED || order.amend == NT_PENDING_REQUESTED)
        lane_step_order(lane, order.intent.order, NT_ORDER_ON_SILENCE);
    if (order.state == NT_ORDER_DISPUTED)
        lane_lower_trading(lane, order.intent.instrument, NT_TRADING_HALTED,
                           "evidence about an order contradicts itself");
    if (lane->config.paper == NULL || order.state == NT_ORDER_DISPUTED) return;
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

/// A halted lane starts halted, and goes on cancelling what is still open.
static void go_on_cancelling(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (lane_is_halted(lane, i)) lane_begin_cancel(lane, i);
    for (uint32_t i = 0; i < NT_MAX_STRATEGIES; i++)
        if (lane_is_halted(lane, NT_STRATEGY_SCOPE(i)))
            lane_begin_cancels(lane, NT_STRATEGY_SCOPE(i));
}

static nt_status choose_epoch(nt_lane *lane, const nt_journal *journal) {
    uint32_t next = journal != NULL ? nt_journal_epoch(journal) : lane->epoch + 1;
    // Ids of a later epoch were seen at the venue: the journal had lost its end.
    lane->epoch = next > lane->highest_epoch ? next : lane->highest_epoch + 1;
    if (nt_planted(NT_BUG_KEYS_COME_AGAIN)) lane->epoch = 1;
    lane->highest_epoch = lane->epoch;
    lane->order_sequence = 0;
    if (lane->epoch <= NT_ORDER_EPOCH_MAX) return NT_OK;
    return nt_fail(NT_OVERFLOW, "this journal has seen %u starts; archive it and begin anew",
                   lane->epoch);
}

nt_status nt_lane_start(nt_lane *lane, nt_journal *journal, nt_tape *tape) {
    lane_look_at_clock(lane);
    nt_status status = choose_epoch(lane, journal);
    if (status != NT_OK) return status;
    lane->journal = journal;
    lane->strict = journal != NULL && nt_journal_is_strict(journal);
    lane->tape = tape;
    lane->equity_ns = lane->now_ns;
    lane->started = true;
    nt_orders_stop_on_bug(lane->orders, true);
    lane->sequence++;
    journal_beginning(lane);
    doubt_orders(lane);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane->markets[i].reconciled = lane->config.paper != NULL;
        lane->markets[i].reconcile = RECONCILE_IDLE;
    }
    lane_tell_states(lane);
    go_on_cancelling(lane);
    lane_update_ready(lane);
    return lane->journal_failed ? nt_fail(NT_FULL, "the journal takes no records") : NT_OK;
}
