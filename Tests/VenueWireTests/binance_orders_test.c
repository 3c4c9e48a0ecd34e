// binance_orders_test.c — replies and user events as evidence about orders.
#include <stdlib.h>

#include "binance_fixture.h"
#include "test.h"

static nt_order_key key(uint64_t sequence) { return nt_order_key_make(0, sequence); }

static const char *text_of(uint32_t index) { return fixture_messages[index].text; }

TEST(binance_orders, a_placed_order_is_acknowledged_and_each_trade_told) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(16));
    EXPECT_EQ(r->status, NT_OK);
    EXPECT_EQ(r->count, 5);
    const nt_report *ack = &r->events[0].as.report, *fill = &r->events[2].as.report;
    EXPECT_EQ(r->events[0].kind, NT_EVENT_REPORT);
    EXPECT_EQ(r->events[0].instrument, FIXTURE_BTC);
    EXPECT_EQ(r->events[0].venue_ns, INT64_C(1700000000200000000));
    EXPECT_EQ(ack->evidence, NT_EVIDENCE_ACK);
    EXPECT_EQ(ack->order, key(1));
    EXPECT_EQ(ack->client_hash, nt_order_id_hash(FIXTURE_ORDER_1, NT_ORDER_ID_LENGTH));
    EXPECT_EQ(ack->venue_order, 501);
    EXPECT_EQ(ack->quantity, 30000);
    EXPECT_EQ(ack->cumulative, -1);
    EXPECT_EQ(fill->evidence, NT_EVIDENCE_FILL);
    EXPECT_EQ(fill->cumulative, -1);
    EXPECT_EQ(fill->trade, 62);
    EXPECT_EQ(fill->last_price, 2500020);
    EXPECT_EQ(fill->last_quantity, 20000);
    EXPECT_EQ(fill->fee, 20000);
    EXPECT_TEXT(fill->fee_asset, "BTC");
    EXPECT_EQ(r->events[3].kind, NT_EVENT_USAGE);
    EXPECT_EQ(r->events[3].as.usage.is_orders, 1);
    EXPECT_EQ(r->events[3].as.usage.limit, 50);
    EXPECT_EQ(r->events[4].as.usage.is_orders, 0);
    EXPECT_EQ(r->events[4].as.usage.used, 22);
    bn_wire_destroy(wire);
}

/// A place reply without trades, in this state.
static const fixture_result *placed(bn_wire *wire, const char *state, const char *executed) {
    static char text[1024];
    snprintf(text, sizeof text,
             "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
             "\"orderId\":501,\"clientOrderId\":\"" FIXTURE_ORDER_1 "\","
             "\"transactTime\":1700000000200,\"price\":\"25000.20\",\"origQty\":\"0.30000\","
             "\"executedQty\":\"%s\",\"status\":\"%s\",\"side\":\"BUY\",\"fills\":[]}}",
             executed, state);
    return fixture_orders(wire, text);
}

TEST(binance_orders, the_state_of_a_place_reply_follows_its_trades) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = placed(wire, "NEW", "0");
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_ACK);
    EXPECT_EQ(r->events[0].as.report.cumulative, 0);
    r = placed(wire, "EXPIRED", "0");
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[1].as.report.evidence, NT_EVIDENCE_EXPIRED);
    EXPECT_EQ(placed(wire, "EXPIRED_IN_MATCH", "0")->events[1].as.report.evidence,
              NT_EVIDENCE_EXPIRED);
    r = placed(wire, "REJECTED", "0");
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_REJECTED);
    // Executed, yet without the trades: the total is evidence that some are missing.
    r = placed(wire, "FILLED", "0.3");
    EXPECT_EQ(r->events[1].as.report.evidence, NT_EVIDENCE_FOUND_FILLED);
    EXPECT_EQ(r->events[1].as.report.cumulative, 30000);
    r = placed(wire, "PARTIALLY_FILLED", "0.1");
    EXPECT_EQ(r->events[1].as.report.evidence, NT_EVIDENCE_FOUND_OPEN);
    r = placed(wire, "BRAND_NEW_STATE", "0");
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[1].as.report.evidence, NT_EVIDENCE_UNKNOWN_STATE);
    bn_wire_destroy(wire);
}

