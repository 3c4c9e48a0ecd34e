// evidence.c — what one piece of evidence does to an order.
//
// Three steps: count the trade (if any), note what the report states, then choose the event of
// the transition table that evidence and numbers together amount to. Facts only grow (trades
// counted, the venue's own count, the proof that it is closed), so that reports may come twice
// and in any order and still end in the same place.
#include <stdio.h>
#include <stdlib.h>

#include "nt/planted.h"
#include "table.h"

/// So often the venue must show an order open that the operator said is closed, each answer later
/// than the one before: listings lag by tens of seconds, and prove nothing at first.
enum { SHOWN_OPEN_ENOUGH = 12 };

static void add_query(nt_order_change *change) { change->needs_query = true; }

/// The venue has shown this order: it cannot be absent or refused.
static bool is_proven(const nt_order *order) {
    return order->cumulative > 0 || order->venue_cumulative > 0 || order->venue_order != 0 ||
           order->closing != NT_ORDER_NONE;
}

bool nt_order_misses_trades(const nt_order *order) {
    const bool filled = order->closing == NT_ORDER_FILLED || order->state == NT_ORDER_FILLED;
    return order->venue_cumulative > order->cumulative ||
           (filled && order->cumulative < order->intent.quantity);
}

static bool is_open(const nt_order *order) {
    return order->state == NT_ORDER_LIVE || order->state == NT_ORDER_PARTIAL;
}

static void enter(nt_order *order, nt_order_state state, int64_t now_ns) {
    if (state == order->state) return;
    if (state == NT_ORDER_UNKNOWN) {
        order->queries = 0;
        order->not_found = 0;
    }
    order->state = state;
    order->resolved = 0;
    order->changed_ns = now_ns;
    if (nt_order_is_terminal(state)) {
        order->cancel = order->amend = NT_PENDING_NONE;
        order->closing = NT_ORDER_NONE;
    }
}

/// A bug of ours: the order's state is not what the code believed.
static nt_transition without_row(const nt_orders *orders, nt_order_state state,
                                 nt_order_event event) {
    if (orders->stops_on_bug) {
        fprintf(stderr, "no row for an order that is %s and meets \"%s\": transitions.def\n",
                nt_order_state_name(state), nt_order_event_name(event));
        abort();
    }
    return (nt_transition){NT_ORDER_DISPUTED, NT_EFFECT_HALT};
}

static void move(const nt_orders *orders, nt_order *order, nt_order_event event, int64_t now_ns,
                 nt_order_change *change) {
    if (event == NT_ORDER_EVENT_NONE) return;
    nt_transition row = nt_order_transition(order->state, event);
    change->illegal = row.next == NT_ORDER_NONE;
    if (change->illegal) row = without_row(orders, order->state, event);
    change->event = event;
    change->effects = row.effects;
    if (row.effects & NT_EFFECT_ASK) add_query(change);
    if (row.effects & NT_EFFECT_LATE) {
        change->fill_late = true;
        if (order->late_fills < UINT8_MAX) order->late_fills++;
    }
    enter(order, row.next, now_ns);
}

// ---- Steps: changes without a report

/// Requests whose answers will not come any more.
static void lose_replies(nt_order *order, nt_order_change *change) {
    if (order->cancel == NT_PENDING_REQUESTED) order->cancel = NT_PENDING_UNKNOWN;
    if (order->amend == NT_PENDING_REQUESTED) order->amend = NT_PENDING_UNKNOWN;
    if (order->cancel == NT_PENDING_UNKNOWN || order->amend == NT_PENDING_UNKNOWN) {
        add_query(change);
    }
}

static void step(const nt_orders *orders, nt_order *order, nt_order_event event, int64_t now_ns,
                 nt_order_change *change) {
    const bool releases = nt_order_transition(order->state, event).next == NT_ORDER_ABSENT;
    // Shown by the venue, hence not absent, whatever it says now.
    if (releases && is_proven(order)) event = NT_ORDER_ON_DISPROVED;
    if (event == NT_ORDER_ON_SEND && order->sent_ns == 0) order->sent_ns = now_ns;
    if (event == NT_ORDER_ON_SILENCE) lose_replies(order, change);
    move(orders, order, event, now_ns, change);
}

