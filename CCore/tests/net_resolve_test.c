// net_resolve_test.c — nt/resolve.h with what every machine knows of itself.
#include "nt/resolve.h"

#include "net_peer.h"

TEST(resolve, finds_each_address_once_and_ipv4_first) {
    nt_addresses found;
    EXPECT_EQ(nt_resolve("localhost", 2000, &found), NT_OK);
    EXPECT(found.count >= 1 && found.count <= NT_MAX_ADDRESSES);
    EXPECT_TEXT(found.text[0], "127.0.0.1");
    for (uint32_t i = 1; i < found.count; i++)
        for (uint32_t k = 0; k < i; k++) EXPECT(strcmp(found.text[i], found.text[k]) != 0);
}

TEST(resolve, takes_an_address_as_its_own_answer) {
    nt_addresses found;
    EXPECT_EQ(nt_resolve("::1", 2000, &found), NT_OK);
    EXPECT_TEXT(found.text[0], "::1");
    EXPECT_EQ(nt_resolve("10.1.2.3", 0, &found), NT_OK);
    EXPECT_TEXT(found.text[0], "10.1.2.3");
    EXPECT_EQ(found.count, 1);
}

TEST(resolve, refuses_and_gives_up) {
    nt_addresses found;
    EXPECT_EQ(nt_resolve("", 2000, &found), NT_INVALID);
    EXPECT_EQ(nt_resolve(NULL, 2000, &found), NT_INVALID);
    nt_status status = nt_resolve("no-such-host.invalid", 300, &found);
    EXPECT(status == NT_NOT_FOUND || status == NT_TIMEOUT);
    EXPECT_EQ(found.count, 0);
}