/// A place reply with this many trades of one lot each, all that the order executed.
static const fixture_result *placed_with_trades(bn_wire *wire, int count) {
    const size_t size = 64 * 1024;
    char *text = malloc(size);
    size_t at = (size_t)snprintf(
        text, size,
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{"
        "\"symbol\":\"BTCUSDT\",\"orderId\":501,\"clientOrderId\":\"" FIXTURE_ORDER_1 "\","
        "\"transactTime\":1700000000200,\"price\":\"0.00\",\"origQty\":\"0.%05d\","
        "\"executedQty\":\"0.%05d\",\"status\":\"FILLED\",\"side\":\"BUY\",\"fills\":[",
        count, count);
    for (int i = 0; i < count; i++) {
        at += (size_t)snprintf(text + at, size - at,
                               "%s{\"price\":\"25000.20\",\"qty\":\"0.00001\","
                               "\"commission\":\"0\",\"commissionAsset\":\"BTC\",\"tradeId\":%d}",
                               i == 0 ? "" : ",", i + 1);
    }
    snprintf(text + at, size - at,
             "]},\"rateLimits\":[{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\","
             "\"intervalNum\":10,\"limit\":50,\"count\":1},{\"rateLimitType\":"
             "\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000,"
             "\"count\":22}]}");
    const fixture_result *r = fixture_orders(wire, text);
    free(text);
    return r;
}

TEST(binance_orders, more_trades_than_a_message_holds_are_left_to_the_stream) {
    bn_wire *wire = fixture_hmac();
    const int room = (int)NT_MAX_EVENTS_PER_MESSAGE;
    // On both sides of the last count that fits, together with what the message says besides.
    for (int count = room - 6; count < room + 50; count++) {
        const fixture_result *r = placed_with_trades(wire, count);
        const bool fits = r->events[1].as.report.evidence == NT_EVIDENCE_FILL;
        EXPECT_EQ(r->status, NT_OK);
        EXPECT_EQ(fits, count < room - 3);
        EXPECT_EQ(r->count, (fits ? count : 1) + 3);
        if (fits) continue;
        EXPECT_EQ(r->events[1].as.report.evidence, NT_EVIDENCE_FOUND_FILLED);
        EXPECT_EQ(r->events[1].as.report.cumulative, count);
    }
    bn_wire_destroy(wire);
}

/// An error reply to a request of this kind.
static const fixture_result *failed(bn_wire *wire, char kind, int status, int code,
                                    const char *message) {
    static char text[512];
    snprintf(text, sizeof text,
             "{\"id\":\"%c00" FIXTURE_ORDER_1 "\",\"status\":%d,\"error\":{\"code\":%d,"
             "\"msg\":\"%s\"}}",
             kind, status, code, message);
    return fixture_orders(wire, text);
}

TEST(binance_orders, only_documented_refusals_are_refusals) {
    static const struct {
        int status, code;
        const char *message;
        nt_evidence evidence;
    } cases[] = {
        {400, -2010, "Account has insufficient balance for requested action.", NT_EVIDENCE_REFUSED},
        {400, -2010, "Duplicate order sent.", NT_EVIDENCE_DUPLICATE_ID},
        {400, -1013, "Filter failure: LOT_SIZE", NT_EVIDENCE_REFUSED},
        {400, -1102, "Mandatory parameter was not sent.", NT_EVIDENCE_REFUSED},
        {400, -1021, "Timestamp for this request is outside of the recvWindow.",
         NT_EVIDENCE_REFUSED},
        {401, -2015, "Invalid API-key, IP, or permissions for action.", NT_EVIDENCE_REFUSED},
        {429, -1015, "Too many new orders.", NT_EVIDENCE_REFUSED},
        {418, -1003, "Way too much request weight used.", NT_EVIDENCE_REFUSED},
        {400, -1000, "An unknown error occurred.", NT_EVIDENCE_UNCERTAIN},
        {400, -1001, "Internal error.", NT_EVIDENCE_UNCERTAIN},
        {400, -1006, "Execution status unknown.", NT_EVIDENCE_UNCERTAIN},
        {400, -1007, "Timeout waiting for response.", NT_EVIDENCE_UNCERTAIN},
        {400, -1008, "Server is currently overloaded.", NT_EVIDENCE_UNCERTAIN},
        {400, -1010, "Something else.", NT_EVIDENCE_UNCERTAIN},
        {400, -9999, "A code of tomorrow.", NT_EVIDENCE_UNCERTAIN},
        {500, -1102, "Definite by code, but not by status.", NT_EVIDENCE_UNCERTAIN},
        {503, -2010, "Service unavailable.", NT_EVIDENCE_UNCERTAIN},
    };
    bn_wire *wire = fixture_hmac();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const fixture_result *r =
            failed(wire, 'p', cases[i].status, cases[i].code, cases[i].message);
        EXPECT_EQ(r->status, NT_OK);
        EXPECT_EQ(r->events[0].as.report.evidence, cases[i].evidence);
        EXPECT_EQ(r->events[0].as.report.code, cases[i].code);
        EXPECT_EQ(r->events[0].as.report.order, key(1));
        EXPECT_EQ(r->events[0].instrument, FIXTURE_BTC);
    }
    bn_wire_destroy(wire);
}

