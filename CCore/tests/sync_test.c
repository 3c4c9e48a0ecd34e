// sync_test.c — each rule of joining, following and giving up, on books of a few levels; then
// random streams with losses, whose live book must equal the venue's.
#include "test.h"

#include "nt/book_naive.h"
#include "nt/random.h"
#include "nt/sync.h"

enum { DEPTH = 32, ROOM = 64 };

typedef struct fixture {
    nt_book *book;
    nt_sync *sync;
} fixture;

static fixture make_fixture(uint32_t room) {
    fixture made;
    NT_ASSERT(nt_book_create(DEPTH, &made.book) == NT_OK);
    NT_ASSERT(nt_sync_create(made.book, room, &made.sync) == NT_OK);
    return made;
}

static void free_fixture(fixture made) {
    nt_sync_destroy(made.sync);
    nt_book_destroy(made.book);
}

/// One bid and one ask level; a price of 0 leaves that side out.
static nt_status send(nt_sync *sync, nt_event_kind kind, const int64_t ids[3], nt_level bid,
                      nt_level ask) {
    nt_event event = {.kind = kind, .received_ns = 10 * ids[1]};
    event.as.depth = (nt_depth){ids[0], ids[1], ids[2], &bid, &ask, bid.price != 0, ask.price != 0};
    return kind == NT_EVENT_SNAPSHOT ? nt_sync_snapshot(sync, &event) : nt_sync_depth(sync, &event);
}

/// A depth event of ids first … last that sets bid 100 and ask 101 to `last` lots.
static nt_status depth(nt_sync *sync, int64_t first, int64_t last, int64_t previous) {
    const int64_t ids[3] = {first, last, previous};
    return send(sync, NT_EVENT_DEPTH, ids, (nt_level){100, last}, (nt_level){101, last});
}

static nt_status depth_bid(nt_sync *sync, int64_t first, int64_t last, nt_level bid) {
    const int64_t ids[3] = {first, last, -1};
    return send(sync, NT_EVENT_DEPTH, ids, bid, (nt_level){0, 0});
}

static nt_status snapshot(nt_sync *sync, int64_t id) {
    const int64_t ids[3] = {0, id, -1};
    return send(sync, NT_EVENT_SNAPSHOT, ids, (nt_level){100, id}, (nt_level){101, id});
}

static int64_t best_lots(const nt_book *book) { return nt_book_best(book, NT_BUY).quantity; }

TEST(sync, refuses_no_room_and_no_book) {
    fixture made = make_fixture(ROOM);
    nt_sync *sync = NULL;
    EXPECT_EQ(nt_sync_create(made.book, 0, &sync), NT_INVALID);
    EXPECT_EQ(nt_sync_create(NULL, 10, &sync), NT_INVALID);
    EXPECT(sync == NULL);
    nt_sync_destroy(NULL);
    free_fixture(made);
}

TEST(sync, starts_empty_and_buffers) {
    fixture made = make_fixture(ROOM);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_EMPTY);
    EXPECT_EQ(nt_sync_update_id(made.sync), -1);
    EXPECT_EQ(depth(made.sync, 5, 7, -1), NT_EMPTY);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_BUFFERING);
    EXPECT_EQ(nt_book_count(made.book, NT_BUY), 0);
    free_fixture(made);
}

TEST(sync, joins_kept_events_to_a_snapshot) {
    fixture made = make_fixture(ROOM);
    depth(made.sync, 5, 7, -1);
    depth(made.sync, 8, 9, -1);
    depth(made.sync, 10, 12, -1);
    EXPECT_EQ(snapshot(made.sync, 8), NT_OK);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_LIVE);
    EXPECT_EQ(nt_sync_update_id(made.sync), 12);
    EXPECT_EQ(nt_sync_received_ns(made.sync), 120);
    EXPECT_EQ(best_lots(made.book), 12);
    EXPECT_EQ(nt_sync_get_counters(made.sync).applied, 2);
    nt_top top;
    nt_book_top(made.book, &top);
    EXPECT(top.valid);
    EXPECT_EQ(top.update_id, 12);
    free_fixture(made);
}

