#include "nt/decimal.h"

#include <stdlib.h>

#include "nt/random.h"
#include "test.h"

static nt_status read(const char *text, uint32_t decimals, int64_t *out) {
    // An exact copy on the heap, so that the address sanitizer sees a read beyond the length.
    const uint32_t length = (uint32_t)strlen(text);
    char *copy = malloc(length + 1);
    memcpy(copy, text, length);
    char *exact = realloc(copy, length > 0 ? length : 1);
    const nt_status status = nt_decimal_read(exact, length, decimals, out);
    free(exact);
    return status;
}

static int64_t value_of(const char *text, uint32_t decimals) {
    int64_t value = -777;
    return read(text, decimals, &value) == NT_OK ? value : -777;
}

TEST(decimal, reads_plain_numbers) {
    EXPECT_EQ(value_of("0", 0), 0);
    EXPECT_EQ(value_of("42", 0), 42);
    EXPECT_EQ(value_of("-42", 0), -42);
    EXPECT_EQ(value_of("52000.01", 2), 5200001);
    EXPECT_EQ(value_of("-12.3400", 4), -123400);
    EXPECT_EQ(value_of("1", 8), 100000000);
    EXPECT_EQ(value_of("0.00000001", 8), 1);
    EXPECT_EQ(value_of("-0.5", 1), -5);
    EXPECT_EQ(value_of("-0", 2), 0);
    EXPECT_EQ(value_of("-0.00", 2), 0);
    EXPECT_EQ(value_of("000000000000000000000000000000012", 0), 12);
}

TEST(decimal, zeros_beyond_the_decimals_are_accepted) {
    EXPECT_EQ(value_of("1.500000000000000000000000000", 1), 15);
    EXPECT_EQ(value_of("7.000", 0), 7);
}

TEST(decimal, other_digits_beyond_the_decimals_are_invalid) {
    int64_t value = 3;
    EXPECT_EQ(read("1.51", 1, &value), NT_INVALID);
    EXPECT_EQ(read("7.0001", 0, &value), NT_INVALID);
    EXPECT_EQ(read("7.00010", 3, &value), NT_INVALID);
    EXPECT_EQ(value, 3);
}

TEST(decimal, anything_but_a_plain_number_is_invalid) {
    static const char *const bad[] = {
        "",     "-",   "+1",  ".5",  "5.", "-.5", "-5.",  "1e5", "1E5",   "1.5e1",
        " 1",   "1 ",  "1,5", "--1", "1-", "1.-", "1.2.", "..",  "1..2",  "NaN",
        "inf",  "0x1", "1_0", "/",   ":",  "-:",  "1.:",  "1/",  "1.5\n", "99999999999999999999x",
        "1.5f", "١",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = 3;
        if (read(bad[i], 4, &value) != NT_INVALID) {
            nt_test_fail(__FILE__, __LINE__, "\"%s\" was not refused", bad[i]);
        }
        EXPECT_EQ(value, 3);
    }
}

TEST(decimal, embedded_nul_is_invalid) {
    int64_t value;
    EXPECT_EQ(nt_decimal_read("1\0002", 3, 0, &value), NT_INVALID);
}

TEST(decimal, reads_to_the_very_ends_of_the_range) {
    EXPECT_EQ(value_of("9223372036854775807", 0), INT64_MAX);
    EXPECT_EQ(value_of("-9223372036854775808", 0), INT64_MIN);
    EXPECT_EQ(value_of("9.223372036854775807", 18), INT64_MAX);
    EXPECT_EQ(value_of("-9.223372036854775808", 18), INT64_MIN);
    EXPECT_EQ(value_of("92233720368547758.07", 2), INT64_MAX);
}

TEST(decimal, one_beyond_the_range_overflows) {
    static const struct {
        const char *text;
        uint32_t decimals;
    } big[] = {
        {"9223372036854775808", 0},   {"-9223372036854775809", 0},
        {"9.223372036854775808", 18}, {"18446744073709551615", 0},
        {"18446744073709551616", 0},  {"18446744073709551617", 0},
        {"-18446744073709551617", 0}, {"10", 18},
        {"922337203685477581", 1},    {"36893488147419103233", 0},
        {"184467440737095516161", 0}, {"100000000000000000000000000000000000000000", 0},
    };
    for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
        int64_t value = 3;
        if (read(big[i].text, big[i].decimals, &value) != NT_OVERFLOW) {
            nt_test_fail(__FILE__, __LINE__, "\"%s\" did not overflow", big[i].text);
        }
        EXPECT_EQ(value, 3);
    }
}

TEST(decimal, reads_whole_units_only) {
    int64_t ticks = 3;
    EXPECT_EQ(nt_decimal_read_units("1.25", 4, 2, 5, &ticks), NT_OK);
    EXPECT_EQ(ticks, 25);
    EXPECT_EQ(nt_decimal_read_units("-1.25", 5, 2, 5, &ticks), NT_OK);
    EXPECT_EQ(ticks, -25);
    EXPECT_EQ(nt_decimal_read_units("1.26", 4, 2, 5, &ticks), NT_INVALID);
    EXPECT_EQ(nt_decimal_read_units("1.255", 5, 2, 5, &ticks), NT_INVALID);
    EXPECT_EQ(nt_decimal_read_units("99999999999999999999", 20, 2, 5, &ticks), NT_OVERFLOW);
    EXPECT_EQ(ticks, -25);
}

static const char *written(int64_t value, uint32_t decimals) {
    static char text[32];
    memset(text, '#', sizeof text);
    const uint32_t length = nt_decimal_write(value, decimals, text);
    if (length > 22 || text[length] != '#') return "wrote beyond its length";
    text[length] = 0;
    return text;
}