TEST(binance_orders, every_other_code_leaves_the_outcome_open) {
    static const int definite[] = {-1002, -1003, -1013, -1014, -1015, -1020, -1021, -1022, -1100,
                                   -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1111, -1114,
                                   -1115, -1116, -1117, -1118, -1119, -1121, -1128, -1130, -1134,
                                   -1135, -1145, -1210, -1211, -1220, -2010, -2014, -2015};
    bn_wire *wire = fixture_hmac();
    uint32_t place = 0;
    for (int code = -1; code >= -3000; code--) {
        const bool listed = place < sizeof definite / sizeof definite[0] && definite[place] == code;
        place += listed;
        const nt_evidence told = failed(wire, 'p', 400, code, "?")->events[0].as.report.evidence;
        if (told != (listed ? NT_EVIDENCE_REFUSED : NT_EVIDENCE_UNCERTAIN)) {
            nt_test_fail(__FILE__, __LINE__, "code %d gives evidence %u", code, told);
        }
        EXPECT_EQ(failed(wire, 'p', 500, code, "?")->events[0].as.report.evidence,
                  NT_EVIDENCE_UNCERTAIN);
    }
    EXPECT_EQ(place, sizeof definite / sizeof definite[0]);
    bn_wire_destroy(wire);
}

TEST(binance_orders, a_cancel_of_what_is_not_there_is_refused_and_no_new_order_is) {
    static const int codes[] = {-2011, -2013, -2038, -2039};
    bn_wire *wire = fixture_hmac();
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        EXPECT_EQ(failed(wire, 'c', 400, codes[i], "?")->events[0].as.report.evidence,
                  NT_EVIDENCE_CANCEL_REFUSED);
        EXPECT_EQ(failed(wire, 'p', 400, codes[i], "?")->events[0].as.report.evidence,
                  NT_EVIDENCE_UNCERTAIN);
    }
    EXPECT_EQ(failed(wire, 'c', 400, -2010, "?")->events[0].as.report.evidence,
              NT_EVIDENCE_CANCEL_UNCERTAIN);
    bn_wire_destroy(wire);
}

/// Each row of the file says what the code means and where the venue says so.
TEST(binance_orders, every_refusal_has_a_meaning_and_a_section) {
    static const struct {
        int code;
        const char *meaning, *section;
    } rows[] = {
#define REFUSAL(code, requests, meaning, section) {code, meaning, section},
#include "refusals.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EXPECT(i == 0 || rows[i].code < rows[i - 1].code);
        EXPECT(strlen(rows[i].meaning) > 5);
        EXPECT(strncmp(rows[i].section, "errors.md#", 10) == 0);
    }
    EXPECT_EQ(sizeof rows / sizeof rows[0], 39);
}

