#include "nt/status.h"

#include "test.h"

TEST(status, every_code_has_its_own_name) {
    for (int a = NT_LOCKED; a <= NT_OK; a++) {
        EXPECT(strcmp(nt_status_text((nt_status)a), "unknown status") != 0);
        for (int b = NT_LOCKED; b < a; b++) {
            EXPECT(strcmp(nt_status_text((nt_status)a), nt_status_text((nt_status)b)) != 0);
        }
    }
    EXPECT_TEXT(nt_status_text(NT_NOT_FOUND), "not found");
}

TEST(status, unknown_code_is_named_unknown) {
    EXPECT_TEXT(nt_status_text((nt_status)(NT_LOCKED - 1)), "unknown status");
}

TEST(status, fail_records_the_text_and_returns_the_status) {
    EXPECT_EQ(nt_fail(NT_IO, "open %s: error %d", "a.txt", 7), NT_IO);
    EXPECT_TEXT(nt_last_error(), "open a.txt: error 7");
}

TEST(status, overlong_text_is_cut_and_terminated) {
    char text[2000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    nt_fail(NT_IO, "%s", text);
    EXPECT(strlen(nt_last_error()) > 100);
    EXPECT(strlen(nt_last_error()) < sizeof text - 1);
}
