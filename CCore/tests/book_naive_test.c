// book_naive_test.c — the oracle itself, by hand.
#include "test.h"

#include "nt/book_naive.h"

TEST(book_naive, keeps_sides_apart_and_best_first) {
    nt_book_naive *book = NULL;
    EXPECT_EQ(nt_book_naive_create(4, &book), NT_OK);
    nt_book_naive_set(book, NT_BUY, 99, 1);
    nt_book_naive_set(book, NT_BUY, 100, 2);
    nt_book_naive_set(book, NT_SELL, 102, 3);
    nt_book_naive_set(book, NT_SELL, 101, 4);
    EXPECT_EQ(nt_book_naive_level(book, NT_BUY, 0).price, 100);
    EXPECT_EQ(nt_book_naive_level(book, NT_BUY, 1).price, 99);
    EXPECT_EQ(nt_book_naive_level(book, NT_SELL, 0).quantity, 4);
    EXPECT_EQ(nt_book_naive_level(book, NT_SELL, 2).quantity, 0);
    EXPECT_EQ(nt_book_naive_quantity_at(book, NT_SELL, 102), 3);
    nt_book_naive_destroy(book);
}

TEST(book_naive, drops_the_worst_beyond_its_depth) {
    nt_book_naive *book = NULL;
    EXPECT_EQ(nt_book_naive_create(2, &book), NT_OK);
    EXPECT_EQ(nt_book_naive_set(book, NT_SELL, 100, 1), NT_OK);
    EXPECT_EQ(nt_book_naive_set(book, NT_SELL, 102, 1), NT_OK);
    EXPECT_EQ(nt_book_naive_set(book, NT_SELL, 101, 1), NT_OK);
    EXPECT_EQ(nt_book_naive_quantity_at(book, NT_SELL, 102), 0);
    EXPECT_EQ(nt_book_naive_set(book, NT_SELL, 103, 1), NT_FULL);
    EXPECT_EQ(nt_book_naive_set(book, NT_BUY, 50, 1), NT_OK);
    EXPECT_EQ(nt_book_naive_count(book, NT_SELL), 2);
    EXPECT_EQ(nt_book_naive_dropped(book), 2);
    nt_book_naive_destroy(book);
}

TEST(book_naive, removes_and_refuses) {
    nt_book_naive *book = NULL;
    EXPECT_EQ(nt_book_naive_create(2, &book), NT_OK);
    nt_book_naive_set(book, NT_BUY, 100, 1);
    EXPECT_EQ(nt_book_naive_set(book, NT_BUY, 100, 0), NT_OK);
    EXPECT_EQ(nt_book_naive_set(book, NT_BUY, 100, 0), NT_OK);
    EXPECT_EQ(nt_book_naive_set(book, NT_BUY, 0, 1), NT_INVALID);
    EXPECT_EQ(nt_book_naive_set(book, NT_BUY, 1, -1), NT_INVALID);
    EXPECT_EQ(nt_book_naive_count(book, NT_BUY), 0);
    nt_book_naive_destroy(book);
}
