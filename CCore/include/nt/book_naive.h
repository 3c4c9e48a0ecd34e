// book_naive.h — the obvious book: what book.h must agree with. For tests; slow on purpose.
#ifndef NT_BOOK_NAIVE_H
#define NT_BOOK_NAIVE_H

#include "nt/status.h"
#include "nt/types.h"

typedef struct nt_book_naive nt_book_naive;

/// Same contracts as their namesakes in book.h. Any one thread.
nt_status nt_book_naive_create(uint32_t depth, nt_book_naive **out);
void nt_book_naive_destroy(nt_book_naive *book);
nt_status nt_book_naive_set(nt_book_naive *book, nt_side side, int64_t price, int64_t quantity);
void nt_book_naive_clear(nt_book_naive *book);
/// Looks at every level for every level: quadratic.
nt_level nt_book_naive_level(const nt_book_naive *book, nt_side side, uint32_t index);
uint32_t nt_book_naive_count(const nt_book_naive *book, nt_side side);
int64_t nt_book_naive_quantity_at(const nt_book_naive *book, nt_side side, int64_t price);
uint64_t nt_book_naive_dropped(const nt_book_naive *book);

#endif