/// What can be told of an order without a report. Old journals hold the venue's words as steps too,
/// trades excepted.
static bool is_step(nt_order_event event) {
    const bool needs_trade = event >= NT_ORDER_ON_FILL && event <= NT_ORDER_ON_OVERFILL;
    return event > NT_ORDER_EVENT_NONE && event < NT_ORDER_ON_OPEN_PARTLY && !needs_trade;
}

nt_status nt_orders_step(nt_orders *orders, nt_order_key key, nt_order_event event, int64_t now_ns,
                         nt_order_change *change) {
    *change = (nt_order_change){0};
    if (!is_step(event)) return NT_INVALID;
    const uint32_t slot = order_locate(orders, key);
    if (slot == NO_SLOT) return NT_NOT_FOUND;
    nt_order *order = &orders->slots[slot].order;
    change->found = true;
    change->before = order->state;
    step(orders, order, event, now_ns, change);
    order_settle(orders, slot);
    change->order = *order;
    return NT_OK;
}

// ---- The operator's word

static nt_order_event word(nt_order_state as) {
    switch (as) {
    case NT_ORDER_FILLED:
        return NT_ORDER_ON_RESOLVED_FILLED;
    case NT_ORDER_CANCELED:
        return NT_ORDER_ON_RESOLVED_CANCELED;
    case NT_ORDER_REJECTED:
        return NT_ORDER_ON_RESOLVED_REJECTED;
    case NT_ORDER_ABSENT:
        return NT_ORDER_ON_RESOLVED_ABSENT;
    default:
        return NT_ORDER_EVENT_NONE;
    }
}

/// The word does not deny what was counted or shown.
static bool may_be(const nt_order *order, nt_order_state as, int64_t filled) {
    const bool traded = order->cumulative > 0 || order->venue_cumulative > 0 || filled > 0;
    if (filled >= 0 && filled < order->cumulative) return false;
    if (filled > order->intent.quantity && filled > order->cumulative) return false;
    if (as == NT_ORDER_FILLED) return filled < 0 || filled >= order->intent.quantity;
    if (as == NT_ORDER_REJECTED) return !traded;
    return as != NT_ORDER_ABSENT || (!traded && !is_proven(order));
}

nt_status nt_orders_resolve(nt_orders *orders, nt_order_key key, nt_order_state as, int64_t filled,
                            int64_t now_ns, nt_order_change *change) {
    *change = (nt_order_change){0};
    const nt_order_event event = word(as);
    const uint32_t slot = order_locate(orders, key);
    if (slot == NO_SLOT) return NT_NOT_FOUND;
    nt_order *order = &orders->slots[slot].order;
    change->found = true;
    change->before = order->state;
    change->order = *order;
    if (event == NT_ORDER_EVENT_NONE) return NT_INVALID;
    if (nt_order_transition(order->state, event).next == NT_ORDER_NONE) return NT_REFUSED;
    if (!may_be(order, as, filled)) return NT_INVALID;
    if (filled >= 0) order->venue_cumulative = filled;
    move(orders, order, event, now_ns, change);
    order->resolved = 1;
    add_query(change);
    order_settle(orders, slot);
    change->order = *order;
    return NT_OK;
}

// ---- Reports

/// The closed state that the evidence states, NT_ORDER_NONE for all other evidence.
static nt_order_state closed_as(nt_evidence evidence) {
    switch (evidence) {
    case NT_EVIDENCE_CANCELED:
    case NT_EVIDENCE_FOUND_CANCELED:
        return NT_ORDER_CANCELED;
    case NT_EVIDENCE_EXPIRED:
    case NT_EVIDENCE_FOUND_EXPIRED:
        return NT_ORDER_EXPIRED;
    case NT_EVIDENCE_REJECTED:
    case NT_EVIDENCE_FOUND_REJECTED:
        return NT_ORDER_REJECTED;
    case NT_EVIDENCE_FOUND_FILLED:
        return NT_ORDER_FILLED;
    default:
        return NT_ORDER_NONE;
    }
}

