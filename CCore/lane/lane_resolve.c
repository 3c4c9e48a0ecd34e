// lane_resolve.c — the operator's word on an order whose outcome nothing proves.
//
// For UNKNOWN and DISPUTED orders alone. The word is journaled with who gave it and why, and with
// what the order was before and after. It is checked like any other: the venue is asked about the
// order and for trades, and what it shows later is applied, or disputes the word (docs/orders.md).
#include "lane_internal.h"

#include <string.h>

/// What the command says, an order state or NONE.
static nt_order_state said(const nt_command *command) {
    int64_t as = command->argument[NT_RESOLVE_AS];
    return as > 0 && as < NT_ORDER_STATE_COUNT ? (nt_order_state)as : NT_ORDER_NONE;
}

static void journal_resolution(nt_lane *lane, const nt_command *command,
                               const nt_order_change *change) {
    nt_record_resolution record = {.order = change->order.intent.order,
                                   .filled = command->argument[NT_RESOLVE_FILLED],
                                   .as = said(command),
                                   .before = change->before,
                                   .after = change->order.state};
    memcpy(record.reason, command->reason, sizeof record.reason);
    lane_journal(lane, NT_RECORD_RESOLUTION, &record, sizeof record);
}

static void follow(nt_lane *lane, const nt_order_change *change, const char *reason) {
    nt_instrument_id instrument = change->order.intent.instrument;
    lane_alarm(lane, instrument, "order %u-%llu was resolved by hand: was %s, is %s; %s",
               nt_order_key_epoch(change->order.intent.order),
               (unsigned long long)nt_order_key_sequence(change->order.intent.order),
               nt_order_state_name(change->before), nt_order_state_name(change->order.state),
               reason);
    lane_note_change(lane, instrument, change);
    lane_tell_order(lane, instrument, change, NULL);
    lane_queue_change(lane, change);
    lane_want_fills(lane, instrument);
    lane_want_query(lane, change->order.intent.order, 0);
}

static void refuse(nt_lane *lane, const nt_command *command, nt_status status,
                   const nt_order_change *change) {
    const char *state = nt_order_state_name(change->order.state);
    if (status == NT_NOT_FOUND)
        lane_answer(lane, command->ticket, status, "no such order");
    else if (status == NT_REFUSED)
        lane_answer(lane, command->ticket, status,
                    "the order is %s; only one that is unknown or disputed is resolved", state);
    else
        lane_answer(lane, command->ticket, NT_REFUSED,
                    "that contradicts its trades, or what the venue has shown of it");
}

void lane_resolve(nt_lane *lane, const nt_command *command) {
    nt_order_change change;
    nt_status status =
        nt_orders_resolve(lane->orders, command->position_or_order, said(command),
                          command->argument[NT_RESOLVE_FILLED], lane->now_ns, &change);
    if (status != NT_OK) {
        refuse(lane, command, status, &change);
        return;
    }
    journal_resolution(lane, command, &change);
    follow(lane, &change, command->reason);
    lane_answer(lane, command->ticket, NT_OK, "was %s, is %s", nt_order_state_name(change.before),
                nt_order_state_name(change.order.state));
}

void lane_recover_resolution(nt_lane *lane, const nt_record_resolution *record) {
    nt_order_change change;
    (void)nt_orders_resolve(lane->orders, record->order, record->as, record->filled, lane->now_ns,
                            &change);
}
