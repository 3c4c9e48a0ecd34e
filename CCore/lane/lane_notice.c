// lane_notice.c — what the lane tells the services, through the outbox ring. Losing one is
// counted, never waited for: the journal has the truth. What may come in floods (public trades,
// alarms about what others send) leaves room for what must not be lost.
#include "lane_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

nt_notice *lane_notice_begin(nt_lane *lane, uint32_t kind, nt_instrument_id instrument) {
    if (lane->config.outbox == NULL) return NULL;
    nt_notice *notice =
        (nt_notice *)(void *)nt_bytes_ring_claim(lane->config.outbox, sizeof(nt_notice));
    if (notice == NULL) {
        lane_count(&lane->counters.outbox_lost);
        return NULL;
    }
    memset(notice, 0, sizeof *notice);
    notice->kind = kind;
    notice->instrument = instrument;
    notice->monotonic_ns = lane->now_ns;
    notice->wall_ns = lane->wall_ns;
    notice->sequence = lane->sequence;
    if (instrument < lane->config.instrument_count)
        notice->position = lane->markets[instrument].position;
    return notice;
}

void lane_notice_end(nt_lane *lane) {
    nt_bytes_ring_commit(lane->config.outbox, sizeof(nt_notice));
}

void lane_tell(nt_lane *lane, uint32_t kind, nt_instrument_id instrument, int64_t value,
               const char *text) {
    nt_notice *notice = lane_notice_begin(lane, kind, instrument);
    if (notice == NULL) return;
    notice->value = value;
    strncpy(notice->text, text, sizeof notice->text - 1);
    lane_notice_end(lane);
}

bool lane_may_alarm(const nt_lane *lane, int64_t *last_ns) {
    if (*last_ns != 0 && lane->now_ns - *last_ns < LANE_REPEAT_NS) return false;
    *last_ns = lane->now_ns;
    return true;
}

static void alarm_of(nt_lane *lane, nt_instrument_id instrument, int32_t code, const char *format,
                     va_list arguments) {
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_ALARM, instrument);
    if (notice == NULL) return;
    notice->value = code;
    vsnprintf(notice->text, sizeof notice->text, format, arguments);
    lane_notice_end(lane);
}

void lane_alarm(nt_lane *lane, nt_instrument_id instrument, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    alarm_of(lane, instrument, 0, format, arguments);
    va_end(arguments);
}

void lane_alarm_coded(nt_lane *lane, int32_t code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    alarm_of(lane, NT_NO_INSTRUMENT, code, format, arguments);
    va_end(arguments);
}

void lane_tell_order(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change,
                     const nt_report *report) {
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_ORDER, instrument);
    if (notice == NULL) return;
    notice->change = *change;
    if (report != NULL) notice->report = *report;
    lane_notice_end(lane);
}

void lane_tell_trade(nt_lane *lane, const nt_event *event) {
    nt_bytes_ring *outbox = lane->config.outbox;
    if (outbox == NULL || nt_bytes_ring_used(outbox) > nt_bytes_ring_limit(outbox)) return;
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_TRADE, event->instrument);
    if (notice == NULL) return;
    notice->trade = event->as.trade;
    lane_notice_end(lane);
}
