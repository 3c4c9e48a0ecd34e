// unsupported.c — the names. An event type that is not here and not decoded is NT_INVALID: it
// was not documented when this was written, so nobody has decided that ignoring it is safe.
#include "unsupported.h"

#include <string.h>

static const char *const names[BN_UNSUPPORTED_COUNT] = {
    [BN_UNSUPPORTED_BLOCK_TRADE] = "blockTrade",
    [BN_UNSUPPORTED_KLINE] = "kline",
    [BN_UNSUPPORTED_CONTINUOUS_KLINE] = "continuous_kline",
    [BN_UNSUPPORTED_MINI_TICKER] = "24hrMiniTicker",
    [BN_UNSUPPORTED_TICKER] = "24hrTicker",
    [BN_UNSUPPORTED_TICKER_1H] = "1hTicker",
    [BN_UNSUPPORTED_TICKER_4H] = "4hTicker",
    [BN_UNSUPPORTED_TICKER_1D] = "1dTicker",
    [BN_UNSUPPORTED_AVERAGE_PRICE] = "avgPrice",
    [BN_UNSUPPORTED_REFERENCE_PRICE] = "referencePrice",
    [BN_UNSUPPORTED_MARK_PRICE] = "markPriceUpdate",
    [BN_UNSUPPORTED_INDEX_PRICE] = "indexPriceUpdate",
    [BN_UNSUPPORTED_FORCE_ORDER] = "forceOrder",
    [BN_UNSUPPORTED_BALANCE_UPDATE] = "balanceUpdate",
    [BN_UNSUPPORTED_LIST_STATUS] = "listStatus",
    [BN_UNSUPPORTED_EXTERNAL_LOCK] = "externalLockUpdate",
    [BN_UNSUPPORTED_EVENT_ARRAY] = "array of events",
    [BN_UNSUPPORTED_PARTIAL_BOOK_RAW] = "partial book without stream name",
    [BN_UNSUPPORTED_TRADE_NOT_MARKET] = "trade outside the order book",
    [BN_UNSUPPORTED_FOREIGN_SYMBOL] = "foreign symbol",
    [BN_UNSUPPORTED_FOREIGN_REPLY] = "reply to a request that is not ours",
    [BN_UNSUPPORTED_CONTROL_REPLY] = "reply about subscriptions or properties",
    [BN_UNSUPPORTED_REQUEST] = "request",
};

const char *bn_unsupported_text(bn_unsupported_id id) {
    return id < BN_UNSUPPORTED_COUNT ? names[id] : "";
}

bn_unsupported_id bn_unsupported_event(const char *name, unsigned length) {
    for (unsigned i = 0; i < BN_UNSUPPORTED_EVENT_COUNT; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            return (bn_unsupported_id)i;
        }
    }
    return BN_UNSUPPORTED_COUNT;
}
