// order_test.c — the transition table against docs/orders.md, evidence, and the table itself.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "order_cases.h"
#include "test.h"

// ---- The table of transitions

/// docs/orders.md, read whole; `block` is what lies between its two marks.
typedef struct document {
    char path[512], text[65536];
    char *block, *rest;
} document;

static bool read_document(document *out) {
    snprintf(out->path, sizeof out->path, "%s", __FILE__);
    char *slash = strrchr(out->path, '/');
    snprintf(slash, sizeof out->path - (size_t)(slash - out->path), "/../../docs/orders.md");
    FILE *file = fopen(out->path, "r");
    if (file == NULL) return false;
    size_t length = fread(out->text, 1, sizeof out->text - 1, file);
    fclose(file);
    out->text[length] = '\0';
    out->block = strstr(out->text, "<!-- transitions: begin -->\n");
    out->rest = strstr(out->text, "<!-- transitions: end -->");
    if (out->block == NULL || out->rest == NULL) return false;
    out->block += strlen("<!-- transitions: begin -->\n");
    return true;
}

static void write_cell(FILE *out, nt_order_state state, nt_order_event event) {
    const nt_transition row = nt_order_transition(state, event);
    fprintf(out, " %s",
            row.next == NT_ORDER_NONE ? "–"
            : row.next == state       ? "same"
                                      : nt_order_state_name(row.next));
    for (uint32_t bit = 0; bit < NT_EFFECT_COUNT_OF; bit++)
        if (row.effects >> bit & 1) fprintf(out, ", %s", nt_order_effect_name(bit));
    fputs(" |", out);
}

/// The table as the document shows it.
static void write_table(FILE *out) {
    fputs("| |", out);
    for (uint8_t state = 1; state < EVERY_STATE; state++)
        fprintf(out, " %s |", nt_order_state_name(state));
    fputs("\n|", out);
    for (uint8_t state = 0; state < EVERY_STATE; state++) fputs("---|", out);
    for (uint8_t event = 1; event < EVERY_EVENT; event++) {
        fprintf(out, "\n| **%s** |", nt_order_event_name(event));
        for (uint8_t state = 1; state < EVERY_STATE; state++) write_cell(out, state, event);
    }
    fputc('\n', out);
}

static bool write_document(const document *old, const char *table) {
    FILE *file = fopen(old->path, "w");
    if (file == NULL) return false;
    fprintf(file, "%.*s%s%s", (int)(old->block - old->text), old->text, table, old->rest);
    return fclose(file) == 0;
}

/// `make order-table` sets NEEDLETAIL_WRITE_TABLES, and the document is written anew.
TEST(order, table_is_the_one_in_the_documents) {
    static document old;
    static char table[16384];
    EXPECT(read_document(&old));
    FILE *out = fmemopen(table, sizeof table, "w");
    write_table(out);
    fclose(out);
    const size_t shown = (size_t)(old.rest - old.block);
    const bool same = strlen(table) == shown && memcmp(table, old.block, shown) == 0;
    if (!same && getenv("NEEDLETAIL_WRITE_TABLES") != NULL) {
        EXPECT(write_document(&old, table));
    } else if (!same) {
        nt_test_fail(__FILE__, __LINE__, "docs/orders.md shows another table: make order-table");
    }
}

TEST(order, outside_the_table_everything_is_illegal) {
    for (uint8_t event = 0; event < EVERY_EVENT; event++) {
        EXPECT_EQ(nt_order_transition(NT_ORDER_NONE, event).next, NT_ORDER_NONE);
        EXPECT_EQ(nt_order_transition(EVERY_STATE, event).next, NT_ORDER_NONE);
    }
    for (uint8_t state = 0; state < EVERY_STATE; state++) {
        EXPECT_EQ(nt_order_transition(state, NT_ORDER_EVENT_NONE).next, NT_ORDER_NONE);
        EXPECT_EQ(nt_order_transition(state, EVERY_EVENT).next, NT_ORDER_NONE);
    }
    EXPECT_TEXT(nt_order_state_name(NT_ORDER_UNKNOWN), "unknown");
    EXPECT_TEXT(nt_order_event_name(NT_ORDER_ON_PROVEN_ABSENT), "proven absent");
    EXPECT_TEXT(nt_order_state_name(200), "?");
    EXPECT_TEXT(nt_order_event_name(200), "?");
}

TEST(order, terminal_states_never_become_open_again) {
    for (uint8_t state = 1; state < EVERY_STATE; state++) {
        EXPECT_EQ(nt_order_is_terminal(state), finished(state));
        for (uint8_t event = 1; finished(state) && event < EVERY_EVENT; event++) {
            nt_order_state next = nt_order_transition(state, event).next;
            EXPECT(next == state || next == NT_ORDER_DISPUTED || next == NT_ORDER_NONE);
        }
    }
}

