// model_main.c — runs the cases, then every weaker order.
//
// The first argument filters the cases by a part of "suite.name"; the others are the sources whose
// orders must all be run.
#include "checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CASES = 64 };

static const model_case *cases[MAX_CASES];
static uint32_t case_count;

void model_register(const model_case *added) {
    if (case_count == MAX_CASES) {
        fprintf(stderr, "model checker: too many cases\n");
        exit(2);
    }
    cases[case_count++] = added;
}

/// True when the case ended as it says.
static bool is_as_written(const model_case *run, const model_result *result) {
    if (run->fails != NULL) return result->failed && strstr(result->message, run->fails) != NULL;
    return !result->failed && result->outcomes == run->outcomes;
}

static bool run_case(uint32_t index, uint64_t *states) {
    const model_case *run = cases[index];
    model_result result;
    mutants_case(index);
    explore_case(run, &result);
    *states += result.states;
    const bool passed = is_as_written(run, &result);
    printf("%s%s.%s: %" PRIu64 " states, %" PRIu64 " executions", passed ? "" : "FAILED  ",
           run->suite, run->name, result.states, result.executions);
    if (result.cut > 0) printf(", %" PRIu64 " cut", result.cut);
    printf("\n");
    if (!passed) {
        printf("        outcomes %" PRIx64 ", expected %" PRIx64 "; %s\n", result.outcomes,
               run->outcomes, result.failed ? result.message : "no failure");
        if (result.failed) explore_print_trace();
    }
    fflush(stdout);
    return passed;
}

static int by_name(const void *a, const void *b) {
    const model_case *one = *(const model_case *const *)a, *other = *(const model_case *const *)b;
    const int order = strcmp(one->suite, other->suite);
    return order != 0 ? order : strcmp(one->name, other->name);
}

/// Keeps the cases whose name has `filter` in it.
static void choose_cases(const char *filter) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < case_count; i++) {
        char full[256];
        snprintf(full, sizeof full, "%s.%s", cases[i]->suite, cases[i]->name);
        if (strstr(full, filter) != NULL) cases[kept++] = cases[i];
    }
    case_count = kept;
    qsort(cases, case_count, sizeof cases[0], by_name);
}

int main(int argc, char **argv) {
    uint32_t passed = 0, failed = 0;
    uint64_t states = 0;
    model_tally tally = {0};
    choose_cases(argc > 1 ? argv[1] : "");
    for (uint32_t i = 0; i < case_count; i++) {
        if (run_case(i, &states)) {
            passed++;
        } else {
            failed++;
        }
    }
    if (failed == 0) mutants_run(cases, case_count, &tally);
    passed += tally.caught;
    failed += tally.missed;
    printf("states: %" PRIu64 "; weaker orders caught: %u of %u\n", states, tally.caught,
           tally.caught + tally.missed);
    if (argc > 2) {
        const bool all = written_were_run((const char *const *)argv + 2, argc - 2);
        passed += all;
        failed += !all;
    }
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
