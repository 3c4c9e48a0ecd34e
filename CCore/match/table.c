// table.c — the pool of orders, the index from id to order, and index lists.
//
// The index is open addressing with linear probing, at most half full; removing shifts the
// followers back (Knuth, volume 3, 6.4, algorithm R), so that there are no tombstones.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

nt_status nt_match_table_create(nt_match *match) {
    uint32_t max = match->config.max_orders, slots = 2;
    while (slots < 2 * max) slots *= 2;
    match->orders = malloc(max * sizeof(order));
    match->index = malloc(slots * sizeof(uint32_t));
    if (match->orders == NULL || match->index == NULL) return NT_NO_MEMORY;
    memset(match->orders, 0, max * sizeof(order));
    memset(match->index, 0xff, slots * sizeof(uint32_t));
    match->index_mask = slots - 1;
    for (uint32_t i = 0; i < max; i++) match->orders[i].next = i + 1 < max ? i + 1 : NONE;
    match->free_head = 0;
    match->stops = match->triggered = (order_list){NONE, NONE};
    return NT_OK;
}

/// Where a search for this id starts. Fibonacci hashing: neighbouring ids spread out.
static uint32_t home_of(const nt_match *match, uint64_t id) {
    return (uint32_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & match->index_mask;
}

/// The index slot that holds this id, or the free one where it would go.
static uint32_t probe(const nt_match *match, uint64_t id) {
    uint32_t at = home_of(match, id);
    while (match->index[at] != NONE && match->orders[match->index[at]].id != id) {
        at = (at + 1) & match->index_mask;
    }
    return at;
}

order *nt_match_table_find(const nt_match *match, uint64_t id) {
    uint32_t slot = match->index[probe(match, id)];
    return slot == NONE ? NULL : &match->orders[slot];
}

order *nt_match_table_add(nt_match *match, uint64_t id) {
    NT_ASSERT(match->free_head != NONE);
    uint32_t slot = match->free_head;
    order *added = &match->orders[slot];
    match->free_head = added->next;
    *added = (order){.id = id, .previous = NONE, .next = NONE};
    match->index[probe(match, id)] = slot;
    match->live_count++;
    return added;
}

static void unindex(nt_match *match, uint64_t id) {
    uint32_t hole = probe(match, id), at = hole;
    for (;;) {
        match->index[hole] = NONE;
        uint32_t home;
        do {
            at = (at + 1) & match->index_mask;
            if (match->index[at] == NONE) return;
            home = home_of(match, match->orders[match->index[at]].id);
            // Stay while the hole is not between its home and itself (both cyclic).
        } while (((at - home) & match->index_mask) < ((at - hole) & match->index_mask));
        match->index[hole] = match->index[at];
        hole = at;
    }
}

void nt_match_table_remove(nt_match *match, order *order) {
    unindex(match, order->id);
    order->next = match->free_head;
    match->free_head = (uint32_t)(order - match->orders);
    match->live_count--;
}

void nt_match_list_push(nt_match *match, order_list *list, order *order) {
    uint32_t slot = (uint32_t)(order - match->orders);
    order->previous = list->tail;
    order->next = NONE;
    if (list->tail == NONE) {
        list->head = slot;
    } else {
        match->orders[list->tail].next = slot;
    }
    list->tail = slot;
}

void nt_match_list_remove(nt_match *match, order_list *list, order *order) {
    if (order->previous == NONE) {
        list->head = order->next;
    } else {
        match->orders[order->previous].next = order->next;
    }
    if (order->next == NONE) {
        list->tail = order->previous;
    } else {
        match->orders[order->next].previous = order->previous;
    }
}
