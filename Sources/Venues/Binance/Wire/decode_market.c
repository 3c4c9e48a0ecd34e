// decode_market.c — market streams, raw and combined, by the general JSON reader.
//
// This is the complete and slow way; decode_fast.c answers for the hot shapes and must agree with
// it (a differential test says so). Raw partial books carry no symbol and cannot be used; in a
// combined stream the stream's name tells it.
#include <string.h>

#include "wire.h"

/// A message without its envelope.
typedef struct {
    const bn_object *fields;
    bn_value stream; ///< Kind BN_NONE in raw mode.
} message;

static nt_status decode_depth(bn_wire *wire, const message *m, bool whole_book, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const nt_instrument_id slot = bn_read_symbol(wire, &reader, bn_object_get(m->fields, "s"));
    if (reader.status != NT_OK) return reader.status;
    if (slot == NT_NO_INSTRUMENT) return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_SYMBOL);
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(m->fields, "E"));
    const int64_t first = bn_read_id(&reader, bn_object_get(m->fields, "U"));
    const int64_t last = bn_read_id(&reader, bn_object_get(m->fields, "u"));
    const bn_value *stated = bn_object_get(m->fields, "pu");
    const int64_t previous = stated->kind != BN_NONE ? bn_read_id(&reader, stated) : -1;
    const uint32_t bids = bn_read_levels(&reader, bn_object_get(m->fields, "b"), wire->bids);
    const uint32_t asks = bn_read_levels(&reader, bn_object_get(m->fields, "a"), wire->asks);
    if (reader.status == NT_OK && first > last) reader.status = NT_INVALID;
    if (reader.status != NT_OK) return reader.status;
    const nt_event_kind kind = whole_book ? NT_EVENT_SNAPSHOT : NT_EVENT_DEPTH;
    nt_event *event = bn_emit(out, kind, slot, venue_ns);
    event->as.depth = (nt_depth){first, last, previous, wire->bids, wire->asks, bids, asks};
    if (whole_book) event->as.depth.first_id = last, event->as.depth.previous_id = -1;
    return NT_OK;
}

static nt_level read_touch(bn_reader *reader, const bn_object *fields, const char *price,
                           const char *quantity) {
    nt_level level = {bn_read_price(reader, bn_object_get(fields, price)),
                      bn_read_quantity(reader, bn_object_get(fields, quantity))};
    const bool priceless = level.quantity > 0 && level.price == 0;
    if (priceless && reader->status == NT_OK) reader->status = NT_INVALID;
    return level;
}

static nt_status decode_quote(bn_wire *wire, const message *m, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const nt_instrument_id slot = bn_read_symbol(wire, &reader, bn_object_get(m->fields, "s"));
    if (reader.status != NT_OK) return reader.status;
    if (slot == NT_NO_INSTRUMENT) return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_SYMBOL);
    const bn_value *time = bn_object_get(m->fields, "E"); // Spot states none.
    const int64_t venue_ns = time->kind != BN_NONE ? bn_read_time(&reader, time) : 0;
    const nt_quote quote = {.id = bn_read_id(&reader, bn_object_get(m->fields, "u")),
                            .bid = read_touch(&reader, m->fields, "b", "B"),
                            .ask = read_touch(&reader, m->fields, "a", "A")};
    if (reader.status != NT_OK) return reader.status;
    bn_emit(out, NT_EVENT_QUOTE, slot, venue_ns)->as.quote = quote;
    return NT_OK;
}

