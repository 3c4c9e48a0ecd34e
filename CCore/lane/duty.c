// duty.c — the lane's thread: one turn is network, what services posted, clock and commands.
//
// Waiting: when not spinning, the thread sleeps in the ring until the next byte, wake or bound,
// so that a 2-core machine stays usable; the bound keeps timers and the halt flag prompt.
#include "nt/duty.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nt/cell.h"
#include "nt/spsc.h"

#define SNAPSHOT_SLOTS 64u
#define ADDRESS_SLOTS  64u
#define WAIT_MIN_NS    INT64_C(1000)
#define WAIT_MAX_NS    INT64_C(10000000)
#define DISK_WAIT_NS   INT64_C(20000) ///< While an order waits for the disk.

typedef struct posted_body {
    uint8_t *bytes;
    uint32_t length;
    nt_instrument_id instrument;
    nt_stream_role role; ///< Of a snapshot or a witness.
} posted_body;

typedef struct posted_addresses {
    uint32_t slot;
    nt_addresses addresses;
} posted_addresses;

typedef struct duty_stream {
    nt_duty *duty;
    uint32_t slot;
    nt_stream *stream;
    nt_stream_config config; ///< Strings point into `strings`.
    nt_stream_role role;
    const char *restart; ///< Why it is opened anew after this turn; NULL = it is not.
    char *strings[4];
} duty_stream;

struct nt_duty {
    nt_duty_config config;
    duty_stream streams[NT_MAX_STREAMS];
    nt_lane *lane;
    nt_net *net;
    nt_spsc *posted, *used, *moved;
    nt_cell *shown;                            ///< The next, for the services.
    nt_connection connections[NT_MAX_STREAMS]; ///< Lane's thread only.
    pthread_t thread;
    uint32_t snapshot_slot, witness_slot;
    bool has_thread, closing, restarting; ///< closing, restarting: the lane's thread only.
    _Atomic bool force;
    _Atomic int64_t heartbeat_ns;
    _Atomic int health;
    pthread_mutex_t waking_lock; ///< Guards what follows; the lane takes it at start and end only.
    nt_net *waking;              ///< The net while it may be woken.
    const char *kind;            ///< "" before it is known.
    char refusal[256];           ///< Written with `kind`, once.
};

static char *keep(const char *text) { return text == NULL ? NULL : strdup(text); }

static void copy_stream(nt_duty *duty, uint32_t slot) {
    duty_stream *stream = &duty->streams[slot];
    stream->duty = duty;
    stream->slot = slot;
    stream->role = duty->config.roles[slot];
    stream->config = duty->config.streams[slot];
    nt_stream_config *config = &stream->config;
    config->address = stream->strings[0] = keep(config->address);
    config->host = stream->strings[1] = keep(config->host);
    config->path = stream->strings[2] = keep(config->path);
    config->ca_file = stream->strings[3] = keep(config->ca_file);
    if (stream->role == NT_ROLE_SNAPSHOT) duty->snapshot_slot = slot;
    if (stream->role == NT_ROLE_WITNESS) duty->witness_slot = slot;
}

nt_status nt_duty_create(const nt_duty_config *config, nt_duty **out) {
    if (config->stream_count > NT_MAX_STREAMS)
        return nt_fail(NT_INVALID, "at most %u streams a lane", NT_MAX_STREAMS);
    if (config->wait_ns < WAIT_MIN_NS || config->wait_ns > WAIT_MAX_NS)
        return nt_fail(NT_INVALID, "the lane's wait must be 1 µs to 10 ms");
    nt_duty *duty = calloc(1, sizeof *duty);
    if (duty == NULL) return NT_NO_MEMORY;
    duty->config = *config;
    duty->snapshot_slot = duty->witness_slot = NT_MAX_STREAMS;
    for (uint32_t i = 0; i < config->stream_count; i++) copy_stream(duty, i);
    duty->config.streams = NULL;
    duty->config.roles = NULL;
    duty->kind = "";
    pthread_mutex_init(&duty->waking_lock, NULL);
    nt_status status = nt_spsc_create(SNAPSHOT_SLOTS, sizeof(posted_body), &duty->posted);
    if (status == NT_OK) status = nt_spsc_create(SNAPSHOT_SLOTS, sizeof(uint8_t *), &duty->used);
    if (status == NT_OK)
        status = nt_spsc_create(ADDRESS_SLOTS, sizeof(posted_addresses), &duty->moved);
    if (status == NT_OK) status = nt_cell_create(sizeof duty->connections, &duty->shown);
    if (status != NT_OK) {
        nt_duty_destroy(duty);
        return status;
    }
    *out = duty;
    return NT_OK;
}

