// histogram_stress.c — snapshots of a histogram that is recording.
#include <pthread.h>
#include <stdatomic.h>

#include "../test.h"
#include "nt/histogram.h"
#include "stress.h"

enum { RECORD_COUNT = 5000000, LOOK_EVERY = 1024, SMALLEST = 100, SPREAD = 1000 };

typedef struct {
    nt_histogram *histogram;
    uint64_t recorded;
    _Atomic bool ended;
} recorder;

static void *record_values(void *argument) {
    recorder *self = argument;
    const int64_t deadline = stress_deadline();
    for (int64_t i = 0; i < RECORD_COUNT; i++) {
        if (i % LOOK_EVERY == 0 && stress_is_over(deadline)) break;
        nt_histogram_record(self->histogram, SMALLEST + i % SPREAD);
        self->recorded++;
    }
    // Release: `recorded` is final. Pairs with the acquire in the test.
    atomic_store_explicit(&self->ended, true, memory_order_release);
    return NULL;
}

TEST(histogram_stress, snapshots_only_grow_and_the_last_is_complete) {
    recorder writer = {.recorded = 0};
    nt_histogram *snapshot = NULL;
    EXPECT_EQ(nt_histogram_create(&writer.histogram), NT_OK);
    EXPECT_EQ(nt_histogram_create(&snapshot), NT_OK);
    pthread_t thread;
    EXPECT_EQ(pthread_create(&thread, NULL, record_values, &writer), 0);
    uint64_t last = 0, wrong = 0;
    bool ended = false;
    while (!ended) {
        // Acquire: pairs with the release in record_values.
        ended = atomic_load_explicit(&writer.ended, memory_order_acquire);
        nt_histogram_snapshot(writer.histogram, snapshot);
        const uint64_t count = nt_histogram_count(snapshot);
        const int64_t median = nt_histogram_percentile(snapshot, 50);
        wrong += count < last;
        wrong += median != 0 && (median < SMALLEST || median > SMALLEST + SPREAD);
        last = count;
        stress_wait();
    }
    pthread_join(thread, NULL);
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(last, writer.recorded);
    EXPECT_EQ(nt_histogram_min(snapshot), SMALLEST);
    nt_histogram_destroy(writer.histogram);
    nt_histogram_destroy(snapshot);
}
