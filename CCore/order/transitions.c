// transitions.c — the life of an order, as data.
//
// docs/orders.md shows the same table and tests/order_test.c compares every cell. A missing cell
// is NT_ORDER_NONE, "illegal": only a bug of ours can ask for it. Evidence of the venue is never
// illegal: what it cannot mean in a state either changes nothing (it is late) or ends in
// DISPUTED (it contradicts what was proven).
#include <stddef.h>

#include "nt/order.h"

// Short names, so that a row fits the eye.
enum {
    QUEUED = NT_ORDER_QUEUED,
    ABANDONED = NT_ORDER_ABANDONED,
    SENT = NT_ORDER_SENT,
    UNKNOWN = NT_ORDER_UNKNOWN,
    LIVE = NT_ORDER_LIVE,
    PARTIAL = NT_ORDER_PARTIAL,
    FILLED = NT_ORDER_FILLED,
    CANCELED = NT_ORDER_CANCELED,
    EXPIRED = NT_ORDER_EXPIRED,
    REJECTED = NT_ORDER_REJECTED,
    ABSENT = NT_ORDER_ABSENT,
    DISPUTED = NT_ORDER_DISPUTED,
};

static const nt_order_state next_state[NT_ORDER_STATE_COUNT][NT_ORDER_EVENT_COUNT] = {
    [NT_ORDER_QUEUED] =
        {
            // No PROVEN_ABSENT: proof starts from the time of sending.
            [NT_ORDER_ON_SEND] = SENT,
            [NT_ORDER_ON_SEND_FAILED] = ABANDONED,
            [NT_ORDER_ON_SILENCE] = UNKNOWN, // A restart: the bytes may have left.
            [NT_ORDER_ON_ACK] = LIVE,
            [NT_ORDER_ON_REFUSED] = REJECTED,
            [NT_ORDER_ON_FILL] = PARTIAL,
            [NT_ORDER_ON_FULL_FILL] = FILLED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = CANCELED,
            [NT_ORDER_ON_EXPIRED] = EXPIRED,
            [NT_ORDER_ON_REJECTED] = REJECTED,
            [NT_ORDER_ON_FOUND_OPEN] = LIVE,
            [NT_ORDER_ON_FOUND_CLOSED] = UNKNOWN,
            [NT_ORDER_ON_NOT_FOUND] = QUEUED,
            [NT_ORDER_ON_UNCERTAIN] = UNKNOWN,
        },
    [NT_ORDER_ABANDONED] =
        {
            // No SEND: what was given up must not leave later.
            [NT_ORDER_ON_SEND_FAILED] = ABANDONED,
            [NT_ORDER_ON_SILENCE] = ABANDONED,
            [NT_ORDER_ON_ACK] = DISPUTED,
            [NT_ORDER_ON_REFUSED] = DISPUTED,
            [NT_ORDER_ON_FILL] = DISPUTED,
            [NT_ORDER_ON_FULL_FILL] = DISPUTED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = DISPUTED,
            [NT_ORDER_ON_EXPIRED] = DISPUTED,
            [NT_ORDER_ON_REJECTED] = DISPUTED,
            [NT_ORDER_ON_FOUND_OPEN] = DISPUTED,
            [NT_ORDER_ON_FOUND_CLOSED] = DISPUTED,
            [NT_ORDER_ON_NOT_FOUND] = ABANDONED,
            [NT_ORDER_ON_PROVEN_ABSENT] = ABANDONED,
            [NT_ORDER_ON_UNCERTAIN] = ABANDONED,
        },
    [NT_ORDER_SENT] =
        {
            // No SEND: an order is sent once.
            [NT_ORDER_ON_SEND_FAILED] = ABANDONED,
            [NT_ORDER_ON_SILENCE] = UNKNOWN,
            [NT_ORDER_ON_ACK] = LIVE,
            [NT_ORDER_ON_REFUSED] = REJECTED,
            [NT_ORDER_ON_FILL] = PARTIAL,
            [NT_ORDER_ON_FULL_FILL] = FILLED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = CANCELED,
            [NT_ORDER_ON_EXPIRED] = EXPIRED,
            [NT_ORDER_ON_REJECTED] = REJECTED,
            [NT_ORDER_ON_FOUND_OPEN] = LIVE,
            [NT_ORDER_ON_FOUND_CLOSED] = UNKNOWN,
            [NT_ORDER_ON_NOT_FOUND] = SENT,
            [NT_ORDER_ON_PROVEN_ABSENT] = ABSENT,
            [NT_ORDER_ON_UNCERTAIN] = UNKNOWN,
        },
    [NT_ORDER_UNKNOWN] =
        {
            // No SEND: that would be the blind resend.
            [NT_ORDER_ON_SEND_FAILED] = UNKNOWN, // Too late a claim to release anything.
            [NT_ORDER_ON_SILENCE] = UNKNOWN,
            [NT_ORDER_ON_ACK] = LIVE,
            [NT_ORDER_ON_REFUSED] = REJECTED,
            [NT_ORDER_ON_FILL] = PARTIAL,
            [NT_ORDER_ON_FULL_FILL] = FILLED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = CANCELED,
            [NT_ORDER_ON_EXPIRED] = EXPIRED,
            [NT_ORDER_ON_REJECTED] = REJECTED,
            [NT_ORDER_ON_FOUND_OPEN] = LIVE,
            [NT_ORDER_ON_FOUND_CLOSED] = UNKNOWN,
            [NT_ORDER_ON_NOT_FOUND] = UNKNOWN,
            [NT_ORDER_ON_PROVEN_ABSENT] = ABSENT,
            [NT_ORDER_ON_UNCERTAIN] = UNKNOWN,
        },
    [NT_ORDER_LIVE] =
        {
            // No SEND_FAILED, no PROVEN_ABSENT: the venue has shown it.
            [NT_ORDER_ON_SEND] = LIVE, // Evidence overtook the mark.
            [NT_ORDER_ON_SILENCE] = LIVE,
            [NT_ORDER_ON_ACK] = LIVE,
            [NT_ORDER_ON_REFUSED] = UNKNOWN,
            [NT_ORDER_ON_FILL] = PARTIAL,
            [NT_ORDER_ON_FULL_FILL] = FILLED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = CANCELED,
            [NT_ORDER_ON_EXPIRED] = EXPIRED,
            [NT_ORDER_ON_REJECTED] = REJECTED,
            [NT_ORDER_ON_FOUND_OPEN] = LIVE,
            [NT_ORDER_ON_FOUND_CLOSED] = UNKNOWN,
            [NT_ORDER_ON_NOT_FOUND] = LIVE,
            [NT_ORDER_ON_UNCERTAIN] = UNKNOWN,
        },
    [NT_ORDER_PARTIAL] =
        {
            [NT_ORDER_ON_SEND] = PARTIAL,
            [NT_ORDER_ON_SILENCE] = PARTIAL,
            [NT_ORDER_ON_ACK] = PARTIAL,
            [NT_ORDER_ON_REFUSED] = UNKNOWN,
            [NT_ORDER_ON_FILL] = PARTIAL,
            [NT_ORDER_ON_FULL_FILL] = FILLED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = CANCELED,
            [NT_ORDER_ON_EXPIRED] = EXPIRED,
            [NT_ORDER_ON_REJECTED] = REJECTED,
            [NT_ORDER_ON_FOUND_OPEN] = PARTIAL,
            [NT_ORDER_ON_FOUND_CLOSED] = UNKNOWN,
            [NT_ORDER_ON_NOT_FOUND] = PARTIAL,
            [NT_ORDER_ON_UNCERTAIN] = UNKNOWN,
        },
    [NT_ORDER_FILLED] =
        {
            [NT_ORDER_ON_SEND] = FILLED,
            [NT_ORDER_ON_SILENCE] = FILLED,
            [NT_ORDER_ON_ACK] = FILLED,
            [NT_ORDER_ON_REFUSED] = FILLED,
            [NT_ORDER_ON_FILL] = FILLED,
            [NT_ORDER_ON_FULL_FILL] = FILLED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = FILLED,
            [NT_ORDER_ON_EXPIRED] = FILLED,
            [NT_ORDER_ON_REJECTED] = FILLED,
            [NT_ORDER_ON_FOUND_OPEN] = FILLED,
            [NT_ORDER_ON_FOUND_CLOSED] = FILLED,
            [NT_ORDER_ON_NOT_FOUND] = FILLED,
            [NT_ORDER_ON_UNCERTAIN] = FILLED,
        },
    [NT_ORDER_CANCELED] =
        {
            [NT_ORDER_ON_SEND] = CANCELED,
            [NT_ORDER_ON_SILENCE] = CANCELED,
            [NT_ORDER_ON_ACK] = CANCELED,
            [NT_ORDER_ON_REFUSED] = CANCELED,
            [NT_ORDER_ON_FILL] = CANCELED,
            [NT_ORDER_ON_FULL_FILL] = CANCELED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = CANCELED,
            [NT_ORDER_ON_EXPIRED] = CANCELED,
            [NT_ORDER_ON_REJECTED] = CANCELED,
            [NT_ORDER_ON_FOUND_OPEN] = CANCELED, // Listings lag; it asks again.
            [NT_ORDER_ON_FOUND_CLOSED] = CANCELED,
            [NT_ORDER_ON_NOT_FOUND] = CANCELED,
            [NT_ORDER_ON_UNCERTAIN] = CANCELED,
        },
    [NT_ORDER_EXPIRED] =
        {
            [NT_ORDER_ON_SEND] = EXPIRED,
            [NT_ORDER_ON_SILENCE] = EXPIRED,
            [NT_ORDER_ON_ACK] = EXPIRED,
            [NT_ORDER_ON_REFUSED] = EXPIRED,
            [NT_ORDER_ON_FILL] = EXPIRED,
            [NT_ORDER_ON_FULL_FILL] = EXPIRED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = EXPIRED,
            [NT_ORDER_ON_EXPIRED] = EXPIRED,
            [NT_ORDER_ON_REJECTED] = EXPIRED,
            [NT_ORDER_ON_FOUND_OPEN] = EXPIRED,
            [NT_ORDER_ON_FOUND_CLOSED] = EXPIRED,
            [NT_ORDER_ON_NOT_FOUND] = EXPIRED,
            [NT_ORDER_ON_UNCERTAIN] = EXPIRED,
        },
    [NT_ORDER_REJECTED] =
        {
            [NT_ORDER_ON_SEND] = REJECTED,
            [NT_ORDER_ON_SILENCE] = REJECTED,
            [NT_ORDER_ON_ACK] = REJECTED, // A reply that the stream overtook; it asks again.
            [NT_ORDER_ON_REFUSED] = REJECTED,
            [NT_ORDER_ON_FILL] = REJECTED,
            [NT_ORDER_ON_FULL_FILL] = REJECTED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = REJECTED,
            [NT_ORDER_ON_EXPIRED] = REJECTED,
            [NT_ORDER_ON_REJECTED] = REJECTED,
            [NT_ORDER_ON_FOUND_OPEN] = DISPUTED,
            [NT_ORDER_ON_FOUND_CLOSED] = REJECTED,
            [NT_ORDER_ON_NOT_FOUND] = REJECTED,
            [NT_ORDER_ON_PROVEN_ABSENT] = REJECTED,
            [NT_ORDER_ON_UNCERTAIN] = REJECTED,
        },
    [NT_ORDER_ABSENT] =
        {
            // Signs of life after the proof: the proof was wrong, and the rest may still be open.
            [NT_ORDER_ON_SEND_FAILED] = ABSENT,
            [NT_ORDER_ON_SILENCE] = ABSENT,
            [NT_ORDER_ON_ACK] = DISPUTED,
            [NT_ORDER_ON_REFUSED] = ABSENT,
            [NT_ORDER_ON_FILL] = DISPUTED,
            [NT_ORDER_ON_FULL_FILL] = DISPUTED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = DISPUTED,
            [NT_ORDER_ON_EXPIRED] = DISPUTED,
            [NT_ORDER_ON_REJECTED] = ABSENT,
            [NT_ORDER_ON_FOUND_OPEN] = DISPUTED,
            [NT_ORDER_ON_FOUND_CLOSED] = DISPUTED,
            [NT_ORDER_ON_NOT_FOUND] = ABSENT,
            [NT_ORDER_ON_PROVEN_ABSENT] = ABSENT,
            [NT_ORDER_ON_UNCERTAIN] = ABSENT,
        },
    [NT_ORDER_DISPUTED] =
        {
            // Only the operator ends a dispute (nt_orders_restore).
            [NT_ORDER_ON_SEND] = DISPUTED,
            [NT_ORDER_ON_SEND_FAILED] = DISPUTED,
            [NT_ORDER_ON_SILENCE] = DISPUTED,
            [NT_ORDER_ON_ACK] = DISPUTED,
            [NT_ORDER_ON_REFUSED] = DISPUTED,
            [NT_ORDER_ON_FILL] = DISPUTED,
            [NT_ORDER_ON_FULL_FILL] = DISPUTED,
            [NT_ORDER_ON_OVERFILL] = DISPUTED,
            [NT_ORDER_ON_CANCELED] = DISPUTED,
            [NT_ORDER_ON_EXPIRED] = DISPUTED,
            [NT_ORDER_ON_REJECTED] = DISPUTED,
            [NT_ORDER_ON_FOUND_OPEN] = DISPUTED,
            [NT_ORDER_ON_FOUND_CLOSED] = DISPUTED,
            [NT_ORDER_ON_NOT_FOUND] = DISPUTED,
            [NT_ORDER_ON_PROVEN_ABSENT] = DISPUTED,
            [NT_ORDER_ON_UNCERTAIN] = DISPUTED,
        },
};

static const char *const state_names[NT_ORDER_STATE_COUNT] = {
    "none",   "queued",   "abandoned", "sent",     "unknown", "live",     "partial",
    "filled", "canceled", "expired",   "rejected", "absent",  "disputed",
};

static const char *const event_names[NT_ORDER_EVENT_COUNT] = {
    "none",       "send",         "send failed", "silence",       "ack",       "refused",
    "fill",       "full fill",    "overfill",    "canceled",      "expired",   "rejected",
    "found open", "found closed", "not found",   "proven absent", "uncertain",
};

nt_order_state nt_order_next(nt_order_state state, nt_order_event event) {
    if (state >= NT_ORDER_STATE_COUNT || event >= NT_ORDER_EVENT_COUNT) return NT_ORDER_NONE;
    return next_state[state][event];
}

bool nt_order_is_terminal(nt_order_state state) {
    return state == ABANDONED || (state >= FILLED && state <= ABSENT);
}

const char *nt_order_state_name(nt_order_state state) {
    return state < NT_ORDER_STATE_COUNT ? state_names[state] : "?";
}

const char *nt_order_event_name(nt_order_event event) {
    return event < NT_ORDER_EVENT_COUNT ? event_names[event] : "?";
}
