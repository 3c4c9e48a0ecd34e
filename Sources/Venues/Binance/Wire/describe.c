// describe.c — decoded events as text, for tools and tests. Cold.
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "wire.h"

typedef struct {
    const bn_wire *wire;
    char *at;
    uint32_t room;
} page;

__attribute__((format(printf, 2, 3))) static void line(page *p, const char *format, ...) {
    if (p->room == 0) return;
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(p->at, p->room, format, arguments);
    va_end(arguments);
    const uint32_t written = (uint32_t)length < p->room ? (uint32_t)length : p->room - 1;
    p->at += written;
    p->room -= written;
}

static const char *symbol_of(const page *p, nt_instrument_id slot) {
    return slot < p->wire->instrument_count ? p->wire->instruments[slot].symbol : "-";
}

static const char *evidence_name(nt_evidence evidence) {
    static const char *const names[NT_EVIDENCE_COUNT] = {
        "none",
        "ack",
        "refused",
        "fill",
        "canceled",
        "expired",
        "rejected",
        "found-open",
        "found-filled",
        "found-canceled",
        "found-expired",
        "found-rejected",
        "not-found",
        "uncertain",
        "duplicate-id",
        "cancel-refused",
        "cancel-uncertain",
        "amended",
        "amend-refused",
        "unknown-state",
    };
    return evidence < NT_EVIDENCE_COUNT ? names[evidence] : "?";
}

static void describe_depth(page *p, const char *name, const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    line(p, "%s %s first=%" PRId64 " last=%" PRId64 " previous=%" PRId64 " bids=%u asks=%u", name,
         symbol_of(p, event->instrument), depth->first_id, depth->last_id, depth->previous_id,
         depth->bid_count, depth->ask_count);
    for (uint32_t i = 0; i < depth->bid_count; i++) {
        line(p, " b%" PRId64 "x%" PRId64, depth->bids[i].price, depth->bids[i].quantity);
    }
    for (uint32_t i = 0; i < depth->ask_count; i++) {
        line(p, " a%" PRId64 "x%" PRId64, depth->asks[i].price, depth->asks[i].quantity);
    }
}

static void describe_quote(page *p, const nt_event *event) {
    const nt_quote *quote = &event->as.quote;
    line(p, "quote %s id=%" PRId64 " bid=%" PRId64 "x%" PRId64 " ask=%" PRId64 "x%" PRId64,
         symbol_of(p, event->instrument), quote->id, quote->bid.price, quote->bid.quantity,
         quote->ask.price, quote->ask.quantity);
}

static void describe_report(page *p, const nt_event *event) {
    const nt_report *report = &event->as.report;
    line(p,
         "report %s %s order=%" PRIu64 " venue=%" PRId64 " %s price=%" PRId64 " quantity=%" PRId64
         " cumulative=%" PRId64 " trade=%" PRId64 " last=%" PRId64 "x%" PRId64 " fee=%" PRId64
         "%s code=%d",
         symbol_of(p, event->instrument), evidence_name(report->evidence), report->order,
         report->venue_order, report->side == NT_BUY ? "buy" : "sell", report->price,
         report->quantity, report->cumulative, report->trade, report->last_price,
         report->last_quantity, report->fee, report->fee_asset, report->code);
}

static void describe_event(page *p, const nt_event *event) {
    switch (event->kind) {
    case NT_EVENT_DEPTH:
        describe_depth(p, "depth", event);
        break;
    case NT_EVENT_SNAPSHOT:
        describe_depth(p, "snapshot", event);
        break;
    case NT_EVENT_QUOTE:
        describe_quote(p, event);
        break;
    case NT_EVENT_TRADE:
        line(p, "trade %s id=%" PRId64 " price=%" PRId64 " quantity=%" PRId64 " %s",
             symbol_of(p, event->instrument), event->as.trade.id, event->as.trade.price,
             event->as.trade.quantity, event->as.trade.aggressor == NT_BUY ? "buy" : "sell");
        break;
    case NT_EVENT_REPORT:
        describe_report(p, event);
        break;
    case NT_EVENT_BALANCE:
        line(p, "balance %s free=%" PRId64 " locked=%" PRId64, event->as.balance.asset,
             event->as.balance.free, event->as.balance.locked);
        break;
    case NT_EVENT_SESSION:
        line(p, "session step=%u accepted=%u code=%d", event->as.session.step,
             event->as.session.accepted, event->as.session.code);
        break;
    case NT_EVENT_USAGE:
        line(p, "usage %s used=%d limit=%d retry=%" PRId64 " banned=%u",
             event->as.usage.is_orders ? "orders" : "weight", event->as.usage.used,
             event->as.usage.limit, event->as.usage.retry_after_ms, event->as.usage.banned);
        break;
    case NT_EVENT_NOTICE:
        line(p, "notice");
        break;
    case NT_EVENT_ANSWERED:
        line(p, "answered %s request=%u accepted=%u count=%u last-trade=%" PRId64 " code=%d",
             symbol_of(p, event->instrument), event->as.answer.request, event->as.answer.accepted,
             event->as.answer.count, event->as.answer.last_trade, event->as.answer.code);
        break;
    default:
        line(p, "event %u", event->kind);
        break;
    }
    line(p, "\n");
}

int32_t bn_wire_describe(bn_wire *wire, uint32_t role, uint32_t slot, const void *bytes,
                         uint32_t length, char *out, uint32_t capacity) {
    static _Thread_local nt_event events[NT_MAX_EVENTS_PER_MESSAGE];
    page p = {wire, out, capacity};
    uint32_t count = 0;
    if (capacity > 0) out[0] = 0;
    if (role >= NT_ROLE_COUNT) return NT_INVALID;
    const nt_status status = wire->codec.decode(wire, (nt_stream_role)role, slot, bytes, length,
                                                events, NT_MAX_EVENTS_PER_MESSAGE, &count);
    for (uint32_t i = 0; i < count; i++) describe_event(&p, &events[i]);
    return status;
}
