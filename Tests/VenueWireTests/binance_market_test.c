// binance_market_test.c — market streams and snapshots: values, limits, refusals.
#include <stdlib.h>

#include "binance_fixture.h"
#include "test.h"

TEST(binance_market, depth_becomes_ticks_and_lots_with_chained_ids) {
    bn_wire *wire = fixture_market();
    const fixture_result *r = fixture_stream(wire, fixture_messages[0].text);
    EXPECT_EQ(r->status, NT_OK);
    EXPECT_EQ(r->count, 1);
    const nt_event *event = &r->events[0];
    EXPECT_EQ(event->kind, NT_EVENT_DEPTH);
    EXPECT_EQ(event->instrument, FIXTURE_BTC);
    EXPECT_EQ(event->venue_ns, INT64_C(1700000000123000000));
    EXPECT_EQ(event->as.depth.first_id, 101);
    EXPECT_EQ(event->as.depth.last_id, 105);
    EXPECT_EQ(event->as.depth.previous_id, -1);
    EXPECT_EQ(event->as.depth.bid_count, 2);
    EXPECT_EQ(event->as.depth.bids[0].price, 2500010);
    EXPECT_EQ(event->as.depth.bids[0].quantity, 50000);
    EXPECT_EQ(event->as.depth.bids[1].quantity, 0);
    EXPECT_EQ(event->as.depth.asks[0].price, 2500020);
    bn_wire_destroy(wire);
}

TEST(binance_market, futures_state_the_previous_id) {
    bn_wire *wire = fixture_market();
    EXPECT_EQ(fixture_stream(wire, fixture_messages[2].text)->events[0].as.depth.previous_id, 199);
    const fixture_result *r = fixture_stream(wire, fixture_messages[3].text);
    EXPECT_EQ(r->events[0].instrument, FIXTURE_PERPETUAL);
    EXPECT_EQ(r->events[0].as.depth.previous_id, 6);
    EXPECT_EQ(r->events[0].as.depth.bids[0].price, 250001);
    EXPECT_EQ(r->events[0].as.depth.bids[0].quantity, 12);
    bn_wire_destroy(wire);
}

TEST(binance_market, microsecond_times_are_told_by_magnitude) {
    bn_wire *wire = fixture_market();
    const fixture_result *r = fixture_stream(
        wire, "{\"e\":\"depthUpdate\",\"E\":1700000000123456,\"s\":\"BTCUSDT\",\"U\":1,\"u\":1,"
              "\"b\":[],\"a\":[]}");
    EXPECT_EQ(r->status, NT_OK);
    EXPECT_EQ(r->events[0].venue_ns, INT64_C(1700000000123456000));
    bn_wire_destroy(wire);
}

TEST(binance_market, partial_books_are_snapshots_when_the_stream_names_the_symbol) {
    bn_wire *wire = fixture_market();
    const fixture_result *r = fixture_stream(wire, fixture_messages[4].text);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_SNAPSHOT);
    EXPECT_EQ(r->events[0].instrument, FIXTURE_BTC);
    EXPECT_EQ(r->events[0].as.depth.last_id, 77);
    // Raw, the symbol is not known.
    r = fixture_stream(wire, "{\"lastUpdateId\":77,\"bids\":[],\"asks\":[]}");
    EXPECT_EQ(r->status, NT_UNSUPPORTED);
    // Futures send a partial book as depthUpdate: applied as a change it would corrupt the book.
    r = fixture_stream(wire, "{\"stream\":\"btcusdt@depth10\",\"data\":{\"e\":\"depthUpdate\","
                             "\"E\":1700000000123,\"T\":1,\"s\":\"BTCUSDT\",\"U\":5,\"u\":9,"
                             "\"pu\":4,\"b\":[[\"25000.10\",\"1\"]],\"a\":[]}}");
    EXPECT_EQ(r->status, NT_OK);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_SNAPSHOT);
    EXPECT_EQ(r->events[0].as.depth.first_id, 9);
    EXPECT_EQ(r->events[0].as.depth.previous_id, -1);
    bn_wire_destroy(wire);
}

