// lane_feeds.c — several connections with the same data: the first copy of each event counts.
//
// Feeds of a group are equal: all deliver, none is "the" feed, so when one is lost there is nothing
// to switch. Whether an event is news is decided where its ids are known (lane_market.c); here is
// who was first, how long it took when the first one was lost, and which feed is opened anew
// when: one at a time, while another one has all data.
#include "lane_internal.h"

#include <assert.h>

#define LOOK_AT_FEEDS_NS  INT64_C(10000000)
#define SETTLED_NS        (10 * LANE_SECOND_NS)  // Open for so long, a feed may carry the others.
#define SURELY_SETTLED_NS (60 * LANE_SECOND_NS)  // Even without data of a quiet instrument.
#define RESTART_PAUSE_NS  (60 * LANE_SECOND_NS)  // Of one feed with data that stand still.
#define ALONE_PAUSE_NS    (300 * LANE_SECOND_NS) // The same where nothing else brings the rest.

static_assert(NT_MAX_STREAMS <= 64, "a set of streams is one word");

nt_status lane_feeds_configure(nt_lane *lane, const nt_feed_config *feeds) {
    uint32_t count = lane->config.stream_count;
    for (uint32_t i = 0; i < NT_MAX_STREAMS; i++)
        lane->groups[i] = (lane_group){.last = NT_MAX_STREAMS, .lost = NT_MAX_STREAMS};
    for (uint32_t i = 0; feeds != NULL && i < count; i++) {
        if (feeds[i].group >= NT_MAX_STREAMS || feeds[i].renew_after_ns < 0)
            return nt_fail(NT_INVALID, "stream %u: a feed group is below %u, an age is positive", i,
                           NT_MAX_STREAMS);
        lane->streams[i].config = feeds[i];
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < count; k++) {
            uint32_t group = lane->streams[i].config.group;
            bool mates = i != k && group != 0 && lane->streams[k].config.group == group;
            if (mates) lane->streams[i].mates |= lane_bit(k);
        }
    return NT_OK;
}

// --- who is first ------------------------------------------------------------------------------

static void set_time(_Atomic int64_t *time, int64_t value) {
    // Relaxed: one writer; a reader wants a recent value.
    atomic_store_explicit(time, value, memory_order_relaxed);
}

static int64_t get_time(const _Atomic int64_t *time) {
    return atomic_load_explicit(time, memory_order_relaxed);
}

/// The stream is lost, and another one has gone on.
static void note_switch(lane_stream *stream) {
    int64_t took = stream->next_ns - get_time(&stream->feed.last_ns);
    lane_count(&stream->feed.switches);
    set_time(&stream->feed.switch_ns, took);
    if (took > get_time(&stream->feed.max_switch_ns)) set_time(&stream->feed.max_switch_ns, took);
}

/// Another feed than before was first.
static void take_lead(nt_lane *lane, lane_group *group, const nt_event *event) {
    if (group->last < NT_MAX_STREAMS) {
        lane_stream *before = &lane->streams[group->last];
        before->next_ns = event->received_ns;
        if (group->lost == group->last) note_switch(before);
    }
    group->lost = NT_MAX_STREAMS;
    group->last = event->stream;
}

void lane_feed_first(nt_lane *lane, const nt_event *event) {
    if (event->stream >= lane->config.stream_count) return;
    lane_stream *stream = &lane->streams[event->stream];
    if (stream->role != NT_ROLE_MARKET) return;
    lane_group *group = &lane->groups[stream->config.group];
    if (stream->mates != 0 && group->last != event->stream) take_lead(lane, group, event);
    lane_count(&stream->feed.first);
    set_time(&stream->feed.last_ns, event->received_ns);
}

void lane_feed_opened(nt_lane *lane, uint32_t slot) {
    lane_stream *stream = &lane->streams[slot];
    lane_group *group = &lane->groups[stream->config.group];
    lane->open |= lane_bit(slot);
    stream->announced = stream->restarting = false;
    // Back before any other went on: nothing was switched.
    if (group->lost == slot) group->lost = NT_MAX_STREAMS;
    set_time(&stream->feed.opened_ns, lane->now_ns);
}

void lane_feed_lost(nt_lane *lane, uint32_t slot) {
    lane_stream *stream = &lane->streams[slot];
    lane_group *group = &lane->groups[stream->config.group];
    lane->open &= ~lane_bit(slot);
    set_time(&stream->feed.opened_ns, 0);
    if (stream->role != NT_ROLE_MARKET) return;
    lane_market_lost(lane, slot);
    if (!lane_has_company(lane, slot) || get_time(&stream->feed.last_ns) == 0) return;
    if (group->last == slot)
        group->lost = slot;
    else
        note_switch(stream);
}

// --- opened anew -------------------------------------------------------------------------------

void lane_feed_restart(nt_lane *lane, uint32_t slot, const char *reason) {
    if (lane->config.wire.restart == NULL) return;
    lane->streams[slot].restarting = true;
    lane->streams[slot].restarted_ns = lane->now_ns;
    lane_count(&lane->streams[slot].feed.renewals);
    lane->config.wire.restart(lane->config.wire.context, slot, reason);
}

