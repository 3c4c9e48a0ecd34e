// lane.h — the duty cycle: bytes in, events, books, one call into the strategy, gate, journal,
// bytes out. One thread, no queue inside, no lock, no allocation, no log.
//
// The lane knows no socket: whoever owns the connections hands it whole messages and state
// changes and gives it a way to send (nt_wire). Tests drive it with a clock they turn; live code
// drives it from duty.h. Everything it takes or decides gets the next number of one sequence.
#ifndef NT_LANE_H
#define NT_LANE_H

#include "nt/book.h"
#include "nt/budget.h"
#include "nt/bytes_ring.h"
#include "nt/cell.h"
#include "nt/clock.h"
#include "nt/codec.h"
#include "nt/command.h"
#include "nt/gate.h"
#include "nt/histogram.h"
#include "nt/journal.h"
#include "nt/order.h"
#include "nt/paper.h"
#include "nt/position.h"
#include "nt/pulse.h"
#include "nt/stream.h"
#include "nt/sync.h"
#include "nt/tape.h"

typedef struct nt_lane nt_lane;

/// What a strategy may see at one moment. Borrowed for the call.
typedef struct nt_lane_view {
    const nt_instrument *instrument;
    const nt_book *book;
    const nt_position *position;
    nt_level bid, ask;    ///< Newest touch of depth and quote; quantity 0 = none.
    nt_exposure exposure; ///< Of this instrument.
    int64_t now_ns;       ///< Monotonic.
    bool valid;           ///< Book synchronised, uncrossed: new risk may be taken on it.
    bool trading;         ///< Connected, reconciled and ACTIVE.
} nt_lane_view;

/// One call into the strategy: a market event, or a change of one of its orders.
typedef struct nt_call {
    const nt_event *event;         ///< Never NULL.
    const nt_order_change *change; ///< Set for NT_EVENT_REPORT and timers that moved an order.
    const nt_verdict *refusal;     ///< Set when the gate refused `refused`.
    const nt_intent *refused;
} nt_call;

/// The only C → Swift call. Lane thread. Must not allocate, block, throw or log.
typedef void (*nt_decide)(void *context, const nt_lane_view *view, const nt_call *call,
                          nt_intents *intents);

/// How bytes leave. `stream` is the slot. Statuses as nt_stream_send.
typedef struct nt_wire {
    void *context;
    nt_status (*send)(void *context, uint32_t stream, const uint8_t *bytes, uint32_t length);
    /// Drops the connection and opens it anew, soon but not within the call. `reason` is static.
    /// NULL: connections are left as they are.
    void (*restart)(void *context, uint32_t stream, const char *reason);
} nt_wire;

#define NT_MAX_STREAMS 64u

/// What a stream is to the others (lane_feeds.c).
typedef struct nt_feed_config {
    uint32_t group; ///< Feeds of one group bring the same data, each of them all of it: of each
                    ///< event the copy that comes first counts. 0 = alone; below NT_MAX_STREAMS.
    int64_t renew_after_ns; ///< Opened anew at this age, when nothing is lost by it. 0 = never.
} nt_feed_config;

/// Every limit of a lane: what the cell of limits carries.
typedef struct nt_lane_limits {
    nt_account_limits account;
    nt_instrument_limits instruments[NT_MAX_INSTRUMENTS];
} nt_lane_limits;

