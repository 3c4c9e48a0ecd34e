// lane_transition_test.c — every transition that the venue can cause, through the whole lane: from
// a message on the order connection to state, trading state, counters and questions.
#include "lane_rig.h"
#include "order_cases.h"

/// What a venue can say; the other events are the lane's and the operator's own.
static bool is_of_venue(nt_order_event event) {
    return event >= NT_ORDER_ON_ACK && event <= NT_ORDER_ON_DISPROVED &&
           event != NT_ORDER_ON_PROVEN_ABSENT;
}

/// DISPROVED by the venue: of what the operator said (the other is a proof of the lane's own).
static bool can_cause(nt_order_state state, nt_order_event event) {
    const bool has_row = nt_order_transition(state, event).next != NT_ORDER_NONE;
    return has_row && is_of_venue(event) && (event != NT_ORDER_ON_DISPROVED || finished(state));
}

/// Gives the lane an order as its journal would, and silences the venue about it.
static void give_order(rig *rig, const nt_order *order) {
    const nt_record record = {.kind = NT_RECORD_RESTORE, .payload_length = sizeof *order};
    NT_ASSERT(nt_lane_recover(rig->lane, &record, order) == NT_OK);
    fake_venue_faults(rig->venue)->mute = true;
}

static void say(rig *rig, const nt_order *order, nt_order_event event) {
    const bool disproof = event == NT_ORDER_ON_DISPROVED;
    nt_report report = report_of(order, disproof ? NT_ORDER_ON_FOUND_OPEN : event);
    for (int i = 0; i < (disproof ? 12 : 1); i++) rig_report(rig, report);
}

/// True when all that the row says has come about.
static bool is_as_written(rig *rig, const nt_transition *row, const nt_lane_counters *before,
                          uint32_t asked) {
    const nt_lane_counters now = nt_lane_get_counters(rig->lane);
    const nt_trading_state state = nt_gate_state(nt_lane_gate(rig->lane), 0);
    const bool halted = state == NT_TRADING_HALTED;
    const bool asks = rig->sent[NT_REQUEST_QUERY] > asked;
    return rig_state(rig, 7) == row->next && halted == ((row->effects & NT_EFFECT_HALT) != 0) &&
           now.rejects - before->rejects == ((row->effects & NT_EFFECT_COUNT) != 0) &&
           now.late_fills - before->late_fills == ((row->effects & NT_EFFECT_LATE) != 0) &&
           (asks || !(row->effects & NT_EFFECT_ASK));
}

static bool holds(nt_order_state state, nt_order_event event) {
    rig rig;
    rig_run(&rig, 3);
    nt_order order = order_in(state, event);
    order.created_ns = order.sent_ns = order.changed_ns = order.asked_ns = rig.time.monotonic_ns;
    give_order(&rig, &order);
    const nt_lane_counters before = nt_lane_get_counters(rig.lane);
    const uint32_t asked = rig.sent[NT_REQUEST_QUERY];
    const nt_transition row = nt_order_transition(state, event);
    say(&rig, &order, event);
    const bool moved = rig_state(&rig, 7) == row.next;
    const bool asks = (row.effects & NT_EFFECT_ASK) != 0;
    for (uint32_t i = 0; asks && i < 200 && rig.sent[NT_REQUEST_QUERY] == asked; i++)
        rig_tick(&rig, 10 * RIG_MS);
    const bool as_written = moved && is_as_written(&rig, &row, &before, asked);
    rig_close(&rig);
    return as_written;
}

TEST(lane_transition, every_one_that_the_venue_can_cause_holds_through_the_lane) {
    uint32_t defined = 0, covered = 0;
    for (uint8_t state = 1; state < EVERY_STATE; state++) {
        for (uint8_t event = 1; event < EVERY_EVENT; event++) {
            if (!can_cause(state, event)) continue;
            const bool held = holds(state, event);
            defined++;
            covered += held;
            if (!held) {
                nt_test_fail(__FILE__, __LINE__, "%s × %s", nt_order_state_name(state),
                             nt_order_event_name(event));
            }
        }
    }
    nt_test_figure("transitions_through_lane", covered);
    EXPECT_EQ(covered, defined);
    EXPECT(defined > 130);
}
