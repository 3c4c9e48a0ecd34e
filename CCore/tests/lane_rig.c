// lane_rig.c — the rig of the lane's tests.
#include "lane_rig.h"

static nt_instrument instruments[RIG_MAX_INSTRUMENTS];
static const nt_stream_role roles[RIG_STREAMS] = {NT_ROLE_MARKET, NT_ROLE_ORDERS, NT_ROLE_SNAPSHOT,
                                                  NT_ROLE_WITNESS, NT_ROLE_MARKET};

static void name_instruments(void) {
    for (uint32_t i = 0; i < RIG_MAX_INSTRUMENTS; i++) {
        memset(&instruments[i], 0, sizeof instruments[i]);
        instruments[i].symbol[0] = instruments[i].base[0] = (char)('A' + i);
        instruments[i].quote[0] = 'Q';
        instruments[i].price_decimals = instruments[i].quantity_decimals = 2;
        instruments[i].tick_units = instruments[i].lot_units = 1;
        instruments[i].min_quantity = 1;
    }
}

static void set_limits(nt_gate *gate, uint32_t count) {
    nt_account_limits account = {.max_gross_value = 10000000 * NT_MONEY_ONE,
                                 .max_open_value = 10000000 * NT_MONEY_ONE,
                                 .max_daily_loss = 1000000 * NT_MONEY_ONE,
                                 .max_open_orders = 500,
                                 .max_orders_per_window = 5000,
                                 .order_window_ns = RIG_SECOND,
                                 .max_rejects_per_window = 20,
                                 .reject_window_ns = 60 * RIG_SECOND,
                                 .budget_weight = 1000000,
                                 .budget_reserve = 1000,
                                 .budget_window_ns = 60 * RIG_SECOND};
    nt_instrument_limits limits = {.max_order_lots = 1000,
                                   .max_order_value = 1000000 * NT_MONEY_ONE,
                                   .max_position_lots = 100000,
                                   .collar_ppm = 100000,
                                   .emergency_collar_ppm = 200000,
                                   .emergency_max_age_ms = 600000,
                                   .max_age_ns = 5 * RIG_SECOND,
                                   .allow_short = true};
    nt_gate_set_account(gate, &account);
    for (uint32_t i = 0; i < count; i++) nt_gate_set_instrument(gate, i, &limits);
}

static nt_status wire_send(void *context, uint32_t stream, const uint8_t *bytes, uint32_t length) {
    rig *rig = context;
    NT_ASSERT(stream == RIG_ORDERS);
    if (rig->send_status != NT_OK) return rig->send_status;
    fake_request request;
    memcpy(&request, bytes, sizeof request);
    rig->last_sent = request.request;
    rig->sent[request.request.kind & 7]++;
    const bool places = request.request.kind == NT_REQUEST_PLACE;
    if (places && rig->placed_count < sizeof rig->placed / sizeof *rig->placed)
        rig->placed[rig->placed_count++] = request.request.intent.order;
    fake_venue_take(rig->venue, bytes, length);
    return NT_OK;
}

static void wire_restart(void *context, uint32_t stream, const char *reason) {
    rig *rig = context;
    rig->restarts[stream]++;
    rig->restart_reason = reason;
}

static void give_wishes(rig *rig, nt_intents *intents) {
    for (uint32_t i = 0; i < rig->wishes.count; i++)
        intents->items[intents->count++] = rig->wishes.items[i];
    rig->wishes.count = 0;
}

static void decide(void *context, const nt_lane_view *view, const nt_call *call,
                   nt_intents *intents) {
    rig *rig = context;
    rig->calls++;
    rig->last_event = *call->event;
    if (call->refusal != NULL) {
        rig->refusals_heard++;
        rig->last_heard_refusal = call->refusal->refusal;
    } else if (call->change != NULL) {
        rig->changes_heard++;
        rig->last_change = *call->change;
    } else {
        give_wishes(rig, intents);
    }
    if (rig->act != NULL) rig->act(rig, view, call, intents);
}

void rig_open(rig *rig, uint64_t seed) { rig_open_with(rig, seed, 2); }

