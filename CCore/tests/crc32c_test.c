#include "base/crc32c.h"

#include "nt/crypto.h"
#include "nt/random.h"
#include "test.h"

// The vectors of RFC 3720, appendix B.4 (there printed in the order of bytes on the wire).
TEST(crc32c, matches_the_vectors_of_rfc_3720) {
    uint8_t bytes[32] = {0};
    EXPECT_EQ(nt_crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    EXPECT_EQ(nt_crc32c(0, bytes, 32), 0x62a8ab43u);
    for (uint8_t i = 0; i < 32; i++) bytes[i] = i;
    EXPECT_EQ(nt_crc32c(0, bytes, 32), 0x46dd794eu);
    for (uint8_t i = 0; i < 32; i++) bytes[i] = (uint8_t)(31 - i);
    EXPECT_EQ(nt_crc32c(0, bytes, 32), 0x113fdb5cu);
    static const uint8_t command[48] = {
        0x01, 0xc0, [16] = 0x14, [20] = 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0,
        0,    0,    0x18,        0x28,     0, 0,    0, 0, 0, 0, 0,    0x02,
    };
    EXPECT_EQ(nt_crc32c(0, command, sizeof command), 0xd9963a56u);
}

TEST(crc32c, check_value_and_nothing) {
    EXPECT_EQ(nt_crc32c(0, "123456789", 9), 0xe3069283u);
    EXPECT_EQ(nt_crc32c(0, "", 0), 0);
    EXPECT_EQ(nt_crc32c(7, "", 0), 7);
}

TEST(crc32c, table_follows_from_the_polynomial) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t remainder = i;
        for (int bit = 0; bit < 8; bit++) {
            remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? 0x82f63b78u : 0);
        }
        // With this start, the byte picks entry i and nothing else contributes.
        const uint8_t byte = (uint8_t)i;
        EXPECT_EQ(nt_crc32c_table(UINT32_MAX, &byte, 1), ~remainder);
    }
}

TEST(crc32c, instruction_agrees_with_the_table_at_every_length_and_offset) {
    uint8_t bytes[160];
    nt_random random = nt_random_seeded(8);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)nt_random_next(&random);
    for (size_t offset = 0; offset < 9; offset++) {
        for (size_t length = 0; offset + length <= sizeof bytes; length++) {
            const uint32_t start = (uint32_t)nt_random_next(&random);
            EXPECT_EQ(nt_crc32c(start, bytes + offset, length),
                      nt_crc32c_table(start, bytes + offset, length));
        }
    }
}

TEST(crc32c, pieces_give_the_same_as_the_whole) {
    const char *text = "a record in two writes";
    const size_t length = strlen(text);
    for (size_t cut = 0; cut <= length; cut++) {
        const uint32_t first = nt_crc32c(0, text, cut);
        EXPECT_EQ(nt_crc32c(first, text + cut, length - cut), nt_crc32c(0, text, length));
    }
}
