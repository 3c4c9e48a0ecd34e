// lane.c — the duty cycle: takes messages, looks at the clock once per event, calls the strategy.
//
// Order of work for one event: sequence number → tape → decode → book → strategy → gate →
// journal → wire. The files beside this one hold one concern each; all run on the lane's thread.
#include "lane_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../order/fold.h"

#define DEFAULT_BOOK_DEPTH   5000u
#define DEFAULT_MAX_ORDERS   4096u
#define SYNC_BUFFERED_LEVELS 65536u
#define DAY_NS               (INT64_C(86400) * LANE_SECOND_NS)
#define TIMERS_NS            INT64_C(1000000)
#define DEFAULT_QUEUE_NS     INT64_C(250000000)

// --- creation -----------------------------------------------------------------------------------

static void set_defaults(nt_lane_config *config) {
    if (config->book_depth == 0) config->book_depth = DEFAULT_BOOK_DEPTH;
    if (config->max_orders == 0) config->max_orders = DEFAULT_MAX_ORDERS;
    if (config->reply_timeout_ns == 0) config->reply_timeout_ns = 2 * LANE_SECOND_NS;
    if (config->query_interval_ns == 0) config->query_interval_ns = LANE_SECOND_NS;
    if (config->absence_gap_ns == 0) config->absence_gap_ns = 60 * LANE_SECOND_NS;
    if (config->agree_gap_ns == 0) config->agree_gap_ns = 2 * LANE_SECOND_NS;
    if (config->validity_ns == 0) config->validity_ns = LANE_SECOND_NS;
    if (config->queue_ns == 0) config->queue_ns = DEFAULT_QUEUE_NS;
}

static nt_status create_markets(nt_lane *lane) {
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        lane_market *market = &lane->markets[i];
        market->instrument = lane->instruments[i];
        market->stream = market->quote_stream = NT_MAX_STREAMS;
        nt_status status = nt_book_create(lane->config.book_depth, &market->book);
        if (status != NT_OK) return status;
        status = nt_sync_create(market->book, SYNC_BUFFERED_LEVELS, &market->sync);
        if (status != NT_OK) return status;
    }
    return NT_OK;
}

static nt_status create_parts(nt_lane *lane) {
    nt_status status = create_markets(lane);
    if (status != NT_OK) return status;
    status = nt_orders_create(lane->config.max_orders, lane->instruments,
                              lane->config.instrument_count, &lane->orders);
    if (status != NT_OK) return status;
    // Until the start: what a journal tells was a bug, if it was one, when it was written.
    nt_orders_stop_on_bug(lane->orders, false);
    // A lost connection may move every order at once.
    lane->call_capacity = lane->config.max_orders + 2 * NT_MAX_INTENTS;
    lane->calls = malloc(lane->call_capacity * sizeof *lane->calls);
    if (lane->calls == NULL) return NT_NO_MEMORY;
    memset(lane->calls, 0, lane->call_capacity * sizeof *lane->calls);
    status = nt_gate_create(lane->config.instrument_count, &lane->gate);
    for (uint32_t i = 0; status == NT_OK && i < NT_STAGE_COUNT; i++)
        status = nt_histogram_create(&lane->histograms[i]);
    return status;
}

static nt_status check_config(const nt_lane_config *config) {
    if (config->instrument_count == 0 || config->instrument_count > NT_MAX_INSTRUMENTS)
        return nt_fail(NT_INVALID, "a lane takes 1 to %u instruments", NT_MAX_INSTRUMENTS);
    if (config->stream_count > NT_MAX_STREAMS || config->codec == NULL)
        return nt_fail(NT_INVALID, "a lane takes a codec and at most %u streams", NT_MAX_STREAMS);
    if (config->wire.send == NULL && config->stream_count > 0)
        return nt_fail(NT_INVALID, "a lane with streams needs a way to send");
    if (config->instance > NT_INSTANCE_MAX)
        return nt_fail(NT_INVALID, "an instance is at most %u", NT_INSTANCE_MAX);
    return NT_OK;
}

