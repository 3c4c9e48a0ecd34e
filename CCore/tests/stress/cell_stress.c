// cell_stress.c — a writer that never stops, and a reader that holds what it got.
#include <pthread.h>

#include "../test.h"
#include "nt/cell.h"
#include "stress.h"

enum { WRITE_COUNT = 3000000, WORDS = 24, LOOK_EVERY = 1024 };

/// Every word is the version, so that a torn value has two different ones. The last value
/// written has `ended` set.
typedef struct {
    uint64_t words[WORDS];
    uint64_t ended;
} value;

static void *write_values(void *argument) {
    nt_cell *cell = argument;
    const int64_t deadline = stress_deadline();
    value next = {.ended = 0};
    for (uint64_t version = 1; next.ended == 0; version++) {
        next.ended =
            version == WRITE_COUNT || (version % LOOK_EVERY == 0 && stress_is_over(deadline));
        for (uint32_t i = 0; i < WORDS; i++) next.words[i] = version;
        nt_cell_write(cell, &next);
    }
    return NULL;
}

static bool is_whole(const value *seen, uint64_t version) {
    for (uint32_t i = 0; i < WORDS; i++) {
        if (seen->words[i] != version) return false;
    }
    return true;
}

TEST(cell_stress, reader_sees_whole_values_and_versions_that_only_grow) {
    nt_cell *cell = NULL;
    EXPECT_EQ(nt_cell_create(sizeof(value), &cell), NT_OK);
    pthread_t writer;
    EXPECT_EQ(pthread_create(&writer, NULL, write_values, cell), 0);
    uint64_t last = 0, torn = 0, backwards = 0, changes = 0;
    bool ended = false;
    while (!ended) {
        uint64_t version = 0;
        const value *seen = nt_cell_read(cell, &version);
        // Twice: the value must stay as it is while it is held.
        torn += !is_whole(seen, version);
        torn += !is_whole(seen, version);
        backwards += version < last;
        changes += version != last;
        if (version == last) stress_wait();
        last = version;
        ended = seen->ended != 0;
    }
    pthread_join(writer, NULL);
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(backwards, 0);
    EXPECT(changes > 1 && last >= LOOK_EVERY);
    EXPECT(!nt_cell_has_news(cell));
    nt_cell_destroy(cell);
}
