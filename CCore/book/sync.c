// sync.c — the state machine of one book: buffer, join to a snapshot, follow the chain, give up.
//
// The kept events are always one unbroken run: an event that does not chain to the run starts a
// new one. So a snapshot needs only to reach the first event that it does not already contain, and
// nothing is touched before that is certain. Levels of kept events are copied into one fixed
// pool, which is emptied as a whole.
#include "nt/sync.h"

#include "nt/planted.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BUFFERED_LEVELS = 1 << 24 };

/// A depth event kept for later; its level pointers lead into the pool.
typedef struct kept_event {
    nt_depth depth;
    int64_t received_ns;
} kept_event;

/// Created and destroyed by the lane's owner, used by the lane.
struct nt_sync {
    nt_book *book;    // Borrowed.
    nt_level *pool;   // max_levels, owned.
    kept_event *kept; // NT_SYNC_MAX_BUFFERED_EVENTS, owned.
    uint32_t max_levels, level_count, kept_count;
    nt_sync_state state;
    nt_sync_reason reason;
    bool was_live;     // Ever.
    bool awaits_first; // No event applied since the snapshot.
    int64_t update_id, received_ns;
    nt_sync_counters counters;
};

typedef enum chain { CHAIN_NEXT, CHAIN_OLD, CHAIN_BROKEN } chain;

nt_status nt_sync_create(nt_book *book, uint32_t max_buffered_levels, nt_sync **out) {
    *out = NULL;
    if (book == NULL || max_buffered_levels == 0 || max_buffered_levels > MAX_BUFFERED_LEVELS) {
        return nt_fail(NT_INVALID, "sync needs a book and room for 1 … %d levels, not %u",
                       MAX_BUFFERED_LEVELS, max_buffered_levels);
    }
    nt_sync *sync = calloc(1, sizeof *sync);
    if (sync == NULL) return NT_NO_MEMORY;
    size_t pool_bytes = max_buffered_levels * sizeof(nt_level);
    size_t kept_bytes = NT_SYNC_MAX_BUFFERED_EVENTS * sizeof(kept_event);
    sync->pool = malloc(pool_bytes);
    sync->kept = malloc(kept_bytes);
    if (sync->pool == NULL || sync->kept == NULL) {
        nt_sync_destroy(sync);
        return NT_NO_MEMORY;
    }
    // Touch the pages now, so that the first events do not fault.
    memset(sync->pool, 0, pool_bytes);
    memset(sync->kept, 0, kept_bytes);
    sync->book = book;
    sync->max_levels = max_buffered_levels;
    sync->update_id = -1;
    *out = sync;
    return NT_OK;
}

void nt_sync_destroy(nt_sync *sync) {
    if (sync == NULL) return;
    free(sync->pool);
    free(sync->kept);
    free(sync);
}

static bool levels_are_sound(const nt_level *levels, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (levels[i].price <= 0 || levels[i].quantity < 0) return false;
    }
    return true;
}

static bool depth_is_sound(const nt_depth *depth) {
    return depth->first_id >= 0 && depth->last_id >= depth->first_id && depth->previous_id >= -1 &&
           levels_are_sound(depth->bids, depth->bid_count) &&
           levels_are_sound(depth->asks, depth->ask_count);
}

/// Whether every bid that is there lies below every ask that is there.
static bool snapshot_is_uncrossed(const nt_depth *depth) {
    int64_t bid = 0, ask = INT64_MAX;
    for (uint32_t i = 0; i < depth->bid_count; i++) {
        nt_level level = depth->bids[i];
        if (level.quantity > 0 && level.price > bid) bid = level.price;
    }
    for (uint32_t i = 0; i < depth->ask_count; i++) {
        nt_level level = depth->asks[i];
        if (level.quantity > 0 && level.price < ask) ask = level.price;
    }
    return bid < ask;
}

static bool book_is_crossed(const nt_book *book) {
    nt_level bid = nt_book_best(book, NT_BUY), ask = nt_book_best(book, NT_SELL);
    return bid.quantity > 0 && ask.quantity > 0 && bid.price >= ask.price;
}

/// How an event stands to a state that contains everything up to `id`. `joins`: that state is a
/// snapshot, which need not end where an event ends.
static chain chain_after(const nt_depth *depth, int64_t id, bool joins) {
    bool chained = depth->previous_id >= 0;
    if (depth->last_id < id) return CHAIN_OLD;
    if (chained && joins && depth->first_id <= id) return CHAIN_NEXT;
    if (depth->last_id == id) return CHAIN_OLD;
    if (nt_planted(NT_BUG_GAP_PASSED)) return CHAIN_NEXT;
    if (chained) return depth->previous_id == id ? CHAIN_NEXT : CHAIN_BROKEN;
    return depth->first_id - 1 <= id ? CHAIN_NEXT : CHAIN_BROKEN;
}

