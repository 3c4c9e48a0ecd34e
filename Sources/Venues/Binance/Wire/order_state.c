// order_state.c — names of states, and the codes of refusals.def.
#include "order_state.h"

#include "nt/planted.h"

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
    return nt_planted(NT_BUG_UNKNOWN_STATE_IS_OPEN) ? BN_STATE_OPEN : BN_STATE_UNKNOWN;
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

enum { PLACE = 1, CHANGE = 2, ANY = PLACE | CHANGE };

static const struct {
    int32_t code;
    int requests;
    const char *meaning, *section;
} refusals[] = {
#define REFUSAL(code, requests, meaning, section) {code, requests, meaning, section},
#include "refusals.def"
};

bool bn_is_definite_refusal(int32_t code, bool of_place) {
    if (nt_planted(NT_BUG_TIMEOUT_IS_REFUSED) && code == -1007) return true;
    const int request = of_place ? PLACE : CHANGE;
    for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (code == refusals[i].code) return (refusals[i].requests & request) != 0;
    }
    return false;
}
