// test_main.c — runs every registered test; an argument filters by substring of "suite.name".
#include "test.h"

#include <stdarg.h>
#include <stdlib.h>

enum { MAX_TESTS = 2048 };

typedef struct {
    const char *suite;
    const char *name;
    nt_test_body body;
} test_case;

static test_case cases[MAX_TESTS];
static int case_count;
static bool current_failed;
static const char *current_skip;

void nt_test_register(const char *suite, const char *name, nt_test_body body) {
    if (case_count == MAX_TESTS) {
        fprintf(stderr, "too many tests\n");
        exit(2);
    }
    cases[case_count++] = (test_case){suite, name, body};
}

void nt_test_fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    current_failed = true;
}

void nt_test_skip(const char *reason) { current_skip = reason; }

void nt_test_figure(const char *name, uint64_t count) {
    printf("figure %s %" PRIu64 "\n", name, count);
}

int main(int argc, char **argv) {
    const char *filter = argc > 1 ? argv[1] : "";
    int passed = 0, failed = 0, skipped = 0;
    for (int i = 0; i < case_count; i++) {
        char full[256];
        snprintf(full, sizeof full, "%s.%s", cases[i].suite, cases[i].name);
        if (strstr(full, filter) == NULL) continue;
        current_failed = false;
        current_skip = NULL;
        cases[i].body();
        if (current_failed) {
            failed++;
            printf("FAILED  %s\n", full);
        } else if (current_skip != NULL) {
            skipped++;
            printf("skipped %s: %s\n", full, current_skip);
        } else {
            passed++;
        }
        fflush(stdout);
    }
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed == 0 ? 0 : 1;
}