TEST(binance_market, quotes_and_trades) {
    bn_wire *wire = fixture_market();
    const fixture_result *r = fixture_stream(wire, fixture_messages[5].text);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_QUOTE);
    EXPECT_EQ(r->events[0].instrument, FIXTURE_ETH);
    EXPECT_EQ(r->events[0].as.quote.bid.price, 180001);
    EXPECT_EQ(r->events[0].as.quote.ask.quantity, 40001);
    EXPECT_EQ(r->events[0].venue_ns, 0);
    r = fixture_stream(wire, fixture_messages[6].text);
    EXPECT_EQ(r->events[0].as.quote.bid.quantity, 0);
    r = fixture_stream(wire, fixture_messages[8].text);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_TRADE);
    EXPECT_EQ(r->events[0].as.trade.id, 9001);
    EXPECT_EQ(r->events[0].as.trade.quantity, 100);
    // m: the buyer is the maker, so the taker sold.
    EXPECT_EQ(r->events[0].as.trade.aggressor, NT_SELL);
    r = fixture_stream(wire, fixture_messages[9].text);
    EXPECT_EQ(r->events[0].as.trade.aggressor, NT_BUY);
    r = fixture_stream(wire, fixture_messages[10].text);
    EXPECT_EQ(r->events[0].as.trade.id, 55);
    bn_wire_destroy(wire);
}

TEST(binance_market, control_replies_answer_the_greeting) {
    bn_wire *wire = fixture_market();
    const fixture_result *r = fixture_stream(wire, "{\"result\":null,\"id\":0}");
    EXPECT_EQ(r->events[0].kind, NT_EVENT_SESSION);
    EXPECT_EQ(r->events[0].as.session.accepted, 1);
    r = fixture_stream(wire, "{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":0}");
    EXPECT_EQ(r->events[0].as.session.accepted, 0);
    EXPECT_EQ(r->events[0].as.session.code, 2);
    r = fixture_stream(wire, "{\"code\":3,\"msg\":\"Invalid JSON\",\"id\":null}");
    EXPECT_EQ(r->events[0].as.session.accepted, 0);
    EXPECT_EQ(fixture_stream(wire, "{\"result\":[\"a@trade\"],\"id\":3}")->status, NT_UNSUPPORTED);
    EXPECT_EQ(fixture_stream(wire, "{\"result\":null,\"id\":\"x\"}")->status, NT_INVALID);
    r = fixture_stream(wire, "{\"stream\":\"!serverShutdown\",\"data\":"
                             "{\"e\":\"serverShutdown\",\"E\":1700000000123}}");
    EXPECT_EQ(r->events[0].kind, NT_EVENT_NOTICE);
    bn_wire_destroy(wire);
}

TEST(binance_market, known_events_are_counted_by_name_and_unknown_ones_are_invalid) {
    bn_wire *wire = fixture_market();
    EXPECT_TEXT(bn_wire_last_unsupported(wire), "");
    EXPECT_EQ(fixture_stream(wire, "{\"e\":\"kline\",\"E\":1,\"s\":\"BTCUSDT\"}")->status,
              NT_UNSUPPORTED);
    EXPECT_TEXT(bn_wire_last_unsupported(wire), "kline");
    fixture_stream(wire, "{\"stream\":\"btcusdt@kline_1m\",\"data\":{\"e\":\"kline\"}}");
    uint64_t seen = 0;
    for (uint32_t i = 0; i < bn_wire_unsupported_count(); i++) {
        if (strcmp(bn_wire_unsupported_name(i), "kline") == 0) {
            seen = bn_wire_unsupported_seen(wire, i);
        }
    }
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(fixture_stream(wire, "{\"e\":\"newThing\"}")->status, NT_INVALID);
    EXPECT_EQ(fixture_stream(wire, "{\"u\":1,\"s\":\"DOGEUSDT\",\"b\":\"1\",\"B\":\"1\","
                                   "\"a\":\"1\",\"A\":\"1\"}")
                  ->status,
              NT_UNSUPPORTED);
    EXPECT_TEXT(bn_wire_last_unsupported(wire), "foreign symbol");
    EXPECT_EQ(fixture_stream(wire, "{\"e\":\"trade\",\"E\":1,\"T\":1,\"s\":\"BTCUSDT\",\"t\":1,"
                                   "\"p\":\"0\",\"q\":\"0\",\"X\":\"NA\",\"m\":true}")
                  ->status,
              NT_UNSUPPORTED);
    bn_wire_destroy(wire);
}

