// position_test.c — average cost by hand, then by its one law on random trades.
#include "nt/position.h"

#include "nt/random.h"
#include "test.h"

// 1 tick = 0.01, 1 lot = 0.001: 1 tick × 1 lot = 1,000 units of 1e-8.
static const nt_instrument instrument = {.symbol = "AAABBB",
                                         .base = "AAA",
                                         .quote = "BBB",
                                         .price_decimals = 2,
                                         .quantity_decimals = 3,
                                         .tick_units = 1,
                                         .lot_units = 1};
enum { UNIT = 1000 };

static nt_status trade(nt_position *position, nt_side side, int64_t price, int64_t quantity) {
    return nt_position_fill(position, &instrument, side, price, quantity, 0, "BBB");
}

TEST(position, closing_realises_the_average_cost) {
    nt_position position = {0};
    EXPECT_EQ(trade(&position, NT_BUY, 100, 10), NT_OK);
    EXPECT_EQ(trade(&position, NT_BUY, 130, 20), NT_OK);
    EXPECT_EQ(position.lots, 30);
    EXPECT_EQ(position.cost, (1000 + 2600) * UNIT);
    EXPECT_EQ(nt_position_average(&position, &instrument), 120 * INT64_C(1000000));
    EXPECT_EQ(trade(&position, NT_SELL, 150, 10), NT_OK);
    EXPECT_EQ(position.realised, 10 * 30 * UNIT);
    EXPECT_EQ(position.cost, 20 * 120 * UNIT);
    EXPECT_EQ(nt_position_unrealised(&position, &instrument, 110), -20 * 10 * UNIT);
    EXPECT_EQ(trade(&position, NT_SELL, 120, 20), NT_OK);
    EXPECT_EQ(position.lots, 0);
    EXPECT_EQ(position.cost, 0);
    EXPECT_EQ(position.realised, 10 * 30 * UNIT);
    EXPECT_EQ(position.bought, 30);
    EXPECT_EQ(position.sold, 30);
    EXPECT_EQ(position.fills, 4);
    EXPECT_EQ(nt_position_average(&position, &instrument), 0);
    EXPECT_EQ(nt_position_unrealised(&position, &instrument, 110), 0);
}

TEST(position, a_short_earns_when_the_price_falls) {
    nt_position position = {0};
    EXPECT_EQ(trade(&position, NT_SELL, 200, 10), NT_OK);
    EXPECT_EQ(position.lots, -10);
    EXPECT_EQ(position.cost, -2000 * UNIT);
    EXPECT_EQ(nt_position_average(&position, &instrument), 200 * INT64_C(1000000));
    EXPECT_EQ(nt_position_unrealised(&position, &instrument, 150), 500 * UNIT);
    EXPECT_EQ(trade(&position, NT_BUY, 170, 4), NT_OK);
    EXPECT_EQ(position.realised, 120 * UNIT);
    EXPECT_EQ(position.cost, -1200 * UNIT);
    EXPECT_EQ(nt_position_sellable(&position, &instrument), 0);
}

TEST(position, a_trade_may_turn_it) {
    nt_position position = {0};
    EXPECT_EQ(trade(&position, NT_BUY, 100, 10), NT_OK);
    EXPECT_EQ(trade(&position, NT_SELL, 120, 25), NT_OK);
    EXPECT_EQ(position.lots, -15);
    EXPECT_EQ(position.realised, 200 * UNIT);
    EXPECT_EQ(position.cost, -15 * 120 * UNIT);
    EXPECT_EQ(position.bought, 10);
    EXPECT_EQ(position.sold, 25);
    EXPECT_EQ(trade(&position, NT_BUY, 100, 16), NT_OK);
    EXPECT_EQ(position.lots, 1);
    EXPECT_EQ(position.realised, (200 + 300) * UNIT);
    EXPECT_EQ(position.cost, 100 * UNIT);
}