static void free_bodies(nt_duty *duty) {
    posted_body body;
    while (duty->posted != NULL && nt_spsc_pop(duty->posted, &body) == NT_OK) free(body.bytes);
    for (uint8_t *bytes = NULL; duty->used != NULL && (bytes = nt_duty_take_used(duty)) != NULL;)
        free(bytes);
}

void nt_duty_destroy(nt_duty *duty) {
    if (duty == NULL) return;
    nt_duty_join(duty, true);
    pthread_mutex_destroy(&duty->waking_lock);
    free_bodies(duty);
    nt_spsc_destroy(duty->posted);
    nt_spsc_destroy(duty->used);
    nt_spsc_destroy(duty->moved);
    nt_cell_destroy(duty->shown);
    for (uint32_t i = 0; i < NT_MAX_STREAMS; i++)
        for (uint32_t k = 0; k < 4; k++) free(duty->streams[i].strings[k]);
    free(duty);
}

// --- the lane's seam ----------------------------------------------------------------------------

static nt_status wire_send(void *context, uint32_t slot, const uint8_t *bytes, uint32_t length) {
    nt_duty *duty = context;
    // While the connections are being taken down there is nobody to send to.
    if (duty->closing || slot >= duty->config.stream_count) return NT_CLOSED;
    if (duty->streams[slot].stream == NULL) return NT_CLOSED;
    return nt_stream_send(duty->streams[slot].stream, bytes, length);
}

/// Kept for after the turn: the lane, which asks for it, hears of the change of state.
static void wire_restart(void *context, uint32_t slot, const char *reason) {
    nt_duty *duty = context;
    if (slot >= duty->config.stream_count) return;
    duty->streams[slot].restart = reason;
    duty->restarting = true;
}

nt_wire nt_duty_wire(nt_duty *duty) {
    return (nt_wire){.context = duty, .send = wire_send, .restart = wire_restart};
}

static void on_message(void *context, nt_stream *stream, const uint8_t *bytes, uint32_t length,
                       int64_t received_ns) {
    (void)stream;
    duty_stream *from = context;
    nt_lane_receive(from->duty->lane, from->slot, NT_NO_INSTRUMENT, bytes, length, received_ns);
}

/// Changes of a connection are rare; the services look when they like.
static void show(duty_stream *from) {
    nt_duty *duty = from->duty;
    nt_connection *shown = &duty->connections[from->slot];
    *shown = (nt_connection){.state = nt_stream_get_state(from->stream),
                             .certificate_end_s = nt_stream_certificate_end(from->stream)};
    strncpy(shown->address, nt_stream_address(from->stream), sizeof shown->address - 1);
    (void)nt_cell_write(duty->shown, duty->connections);
}

static void on_state(void *context, nt_stream *stream, nt_stream_state state, const char *reason) {
    duty_stream *from = context;
    // The first change comes while nt_stream_open has not returned yet.
    from->stream = stream;
    show(from);
    nt_lane_stream(from->duty->lane, from->slot, state, reason);
}

// --- the thread ---------------------------------------------------------------------------------

