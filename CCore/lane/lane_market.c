// lane_market.c — market events: keep the book, know the touch, ask for snapshots, call the
// strategy.
#include "lane_internal.h"

void lane_want_snapshot(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    if (nt_sync_get_state(market->sync) == NT_SYNC_LIVE)
        nt_sync_invalidate(market->sync, NT_SYNC_GAP);
    if (market->snapshot_asked_ns != 0) return;
    market->snapshot_asked_ns = lane->now_ns;
    lane_tell(lane, NT_NOTICE_SNAPSHOT_WANTED, instrument, 0, "");
}

void nt_lane_snapshot_failed(nt_lane *lane, nt_instrument_id instrument) {
    if (instrument >= lane->config.instrument_count) return;
    // Asked again by the next depth event after the pause.
    lane->markets[instrument].snapshot_asked_ns = lane->now_ns;
}

static void snapshot_retry(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    if (market->snapshot_asked_ns != 0 &&
        lane->now_ns - market->snapshot_asked_ns > 3 * LANE_SNAPSHOT_RETRY_NS)
        market->snapshot_asked_ns = 0;
    lane_want_snapshot(lane, instrument);
}

static const char *sync_text(const nt_sync *sync) {
    switch (nt_sync_get_state(sync)) {
    case NT_SYNC_LIVE:
        return "live";
    case NT_SYNC_STALE:
        return nt_sync_reason_text(nt_sync_get_reason(sync));
    default:
        return "waiting for a snapshot";
    }
}

static void tell_sync(nt_lane *lane, nt_instrument_id instrument, uint32_t before) {
    uint32_t after = nt_sync_get_state(lane->markets[instrument].sync);
    if (after == before) return;
    nt_record_change record = {.subject = instrument, .state = after};
    lane_journal(lane, NT_RECORD_SYNC, &record, sizeof record);
    lane_tell(lane, NT_NOTICE_SYNC, instrument, after, sync_text(lane->markets[instrument].sync));
    if (after == NT_SYNC_STALE) lane_count(&lane->counters.gaps);
    if (after != NT_SYNC_LIVE && before == NT_SYNC_LIVE && lane->config.paper != NULL)
        nt_paper_forget(lane->config.paper, instrument);
}

/// The touch is the newer of the book's best levels and the last quote.
static void touch_from_book(lane_market *market) {
    if (nt_sync_get_state(market->sync) != NT_SYNC_LIVE) return;
    int64_t id = nt_sync_update_id(market->sync);
    if (id < market->quote_id) return;
    market->bid = nt_book_best(market->book, NT_BUY);
    market->ask = nt_book_best(market->book, NT_SELL);
    market->touch_id = id;
}

static void depth_event(nt_lane *lane, const nt_event *event, lane_market *market) {
    uint32_t before = nt_sync_get_state(market->sync);
    nt_status status;
    if (event->kind == NT_EVENT_SNAPSHOT) {
        status = nt_sync_snapshot(market->sync, event);
        market->snapshot_asked_ns = 0;
        if (status != NT_OK) snapshot_retry(lane, event->instrument);
    } else {
        status = nt_sync_depth(market->sync, event);
        if (status == NT_GAP || status == NT_EMPTY || status == NT_INVALID)
            snapshot_retry(lane, event->instrument);
    }
    tell_sync(lane, event->instrument, before);
    touch_from_book(market);
}

/// True when the quote is news. Ids never go backwards on one stream.
static bool quote_event(const nt_event *event, lane_market *market) {
    if (event->as.quote.id < market->quote_id || event->as.quote.id < market->touch_id)
        return false;
    market->quote_id = event->as.quote.id;
    market->touch_id = event->as.quote.id;
    market->bid = event->as.quote.bid;
    market->ask = event->as.quote.ask;
    return true;
}

static void show_paper(nt_lane *lane, const nt_event *event, const lane_market *market) {
    if (lane->config.paper == NULL) return;
    bool depth = event->kind == NT_EVENT_DEPTH || event->kind == NT_EVENT_SNAPSHOT;
    if (depth && nt_sync_get_state(market->sync) != NT_SYNC_LIVE) return;
    nt_paper_observe(lane->config.paper, event, lane->now_ns);
}

static void tell_trade(nt_lane *lane, const nt_event *event) {
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_TRADE, event->instrument);
    if (notice == NULL) return;
    notice->trade = event->as.trade;
    lane_notice_end(lane);
}

void lane_market_event(nt_lane *lane, const nt_event *event) {
    if (event->instrument >= lane->config.instrument_count) return;
    lane_market *market = &lane->markets[event->instrument];
    // Relaxed: a reader wants a recent age, no more.
    atomic_store_explicit(&market->last_data_ns, event->received_ns, memory_order_relaxed);
    if (event->venue_ns != 0) market->venue_ns = event->venue_ns;
    switch (event->kind) {
    case NT_EVENT_QUOTE:
        if (!quote_event(event, market)) return;
        break;
    case NT_EVENT_TRADE:
        tell_trade(lane, event);
        break;
    default:
        depth_event(lane, event, market);
        break;
    }
    show_paper(lane, event, market);
    nt_histogram_record(lane->histograms[NT_STAGE_DECODE],
                        nt_now(&lane->config.clock) - event->received_ns);
    nt_call call = {.event = event};
    lane_decide(lane, event->instrument, &call);
}
