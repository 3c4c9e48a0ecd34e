// window.h — how much happened in the last so many nanoseconds, exactly.
#ifndef NT_GATE_WINDOW_H
#define NT_GATE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/// Entries remembered; a limit beyond this many per window is judged as this many.
#define NT_WINDOW_CAPACITY 8192u

/// A ring of moments with the running total of weights before each.
typedef struct nt_window {
    uint64_t count; ///< Entries ever; the last NT_WINDOW_CAPACITY are in the ring.
    int64_t total;  ///< Weight ever.
    int64_t time_ns[NT_WINDOW_CAPACITY];
    int64_t before[NT_WINDOW_CAPACITY];
} nt_window;

void nt_window_add(nt_window *window, int64_t weight, int64_t now_ns);
/// Weight added in (now - length, now]. O(log capacity). INT64_MAX when the ring is too small to
/// know, so that a limit on it refuses.
int64_t nt_window_sum(const nt_window *window, int64_t length_ns, int64_t now_ns);
/// Weight added after a moment, with the same bound.
int64_t nt_window_since(const nt_window *window, int64_t after_ns);

#endif