static void drop_kept(nt_sync *sync) {
    sync->level_count = 0;
    sync->kept_count = 0;
}

static void give_up(nt_sync *sync, nt_sync_reason reason) {
    drop_kept(sync);
    sync->reason = reason;
    sync->counters.gaps[reason]++;
    if (sync->state == NT_SYNC_LIVE) {
        sync->state = NT_SYNC_STALE;
        nt_book_publish(sync->book, sync->update_id, sync->received_ns, false);
    } else if (sync->state == NT_SYNC_BUFFERING) {
        sync->state = NT_SYNC_EMPTY;
    }
}

static const nt_level *copy_levels(nt_sync *sync, const nt_level *levels, uint32_t count) {
    nt_level *copy = sync->pool + sync->level_count;
    if (count > 0) memcpy(copy, levels, count * sizeof(nt_level));
    sync->level_count += count;
    return copy;
}

/// Appends to the run. False when it does not fit.
static bool keep(nt_sync *sync, const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    uint64_t levels = (uint64_t)depth->bid_count + depth->ask_count;
    if (levels > sync->max_levels - sync->level_count) return false;
    if (sync->kept_count == NT_SYNC_MAX_BUFFERED_EVENTS) return false;
    kept_event *kept = &sync->kept[sync->kept_count++];
    kept->depth = *depth;
    kept->depth.bids = copy_levels(sync, depth->bids, depth->bid_count);
    kept->depth.asks = copy_levels(sync, depth->asks, depth->ask_count);
    kept->received_ns = event->received_ns;
    if (sync->state == NT_SYNC_EMPTY) sync->state = NT_SYNC_BUFFERING;
    return true;
}

static nt_status buffer(nt_sync *sync, const nt_event *event) {
    if (sync->kept_count > 0) {
        int64_t last_id = sync->kept[sync->kept_count - 1].depth.last_id;
        chain chain = chain_after(&event->as.depth, last_id, false);
        if (chain == CHAIN_OLD) {
            sync->counters.ignored++;
            return NT_STALE;
        }
        if (chain == CHAIN_BROKEN) give_up(sync, NT_SYNC_GAP);
    }
    if (keep(sync, event)) return NT_EMPTY;
    give_up(sync, NT_SYNC_OVERFLOW);
    keep(sync, event); // An event larger than the whole pool is not kept at all.
    return NT_GAP;
}

static void set_levels(nt_book *book, nt_side side, const nt_level *levels, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        // Levels were checked before; beyond the book's depth they are dropped and counted there.
        nt_status status = nt_book_set(book, side, levels[i].price, levels[i].quantity);
        NT_ASSERT(status == NT_OK || status == NT_FULL);
    }
}

/// Applies a sound event that chains. False, and given up, when the book is crossed afterwards.
static bool apply(nt_sync *sync, const nt_depth *depth, int64_t received_ns) {
    set_levels(sync->book, NT_BUY, depth->bids, depth->bid_count);
    set_levels(sync->book, NT_SELL, depth->asks, depth->ask_count);
    sync->update_id = depth->last_id;
    sync->received_ns = received_ns;
    sync->awaits_first = false;
    sync->counters.applied++;
    if (!book_is_crossed(sync->book) || nt_planted(NT_BUG_CROSSED_PASSED)) return true;
    give_up(sync, NT_SYNC_CROSSED);
    return false;
}

nt_status nt_sync_depth(nt_sync *sync, const nt_event *event) {
    if (event->kind != NT_EVENT_DEPTH) return NT_INVALID;
    const nt_depth *depth = &event->as.depth;
    if (!depth_is_sound(depth)) {
        give_up(sync, NT_SYNC_BAD_EVENT);
        return NT_GAP;
    }
    if (sync->state != NT_SYNC_LIVE) return buffer(sync, event);
    switch (chain_after(depth, sync->update_id, sync->awaits_first)) {
    case CHAIN_OLD:
        sync->counters.ignored++;
        return NT_STALE;
    case CHAIN_BROKEN:
        give_up(sync, NT_SYNC_GAP);
        keep(sync, event);
        return NT_GAP;
    case CHAIN_NEXT:
        break;
    }
    if (!apply(sync, depth, event->received_ns)) return NT_GAP;
    nt_book_publish(sync->book, sync->update_id, sync->received_ns, true);
    return NT_OK;
}

