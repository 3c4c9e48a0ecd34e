// lane_decide.c — the one call into the strategy, and what it wants carried out.
//
// A strategy is never called while it is being called: changes that its own intents cause (sent,
// abandoned, refused) wait in a ring until the call is over. What those calls cause in turn waits
// for the next event, so that a strategy which answers each refusal with a new order cannot spin.
#include "lane_internal.h"

static bool is_valid(const lane_market *market) {
    return nt_sync_get_state(market->sync) == NT_SYNC_LIVE && market->bid.quantity > 0 &&
           market->ask.quantity > 0 && market->bid.price < market->ask.price;
}

nt_lane_view lane_view(const nt_lane *lane, const lane_market *market) {
    nt_instrument_id slot = lane_slot(lane, market);
    // Of the one strategy that a lane has so far.
    const nt_intent own = {.instrument = slot};
    bool active = nt_gate_meets(lane->gate, &own) == NT_TRADING_ACTIVE;
    return (nt_lane_view){
        .instrument = &market->instrument,
        .book = market->book,
        .position = &market->position,
        .bid = market->bid,
        .ask = market->ask,
        .exposure = nt_orders_exposure(lane->orders, slot),
        .now_ns = lane->now_ns,
        .valid = is_valid(market),
        .trading = lane_is_ready(lane) && active,
    };
}

static void carry_out_all(nt_lane *lane, nt_instrument_id instrument) {
    // The call may have taken its time: nothing is sent after a halt that came meanwhile.
    if (lane_halt_waits(lane)) (void)lane_take_commands(lane);
    for (uint32_t i = 0; i < lane->intents.count; i++) {
        nt_intent intent = lane->intents.items[i];
        nt_verdict verdict = {0};
        if (lane_carry_out(lane, &intent, &verdict) != NT_PASS)
            lane_queue_refusal(lane, &intent, &verdict);
    }
    if (lane->intents.dropped > 0)
        lane_alarm(lane, instrument, "a strategy gave more than %u intents at once; %u dropped",
                   NT_MAX_INTENTS, lane->intents.dropped);
}

void lane_decide(nt_lane *lane, nt_instrument_id instrument, const nt_call *call) {
    if (lane->config.decide == NULL || instrument >= lane->config.instrument_count) return;
    lane->intents.count = 0;
    lane->intents.dropped = 0;
    nt_lane_view view = lane_view(lane, &lane->markets[instrument]);
    int64_t begun = nt_now(&lane->config.clock);
    lane->config.decide(lane->config.strategy, &view, call, &lane->intents);
    nt_histogram_record(lane->histograms[NT_STAGE_DECIDE], nt_now(&lane->config.clock) - begun);
    if (lane->intents.count > 0 || lane->intents.dropped > 0) carry_out_all(lane, instrument);
}

/// NULL when there is no strategy, or no room: then a person is told.
static lane_call *queue(nt_lane *lane, nt_instrument_id instrument) {
    if (lane->config.decide == NULL || instrument >= lane->config.instrument_count) return NULL;
    if (lane->call_tail - lane->call_head == lane->call_capacity) {
        lane_alarm(lane, instrument, "a strategy was not told of a change of its order");
        return NULL;
    }
    lane_call *call = &lane->calls[lane->call_tail++ % lane->call_capacity];
    call->instrument = instrument;
    return call;
}

void lane_queue_change(nt_lane *lane, const nt_order_change *change) {
    if (change->before == change->order.state || change->order.intent.strategy == NT_OPERATOR)
        return;
    lane_call *call = queue(lane, change->order.intent.instrument);
    if (call == NULL) return;
    call->is_refusal = false;
    call->change = *change;
}

void lane_queue_refusal(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict) {
    lane_call *call = queue(lane, intent->instrument);
    if (call == NULL) return;
    call->is_refusal = true;
    call->intent = *intent;
    call->verdict = *verdict;
}

void lane_deliver(nt_lane *lane) {
    for (uint32_t end = lane->call_tail; lane->call_head != end;) {
        lane_call next = lane->calls[lane->call_head++ % lane->call_capacity];
        nt_event event = {.sequence = ++lane->sequence,
                          .received_ns = lane->now_ns,
                          .instrument = next.instrument,
                          .stream = UINT16_MAX,
                          .kind = NT_EVENT_CLOCK};
        nt_call call = {.event = &event};
        if (next.is_refusal) {
            call.refusal = &next.verdict;
            call.refused = &next.intent;
        } else {
            call.change = &next.change;
        }
        lane_decide(lane, next.instrument, &call);
    }
}