TEST(binance_orders, a_throttled_reply_says_until_when) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(
        wire, "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":418,\"error\":{\"code\":-1003,"
              "\"msg\":\"Way too much request weight used; IP banned.\",\"data\":{"
              "\"serverTime\":1700000000000,\"retryAfter\":1700000060000}},\"rateLimits\":[{"
              "\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,"
              "\"limit\":6000,\"count\":7001}]}");
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[1].kind, NT_EVENT_USAGE);
    EXPECT_EQ(r->events[1].as.usage.used, 7001);
    EXPECT_EQ(r->events[1].as.usage.banned, 1);
    EXPECT_EQ(r->events[1].as.usage.retry_after_ms, INT64_C(1700000060000));
    // Orders, and the limit is not listed: an event of its own.
    r = fixture_orders(wire, "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":429,\"error\":{"
                             "\"code\":-1015,\"msg\":\"Too many new orders.\",\"data\":{"
                             "\"retryAfter\":1700000010000}}}");
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[1].as.usage.is_orders, 1);
    EXPECT_EQ(r->events[1].as.usage.banned, 0);
    // Orders again, with both listed: the weight is not what was hit.
    r = fixture_orders(wire, "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":429,\"error\":{"
                             "\"code\":-1015,\"msg\":\"Too many new orders.\",\"data\":{"
                             "\"retryAfter\":1700000010000}},\"rateLimits\":[{"
                             "\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\","
                             "\"intervalNum\":1,\"limit\":6000,\"count\":7},{"
                             "\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\","
                             "\"intervalNum\":10,\"limit\":50,\"count\":51}]}");
    EXPECT_EQ(r->count, 3);
    EXPECT_EQ(r->events[1].as.usage.retry_after_ms, 0);
    EXPECT_EQ(r->events[2].as.usage.retry_after_ms, INT64_C(1700000010000));
    // Without an id only the limit is told.
    r = fixture_orders(wire, "{\"id\":null,\"status\":429,\"error\":{\"code\":-1003,"
                             "\"msg\":\"Too many requests.\"}}");
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_USAGE);
    bn_wire_destroy(wire);
}

TEST(binance_orders, cancels) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(17));
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_CANCELED);
    EXPECT_EQ(r->events[0].as.report.order, key(1));
    EXPECT_EQ(r->events[0].as.report.cumulative, 10000);
    EXPECT_EQ(failed(wire, 'c', 400, -2011, "Unknown order sent.")->events[0].as.report.evidence,
              NT_EVIDENCE_CANCEL_REFUSED);
    EXPECT_EQ(failed(wire, 'c', 500, -1000, "?")->events[0].as.report.evidence,
              NT_EVIDENCE_CANCEL_UNCERTAIN);
    EXPECT_EQ(failed(wire, 'c', 400, -1007, "?")->events[0].as.report.evidence,
              NT_EVIDENCE_CANCEL_UNCERTAIN);
    // Throttled: not cancelled, and nothing is known of the order.
    EXPECT_EQ(failed(wire, 'c', 429, -1003, "?")->events[0].as.report.evidence,
              NT_EVIDENCE_CANCEL_UNCERTAIN);
    r = fixture_orders(wire, "{\"id\":\"c00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{"
                             "\"orderListId\":1,\"symbol\":\"BTCUSDT\",\"orders\":[]}}");
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_CANCEL_UNCERTAIN);
    bn_wire_destroy(wire);
}

TEST(binance_orders, amends) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(18));
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_AMENDED);
    EXPECT_EQ(r->events[0].as.report.quantity, 20000);
    EXPECT_EQ(failed(wire, 'a', 400, -2038, "?")->events[0].as.report.evidence,
              NT_EVIDENCE_AMEND_REFUSED);
    EXPECT_EQ(failed(wire, 'a', 400, -1007, "?")->events[0].as.report.evidence,
              NT_EVIDENCE_UNCERTAIN);
    bn_wire_destroy(wire);
}

TEST(binance_orders, queries_end_with_an_answer) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(19));
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_FOUND_OPEN);
    EXPECT_EQ(r->events[0].as.report.order, key(2));
    EXPECT_EQ(r->events[0].as.report.cumulative, 10000);
    EXPECT_EQ(r->events[0].as.report.from_query, 1);
    EXPECT_EQ(r->events[1].kind, NT_EVENT_ANSWERED);
    EXPECT_EQ(r->events[1].as.answer.request, NT_REQUEST_QUERY);
    EXPECT_EQ(r->events[1].as.answer.accepted, 1);
    r = failed(wire, 'q', 400, -2013, "Order does not exist.");
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_NOT_FOUND);
    EXPECT_EQ(r->events[1].as.answer.accepted, 1);
    EXPECT_EQ(r->events[1].as.answer.count, 0);
    r = failed(wire, 'q', 400, -2026, "Order was archived.");
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_FOUND_CANCELED);
    // A failed question proves nothing about the order.
    r = failed(wire, 'q', 500, -2013, "?");
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_ANSWERED);
    EXPECT_EQ(r->events[0].as.answer.accepted, 0);
    bn_wire_destroy(wire);
}

