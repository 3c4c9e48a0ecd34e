// unsupported.h — everything that Binance documents and this wire knows only by name.
#ifndef BN_UNSUPPORTED_H
#define BN_UNSUPPORTED_H

/// Order and text are those of the table in unsupported.c.
typedef enum bn_unsupported_id {
    BN_UNSUPPORTED_BLOCK_TRADE,
    BN_UNSUPPORTED_KLINE,
    BN_UNSUPPORTED_CONTINUOUS_KLINE,
    BN_UNSUPPORTED_MINI_TICKER,
    BN_UNSUPPORTED_TICKER,
    BN_UNSUPPORTED_TICKER_1H,
    BN_UNSUPPORTED_TICKER_4H,
    BN_UNSUPPORTED_TICKER_1D,
    BN_UNSUPPORTED_AVERAGE_PRICE,
    BN_UNSUPPORTED_REFERENCE_PRICE,
    BN_UNSUPPORTED_MARK_PRICE,
    BN_UNSUPPORTED_INDEX_PRICE,
    BN_UNSUPPORTED_FORCE_ORDER,
    BN_UNSUPPORTED_BALANCE_UPDATE,
    BN_UNSUPPORTED_LIST_STATUS,
    BN_UNSUPPORTED_EXTERNAL_LOCK,
    BN_UNSUPPORTED_EVENT_COUNT, ///< The names above are event types ("e").
    BN_UNSUPPORTED_EVENT_ARRAY = BN_UNSUPPORTED_EVENT_COUNT,
    BN_UNSUPPORTED_PARTIAL_BOOK_RAW,
    BN_UNSUPPORTED_TRADE_NOT_MARKET,
    BN_UNSUPPORTED_FOREIGN_SYMBOL,
    BN_UNSUPPORTED_FOREIGN_REPLY,
    BN_UNSUPPORTED_CONTROL_REPLY,
    BN_UNSUPPORTED_REQUEST,
    BN_UNSUPPORTED_COUNT
} bn_unsupported_id;

/// Such as "kline" or "foreign symbol". Static storage.
const char *bn_unsupported_text(bn_unsupported_id id);
/// The event type of this name; BN_UNSUPPORTED_COUNT when there is none.
bn_unsupported_id bn_unsupported_event(const char *name, unsigned length);

#endif