void rig_open_with(rig *rig, uint64_t seed, uint32_t count) {
    memset(rig, 0, sizeof *rig);
    name_instruments();
    rig->time = (nt_manual_time){1000 * RIG_SECOND, INT64_C(1700000000) * RIG_SECOND};
    rig->disk = nt_memory_disk_create();
    rig->instruments = count;
    rig->venue = fake_venue_create(seed, count);
    rig->random = nt_random_seeded(seed + 1);
}

static nt_status open_journal(rig *rig) {
    nt_journal_config config = {.directory = "j",
                                .ring_bytes = rig->ring_bytes,
                                .segment_bytes = rig->segment_bytes,
                                .account = {7},
                                .files = rig->files.open != NULL ? rig->files
                                                                 : nt_files_memory(rig->disk),
                                .clock = nt_clock_manual(&rig->time),
                                .durability = rig->durability,
                                .inline_drain = true};
    nt_journal_found found;
    if (config.ring_bytes == 0) config.ring_bytes = 1 << 20;
    if (config.segment_bytes == 0) config.segment_bytes = 1 << 20;
    return nt_journal_open(&config, nt_lane_recover, rig->lane, &found, &rig->journal);
}

static nt_status create_paper(rig *rig) {
    nt_paper_config config = {.instruments = instruments,
                              .instrument_count = rig->instruments,
                              .max_orders = 64,
                              .latency_ns = 5 * RIG_MS,
                              .first_trade = rig->time.wall_ns,
                              .maker_fee_ppm = 1000,
                              .taker_fee_ppm = 1000};
    return nt_paper_create(&config, &rig->paper);
}

static void set_filters(const rig *rig) {
    for (uint32_t i = 0; i < RIG_MAX_INSTRUMENTS; i++) {
        instruments[i].min_notional = rig->min_notional;
        instruments[i].max_notional = rig->max_notional;
    }
}

nt_status rig_start(rig *rig) {
    set_filters(rig);
    nt_command_ring_create(64, &rig->commands);
    nt_bytes_ring_create(1 << 20, &rig->outbox);
    if (rig->with_paper) create_paper(rig);
    nt_feed_config feeds[RIG_STREAMS] = {[RIG_MARKET] = {.group = 1}, [RIG_STANDBY] = {.group = 1}};
    int64_t silences[RIG_MAX_INSTRUMENTS];
    for (uint32_t i = 0; i < RIG_STREAMS; i++) feeds[i].renew_after_ns = rig->renew_after_ns[i];
    for (uint32_t i = 0; i < RIG_MAX_INSTRUMENTS; i++) silences[i] = rig->max_silence_ns;
    nt_lane_config config = {.instruments = instruments,
                             .instrument_count = rig->instruments,
                             .roles = roles,
                             .feeds = feeds,
                             .stream_count = RIG_STREAMS,
                             .max_silence_ns = silences,
                             .book_depth = 64,
                             .max_orders = 512,
                             .instance = 5,
                             .clock = nt_clock_manual(&rig->time),
                             .codec = fake_venue_codec(rig->venue),
                             .wire = {rig, wire_send, wire_restart},
                             .paper = rig->paper,
                             .commands = rig->commands,
                             .outbox = rig->outbox,
                             .limits = rig->limits,
                             .budget = rig->budget,
                             .pulse = rig->pulse,
                             .queue_ns = rig->queue_ns,
                             .agree_gap_ns = rig->agree_gap_ns == 0 ? -1 : rig->agree_gap_ns,
                             .reconcile_every_ns = rig->reconcile_every_ns,
                             .absence_gap_ns = 10 * RIG_SECOND,
                             .strategy = rig,
                             .decide = decide};
    nt_status status = nt_lane_create(&config, &rig->lane);
    if (status != NT_OK) return status;
    set_limits(nt_lane_gate(rig->lane), rig->instruments);
    if (!rig->without_journal) status = open_journal(rig);
    if (status == NT_OK) status = nt_lane_start(rig->lane, rig->journal, NULL);
    return status;
}

void rig_kill(rig *rig) {
    nt_lane_destroy(rig->lane);
    if (rig->journal != NULL) nt_journal_close(rig->journal);
    nt_paper_destroy(rig->paper);
    nt_command_ring_destroy(rig->commands);
    nt_bytes_ring_destroy(rig->outbox);
    fake_venue_hang_up(rig->venue);
    rig->lane = NULL;
    rig->journal = NULL;
    rig->paper = NULL;
}

