// lane_evidence.c — from the venue's evidence back to orders and positions.
//
// A fill moves the position once, by its trade id, whoever tells it and in whatever order. What
// is not ours is alarmed; what is ours and unknown (a journal lost its tail) is taken back.
#include "lane_internal.h"

#include <string.h>

#define LANE_OWNERS_A_LIST 8u // Questions whose an order is, for each list of trades.

static void count_change(nt_lane *lane, const nt_order_change *change) {
    nt_order_state after = change->order.state;
    if (change->before != NT_ORDER_UNKNOWN && after == NT_ORDER_UNKNOWN)
        lane_count(&lane->counters.unknowns_made);
    if (change->before == NT_ORDER_UNKNOWN && after != NT_ORDER_UNKNOWN)
        lane_count(&lane->counters.unknowns_resolved);
    if (change->fill_late) lane_count(&lane->counters.late_fills);
}

static void mind_dispute(nt_lane *lane, nt_instrument_id instrument) {
    lane_lower_trading(lane, instrument, NT_TRADING_HALTED,
                       "evidence about an order contradicts itself; see `needletail orders`");
    lane_begin_cancel(lane, instrument);
}

static void mind_reject(nt_lane *lane) {
    lane_count(&lane->counters.rejects);
    if (nt_gate_count_reject(lane->gate, lane->now_ns))
        lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_REDUCING,
                           "the venue rejected too many orders in a short time");
}

void lane_note_change(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change) {
    count_change(lane, change);
    if (change->fill_late)
        lane_alarm(lane, instrument, "a fill came after its order was %s; it is counted",
                   nt_order_state_name(change->before));
    if (change->effects & NT_EFFECT_HALT) mind_dispute(lane, instrument);
    if (change->effects & NT_EFFECT_COUNT) mind_reject(lane);
}

static void take_fill(nt_lane *lane, nt_instrument_id instrument, const nt_report *report) {
    lane_market *market = &lane->markets[instrument];
    lane_count(&lane->counters.fills);
    nt_status status =
        nt_position_fill(&market->position, &market->instrument, report->side, report->last_price,
                         report->last_quantity, report->fee, report->fee_asset);
    if (status == NT_OK)
        lane_exit_filled(market, report);
    else
        lane_lower_trading(lane, instrument, NT_TRADING_HALTED, "a fill does not fit the position");
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

void lane_note_key(nt_lane *lane, nt_order_key key) {
    uint32_t epoch = nt_order_key_epoch(key);
    uint64_t sequence = nt_order_key_sequence(key);
    if (epoch > lane->highest_epoch) lane->highest_epoch = epoch;
    if (epoch > lane->epoch) {
        lane->epoch = epoch;
        lane->order_sequence = sequence;
    } else if (epoch == lane->epoch && sequence > lane->order_sequence) {
        lane->order_sequence = sequence;
    }
}

// --- evidence about what the table does not hold -----------------------------------------------

static bool shows_open(const nt_report *report) {
    return report->evidence == NT_EVIDENCE_FOUND_OPEN || report->evidence == NT_EVIDENCE_ACK;
}

/// An order with our mark that the journal does not know (power loss): it is ours again, in doubt
/// until the report itself is taken.
static bool adopt(nt_lane *lane, nt_instrument_id instrument, const nt_report *report) {
    if (report->quantity <= 0 || report->price <= 0) return false;
    nt_order order;
    memset(&order, 0, sizeof order);
    order.intent.order = report->order;
    order.intent.price = report->price;
    order.intent.quantity = report->quantity;
    order.intent.instrument = instrument;
    order.intent.strategy = NT_OPERATOR;
    order.intent.side = report->side;
    order.venue_order = report->venue_order;
    order.venue_cumulative = -1;
    order.state = NT_ORDER_UNKNOWN;
    order.recovered = 1;
    order.created_ns = order.sent_ns = order.changed_ns = lane->now_ns;
    if (nt_orders_restore(lane->orders, &order) != NT_OK) return false;
    lane_journal(lane, NT_RECORD_RESTORE, &order, sizeof order);
    lane_note_key(lane, report->order);
    lane_want_fills(lane, instrument);
    lane_alarm(lane, instrument, "an open order of ours was not in the journal; adopted");
    // A halt that came before it means it too.
    if (lane_is_halted(lane, instrument)) lane_begin_cancel(lane, instrument);
    return true;
}

static bool is_known_foreign(const lane_foreign *foreign, int64_t venue_order) {
    uint32_t kept = foreign->count < LANE_FOREIGN_KEPT ? foreign->count : LANE_FOREIGN_KEPT;
    for (uint32_t i = 0; i < kept; i++)
        if (foreign->venue_orders[i] == venue_order) return true;
    return false;
}

/// Whether one of our orders without a venue id looks as the report does.
static bool looks_like_ours(const nt_lane *lane, nt_instrument_id instrument,
                            const nt_report *report) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || order->venue_order != 0 || order->intent.instrument != instrument)
            continue;
        if (order->intent.side == report->side && order->intent.quantity == report->quantity &&
            order->intent.price == report->price)
            return true;
    }
    return false;
}