static nt_order_state said(nt_order_event event) {
    static const nt_order_state states[EVERY_EVENT] = {
        [NT_ORDER_ON_RESOLVED_FILLED] = NT_ORDER_FILLED,
        [NT_ORDER_ON_RESOLVED_CANCELED] = NT_ORDER_CANCELED,
        [NT_ORDER_ON_RESOLVED_REJECTED] = NT_ORDER_REJECTED,
        [NT_ORDER_ON_RESOLVED_ABSENT] = NT_ORDER_ABSENT,
    };
    return states[event];
}

/// Brings about one event by the way that it comes in life.
static nt_status drive(nt_orders *orders, nt_order_event event, nt_order_change *change) {
    const nt_order order = *nt_orders_find(orders, 7);
    if (said(event) != NT_ORDER_NONE) {
        return nt_orders_resolve(orders, 7, said(event), -1, 60, change);
    }
    if (event == NT_ORDER_ON_DISPROVED && !finished(order.state)) {
        return nt_orders_step(orders, 7, NT_ORDER_ON_PROVEN_ABSENT, 60, change);
    }
    if (event == NT_ORDER_ON_DISPROVED) { // By an order that is shown open again and again.
        nt_status status = NT_OK;
        for (int i = 0; i < 12 && status == NT_OK; i++) {
            nt_report shown = evidence(7, NT_EVIDENCE_FOUND_OPEN);
            status = nt_orders_report(orders, 0, &shown, 60, change);
        }
        return status;
    }
    const nt_report report = report_of(&order, event);
    if (report.evidence == NT_EVIDENCE_NONE) return nt_orders_step(orders, 7, event, 60, change);
    const nt_status status = nt_orders_report(orders, 0, &report, 60, change);
    return status == NT_DUPLICATE ? NT_OK : status;
}

static nt_orders *table_with(nt_order_state state, nt_order_event event) {
    nt_orders *orders = make_table(4);
    const nt_order order = order_in(state, event);
    if (nt_orders_restore(orders, &order) != NT_OK) abort();
    return orders;
}

/// The table is the oracle: state, effects and the exposure that goes with them.
static bool is_carried_out(nt_order_state state, nt_order_event event) {
    nt_orders *orders = table_with(state, event);
    const nt_transition row = nt_order_transition(state, event);
    nt_order_change change;
    const bool driven = drive(orders, event, &change) == NT_OK && change.event == event;
    const bool as_written =
        state_of(orders) == row.next && change.before == state && change.effects == row.effects &&
        !change.illegal && (change.needs_query || !(row.effects & NT_EFFECT_ASK)) &&
        change.fill_late == ((row.effects & NT_EFFECT_LATE) != 0) && recount_agrees(orders);
    nt_orders_destroy(orders);
    return driven && as_written;
}

/// What has no row: a word of the operator is refused, a step of ours is a bug.
static bool is_kept_out(nt_order_state state, nt_order_event event) {
    nt_orders *orders = table_with(state, event);
    nt_order_change change;
    nt_orders_stop_on_bug(orders, false);
    const nt_status status = drive(orders, event, &change);
    const bool is_word = said(event) != NT_ORDER_NONE;
    const bool refused = status == NT_REFUSED && state_of(orders) == state;
    const bool caught = status == NT_OK && state_of(orders) == NT_ORDER_DISPUTED &&
                        change.illegal && change.effects == NT_EFFECT_HALT;
    const bool agrees = recount_agrees(orders);
    nt_orders_destroy(orders);
    return agrees && (is_word ? refused : caught);
}

/// Nothing brings these about without a row: in other states the evidence is another event.
static bool never_arises(nt_order_state state, nt_order_event event) {
    const bool partly = state == NT_ORDER_PARTIAL;
    const bool filled = state == NT_ORDER_FILLED;
    return event == NT_ORDER_ON_OPEN_PARTLY || event == NT_ORDER_ON_DISPROVED ||
           (partly && (event == NT_ORDER_ON_ACK || event == NT_ORDER_ON_FOUND_OPEN)) ||
           (filled && event >= NT_ORDER_ON_CANCELED && event <= NT_ORDER_ON_REJECTED);
}

TEST(order, every_pair_of_state_and_event_is_driven) {
    uint32_t defined = 0, covered = 0, without = 0;
    for (uint8_t state = 1; state < EVERY_STATE; state++) {
        for (uint8_t event = 1; event < EVERY_EVENT; event++) {
            const bool has_row = nt_order_transition(state, event).next != NT_ORDER_NONE;
            defined += has_row;
            without += !has_row;
            const bool driven = has_row ? is_carried_out(state, event)
                                        : never_arises(state, event) || is_kept_out(state, event);
            covered += has_row && driven;
            if (!driven) {
                nt_test_fail(__FILE__, __LINE__, "%s × %s", nt_order_state_name(state),
                             nt_order_event_name(event));
            }
        }
    }
    nt_test_figure("transitions_defined", defined);
    nt_test_figure("transitions_covered", covered);
    EXPECT_EQ(covered, defined);
    EXPECT_EQ(defined + without, 12 * 22);
}

