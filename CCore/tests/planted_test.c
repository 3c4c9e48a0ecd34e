// The list of planted bugs, and that this program has none of them.
#include "nt/planted.h"

#include <string.h>

#include "test.h"

typedef struct row {
    uint32_t number;
    const char *name, *promise, *text;
} row;

#define ROW(number, name, promise, text) {number, #name, #promise, text},
static const row rows[] = {NT_PLANTED_BUGS(ROW)};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

TEST(planted, rows_are_numbered_and_named_once) {
    EXPECT(ROW_COUNT >= 30);
    for (uint32_t i = 0; i < ROW_COUNT; i++) {
        EXPECT_EQ(rows[i].number, i + 1);
        EXPECT(rows[i].promise[0] == 'P' && rows[i].text[0] != '\0');
        for (uint32_t k = 0; k < i; k++) EXPECT(strcmp(rows[i].name, rows[k].name) != 0);
    }
}

TEST(planted, this_program_has_none) {
#ifdef NT_PLANTED
    // A build that is to have one: without a number it has none either.
    if (nt_planted_bug == 0)
        for (uint32_t i = 0; i < ROW_COUNT; i++) EXPECT(!nt_planted(rows[i].number));
#else
    EXPECT(!nt_planted(rows[i].number)); // The switch does not even look at its argument.
#endif
}
