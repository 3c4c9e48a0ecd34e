// budget_page.h — the memory that the users of a budget share, and nothing else.
//
// Every field that changes is one atomic word that is right by itself, so a process may die
// between any two of them. A word that makes no sense counts as absent.
#ifndef NT_BUDGET_PAGE_H
#define NT_BUDGET_PAGE_H

#include <stdatomic.h>

#include "nt/budget.h"

#define BUDGET_MAGIC    UINT64_C(0x3154454744554254) ///< "TBUDGET1"
#define BUDGET_VERSION  1u
#define BUDGET_ACCOUNTS 64u
/// Slices of a window that are looked at are SLICES + 1; the eighth place is the next one's, for
/// a process that sees the clock a moment earlier.
#define BUDGET_SLICES 6u
#define BUDGET_PLACES 8u

/// What was used, by slices of the window. A word: number of the slice (high half), used (low).
typedef struct budget_window {
    _Atomic uint64_t rule; ///< Length in ms (high half), the venue's limit (low). 0 = not told.
    _Atomic uint64_t slices[BUDGET_PLACES];
} budget_window;

typedef struct budget_account {
    _Atomic uint64_t mark; ///< 0 = free.
    budget_window orders[2];
} budget_account;

typedef struct budget_page {
    uint64_t magic; ///< Written last, under the file's lock.
    uint32_t version, size;
    _Atomic int64_t blocked_until_ms, banned_until_ms;
    budget_window weight;
    budget_account accounts[BUDGET_ACCOUNTS];
    _Atomic uint32_t users[NT_BUDGET_MAX_USERS]; ///< Process ids; 0 = free.
} budget_page;

struct nt_budget {
    budget_page *page;
    budget_window *windows[NT_BUDGET_LIMIT_COUNT];
    int64_t percent;
    uint32_t user; ///< Place in users; NT_BUDGET_MAX_USERS = not listed.
    bool mapped;   ///< The page is a file's, not ours alone.
};

static inline void budget_join(nt_budget *budget, budget_account *account) {
    budget->windows[NT_BUDGET_WEIGHT] = &budget->page->weight;
    budget->windows[NT_BUDGET_ORDERS] = &account->orders[0];
    budget->windows[NT_BUDGET_ORDERS_DAY] = &account->orders[1];
}

#endif