TEST(order, a_pair_without_a_row_stops_a_test_build) {
    const pid_t child = fork();
    EXPECT(child >= 0);
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        nt_orders *orders = sent_order();
        step(orders, 7, NT_ORDER_ON_SEND);
        _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

// ---- The operator's word

TEST(order, silence_keeps_the_exposure) {
    nt_orders *orders = sent_order();
    EXPECT_EQ(reserved(orders), 10);
    nt_order_change change = step(orders, 7, NT_ORDER_ON_SILENCE);
    EXPECT_EQ(change.order.state, NT_ORDER_UNKNOWN);
    EXPECT(change.needs_query);
    EXPECT_EQ(reserved(orders), 10);
    EXPECT_EQ(nt_orders_exposure(orders, 0).unknown, 1);
    for (int i = 0; i < 5; i++) {
        nt_report report = evidence(7, NT_EVIDENCE_NOT_FOUND);
        EXPECT_EQ(nt_orders_report(orders, 0, &report, 60, &change), NT_OK);
        EXPECT_EQ(change.order.not_found, i + 1);
    }
    EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
    EXPECT_EQ(reserved(orders), 10);
    step(orders, 7, NT_ORDER_ON_PROVEN_ABSENT);
    EXPECT_EQ(state_of(orders), NT_ORDER_ABSENT);
    EXPECT_EQ(reserved(orders), 0);
    nt_orders_destroy(orders);
}

TEST(order, sent_twice_is_a_bug_that_is_caught) {
    nt_orders *orders = sent_order();
    nt_orders_stop_on_bug(orders, false);
    nt_order_change change = step(orders, 7, NT_ORDER_ON_SEND);
    EXPECT(change.illegal);
    EXPECT_EQ(change.order.state, NT_ORDER_DISPUTED);
    EXPECT_EQ(reserved(orders), 10);
    nt_orders_destroy(orders);
}

TEST(order, shown_by_the_venue_is_never_absent) {
    nt_orders *orders = sent_order();
    nt_report ack = evidence(7, NT_EVIDENCE_ACK);
    ack.venue_order = 55;
    tell(orders, ack);
    tell(orders, evidence(7, NT_EVIDENCE_UNKNOWN_STATE));
    EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
    EXPECT_EQ(nt_orders_find(orders, 7)->venue_order, 55);
    tell(orders, evidence(7, NT_EVIDENCE_REFUSED));
    EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
    EXPECT_EQ(step(orders, 7, NT_ORDER_ON_PROVEN_ABSENT).event, NT_ORDER_ON_DISPROVED);
    EXPECT_EQ(state_of(orders), NT_ORDER_DISPUTED);
    nt_orders_destroy(orders);
}

TEST(order, each_sign_of_life_alone_is_enough) {
    for (int sign = 0; sign < 5; sign++) {
        nt_order order = {.intent = limit_order(7, NT_BUY, 100, 10), .state = NT_ORDER_UNKNOWN};
        if (sign == 1) order.cumulative = 1;
        if (sign == 2) order.venue_cumulative = 1;
        if (sign == 3) order.venue_order = 55;
        if (sign == 4) order.closing = NT_ORDER_FILLED;
        for (int refused = 0; refused < 2; refused++) {
            nt_orders *orders = make_table(2);
            EXPECT_EQ(nt_orders_restore(orders, &order), NT_OK);
            if (refused)
                tell(orders, evidence(7, NT_EVIDENCE_REFUSED));
            else
                step(orders, 7, NT_ORDER_ON_PROVEN_ABSENT);
            const nt_order_state alive = refused ? NT_ORDER_UNKNOWN : NT_ORDER_DISPUTED;
            const nt_order_state gone = refused ? NT_ORDER_REJECTED : NT_ORDER_ABSENT;
            EXPECT_EQ(state_of(orders), sign == 0 ? gone : alive);
            nt_orders_destroy(orders);
        }
    }
}

TEST(order, questions_are_counted_since_it_became_unknown) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_ACK));
    nt_orders_mark_query(orders, 7, 45);
    tell(orders, evidence(7, NT_EVIDENCE_NOT_FOUND));
    EXPECT_EQ(nt_orders_find(orders, 7)->asked_ns, 45);
    EXPECT_EQ(nt_orders_find(orders, 7)->queries, 1);
    EXPECT_EQ(nt_orders_find(orders, 7)->not_found, 1);
    tell(orders, evidence(7, NT_EVIDENCE_UNKNOWN_STATE));
    EXPECT_EQ(nt_orders_find(orders, 7)->queries, 0);
    EXPECT_EQ(nt_orders_find(orders, 7)->not_found, 0);
    nt_orders_mark_query(orders, 7, 46);
    tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(nt_orders_find(orders, 7)->queries, 1);
    nt_orders_destroy(orders);
}

