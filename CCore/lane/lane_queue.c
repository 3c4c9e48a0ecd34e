// lane_queue.c — what waits for the connection or for the disk: an order a moment, a cancel until
// sent.
//
// A full send buffer lets a request wait; in a strict journal each waits until the disk has its
// record. What a limit refuses is refused. An order waits as QUEUED, its worst case reserved, its
// request in the journal, and is judged again each time: on a book that is stale by then, or
// halted, it is given up and never leaves. Whoever cancels it takes it out. A crash leaves a QUEUED
// order that recovery must doubt, because the record that says "sent" follows the bytes; the record
// that says "given up" proves that there were none.
//
// A cancel waits for the disk no longer than an order would: it takes risk away, the order that it
// is for is on the disk, and a disk that hangs must not hold a halt back.
#include "lane_internal.h"

#include <string.h>

#define DISK_PATIENCE_NS (LANE_SECOND_NS / 4) ///< Where an order may not wait for a connection.

/// True once the disk has everything up to this record, or need not.
static bool is_safe(const nt_lane *lane, uint64_t record) {
    return !lane->strict || nt_journal_durable(lane->journal) >= record;
}

bool lane_is_recorded(const nt_lane *lane) {
    return !lane->strict || lane->journal_failed ||
           is_safe(lane, nt_journal_sequence(lane->journal));
}

bool nt_lane_awaits_disk(const nt_lane *lane) { return lane->strict && lane->queued_count > 0; }

/// The place of a change that waits already: the newer one takes it.
static lane_queued *find_change(nt_lane *lane, const nt_request *request) {
    for (uint32_t i = 0; request->kind != NT_REQUEST_PLACE && i < lane->queued_count; i++) {
        const nt_request *other = &lane->queued[i].request;
        if (other->kind == request->kind && other->intent.order == request->intent.order)
            return &lane->queued[i];
    }
    return NULL;
}

bool lane_queue_add(nt_lane *lane, const nt_request *request) {
    const bool places = request->kind == NT_REQUEST_PLACE;
    if (!lane->strict && (lane->config.paper != NULL || (places && lane->config.queue_ns < 0)))
        return false;
    const uint64_t record = lane->strict ? nt_journal_sequence(lane->journal) : 0;
    lane_queued *same = find_change(lane, request);
    if (same != NULL) {
        same->request = *request;
        same->record = record;
        return true;
    }
    if (lane->queued_count == LANE_MAX_QUEUED) return false;
    const int64_t patience = lane->config.queue_ns;
    lane->queued[lane->queued_count++] =
        (lane_queued){.request = *request,
                      .record = record,
                      .until_ns = lane->now_ns + (patience > 0 ? patience : DISK_PATIENCE_NS)};
    return true;
}

static void remove_at(nt_lane *lane, uint32_t index) {
    lane->queued_count--;
    memmove(&lane->queued[index], &lane->queued[index + 1],
            (lane->queued_count - index) * sizeof lane->queued[0]);
}

bool lane_unqueue(nt_lane *lane, nt_order_key key) {
    for (uint32_t i = 0; i < lane->queued_count; i++) {
        const nt_request *request = &lane->queued[i].request;
        if (request->intent.order != key || request->kind != NT_REQUEST_PLACE) continue;
        remove_at(lane, i);
        lane_step_order(lane, key, NT_ORDER_ON_SEND_FAILED);
        return true;
    }
    return false;
}

void lane_unqueue_orders(nt_lane *lane) {
    for (uint32_t i = lane->queued_count; i-- > 0;)
        if (lane->queued[i].request.kind == NT_REQUEST_PLACE)
            (void)lane_unqueue(lane, lane->queued[i].request.intent.order);
}

// --- trying again -------------------------------------------------------------------------------

static void give_up_late(nt_lane *lane, const nt_order *order, bool is_safe) {
    if (lane_may_alarm(lane, &lane->given_up_alarm_ns))
        lane_alarm(lane, order->intent.instrument,
                   "an order was given up unsent: the %s for %lld ms",
                   is_safe ? "connection had no room" : "disk did not take its record",
                   (long long)((lane->now_ns - order->created_ns) / 1000000));
    lane_step_order(lane, order->intent.order, NT_ORDER_ON_SEND_FAILED);
}

