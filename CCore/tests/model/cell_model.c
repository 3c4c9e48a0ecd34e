// cell_model.c — the triple buffer: what is read is whole, newest wins, nothing goes back.
#include <stdlib.h>

#include "model.h"
#include "nt/cell.h"

typedef struct {
    uint64_t version, check;
} value;

typedef struct {
    nt_cell *cell;
    uint64_t written, last;
} world;

static void *start(void) {
    world *made = calloc(1, sizeof *made);
    MODEL_EXPECT(nt_cell_create(sizeof(value), &made->cell) == NT_OK);
    return made;
}

static void write(world *at, uint64_t times) {
    for (uint64_t i = 1; i <= times; i++) {
        const value next = {i, i * 3};
        MODEL_EXPECT(nt_cell_write(at->cell, &next) == i);
    }
    at->written = times;
}
static void write_three(void *context) { write(context, 3); }
static void write_five(void *context) { write(context, 5); }

static void read_once(world *at) {
    uint64_t version = 0;
    const value *got = nt_cell_read(at->cell, &version);
    MODEL_EXPECT(got->version == version && got->check == version * 3);
    MODEL_EXPECT(version >= at->last);
    at->last = version;
}

/// Each value is looked at twice: it stays as it is while it is held.
static void read_some(world *at, int times) {
    for (int i = 0; i < times; i++) {
        uint64_t version = 0;
        const value *got = nt_cell_read(at->cell, &version);
        const value copy = *got;
        MODEL_EXPECT(copy.version == version && copy.check == version * 3);
        nt_cell_has_news(at->cell);
        MODEL_EXPECT(got->version == version && got->check == version * 3);
        MODEL_EXPECT(version >= at->last);
        at->last = version;
    }
    model_outcome((uint32_t)at->last);
}
static void read_three(void *context) { read_some(context, 3); }
static void read_four(void *context) { read_some(context, 4); }

/// The last write is there for whoever looks later.
static void end(void *context) {
    world *at = context;
    read_once(at);
    MODEL_EXPECT(at->last == at->written && !nt_cell_has_news(at->cell));
}

MODEL_CASE(cell, three_writes_three_reads, .start = start, .threads = {write_three, read_three},
           .end = end, .outcomes = 0xf)
MODEL_CASE(cell, five_writes_four_reads, .start = start, .threads = {write_five, read_four},
           .end = end, .outcomes = 0x3f)
