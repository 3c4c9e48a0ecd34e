// lane_rig.h — a whole lane on fakes for the tests: clock, disk, venue, commands and outbox, with
// the connections in the test's hand. Stream slots: 0 market, 1 orders, 2 snapshots, 3 witnesses,
// 4 a standby of the market that nobody opens by itself.
#ifndef NT_LANE_RIG_H
#define NT_LANE_RIG_H

#include "../../Sources/TestKit/FakeVenue/fake_message.h"
#include "nt/lane.h"
#include "nt/records.h"
#include "test.h"

#define RIG_MS     INT64_C(1000000)
#define RIG_SECOND INT64_C(1000000000)
enum {
    RIG_MARKET = 0,
    RIG_ORDERS = 1,
    RIG_SNAPSHOT = 2,
    RIG_WITNESS = 3,
    RIG_STANDBY = 4,
    RIG_STREAMS = 5
};
#define RIG_MAX_INSTRUMENTS 20u

typedef struct rig rig;
typedef void (*rig_act)(rig *rig, const nt_lane_view *view, const nt_call *call,
                        nt_intents *intents);

struct rig {
    nt_manual_time time;
    nt_memory_disk *disk;
    fake_venue *venue;
    nt_lane *lane;
    nt_journal *journal;
    nt_paper *paper;
    nt_command_ring *commands;
    nt_bytes_ring *outbox;
    nt_cell *limits;   ///< Given to the lane; NULL = its limits are fixed.
    nt_budget *budget; ///< Given to the lane; the test's own.
    nt_pulse *pulse;   ///< The same.
    int64_t queue_ns;
    int64_t agree_gap_ns; ///< 0: one round of a reconciliation is enough.
    int64_t reconcile_every_ns;
    nt_random random;
    rig_act act;           ///< The strategy; NULL = silent.
    nt_intents wishes;     ///< Given to the lane at the next market event, then cleared.
    nt_status send_status; ///< NT_OK, or what the wire says.
    bool with_paper;
    bool without_journal;
    uint32_t instruments;
    int64_t max_silence_ns;              ///< Of every instrument.
    int64_t renew_after_ns[RIG_STREAMS]; ///< By slot.
    uint64_t frozen;                     ///< Instruments of which nothing comes; a bit each.
    bool with_standby;                   ///< The market comes on its second stream as well.
    bool no_witness;                     ///< It cannot be fetched.
    bool mute_witness;                   ///< Nothing is heard of it.
    nt_money min_notional, max_notional; ///< The venue's filter at the next start; 0 = none.
    bool undrained;                      ///< The journal's thread does not come round.
    uint64_t ring_bytes, segment_bytes;  ///< 0 = a megabyte.
    nt_durability durability;            ///< Of the journal.
    nt_files files;                      ///< The journal's; none set: those of `disk`.
    nt_notice last_alarm, last_refusal, last_trading;
    uint32_t witnesses_wanted, restarts[RIG_STREAMS];
    const char *restart_reason; ///< The last one.
    uint32_t alarms, refused, snapshots_wanted, orders_told, stale_told;
    nt_order_change last_change; ///< As the strategy heard it.
    nt_order_change last_told;   ///< As the services heard it.
    nt_refusal last_heard_refusal;
    uint32_t changes_heard, refusals_heard, calls;
    nt_event last_event;
    uint32_t sent[8]; ///< By kind of request; 7: greetings.
    nt_request last_sent;
    nt_order_key placed[64]; ///< The first orders that reached the wire.
    uint32_t placed_count;
};

/// Everything but the lane. `seed` moves venue and strategy.
void rig_open(rig *rig, uint64_t seed);
void rig_open_with(rig *rig, uint64_t seed, uint32_t instruments);
void rig_close(rig *rig);
/// Makes a lane on what the disk holds.
nt_status rig_start(rig *rig);
/// The process dies: nothing is told, nothing is closed in order.
void rig_kill(rig *rig);
void rig_connect(rig *rig);
void rig_disconnect(rig *rig);
/// Open, start, connect, books live.
void rig_run(rig *rig, uint64_t seed);

void rig_tick(rig *rig, int64_t advance_ns);
/// Delivers what the venue says, until it is silent.
void rig_pump(rig *rig);
/// Lets time pass in steps of 10 ms, with ticks, and the venue's words delivered.
void rig_wait(rig *rig, int64_t nanoseconds);
/// Messages of the market, 1 ms apart.
void rig_market(rig *rig, uint32_t count);
/// Whose message of the market this is.
uint32_t rig_subject(const uint8_t *message);
void rig_event(rig *rig, uint32_t stream, const nt_event *event);
void rig_report(rig *rig, nt_report report);
void rig_quote(rig *rig, uint32_t instrument, int64_t id, int64_t bid, int64_t ask);
/// Reads the outbox; fetches the books that are wanted.
void rig_services(rig *rig);

/// An order of the strategy, through the gate. Returns its key; 0 when it was refused.
nt_order_key rig_place(rig *rig, nt_side side, int64_t price, int64_t quantity,
                       nt_time_in_force tif);
void rig_cancel(rig *rig, nt_order_key key);
uint64_t rig_command(rig *rig, uint32_t kind, nt_instrument_id instrument);
/// The answer to a ticket: its status, 1 when there is none yet.
int32_t rig_answer(rig *rig, uint64_t ticket);
nt_order_state rig_state(const rig *rig, nt_order_key key);
int64_t rig_lots(const rig *rig, nt_instrument_id instrument);

#endif