TEST(sync, kept_levels_are_copies) {
    fixture made = make_fixture(ROOM);
    nt_level bid = {100, 5};
    nt_event event = {.kind = NT_EVENT_DEPTH};
    event.as.depth = (nt_depth){.first_id = 2, .last_id = 2, .previous_id = -1, .bids = &bid};
    event.as.depth.bid_count = 1;
    EXPECT_EQ(nt_sync_depth(made.sync, &event), NT_EMPTY);
    bid = (nt_level){1, 1};
    EXPECT_EQ(snapshot(made.sync, 1), NT_OK);
    EXPECT_EQ(nt_book_quantity_at(made.book, NT_BUY, 100), 5);
    EXPECT_EQ(nt_book_quantity_at(made.book, NT_BUY, 1), 0);
    free_fixture(made);
}

TEST(sync, takes_a_snapshot_before_any_event) {
    fixture made = make_fixture(ROOM);
    EXPECT_EQ(snapshot(made.sync, 8), NT_OK);
    EXPECT_EQ(depth(made.sync, 7, 8, -1), NT_STALE);
    EXPECT_EQ(best_lots(made.book), 8);
    EXPECT_EQ(depth(made.sync, 7, 9, -1), NT_OK);
    EXPECT_EQ(best_lots(made.book), 9);
    free_fixture(made);
}

/// Joins one event of ids 10 … 12 to a snapshot of `id`: status of the snapshot, and in *applied
/// whether the event was.
static nt_status join(int64_t id, int64_t previous, bool *applied) {
    fixture made = make_fixture(ROOM);
    depth(made.sync, 10, 12, previous);
    nt_status status = snapshot(made.sync, id);
    *applied = nt_sync_get_counters(made.sync).applied == 1;
    free_fixture(made);
    return status;
}

TEST(sync, joins_by_first_id_where_no_previous_is_stated) {
    bool applied;
    EXPECT_EQ(join(8, -1, &applied), NT_STALE);
    EXPECT_EQ(join(9, -1, &applied), NT_OK);
    EXPECT(applied);
    EXPECT_EQ(join(11, -1, &applied), NT_OK);
    EXPECT(applied);
    EXPECT_EQ(join(12, -1, &applied), NT_OK);
    EXPECT(!applied);
    EXPECT_EQ(join(13, -1, &applied), NT_OK);
    EXPECT(!applied);
}

TEST(sync, joins_inside_the_event_where_a_previous_is_stated) {
    bool applied;
    EXPECT_EQ(join(6, 7, &applied), NT_STALE);
    EXPECT_EQ(join(7, 7, &applied), NT_OK);
    EXPECT(applied);
    EXPECT_EQ(join(9, 7, &applied), NT_STALE);
    EXPECT_EQ(join(10, 7, &applied), NT_OK);
    EXPECT(applied);
    EXPECT_EQ(join(12, 7, &applied), NT_OK);
    EXPECT(applied);
    EXPECT_EQ(join(13, 7, &applied), NT_OK);
    EXPECT(!applied);
}

TEST(sync, an_old_snapshot_changes_nothing) {
    fixture made = make_fixture(ROOM);
    depth(made.sync, 10, 12, -1);
    EXPECT_EQ(snapshot(made.sync, 5), NT_STALE);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_BUFFERING);
    EXPECT_EQ(nt_book_count(made.book, NT_BUY), 0);
    EXPECT_EQ(snapshot(made.sync, 10), NT_OK);
    EXPECT_EQ(nt_sync_update_id(made.sync), 12);
    EXPECT_EQ(nt_sync_get_counters(made.sync).old_snapshots, 1);
    free_fixture(made);
}

TEST(sync, follows_first_ids) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    EXPECT_EQ(depth(made.sync, 11, 12, -1), NT_OK);
    EXPECT_EQ(depth(made.sync, 11, 12, -1), NT_STALE);
    EXPECT_EQ(depth(made.sync, 12, 14, -1), NT_OK);
    EXPECT_EQ(depth(made.sync, 16, 17, -1), NT_GAP);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
    EXPECT_EQ(nt_sync_get_reason(made.sync), NT_SYNC_GAP);
    EXPECT_EQ(best_lots(made.book), 14);
    nt_top top;
    nt_book_top(made.book, &top);
    EXPECT(!top.valid);
    EXPECT_EQ(top.update_id, 14);
    free_fixture(made);
}

