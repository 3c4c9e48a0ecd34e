#include "nt/cell.h"

#include "nt/random.h"
#include "test.h"

static nt_cell *fresh(uint32_t size) {
    nt_cell *cell = NULL;
    nt_cell_create(size, &cell);
    return cell;
}

TEST(cell, refuses_an_empty_value) {
    nt_cell *cell = NULL;
    EXPECT_EQ(nt_cell_create(0, &cell), NT_INVALID);
    EXPECT(cell == NULL);
    nt_cell_destroy(NULL);
}

TEST(cell, starts_as_zero_with_version_zero) {
    nt_cell *cell = fresh(8);
    uint64_t version = 9;
    EXPECT(!nt_cell_has_news(cell));
    EXPECT_EQ(*(const int64_t *)nt_cell_read(cell, &version), 0);
    EXPECT_EQ(version, 0);
    nt_cell_destroy(cell);
}

TEST(cell, reader_gets_the_newest_and_its_version) {
    nt_cell *cell = fresh(8);
    uint64_t version = 0;
    for (int64_t value = 1; value <= 5; value++) {
        EXPECT_EQ(nt_cell_write(cell, &value), value);
    }
    EXPECT(nt_cell_has_news(cell));
    EXPECT_EQ(*(const int64_t *)nt_cell_read(cell, &version), 5);
    EXPECT_EQ(version, 5);
    EXPECT(!nt_cell_has_news(cell));
    EXPECT_EQ(*(const int64_t *)nt_cell_read(cell, &version), 5);
    EXPECT_EQ(version, 5);
    nt_cell_destroy(cell);
}

TEST(cell, value_that_is_held_stays_while_others_are_written) {
    nt_cell *cell = fresh(8);
    int64_t value = 1;
    uint64_t version;
    nt_cell_write(cell, &value);
    const int64_t *held = nt_cell_read(cell, &version);
    EXPECT((uintptr_t)held % 16 == 0);
    for (value = 2; value < 20; value++) {
        nt_cell_write(cell, &value);
        EXPECT_EQ(*held, 1);
    }
    EXPECT_EQ(*(const int64_t *)nt_cell_read(cell, &version), 19);
    nt_cell_destroy(cell);
}

TEST(cell, agrees_with_a_variable_over_random_steps) {
    nt_random random = nt_random_seeded(6);
    nt_cell *cell = fresh(100);
    char value[100] = {0};
    uint64_t written = 0, version = 0;
    for (int i = 0; i < 20000; i++) {
        if (nt_random_below(&random, 2) == 0) {
            memset(value, (char)nt_random_next(&random), sizeof value);
            EXPECT_EQ(nt_cell_write(cell, value), ++written);
        } else {
            EXPECT_EQ(nt_cell_has_news(cell), version != written);
            EXPECT(memcmp(nt_cell_read(cell, &version), value, sizeof value) == 0);
            EXPECT_EQ(version, written);
        }
    }
    nt_cell_destroy(cell);
}
