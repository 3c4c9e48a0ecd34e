// budget.c — counting: check, add with one instruction, check again.
//
// A venue's windows begin by its own clock, and a request needs time to get there. So a window is
// judged in slices, always a whole length and up to one slice more: whenever the venue's window
// begins, what it can have counted of ours is among what we counted, as long as clock and way
// differ by less than a slice (10 s of a minute).
#include "nt/budget.h"

#include <signal.h>
#include <stddef.h>

#include "budget_page.h"

/// In force until the venue tells its own: small enough for any venue.
static const uint64_t standard_rules[NT_BUDGET_LIMIT_COUNT] = {
    [NT_BUDGET_WEIGHT] = UINT64_C(60000) << 32 | 1200,
    [NT_BUDGET_ORDERS] = UINT64_C(10000) << 32 | 50,
    [NT_BUDGET_ORDERS_DAY] = UINT64_C(86400000) << 32 | 100000,
};

enum { SHORTEST_WINDOW_MS = 1000, LONGEST_WINDOW_MS = 7 * 86400000 };

typedef struct {
    int64_t limit, length_ms, slice_ms;
    int64_t number; ///< Of the slice that the clock is in.
} moment;

static bool makes_sense(int64_t limit, int64_t length_ms) {
    return limit >= 1 && limit <= INT32_MAX && length_ms >= SHORTEST_WINDOW_MS &&
           length_ms <= LONGEST_WINDOW_MS;
}

static moment moment_of(const nt_budget *budget, nt_budget_limit which, int64_t wall_ms) {
    // Relaxed, as everywhere here unless said: each word is right by itself.
    uint64_t rule = atomic_load_explicit(&budget->windows[which]->rule, memory_order_relaxed);
    if (!makes_sense(rule & UINT32_MAX, (int64_t)(rule >> 32))) rule = standard_rules[which];
    moment at = {.limit = rule & UINT32_MAX, .length_ms = (int64_t)(rule >> 32)};
    at.slice_ms = (at.length_ms + BUDGET_SLICES - 1) / BUDGET_SLICES;
    at.number = wall_ms > 0 ? wall_ms / at.slice_ms : 0;
    return at;
}

/// Used in a slice `age` slices before now; negative: by a clock that is ahead of ours.
static int64_t used_at(const budget_window *window, const moment *at, int age) {
    const uint32_t number = (uint32_t)(at->number - age);
    const uint64_t word =
        atomic_load_explicit(&window->slices[number % BUDGET_PLACES], memory_order_relaxed);
    return (uint32_t)(word >> 32) == number ? (int64_t)(uint32_t)word : 0;
}

enum { OLDEST = BUDGET_SLICES, NEWEST = -(int)BUDGET_PLACES };

static int64_t used_in(const budget_window *window, const moment *at) {
    int64_t used = 0;
    for (uint32_t i = 0; i < BUDGET_PLACES; i++) {
        // Sequentially consistent: of two who add at once, in two slices, at least one sees the
        // other's. Pairs with the exchange in add.
        const uint64_t word = atomic_load_explicit(&window->slices[i], memory_order_seq_cst);
        const int32_t age = (int32_t)((uint32_t)at->number - (uint32_t)(word >> 32));
        if (age <= OLDEST && age >= NEWEST) used += (uint32_t)word;
    }
    return used;
}

/// Whether the word is this slice's; also one that a clock set back since has left behind.
static bool is_slice(uint64_t word, uint32_t number) {
    return (uint32_t)(word >> 32) == number || (uint32_t)(word >> 32) == number + BUDGET_PLACES;
}

static void add(budget_window *window, const moment *at, int64_t amount) {
    const uint32_t number = (uint32_t)at->number;
    _Atomic uint64_t *place = &window->slices[number % BUDGET_PLACES];
    uint64_t word = atomic_load_explicit(place, memory_order_relaxed), next;
    do {
        const bool same = is_slice(word, number);
        int64_t used = (same ? (int64_t)(uint32_t)word : 0) + amount;
        if (used > INT32_MAX) used = INT32_MAX;
        next = (same ? word >> 32 << 32 : (uint64_t)number << 32) | (uint64_t)used;
    } while (!atomic_compare_exchange_weak_explicit(place, &word, next, memory_order_seq_cst,
                                                    memory_order_relaxed));
}