/// The lane's own copies outlive the caller's arrays.
static nt_status take_streams(nt_lane *lane, const nt_lane_config *config) {
    lane->orders_stream = lane->witness_stream = NT_MAX_STREAMS;
    for (uint32_t i = 0; i < config->stream_count; i++) {
        lane->streams[i].role = config->roles[i];
        if (config->roles[i] == NT_ROLE_ORDERS) lane->orders_stream = i;
        if (config->roles[i] == NT_ROLE_WITNESS) lane->witness_stream = i;
    }
    for (uint32_t i = 0; config->max_silence_ns != NULL && i < config->instrument_count; i++)
        lane->markets[i].silence.max_ns = config->max_silence_ns[i];
    nt_status status = lane_feeds_configure(lane, config->feeds);
    lane->config.instruments = NULL;
    lane->config.roles = NULL;
    lane->config.feeds = NULL;
    lane->config.max_silence_ns = NULL;
    return status;
}

nt_status nt_lane_create(const nt_lane_config *config, nt_lane **out) {
    nt_status status = check_config(config);
    if (status != NT_OK) return status;
    nt_lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL) return NT_NO_MEMORY;
    lane->config = *config;
    set_defaults(&lane->config);
    memcpy(lane->instruments, config->instruments,
           config->instrument_count * sizeof *config->instruments);
    status = take_streams(lane, config);
    if (status == NT_OK) status = create_parts(lane);
    if (status != NT_OK) {
        nt_lane_destroy(lane);
        return status;
    }
    lane_look_at_clock(lane);
    *out = lane;
    return NT_OK;
}

void nt_lane_destroy(nt_lane *lane) {
    if (lane == NULL) return;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        nt_sync_destroy(lane->markets[i].sync);
        nt_book_destroy(lane->markets[i].book);
    }
    for (uint32_t i = 0; i < NT_STAGE_COUNT; i++) nt_histogram_destroy(lane->histograms[i]);
    nt_orders_destroy(lane->orders);
    nt_gate_destroy(lane->gate);
    free(lane->calls);
    free(lane);
}

// --- small shared parts -------------------------------------------------------------------------

void lane_look_at_clock(nt_lane *lane) {
    lane->now_ns = nt_now(&lane->config.clock);
    lane->wall_ns = nt_wall(&lane->config.clock);
}

/// Without its records nothing new may be risked; what is open is cancelled. Ends by a restart.
static void fail_journal(nt_lane *lane) {
    if (lane->journal_failed) return;
    lane->journal_failed = true;
    lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_HALTED, "the journal takes no records");
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) lane_begin_cancel(lane, i);
}

void lane_journal(nt_lane *lane, nt_record_kind kind, const void *payload, uint32_t length) {
    if (lane->journal == NULL) return;
    nt_status status = nt_journal_append(lane->journal, kind, lane->sequence, payload, length);
    if (status != NT_OK && !nt_planted(NT_BUG_JOURNAL_FAILURE_IGNORED)) fail_journal(lane);
}

void lane_update_ready(nt_lane *lane) {
    bool ready = lane->started && lane_is_connected(lane);
    for (uint32_t i = 0; ready && i < lane->config.instrument_count; i++)
        ready = lane->markets[i].reconciled || nt_planted(NT_BUG_READY_BEFORE_LISTS);
    // Relaxed: shown to people; what it stands on stays with the lane.
    atomic_store_explicit(&lane->ready, ready, memory_order_relaxed);
}

// --- events -------------------------------------------------------------------------------------

static void balance_event(nt_lane *lane, const nt_event *event) {
    nt_notice *notice = lane_notice_begin(lane, NT_NOTICE_BALANCE, NT_NO_INSTRUMENT);
    if (notice == NULL) return;
    notice->balance = event->as.balance;
    lane_notice_end(lane);
}

