// book.c — depth events into nt_sync and its book; and single levels into a book.
//
// Events are decoded and copied before anything is timed. The floor walks the same events and
// adds up their levels: what reading the stream costs any book.
#include "subject.h"

#include <string.h>

#include "nt/codec.h"
#include "nt/random.h"
#include "nt/sync.h"

#define MAX_BUFFERED_LEVELS (1u << 20)

typedef struct book_subject {
    bk_subject subject;
    const nt_codec *codec;
    nt_book *book;
    nt_sync *sync;
    nt_event *events; ///< [0] is the snapshot; each is one operation but that.
    nt_level *levels;
    uint32_t count, capacity, next;
    uint64_t level_count, level_capacity;
} book_subject;

/// Enlarges an array to hold `wanted`; false without memory.
static bool reserve(void **array, uint64_t *capacity, uint64_t wanted, size_t size) {
    if (wanted <= *capacity) return true;
    uint64_t larger = *capacity * 2 > wanted ? *capacity * 2 : wanted + 1024;
    void *moved = realloc(*array, larger * size);
    if (moved == NULL) return false;
    *array = moved;
    *capacity = larger;
    return true;
}

static bool keep(book_subject *book, const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    const uint64_t levels = (uint64_t)depth->bid_count + depth->ask_count;
    uint64_t capacity = book->capacity;
    if (!reserve((void **)&book->events, &capacity, book->count + 1, sizeof(nt_event)))
        return false;
    book->capacity = (uint32_t)capacity;
    if (!reserve((void **)&book->levels, &book->level_capacity, book->level_count + levels,
                 sizeof(nt_level)))
        return false;
    nt_level *to = &book->levels[book->level_count];
    if (depth->bid_count > 0) memcpy(to, depth->bids, depth->bid_count * sizeof(nt_level));
    if (depth->ask_count > 0)
        memcpy(to + depth->bid_count, depth->asks, depth->ask_count * sizeof(nt_level));
    book->level_count += levels;
    book->events[book->count++] = *event;
    if (book->count > 1) book->subject.operations = book->count - 1;
    return true;
}

int32_t bk_book_add(bk_subject *subject, uint32_t role, const void *bytes, uint32_t length) {
    book_subject *book = (book_subject *)subject;
    nt_event events[8];
    uint32_t count = 0;
    const nt_instrument_id slot = role == NT_ROLE_SNAPSHOT ? 0 : NT_NO_INSTRUMENT;
    nt_status status = book->codec->decode(book->codec->context, (nt_stream_role)role, slot, bytes,
                                           length, events, 8, &count);
    if (status != NT_OK) return status;
    for (uint32_t i = 0; i < count; i++) {
        const bool first = book->count == 0;
        const nt_event_kind wanted = first ? NT_EVENT_SNAPSHOT : NT_EVENT_DEPTH;
        if (events[i].kind != wanted) continue;
        const int64_t known = first ? -1 : book->events[0].as.depth.last_id;
        if (!first && events[i].as.depth.last_id <= known) continue;
        if (!keep(book, &events[i])) return NT_NO_MEMORY;
    }
    return NT_OK;
}

uint64_t bk_book_levels(const bk_subject *subject) {
    return ((const book_subject *)subject)->level_count;
}

/// Levels were moved while they were collected, so their places are set anew.
static void place_levels(book_subject *book) {
    nt_level *at = book->levels;
    for (uint32_t i = 0; i < book->count; i++) {
        nt_depth *depth = &book->events[i].as.depth;
        depth->bids = at;
        depth->asks = at + depth->bid_count;
        at += depth->bid_count + depth->ask_count;
    }
}

static void rewind_book(bk_subject *subject) {
    book_subject *book = (book_subject *)subject;
    place_levels(book);
    nt_sync_invalidate(book->sync, NT_SYNC_DISCONNECTED);
    book->next = 1;
    if (book->count < 2) {
        subject->problem = "there is no depth event to apply";
    } else if (nt_sync_snapshot(book->sync, &book->events[0]) != NT_OK) {
        subject->problem = "the book's snapshot was refused";
    }
}

static inline uint64_t touch(const nt_book *book) {
    const nt_level bid = nt_book_best(book, NT_BUY), ask = nt_book_best(book, NT_SELL);
    return (uint64_t)(bid.price * 3 + bid.quantity + ask.price * 7 + ask.quantity * 5);
}

static uint64_t run_book(bk_subject *subject, uint32_t count) {
    book_subject *book = (book_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (book->next == book->count) rewind_book(subject);
        const nt_status status = nt_sync_depth(book->sync, &book->events[book->next++]);
        sum += touch(book->book) + (uint64_t)(int64_t)status;
    }
    return sum;
}