/// The event that ends an order in a state.
static nt_order_event ending(nt_order_state closed) {
    switch (closed) {
    case NT_ORDER_CANCELED:
        return NT_ORDER_ON_CANCELED;
    case NT_ORDER_EXPIRED:
        return NT_ORDER_ON_EXPIRED;
    case NT_ORDER_REJECTED:
        return NT_ORDER_ON_REJECTED;
    default:
        return NT_ORDER_ON_FULL_FILL;
    }
}

/// The event that the counted trades alone amount to.
static nt_order_event by_trades(const nt_order *order) {
    if (order->cumulative > order->intent.quantity) return NT_ORDER_ON_OVERFILL;
    return order->cumulative == order->intent.quantity ? NT_ORDER_ON_FULL_FILL : NT_ORDER_ON_FILL;
}

/// The event of an order that the venue says is closed.
static nt_order_event by_closing(const nt_order *order, nt_order_state closed) {
    if (nt_order_misses_trades(order)) return NT_ORDER_ON_FOUND_CLOSED;
    if (order->cumulative >= order->intent.quantity) return by_trades(order);
    return ending(closed);
}

static nt_order_event on_fill(const nt_order *order) {
    if (order->cumulative >= order->intent.quantity) return by_trades(order);
    if (nt_planted(NT_BUG_PARTIAL_ENDS_ORDER)) return NT_ORDER_ON_FULL_FILL;
    if (order->closing != NT_ORDER_NONE) return by_closing(order, order->closing);
    return NT_ORDER_ON_FILL;
}

static nt_order_event on_closed(nt_order *order, nt_evidence evidence) {
    const nt_order_state closed = closed_as(evidence);
    if (order->closing == NT_ORDER_NONE && !nt_order_is_terminal(order->state)) {
        order->closing = closed;
    }
    return by_closing(order, closed);
}

/// The submit's own outcome is in doubt: news only while nothing has shown the order.
static nt_order_event on_doubt(nt_order *order, const nt_report *report) {
    if (order->amend == NT_PENDING_REQUESTED) order->amend = NT_PENDING_UNKNOWN;
    if (report->from_query || is_open(order)) return NT_ORDER_EVENT_NONE;
    if (nt_planted(NT_BUG_UNCERTAIN_IS_REJECTED)) return NT_ORDER_ON_REJECTED;
    return NT_ORDER_ON_UNCERTAIN;
}

static nt_order_event on_amended(nt_order *order, const nt_report *report) {
    order->amend = NT_PENDING_NONE;
    if (report->venue_order > 0) order->venue_order = report->venue_order;
    return order->cumulative >= order->intent.quantity ? by_trades(order) : NT_ORDER_EVENT_NONE;
}

/// The answer to a question that a cancel or an amend left open: the order stands, ask anew.
static void settle_doubt(nt_pending *pending) {
    if (*pending == NT_PENDING_UNKNOWN || *pending == NT_PENDING_REFUSED) {
        *pending = NT_PENDING_NONE;
    }
}

/// It is open, and some of it is filled.
static bool is_open_partly(const nt_order *order) {
    return order->cumulative > 0 && !nt_order_is_terminal(order->state);
}

static nt_order_event on_ack(const nt_order *order) {
    // An order that is proven closed is not opened again by an older answer.
    if (order->closing != NT_ORDER_NONE) return NT_ORDER_EVENT_NONE;
    return is_open_partly(order) ? NT_ORDER_ON_OPEN_PARTLY : NT_ORDER_ON_ACK;
}

