// lane_limits.c — new limits while trading: the whole table comes through a cell, by version.
//
// All or nothing. A limit that is set may change and never be unset: unset refuses every order,
// which is what a halt is for.
#include "lane_internal.h"

#include <string.h>

#include "nt/cell.h"

enum { ACCOUNT_LIMITS = 11, INSTRUMENT_LIMITS = 7 };

/// What must be positive to be set; the duplicate window alone may be off.
static void account_values(const nt_account_limits *limits, int64_t out[ACCOUNT_LIMITS]) {
    const int64_t values[ACCOUNT_LIMITS] = {
        limits->max_gross_value,        limits->max_open_value,   limits->max_daily_loss,
        limits->max_open_orders,        limits->order_window_ns,  limits->max_orders_per_window,
        limits->max_rejects_per_window, limits->reject_window_ns, limits->budget_weight,
        limits->budget_reserve,         limits->budget_window_ns,
    };
    memcpy(out, values, sizeof values);
}

static void instrument_values(const nt_instrument_limits *limits, int64_t out[INSTRUMENT_LIMITS]) {
    const int64_t values[INSTRUMENT_LIMITS] = {
        limits->max_order_lots,       limits->max_order_value,      limits->max_position_lots,
        limits->collar_ppm,           limits->emergency_collar_ppm, limits->max_age_ns,
        limits->emergency_max_age_ms,
    };
    memcpy(out, values, sizeof values);
}

/// Whether a value that was set would not be any more, or would be negative.
static bool unsets(const int64_t *before, const int64_t *after, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (after[i] < 0 || (before[i] > 0 && after[i] == 0)) return true;
    return false;
}

static bool account_unsets(const nt_lane *lane, const nt_account_limits *wanted) {
    int64_t before[ACCOUNT_LIMITS], after[ACCOUNT_LIMITS];
    nt_account_limits now = nt_gate_account(lane->gate);
    account_values(&now, before);
    account_values(wanted, after);
    return wanted->duplicate_window_ns < 0 || unsets(before, after, ACCOUNT_LIMITS);
}

static bool any_unsets(const nt_lane *lane, const nt_lane_limits *wanted) {
    if (account_unsets(lane, &wanted->account)) return true;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        int64_t before[INSTRUMENT_LIMITS], after[INSTRUMENT_LIMITS];
        nt_instrument_limits now = nt_gate_instrument(lane->gate, i);
        instrument_values(&now, before);
        instrument_values(&wanted->instruments[i], after);
        if (unsets(before, after, INSTRUMENT_LIMITS)) return true;
    }
    return false;
}

static bool same_instrument(const nt_instrument_limits *a, const nt_instrument_limits *b) {
    int64_t left[INSTRUMENT_LIMITS], right[INSTRUMENT_LIMITS];
    instrument_values(a, left);
    instrument_values(b, right);
    return memcmp(left, right, sizeof left) == 0 && a->allow_short == b->allow_short;
}

static bool same_account(const nt_account_limits *a, const nt_account_limits *b) {
    int64_t left[ACCOUNT_LIMITS], right[ACCOUNT_LIMITS];
    account_values(a, left);
    account_values(b, right);
    return memcmp(left, right, sizeof left) == 0 &&
           a->duplicate_window_ns == b->duplicate_window_ns;
}

/// Field by field: a copy of the whole takes the bytes behind the last one along, which may be
/// anything, and a journal of the same decisions must be the same to the last byte.
static void copy_fields(nt_instrument_limits *to, const nt_instrument_limits *from) {
    to->max_order_lots = from->max_order_lots;
    to->max_order_value = from->max_order_value;
    to->max_position_lots = from->max_position_lots;
    to->collar_ppm = from->collar_ppm;
    to->emergency_collar_ppm = from->emergency_collar_ppm;
    to->max_age_ns = from->max_age_ns;
    to->allow_short = from->allow_short;
    to->emergency_max_age_ms = from->emergency_max_age_ms;
}

void lane_journal_limits(nt_lane *lane, nt_instrument_id instrument) {
    nt_record_limits record;
    memset(&record, 0, sizeof record);
    record.instrument = instrument;
    record.account = nt_gate_account(lane->gate);
    if (instrument != NT_NO_INSTRUMENT) {
        const nt_instrument_limits limits = nt_gate_instrument(lane->gate, instrument);
        copy_fields(&record.limits, &limits);
    }
    lane_journal(lane, NT_RECORD_LIMITS, &record, sizeof record);
}

/// Only what changes is set and journaled.
static void take_over(nt_lane *lane, const nt_lane_limits *wanted) {
    nt_account_limits account = nt_gate_account(lane->gate);
    if (!same_account(&account, &wanted->account)) {
        nt_gate_set_account(lane->gate, &wanted->account);
        lane_journal_limits(lane, NT_NO_INSTRUMENT);
    }
    for (uint32_t i = 0; i < lane->config.instrument_count; i++) {
        nt_instrument_limits now = nt_gate_instrument(lane->gate, i);
        if (same_instrument(&now, &wanted->instruments[i])) continue;
        nt_gate_set_instrument(lane->gate, i, &wanted->instruments[i]);
        lane_journal_limits(lane, i);
    }
}

nt_status lane_take_limits(nt_lane *lane, uint32_t version) {
    if (lane->config.limits == NULL) return NT_UNSUPPORTED;
    uint64_t found = 0;
    const nt_lane_limits *wanted = nt_cell_read(lane->config.limits, &found);
    if (found == 0 || (uint32_t)found != version) return NT_STALE;
    if (any_unsets(lane, wanted)) return NT_REFUSED;
    take_over(lane, wanted);
    return NT_OK;
}
