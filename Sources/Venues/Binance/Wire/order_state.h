// order_state.h — Binance's names for an order's state, and its error codes.
#ifndef BN_ORDER_STATE_H
#define BN_ORDER_STATE_H

#include "json.h"
#include "nt/event.h"

typedef enum bn_order_state {
    BN_STATE_UNKNOWN, ///< A name this version does not know.
    BN_STATE_OPEN,    ///< NEW, PENDING_NEW, PARTIALLY_FILLED, PENDING_CANCEL
    BN_STATE_FILLED,
    BN_STATE_CANCELED,
    BN_STATE_REJECTED,
    BN_STATE_EXPIRED, ///< EXPIRED, EXPIRED_IN_MATCH
    BN_STATE_COUNT
} bn_order_state;

bn_order_state bn_order_state_read(const bn_value *name);
/// What a query proves when it tells this state.
nt_evidence bn_order_state_found(bn_order_state state);

enum {
    BN_CODE_NO_SUCH_ORDER = -2013,
    BN_CODE_ORDER_ARCHIVED = -2026,
    BN_CODE_TOO_MANY_ORDERS = -1015,
    BN_CODE_SUBSCRIPTION_ACTIVE = -2035
};

/// True when the code proves that the request, to place an order or to change one, had no effect
/// and never will (refusals.def).
bool bn_is_definite_refusal(int32_t code, bool of_place);

#endif
