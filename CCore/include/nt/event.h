// event.h — one thing that happened, as the lane sees it.
//
// A decoder turns bytes into events; clock, commands and connections make the others. Plain
// values, no ownership: the pointers in `depth` borrow the decoder's scratch space and are valid
// until its next call.
#ifndef NT_EVENT_H
#define NT_EVENT_H

#include "nt/types.h"

/// Key of one of our orders: epoch (20 bits) and sequence (44 bits); 0 is "none". See order_id.h.
typedef uint64_t nt_order_key;

enum { ///< nt_event_kind
    NT_EVENT_NONE = 0,
    NT_EVENT_DEPTH = 1,     ///< Changed levels: as.depth, chained by update ids.
    NT_EVENT_SNAPSHOT = 2,  ///< Whole book: as.depth, last_id only.
    NT_EVENT_QUOTE = 3,     ///< Best bid and ask: as.quote.
    NT_EVENT_TRADE = 4,     ///< Public trade: as.trade.
    NT_EVENT_REPORT = 5,    ///< Evidence about an order: as.report.
    NT_EVENT_BALANCE = 6,   ///< Absolute balance of one asset: as.balance.
    NT_EVENT_SESSION = 7,   ///< Answer to a greeting step, or its end: as.session.
    NT_EVENT_STREAM = 8,    ///< A connection changed state: as.stream.
    NT_EVENT_CLOCK = 9,     ///< The lane looked at its clock (timers, staleness).
    NT_EVENT_COMMAND = 10,  ///< A command from the brain or the operator was taken.
    NT_EVENT_USAGE = 11,    ///< The venue told how much of a rate limit is used: as.usage.
    NT_EVENT_NOTICE = 12,   ///< The venue announced a restart.
    NT_EVENT_ANSWERED = 13, ///< A query or listing is complete: as.answer; comes after its reports.
    NT_EVENT_KIND_COUNT = 14
};
typedef uint8_t nt_event_kind;

enum { ///< nt_evidence: what a report proves about an order.
    NT_EVIDENCE_NONE = 0,
    NT_EVIDENCE_ACK = 1,     ///< The venue has it open (answer to the submit, or stream NEW).
    NT_EVIDENCE_REFUSED = 2, ///< A definite refusal of the submit, by documented code.
    NT_EVIDENCE_FILL = 3,    ///< One trade of the order: trade, last_price, last_quantity, fee.
    NT_EVIDENCE_CANCELED = 4,
    NT_EVIDENCE_EXPIRED = 5,
    NT_EVIDENCE_REJECTED = 6,     ///< Unsolicited rejection on the stream.
    NT_EVIDENCE_FOUND_OPEN = 7,   ///< A query found it open; cumulative says how much is filled.
    NT_EVIDENCE_FOUND_FILLED = 8, ///< A query found it closed …
    NT_EVIDENCE_FOUND_CANCELED = 9,
    NT_EVIDENCE_FOUND_EXPIRED = 10,
    NT_EVIDENCE_FOUND_REJECTED = 11,
    NT_EVIDENCE_NOT_FOUND = 12,    ///< A query did not find it. Not proof of absence by itself.
    NT_EVIDENCE_UNCERTAIN = 13,    ///< 5xx, -1007, unparsable answer: the outcome is unknown.
    NT_EVIDENCE_DUPLICATE_ID = 14, ///< The venue already has this id: the first send worked.
    NT_EVIDENCE_CANCEL_REFUSED =
        15, ///< The cancel found nothing open: filled, cancelled or lagging.
    NT_EVIDENCE_CANCEL_UNCERTAIN = 16,
    NT_EVIDENCE_AMENDED = 17, ///< quantity holds the new total quantity.
    NT_EVIDENCE_AMEND_REFUSED = 18,
    NT_EVIDENCE_UNKNOWN_STATE = 19, ///< The venue used a state name this version does not know.
    NT_EVIDENCE_COUNT = 20
};
typedef uint8_t nt_evidence;

