// book_model.c — the published top: what a reader gets is one publication, whole, and never an
// older one than before.
//
// The book's own source is compiled in here with one published level a side instead of ten: all
// levels go the same way, and each one more doubles what a reader can see.
#include <stdlib.h>

#include "model.h"
#include "nt/book.h"
#undef NT_TOP_LEVELS
#define NT_TOP_LEVELS 1u
#include "book/book.c"

typedef struct {
    nt_book *book;
    int64_t last;
} world;

/// Everything in publication n follows from n.
static void publish(nt_book *book, int64_t n) {
    nt_book_clear(book);
    nt_book_set(book, NT_BUY, 100 + n, n);
    nt_book_set(book, NT_SELL, 200 + n, n);
    nt_book_publish(book, n, 3 * n, n % 2 == 0);
}

static void *start(void) {
    world *made = calloc(1, sizeof *made);
    MODEL_EXPECT(nt_book_create(2, &made->book) == NT_OK);
    publish(made->book, 1);
    return made;
}

static void publish_one(void *context) {
    world *at = context;
    publish(at->book, 2);
}
static void publish_two(void *context) {
    world *at = context;
    publish(at->book, 2);
    publish(at->book, 3);
}
static int64_t read_top(const nt_book *book) {
    nt_top top;
    nt_book_top(book, &top);
    const int64_t n = top.update_id;
    MODEL_EXPECT(n >= 1 && top.received_ns == 3 * n && top.valid == (n % 2 == 0));
    MODEL_EXPECT(top.bid_count == 1 && top.ask_count == 1);
    MODEL_EXPECT(top.bids[0].price == 100 + n && top.bids[0].quantity == n);
    MODEL_EXPECT(top.asks[0].price == 200 + n && top.asks[0].quantity == n);
    return n;
}

static void read_once(void *context) {
    const world *at = context;
    model_outcome((uint32_t)read_top(at->book));
}
static void read_twice(void *context) {
    world *at = context;
    for (int i = 0; i < 2; i++) {
        const int64_t n = read_top(at->book);
        MODEL_EXPECT(n >= at->last);
        at->last = n;
    }
}

static void end_one(void *context) {
    const world *at = context;
    MODEL_EXPECT(read_top(at->book) == 2);
    model_outcome((uint32_t)at->last);
}
static void end_two(void *context) {
    const world *at = context;
    MODEL_EXPECT(read_top(at->book) == 3);
}

// The second publication overwrites the copy that the reader may still be reading.
MODEL_CASE(book, top_while_two_are_published, .start = start, .threads = {publish_two, read_once},
           .end = end_two, .outcomes = 1 << 1 | 1 << 2 | 1 << 3)
MODEL_CASE(book, tops_never_go_back, .start = start, .threads = {publish_one, read_twice},
           .end = end_one, .outcomes = 1 << 1 | 1 << 2)