TEST(order, times_are_those_of_the_first_send_answer_and_last_change) {
    nt_orders *orders = make_table(2);
    nt_intent intent = limit_order(7, NT_BUY, 100, 10);
    nt_order_change change;
    EXPECT_EQ(nt_orders_add(orders, &intent, 0, 10), NT_OK);
    EXPECT_EQ(nt_orders_step(orders, 7, NT_ORDER_ON_SEND, 20, &change), NT_OK);
    EXPECT(change.found && change.before == NT_ORDER_QUEUED);
    nt_report ack = evidence(7, NT_EVIDENCE_ACK);
    EXPECT_EQ(nt_orders_report(orders, 0, &ack, 30, &change), NT_OK);
    EXPECT_EQ(nt_orders_step(orders, 7, NT_ORDER_ON_SEND, 40, &change), NT_OK);
    EXPECT(!change.needs_query);
    EXPECT_EQ(nt_orders_step(orders, 7, NT_ORDER_ON_SILENCE, 45, &change), NT_OK);
    EXPECT(!change.needs_query);
    EXPECT_EQ(nt_orders_report(orders, 0, &ack, 50, &change), NT_DUPLICATE);
    EXPECT_EQ(change.order.created_ns, 10);
    EXPECT_EQ(change.order.sent_ns, 20);
    EXPECT_EQ(change.order.answered_ns, 30);
    EXPECT_EQ(change.order.changed_ns, 30);
    nt_report trade = fill(7, 1, 1, 1);
    EXPECT_EQ(nt_orders_report(orders, 0, &trade, 60, &change), NT_OK);
    trade.trade = 2;
    trade.cumulative = 2;
    EXPECT_EQ(nt_orders_report(orders, 0, &trade, 70, &change), NT_OK);
    EXPECT_EQ(change.order.changed_ns, 70);
    nt_orders_destroy(orders);
}

TEST(order, late_statements_about_a_finished_order_change_nothing) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_CANCELED));
    static const nt_evidence late[] = {
        NT_EVIDENCE_ACK,           NT_EVIDENCE_CANCELED,         NT_EVIDENCE_EXPIRED,
        NT_EVIDENCE_REJECTED,      NT_EVIDENCE_FOUND_CANCELED,   NT_EVIDENCE_NOT_FOUND,
        NT_EVIDENCE_UNCERTAIN,     NT_EVIDENCE_DUPLICATE_ID,     NT_EVIDENCE_CANCEL_REFUSED,
        NT_EVIDENCE_UNKNOWN_STATE, NT_EVIDENCE_CANCEL_UNCERTAIN, NT_EVIDENCE_AMEND_REFUSED,
        NT_EVIDENCE_REFUSED,       NT_EVIDENCE_AMENDED,
    };
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        const nt_report report = evidence(7, late[i]);
        nt_order_change change;
        EXPECT_EQ(nt_orders_report(orders, 0, &report, 60, &change), NT_DUPLICATE);
        EXPECT(change.found && !change.needs_query && !change.illegal);
        EXPECT_EQ(change.order.state, NT_ORDER_CANCELED);
        EXPECT_EQ(change.order.closing, NT_ORDER_NONE);
    }
    EXPECT(tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN)).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_CANCELED);
    nt_orders_destroy(orders);
}

/// Tells twice: the first time is news, the second is not.
static bool is_news_once(nt_orders *orders, nt_report report) {
    nt_order_change change;
    const nt_status first = nt_orders_report(orders, 0, &report, 60, &change);
    const nt_status second = nt_orders_report(orders, 0, &report, 61, &change);
    return first == NT_OK && second == NT_DUPLICATE && change.found;
}

TEST(order, each_new_fact_alone_is_news) {
    nt_orders *orders = sent_order();
    nt_report report = evidence(7, NT_EVIDENCE_ACK);
    report.venue_order = -1;
    EXPECT(is_news_once(orders, report));
    EXPECT_EQ(nt_orders_find(orders, 7)->venue_order, 0);
    report.venue_order = 55;
    EXPECT(is_news_once(orders, report));
    report.venue_order = 56;
    EXPECT(!is_news_once(orders, report));
    EXPECT_EQ(nt_orders_find(orders, 7)->venue_order, 55);
    report = evidence(7, NT_EVIDENCE_FOUND_OPEN);
    report.cumulative = 5;
    EXPECT(is_news_once(orders, report));
    report.code = -2011;
    EXPECT(is_news_once(orders, report));
    EXPECT(is_news_once(orders, evidence(7, NT_EVIDENCE_CANCEL_REFUSED)));
    EXPECT_EQ(nt_orders_find(orders, 7)->code, -2011);
    EXPECT(is_news_once(orders, evidence(7, NT_EVIDENCE_AMEND_REFUSED)));
    report = evidence(7, NT_EVIDENCE_AMENDED);
    EXPECT(is_news_once(orders, report));
    report.quantity = 9;
    EXPECT(is_news_once(orders, report));
    EXPECT(is_news_once(orders, evidence(7, NT_EVIDENCE_UNKNOWN_STATE)));
    EXPECT(is_news_once(orders, evidence(7, NT_EVIDENCE_FOUND_CANCELED)));
    EXPECT_EQ(nt_orders_find(orders, 7)->closing, NT_ORDER_CANCELED);
    EXPECT_EQ(reserved(orders), 5);
    nt_orders_destroy(orders);
}

