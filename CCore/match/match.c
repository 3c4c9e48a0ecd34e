// match.c — the engine's face: create, place, cancel, amend, look.
//
// Checks come first and change nothing; after ACCEPTED an order is executed by execute.c, then
// stops.c runs what its trades reached. The rules, event by event, are in nt/match.h.
#include "internal.h"

#include <stdlib.h>

static nt_status check_config(const nt_match_config *config) {
    if (config->mode > NT_MATCH_RECORDED || config->on_event == NULL) {
        return nt_fail(NT_INVALID, "matching needs a mode and an event callback");
    }
    if (config->max_orders == 0 || config->max_orders > NT_MATCH_MAX_ORDERS) {
        return nt_fail(NT_INVALID, "max_orders %u is not in 1 … %u", config->max_orders,
                       NT_MATCH_MAX_ORDERS);
    }
    if (config->mode == NT_MATCH_RECORDED &&
        (config->max_levels == 0 || config->max_levels > NT_MATCH_MAX_LEVELS)) {
        return nt_fail(NT_INVALID, "max_levels %u is not in 1 … %u", config->max_levels,
                       NT_MATCH_MAX_LEVELS);
    }
    return NT_OK;
}

static nt_status create_ladders(nt_match *match) {
    bool is_recorded = match->config.mode == NT_MATCH_RECORDED;
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        // Never more own levels than orders, so resting cannot fail.
        nt_status status = nt_match_ladder_create(&match->own[side], match->config.max_orders,
                                                  match->config.max_orders);
        if (status != NT_OK) return status;
        if (!is_recorded) continue;
        status = nt_match_ladder_create(&match->shown[side], match->config.max_levels,
                                        2 * match->config.max_levels);
        if (status != NT_OK) return status;
    }
    return NT_OK;
}

nt_status nt_match_create(const nt_match_config *config, nt_match **out) {
    *out = NULL;
    nt_status status = check_config(config);
    if (status != NT_OK) return status;
    nt_match *match = calloc(1, sizeof *match);
    if (match == NULL) return NT_NO_MEMORY;
    match->config = *config;
    match->nearest_stop[NT_BUY] = INT64_MAX;
    status = nt_match_table_create(match);
    if (status == NT_OK) status = create_ladders(match);
    if (status != NT_OK) {
        nt_match_destroy(match);
        return status;
    }
    *out = match;
    return NT_OK;
}

void nt_match_destroy(nt_match *match) {
    if (match == NULL) return;
    for (nt_side side = NT_BUY; side <= NT_SELL; side++) {
        free(match->own[side].storage);
        free(match->shown[side].storage);
    }
    free(match->orders);
    free(match->index);
    free(match);
}

static bool is_stop(nt_order_type type) { return type == NT_STOP_MARKET || type == NT_STOP_LIMIT; }

static bool has_limit(nt_order_type type) { return type != NT_MARKET && type != NT_STOP_MARKET; }

static bool is_sound(const nt_match_order *input) {
    if (input->id == 0 || input->quantity <= 0 || input->quantity > NT_MATCH_MAX_QUANTITY) {
        return false;
    }
    if (input->side > NT_SELL || input->type >= NT_ORDER_TYPE_COUNT) return false;
    if (input->tif >= NT_TIF_COUNT) return false;
    if (has_limit(input->type) && input->price <= 0) return false;
    if (is_stop(input->type) && input->stop_price <= 0) return false;
    return input->type != NT_LIMIT_MAKER || input->tif == NT_GTC;
}

static bool would_trigger(const nt_match *match, const nt_match_order *input) {
    if (!is_stop(input->type) || match->last_price == 0) return false;
    order stop = {.side = input->side, .stop_price = input->stop_price};
    return nt_match_stop_is_reached(&stop, match->last_price, match->last_price);
}

static bool would_take(const nt_match *match, const nt_match_order *input) {
    nt_level best = nt_match_best(match, nt_opposite(input->side));
    if (best.quantity == 0) return false;
    return input->side == NT_BUY ? best.price <= input->price : best.price >= input->price;
}

