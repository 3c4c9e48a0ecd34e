// lane_state.h — the lane's own state, shared by the files of this folder only.
#ifndef NT_LANE_STATE_H
#define NT_LANE_STATE_H

#include <stdatomic.h>

#include "nt/lane.h"
#include "nt/order_id.h"
#include "nt/planted.h"
#include "nt/records.h"

#define LANE_SECOND_NS INT64_C(1000000000)
#define LANE_REPEAT_NS LANE_SECOND_NS ///< Between rounds of cancels, tries of an exit, alarms.
/// Evidence by another channel is given so long before the venue is asked.
#define LANE_RACE_GUARD_NS INT64_C(500000000)
#define LANE_FILLS_PAGE    200u ///< Rows of a full page of trades: another one is asked for.
#define LANE_MAX_ABSENCES  64u
#define LANE_MAX_WANTED    64u
#define LANE_MAX_WAITERS   16u
#define LANE_MAX_QUEUED    64u
#define LANE_MAX_UNTOLD    16u
/// Reason of the halt of a stop, which ends with the run: recovery does not take it over.
#define LANE_STOPPING "stopping"
/// Prices beyond it are no prices: a strategy may add and scale what it sees without overflow.
#define LANE_MAX_TICKS (INT64_C(1) << 50)

/// Progress of asking the venue, per instrument. AGAIN: a round is whole, another is due.
typedef enum {
    RECONCILE_IDLE,
    RECONCILE_ORDERS,
    RECONCILE_FILLS,
    RECONCILE_AGAIN,
    RECONCILE_DONE
} reconcile_step;

/// A book that is awaited.
typedef struct lane_fetch {
    int64_t asked_ns; ///< Last asked for; 0 = never.
    uint32_t tries;   ///< Since the book was last live.
    bool pending;     ///< Asked and not answered.
} lane_fetch;

/// Our trades of an instrument, as the venue lists them.
typedef struct lane_listing {
    int64_t complete;     ///< Every trade up to it is counted or not ours.
    int64_t from;         ///< First trade id of the page that is asked for; 0 = the newest ones.
    int64_t last;         ///< Highest id listed so far.
    int64_t asked_ns;     ///< Last page (or list of open orders) asked for.
    int64_t wanted_ns;    ///< Since when; 0 = not wanted.
    uint32_t tries;       ///< Whole lists since it is wanted.
    bool begun;           ///< There was a whole list once: `complete` means something.
    bool newest;          ///< This list began at the newest ones: it completes nothing.
    bool unnamed;         ///< It holds trades that may be of an order without a venue id yet.
    uint8_t owners_asked; ///< Questions whose an order is, since this list was asked for.
} lane_listing;

#define LANE_FOREIGN_KEPT 64u

/// Orders of the account that are somebody else's, by the venue's ids; the newest ones.
typedef struct lane_foreign {
    int64_t venue_orders[LANE_FOREIGN_KEPT];
    uint32_t count; ///< Ever.
} lane_foreign;

/// Orders of a scope that are cancelled until none of them is open.
typedef struct lane_cancels {
    nt_order_key up_to; ///< These and older ones; 0 = none.
    int64_t sent_ns;    ///< Last round; 0 = none yet.
} lane_cancels;

/// Why a trading state holds, and since when.
typedef struct lane_scope {
    char reason[112];
    int64_t since_wall_ns;
} lane_scope;

/// How an instrument's position is being left: lane_exit.c.
typedef struct lane_exit {
    bool active;
    bool flattens;      ///< The operator's flatten: everything, until it is flat.
    nt_intent wish;     ///< What its orders are like.
    int64_t left;       ///< Lots not offered by it yet; of a flatten all there are.
    nt_order_key older; ///< Orders up to it are cancelled and give way; 0 = none.
    int64_t begun_ns;
    int64_t cancelled_ns; ///< Last round of cancels.
    int64_t tried_ns;     ///< Last try that did not leave; 0 = none.
    uint32_t tries;
    uint64_t ticket; ///< Of a flatten; 0 = answered.
} lane_exit;

/// The refusal told last on one side, so that the same one again is only counted.
typedef struct lane_refused {
    nt_refusal refusal;
    int64_t told_ns;
} lane_refused;

#define LANE_TRADE_WORDS 16u ///< Power of two.

/// Which of the newest trade ids were seen: a window of bits that moves with the highest id.
typedef struct lane_trades {
    int64_t highest;
    uint64_t seen[LANE_TRADE_WORDS];
} lane_trades;

