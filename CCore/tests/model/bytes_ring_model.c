// bytes_ring_model.c — records of changing length in the smallest ring, across its end.
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "nt/bytes_ring.h"

enum { CAPACITY = 64, MAX_RECORDS = 4 };

typedef struct {
    nt_bytes_ring *ring;
    const uint32_t *lengths; ///< Of the records, in order.
    uint32_t pushed, popped;
    bool was_full, was_empty;
} world;

static void *start_with(const uint32_t *lengths) {
    world *made = calloc(1, sizeof *made);
    MODEL_EXPECT(nt_bytes_ring_create(CAPACITY, &made->ring) == NT_OK);
    made->lengths = lengths;
    return made;
}

/// A record's bytes follow from its number.
static void push(world *at) {
    uint8_t bytes[32];
    const uint32_t length = at->lengths[at->pushed];
    memset(bytes, (int)at->pushed + 1, sizeof bytes);
    if (nt_bytes_ring_push(at->ring, bytes, length) == NT_OK) {
        at->pushed++;
    } else {
        at->was_full = true;
    }
}

static bool pop(world *at) {
    uint32_t length = 0;
    const uint8_t *record = nt_bytes_ring_peek(at->ring, &length);
    if (record == NULL) return false;
    MODEL_EXPECT(at->popped < MAX_RECORDS && length == at->lengths[at->popped]);
    at->popped++;
    for (uint32_t i = 0; i < length; i++) MODEL_EXPECT(record[i] == at->popped);
    nt_bytes_ring_release(at->ring);
    return true;
}

static void push_all(void *context) {
    world *at = context;
    for (int i = 0; i < MAX_RECORDS && at->pushed < MAX_RECORDS; i++) push(at);
}
static void push_and_again(void *context) {
    world *at = context;
    for (int i = 0; i < MAX_RECORDS + 1 && at->pushed < MAX_RECORDS; i++) push(at);
}
static void pop_three(void *context) {
    world *at = context;
    for (int i = 0; i < 3; i++) at->was_empty |= !pop(at);
}

/// The outcome: 1 the ring was seen full, 2 it was seen empty.
static void end(void *context) {
    world *at = context;
    while (pop(at)) {
    }
    MODEL_EXPECT(at->popped == at->pushed && nt_bytes_ring_used(at->ring) == 0);
    model_outcome((uint32_t)(at->was_full + 2 * at->was_empty));
}

// 24 + 24 bytes, a filler of 16, 24 bytes at the start, and then a record that reaches into the
// filler's place: it fits only when the reader has left the filler behind.
static void *start_filler(void) {
    static const uint32_t lengths[MAX_RECORDS] = {16, 16, 16, 24};
    return start_with(lengths);
}

MODEL_CASE(bytes_ring, filler_at_the_end, .start = start_filler,
           .threads = {push_and_again, pop_three}, .end = end, .outcomes = 0xb)

// 16 + 32 bytes, and 24 that would fit where the first was, but for the filler of 16 before them.
static void *start_tight(void) {
    static const uint32_t lengths[MAX_RECORDS] = {8, 24, 16, 8};
    return start_with(lengths);
}

MODEL_CASE(bytes_ring, filler_takes_room, .start = start_tight,
           .threads = {push_and_again, pop_three}, .end = end, .outcomes = 0xf)

// 32 + 32 bytes fill it to the last byte; empty and short records follow.
static void *start_exact(void) {
    static const uint32_t lengths[MAX_RECORDS] = {24, 24, 0, 5};
    return start_with(lengths);
}

MODEL_CASE(bytes_ring, full_to_the_last_byte, .start = start_exact,
           .threads = {push_all, pop_three}, .end = end, .outcomes = 0xf)

// Claimed longer than committed.

static void claim_and_shorten(void *context) {
    world *at = context;
    for (int i = 0; i < 3; i++) {
        uint8_t *room = nt_bytes_ring_claim(at->ring, 24);
        if (room == NULL) {
            at->was_full = true;
            continue;
        }
        const uint32_t length = at->lengths[at->pushed];
        at->pushed++;
        memset(room, (int)at->pushed, length);
        nt_bytes_ring_commit(at->ring, length);
    }
}
static void *start_short(void) {
    static const uint32_t lengths[MAX_RECORDS] = {3, 16, 1, 8};
    return start_with(lengths);
}

MODEL_CASE(bytes_ring, claimed_longer, .start = start_short,
           .threads = {claim_and_shorten, pop_three}, .end = end, .outcomes = 0xd)

// Looks from outside: never more than was ever pushed.

static void push_once(void *context) { push(context); }
static void pop_once(void *context) { pop(context); }
static void look(void *context) {
    const world *at = context;
    const uint64_t used = nt_bytes_ring_used(at->ring);
    MODEL_EXPECT(used == 0 || used == 24);
    model_outcome(used != 0);
}
static void end_looked(void *context) {
    world *at = context;
    pop(at);
    MODEL_EXPECT(at->popped == 1);
}

MODEL_CASE(bytes_ring, looked_at_from_outside, .start = start_filler,
           .threads = {push_once, pop_once, look}, .end = end_looked, .outcomes = 0x3)
