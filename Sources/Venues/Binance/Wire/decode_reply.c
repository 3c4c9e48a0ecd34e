// decode_reply.c — replies of the WebSocket API, matched by the ids of our own requests.
//
// An error proves something only when its code is in the table of definite refusals and its
// status is below 500. Anything else leaves the outcome open. Whatever a message says of rate
// limits comes after what it says of orders.
#include <string.h>

#include "order_state.h"
#include "request_id.h"
#include "wire.h"

typedef struct {
    bn_wire *wire;
    bn_request_id id;
    const bn_object *fields;
    int64_t status;         ///< As in HTTP.
    int32_t code;           ///< Of the error; 0 = none.
    bool duplicate;         ///< The error's text says so.
    int64_t retry_after_ms; ///< Wall time; 0 = not stated.
    bn_out *out;
} reply;

/// An order as replies and listings state it.
typedef struct {
    int64_t venue_order, price, quantity, executed, venue_ns;
    nt_side side;
    bn_order_state state;
    bn_value client;
} order_row;

static nt_report *emit(const reply *r, nt_instrument_id slot, int64_t venue_ns,
                       nt_evidence evidence) {
    nt_report *report = &bn_emit(r->out, NT_EVENT_REPORT, slot, venue_ns)->as.report;
    report->evidence = evidence;
    report->cumulative = -1;
    report->order = r->id.order;
    if (r->id.client != NULL) {
        report->client_hash = nt_order_id_hash(r->id.client, NT_ORDER_ID_LENGTH);
    }
    report->code = r->code;
    return report;
}

static void emit_answer(const reply *r, nt_request_kind request, uint32_t count, int64_t last_trade,
                        bool accepted) {
    bn_emit(r->out, NT_EVENT_ANSWERED, r->id.slot, 0)->as.answer =
        (nt_answer_end){.request = request,
                        .accepted = accepted,
                        .count = count,
                        .last_trade = last_trade,
                        .code = r->code};
}

// --- orders ------------------------------------------------------------------------------------

/// `quantity_name` is "origQty", or "qty" after an amend.
static nt_status read_row(const reply *r, nt_instrument_id slot, const bn_object *fields,
                          const char *quantity_name, order_row *row) {
    const bn_wire *wire = r->wire;
    bn_reader reader = {NULL, NT_OK};
    if (bn_read_symbol(wire, &reader, bn_object_get(fields, "symbol")) != slot) return NT_INVALID;
    const bn_value *time = bn_object_get(fields, "transactTime");
    if (time->kind == BN_NONE) time = bn_object_get(fields, "updateTime");
    row->venue_ns = time->kind != BN_NONE ? bn_read_time(&reader, time) : 0;
    row->venue_order = bn_read_id(&reader, bn_object_get(fields, "orderId"));
    row->price = bn_read_price(&reader, bn_object_get(fields, "price"));
    row->quantity = bn_read_quantity(&reader, bn_object_get(fields, quantity_name));
    row->executed = bn_read_quantity(&reader, bn_object_get(fields, "executedQty"));
    row->side = bn_read_side(&reader, bn_object_get(fields, "side"));
    const bn_value *state = bn_object_get(fields, "status");
    row->client = *bn_object_get(fields, "clientOrderId");
    if (state->kind != BN_STRING || row->client.kind != BN_STRING) return NT_INVALID;
    row->state = bn_order_state_read(state);
    return reader.status;
}

static nt_report *emit_row(const reply *r, nt_instrument_id slot, const order_row *row,
                           nt_evidence evidence) {
    nt_report *report = emit(r, slot, row->venue_ns, evidence);
    report->venue_order = row->venue_order;
    report->price = row->price;
    report->quantity = row->quantity;
    report->cumulative = row->executed;
    report->side = row->side;
    return report;
}

/// True when the text is the client id that the request was about.
static bool is_own_id(const reply *r, const bn_value *client) {
    return client->kind == BN_STRING && client->length == NT_ORDER_ID_LENGTH &&
           memcmp(client->text, r->id.client, NT_ORDER_ID_LENGTH) == 0;
}