TEST(binance_orders, a_query_tells_every_documented_state) {
    static const struct {
        const char *state;
        nt_evidence evidence;
    } cases[] = {
        {"NEW", NT_EVIDENCE_FOUND_OPEN},
        {"PENDING_NEW", NT_EVIDENCE_FOUND_OPEN},
        {"PARTIALLY_FILLED", NT_EVIDENCE_FOUND_OPEN},
        {"PENDING_CANCEL", NT_EVIDENCE_FOUND_OPEN},
        {"FILLED", NT_EVIDENCE_FOUND_FILLED},
        {"CANCELED", NT_EVIDENCE_FOUND_CANCELED},
        {"REJECTED", NT_EVIDENCE_FOUND_REJECTED},
        {"EXPIRED", NT_EVIDENCE_FOUND_EXPIRED},
        {"EXPIRED_IN_MATCH", NT_EVIDENCE_FOUND_EXPIRED},
        {"OF_TOMORROW", NT_EVIDENCE_UNKNOWN_STATE},
    };
    bn_wire *wire = fixture_hmac();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "{\"id\":\"q00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{"
                 "\"symbol\":\"BTCUSDT\",\"orderId\":501,\"clientOrderId\":\"x\","
                 "\"price\":\"1\",\"origQty\":\"1\",\"executedQty\":\"0\",\"status\":\"%s\","
                 "\"side\":\"BUY\"}}",
                 cases[i].state);
        EXPECT_EQ(fixture_orders(wire, text)->events[0].as.report.evidence, cases[i].evidence);
    }
    bn_wire_destroy(wire);
}

TEST(binance_orders, listings_tell_ours_from_foreign) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(20));
    EXPECT_EQ(r->count, 3);
    EXPECT_EQ(r->events[0].as.report.order, key(2));
    EXPECT_EQ(r->events[1].as.report.order, 0);
    EXPECT_EQ(r->events[1].as.report.client_hash, nt_order_id_hash("somebody-else", 13));
    EXPECT_EQ(r->events[2].as.answer.count, 2);
    EXPECT_EQ(r->events[2].as.answer.request, NT_REQUEST_OPEN_ORDERS);
    EXPECT_EQ(r->events[2].instrument, FIXTURE_BTC);
    r = fixture_orders(wire, "{\"id\":\"o01\",\"status\":200,\"result\":[]}");
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].as.answer.count, 0);
    EXPECT_EQ(r->events[0].instrument, FIXTURE_ETH);
    r = fixture_orders(wire, "{\"id\":\"o00\",\"status\":400,\"error\":{\"code\":-1021,"
                             "\"msg\":\"?\"}}");
    EXPECT_EQ(r->events[0].as.answer.accepted, 0);
    EXPECT_EQ(r->events[0].as.answer.code, -1021);
    bn_wire_destroy(wire);
}

TEST(binance_orders, an_order_asked_about_by_the_venues_id_says_whose_it_is) {
    bn_wire *wire = fixture_hmac();
    char text[512];
    for (uint32_t ours = 0; ours < 2; ours++) {
        snprintf(text, sizeof text,
                 "{\"id\":\"w00\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
                 "\"orderId\":501,\"clientOrderId\":\"%s\",\"price\":\"1\",\"origQty\":\"1\","
                 "\"executedQty\":\"0\",\"status\":\"NEW\",\"side\":\"BUY\"}}",
                 ours == 1 ? FIXTURE_ORDER_2 : "somebody-else");
        const nt_report *report = &fixture_orders(wire, text)->events[0].as.report;
        EXPECT_EQ(report->order, ours == 1 ? key(2) : 0);
        EXPECT_EQ(report->venue_order, 501);
        EXPECT_EQ(report->evidence, NT_EVIDENCE_FOUND_OPEN);
        EXPECT(report->from_query && report->client_hash != 0);
    }
    EXPECT_EQ(fixture_orders(wire, "{\"id\":\"w00\",\"status\":400,\"error\":{\"code\":-2013,"
                                   "\"msg\":\"?\"}}")
                  ->count,
              0);
    bn_wire_destroy(wire);
}

TEST(binance_orders, trades_name_the_venues_order) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(21));
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_FILL);
    EXPECT_EQ(r->events[0].as.report.order, 0);
    EXPECT_EQ(r->events[0].as.report.venue_order, 501);
    EXPECT_EQ(r->events[0].as.report.side, NT_BUY);
    EXPECT_EQ(r->events[1].as.answer.last_trade, 61);
    EXPECT_EQ(r->events[1].as.answer.count, 1);
    bn_wire_destroy(wire);
}

