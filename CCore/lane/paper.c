// paper.c — a venue made of our own matcher and somebody else's real market data.
//
// A request waits its latency, acts on the matcher, and what comes of it waits the same latency
// before the lane sees it: two FIFO rings of fixed size, one each way.
#include "nt/paper.h"

#include <stdlib.h>
#include <string.h>

#include "nt/match.h"

#define PAPER_REQUESTS 128u // Power of two.
#define PAPER_LEVELS   5000u
// Room for one order that sweeps every level, and then for every resting order to fill.
#define PAPER_REPORTS  16384u // Power of two.
#define PAPER_SWEEP    (PAPER_LEVELS + 8u)
#define PAPER_RESTORED 256u
#define PPM            INT64_C(1000000)

typedef struct waiting_request {
    int64_t due_ns;
    nt_request request;
} waiting_request;

typedef struct waiting_report {
    int64_t due_ns;
    nt_event event;
} waiting_report;

/// Lots that an order had traded when it was put back: the matcher counts from there.
typedef struct restored_order {
    nt_order_key order;
    int64_t traded;
} restored_order;

typedef struct paper_market {
    struct nt_paper *paper;
    nt_instrument_id slot;
    nt_instrument instrument;
    nt_match *match;
} paper_market;

struct nt_paper {
    nt_paper_config config;
    paper_market markets[NT_MAX_INSTRUMENTS];
    waiting_request requests[PAPER_REQUESTS];
    waiting_report reports[PAPER_REPORTS];
    restored_order restored[PAPER_RESTORED];
    uint32_t restored_count;
    uint32_t request_head, request_tail, report_head, report_tail;
    int64_t now_ns;
    nt_evidence refusal; ///< What a refused request means: of a submit, or of an amend.
};

static int64_t traded_before(const nt_paper *paper, nt_order_key order) {
    for (uint32_t i = 0; i < paper->restored_count; i++)
        if (paper->restored[i].order == order) return paper->restored[i].traded;
    return 0;
}

static nt_event *new_report(paper_market *market, nt_order_key order, nt_evidence evidence) {
    nt_paper *paper = market->paper;
    // run_requests keeps room for a whole sweep, and max_orders bounds what a print can fill.
    NT_ASSERT(paper->report_tail - paper->report_head < PAPER_REPORTS);
    waiting_report *slot = &paper->reports[paper->report_tail++ % PAPER_REPORTS];
    memset(slot, 0, sizeof *slot);
    slot->due_ns = paper->now_ns + paper->config.latency_ns;
    slot->event.kind = NT_EVENT_REPORT;
    slot->event.instrument = market->slot;
    slot->event.as.report.order = order;
    slot->event.as.report.evidence = evidence;
    slot->event.as.report.cumulative = -1;
    slot->event.as.report.venue_order = (int64_t)(order & INT64_MAX);
    return &slot->event;
}

static void report_trade(paper_market *market, const nt_match_event *event) {
    const nt_paper_config *config = &market->paper->config;
    nt_report *report = &new_report(market, event->id, NT_EVIDENCE_FILL)->as.report;
    nt_money value = 0;
    (void)nt_notional(&market->instrument, event->price, event->quantity, &value);
    report->is_maker = event->maker_id == event->id;
    int64_t ppm = report->is_maker ? config->maker_fee_ppm : config->taker_fee_ppm;
    report->trade = config->first_trade + event->trade;
    report->last_price = event->price;
    report->last_quantity = event->quantity;
    report->side = event->side;
    report->fee = (nt_money)((__int128)value * ppm / PPM);
    memcpy(report->fee_asset, market->instrument.quote, sizeof report->fee_asset);
}

static void on_match_event(void *context, const nt_match_event *event) {
    paper_market *market = context;
    switch (event->kind) {
    case NT_MATCH_ACCEPTED:
        new_report(market, event->id, NT_EVIDENCE_ACK);
        break;
    case NT_MATCH_REFUSED:
        new_report(market, event->id, market->paper->refusal)->as.report.code = event->reason;
        break;
    case NT_MATCH_TRADE:
        report_trade(market, event);
        break;
    case NT_MATCH_CANCELED:
        new_report(market, event->id, NT_EVIDENCE_CANCELED);
        break;
    case NT_MATCH_EXPIRED:
        new_report(market, event->id, NT_EVIDENCE_EXPIRED);
        break;
    case NT_MATCH_AMENDED:
        new_report(market, event->id, NT_EVIDENCE_AMENDED)->as.report.quantity =
            event->quantity + traded_before(market->paper, event->id);
        break;
    default:
        break;
    }
}

nt_status nt_paper_create(const nt_paper_config *config, nt_paper **out) {
    if (config->instrument_count > NT_MAX_INSTRUMENTS || config->latency_ns < 0 ||
        config->max_orders * config->instrument_count > PAPER_SWEEP)
        return nt_fail(NT_INVALID, "paper trading: too many instruments or orders, or a negative "
                                   "latency");
    nt_paper *paper = calloc(1, sizeof *paper);
    if (paper == NULL) return NT_NO_MEMORY;
    paper->config = *config;
    for (uint32_t i = 0; i < config->instrument_count; i++) {
        paper_market *market = &paper->markets[i];
        *market = (paper_market){.paper = paper, .slot = i, .instrument = config->instruments[i]};
        nt_match_config match = {.mode = NT_MATCH_RECORDED,
                                 .max_orders = config->max_orders,
                                 .max_levels = PAPER_LEVELS,
                                 .context = market,
                                 .on_event = on_match_event};
        nt_status status = nt_match_create(&match, &market->match);
        if (status != NT_OK) {
            nt_paper_destroy(paper);
            return status;
        }
    }
    paper->config.instruments = NULL;
    *out = paper;
    return NT_OK;
}

