// lane_reconcile.c — asking the venue: after each log-on, and whenever an answer stays out.
//
// After a log-on every order that is not finished is queried, and the open orders and then our
// trades of each instrument are listed. Such rounds are repeated until one, some time after
// another, changes nothing: only then may new risk be taken. The same is done now and then, and
// when the operator asks, while trading goes on. Trades are listed from the last one that an
// earlier whole list held, not from the last one seen: a fill that was lost is found even when
// newer ones came by the stream meanwhile. The same questions are asked again, more and more
// slowly, while an order's outcome is not proven. A "429" makes an answer uncertain or not
// accepted; the pause that it asks for is kept.
#include "lane_internal.h"

#include <string.h>

#define LOOK_AT_ORDERS_NS   INT64_C(10000000)
#define ASKS_PER_LOOK       16u
#define ASK_AGAIN_NS        (3 * LANE_SECOND_NS) // A list unanswered for so long has failed.
#define MAX_BACKOFF         30
#define ALARM_AFTER_QUERIES 20u
#define TELL_AFTER_ROUNDS   10u
/// Each open order is asked about now and then: a stream may be silent and look alive.
#define DRIFT_CHECK_NS (60 * LANE_SECOND_NS)

// --- the table, searched -----------------------------------------------------------------------

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

bool lane_has_unnamed(const nt_lane *lane, nt_instrument_id instrument) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || order->intent.instrument != instrument || order->venue_order != 0)
            continue;
        // An end that only the operator's word proves may be wrong.
        if (!nt_order_is_terminal(order->state) || order->resolved != 0) return true;
    }
    return false;
}

static bool any_misses_trades(const nt_lane *lane, nt_instrument_id instrument) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order != NULL && order->intent.instrument == instrument &&
            nt_order_misses_trades(order))
            return true;
    }
    return false;
}

// --- lists -------------------------------------------------------------------------------------

static void ask_page(nt_lane *lane, nt_instrument_id instrument) {
    lane->markets[instrument].listing.asked_ns = lane->now_ns;
    (void)lane_ask(lane, NT_REQUEST_FILLS, instrument, 0);
}

/// Begins a list at the first trade that no whole list has held; every other repetition at the
/// newest ones, because a venue's list may have lagged when it was last whole.
static void ask_fills(nt_lane *lane, nt_instrument_id instrument) {
    lane_listing *listing = &lane->markets[instrument].listing;
    listing->newest = listing->begun && listing->tries % 2 == 1;
    listing->from = listing->begun && !listing->newest ? listing->complete + 1 : 0;
    listing->last = 0;
    listing->unnamed = false;
    listing->owners_asked = 0;
    ask_page(lane, instrument);
}

static void ask_open_orders(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    market->reconcile = RECONCILE_ORDERS;
    market->round_news = 0;
    market->listing.asked_ns = lane->now_ns;
    (void)lane_ask(lane, NT_REQUEST_OPEN_ORDERS, instrument, 0);
}

void lane_want_fills(nt_lane *lane, nt_instrument_id instrument) {
    lane_listing *listing = &lane->markets[instrument].listing;
    if (listing->wanted_ns != 0) return;
    listing->wanted_ns = lane->now_ns;
    listing->tries = 0;
}

static void complete_list(nt_lane *lane, nt_instrument_id instrument) {
    lane_listing *listing = &lane->markets[instrument].listing;
    if (listing->newest || listing->unnamed) return;
    bool news = !listing->begun || listing->last > listing->complete;
    if (listing->last > listing->complete) listing->complete = listing->last;
    listing->begun = true;
    if (!news) return;
    nt_record_listed record = {.instrument = instrument, .trade = listing->complete};
    lane_journal(lane, NT_RECORD_LISTED, &record, sizeof record);
}

static bool is_reconciling(const nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (lane->markets[i].reconcile != RECONCILE_DONE) return true;
    return false;
}

/// All instruments agree.
static void end_reconciliation(nt_lane *lane) {
    // Relaxed: shown to people.
    atomic_store_explicit(&lane->reconciled_ns, lane->now_ns, memory_order_relaxed);
    if (lane->reconcile_ticket != 0)
        lane_answer(lane, lane->reconcile_ticket, NT_OK,
                    "reconciled with the venue; %llu changes found",
                    (unsigned long long)lane->reconcile_news);
    lane->reconcile_ticket = 0;
}