/// `id` is the name of the member that numbers the trade: "t", or "a" for aggregates.
static nt_status decode_trade(bn_wire *wire, const message *m, const char *id, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const nt_instrument_id slot = bn_read_symbol(wire, &reader, bn_object_get(m->fields, "s"));
    if (reader.status != NT_OK) return reader.status;
    if (slot == NT_NO_INSTRUMENT) return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_SYMBOL);
    // Futures also publish trades of the insurance fund and the like, some of quantity zero.
    const bn_value *origin = bn_object_get(m->fields, "X");
    if (origin->kind != BN_NONE && !bn_value_is(origin, "MARKET")) {
        return bn_unsupported(wire, BN_UNSUPPORTED_TRADE_NOT_MARKET);
    }
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(m->fields, "E"));
    nt_trade trade = {.id = bn_read_id(&reader, bn_object_get(m->fields, id)),
                      .price = bn_read_price(&reader, bn_object_get(m->fields, "p")),
                      .quantity = bn_read_quantity(&reader, bn_object_get(m->fields, "q"))};
    const bool buyer_is_maker = bn_read_bool(&reader, bn_object_get(m->fields, "m"));
    trade.aggressor = buyer_is_maker ? NT_SELL : NT_BUY;
    if (reader.status != NT_OK) return reader.status;
    if (trade.price == 0 || trade.quantity == 0) return NT_INVALID;
    bn_emit(out, NT_EVENT_TRADE, slot, venue_ns)->as.trade = trade;
    return NT_OK;
}

/// Symbol part of a stream's name; `suffix` gets what stands behind the first '@'.
static nt_instrument_id stream_symbol(const bn_wire *wire, const bn_value *stream,
                                      bn_value *suffix) {
    *suffix = (bn_value){"", 0, BN_NONE};
    if (stream->kind != BN_STRING) return NT_NO_INSTRUMENT;
    const char *at = memchr(stream->text, '@', stream->length);
    if (at == NULL) return NT_NO_INSTRUMENT;
    const uint32_t length = (uint32_t)(at - stream->text);
    *suffix = (bn_value){at + 1, stream->length - length - 1, BN_STRING};
    return bn_symbols_find(&wire->symbols, stream->text, length);
}

/// "depth5", "depth10@100ms": whole books, though futures send them as depthUpdate.
static bool is_partial_book(const bn_wire *wire, const bn_value *stream) {
    bn_value suffix;
    stream_symbol(wire, stream, &suffix);
    return suffix.length > 5 && memcmp(suffix.text, "depth", 5) == 0 && suffix.text[5] >= '0' &&
           suffix.text[5] <= '9';
}

static nt_status decode_partial_book(bn_wire *wire, const message *m, bn_out *out) {
    if (m->stream.kind == BN_NONE) return bn_unsupported(wire, BN_UNSUPPORTED_PARTIAL_BOOK_RAW);
    bn_value suffix;
    const nt_instrument_id slot = stream_symbol(wire, &m->stream, &suffix);
    if (suffix.kind == BN_NONE) return NT_INVALID;
    if (slot == NT_NO_INSTRUMENT) return bn_unsupported(wire, BN_UNSUPPORTED_FOREIGN_SYMBOL);
    return bn_decode_book(wire, slot, m->fields, out);
}

nt_status bn_decode_notice(const bn_object *fields, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const int64_t venue_ns = bn_read_time(&reader, bn_object_get(fields, "E"));
    if (reader.status != NT_OK) return reader.status;
    bn_emit(out, NT_EVENT_NOTICE, NT_NO_INSTRUMENT, venue_ns);
    return NT_OK;
}

static nt_status decode_named(bn_wire *wire, const message *m, const bn_value *name, bn_out *out) {
    if (bn_value_is(name, "depthUpdate")) {
        return decode_depth(wire, m, is_partial_book(wire, &m->stream), out);
    }
    if (bn_value_is(name, "bookTicker")) return decode_quote(wire, m, out);
    if (bn_value_is(name, "trade")) return decode_trade(wire, m, "t", out);
    if (bn_value_is(name, "aggTrade")) return decode_trade(wire, m, "a", out);
    if (bn_value_is(name, "serverShutdown")) return bn_decode_notice(m->fields, out);
    if (name->kind != BN_STRING) return NT_INVALID;
    const bn_unsupported_id known = bn_unsupported_event(name->text, name->length);
    return known < BN_UNSUPPORTED_COUNT ? bn_unsupported(wire, known) : NT_INVALID;
}

// --- control -----------------------------------------------------------------------------------

