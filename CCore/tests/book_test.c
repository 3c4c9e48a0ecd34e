// book_test.c — the book's rules one by one, then agreement with the naive book on random flow.
#include "test.h"

#include <stdlib.h>

#include "nt/book.h"
#include "nt/book_naive.h"
#include "nt/random.h"

static nt_book *make_book(uint32_t depth) {
    nt_book *book = NULL;
    NT_ASSERT(nt_book_create(depth, &book) == NT_OK);
    return book;
}

TEST(book, starts_empty) {
    nt_book *book = make_book(4);
    EXPECT_EQ(nt_book_count(book, NT_BUY), 0);
    EXPECT_EQ(nt_book_best(book, NT_SELL).quantity, 0);
    EXPECT_EQ(nt_book_best(book, NT_SELL).price, 0);
    EXPECT_EQ(nt_book_level(book, NT_BUY, 3).quantity, 0);
    EXPECT_EQ(nt_book_quantity_at(book, NT_BUY, 100), 0);
    nt_book_destroy(book);
}

TEST(book, refuses_a_depth_of_zero_or_beyond_its_limit) {
    nt_book *book = NULL;
    EXPECT_EQ(nt_book_create(0, &book), NT_INVALID);
    EXPECT_EQ(nt_book_create(UINT32_MAX, &book), NT_INVALID);
    EXPECT(book == NULL);
    nt_book_destroy(NULL);
}

TEST(book, orders_bids_down_and_asks_up) {
    nt_book *book = make_book(8);
    const int64_t prices[] = {103, 101, 105, 102, 104};
    for (uint32_t i = 0; i < 5; i++) {
        EXPECT_EQ(nt_book_set(book, NT_BUY, prices[i], 10 + i), NT_OK);
        EXPECT_EQ(nt_book_set(book, NT_SELL, prices[i] + 100, 20 + i), NT_OK);
    }
    for (uint32_t i = 0; i < 5; i++) {
        EXPECT_EQ(nt_book_level(book, NT_BUY, i).price, 105 - i);
        EXPECT_EQ(nt_book_level(book, NT_SELL, i).price, 201 + i);
    }
    EXPECT_EQ(nt_book_best(book, NT_BUY).quantity, 12);
    EXPECT_EQ(nt_book_best(book, NT_SELL).quantity, 21);
    EXPECT_EQ(nt_book_level(book, NT_SELL, 5).quantity, 0);
    nt_book_destroy(book);
}

TEST(book, replaces_the_quantity_at_a_price) {
    nt_book *book = make_book(4);
    nt_book_set(book, NT_BUY, 100, 1);
    nt_book_set(book, NT_BUY, 100, 7);
    EXPECT_EQ(nt_book_count(book, NT_BUY), 1);
    EXPECT_EQ(nt_book_quantity_at(book, NT_BUY, 100), 7);
    EXPECT_EQ(nt_book_quantity_at(book, NT_SELL, 100), 0);
    nt_book_destroy(book);
}

TEST(book, drops_level_when_quantity_is_zero) {
    nt_book *book = make_book(4);
    nt_book_set(book, NT_SELL, 100, 1);
    nt_book_set(book, NT_SELL, 101, 2);
    EXPECT_EQ(nt_book_set(book, NT_SELL, 100, 0), NT_OK);
    EXPECT_EQ(nt_book_best(book, NT_SELL).price, 101);
    EXPECT_EQ(nt_book_set(book, NT_SELL, 100, 0), NT_OK);
    EXPECT_EQ(nt_book_count(book, NT_SELL), 1);
    nt_book_destroy(book);
}

TEST(book, refuses_what_is_not_a_level) {
    nt_book *book = make_book(4);
    EXPECT_EQ(nt_book_set(book, NT_BUY, 0, 1), NT_INVALID);
    EXPECT_EQ(nt_book_set(book, NT_BUY, -5, 1), NT_INVALID);
    EXPECT_EQ(nt_book_set(book, NT_BUY, 5, -1), NT_INVALID);
    EXPECT_EQ(nt_book_set(book, 2, 5, 1), NT_INVALID);
    EXPECT_EQ(nt_book_count(book, NT_BUY), 0);
    nt_book_destroy(book);
}

TEST(book, keeps_the_extreme_prices) {
    nt_book *book = make_book(4);
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        EXPECT_EQ(nt_book_set(book, side, INT64_MAX, INT64_MAX), NT_OK);
        EXPECT_EQ(nt_book_set(book, side, 1, 1), NT_OK);
    }
    EXPECT_EQ(nt_book_best(book, NT_BUY).price, INT64_MAX);
    EXPECT_EQ(nt_book_best(book, NT_SELL).price, 1);
    EXPECT_EQ(nt_book_level(book, NT_SELL, 1).price, INT64_MAX);
    nt_book_destroy(book);
}