/// Trades listed in a place reply. *sum is their quantity.
static nt_status decode_fills(const reply *r, const order_row *row, const bn_value *fills,
                              int64_t *sum) {
    bn_cursor cursor = bn_array_begin(fills);
    bn_value value;
    *sum = 0;
    while (bn_array_next(&cursor, &value)) {
        bn_object fields;
        bn_reader reader = {&r->wire->instruments[r->id.slot], NT_OK};
        const nt_status status = bn_object_read(&value, &fields);
        if (status != NT_OK) return status;
        nt_report *report = emit_row(r, r->id.slot, row, NT_EVIDENCE_FILL);
        report->cumulative = -1;
        report->trade = bn_read_id(&reader, bn_object_get(&fields, "tradeId"));
        report->last_price = bn_read_price(&reader, bn_object_get(&fields, "price"));
        report->last_quantity = bn_read_quantity(&reader, bn_object_get(&fields, "qty"));
        report->fee = bn_read_money(&reader, bn_object_get(&fields, "commission"));
        bn_read_asset(&reader, bn_object_get(&fields, "commissionAsset"), report->fee_asset);
        if (reader.status != NT_OK) return reader.status;
        if (report->last_price == 0 || report->last_quantity == 0) return NT_INVALID;
        if (__builtin_add_overflow(*sum, report->last_quantity, sum)) return NT_OVERFLOW;
    }
    return NT_OK;
}

/// After ACK and trades: what the order's state adds to them.
static void emit_end_state(const reply *r, const order_row *row, bool trades_missing) {
    if (row->state == BN_STATE_UNKNOWN || trades_missing) {
        emit_row(r, r->id.slot, row, bn_order_state_found(row->state));
    } else if (row->state == BN_STATE_CANCELED) {
        emit_row(r, r->id.slot, row, NT_EVIDENCE_CANCELED);
    } else if (row->state == BN_STATE_EXPIRED) {
        emit_row(r, r->id.slot, row, NT_EVIDENCE_EXPIRED);
    }
}

static nt_status decode_placed_state(const reply *r, const bn_object *result) {
    order_row row;
    nt_status status = read_row(r, r->id.slot, result, "origQty", &row);
    if (status != NT_OK) return status;
    if (row.state == BN_STATE_REJECTED) {
        emit_row(r, r->id.slot, &row, NT_EVIDENCE_REJECTED);
        return NT_OK;
    }
    // Trades follow one by one, so the acknowledgement states a total only when there is none.
    nt_report *ack = emit_row(r, r->id.slot, &row, NT_EVIDENCE_ACK);
    if (row.executed != 0) ack->cumulative = -1;
    const uint32_t before = r->out->count;
    int64_t sum = 0;
    status = decode_fills(r, &row, bn_object_get(result, "fills"), &sum);
    if (status != NT_OK) return status;
    if (r->out->overflowed) {
        // More trades than one message may hold: the user stream tells each of them.
        r->out->count = before;
        r->out->overflowed = false;
        sum = 0;
    }
    if (sum > row.executed) return NT_INVALID;
    // Room for the end state and two rows of rate limits is kept by the same way out.
    if (r->out->count + 3 > r->out->capacity && r->out->count > before) {
        r->out->count = before;
        sum = 0;
    }
    emit_end_state(r, &row, sum != row.executed);
    return NT_OK;
}

static nt_status decode_placed(const reply *r, const bn_value *result) {
    bn_object fields;
    const nt_status status = bn_object_read(result, &fields);
    if (status != NT_OK) return status;
    if (!is_own_id(r, bn_object_get(&fields, "clientOrderId"))) return NT_INVALID;
    if (bn_object_get(&fields, "status")->kind != BN_NONE) return decode_placed_state(r, &fields);
    // newOrderRespType ACK: accepted, nothing more.
    bn_reader reader = {NULL, NT_OK};
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(&fields, "transactTime"));
    const int64_t venue_order = bn_read_id(&reader, bn_object_get(&fields, "orderId"));
    if (reader.status != NT_OK) return reader.status;
    emit(r, r->id.slot, venue_ns, NT_EVIDENCE_ACK)->venue_order = venue_order;
    return NT_OK;
}

static nt_status decode_canceled(const reply *r, const bn_value *result) {
    bn_object fields;
    order_row row;
    nt_status status = bn_object_read(result, &fields);
    if (status != NT_OK) return status;
    if (bn_object_get(&fields, "orders")->kind != BN_NONE) {
        // The order was part of a list, which we never make: ask.
        emit(r, r->id.slot, 0, NT_EVIDENCE_CANCEL_UNCERTAIN);
        return NT_OK;
    }
    status = read_row(r, r->id.slot, &fields, "origQty", &row);
    if (status != NT_OK) return status;
    if (!is_own_id(r, bn_object_get(&fields, "origClientOrderId"))) return NT_INVALID;
    const nt_evidence evidence =
        row.state == BN_STATE_CANCELED ? NT_EVIDENCE_CANCELED : bn_order_state_found(row.state);
    emit_row(r, r->id.slot, &row, evidence);
    return NT_OK;
}

