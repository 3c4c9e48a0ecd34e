// binance_encode_test.c — requests, greetings and signatures against the venue's own vectors.
#include "binance_fixture.h"
#include "params.h"
#include "request_id.h"
#include "test.h"

static char output[NT_MAX_GREETING_BYTES + 1];

static nt_status encode(bn_wire *wire, const nt_request *request) {
    const nt_codec *codec = bn_wire_codec(wire);
    uint32_t length = 0;
    const nt_status status = codec->encode(codec->context, request, 1700000000000,
                                           (uint8_t *)output, NT_MAX_REQUEST_BYTES, &length);
    output[length] = 0;
    return status;
}

static nt_status greet(bn_wire *wire, nt_stream_role role, uint32_t step, int64_t now_ms) {
    const nt_codec *codec = bn_wire_codec(wire);
    uint32_t length = 0;
    const nt_status status = codec->greet(codec->context, role, step, now_ms, (uint8_t *)output,
                                          NT_MAX_GREETING_BYTES, &length);
    output[length] = 0;
    return status;
}

static nt_request place(nt_order_type type) {
    return (nt_request){.kind = NT_REQUEST_PLACE,
                        .intent = {.order = nt_order_key_make(0, 1),
                                   .price = 2500010,
                                   .stop_price = 2490000,
                                   .quantity = 1000,
                                   .instrument = FIXTURE_BTC,
                                   .side = NT_SELL,
                                   .type = type}};
}

TEST(binance_encode, signs_as_the_venues_example_does) {
    // The documented WebSocket API example; its client id is not ours, so it is written by hand.
    bn_wire *wire = fixture_hmac();
    bn_params params;
    uint32_t length;
    bn_params_begin(&params, wire, BN_SIGN_HMAC, "x", 1, "order.place", (uint8_t *)output,
                    NT_MAX_REQUEST_BYTES);
    bn_params_text(&params, "price", "52000.00", 8);
    bn_params_decimal(&params, "quantity", 1000000, 8);
    bn_params_integer(&params, "recvWindow", 100);
    bn_params_text(&params, "side", "SELL", 4);
    bn_params_text(&params, "symbol", "BTCUSDT", 7);
    bn_params_text(&params, "timeInForce", "GTC", 3);
    bn_params_integer(&params, "timestamp", 1645423376532);
    bn_params_text(&params, "type", "LIMIT", 5);
    EXPECT_EQ(bn_params_end(&params, &length), NT_OK);
    output[length] = 0;
    EXPECT(strstr(output,
                  "\"signature\":"
                  "\"aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24\"}}") !=
           NULL);
    bn_wire_destroy(wire);
}

TEST(binance_encode, logs_on_with_ed25519) {
    bn_wire *wire = fixture_ed25519();
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 0, 1649729878532), NT_OK);
    EXPECT_TEXT(output,
                "{\"id\":\"g0\",\"method\":\"session.logon\",\"params\":{\"apiKey\":"
                "\"4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO\","
                "\"timestamp\":1649729878532,\"signature\":"
                "\"cGkloHLHGGNbrduoWDYBlzIPwRHyDVYVfCE0rDkPwKdKedurBgm2JNWRkwloQDBFG6Mcloavo1si"
                "YfEtZbV/Ag==\"}}");
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 1, 0), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"g1\",\"method\":\"userDataStream.subscribe\",\"params\":{}}");
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 2, 0), NT_EMPTY);
    bn_wire_destroy(wire);
}

TEST(binance_encode, subscribes_with_a_signature_where_there_is_no_session) {
    bn_wire *wire = fixture_hmac();
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 0, 1700000000000), NT_OK);
    EXPECT(strstr(output, "\"method\":\"userDataStream.subscribe.signature\"") != NULL);
    EXPECT(strstr(output, "\"timestamp\":1700000000000,\"signature\":\"") != NULL);
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 1, 0), NT_EMPTY);
    bn_wire_destroy(wire);
    wire = fixture_market();
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 0, 0), NT_EMPTY);
    bn_wire_destroy(wire);
}

