// world_network.c — two connections in virtual time: each direction keeps its order, each byte
// takes its time, and what the faults say is lost.
#include "world_inside.h"

#include <stdlib.h>
#include <string.h>

uint64_t world_below(world_venue *venue, uint64_t bound) {
    return nt_random_below(&venue->random, bound);
}

int64_t world_heavy(world_venue *venue, int64_t low, int64_t high) {
    int64_t span = high - low;
    // Squared twice: the middle of the range is reached by one draw in six, its end by few.
    uint64_t draw = world_below(venue, 1000);
    uint64_t bent = draw * draw / 1000 * draw / 1000;
    return low + span / 1000 * (int64_t)bent;
}

// --- parcels -------------------------------------------------------------------------------------

static void grow(parcels *queue) {
    uint32_t room = queue->room == 0 ? 64 : queue->room * 2;
    parcel *items = calloc(room, sizeof *items);
    NT_ASSERT(items != NULL);
    for (uint32_t i = 0; i < queue->count; i++)
        items[i] = queue->items[(queue->head + i) % queue->room];
    free(queue->items);
    *queue = (parcels){.items = items, .count = queue->count, .room = room};
}

static parcel *push(parcels *queue) {
    if (queue->count == queue->room) grow(queue);
    parcel *item = &queue->items[(queue->head + queue->count++) % queue->room];
    *item = (parcel){0};
    return item;
}

static parcel *first(parcels *queue) {
    return queue->count == 0 ? NULL : &queue->items[queue->head];
}

static void pop(parcels *queue) {
    free(queue->items[queue->head].bytes);
    queue->items[queue->head].bytes = NULL;
    queue->head = (queue->head + 1) % queue->room;
    queue->count--;
}

static void drop_all(parcels *queue) {
    while (queue->count > 0) pop(queue);
}

/// When bytes that leave now arrive: never before those that left earlier.
static int64_t arrival(world_venue *venue, uint32_t stream, int64_t *last_ns) {
    int64_t way = 200000 + (int64_t)world_below(venue, 2000000);
    const faults *faults = &venue->faults;
    if (stream == WORLD_ORDER_STREAM && venue->now_ns < faults->slow_until) way += faults->slow_by;
    int64_t due = venue->now_ns + way;
    if (due < *last_ns) due = *last_ns;
    *last_ns = due;
    return due;
}

// --- both ways -----------------------------------------------------------------------------------

static bool is_half_open(const world_venue *venue, uint32_t stream) {
    return stream == WORLD_ORDER_STREAM && venue->now_ns < venue->faults.half_open_until;
}

void world_tell(world_venue *venue, uint32_t stream, const nt_event *events, uint32_t count) {
    connection *to = &venue->connections[stream];
    if (!to->up || is_half_open(venue, stream)) return;
    uint32_t length = world_write(events, count, venue->message, sizeof venue->message);
    if (venue->faults.garble[stream] > 0) {
        venue->faults.garble[stream]--;
        length = 2;
    }
    parcel *item = push(&to->down);
    item->bytes = malloc(length);
    NT_ASSERT(item->bytes != NULL);
    memcpy(item->bytes, venue->message, length);
    item->length = length;
    item->due_ns = arrival(venue, stream, &to->last_down_ns);
}

world_sent world_peek(const uint8_t *bytes, uint32_t length) {
    world_request request;
    NT_ASSERT(length == sizeof request);
    memcpy(&request, bytes, sizeof request);
    const nt_intent *intent = &request.request.intent;
    return (world_sent){.key = intent->order,
                        .instrument = intent->instrument,
                        .is_place = request.request.kind == NT_REQUEST_PLACE,
                        .buys = intent->side == NT_BUY};
}

bool world_send(world_venue *venue, uint32_t stream, const uint8_t *bytes, uint32_t length,
                int64_t now_ns, int64_t wall_ns) {
    venue->now_ns = now_ns;
    venue->wall_ns = wall_ns;
    connection *from = &venue->connections[stream];
    world_request request;
    NT_ASSERT(stream == WORLD_ORDER_STREAM && length == sizeof request);
    memcpy(&request, bytes, sizeof request);
    NT_ASSERT(request.magic == WORLD_MAGIC);
    if (!from->up || now_ns < venue->faults.busy_until) return false;
    // The socket took it; what becomes of it nobody here can know.
    bool is_lost = is_half_open(venue, stream);
    if (venue->faults.lose_requests > 0 && request.request.kind != WORLD_GREETING) {
        venue->faults.lose_requests--;
        is_lost = true;
    }
    if (is_lost) return true;
    parcel *item = push(&from->to_venue);
    item->request = request;
    item->due_ns = arrival(venue, stream, &from->last_up_ns);
    return true;
}

