// lane_queue.c — what the connection had no room for: an order waits a moment, a cancel until sent.
//
// Only a full send buffer lets a request wait; what a limit refuses is refused. An order waits as
// QUEUED, its worst case reserved, its request in the journal, and is judged again each time: on
// a book that is stale by then, or halted, it is given up and never leaves. Whoever cancels it
// takes it out. A crash leaves a QUEUED order that recovery must doubt, because the record that
// says "sent" follows the bytes; the record that says "given up" proves that there were none.
#include "lane_internal.h"

#include <string.h>

bool lane_queue_add(nt_lane *lane, const nt_request *request) {
    if (lane->config.paper != NULL || lane->queued_count == LANE_MAX_QUEUED) return false;
    if (request->kind == NT_REQUEST_PLACE && lane->config.queue_ns < 0) return false;
    lane->queued[lane->queued_count++] =
        (lane_queued){.order = request->intent.order,
                      .kind = request->kind,
                      .until_ns = lane->now_ns + lane->config.queue_ns};
    return true;
}

static void remove_at(nt_lane *lane, uint32_t index) {
    lane->queued_count--;
    memmove(&lane->queued[index], &lane->queued[index + 1],
            (lane->queued_count - index) * sizeof lane->queued[0]);
}

bool lane_unqueue(nt_lane *lane, nt_order_key key) {
    for (uint32_t i = 0; i < lane->queued_count; i++) {
        if (lane->queued[i].order != key || lane->queued[i].kind != NT_REQUEST_PLACE) continue;
        remove_at(lane, i);
        lane_step_order(lane, key, NT_ORDER_ON_SEND_FAILED);
        return true;
    }
    return false;
}

void lane_unqueue_orders(nt_lane *lane) {
    for (uint32_t i = lane->queued_count; i-- > 0;)
        if (lane->queued[i].kind == NT_REQUEST_PLACE)
            (void)lane_unqueue(lane, lane->queued[i].order);
}

// --- trying again -------------------------------------------------------------------------------

static void give_up_late(nt_lane *lane, const nt_order *order) {
    if (lane_may_alarm(lane, &lane->given_up_alarm_ns))
        lane_alarm(lane, order->intent.instrument,
                   "an order was given up unsent: the connection had no room for %lld ms",
                   (long long)((lane->now_ns - order->created_ns) / 1000000));
    lane_step_order(lane, order->intent.order, NT_ORDER_ON_SEND_FAILED);
}

/// True when it waits no longer. Without `room` it is judged and not sent.
static bool try_order(nt_lane *lane, const lane_queued *entry, bool room) {
    const nt_order *order = nt_orders_find(lane->orders, entry->order);
    if (order == NULL || order->state != NT_ORDER_QUEUED) return true;
    if (lane->now_ns >= entry->until_ns) {
        give_up_late(lane, order);
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
        lane_step_order(lane, entry->order, NT_ORDER_ON_SEND_FAILED);
        return true;
    }
    nt_status status = lane_submit(lane, &request);
    if (status == NT_BUSY) return false;
    lane_note_sent(lane, entry->order, status, order->created_ns);
    return true;
}

/// The request of a cancel is in the journal since it was first tried.
static bool try_cancel(nt_lane *lane, const lane_queued *entry) {
    const nt_order *order = nt_orders_find(lane->orders, entry->order);
    if (order == NULL || nt_order_is_terminal(order->state) ||
        order->cancel == NT_PENDING_REQUESTED)
        return true;
    nt_verdict verdict = {0};
    if (!lane_is_connected(lane) || lane_is_silenced(lane)) return false;
    if (!lane_take_budget(lane, NT_BUDGET_CANCEL, NT_REQUEST_CANCEL, &verdict)) return false;
    nt_request request;
    lane_cancel_request(&request, order);
    nt_status status = lane_submit(lane, &request);
    if (status == NT_OK || status == NT_IO) lane_mark_change(lane, &request, status);
    return status == NT_OK || status == NT_IO;
}

void lane_queue_turn(nt_lane *lane) {
    bool room = true;
    for (uint32_t i = 0; i < lane->queued_count;) {
        const lane_queued entry = lane->queued[i];
        const bool done = entry.kind == NT_REQUEST_PLACE ? try_order(lane, &entry, room)
                                                         : room && try_cancel(lane, &entry);
        if (done)
            remove_at(lane, i);
        else
            i++;
        room = room && done; // Nothing overtakes what came before it.
    }
}
