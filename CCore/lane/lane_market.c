// lane_market.c — market events: keep the book, know the touch, ask for snapshots, call the
// strategy.
#include "lane_internal.h"

#define FETCH_PATIENCE_NS       (5 * LANE_SECOND_NS) // A fetch unanswered for so long has failed.
#define FETCH_PAUSE_SECONDS_MAX 32                   // Between two fetches of one book.
#define FETCHES_BEFORE_ANEW     3u
#define MIRROR_LEVELS           64u
#define GAP_PATIENCE_NS         (LANE_SECOND_NS / 4) // For another feed to bring what is missing.

// --- snapshots ---------------------------------------------------------------------------------

/// One second after the first fetch, then twice as long each time.
static int64_t fetch_pause(const lane_fetch *fetch) {
    int64_t seconds = fetch->tries < 6 ? INT64_C(1) << fetch->tries : FETCH_PAUSE_SECONDS_MAX;
    return seconds / 2 * LANE_SECOND_NS + LANE_SECOND_NS / 2;
}

void lane_fetch_turn(nt_lane *lane, nt_instrument_id instrument) {
    lane_market *market = &lane->markets[instrument];
    lane_fetch *fetch = &market->fetch;
    nt_sync_state state = nt_sync_get_state(market->sync);
    // Before its first event a book is not fetched: the event must be older than the snapshot.
    if (state == NT_SYNC_LIVE || state == NT_SYNC_EMPTY || market->feeds == 0) return;
    int64_t since = lane->now_ns - fetch->asked_ns;
    if (fetch->pending && since < FETCH_PATIENCE_NS) return;
    if (fetch->asked_ns != 0 && since < fetch_pause(fetch)) return;
    fetch->pending = true;
    fetch->asked_ns = lane->now_ns;
    fetch->tries++;
    lane_tell(lane, NT_NOTICE_SNAPSHOT_WANTED, instrument, 0, "");
}

void nt_lane_snapshot_failed(nt_lane *lane, nt_instrument_id instrument) {
    if (instrument < lane->config.instrument_count) lane->markets[instrument].fetch.pending = false;
}

// --- book --------------------------------------------------------------------------------------

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

static void tell_sync(nt_lane *lane, lane_market *market, nt_sync_state before) {
    nt_instrument_id instrument = lane_slot(lane, market);
    nt_sync_state after = nt_sync_get_state(market->sync);
    if (after == NT_SYNC_LIVE) market->fetch = (lane_fetch){.asked_ns = market->fetch.asked_ns};
    if (after == before) return;
    nt_record_change record = {.subject = instrument, .state = after};
    lane_journal(lane, NT_RECORD_SYNC, &record, sizeof record);
    lane_tell(lane, NT_NOTICE_SYNC, instrument, after, sync_text(market->sync));
    if (after == NT_SYNC_STALE) lane_count(&lane->counters.gaps);
    if (before == NT_SYNC_LIVE && lane->config.paper != NULL)
        nt_paper_forget(lane->config.paper, instrument);
}

void lane_lose_market(nt_lane *lane, lane_market *market, nt_sync_reason reason) {
    nt_sync_state before = nt_sync_get_state(market->sync);
    nt_sync_invalidate(market->sync, reason);
    market->bid = market->ask = (nt_level){0};
    market->touch_id = market->quote_id = 0;
    market->fetch.pending = false;
    market->feeds = market->chained = 0;
    market->ahead_id = 0;
    tell_sync(lane, market, before);
}

/// No feed brings what is missing.
static void give_up_gap(nt_lane *lane, lane_market *market) {
    nt_sync_state before = nt_sync_get_state(market->sync);
    nt_sync_invalidate(market->sync, NT_SYNC_GAP);
    market->ahead_id = 0;
    tell_sync(lane, market, before);
}

void lane_market_turn(nt_lane *lane, lane_market *market) {
    if (market->ahead_id != 0 && lane->now_ns - market->gap_ns >= GAP_PATIENCE_NS)
        give_up_gap(lane, market);
}

/// What another feed of the group brings goes on; a touch that nobody brings is nobody's any more,
/// and ids may begin anew.
static void lose_feed(nt_lane *lane, lane_market *market, uint64_t feed) {
    market->feeds &= ~feed;
    market->chained &= ~feed;
    bool live = nt_sync_get_state(market->sync) == NT_SYNC_LIVE;
    if (market->feeds == 0) {
        market->trades = (lane_trades){0};
        lane_lose_market(lane, market, NT_SYNC_DISCONNECTED);
    } else if (live && market->chained == 0) {
        give_up_gap(lane, market);
    }
}