static void pin(const nt_duty *duty) {
    if (duty->config.cpu < 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)duty->config.cpu, &set);
    // Refused where the machine has no such core: the lane runs unpinned, `doctor` says so.
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static nt_status open_streams(nt_duty *duty) {
    for (uint32_t i = 0; i < duty->config.stream_count; i++) {
        duty_stream *stream = &duty->streams[i];
        if (stream->role == NT_ROLE_SNAPSHOT || stream->role == NT_ROLE_WITNESS) continue;
        stream->config.context = stream;
        stream->config.on_message = on_message;
        stream->config.on_state = on_state;
        nt_status status = nt_stream_open(duty->net, &stream->config, &stream->stream);
        if (status != NT_OK) return status;
    }
    return NT_OK;
}

static void hand_over(nt_duty *duty, const posted_body *body) {
    bool witness = body->role == NT_ROLE_WITNESS;
    if (body->bytes != NULL)
        nt_lane_receive(duty->lane, witness ? duty->witness_slot : duty->snapshot_slot,
                        body->instrument, body->bytes, body->length,
                        nt_now(&duty->config.net.clock));
    else if (witness)
        nt_lane_witness_failed(duty->lane, body->instrument);
    else
        nt_lane_snapshot_failed(duty->lane, body->instrument);
}

static void take_posted(nt_duty *duty) {
    posted_body body;
    while (nt_spsc_pop(duty->posted, &body) == NT_OK) {
        hand_over(duty, &body);
        if (body.bytes != NULL) (void)nt_spsc_push(duty->used, &body.bytes);
    }
}

static void restart_streams(nt_duty *duty) {
    duty->restarting = false;
    for (uint32_t i = 0; i < duty->config.stream_count; i++) {
        duty_stream *stream = &duty->streams[i];
        const char *reason = stream->restart;
        stream->restart = NULL;
        if (reason != NULL && stream->stream != NULL) nt_stream_restart(stream->stream, reason);
    }
}

static uint32_t take_addresses(nt_duty *duty) {
    posted_addresses moved;
    uint32_t taken = 0;
    while (nt_spsc_pop(duty->moved, &moved) == NT_OK) {
        duty_stream *stream = &duty->streams[moved.slot];
        taken++;
        if (stream->stream == NULL) continue;
        nt_stream_set_addresses(stream->stream, &moved.addresses);
        show(stream);
    }
    return taken;
}

static void run(nt_duty *duty) {
    const int64_t longest = duty->config.spin ? 0 : duty->config.wait_ns;
    while (!atomic_load_explicit(&duty->force, memory_order_relaxed) &&
           !nt_lane_stopped(duty->lane)) {
        const bool hurries = longest > DISK_WAIT_NS && nt_lane_awaits_disk(duty->lane);
        (void)nt_net_turn(duty->net, hurries ? DISK_WAIT_NS : longest);
        take_posted(duty);
        (void)take_addresses(duty);
        (void)nt_lane_tick(duty->lane);
        if (duty->restarting) restart_streams(duty);
        atomic_store_explicit(&duty->heartbeat_ns, nt_now(&duty->config.net.clock),
                              memory_order_relaxed);
    }
}

static void set_waking(nt_duty *duty, nt_net *net) {
    pthread_mutex_lock(&duty->waking_lock);
    duty->waking = net;
    pthread_mutex_unlock(&duty->waking_lock);
}

static void tell_kind(nt_duty *duty) {
    pthread_mutex_lock(&duty->waking_lock);
    duty->kind = nt_net_kind(duty->net);
    snprintf(duty->refusal, sizeof duty->refusal, "%s", nt_net_refusal(duty->net));
    pthread_mutex_unlock(&duty->waking_lock);
}

