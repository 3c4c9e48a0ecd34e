// match_log.h — for the matching tests: an engine whose events become one line of text.
//
//   A 1              accepted              T 2/1 5@100 0/3   2 took 5 lots at 100 from 1;
//   R 1 would-take   refused                                 0 remain of 2, 3 of 1
//   S 1              triggered             C 1 4             cancelled with 4 untraded
//   M 1 4            amended to 4 open     E 1 4 self        expired with 4 untraded, and why
#ifndef NT_MATCH_LOG_H
#define NT_MATCH_LOG_H

#include "test.h"

#include "nt/match.h"

enum { LOG_SIZE = 2048 };

typedef struct match_log {
    nt_match *match;
    char text[LOG_SIZE];
    int64_t last_trade;
    bool numbers_are_in_turn;
} match_log;

static inline const char *match_log_reason(nt_match_reason reason) {
    static const char *const names[] = {"none",         "would-take", "would-trigger",
                                        "no-liquidity", "fok",        "self",
                                        "full",         "duplicate",  "bad"};
    return names[reason];
}

static inline void match_log_event(void *context, const nt_match_event *event) {
    match_log *log = context;
    size_t used = strlen(log->text), room = LOG_SIZE - used;
    char *end = log->text + used;
    const char *gap = used > 0 ? "; " : "";
    unsigned long id = event->id;
    long remaining = event->remaining;
    const char *reason = match_log_reason(event->reason);
    switch (event->kind) {
    case NT_MATCH_ACCEPTED:
        snprintf(end, room, "%sA %lu", gap, id);
        break;
    case NT_MATCH_REFUSED:
        snprintf(end, room, "%sR %lu %s", gap, id, reason);
        break;
    case NT_MATCH_TRIGGERED:
        snprintf(end, room, "%sS %lu", gap, id);
        break;
    case NT_MATCH_CANCELED:
        snprintf(end, room, "%sC %lu %ld", gap, id, remaining);
        break;
    case NT_MATCH_AMENDED:
        snprintf(end, room, "%sM %lu %ld", gap, id, remaining);
        break;
    case NT_MATCH_EXPIRED:
        snprintf(end, room, "%sE %lu %ld %s", gap, id, remaining, reason);
        break;
    case NT_MATCH_TRADE:
        snprintf(end, room, "%sT %lu/%lu %ld@%ld %ld/%ld", gap, id, (unsigned long)event->maker_id,
                 (long)event->quantity, (long)event->price, remaining,
                 (long)event->maker_remaining);
        log->numbers_are_in_turn = log->numbers_are_in_turn && event->trade == log->last_trade + 1;
        log->last_trade = event->trade;
        break;
    }
}

static inline void match_log_open(match_log *log, nt_match_mode mode, uint32_t max_orders) {
    *log = (match_log){.numbers_are_in_turn = true};
    nt_match_config config = {.mode = mode, .max_orders = max_orders, .max_levels = 8};
    config.context = log;
    config.on_event = match_log_event;
    NT_ASSERT(nt_match_create(&config, &log->match) == NT_OK);
}

static inline void match_log_close(match_log *log) { nt_match_destroy(log->match); }

/// What happened since the last call.
static inline const char *match_log_take(match_log *log) {
    static char taken[LOG_SIZE];
    memcpy(taken, log->text, LOG_SIZE);
    log->text[0] = '\0';
    return taken;
}

static inline const char *match_log_place(match_log *log, nt_match_order order) {
    nt_match_place(log->match, &order);
    return match_log_take(log);
}

static inline nt_match_order limit_order(uint64_t id, nt_side side, int64_t quantity,
                                         int64_t price) {
    return (nt_match_order){.id = id, .side = side, .quantity = quantity, .price = price};
}

static inline nt_match_order typed_order(nt_match_order order, nt_order_type type,
                                         nt_time_in_force tif) {
    order.type = type;
    order.tif = tif;
    return order;
}

static inline nt_match_order stop_order(nt_match_order order, int64_t stop_price) {
    order.type = order.price == 0 ? NT_STOP_MARKET : NT_STOP_LIMIT;
    order.stop_price = stop_price;
    return order;
}

static inline nt_match_order owned_order(nt_match_order order, uint64_t owner) {
    order.owner = owner;
    return order;
}

#endif