/// A trade with this price and quantity, as raw JSON values.
static nt_status trade_status(bn_wire *wire, const char *price, const char *quantity) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"e\":\"trade\",\"E\":1700000000123,\"s\":\"BTCUSDT\",\"t\":1,\"p\":%s,\"q\":%s,"
             "\"T\":1700000000122,\"m\":true,\"M\":true}",
             price, quantity);
    return fixture_stream(wire, text)->status;
}

TEST(binance_market, numbers_are_exact_or_refused) {
    static const struct {
        const char *price;
        nt_status status;
    } cases[] = {
        {"\"25000.10\"", NT_OK},
        {"\"25000.1\"", NT_OK},
        {"\"25000.10000000\"", NT_OK},
        {"\"25000.101\"", NT_INVALID},
        {"\"-25000.10\"", NT_INVALID},
        {"\"0.00\"", NT_INVALID},
        {"\"NaN\"", NT_INVALID},
        {"\"Infinity\"", NT_INVALID},
        {"\"inf\"", NT_INVALID},
        {"\"1e5\"", NT_INVALID},
        {"\"\"", NT_INVALID},
        {"\" 1\"", NT_INVALID},
        {"\"1.\"", NT_INVALID},
        {"\"0x10\"", NT_INVALID},
        {"25000.10", NT_INVALID},
        {"null", NT_INVALID},
        {"[]", NT_INVALID},
        {"\"99999999999999999999\"", NT_OVERFLOW},
        {"\"92233720368547758.08\"", NT_OVERFLOW},
        {"\"92233720368547758.07\"", NT_OK},
    };
    bn_wire *wire = fixture_market();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const nt_status status = trade_status(wire, cases[i].price, "\"1\"");
        if (status != cases[i].status) {
            nt_test_fail(__FILE__, __LINE__, "%d for %s", status, cases[i].price);
        }
    }
    EXPECT_EQ(trade_status(wire, "\"1\"", "\"0\""), NT_INVALID);
    EXPECT_EQ(trade_status(wire, "\"1\"", "\"-1\""), NT_INVALID);
    EXPECT_EQ(trade_status(wire, "\"1\"", "\"0.000001\""), NT_INVALID);
    bn_wire_destroy(wire);
}