TEST(sync, follows_previous_ids) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    EXPECT_EQ(depth(made.sync, 6, 9, 5), NT_STALE);
    EXPECT_EQ(depth(made.sync, 9, 12, 7), NT_OK);
    EXPECT_EQ(depth(made.sync, 20, 22, 12), NT_OK);
    EXPECT_EQ(depth(made.sync, 20, 22, 12), NT_STALE);
    EXPECT_EQ(depth(made.sync, 23, 24, 21), NT_GAP);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
    free_fixture(made);
}

TEST(sync, only_the_first_event_may_straddle_where_a_previous_is_stated) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    EXPECT_EQ(depth(made.sync, 9, 12, 7), NT_OK);
    EXPECT_EQ(depth(made.sync, 11, 14, 7), NT_GAP);
    free_fixture(made);
}

TEST(sync, the_event_that_shows_a_gap_starts_the_next_run) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    EXPECT_EQ(depth(made.sync, 20, 21, -1), NT_GAP);
    EXPECT_EQ(depth(made.sync, 22, 23, -1), NT_EMPTY);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
    EXPECT_EQ(snapshot(made.sync, 18), NT_STALE);
    EXPECT_EQ(snapshot(made.sync, 19), NT_OK);
    EXPECT_EQ(nt_sync_update_id(made.sync), 23);
    EXPECT_EQ(nt_sync_get_counters(made.sync).resyncs, 1);
    EXPECT_EQ(nt_sync_get_counters(made.sync).gaps[NT_SYNC_GAP], 1);
    free_fixture(made);
}

TEST(sync, a_gap_among_kept_events_drops_what_came_before) {
    fixture made = make_fixture(ROOM);
    EXPECT_EQ(depth(made.sync, 10, 12, -1), NT_EMPTY);
    EXPECT_EQ(depth(made.sync, 11, 12, -1), NT_STALE);
    EXPECT_EQ(depth(made.sync, 20, 21, -1), NT_EMPTY);
    EXPECT_EQ(snapshot(made.sync, 11), NT_STALE);
    EXPECT_EQ(snapshot(made.sync, 20), NT_OK);
    EXPECT_EQ(nt_sync_get_counters(made.sync).applied, 1);
    EXPECT_EQ(nt_sync_get_counters(made.sync).resyncs, 0);
    free_fixture(made);
}

TEST(sync, a_bad_level_applies_nothing_of_its_event) {
    const nt_level bad[] = {{100, -1}, {-3, 1}, {INT64_MIN, 0}};
    for (uint32_t i = 0; i < 3; i++) {
        fixture made = make_fixture(ROOM);
        snapshot(made.sync, 10);
        const int64_t ids[3] = {11, 11, -1};
        nt_level good = {100, 77};
        EXPECT_EQ(send(made.sync, NT_EVENT_DEPTH, ids, good, bad[i]), NT_GAP);
        EXPECT_EQ(best_lots(made.book), 10);
        EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
        EXPECT_EQ(nt_sync_get_reason(made.sync), NT_SYNC_BAD_EVENT);
        EXPECT_EQ(nt_sync_update_id(made.sync), 10);
        EXPECT_EQ(snapshot(made.sync, 12), NT_OK);
        free_fixture(made);
    }
}

TEST(sync, ids_that_make_no_sense_are_a_bad_event) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    EXPECT_EQ(depth(made.sync, 12, 11, -1), NT_GAP);
    EXPECT_EQ(snapshot(made.sync, 12), NT_OK);
    EXPECT_EQ(depth(made.sync, -1, 13, -1), NT_GAP);
    EXPECT_EQ(snapshot(made.sync, 13), NT_OK);
    EXPECT_EQ(depth(made.sync, 14, 14, -2), NT_GAP);
    EXPECT_EQ(nt_sync_get_counters(made.sync).gaps[NT_SYNC_BAD_EVENT], 3);
    free_fixture(made);
}

TEST(sync, a_bad_event_while_buffering_drops_the_run) {
    fixture made = make_fixture(ROOM);
    depth(made.sync, 10, 12, -1);
    EXPECT_EQ(depth_bid(made.sync, 13, 13, (nt_level){100, -4}), NT_GAP);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_EMPTY);
    EXPECT_EQ(depth(made.sync, 14, 15, -1), NT_EMPTY);
    EXPECT_EQ(snapshot(made.sync, 11), NT_STALE);
    EXPECT_EQ(snapshot(made.sync, 13), NT_OK);
    EXPECT_EQ(nt_sync_update_id(made.sync), 15);
    free_fixture(made);
}