void lane_handle(nt_lane *lane, nt_event *event) {
    event->sequence = ++lane->sequence;
    lane_count(&lane->counters.events);
    switch (event->kind) {
    case NT_EVENT_DEPTH:
    case NT_EVENT_SNAPSHOT:
    case NT_EVENT_QUOTE:
    case NT_EVENT_TRADE:
        lane_market_event(lane, event);
        break;
    case NT_EVENT_REPORT:
        lane_report(lane, event);
        break;
    case NT_EVENT_SESSION:
        lane_session_event(lane, event);
        break;
    case NT_EVENT_ANSWERED:
        lane_reconcile_answer(lane, event);
        break;
    case NT_EVENT_USAGE:
        lane_usage_event(lane, event);
        break;
    case NT_EVENT_BALANCE:
        balance_event(lane, event);
        break;
    case NT_EVENT_NOTICE:
        if (event->stream < lane->config.stream_count)
            lane->streams[event->stream].announced = true;
        lane_alarm(lane, NT_NO_INSTRUMENT, "the venue announces the end of stream %u",
                   event->stream);
        break;
    default:
        break;
    }
}

/// What the message said is lost. A book tells a lost change by its update ids; evidence about
/// orders is asked for.
static void count_undecodable(nt_lane *lane, nt_status status, uint32_t slot) {
    if (status == NT_UNSUPPORTED) {
        lane_count(&lane->counters.unsupported);
        return;
    }
    lane_count(&lane->counters.undecodable);
    lane_count(&lane->streams[slot].feed.undecodable);
    if (lane_may_alarm(lane, &lane->unreadable_alarm_ns))
        lane_alarm(lane, NT_NO_INSTRUMENT, "a message on stream %u cannot be read: %s", slot,
                   nt_status_text(status));
    if (lane->streams[slot].role == NT_ROLE_ORDERS) lane_reconcile_again(lane);
}

void nt_lane_receive(nt_lane *lane, uint32_t slot, nt_instrument_id instrument,
                     const uint8_t *bytes, uint32_t length, int64_t received_ns) {
    if (slot >= lane->config.stream_count || nt_lane_stopped(lane)) return;
    lane_look_at_clock(lane);
    lane->trigger_ns = lane->now_ns;
    (void)lane_take_commands(lane);
    lane->trigger_ns = received_ns;
    lane_count(&lane->counters.messages);
    nt_stream_role role = lane->streams[slot].role;
    if (lane->tape != NULL && role != NT_ROLE_ORDERS)
        nt_tape_append(lane->tape, lane->sequence + 1, received_ns, slot, instrument, bytes,
                       length);
    uint32_t count = 0;
    const nt_codec *codec = lane->config.codec;
    nt_status status = codec->decode(codec->context, role, instrument, bytes, length, lane->events,
                                     NT_MAX_EVENTS_PER_MESSAGE, &count);
    if (status != NT_OK) {
        count_undecodable(lane, status, slot);
        if (role == NT_ROLE_SNAPSHOT) nt_lane_snapshot_failed(lane, instrument);
        if (role == NT_ROLE_WITNESS) nt_lane_witness_failed(lane, instrument);
    }
    for (uint32_t i = 0; status == NT_OK && i < count; i++) {
        lane->events[i].received_ns = received_ns;
        lane->events[i].stream = (uint16_t)slot;
        lane_handle(lane, &lane->events[i]);
    }
    lane_deliver(lane);
}

// --- clock --------------------------------------------------------------------------------------

/// A day begins with the profit at which it finds us: when everything held has a price.
static void roll_day(nt_lane *lane) {
    int64_t day = lane->wall_ns / DAY_NS;
    nt_money profit;
    if (day == lane->day || !lane_day_profit(lane, &profit)) return;
    lane->day_start_profit += profit;
    lane->day = day;
    nt_record_day record = {.day = day, .start_profit = lane->day_start_profit};
    lane_journal(lane, NT_RECORD_CLOCK, &record, sizeof record);
}

static uint32_t take_paper_reports(nt_lane *lane) {
    uint32_t taken = 0;
    nt_event event;
    while (lane->config.paper != NULL && nt_paper_next(lane->config.paper, lane->now_ns, &event)) {
        event.received_ns = lane->now_ns;
        event.stream = UINT16_MAX;
        lane_handle(lane, &event);
        taken++;
    }
    return taken;
}