/// True when it waits no longer. Without `room` it is judged and not sent.
static bool try_order(nt_lane *lane, const lane_queued *entry, bool room) {
    const nt_order_key key = entry->request.intent.order;
    const nt_order *order = nt_orders_find(lane->orders, key);
    if (order == NULL || order->state != NT_ORDER_QUEUED) return true;
    if (lane->now_ns >= entry->until_ns) {
        give_up_late(lane, order, is_safe(lane, entry->record));
        return true;
    }
    nt_request request;
    memset(&request, 0, sizeof request);
    request.kind = NT_REQUEST_PLACE;
    request.intent = order->intent;
    nt_verdict verdict = lane_judge_again(lane, order);
    nt_budget_class who = verdict.reducing ? NT_BUDGET_CANCEL : NT_BUDGET_ORDER;
    bool passes = verdict.refusal == NT_PASS;
    if (passes && !room) return false;
    if (!passes || !lane_take_budget(lane, who, NT_REQUEST_PLACE, &verdict)) {
        lane_refuse(lane, &request.intent, &verdict);
        lane_step_order(lane, key, NT_ORDER_ON_SEND_FAILED);
        return true;
    }
    nt_status status = lane_submit(lane, &request);
    if (status == NT_BUSY) return false;
    lane_note_sent(lane, key, status, order->created_ns);
    return true;
}

/// A cancel waits for room until it is sent; an amend that came too late is left out.
static bool is_change_over(const nt_lane *lane, const lane_queued *entry, const nt_order *order) {
    if (order == NULL || nt_order_is_terminal(order->state)) return true;
    if (entry->request.kind == NT_REQUEST_CANCEL) return order->cancel == NT_PENDING_REQUESTED;
    return order->amend == NT_PENDING_REQUESTED || lane->now_ns >= entry->until_ns;
}

/// The request of a change is in the journal since it was first tried.
static bool try_change(nt_lane *lane, const lane_queued *entry, bool room) {
    const nt_order *order = nt_orders_find(lane->orders, entry->request.intent.order);
    if (is_change_over(lane, entry, order)) return true;
    const nt_request_kind kind = entry->request.kind;
    nt_verdict verdict = {0};
    if (!room || !lane_is_connected(lane) || lane_is_silenced(lane)) return false;
    if (!lane_take_budget(lane, NT_BUDGET_CANCEL, kind, &verdict)) return false;
    nt_request request = entry->request;
    if (kind == NT_REQUEST_CANCEL) lane_cancel_request(&request, order);
    request.venue_order = order->venue_order;
    nt_status status = lane_submit(lane, &request);
    if (status == NT_OK || status == NT_IO) lane_mark_change(lane, &request, status);
    return status == NT_OK || status == NT_IO;
}

/// The disk has the record, or a cancel must not wait for it any longer.
static bool may_leave(nt_lane *lane, const lane_queued *entry) {
    if (is_safe(lane, entry->record)) return true;
    if (entry->request.kind != NT_REQUEST_CANCEL) return false;
    if (!lane->journal_failed && lane->now_ns < entry->until_ns) return false;
    if (lane_may_alarm(lane, &lane->unsynced_alarm_ns))
        lane_alarm(lane, entry->request.intent.instrument,
                   "cancels leave before the disk has their records: it takes none");
    return true;
}

void lane_queue_turn(nt_lane *lane) {
    bool room = true;
    for (uint32_t i = 0; i < lane->queued_count;) {
        const lane_queued entry = lane->queued[i];
        const bool free = room && may_leave(lane, &entry);
        const bool done = entry.request.kind == NT_REQUEST_PLACE ? try_order(lane, &entry, free)
                                                                 : try_change(lane, &entry, free);
        if (done)
            remove_at(lane, i);
        else
            i++;
        room = room && done; // Nothing overtakes what came before it.
    }
}
