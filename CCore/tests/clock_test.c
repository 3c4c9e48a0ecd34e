#include "nt/clock.h"

#include "test.h"

TEST(clock, system_monotonic_never_goes_back) {
    const nt_clock clock = nt_clock_system();
    int64_t before = nt_now(&clock);
    EXPECT(before > 0);
    for (int i = 0; i < 1000; i++) {
        const int64_t now = nt_now(&clock);
        EXPECT(now >= before);
        before = now;
    }
}

TEST(clock, system_wall_is_utc_of_this_age) {
    const nt_clock clock = nt_clock_system();
    const int64_t start_of_2024 = INT64_C(1704067200) * 1000000000;
    EXPECT(nt_wall(&clock) > start_of_2024);
}

TEST(clock, manual_stands_still_until_set) {
    nt_manual_time time = {.monotonic_ns = 5, .wall_ns = 7};
    const nt_clock clock = nt_clock_manual(&time);
    EXPECT_EQ(nt_now(&clock), 5);
    EXPECT_EQ(nt_now(&clock), 5);
    EXPECT_EQ(nt_wall(&clock), 7);
    time.monotonic_ns = 6;
    EXPECT_EQ(nt_now(&clock), 6);
    EXPECT_EQ(nt_wall(&clock), 7);
}
