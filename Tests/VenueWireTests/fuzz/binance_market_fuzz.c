// binance_market_fuzz.c — market streams and snapshots: no crash, no count on failure, and the
// fast scanner agrees with the general decoder.
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
    {.symbol = "BTCUSD_PERP",
     .base = "BTC",
     .quote = "USD",
     .price_decimals = 8,
     .quantity_decimals = 8,
     .tick_units = 1,
     .lot_units = 1},
};

static bn_wire *shared_wire(void) {
    static bn_wire *wire;
    if (wire == NULL) {
        const bn_wire_config config = {.instruments = instruments, .instrument_count = 2};
        wire = bn_wire_create(&config, NULL, 0);
        NT_ASSERT(wire != NULL);
    }
    return wire;
}

static void check_levels(const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    NT_ASSERT(depth->bid_count <= BN_MAX_LEVELS && depth->ask_count <= BN_MAX_LEVELS);
    for (uint32_t i = 0; i < depth->bid_count; i++) {
        NT_ASSERT(depth->bids[i].price > 0 && depth->bids[i].quantity >= 0);
    }
    for (uint32_t i = 0; i < depth->ask_count; i++) {
        NT_ASSERT(depth->asks[i].price > 0 && depth->asks[i].quantity >= 0);
    }
}

static void check_agreement(bn_wire *wire, const char *text, uint32_t length) {
    nt_event fast[1], general[1];
    bn_out a = {fast, 1, 0, false}, b = {general, 1, 0, false};
    if (!bn_scan_market(wire, text, length, &a)) return;
    const nt_event first = fast[0];
    NT_ASSERT(bn_decode_market(wire, text, length, &b) == NT_OK && b.count == 1);
    NT_ASSERT(first.kind == general[0].kind && first.instrument == general[0].instrument);
    NT_ASSERT(first.venue_ns == general[0].venue_ns);
    if (first.kind == NT_EVENT_QUOTE) {
        NT_ASSERT(memcmp(&first.as.quote, &general[0].as.quote, sizeof first.as.quote) == 0);
    }
    if (first.kind == NT_EVENT_TRADE) {
        NT_ASSERT(first.as.trade.price == general[0].as.trade.price);
        NT_ASSERT(first.as.trade.quantity == general[0].as.trade.quantity);
    }
    if (first.kind == NT_EVENT_DEPTH) {
        NT_ASSERT(first.as.depth.bid_count == general[0].as.depth.bid_count);
        NT_ASSERT(first.as.depth.previous_id == general[0].as.depth.previous_id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bn_wire *wire = shared_wire();
    const nt_codec *codec = bn_wire_codec(wire);
    if (length > 1 << 16) return 0;
    for (nt_instrument_id slot = 0; slot < 3; slot++) {
        nt_event events[4];
        uint32_t count = 77;
        const nt_stream_role role = slot == 2 ? NT_ROLE_MARKET : NT_ROLE_SNAPSHOT;
        const nt_status status =
            codec->decode(codec->context, role, slot, bytes, (uint32_t)length, events, 4, &count);
        NT_ASSERT(status == NT_OK ? count <= 4 : count == 0);
        for (uint32_t i = 0; i < count; i++) {
            const nt_event_kind kind = events[i].kind;
            if (kind == NT_EVENT_DEPTH || kind == NT_EVENT_SNAPSHOT) check_levels(&events[i]);
        }
    }
    check_agreement(wire, (const char *)bytes, (uint32_t)length);
    return 0;
}

/// Starts from well-formed messages half of the time: random bytes rarely become JSON.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    static const char *const seeds[] = {
        "{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1700000000123,"
        "\"s\":\"BTCUSDT\",\"U\":106,\"u\":107,\"b\":[[\"25000.10\",\"0.5\"]],"
        "\"a\":[[\"25000.30\",\"2\"],[\"25000.40\",\"0\"]]}}",
        "{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":401,\"s\":\"BTCUSDT\","
        "\"b\":\"25000.10\",\"B\":\"1.5\",\"a\":\"25000.20\",\"A\":\"4\"}}",
        "{\"e\":\"trade\",\"E\":1700000000123,\"s\":\"BTCUSDT\",\"t\":9001,\"p\":\"25000.10\","
        "\"q\":\"0.00100\",\"T\":1700000000122,\"m\":true,\"M\":true}",
        "{\"e\":\"depthUpdate\",\"E\":1700000000123,\"T\":1,\"s\":\"BTCUSD_PERP\",\"U\":1,\"u\":2,"
        "\"pu\":0,\"b\":[],\"a\":[[\"1\",\"1\"]]}",
        "{\"lastUpdateId\":100,\"bids\":[[\"25000.10\",\"1\"]],\"asks\":[[\"25000.20\",\"3\"]]}",
        "{\"error\":{\"code\":2,\"msg\":\"x\"},\"id\":0}",
    };
    if (seed % 2 == 0) {
        const char *text = seeds[seed / 2 % (sizeof seeds / sizeof seeds[0])];
        size = strlen(text) < max_size ? strlen(text) : max_size;
        memcpy(data, text, size);
    }
    return LLVMFuzzerMutate(data, size, max_size);
}