TEST(decimal, writes_exactly_the_decimals) {
    EXPECT_TEXT(written(0, 0), "0");
    EXPECT_TEXT(written(0, 2), "0.00");
    EXPECT_TEXT(written(5, 2), "0.05");
    EXPECT_TEXT(written(-5, 2), "-0.05");
    EXPECT_TEXT(written(100, 2), "1.00");
    EXPECT_TEXT(written(-123400, 4), "-12.3400");
    EXPECT_TEXT(written(10, 0), "10");
    EXPECT_TEXT(written(1, 18), "0.000000000000000001");
    EXPECT_TEXT(written(INT64_MAX, 0), "9223372036854775807");
    EXPECT_TEXT(written(INT64_MIN, 0), "-9223372036854775808");
    EXPECT_TEXT(written(INT64_MAX, 18), "9.223372036854775807");
    EXPECT_TEXT(written(INT64_MIN, 18), "-9.223372036854775808");
    EXPECT_TEXT(written(INT64_MIN, 1), "-922337203685477580.8");
}

TEST(decimal, what_is_written_reads_back) {
    nt_random random = nt_random_seeded(20240101);
    for (int i = 0; i < 200000; i++) {
        // Shifted by a random width, so that short numbers are as likely as long ones.
        const int64_t value = (int64_t)nt_random_next(&random) >> nt_random_below(&random, 64);
        const uint32_t decimals = (uint32_t)nt_random_below(&random, 19);
        char text[24];
        const uint32_t length = nt_decimal_write(value, decimals, text);
        int64_t back = ~value;
        EXPECT(length <= 22);
        EXPECT_EQ(nt_decimal_read(text, length, decimals, &back), NT_OK);
        EXPECT_EQ(back, value);
    }
}

TEST(decimal, any_byte_but_a_digit_is_invalid_at_any_place) {
    const char number[] = "12.12345678";
    for (uint32_t at = 0; at < 11; at++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[11];
            int64_t value;
            memcpy(text, number, sizeof text);
            text[at] = (char)byte;
            const bool digit = byte >= '0' && byte <= '9';
            const bool expected =
                at == 2 ? byte == '.' || digit : digit || (at == 0 && byte == '-');
            const nt_status status = nt_decimal_read(text, sizeof text, 8, &value);
            EXPECT_EQ(status, expected ? NT_OK : NT_INVALID);
        }
    }
}

/// The obvious reader: the grammar first, then digit by digit in 128 bits.
static nt_status read_slowly(const char *text, uint32_t length, uint32_t decimals, int64_t *out) {
    uint32_t at = length > 0 && text[0] == '-', points = 0, kept = 0;
    const uint32_t first = at;
    bool lost = false;
    __int128 value = 0;
    const __int128 limit = (__int128)INT64_MAX + (first == 1);
    for (; at < length; at++) {
        if (text[at] == '.' && points == 0 && at > first) {
            points = at;
        } else if (text[at] < '0' || text[at] > '9') {
            return NT_INVALID;
        } else if (points == 0 || kept < decimals) {
            kept += points != 0;
            value = value > limit ? value : value * 10 + (text[at] - '0');
        } else {
            lost |= text[at] != '0';
        }
    }
    if (at == first || (points != 0 && points == length - 1) || lost) return NT_INVALID;
    for (; kept < decimals; kept++) value = value > limit ? value : value * 10;
    if (value > limit) return NT_OVERFLOW;
    *out = (int64_t)(first == 1 ? -value : value);
    return NT_OK;
}

TEST(decimal, agrees_with_the_obvious_reader_on_random_text) {
    nt_random random = nt_random_seeded(31);
    uint32_t seen[3] = {0};
    for (int i = 0; i < 400000; i++) {
        char text[40];
        const uint32_t length = (uint32_t)nt_random_below(&random, 32);
        const uint32_t decimals = (uint32_t)nt_random_below(&random, 19);
        // Mostly digits, many zeros; a point, a minus and a stranger now and then.
        for (uint32_t at = 0; at < length; at++) {
            const uint64_t choice = nt_random_below(&random, 40);
            text[at] = choice < 10 ? (char)('0' + choice) : '0';
        }
        if (length > 0 && i % 8 != 0) text[nt_random_below(&random, length)] = '.';
        if (length > 0 && i % 3 == 0) text[0] = '-';
        if (length > 0 && i % 16 == 0) {
            text[nt_random_below(&random, length)] = (char)nt_random_next(&random);
        }
        int64_t fast = 3, slow = 3;
        const nt_status status = nt_decimal_read(text, length, decimals, &fast);
        EXPECT_EQ(status, read_slowly(text, length, decimals, &slow));
        EXPECT_EQ(fast, slow);
        seen[status == NT_OK ? 0 : status == NT_INVALID ? 1 : 2]++;
    }
    for (int i = 0; i < 3; i++) EXPECT(seen[i] > 4000);
}

TEST(decimal, checked_arithmetic_leaves_the_result_on_overflow) {
    int64_t result = 3;
    EXPECT(nt_add(INT64_MAX - 1, 1, &result));
    EXPECT_EQ(result, INT64_MAX);
    EXPECT(!nt_add(INT64_MAX, 1, &result));
    EXPECT(!nt_multiply(INT64_MIN, -1, &result));
    EXPECT_EQ(result, INT64_MAX);
    EXPECT(nt_multiply(-3, 4, &result));
    EXPECT_EQ(result, -12);
}
