// lane_silence.c — "pings fine, data frozen": a book without news is held against a witness.
//
// A connection may live, answer pings and bring other instruments while one of them stands still.
// Silence alone proves nothing: quiet markets are silent too. So the venue is asked over another
// way, by REST, for a few levels of that book:
//
//   the same levels            quiet: a proof of life, as good as an event that changes nothing
//   others, and newer          the news may be on their way; those that do not come in time are
//                              not sent at all: frozen, the book is stale, the feed opened anew
//   others, as old as ours     our book is wrong: given up
//   others, and older          proves nothing; after a few of them the ids cannot be trusted
//
// Witnesses are messages of a stream slot of their own, so that the tape tells them from books.
#include "lane_internal.h"

#define LOOK_AT_SILENCE_NS INT64_C(10000000)
#define GRACE_NS           LANE_SECOND_NS        // For news that a witness already has.
#define PATIENCE_NS        (5 * LANE_SECOND_NS)  // For a witness, before its lack is told.
#define LOST_NS            (60 * LANE_SECOND_NS) // A witness not here by then never comes.
#define SPACING_NS         (LANE_SECOND_NS / 2)  // Between two witnesses: they cost request weight.
#define PAUSE_MIN_NS       LANE_SECOND_NS        // Between two of one instrument.
#define DOUBTS_MAX         3u
#define ALARM_PAUSE_NS     (60 * LANE_SECOND_NS)

// --- what is known ------------------------------------------------------------------------------

/// The last moment from which the book is known to be the venue's.
static int64_t known_ns(const lane_market *market) {
    int64_t event_ns = nt_sync_received_ns(market->sync);
    return event_ns > market->silence.confirmed_ns ? event_ns : market->silence.confirmed_ns;
}

/// Half the time that it may be silent has passed: then there is an answer before the other half
/// has.
static bool is_silent(const nt_lane *lane, const lane_market *market) {
    return nt_sync_get_state(market->sync) == NT_SYNC_LIVE &&
           lane->now_ns - known_ns(market) >= market->silence.max_ns / 2;
}

// --- what a witness says -----------------------------------------------------------------------

static bool shows_side(const nt_book *book, nt_side side, const nt_level *levels, uint32_t count) {
    if (count == 0 || count > nt_book_count(book, side)) return false;
    for (uint32_t i = 0; i < count; i++) {
        nt_level ours = nt_book_level(book, side, i);
        if (ours.price != levels[i].price || ours.quantity != levels[i].quantity) return false;
    }
    return true;
}

static bool shows_touch(const lane_market *market, const nt_depth *depth) {
    return market->bid.price == depth->bids[0].price &&
           market->bid.quantity == depth->bids[0].quantity &&
           market->ask.price == depth->asks[0].price &&
           market->ask.quantity == depth->asks[0].quantity;
}

/// The prices are the venue's as of when the witness was asked for, or later. Both ages count from
/// then: that moment was read on our own clock, so no clock of the venue is trusted for it.
static void confirm(nt_lane *lane, lane_market *market, const nt_depth *depth) {
    lane_silence *silence = &market->silence;
    silence->confirmed_ns = silence->asked_ns;
    silence->ahead_id = 0;
    silence->doubts = 0;
    lane_set_silence(market, NT_SILENCE_QUIET);
    // Relaxed: a reader wants a recent age, no more.
    atomic_store_explicit(&market->last_data_ns, silence->asked_ns, memory_order_relaxed);
    if (!shows_touch(market, depth) || silence->asked_ns <= market->touch_ns) return;
    market->touch_ns = silence->asked_ns;
    if (market->venue_ns != 0)
        market->venue_ns = lane->wall_ns - (lane->now_ns - silence->asked_ns);
}

static bool may_alarm(const nt_lane *lane, lane_silence *silence) {
    if (silence->told_ns != 0 && lane->now_ns - silence->told_ns < ALARM_PAUSE_NS) return false;
    silence->told_ns = lane->now_ns;
    return true;
}

static void doubt(nt_lane *lane, lane_market *market) {
    lane_silence *silence = &market->silence;
    lane_set_silence(market, NT_SILENCE_DOUBT);
    if (++silence->doubts < DOUBTS_MAX) return;
    silence->doubts = 0;
    lane_lose_market(lane, market, NT_SYNC_DIFFERS);
}

/// The venue has news that do not come.
static void freeze(nt_lane *lane, lane_market *market) {
    lane_silence *silence = &market->silence;
    int64_t behind = silence->ahead_id - nt_sync_update_id(market->sync);
    silence->ahead_id = 0;
    lane_lose_market(lane, market, NT_SYNC_SILENCE);
    lane_set_silence(market, NT_SILENCE_FROZEN);
    if (may_alarm(lane, silence))
        lane_alarm(lane, lane_slot(lane, market),
                   "%s stands still on a living connection: the venue's book is %lld updates ahead",
                   market->instrument.symbol, (long long)behind);
}

