// binance_fixture.c — messages composed from the fields that the venue documents; the keys are
// the ones its documents publish as examples.
#include "binance_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const nt_instrument instruments[] = {
    {.symbol = "BTCUSDT",
     .base = "BTC",
     .quote = "USDT",
     .price_decimals = 2,
     .quantity_decimals = 5,
     .tick_units = 1,
     .lot_units = 1},
    {.symbol = "ETHUSDT",
     .base = "ETH",
     .quote = "USDT",
     .price_decimals = 8,
     .quantity_decimals = 8,
     .tick_units = 1000000,
     .lot_units = 10000},
    {.symbol = "BTCUSD_PERP",
     .base = "BTC",
     .quote = "USD",
     .price_decimals = 1,
     .quantity_decimals = 0,
     .tick_units = 1,
     .lot_units = 1},
};

static bn_wire *create(const char *key, const char *secret, const char *pem) {
    char error[128];
    const bn_wire_config config = {.instruments = instruments,
                                   .instrument_count = 3,
                                   .instance = FIXTURE_INSTANCE,
                                   .api_key = key,
                                   .hmac_secret = secret,
                                   .ed25519_pem = pem};
    bn_wire *wire = bn_wire_create(&config, error, sizeof error);
    if (wire == NULL) {
        fprintf(stderr, "%s\n", error);
        abort();
    }
    return wire;
}

bn_wire *fixture_hmac(void) {
    return create("vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
                  "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j", NULL);
}

bn_wire *fixture_ed25519(void) {
    return create("4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO", NULL,
                  "-----BEGIN PRIVATE KEY-----\n"
                  "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
                  "-----END PRIVATE KEY-----\n");
}

bn_wire *fixture_market(void) { return create(NULL, NULL, NULL); }

fixture_result *fixture_decode(bn_wire *wire, nt_stream_role role, nt_instrument_id slot,
                               const char *text, uint32_t length) {
    static fixture_result result;
    const nt_codec *codec = bn_wire_codec(wire);
    uint8_t *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, text, length);
    memset(&result, 0xee, sizeof result);
    result.status = codec->decode(codec->context, role, slot, copy, length, result.events,
                                  NT_MAX_EVENTS_PER_MESSAGE, &result.count);
    free(copy);
    return &result;
}

fixture_result *fixture_orders(bn_wire *wire, const char *text) {
    return fixture_decode(wire, NT_ROLE_ORDERS, NT_NO_INSTRUMENT, text, (uint32_t)strlen(text));
}

fixture_result *fixture_stream(bn_wire *wire, const char *text) {
    return fixture_decode(wire, NT_ROLE_MARKET, NT_NO_INSTRUMENT, text, (uint32_t)strlen(text));
}

#define MARKET(text)                                                                               \
    { NT_ROLE_MARKET, NT_NO_INSTRUMENT, text }
#define ORDERS(text)                                                                               \
    { NT_ROLE_ORDERS, NT_NO_INSTRUMENT, text }