/// What is known of a book without news, lane_silence.c.
typedef struct lane_silence {
    int64_t max_ns;       ///< 0 = not watched.
    int64_t asked_ns;     ///< When the last witness was asked for.
    int64_t confirmed_ns; ///< When the last one was asked for that showed the same book.
    int64_t ahead_id;     ///< Last id of a witness that has news, while these may be on their way.
    int64_t ahead_ns;     ///< Since when.
    int64_t told_ns;      ///< Last alarm.
    uint32_t doubts;      ///< Witnesses in a row that proved nothing.
    bool pending;         ///< Asked and not answered.
    _Atomic nt_silence state;
} lane_silence;

typedef struct lane_market {
    nt_instrument instrument;
    nt_book *book;
    nt_sync *sync;
    nt_position position;
    nt_level bid, ask;             ///< Newest touch.
    nt_level valid_bid, valid_ask; ///< Last one with two sides that do not cross: the reference.
    int64_t touch_id, quote_id;
    int64_t touch_ns; ///< When the valid touch arrived.
    int64_t venue_ns; ///< Venue time of the newest depth or quote that stated one.
    uint64_t feeds;   ///< Streams that have brought its depth since they opened; a bit a slot.
    uint64_t chained; ///< Those of them whose next event joins the book, or is old.
    int64_t
        ahead_id; ///< Last id of the events that are left out for another feed to bring; 0 = none.
    int64_t gap_ns;        ///< Since when that feed has brought nothing.
    uint32_t stream;       ///< Slot that brought its last depth; NT_MAX_STREAMS = none yet.
    uint32_t quote_stream; ///< Slot that brought the last quote.
    lane_trades trades;
    lane_fetch fetch;
    lane_silence silence;
    lane_listing listing;
    reconcile_step reconcile;
    bool reconciled;     ///< Two rounds agreed since the log-on.
    uint32_t rounds;     ///< Whole ones of this reconciliation.
    uint32_t round_news; ///< What the lists of this round have changed.
    int64_t round_ns;    ///< When the last one was whole.
    lane_exit exit;
    int64_t dust_lots;       ///< Held when it was last said that it is dust.
    lane_refused refused[2]; ///< By side.
    lane_cancels cancels;
    int64_t foreign_alarm_ns;
    lane_foreign foreign;
    _Atomic int64_t last_data_ns;
    _Atomic int64_t exit_lots; ///< Lots that the exit under way has not offered yet.
} lane_market;

typedef struct lane_feed_counters {
    _Atomic uint64_t first, later, gaps, undecodable, switches, renewals;
    _Atomic int64_t opened_ns, last_ns, switch_ns, max_switch_ns;
} lane_feed_counters;

typedef struct lane_stream {
    nt_stream_role role;
    nt_stream_state state;
    uint32_t step;      ///< Greeting step whose answer is awaited.
    int64_t greeted_ns; ///< When that step was sent, or tried.
    bool ready;         ///< Greeted.
    bool announced;     ///< The venue said that it will end.
    bool restarting;    ///< It is being opened anew.
    nt_feed_config config;
    uint64_t mates;       ///< The other streams of its group; a bit a slot.
    int64_t restarted_ns; ///< When the lane last opened it anew; 0 = never.
    int64_t next_ns;      ///< When another feed was first after its last event.
    lane_feed_counters feed;
} lane_stream;

/// Who of a feed group is first.
typedef struct lane_group {
    uint32_t last; ///< Slot of the last event that was first.
    uint32_t lost; ///< Slot that was lost while it was; NT_MAX_STREAMS = none.
} lane_group;

/// An UNKNOWN order that the venue once did not find: half of a proof of absence.
typedef struct lane_absence {
    nt_order_key order;
    int64_t first_ns; ///< Of the first "not found" that counts.
} lane_absence;

/// A question about an order that evidence left open.
typedef struct lane_wanted {
    nt_order_key order;
    int64_t due_ns;
} lane_wanted;

/// What an answer showed and no event has told yet.
typedef struct lane_untold {
    nt_order_key order; ///< 0 = free.
    nt_instrument_id instrument;
    int64_t found_ns;
} lane_untold;

/// A command that is answered when nothing of its scope is open any more.
typedef struct lane_waiter {
    uint64_t ticket; ///< 0 = free.
    nt_instrument_id instrument;
    nt_order_key up_to;
} lane_waiter;

