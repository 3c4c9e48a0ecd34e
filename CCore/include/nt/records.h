// records.h — payloads of the journal's records, fixed layouts, integers only, little endian.
//
// Also change: docs/journal.md and nt_lane_recover when a layout changes, NT_JOURNAL_FORMAT and
// NT_RING_FORMAT.
#ifndef NT_RECORDS_H
#define NT_RECORDS_H

#include "nt/command.h"
#include "nt/gate.h"
#include "nt/journal.h"
#include "nt/order.h"

/// START: a run begins.
typedef struct nt_record_start {
    uint32_t epoch, instance, instrument_count, reserved;
} nt_record_start;

/// VERDICT: an intent and what the gate said of it.
typedef struct nt_record_verdict {
    nt_intent intent;
    nt_verdict verdict;
    int64_t reference; ///< Ticks at which a market order was valued.
} nt_record_verdict;

/// STEP: an order moved without a report.
typedef struct nt_record_step {
    nt_order_key order;
    nt_order_event event;
    uint8_t reserved[7];
} nt_record_step;

/// REPORT: evidence taken, in the order in which it was applied.
typedef struct nt_record_report {
    nt_report report;
    nt_instrument_id instrument;
    uint32_t position_takes; ///< 1: the position took the trade.
} nt_record_report;

/// RESOLUTION: the operator's word on an order that nothing proved.
typedef struct nt_record_resolution {
    nt_order_key order;
    int64_t filled; ///< Lots said to be traded; -1: not said.
    nt_order_state as, before, after;
    uint8_t reserved[5];
    char reason[NT_COMMAND_REASON_SIZE]; ///< Who and why.
} nt_record_resolution;

/// STATE: a trading state changed; NT_NO_INSTRUMENT for the account.
typedef struct nt_record_state {
    nt_instrument_id instrument;
    uint32_t state;
    char reason[112];
} nt_record_state;

/// LIMITS: of the account (NT_NO_INSTRUMENT) or of one instrument.
typedef struct nt_record_limits {
    nt_instrument_id instrument;
    uint32_t reserved;
    nt_account_limits account;
    nt_instrument_limits limits;
} nt_record_limits;

/// INSTRUMENT: what a slot held in this run.
typedef struct nt_record_instrument {
    nt_instrument_id slot;
    uint32_t reserved;
    nt_instrument instrument;
} nt_record_instrument;

/// STREAM and SYNC: a connection or a book changed state.
typedef struct nt_record_change {
    uint32_t subject; ///< Stream slot, or instrument slot.
    uint32_t state;
} nt_record_change;

/// LISTED: every trade of the instrument up to this id is counted or not ours.
typedef struct nt_record_listed {
    nt_instrument_id instrument;
    uint32_t reserved;
    int64_t trade;
} nt_record_listed;

/// CLOCK: a day began (UTC), with the profit that it starts from.
typedef struct nt_record_day {
    int64_t day; ///< Days since 1970.
    nt_money start_profit;
} nt_record_day;

/// EQUITY: once a minute and before a clean end, for each instrument that was ever traded.
typedef struct nt_record_equity {
    nt_instrument_id instrument;
    uint32_t reserved;
    int64_t lots;
    int64_t mark; ///< Ticks at which it could be closed; 0: no price yet.
    nt_money realised, unrealised, fees;
} nt_record_equity;

/// STOP: a clean end.
typedef struct nt_record_stop {
    uint64_t hash;
} nt_record_stop;

#endif