TEST(order, not_found_is_counted_in_a_row) {
    nt_orders *orders = sent_order();
    for (int i = 0; i < 300; i++) tell(orders, evidence(7, NT_EVIDENCE_NOT_FOUND));
    EXPECT_EQ(nt_orders_find(orders, 7)->not_found, 255);
    nt_report report = evidence(7, NT_EVIDENCE_NOT_FOUND);
    nt_order_change change;
    EXPECT_EQ(nt_orders_report(orders, 0, &report, 60, &change), NT_OK);
    report = evidence(7, NT_EVIDENCE_UNCERTAIN);
    report.from_query = 1; // The question failed: no answer at all.
    EXPECT(tell(orders, report).needs_query);
    EXPECT_EQ(nt_orders_find(orders, 7)->not_found, 255);
    EXPECT_EQ(state_of(orders), NT_ORDER_SENT);
    tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(nt_orders_find(orders, 7)->not_found, 0);
    EXPECT(tell(orders, evidence(7, NT_EVIDENCE_NOT_FOUND)).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_LIVE);
    nt_orders_destroy(orders);
}

TEST(order, a_pending_amend_is_answered_by_any_lower_quantity) {
    for (nt_pending pending = NT_PENDING_NONE; pending <= NT_PENDING_REFUSED; pending++) {
        nt_orders *orders = sent_order();
        tell(orders, evidence(7, NT_EVIDENCE_ACK));
        nt_orders_mark_amend(orders, 7, pending, 6);
        nt_report trade = fill(7, 1, 1, 1);
        trade.quantity = 10;
        tell(orders, trade);
        EXPECT_EQ(nt_orders_find(orders, 7)->amend, pending);
        trade = fill(7, 2, 1, 2);
        trade.quantity = 6;
        tell(orders, trade);
        const bool open = pending == NT_PENDING_REQUESTED || pending == NT_PENDING_UNKNOWN;
        EXPECT_EQ(reserved(orders), open ? 4 : 8);
        nt_orders_destroy(orders);
    }
}

TEST(order, a_trade_counts_once) {
    nt_orders *orders = sent_order();
    nt_order_change change = tell(orders, fill(7, 1, 3, 3));
    EXPECT(change.fill_applied && !change.fill_late);
    EXPECT_EQ(change.order.state, NT_ORDER_PARTIAL);
    EXPECT_EQ(change.order.filled_value, 3 * 100 * INT64_C(1000));
    EXPECT_EQ(change.order.late_fills, 0);
    EXPECT_EQ(reserved(orders), 7);
    nt_report again = fill(7, 1, 3, 3);
    EXPECT_EQ(nt_orders_report(orders, 0, &again, 60, &change), NT_DUPLICATE);
    EXPECT(change.found && !change.fill_applied);
    EXPECT_EQ(nt_orders_find(orders, 7)->cumulative, 3);
    EXPECT(nt_orders_has_trade(orders, 0, 1));
    EXPECT(!nt_orders_has_trade(orders, 1, 1));
    nt_orders_destroy(orders);
}

TEST(order, a_late_trade_is_applied) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_CANCELED));
    EXPECT_EQ(reserved(orders), 0);
    nt_order_change change = tell(orders, fill(7, 1, 4, 4));
    EXPECT(change.fill_applied && change.fill_late);
    EXPECT_EQ(change.order.state, NT_ORDER_CANCELED);
    EXPECT_EQ(change.order.cumulative, 4);
    EXPECT_EQ(change.order.late_fills, 1);
    EXPECT_EQ(reserved(orders), 0);
    change = tell(orders, fill(7, 2, 7, -1));
    EXPECT(change.fill_applied);
    EXPECT_EQ(change.order.state, NT_ORDER_DISPUTED);
    EXPECT_EQ(change.order.cumulative, 11);
    nt_order old = *nt_orders_find(orders, 7);
    old.state = NT_ORDER_CANCELED;
    old.cumulative = 0;
    old.late_fills = 254;
    EXPECT_EQ(nt_orders_restore(orders, &old), NT_OK);
    tell(orders, fill(7, 3, 1, -1));
    EXPECT_EQ(tell(orders, fill(7, 4, 1, -1)).order.late_fills, 255);
    nt_orders_destroy(orders);
}

