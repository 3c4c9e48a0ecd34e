// duty.h — the lane's thread: its connections, its wait, its pin. What a test replaces by hand.
#ifndef NT_DUTY_H
#define NT_DUTY_H

#include "nt/lane.h"
#include "nt/stream.h"

typedef struct nt_duty nt_duty;

typedef struct nt_duty_config {
    nt_net_config net;               ///< max_streams is set from the streams below.
    const nt_stream_config *streams; ///< By slot; callbacks and context are set here. Slots of
    const nt_stream_role *roles;     ///< snapshots and witnesses have no connection of their own.
    uint32_t stream_count;
    bool spin;       ///< Never wait: for a core of its own.
    int64_t wait_ns; ///< Bound of one wait, 1 µs … 10 ms.
    int32_t cpu;     ///< Pin to it; -1 = not pinned.
} nt_duty_config;

/// Copies the configuration. The lane is made afterwards, with nt_duty_wire().
nt_status nt_duty_create(const nt_duty_config *config, nt_duty **out);
/// How the lane of this duty sends.
nt_wire nt_duty_wire(nt_duty *duty);
/// Starts the thread: connects every stream and runs until the lane has stopped. `lane` was
/// started (nt_lane_start) by the caller and belongs to the new thread from now on.
nt_status nt_duty_start(nt_duty *duty, nt_lane *lane);
/// Waits for the thread to end. Send NT_COMMAND_STOP first; `force` ends it without.
void nt_duty_join(nt_duty *duty, bool force);
void nt_duty_destroy(nt_duty *duty);

/// Ends a wait early, after a command was sent. Any thread.
void nt_duty_wake(nt_duty *duty);
/// Hands a fetched book to the lane: `body` is malloc'ed and comes back through
/// nt_duty_take_used. NT_FULL: try again. One services thread only.
nt_status nt_duty_post_snapshot(nt_duty *duty, nt_instrument_id instrument, uint8_t *body,
                                uint32_t length);
/// The same for a witness.
nt_status nt_duty_post_witness(nt_duty *duty, nt_instrument_id instrument, uint8_t *body,
                               uint32_t length);
/// Bodies that the lane is done with, to be freed by the caller; NULL = none. Same thread.
uint8_t *nt_duty_take_used(nt_duty *duty);

/// What a person or a service may know of one connection. Plain value.
typedef struct nt_connection {
    nt_stream_state state;
    char address[NT_ADDRESS_SIZE]; ///< In use, or next to be tried.
    int64_t certificate_end_s;     ///< As nt_stream_certificate_end.
} nt_connection;

/// Hands the lane's thread the addresses that a connection's name has now; nt_stream_set_addresses
/// says what becomes of them. NT_FULL: try again. One services thread only.
nt_status nt_duty_post_addresses(nt_duty *duty, uint32_t slot, const nt_addresses *addresses);
/// The connections by slot, NT_MAX_STREAMS of them, as of their last change; valid until the next
/// call. One services thread only.
const nt_connection *nt_duty_connections(nt_duty *duty);

/// "io_uring", "poll", or "" before the thread runs. Any thread.
const char *nt_duty_net_kind(nt_duty *duty);
/// Why it is "poll", as nt_net_refusal; else "". Any thread.
const char *nt_duty_net_refusal(nt_duty *duty);
/// Monotonic stamp of the last turn: a stuck lane shows. Any thread.
int64_t nt_duty_heartbeat(const nt_duty *duty);
/// NT_OK while it runs or ran well; why the thread could not start its connections otherwise.
nt_status nt_duty_health(const nt_duty *duty);

#endif