TEST(sync, a_crossed_book_is_given_up) {
    const int64_t prices[] = {101, 102}; // Locked and crossed.
    for (uint32_t i = 0; i < 2; i++) {
        fixture made = make_fixture(ROOM);
        snapshot(made.sync, 10);
        EXPECT_EQ(depth_bid(made.sync, 11, 11, (nt_level){prices[i], 1}), NT_GAP);
        EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
        EXPECT_EQ(nt_sync_get_reason(made.sync), NT_SYNC_CROSSED);
        nt_top top;
        nt_book_top(made.book, &top);
        EXPECT(!top.valid);
        EXPECT_EQ(snapshot(made.sync, 11), NT_OK);
        EXPECT_EQ(nt_book_best(made.book, NT_BUY).price, 100);
        free_fixture(made);
    }
}

TEST(sync, a_cross_inside_one_event_is_normal) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    nt_level bid = {102, 1};
    const nt_level asks[] = {{101, 0}, {103, 2}};
    nt_event event = {.kind = NT_EVENT_DEPTH};
    event.as.depth = (nt_depth){11, 11, -1, &bid, asks, 1, 2};
    EXPECT_EQ(nt_sync_depth(made.sync, &event), NT_OK);
    EXPECT_EQ(nt_book_best(made.book, NT_BUY).price, 102);
    EXPECT_EQ(nt_book_best(made.book, NT_SELL).price, 103);
    free_fixture(made);
}

TEST(sync, kept_events_that_cross_the_snapshot_are_given_up) {
    fixture made = make_fixture(ROOM);
    depth_bid(made.sync, 10, 10, (nt_level){105, 1});
    depth(made.sync, 11, 11, -1);
    EXPECT_EQ(snapshot(made.sync, 9), NT_INVALID);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
    EXPECT_EQ(nt_sync_get_reason(made.sync), NT_SYNC_CROSSED);
    EXPECT_EQ(snapshot(made.sync, 11), NT_OK);
    EXPECT_EQ(nt_sync_get_counters(made.sync).applied, 1);
    free_fixture(made);
}

TEST(sync, a_bad_snapshot_changes_nothing) {
    fixture made = make_fixture(ROOM);
    depth(made.sync, 10, 12, -1);
    const int64_t ids[3] = {0, 11, -1}, negative[3] = {0, -1, -1};
    nt_level bid = {100, 1}, ask = {101, 1}, low_ask = {100, 1}, bad = {101, -1};
    EXPECT_EQ(send(made.sync, NT_EVENT_SNAPSHOT, ids, bid, low_ask), NT_INVALID);
    EXPECT_EQ(send(made.sync, NT_EVENT_SNAPSHOT, ids, bid, bad), NT_INVALID);
    EXPECT_EQ(send(made.sync, NT_EVENT_SNAPSHOT, negative, bid, ask), NT_INVALID);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_BUFFERING);
    EXPECT_EQ(nt_sync_get_counters(made.sync).bad_snapshots, 3);
    EXPECT_EQ(send(made.sync, NT_EVENT_SNAPSHOT, ids, bid, ask), NT_OK);
    free_fixture(made);
}

TEST(sync, other_events_are_refused) {
    fixture made = make_fixture(ROOM);
    nt_event event = {.kind = NT_EVENT_TRADE};
    EXPECT_EQ(nt_sync_depth(made.sync, &event), NT_INVALID);
    EXPECT_EQ(nt_sync_snapshot(made.sync, &event), NT_INVALID);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_EMPTY);
    free_fixture(made);
}

TEST(sync, a_live_book_takes_a_newer_snapshot_only) {
    fixture made = make_fixture(ROOM);
    snapshot(made.sync, 10);
    depth_bid(made.sync, 11, 12, (nt_level){99, 5});
    EXPECT_EQ(snapshot(made.sync, 11), NT_STALE);
    EXPECT_EQ(nt_sync_update_id(made.sync), 12);
    EXPECT_EQ(snapshot(made.sync, 15), NT_OK);
    EXPECT_EQ(nt_book_quantity_at(made.book, NT_BUY, 99), 0);
    EXPECT_EQ(nt_sync_get_counters(made.sync).resyncs, 0);
    EXPECT_EQ(depth(made.sync, 16, 16, -1), NT_OK);
    free_fixture(made);
}