TEST(order, a_trade_of_an_absent_order_disproves_the_proof) {
    nt_orders *orders = sent_order();
    step(orders, 7, NT_ORDER_ON_PROVEN_ABSENT);
    nt_order_change change = tell(orders, fill(7, 1, 4, 4));
    EXPECT(change.fill_applied && change.fill_late && !change.illegal);
    EXPECT_EQ(change.order.state, NT_ORDER_DISPUTED);
    EXPECT_EQ(reserved(orders), 6);
    nt_orders_destroy(orders);
}

TEST(order, closed_with_trades_missing_keeps_what_may_come) {
    static const nt_evidence kinds[] = {NT_EVIDENCE_CANCELED, NT_EVIDENCE_EXPIRED,
                                        NT_EVIDENCE_FOUND_CANCELED, NT_EVIDENCE_FOUND_EXPIRED};
    for (size_t i = 0; i < 4; i++) {
        nt_orders *orders = sent_order();
        tell(orders, fill(7, 1, 1, 1));
        nt_report closed = evidence(7, kinds[i]);
        closed.cumulative = 5;
        nt_order_change change = tell(orders, closed);
        EXPECT(change.needs_query);
        EXPECT_EQ(change.order.state, NT_ORDER_UNKNOWN);
        EXPECT_EQ(reserved(orders), 4);
        EXPECT_EQ(nt_orders_exposure(orders, 0).best_buy, 0);
        tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN)); // A listing that lags.
        tell(orders, evidence(7, NT_EVIDENCE_ACK));
        EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
        EXPECT(tell(orders, fill(7, 2, 2, 3)).needs_query);
        EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
        EXPECT_EQ(reserved(orders), 2);
        change = tell(orders, fill(7, 3, 2, 5));
        EXPECT_EQ(change.order.state, i % 2 == 0 ? NT_ORDER_CANCELED : NT_ORDER_EXPIRED);
        EXPECT(!change.fill_late);
        EXPECT_EQ(reserved(orders), 0);
        nt_orders_destroy(orders);
    }
}

TEST(order, found_filled_waits_for_the_trades) {
    nt_orders *orders = sent_order();
    step(orders, 7, NT_ORDER_ON_SILENCE);
    nt_report found = evidence(7, NT_EVIDENCE_FOUND_FILLED);
    EXPECT(tell(orders, found).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
    EXPECT_EQ(reserved(orders), 10);
    tell(orders, fill(7, 1, 4, -1));
    EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
    tell(orders, fill(7, 2, 6, -1));
    EXPECT_EQ(state_of(orders), NT_ORDER_FILLED);
    nt_orders_destroy(orders);
}

TEST(order, missing_trades_of_a_finished_order_are_reserved) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_CANCELED));
    nt_report found = evidence(7, NT_EVIDENCE_FOUND_CANCELED);
    found.cumulative = 2;
    EXPECT(tell(orders, found).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_CANCELED);
    EXPECT_EQ(reserved(orders), 2);
    EXPECT(tell(orders, fill(7, 1, 2, 2)).fill_late);
    EXPECT_EQ(reserved(orders), 0);
    nt_orders_destroy(orders);
}

TEST(order, found_open_asks_for_missing_trades) {
    nt_orders *orders = sent_order();
    step(orders, 7, NT_ORDER_ON_SILENCE);
    nt_report found = evidence(7, NT_EVIDENCE_FOUND_OPEN);
    EXPECT(!tell(orders, found).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_LIVE);
    found.cumulative = 3;
    EXPECT(tell(orders, found).needs_query);
    EXPECT_EQ(reserved(orders), 10);
    EXPECT(!tell(orders, fill(7, 1, 3, 3)).needs_query);
    EXPECT_EQ(reserved(orders), 7);
    nt_orders_destroy(orders);
}

TEST(order, doubt_about_the_submit_is_news_only_before_the_proof) {
    static const nt_evidence kinds[] = {NT_EVIDENCE_UNCERTAIN, NT_EVIDENCE_DUPLICATE_ID};
    for (size_t i = 0; i < 2; i++) {
        nt_orders *orders = sent_order();
        EXPECT(tell(orders, evidence(7, kinds[i])).needs_query);
        EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
        tell(orders, evidence(7, NT_EVIDENCE_ACK));
        EXPECT_EQ(state_of(orders), NT_ORDER_LIVE);
        EXPECT(tell(orders, evidence(7, kinds[i])).needs_query);
        EXPECT_EQ(state_of(orders), NT_ORDER_LIVE);
        nt_orders_destroy(orders);
    }
}

