// binance_orders_fuzz.c — replies and user events: no crash, no count on failure, no negative
// number in a report.
#include <string.h>

#include "wire.h"

static const nt_instrument instruments[] = {
    {.symbol = "BTCUSDT",
     .base = "BTC",
     .quote = "USDT",
     .price_decimals = 2,
     .quantity_decimals = 5,
     .tick_units = 1,
     .lot_units = 1},
};

static bn_wire *shared_wire(void) {
    static bn_wire *wire;
    if (wire == NULL) {
        const bn_wire_config config = {
            .instruments = instruments, .instrument_count = 1, .instance = 7};
        wire = bn_wire_create(&config, NULL, 0);
        NT_ASSERT(wire != NULL);
    }
    return wire;
}

static void check_report(const nt_report *report) {
    NT_ASSERT(report->evidence > NT_EVIDENCE_NONE && report->evidence < NT_EVIDENCE_COUNT);
    NT_ASSERT(report->price >= 0 && report->quantity >= 0 && report->cumulative >= -1);
    NT_ASSERT(report->fee >= 0 && memchr(report->fee_asset, 0, sizeof report->fee_asset));
    if (report->evidence == NT_EVIDENCE_FILL) {
        NT_ASSERT(report->last_price > 0 && report->last_quantity > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bn_wire *wire = shared_wire();
    const nt_codec *codec = bn_wire_codec(wire);
    nt_event events[8];
    uint32_t count = 77;
    if (length > 1 << 16) return 0;
    const nt_status status = codec->decode(codec->context, NT_ROLE_ORDERS, NT_NO_INSTRUMENT, bytes,
                                           (uint32_t)length, events, 8, &count);
    NT_ASSERT(status == NT_OK ? count <= 8 : count == 0);
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].kind != NT_EVENT_REPORT) continue;
        NT_ASSERT(events[i].instrument == 0);
        check_report(&events[i].as.report);
    }
    return 0;
}

/// Starts from well-formed messages half of the time: random bytes rarely become JSON.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    static const char *const seeds[] = {
        "{\"id\":\"p00n00070000000000001\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
        "\"orderId\":501,\"clientOrderId\":\"n00070000000000001\",\"transactTime\":1700000000200,"
        "\"price\":\"25000.20\",\"origQty\":\"0.3\",\"executedQty\":\"0.1\",\"status\":\"EXPIRED\","
        "\"side\":\"BUY\",\"fills\":[{\"price\":\"25000.20\",\"qty\":\"0.1\",\"commission\":\"0."
        "1\","
        "\"commissionAsset\":\"BTC\",\"tradeId\":61}]},\"rateLimits\":[{\"rateLimitType\":"
        "\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":50,\"count\":1}]}",
        "{\"id\":\"a00n00070000000000001\",\"status\":200,\"result\":{\"amendedOrder\":{"
        "\"symbol\":\"BTCUSDT\",\"orderId\":501,\"origClientOrderId\":\"n00070000000000001\","
        "\"clientOrderId\":\"x\",\"price\":\"1\",\"qty\":\"1\",\"executedQty\":\"0\","
        "\"status\":\"NEW\",\"side\":\"SELL\"}}}",
        "{\"id\":\"o00\",\"status\":200,\"result\":[{\"symbol\":\"BTCUSDT\",\"orderId\":502,"
        "\"clientOrderId\":\"x\",\"price\":\"1\",\"origQty\":\"1\",\"executedQty\":\"0\","
        "\"status\":\"NEW\",\"side\":\"SELL\",\"updateTime\":1}]}",
        "{\"id\":\"f00\",\"status\":200,\"result\":[{\"symbol\":\"BTCUSDT\",\"id\":61,"
        "\"orderId\":501,\"price\":\"1\",\"qty\":\"1\",\"commission\":\"0\",\"commissionAsset\":"
        "\"BTC\",\"time\":1,\"isBuyer\":true,\"isMaker\":false}]}",
        "{\"id\":\"c00n00070000000000001\",\"status\":429,\"error\":{\"code\":-1003,\"msg\":\"x\","
        "\"data\":{\"retryAfter\":1700000000000}}}",
        "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1,\"s\":\"BTCUSDT\","
        "\"c\":\"x\",\"S\":\"SELL\",\"q\":\"0.3\",\"p\":\"1\",\"C\":\"\",\"x\":\"TRADE\","
        "\"X\":\"FILLED\",\"i\":501,\"z\":\"0.1\",\"l\":\"0.1\",\"L\":\"1\",\"n\":\"0\",\"N\":null,"
        "\"t\":61,\"m\":true,\"A\":\"0.1\"}}",
        "{\"event\":{\"e\":\"outboundAccountPosition\",\"E\":1,\"B\":[{\"a\":\"BTC\",\"f\":\"1\","
        "\"l\":\"0\"}]}}",
    };
    if (seed % 2 == 0) {
        const char *text = seeds[seed / 2 % (sizeof seeds / sizeof seeds[0])];
        size = strlen(text) < max_size ? strlen(text) : max_size;
        memcpy(data, text, size);
    }
    return LLVMFuzzerMutate(data, size, max_size);
}
