// journal_fixture.c — random records, appended through the journal itself.
#include "journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>

#include "nt/order_id.h"
#include "nt/random.h"
#include "nt/records.h"

enum { INSTRUMENTS = 4, KEYS = 60, SECOND = 1000000000 };

struct journal_fixture {
    nt_journal *journal;
    nt_random random;
    nt_manual_time time;
    uint32_t instruments;
    uint32_t epoch;
    uint64_t orders; ///< Keys given in this run.
    int64_t trades;  ///< Trade ids given.
};

static uint64_t below(journal_fixture *fixture, uint64_t bound) {
    return nt_random_below(&fixture->random, bound);
}

static bool append(journal_fixture *fixture, nt_record_kind kind, const void *payload,
                   size_t length) {
    fixture->time.wall_ns += (int64_t)below(fixture, SECOND);
    return nt_journal_append(fixture->journal, kind, 0, payload, (uint32_t)length) == NT_OK;
}

static bool append_instrument(journal_fixture *fixture, uint32_t slot) {
    nt_record_instrument record = {.slot = slot};
    snprintf(record.instrument.symbol, sizeof record.instrument.symbol, "COIN%uUSDT", slot);
    snprintf(record.instrument.base, sizeof record.instrument.base, "COIN%u", slot);
    memcpy(record.instrument.quote, "USDT", sizeof "USDT");
    record.instrument.price_decimals = 2;
    record.instrument.quantity_decimals = 5;
    record.instrument.tick_units = record.instrument.lot_units = 1 + slot;
    record.instrument.min_quantity = 1;
    nt_record_limits limits = {.instrument = slot, .limits = {.max_order_lots = 5 + slot}};
    return append(fixture, NT_RECORD_INSTRUMENT, &record, sizeof record) &&
           append(fixture, NT_RECORD_LIMITS, &limits, sizeof limits);
}

static bool begin(journal_fixture *fixture) {
    nt_record_start start = {
        .epoch = fixture->epoch, .instance = 7, .instrument_count = fixture->instruments};
    nt_record_limits limits = {.instrument = NT_NO_INSTRUMENT,
                               .account = {.max_gross_value = 100 * NT_MONEY_ONE}};
    bool good = append(fixture, NT_RECORD_START, &start, sizeof start) &&
                append(fixture, NT_RECORD_LIMITS, &limits, sizeof limits);
    for (uint32_t i = 0; good && i < fixture->instruments; i++)
        good = append_instrument(fixture, i);
    return good && nt_journal_drain(fixture->journal) == NT_OK;
}

journal_fixture *journal_fixture_open(const char *directory, uint64_t seed, uint8_t account,
                                      uint32_t instruments) {
    journal_fixture *fixture = calloc(1, sizeof *fixture);
    if (fixture == NULL || instruments == 0 || instruments > INSTRUMENTS) abort();
    fixture->random = nt_random_seeded(seed);
    fixture->instruments = instruments;
    fixture->trades = (int64_t)(seed << 32);
    fixture->time = (nt_manual_time){1, INT64_C(1700000000) * SECOND};
    nt_journal_config config = {.directory = directory,
                                .ring_bytes = 1 << 16,
                                .segment_bytes = 1 << 16,
                                .files = nt_files_system(),
                                .clock = nt_clock_manual(&fixture->time),
                                .inline_drain = true};
    memset(config.account, account, sizeof config.account);
    if (nt_journal_open(&config, NULL, NULL, NULL, &fixture->journal) == NT_OK) {
        fixture->epoch = nt_journal_epoch(fixture->journal);
        if (begin(fixture)) return fixture;
        nt_journal_close(fixture->journal);
    }
    free(fixture);
    return NULL;
}

/// Mostly one of the newest keys; now and then one of an earlier run, or of nobody.
static nt_order_key some_key(journal_fixture *fixture) {
    uint64_t back = below(fixture, KEYS);
    uint32_t epoch = fixture->epoch;
    if (below(fixture, 20) == 0 && epoch > 1) epoch--;
    return nt_order_key_make(epoch, fixture->orders > back ? fixture->orders - back : 1);
}

static nt_intent some_intent(journal_fixture *fixture) {
    nt_intent intent = {.order = some_key(fixture),
                        .price = 1 + (int64_t)below(fixture, 1000),
                        .quantity = 1 + (int64_t)below(fixture, 20),
                        .tag = nt_random_next(&fixture->random),
                        .instrument = (uint32_t)below(fixture, fixture->instruments),
                        .strategy = below(fixture, 5) == 0 ? NT_OPERATOR : 0,
                        .kind = (nt_intent_kind)below(fixture, NT_INTENT_KIND_COUNT),
                        .side = (nt_side)below(fixture, 2),
                        .type = (nt_order_type)below(fixture, NT_ORDER_TYPE_COUNT),
                        .tif = (nt_time_in_force)below(fixture, NT_TIF_COUNT),
                        .flags = (uint8_t)below(fixture, 2)};
    if (intent.type == NT_STOP_MARKET || intent.type == NT_STOP_LIMIT) intent.stop_price = 500;
    if (intent.type == NT_MARKET || intent.type == NT_STOP_MARKET) intent.price = 0;
    return intent;
}

