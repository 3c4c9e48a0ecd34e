// spsc_model.c — the ring of fixed-size items, with room for one and for two.
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "nt/spsc.h"

typedef struct {
    uint64_t number, check;
} item;

typedef struct {
    nt_spsc *ring;
    uint64_t pushed, popped;
    bool was_full, was_empty;
} world;

static void *start_with(uint32_t capacity) {
    world *made = calloc(1, sizeof *made);
    MODEL_EXPECT(nt_spsc_create(capacity, sizeof(item), &made->ring) == NT_OK);
    return made;
}
static void *start_one(void) { return start_with(1); }
static void *start_two(void) { return start_with(2); }
static void *start_four(void) { return start_with(4); }

static void push(world *at) {
    const item next = {at->pushed + 1, ~(at->pushed + 1)};
    if (nt_spsc_push(at->ring, &next) == NT_OK) {
        at->pushed++;
    } else {
        at->was_full = true;
    }
}

static void check(world *at, const item *got) {
    at->popped++;
    MODEL_EXPECT(got->number == at->popped && got->check == ~at->popped);
}

static bool pop(world *at) {
    item got;
    if (nt_spsc_pop(at->ring, &got) != NT_OK) return false;
    check(at, &got);
    return true;
}

static void push_three(void *context) {
    for (int i = 0; i < 3; i++) push(context);
}
static void push_five(void *context) {
    for (int i = 0; i < 5; i++) push(context);
}
static void pop_three(void *context) {
    world *at = context;
    for (int i = 0; i < 3; i++) at->was_empty |= !pop(at);
}
static void pop_four(void *context) {
    world *at = context;
    for (int i = 0; i < 4; i++) at->was_empty |= !pop(at);
}

/// What was pushed and not popped is still there, in order. The outcome: 1 the ring was seen full,
/// 2 it was seen empty.
static void end(void *context) {
    world *at = context;
    while (pop(at)) {
    }
    MODEL_EXPECT(at->popped == at->pushed);
    model_outcome((uint32_t)(at->was_full + 2 * at->was_empty));
}

// A push that found the only slot full leaves too few items for three pops: 1 is not among them.
MODEL_CASE(spsc, one_slot, .start = start_one, .threads = {push_three, pop_three}, .end = end,
           .outcomes = 0xd)
MODEL_CASE(spsc, two_slots_wrap_twice, .start = start_two, .threads = {push_five, pop_four},
           .end = end, .outcomes = 0xf)

MODEL_CASE(spsc, four_slots, .start = start_four, .threads = {push_five, pop_four}, .end = end,
           .outcomes = 0xf)

// Slots used in place.

static void claim_three(void *context) {
    world *at = context;
    for (int i = 0; i < 3; i++) {
        item *slot = nt_spsc_claim(at->ring);
        if (slot == NULL) {
            at->was_full = true;
            continue;
        }
        at->pushed++;
        slot->number = at->pushed;
        slot->check = ~at->pushed;
        nt_spsc_commit(at->ring);
    }
}
static void peek_three(void *context) {
    world *at = context;
    for (int i = 0; i < 3; i++) {
        const item *slot = nt_spsc_peek(at->ring);
        if (slot == NULL) {
            at->was_empty = true;
            continue;
        }
        check(at, slot);
        nt_spsc_release(at->ring);
    }
}

MODEL_CASE(spsc, used_in_place, .start = start_one, .threads = {claim_three, peek_three},
           .end = end, .outcomes = 0xd)

// Several at once.

static void drain_twice(void *context) {
    world *at = context;
    for (int i = 0; i < 2; i++) {
        item got[2];
        const uint32_t count = nt_spsc_drain(at->ring, got, 2);
        for (uint32_t k = 0; k < count; k++) check(at, &got[k]);
        at->was_empty |= count == 0;
    }
}

// Five items want two drains that find something: 2 is not among them.
MODEL_CASE(spsc, drained, .start = start_two, .threads = {push_five, drain_twice}, .end = end,
           .outcomes = 0xb)

// Looks from outside: never more than was ever pushed.

static void push_once(void *context) { push(context); }
static void pop_once(void *context) { pop(context); }
static void count(void *context) {
    const world *at = context;
    const uint64_t inside = nt_spsc_count(at->ring);
    MODEL_EXPECT(inside <= 1);
    model_outcome((uint32_t)inside);
}
static void end_counted(void *context) {
    world *at = context;
    pop(at);
    MODEL_EXPECT(at->popped == 1);
}

MODEL_CASE(spsc, counted_from_outside, .start = start_two, .threads = {push_once, pop_once, count},
           .end = end_counted, .outcomes = 0x3)