TEST(binance_orders, a_page_ends_at_its_highest_trade) {
    bn_wire *wire = fixture_hmac();
    static const char row[] = "{\"symbol\":\"BTCUSDT\",\"id\":%d,\"orderId\":1,\"price\":\"1\","
                              "\"qty\":\"1\",\"commission\":\"0\",\"commissionAsset\":\"BTC\","
                              "\"time\":1,\"isBuyer\":false,\"isMaker\":true}";
    char rows[512], text[640];
    const int length = snprintf(rows, sizeof rows, row, 9);
    rows[length] = ',';
    snprintf(rows + length + 1, sizeof rows - (size_t)length - 1, row, 7);
    snprintf(text, sizeof text, "{\"id\":\"f00\",\"status\":200,\"result\":[%s]}", rows);
    const fixture_result *r = fixture_orders(wire, text);
    EXPECT_EQ(r->count, 3);
    EXPECT_EQ(r->events[0].as.report.side, NT_SELL);
    EXPECT_EQ(r->events[0].as.report.is_maker, 1);
    EXPECT_EQ(r->events[2].as.answer.last_trade, 9);
    bn_wire_destroy(wire);
}

TEST(binance_orders, sessions_and_foreign_replies) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(22));
    EXPECT_EQ(r->events[0].kind, NT_EVENT_SESSION);
    EXPECT_EQ(r->events[0].as.session.accepted, 1);
    r = fixture_orders(wire, "{\"id\":\"g1\",\"status\":400,\"error\":{\"code\":-1022,"
                             "\"msg\":\"Signature for this request is not valid.\"}}");
    EXPECT_EQ(r->events[0].as.session.step, 1);
    EXPECT_EQ(r->events[0].as.session.accepted, 0);
    EXPECT_EQ(r->events[0].as.session.code, -1022);
    // Asked twice: the first subscription holds.
    r = fixture_orders(wire, "{\"id\":\"g1\",\"status\":400,\"error\":{\"code\":-2035,"
                             "\"msg\":\"User Data Stream subscription already active.\"}}");
    EXPECT_EQ(r->events[0].as.session.accepted, 1);
    // The key was revoked.
    r = fixture_orders(wire, "{\"id\":null,\"status\":401,\"error\":{\"code\":-2015,"
                             "\"msg\":\"Invalid API-key.\"}}");
    EXPECT_EQ(r->events[0].kind, NT_EVENT_SESSION);
    EXPECT_EQ(r->events[0].as.session.accepted, 0);
    EXPECT_EQ(r->events[0].as.session.code, -2015);
    static const char *const foreign[] = {"\"x\"",
                                          "7",
                                          "null",
                                          "\"p99" FIXTURE_ORDER_1 "\"",
                                          "\"p00n00080000000000001\"",
                                          "\"o0\"",
                                          "\"g\"",
                                          "\"b\"",
                                          "\"o00x\"",
                                          "\"f00" FIXTURE_ORDER_1 "\""};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"id\":%s,\"status\":200,\"result\":{}}", foreign[i]);
        EXPECT_EQ(fixture_orders(wire, text)->status, NT_UNSUPPORTED);
    }
    bn_wire_destroy(wire);
}

