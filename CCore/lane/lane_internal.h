// lane_internal.h — the lane's own state, shared by the files of this folder only.
#ifndef NT_LANE_INTERNAL_H
#define NT_LANE_INTERNAL_H

#include <stdatomic.h>

#include "nt/lane.h"
#include "nt/order_id.h"
#include "nt/records.h"

#define LANE_SNAPSHOT_RETRY_NS INT64_C(1000000000)
#define LANE_CANCEL_REPEAT_NS INT64_C(1000000000)
#define LANE_FLATTEN_TRIES 5u
#define LANE_FILLS_PAGE 200u

/// Progress of asking the venue, per instrument, after each log-on.
typedef enum { RECONCILE_IDLE, RECONCILE_ORDERS, RECONCILE_FILLS, RECONCILE_DONE } reconcile_step;

typedef struct lane_market {
    nt_instrument instrument;
    nt_book *book;
    nt_sync *sync;
    nt_position position;
    nt_level bid, ask;                ///< Newest touch.
    int64_t touch_id, quote_id;
    int64_t venue_ns;                 ///< Venue time of the newest stated event.
    int64_t snapshot_asked_ns;        ///< 0: none wanted.
    int64_t complete_trade;           ///< Every trade up to it is known by a listing; 0 = none.
    int64_t asked_ns;                 ///< Last listing asked for.
    reconcile_step reconcile;
    bool fills_wanted;                ///< Some fill is missing: ask again.
    bool flatten;
    uint32_t flatten_tries;
    uint64_t flatten_ticket;
    nt_order_key flatten_order;
    _Atomic int64_t last_data_ns;
} lane_market;

typedef struct lane_stream {
    nt_stream_role role;
    nt_stream_state state;
    uint32_t step;                    ///< Greeting step whose answer is awaited.
    bool ready;                       ///< Greeted.
} lane_stream;

/// An UNKNOWN order that the venue once did not find: half of a proof of absence.
typedef struct lane_absence {
    nt_order_key order;
    int64_t first_ns;                 ///< Of the first "not found" that counts.
} lane_absence;
#define LANE_MAX_ABSENCES 64u

typedef struct lane_counters {
    _Atomic uint64_t messages, events, undecodable, unsupported, gaps, intents, refusals,
        orders_sent, cancels_sent, queries_sent, fills, unknowns_made, unknowns_resolved,
        outbox_lost, late_fills, foreign_reports, rejects, send_busy;
} lane_counters;

struct nt_lane {
    nt_lane_config config;
    lane_market markets[NT_MAX_INSTRUMENTS];
    lane_stream streams[NT_MAX_STREAMS];
    nt_event events[NT_MAX_EVENTS_PER_MESSAGE];
    nt_intents intents;
    lane_absence absences[LANE_MAX_ABSENCES];
    nt_orders *orders;
    nt_gate *gate;
    nt_journal *journal;
    nt_tape *tape;
    nt_histogram *histograms[NT_STAGE_COUNT];
    uint64_t sequence;                ///< Of the last event.
    uint64_t order_sequence;          ///< Of the last order id in this epoch.
    uint32_t epoch;
    uint32_t orders_stream;           ///< Slot of the order connection; NT_MAX_STREAMS = none.
    int64_t now_ns, wall_ns;          ///< Looked at once per event.
    int64_t trigger_ns;               ///< Receive time of the bytes being handled.
    int64_t timers_ns, orders_looked_ns, cancel_all_ns, stop_ns, day;
    nt_money day_start_profit;
    uint64_t stop_ticket, cancel_all_ticket;
    nt_instrument_id cancel_all_instrument;
    bool started, session_ready, cancelling_all, stopping, keep_orders, journal_failed;
    _Atomic bool ready, stopped;
    _Atomic uint8_t trading;
    uint8_t trading_before_stop;      ///< While recovering: what a clean stop returns to.
    lane_counters counters;
};

static inline void lane_count(_Atomic uint64_t *counter) {
    // Relaxed: one writer; readers want a recent value, not an order.
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

// lane.c
void lane_look_at_clock(nt_lane *lane);
void lane_set_trading(nt_lane *lane, nt_instrument_id instrument, nt_trading_state state,
                      const char *reason);
void lane_update_ready(nt_lane *lane);
nt_lane_view lane_view(const nt_lane *lane, const lane_market *market);
/// Gives the strategy its call and carries out what it wants.
void lane_decide(nt_lane *lane, nt_instrument_id instrument, const nt_call *call);
void lane_journal(nt_lane *lane, nt_record_kind kind, const void *payload, uint32_t length);

// lane_notice.c
nt_notice *lane_notice_begin(nt_lane *lane, uint32_t kind, nt_instrument_id instrument);
void lane_notice_end(nt_lane *lane);
void lane_alarm(nt_lane *lane, nt_instrument_id instrument, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lane_tell(nt_lane *lane, uint32_t kind, nt_instrument_id instrument, int64_t value,
               const char *text);
void lane_tell_order(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change,
                     const nt_report *report);

// lane_orders.c
/// Judges, journals and sends one intent; the key it got (place) in intent->order. NT_PASS: sent.
nt_refusal lane_carry_out(nt_lane *lane, nt_intent *intent, nt_verdict *verdict);
void lane_report(nt_lane *lane, const nt_event *event);
/// Moves an order without a report, journals and tells it.
void lane_step_order(nt_lane *lane, nt_order_key key, nt_order_event event);
/// Sends a question about an order or an instrument. False: could not be sent now.
bool lane_ask(nt_lane *lane, nt_request_kind kind, nt_instrument_id instrument, nt_order_key key);
/// Sends a cancel that the gate need not judge (halt, stop, flatten). False: could not be sent.
bool lane_cancel(nt_lane *lane, const nt_order *order);
nt_money lane_day_profit(const nt_lane *lane);

// lane_reconcile.c
void lane_reconcile_begin(nt_lane *lane);
void lane_reconcile_answer(nt_lane *lane, const nt_event *event);
void lane_reconcile_turn(nt_lane *lane);
/// Counts a "not found" towards the proof that an UNKNOWN order never reached the venue.
void lane_not_found(nt_lane *lane, nt_instrument_id instrument, nt_order_key key);
/// Finds the order a listed trade belongs to by the venue's order id; 0 = none.
nt_order_key lane_find_by_venue_order(const nt_lane *lane, nt_instrument_id instrument,
                                      int64_t venue_order);

// lane_commands.c
uint32_t lane_take_commands(nt_lane *lane);
void lane_cancel_all_turn(nt_lane *lane);
void lane_flatten_turn(nt_lane *lane, nt_instrument_id instrument);
void lane_stop_turn(nt_lane *lane);

// lane_market.c
void lane_market_event(nt_lane *lane, const nt_event *event);
void lane_want_snapshot(nt_lane *lane, nt_instrument_id instrument);

#endif
