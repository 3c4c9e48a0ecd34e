// lane_session.c — connections: greeted when they open, doubted when they are lost.
#include "lane_internal.h"

#define GREET_AGAIN_NS INT64_C(5000000000)

/// Alarms at most once per pause, since a refused greeting is tried again for ever.
static void greet(nt_lane *lane, uint32_t slot) {
    lane_stream *stream = &lane->streams[slot];
    uint8_t buffer[NT_MAX_GREETING_BYTES];
    uint32_t length = 0;
    const nt_codec *codec = lane->config.codec;
    stream->greeted_ns = lane->now_ns;
    // A venue that wants silence counts a log-on as well; the turn tries again.
    if (stream->role == NT_ROLE_ORDERS && lane_is_silenced(lane)) return;
    nt_status status = codec->greet(codec->context, stream->role, stream->step,
                                    lane->wall_ns / 1000000, buffer, sizeof buffer, &length);
    if (status == NT_EMPTY) {
        stream->ready = true;
        if (stream->role == NT_ROLE_ORDERS) lane_reconcile_begin(lane);
        return;
    }
    if (status == NT_OK)
        status = lane->config.wire.send(lane->config.wire.context, slot, buffer, length);
    if (status != NT_OK)
        lane_alarm(lane, NT_NO_INSTRUMENT, "greeting of stream %u could not be sent: %s", slot,
                   nt_status_text(status));
}

static bool has_open_question(const nt_order *order) {
    const bool is_on_its_way =
        order->state == NT_ORDER_SENT && !nt_planted(NT_BUG_SENT_STAYS_AT_LOSS);
    return is_on_its_way || order->cancel == NT_PENDING_REQUESTED ||
           order->amend == NT_PENDING_REQUESTED;
}

/// Whatever was on its way may have arrived or not.
static void lose_orders_stream(nt_lane *lane) {
    if (lane->config.paper != NULL) return;
    lane->session_ready = false;
    lane_unqueue_orders(lane); // They never left.
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        lane->markets[i].reconcile = RECONCILE_IDLE;
    lane_update_ready(lane);
    for (uint32_t i = 0; i < nt_orders_capacity(lane->orders); i++) {
        const nt_order *order = nt_orders_at(lane->orders, i);
        if (order == NULL || nt_order_is_terminal(order->state)) continue;
        if (has_open_question(order))
            lane_step_order(lane, order->intent.order, NT_ORDER_ON_SILENCE);
    }
}

/// The connection stands, but no event about our orders comes over it any more: a key that was
/// revoked, a subscription that ended. The turn logs on anew, and then all is listed again.
static void end_session(nt_lane *lane, lane_stream *stream, int32_t code) {
    lane_alarm_coded(
        lane, code, "the venue ended the log-on, code %d; no new orders until it is renewed", code);
    stream->step = 0;
    stream->ready = false;
    lose_orders_stream(lane);
}

void lane_session_event(nt_lane *lane, const nt_event *event) {
    lane_stream *stream = &lane->streams[event->stream];
    if (stream->state != NT_STREAM_OPEN) return;
    if (stream->ready && nt_planted(NT_BUG_SESSION_END_IGNORED)) return;
    if (stream->ready) {
        if (stream->role == NT_ROLE_ORDERS && !event->as.session.accepted)
            end_session(lane, stream, event->as.session.code);
        return;
    }
    if (event->as.session.step != stream->step) return;
    if (!event->as.session.accepted) {
        lane_alarm_coded(lane, event->as.session.code,
                         "the venue refused step %u of the log-on, code %d; it is tried again",
                         stream->step, event->as.session.code);
        return;
    }
    stream->step++;
    greet(lane, event->stream);
}

void lane_session_turn(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.stream_count; i++) {
        const lane_stream *stream = &lane->streams[i];
        if (stream->state == NT_STREAM_OPEN && !stream->ready &&
            lane->now_ns - stream->greeted_ns >= GREET_AGAIN_NS)
            greet(lane, i);
    }
}

void nt_lane_stream(nt_lane *lane, uint32_t slot, nt_stream_state state, const char *reason) {
    if (slot >= lane->config.stream_count || nt_lane_stopped(lane)) return;
    lane_look_at_clock(lane);
    lane->sequence++;
    lane_stream *stream = &lane->streams[slot];
    bool was_open = stream->state == NT_STREAM_OPEN;
    stream->state = state;
    stream->step = 0;
    stream->ready = false;
    nt_record_change record = {.subject = slot, .state = state};
    lane_journal(lane, NT_RECORD_STREAM, &record, sizeof record);
    lane_tell(lane, NT_NOTICE_STREAM, NT_NO_INSTRUMENT, (int64_t)((slot << 8) | state), reason);
    if (was_open && stream->role == NT_ROLE_ORDERS) lose_orders_stream(lane);
    if (was_open) lane_feed_lost(lane, slot);
    if (state == NT_STREAM_OPEN) {
        lane_feed_opened(lane, slot);
        greet(lane, slot);
    }
    lane_deliver(lane);
}
