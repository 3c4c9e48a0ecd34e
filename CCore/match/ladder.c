// ladder.c — price levels of one side in a sorted array, best last, and the walk over displayed
// and own levels together.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { SHORT_SCAN = 8 }; // Levels looked at one by one before binary search.

nt_status nt_match_ladder_create(ladder *ladder, uint32_t capacity) {
    ladder->levels = malloc(capacity * sizeof(level));
    if (ladder->levels == NULL) return NT_NO_MEMORY;
    memset(ladder->levels, 0, capacity * sizeof(level));
    ladder->count = 0;
    ladder->capacity = capacity;
    return NT_OK;
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

level *nt_match_ladder_add(ladder *ladder, int64_t key) {
    uint32_t at = lower_bound(ladder, key);
    level *levels = ladder->levels;
    if (at < ladder->count && levels[at].key == key) return &levels[at];
    if (ladder->count == ladder->capacity) {
        if (at == 0) return NULL;
        at--;
        memmove(levels, levels + 1, at * sizeof(level));
    } else {
        memmove(levels + at + 1, levels + at, (ladder->count - at) * sizeof(level));
        ladder->count++;
    }
    levels[at] = (level){.key = key, .queue = {NONE, NONE}};
    return &levels[at];
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
