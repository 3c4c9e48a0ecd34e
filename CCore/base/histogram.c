// histogram.c — log-linear buckets, written by one thread with plain adds.
//
// Each counter is an atomic that only its writer changes, by a relaxed load and a relaxed store:
// the same machine code as a plain add, yet another thread may read it. There is no separate
// total, so a snapshot is never inconsistent with itself: it counts what its buckets hold.
#include "nt/histogram.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    SUB_BITS = 7,
    SUB_COUNT = 1 << SUB_BITS,
    LIMIT_BITS = 37,
    BUCKET_COUNT = (LIMIT_BITS - SUB_BITS + 1) * SUB_COUNT,
    PERCENT_STEPS = 100 * 1000,
};

_Static_assert(NT_HISTOGRAM_LIMIT == (INT64_C(1) << LIMIT_BITS) - 1, "the buckets reach the limit");

struct nt_histogram {
    _Atomic int64_t min, max; ///< INT64_MAX and 0 while nothing is counted.
    _Atomic uint64_t buckets[BUCKET_COUNT];
};

/// A value's leading SUB_BITS + 1 bits, shifted so that buckets follow each other without gaps.
static uint32_t bucket_of(uint64_t value) {
    if (value < SUB_COUNT) return (uint32_t)value;
    const uint32_t shift = 63 - SUB_BITS - (uint32_t)__builtin_clzll(value);
    return shift * SUB_COUNT + (uint32_t)(value >> shift);
}

/// The largest value that falls into a bucket.
static int64_t bucket_top(uint32_t bucket) {
    if (bucket < SUB_COUNT) return bucket;
    const uint32_t shift = bucket / SUB_COUNT - 1;
    const int64_t leading = SUB_COUNT + bucket % SUB_COUNT;
    return ((leading + 1) << shift) - 1;
}

// Relaxed throughout: counters carry no other data with them, so they order nothing.

static uint64_t load_bucket(const nt_histogram *histogram, uint32_t bucket) {
    return atomic_load_explicit(&histogram->buckets[bucket], memory_order_relaxed);
}

static void store_bucket(nt_histogram *histogram, uint32_t bucket, uint64_t count) {
    atomic_store_explicit(&histogram->buckets[bucket], count, memory_order_relaxed);
}

static int64_t load_value(const _Atomic int64_t *value) {
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void widen(nt_histogram *histogram, int64_t min, int64_t max) {
    if (min < load_value(&histogram->min)) {
        atomic_store_explicit(&histogram->min, min, memory_order_relaxed);
    }
    if (max > load_value(&histogram->max)) {
        atomic_store_explicit(&histogram->max, max, memory_order_relaxed);
    }
}

nt_status nt_histogram_create(nt_histogram **out) {
    nt_histogram *histogram = malloc(sizeof *histogram);
    if (histogram == NULL) return NT_NO_MEMORY;
    nt_histogram_reset(histogram); // Touches every page, so that recording never faults.
    *out = histogram;
    return NT_OK;
}

void nt_histogram_destroy(nt_histogram *histogram) { free(histogram); }

void nt_histogram_record(nt_histogram *histogram, int64_t value_ns) {
    const int64_t value = value_ns < 0 ? 0 : value_ns;
    const int64_t counted = value > NT_HISTOGRAM_LIMIT ? NT_HISTOGRAM_LIMIT : value;
    const uint32_t bucket = bucket_of((uint64_t)counted);
    store_bucket(histogram, bucket, load_bucket(histogram, bucket) + 1);
    widen(histogram, value, value);
}

void nt_histogram_reset(nt_histogram *histogram) {
    atomic_store_explicit(&histogram->min, INT64_MAX, memory_order_relaxed);
    atomic_store_explicit(&histogram->max, 0, memory_order_relaxed);
    for (uint32_t i = 0; i < BUCKET_COUNT; i++) store_bucket(histogram, i, 0);
}

void nt_histogram_snapshot(const nt_histogram *histogram, nt_histogram *out) {
    nt_histogram_reset(out);
    nt_histogram_merge(out, histogram);
}

void nt_histogram_merge(nt_histogram *into, const nt_histogram *from) {
    for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
        const uint64_t count = load_bucket(from, i);
        if (count != 0) store_bucket(into, i, load_bucket(into, i) + count);
    }
    widen(into, load_value(&from->min), load_value(&from->max));
}

uint64_t nt_histogram_count(const nt_histogram *histogram) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < BUCKET_COUNT; i++) count += load_bucket(histogram, i);
    return count;
}

int64_t nt_histogram_min(const nt_histogram *histogram) {
    const int64_t min = load_value(&histogram->min);
    return min == INT64_MAX ? 0 : min;
}

int64_t nt_histogram_max(const nt_histogram *histogram) { return load_value(&histogram->max); }

/// Place of the wanted value in the sorted values, 1 … count. Whole numbers, because 99.9 % of
/// 1,000 must be the 999th, which it is not in binary fractions.
static uint64_t rank_of(double percent, uint64_t count) {
    NT_ASSERT(percent >= 0 && percent <= 100);
    const uint64_t steps = (uint64_t)(percent * (PERCENT_STEPS / 100) + 0.5);
    const unsigned __int128 scaled = (unsigned __int128)count * steps;
    const uint64_t rank = (uint64_t)((scaled + PERCENT_STEPS - 1) / PERCENT_STEPS);
    return rank == 0 ? 1 : rank;
}

int64_t nt_histogram_percentile(const nt_histogram *histogram, double percent) {
    const uint64_t count = nt_histogram_count(histogram);
    const int64_t max = nt_histogram_max(histogram);
    if (count == 0) return 0;
    uint64_t left = rank_of(percent, count);
    for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
        const uint64_t here = load_bucket(histogram, i);
        if (here >= left) {
            // The last bucket also holds everything beyond the limit.
            const int64_t top = i == BUCKET_COUNT - 1 ? max : bucket_top(i);
            return top < max ? top : max;
        }
        left -= here;
    }
    return max; // Only when a reset ran meanwhile.
}
