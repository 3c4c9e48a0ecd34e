// book.c — price levels in two sorted arrays, best last.
//
// Most changes touch the first few levels, so a short scan from the best price beats a tree: it
// stays in cache and never allocates; a change far from the touch falls back to binary search.
// Depth is fixed at creation. Beyond it the worst level is dropped and counted; the array has
// room for twice the depth, so that dropping moves the window's start and not its levels.
//
// Other threads read the ten best levels from one of two copies. The writer fills the copy that
// is not current, then makes it current; a reader retries only when a whole publication passed
// while it copied, so that neither a stalled writer nor a slow reader holds up the other.
// The obvious version in book_naive.c must agree with this one after every event
// (tests/book_test.c).
#include "nt/book.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    CACHE_LINE = 64,
    SHORT_SCAN = 8, // Levels looked at one by one before binary search.
    MAX_DEPTH = 1 << 20,
    SLACK = 2, // Array size in depths.
};

/// Words of one published copy.
enum {
    WORD_UPDATE_ID = 0,
    WORD_RECEIVED_NS = 1,
    WORD_BID_COUNT = 2,
    WORD_ASK_COUNT = 3,
    WORD_VALID = 4,
    WORD_LEVELS = 5, // Bids then asks, best first: price, quantity.
    WORD_COUNT = WORD_LEVELS + 4 * (int)NT_TOP_LEVELS,
};

/// One side. `price` of a stored level is its key, which ascends towards the best on both sides.
typedef struct ladder {
    nt_level *storage; // SLACK × depth levels, owned.
    uint32_t first;    // Index of the worst level.
    uint32_t count;
} ladder;

typedef struct published {
    alignas(CACHE_LINE) _Atomic int64_t words[WORD_COUNT];
} published;

/// Created and destroyed by its owner; written by one thread; only the published part is shared.
struct nt_book {
    ladder sides[2];
    uint64_t dropped;
    uint32_t depth;
    alignas(CACHE_LINE) _Atomic uint64_t generation; // Its lowest bit names the current copy.
    published copies[2];
};

nt_status nt_book_create(uint32_t depth, nt_book **out) {
    *out = NULL;
    if (depth == 0 || depth > MAX_DEPTH) {
        return nt_fail(NT_INVALID, "book depth %u is not in 1 … %d", depth, MAX_DEPTH);
    }
    nt_book *book = aligned_alloc(CACHE_LINE, sizeof(nt_book));
    if (book == NULL) return NT_NO_MEMORY;
    memset(book, 0, sizeof *book);
    book->depth = depth;
    size_t bytes = (size_t)depth * SLACK * sizeof(nt_level);
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        book->sides[side].storage = malloc(bytes);
        if (book->sides[side].storage == NULL) {
            nt_book_destroy(book);
            return NT_NO_MEMORY;
        }
        // Touch the pages now, so that the first events do not fault.
        memset(book->sides[side].storage, 0, bytes);
    }
    *out = book;
    return NT_OK;
}

void nt_book_destroy(nt_book *book) {
    if (book == NULL) return;
    free(book->sides[NT_BUY].storage);
    free(book->sides[NT_SELL].storage);
    free(book);
}

/// Key of a price, and price of a key. Complementing reverses the order without overflow.
static int64_t mirrored(nt_side side, int64_t price) { return side == NT_BUY ? price : ~price; }

/// First index whose key is not below `key`; `count` when there is none.
static uint32_t lower_bound(const nt_level *levels, uint32_t count, int64_t key) {
    uint32_t at = count;
    uint32_t stop = count > SHORT_SCAN ? count - SHORT_SCAN : 0;
    while (at > stop && levels[at - 1].price >= key) at--;
    if (at > stop) return at;
    uint32_t low = 0;
    while (low < at) {
        uint32_t middle = low + (at - low) / 2;
        if (levels[middle].price < key) {
            low = middle + 1;
        } else {
            at = middle;
        }
    }
    return low;
}

static void remove_at(ladder *ladder, nt_level *levels, uint32_t at) {
    memmove(levels + at, levels + at + 1, (ladder->count - at - 1) * sizeof(nt_level));
    ladder->count--;
}

static nt_status insert_at(nt_book *book, ladder *ladder, uint32_t at, nt_level level) {
    if (ladder->count == book->depth) {
        book->dropped++;
        if (at == 0) return NT_FULL;
        ladder->first++;
        ladder->count--;
        at--;
    }
    if (ladder->first + ladder->count == book->depth * SLACK) {
        memmove(ladder->storage, ladder->storage + ladder->first, ladder->count * sizeof(nt_level));
        ladder->first = 0;
    }
    nt_level *levels = ladder->storage + ladder->first;
    memmove(levels + at + 1, levels + at, (ladder->count - at) * sizeof(nt_level));
    levels[at] = level;
    ladder->count++;
    return NT_OK;
}

nt_status nt_book_set(nt_book *book, nt_side side, int64_t price, int64_t quantity) {
    if (side > NT_SELL || price <= 0 || quantity < 0) return NT_INVALID;
    ladder *ladder = &book->sides[side];
    nt_level *levels = ladder->storage + ladder->first;
    int64_t key = mirrored(side, price);
    uint32_t at = lower_bound(levels, ladder->count, key);
    if (at < ladder->count && levels[at].price == key) {
        if (quantity == 0) {
            remove_at(ladder, levels, at);
        } else {
            levels[at].quantity = quantity;
        }
        return NT_OK;
    }
    if (quantity == 0) return NT_OK;
    return insert_at(book, ladder, at, (nt_level){key, quantity});
}