static nt_match_reason refusal(const nt_match *match, const nt_match_order *input) {
    if (!is_sound(input)) return NT_MATCH_BAD_ORDER;
    if (nt_match_table_find(match, input->id) != NULL) return NT_MATCH_DUPLICATE;
    if (match->live_count == match->config.max_orders) return NT_MATCH_TABLE_FULL;
    if (would_trigger(match, input)) return NT_MATCH_WOULD_TRIGGER;
    if (input->type == NT_LIMIT_MAKER && would_take(match, input)) return NT_MATCH_WOULD_TAKE;
    if (input->type == NT_MARKET && nt_match_best(match, nt_opposite(input->side)).quantity == 0) {
        return NT_MATCH_NO_LIQUIDITY;
    }
    return NT_MATCH_NO_REASON;
}

/// Copies what the caller asked for. `remaining` is left at 0.
static void copy_input(order *order, const nt_match_order *input) {
    order->id = input->id;
    order->owner = input->owner;
    order->price = has_limit(input->type) ? input->price : 0;
    order->stop_price = is_stop(input->type) ? input->stop_price : 0;
    order->quantity = input->quantity;
    order->side = input->side;
    order->type = input->type;
    order->tif = input->tif;
}

nt_status nt_match_place(nt_match *match, const nt_match_order *input) {
    nt_match_reason reason = refusal(match, input);
    if (reason != NT_MATCH_NO_REASON) {
        order refused = {.remaining = 0};
        copy_input(&refused, input);
        nt_match_emit(match, &refused, NT_MATCH_REFUSED, reason);
        return NT_REFUSED;
    }
    order *placed = nt_match_table_add(match, input->id);
    copy_input(placed, input);
    placed->remaining = input->quantity;
    placed->place = PLACE_TAKING;
    nt_match_emit(match, placed, NT_MATCH_ACCEPTED, NT_MATCH_NO_REASON);
    if (is_stop(placed->type)) {
        nt_match_stop_wait(match, placed);
        return NT_OK;
    }
    nt_match_begin(match);
    nt_match_execute(match, placed);
    nt_match_finish(match);
    return NT_OK;
}

nt_status nt_match_cancel(nt_match *match, uint64_t id) {
    order *order = nt_match_table_find(match, id);
    if (order == NULL) return NT_NOT_FOUND;
    if (order->place == PLACE_STOP) {
        nt_match_list_remove(match, &match->stops, order);
    } else {
        nt_match_unrest(match, order);
    }
    nt_match_emit(match, order, NT_MATCH_CANCELED, NT_MATCH_NO_REASON);
    nt_match_table_remove(match, order);
    return NT_OK;
}

nt_status nt_match_amend(nt_match *match, uint64_t id, int64_t new_quantity) {
    order *order = nt_match_table_find(match, id);
    if (order == NULL) return NT_NOT_FOUND;
    int64_t traded = order->quantity - order->remaining;
    if (new_quantity >= order->quantity || new_quantity <= traded) return NT_INVALID;
    int64_t less = order->quantity - new_quantity;
    order->quantity = new_quantity;
    order->remaining -= less;
    if (order->place == PLACE_RESTING) {
        int64_t key = mirrored(order->side, order->price);
        nt_match_ladder_find(&match->own[order->side], key)->quantity -= less;
    }
    nt_match_emit(match, order, NT_MATCH_AMENDED, NT_MATCH_NO_REASON);
    return NT_OK;
}

uint32_t nt_match_levels(const nt_match *match, nt_side side, nt_level *out, uint32_t capacity) {
    offer_cursor cursor = nt_match_first_offer(match, side);
    offer offer;
    uint32_t count = 0;
    while (count < capacity && nt_match_next_offer(match, side, &cursor, &offer)) {
        int64_t quantity = offer.available;
        if (offer.own != NULL && __builtin_add_overflow(quantity, offer.own->quantity, &quantity)) {
            quantity = INT64_MAX; // A recording may display anything; saturate.
        }
        out[count++] = (nt_level){mirrored(side, offer.key), quantity};
    }
    return count;
}

nt_level nt_match_best(const nt_match *match, nt_side side) {
    nt_level best = {0, 0};
    nt_match_levels(match, side, &best, 1);
    return best;
}

int64_t nt_match_remaining(const nt_match *match, uint64_t id) {
    const order *order = nt_match_table_find(match, id);
    return order == NULL ? 0 : order->remaining;
}

uint32_t nt_match_live_count(const nt_match *match) { return match->live_count; }
int64_t nt_match_last_price(const nt_match *match) { return match->last_price; }
