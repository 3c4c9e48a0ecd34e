#include "nt/bytes_ring.h"

#include "nt/random.h"
#include "test.h"

static nt_bytes_ring *fresh(uint32_t capacity) {
    nt_bytes_ring *ring = NULL;
    nt_bytes_ring_create(capacity, &ring);
    return ring;
}

/// The oldest record as text, removed; "(none)" when empty.
static const char *take(nt_bytes_ring *ring) {
    static char text[512];
    uint32_t length = 0;
    const uint8_t *record = nt_bytes_ring_peek(ring, &length);
    if (record == NULL) return "(none)";
    memcpy(text, record, length);
    text[length] = 0;
    nt_bytes_ring_release(ring);
    return text;
}

static nt_status push(nt_bytes_ring *ring, const char *text) {
    return nt_bytes_ring_push(ring, text, (uint32_t)strlen(text));
}

TEST(bytes_ring, refuses_capacities_that_cannot_be) {
    nt_bytes_ring *ring = NULL;
    EXPECT_EQ(nt_bytes_ring_create(0, &ring), NT_INVALID);
    EXPECT_EQ(nt_bytes_ring_create(32, &ring), NT_INVALID);
    EXPECT_EQ(nt_bytes_ring_create(96, &ring), NT_INVALID);
    EXPECT_EQ(nt_bytes_ring_create(UINT32_C(1) << 31, &ring), NT_INVALID);
    EXPECT(ring == NULL);
    nt_bytes_ring_destroy(NULL);
}

TEST(bytes_ring, gives_records_back_in_order) {
    nt_bytes_ring *ring = fresh(128);
    EXPECT_EQ(push(ring, "first"), NT_OK);
    EXPECT_EQ(push(ring, ""), NT_OK);
    EXPECT_EQ(push(ring, "the third one"), NT_OK);
    EXPECT_TEXT(take(ring), "first");
    EXPECT_TEXT(take(ring), "");
    EXPECT_TEXT(take(ring), "the third one");
    EXPECT_TEXT(take(ring), "(none)");
    nt_bytes_ring_destroy(ring);
}

TEST(bytes_ring, claim_is_aligned_and_seen_only_after_commit) {
    nt_bytes_ring *ring = fresh(128);
    uint32_t length = 0;
    uint8_t *room = nt_bytes_ring_claim(ring, 20);
    EXPECT(room != NULL && (uintptr_t)room % 8 == 0);
    EXPECT(nt_bytes_ring_peek(ring, &length) == NULL);
    memcpy(room, "short", 5);
    nt_bytes_ring_commit(ring, 5);
    EXPECT(nt_bytes_ring_peek(ring, &length) == room);
    EXPECT_EQ(length, 5);
    EXPECT_EQ(nt_bytes_ring_used(ring), 16);
    nt_bytes_ring_destroy(ring);
}

TEST(bytes_ring, claim_that_is_given_up_leaves_no_trace) {
    nt_bytes_ring *ring = fresh(64);
    EXPECT(nt_bytes_ring_claim(ring, 20) != NULL);
    EXPECT_EQ(push(ring, "ab"), NT_OK);
    EXPECT_TEXT(take(ring), "ab");
    EXPECT_TEXT(take(ring), "(none)");
    nt_bytes_ring_destroy(ring);
}

TEST(bytes_ring, full_refuses_until_a_record_is_released) {
    nt_bytes_ring *ring = fresh(64);
    for (int i = 0; i < 4; i++) EXPECT_EQ(push(ring, "12345678"), NT_OK);
    EXPECT_EQ(nt_bytes_ring_used(ring), 64);
    EXPECT_EQ(push(ring, ""), NT_FULL);
    EXPECT_TEXT(take(ring), "12345678");
    EXPECT_EQ(push(ring, "123456789"), NT_FULL);
    EXPECT_EQ(push(ring, "abcdefgh"), NT_OK);
    for (int i = 0; i < 3; i++) EXPECT_TEXT(take(ring), "12345678");
    EXPECT_TEXT(take(ring), "abcdefgh");
    nt_bytes_ring_destroy(ring);
}

TEST(bytes_ring, longest_record_fits_wherever_the_ring_stands) {
    static const uint8_t bytes[256];
    nt_bytes_ring *ring = fresh(256);
    const uint32_t limit = nt_bytes_ring_limit(ring);
    uint32_t length = 0;
    EXPECT_EQ(limit, 120);
    EXPECT_EQ(nt_bytes_ring_push(ring, bytes, limit + 1), NT_INVALID);
    EXPECT(nt_bytes_ring_claim(ring, UINT32_MAX) == NULL);
    for (int position = 0; position < 256; position += 8) {
        EXPECT_EQ(nt_bytes_ring_push(ring, bytes, limit), NT_OK);
        EXPECT(nt_bytes_ring_peek(ring, &length) != NULL);
        EXPECT_EQ(length, limit);
        nt_bytes_ring_release(ring);
        EXPECT_EQ(push(ring, ""), NT_OK);
        EXPECT_TEXT(take(ring), "");
    }
    nt_bytes_ring_destroy(ring);
}

TEST(bytes_ring, agrees_with_a_counter_over_random_lengths) {
    nt_random random = nt_random_seeded(4);
    nt_bytes_ring *ring = fresh(512);
    uint8_t record[248];
    uint32_t pushed = 0, popped = 0, full = 0;
    for (int i = 0; i < 200000; i++) {
        if (nt_random_below(&random, 2) == 0) {
            // The length and every byte follow from the record's number.
            const uint32_t length = pushed * 7919 % sizeof record;
            memset(record, (uint8_t)pushed, length);
            const nt_status status = nt_bytes_ring_push(ring, record, length);
            EXPECT(status == NT_OK || status == NT_FULL);
            pushed += status == NT_OK;
            full += status == NT_FULL;
            continue;
        }
        uint32_t length = 0;
        const uint8_t *found = nt_bytes_ring_peek(ring, &length);
        EXPECT_EQ(found == NULL, pushed == popped);
        if (found == NULL) continue;
        EXPECT_EQ(length, popped * 7919 % sizeof record);
        for (uint32_t at = 0; at < length; at++) EXPECT_EQ(found[at], (uint8_t)popped);
        nt_bytes_ring_release(ring);
        popped++;
    }
    EXPECT(full > 1000 && popped > 10000);
    nt_bytes_ring_destroy(ring);
}
