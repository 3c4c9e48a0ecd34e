// benchmark_kernels.h — the measuring loops of the benchmarks, in C, and what they measure of the
// core. Swift makes subjects, asks for rounds, and computes with the numbers.
//
// A round is `samples` times: read the clock, do `batch` operations, read the clock. What an
// operation found out is summed and handed back, so that no compiler can leave it out and each
// round can be held against the others. Core types cross as raw pointers.
#ifndef BENCHMARK_KERNELS_H
#define BENCHMARK_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

/// Something to measure. Belongs to the thread that made it.
typedef struct bk_subject bk_subject;

void bk_subject_destroy(bk_subject *subject);

/// What one round found.
typedef struct bk_round {
    uint64_t sum;   ///< Of what every operation returned: equal in each round of a subject.
    int64_t cpu_ns; ///< Processor time of this thread for the whole round, clock reads included.
} bk_round;

/// One round from the subject's beginning: `out[i]` is the time of the i-th batch, clock reads
/// included. `floor`: of the least that any implementation must do, where the subject has that.
bk_round bk_measure(bk_subject *subject, bool floor, uint32_t samples, uint32_t batch,
                    int64_t *out);
bool bk_has_floor(const bk_subject *subject);
/// NULL while all went well; else one sentence. Static storage.
const char *bk_problem(const bk_subject *subject);
/// Hash of the subject's whole result, computed without measuring. Once, after the last round.
uint64_t bk_result_hash(bk_subject *subject);
/// Operations from the beginning to where the subject starts over; 0 = it never does.
uint32_t bk_operations(const bk_subject *subject);
/// Mean bytes of one operation; 0 where that says nothing.
uint32_t bk_operation_bytes(const bk_subject *subject);

/// The monotonic clock in nanoseconds, as every subject is timed.
int64_t bk_now(void);

// --- calibrators: what everything else is read against
// --------------------------------------------

/// The timed loop around nothing.
bk_subject *bk_empty_create(void);
/// One reading of the monotonic clock.
bk_subject *bk_clock_create(void);
/// getppid(2): the shortest way into the kernel and back.
bk_subject *bk_system_call_create(void);
/// A cache line to another thread and back. Two cores, or it measures the scheduler.
bk_subject *bk_cache_line_create(void);

// --- subjects
// -------------------------------------------------------------------------------------

/// Depth events into nt_sync and its book, best bid and ask read after each. `codec` is a venue's
/// nt_codec and is used by bk_book_add only.
bk_subject *bk_book_create(const void *codec, uint32_t depth);
/// Decodes one message and keeps its depth events. The first that is kept must be a snapshot's
/// body. Returns the nt_status.
int32_t bk_book_add(bk_subject *subject, uint32_t role, const void *bytes, uint32_t length);
/// Levels that were kept, of all events.
uint64_t bk_book_levels(const bk_subject *subject);

/// nt_book_set on a book of `levels` per side, near the touch, best bid and ask read after each.
bk_subject *bk_levels_create(uint64_t seed, uint32_t levels, uint32_t operations);

/// Whole messages through a venue's nt_codec into events.
bk_subject *bk_decode_create(const void *codec);
int32_t bk_decode_add(bk_subject *subject, const void *bytes, uint32_t length);

/// nt_gate_check of orders from one seed, fifteen of sixteen of which pass every check.
/// `commits`: what passes is booked as well; `takes`: and takes its weight of a shared budget.
bk_subject *bk_gate_create(uint64_t seed, bool commits, bool takes);

/// Five changes of the order table: one order is added, sent and acknowledged, the oldest one that
/// rests is filled in two trades.
bk_subject *bk_orders_create(void);

/// nt_journal_append of 200 bytes to a journal in `directory`, which exists and is empty; its own
/// thread writes to the disk meanwhile.
bk_subject *bk_journal_create(const char *directory);

/// 200 bytes to an echo server on loopback and back: WebSocket over TLS 1.3, nt_net on this
/// thread, nt_server on its own. `directory` holds the certificates, made when missing. NULL:
/// bk_last_error().
bk_subject *bk_wire_create(const char *directory, bool spins);
const char *bk_last_error(void);

// --- what it was built with
// -----------------------------------------------------------------------

const char *bk_compiler(void);
/// The commit that a release build was made of; empty: not known.
void bk_commit(char text[64]);
bool bk_is_optimised(void);

/// Allocations of this thread, where the program counts them: tests link a counter, the command
/// line does not. bk_allocations_end: -1 = not counted.
void bk_allocations_begin(void);
int64_t bk_allocations_end(void);

#endif
