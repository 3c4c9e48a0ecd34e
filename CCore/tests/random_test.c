#include "nt/random.h"

#include "test.h"

TEST(random, first_numbers_of_a_state_match_the_published_algorithm) {
    // Worked by hand from the definition: rotl(1 + 4, 23) + 1, and so on.
    nt_random random = {{1, 2, 3, 4}};
    EXPECT_EQ(nt_random_next(&random), (UINT64_C(5) << 23) + 1);
    EXPECT_EQ(random.state[0], 7);
    EXPECT_EQ(random.state[1], 0);
    EXPECT_EQ(random.state[2], 2 ^ (2u << 17));
    EXPECT_EQ(random.state[3], UINT64_C(6) << 45);
}

TEST(random, seed_fills_the_state_by_split_mix) {
    // The first output of SplitMix64 from 0.
    const nt_random random = nt_random_seeded(0);
    EXPECT_EQ(random.state[0], UINT64_C(0xe220a8397b1dcdaf));
}

TEST(random, same_seed_gives_the_same_numbers) {
    nt_random a = nt_random_seeded(42), b = nt_random_seeded(42), other = nt_random_seeded(43);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        const uint64_t number = nt_random_next(&a);
        EXPECT_EQ(number, nt_random_next(&b));
        differs |= number != nt_random_next(&other);
    }
    EXPECT(differs);
}

TEST(random, copy_forks_the_stream) {
    nt_random a = nt_random_seeded(1);
    nt_random_next(&a);
    nt_random b = a;
    EXPECT_EQ(nt_random_next(&a), nt_random_next(&b));
}

TEST(random, two_system_streams_differ) {
    nt_random a = nt_random_system(), b = nt_random_system();
    EXPECT(nt_random_next(&a) != nt_random_next(&b));
}

TEST(random, below_stays_below_and_reaches_every_value) {
    nt_random random = nt_random_seeded(9);
    uint32_t seen[7] = {0};
    for (int i = 0; i < 70000; i++) {
        const uint64_t value = nt_random_below(&random, 7);
        EXPECT(value < 7);
        seen[value]++;
    }
    for (int i = 0; i < 7; i++) EXPECT(seen[i] > 9500 && seen[i] < 10500);
    EXPECT_EQ(nt_random_below(&random, 1), 0);
}

TEST(random, below_has_no_bias_for_a_huge_bound) {
    // With plain remainders the lower third would be drawn twice as often.
    nt_random random = nt_random_seeded(10);
    const uint64_t third = UINT64_C(1) << 62;
    uint32_t low = 0;
    for (int i = 0; i < 30000; i++) low += nt_random_below(&random, 3 * third) < third;
    EXPECT(low > 9600 && low < 10400);
}