/// A round is whole. One that changed nothing, some time after another one, ends it.
static void end_round(nt_lane *lane, lane_market *market) {
    bool agrees = market->rounds > 0 && market->round_news == 0;
    bool ends = agrees || lane->config.agree_gap_ns < 0;
    market->rounds++;
    market->round_ns = lane->now_ns;
    market->reconcile = ends ? RECONCILE_DONE : RECONCILE_AGAIN;
    if (ends) market->reconciled = true;
    if (ends && !is_reconciling(lane)) end_reconciliation(lane);
    if (market->rounds == TELL_AFTER_ROUNDS && !ends)
        lane_alarm(lane, lane_slot(lane, market),
                   "the venue's lists of %s still change after %u rounds",
                   market->instrument.symbol, TELL_AFTER_ROUNDS);
}

void lane_reconcile_found(nt_lane *lane, nt_instrument_id instrument,
                          const nt_order_change *change) {
    lane_market *market = &lane->markets[instrument];
    bool listing = market->reconcile == RECONCILE_ORDERS || market->reconcile == RECONCILE_FILLS;
    bool news = change->fill_applied || change->before != change->order.state;
    if (!listing || !news) return;
    market->round_news++;
    lane->reconcile_news++;
}

/// A page is here, its trades counted. The last page makes the list whole.
static void page_listed(nt_lane *lane, nt_instrument_id instrument, const nt_answer_end *answer) {
    lane_market *market = &lane->markets[instrument];
    lane_listing *listing = &market->listing;
    bool grows = answer->last_trade > listing->last;
    if (grows) listing->last = answer->last_trade;
    if (grows && answer->count >= LANE_FILLS_PAGE) {
        listing->from = listing->last + 1;
        ask_page(lane, instrument);
        return;
    }
    complete_list(lane, instrument);
    listing->tries++;
    if (!listing->unnamed && !any_misses_trades(lane, instrument))
        listing->wanted_ns = 0;
    else if (listing->wanted_ns == 0)
        lane_want_fills(lane, instrument);
    if (market->reconcile == RECONCILE_FILLS) end_round(lane, market);
    lane_update_ready(lane);
}

void lane_reconcile_answer(nt_lane *lane, const nt_event *event) {
    if (event->instrument >= lane->config.instrument_count) return;
    const nt_answer_end *answer = &event->as.answer;
    lane_market *market = &lane->markets[event->instrument];
    if (!answer->accepted && !nt_planted(NT_BUG_FAILED_LIST_IS_EMPTY))
        return; // Asked again by the turn: a failed pull is no empty list.
    if (answer->request == NT_REQUEST_OPEN_ORDERS && market->reconcile == RECONCILE_ORDERS) {
        market->reconcile = RECONCILE_FILLS;
        ask_fills(lane, event->instrument);
    } else if (answer->request == NT_REQUEST_FILLS) {
        page_listed(lane, event->instrument, answer);
    }
}

static bool is_list_due(const nt_lane *lane, const lane_market *market) {
    const lane_listing *listing = &market->listing;
    int64_t since = lane->now_ns - listing->asked_ns;
    if (market->reconcile == RECONCILE_AGAIN)
        return lane->now_ns - market->round_ns >= lane->config.agree_gap_ns;
    if (market->reconcile != RECONCILE_DONE) return since >= ASK_AGAIN_NS;
    if (listing->wanted_ns == 0) return false;
    if (lane->now_ns - listing->wanted_ns < LANE_RACE_GUARD_NS) return false;
    int64_t factor = listing->tries < MAX_BACKOFF ? listing->tries : MAX_BACKOFF;
    return since >= LANE_SECOND_NS * (factor + 1);
}

static void look_at_list(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    if (!is_list_due(lane, market)) return;
    if (market->reconcile == RECONCILE_FILLS || market->reconcile == RECONCILE_DONE)
        ask_fills(lane, instrument);
    else
        ask_open_orders(lane, instrument);
}

// --- proof of absence --------------------------------------------------------------------------

/// The order's own place, else a free one; places of orders that are not in doubt are free.
static lane_absence *absence_of(nt_lane *lane, nt_order_key key) {
    lane_absence *empty = NULL;
    for (uint32_t i = 0; i < LANE_MAX_ABSENCES; i++) {
        lane_absence *absence = &lane->absences[i];
        if (absence->order == key) return absence;
        const nt_order *order = nt_orders_find(lane->orders, absence->order);
        if (order == NULL || order->state != NT_ORDER_UNKNOWN) absence->order = 0;
        if (absence->order == 0 && empty == NULL) empty = absence;
    }
    return empty;
}

