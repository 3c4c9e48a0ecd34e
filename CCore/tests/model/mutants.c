// mutants.c — weakens one memory order at a time and runs the cases that use it.
//
// One that no case notices is an order that the code does not need, or a hole in the cases: the
// source takes the weaker order, or a case is added.
#include "checker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SITES = 256, NAME_SIZE = 160 };

typedef struct {
    const model_site *at;
    int order;         ///< As written; −1 while it has not run.
    uint64_t in_cases; ///< Those that run it.
} known_site;

static known_site sites[MAX_SITES];
static uint32_t site_count;
static known_site *here[MODEL_CLOCKS]; ///< Each thread's next or last operation.
static uint32_t case_now;
static const known_site *weakened;
static int weaker;

// Sites.

/// A site in a header is compiled into several objects.
static bool is_same(const model_site *a, const model_site *b) {
    return a->line == b->line && strcmp(a->file, b->file) == 0 && strcmp(a->kind, b->kind) == 0;
}

static known_site *site_of(const model_site *at) {
    for (uint32_t i = 0; i < site_count; i++) {
        if (sites[i].at == at) return &sites[i];
    }
    for (uint32_t i = 0; i < site_count; i++) {
        if (is_same(sites[i].at, at)) return &sites[i];
    }
    if (site_count == MAX_SITES) {
        fprintf(stderr, "model checker: too many atomic operations\n");
        exit(2);
    }
    sites[site_count] = (known_site){.at = at, .order = -1};
    return &sites[site_count++];
}

void model_at(const model_site *site) {
    const model_view *view = explore_view();
    if (view != NULL) here[view->number] = site_of(site);
}

int mutants_order(int written) {
    known_site *site = here[explore_view()->number];
    if (site == NULL) return written;
    if (site == weakened) return weaker;
    if (weakened == NULL) {
        site->order = written;
        site->in_cases |= UINT64_C(1) << case_now;
    }
    return written;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

const char *mutants_here(void) {
    static char text[NAME_SIZE];
    const known_site *site = here[explore_view()->number];
    if (site == NULL) return "?";
    snprintf(text, sizeof text, "%s:%d %s %s", base_name(site->at->file), site->at->line,
             site->at->function, site->at->kind);
    return text;
}

void mutants_case(uint32_t index) {
    case_now = index;
    memset(here, 0, sizeof here);
}

bool mutants_ran(const char *path, int line) {
    for (uint32_t i = 0; i < site_count; i++) {
        if (sites[i].at->line == line && sites[i].order > memory_order_relaxed &&
            strcmp(sites[i].at->file, path) == 0)
            return true;
    }
    return false;
}

// Weaker orders.

static const char *order_name(int order) {
    static const char *const names[] = {"relaxed", "consume", "acquire",
                                        "release", "acq_rel", "seq_cst"};
    return names[order];
}

/// The orders one step weaker; returns how many.
static uint32_t weaker_orders(int order, int out[2]) {
    switch (order) {
    case memory_order_consume:
    case memory_order_acquire:
    case memory_order_release:
        out[0] = memory_order_relaxed;
        return 1;
    case memory_order_acq_rel:
        out[0] = memory_order_acquire;
        out[1] = memory_order_release;
        return 2;
    case memory_order_seq_cst:
        out[0] = memory_order_acq_rel;
        return 1;
    default:
        return 0;
    }
}

/// True when a case that uses the site fails; its name and message are put into `how`.
static bool is_caught(const known_site *site, const model_case *const *cases, uint32_t count,
                      char how[static 640]) {
    model_result result;
    for (uint32_t i = 0; i < count; i++) {
        if ((site->in_cases >> i & 1) == 0) continue;
        mutants_case(i);
        explore_case(cases[i], &result);
        if (!result.failed && result.outcomes == cases[i]->outcomes) continue;
        snprintf(how, 640, "%s.%s: %s", cases[i]->suite, cases[i]->name,
                 result.failed ? result.message : "other outcomes");
        return true;
    }
    return false;
}

static void run_one(const known_site *site, int order, const model_case *const *cases,
                    uint32_t count, model_tally *tally) {
    char name[NAME_SIZE], how[640];
    snprintf(name, sizeof name, "%s %s %s %s to %s", base_name(site->at->file), site->at->function,
             site->at->kind, order_name(site->order), order_name(order));
    weakened = site;
    weaker = order;
    const bool caught = is_caught(site, cases, count, how);
    weakened = NULL;
    if (caught) {
        printf("caught  %s (line %d) by %s\n", name, site->at->line, how);
    } else {
        printf("FAILED  %s (line %d): no case notices\n", name, site->at->line);
    }
    tally->caught += caught;
    tally->missed += !caught;
    fflush(stdout);
}

void mutants_run(const model_case *const *cases, uint32_t count, model_tally *tally) {
    *tally = (model_tally){0};
    for (uint32_t i = 0; i < site_count; i++) {
        int orders[2];
        // The cases' own operations are not what is being tried.
        if (strstr(sites[i].at->file, "tests/") != NULL) continue;
        const uint32_t weaker_count = weaker_orders(sites[i].order, orders);
        for (uint32_t k = 0; k < weaker_count; k++) {
            run_one(&sites[i], orders[k], cases, count, tally);
        }
    }
}
