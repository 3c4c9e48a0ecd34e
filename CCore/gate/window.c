// window.c — a sliding window by binary search over running totals.
//
// Judging must not change anything, so nothing expires by itself: the first entry that is young
// enough is searched, and the sum is the difference of two totals.
#include "window.h"

#include <stddef.h>

void nt_window_add(nt_window *window, int64_t weight, int64_t now_ns) {
    if (weight <= 0) return;
    const uint64_t place = window->count % NT_WINDOW_CAPACITY;
    // The search needs an order: a moment before the last one counts as the last one.
    const int64_t last =
        window->count > 0 ? window->time_ns[(window->count - 1) % NT_WINDOW_CAPACITY] : now_ns;
    window->time_ns[place] = now_ns > last ? now_ns : last;
    window->before[place] = window->total;
    window->count++;
    if (__builtin_add_overflow(window->total, weight, &window->total)) window->total = INT64_MAX;
}

/// Number (counted from the beginning) of the first entry later than the moment.
static uint64_t first_after(const nt_window *window, int64_t after_ns) {
    uint64_t low = 0, high = window->count;
    if (high > NT_WINDOW_CAPACITY) low = high - NT_WINDOW_CAPACITY;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (window->time_ns[middle % NT_WINDOW_CAPACITY] > after_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int64_t nt_window_since(const nt_window *window, int64_t after_ns) {
    const uint64_t first = first_after(window, after_ns);
    if (first == window->count) return 0;
    const bool lost =
        window->count > NT_WINDOW_CAPACITY && first == window->count - NT_WINDOW_CAPACITY;
    if (lost) return INT64_MAX;
    return window->total - window->before[first % NT_WINDOW_CAPACITY];
}

int64_t nt_window_sum(const nt_window *window, int64_t length_ns, int64_t now_ns) {
    int64_t after;
    if (__builtin_sub_overflow(now_ns, length_ns, &after)) after = INT64_MIN;
    return nt_window_since(window, after);
}
