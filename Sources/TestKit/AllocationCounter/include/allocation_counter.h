// allocation_counter.h — counts what one thread takes from the heap, by standing in for the
// allocator of the whole program. For tests: the lane must take nothing once it runs.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// False where a sanitizer has the allocator: then nothing is counted.
bool allocation_counter_works(void);
/// Counts this thread's malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign from
/// now on.
void allocation_counter_begin(void);
/// Stops; returns how many there were.
uint64_t allocation_counter_end(void);

#endif