void nt_book_clear(nt_book *book) {
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        book->sides[side].first = 0;
        book->sides[side].count = 0;
    }
}

nt_level nt_book_level(const nt_book *book, nt_side side, uint32_t index) {
    const ladder *ladder = &book->sides[side];
    if (index >= ladder->count) return (nt_level){0, 0};
    nt_level level = ladder->storage[ladder->first + ladder->count - 1 - index];
    return (nt_level){mirrored(side, level.price), level.quantity};
}

nt_level nt_book_best(const nt_book *book, nt_side side) { return nt_book_level(book, side, 0); }

uint32_t nt_book_count(const nt_book *book, nt_side side) { return book->sides[side].count; }

int64_t nt_book_quantity_at(const nt_book *book, nt_side side, int64_t price) {
    const ladder *ladder = &book->sides[side];
    const nt_level *levels = ladder->storage + ladder->first;
    int64_t key = mirrored(side, price);
    uint32_t at = lower_bound(levels, ladder->count, key);
    return at < ladder->count && levels[at].price == key ? levels[at].quantity : 0;
}

uint64_t nt_book_dropped(const nt_book *book) { return book->dropped; }

/// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), lowest byte first on every machine.
static uint64_t fnv_add(uint64_t hash, uint64_t value) {
    for (int byte = 0; byte < 8; byte++) {
        hash = (hash ^ (value >> (8 * byte) & 0xff)) * UINT64_C(0x100000001b3);
    }
    return hash;
}

uint64_t nt_book_hash(const nt_book *book) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        uint32_t count = nt_book_count(book, side);
        hash = fnv_add(hash, count);
        for (uint32_t i = 0; i < count; i++) {
            nt_level level = nt_book_level(book, side, i);
            hash = fnv_add(hash, (uint64_t)level.price);
            hash = fnv_add(hash, (uint64_t)level.quantity);
        }
    }
    return hash;
}

static void write_word(published *copy, int word, int64_t value) {
    // Release: a reader that sees this word also sees the generation before it, and so retries.
    // Pairs with the acquire in read_word.
    atomic_store_explicit(&copy->words[word], value, memory_order_release);
}

static int64_t read_word(const published *copy, int word) {
    // Acquire: the second look at the generation stays after it. Pairs with write_word.
    return atomic_load_explicit(&copy->words[word], memory_order_acquire);
}

static void write_side(published *copy, const nt_book *book, nt_side side) {
    int word = WORD_LEVELS + 2 * (int)NT_TOP_LEVELS * side;
    for (uint32_t i = 0; i < NT_TOP_LEVELS; i++) {
        nt_level level = nt_book_level(book, side, i);
        write_word(copy, word++, level.price);
        write_word(copy, word++, level.quantity);
    }
}

void nt_book_publish(nt_book *book, int64_t update_id, int64_t received_ns, bool valid) {
    // Relaxed: only this thread writes the generation.
    uint64_t next = atomic_load_explicit(&book->generation, memory_order_relaxed) + 1;
    published *copy = &book->copies[next & 1];
    write_word(copy, WORD_UPDATE_ID, update_id);
    write_word(copy, WORD_RECEIVED_NS, received_ns);
    write_word(copy, WORD_BID_COUNT, book->sides[NT_BUY].count);
    write_word(copy, WORD_ASK_COUNT, book->sides[NT_SELL].count);
    write_word(copy, WORD_VALID, valid);
    write_side(copy, book, NT_BUY);
    write_side(copy, book, NT_SELL);
    // Release: the copy is whole before it is current. Pairs with the first load in nt_book_top.
    atomic_store_explicit(&book->generation, next, memory_order_release);
}

static void read_copy(const published *copy, nt_top *out) {
    out->update_id = read_word(copy, WORD_UPDATE_ID);
    out->received_ns = read_word(copy, WORD_RECEIVED_NS);
    out->bid_count = (uint32_t)read_word(copy, WORD_BID_COUNT);
    out->ask_count = (uint32_t)read_word(copy, WORD_ASK_COUNT);
    out->valid = read_word(copy, WORD_VALID) != 0;
    int bid = WORD_LEVELS, ask = WORD_LEVELS + 2 * (int)NT_TOP_LEVELS;
    for (uint32_t i = 0; i < NT_TOP_LEVELS; i++, bid += 2, ask += 2) {
        out->bids[i] = (nt_level){read_word(copy, bid), read_word(copy, bid + 1)};
        out->asks[i] = (nt_level){read_word(copy, ask), read_word(copy, ask + 1)};
    }
}

void nt_book_top(const nt_book *book, nt_top *out) {
    uint64_t before, after;
    do {
        // Acquire: the copy is read after it became current. Pairs with nt_book_publish.
        before = atomic_load_explicit(&book->generation, memory_order_acquire);
        read_copy(&book->copies[before & 1], out);
        // Relaxed: kept after the words by their acquire loads. An unchanged generation means
        // that the writer was at most filling the other copy.
        after = atomic_load_explicit(&book->generation, memory_order_relaxed);
    } while (before != after);
}