void nt_paper_destroy(nt_paper *paper) {
    if (paper == NULL) return;
    for (uint32_t i = 0; i < paper->config.instrument_count; i++)
        nt_match_destroy(paper->markets[i].match);
    free(paper);
}

nt_status nt_paper_submit(nt_paper *paper, const nt_request *request, int64_t now_ns) {
    if (paper->request_tail - paper->request_head == PAPER_REQUESTS) return NT_BUSY;
    paper->requests[paper->request_tail++ % PAPER_REQUESTS] =
        (waiting_request){.due_ns = now_ns + paper->config.latency_ns, .request = *request};
    return NT_OK;
}

static nt_status place(paper_market *market, const nt_intent *intent) {
    nt_match_order order = {.id = intent->order,
                            .owner = 1,
                            .price = intent->price,
                            .stop_price = intent->stop_price,
                            .quantity = intent->quantity,
                            .side = intent->side,
                            .type = intent->type,
                            .tif = intent->tif};
    return nt_match_place(market->match, &order);
}

static void answer_query(paper_market *market, nt_order_key key) {
    int64_t remaining = nt_match_remaining(market->match, key);
    nt_evidence evidence = remaining > 0 ? NT_EVIDENCE_FOUND_OPEN : NT_EVIDENCE_NOT_FOUND;
    new_report(market, key, evidence)->as.report.from_query = 1;
}

static void act(nt_paper *paper, const nt_request *request) {
    if (request->intent.instrument >= paper->config.instrument_count) return;
    paper_market *market = &paper->markets[request->intent.instrument];
    const nt_intent *intent = &request->intent;
    paper->refusal = NT_EVIDENCE_REFUSED;
    switch (request->kind) {
    case NT_REQUEST_PLACE:
        (void)place(market, intent);
        break;
    case NT_REQUEST_CANCEL:
        if (nt_match_cancel(market->match, intent->order) != NT_OK)
            new_report(market, intent->order, NT_EVIDENCE_CANCEL_REFUSED);
        break;
    case NT_REQUEST_AMEND:
        if (nt_match_amend(market->match, intent->order,
                           intent->quantity - traded_before(paper, intent->order)) != NT_OK)
            new_report(market, intent->order, NT_EVIDENCE_AMEND_REFUSED);
        break;
    case NT_REQUEST_QUERY:
        answer_query(market, intent->order);
        break;
    default:
        break;
    }
}

static void run_requests(nt_paper *paper, int64_t now_ns) {
    paper->now_ns = now_ns;
    while (paper->request_head != paper->request_tail) {
        if (paper->report_tail - paper->report_head > PAPER_REPORTS - 2 * PAPER_SWEEP) return;
        const waiting_request *next = &paper->requests[paper->request_head % PAPER_REQUESTS];
        if (next->due_ns > now_ns) return;
        nt_request request = next->request;
        paper->request_head++;
        act(paper, &request);
    }
}

static void observe_depth(paper_market *market, const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    if (event->kind == NT_EVENT_SNAPSHOT) nt_match_clear_levels(market->match);
    for (uint32_t i = 0; i < depth->bid_count; i++)
        (void)nt_match_set_level(market->match, NT_BUY, depth->bids[i].price,
                                 depth->bids[i].quantity);
    for (uint32_t i = 0; i < depth->ask_count; i++)
        (void)nt_match_set_level(market->match, NT_SELL, depth->asks[i].price,
                                 depth->asks[i].quantity);
}

void nt_paper_observe(nt_paper *paper, const nt_event *event, int64_t now_ns) {
    if (event->instrument >= paper->config.instrument_count) return;
    run_requests(paper, now_ns);
    paper_market *market = &paper->markets[event->instrument];
    // Nobody takes the reports: what cannot be told is not filled.
    if (paper->report_tail - paper->report_head > PAPER_REPORTS - PAPER_SWEEP) {
        nt_match_clear_levels(market->match);
        return;
    }
    if (event->kind == NT_EVENT_DEPTH || event->kind == NT_EVENT_SNAPSHOT)
        observe_depth(market, event);
    else if (event->kind == NT_EVENT_TRADE)
        (void)nt_match_print(market->match, event->as.trade.price, event->as.trade.quantity,
                             event->as.trade.aggressor);
}

void nt_paper_forget(nt_paper *paper, nt_instrument_id instrument) {
    if (instrument < paper->config.instrument_count)
        nt_match_clear_levels(paper->markets[instrument].match);
}

bool nt_paper_next(nt_paper *paper, int64_t now_ns, nt_event *out) {
    run_requests(paper, now_ns);
    if (paper->report_head == paper->report_tail) return false;
    const waiting_report *next = &paper->reports[paper->report_head % PAPER_REPORTS];
    if (next->due_ns > now_ns) return false;
    *out = next->event;
    paper->report_head++;
    return true;
}

nt_status nt_paper_restore(nt_paper *paper, const nt_intent *intent, int64_t remaining) {
    if (intent->instrument >= paper->config.instrument_count || remaining <= 0) return NT_INVALID;
    if (paper->restored_count == PAPER_RESTORED) return NT_FULL;
    paper->restored[paper->restored_count++] =
        (restored_order){.order = intent->order, .traded = intent->quantity - remaining};
    nt_intent rest = *intent;
    rest.quantity = remaining;
    // It is acknowledged once more, which is not news to the order table.
    return place(&paper->markets[intent->instrument], &rest);
}
