#include "nt/types.h"

#include "nt/random.h"
#include "test.h"

static nt_instrument instrument(uint8_t price_decimals, int64_t tick_units,
                                uint8_t quantity_decimals, int64_t lot_units) {
    return (nt_instrument){.price_decimals = price_decimals,
                           .quantity_decimals = quantity_decimals,
                           .tick_units = tick_units,
                           .lot_units = lot_units};
}

TEST(types, notional_of_a_common_order) {
    // 52,000.01 × 0.0025 = 130.000025
    const nt_instrument pair = instrument(2, 1, 5, 1);
    nt_money value = 0;
    EXPECT(nt_notional(&pair, 5200001, 250, &value));
    EXPECT_EQ(value, INT64_C(13000002500));
}

TEST(types, notional_counts_ticks_and_lots_in_their_units) {
    // Ticks of 0.25, lots of 100: 7 ticks × 3 lots = 1.75 × 300 = 525.
    const nt_instrument share = instrument(2, 25, 0, 100);
    nt_money value = 0;
    EXPECT(nt_notional(&share, 7, 3, &value));
    EXPECT_EQ(value, 525 * NT_MONEY_ONE);
}

TEST(types, notional_rounds_towards_zero) {
    // 0.00000003 × 0.5 = 0.000000015, one and a half units of money.
    const nt_instrument pair = instrument(8, 1, 1, 1);
    nt_money value = 0;
    EXPECT(nt_notional(&pair, 3, 5, &value));
    EXPECT_EQ(value, 1);
    EXPECT(nt_notional(&pair, 3, -5, &value));
    EXPECT_EQ(value, -1);
    EXPECT(nt_notional(&pair, -3, -5, &value));
    EXPECT_EQ(value, 1);
}

TEST(types, notional_beyond_money_is_refused_and_leaves_the_result) {
    const nt_instrument whole = instrument(0, 1, 0, 1);
    nt_money value = 3;
    EXPECT(nt_notional(&whole, INT64_C(92233720368), 1, &value));
    EXPECT_EQ(value, INT64_C(9223372036800000000));
    value = 3;
    EXPECT(!nt_notional(&whole, INT64_C(92233720369), 1, &value));
    EXPECT(!nt_notional(&whole, INT64_C(92233720369), -1, &value));
    EXPECT(!nt_notional(&whole, INT64_MAX, INT64_MAX, &value));
    EXPECT(!nt_notional(&whole, INT64_MIN, INT64_MIN, &value));
    const nt_instrument huge = instrument(0, INT64_MAX, 0, INT64_MAX);
    EXPECT(!nt_notional(&huge, INT64_MAX, INT64_MAX, &value));
    EXPECT(!nt_notional(&huge, INT64_MAX, 2, &value));
    EXPECT_EQ(value, 3);
}

TEST(types, notional_survives_a_product_beyond_64_bits) {
    // 4,000,000 × 1 at 12 decimals each: the product of the integers is 4 × 10^30.
    const nt_instrument fine = instrument(12, 1, 12, 1);
    nt_money value = 0;
    EXPECT(nt_notional(&fine, INT64_C(4000000000000000000), INT64_C(1000000000000), &value));
    EXPECT_EQ(value, INT64_C(400000000000000));
}

TEST(types, notional_agrees_with_long_division) {
    nt_random random = nt_random_seeded(77);
    for (int i = 0; i < 20000; i++) {
        const nt_instrument pair = instrument((uint8_t)nt_random_below(&random, 13), 1,
                                              (uint8_t)nt_random_below(&random, 13), 1);
        const int64_t price = (int64_t)nt_random_below(&random, UINT64_C(1) << 40);
        const int64_t quantity = (int64_t)nt_random_below(&random, UINT64_C(1) << 20);
        unsigned __int128 wanted = (unsigned __int128)price * (unsigned __int128)quantity;
        for (int d = 0; d < NT_MONEY_DECIMALS; d++) wanted *= 10;
        for (int d = 0; d < pair.price_decimals + pair.quantity_decimals; d++) wanted /= 10;
        nt_money value = 0;
        EXPECT_EQ(nt_notional(&pair, price, quantity, &value), wanted <= INT64_MAX);
        if (wanted <= INT64_MAX) EXPECT_EQ(value, (int64_t)wanted);
    }
}

TEST(types, sides_are_opposite_and_signed) {
    EXPECT_EQ(nt_sign(NT_BUY), 1);
    EXPECT_EQ(nt_sign(NT_SELL), -1);
    EXPECT_EQ(nt_opposite(NT_BUY), NT_SELL);
    EXPECT_EQ(nt_opposite(NT_SELL), NT_BUY);
}