TEST(binance_orders, replies_that_contradict_the_request_are_invalid) {
    bn_wire *wire = fixture_hmac();
    // Another client id, another symbol, more traded than executed, a cancel and an amend of
    // another order.
    static const char *const texts[] = {
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
        "\"orderId\":501,\"clientOrderId\":\"" FIXTURE_ORDER_2 "\",\"transactTime\":1}}",
        "{\"id\":\"f00\",\"status\":200,\"result\":[{\"symbol\":\"ETHUSDT\",\"id\":1,"
        "\"orderId\":1,\"price\":\"1\",\"qty\":\"1\",\"commission\":\"0\","
        "\"commissionAsset\":\"BTC\",\"time\":1,\"isBuyer\":true,\"isMaker\":true}]}",
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
        "\"orderId\":501,\"clientOrderId\":\"" FIXTURE_ORDER_1 "\",\"transactTime\":1,"
        "\"price\":\"1\",\"origQty\":\"1\",\"executedQty\":\"0\",\"status\":\"NEW\","
        "\"side\":\"BUY\",\"fills\":[{\"price\":\"1\",\"qty\":\"1\",\"commission\":\"0\","
        "\"commissionAsset\":\"BTC\",\"tradeId\":1}]}}",
        "{\"id\":\"c00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\","
        "\"orderId\":501,\"origClientOrderId\":\"" FIXTURE_ORDER_2 "\",\"clientOrderId\":\"x\","
        "\"price\":\"1\",\"origQty\":\"1\",\"executedQty\":\"0\",\"status\":\"CANCELED\","
        "\"side\":\"BUY\"}}",
        "{\"id\":\"a00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":{\"amendedOrder\":{"
        "\"symbol\":\"BTCUSDT\",\"orderId\":501,\"origClientOrderId\":\"" FIXTURE_ORDER_2 "\","
        "\"clientOrderId\":\"" FIXTURE_ORDER_2 "\",\"price\":\"1\",\"qty\":\"1\","
        "\"executedQty\":\"0\",\"status\":\"NEW\",\"side\":\"BUY\"}}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        EXPECT_EQ(fixture_orders(wire, texts[i])->status, NT_INVALID);
    }
    bn_wire_destroy(wire);
}

// --- user events -------------------------------------------------------------------------------

/// An executionReport; `more` is appended to its members.
static const fixture_result *execution(bn_wire *wire, const char *what, const char *state,
                                       const char *client, const char *original, const char *more) {
    static char text[2048];
    snprintf(text, sizeof text,
             "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1700000000400,"
             "\"s\":\"BTCUSDT\",\"c\":\"%s\",\"S\":\"SELL\",\"q\":\"0.3\",\"p\":\"25000.20\","
             "\"C\":\"%s\",\"x\":\"%s\",\"X\":\"%s\",\"r\":\"NONE\",\"i\":501,\"z\":\"0.1\"%s}}",
             client, original, what, state, more);
    return fixture_orders(wire, text);
}

static const char *const trade_members =
    ",\"l\":\"0.1\",\"L\":\"25000.20\",\"n\":\"0\",\"N\":null,\"t\":61,\"m\":true";

TEST(binance_orders, execution_reports_by_type) {
    static const struct {
        const char *what, *state;
        nt_evidence evidence;
    } cases[] = {
        {"NEW", "NEW", NT_EVIDENCE_ACK},
        {"REJECTED", "REJECTED", NT_EVIDENCE_REJECTED},
        {"EXPIRED", "EXPIRED", NT_EVIDENCE_EXPIRED},
        {"TRADE_PREVENTION", "EXPIRED_IN_MATCH", NT_EVIDENCE_EXPIRED},
        {"SOMETHING", "NEW", NT_EVIDENCE_UNKNOWN_STATE},
        {"NEW", "SOMETHING", NT_EVIDENCE_UNKNOWN_STATE},
    };
    bn_wire *wire = fixture_hmac();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const fixture_result *r =
            execution(wire, cases[i].what, cases[i].state, FIXTURE_ORDER_1, "", "");
        EXPECT_EQ(r->count, 1);
        EXPECT_EQ(r->events[0].as.report.evidence, cases[i].evidence);
        EXPECT_EQ(r->events[0].as.report.order, key(1));
        EXPECT_EQ(r->events[0].as.report.cumulative, 10000);
        EXPECT_EQ(r->events[0].as.report.side, NT_SELL);
    }
    bn_wire_destroy(wire);
}

TEST(binance_orders, a_cancel_is_told_under_the_orders_own_id) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = execution(wire, "CANCELED", "CANCELED", "xyz", FIXTURE_ORDER_2, "");
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_CANCELED);
    EXPECT_EQ(r->events[0].as.report.order, key(2));
    r = execution(wire, "REPLACED", "NEW", FIXTURE_ORDER_2, FIXTURE_ORDER_2, "");
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_AMENDED);
    EXPECT_EQ(r->events[0].as.report.quantity, 30000);
    bn_wire_destroy(wire);
}

