// bytes_ring_stress.c — records of changing length from one thread to another.
#include <pthread.h>

#include "../test.h"
#include "nt/bytes_ring.h"
#include "stress.h"

enum { CAPACITY = 4096, RECORD_COUNT = 1500000, LONGEST = 500, LOOK_EVERY = 1024 };

/// Lengths and contents follow from the record's number; 8 … LONGEST bytes.
static uint32_t length_of(uint64_t number) { return 8 + (uint32_t)(number * 7919 % (LONGEST - 7)); }

static void fill(uint8_t *record, uint64_t number) {
    memcpy(record, &number, sizeof number);
    memset(record + 8, (uint8_t)number, length_of(number) - 8);
}

static bool is_whole(const uint8_t *record, uint32_t length, uint64_t number) {
    uint64_t found;
    memcpy(&found, record, sizeof found);
    if (found != number || length != length_of(number)) return false;
    for (uint32_t i = 8; i < length; i++) {
        if (record[i] != (uint8_t)number) return false;
    }
    return true;
}

/// Writes records 1, 2, 3 …; an empty one ends. Some claims are larger than what is committed.
static void *produce(void *argument) {
    nt_bytes_ring *ring = argument;
    const int64_t deadline = stress_deadline();
    for (uint64_t number = 1; number <= RECORD_COUNT; number++) {
        if (number % LOOK_EVERY == 0 && stress_is_over(deadline)) break;
        const uint32_t length = length_of(number);
        uint8_t *room;
        while ((room = nt_bytes_ring_claim(ring, number % 3 == 0 ? LONGEST : length)) == NULL) {
            stress_wait();
        }
        fill(room, number);
        nt_bytes_ring_commit(ring, length);
    }
    while (nt_bytes_ring_push(ring, NULL, 0) != NT_OK) stress_wait();
    return NULL;
}

TEST(bytes_ring_stress, every_record_arrives_once_in_order_and_whole) {
    nt_bytes_ring *ring = NULL;
    EXPECT_EQ(nt_bytes_ring_create(CAPACITY, &ring), NT_OK);
    pthread_t producer;
    EXPECT_EQ(pthread_create(&producer, NULL, produce, ring), 0);
    uint64_t number = 1, wrong = 0;
    bool ended = false;
    while (!ended) {
        uint32_t length = 0;
        const uint8_t *record = nt_bytes_ring_peek(ring, &length);
        if (record == NULL) {
            stress_wait();
            continue;
        }
        ended = length == 0;
        wrong += !ended && !is_whole(record, length, number);
        number += !ended;
        nt_bytes_ring_release(ring);
        wrong += nt_bytes_ring_used(ring) > CAPACITY;
    }
    pthread_join(producer, NULL);
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(nt_bytes_ring_used(ring), 0);
    EXPECT(number > LOOK_EVERY);
    nt_bytes_ring_destroy(ring);
}
