// lane_internal.h — the lane's own state, shared by the files of this folder only.
#ifndef NT_LANE_INTERNAL_H
#define NT_LANE_INTERNAL_H

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

static inline void lane_count(_Atomic uint64_t *counter) {
    // Relaxed: one writer; readers want a recent value, not an order.
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static inline bool lane_is_ready(const nt_lane *lane) {
    return atomic_load_explicit(&lane->ready, memory_order_relaxed);
}

/// Orders can be handed over: logged on, or our own paper venue.
static inline bool lane_is_connected(const nt_lane *lane) {
    return lane->config.paper != NULL || lane->session_ready;
}

/// The account or the scope is halted.
static inline bool lane_is_halted(const nt_lane *lane, uint32_t scope) {
    return nt_gate_in_force(lane->gate, scope) == NT_TRADING_HALTED;
}

static inline nt_instrument_id lane_slot(const nt_lane *lane, const lane_market *market) {
    return (nt_instrument_id)(market - lane->markets);
}

// lane.c
void lane_look_at_clock(nt_lane *lane);
void lane_journal(nt_lane *lane, nt_record_kind kind, const void *payload, uint32_t length);
void lane_update_ready(nt_lane *lane);
void lane_handle(nt_lane *lane, nt_event *event);

// lane_trading.c; a scope is an instrument's slot, NT_NO_INSTRUMENT or NT_STRATEGY_SCOPE
void lane_publish_trading(nt_lane *lane);
bool lane_is_scope(const nt_lane *lane, uint32_t scope);
/// Only an operator makes a state better: by resume, or from a halt by reduce.
void lane_set_trading(nt_lane *lane, uint32_t scope, nt_trading_state state, const char *reason);
/// Makes a state worse, or leaves it.
void lane_lower_trading(nt_lane *lane, uint32_t scope, nt_trading_state state, const char *reason);
/// As the journal has it, since lane->wall_ns; neither journaled nor told.
void lane_take_state(nt_lane *lane, uint32_t scope, nt_trading_state state, const char *reason);
/// Tells every state that is lowered, with why and since when.
void lane_tell_states(nt_lane *lane);
void lane_halt(nt_lane *lane, const nt_command *command);
void lane_reduce(nt_lane *lane, const nt_command *command);
void lane_resume(nt_lane *lane, const nt_command *command);

// lane_decide.c
nt_lane_view lane_view(const nt_lane *lane, const lane_market *market);
/// Gives the strategy its call and carries out what it wants. Not while it is being called.
void lane_decide(nt_lane *lane, nt_instrument_id instrument, const nt_call *call);
/// Remembers a change, or a refusal, of one of the strategy's orders for lane_deliver.
void lane_queue_change(nt_lane *lane, const nt_order_change *change);
void lane_queue_refusal(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict);
/// Tells the strategy what was queued before now.
void lane_deliver(nt_lane *lane);

// lane_session.c
void lane_session_event(nt_lane *lane, const nt_event *event);
/// Greets again where no answer came, or a refusal.
void lane_session_turn(nt_lane *lane);

// lane_notice.c
nt_notice *lane_notice_begin(nt_lane *lane, uint32_t kind, nt_instrument_id instrument);
void lane_notice_end(nt_lane *lane);
/// True at most once in LANE_REPEAT_NS per `last_ns`: alarms must not crowd out orders.
bool lane_may_alarm(const nt_lane *lane, int64_t *last_ns);
void lane_alarm(nt_lane *lane, nt_instrument_id instrument, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/// The same for what the venue said under a code of its own, which rides along.
void lane_alarm_coded(nt_lane *lane, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lane_tell(nt_lane *lane, uint32_t kind, nt_instrument_id instrument, int64_t value,
               const char *text);
void lane_tell_order(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change,
                     const nt_report *report);
void lane_tell_trade(nt_lane *lane, const nt_event *event);

// lane_orders.c
/// Judges, journals and sends one intent; the key it got (place) in intent->order. NT_PASS: sent.
nt_refusal lane_carry_out(nt_lane *lane, nt_intent *intent, nt_verdict *verdict);
/// The same for an order of the exit that owns what it offers.
nt_refusal lane_carry_out_exit(nt_lane *lane, nt_intent *intent, nt_verdict *verdict);
/// What the gate would say of an exit if nothing else were offered on its side.
nt_verdict lane_judge_alone(const nt_lane *lane, const nt_intent *intent);
/// Moves an order without a report, journals and tells it.
void lane_step_order(nt_lane *lane, nt_order_key key, nt_order_event event);
/// Sends a question about an order or an instrument. False: could not be sent now.
bool lane_ask(nt_lane *lane, nt_request_kind kind, nt_instrument_id instrument, nt_order_key key);
/// Sends a cancel that the gate need not judge (halt, stop, flatten). False: could not be sent.
bool lane_cancel(nt_lane *lane, const nt_order *order);
/// A cancel without the gate, into `request`.
void lane_cancel_request(nt_request *request, const nt_order *order);
/// Judges a waiting order once more, without counting it twice.
nt_verdict lane_judge_again(const nt_lane *lane, const nt_order *order);
/// Tells and journals a refusal.
void lane_refuse(nt_lane *lane, const nt_intent *intent, const nt_verdict *verdict);
/// Encodes and hands over, its budget taken. NT_OK: every byte was taken. NT_IO: perhaps some.
/// NT_BUSY: the connection had no room. Other: none was.
nt_status lane_submit(nt_lane *lane, const nt_request *request);
/// Moves an order by what became of its bytes; `since_ns`: when its way began.
void lane_note_sent(nt_lane *lane, nt_order_key key, nt_status status, int64_t since_ns);
/// Marks a cancel or an amend that may have been sent, and when.
void lane_mark_change(nt_lane *lane, const nt_request *request, nt_status status);
/// Profit since the day began, in *profit. False: something held has no price yet.
bool lane_day_profit(const nt_lane *lane, nt_money *profit);

// lane_budget.c
/// Takes what a request costs of the shared budget. False: *verdict is the refusal.
bool lane_take_budget(nt_lane *lane, nt_budget_class who, nt_request_kind kind,
                      nt_verdict *verdict);
/// Gives back what was taken for a request that was not sent.
void lane_give_back_budget(nt_lane *lane, nt_request_kind kind);
/// The venue wants nothing at all from this address for now.
bool lane_is_silenced(const nt_lane *lane);
void lane_usage_event(nt_lane *lane, const nt_event *event);
/// Notices what others were told: a silence, a ban.
void lane_budget_turn(nt_lane *lane);

// lane_queue.c
/// Lets a passed request, journaled last, wait for room or for the disk. False: it cannot wait.
bool lane_queue_add(nt_lane *lane, const nt_request *request);
/// False: the record journaled last must be on disk before its request may leave.
bool lane_is_recorded(const nt_lane *lane);
/// Takes a waiting order back: ABANDONED, and no byte of it leaves. False: it does not wait.
bool lane_unqueue(nt_lane *lane, nt_order_key key);
/// Takes every waiting order back; cancels go on waiting.
void lane_unqueue_orders(nt_lane *lane);
/// Sends what waits, as far as there is room.
void lane_queue_turn(nt_lane *lane);

// lane_evidence.c
void lane_report(nt_lane *lane, const nt_event *event);
void lane_note_change(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change);
/// Sees to it that an id of ours is never given again.
void lane_note_key(nt_lane *lane, nt_order_key key);

// lane_equity.c
/// Journals what every traded instrument is worth, now.
void lane_journal_equity(nt_lane *lane);
/// The same once a minute.
void lane_equity_turn(nt_lane *lane);

// lane_reconcile.c
void lane_reconcile_begin(nt_lane *lane);
void lane_reconcile_answer(nt_lane *lane, const nt_event *event);
void lane_reconcile_turn(nt_lane *lane);
/// Carries out NT_COMMAND_RECONCILE.
void lane_reconcile_now(nt_lane *lane, const nt_command *command);
/// A list of a reconciliation changed something here.
void lane_reconcile_found(nt_lane *lane, nt_instrument_id instrument,
                          const nt_order_change *change);
/// A message of the order stream is lost: nothing new until orders and trades are listed again.
void lane_reconcile_again(nt_lane *lane);
/// Counts a "not found" towards the proof that an UNKNOWN order never reached the venue.
void lane_not_found(nt_lane *lane, nt_instrument_id instrument, nt_order_key key);
/// Asks about an order after `delay_ns`, unless evidence comes first.
void lane_want_query(nt_lane *lane, nt_order_key key, int64_t delay_ns);
void lane_want_fills(nt_lane *lane, nt_instrument_id instrument);
/// Finds the order a listed trade belongs to by the venue's order id; 0 = none.
nt_order_key lane_find_by_venue_order(const nt_lane *lane, nt_instrument_id instrument,
                                      int64_t venue_order);
/// True when some order of the instrument that may be open has no venue id yet.
/// Asks whose order the venue's id names. False: it could not be asked.
bool lane_ask_owner(nt_lane *lane, nt_instrument_id instrument, int64_t venue_order);
bool lane_has_unnamed(const nt_lane *lane, nt_instrument_id instrument);

// lane_untold.c
void lane_untold_begin(nt_lane *lane);
/// An answer to a question changed the order.
void lane_untold_found(nt_lane *lane, nt_instrument_id instrument, const nt_order_change *change);
/// The venue told something of this order by itself, or answered to a change of it.
void lane_untold_heard(nt_lane *lane, nt_order_key key);
void lane_untold_turn(nt_lane *lane);

// lane_closing.c
/// Cancels every order of the instrument that exists now, until none of them is open.
void lane_begin_cancel(nt_lane *lane, nt_instrument_id instrument);
/// The same for all orders that the scope means.
void lane_begin_cancels(nt_lane *lane, uint32_t scope);
/// Answers the command when nothing of its scope that exists now is open any more.
void lane_answer_when_closed(nt_lane *lane, const nt_command *command);
/// Goes on with what was begun.
void lane_closing_turn(nt_lane *lane);
/// Key of the newest order of ours; later ones are not meant.
nt_order_key lane_last_key(const nt_lane *lane);

// lane_exit.c
/// Takes NT_INTENT_EXIT over. NT_PASS: offered, or as soon as the lots are proven free.
nt_refusal lane_exit_begin(nt_lane *lane, nt_intent *wish, nt_verdict *verdict);
/// Whether an order may offer what it would close: not while an exit owns it. Gives a market order
/// that only closes its price.
bool lane_exit_admits(const nt_lane *lane, nt_intent *intent, nt_verdict *verdict);
/// The position took a trade.
void lane_exit_filled(lane_market *market, const nt_report *report);
void lane_begin_flatten(nt_lane *lane, const nt_command *command);
/// Answers who asked for the flatten, once.
void lane_answer_flatten(nt_lane *lane, lane_market *market, nt_status status, const char *text);
void lane_exit_turn(nt_lane *lane, lane_market *market);

// lane_commands.c
uint32_t lane_take_commands(nt_lane *lane);
/// Answers the command of this ticket.
void lane_answer(nt_lane *lane, uint64_t ticket, nt_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static inline bool lane_concerns(nt_instrument_id wanted, nt_instrument_id instrument) {
    return wanted == NT_NO_INSTRUMENT || wanted == instrument;
}
/// The order is of the scope.
static inline bool lane_means(uint32_t scope, const nt_intent *intent) {
    return lane_concerns(scope, intent->instrument) || scope == NT_STRATEGY_SCOPE(intent->strategy);
}

// lane_resolve.c
/// Carries out NT_COMMAND_RESOLVE.
void lane_resolve(nt_lane *lane, const nt_command *command);
void lane_recover_resolution(nt_lane *lane, const nt_record_resolution *record);

// lane_hold.c
/// Carries out NT_COMMAND_HOLD.
void lane_hold(nt_lane *lane, const nt_command *command);

// lane_limits.c
/// Takes the table of limits over that lies in the cell as `version`, all or nothing. NT_STALE:
/// another version lies there; NT_REFUSED: it would unset a limit.
nt_status lane_take_limits(nt_lane *lane, uint32_t version);
/// Journals what is in force now: the account (NT_NO_INSTRUMENT) or one instrument.
void lane_journal_limits(nt_lane *lane, nt_instrument_id instrument);

// lane_market.c
void lane_market_event(nt_lane *lane, const nt_event *event);
void lane_market_lost(nt_lane *lane, uint32_t stream);
/// Gives up a book whose missing event no other feed has brought in time.
void lane_market_turn(nt_lane *lane, lane_market *market);
/// Gives a book up and forgets its touch; the next event begins anew.
void lane_lose_market(nt_lane *lane, lane_market *market, nt_sync_reason reason);
void lane_fetch_turn(nt_lane *lane, nt_instrument_id instrument);

// lane_feeds.c
static inline uint64_t lane_bit(uint32_t slot) { return UINT64_C(1) << slot; }
nt_status lane_feeds_configure(nt_lane *lane, const nt_feed_config *feeds);
/// Another feed of its group is open.
static inline bool lane_has_company(const nt_lane *lane, uint32_t slot) {
    return (lane->streams[slot].mates & lane->open) != 0;
}
/// Notes that an event was taken which this stream was the first to bring.
void lane_feed_first(nt_lane *lane, const nt_event *event);
void lane_feed_opened(nt_lane *lane, uint32_t slot);
void lane_feed_lost(nt_lane *lane, uint32_t slot);
/// Opens the stream anew.
void lane_feed_restart(nt_lane *lane, uint32_t slot, const char *reason);
/// Opens this stream or another of its group anew because its data stand still, if one may be now:
/// the others bring what does not stand still.
void lane_feed_revive(nt_lane *lane, uint32_t slot, const char *reason);
/// Opens anew what is old, or will be ended by the venue.
void lane_feeds_turn(nt_lane *lane);

// lane_silence.c
/// A few levels of the venue's book came.
void lane_witness(nt_lane *lane, const nt_event *event);
void lane_silence_turn(nt_lane *lane);
static inline void lane_set_silence(lane_market *market, nt_silence state) {
    // Relaxed: a reader wants a recent state, no more. Written only when it changes.
    if (atomic_load_explicit(&market->silence.state, memory_order_relaxed) != state)
        atomic_store_explicit(&market->silence.state, state, memory_order_relaxed);
}

#endif
