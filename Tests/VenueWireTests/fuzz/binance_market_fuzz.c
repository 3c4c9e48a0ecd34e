// binance_market_fuzz.c — market streams of spot, USD-M and coin-M, raw and combined.
//
// Proves: no crash, no event from what is refused, counts within bounds, ids in order, no number
// that the message does not write, the same events each time, nothing from a message that breaks
// off; and the fast scanner says exactly what the general decoder says.
#include "json_mutator.h"
#include "wire_checks.h"

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
     .price_decimals = 1,
     .quantity_decimals = 0,
     .tick_units = 1,
     .lot_units = 1},
    {.symbol = "ETHUSDT",
     .base = "ETH",
     .quote = "USDT",
     .price_decimals = 8,
     .quantity_decimals = 8,
     .tick_units = 5,
     .lot_units = 10},
};
enum { INSTRUMENTS = sizeof instruments / sizeof instruments[0], LONGEST = 1 << 16 };

static bn_wire *shared_wire(void) {
    static bn_wire *wire;
    if (wire == NULL) {
        const bn_wire_config config = {.instruments = instruments, .instrument_count = INSTRUMENTS};
        wire = bn_wire_create(&config, NULL, 0);
        NT_ASSERT(wire != NULL);
    }
    return wire;
}

static void check_depth(message_text text, const nt_event *event, const nt_instrument *of) {
    const nt_depth *depth = &event->as.depth;
    NT_ASSERT(depth->first_id >= 0 && depth->first_id <= depth->last_id);
    NT_ASSERT(depth->previous_id >= -1);
    check_written(text, depth->first_id, 0);
    check_written(text, depth->last_id, 0);
    if (depth->previous_id >= 0) check_written(text, depth->previous_id, 0);
    if (event->kind == NT_EVENT_SNAPSHOT)
        NT_ASSERT(depth->first_id == depth->last_id && depth->previous_id == -1);
    check_side(text, of, depth->bids, depth->bid_count);
    check_side(text, of, depth->asks, depth->ask_count);
}

static void check_quote(message_text text, const nt_quote *quote, const nt_instrument *of) {
    NT_ASSERT(quote->id >= 0);
    check_written(text, quote->id, 0);
    check_level(text, of, quote->bid);
    check_level(text, of, quote->ask);
    NT_ASSERT(quote->bid.price > 0 || quote->bid.quantity == 0);
    NT_ASSERT(quote->ask.price > 0 || quote->ask.quantity == 0);
}

static void check_trade(message_text text, const nt_trade *trade, const nt_instrument *of) {
    NT_ASSERT(trade->id >= 0 && trade->price > 0 && trade->quantity > 0);
    NT_ASSERT(trade->aggressor == NT_BUY || trade->aggressor == NT_SELL);
    check_written(text, trade->id, 0);
    check_price(text, of, trade->price);
    check_quantity(text, of, trade->quantity);
}

static void check_event(message_text text, const nt_event *event) {
    check_time(text, event->venue_ns);
    if (event->kind == NT_EVENT_SESSION || event->kind == NT_EVENT_NOTICE) {
        NT_ASSERT(event->instrument == NT_NO_INSTRUMENT);
        return;
    }
    NT_ASSERT(event->instrument < INSTRUMENTS);
    const nt_instrument *of = &instruments[event->instrument];
    switch (event->kind) {
    case NT_EVENT_DEPTH:
    case NT_EVENT_SNAPSHOT:
        check_depth(text, event, of);
        break;
    case NT_EVENT_QUOTE:
        check_quote(text, &event->as.quote, of);
        break;
    case NT_EVENT_TRADE:
        check_trade(text, &event->as.trade, of);
        break;
    default:
        abort(); // No market message makes another kind.
    }
}

static bool same_levels(const nt_level *a, const nt_level *b, uint32_t count) {
    return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

static void check_same_depth(const nt_depth *a, const nt_level *bids, const nt_level *asks,
                             const nt_depth *b) {
    NT_ASSERT(a->first_id == b->first_id && a->last_id == b->last_id);
    NT_ASSERT(a->previous_id == b->previous_id);
    NT_ASSERT(a->bid_count == b->bid_count && a->ask_count == b->ask_count);
    NT_ASSERT(same_levels(bids, b->bids, b->bid_count));
    NT_ASSERT(same_levels(asks, b->asks, b->ask_count));
}

/// What the fast way answers, the general way answers, too, and the same.
static void check_agreement(bn_wire *wire, message_text text) {
    static nt_level bids[BN_MAX_LEVELS], asks[BN_MAX_LEVELS];
    nt_event fast[1], general[1];
    bn_out a = {fast, 1, 0, false}, b = {general, 1, 0, false};
    if (!bn_scan_market(wire, text.bytes, text.length, &a)) return;
    const nt_event first = fast[0];
    if (first.kind == NT_EVENT_DEPTH) { // The levels are the wire's, and decoding again takes them.
        memcpy(bids, first.as.depth.bids, first.as.depth.bid_count * sizeof bids[0]);
        memcpy(asks, first.as.depth.asks, first.as.depth.ask_count * sizeof asks[0]);
    }
    NT_ASSERT(bn_decode_market(wire, text.bytes, text.length, &b) == NT_OK && b.count == 1);
    NT_ASSERT(first.kind == general[0].kind && first.instrument == general[0].instrument);
    NT_ASSERT(first.venue_ns == general[0].venue_ns);
    if (first.kind == NT_EVENT_QUOTE) {
        NT_ASSERT(memcmp(&first.as.quote, &general[0].as.quote, sizeof first.as.quote) == 0);
    } else if (first.kind == NT_EVENT_TRADE) {
        const nt_trade *x = &first.as.trade, *y = &general[0].as.trade;
        NT_ASSERT(x->id == y->id && x->price == y->price && x->quantity == y->quantity);
        NT_ASSERT(x->aggressor == y->aggressor);
    } else {
        NT_ASSERT(first.kind == NT_EVENT_DEPTH);
        check_same_depth(&first.as.depth, bids, asks, &general[0].as.depth);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bn_wire *wire = shared_wire();
    const nt_codec *codec = bn_wire_codec(wire);
    if (length > LONGEST) return 0;
    const message_text text = {(const char *)bytes, (uint32_t)length};
    nt_event events[4];
    uint32_t count;
    check_counts(codec, NT_ROLE_MARKET, NT_NO_INSTRUMENT, text, events, 4, &count);
    for (uint32_t i = 0; i < count; i++) check_event(text, &events[i]);
    check_counts(codec, NT_ROLE_MARKET, NT_NO_INSTRUMENT, text, events, 0, &count);
    check_agreement(wire, text);
    check_repeats(wire, NT_ROLE_MARKET, NT_NO_INSTRUMENT, text);
    check_prefixes(codec, NT_ROLE_MARKET, NT_NO_INSTRUMENT, text);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return json_mutate(data, size, max_size, seed);
}