/// An order is absent when, on one unbroken session, after the venue's own bound on its age, it
/// was twice not found, far enough apart, and a whole list of trades in between has nothing that
/// may be its.
void lane_not_found(nt_lane *lane, nt_instrument_id instrument, nt_order_key key) {
    const nt_order *order = nt_orders_find(lane->orders, key);
    if (order == NULL || order->state != NT_ORDER_UNKNOWN) return;
    if (nt_planted(NT_BUG_ABSENT_AT_ONCE)) lane_step_order(lane, key, NT_ORDER_ON_PROVEN_ABSENT);
    int64_t sent_ns = order->sent_ns > order->created_ns ? order->sent_ns : order->created_ns;
    int64_t grace = lane->config.validity_ns + lane->config.reply_timeout_ns;
    if (order->asked_ns - sent_ns < grace && !nt_planted(NT_BUG_ABSENT_WITHOUT_GRACE)) return;
    lane_absence *absence = absence_of(lane, key);
    if (absence == NULL) return;
    if (absence->order == 0) {
        *absence = (lane_absence){.order = key, .first_ns = lane->now_ns};
        lane_want_fills(lane, instrument);
        return;
    }
    const bool early = lane->now_ns - absence->first_ns < lane->config.absence_gap_ns;
    if (early && !nt_planted(NT_BUG_ABSENT_WITHOUT_GAP)) return;
    const bool unlisted = lane->markets[instrument].listing.wanted_ns != 0;
    if (unlisted && !nt_planted(NT_BUG_ABSENT_WITHOUT_TRADES)) return;
    absence->order = 0;
    lane_step_order(lane, key, NT_ORDER_ON_PROVEN_ABSENT);
}

// --- questions about single orders -------------------------------------------------------------

void lane_want_query(nt_lane *lane, nt_order_key key, int64_t delay_ns) {
    lane_wanted *empty = NULL;
    for (uint32_t i = 0; i < LANE_MAX_WANTED; i++) {
        if (lane->wanted[i].order == key) return;
        if (lane->wanted[i].order == 0 && empty == NULL) empty = &lane->wanted[i];
    }
    // Without room the look at all orders finds what is not finished.
    if (empty != NULL) *empty = (lane_wanted){.order = key, .due_ns = lane->now_ns + delay_ns};
}

/// More and more slowly, up to MAX_BACKOFF intervals apart.
static bool is_due(const nt_lane *lane, const nt_order *order) {
    int64_t factor = order->queries < MAX_BACKOFF ? order->queries + 1 : MAX_BACKOFF;
    return order->asked_ns == 0 ||
           lane->now_ns - order->asked_ns >= lane->config.query_interval_ns * factor;
}

/// What stays in doubt for long is a person's business.
static void mind_unresolved(nt_lane *lane, const nt_order *order) {
    if (order->state != NT_ORDER_UNKNOWN || order->queries != ALARM_AFTER_QUERIES) return;
    nt_instrument_id instrument = order->intent.instrument;
    lane_alarm(lane, instrument, "the outcome of an order is not known after %u questions",
               ALARM_AFTER_QUERIES);
    lane_lower_trading(lane, instrument, NT_TRADING_REDUCING, "an order's outcome is not known");
}

/// True when it asked.
static bool ask_about(nt_lane *lane, const nt_order *order) {
    if (!lane_ask(lane, NT_REQUEST_QUERY, order->intent.instrument, order->intent.order))
        return false;
    mind_unresolved(lane, order);
    return true;
}

static void look_at_wanted(nt_lane *lane) {
    for (uint32_t i = 0; i < LANE_MAX_WANTED; i++) {
        lane_wanted *wanted = &lane->wanted[i];
        if (wanted->order == 0 || lane->now_ns < wanted->due_ns) continue;
        const nt_order *order = nt_orders_find(lane->orders, wanted->order);
        bool settled =
            order == NULL || (order->state == NT_ORDER_FILLED && !nt_order_misses_trades(order));
        if (settled || (is_due(lane, order) && ask_about(lane, order))) wanted->order = 0;
    }
}

