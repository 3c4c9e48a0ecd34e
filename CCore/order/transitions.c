// transitions.c — transitions.def as an array, and the names of states, events and effects.
#include <stddef.h>

#include "nt/order.h"

#define NONE  NT_EFFECT_NONE
#define ASK   NT_EFFECT_ASK
#define HALT  NT_EFFECT_HALT
#define COUNT NT_EFFECT_COUNT
#define LATE  NT_EFFECT_LATE

#define ROW(state, event, next, effects)                                                           \
    [NT_ORDER_##state][NT_ORDER_ON_##event] = {NT_ORDER_##next, effects},

static const nt_transition transitions[NT_ORDER_STATE_COUNT][NT_ORDER_EVENT_COUNT] = {
#include "transitions.def"
};

static const char *const state_names[NT_ORDER_STATE_COUNT] = {
    "none",   "queued",   "abandoned", "sent",     "unknown", "live",     "partial",
    "filled", "canceled", "expired",   "rejected", "absent",  "disputed",
};

static const char *const event_names[NT_ORDER_EVENT_COUNT] = {
    "none",
    "send",
    "send failed",
    "silence",
    "ack",
    "refused",
    "fill",
    "full fill",
    "overfill",
    "canceled",
    "expired",
    "rejected",
    "found open",
    "found closed",
    "not found",
    "proven absent",
    "uncertain",
    "open partly",
    "disproved",
    "resolved filled",
    "resolved canceled",
    "resolved rejected",
    "resolved absent",
};

static const char *const effect_names[NT_EFFECT_COUNT_OF] = {"ask", "halt", "count", "late"};

nt_transition nt_order_transition(nt_order_state state, nt_order_event event) {
    const bool known = state < NT_ORDER_STATE_COUNT && event < NT_ORDER_EVENT_COUNT;
    return known ? transitions[state][event] : (nt_transition){NT_ORDER_NONE, NT_EFFECT_NONE};
}

bool nt_order_is_terminal(nt_order_state state) {
    return state == NT_ORDER_ABANDONED || (state >= NT_ORDER_FILLED && state <= NT_ORDER_ABSENT);
}

const char *nt_order_state_name(nt_order_state state) {
    return state < NT_ORDER_STATE_COUNT ? state_names[state] : "?";
}

const char *nt_order_event_name(nt_order_event event) {
    return event < NT_ORDER_EVENT_COUNT ? event_names[event] : "?";
}

const char *nt_order_effect_name(uint32_t bit) {
    return bit < NT_EFFECT_COUNT_OF ? effect_names[bit] : "?";
}