/// A client id that is not ours. Of a cancelled order that proves little, since some venues state
/// the id of the cancel: there the order must look like none of ours as well.
static void note_foreign(nt_lane *lane, nt_instrument_id instrument, const nt_report *report) {
    lane_market *market = &lane->markets[instrument];
    bool was_cancelled =
        report->evidence == NT_EVIDENCE_FOUND_CANCELED || report->evidence == NT_EVIDENCE_CANCELED;
    if (report->client_hash == 0 || report->venue_order == 0 ||
        is_known_foreign(&market->foreign, report->venue_order) ||
        (was_cancelled && looks_like_ours(lane, instrument, report)))
        return;
    lane_foreign *foreign = &market->foreign;
    foreign->venue_orders[foreign->count++ % LANE_FOREIGN_KEPT] = report->venue_order;
}

/// A listed trade of an order that may be one of ours whose venue id is not known yet.
static bool may_be_ours(nt_lane *lane, nt_instrument_id instrument, const nt_report *report) {
    lane_market *market = &lane->markets[instrument];
    if (is_known_foreign(&market->foreign, report->venue_order)) return false;
    if (!lane_has_unnamed(lane, instrument)) return false;
    if (nt_planted(NT_BUG_UNNAMED_TRADE_IS_FOREIGN)) return false;
    market->listing.unnamed = true;
    // Else an order in doubt would stay so for as long as somebody else's trades are listed.
    if (market->listing.owners_asked < LANE_OWNERS_A_LIST &&
        lane_ask_owner(lane, instrument, report->venue_order))
        market->listing.owners_asked++;
    return true;
}

static void foreign_report(nt_lane *lane, nt_instrument_id instrument, const nt_report *report) {
    lane_market *market = &lane->markets[instrument];
    bool listed_trade = report->from_query && report->evidence == NT_EVIDENCE_FILL;
    // Of an order that is finished and forgotten: it was counted when it happened.
    if (listed_trade && nt_orders_has_trade(lane->orders, instrument, report->trade)) return;
    // The venue does not know the order that was asked about: the list asks again.
    if (report->evidence == NT_EVIDENCE_NOT_FOUND) return;
    lane_count(&lane->counters.foreign_reports);
    // Trades older than anything of ours are the account's past, not news.
    if (listed_trade && !market->listing.begun) return;
    // Whose it is shows when the order has its venue id: the list is asked for again then.
    if (listed_trade && may_be_ours(lane, instrument, report)) return;
    note_foreign(lane, instrument, report);
    if (lane_may_alarm(lane, &market->foreign_alarm_ns))
        lane_alarm(lane, instrument,
                   "order %lld of %s is not ours: someone else trades on this account",
                   (long long)report->venue_order, market->instrument.symbol);
    lane_lower_trading(lane, instrument, NT_TRADING_REDUCING, "a foreign order on this account");
}