static int64_t age(const nt_lane *lane, uint32_t slot) {
    return lane->now_ns - get_time(&lane->streams[slot].feed.opened_ns);
}

/// Open, and not being opened anew already.
static bool stands(const nt_lane *lane, uint32_t slot) {
    const lane_stream *stream = &lane->streams[slot];
    return stream->state == NT_STREAM_OPEN && stream->ready && !stream->restarting;
}

/// The books that this feed brings are also followed by that one.
static bool covers(const nt_lane *lane, uint32_t other, uint32_t slot) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        const lane_market *market = &lane->markets[i];
        bool brings = (market->feeds & lane_bit(slot)) != 0;
        if (brings && (market->chained & lane_bit(other)) == 0) return false;
    }
    return true;
}

/// Another feed of its group stands for long enough to go on alone.
static bool can_be_spared(const nt_lane *lane, uint32_t slot) {
    for (uint32_t i = 0; i < lane->config.stream_count; i++) {
        if ((lane->streams[slot].mates & lane_bit(i)) == 0 || !stands(lane, i)) continue;
        if (age(lane, i) >= (covers(lane, i, slot) ? SETTLED_NS : SURELY_SETTLED_NS)) return true;
    }
    return false;
}

/// When the lane last opened a feed of the group anew; 0 = never.
static int64_t last_restart(const nt_lane *lane, uint32_t group) {
    int64_t last = 0;
    for (uint32_t i = 0; i < lane->config.stream_count; i++) {
        const lane_stream *stream = &lane->streams[i];
        if (stream->config.group == group && stream->restarted_ns > last)
            last = stream->restarted_ns;
    }
    return last;
}

static bool rested(const nt_lane *lane, int64_t since_ns, int64_t pause_ns) {
    return since_ns == 0 || lane->now_ns - since_ns >= pause_ns;
}

static bool may_revive(const nt_lane *lane, uint32_t slot) {
    const lane_stream *stream = &lane->streams[slot];
    if (!stands(lane, slot)) return false;
    if (!lane_has_company(lane, slot)) return rested(lane, stream->restarted_ns, ALONE_PAUSE_NS);
    // What does not stand still goes on by another one.
    return can_be_spared(lane, slot) && rested(lane, stream->restarted_ns, RESTART_PAUSE_NS) &&
           rested(lane, last_restart(lane, stream->config.group), SETTLED_NS);
}

void lane_feed_revive(nt_lane *lane, uint32_t slot, const char *reason) {
    uint64_t feeds = lane->streams[slot].mates | lane_bit(slot);
    uint32_t chosen = NT_MAX_STREAMS;
    for (uint32_t i = 0; i < lane->config.stream_count; i++) {
        if ((feeds & lane_bit(i)) == 0 || !may_revive(lane, i)) continue;
        bool longer = chosen == NT_MAX_STREAMS ||
                      lane->streams[i].restarted_ns < lane->streams[chosen].restarted_ns;
        if (longer) chosen = i;
    }
    if (chosen < NT_MAX_STREAMS) lane_feed_restart(lane, chosen, reason);
}

/// Whatever was asked is answered: a connection that ends now leaves nothing in doubt.
static bool is_idle(const nt_lane *lane) {
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || nt_order_is_terminal(order->state)) continue;
        if (order->state == NT_ORDER_SENT || order->state == NT_ORDER_QUEUED ||
            order->cancel == NT_PENDING_REQUESTED || order->amend == NT_PENDING_REQUESTED)
            return false;
    }
    return true;
}

static bool may_end(const nt_lane *lane, uint32_t slot) {
    return lane->streams[slot].role == NT_ROLE_ORDERS ? is_idle(lane) : can_be_spared(lane, slot);
}

/// One at a time: each needs another one that has stood for a while.
void lane_feeds_turn(nt_lane *lane) {
    if (lane->now_ns - lane->feeds_looked_ns < LOOK_AT_FEEDS_NS) return;
    lane->feeds_looked_ns = lane->now_ns;
    for (uint32_t i = 0; i < lane->config.stream_count; i++) {
        const lane_stream *stream = &lane->streams[i];
        int64_t limit = stream->config.renew_after_ns;
        bool old = limit > 0 && age(lane, i) >= limit;
        if (!(old || stream->announced) || !stands(lane, i) || !may_end(lane, i)) continue;
        lane_feed_restart(lane, i,
                          old ? "renewed before the venue ends it" : "the venue announced its end");
    }
}

nt_feed nt_lane_feed(const nt_lane *lane, uint32_t slot) {
    nt_feed out = {0};
    static_assert(sizeof out == sizeof lane->streams[0].feed, "the two lists are the same");
    if (slot >= lane->config.stream_count) return out;
    const _Atomic uint64_t *from = (const _Atomic uint64_t *)&lane->streams[slot].feed;
    uint64_t *to = (uint64_t *)&out;
    for (size_t i = 0; i < sizeof out / sizeof(uint64_t); i++)
        to[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
    return out;
}