typedef struct nt_lane_config {
    const nt_instrument *instruments; ///< Copied.
    uint32_t instrument_count;
    const nt_stream_role *roles; ///< Of the streams, by slot; copied.
    const nt_feed_config *feeds; ///< By slot; copied. NULL: each alone and never renewed.
    uint32_t stream_count;
    /// By instrument; copied. Without depth for so long, a book is held against a witness
    /// (lane_silence.c). 0, or NULL for all: not watched.
    const int64_t *max_silence_ns;
    uint32_t book_depth; ///< Levels per side. Default 5,000 when 0.
    uint32_t max_orders; ///< Default 4,096 when 0.
    uint32_t instance;   ///< Mark of this installation in client order ids.
    nt_clock clock;
    const nt_codec *codec; ///< Outlives the lane.
    nt_wire wire;
    nt_paper *paper;           ///< Orders are filled by it instead of the venue; NULL = venue.
    nt_command_ring *commands; ///< NULL = none.
    nt_cell *limits;           ///< nt_lane_limits, for SET_LIMITS; NULL = fixed at start.
    nt_bytes_ring *outbox;     ///< nt_notice records for the services; NULL = none.
    nt_budget *budget;         ///< Taken from before every request; NULL = not counted.
    nt_pulse *pulse;           ///< Its turns are counted there, for the guard; NULL = no guard.
    int64_t queue_ns; ///< An order that finds the connection busy waits so long for it. Default
                      ///< 250 ms; negative: not at all.
    int64_t reply_timeout_ns;  ///< A submit unanswered for so long is UNKNOWN. Default 2 s.
    int64_t query_interval_ns; ///< Between questions about one order. Default 1 s.
    int64_t absence_gap_ns;    ///< Between the two "not found" of a proof of absence. Default 60 s.
    int64_t agree_gap_ns;      ///< Between the two rounds of a reconciliation that must agree.
                               ///< Default 2 s; negative: one round is enough.
    int64_t reconcile_every_ns; ///< Reconciles so often beside log-ons; 0 = never.
    int64_t validity_ns;        ///< The venue's own bound on a submit's age. Default 1 s.
    void *strategy;
    nt_decide decide; ///< NULL = no strategy.
} nt_lane_config;

typedef enum nt_notice_kind {      ///< What the lane tells the services.
    NT_NOTICE_ORDER = 1,           ///< nt_order_change; event.as.report when by a report.
    NT_NOTICE_REFUSED = 2,         ///< Verdict and intent.
    NT_NOTICE_SNAPSHOT_WANTED = 3, ///< Fetch this instrument's book and post it.
    NT_NOTICE_SYNC = 4,            ///< The book's state changed.
    NT_NOTICE_STREAM = 5,
    NT_NOTICE_TRADING = 6, ///< Trading state; text says why.
    NT_NOTICE_ALARM = 7,   ///< Something a person must know; text says what.
    NT_NOTICE_TRADE = 8,   ///< A public trade.
    NT_NOTICE_BALANCE = 9,
    NT_NOTICE_STOPPED = 10,        ///< Clean end; value is the state hash.
    NT_NOTICE_WITNESS_WANTED = 11, ///< Fetch a few levels of this book and post them as witness.
} nt_notice_kind;

/// A record of the outbox. Plain value.
typedef struct nt_notice {
    uint32_t kind;
    nt_instrument_id instrument;
    int64_t monotonic_ns, wall_ns;
    uint64_t sequence;
    int64_t value; ///< Kind's own: state, status, hash; of an alarm the venue's code, or 0.
    nt_order_change change;
    nt_report report;
    nt_intent intent;
    nt_verdict verdict;
    nt_position position; ///< Of the instrument, after the change.
    nt_trade trade;
    nt_balance balance;
    char text[160];
} nt_notice;

nt_status nt_lane_create(const nt_lane_config *config, nt_lane **out);
void nt_lane_destroy(nt_lane *lane);

// --- start ---------------------------------------------------------------------------------

/// Takes one record of the journal back into orders, positions, gate and trade ids. Given to
/// nt_journal_open as its visitor before nt_lane_start: start-up is crash recovery.
nt_status nt_lane_recover(void *lane, const nt_record *record, const void *payload);
/// Begins a run on `journal` and `tape` (borrowed; NULL = none): every order without a proven
/// outcome becomes UNKNOWN, limits and instruments are journaled. No new risk until reconciled with
/// the venue.
nt_status nt_lane_start(nt_lane *lane, nt_journal *journal, nt_tape *tape);
/// Limits before the start; afterwards only by command. Journaled at start.
nt_gate *nt_lane_gate(nt_lane *lane);

// --- events; lane thread only ----------------------------------------------------------------

/// One whole message of a stream. `instrument`: for snapshots and witnesses, whose book it is.
void nt_lane_receive(nt_lane *lane, uint32_t stream, nt_instrument_id instrument,
                     const uint8_t *bytes, uint32_t length, int64_t received_ns);