TEST(order, cancel_refused_is_a_flag_and_a_question) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_ACK));
    nt_orders_mark_cancel(orders, 7, NT_PENDING_REQUESTED);
    nt_order_change change = tell(orders, evidence(7, NT_EVIDENCE_CANCEL_REFUSED));
    EXPECT(change.needs_query);
    EXPECT_EQ(change.order.state, NT_ORDER_LIVE);
    EXPECT_EQ(change.order.cancel, NT_PENDING_REFUSED);
    EXPECT_EQ(reserved(orders), 10);
    tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(nt_orders_find(orders, 7)->cancel, NT_PENDING_NONE);
    nt_orders_mark_cancel(orders, 7, NT_PENDING_REQUESTED);
    EXPECT(step(orders, 7, NT_ORDER_ON_SILENCE).needs_query);
    EXPECT_EQ(nt_orders_find(orders, 7)->cancel, NT_PENDING_UNKNOWN);
    EXPECT_EQ(state_of(orders), NT_ORDER_LIVE);
    tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(nt_orders_find(orders, 7)->cancel, NT_PENDING_NONE);
    nt_orders_mark_cancel(orders, 7, NT_PENDING_REQUESTED);
    tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(nt_orders_find(orders, 7)->cancel, NT_PENDING_REQUESTED); // Still under way.
    EXPECT(tell(orders, evidence(7, NT_EVIDENCE_CANCEL_UNCERTAIN)).needs_query);
    tell(orders, evidence(7, NT_EVIDENCE_CANCELED));
    EXPECT(!tell(orders, evidence(7, NT_EVIDENCE_CANCEL_REFUSED)).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_CANCELED);
    nt_orders_destroy(orders);
}

TEST(order, an_amend_reserves_the_larger_quantity_until_it_is_answered) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_ACK));
    nt_orders_mark_amend(orders, 7, NT_PENDING_REQUESTED, 6);
    EXPECT_EQ(reserved(orders), 10);
    tell(orders, evidence(7, NT_EVIDENCE_UNCERTAIN));
    EXPECT_EQ(nt_orders_find(orders, 7)->amend, NT_PENDING_UNKNOWN);
    nt_report found = evidence(7, NT_EVIDENCE_FOUND_OPEN);
    found.quantity = 6;
    tell(orders, found);
    EXPECT_EQ(reserved(orders), 6);
    EXPECT_EQ(nt_orders_find(orders, 7)->amend, NT_PENDING_NONE);
    nt_orders_mark_amend(orders, 7, NT_PENDING_REQUESTED, 3);
    EXPECT(step(orders, 7, NT_ORDER_ON_SILENCE).needs_query);
    EXPECT_EQ(nt_orders_find(orders, 7)->amend, NT_PENDING_UNKNOWN);
    tell(orders, fill(7, 1, 3, 3));
    EXPECT_EQ(state_of(orders), NT_ORDER_PARTIAL);
    EXPECT(tell(orders, evidence(7, NT_EVIDENCE_AMEND_REFUSED)).needs_query);
    EXPECT_EQ(nt_orders_find(orders, 7)->amend, NT_PENDING_REFUSED);
    nt_report amended = evidence(7, NT_EVIDENCE_AMENDED);
    amended.quantity = 4;
    amended.venue_order = 56;
    tell(orders, amended);
    amended.venue_order = 0;
    amended.quantity = 5; // An older one.
    tell(orders, amended);
    EXPECT_EQ(nt_orders_find(orders, 7)->venue_order, 56);
    EXPECT_EQ(reserved(orders), 1);
    amended.quantity = 3;
    tell(orders, amended);
    EXPECT_EQ(state_of(orders), NT_ORDER_FILLED);
    EXPECT_EQ(reserved(orders), 0);
    nt_orders_mark_amend(orders, 7, NT_PENDING_REQUESTED, 3);
    EXPECT_EQ(nt_orders_find(orders, 7)->amend, NT_PENDING_NONE);
    nt_orders_destroy(orders);
}

TEST(order, more_than_asked_is_disputed_and_counted) {
    nt_orders *orders = sent_order();
    nt_order_change change = tell(orders, fill(7, 1, 12, 12));
    EXPECT(change.fill_applied && !change.illegal);
    EXPECT_EQ(change.order.state, NT_ORDER_DISPUTED);
    EXPECT_EQ(change.order.cumulative, 12);
    EXPECT_EQ(reserved(orders), 0);
    EXPECT_EQ(nt_orders_exposure(orders, 0).live, 1);
    nt_orders_destroy(orders);
}

TEST(order, a_trade_that_makes_no_sense_asks_for_a_query) {
    nt_orders *orders = sent_order();
    nt_report bad[4] = {fill(7, 0, 1, 1), fill(7, 5, 0, 1), fill(7, 5, -2, 1), fill(7, 5, 1, 1)};
    bad[3].last_price = 0;
    nt_order_change change;
    for (int i = 0; i < 4; i++) {
        EXPECT_EQ(nt_orders_report(orders, 0, &bad[i], 60, &change), NT_INVALID);
        EXPECT(change.found && change.needs_query && !change.fill_applied);
    }
    nt_report good = fill(7, 5, 1, 1);
    EXPECT_EQ(nt_orders_report(orders, 1, &good, 60, &change), NT_INVALID);
    good.last_quantity = INT64_MAX;
    EXPECT_EQ(nt_orders_report(orders, 0, &good, 60, &change), NT_OVERFLOW);
    EXPECT_EQ(state_of(orders), NT_ORDER_SENT);
    good.last_quantity = 1;
    EXPECT_EQ(nt_orders_report(orders, NT_NO_INSTRUMENT, &good, 60, &change), NT_OK);
    good.evidence = NT_EVIDENCE_COUNT;
    EXPECT_EQ(nt_orders_report(orders, 0, &good, 60, &change), NT_INVALID);
    nt_orders_destroy(orders);
}