/// Levels changed between two update ids. previous_id is -1 where the venue states none (then
/// first_id chains: first_id <= known id + 1); where it is stated, it must equal the known id.
typedef struct nt_depth {
    int64_t first_id, last_id, previous_id;
    const nt_level *bids, *asks; ///< Borrowed; any order.
    uint32_t bid_count, ask_count;
} nt_depth;

typedef struct nt_quote {
    int64_t id;        ///< Update id; must not go backwards.
    nt_level bid, ask; ///< A quantity of zero: that side is empty.
} nt_quote;

typedef struct nt_trade {
    int64_t id;
    int64_t price, quantity;
    nt_side aggressor; ///< Side of the taker.
} nt_trade;

typedef struct nt_report {
    nt_order_key order;      ///< 0 when the client id is not ours.
    uint64_t client_hash;    ///< FNV-1a of the client id's text; tells foreign orders apart.
    int64_t venue_order;     ///< Venue's order id, 0 when not stated.
    int64_t trade;           ///< Venue's trade id, 0 when none.
    int64_t price, quantity; ///< Order's limit price and total quantity; 0 = not stated.
    int64_t last_price, last_quantity; ///< This trade.
    int64_t cumulative;                ///< Total filled as the venue states it, -1 = not stated.
    nt_money fee;                      ///< Of this trade, units of 1e-8 of fee_asset.
    char fee_asset[12];
    int32_t code; ///< Venue's error code, 0 = none.
    nt_evidence evidence;
    nt_side side;
    uint8_t is_maker;
    uint8_t from_query; ///< 1 when it answers a query or a listing.
} nt_report;

typedef struct nt_balance {
    char asset[12];
    nt_money free, locked; ///< Units of 1e-8 of the asset.
} nt_balance;

/// Not accepted on an order connection that is logged on: the log-on has ended.
typedef struct nt_session {
    uint32_t step; ///< Greeting step that is answered.
    int32_t code;  ///< Venue's error code, 0 = none.
    uint8_t accepted;
} nt_session;

/// End of an answer to QUERY, OPEN_ORDERS or FILLS, after the reports it contains (if any).
typedef struct nt_answer_end {
    uint8_t request;  ///< nt_request_kind (intent.h).
    uint8_t accepted; ///< 0: the venue refused; nothing was listed.
    uint16_t reserved;
    uint32_t count;     ///< Rows in the answer.
    int64_t last_trade; ///< FILLS: highest trade id listed, 0 = none.
    int32_t code;       ///< Venue's error code, 0 = none.
} nt_answer_end;

typedef struct nt_stream_change {
    uint8_t state; ///< nt_stream_state of stream.h.
} nt_stream_change;

typedef struct nt_usage {
    int32_t used, limit;    ///< Of the window; limit 0 = not stated.
    int64_t retry_after_ms; ///< Wall time from which requests are allowed again; 0 = now.
    uint8_t is_orders;      ///< 1: order count, 0: request weight.
    uint8_t banned;         ///< 1: the venue has banned this address (HTTP 418).
} nt_usage;

typedef struct nt_event {
    uint64_t sequence;           ///< The lane's; set by the lane, +1 each.
    int64_t received_ns;         ///< Monotonic clock, when the bytes arrived.
    int64_t venue_ns;            ///< Venue's event time, UTC; 0 when not stated.
    nt_instrument_id instrument; ///< NT_NO_INSTRUMENT where it concerns none.
    uint16_t stream;             ///< Lane's stream slot.
    nt_event_kind kind;
    uint8_t reserved;
    union {
        nt_depth depth;
        nt_quote quote;
        nt_trade trade;
        nt_report report;
        nt_balance balance;
        nt_session session;
        nt_stream_change stream;
        nt_usage usage;
        nt_answer_end answer;
    } as;
} nt_event;

#endif