TEST(sync, more_levels_than_fit_start_a_new_run) {
    fixture made = make_fixture(4);
    EXPECT_EQ(depth(made.sync, 10, 10, -1), NT_EMPTY);
    EXPECT_EQ(depth(made.sync, 11, 11, -1), NT_EMPTY);
    EXPECT_EQ(depth(made.sync, 12, 12, -1), NT_GAP);
    EXPECT_EQ(nt_sync_get_reason(made.sync), NT_SYNC_OVERFLOW);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_BUFFERING);
    EXPECT_EQ(snapshot(made.sync, 10), NT_STALE);
    EXPECT_EQ(snapshot(made.sync, 11), NT_OK);
    EXPECT_EQ(nt_sync_update_id(made.sync), 12);
    free_fixture(made);
}

TEST(sync, more_events_than_fit_start_a_new_run) {
    fixture made = make_fixture(ROOM);
    for (int64_t id = 1; id <= NT_SYNC_MAX_BUFFERED_EVENTS; id++) {
        EXPECT_EQ(depth_bid(made.sync, id, id, (nt_level){0, 0}), NT_EMPTY);
    }
    int64_t next = NT_SYNC_MAX_BUFFERED_EVENTS + 1;
    EXPECT_EQ(depth_bid(made.sync, next, next, (nt_level){0, 0}), NT_GAP);
    EXPECT_EQ(snapshot(made.sync, next - 1), NT_OK);
    EXPECT_EQ(nt_sync_get_counters(made.sync).applied, 1);
    free_fixture(made);
}

TEST(sync, an_event_larger_than_the_room_is_not_kept) {
    fixture made = make_fixture(1);
    EXPECT_EQ(depth_bid(made.sync, 10, 10, (nt_level){100, 1}), NT_EMPTY);
    EXPECT_EQ(depth(made.sync, 11, 11, -1), NT_GAP);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_EMPTY);
    EXPECT_EQ(snapshot(made.sync, 11), NT_OK);
    EXPECT_EQ(depth(made.sync, 12, 12, -1), NT_OK);
    free_fixture(made);
}

TEST(sync, is_given_up_from_outside) {
    fixture made = make_fixture(ROOM);
    depth(made.sync, 10, 10, -1);
    nt_sync_invalidate(made.sync, NT_SYNC_DISCONNECTED);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_EMPTY);
    EXPECT_EQ(snapshot(made.sync, 20), NT_OK);
    nt_sync_invalidate(made.sync, NT_SYNC_SILENCE);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
    EXPECT_EQ(nt_sync_get_reason(made.sync), NT_SYNC_SILENCE);
    EXPECT_TEXT(nt_sync_reason_text(NT_SYNC_SILENCE), "no data for too long");
    nt_top top;
    nt_book_top(made.book, &top);
    EXPECT(!top.valid);
    nt_sync_invalidate(made.sync, NT_SYNC_SILENCE);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_STALE);
    free_fixture(made);
}

/// A venue: its true book, its update id, and the changes since the last event.
typedef struct venue {
    nt_book_naive *book;
    nt_random random;
    int64_t id, last_event_id;
    bool states_previous;
} venue;

/// Changes a few levels and sends them as one event, or loses it on the way.
static nt_status venue_step(venue *venue, nt_sync *sync, bool lose) {
    nt_level levels[2][4];
    uint32_t counts[2] = {0, 0};
    int64_t first = venue->id + 1;
    uint64_t changes = 1 + nt_random_below(&venue->random, 4);
    for (uint64_t i = 0; i < changes; i++) {
        nt_side side = (nt_side)nt_random_below(&venue->random, 2);
        int64_t away = (int64_t)nt_random_below(&venue->random, 8);
        nt_level level = {side == NT_BUY ? 100 - away : 101 + away,
                          (int64_t)nt_random_below(&venue->random, 5)};
        nt_book_naive_set(venue->book, side, level.price, level.quantity);
        levels[side][counts[side]++] = level;
        venue->id++;
    }
    nt_event event = {.kind = NT_EVENT_DEPTH};
    event.as.depth =
        (nt_depth){first,     venue->id, venue->states_previous ? venue->last_event_id : -1,
                   levels[0], levels[1], counts[0],
                   counts[1]};
    venue->last_event_id = venue->id;
    return lose ? NT_EMPTY : nt_sync_depth(sync, &event);
}

