// spsc_stress.c — two threads through one small ring: every item once, in order, in one piece.
#include <pthread.h>

#include "../test.h"
#include "nt/random.h"
#include "nt/spsc.h"
#include "stress.h"

enum { CAPACITY = 64, ITEM_COUNT = 3000000, WORDS = 7, LOOK_EVERY = 1024 };

typedef struct {
    uint64_t number;
    uint64_t words[WORDS]; ///< Each follows from the number: a torn item does not add up.
} item;

static void fill(item *out, uint64_t number) {
    out->number = number;
    for (uint64_t i = 0; i < WORDS; i++) out->words[i] = number * 31 + i;
}

static bool is_whole(const item *seen) {
    for (uint64_t i = 0; i < WORDS; i++) {
        if (seen->words[i] != seen->number * 31 + i) return false;
    }
    return true;
}

/// Pushes numbers from 1 by turns with push and with claim and commit; the last one is 0.
static void *produce(void *argument) {
    nt_spsc *ring = argument;
    const int64_t deadline = stress_deadline();
    item value;
    for (uint64_t number = 1; number <= ITEM_COUNT; number++) {
        if (number % LOOK_EVERY == 0 && stress_is_over(deadline)) break;
        if (number % 2 == 0) {
            fill(&value, number);
            while (nt_spsc_push(ring, &value) != NT_OK) stress_wait();
            continue;
        }
        item *slot;
        while ((slot = nt_spsc_claim(ring)) == NULL) stress_wait();
        fill(slot, number);
        nt_spsc_commit(ring);
    }
    fill(&value, 0);
    while (nt_spsc_push(ring, &value) != NT_OK) stress_wait();
    return NULL;
}

/// Takes some items by pop, peek or drain, as the random number says. Returns how many. A peeked
/// one is also read in place, because some thread sanitizers do not look into a copy.
static uint32_t consume(nt_spsc *ring, nt_random *random, item *items, uint32_t limit,
                        uint64_t *torn) {
    const uint64_t way = nt_random_below(random, 3);
    if (way == 0) return nt_spsc_pop(ring, items) == NT_OK ? 1 : 0;
    if (way == 1) return nt_spsc_drain(ring, items, 1 + (uint32_t)nt_random_below(random, limit));
    const item *seen = nt_spsc_peek(ring);
    if (seen == NULL) return 0;
    *torn += !is_whole(seen);
    items[0] = *seen;
    nt_spsc_release(ring);
    return 1;
}

TEST(spsc_stress, every_item_arrives_once_in_order_and_whole) {
    nt_spsc *ring = NULL;
    EXPECT_EQ(nt_spsc_create(CAPACITY, sizeof(item), &ring), NT_OK);
    pthread_t producer;
    EXPECT_EQ(pthread_create(&producer, NULL, produce, ring), 0);
    nt_random random = nt_random_seeded(1);
    item items[2 * CAPACITY];
    uint64_t wanted = 1, torn = 0, misplaced = 0;
    bool ended = false;
    while (!ended) {
        const uint32_t count = consume(ring, &random, items, 2 * CAPACITY, &torn);
        if (count == 0) stress_wait();
        for (uint32_t i = 0; i < count; i++) {
            torn += !is_whole(&items[i]);
            ended = items[i].number == 0;
            misplaced += !ended && items[i].number != wanted;
            wanted += !ended;
        }
        misplaced += nt_spsc_count(ring) > CAPACITY;
    }
    pthread_join(producer, NULL);
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(misplaced, 0);
    EXPECT_EQ(nt_spsc_count(ring), 0);
    EXPECT(wanted > LOOK_EVERY);
    nt_spsc_destroy(ring);
}