TEST(position, fees_are_kept_by_their_asset) {
    nt_position position = {0};
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 100, 10, 70, "BBB"), NT_OK);
    EXPECT_EQ(position.fees, 70);
    // 3e-8 of the base at 1.00: the value is rounded up, never down.
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 150, 10, 3, "AAA"), NT_OK);
    EXPECT_EQ(position.base_fees, 3);
    EXPECT_EQ(position.fees, 70 + 5);
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 150, 10, 11, "CCC"), NT_OK);
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 150, 10, 1, ""), NT_OK);
    EXPECT_EQ(position.other_fees, 12);
    EXPECT_EQ(position.fees, 75);
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 150, 10, -5, "BBB"), NT_OK);
    EXPECT_EQ(position.fees, 70);
    char unterminated[12] = {'B', 'B', 'B', '\0', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x'};
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 150, 10, 5, unterminated), NT_OK);
    EXPECT_EQ(position.fees, 75);
    EXPECT_EQ(position.realised, 0);
}

TEST(position, base_fees_take_from_what_can_be_sold) {
    nt_position position = {0};
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 100, 10, 100000, "AAA"), NT_OK);
    EXPECT_EQ(nt_position_sellable(&position, &instrument), 9); // The fee is one lot exactly,
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 100, 10, 1, "AAA"), NT_OK);
    EXPECT_EQ(nt_position_sellable(&position, &instrument), 18); // and now a whole lot more.
    position.base_fees = -1;
    EXPECT_EQ(nt_position_sellable(&position, &instrument), 20);
    position.base_fees = INT64_MAX;
    EXPECT_EQ(nt_position_sellable(&position, &instrument), 0);
    nt_instrument fine = instrument;
    fine.quantity_decimals = 10;
    position.base_fees = 1; // A hundred of its lots.
    position.lots = 150;
    EXPECT_EQ(nt_position_sellable(&position, &fine), 50);
}

TEST(position, what_does_not_fit_leaves_it_untouched) {
    nt_position position = {0};
    EXPECT_EQ(trade(&position, NT_BUY, 100, 10), NT_OK);
    const nt_position before = position;
    EXPECT_EQ(trade(&position, NT_BUY, INT64_MAX, 10), NT_OVERFLOW);
    EXPECT_EQ(trade(&position, NT_BUY, 1, INT64_MAX), NT_OVERFLOW);
    EXPECT_EQ(
        nt_position_fill(&position, &instrument, NT_BUY, INT64_C(1) << 40, 1, INT64_MAX, "AAA"),
        NT_OVERFLOW);
    EXPECT_EQ(trade(&position, NT_BUY, 0, 10), NT_INVALID);
    EXPECT_EQ(trade(&position, NT_BUY, -1, 10), NT_INVALID);
    EXPECT_EQ(trade(&position, NT_BUY, 100, 0), NT_INVALID);
    EXPECT_EQ(trade(&position, 2, 100, 1), NT_INVALID);
    EXPECT_EQ(memcmp(&before, &position, sizeof before), 0);
    nt_position paid = {.fees = INT64_MAX};
    EXPECT_EQ(nt_position_fill(&paid, &instrument, NT_BUY, 100, 1, 1, "BBB"), NT_OVERFLOW);
    EXPECT_EQ(paid.lots, 0);
    nt_instrument coarse = instrument;
    coarse.tick_units = INT64_MAX;
    EXPECT_EQ(nt_position_fill(&paid, &coarse, NT_BUY, 2, 1, 1, "AAA"), NT_OVERFLOW);
    nt_position rich = {.lots = 10, .realised = INT64_MAX};
    EXPECT_EQ(trade(&rich, NT_SELL, 1, 10), NT_OVERFLOW);
    EXPECT_EQ(rich.lots, 10);
    nt_position large = {.lots = INT64_MAX, .cost = INT64_MAX};
    EXPECT_EQ(nt_position_unrealised(&large, &instrument, INT64_MAX), 0);
    large.lots = INT64_MIN;
    EXPECT_EQ(nt_position_unrealised(&large, &instrument, INT64_MAX), INT64_MIN);
    EXPECT(nt_position_average(&large, &instrument) > 0);
}

