// decode_user.c — events of the user data subscription.
//
// One executionReport may say two things: a trade, and a state that this version does not know.
// The trade is money and is told first; the unknown state follows as its own evidence.
#include <string.h>

#include "order_state.h"
#include "wire.h"

/// The members that every executionReport carries.
typedef struct {
    const bn_object *fields;
    nt_instrument_id slot;
    int64_t venue_ns;
    nt_report report; ///< Order, price, quantity, side, cumulative.
} execution;

/// On CANCELED and REPLACED "C" is the order's own id and "c" that of the request, unless the
/// venue acted by itself: then "C" is empty.
static const bn_value *client_id(const bn_object *fields) {
    const bn_value *original = bn_object_get(fields, "C");
    return original->kind == BN_STRING && original->length > 0 ? original
                                                               : bn_object_get(fields, "c");
}

static nt_status read_execution(bn_wire *wire, execution *e) {
    const bn_object *fields = e->fields;
    bn_reader reader = {NULL, NT_OK};
    e->slot = bn_read_symbol(wire, &reader, bn_object_get(fields, "s"));
    if (reader.status != NT_OK) return reader.status;
    if (e->slot == NT_NO_INSTRUMENT) return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_SYMBOL);
    const bn_value *client = client_id(fields);
    if (client->kind != BN_STRING) return NT_INVALID;
    nt_report *report = &e->report;
    memset(report, 0, sizeof *report);
    e->venue_ns = bn_read_time(&reader, bn_object_get(fields, "E"));
    report->client_hash = nt_order_id_hash(client->text, client->length);
    (void)nt_order_id_read(wire->instance, client->text, client->length, &report->order);
    report->venue_order = bn_read_id(&reader, bn_object_get(fields, "i"));
    report->price = bn_read_price(&reader, bn_object_get(fields, "p"));
    report->quantity = bn_read_quantity(&reader, bn_object_get(fields, "q"));
    report->cumulative = bn_read_quantity(&reader, bn_object_get(fields, "z"));
    report->side = bn_read_side(&reader, bn_object_get(fields, "S"));
    return reader.status;
}

static void emit(const execution *e, nt_evidence evidence, bn_out *out) {
    nt_event *event = bn_emit(out, NT_EVENT_REPORT, e->slot, e->venue_ns);
    event->as.report = e->report;
    event->as.report.evidence = evidence;
}

static nt_status decode_fill(bn_wire *wire, execution *e, bn_out *out) {
    bn_reader reader = {&wire->instruments[e->slot], NT_OK};
    execution fill = *e;
    nt_report *report = &fill.report;
    report->trade = bn_read_id(&reader, bn_object_get(e->fields, "t"));
    report->last_price = bn_read_price(&reader, bn_object_get(e->fields, "L"));
    report->last_quantity = bn_read_quantity(&reader, bn_object_get(e->fields, "l"));
    report->fee = bn_read_money(&reader, bn_object_get(e->fields, "n"));
    const bn_value *asset = bn_object_get(e->fields, "N");
    const bool no_commission = asset->kind == BN_NULL && report->fee == 0;
    if (!no_commission) bn_read_asset(&reader, asset, report->fee_asset);
    report->is_maker = bn_read_bool(&reader, bn_object_get(e->fields, "m"));
    if (reader.status != NT_OK) return reader.status;
    if (report->last_price == 0 || report->last_quantity == 0) return NT_INVALID;
    emit(&fill, NT_EVIDENCE_FILL, out);
    return NT_OK;
}

/// Self-trade prevention took a part away (DECREMENT) or ended the order.
static nt_status decode_prevention(bn_wire *wire, execution *e, bn_order_state state, bn_out *out) {
    if (state == BN_STATE_EXPIRED || state == BN_STATE_CANCELED) {
        emit(e, NT_EVIDENCE_EXPIRED, out);
        return NT_OK;
    }
    bn_reader reader = {&wire->instruments[e->slot], NT_OK};
    const int64_t prevented = bn_read_quantity(&reader, bn_object_get(e->fields, "A"));
    if (reader.status != NT_OK) return reader.status;
    if (prevented > e->report.quantity - e->report.cumulative) return NT_INVALID;
    e->report.quantity -= prevented;
    emit(e, NT_EVIDENCE_AMENDED, out);
    return NT_OK;
}