void world_cut(world_venue *venue, uint32_t stream, int64_t pause_ns) {
    connection *cut = &venue->connections[stream];
    // Down already: whoever dials goes on dialling.
    if (!cut->up) return;
    cut->up = false;
    drop_all(&cut->down);
    // What had arrived before the end acts, and is not answered; the rest is lost on the way.
    while (cut->to_venue.count > 1 && world_below(venue, 2) == 0) {
        world_request request = first(&cut->to_venue)->request;
        pop(&cut->to_venue);
        world_act(venue, &request);
    }
    drop_all(&cut->to_venue);
    cut->lost = cut->told_up;
    cut->told_up = false;
    cut->opens_ns = venue->now_ns + pause_ns;
}

void world_hang_up(world_venue *venue, int64_t now_ns) {
    venue->now_ns = now_ns;
    for (uint32_t i = 0; i < WORLD_STREAMS; i++) {
        connection *cut = &venue->connections[i];
        cut->up = cut->told_up = cut->lost = false;
        // The kernel still sends what it has taken, as far as it gets.
        while (first(&cut->to_venue) != NULL) {
            world_request request = first(&cut->to_venue)->request;
            pop(&cut->to_venue);
            if (world_below(venue, 8) != 0) world_act(venue, &request);
        }
        drop_all(&cut->down);
        cut->opens_ns = INT64_MAX;
    }
}

void world_dial(world_venue *venue, int64_t now_ns) {
    for (uint32_t i = 0; i < WORLD_STREAMS; i++)
        venue->connections[i].opens_ns = now_ns + world_heavy(venue, WORLD_MS, 2 * WORLD_SECOND);
}

// --- turn ----------------------------------------------------------------------------------------

static void take_requests(world_venue *venue) {
    parcels *queue = &venue->connections[WORLD_ORDER_STREAM].to_venue;
    for (parcel *item = first(queue); item != NULL && item->due_ns <= venue->now_ns;
         item = first(queue)) {
        world_request request = item->request;
        pop(queue);
        world_act(venue, &request);
    }
}

/// A connection through which nothing comes is given up by whoever watches it.
static void end_half_open(world_venue *venue) {
    faults *faults = &venue->faults;
    if (faults->half_open_until == 0 || venue->now_ns < faults->half_open_until) return;
    faults->half_open_until = 0;
    world_cut(venue, WORLD_ORDER_STREAM, world_heavy(venue, WORLD_MS, 5 * WORLD_SECOND));
}

static world_news of_connection(world_venue *venue, uint32_t stream, uint8_t *out,
                                uint32_t capacity, uint32_t *length) {
    connection *from = &venue->connections[stream];
    if (from->lost) {
        from->lost = false;
        return WORLD_LOST;
    }
    if (!from->up && venue->now_ns >= from->opens_ns) from->up = true;
    if (from->up && !from->told_up) {
        from->told_up = true;
        return WORLD_OPENED;
    }
    const parcel *item = first(&from->down);
    if (item == NULL || item->due_ns > venue->now_ns) return WORLD_NOTHING;
    NT_ASSERT(item->length <= capacity);
    memcpy(out, item->bytes, item->length);
    *length = item->length;
    pop(&from->down);
    return WORLD_MESSAGE;
}

world_news world_next(world_venue *venue, int64_t now_ns, uint32_t *stream, uint8_t *out,
                      uint32_t capacity, uint32_t *length) {
    venue->now_ns = now_ns;
    end_half_open(venue);
    take_requests(venue);
    world_release(venue);
    for (*stream = 0; *stream < WORLD_STREAMS; (*stream)++) {
        world_news news = of_connection(venue, *stream, out, capacity, length);
        if (news != WORLD_NOTHING) return news;
    }
    return WORLD_NOTHING;
}

void world_venue_destroy(world_venue *venue) {
    if (venue == NULL) return;
    for (uint32_t i = 0; i < WORLD_STREAMS; i++) {
        drop_all(&venue->connections[i].down);
        drop_all(&venue->connections[i].to_venue);
        free(venue->connections[i].down.items);
        free(venue->connections[i].to_venue.items);
    }
    free(venue);
}

bool world_may_come(const world_venue *venue, uint64_t key) {
    const parcels *way = &venue->connections[WORLD_ORDER_STREAM].to_venue;
    for (uint32_t i = 0; i < way->count; i++) {
        const nt_request *request = &way->items[(way->head + i) % way->room].request.request;
        if (request->kind == NT_REQUEST_PLACE && request->intent.order == key) return true;
    }
    for (uint32_t i = 0; i < WORLD_HELD; i++) {
        const held *held = &venue->held[i];
        if (held->in_use && !held->is_event && held->intent.order == key) return true;
    }
    return false;
}
