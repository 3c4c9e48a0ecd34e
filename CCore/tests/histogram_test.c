#include "nt/histogram.h"

#include <stdlib.h>

#include "nt/random.h"
#include "test.h"

static nt_histogram *fresh(void) {
    nt_histogram *histogram = NULL;
    nt_histogram_create(&histogram);
    return histogram;
}

TEST(histogram, empty_says_zero_everywhere) {
    nt_histogram *histogram = fresh();
    EXPECT_EQ(nt_histogram_count(histogram), 0);
    EXPECT_EQ(nt_histogram_min(histogram), 0);
    EXPECT_EQ(nt_histogram_max(histogram), 0);
    EXPECT_EQ(nt_histogram_percentile(histogram, 50), 0);
    nt_histogram_destroy(histogram);
}

TEST(histogram, one_value_is_every_percentile) {
    nt_histogram *histogram = fresh();
    nt_histogram_record(histogram, 123456789);
    EXPECT_EQ(nt_histogram_percentile(histogram, 0), 123456789);
    EXPECT_EQ(nt_histogram_percentile(histogram, 50), 123456789);
    EXPECT_EQ(nt_histogram_percentile(histogram, 100), 123456789);
    EXPECT_EQ(nt_histogram_min(histogram), 123456789);
    nt_histogram_destroy(histogram);
}

TEST(histogram, small_values_are_exact) {
    nt_histogram *histogram = fresh();
    for (int64_t value = 1; value <= 200; value++) nt_histogram_record(histogram, value);
    for (int64_t percent = 1; percent <= 100; percent++) {
        EXPECT_EQ(nt_histogram_percentile(histogram, (double)percent), 2 * percent);
    }
    nt_histogram_destroy(histogram);
}

TEST(histogram, tenths_of_a_percent_are_counted_in_whole_numbers) {
    nt_histogram *histogram = fresh();
    for (int i = 0; i < 999; i++) nt_histogram_record(histogram, 1);
    nt_histogram_record(histogram, 100);
    EXPECT_EQ(nt_histogram_percentile(histogram, 99.9), 1);
    EXPECT_EQ(nt_histogram_percentile(histogram, 99.901), 100);
    nt_histogram_destroy(histogram);
}

TEST(histogram, each_value_is_known_within_one_percent) {
    nt_histogram *histogram = fresh();
    for (int bits = 0; bits < 37; bits++) {
        for (int64_t offset = -1; offset <= 1; offset++) {
            const int64_t value = (INT64_C(1) << bits) + offset;
            nt_histogram_reset(histogram);
            nt_histogram_record(histogram, value);
            nt_histogram_record(histogram, NT_HISTOGRAM_LIMIT);
            const int64_t found = nt_histogram_percentile(histogram, 50);
            EXPECT(found >= value && found - value <= value / 100);
        }
    }
    nt_histogram_destroy(histogram);
}

TEST(histogram, values_outside_are_clamped_but_the_maximum_is_exact) {
    nt_histogram *histogram = fresh();
    nt_histogram_record(histogram, -5);
    nt_histogram_record(histogram, INT64_MIN);
    nt_histogram_record(histogram, INT64_MAX);
    EXPECT_EQ(nt_histogram_count(histogram), 3);
    EXPECT_EQ(nt_histogram_min(histogram), 0);
    EXPECT_EQ(nt_histogram_max(histogram), INT64_MAX);
    EXPECT_EQ(nt_histogram_percentile(histogram, 50), 0);
    EXPECT_EQ(nt_histogram_percentile(histogram, 100), INT64_MAX);
    nt_histogram_destroy(histogram);
}

static int compare(const void *a, const void *b) {
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

TEST(histogram, percentiles_agree_with_a_sorted_sample) {
    enum { COUNT = 50000 };
    static int64_t sample[COUNT];
    static const struct {
        double percent;
        int64_t rank;
    } wanted[] = {{0.001, 1},  {1, 500},      {10, 5000},     {50, 25000}, {90, 45000},
                  {99, 49500}, {99.9, 49950}, {99.99, 49995}, {100, COUNT}};
    nt_random random = nt_random_seeded(123);
    nt_histogram *histogram = fresh();
    for (int i = 0; i < COUNT; i++) {
        // Widths from 1 to 36 bits: every doubling gets its share.
        sample[i] = (int64_t)(nt_random_next(&random) >> (28 + nt_random_below(&random, 36)));
        nt_histogram_record(histogram, sample[i]);
    }
    qsort(sample, COUNT, sizeof *sample, compare);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const int64_t exact = sample[wanted[i].rank - 1];
        const int64_t found = nt_histogram_percentile(histogram, wanted[i].percent);
        EXPECT(found >= exact && found - exact <= exact / 100);
    }
    EXPECT_EQ(nt_histogram_min(histogram), sample[0]);
    EXPECT_EQ(nt_histogram_max(histogram), sample[COUNT - 1]);
    EXPECT_EQ(nt_histogram_count(histogram), COUNT);
    nt_histogram_destroy(histogram);
}

TEST(histogram, merge_is_the_same_as_recording_both) {
    nt_histogram *low = fresh(), *high = fresh(), *both = fresh();
    for (int64_t value = 0; value < 1000; value++) {
        nt_histogram_record(low, value);
        nt_histogram_record(high, value * 1000);
        nt_histogram_record(both, value);
        nt_histogram_record(both, value * 1000);
    }
    nt_histogram_merge(low, high);
    EXPECT_EQ(nt_histogram_count(low), 2000);
    EXPECT_EQ(nt_histogram_min(low), 0);
    EXPECT_EQ(nt_histogram_max(low), 999000);
    for (int percent = 0; percent <= 100; percent++) {
        EXPECT_EQ(nt_histogram_percentile(low, percent), nt_histogram_percentile(both, percent));
    }
    nt_histogram_destroy(low);
    nt_histogram_destroy(high);
    nt_histogram_destroy(both);
}

TEST(histogram, snapshot_replaces_and_stays_when_the_original_goes_on) {
    nt_histogram *live = fresh(), *snapshot = fresh();
    nt_histogram_record(snapshot, 7);
    nt_histogram_record(live, 1000);
    nt_histogram_snapshot(live, snapshot);
    nt_histogram_record(live, 5000);
    EXPECT_EQ(nt_histogram_count(snapshot), 1);
    EXPECT_EQ(nt_histogram_min(snapshot), 1000);
    EXPECT_EQ(nt_histogram_max(snapshot), 1000);
    EXPECT_EQ(nt_histogram_count(live), 2);
    nt_histogram_destroy(live);
    nt_histogram_destroy(snapshot);
}

TEST(histogram, reset_forgets) {
    nt_histogram *histogram = fresh();
    nt_histogram_record(histogram, 5);
    nt_histogram_reset(histogram);
    EXPECT_EQ(nt_histogram_count(histogram), 0);
    EXPECT_EQ(nt_histogram_max(histogram), 0);
    nt_histogram_record(histogram, 9);
    EXPECT_EQ(nt_histogram_min(histogram), 9);
    nt_histogram_destroy(histogram);
}