/// True: the order is in the table now, and the report is about it.
static bool stray_report(nt_lane *lane, nt_instrument_id instrument, const nt_report *report) {
    if (report->order == 0) {
        foreign_report(lane, instrument, report);
        return false;
    }
    // Ours, finished long ago and forgotten, unless it is open.
    if (!shows_open(report)) return false;
    if (adopt(lane, instrument, report)) return true;
    lane_alarm(lane, instrument, "an open order of ours cannot be taken back; cancel it by hand");
    lane_lower_trading(lane, instrument, NT_TRADING_REDUCING, "an order that is not in the table");
    return false;
}

// --- evidence ----------------------------------------------------------------------------------

/// A listed trade names only the venue's order id, an error only the order: the table knows both.
static nt_instrument_id complete_report(const nt_lane *lane, const nt_event *event,
                                        nt_report *report) {
    nt_instrument_id instrument = event->instrument;
    if (instrument < lane->config.instrument_count) {
        if (report->order == 0 && report->venue_order != 0)
            report->order = lane_find_by_venue_order(lane, instrument, report->venue_order);
        return instrument;
    }
    const nt_order *order = nt_orders_find(lane->orders, report->order);
    return order != NULL ? order->intent.instrument : NT_NO_INSTRUMENT;
}

/// Asks for what the evidence left open, after a moment in which it may come by itself.
static void ask_further(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change,
                        bool unreadable) {
    if (!change->needs_query || !change->found) return;
    bool misses = nt_order_misses_trades(&change->order);
    if (misses || unreadable) lane_want_fills(lane, instrument);
    lane_want_query(lane, change->order.intent.order, misses ? LANE_RACE_GUARD_NS : 0);
}

static void note_reply(nt_lane *lane, nt_order_key key) {
    const nt_order *order = nt_orders_find(lane->orders, key);
    if (order == NULL || order->answered_ns != 0 || order->sent_ns == 0 || order->recovered) return;
    nt_histogram_record(lane->histograms[NT_STAGE_REPLY],
                        nt_now(&lane->config.clock) - order->sent_ns);
}

static void take_change(nt_lane *lane, const nt_event *event, nt_instrument_id instrument,
                        nt_report *report, const nt_order_change *change) {
    if (change->found) report->side = change->order.intent.side;
    journal_report(lane, instrument, report, change->fill_applied);
    if (change->fill_applied) take_fill(lane, instrument, report);
    lane_note_change(lane, instrument, change);
    lane_tell_order(lane, instrument, change, report);
    // It may prove the order absent: told after what it itself changed, or that stands last.
    if (report->evidence == NT_EVIDENCE_NOT_FOUND) lane_not_found(lane, instrument, report->order);
    if (!change->found || change->order.intent.strategy == NT_OPERATOR) return;
    nt_call call = {.event = event, .change = change};
    lane_decide(lane, instrument, &call);
}

void lane_report(nt_lane *lane, const nt_event *event) {
    nt_report report = event->as.report;
    nt_instrument_id instrument = complete_report(lane, event, &report);
    if (instrument >= lane->config.instrument_count) return;
    note_reply(lane, report.order);
    if (!report.from_query) lane_untold_heard(lane, report.order);
    nt_order_change change;
    nt_status status = nt_orders_report(lane->orders, instrument, &report, lane->now_ns, &change);
    bool unreadable = status == NT_INVALID || status == NT_OVERFLOW;
    ask_further(lane, instrument, &change, unreadable);
    if (report.from_query) lane_untold_found(lane, instrument, &change);
    if (report.from_query && status == NT_OK) lane_reconcile_found(lane, instrument, &change);
    if (status == NT_DUPLICATE) return;
    if (change.found || change.fill_applied)
        take_change(lane, event, instrument, &report, &change);
    else if (unreadable)
        lane_want_fills(lane, instrument);
    else if (stray_report(lane, instrument, &report))
        lane_report(lane, event);
}