TEST(order, foreign_and_forgotten_orders_are_told_apart) {
    nt_orders *orders = sent_order();
    nt_order_change change;
    nt_report foreign = fill(0, 1, 1, 1), forgotten = fill(9, 2, 1, 1);
    EXPECT_EQ(nt_orders_report(orders, 0, &foreign, 60, &change), NT_NOT_FOUND);
    EXPECT(!change.found && !change.fill_applied);
    EXPECT_EQ(nt_orders_report(orders, 0, &forgotten, 60, &change), NT_OK);
    EXPECT(!change.found && change.fill_applied);
    EXPECT_EQ(nt_orders_report(orders, 0, &forgotten, 60, &change), NT_DUPLICATE);
    EXPECT(!change.fill_applied);
    EXPECT_EQ(nt_orders_report(orders, 3, &forgotten, 60, &change), NT_INVALID);
    nt_report ack = evidence(9, NT_EVIDENCE_ACK);
    EXPECT_EQ(nt_orders_report(orders, 0, &ack, 60, &change), NT_NOT_FOUND);
    EXPECT_EQ(nt_orders_step(orders, 9, NT_ORDER_ON_SEND, 60, &change), NT_NOT_FOUND);
    EXPECT_EQ(nt_orders_step(orders, 7, NT_ORDER_ON_FILL, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_step(orders, 7, NT_ORDER_ON_OVERFILL, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_step(orders, 7, EVERY_EVENT, 60, &change), NT_INVALID);
    nt_orders_destroy(orders);
}

TEST(order, rejected_but_found_open_is_disputed) {
    nt_orders *orders = sent_order();
    tell(orders, evidence(7, NT_EVIDENCE_REFUSED));
    EXPECT_EQ(reserved(orders), 0);
    EXPECT(tell(orders, evidence(7, NT_EVIDENCE_ACK)).needs_query);
    EXPECT_EQ(state_of(orders), NT_ORDER_REJECTED);
    tell(orders, evidence(7, NT_EVIDENCE_FOUND_OPEN));
    EXPECT_EQ(state_of(orders), NT_ORDER_DISPUTED);
    EXPECT_EQ(reserved(orders), 10);
    nt_orders_destroy(orders);
}

// ---- The table as a container

TEST(order, refuses_what_is_malformed) {
    nt_orders *orders = make_table(2);
    nt_intent bad[6];
    for (int i = 0; i < 6; i++) bad[i] = limit_order(1, NT_BUY, 100, 10);
    bad[0].order = 0;
    bad[1].instrument = 3;
    bad[2].quantity = 0;
    bad[3].price = 0;
    bad[4].side = 2;
    bad[5].type = NT_STOP_MARKET;
    for (int i = 0; i < 6; i++) EXPECT_EQ(nt_orders_add(orders, &bad[i], 1, 1), NT_INVALID);
    for (nt_order_type type = 0; type <= NT_ORDER_TYPE_COUNT; type++) {
        nt_intent bare = limit_order(1, NT_BUY, 0, 10);
        bare.type = type;
        EXPECT_EQ(nt_orders_add(orders, &bare, 0, 1), NT_INVALID);
        bare.price = 100;
        const bool whole = type == NT_LIMIT || type == NT_LIMIT_MAKER;
        if (!whole) EXPECT_EQ(nt_orders_add(orders, &bare, 0, 1), NT_INVALID);
    }
    nt_intent market = limit_order(1, NT_BUY, 0, 10);
    market.type = NT_MARKET;
    EXPECT_EQ(nt_orders_add(orders, &market, 0, 1), NT_INVALID);
    EXPECT_EQ(nt_orders_add(orders, &market, 120, 1), NT_OK);
    EXPECT_EQ(nt_orders_add(orders, &market, 120, 1), NT_DUPLICATE);
    EXPECT_EQ(nt_orders_open_value(orders), 120 * 10 * 1000);
    EXPECT_EQ(nt_orders_exposure(orders, 0).best_buy, 0);
    nt_order none = {.intent = limit_order(5, NT_BUY, 100, 10)};
    EXPECT_EQ(nt_orders_restore(orders, &none), NT_INVALID);
    nt_orders_destroy(orders);
    EXPECT_EQ(nt_orders_create(0, instruments, 3, &orders), NT_INVALID);
    EXPECT_EQ(nt_orders_create(8, instruments, NT_MAX_INSTRUMENTS + 1, &orders), NT_INVALID);
}