/// Odd ticks and lots, so that values are rounded.
static nt_instrument odd_instrument(nt_random *random) {
    nt_instrument odd = instrument;
    odd.price_decimals = (uint8_t)nt_random_below(random, 9);
    odd.quantity_decimals = (uint8_t)nt_random_below(random, 9);
    odd.tick_units = 1 + (int64_t)nt_random_below(random, 50);
    odd.lot_units = 1 + (int64_t)nt_random_below(random, 50);
    return odd;
}

TEST(position, realised_less_cost_is_the_money_that_moved) {
    nt_random random = nt_random_seeded(5);
    for (uint32_t round = 0; round < 200; round++) {
        const nt_instrument odd = odd_instrument(&random);
        nt_position position = {0};
        int64_t lots = 0;
        nt_money cash = 0;
        for (uint32_t i = 0; i < 500; i++) {
            const nt_side side = (nt_side)nt_random_below(&random, 2);
            const int64_t price = 1 + (int64_t)nt_random_below(&random, 300);
            const int64_t quantity = 1 + (int64_t)nt_random_below(&random, 40);
            nt_money value = 0;
            EXPECT(nt_notional(&odd, price, quantity, &value));
            EXPECT_EQ(nt_position_fill(&position, &odd, side, price, quantity, 0, ""), NT_OK);
            lots += nt_sign(side) * quantity;
            cash -= nt_sign(side) * value;
            EXPECT_EQ(position.lots, lots);
            EXPECT_EQ(position.realised - position.cost, cash);
            EXPECT((lots > 0) ? position.cost >= 0 : position.cost <= 0);
            EXPECT(lots != 0 || position.cost == 0);
        }
    }
}

/// A trade that no sum may overflow by; each of these does, in another place.
TEST(position, a_trade_that_does_not_fit_changes_nothing) {
    const struct {
        nt_position before;
        nt_side side;
        int64_t price, quantity, fee;
        const char *asset;
    } cases[] = {
        {{.lots = 1, .cost = INT64_MAX - 10}, NT_BUY, 1, 1, 0, "BBB"},
        {{.lots = -1, .cost = INT64_MIN + 10}, NT_SELL, 1, 1, 0, "BBB"},
        {{.lots = INT64_MAX - 1}, NT_BUY, 1, 10, 0, "BBB"},
        {{.lots = INT64_MIN + 1}, NT_SELL, 1, 10, 0, "BBB"},
        {{.lots = 10, .realised = INT64_MAX - 1}, NT_SELL, 100, 5, 0, "BBB"},
        {{.lots = -10, .realised = INT64_MIN + 1}, NT_BUY, 100, 5, 0, "BBB"},
        {{.bought = INT64_MAX}, NT_BUY, 1, 1, 0, "BBB"},
        {{.sold = INT64_MAX}, NT_SELL, 1, 1, 0, "BBB"},
        {{.fees = INT64_MAX}, NT_BUY, 1, 1, 1, "BBB"},
        {{.other_fees = INT64_MAX}, NT_BUY, 1, 1, 1, "CCC"},
        {{.base_fees = INT64_MAX}, NT_BUY, 1, 1, 1, "AAA"},
        {{.fees = INT64_MAX}, NT_BUY, 1, 1, 1, "AAA"},
        {{0}, NT_BUY, INT64_MAX, INT64_MAX, 0, "BBB"},
        {{.lots = -1}, NT_BUY, INT64_MAX, 1, 0, "BBB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nt_position position = cases[i].before;
        const nt_status status =
            nt_position_fill(&position, &instrument, cases[i].side, cases[i].price,
                             cases[i].quantity, cases[i].fee, cases[i].asset);
        if (status != NT_OVERFLOW) nt_test_fail(__FILE__, __LINE__, "case %zu fits", i);
        EXPECT_EQ(memcmp(&position, &cases[i].before, sizeof position), 0);
    }
    nt_position position = {.lots = 1, .cost = INT64_MAX - 10};
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_BUY, 1, 1, -1, "BBB"), NT_OVERFLOW);
    EXPECT_EQ(nt_position_fill(&position, &instrument, NT_SELL, 1, 1, 0, "BBB"), NT_OK);
    EXPECT_EQ(position.cost, 0);
    EXPECT_EQ(position.realised, UNIT - (INT64_MAX - 10));
}