TEST(book, drops_the_worst_level_beyond_its_depth) {
    nt_book *book = make_book(2);
    nt_book_set(book, NT_BUY, 100, 1);
    nt_book_set(book, NT_BUY, 101, 1);
    EXPECT_EQ(nt_book_set(book, NT_BUY, 102, 1), NT_OK);
    EXPECT_EQ(nt_book_count(book, NT_BUY), 2);
    EXPECT_EQ(nt_book_level(book, NT_BUY, 1).price, 101);
    EXPECT_EQ(nt_book_dropped(book), 1);
    EXPECT_EQ(nt_book_set(book, NT_BUY, 99, 1), NT_FULL);
    EXPECT_EQ(nt_book_quantity_at(book, NT_BUY, 99), 0);
    EXPECT_EQ(nt_book_dropped(book), 2);
    EXPECT_EQ(nt_book_set(book, NT_BUY, 101, 5), NT_OK);
    nt_book_destroy(book);
}

TEST(book, clear_empties_both_sides) {
    nt_book *book = make_book(4);
    nt_book_set(book, NT_BUY, 100, 1);
    nt_book_set(book, NT_SELL, 101, 1);
    nt_book_clear(book);
    EXPECT_EQ(nt_book_count(book, NT_BUY) + nt_book_count(book, NT_SELL), 0);
    nt_book_destroy(book);
}

TEST(book, hash_tells_sides_prices_and_quantities_apart) {
    nt_book *book = make_book(4);
    uint64_t empty = nt_book_hash(book);
    nt_book_set(book, NT_BUY, 100, 1);
    uint64_t bid = nt_book_hash(book);
    nt_book_set(book, NT_BUY, 100, 2);
    uint64_t larger = nt_book_hash(book);
    nt_book_clear(book);
    nt_book_set(book, NT_SELL, 100, 1);
    uint64_t ask = nt_book_hash(book);
    EXPECT(empty != bid && bid != larger && bid != ask && ask != empty);
    nt_book_clear(book);
    EXPECT(nt_book_hash(book) == empty);
    nt_book_destroy(book);
}

TEST(book, publishes_only_on_request) {
    nt_book *book = make_book(16);
    nt_top top;
    nt_book_top(book, &top);
    EXPECT(!top.valid);
    EXPECT_EQ(top.bids[0].quantity, 0);
    for (int64_t i = 0; i < 12; i++) {
        nt_book_set(book, NT_BUY, 100 - i, i + 1);
        nt_book_set(book, NT_SELL, 101 + i, i + 1);
    }
    nt_book_top(book, &top);
    EXPECT_EQ(top.bid_count, 0);
    nt_book_publish(book, 77, 1234, true);
    nt_book_top(book, &top);
    EXPECT(top.valid);
    EXPECT_EQ(top.update_id, 77);
    EXPECT_EQ(top.received_ns, 1234);
    EXPECT_EQ(top.bid_count, 12);
    for (uint32_t i = 0; i < NT_TOP_LEVELS; i++) {
        EXPECT_EQ(top.bids[i].price, 100 - i);
        EXPECT_EQ(top.asks[i].price, 101 + i);
        EXPECT_EQ(top.asks[i].quantity, i + 1);
    }
    nt_book_clear(book);
    nt_book_publish(book, 78, 1235, false);
    nt_book_top(book, &top);
    EXPECT(!top.valid);
    EXPECT_EQ(top.asks[9].quantity, 0);
    nt_book_destroy(book);
}

static bool agree(const nt_book *book, const nt_book_naive *naive) {
    if (nt_book_dropped(book) != nt_book_naive_dropped(naive)) return false;
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        uint32_t count = nt_book_count(book, side);
        if (count != nt_book_naive_count(naive, side)) return false;
        for (uint32_t i = 0; i <= count; i++) {
            nt_level a = nt_book_level(book, side, i), b = nt_book_naive_level(naive, side, i);
            if (a.price != b.price || a.quantity != b.quantity) return false;
        }
    }
    return true;
}

/// One random change: often near the touch, sometimes far away, now and then everything.
static bool change_both(nt_book *book, nt_book_naive *naive, nt_random *random) {
    if (nt_random_below(random, 400) == 0) {
        nt_book_clear(book);
        nt_book_naive_clear(naive);
        return true;
    }
    nt_side side = (nt_side)nt_random_below(random, 2);
    uint64_t span = nt_random_below(random, 4) == 0 ? 200 : 12;
    int64_t distance = (int64_t)nt_random_below(random, span);
    int64_t price = side == NT_BUY ? 1000 - distance : 1001 + distance;
    int64_t quantity = (int64_t)nt_random_below(random, 3) * (1 + distance);
    nt_status ours = nt_book_set(book, side, price, quantity);
    return ours == nt_book_naive_set(naive, side, price, quantity) &&
           nt_book_quantity_at(book, side, price) == nt_book_naive_quantity_at(naive, side, price);
}

TEST(book, agrees_with_the_naive_book_after_every_event) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        nt_random random = nt_random_seeded(seed);
        uint32_t depth = 1 + (uint32_t)nt_random_below(&random, 40);
        nt_book *book = make_book(depth);
        nt_book_naive *naive = NULL;
        EXPECT_EQ(nt_book_naive_create(depth, &naive), NT_OK);
        for (int step = 0; step < 1500; step++) {
            if (change_both(book, naive, &random) && agree(book, naive)) continue;
            nt_test_fail(__FILE__, __LINE__, "seed %" PRIu64 " depth %u step %d: books differ",
                         seed, depth, step);
            return;
        }
        nt_book_destroy(book);
        nt_book_naive_destroy(naive);
    }
}