static nt_order_event on_found_open(nt_order *order) {
    settle_doubt(&order->cancel);
    settle_doubt(&order->amend);
    // A listing that lags does not open again what is proven closed.
    if (order->closing != NT_ORDER_NONE) return NT_ORDER_EVENT_NONE;
    if (order->cumulative >= order->intent.quantity) return by_trades(order);
    return is_open_partly(order) ? NT_ORDER_ON_OPEN_PARTLY : NT_ORDER_ON_FOUND_OPEN;
}

/// Whether the report shows that the operator's word, which nothing else proves, was wrong. (Of
/// one said to be rejected or absent the table itself has what contradicts it.)
static bool disproves(nt_order *order, const nt_report *report) {
    const bool filled = order->state == NT_ORDER_FILLED;
    if (order->resolved == 0 || !(filled || order->state == NT_ORDER_CANCELED)) return false;
    if (order->cumulative >= order->intent.quantity) return false;
    if (report->evidence == NT_EVIDENCE_FOUND_OPEN) return ++order->resolved > SHOWN_OPEN_ENOUGH;
    const nt_order_state closed = closed_as(report->evidence);
    const bool ends_short = closed != NT_ORDER_NONE && closed != NT_ORDER_FILLED;
    return filled && (ends_short || report->evidence == NT_EVIDENCE_REFUSED);
}

static void flag_refused(const nt_order *order, nt_pending *pending, nt_pending to,
                         nt_order_change *change) {
    if (nt_order_is_terminal(order->state)) return;
    *pending = to;
    add_query(change);
}

/// The event that the evidence amounts to; NONE when it moves nothing. Sets flags on the way.
static nt_order_event interpret(nt_order *order, const nt_report *report, bool proven,
                                nt_order_change *change) {
    if (disproves(order, report)) return NT_ORDER_ON_DISPROVED;
    switch (report->evidence) {
    case NT_EVIDENCE_FILL:
        return change->fill_applied ? on_fill(order) : NT_ORDER_EVENT_NONE;
    case NT_EVIDENCE_ACK:
        return on_ack(order);
    case NT_EVIDENCE_REFUSED:
        return proven && !is_open(order) ? NT_ORDER_ON_UNCERTAIN : NT_ORDER_ON_REFUSED;
    case NT_EVIDENCE_FOUND_OPEN:
        return on_found_open(order);
    case NT_EVIDENCE_NOT_FOUND:
        if (nt_planted(NT_BUG_NOT_FOUND_IS_REJECTED)) return NT_ORDER_ON_REJECTED;
        return NT_ORDER_ON_NOT_FOUND;
    case NT_EVIDENCE_UNCERTAIN:
    case NT_EVIDENCE_DUPLICATE_ID:
        return on_doubt(order, report);
    case NT_EVIDENCE_UNKNOWN_STATE:
        return NT_ORDER_ON_UNCERTAIN;
    case NT_EVIDENCE_CANCEL_REFUSED:
        if (nt_planted(NT_BUG_CANCEL_REFUSED_IS_CANCELED)) return NT_ORDER_ON_CANCELED;
        flag_refused(order, &order->cancel, NT_PENDING_REFUSED, change);
        return NT_ORDER_EVENT_NONE;
    case NT_EVIDENCE_CANCEL_UNCERTAIN:
        flag_refused(order, &order->cancel, NT_PENDING_UNKNOWN, change);
        return NT_ORDER_EVENT_NONE;
    case NT_EVIDENCE_AMEND_REFUSED:
        flag_refused(order, &order->amend, NT_PENDING_REFUSED, change);
        return NT_ORDER_EVENT_NONE;
    case NT_EVIDENCE_AMENDED:
        return on_amended(order, report);
    default:
        return on_closed(order, report->evidence);
    }
}

