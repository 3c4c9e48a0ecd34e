// world_codec.c — events and requests as they lie in memory, with bounds.
#include "world_inside.h"

#include <string.h>

static uint32_t level_count(const nt_event *event) {
    bool has_levels = event->kind == NT_EVENT_DEPTH || event->kind == NT_EVENT_SNAPSHOT;
    return has_levels ? event->as.depth.bid_count + event->as.depth.ask_count : 0;
}

static uint32_t put(uint8_t *out, uint32_t at, const void *bytes, uint32_t length) {
    if (length > 0) memcpy(out + at, bytes, length);
    return at + length;
}

uint32_t world_write(const nt_event *events, uint32_t count, uint8_t *out, uint32_t capacity) {
    uint32_t at = put(out, 0, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        const nt_depth *depth = &events[i].as.depth;
        uint32_t levels = level_count(&events[i]);
        NT_ASSERT(sizeof(nt_event) + levels * sizeof(nt_level) <= capacity - at);
        at = put(out, at, &events[i], sizeof(nt_event));
        if (levels == 0) continue;
        at = put(out, at, depth->bids, depth->bid_count * (uint32_t)sizeof(nt_level));
        at = put(out, at, depth->asks, depth->ask_count * (uint32_t)sizeof(nt_level));
    }
    return at;
}

/// Reads as many bytes as asked; false beyond the message's end.
static bool get(const uint8_t *bytes, uint32_t length, uint32_t *at, void *out, uint32_t wanted) {
    if (wanted > length - *at) return false;
    if (wanted > 0) memcpy(out, bytes + *at, wanted);
    *at += wanted;
    return true;
}

static nt_status decode(void *context, nt_stream_role role, nt_instrument_id instrument,
                        const uint8_t *bytes, uint32_t length, nt_event *events, uint32_t capacity,
                        uint32_t *count) {
    (void)role;
    (void)instrument;
    world_venue *venue = context;
    uint32_t at = 0, events_there = 0, used = 0;
    *count = 0;
    if (!get(bytes, length, &at, &events_there, sizeof events_there)) return NT_INVALID;
    if (events_there > capacity) return NT_FULL;
    for (uint32_t i = 0; i < events_there; i++) {
        if (!get(bytes, length, &at, &events[i], sizeof(nt_event))) return NT_INVALID;
        uint32_t levels = level_count(&events[i]);
        if (levels > WORLD_SCRATCH - used) return NT_FULL;
        nt_level *scratch = &venue->scratch[used];
        if (!get(bytes, length, &at, scratch, levels * (uint32_t)sizeof(nt_level)))
            return NT_INVALID;
        if (levels > 0) {
            events[i].as.depth.bids = scratch;
            events[i].as.depth.asks = scratch + events[i].as.depth.bid_count;
        }
        used += levels;
    }
    *count = events_there;
    return NT_OK;
}

static nt_status write_request(const world_request *request, uint8_t *buffer, uint32_t capacity,
                               uint32_t *length) {
    if (capacity < sizeof *request) return NT_FULL;
    memcpy(buffer, request, sizeof *request);
    *length = sizeof *request;
    return NT_OK;
}

static nt_status greet(void *context, nt_stream_role role, uint32_t step, int64_t now_ms,
                       uint8_t *buffer, uint32_t capacity, uint32_t *length) {
    (void)context;
    if (role != NT_ROLE_ORDERS || step > 0) return NT_EMPTY;
    world_request request;
    memset(&request, 0, sizeof request);
    request.magic = WORLD_MAGIC;
    request.step = step;
    request.stamped_ms = now_ms;
    request.request.kind = WORLD_GREETING;
    return write_request(&request, buffer, capacity, length);
}

static nt_status encode(void *context, const nt_request *request, int64_t now_ms, uint8_t *buffer,
                        uint32_t capacity, uint32_t *length) {
    (void)context;
    world_request out;
    memset(&out, 0, sizeof out);
    out.magic = WORLD_MAGIC;
    out.stamped_ms = now_ms;
    out.request = *request;
    return write_request(&out, buffer, capacity, length);
}

static uint32_t weight(void *context, nt_request_kind kind) {
    (void)context;
    (void)kind;
    return 1;
}

nt_codec world_codec_of(world_venue *venue) {
    return (nt_codec){.name = "world",
                      .context = venue,
                      .decode = decode,
                      .greet = greet,
                      .encode = encode,
                      .weight = weight};
}