const fixture_message fixture_messages[] = {
    MARKET("{\"e\":\"depthUpdate\",\"E\":1700000000123,\"s\":\"BTCUSDT\",\"U\":101,\"u\":105,"
           "\"b\":[[\"25000.10\",\"0.50000\"],[\"24999.00\",\"0.00000\"]],"
           "\"a\":[[\"25000.20\",\"1.25000\"]]}"),
    MARKET("{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\","
           "\"E\":1700000000123,\"s\":\"BTCUSDT\",\"U\":106,\"u\":106,\"b\":[],"
           "\"a\":[[\"25000.30000000\",\"2.00000000\"]]}}"),
    MARKET("{\"e\":\"depthUpdate\",\"E\":1700000000123,\"T\":1700000000120,\"s\":\"BTCUSDT\","
           "\"U\":201,\"u\":205,\"pu\":199,\"b\":[[\"25000.10\",\"0.5\"]],\"a\":[]}"),
    MARKET("{\"stream\":\"btcusd_perp@depth@0ms\",\"data\":{\"e\":\"depthUpdate\","
           "\"E\":1700000000123,\"T\":1700000000120,\"s\":\"BTCUSD_PERP\",\"ps\":\"BTCUSD\","
           "\"U\":7,\"u\":9,\"pu\":6,\"b\":[[\"25000.1\",\"12\"]],\"a\":[]}}"),
    MARKET("{\"stream\":\"btcusdt@depth5@100ms\",\"data\":{\"lastUpdateId\":77,"
           "\"bids\":[[\"25000.10\",\"1\"]],\"asks\":[[\"25000.20\",\"2\"]]}}"),
    MARKET("{\"u\":400,\"s\":\"ETHUSDT\",\"b\":\"1800.01000000\",\"B\":\"3.10000000\","
           "\"a\":\"1800.02000000\",\"A\":\"4.00010000\"}"),
    MARKET("{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":401,\"s\":\"BTCUSDT\","
           "\"b\":\"0.00000000\",\"B\":\"0.00000000\",\"a\":\"25000.20\",\"A\":\"4\"}}"),
    MARKET("{\"e\":\"bookTicker\",\"u\":402,\"s\":\"BTCUSDT\",\"b\":\"25000.10\",\"B\":\"1.5\","
           "\"a\":\"25000.20\",\"A\":\"0.25\",\"T\":1700000000120,\"E\":1700000000123}"),
    MARKET("{\"e\":\"trade\",\"E\":1700000000123,\"s\":\"BTCUSDT\",\"t\":9001,"
           "\"p\":\"25000.10\",\"q\":\"0.00100\",\"T\":1700000000122,\"m\":true,\"M\":true}"),
    MARKET("{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1700000000123,"
           "\"T\":1700000000122,\"s\":\"BTCUSDT\",\"t\":9002,\"p\":\"25000.10\",\"q\":\"0.002\","
           "\"X\":\"MARKET\",\"m\":false}}"),
    MARKET("{\"e\":\"aggTrade\",\"E\":1700000000123,\"s\":\"BTCUSDT\",\"a\":55,"
           "\"p\":\"25000.10\",\"q\":\"0.5\",\"f\":1,\"l\":3,\"T\":1700000000122,\"m\":false,"
           "\"M\":true}"),
    MARKET("{\"e\":\"serverShutdown\",\"E\":1700000000123}"),
    MARKET("{\"result\":null,\"id\":0}"),
    MARKET("{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":0}"),
    {NT_ROLE_SNAPSHOT, FIXTURE_BTC,
     "{\"lastUpdateId\":100,\"bids\":[[\"25000.10\",\"1.00000\"],[\"25000.00\",\"2.00000\"]],"
     "\"asks\":[[\"25000.20\",\"3.00000\"]]}"},
    {NT_ROLE_SNAPSHOT, FIXTURE_PERPETUAL,
     "{\"lastUpdateId\":100,\"E\":1700000000123,\"T\":1700000000120,\"symbol\":\"BTCUSD_PERP\","
     "\"pair\":\"BTCUSD\",\"bids\":[[\"25000.1\",\"10\"]],\"asks\":[]}"},
    ORDERS("{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
           "\"orderId\":501,\"orderListId\":-1,\"clientOrderId\":\"" FIXTURE_ORDER_1 "\","
           "\"transactTime\":1700000000200,\"price\":\"25000.20000000\",\"origQty\":\"0.30000000\","
           "\"executedQty\":\"0.30000000\",\"origQuoteOrderQty\":\"0.000000\","
           "\"cummulativeQuoteQty\":\"7500.06\",\"status\":\"FILLED\",\"timeInForce\":\"GTC\","
           "\"type\":\"LIMIT\",\"side\":\"BUY\",\"workingTime\":1700000000200,"
           "\"selfTradePreventionMode\":\"NONE\",\"fills\":["
           "{\"price\":\"25000.20\",\"qty\":\"0.10000000\",\"commission\":\"0.00010000\","
           "\"commissionAsset\":\"BTC\",\"tradeId\":61},"
           "{\"price\":\"25000.20\",\"qty\":\"0.20000000\",\"commission\":\"0.00020000\","
           "\"commissionAsset\":\"BTC\",\"tradeId\":62}]},"
           "\"rateLimits\":[{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\","
           "\"intervalNum\":10,\"limit\":50,\"count\":1},{\"rateLimitType\":\"ORDERS\","
           "\"interval\":\"DAY\",\"intervalNum\":1,\"limit\":160000,\"count\":1},"
           "{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,"
           "\"limit\":6000,\"count\":22}]}"),
    ORDERS("{\"id\":\"c00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
           "\"origClientOrderId\":\"" FIXTURE_ORDER_1 "\",\"orderId\":501,\"orderListId\":-1,"
           "\"clientOrderId\":\"abc\",\"transactTime\":1700000000300,\"price\":\"25000.20\","
           "\"origQty\":\"0.30000\",\"executedQty\":\"0.10000\","
           "\"cummulativeQuoteQty\":\"2500.02\",\"status\":\"CANCELED\","
           "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\","
           "\"selfTradePreventionMode\":\"NONE\"}}"),
    ORDERS("{\"id\":\"a00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{"
           "\"transactTime\":1700000000300,\"executionId\":60,\"amendedOrder\":{"
           "\"symbol\":\"BTCUSDT\",\"orderId\":501,\"orderListId\":-1,"
           "\"origClientOrderId\":\"" FIXTURE_ORDER_1 "\","
           "\"clientOrderId\":\"" FIXTURE_ORDER_1 "\","
           "\"price\":\"25000.20\",\"qty\":\"0.20000\",\"executedQty\":\"0.00000\","
           "\"preventedQty\":\"0.00000\",\"quoteOrderQty\":\"0.00000\","
           "\"cumulativeQuoteQty\":\"0.00000\",\"status\":\"NEW\",\"timeInForce\":\"GTC\","
           "\"type\":\"LIMIT\",\"side\":\"SELL\",\"workingTime\":1700000000200,"
           "\"selfTradePreventionMode\":\"NONE\"}}}"),
    ORDERS("{\"id\":\"q00" FIXTURE_ORDER_2 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
           "\"orderId\":502,\"orderListId\":-1,\"clientOrderId\":\"" FIXTURE_ORDER_2 "\","
           "\"price\":\"25000.20\",\"origQty\":\"0.30000\",\"executedQty\":\"0.10000\","
           "\"cummulativeQuoteQty\":\"2500.02\",\"status\":\"PARTIALLY_FILLED\","
           "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"SELL\",\"stopPrice\":\"0.00\","
           "\"icebergQty\":\"0.00\",\"time\":1700000000100,\"updateTime\":1700000000300,"
           "\"isWorking\":true,\"workingTime\":1700000000100,\"origQuoteOrderQty\":\"0.00\","
           "\"selfTradePreventionMode\":\"NONE\"}}"),
    ORDERS("{\"id\":\"o00\",\"status\":200,\"result\":[{\"symbol\":\"BTCUSDT\",\"orderId\":502,"
           "\"orderListId\":-1,\"clientOrderId\":\"" FIXTURE_ORDER_2 "\",\"price\":\"25000.20\","
           "\"origQty\":\"0.30000\",\"executedQty\":\"0.10000\",\"status\":\"PARTIALLY_FILLED\","
           "\"side\":\"SELL\",\"updateTime\":1700000000300},{\"symbol\":\"BTCUSDT\","
           "\"orderId\":503,\"orderListId\":-1,\"clientOrderId\":\"somebody-else\","
           "\"price\":\"24000.00\",\"origQty\":\"1.00000\",\"executedQty\":\"0.00000\","
           "\"status\":\"NEW\",\"side\":\"BUY\",\"updateTime\":1700000000301}]}"),
    ORDERS("{\"id\":\"f00\",\"status\":200,\"result\":[{\"symbol\":\"BTCUSDT\",\"id\":61,"
           "\"orderId\":501,\"orderListId\":-1,\"price\":\"25000.20\",\"qty\":\"0.10000\","
           "\"quoteQty\":\"2500.02\",\"commission\":\"0.00010000\",\"commissionAsset\":\"BTC\","
           "\"time\":1700000000200,\"isBuyer\":true,\"isMaker\":false,\"isBestMatch\":true}]}"),
    ORDERS("{\"id\":\"g0\",\"status\":200,\"result\":{\"apiKey\":\"k\","
           "\"authorizedSince\":1700000000000,\"connectedSince\":1700000000000,"
           "\"returnRateLimits\":true,\"serverTime\":1700000000001,\"userDataStream\":false}}"),
    ORDERS("{\"event\":{\"e\":\"serverShutdown\",\"E\":1700000000400}}"),
    ORDERS("{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":400,\"error\":{\"code\":-2010,"
           "\"msg\":\"Account has insufficient balance for requested action.\"}}"),
    ORDERS("{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1700000000400,"
           "\"s\":\"BTCUSDT\",\"c\":\"" FIXTURE_ORDER_1 "\",\"S\":\"SELL\",\"o\":\"LIMIT\","
           "\"f\":\"GTC\",\"q\":\"0.30000000\",\"p\":\"25000.20000000\",\"P\":\"0.00000000\","
           "\"F\":\"0.00000000\",\"g\":-1,\"C\":\"\",\"x\":\"TRADE\",\"X\":\"PARTIALLY_FILLED\","
           "\"r\":\"NONE\",\"i\":501,\"l\":\"0.10000000\",\"z\":\"0.10000000\","
           "\"L\":\"25000.20000000\",\"n\":\"2.50002000\",\"N\":\"USDT\",\"T\":1700000000399,"
           "\"t\":61,\"I\":9,\"w\":true,\"m\":true,\"M\":true,\"O\":1700000000100,"
           "\"Z\":\"2500.02\",\"Y\":\"2500.02\",\"Q\":\"0.00\",\"W\":1700000000100,"
           "\"V\":\"NONE\"}}"),
    ORDERS("{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\","
           "\"E\":1700000000400,\"u\":1700000000399,\"B\":[{\"a\":\"BTC\","
           "\"f\":\"1.25000000\",\"l\":\"0.50000000\"},{\"a\":\"USDT\",\"f\":\"0.00000000\","
           "\"l\":\"0.00000000\"}]}}"),
    ORDERS("{\"subscriptionId\":0,\"event\":{\"e\":\"eventStreamTerminated\","
           "\"E\":1700000000400}}"),
};

const uint32_t fixture_message_count = sizeof fixture_messages / sizeof fixture_messages[0];