/// What the numbers leave open after the evidence was taken: is a question to the venue due?
static void decide_query(const nt_order *order, const nt_report *report, nt_order_change *change) {
    const nt_evidence evidence = report->evidence;
    const bool finished = nt_order_is_terminal(order->state);
    if (nt_order_misses_trades(order)) add_query(change);
    // Doubt about the submit moves nothing once the order is shown, and is asked about all the
    // same.
    const bool doubtful = evidence == NT_EVIDENCE_UNCERTAIN || evidence == NT_EVIDENCE_DUPLICATE_ID;
    if (doubtful && !finished) add_query(change);
    // What the operator said is checked by every sign of life.
    const bool shown_open = evidence == NT_EVIDENCE_FOUND_OPEN;
    if (order->resolved > 0 && (shown_open || !report->from_query)) add_query(change);
}

/// Takes a lower total quantity: stated by an amendment, or by any report while one is pending.
/// Amendments only lower: of two, the lower is the later, in whatever order they arrive.
static void note_quantity(nt_order *order, const nt_report *report) {
    const bool pending = order->amend == NT_PENDING_REQUESTED || order->amend == NT_PENDING_UNKNOWN;
    if (report->evidence != NT_EVIDENCE_AMENDED && !pending) return;
    if (report->quantity <= 0 || report->quantity >= order->intent.quantity) return;
    if (nt_order_is_terminal(order->state)) return;
    order->intent.quantity = report->quantity;
    order->amend = NT_PENDING_NONE;
}

/// Takes the plain statements of a report: ids, the venue's count, the code.
static void note(nt_order *order, const nt_report *report, int64_t now_ns) {
    note_quantity(order, report);
    if (order->answered_ns == 0) order->answered_ns = now_ns;
    if (order->venue_order == 0 && report->venue_order > 0) {
        order->venue_order = report->venue_order;
    }
    if (report->cumulative > order->venue_cumulative) order->venue_cumulative = report->cumulative;
    if (report->code != 0) order->code = report->code;
    if (report->evidence == NT_EVIDENCE_NOT_FOUND) {
        if (order->not_found < UINT8_MAX) order->not_found++;
    } else if (report->evidence != NT_EVIDENCE_UNCERTAIN) {
        order->not_found = 0;
    }
}

/// Everything that a report may change, times left out.
static bool same_facts(const nt_order *a, const nt_order *b) {
    return a->state == b->state && a->closing == b->closing && a->venue_order == b->venue_order &&
           a->cumulative == b->cumulative && a->venue_cumulative == b->venue_cumulative &&
           a->intent.quantity == b->intent.quantity && a->cancel == b->cancel &&
           a->amend == b->amend && a->code == b->code && a->resolved == b->resolved;
}

/// Did the report tell anything? Every "not found" about an order that is not finished does: the
/// proof of absence counts them. Times do not matter.
static bool is_news(const nt_order *old, const nt_order *new, const nt_report *report,
                    const nt_order_change *change) {
    const bool counts =
        report->evidence == NT_EVIDENCE_NOT_FOUND && !nt_order_is_terminal(new->state);
    return change->fill_applied || change->illegal || counts || !same_facts(old, new);
}

static bool is_trade(const nt_report *report) {
    return report->trade != 0 && report->last_price > 0 && report->last_quantity > 0;
}

/// Adds a trade that is new to the order's sums.
static nt_status add_trade(const nt_orders *orders, nt_order *order, const nt_report *report) {
    int64_t cumulative;
    nt_money value;
    if (__builtin_add_overflow(order->cumulative, report->last_quantity, &cumulative)) {
        return NT_OVERFLOW;
    }
    const nt_instrument *instrument = &orders->instruments[order->intent.instrument];
    if (!nt_notional(instrument, report->last_price, report->last_quantity, &value)) {
        return NT_OVERFLOW;
    }
    order->cumulative = cumulative;
    order->filled_value = order_clamp((__int128)order->filled_value + value);
    return NT_OK;
}

static void count_trade(nt_order *order, int64_t now_ns, nt_order_change *change) {
    change->fill_applied = true;
    order->changed_ns = now_ns;
}