/// A connection changed state; an open one is greeted (log on, subscriptions) here.
void nt_lane_stream(nt_lane *lane, uint32_t stream, nt_stream_state state, const char *reason);
/// Looks at clock, commands and timers. Call at least every 10 ms. Returns work done.
uint32_t nt_lane_tick(nt_lane *lane);
/// Something waits until the disk has its record (NT_DURABILITY_STRICT): tick again very soon.
bool nt_lane_awaits_disk(const nt_lane *lane);
/// True once a STOP command has been carried out: journal closed by a STOP record.
bool nt_lane_stopped(const nt_lane *lane);
/// A snapshot could not be fetched; the lane asks again after a pause.
void nt_lane_snapshot_failed(nt_lane *lane, nt_instrument_id instrument);
/// The same of a witness.
void nt_lane_witness_failed(nt_lane *lane, nt_instrument_id instrument);

// --- what it knows -----------------------------------------------------------------------------

typedef struct nt_lane_counters {
    uint64_t messages, events, undecodable, unsupported, gaps, intents, refusals, orders_sent,
        cancels_sent, queries_sent, fills, unknowns_made, unknowns_resolved, outbox_lost,
        late_fills, foreign_reports, rejects, send_busy, untold;
} nt_lane_counters;

/// One stream among those of its group. Since the start.
typedef struct nt_feed {
    uint64_t first;       ///< Market events that it was the first to bring.
    uint64_t later;       ///< Those that were known already.
    uint64_t gaps;        ///< Depth events before which something was missing.
    uint64_t undecodable; ///< Messages that could not be read.
    uint64_t switches;    ///< Times it was lost and another feed of its group went on.
    uint64_t renewals;    ///< Times it was opened anew by the lane.
    int64_t opened_ns;    ///< Monotonic; 0 = not open.
    int64_t last_ns;      ///< Receive time of the last event that it brought first.
    /// From the last event of the lost feed to the next one of another: the last time, the longest.
    int64_t switch_ns, max_switch_ns;
} nt_feed;

enum {                    ///< nt_silence: what is known of an instrument without news.
    NT_SILENCE_NONE = 0,  ///< Data come, or it is not watched.
    NT_SILENCE_QUIET = 1, ///< Nothing comes, and the venue's own book is the same.
    NT_SILENCE_DOUBT = 2, ///< Nothing comes, and no witness could be had.
    NT_SILENCE_FROZEN = 3 ///< The venue has news that do not come; the book is stale.
};
typedef uint8_t nt_silence;

enum {
    NT_STAGE_DECODE = 0, ///< Receive → events decoded and applied to the book.
    NT_STAGE_DECIDE = 1, ///< The strategy's call.
    NT_STAGE_ORDER = 2,  ///< Last byte in → order handed to the kernel.
    NT_STAGE_REPLY = 3,  ///< Order handed over → first answer.
    NT_STAGE_COUNT = 4
};

nt_lane_counters nt_lane_get_counters(const nt_lane *lane); ///< Any thread; approximate.
const nt_histogram *nt_lane_histogram(const nt_lane *lane, uint32_t stage); ///< Any thread.
const nt_book *nt_lane_book(const nt_lane *lane, nt_instrument_id instrument);
nt_position nt_lane_position(const nt_lane *lane, nt_instrument_id instrument);
const nt_orders *nt_lane_orders(const nt_lane *lane);
/// Orders reconciled with the venue and its connection ready. Any thread.
bool nt_lane_ready(const nt_lane *lane);
nt_trading_state nt_lane_trading(const nt_lane *lane); ///< Any thread.
/// Monotonic time at which a reconciliation last ended in agreement; 0 = never. Any thread.
int64_t nt_lane_reconciled_ns(const nt_lane *lane);
/// Monotonic time of the instrument's last news, or of the last proof that there are none. Any
/// thread.
int64_t nt_lane_last_data_ns(const nt_lane *lane, nt_instrument_id instrument);
/// Lots that an exit under way has not offered yet: it waits until a cancel is proven. Any thread.
int64_t nt_lane_exit_lots(const nt_lane *lane, nt_instrument_id instrument);
nt_silence nt_lane_silence(const nt_lane *lane, nt_instrument_id instrument); ///< Any thread.
nt_feed nt_lane_feed(const nt_lane *lane, uint32_t stream); ///< Any thread; approximate.
/// Orders, positions, exposure, gate and sequence in fixed byte order (FNV-1a).
uint64_t nt_lane_hash(const nt_lane *lane);

#endif