TEST(binance_encode, subscribes_all_streams_in_one_message) {
    bn_wire *wire = fixture_market();
    EXPECT_EQ(greet(wire, NT_ROLE_MARKET, 0, 0), NT_OK);
    EXPECT_TEXT(output, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@depth@100ms\","
                        "\"btcusdt@bookTicker\",\"btcusdt@trade\",\"ethusdt@depth@100ms\","
                        "\"ethusdt@bookTicker\",\"ethusdt@trade\",\"btcusd_perp@depth@100ms\","
                        "\"btcusd_perp@bookTicker\",\"btcusd_perp@trade\"],\"id\":0}");
    EXPECT_EQ(greet(wire, NT_ROLE_MARKET, 1, 0), NT_EMPTY);
    EXPECT_EQ(greet(wire, NT_ROLE_SNAPSHOT, 0, 0), NT_EMPTY);
    bn_wire_destroy(wire);
}

TEST(binance_encode, a_full_set_of_instruments_still_fits_a_greeting) {
    static nt_instrument many[NT_MAX_INSTRUMENTS];
    for (uint32_t i = 0; i < NT_MAX_INSTRUMENTS; i++) {
        many[i] = (nt_instrument){.tick_units = 1, .lot_units = 1};
        snprintf(many[i].symbol, sizeof many[i].symbol, "LONGSYMBOLNAME%03uUSDT", i);
    }
    static const char *const streams[] = {"depth@100ms", "bookTicker", "trade", "aggTrade"};
    const bn_wire_config config = {.instruments = many,
                                   .instrument_count = NT_MAX_INSTRUMENTS,
                                   .streams = streams,
                                   .stream_count = 4};
    char error[128];
    bn_wire *wire = bn_wire_create(&config, error, sizeof error);
    EXPECT(wire != NULL);
    EXPECT_EQ(greet(wire, NT_ROLE_MARKET, 0, 0), NT_OK);
    bn_wire_destroy(wire);
}

TEST(binance_encode, places_every_type_of_order) {
    static const struct {
        nt_order_type type;
        nt_time_in_force tif;
        const char *params;
    } cases[] = {
        {NT_LIMIT, NT_GTC,
         "\"price\":\"25000.10\",\"quantity\":\"0.01000\",\"recvWindow\":1000,\"side\":\"SELL\","
         "\"symbol\":\"BTCUSDT\",\"timeInForce\":\"GTC\",\"timestamp\":1700000000000,"
         "\"type\":\"LIMIT\"}}"},
        {NT_LIMIT, NT_FOK,
         "\"price\":\"25000.10\",\"quantity\":\"0.01000\",\"recvWindow\":1000,\"side\":\"SELL\","
         "\"symbol\":\"BTCUSDT\",\"timeInForce\":\"FOK\",\"timestamp\":1700000000000,"
         "\"type\":\"LIMIT\"}}"},
        {NT_MARKET, NT_IOC,
         "\"quantity\":\"0.01000\",\"recvWindow\":1000,\"side\":\"SELL\",\"symbol\":\"BTCUSDT\","
         "\"timestamp\":1700000000000,\"type\":\"MARKET\"}}"},
        {NT_LIMIT_MAKER, NT_GTC,
         "\"price\":\"25000.10\",\"quantity\":\"0.01000\",\"recvWindow\":1000,\"side\":\"SELL\","
         "\"symbol\":\"BTCUSDT\",\"timestamp\":1700000000000,\"type\":\"LIMIT_MAKER\"}}"},
        {NT_STOP_MARKET, NT_GTC,
         "\"quantity\":\"0.01000\",\"recvWindow\":1000,\"side\":\"SELL\","
         "\"stopPrice\":\"24900.00\",\"symbol\":\"BTCUSDT\",\"timestamp\":1700000000000,"
         "\"type\":\"STOP_LOSS\"}}"},
        {NT_STOP_LIMIT, NT_IOC,
         "\"price\":\"25000.10\",\"quantity\":\"0.01000\",\"recvWindow\":1000,\"side\":\"SELL\","
         "\"stopPrice\":\"24900.00\",\"symbol\":\"BTCUSDT\",\"timeInForce\":\"IOC\","
         "\"timestamp\":1700000000000,\"type\":\"STOP_LOSS_LIMIT\"}}"},
    };
    bn_wire *wire = fixture_ed25519();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nt_request request = place(cases[i].type);
        request.intent.tif = cases[i].tif;
        char wanted[512];
        snprintf(wanted, sizeof wanted,
                 "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"method\":\"order.place\",\"params\":{"
                 "\"newClientOrderId\":\"" FIXTURE_ORDER_1 "\",\"newOrderRespType\":\"FULL\",%s",
                 cases[i].params);
        EXPECT_EQ(encode(wire, &request), NT_OK);
        EXPECT_TEXT(output, wanted);
    }
    bn_wire_destroy(wire);
}