void rig_close(rig *rig) {
    rig_kill(rig);
    fake_venue_destroy(rig->venue);
    nt_memory_disk_destroy(rig->disk);
}

void rig_connect(rig *rig) {
    nt_lane_stream(rig->lane, RIG_MARKET, NT_STREAM_OPEN, "");
    nt_lane_stream(rig->lane, RIG_ORDERS, NT_STREAM_OPEN, "");
    rig_pump(rig);
}

void rig_disconnect(rig *rig) {
    fake_venue_hang_up(rig->venue);
    nt_lane_stream(rig->lane, RIG_ORDERS, NT_STREAM_WAITING, "test");
    nt_lane_stream(rig->lane, RIG_MARKET, NT_STREAM_WAITING, "test");
}

void rig_run(rig *rig, uint64_t seed) {
    rig_open(rig, seed);
    NT_ASSERT(rig_start(rig) == NT_OK);
    rig_connect(rig);
    rig_market(rig, 40);
}

void rig_tick(rig *rig, int64_t advance_ns) {
    rig->time.monotonic_ns += advance_ns;
    rig->time.wall_ns += advance_ns;
    if (rig->journal != NULL && !rig->undrained) (void)nt_journal_drain(rig->journal);
    (void)nt_lane_tick(rig->lane);
    rig_services(rig);
}

void rig_pump(rig *rig) {
    static uint8_t message[FAKE_MAX_MESSAGE];
    uint32_t length;
    while ((length = fake_venue_next(rig->venue, message, sizeof message)) > 0)
        nt_lane_receive(rig->lane, RIG_ORDERS, NT_NO_INSTRUMENT, message, length,
                        rig->time.monotonic_ns);
    rig_services(rig);
}

void rig_wait(rig *rig, int64_t nanoseconds) {
    for (int64_t passed = 0; passed < nanoseconds; passed += 10 * RIG_MS) {
        rig_tick(rig, 10 * RIG_MS);
        rig_pump(rig);
    }
}

uint32_t rig_subject(const uint8_t *message) {
    nt_event event;
    memcpy(&event, message + sizeof(uint32_t), sizeof event);
    return event.instrument;
}

void rig_market(rig *rig, uint32_t count) {
    static uint8_t message[FAKE_MAX_MESSAGE];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = fake_venue_market(rig->venue, rig->time.wall_ns, message, sizeof message);
        bool frozen = (rig->frozen >> rig_subject(message) & 1) != 0;
        if (!frozen)
            nt_lane_receive(rig->lane, RIG_MARKET, NT_NO_INSTRUMENT, message, length,
                            rig->time.monotonic_ns);
        if (!frozen && rig->with_standby)
            nt_lane_receive(rig->lane, RIG_STANDBY, NT_NO_INSTRUMENT, message, length,
                            rig->time.monotonic_ns);
        rig_pump(rig);
        rig_tick(rig, RIG_MS);
    }
}

void rig_event(rig *rig, uint32_t stream, const nt_event *event) {
    static uint8_t message[FAKE_MAX_MESSAGE];
    uint32_t length = fake_message(event, 1, message, sizeof message);
    nt_lane_receive(rig->lane, stream, event->instrument, message, length, rig->time.monotonic_ns);
    rig_services(rig);
}

void rig_report(rig *rig, nt_report report) {
    nt_event event = {.kind = NT_EVENT_REPORT};
    event.as.report = report;
    rig_event(rig, RIG_ORDERS, &event);
}

void rig_quote(rig *rig, uint32_t instrument, int64_t id, int64_t bid, int64_t ask) {
    nt_event event = {
        .kind = NT_EVENT_QUOTE, .instrument = instrument, .venue_ns = rig->time.wall_ns};
    event.as.quote = (nt_quote){.id = id, .bid = {bid, 10}, .ask = {ask, 10}};
    rig_event(rig, RIG_MARKET, &event);
}

static void fetch(rig *rig, nt_instrument_id instrument) {
    static uint8_t body[FAKE_MAX_MESSAGE];
    uint32_t length = fake_venue_snapshot(rig->venue, instrument, body, sizeof body);
    rig->snapshots_wanted++;
    nt_lane_receive(rig->lane, RIG_SNAPSHOT, instrument, body, length, rig->time.monotonic_ns);
}