static nt_status decode_execution(bn_wire *wire, const bn_object *fields, bn_out *out) {
    execution e = {.fields = fields};
    const nt_status status = read_execution(wire, &e);
    if (status != NT_OK) return status;
    const bn_value *what = bn_object_get(fields, "x"), *named = bn_object_get(fields, "X");
    if (what->kind != BN_STRING || named->kind != BN_STRING) return NT_INVALID;
    const bn_order_state state = bn_order_state_read(named);
    nt_status told = NT_OK;
    if (bn_value_is(what, "TRADE"))
        told = decode_fill(wire, &e, out);
    else if (state == BN_STATE_UNKNOWN)
        ; // Told below, alone.
    else if (bn_value_is(what, "NEW"))
        emit(&e, NT_EVIDENCE_ACK, out);
    else if (bn_value_is(what, "CANCELED"))
        emit(&e, NT_EVIDENCE_CANCELED, out);
    else if (bn_value_is(what, "REPLACED"))
        emit(&e, NT_EVIDENCE_AMENDED, out);
    else if (bn_value_is(what, "REJECTED"))
        emit(&e, NT_EVIDENCE_REJECTED, out);
    else if (bn_value_is(what, "EXPIRED"))
        emit(&e, NT_EVIDENCE_EXPIRED, out);
    else if (bn_value_is(what, "TRADE_PREVENTION"))
        told = decode_prevention(wire, &e, state, out);
    else
        emit(&e, NT_EVIDENCE_UNKNOWN_STATE, out);
    if (told == NT_OK && state == BN_STATE_UNKNOWN) emit(&e, NT_EVIDENCE_UNKNOWN_STATE, out);
    return told;
}

static nt_status decode_balance(const bn_value *row, int64_t venue_ns, bn_out *out) {
    bn_object fields;
    bn_reader reader = {NULL, NT_OK};
    nt_balance balance;
    const nt_status status = bn_object_read(row, &fields);
    if (status != NT_OK) return status;
    const bn_value *asset = bn_object_get(&fields, "a");
    // A name that does not fit belongs to no instrument: their assets have the same room.
    if (asset->kind == BN_STRING && asset->length >= sizeof balance.asset) return NT_OK;
    bn_read_asset(&reader, asset, balance.asset);
    balance.free = bn_read_money(&reader, bn_object_get(&fields, "f"));
    balance.locked = bn_read_money(&reader, bn_object_get(&fields, "l"));
    if (reader.status != NT_OK) return reader.status;
    bn_emit(out, NT_EVENT_BALANCE, NT_NO_INSTRUMENT, venue_ns)->as.balance = balance;
    return NT_OK;
}

static nt_status decode_position(const bn_object *fields, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(fields, "E"));
    const bn_value *balances = bn_object_get(fields, "B");
    if (reader.status != NT_OK) return reader.status;
    if (balances->kind != BN_ARRAY) return NT_INVALID;
    bn_cursor cursor = bn_array_begin(balances);
    bn_value row;
    nt_status status = NT_OK;
    while (status == NT_OK && bn_array_next(&cursor, &row)) {
        status = decode_balance(&row, venue_ns, out);
    }
    return status;
}

/// The connection stays, but tells nothing of our orders any more.
static nt_status decode_end(const bn_object *fields, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(fields, "E"));
    if (reader.status != NT_OK) return reader.status;
    bn_emit(out, NT_EVENT_SESSION, NT_NO_INSTRUMENT, venue_ns)->as.session = (nt_session){0};
    return NT_OK;
}

nt_status bn_decode_user_event(bn_wire *wire, const bn_value *event, bn_out *out) {
    bn_object fields;
    const nt_status status = bn_object_read(event, &fields);
    if (status != NT_OK) return status;
    const bn_value *name = bn_object_get(&fields, "e");
    if (name->kind != BN_STRING) return NT_INVALID;
    if (bn_value_is(name, "executionReport")) return decode_execution(wire, &fields, out);
    if (bn_value_is(name, "outboundAccountPosition")) return decode_position(&fields, out);
    if (bn_value_is(name, "eventStreamTerminated")) return decode_end(&fields, out);
    if (bn_value_is(name, "serverShutdown")) return bn_decode_notice(&fields, out);
    const bn_unsupported_id known = bn_unsupported_event(name->text, name->length);
    return known < BN_UNSUPPORTED_COUNT ? bn_unsupported(wire, known) : NT_INVALID;
}
