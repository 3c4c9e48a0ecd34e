#include "nt/order_id.h"

#include "nt/random.h"
#include "test.h"

static const uint64_t max_sequence = (UINT64_C(1) << NT_ORDER_SEQUENCE_BITS) - 1;

TEST(order_id, key_packs_epoch_and_sequence) {
    const nt_order_key key = nt_order_key_make(NT_ORDER_EPOCH_MAX, max_sequence);
    EXPECT_EQ(key, UINT64_MAX);
    EXPECT_EQ(nt_order_key_epoch(key), NT_ORDER_EPOCH_MAX);
    EXPECT_EQ(nt_order_key_sequence(nt_order_key_make(3, 9)), 9);
    EXPECT_EQ(nt_order_key_epoch(nt_order_key_make(3, 9)), 3);
}

TEST(order_id, writes_the_documented_text) {
    char text[NT_ORDER_ID_LENGTH + 1] = {0};
    nt_order_id_write(1, nt_order_key_make(32, 31), text);
    EXPECT_TEXT(text, "n0001001000000000v");
    nt_order_id_write(NT_INSTANCE_MAX, UINT64_MAX, text);
    EXPECT_TEXT(text, "nvvvvvvvvfvvvvvvvv");
}

TEST(order_id, text_round_trips) {
    nt_random random = nt_random_seeded(5);
    for (int i = 0; i < 20000; i++) {
        const uint32_t instance = (uint32_t)nt_random_below(&random, NT_INSTANCE_MAX + 1);
        const nt_order_key key = nt_random_next(&random);
        char text[NT_ORDER_ID_LENGTH];
        nt_order_key back = 0;
        nt_order_id_write(instance, key, text);
        EXPECT_EQ(nt_order_id_read(instance, text, sizeof text, &back), NT_OK);
        EXPECT_EQ(back, key);
    }
}

TEST(order_id, later_orders_sort_later) {
    char earlier[NT_ORDER_ID_LENGTH], later[NT_ORDER_ID_LENGTH];
    nt_order_id_write(7, nt_order_key_make(1, 9), earlier);
    nt_order_id_write(7, nt_order_key_make(1, 10), later);
    EXPECT(memcmp(earlier, later, sizeof later) < 0);
    nt_order_id_write(7, nt_order_key_make(2, 0), earlier);
    EXPECT(memcmp(later, earlier, sizeof later) < 0);
}

TEST(order_id, foreign_ids_are_not_found) {
    static const char *const foreign[] = {
        "",
        "n",
        "web_1234567890abcdef", // Another program's.
        "n0001001000000000",    // Too short.
        "n0001001000000000vv",  // Too long.
        "m0001001000000000v",   // Another prefix.
        "n0002001000000000v",   // Another instance.
        "n0001001000000000w",   // No digit of ours.
        "n000100100000000 v",
        "n000100100000000-v",
        "N0001001000000000v",
        "n0001001000000000V",
        "n00010010g00000000", // A sequence beyond 44 bits.
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        nt_order_key key = 3;
        const uint32_t length = (uint32_t)strlen(foreign[i]);
        if (nt_order_id_read(1, foreign[i], length, &key) != NT_NOT_FOUND) {
            nt_test_fail(__FILE__, __LINE__, "\"%s\" was taken for ours", foreign[i]);
        }
        EXPECT_EQ(key, 3);
    }
}

TEST(order_id, hash_is_fnv_1a) {
    // From the algorithm's definition: the offset basis, then one step.
    EXPECT_EQ(nt_order_id_hash("", 0), UINT64_C(0xcbf29ce484222325));
    EXPECT_EQ(nt_order_id_hash("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    EXPECT(nt_order_id_hash("ab", 2) != nt_order_id_hash("ba", 2));
}
