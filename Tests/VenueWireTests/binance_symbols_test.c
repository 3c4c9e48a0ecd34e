// binance_symbols_test.c — the symbol table agrees with a linear search.
#include "symbols.h"
#include "test.h"

TEST(binance_symbols, finds_in_either_case_and_nothing_else) {
    bn_symbols symbols = {0};
    EXPECT_EQ(bn_symbols_add(&symbols, "BTCUSDT", 0), NT_OK);
    EXPECT_EQ(bn_symbols_add(&symbols, "BTCUSD_PERP", 1), NT_OK);
    EXPECT_EQ(bn_symbols_find(&symbols, "BTCUSDT", 7), 0);
    EXPECT_EQ(bn_symbols_find(&symbols, "btcusdt", 7), 0);
    EXPECT_EQ(bn_symbols_find(&symbols, "btcusd_perp", 11), 1);
    EXPECT_EQ(bn_symbols_find(&symbols, "BTCUSD", 6), NT_NO_INSTRUMENT);
    EXPECT_EQ(bn_symbols_find(&symbols, "BTCUSDTX", 8), NT_NO_INSTRUMENT);
    EXPECT_EQ(bn_symbols_find(&symbols, "", 0), NT_NO_INSTRUMENT);
}

TEST(binance_symbols, keeps_bytes_beyond_ascii_as_they_are) {
    bn_symbols symbols = {0};
    EXPECT_EQ(bn_symbols_add(&symbols, "\xe5\xb8\x81USDT", 3), NT_OK);
    EXPECT_EQ(bn_symbols_find(&symbols, "\xe5\xb8\x81usdt", 7), 3);
    EXPECT_EQ(bn_symbols_find(&symbols, "\xe5\xb8\x82usdt", 7), NT_NO_INSTRUMENT);
}

TEST(binance_symbols, refuses_empty_long_and_double_ones) {
    bn_symbols symbols = {0};
    EXPECT_EQ(bn_symbols_add(&symbols, "", 0), NT_INVALID);
    EXPECT_EQ(bn_symbols_add(&symbols, "ABCDEFGHIJKLMNOPQRSTUVWX", 0), NT_INVALID);
    EXPECT_EQ(bn_symbols_add(&symbols, "BTCUSDT", NT_MAX_INSTRUMENTS), NT_INVALID);
    EXPECT_EQ(bn_symbols_add(&symbols, "BTCUSDT", 0), NT_OK);
    EXPECT_EQ(bn_symbols_add(&symbols, "btcusdt", 1), NT_DUPLICATE);
}

TEST(binance_symbols, a_full_table_finds_all_and_ends_every_miss) {
    bn_symbols symbols = {0};
    char text[NT_SYMBOL_SIZE];
    for (uint32_t slot = 0; slot < NT_MAX_INSTRUMENTS; slot++) {
        snprintf(text, sizeof text, "COIN%uUSDT", slot * 7919);
        EXPECT_EQ(bn_symbols_add(&symbols, text, slot), NT_OK);
    }
    for (uint32_t slot = 0; slot < NT_MAX_INSTRUMENTS; slot++) {
        snprintf(text, sizeof text, "coin%uusdt", slot * 7919);
        EXPECT_EQ(bn_symbols_find(&symbols, text, (uint32_t)strlen(text)), slot);
    }
    for (uint32_t i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "OTHER%u", i);
        EXPECT_EQ(bn_symbols_find(&symbols, text, (uint32_t)strlen(text)), NT_NO_INSTRUMENT);
    }
}

TEST(binance_symbols, no_symbol_is_found_by_its_beginning) {
    // Many symbols, so that some beginning shares its symbol's bucket.
    for (uint32_t i = 0; i < 1000; i++) {
        bn_symbols symbols = {0};
        char text[NT_SYMBOL_SIZE];
        snprintf(text, sizeof text, "COIN%uUSDT", i);
        EXPECT_EQ(bn_symbols_add(&symbols, text, 0), NT_OK);
        for (uint32_t length = 0; length < strlen(text); length++) {
            EXPECT_EQ(bn_symbols_find(&symbols, text, length), NT_NO_INSTRUMENT);
        }
    }
}
