// order_state.c — names and codes as data, each row with where it is stated.
//
// A refusal frees the exposure that is reserved for an order, so a code stands in the table only
// when the venue's documents prove that the order was not accepted. Every other code, and every
// status of 500 and above, leaves the outcome unknown: it is asked for, never assumed.
#include "order_state.h"

static const struct {
    const char *name;
    bn_order_state state;
} states[] = {
    // enums.md, "Order status".
    {"NEW", BN_STATE_OPEN},
    {"PENDING_NEW", BN_STATE_OPEN},
    {"PARTIALLY_FILLED", BN_STATE_OPEN},
    {"PENDING_CANCEL", BN_STATE_OPEN},
    {"FILLED", BN_STATE_FILLED},
    {"CANCELED", BN_STATE_CANCELED},
    {"REJECTED", BN_STATE_REJECTED},
    {"EXPIRED", BN_STATE_EXPIRED},
    {"EXPIRED_IN_MATCH", BN_STATE_EXPIRED},
};

bn_order_state bn_order_state_read(const bn_value *name) {
    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (bn_value_is(name, states[i].name)) return states[i].state;
    }
    return BN_STATE_UNKNOWN;
}

nt_evidence bn_order_state_found(bn_order_state state) {
    static const nt_evidence found[BN_STATE_COUNT] = {
        [BN_STATE_UNKNOWN] = NT_EVIDENCE_UNKNOWN_STATE,
        [BN_STATE_OPEN] = NT_EVIDENCE_FOUND_OPEN,
        [BN_STATE_FILLED] = NT_EVIDENCE_FOUND_FILLED,
        [BN_STATE_CANCELED] = NT_EVIDENCE_FOUND_CANCELED,
        [BN_STATE_REJECTED] = NT_EVIDENCE_FOUND_REJECTED,
        [BN_STATE_EXPIRED] = NT_EVIDENCE_FOUND_EXPIRED,
    };
    return found[state];
}

static const struct {
    int32_t first, last;
    const char *source;
} refusals[] = {
    {-1002, -1002, "errors.md: not authorized to execute this request"},
    // web-socket-api.md, rate limits: such requests fail with status 429; 418 refuses the address.
    {-1003, -1003, "errors.md: too many requests; refused before the engine"},
    {-1013, -1013, "errors.md: rejected by the API, did not reach the matching engine"},
    {-1014, -1014, "errors.md: unsupported order combination"},
    {-1015, -1015, "errors.md: too many new orders"},
    {-1020, -1020, "errors.md: operation not supported"},
    {-1021, -1021, "errors.md: timestamp outside of recvWindow"},
    {-1022, -1022, "errors.md: signature not valid"},
    // Parameters are checked before anything is sent on.
    {-1108, -1100, "errors.md, request issues: illegal, missing, unknown or surplus parameter"},
    {-1111, -1111, "errors.md: too much precision"},
    {-1119, -1114, "errors.md: time in force, order type, side or client id malformed"},
    {-1121, -1121, "errors.md: symbol not valid"},
    {-1128, -1128, "errors.md: combination of optional parameters invalid"},
    {-1130, -1130, "errors.md: invalid data for a parameter"},
    {-1135, -1134, "errors.md: strategy type or JSON invalid"},
    {-1145, -1145, "errors.md: cancelRestrictions invalid"},
    {-1211, -1210, "errors.md: peg type invalid"},
    {-1220, -1220, "errors.md: symbol's status does not match"},
    // The matching engine's own answers.
    {-2010, -2010, "errors.md: new order rejected by the matching engine"},
    {-2011, -2011, "errors.md: cancel rejected by the matching engine"},
    {-2013, -2013, "errors.md: order does not exist"},
    {-2015, -2014, "errors.md: API key malformed or without permission"},
    {-2039, -2038, "errors.md: amend rejected; client id does not belong to this order id"},
};

bool bn_is_definite_refusal(int32_t code) {
    for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (code >= refusals[i].first && code <= refusals[i].last) return true;
    }
    return false;
}