static nt_status venue_snapshot(const venue *venue, nt_sync *sync) {
    nt_level levels[2][DEPTH];
    uint32_t counts[2];
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        counts[side] = nt_book_naive_count(venue->book, side);
        for (uint32_t i = 0; i < counts[side]; i++) {
            levels[side][i] = nt_book_naive_level(venue->book, side, i);
        }
    }
    nt_event event = {.kind = NT_EVENT_SNAPSHOT};
    event.as.depth = (nt_depth){0, venue->id, -1, levels[0], levels[1], counts[0], counts[1]};
    return nt_sync_snapshot(sync, &event);
}

static bool same_book(const nt_book *ours, const nt_book_naive *theirs) {
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        for (uint32_t i = 0; i <= nt_book_naive_count(theirs, side); i++) {
            nt_level a = nt_book_level(ours, side, i), b = nt_book_naive_level(theirs, side, i);
            if (a.price != b.price || a.quantity != b.quantity) return false;
        }
    }
    return true;
}

/// Runs one lossy stream. False as soon as a live book is not the venue's.
static bool lossy_stream_is_followed(uint64_t seed, uint64_t *live_steps) {
    fixture made = make_fixture(ROOM);
    venue venue = {.random = nt_random_seeded(seed), .states_previous = seed % 2 == 0};
    NT_ASSERT(nt_book_naive_create(DEPTH, &venue.book) == NT_OK);
    bool good = true;
    for (int step = 0; good && step < 800; step++) {
        bool lose = nt_random_below(&venue.random, 30) == 0;
        nt_status status = venue_step(&venue, made.sync, lose);
        if (!lose && status == NT_OK) {
            good = nt_sync_update_id(made.sync) == venue.id && same_book(made.book, venue.book);
            *live_steps += 1;
        } else if (nt_random_below(&venue.random, 4) == 0) {
            good = venue_snapshot(&venue, made.sync) == NT_OK && same_book(made.book, venue.book);
        }
    }
    nt_book_naive_destroy(venue.book);
    free_fixture(made);
    return good;
}

TEST(sync, a_live_book_is_always_the_venues) {
    uint64_t live_steps = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        if (lossy_stream_is_followed(seed, &live_steps)) continue;
        nt_test_fail(__FILE__, __LINE__, "seed %" PRIu64 ": live book is not the venue's", seed);
        return;
    }
    EXPECT(live_steps > 20000);
}

TEST(sync, says_how_an_event_stands_without_taking_it) {
    fixture made = make_fixture(ROOM);
    nt_event event = {.kind = NT_EVENT_DEPTH};
    event.as.depth = (nt_depth){.first_id = 11, .last_id = 12, .previous_id = -1};
    EXPECT_EQ(nt_sync_chains(made.sync, &event), NT_EMPTY);
    EXPECT_EQ(nt_sync_get_state(made.sync), NT_SYNC_EMPTY);
    EXPECT_EQ(depth(made.sync, 9, 10, -1), NT_EMPTY);
    EXPECT_EQ(snapshot(made.sync, 10), NT_OK);
    EXPECT_EQ(nt_sync_chains(made.sync, &event), NT_OK);
    event.as.depth.first_id = 12;
    EXPECT_EQ(nt_sync_chains(made.sync, &event), NT_GAP);
    event.as.depth = (nt_depth){.first_id = 8, .last_id = 9, .previous_id = -1};
    EXPECT_EQ(nt_sync_chains(made.sync, &event), NT_STALE);
    EXPECT_EQ(nt_sync_update_id(made.sync), 10);
    EXPECT_EQ(nt_sync_get_counters(made.sync).ignored, 0);
    nt_sync_invalidate(made.sync, NT_SYNC_DIFFERS);
    EXPECT_TEXT(nt_sync_reason_text(nt_sync_get_reason(made.sync)),
                "differs from the venue's own book");
    free_fixture(made);
}