static void *thread_main(void *context) {
    nt_duty *duty = context;
    pthread_setname_np(pthread_self(), "nt-lane");
    pin(duty);
    nt_net_config net = duty->config.net;
    net.max_streams = duty->config.stream_count;
    nt_status status = nt_net_create(&net, &duty->net);
    if (status == NT_OK) {
        tell_kind(duty);
        set_waking(duty, duty->net);
        status = open_streams(duty);
    }
    // Relaxed: the status is all that is handed over.
    atomic_store_explicit(&duty->health, status, memory_order_relaxed);
    if (status == NT_OK) run(duty);
    set_waking(duty, NULL);
    duty->closing = true;
    nt_net_destroy(duty->net); // On the thread that made it: the ring has one issuer.
    duty->net = NULL;
    return NULL;
}

nt_status nt_duty_start(nt_duty *duty, nt_lane *lane) {
    duty->lane = lane;
    if (pthread_create(&duty->thread, NULL, thread_main, duty) != 0)
        return nt_fail(NT_IO, "the lane's thread cannot be started");
    duty->has_thread = true;
    return NT_OK;
}

void nt_duty_join(nt_duty *duty, bool force) {
    if (!duty->has_thread) return;
    if (force) {
        atomic_store_explicit(&duty->force, true, memory_order_relaxed);
        nt_duty_wake(duty);
    }
    pthread_join(duty->thread, NULL);
    duty->has_thread = false;
}

// --- from other threads -------------------------------------------------------------------------

void nt_duty_wake(nt_duty *duty) {
    pthread_mutex_lock(&duty->waking_lock);
    if (duty->waking != NULL) nt_net_wake(duty->waking);
    pthread_mutex_unlock(&duty->waking_lock);
}

static nt_status post(nt_duty *duty, const posted_body *body) {
    nt_status status = nt_spsc_push(duty->posted, body);
    if (status == NT_OK) nt_duty_wake(duty);
    return status;
}

nt_status nt_duty_post_snapshot(nt_duty *duty, nt_instrument_id instrument, uint8_t *body,
                                uint32_t length) {
    posted_body posted = {
        .bytes = body, .length = length, .instrument = instrument, .role = NT_ROLE_SNAPSHOT};
    return post(duty, &posted);
}

nt_status nt_duty_post_witness(nt_duty *duty, nt_instrument_id instrument, uint8_t *body,
                               uint32_t length) {
    posted_body posted = {
        .bytes = body, .length = length, .instrument = instrument, .role = NT_ROLE_WITNESS};
    return post(duty, &posted);
}

uint8_t *nt_duty_take_used(nt_duty *duty) {
    uint8_t *bytes = NULL;
    return nt_spsc_pop(duty->used, &bytes) == NT_OK ? bytes : NULL;
}

nt_status nt_duty_post_addresses(nt_duty *duty, uint32_t slot, const nt_addresses *addresses) {
    if (slot >= duty->config.stream_count || addresses->count > NT_MAX_ADDRESSES)
        return nt_fail(NT_INVALID, "no such connection, or more than %u addresses",
                       NT_MAX_ADDRESSES);
    posted_addresses moved = {.slot = slot, .addresses = *addresses};
    nt_status status = nt_spsc_push(duty->moved, &moved);
    if (status == NT_OK) nt_duty_wake(duty);
    return status;
}

const nt_connection *nt_duty_connections(nt_duty *duty) {
    uint64_t version;
    return nt_cell_read(duty->shown, &version);
}

const char *nt_duty_net_kind(nt_duty *duty) {
    pthread_mutex_lock(&duty->waking_lock);
    const char *kind = duty->kind;
    pthread_mutex_unlock(&duty->waking_lock);
    return kind;
}

const char *nt_duty_net_refusal(nt_duty *duty) {
    return nt_duty_net_kind(duty)[0] != 0 ? duty->refusal : "";
}

int64_t nt_duty_heartbeat(const nt_duty *duty) {
    return atomic_load_explicit(&duty->heartbeat_ns, memory_order_relaxed);
}

nt_status nt_duty_health(const nt_duty *duty) {
    return (nt_status)atomic_load_explicit(&duty->health, memory_order_relaxed);
}