static nt_status emit_session(const bn_value *id, int32_t code, bool accepted, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    // A refusal may come with the id null: the venue could not read the request.
    const bool numbered = id->kind == BN_NUMBER;
    const int64_t step = numbered ? bn_read_id(&reader, id) : 0;
    if (reader.status != NT_OK) return reader.status;
    if (step > UINT32_MAX || (accepted && !numbered)) return NT_INVALID;
    bn_emit(out, NT_EVENT_SESSION, NT_NO_INSTRUMENT, 0)->as.session =
        (nt_session){(uint32_t)step, code, accepted};
    return NT_OK;
}

/// {"code":2,"msg":"…"}, bare or under "error".
static nt_status decode_control_error(const bn_object *error, const bn_value *id, bn_out *out) {
    bn_reader reader = {NULL, NT_OK};
    const int64_t code = bn_read_integer(&reader, bn_object_get(error, "code"));
    if (reader.status != NT_OK) return reader.status;
    if (code < INT32_MIN || code > INT32_MAX) return NT_OVERFLOW;
    return emit_session(id, (int32_t)code, false, out);
}

static nt_status decode_control(bn_wire *wire, const bn_object *fields, bn_out *out) {
    const bn_value *id = bn_object_get(fields, "id");
    const bn_value *error = bn_object_get(fields, "error");
    if (error->kind == BN_OBJECT) {
        bn_object inner;
        const nt_status status = bn_object_read(error, &inner);
        return status == NT_OK ? decode_control_error(&inner, id, out) : status;
    }
    const bn_value *result = bn_object_get(fields, "result");
    if (result->kind == BN_NULL) return emit_session(id, 0, true, out);
    if (result->kind != BN_NONE) return bn_unsupported(wire, BN_UNSUPPORTED_CONTROL_REPLY);
    if (bn_object_get(fields, "code")->kind != BN_NONE) {
        return decode_control_error(fields, id, out);
    }
    return NT_INVALID;
}

// --- the whole message ------------------------------------------------------------------------

static nt_status decode_payload(bn_wire *wire, const bn_value *payload, bn_value stream,
                                bn_out *out) {
    if (payload->kind == BN_ARRAY) return bn_unsupported(wire, BN_UNSUPPORTED_EVENT_ARRAY);
    bn_object fields;
    const nt_status status = bn_object_read(payload, &fields);
    if (status != NT_OK) return status;
    const message m = {&fields, stream};
    const bn_value *name = bn_object_get(&fields, "e");
    if (name->kind != BN_NONE) return decode_named(wire, &m, name, out);
    if (bn_object_get(&fields, "lastUpdateId")->kind != BN_NONE) {
        return decode_partial_book(wire, &m, out);
    }
    if (bn_object_get(&fields, "u")->kind != BN_NONE) return decode_quote(wire, &m, out);
    if (stream.kind != BN_NONE) return NT_INVALID;
    if (bn_object_get(&fields, "method")->kind != BN_NONE) {
        return bn_unsupported(wire, BN_UNSUPPORTED_REQUEST);
    }
    return decode_control(wire, &fields, out);
}

/// True for {"stream": …, "data": …}; then the two are taken out.
static bool take_envelope(const bn_value *root, bn_value *stream, bn_value *data) {
    bn_object fields;
    if (root->kind != BN_OBJECT || bn_object_read(root, &fields) != NT_OK) return false;
    *stream = *bn_object_get(&fields, "stream");
    *data = *bn_object_get(&fields, "data");
    return stream->kind == BN_STRING && data->kind != BN_NONE;
}

nt_status bn_decode_market(bn_wire *wire, const char *text, uint32_t length, bn_out *out) {
    bn_value root, stream, data;
    const nt_status status = bn_json_check(text, length, &root);
    if (status != NT_OK) return status;
    if (take_envelope(&root, &stream, &data)) return decode_payload(wire, &data, stream, out);
    return decode_payload(wire, &root, (bn_value){"", 0, BN_NONE}, out);
}
