// test.h — the smallest test harness that reads well: TEST(suite, behaviour) { EXPECT(...); }
//
// Each test file is linked with test_main.c. The last line printed is "N passed, N failed, N
// skipped".
#ifndef NT_TEST_H
#define NT_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef void (*nt_test_body)(void);
void nt_test_register(const char *suite, const char *name, nt_test_body body);
void nt_test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void nt_test_skip(const char *reason);
/// Counts for the figure sheet: prints "figure NAME COUNT", which Tools/figures adds up.
void nt_test_figure(const char *name, uint64_t count);

#define TEST(suite, name)                                                                          \
    static void test_##suite##_##name(void);                                                       \
    __attribute__((constructor)) static void register_##suite##_##name(void) {                     \
        nt_test_register(#suite, #name, test_##suite##_##name);                                    \
    }                                                                                              \
    static void test_##suite##_##name(void)

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            nt_test_fail(__FILE__, __LINE__, "expected %s", #condition);                           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define EXPECT_EQ(actual, wanted)                                                                  \
    do {                                                                                           \
        int64_t nt_actual = (int64_t)(actual), nt_wanted = (int64_t)(wanted);                      \
        if (nt_actual != nt_wanted) {                                                              \
            nt_test_fail(__FILE__, __LINE__, "%s is %" PRId64 ", expected %s = %" PRId64, #actual, \
                         nt_actual, #wanted, nt_wanted);                                           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define EXPECT_TEXT(actual, wanted)                                                                \
    do {                                                                                           \
        const char *nt_actual = (actual), *nt_wanted = (wanted);                                   \
        if (strcmp(nt_actual, nt_wanted) != 0) {                                                   \
            nt_test_fail(__FILE__, __LINE__, "%s is \"%s\", expected \"%s\"", #actual, nt_actual,  \
                         nt_wanted);                                                               \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define SKIP(reason)                                                                               \
    do {                                                                                           \
        nt_test_skip(reason);                                                                      \
        return;                                                                                    \
    } while (0)

#endif