TEST(binance_orders, a_trade_counts_even_in_an_unknown_state) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r =
        execution(wire, "TRADE", "PARTIALLY_FILLED", FIXTURE_ORDER_1, "", trade_members);
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_FILL);
    EXPECT_EQ(r->events[0].as.report.trade, 61);
    EXPECT_EQ(r->events[0].as.report.fee, 0);
    EXPECT_TEXT(r->events[0].as.report.fee_asset, "");
    EXPECT_EQ(r->events[0].as.report.is_maker, 1);
    r = execution(wire, "TRADE", "SOMETHING", FIXTURE_ORDER_1, "", trade_members);
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_FILL);
    EXPECT_EQ(r->events[1].as.report.evidence, NT_EVIDENCE_UNKNOWN_STATE);
    // A commission of no asset, a trade of nothing.
    EXPECT_EQ(
        execution(wire, "TRADE", "FILLED", FIXTURE_ORDER_1, "",
                  ",\"l\":\"0.1\",\"L\":\"25000.20\",\"n\":\"1\",\"N\":null,\"t\":61,\"m\":true")
            ->status,
        NT_INVALID);
    EXPECT_EQ(
        execution(wire, "TRADE", "FILLED", FIXTURE_ORDER_1, "",
                  ",\"l\":\"0\",\"L\":\"25000.20\",\"n\":\"0\",\"N\":null,\"t\":61,\"m\":true")
            ->status,
        NT_INVALID);
    // A trade without its numbers is no trade.
    EXPECT_EQ(execution(wire, "TRADE", "FILLED", FIXTURE_ORDER_1, "", "")->status, NT_INVALID);
    bn_wire_destroy(wire);
}

TEST(binance_orders, prevented_quantity_lowers_the_order) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = execution(wire, "TRADE_PREVENTION", "PARTIALLY_FILLED",
                                        FIXTURE_ORDER_1, "", ",\"A\":\"0.05\",\"B\":\"0.05\"");
    EXPECT_EQ(r->events[0].as.report.evidence, NT_EVIDENCE_AMENDED);
    EXPECT_EQ(r->events[0].as.report.quantity, 25000);
    EXPECT_EQ(
        execution(wire, "TRADE_PREVENTION", "NEW", FIXTURE_ORDER_1, "", ",\"A\":\"0.25\"")->status,
        NT_INVALID);
    bn_wire_destroy(wire);
}

TEST(binance_orders, balances_and_notices) {
    bn_wire *wire = fixture_hmac();
    const fixture_result *r = fixture_orders(wire, text_of(26));
    EXPECT_EQ(r->count, 2);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_BALANCE);
    EXPECT_TEXT(r->events[0].as.balance.asset, "BTC");
    EXPECT_EQ(r->events[0].as.balance.free, 125000000);
    EXPECT_EQ(r->events[0].as.balance.locked, 50000000);
    EXPECT_EQ(r->events[1].as.balance.free, 0);
    r = fixture_orders(wire, text_of(23));
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_NOTICE);
    // The stream of user events has ended: so has the log-on.
    r = fixture_orders(wire, text_of(27));
    EXPECT_EQ(r->count, 1);
    EXPECT_EQ(r->events[0].kind, NT_EVENT_SESSION);
    EXPECT_EQ(r->events[0].as.session.accepted, 0);
    // Names that fit no instrument are passed over; negative balances are refused.
    r = fixture_orders(wire, "{\"event\":{\"e\":\"outboundAccountPosition\",\"E\":1,\"B\":[{"
                             "\"a\":\"\xe5\xb8\x81\xe5\xb8\x81\xe5\xb8\x81\xe5\xb8\x81\","
                             "\"f\":\"1\",\"l\":\"0\"}]}}");
    EXPECT_EQ(r->status, NT_OK);
    EXPECT_EQ(r->count, 0);
    r = fixture_orders(wire, "{\"event\":{\"e\":\"outboundAccountPosition\",\"E\":1,\"B\":[{"
                             "\"a\":\"BTC\",\"f\":\"-1\",\"l\":\"0\"}]}}");
    EXPECT_EQ(r->status, NT_INVALID);
    bn_wire_destroy(wire);
}

TEST(binance_orders, known_user_events_are_counted_by_name) {
    bn_wire *wire = fixture_hmac();
    static const char *const names[] = {"balanceUpdate", "listStatus", "externalLockUpdate"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"event\":{\"e\":\"%s\",\"E\":1}}", names[i]);
        EXPECT_EQ(fixture_orders(wire, text)->status, NT_UNSUPPORTED);
        EXPECT_TEXT(bn_wire_last_unsupported(wire), names[i]);
    }
    EXPECT_EQ(fixture_orders(wire, "{\"event\":{\"e\":\"newThing\",\"E\":1}}")->status, NT_INVALID);
    bn_wire_destroy(wire);
}