static nt_status decode_amended(const reply *r, const bn_value *result) {
    bn_object fields, order;
    order_row row;
    nt_status status = bn_object_read(result, &fields);
    if (status == NT_OK) status = bn_object_read(bn_object_get(&fields, "amendedOrder"), &order);
    if (status == NT_OK) status = read_row(r, r->id.slot, &order, "qty", &row);
    if (status != NT_OK) return status;
    if (!is_own_id(r, bn_object_get(&order, "origClientOrderId"))) return NT_INVALID;
    emit_row(r, r->id.slot, &row, NT_EVIDENCE_AMENDED);
    if (row.state == BN_STATE_UNKNOWN) {
        emit_row(r, r->id.slot, &row, NT_EVIDENCE_UNKNOWN_STATE);
    }
    return NT_OK;
}

static nt_status decode_found(const reply *r, const bn_value *result) {
    bn_object fields;
    order_row row;
    nt_status status = bn_object_read(result, &fields);
    if (status == NT_OK) status = read_row(r, r->id.slot, &fields, "origQty", &row);
    if (status != NT_OK) return status;
    // The client id is not compared: a cancelled order carries that of its cancel.
    emit_row(r, r->id.slot, &row, bn_order_state_found(row.state))->from_query = 1;
    emit_answer(r, NT_REQUEST_QUERY, 1, 0, true);
    return NT_OK;
}

/// An order told by itself: its own client id says whose it is.
static nt_report *emit_owned(const reply *r, const order_row *row) {
    nt_report *report = emit_row(r, r->id.slot, row, bn_order_state_found(row->state));
    report->from_query = 1;
    report->client_hash = nt_order_id_hash(row->client.text, row->client.length);
    (void)nt_order_id_read(r->wire->instance, row->client.text, row->client.length, &report->order);
    return report;
}

static nt_status decode_owner(const reply *r, const bn_value *result) {
    bn_object fields;
    order_row row;
    nt_status status = bn_object_read(result, &fields);
    if (status == NT_OK) status = read_row(r, r->id.slot, &fields, "origQty", &row);
    if (status == NT_OK) (void)emit_owned(r, &row);
    return status;
}

// --- listings ----------------------------------------------------------------------------------

static nt_status decode_open_orders(const reply *r, const bn_value *result) {
    if (result->kind != BN_ARRAY) return NT_INVALID;
    bn_cursor cursor = bn_array_begin(result);
    bn_value value;
    uint32_t count = 0;
    while (bn_array_next(&cursor, &value)) {
        bn_object fields;
        order_row row;
        nt_status status = bn_object_read(&value, &fields);
        if (status == NT_OK) status = read_row(r, r->id.slot, &fields, "origQty", &row);
        if (status != NT_OK) return status;
        (void)emit_owned(r, &row);
        count++;
    }
    emit_answer(r, NT_REQUEST_OPEN_ORDERS, count, 0, true);
    return NT_OK;
}

static nt_status decode_trade_row(const reply *r, const bn_object *fields, int64_t *trade) {
    bn_reader reader = {NULL, NT_OK};
    const nt_instrument_id slot = bn_read_symbol(r->wire, &reader, bn_object_get(fields, "symbol"));
    if (slot != r->id.slot) return NT_INVALID;
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(fields, "time"));
    nt_report *report = emit(r, slot, venue_ns, NT_EVIDENCE_FILL);
    report->from_query = 1;
    report->venue_order = bn_read_id(&reader, bn_object_get(fields, "orderId"));
    report->trade = bn_read_id(&reader, bn_object_get(fields, "id"));
    report->last_price = bn_read_price(&reader, bn_object_get(fields, "price"));
    report->last_quantity = bn_read_quantity(&reader, bn_object_get(fields, "qty"));
    report->fee = bn_read_money(&reader, bn_object_get(fields, "commission"));
    bn_read_asset(&reader, bn_object_get(fields, "commissionAsset"), report->fee_asset);
    report->side = bn_read_bool(&reader, bn_object_get(fields, "isBuyer")) ? NT_BUY : NT_SELL;
    report->is_maker = bn_read_bool(&reader, bn_object_get(fields, "isMaker"));
    if (reader.status != NT_OK) return reader.status;
    if (report->last_price == 0 || report->last_quantity == 0) return NT_INVALID;
    *trade = report->trade;
    return NT_OK;
}