TEST(binance_encode, the_other_requests) {
    bn_wire *wire = fixture_ed25519();
    nt_request request = place(NT_LIMIT);
    request.kind = NT_REQUEST_CANCEL;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"c00" FIXTURE_ORDER_1 "\",\"method\":\"order.cancel\",\"params\":"
                        "{\"origClientOrderId\":\"" FIXTURE_ORDER_1 "\",\"recvWindow\":1000,"
                        "\"symbol\":\"BTCUSDT\",\"timestamp\":1700000000000}}");
    request.venue_order = 501;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT(strstr(output, "{\"orderId\":501,\"recvWindow\"") != NULL);
    request.kind = NT_REQUEST_AMEND;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"a00" FIXTURE_ORDER_1 "\","
                        "\"method\":\"order.amend.keepPriority\","
                        "\"params\":{\"newClientOrderId\":\"" FIXTURE_ORDER_1 "\","
                        "\"newQty\":\"0.01000\",\"orderId\":501,\"recvWindow\":1000,"
                        "\"symbol\":\"BTCUSDT\",\"timestamp\":1700000000000}}");
    request.kind = NT_REQUEST_QUERY;
    request.venue_order = 0;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"q00" FIXTURE_ORDER_1 "\",\"method\":\"order.status\",\"params\":"
                        "{\"origClientOrderId\":\"" FIXTURE_ORDER_1 "\",\"recvWindow\":1000,"
                        "\"symbol\":\"BTCUSDT\",\"timestamp\":1700000000000}}");
    request.intent.order = 0;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request.venue_order = 501; // Whose is it?
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"w00\",\"method\":\"order.status\",\"params\":{\"orderId\":501,"
                        "\"recvWindow\":1000,\"symbol\":\"BTCUSDT\","
                        "\"timestamp\":1700000000000}}");
    request.venue_order = 0;
    request.kind = NT_REQUEST_OPEN_ORDERS;
    request.intent.instrument = FIXTURE_ETH;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"o01\",\"method\":\"openOrders.status\",\"params\":{"
                        "\"recvWindow\":1000,\"symbol\":\"ETHUSDT\",\"timestamp\":1700000000000}}");
    request.kind = NT_REQUEST_FILLS;
    request.since = 62;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT_TEXT(output, "{\"id\":\"f01\",\"method\":\"myTrades\",\"params\":{\"fromId\":62,"
                        "\"limit\":200,\"recvWindow\":1000,\"symbol\":\"ETHUSDT\","
                        "\"timestamp\":1700000000000}}");
    request.since = 0;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT(strstr(output, "\"params\":{\"limit\":200,") != NULL);
    bn_wire_destroy(wire);
}

TEST(binance_encode, units_follow_the_instrument) {
    bn_wire *wire = fixture_ed25519();
    nt_request request = place(NT_LIMIT);
    request.intent.instrument = FIXTURE_ETH;
    request.intent.price = 180001;
    request.intent.quantity = 40001;
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT(strstr(output, "\"price\":\"1800.01000000\",\"quantity\":\"4.00010000\"") != NULL);
    bn_wire_destroy(wire);
}

TEST(binance_encode, the_clock_offset_moves_every_timestamp) {
    bn_wire *wire = fixture_ed25519();
    bn_wire_set_clock_offset(wire, -250);
    const nt_request request = place(NT_LIMIT);
    EXPECT_EQ(encode(wire, &request), NT_OK);
    EXPECT(strstr(output, "\"timestamp\":1699999999750,") != NULL);
    bn_wire_destroy(wire);
}

