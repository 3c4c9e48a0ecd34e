// book_naive.c — levels in one unsorted array, searched from end to end.
//
// Short enough to be seen right at a glance; shares no code and no idea with book.c, so that a
// mistake in one is not repeated in the other.
#include "nt/book_naive.h"

#include <stdlib.h>

enum { MAX_NAIVE_DEPTH = 1 << 16 };

typedef struct entry {
    nt_side side;
    nt_level level;
} entry;

/// Owned by its creator; one thread.
struct nt_book_naive {
    uint32_t depth;
    uint32_t count; // Of both sides.
    uint64_t dropped;
    entry entries[]; // 2 × depth + 1: a new level is added before the worst is dropped.
};

nt_status nt_book_naive_create(uint32_t depth, nt_book_naive **out) {
    *out = NULL;
    if (depth == 0 || depth > MAX_NAIVE_DEPTH) return NT_INVALID;
    size_t bytes = sizeof(nt_book_naive) + (2 * (size_t)depth + 1) * sizeof(entry);
    nt_book_naive *book = calloc(1, bytes);
    if (book == NULL) return NT_NO_MEMORY;
    book->depth = depth;
    *out = book;
    return NT_OK;
}

void nt_book_naive_destroy(nt_book_naive *book) { free(book); }

static bool is_better(nt_side side, int64_t a, int64_t b) { return side == NT_BUY ? a > b : a < b; }

/// Index of a level, or count when it is absent.
static uint32_t find(const nt_book_naive *book, nt_side side, int64_t price) {
    uint32_t at = 0;
    while (at < book->count &&
           (book->entries[at].side != side || book->entries[at].level.price != price)) {
        at++;
    }
    return at;
}

static uint32_t find_worst(const nt_book_naive *book, nt_side side) {
    uint32_t worst = book->count;
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->entries[i].side != side) continue;
        if (worst == book->count ||
            is_better(side, book->entries[worst].level.price, book->entries[i].level.price)) {
            worst = i;
        }
    }
    return worst;
}

nt_status nt_book_naive_set(nt_book_naive *book, nt_side side, int64_t price, int64_t quantity) {
    if (side > NT_SELL || price <= 0 || quantity < 0) return NT_INVALID;
    uint32_t at = find(book, side, price);
    if (at < book->count) book->entries[at] = book->entries[--book->count];
    if (quantity == 0) return NT_OK;
    book->entries[book->count++] = (entry){side, {price, quantity}};
    if (nt_book_naive_count(book, side) <= book->depth) return NT_OK;
    uint32_t worst = find_worst(book, side);
    bool is_new = book->entries[worst].level.price == price;
    book->entries[worst] = book->entries[--book->count];
    book->dropped++;
    return is_new ? NT_FULL : NT_OK;
}

void nt_book_naive_clear(nt_book_naive *book) { book->count = 0; }

nt_level nt_book_naive_level(const nt_book_naive *book, nt_side side, uint32_t index) {
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->entries[i].side != side) continue;
        uint32_t better = 0;
        for (uint32_t j = 0; j < book->count; j++) {
            if (book->entries[j].side != side) continue;
            better += is_better(side, book->entries[j].level.price, book->entries[i].level.price);
        }
        if (better == index) return book->entries[i].level;
    }
    return (nt_level){0, 0};
}

uint32_t nt_book_naive_count(const nt_book_naive *book, nt_side side) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < book->count; i++) count += book->entries[i].side == side;
    return count;
}

int64_t nt_book_naive_quantity_at(const nt_book_naive *book, nt_side side, int64_t price) {
    uint32_t at = find(book, side, price);
    return at < book->count ? book->entries[at].level.quantity : 0;
}

uint64_t nt_book_naive_dropped(const nt_book_naive *book) { return book->dropped; }