static nt_status decode_trades(const reply *r, const bn_value *result) {
    if (result->kind != BN_ARRAY) return NT_INVALID;
    bn_cursor cursor = bn_array_begin(result);
    bn_value value;
    uint32_t count = 0;
    int64_t last = 0;
    while (bn_array_next(&cursor, &value)) {
        bn_object fields;
        int64_t trade = 0;
        nt_status status = bn_object_read(&value, &fields);
        if (status == NT_OK) status = decode_trade_row(r, &fields, &trade);
        if (status != NT_OK) return status;
        if (trade > last) last = trade;
        count++;
    }
    emit_answer(r, NT_REQUEST_FILLS, count, last, true);
    return NT_OK;
}

static void emit_session(const reply *r, bool accepted) {
    bn_emit(r->out, NT_EVENT_SESSION, NT_NO_INSTRUMENT, 0)->as.session =
        (nt_session){r->id.step, r->code, accepted};
}

static nt_status decode_result(const reply *r, const bn_value *result) {
    switch (r->id.kind) {
    case 'p':
        return decode_placed(r, result);
    case 'c':
        return decode_canceled(r, result);
    case 'a':
        return decode_amended(r, result);
    case 'q':
        return decode_found(r, result);
    case 'w':
        return decode_owner(r, result);
    case 'o':
        return decode_open_orders(r, result);
    case 'f':
        return decode_trades(r, result);
    default:
        emit_session(r, true);
        return NT_OK;
    }
}

// --- errors ------------------------------------------------------------------------------------

static bool text_contains(const bn_value *value, const char *part) {
    return value->kind == BN_STRING &&
           memmem(value->text, value->length, part, strlen(part)) != NULL;
}

static bool is_throttled(const reply *r) { return r->status == 429 || r->status == 418; }

static nt_status read_error(reply *r) {
    bn_object error, data;
    bn_reader reader = {NULL, NT_OK};
    const nt_status status = bn_object_read(bn_object_get(r->fields, "error"), &error);
    if (status != NT_OK) return status;
    const int64_t code = bn_read_integer(&reader, bn_object_get(&error, "code"));
    if (reader.status != NT_OK) return reader.status;
    if (code == 0 || code < INT32_MIN || code > INT32_MAX) return NT_INVALID;
    r->code = (int32_t)code;
    r->duplicate = text_contains(bn_object_get(&error, "msg"), "Duplicate order sent");
    if (bn_object_read(bn_object_get(&error, "data"), &data) == NT_OK) {
        const bn_value *retry = bn_object_get(&data, "retryAfter");
        if (retry->kind != BN_NONE) r->retry_after_ms = bn_read_id(&reader, retry);
    }
    return reader.status;
}

static void decode_place_error(const reply *r, bool definite) {
    // A refused duplicate proves that the first send arrived.
    nt_evidence evidence = definite ? NT_EVIDENCE_REFUSED : NT_EVIDENCE_UNCERTAIN;
    if (r->duplicate) evidence = NT_EVIDENCE_DUPLICATE_ID;
    emit(r, r->id.slot, 0, evidence);
}

static void decode_cancel_error(const reply *r, bool definite) {
    // Throttled: the cancel did not happen, and the order is as live as before.
    const bool refused = definite && !is_throttled(r);
    emit(r, r->id.slot, 0, refused ? NT_EVIDENCE_CANCEL_REFUSED : NT_EVIDENCE_CANCEL_UNCERTAIN);
}

static void decode_query_error(const reply *r) {
    const bool absent = r->status < 500 && r->code == BN_CODE_NO_SUCH_ORDER;
    // "Cancelled or expired with no executed quantity over 90 days ago."
    const bool archived = r->status < 500 && r->code == BN_CODE_ORDER_ARCHIVED;
    if (absent) emit(r, r->id.slot, 0, NT_EVIDENCE_NOT_FOUND)->from_query = 1;
    if (archived) {
        nt_report *report = emit(r, r->id.slot, 0, NT_EVIDENCE_FOUND_CANCELED);
        report->cumulative = 0;
        report->from_query = 1;
    }
    emit_answer(r, NT_REQUEST_QUERY, archived, 0, absent || archived);
}