static void give_back(budget_window *window, const moment *at, int64_t amount) {
    const uint32_t number = (uint32_t)at->number;
    _Atomic uint64_t *place = &window->slices[number % BUDGET_PLACES];
    uint64_t word = atomic_load_explicit(place, memory_order_relaxed);
    while (is_slice(word, number) && (uint32_t)word >= amount) {
        if (atomic_compare_exchange_weak_explicit(place, &word, word - (uint64_t)amount,
                                                  memory_order_relaxed, memory_order_relaxed))
            return;
    }
}

static int64_t most_for(const nt_budget *budget, nt_budget_class who, int64_t limit) {
    static const int64_t percent[NT_BUDGET_CLASS_COUNT] = {100, 95, 90, 80};
    if (who == NT_BUDGET_CANCEL) return limit;
    if (who >= NT_BUDGET_CLASS_COUNT) who = NT_BUDGET_READ;
    return limit * budget->percent / 100 * percent[who] / 100;
}

/// When so much has left the window that `excess` is gone.
static int64_t free_at(const budget_window *window, const moment *at, int64_t excess,
                       int64_t wall_ms) {
    for (int age = OLDEST; age >= NEWEST; age--) {
        excess -= used_at(window, at, age);
        if (excess <= 0) return (at->number - age + OLDEST + 1) * at->slice_ms;
    }
    return wall_ms + at->length_ms;
}

static bool has_room(const nt_budget *budget, nt_budget_limit which, const moment *at, int64_t most,
                     int64_t amount, int64_t wall_ms, nt_budget_refusal *refusal) {
    const budget_window *window = budget->windows[which];
    const int64_t used = used_in(window, at) + amount;
    if (used <= most) return true;
    *refusal = (nt_budget_refusal){.limit = which,
                                   .value = used,
                                   .most = most,
                                   .until_ms = free_at(window, at, used - most, wall_ms)};
    return false;
}

static bool take(nt_budget *budget, nt_budget_limit which, nt_budget_class who, int64_t amount,
                 int64_t wall_ms, nt_budget_refusal *refusal) {
    if (amount == 0) return true;
    const moment at = moment_of(budget, which, wall_ms);
    const int64_t most = most_for(budget, who, at.limit);
    if (!has_room(budget, which, &at, most, amount, wall_ms, refusal)) return false;
    add(budget->windows[which], &at, amount);
    // Somebody may have added in between: then whoever sees too much steps back.
    if (has_room(budget, which, &at, most, 0, wall_ms, refusal)) return true;
    give_back(budget->windows[which], &at, amount);
    return false;
}

static void untake(nt_budget *budget, nt_budget_limit which, int64_t amount, int64_t wall_ms) {
    const moment at = moment_of(budget, which, wall_ms);
    if (amount > 0) give_back(budget->windows[which], &at, amount);
}

void nt_budget_give_back(nt_budget *budget, uint32_t weight, uint32_t orders, int64_t wall_ms) {
    untake(budget, NT_BUDGET_WEIGHT, weight, wall_ms);
    untake(budget, NT_BUDGET_ORDERS, orders, wall_ms);
    untake(budget, NT_BUDGET_ORDERS_DAY, orders, wall_ms);
}

/// 0 when it is over, or no time that a venue may ask for.
static int64_t end_of(const _Atomic int64_t *until, int64_t wall_ms) {
    const int64_t end = atomic_load_explicit(until, memory_order_relaxed);
    if (wall_ms < 0) wall_ms = 0;
    return end > wall_ms && end - wall_ms <= NT_BUDGET_LONGEST_BLOCK_MS ? end : 0;
}