TEST(binance_market, ids_and_times_out_of_range_are_refused) {
    static const char *const texts[] = {
        // last before first
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":2,\"u\":1,\"b\":[],\"a\":[]}",
        // negative, fractional, quoted, missing ids
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":-1,\"u\":1,\"b\":[],\"a\":[]}",
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1.5,\"u\":2,\"b\":[],\"a\":[]}",
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":\"1\",\"u\":2,\"b\":[],\"a\":[]}",
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"u\":2,\"b\":[],\"a\":[]}",
        // a side that is missing, no list, or holds other than pairs
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"b\":[]}",
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"b\":{},\"a\":[]}",
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,"
        "\"b\":[[\"1\"]],\"a\":[]}",
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,"
        "\"b\":[[\"1\",\"1\",\"1\"]],\"a\":[]}",
        // a level without price
        "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,"
        "\"b\":[[\"0\",\"1\"]],\"a\":[]}",
        // quantity without price on a quote
        "{\"u\":1,\"s\":\"BTCUSDT\",\"b\":\"0\",\"B\":\"1\",\"a\":\"1\",\"A\":\"1\"}",
        // the maker flag is no flag
        "{\"e\":\"trade\",\"E\":1,\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"1\",\"q\":\"1\",\"T\":1,"
        "\"m\":1,\"M\":true}",
        "{\"e\":\"trade\",\"E\":1,\"s\":7,\"t\":1,\"p\":\"1\",\"q\":\"1\",\"T\":1,\"m\":true}",
    };
    bn_wire *wire = fixture_market();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const fixture_result *r = fixture_stream(wire, texts[i]);
        if (r->status != NT_INVALID || r->count != 0) {
            nt_test_fail(__FILE__, __LINE__, "%d for %s", r->status, texts[i]);
        }
    }
    EXPECT_EQ(fixture_stream(wire, "{\"e\":\"serverShutdown\",\"E\":9223372036854775807}")->status,
              NT_OVERFLOW);
    EXPECT_EQ(fixture_stream(wire, "{\"e\":\"serverShutdown\",\"E\":9223372036854775808}")->status,
              NT_OVERFLOW);
    bn_wire_destroy(wire);
}

/// A depth message with `count` bids; free it.
static char *deep_message(uint32_t count, uint32_t *length) {
    char *text = malloc(64 + count * 24u);
    size_t at = (size_t)sprintf(text, "{\"lastUpdateId\":1,\"asks\":[],\"bids\":[");
    for (uint32_t i = 0; i < count; i++) {
        at += (size_t)sprintf(text + at, "%s[\"%u.00\",\"1\"]", i == 0 ? "" : ",", i + 1);
    }
    at += (size_t)sprintf(text + at, "]}");
    *length = (uint32_t)at;
    return text;
}

TEST(binance_market, a_book_beyond_the_bound_is_full) {
    bn_wire *wire = fixture_market();
    uint32_t length;
    char *text = deep_message(BN_MAX_LEVELS, &length);
    const fixture_result *r = fixture_decode(wire, NT_ROLE_SNAPSHOT, FIXTURE_BTC, text, length);
    EXPECT_EQ(r->status, NT_OK);
    EXPECT_EQ(r->events[0].as.depth.bid_count, BN_MAX_LEVELS);
    EXPECT_EQ(r->events[0].as.depth.bids[BN_MAX_LEVELS - 1].price, BN_MAX_LEVELS * 100);
    free(text);
    text = deep_message(BN_MAX_LEVELS + 1, &length);
    EXPECT_EQ(fixture_decode(wire, NT_ROLE_SNAPSHOT, FIXTURE_BTC, text, length)->status, NT_FULL);
    free(text);
    bn_wire_destroy(wire);
}

TEST(binance_market, a_snapshot_belongs_to_the_instrument_that_was_asked_for) {
    bn_wire *wire = fixture_market();
    const char *text = fixture_messages[15].text;
    EXPECT_EQ(
        fixture_decode(wire, NT_ROLE_SNAPSHOT, FIXTURE_PERPETUAL, text, (uint32_t)strlen(text))
            ->status,
        NT_OK);
    EXPECT_EQ(
        fixture_decode(wire, NT_ROLE_SNAPSHOT, FIXTURE_BTC, text, (uint32_t)strlen(text))->status,
        NT_INVALID);
    text = fixture_messages[14].text;
    EXPECT_EQ(fixture_decode(wire, NT_ROLE_SNAPSHOT, NT_NO_INSTRUMENT, text, (uint32_t)strlen(text))
                  ->status,
              NT_INVALID);
    text = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}";
    EXPECT_EQ(
        fixture_decode(wire, NT_ROLE_SNAPSHOT, FIXTURE_BTC, text, (uint32_t)strlen(text))->status,
        NT_INVALID);
    bn_wire_destroy(wire);
}