static void decode_error(const reply *r) {
    const bool refused = bn_is_definite_refusal(r->code, r->id.kind == 'p');
    const bool definite = r->status < 500 && (is_throttled(r) || refused);
    switch (r->id.kind) {
    case 'p':
        decode_place_error(r, definite);
        break;
    case 'c':
        decode_cancel_error(r, definite);
        break;
    case 'a':
        emit(r, r->id.slot, 0, definite ? NT_EVIDENCE_AMEND_REFUSED : NT_EVIDENCE_UNCERTAIN);
        break;
    case 'q':
        decode_query_error(r);
        break;
    case 'o':
        emit_answer(r, NT_REQUEST_OPEN_ORDERS, 0, 0, false);
        break;
    case 'f':
        emit_answer(r, NT_REQUEST_FILLS, 0, 0, false);
        break;
    case 'g':
        // A greeting that was sent twice: the first one holds.
        emit_session(r, r->code == BN_CODE_SUBSCRIPTION_ACTIVE);
        break;
    case 'w':
        break; // The list of trades asks again.
    default:
        break; // Not ours: what it says of the connection is told already.
    }
}

// --- rate limits ---------------------------------------------------------------------------------

static nt_status read_limit(const bn_value *row, nt_usage *usage, bool *wanted) {
    bn_object fields;
    bn_reader reader = {NULL, NT_OK};
    const nt_status status = bn_object_read(row, &fields);
    if (status != NT_OK) return status;
    const bn_value *type = bn_object_get(&fields, "rateLimitType");
    const bn_value *interval = bn_object_get(&fields, "interval");
    const int64_t length = bn_read_id(&reader, bn_object_get(&fields, "intervalNum"));
    const int64_t limit = bn_read_id(&reader, bn_object_get(&fields, "limit"));
    const int64_t count = bn_read_id(&reader, bn_object_get(&fields, "count"));
    if (reader.status != NT_OK) return reader.status;
    if (limit > INT32_MAX || count > INT32_MAX) return NT_OVERFLOW;
    const bool weight =
        bn_value_is(type, "REQUEST_WEIGHT") && bn_value_is(interval, "MINUTE") && length == 1;
    const bool orders =
        bn_value_is(type, "ORDERS") && bn_value_is(interval, "SECOND") && length == 10;
    *wanted = weight || orders;
    *usage = (nt_usage){.used = (int32_t)count, .limit = (int32_t)limit, .is_orders = orders};
    return NT_OK;
}

/// The minute's weight and the ten seconds' orders; a throttled reply says until when on the
/// limit that was hit, and makes an event of its own when that limit is not listed.
static nt_status decode_limits(const reply *r) {
    const bool hit_orders = r->code == BN_CODE_TOO_MANY_ORDERS;
    bool told = !is_throttled(r);
    bn_cursor cursor = bn_array_begin(bn_object_get(r->fields, "rateLimits"));
    bn_value row;
    while (bn_array_next(&cursor, &row)) {
        nt_usage usage;
        bool wanted;
        const nt_status status = read_limit(&row, &usage, &wanted);
        if (status != NT_OK) return status;
        if (!wanted) continue;
        if (!told && usage.is_orders == hit_orders) {
            usage.retry_after_ms = r->retry_after_ms;
            usage.banned = r->status == 418;
            told = true;
        }
        bn_emit(r->out, NT_EVENT_USAGE, NT_NO_INSTRUMENT, 0)->as.usage = usage;
    }
    if (!told) {
        bn_emit(r->out, NT_EVENT_USAGE, NT_NO_INSTRUMENT, 0)->as.usage =
            (nt_usage){.retry_after_ms = r->retry_after_ms,
                       .is_orders = hit_orders,
                       .banned = r->status == 418};
    }
    return NT_OK;
}

nt_status bn_decode_reply(bn_wire *wire, const bn_object *fields, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const bn_value *id = bn_object_get(fields, "id");
    reply r = {.wire = wire, .fields = fields, .out = out};
    r.id = bn_request_id_read(wire->instance, wire->instrument_count, id);
    r.status = bn_read_id(&reader, bn_object_get(fields, "status"));
    if (reader.status != NT_OK) return reader.status;
    if (id->kind == BN_NONE) return NT_INVALID;
    nt_status status = NT_OK;
    if (r.status == 200) {
        if (r.id.kind == 0) return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_REPLY);
        status = decode_result(&r, bn_object_get(fields, "result"));
    } else {
        status = read_error(&r);
        if (status != NT_OK) return status;
        // Without an id the venue speaks of the connection, such as a key that was revoked.
        if (id->kind == BN_NULL && !is_throttled(&r))
            emit_session(&r, false);
        else if (r.id.kind == 0 && !is_throttled(&r)) {
            return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_REPLY);
        }
        decode_error(&r);
    }
    return status == NT_OK ? decode_limits(&r) : status;
}