static bool append_verdict(journal_fixture *fixture) {
    nt_record_verdict record = {.intent = some_intent(fixture), .reference = 500};
    if (record.intent.kind == NT_INTENT_PLACE)
        record.intent.order = nt_order_key_make(fixture->epoch, ++fixture->orders);
    record.verdict.refusal = (nt_refusal)below(fixture, NT_REFUSAL_COUNT);
    if (below(fixture, 3) > 0) record.verdict.refusal = NT_PASS;
    record.verdict.value = (int64_t)below(fixture, 1000);
    record.verdict.limit = (int64_t)below(fixture, 1000);
    return append(fixture, NT_RECORD_VERDICT, &record, sizeof record);
}

static bool append_report(journal_fixture *fixture) {
    nt_record_report record = {.instrument = (uint32_t)below(fixture, fixture->instruments)};
    nt_report *report = &record.report;
    report->order = some_key(fixture);
    report->evidence = (nt_evidence)(1 + below(fixture, NT_EVIDENCE_COUNT - 1));
    if (below(fixture, 2) == 0) report->evidence = NT_EVIDENCE_FILL;
    report->side = (nt_side)below(fixture, 2);
    report->cumulative = (int64_t)below(fixture, 20) - 1;
    report->quantity = (int64_t)below(fixture, 20);
    report->venue_order = (int64_t)below(fixture, 1000);
    report->code = -(int32_t)below(fixture, 3);
    if (report->evidence == NT_EVIDENCE_FILL) {
        record.position_takes = 1;
        report->trade = ++fixture->trades;
        report->last_price = 1 + (int64_t)below(fixture, 1000);
        report->last_quantity = 1 + (int64_t)below(fixture, 5);
        report->fee = (nt_money)below(fixture, 1000);
        snprintf(report->fee_asset, sizeof report->fee_asset, "%s",
                 below(fixture, 2) == 0 ? "USDT" : "BNB");
        report->is_maker = (uint8_t)below(fixture, 2);
    }
    return append(fixture, NT_RECORD_REPORT, &record, sizeof record);
}

static bool append_order(journal_fixture *fixture) {
    if (below(fixture, 2) == 0) {
        nt_record_step step = {.order = some_key(fixture),
                               .event = (nt_order_event)below(fixture, NT_ORDER_EVENT_COUNT)};
        return append(fixture, NT_RECORD_STEP, &step, sizeof step);
    }
    if (below(fixture, 3) > 0) {
        nt_request request = {.intent = some_intent(fixture)};
        request.kind = (nt_request_kind)below(fixture, NT_REQUEST_QUERY);
        return append(fixture, NT_RECORD_REQUEST, &request, sizeof request);
    }
    nt_order order = {.intent = some_intent(fixture), .state = NT_ORDER_LIVE};
    order.intent.kind = NT_INTENT_PLACE;
    order.intent.type = NT_LIMIT;
    return append(fixture, NT_RECORD_RESTORE, &order, sizeof order);
}

static bool append_other(journal_fixture *fixture) {
    if (below(fixture, 3) > 0) {
        nt_record_change change = {.subject = 0, .state = (uint32_t)below(fixture, 3)};
        return append(fixture, NT_RECORD_SYNC, &change, sizeof change);
    }
    nt_record_state state = {.state = (uint32_t)below(fixture, 3), .reason = "drawn"};
    state.instrument = below(fixture, 2) == 0 ? NT_NO_INSTRUMENT : 0;
    return append(fixture, NT_RECORD_STATE, &state, sizeof state);
}

bool journal_fixture_run(journal_fixture *fixture, uint32_t count) {
    bool good = true;
    for (uint32_t i = 0; good && i < count; i++) {
        uint64_t draw = below(fixture, 10);
        if (draw < 4)
            good = append_verdict(fixture);
        else if (draw < 7)
            good = append_report(fixture);
        else if (draw < 9)
            good = append_order(fixture);
        else
            good = append_other(fixture);
        if (i % 200 == 199) good = good && nt_journal_drain(fixture->journal) == NT_OK;
    }
    return good && nt_journal_drain(fixture->journal) == NT_OK;
}

static bool append_equity(journal_fixture *fixture, uint32_t slot) {
    nt_record_equity record = {.instrument = slot,
                               .lots = (int64_t)below(fixture, 9) - 4,
                               .mark = (int64_t)below(fixture, 1000),
                               .realised = (nt_money)below(fixture, NT_MONEY_ONE),
                               .unrealised = -(nt_money)below(fixture, NT_MONEY_ONE),
                               .fees = (nt_money)below(fixture, 1000)};
    return append(fixture, NT_RECORD_EQUITY, &record, sizeof record);
}

bool journal_fixture_stop(journal_fixture *fixture) {
    for (uint32_t i = 0; i < fixture->instruments; i++)
        if (!append_equity(fixture, i)) return false;
    nt_record_stop stop = {.hash = nt_random_next(&fixture->random)};
    return append(fixture, NT_RECORD_STOP, &stop, sizeof stop) &&
           nt_journal_drain(fixture->journal) == NT_OK;
}

void journal_fixture_close(journal_fixture *fixture) {
    nt_journal_close(fixture->journal);
    free(fixture);
}

void journal_fixture_use_files_as(uint32_t user) { (void)setfsuid(user); }
