// lane_reconcile.c — asking the venue: after each log-on, and whenever an answer stays out.
//
// After a log-on every order that is not finished is queried, then the open orders and the trades
// of each instrument are listed; only when all of that is answered may new risk be taken. The
// same questions are asked again, more and more slowly, while an order's outcome is not proven.
#include "lane_internal.h"

#include <string.h>

#define LOOK_AT_ORDERS_NS INT64_C(10000000)
#define ASK_AGAIN_NS INT64_C(3000000000)
#define FILLS_PAUSE_NS INT64_C(250000000)
#define MAX_QUERY_FACTOR 30

nt_order_key lane_find_by_venue_order(const nt_lane *lane, nt_instrument_id instrument,
                                      int64_t venue_order) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order != NULL && order->venue_order == venue_order &&
            order->intent.instrument == instrument)
            return order->intent.order;
    }
    return 0;
}

static void ask_all_orders(nt_lane *lane) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order != NULL && !nt_order_is_terminal(order->state))
            lane_ask(lane, NT_REQUEST_QUERY, order->intent.instrument, order->intent.order);
    }
}

void lane_reconcile_begin(nt_lane *lane) {
    if (lane->config.paper != NULL || !lane->started) return;
    lane->session_ready = true;
    memset(lane->absences, 0, sizeof lane->absences);
    ask_all_orders(lane);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane->markets[i].reconcile = RECONCILE_ORDERS;
        lane->markets[i].asked_ns = lane->now_ns;
        lane_ask(lane, NT_REQUEST_OPEN_ORDERS, i, 0);
    }
    lane_update_ready(lane);
}

static void fills_listed(nt_lane *lane, nt_instrument_id instrument, const nt_answer_end *answer) {
    lane_market *market = &lane->markets[instrument];
    bool all_known = nt_orders_exposure(lane->orders, instrument).unknown == 0;
    if (all_known && answer->last_trade > market->complete_trade) {
        market->complete_trade = answer->last_trade;
        nt_record_listed record = {.instrument = instrument, .trade = answer->last_trade};
        lane_journal(lane, NT_RECORD_LISTED, &record, sizeof record);
    }
    bool more = all_known && answer->count >= LANE_FILLS_PAGE;
    market->fills_wanted = more;
    if (more) {
        lane_ask(lane, NT_REQUEST_FILLS, instrument, 0);
        return;
    }
    if (market->reconcile == RECONCILE_FILLS) market->reconcile = RECONCILE_DONE;
    lane_update_ready(lane);
}

void lane_reconcile_answer(nt_lane *lane, const nt_event *event) {
    if (event->instrument >= lane->config.instrument_count) return;
    const nt_answer_end *answer = &event->as.answer;
    lane_market *market = &lane->markets[event->instrument];
    if (!answer->accepted) return;    // Asked again by the turn: a failed pull is no empty list.
    if (answer->request == NT_REQUEST_OPEN_ORDERS && market->reconcile == RECONCILE_ORDERS) {
        market->reconcile = RECONCILE_FILLS;
        market->asked_ns = lane->now_ns;
        lane_ask(lane, NT_REQUEST_FILLS, event->instrument, 0);
    }
    if (answer->request == NT_REQUEST_FILLS) fills_listed(lane, event->instrument, answer);
}

// --- proof of absence ----------------------------------------------------------------------

static lane_absence *absence_slot(nt_lane *lane, nt_order_key key) {
    lane_absence *empty = NULL;
    for (uint32_t i = 0; i < LANE_MAX_ABSENCES; i++) {
        if (lane->absences[i].order == key) return &lane->absences[i];
        if (lane->absences[i].order == 0 && empty == NULL) empty = &lane->absences[i];
    }
    return empty;
}

/// An order is absent when, on one unbroken session, after the venue's own bound on its age, it
/// was twice not found, far enough apart, and a listing of trades in between holds nothing of it.
void lane_not_found(nt_lane *lane, nt_instrument_id instrument, nt_order_key key) {
    const nt_order *order = nt_orders_find(lane->orders, key);
    if (order == NULL || order->state != NT_ORDER_UNKNOWN) return;
    int64_t grace = lane->config.validity_ns + lane->config.reply_timeout_ns;
    if (lane->now_ns - order->sent_ns < grace) return;
    lane_absence *absence = absence_slot(lane, key);
    if (absence == NULL) return;
    if (absence->order == 0) {
        *absence = (lane_absence){.order = key, .first_ns = lane->now_ns};
        lane->markets[instrument].fills_wanted = true;
        return;
    }
    if (lane->now_ns - absence->first_ns < lane->config.absence_gap_ns) return;
    if (lane->markets[instrument].fills_wanted) return;
    absence->order = 0;
    lane_step_order(lane, key, NT_ORDER_ON_PROVEN_ABSENT);
}

// --- timers --------------------------------------------------------------------------------------

static bool due(const nt_lane *lane, const nt_order *order) {
    int64_t factor = order->queries < MAX_QUERY_FACTOR ? order->queries + 1 : MAX_QUERY_FACTOR;
    return lane->now_ns - order->asked_ns >= lane->config.query_interval_ns * factor;
}

static void look_at_order(nt_lane *lane, const nt_order *order) {
    nt_order_key key = order->intent.order;
    int64_t quiet = lane->now_ns - order->changed_ns;
    if (order->state == NT_ORDER_SENT && quiet >= lane->config.reply_timeout_ns) {
        lane_step_order(lane, key, NT_ORDER_ON_SILENCE);
        lane_ask(lane, NT_REQUEST_QUERY, order->intent.instrument, key);
        return;
    }
    bool waiting = order->cancel == NT_PENDING_REQUESTED || order->amend == NT_PENDING_REQUESTED;
    bool doubtful = order->state == NT_ORDER_UNKNOWN || order->cancel == NT_PENDING_REFUSED ||
                    (waiting && quiet >= lane->config.reply_timeout_ns);
    if (lane->session_ready && doubtful && due(lane, order))
        lane_ask(lane, NT_REQUEST_QUERY, order->intent.instrument, key);
}

static void look_at_orders(nt_lane *lane) {
    uint32_t left = nt_orders_live_count(lane->orders);
    for (uint32_t i = 0; left > 0 && i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || nt_order_is_terminal(order->state)) continue;
        left--;
        look_at_order(lane, order);
    }
}

static void look_at_listings(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane_market *market = &lane->markets[i];
        int64_t pause = market->reconcile == RECONCILE_DONE ? FILLS_PAUSE_NS : ASK_AGAIN_NS;
        bool wanted = market->reconcile != RECONCILE_DONE || market->fills_wanted;
        if (!wanted || lane->now_ns - market->asked_ns < pause) continue;
        market->asked_ns = lane->now_ns;
        bool orders = market->reconcile == RECONCILE_ORDERS;
        lane_ask(lane, orders ? NT_REQUEST_OPEN_ORDERS : NT_REQUEST_FILLS, i, 0);
    }
}

void lane_reconcile_turn(nt_lane *lane) {
    if (lane->now_ns - lane->orders_looked_ns < LOOK_AT_ORDERS_NS) return;
    lane->orders_looked_ns = lane->now_ns;
    look_at_orders(lane);
    if (lane->session_ready && lane->config.paper == NULL) look_at_listings(lane);
}
