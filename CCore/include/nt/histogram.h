// histogram.h — how long things took: counts of nanosecond values in fixed memory.
//
// Buckets are log-linear: exact below 256 ns, and 128 buckets per doubling above, so that a
// bucket is at most 0.8 % wide (as in http://hdrhistogram.org). Values beyond NT_HISTOGRAM_LIMIT
// count in the last bucket; min and max are always exact.
#ifndef NT_HISTOGRAM_H
#define NT_HISTOGRAM_H

#include <stdint.h>

#include "nt/status.h"

/// 32 KiB. One thread records and resets; any thread reads or takes a snapshot meanwhile.
typedef struct nt_histogram nt_histogram;

/// 2^37 - 1 ns, a little over 137 s.
#define NT_HISTOGRAM_LIMIT ((INT64_C(1) << 37) - 1)

nt_status nt_histogram_create(nt_histogram **out);
void nt_histogram_destroy(nt_histogram *histogram);

/// Counts one value; below zero counts as zero. Recording thread only; O(1), no allocation.
void nt_histogram_record(nt_histogram *histogram, int64_t value_ns);
/// Forgets everything. Recording thread only: a reader at this moment may see a part.
void nt_histogram_reset(nt_histogram *histogram);

/// Copies a histogram that may be recording; `out` belongs to the caller's thread.
void nt_histogram_snapshot(const nt_histogram *histogram, nt_histogram *out);
/// Adds a histogram that may be recording to one that belongs to the caller's thread.
void nt_histogram_merge(nt_histogram *into, const nt_histogram *from);

/// Reads below are O(buckets) and meant for a snapshot: on a live histogram two calls may disagree.
uint64_t nt_histogram_count(const nt_histogram *histogram);
/// 0 while nothing is counted.
int64_t nt_histogram_min(const nt_histogram *histogram);
int64_t nt_histogram_max(const nt_histogram *histogram);
/// Smallest value that at least `percent` (0 … 100, steps of 0.001) of all values do not exceed,
/// rounded up within its bucket, never above max. 0 while nothing is counted.
int64_t nt_histogram_percentile(const nt_histogram *histogram, double percent);

#endif
