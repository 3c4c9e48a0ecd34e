// lane_untold.c — an order stream that answers and tells nothing.
//
// Each open order is asked about now and then (lane_reconcile.c). What an answer shows first (a
// fill, an end) should come by itself as well, a moment before or after. What does not come was
// not told: once may be chance, a few times in one session is a subscription that is gone although
// the connection lives. Then the session is begun anew, which lists everything again.
#include "lane_internal.h"

#include <string.h>

#define TELL_PATIENCE_NS (5 * LANE_SECOND_NS)  // For the event after the answer.
#define SESSION_YOUNG_NS (30 * LANE_SECOND_NS) // What a new session finds, the last one missed.
#define UNTOLD_MAX       3u

void lane_untold_heard(nt_lane *lane, nt_order_key key) {
    for (uint32_t i = 0; lane->untold_count > 0 && i < LANE_MAX_UNTOLD; i++) {
        if (key == 0 || lane->untold[i].order != key) continue;
        lane->untold[i].order = 0;
        lane->untold_count--;
    }
}

void lane_untold_begin(nt_lane *lane) {
    memset(lane->untold, 0, sizeof lane->untold);
    lane->untold_count = lane->untold_session = 0;
}

/// The answer to a cancel or an amend of ours may be on its way instead.
static bool is_news(const nt_order_change *change) {
    const nt_order *order = &change->order;
    bool open = change->before == NT_ORDER_LIVE || change->before == NT_ORDER_PARTIAL;
    if (!change->found || !open || order->cancel != NT_PENDING_NONE ||
        order->amend != NT_PENDING_NONE)
        return false;
    return order->state != change->before || change->fill_applied || change->needs_query;
}

void lane_untold_found(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change) {
    if (!is_news(change) || !lane->markets[instrument].reconciled) return;
    if (lane->now_ns - lane->session_ns < SESSION_YOUNG_NS) return;
    lane_untold *free = NULL;
    for (uint32_t i = 0; i < LANE_MAX_UNTOLD; i++) {
        if (lane->untold[i].order == change->order.intent.order) return;
        if (lane->untold[i].order == 0) free = &lane->untold[i];
    }
    if (free == NULL) return; // So many are enough to tell.
    *free = (lane_untold){
        .order = change->order.intent.order, .instrument = instrument, .found_ns = lane->now_ns};
    lane->untold_count++;
}

static void count_untold(nt_lane *lane, lane_untold *untold) {
    lane_alarm(lane, untold->instrument,
               "news of an order came by asking alone: the order stream did not tell of them");
    lane_count(&lane->counters.untold);
    untold->order = 0;
    lane->untold_count--;
    if (++lane->untold_session != UNTOLD_MAX) return;
    lane_alarm(lane, NT_NO_INSTRUMENT,
               "the order stream answers and tells nothing; it is opened anew");
    lane_feed_restart(lane, lane->orders_stream, "it told nothing of our orders");
}

void lane_untold_turn(nt_lane *lane) {
    for (uint32_t i = 0; lane->untold_count > 0 && i < LANE_MAX_UNTOLD; i++) {
        lane_untold *untold = &lane->untold[i];
        if (untold->order != 0 && lane->now_ns - untold->found_ns >= TELL_PATIENCE_NS)
            count_untold(lane, untold);
    }
}