static void run_timers(nt_lane *lane) {
    lane->timers_ns = lane->now_ns;
    bool bad = lane->journal != NULL && nt_journal_health(lane->journal) != NT_OK;
    if (bad && !nt_planted(NT_BUG_JOURNAL_FAILURE_IGNORED)) fail_journal(lane);
    roll_day(lane);
    lane_equity_turn(lane);
    lane_budget_turn(lane);
    lane_session_turn(lane);
    lane_reconcile_turn(lane);
    lane_closing_turn(lane);
    lane_silence_turn(lane);
    lane_feeds_turn(lane);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) lane_fetch_turn(lane, i);
}

uint32_t nt_lane_tick(nt_lane *lane) {
    if (nt_lane_stopped(lane)) return 0;
    lane_look_at_clock(lane);
    if (lane->config.pulse != NULL) nt_pulse_beat(lane->config.pulse, lane->now_ns);
    lane->trigger_ns = lane->now_ns;
    uint32_t work = lane_take_commands(lane);
    work += take_paper_reports(lane);
    lane_queue_turn(lane);
    if (lane->started && lane->now_ns - lane->timers_ns >= TIMERS_NS) run_timers(lane);
    if (!nt_lane_stopped(lane)) lane_deliver(lane);
    return work;
}

// --- what it knows ------------------------------------------------------------------------------

nt_gate *nt_lane_gate(nt_lane *lane) { return lane->gate; }

bool nt_lane_stopped(const nt_lane *lane) {
    // Relaxed: says when to join the lane's thread, and the join orders the rest.
    return atomic_load_explicit(&lane->stopped, memory_order_relaxed);
}

bool nt_lane_ready(const nt_lane *lane) {
    return atomic_load_explicit(&lane->ready, memory_order_relaxed);
}

int64_t nt_lane_reconciled_ns(const nt_lane *lane) {
    return atomic_load_explicit(&lane->reconciled_ns, memory_order_relaxed); // As in nt_lane_ready.
}

nt_trading_state nt_lane_trading(const nt_lane *lane) {
    return atomic_load_explicit(&lane->trading, memory_order_relaxed);
}

int64_t nt_lane_last_data_ns(const nt_lane *lane, nt_instrument_id instrument) {
    return atomic_load_explicit(&lane->markets[instrument].last_data_ns, memory_order_relaxed);
}

const nt_histogram *nt_lane_histogram(const nt_lane *lane, uint32_t stage) {
    return lane->histograms[stage];
}

const nt_book *nt_lane_book(const nt_lane *lane, nt_instrument_id instrument) {
    return lane->markets[instrument].book;
}

nt_position nt_lane_position(const nt_lane *lane, nt_instrument_id instrument) {
    return lane->markets[instrument].position;
}

const nt_orders *nt_lane_orders(const nt_lane *lane) { return lane->orders; }

nt_lane_counters nt_lane_get_counters(const nt_lane *lane) {
    nt_lane_counters out;
    static_assert(sizeof out == sizeof lane->counters, "the two lists of counters are the same");
    const _Atomic uint64_t *from = (const _Atomic uint64_t *)&lane->counters;
    uint64_t *to = (uint64_t *)&out;
    for (size_t i = 0; i < sizeof out / sizeof(uint64_t); i++)
        to[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
    return out;
}

static uint64_t fold_position(uint64_t hash, const nt_position *position) {
    const int64_t fields[] = {
        position->lots,   position->cost,      position->realised,
        position->fees,   position->base_fees, position->other_fees,
        position->bought, position->sold,      (int64_t)position->fills,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) hash = nt_fold(hash, fields[i]);
    return hash;
}

uint64_t nt_lane_hash(const nt_lane *lane) {
    uint64_t hash = nt_fold(NT_FOLD_START, (int64_t)nt_orders_hash(lane->orders));
    hash = nt_fold(hash, (int64_t)nt_gate_hash(lane->gate));
    hash = nt_fold(hash, (int64_t)lane->sequence);
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        hash = fold_position(hash, &lane->markets[i].position);
        hash = nt_fold(hash, (int64_t)nt_book_hash(lane->markets[i].book));
    }
    return hash;
}