static void fetch_witness(rig *rig, nt_instrument_id instrument) {
    static uint8_t body[FAKE_MAX_MESSAGE];
    rig->witnesses_wanted++;
    if (rig->mute_witness) return;
    if (rig->no_witness) {
        nt_lane_witness_failed(rig->lane, instrument);
        return;
    }
    uint32_t length = fake_venue_snapshot(rig->venue, instrument, body, sizeof body);
    nt_lane_receive(rig->lane, RIG_WITNESS, instrument, body, length, rig->time.monotonic_ns);
}

static void note(rig *rig, const nt_notice *notice) {
    switch (notice->kind) {
    case NT_NOTICE_ALARM:
        rig->alarms++;
        rig->last_alarm = *notice;
        break;
    case NT_NOTICE_TRADING:
        rig->last_trading = *notice;
        break;
    case NT_NOTICE_REFUSED:
        rig->refused++;
        rig->last_refusal = *notice;
        break;
    case NT_NOTICE_ORDER:
        rig->orders_told++;
        rig->last_told = notice->change;
        break;
    case NT_NOTICE_SYNC:
        rig->stale_told += notice->value == NT_SYNC_STALE;
        break;
    default:
        break;
    }
}

void rig_services(rig *rig) {
    uint32_t length;
    const uint8_t *bytes;
    while ((bytes = nt_bytes_ring_peek(rig->outbox, &length)) != NULL) {
        nt_notice notice;
        memcpy(&notice, bytes, sizeof notice);
        nt_bytes_ring_release(rig->outbox);
        if (notice.kind == NT_NOTICE_SNAPSHOT_WANTED)
            fetch(rig, notice.instrument);
        else if (notice.kind == NT_NOTICE_WITNESS_WANTED)
            fetch_witness(rig, notice.instrument);
        else
            note(rig, &notice);
    }
}

static nt_order_key newest_order(const rig *rig) {
    const nt_orders *orders = nt_lane_orders(rig->lane);
    nt_order_key newest = 0;
    for (uint32_t i = 0; i < nt_orders_capacity(orders); i++) {
        const nt_order *order = nt_orders_at(orders, i);
        if (order != NULL && order->intent.order > newest) newest = order->intent.order;
    }
    return newest;
}

nt_order_key rig_place(rig *rig, nt_side side, int64_t price, int64_t quantity,
                       nt_time_in_force tif) {
    nt_order_key before = newest_order(rig);
    rig->wishes.items[rig->wishes.count++] = (nt_intent){.kind = NT_INTENT_PLACE,
                                                         .price = price,
                                                         .quantity = quantity,
                                                         .side = side,
                                                         .type = NT_LIMIT,
                                                         .tif = tif};
    while (rig->wishes.count > 0) rig_market(rig, 1);
    nt_order_key after = newest_order(rig);
    return after != before ? after : 0;
}

void rig_cancel(rig *rig, nt_order_key key) {
    const nt_order *order = nt_orders_find(nt_lane_orders(rig->lane), key);
    rig->wishes.items[rig->wishes.count++] =
        (nt_intent){.kind = NT_INTENT_CANCEL, .order = key, .instrument = order->intent.instrument};
    while (rig->wishes.count > 0) rig_market(rig, 1);
}

uint64_t rig_command(rig *rig, uint32_t kind, nt_instrument_id instrument) {
    nt_command command = {.kind = kind, .instrument = instrument, .reason = "test"};
    NT_ASSERT(nt_command_send(rig->commands, &command) == NT_OK);
    return command.ticket;
}

int32_t rig_answer(rig *rig, uint64_t ticket) {
    nt_answer answer;
    while (nt_answer_take(rig->commands, &answer) == NT_OK)
        if (answer.ticket == ticket) return answer.status;
    return 1;
}

nt_order_state rig_state(const rig *rig, nt_order_key key) {
    const nt_order *order = nt_orders_find(nt_lane_orders(rig->lane), key);
    return order == NULL ? NT_ORDER_NONE : order->state;
}

int64_t rig_lots(const rig *rig, nt_instrument_id instrument) {
    return nt_lane_position(rig->lane, instrument).lots;
}