/// A request that the gate passed and the connection had no room for, or whose record the disk
/// must have first.
typedef struct lane_queued {
    nt_request request; ///< PLACE, CANCEL or AMEND.
    uint64_t record;    ///< Of the journal; it leaves once that is durable. 0 = at once.
    int64_t until_ns;   ///< A PLACE is given up then; a cancel waits for the disk no longer.
} lane_queued;

/// What the strategy must hear and could not yet: it is never called while it is being called.
typedef struct lane_call {
    nt_instrument_id instrument;
    bool is_refusal;
    nt_order_change change;
    nt_intent intent;
    nt_verdict verdict;
} lane_call;

typedef struct lane_counters {
    _Atomic uint64_t messages, events, undecodable, unsupported, gaps, intents, refusals,
        orders_sent, cancels_sent, queries_sent, fills, unknowns_made, unknowns_resolved,
        outbox_lost, late_fills, foreign_reports, rejects, send_busy, untold;
} lane_counters;

struct nt_lane {
    nt_lane_config config;
    nt_instrument instruments[NT_MAX_INSTRUMENTS]; ///< The order table borrows it.
    lane_market markets[NT_MAX_INSTRUMENTS];
    lane_stream streams[NT_MAX_STREAMS];
    lane_group groups[NT_MAX_STREAMS];
    uint64_t open; ///< Streams that are open; a bit a slot.
    nt_event events[NT_MAX_EVENTS_PER_MESSAGE];
    nt_intents intents;
    lane_absence absences[LANE_MAX_ABSENCES];
    lane_wanted wanted[LANE_MAX_WANTED];
    lane_waiter waiters[LANE_MAX_WAITERS];
    lane_queued queued[LANE_MAX_QUEUED]; ///< In the order in which they came.
    uint32_t queued_count;
    lane_untold untold[LANE_MAX_UNTOLD];
    uint32_t untold_count;   ///< Of them in use.
    uint32_t untold_session; ///< Never told, since the log-on.
    lane_call *calls;        ///< Ring of call_capacity.
    uint32_t call_capacity, call_head, call_tail;
    nt_orders *orders;
    nt_gate *gate;
    nt_journal *journal;
    nt_tape *tape;
    nt_histogram *histograms[NT_STAGE_COUNT];
    uint64_t sequence;       ///< Of the last event.
    uint64_t order_sequence; ///< Of the last order id in this epoch.
    uint32_t epoch;
    uint32_t highest_epoch;  ///< Of any order id seen: never used again.
    uint32_t orders_stream;  ///< Slot of the order connection; NT_MAX_STREAMS = none.
    int64_t now_ns, wall_ns; ///< Looked at once per message.
    int64_t trigger_ns;      ///< Receive time of the bytes being handled.
    int64_t timers_ns, equity_ns, orders_looked_ns, stop_ns, session_ns, day;
    int64_t feeds_looked_ns, silence_looked_ns, witness_ns;
    uint32_t witness_stream; ///< Slot of witnesses; NT_MAX_STREAMS = none.
    int64_t quiet_until_ns;  ///< The venue asked for silence until then.
    int64_t unreadable_alarm_ns, given_up_alarm_ns, unsynced_alarm_ns;
    int64_t reconciling_ns;                    ///< When the last reconciliation began.
    uint64_t reconcile_ticket;                 ///< Of the command that waits for it; 0 = none.
    uint64_t reconcile_news;                   ///< Changes that reconciliations have found.
    int64_t blocked_until_ms, banned_until_ms; ///< As the budget last showed.
    int32_t used_weight;                       ///< As the venue last told.
    nt_money day_start_profit;
    uint64_t stop_ticket;
    bool started, session_ready, stopping, keep_orders, journal_failed, stop_seen;
    bool strict; ///< Nothing is sent before the disk has its record.
    _Atomic bool ready, stopped;
    _Atomic int64_t reconciled_ns;
    _Atomic uint8_t trading; ///< What is in force for the account.
    nt_trading_state holds[NT_MAX_INSTRUMENTS + 1][NT_HOLD_CAUSES]; ///< The last: the account's.
    lane_scope scopes[NT_MAX_INSTRUMENTS + 1 + NT_MAX_STRATEGIES];  ///< lane_trading.c
    lane_cancels strategy_cancels[NT_MAX_STRATEGIES];
    lane_counters counters;
};

#endif
