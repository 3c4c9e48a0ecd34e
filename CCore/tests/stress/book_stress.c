// book_stress.c — readers on other threads never see a torn or older top. Run under
// ThreadSanitizer as well; bounded by the number of publications.
#include "../test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "nt/book.h"

enum { PUBLICATIONS = 60000, READERS = 2, CHECK_LEVELS = (int)NT_TOP_LEVELS };

typedef struct reader {
    nt_book *book;
    atomic_bool *done;
    uint64_t reads, torn, backwards;
} reader;

/// Everything in the top of publication n follows from n.
static void publish(nt_book *book, int64_t n) {
    nt_book_clear(book);
    for (int64_t i = 0; i < CHECK_LEVELS; i++) {
        nt_book_set(book, NT_BUY, n + 1000 - i, n);
        nt_book_set(book, NT_SELL, n + 1001 + i, n);
    }
    nt_book_publish(book, n, 3 * n, n % 2 == 0);
}

static bool is_whole(const nt_top *top) {
    int64_t n = top->update_id;
    bool whole = top->received_ns == 3 * n && top->valid == (n % 2 == 0);
    for (int64_t i = 0; i < CHECK_LEVELS; i++) {
        whole = whole && top->bids[i].quantity == n && top->bids[i].price == n + 1000 - i;
        whole = whole && top->asks[i].quantity == n && top->asks[i].price == n + 1001 + i;
    }
    return whole;
}

static void *read_until_done(void *context) {
    reader *self = context;
    int64_t last = 0;
    // Acquire pairs with the release of the writer at its end.
    while (!atomic_load_explicit(self->done, memory_order_acquire)) {
        nt_top top;
        nt_book_top(self->book, &top);
        self->reads++;
        if (!is_whole(&top)) self->torn++;
        if (top.update_id < last) self->backwards++;
        last = top.update_id;
    }
    return NULL;
}

TEST(book_stress, readers_never_see_a_torn_top) {
    nt_book *book = NULL;
    EXPECT_EQ(nt_book_create(16, &book), NT_OK);
    publish(book, 1);
    atomic_bool done = false;
    reader readers[READERS] = {0};
    pthread_t threads[READERS];
    for (int i = 0; i < READERS; i++) {
        readers[i] = (reader){.book = book, .done = &done};
        EXPECT_EQ(pthread_create(&threads[i], NULL, read_until_done, &readers[i]), 0);
    }
    for (int64_t n = 2; n <= PUBLICATIONS; n++) publish(book, n);
    atomic_store_explicit(&done, true, memory_order_release);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        EXPECT(readers[i].reads > 0);
        EXPECT_EQ(readers[i].torn, 0);
        EXPECT_EQ(readers[i].backwards, 0);
    }
    nt_top top;
    nt_book_top(book, &top);
    EXPECT_EQ(top.update_id, PUBLICATIONS);
    nt_book_destroy(book);
}