TEST(binance_encode, refuses_what_makes_no_order) {
    bn_wire *wire = fixture_hmac();
    nt_request request = place(NT_LIMIT);
    request.intent.price = 0;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_LIMIT);
    request.intent.quantity = 0;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request.intent.quantity = -1;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_STOP_MARKET);
    request.intent.stop_price = 0;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_LIMIT_MAKER);
    request.intent.tif = NT_IOC;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_ORDER_TYPE_COUNT);
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_LIMIT);
    request.intent.side = 2;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_LIMIT);
    request.intent.instrument = 3;
    EXPECT_EQ(encode(wire, &request), NT_INVALID);
    request = place(NT_LIMIT);
    request.intent.instrument = FIXTURE_ETH;
    request.intent.price = INT64_MAX;
    EXPECT_EQ(encode(wire, &request), NT_OVERFLOW);
    request = place(NT_LIMIT);
    request.kind = NT_REQUEST_KIND_COUNT;
    EXPECT_EQ(encode(wire, &request), NT_UNSUPPORTED);
    bn_wire_destroy(wire);
    wire = fixture_market();
    request = place(NT_LIMIT);
    EXPECT_EQ(encode(wire, &request), NT_REFUSED);
    bn_wire_destroy(wire);
}

TEST(binance_encode, every_small_buffer_is_full_and_never_written_past) {
    bn_wire *wire = fixture_hmac();
    const nt_codec *codec = bn_wire_codec(wire);
    const nt_request request = place(NT_STOP_LIMIT);
    uint8_t buffer[NT_MAX_REQUEST_BYTES];
    uint32_t whole, length;
    EXPECT_EQ(codec->encode(codec->context, &request, 1, buffer, sizeof buffer, &whole), NT_OK);
    for (uint32_t capacity = 0; capacity < whole; capacity++) {
        memset(buffer, 0x5a, sizeof buffer);
        EXPECT_EQ(codec->encode(codec->context, &request, 1, buffer, capacity, &length), NT_FULL);
        EXPECT_EQ(buffer[capacity], 0x5a);
        EXPECT_EQ(length, 0);
    }
    EXPECT_EQ(codec->encode(codec->context, &request, 1, buffer, whole, &length), NT_OK);
    bn_wire_destroy(wire);
}

TEST(binance_encode, futures_take_market_data_only) {
    const nt_instrument instrument = {.symbol = "BTCUSDT", .tick_units = 1, .lot_units = 1};
    const bn_wire_config config = {
        .instruments = &instrument, .instrument_count = 1, .product = BN_USDM};
    bn_wire *wire = bn_wire_create(&config, NULL, 0);
    EXPECT(wire != NULL);
    const nt_codec *codec = bn_wire_codec(wire);
    EXPECT_TEXT(codec->name, "binance-usdm");
    nt_request request = place(NT_LIMIT);
    EXPECT_EQ(encode(wire, &request), NT_UNSUPPORTED);
    EXPECT_EQ(greet(wire, NT_ROLE_ORDERS, 0, 0), NT_EMPTY);
    bn_wire_destroy(wire);
}

TEST(binance_encode, request_ids_come_back_as_they_went) {
    for (nt_instrument_id slot = 0; slot < NT_MAX_INSTRUMENTS; slot++) {
        const nt_order_key order = nt_order_key_make(NT_ORDER_EPOCH_MAX - slot, 1000000007u * slot);
        char client[NT_ORDER_ID_LENGTH], text[BN_REQUEST_ID_SIZE];
        nt_order_id_write(NT_INSTANCE_MAX, order, client);
        const uint32_t length = bn_request_id_write("pcaq"[slot % 4], slot, client, text);
        const bn_value value = {text, length, BN_STRING};
        const bn_request_id id = bn_request_id_read(NT_INSTANCE_MAX, NT_MAX_INSTRUMENTS, &value);
        EXPECT_EQ(id.kind, "pcaq"[slot % 4]);
        EXPECT_EQ(id.slot, slot);
        EXPECT_EQ(id.order, order);
        // Neither another installation nor a smaller table takes it for its own.
        EXPECT_EQ(bn_request_id_read(1, NT_MAX_INSTRUMENTS, &value).kind, 0);
        EXPECT_EQ(bn_request_id_read(NT_INSTANCE_MAX, slot, &value).kind, 0);
    }
    for (uint32_t step = 0; step < 1000; step += 37) {
        char text[BN_REQUEST_ID_SIZE];
        const bn_value value = {text, bn_request_id_write_step(step, text), BN_STRING};
        EXPECT_EQ(bn_request_id_read(1, 1, &value).step, step);
    }
}

