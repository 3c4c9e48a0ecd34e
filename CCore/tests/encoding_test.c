#include <stdlib.h>

#include "nt/crypto.h"
#include "nt/random.h"
#include "test.h"

static const char *base64(const char *bytes) {
    static char text[64];
    text[nt_base64_write((const uint8_t *)bytes, strlen(bytes), text)] = 0;
    return text;
}

static nt_status read(const char *text, uint8_t *out, size_t capacity, size_t *written) {
    return nt_base64_read(text, strlen(text), out, capacity, written);
}

TEST(encoding, hex_is_lower_case) {
    static const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    char text[9] = {0};
    nt_hex_write(bytes, sizeof bytes, text);
    EXPECT_TEXT(text, "000fa5ff");
}

// The vectors of RFC 4648, section 10.
static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(encoding, base64_writes_the_vectors_of_rfc_4648) {
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        EXPECT_TEXT(base64(vectors[i][0]), vectors[i][1]);
    }
}

TEST(encoding, base64_reads_the_vectors_of_rfc_4648) {
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t bytes[8];
        size_t written = 99;
        EXPECT_EQ(read(vectors[i][1], bytes, sizeof bytes, &written), NT_OK);
        EXPECT_EQ(written, strlen(vectors[i][0]));
        EXPECT(memcmp(bytes, vectors[i][0], written) == 0);
    }
}

TEST(encoding, base64_uses_the_whole_alphabet) {
    static const uint8_t bytes[] = {0xfb, 0xff, 0xbf};
    char text[5] = {0};
    nt_base64_write(bytes, sizeof bytes, text);
    EXPECT_TEXT(text, "+/+/");
}

TEST(encoding, malformed_base64_is_invalid) {
    static const char *const bad[] = {
        "Z",      "Zg",   "Zg=",  "Z===", "====",     "=Zg=",       "Zg=a",    "Zm9v=", "Zm 9",
        "Zm9v\n", "Zm-_", "Zh==", "Zm9=", "Zg==Zg==", "Zm\xc3\xa4", "Zm9vZg=", "=",     "==",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t bytes[16];
        size_t written = 99;
        if (read(bad[i], bytes, sizeof bytes, &written) != NT_INVALID) {
            nt_test_fail(__FILE__, __LINE__, "\"%s\" was not refused", bad[i]);
        }
        EXPECT_EQ(written, 99);
    }
}

TEST(encoding, base64_that_does_not_fit_is_full) {
    uint8_t bytes[6];
    size_t written = 99;
    EXPECT_EQ(read("Zm9vYmFy", bytes, 5, &written), NT_FULL);
    EXPECT_EQ(read("Zm9vYmE=", bytes, 5, &written), NT_OK);
    EXPECT_EQ(written, 5);
}

TEST(encoding, base64_round_trips) {
    nt_random random = nt_random_seeded(3);
    for (size_t length = 0; length < 200; length++) {
        // Exact sizes on the heap, so that the address sanitizer sees one byte too many.
        uint8_t *bytes = malloc(length + 1), *back = malloc(length + 1);
        char *text = malloc((length + 2) / 3 * 4 + 1);
        for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)nt_random_next(&random);
        const size_t size = nt_base64_write(bytes, length, text);
        size_t written = 0;
        const nt_status status = nt_base64_read(text, size, back, length, &written);
        const bool same = written == length && memcmp(bytes, back, length) == 0;
        free(bytes);
        free(back);
        free(text);
        EXPECT_EQ(status, NT_OK);
        EXPECT(same);
        EXPECT_EQ(size, (length + 2) / 3 * 4);
    }
}