/// A trade of an order that the table no longer holds still moves the position, once.
static nt_status report_forgotten(nt_orders *orders, nt_instrument_id instrument,
                                  const nt_report *report, nt_order_change *change) {
    if (report->order == 0 || report->evidence != NT_EVIDENCE_FILL) return NT_NOT_FOUND;
    if (instrument >= orders->instrument_count || !is_trade(report)) return NT_INVALID;
    if (!nt_trades_add(orders->trades, instrument, report->trade)) return NT_DUPLICATE;
    change->fill_applied = change->fill_late = true;
    return NT_OK;
}

/// Counts the trade of a fill. NT_DUPLICATE: counted before.
static nt_status take_trade(nt_orders *orders, nt_order *order, const nt_report *report,
                            int64_t now_ns, nt_order_change *change) {
    if (!is_trade(report)) return NT_INVALID;
    const nt_instrument_id instrument = order->intent.instrument;
    if (nt_planted(NT_BUG_DROP_LATE_FILL) && nt_order_is_terminal(order->state))
        return NT_DUPLICATE;
    const bool counted = nt_trades_has(orders->trades, instrument, report->trade);
    if (counted && !nt_planted(NT_BUG_COUNT_FILL_TWICE)) return NT_DUPLICATE;
    const nt_status status = add_trade(orders, order, report);
    if (status != NT_OK) return status;
    nt_trades_add(orders->trades, instrument, report->trade);
    count_trade(order, now_ns, change);
    return NT_OK;
}

nt_status nt_orders_report(nt_orders *orders, nt_instrument_id instrument, const nt_report *report,
                           int64_t now_ns, nt_order_change *change) {
    *change = (nt_order_change){0};
    if (report->evidence == NT_EVIDENCE_NONE || report->evidence >= NT_EVIDENCE_COUNT) {
        return NT_INVALID;
    }
    const uint32_t slot = order_locate(orders, report->order);
    if (slot == NO_SLOT) return report_forgotten(orders, instrument, report, change);

    nt_order *order = &orders->slots[slot].order;
    const nt_order old = *order;
    change->found = true;
    change->before = old.state;
    nt_status status = NT_OK;
    if (instrument != NT_NO_INSTRUMENT && instrument != order->intent.instrument) {
        status = NT_INVALID;
    } else if (report->evidence == NT_EVIDENCE_FILL) {
        status = take_trade(orders, order, report, now_ns, change);
    }
    if (status == NT_INVALID || status == NT_OVERFLOW) {
        change->order = *order;
        add_query(change);
        return status;
    }

    note(order, report, now_ns);
    const nt_order_event event = interpret(order, report, is_proven(&old), change);
    move(orders, order, event, now_ns, change);
    decide_query(order, report, change);
    order_settle(orders, slot);
    change->order = *order;
    return is_news(&old, order, report, change) ? NT_OK : NT_DUPLICATE;
}

// ---- Marks

void nt_orders_mark_cancel(nt_orders *orders, nt_order_key key, nt_pending pending) {
    const uint32_t slot = order_locate(orders, key);
    if (slot == NO_SLOT || nt_order_is_terminal(orders->slots[slot].order.state)) return;
    orders->slots[slot].order.cancel = pending;
}

void nt_orders_mark_amend(nt_orders *orders, nt_order_key key, nt_pending pending,
                          int64_t new_quantity) {
    const uint32_t slot = order_locate(orders, key);
    if (slot == NO_SLOT || nt_order_is_terminal(orders->slots[slot].order.state)) return;
    nt_order *order = &orders->slots[slot].order;
    order->amend = pending;
    // Reserved is the larger of both until the venue answers; amendments only lower.
    if (new_quantity > order->intent.quantity) order->intent.quantity = new_quantity;
    order_settle(orders, slot);
}

void nt_orders_mark_query(nt_orders *orders, nt_order_key key, int64_t now_ns) {
    const uint32_t slot = order_locate(orders, key);
    if (slot == NO_SLOT) return;
    nt_order *order = &orders->slots[slot].order;
    order->asked_ns = now_ns;
    if (order->queries < UINT16_MAX) order->queries++;
}
