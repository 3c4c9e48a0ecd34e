#include "nt/spsc.h"

#include "nt/random.h"
#include "test.h"

typedef struct {
    uint64_t number;
    uint32_t copy;
} item;

static nt_spsc *fresh(uint32_t capacity) {
    nt_spsc *ring = NULL;
    nt_spsc_create(capacity, sizeof(item), &ring);
    return ring;
}

static nt_status push(nt_spsc *ring, uint64_t number) {
    const item value = {number, (uint32_t)number};
    return nt_spsc_push(ring, &value);
}

/// The oldest number, or UINT64_MAX when there is none or it is damaged.
static uint64_t pop(nt_spsc *ring) {
    item value;
    if (nt_spsc_pop(ring, &value) != NT_OK || value.copy != (uint32_t)value.number) {
        return UINT64_MAX;
    }
    return value.number;
}

TEST(spsc, refuses_sizes_that_cannot_be) {
    nt_spsc *ring = NULL;
    EXPECT_EQ(nt_spsc_create(0, 8, &ring), NT_INVALID);
    EXPECT_EQ(nt_spsc_create(3, 8, &ring), NT_INVALID);
    EXPECT_EQ(nt_spsc_create(8, 0, &ring), NT_INVALID);
    EXPECT_EQ(nt_spsc_create(8, UINT32_MAX, &ring), NT_INVALID);
    EXPECT(ring == NULL);
    nt_spsc_destroy(NULL);
}

TEST(spsc, gives_items_back_in_order) {
    nt_spsc *ring = fresh(4);
    for (uint64_t i = 0; i < 4; i++) EXPECT_EQ(push(ring, i), NT_OK);
    for (uint64_t i = 0; i < 4; i++) EXPECT_EQ(pop(ring), i);
    nt_spsc_destroy(ring);
}

TEST(spsc, holds_exactly_its_capacity) {
    nt_spsc *ring = fresh(2);
    EXPECT_EQ(push(ring, 1), NT_OK);
    EXPECT_EQ(push(ring, 2), NT_OK);
    EXPECT_EQ(push(ring, 3), NT_FULL);
    EXPECT(nt_spsc_claim(ring) == NULL);
    EXPECT_EQ(nt_spsc_count(ring), 2);
    EXPECT_EQ(pop(ring), 1);
    EXPECT_EQ(push(ring, 4), NT_OK);
    EXPECT_EQ(pop(ring), 2);
    EXPECT_EQ(pop(ring), 4);
    nt_spsc_destroy(ring);
}

TEST(spsc, empty_has_nothing_to_pop_peek_or_drain) {
    nt_spsc *ring = fresh(1);
    item value;
    EXPECT_EQ(nt_spsc_pop(ring, &value), NT_EMPTY);
    EXPECT(nt_spsc_peek(ring) == NULL);
    EXPECT_EQ(nt_spsc_drain(ring, &value, 1), 0);
    EXPECT_EQ(nt_spsc_count(ring), 0);
    nt_spsc_destroy(ring);
}

TEST(spsc, claimed_slot_is_seen_only_after_commit) {
    nt_spsc *ring = fresh(2);
    item *slot = nt_spsc_claim(ring);
    EXPECT(slot != NULL && (uintptr_t)slot % 8 == 0);
    *slot = (item){5, 5};
    EXPECT(nt_spsc_peek(ring) == NULL);
    EXPECT(nt_spsc_claim(ring) == slot);
    nt_spsc_commit(ring);
    const item *seen = nt_spsc_peek(ring);
    EXPECT(seen == slot && seen->number == 5);
    EXPECT(nt_spsc_peek(ring) == seen);
    nt_spsc_release(ring);
    EXPECT(nt_spsc_peek(ring) == NULL);
    nt_spsc_destroy(ring);
}

TEST(spsc, drain_takes_at_most_its_limit_across_the_wrap) {
    nt_spsc *ring = fresh(4);
    item items[4];
    for (uint64_t i = 0; i < 3; i++) push(ring, i);
    EXPECT_EQ(nt_spsc_drain(ring, items, 2), 2);
    for (uint64_t i = 3; i < 6; i++) EXPECT_EQ(push(ring, i), NT_OK);
    // The tail that the consumer knows is still the old one: one item, then the rest.
    EXPECT_EQ(nt_spsc_drain(ring, items, 4), 1);
    EXPECT_EQ(items[0].number, 2);
    EXPECT_EQ(nt_spsc_drain(ring, items, 4), 3);
    EXPECT_EQ(items[0].number, 3);
    EXPECT_EQ(items[2].number, 5);
    EXPECT_EQ(items[2].copy, 5);
    nt_spsc_destroy(ring);
}

TEST(spsc, odd_item_sizes_do_not_touch_each_other) {
    nt_spsc *ring = NULL;
    EXPECT_EQ(nt_spsc_create(2, 3, &ring), NT_OK);
    EXPECT_EQ(nt_spsc_push(ring, "abc"), NT_OK);
    EXPECT_EQ(nt_spsc_push(ring, "def"), NT_OK);
    char both[7] = {0};
    EXPECT_EQ(nt_spsc_drain(ring, both, 2), 2);
    EXPECT_TEXT(both, "abcdef");
    nt_spsc_destroy(ring);
}

TEST(spsc, agrees_with_two_counters_over_random_steps) {
    nt_random random = nt_random_seeded(11);
    nt_spsc *ring = fresh(8);
    uint64_t pushed = 0, popped = 0;
    for (int i = 0; i < 100000; i++) {
        if (nt_random_below(&random, 2) == 0) {
            EXPECT_EQ(push(ring, pushed), pushed - popped == 8 ? NT_FULL : NT_OK);
            pushed += pushed - popped < 8;
        } else if (pushed == popped) {
            EXPECT_EQ(pop(ring), UINT64_MAX);
        } else {
            EXPECT_EQ(pop(ring), popped++);
        }
        EXPECT_EQ(nt_spsc_count(ring), pushed - popped);
    }
    nt_spsc_destroy(ring);
}
