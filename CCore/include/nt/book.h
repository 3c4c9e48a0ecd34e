// book.h — price levels of one instrument: one writer (the lane), best levels readable from any
// thread without waiting.
#ifndef NT_BOOK_H
#define NT_BOOK_H

#include <stdbool.h>

#include "nt/status.h"
#include "nt/types.h"

typedef struct nt_book nt_book;

#define NT_TOP_LEVELS 10u

/// The best levels, copied out consistently. Missing levels have quantity 0.
typedef struct nt_top {
    nt_level bids[NT_TOP_LEVELS], asks[NT_TOP_LEVELS]; ///< Best first.
    int64_t update_id;
    int64_t received_ns;           ///< Of the event that last changed it.
    uint32_t bid_count, ask_count; ///< Levels in the book, per side.
    bool valid;                    ///< Synchronised and not crossed.
} nt_top;

/// `depth`: most levels kept per side; the worst is dropped (and counted) beyond it.
nt_status nt_book_create(uint32_t depth, nt_book **out);
void nt_book_destroy(nt_book *book);

/// Sets the quantity resting at a price; zero removes the level (removing an absent one is
/// normal). Lane thread only. NT_INVALID: price or quantity negative, or price zero.
/// NT_FULL: beyond the book's depth; the level is not kept and nt_book_dropped() counts it.
nt_status nt_book_set(nt_book *book, nt_side side, int64_t price, int64_t quantity);
void nt_book_clear(nt_book *book);

/// Best level; quantity 0 when the side is empty. Lane thread only.
nt_level nt_book_best(const nt_book *book, nt_side side);
/// The `index`-th best level; quantity 0 beyond the last. Lane thread only.
nt_level nt_book_level(const nt_book *book, nt_side side, uint32_t index);
uint32_t nt_book_count(const nt_book *book, nt_side side);
int64_t nt_book_quantity_at(const nt_book *book, nt_side side, int64_t price);
uint64_t nt_book_dropped(const nt_book *book);
/// FNV-1a over bids then asks: the count, then price and quantity of each level, best first, each
/// as eight bytes, lowest first. For tests and state hashes.
uint64_t nt_book_hash(const nt_book *book);

/// Publishes the best levels for other threads (a sequence lock). Lane thread only; call once per
/// event after its last change.
void nt_book_publish(nt_book *book, int64_t update_id, int64_t received_ns, bool valid);
/// Reads what was last published. Any thread; never blocks the writer and never waits for it, even
/// stalled in the middle of a publication; copies again only when one was completed meanwhile.
void nt_book_top(const nt_book *book, nt_top *out);

#endif