static uint64_t read_events(bk_subject *subject, uint32_t count) {
    book_subject *book = (book_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (book->next == book->count) book->next = 1;
        const nt_depth *depth = &book->events[book->next++].as.depth;
        const uint32_t levels = depth->bid_count + depth->ask_count;
        for (uint32_t k = 0; k < levels; k++)
            sum += (uint64_t)(depth->bids[k].price ^ depth->bids[k].quantity);
    }
    return sum;
}

static uint64_t hash_book(bk_subject *subject) {
    book_subject *book = (book_subject *)subject;
    rewind_book(subject);
    run_book(subject, book->count - 1);
    return nt_book_hash(book->book);
}

static void destroy_book(bk_subject *subject) {
    book_subject *book = (book_subject *)subject;
    nt_sync_destroy(book->sync);
    nt_book_destroy(book->book);
    free(book->events);
    free(book->levels);
}

bk_subject *bk_book_create(const void *codec, uint32_t depth) {
    book_subject *book = calloc(1, sizeof *book);
    if (book == NULL) return NULL;
    book->subject = (bk_subject){.run = run_book,
                                 .floor = read_events,
                                 .rewind = rewind_book,
                                 .hash = hash_book,
                                 .destroy = destroy_book};
    book->codec = codec;
    if (nt_book_create(depth, &book->book) == NT_OK &&
        nt_sync_create(book->book, MAX_BUFFERED_LEVELS, &book->sync) == NT_OK)
        return &book->subject;
    if (book->book != NULL) nt_book_destroy(book->book);
    free(book);
    return NULL;
}

// --- single levels
// ---------------------------------------------------------------------------------

typedef struct change {
    nt_level level;
    nt_side side;
} change;

typedef struct levels_subject {
    bk_subject subject;
    nt_book *book;
    uint32_t levels, next;
    change changes[];
} levels_subject;

#define MIDDLE INT64_C(6000000)

/// Bids at MIDDLE - 1 …, asks at MIDDLE + 1 …, so that a removed best level comes back.
static void rewind_levels(bk_subject *subject) {
    levels_subject *book = (levels_subject *)subject;
    nt_book_clear(book->book);
    for (int64_t i = 1; i <= book->levels; i++) {
        nt_book_set(book->book, NT_BUY, MIDDLE - i, 10 + i % 7);
        nt_book_set(book->book, NT_SELL, MIDDLE + i, 10 + i % 5);
    }
    book->next = 0;
}

static uint64_t run_levels(bk_subject *subject, uint32_t count) {
    levels_subject *book = (levels_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (book->next == subject->operations) book->next = 0;
        const change *change = &book->changes[book->next++];
        nt_book_set(book->book, change->side, change->level.price, change->level.quantity);
        sum += touch(book->book);
    }
    return sum;
}

static uint64_t read_changes(bk_subject *subject, uint32_t count) {
    levels_subject *book = (levels_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (book->next == subject->operations) book->next = 0;
        const change *change = &book->changes[book->next++];
        sum += (uint64_t)(change->level.price ^ change->level.quantity) + change->side;
    }
    return sum;
}

static uint64_t hash_levels(bk_subject *subject) {
    levels_subject *book = (levels_subject *)subject;
    rewind_levels(subject);
    run_levels(subject, subject->operations);
    return nt_book_hash(book->book);
}

static void destroy_levels(bk_subject *subject) {
    nt_book_destroy(((levels_subject *)subject)->book);
}

/// Half of all changes within two levels of the touch, a tenth anywhere; a fifth are removals.
static change draw(nt_random *random, uint32_t levels) {
    int64_t distance = 1;
    while (distance < (int64_t)levels && nt_random_below(random, 10) >= 3) distance++;
    if (nt_random_below(random, 10) == 0) distance = 1 + (int64_t)nt_random_below(random, levels);
    const nt_side side = (nt_side)nt_random_below(random, 2);
    const int64_t quantity =
        (int64_t)nt_random_below(random, 5) == 0 ? 0 : 1 + (int64_t)nt_random_below(random, 1000);
    return (change){{MIDDLE - nt_sign(side) * distance, quantity}, side};
}

bk_subject *bk_levels_create(uint64_t seed, uint32_t levels, uint32_t operations) {
    levels_subject *book = calloc(1, sizeof *book + operations * sizeof(change));
    if (book == NULL) return NULL;
    book->subject = (bk_subject){.run = run_levels,
                                 .floor = read_changes,
                                 .rewind = rewind_levels,
                                 .hash = hash_levels,
                                 .destroy = destroy_levels,
                                 .operations = operations};
    book->levels = levels;
    nt_random random = nt_random_seeded(seed);
    for (uint32_t i = 0; i < operations; i++) book->changes[i] = draw(&random, levels);
    if (nt_book_create(2 * levels, &book->book) == NT_OK) return &book->subject;
    free(book);
    return NULL;
}
