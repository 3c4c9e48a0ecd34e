// paper.h — fills orders from real market data with our own matcher, in recorded mode: paper
// trading. Reports come back after a fixed latency, as from a venue. Lane thread only.
#ifndef NT_PAPER_H
#define NT_PAPER_H

#include <stdbool.h>

#include "nt/event.h"
#include "nt/intent.h"
#include "nt/status.h"

typedef struct nt_paper nt_paper;

typedef struct nt_paper_config {
    const nt_instrument *instruments; ///< Copied.
    uint32_t instrument_count;
    uint32_t max_orders; ///< Open at once, per instrument.
    int64_t latency_ns;  ///< Request → effect, and effect → report. Each.
    int64_t first_trade; ///< Trade ids start here; never reused (wall time in ns does).
    int64_t maker_fee_ppm, taker_fee_ppm; ///< Of the value, in the quote asset. 1,000 = 0.1 %.
} nt_paper_config;

nt_status nt_paper_create(const nt_paper_config *config, nt_paper **out);
void nt_paper_destroy(nt_paper *paper);

/// Queues a request; it takes effect after the latency. NT_BUSY: too many on their way.
nt_status nt_paper_submit(nt_paper *paper, const nt_request *request, int64_t now_ns);
/// Shows it a market event (depth, snapshot, trade), after the lane's own book took it.
void nt_paper_observe(nt_paper *paper, const nt_event *event, int64_t now_ns);
/// The book of the instrument became stale: its levels are forgotten.
void nt_paper_forget(nt_paper *paper, nt_instrument_id instrument);
/// Takes the next report that is due. False: none.
bool nt_paper_next(nt_paper *paper, int64_t now_ns, nt_event *out);
/// Puts back an order found open in the journal (recovery): it rests again, behind what is there.
nt_status nt_paper_restore(nt_paper *paper, const nt_intent *intent, int64_t remaining);

#endif
