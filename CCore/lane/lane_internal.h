// lane_internal.h — what the files of this folder call of each other. Its state: lane_state.h.
#ifndef NT_LANE_INTERNAL_H
#define NT_LANE_INTERNAL_H

#include "lane_state.h"

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
/// A halt of all that no turn has obeyed yet. Two loads.
bool lane_halt_waits(const nt_lane *lane);
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