TEST(binance_encode, weights_are_the_venues) {
    bn_wire *wire = fixture_market();
    const nt_codec *codec = bn_wire_codec(wire);
    static const uint32_t weights[] = {1, 1, 4, 4, 6, 20};
    for (nt_request_kind kind = 0; kind < NT_REQUEST_KIND_COUNT; kind++) {
        EXPECT_EQ(codec->weight(codec->context, kind), weights[kind]);
    }
    bn_wire_destroy(wire);
}

TEST(binance_wire, a_broken_configuration_is_refused_with_its_reason) {
    nt_instrument instruments[2] = {{.symbol = "BTCUSDT", .tick_units = 1, .lot_units = 1},
                                    {.symbol = "BTCUSDT", .tick_units = 1, .lot_units = 1}};
    static const char *const bad_stream[] = {"tra\"de"};
    const bn_wire_config cases[] = {
        {.instruments = instruments, .instrument_count = 2},
        {.instruments = instruments, .instrument_count = NT_MAX_INSTRUMENTS + 1},
        {.instruments = instruments, .instrument_count = 1, .product = 3},
        {.instruments = instruments, .instrument_count = 1, .instance = NT_INSTANCE_MAX + 1},
        {.instruments = instruments, .instrument_count = 1, .recv_window_ms = 60001},
        {.instruments = instruments, .instrument_count = 1, .api_key = "key"},
        {.instruments = instruments, .instrument_count = 1, .api_key = "k\"y", .hmac_secret = "s"},
        {.instruments = instruments, .instrument_count = 1, .api_key = "key", .hmac_secret = ""},
        {.instruments = instruments, .instrument_count = 1, .hmac_secret = "s"},
        {.instruments = instruments,
         .instrument_count = 1,
         .api_key = "key",
         .hmac_secret = "s",
         .ed25519_pem = "p"},
        {.instruments = instruments, .instrument_count = 1, .api_key = "key", .ed25519_pem = "p"},
        {.instruments = instruments,
         .instrument_count = 1,
         .streams = bad_stream,
         .stream_count = 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char error[128] = "";
        EXPECT(bn_wire_create(&cases[i], error, sizeof error) == NULL);
        EXPECT(error[0] != 0);
    }
    memcpy(instruments[0].symbol, "A\"B", 4);
    const bn_wire_config odd = {.instruments = instruments, .instrument_count = 1};
    EXPECT(bn_wire_create(&odd, NULL, 0) == NULL);
    memcpy(instruments[0].symbol, "AB\0", 4);
    instruments[0].tick_units = 0;
    EXPECT(bn_wire_create(&odd, NULL, 0) == NULL);
}

TEST(binance_wire, describes_what_it_decodes) {
    bn_wire *wire = fixture_hmac();
    char text[512];
    const char *message = fixture_messages[8].text;
    EXPECT_EQ(bn_wire_describe(wire, NT_ROLE_MARKET, NT_NO_INSTRUMENT, message,
                               (uint32_t)strlen(message), text, sizeof text),
              NT_OK);
    EXPECT_TEXT(text, "trade BTCUSDT id=9001 price=2500010 quantity=100 sell\n");
    EXPECT_EQ(bn_wire_describe(wire, NT_ROLE_MARKET, NT_NO_INSTRUMENT, message,
                               (uint32_t)strlen(message), text, 6),
              NT_OK);
    EXPECT_TEXT(text, "trade");
    EXPECT_EQ(bn_wire_describe(wire, NT_ROLE_COUNT, 0, message, 3, text, sizeof text), NT_INVALID);
    bn_wire_destroy(wire);
}