void lane_market_lost(nt_lane *lane, uint32_t stream) {
    if (nt_planted(NT_BUG_BOOK_SURVIVES_LOSS)) return;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane_market *market = &lane->markets[i];
        if ((market->feeds & lane_bit(stream)) != 0) lose_feed(lane, market, lane_bit(stream));
    }
}

// --- touch -------------------------------------------------------------------------------------

static bool is_price(nt_level level) {
    return level.quantity == 0 ||
           (level.quantity > 0 && level.price > 0 && level.price <= LANE_MAX_TICKS);
}

static void take_touch(lane_market *market, nt_level bid, nt_level ask, const nt_event *event) {
    market->bid = is_price(bid) ? bid : (nt_level){0};
    market->ask = is_price(ask) ? ask : (nt_level){0};
    bool usable = market->bid.quantity > 0 && market->ask.quantity > 0 && bid.price < ask.price;
    if (!usable) return;
    market->valid_bid = bid;
    market->valid_ask = ask;
    market->touch_ns = event->received_ns;
    if (event->venue_ns != 0) market->venue_ns = event->venue_ns;
}

/// The touch is the newer of the book's best levels and the last quote.
static void touch_from_book(lane_market *market, const nt_event *event) {
    int64_t id = nt_sync_update_id(market->sync);
    if (nt_sync_get_state(market->sync) != NT_SYNC_LIVE || id < market->quote_id) return;
    market->touch_id = id;
    take_touch(market, nt_book_best(market->book, NT_BUY), nt_book_best(market->book, NT_SELL),
               event);
}

/// True when the quote is news. Ids never go backwards on one stream; on two of them the same id is
/// the same quote.
static bool quote_event(const nt_lane *lane, lane_market *market, const nt_event *event) {
    const nt_quote *quote = &event->as.quote;
    if (quote->id < market->quote_id || quote->id < market->touch_id) return false;
    if (quote->id == market->quote_id && event->stream != market->quote_stream &&
        lane_has_company(lane, event->stream))
        return false;
    market->quote_stream = event->stream;
    market->quote_id = market->touch_id = quote->id;
    take_touch(market, quote->bid, quote->ask, event);
    return true;
}

// --- paper -------------------------------------------------------------------------------------

static uint32_t copy_levels(const nt_book *book, nt_side side, uint32_t first, nt_level *out) {
    uint32_t count = 0;
    while (count < MIRROR_LEVELS && first + count < nt_book_count(book, side)) {
        out[count] = nt_book_level(book, side, first + count);
        count++;
    }
    return count;
}

/// Gives the paper venue the whole book: a snapshot with the changes that were kept for it.
static void mirror_book(nt_lane *lane, const nt_event *event, const lane_market *market) {
    nt_level bids[MIRROR_LEVELS], asks[MIRROR_LEVELS];
    nt_event part = *event;
    part.kind = NT_EVENT_SNAPSHOT;
    for (uint32_t first = 0;; first += MIRROR_LEVELS) {
        part.as.depth = (nt_depth){.bids = bids,
                                   .asks = asks,
                                   .bid_count = copy_levels(market->book, NT_BUY, first, bids),
                                   .ask_count = copy_levels(market->book, NT_SELL, first, asks)};
        bool more = part.as.depth.bid_count > 0 || part.as.depth.ask_count > 0;
        if (first > 0 && !more) return;
        nt_paper_observe(lane->config.paper, &part, lane->now_ns);
        part.kind = NT_EVENT_DEPTH;
    }
}

// --- events ------------------------------------------------------------------------------------

/// A gap on one feed is none of the book's while another open feed follows the chain: it will
/// bring this event as well, and what is missing before it. What it does not bring in time, or
/// before it is lost, is a gap.
static bool is_left_out(nt_lane *lane, lane_market *market, const nt_event *event) {
    uint64_t feed = lane_bit(event->stream);
    market->stream = event->stream;
    market->feeds |= feed;
    if (!lane_has_company(lane, event->stream) || nt_sync_chains(market->sync, event) != NT_GAP) {
        market->chained |= feed;
        return false;
    }
    market->chained &= ~feed;
    lane_count(&lane->streams[event->stream].feed.gaps);
    if (market->chained == 0) return false;
    if (market->ahead_id == 0) market->gap_ns = lane->now_ns;
    if (event->as.depth.last_id > market->ahead_id) market->ahead_id = event->as.depth.last_id;
    return true;
}