nt_status nt_sync_chains(const nt_sync *sync, const nt_event *event) {
    if (sync->state != NT_SYNC_LIVE) return NT_EMPTY;
    switch (chain_after(&event->as.depth, sync->update_id, sync->awaits_first)) {
    case CHAIN_OLD:
        return NT_STALE;
    case CHAIN_BROKEN:
        return NT_GAP;
    case CHAIN_NEXT:
        break;
    }
    return NT_OK;
}

/// Index of the first kept event that the snapshot does not contain already.
static uint32_t first_to_apply(const nt_sync *sync, int64_t snapshot_id) {
    uint32_t at = 0;
    while (at < sync->kept_count &&
           chain_after(&sync->kept[at].depth, snapshot_id, true) == CHAIN_OLD) {
        at++;
    }
    return at;
}

static void load_snapshot(nt_sync *sync, const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    nt_book_clear(sync->book);
    set_levels(sync->book, NT_BUY, depth->bids, depth->bid_count);
    set_levels(sync->book, NT_SELL, depth->asks, depth->ask_count);
    sync->update_id = depth->last_id;
    sync->received_ns = event->received_ns;
    sync->awaits_first = true;
    sync->counters.snapshots++;
    if (sync->was_live && sync->state != NT_SYNC_LIVE) sync->counters.resyncs++;
    sync->was_live = true;
    sync->state = NT_SYNC_LIVE;
}

nt_status nt_sync_snapshot(nt_sync *sync, const nt_event *event) {
    const nt_depth *depth = &event->as.depth;
    if (event->kind != NT_EVENT_SNAPSHOT) return NT_INVALID;
    if (depth->last_id < 0 || !levels_are_sound(depth->bids, depth->bid_count) ||
        !levels_are_sound(depth->asks, depth->ask_count) || !snapshot_is_uncrossed(depth)) {
        sync->counters.bad_snapshots++;
        return NT_INVALID;
    }
    uint32_t at = first_to_apply(sync, depth->last_id);
    if (nt_planted(NT_BUG_OLD_SNAPSHOT_PASSED)) at = sync->kept_count;
    bool is_old = sync->state == NT_SYNC_LIVE && depth->last_id < sync->update_id;
    if (is_old || (at < sync->kept_count &&
                   chain_after(&sync->kept[at].depth, depth->last_id, true) == CHAIN_BROKEN)) {
        sync->counters.old_snapshots++;
        return NT_STALE;
    }
    load_snapshot(sync, event);
    for (; at < sync->kept_count; at++) {
        if (!apply(sync, &sync->kept[at].depth, sync->kept[at].received_ns)) return NT_INVALID;
    }
    drop_kept(sync);
    nt_book_publish(sync->book, sync->update_id, sync->received_ns, true);
    return NT_OK;
}

void nt_sync_invalidate(nt_sync *sync, nt_sync_reason reason) {
    NT_ASSERT(reason < NT_SYNC_REASON_COUNT);
    give_up(sync, reason);
}

nt_sync_state nt_sync_get_state(const nt_sync *sync) { return sync->state; }
nt_sync_reason nt_sync_get_reason(const nt_sync *sync) { return sync->reason; }
int64_t nt_sync_update_id(const nt_sync *sync) { return sync->update_id; }
int64_t nt_sync_received_ns(const nt_sync *sync) { return sync->received_ns; }
nt_sync_counters nt_sync_get_counters(const nt_sync *sync) { return sync->counters; }

const char *nt_sync_reason_text(nt_sync_reason reason) {
    static const char *const texts[NT_SYNC_REASON_COUNT] = {
        [NT_SYNC_NO_REASON] = "none",
        [NT_SYNC_GAP] = "update ids do not chain",
        [NT_SYNC_BAD_EVENT] = "malformed depth event",
        [NT_SYNC_CROSSED] = "best bid not below best ask",
        [NT_SYNC_OVERFLOW] = "too much buffered before a snapshot came",
        [NT_SYNC_SILENCE] = "no data for too long",
        [NT_SYNC_DISCONNECTED] = "stream disconnected",
        [NT_SYNC_DIFFERS] = "differs from the venue's own book",
    };
    return reason < NT_SYNC_REASON_COUNT ? texts[reason] : "unknown";
}