void lane_witness(nt_lane *lane, const nt_event *event) {
    lane_market *market = &lane->markets[event->instrument];
    lane_silence *silence = &market->silence;
    const nt_depth *depth = &event->as.depth;
    int64_t id = nt_sync_update_id(market->sync);
    silence->pending = false;
    if (event->kind != NT_EVENT_SNAPSHOT || nt_sync_get_state(market->sync) != NT_SYNC_LIVE) return;
    bool same = shows_side(market->book, NT_BUY, depth->bids, depth->bid_count) &&
                shows_side(market->book, NT_SELL, depth->asks, depth->ask_count);
    if (same) {
        confirm(lane, market, depth);
    } else if (depth->last_id > id) {
        silence->ahead_id = depth->last_id;
        silence->ahead_ns = lane->now_ns;
    } else if (depth->last_id == id) {
        lane_alarm(lane, event->instrument, "the book of %s differs from the venue's own",
                   market->instrument.symbol);
        lane_lose_market(lane, market, NT_SYNC_DIFFERS);
    } else {
        doubt(lane, market);
    }
}

static void tell_doubt(nt_lane *lane, lane_market *market) {
    if (!is_silent(lane, market)) return;
    lane_set_silence(market, NT_SILENCE_DOUBT);
    if (may_alarm(lane, &market->silence))
        lane_alarm(lane, lane_slot(lane, market),
                   "%s is silent, and the venue's own book cannot be had to tell why",
                   market->instrument.symbol);
}

void nt_lane_witness_failed(nt_lane *lane, nt_instrument_id instrument) {
    if (instrument >= lane->config.instrument_count) return;
    lane->markets[instrument].silence.pending = false;
    tell_doubt(lane, &lane->markets[instrument]);
}

// --- watching ----------------------------------------------------------------------------------

/// One question at a time: an answer that comes late is still known by when it was asked for.
static void mind_answer(nt_lane *lane, lane_market *market) {
    int64_t since = lane->now_ns - market->silence.asked_ns;
    if (since >= LOST_NS) market->silence.pending = false;
    if (since >= PATIENCE_NS) tell_doubt(lane, market);
}

static void watch(nt_lane *lane, lane_market *market) {
    lane_silence *silence = &market->silence;
    lane_market_turn(lane, market);
    if (silence->pending) mind_answer(lane, market);
    if (atomic_load_explicit(&silence->state, memory_order_relaxed) == NT_SILENCE_FROZEN)
        lane_feed_revive(lane, market->stream, "its data stand still");
    if (silence->ahead_id == 0) return;
    if (nt_sync_get_state(market->sync) != NT_SYNC_LIVE ||
        nt_sync_update_id(market->sync) >= silence->ahead_id)
        silence->ahead_id = 0;
    else if (lane->now_ns - silence->ahead_ns >= GRACE_NS)
        freeze(lane, market);
}

static bool wants_witness(const nt_lane *lane, const lane_market *market) {
    const lane_silence *silence = &market->silence;
    if (silence->max_ns == 0 || silence->pending || silence->ahead_id != 0) return false;
    if (market->feeds == 0 || !is_silent(lane, market)) return false;
    int64_t pause = silence->max_ns / 2 > PAUSE_MIN_NS ? silence->max_ns / 2 : PAUSE_MIN_NS;
    return silence->asked_ns == 0 || lane->now_ns - silence->asked_ns >= pause;
}

/// The one that has waited longest.
static void ask_one(nt_lane *lane) {
    lane_market *chosen = NULL;
    if (lane->witness_ns != 0 && lane->now_ns - lane->witness_ns < SPACING_NS) return;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane_market *market = &lane->markets[i];
        if (!wants_witness(lane, market)) continue;
        bool longer = chosen == NULL || market->silence.asked_ns < chosen->silence.asked_ns;
        if (longer) chosen = market;
    }
    if (chosen == NULL) return;
    lane->witness_ns = lane->now_ns;
    chosen->silence.asked_ns = lane->now_ns;
    chosen->silence.pending = true;
    lane_tell(lane, NT_NOTICE_WITNESS_WANTED, lane_slot(lane, chosen), 0, "");
}

void lane_silence_turn(nt_lane *lane) {
    if (lane->now_ns - lane->silence_looked_ns < LOOK_AT_SILENCE_NS) return;
    lane->silence_looked_ns = lane->now_ns;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) watch(lane, &lane->markets[i]);
    if (lane->witness_stream < NT_MAX_STREAMS) ask_one(lane);
}

nt_silence nt_lane_silence(const nt_lane *lane, nt_instrument_id instrument) {
    return atomic_load_explicit(&lane->markets[instrument].silence.state, memory_order_relaxed);
}
