// internal.h — what the matching engine's files share. Nobody else includes it.
//
// Orders live in one fixed pool and name each other by index; an index list is at any time one of
// a level's queue, the waiting stops, the triggered stops, or the free slots. Levels live in sorted
// arrays, best last. Everything is allocated at creation.
#ifndef NT_MATCH_INTERNAL_H
#define NT_MATCH_INTERNAL_H

#include <stddef.h>

#include "nt/match.h"

#define NONE UINT32_MAX

enum { PLACE_TAKING, PLACE_RESTING, PLACE_STOP, PLACE_TRIGGERED };

typedef struct order {
    uint64_t id, owner;
    int64_t price, stop_price;
    int64_t quantity, remaining;
    int64_t ahead;           ///< RECORDED: recorded lots before it; UNKNOWN_QUEUE after a gap.
    uint32_t previous, next; ///< In the list that `place` names.
    nt_side side;
    nt_order_type type;
    nt_time_in_force tif;
    uint8_t place;
} order;

/// More than prints will ever use up; lowered when the level is set again.
#define UNKNOWN_QUEUE INT64_MAX

typedef struct order_list {
    uint32_t head, tail;
} order_list;

/// One price. Of own orders: their queue and its total. Displayed: the recording's quantity.
typedef struct level {
    int64_t key; ///< Mirrored price: ascends towards the best on both sides.
    int64_t quantity;
    int64_t consumed; ///< Displayed only: taken since the recording last set it.
    order_list queue; ///< Own only.
} level;

typedef struct ladder {
    level *levels;  ///< A window of `storage`, worst first.
    level *storage; ///< `room` levels, owned.
    uint32_t count, capacity, room;
} ladder;

/// Owned by its creator; one thread.
struct nt_match {
    nt_match_config config;
    order *orders;   ///< max_orders.
    uint32_t *index; ///< Open addressing: id → slot of `orders`, or NONE.
    uint32_t index_mask, free_head, live_count;
    ladder own[2], shown[2];
    order_list stops;        ///< Waiting, oldest placed first.
    order_list triggered;    ///< Reached, in the order in which they will execute.
    int64_t nearest_stop[2]; ///< No waiting buy stop is lower, no sell stop higher.
    int64_t last_price, trade_count;
    int64_t low, high; ///< Prices traded by the present call; low > high: none.
};

/// What can be had at one price: displayed quantity, own orders, or both.
typedef struct offer {
    int64_t key;
    level *shown; ///< With `available` > 0, or NULL.
    level *own;   ///< Or NULL.
    int64_t available;
} offer;

/// Walks one side best first. Start with both at the ladders' counts.
typedef struct offer_cursor {
    uint32_t shown, own;
} offer_cursor;

/// Complementing reverses the order without overflow; it is its own inverse.
static inline int64_t mirrored(nt_side side, int64_t price) {
    return side == NT_BUY ? price : ~price;
}
static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// table.c — the pool and its index.
nt_status nt_match_table_create(nt_match *match);
order *nt_match_table_find(const nt_match *match, uint64_t id);
/// A slot for a new order, indexed by its id. There must be a free one.
order *nt_match_table_add(nt_match *match, uint64_t id);
void nt_match_table_remove(nt_match *match, order *order);
void nt_match_list_push(nt_match *match, order_list *list, order *order);
void nt_match_list_remove(nt_match *match, order_list *list, order *order);

// ladder.c — sorted levels.
/// `room` >= capacity. More room makes dropping the worst level cheap: the window moves instead.
nt_status nt_match_ladder_create(ladder *ladder, uint32_t capacity, uint32_t room);
void nt_match_ladder_clear(ladder *ladder);
/// The level with this key, or NULL.
level *nt_match_ladder_find(const ladder *ladder, int64_t key);
/// The level with this key, new and empty if need be. Drops the worst level when there is no room;
/// NULL when that would be the new one.
level *nt_match_ladder_add(ladder *ladder, int64_t key);
void nt_match_ladder_remove(ladder *ladder, level *level);
/// The next price of `side` at which something can be had. False at the end.
bool nt_match_next_offer(const nt_match *match, nt_side side, offer_cursor *cursor, offer *out);
offer_cursor nt_match_first_offer(const nt_match *match, nt_side side);

// execute.c — trades and what becomes of an order.
void nt_match_emit(nt_match *match, const order *order, nt_match_event_kind kind,
                   nt_match_reason reason);
/// Trades the order as far as it goes, then rests, expires or releases it.
void nt_match_execute(nt_match *match, order *order);
/// A recorded trade fills a resting order at its own price; releases it when nothing remains.
void nt_match_fill_resting(nt_match *match, order *order, int64_t quantity);
/// Takes a resting order out of its level, and the level out of the book when it was the last.
void nt_match_unrest(nt_match *match, order *order);
/// Remembers that something traded at this price.
void nt_match_note_price(nt_match *match, int64_t price);

// stops.c — waiting and triggered stops.
bool nt_match_stop_is_reached(const order *stop, int64_t low, int64_t high);
void nt_match_stop_wait(nt_match *match, order *stop);
/// Forgets the prices of the previous call. Before the first execution of each.
void nt_match_begin(nt_match *match);
/// Executes the stops that were reached, and those that these reach. After each execution.
void nt_match_finish(nt_match *match);

// recorded.c — queue positions.
/// Recorded lots ahead of an order that comes to rest behind `level`'s queue.
int64_t nt_match_queue_ahead(const nt_match *match, const level *level, nt_side side);

#endif