nt_status nt_budget_take(nt_budget *budget, nt_budget_class who, uint32_t weight, uint32_t orders,
                         int64_t wall_ms, nt_budget_refusal *refusal) {
    const int64_t end = end_of(&budget->page->blocked_until_ms, wall_ms);
    if (end != 0) {
        *refusal = (nt_budget_refusal){
            .limit = NT_BUDGET_LIMIT_COUNT, .value = wall_ms, .most = end, .until_ms = end};
        return NT_BUSY;
    }
    if (!take(budget, NT_BUDGET_WEIGHT, who, weight, wall_ms, refusal)) return NT_BUSY;
    if (!take(budget, NT_BUDGET_ORDERS, who, orders, wall_ms, refusal)) {
        untake(budget, NT_BUDGET_WEIGHT, weight, wall_ms);
        return NT_BUSY;
    }
    if (!take(budget, NT_BUDGET_ORDERS_DAY, who, orders, wall_ms, refusal)) {
        untake(budget, NT_BUDGET_ORDERS, orders, wall_ms);
        untake(budget, NT_BUDGET_WEIGHT, weight, wall_ms);
        return NT_BUSY;
    }
    return NT_OK;
}

void nt_budget_observe(nt_budget *budget, nt_budget_limit which, int64_t used, int64_t venue_limit,
                       int64_t wall_ms) {
    if (which >= NT_BUDGET_LIMIT_COUNT) return;
    moment at = moment_of(budget, which, wall_ms);
    if (venue_limit != 0 && venue_limit != at.limit)
        nt_budget_set_limit(budget, which, venue_limit, at.length_ms);
    const int64_t more = used - used_in(budget->windows[which], &at);
    if (more > 0) add(budget->windows[which], &at, more < INT32_MAX ? more : INT32_MAX);
}

void nt_budget_set_limit(nt_budget *budget, nt_budget_limit which, int64_t venue_limit,
                         int64_t window_ms) {
    if (which >= NT_BUDGET_LIMIT_COUNT || !makes_sense(venue_limit, window_ms)) return;
    const uint64_t rule = (uint64_t)window_ms << 32 | (uint64_t)venue_limit;
    atomic_store_explicit(&budget->windows[which]->rule, rule, memory_order_relaxed);
}

static void extend(_Atomic int64_t *until, int64_t end, int64_t wall_ms) {
    int64_t found = atomic_load_explicit(until, memory_order_relaxed);
    do {
        const bool holds =
            found >= 0 && found - wall_ms <= NT_BUDGET_LONGEST_BLOCK_MS; // Else it is no time.
        if (end <= wall_ms || (holds && end <= found)) return;
    } while (!atomic_compare_exchange_weak_explicit(until, &found, end, memory_order_relaxed,
                                                    memory_order_relaxed));
}

void nt_budget_block(nt_budget *budget, int64_t until_ms, bool banned, int64_t wall_ms) {
    if (wall_ms < 0) wall_ms = 0;
    const int64_t longest = wall_ms + NT_BUDGET_LONGEST_BLOCK_MS;
    if (until_ms > longest) until_ms = longest;
    extend(&budget->page->blocked_until_ms, until_ms, wall_ms);
    if (banned) extend(&budget->page->banned_until_ms, until_ms, wall_ms);
}

int64_t nt_budget_blocked_until(const nt_budget *budget, int64_t wall_ms) {
    return end_of(&budget->page->blocked_until_ms, wall_ms);
}

int64_t nt_budget_banned_until(const nt_budget *budget, int64_t wall_ms) {
    return end_of(&budget->page->banned_until_ms, wall_ms);
}

static void look_at_users(const nt_budget *budget, nt_budget_view *view) {
    for (uint32_t i = 0; i < NT_BUDGET_MAX_USERS; i++) {
        const uint32_t user = atomic_load_explicit(&budget->page->users[i], memory_order_relaxed);
        if (user == 0 || user > INT32_MAX || kill((pid_t)user, 0) != 0) continue;
        view->users[view->user_count++] = user;
    }
}

nt_budget_view nt_budget_look(const nt_budget *budget, int64_t wall_ms) {
    nt_budget_view view = {
        .blocked_until_ms = end_of(&budget->page->blocked_until_ms, wall_ms),
        .banned_until_ms = end_of(&budget->page->banned_until_ms, wall_ms),
    };
    for (uint32_t i = 0; i < NT_BUDGET_LIMIT_COUNT; i++) {
        const moment at = moment_of(budget, (nt_budget_limit)i, wall_ms);
        view.uses[i] = (nt_budget_use){.used = used_in(budget->windows[i], &at),
                                       .limit = at.limit,
                                       .most = most_for(budget, NT_BUDGET_ORDER, at.limit),
                                       .window_ms = at.length_ms};
    }
    look_at_users(budget, &view);
    return view;
}