/// Is the outcome of anything about this order not proven, or its state not confirmed for long?
static bool is_doubtful(const nt_lane *lane, const nt_order *order) {
    int64_t asked = order->asked_ns > order->created_ns ? order->asked_ns : order->created_ns;
    int64_t shown = asked > order->changed_ns ? asked : order->changed_ns;
    bool waits = order->cancel == NT_PENDING_REQUESTED || order->amend == NT_PENDING_REQUESTED;
    bool open_question =
        order->cancel > NT_PENDING_REQUESTED || order->amend > NT_PENDING_REQUESTED;
    if (order->state == NT_ORDER_UNKNOWN) {
        bool closes = order->closing != NT_ORDER_NONE;
        return !closes || lane->now_ns - order->changed_ns >= LANE_RACE_GUARD_NS;
    }
    bool drifts = lane->now_ns - shown >= DRIFT_CHECK_NS && !nt_planted(NT_BUG_NO_DRIFT_CHECK);
    return open_question || asked <= lane->session_ns || drifts ||
           (waits && lane->now_ns - asked >= lane->config.reply_timeout_ns);
}

/// True when it asked.
static bool look_at_order(nt_lane *lane, const nt_order *order) {
    if (order->state == NT_ORDER_SENT) {
        if (lane->now_ns - order->changed_ns < lane->config.reply_timeout_ns) return false;
        if (nt_planted(NT_BUG_RESEND_ON_SILENCE))
            (void)lane_ask(lane, NT_REQUEST_PLACE, order->intent.instrument, order->intent.order);
        if (nt_planted(NT_BUG_SILENCE_IS_REJECTED))
            lane_step_order(lane, order->intent.order, NT_ORDER_ON_REJECTED);
        lane_step_order(lane, order->intent.order, NT_ORDER_ON_SILENCE);
        return ask_about(lane, order);
    }
    bool first = order->asked_ns <= lane->session_ns; // Since the log-on: does not wait.
    return is_doubtful(lane, order) && (first || is_due(lane, order)) && ask_about(lane, order);
}

static void look_at_orders(nt_lane *lane) {
    uint32_t left = nt_orders_live_count(lane->orders), asks = 0;
    lane->orders_looked_ns = lane->now_ns;
    for (uint32_t i = 0; left > 0 && i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || nt_order_is_terminal(order->state)) continue;
        left--;
        if (asks < ASKS_PER_LOOK && look_at_order(lane, order)) asks++;
    }
}

// --- turns -------------------------------------------------------------------------------------

/// Asks for everything, from the first round on.
static void begin(nt_lane *lane) {
    lane->reconciling_ns = lane->now_ns;
    lane->reconcile_news = 0;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane->markets[i].rounds = 0;
        lane->markets[i].listing.tries = 0;
        ask_open_orders(lane, i);
    }
    look_at_orders(lane);
}

void lane_reconcile_begin(nt_lane *lane) {
    if (lane->config.paper != NULL || !lane->started) return;
    lane->session_ready = true;
    lane->session_ns = lane->now_ns;
    lane_untold_begin(lane);
    // What was not found on another connection proves nothing on this one.
    if (!nt_planted(NT_BUG_ABSENT_ACROSS_SESSIONS))
        memset(lane->absences, 0, sizeof lane->absences);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        lane->markets[i].reconciled = false;
    begin(lane);
    lane_update_ready(lane);
}

void lane_reconcile_again(nt_lane *lane) {
    if (lane->config.paper != NULL || !lane->session_ready) return;
    // Asked by the turn, so that a flood of such messages is no flood of questions.
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane->markets[i].reconcile = RECONCILE_ORDERS;
        lane->markets[i].reconciled = false;
        lane->markets[i].rounds = 0;
    }
    lane_update_ready(lane);
}

void lane_reconcile_now(nt_lane *lane, const nt_command *command) {
    if (lane->config.paper != NULL) {
        lane_answer(lane, command->ticket, NT_OK, "paper: there is no account to compare with");
        return;
    }
    if (!lane->session_ready) {
        lane_answer(lane, command->ticket, NT_CLOSED,
                    "not logged on; it reconciles by itself as soon as it is");
        return;
    }
    if (lane->reconcile_ticket != 0)
        lane_answer(lane, lane->reconcile_ticket, NT_BUSY, "a later command took its place");
    lane->reconcile_ticket = command->ticket;
    begin(lane);
}

static void reconcile_now_and_then(nt_lane *lane) {
    int64_t every = lane->config.reconcile_every_ns;
    if (every > 0 && lane->now_ns - lane->reconciling_ns >= every && !is_reconciling(lane))
        begin(lane);
}

void lane_reconcile_turn(nt_lane *lane) {
    if (lane->now_ns - lane->orders_looked_ns < LOOK_AT_ORDERS_NS) return;
    look_at_wanted(lane);
    look_at_orders(lane);
    lane_untold_turn(lane);
    if (!lane->session_ready || lane->config.paper != NULL) return;
    reconcile_now_and_then(lane);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) look_at_list(lane, i);
}
