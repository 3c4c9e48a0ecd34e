// ladder.c — price levels of one side in a sorted array, best last, and the walk over displayed
// and own levels together.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { SHORT_SCAN = 8 }; // Levels looked at one by one before binary search.

nt_status nt_match_ladder_create(ladder *ladder, uint32_t capacity, uint32_t room) {
    ladder->storage = malloc(room * sizeof(level));
    if (ladder->storage == NULL) return NT_NO_MEMORY;
    memset(ladder->storage, 0, room * sizeof(level));
    ladder->levels = ladder->storage;
    ladder->count = 0;
    ladder->capacity = capacity;
    ladder->room = room;
    return NT_OK;
}

void nt_match_ladder_clear(ladder *ladder) {
    ladder->levels = ladder->storage;
    ladder->count = 0;
}

/// First index whose key is not below `key`; the count when there is none.
static uint32_t lower_bound(const ladder *ladder, int64_t key) {
    const level *levels = ladder->levels;
    uint32_t at = ladder->count;
    uint32_t stop = at > SHORT_SCAN ? at - SHORT_SCAN : 0;
    while (at > stop && levels[at - 1].key >= key) at--;
    if (at > stop) return at;
    uint32_t low = 0;
    while (low < at) {
        uint32_t middle = low + (at - low) / 2;
        if (levels[middle].key < key) {
            low = middle + 1;
        } else {
            at = middle;
        }
    }
    return low;
}

level *nt_match_ladder_find(const ladder *ladder, int64_t key) {
    uint32_t at = lower_bound(ladder, key);
    return at < ladder->count && ladder->levels[at].key == key ? &ladder->levels[at] : NULL;
}

/// Makes sure that the window can grow by one at its end.
static void make_room(ladder *ladder) {
    if (ladder->levels + ladder->count < ladder->storage + ladder->room) return;
    memmove(ladder->storage, ladder->levels, ladder->count * sizeof(level));
    ladder->levels = ladder->storage;
}

level *nt_match_ladder_add(ladder *ladder, int64_t key) {
    uint32_t at = lower_bound(ladder, key);
    if (at < ladder->count && ladder->levels[at].key == key) return &ladder->levels[at];
    if (ladder->count == ladder->capacity) {
        if (at == 0) return NULL;
        ladder->levels++;
        ladder->count--;
        at--;
    }
    make_room(ladder);
    level *added = &ladder->levels[at];
    memmove(added + 1, added, (ladder->count - at) * sizeof(level));
    ladder->count++;
    *added = (level){.key = key, .queue = {NONE, NONE}};
    return added;
}

void nt_match_ladder_remove(ladder *ladder, level *level) {
    size_t after = (size_t)(ladder->levels + ladder->count - (level + 1));
    memmove(level, level + 1, after * sizeof *level);
    ladder->count--;
}

offer_cursor nt_match_first_offer(const nt_match *match, nt_side side) {
    return (offer_cursor){match->shown[side].count, match->own[side].count};
}

bool nt_match_next_offer(const nt_match *match, nt_side side, offer_cursor *cursor, offer *out) {
    level *shown = match->shown[side].levels, *own = match->own[side].levels;
    while (cursor->shown > 0 &&
           shown[cursor->shown - 1].quantity == shown[cursor->shown - 1].consumed) {
        cursor->shown--;
    }
    if (cursor->shown == 0 && cursor->own == 0) return false;
    *out = (offer){.key = INT64_MIN};
    if (cursor->shown > 0) out->key = shown[cursor->shown - 1].key;
    if (cursor->own > 0 && own[cursor->own - 1].key > out->key) out->key = own[cursor->own - 1].key;
    if (cursor->shown > 0 && shown[cursor->shown - 1].key == out->key) {
        out->shown = &shown[--cursor->shown];
        out->available = out->shown->quantity - out->shown->consumed;
    }
    if (cursor->own > 0 && own[cursor->own - 1].key == out->key) out->own = &own[--cursor->own];
    return true;
}