/// Another feed brings what is missing: the rest may take as long again. When all is here, what
/// every feed brings next joins.
static void catch_up(const nt_lane *lane, lane_market *market) {
    market->gap_ns = lane->now_ns;
    if (nt_sync_update_id(market->sync) < market->ahead_id) return;
    market->ahead_id = 0;
    market->chained = market->feeds;
}

static nt_status take_snapshot(const nt_event *event, lane_market *market) {
    nt_status status = nt_sync_snapshot(market->sync, event);
    market->fetch.pending = false;
    // Snapshots that never reach what is kept: the fault is in what is kept.
    if (status == NT_STALE && market->fetch.tries >= FETCHES_BEFORE_ANEW)
        nt_sync_invalidate(market->sync, NT_SYNC_GAP);
    return status;
}

static void show_paper(nt_lane *lane, const nt_event *event, const lane_market *market) {
    if (lane->config.paper == NULL) return;
    if (event->kind == NT_EVENT_SNAPSHOT)
        mirror_book(lane, event, market);
    else
        nt_paper_observe(lane->config.paper, event, lane->now_ns);
}

/// False when it was known already.
static bool depth_event(nt_lane *lane, const nt_event *event, lane_market *market) {
    nt_sync_state before = nt_sync_get_state(market->sync);
    bool snapshot = event->kind == NT_EVENT_SNAPSHOT;
    if (!snapshot && is_left_out(lane, market, event)) return false;
    nt_status status = snapshot ? take_snapshot(event, market) : nt_sync_depth(market->sync, event);
    if (status == NT_OK && market->ahead_id != 0) catch_up(lane, market);
    if (status == NT_OK || status == NT_EMPTY) lane_set_silence(market, NT_SILENCE_NONE);
    tell_sync(lane, market, before);
    touch_from_book(market, event);
    lane_fetch_turn(lane, lane_slot(lane, market));
    if (status == NT_OK) show_paper(lane, event, market);
    return status != NT_STALE;
}

/// True once for each id. Those older than the window of bits were seen, or are nobody's news.
static bool is_new_trade(lane_trades *trades, int64_t id) {
    int64_t word = id / 64, last = trades->highest / 64;
    uint64_t bit = UINT64_C(1) << (id % 64);
    if (word + LANE_TRADE_WORDS <= last) return false;
    for (int64_t i = last + 1; i <= word && i <= last + LANE_TRADE_WORDS; i++)
        trades->seen[i % LANE_TRADE_WORDS] = 0;
    if (id > trades->highest) trades->highest = id;
    if ((trades->seen[word % LANE_TRADE_WORDS] & bit) != 0) return false;
    trades->seen[word % LANE_TRADE_WORDS] |= bit;
    return true;
}

static bool trade_event(nt_lane *lane, const nt_event *event, lane_market *market) {
    bool has_mates =
        event->stream < lane->config.stream_count && lane->streams[event->stream].mates != 0;
    if (has_mates && event->as.trade.id > 0 && !is_new_trade(&market->trades, event->as.trade.id))
        return false;
    lane_tell_trade(lane, event);
    if (lane->config.paper != NULL) nt_paper_observe(lane->config.paper, event, lane->now_ns);
    return true;
}

static bool take_event(nt_lane *lane, const nt_event *event, lane_market *market) {
    switch (event->kind) {
    case NT_EVENT_QUOTE:
        return quote_event(lane, market, event);
    case NT_EVENT_TRADE:
        return trade_event(lane, event, market);
    default:
        return depth_event(lane, event, market);
    }
}

void lane_market_event(nt_lane *lane, const nt_event *event) {
    if (event->instrument >= lane->config.instrument_count) return;
    if (event->stream >= lane->config.stream_count) return;
    lane_market *market = &lane->markets[event->instrument];
    lane_stream *stream = &lane->streams[event->stream];
    if (stream->role == NT_ROLE_WITNESS) {
        lane_witness(lane, event);
        return;
    }
    if (!take_event(lane, event, market)) {
        lane_count(&stream->feed.later);
        return;
    }
    // Relaxed: a reader wants a recent age, no more.
    atomic_store_explicit(&market->last_data_ns, event->received_ns, memory_order_relaxed);
    lane_feed_first(lane, event);
    nt_histogram_record(lane->histograms[NT_STAGE_DECODE],
                        nt_now(&lane->config.clock) - event->received_ns);
    nt_call call = {.event = event};
    lane_decide(lane, event->instrument, &call);
}
