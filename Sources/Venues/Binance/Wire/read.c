// read.c — values of a checked text as numbers of the core, and the events they go into.
//
// Binance writes prices and quantities as decimal strings, ids and times as numbers; anything
// else in their place is refused. Failures stick in the reader, so that a decoder reads all its
// fields and asks once.
#include <string.h>

#include "nt/decimal.h"
#include "wire.h"

/// Times from here on are microseconds: as milliseconds this is the year 5138.
static const int64_t first_microseconds = INT64_C(100000000000000);

nt_event *bn_emit(bn_out *out, nt_event_kind kind, nt_instrument_id instrument, int64_t venue_ns) {
    static _Thread_local nt_event spare;
    nt_event *event = &spare;
    if (out->count < out->capacity)
        event = &out->events[out->count++];
    else
        out->overflowed = true;
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->instrument = instrument;
    event->venue_ns = venue_ns;
    return event;
}

nt_status bn_unsupported(bn_wire *wire, bn_unsupported_id what) {
    wire->unsupported[what]++;
    wire->last_unsupported = what;
    return NT_UNSUPPORTED;
}

static int64_t fail(bn_reader *reader, nt_status status) {
    if (reader->status == NT_OK) reader->status = status;
    return 0;
}

/// Not negative; in whole `units` of 10^-decimals.
static int64_t read_scaled(bn_reader *reader, const bn_value *value, bn_kind kind,
                           uint32_t decimals, int64_t units) {
    int64_t number = 0;
    if (value->kind != kind) return fail(reader, NT_INVALID);
    const nt_status status =
        nt_decimal_read_units(value->text, value->length, decimals, units, &number);
    if (status != NT_OK) return fail(reader, status);
    return number >= 0 ? number : fail(reader, NT_INVALID);
}

int64_t bn_read_integer(bn_reader *reader, const bn_value *value) {
    int64_t number = 0;
    if (value->kind != BN_NUMBER) return fail(reader, NT_INVALID);
    const nt_status status = nt_decimal_read(value->text, value->length, 0, &number);
    return status == NT_OK ? number : fail(reader, status);
}

int64_t bn_read_id(bn_reader *reader, const bn_value *value) {
    return read_scaled(reader, value, BN_NUMBER, 0, 1);
}

int64_t bn_read_price(bn_reader *reader, const bn_value *value) {
    const nt_instrument *instrument = reader->instrument;
    return read_scaled(reader, value, BN_STRING, instrument->price_decimals,
                       instrument->tick_units);
}

int64_t bn_read_quantity(bn_reader *reader, const bn_value *value) {
    const nt_instrument *instrument = reader->instrument;
    return read_scaled(reader, value, BN_STRING, instrument->quantity_decimals,
                       instrument->lot_units);
}

nt_money bn_read_money(bn_reader *reader, const bn_value *value) {
    return read_scaled(reader, value, BN_STRING, NT_MONEY_DECIMALS, 1);
}

int64_t bn_read_time(bn_reader *reader, const bn_value *value) {
    const int64_t time = bn_read_id(reader, value);
    int64_t nanoseconds;
    if (!nt_multiply(time, time < first_microseconds ? 1000000 : 1000, &nanoseconds)) {
        return fail(reader, NT_OVERFLOW);
    }
    return nanoseconds;
}

bool bn_read_bool(bn_reader *reader, const bn_value *value) {
    if (value->kind != BN_TRUE && value->kind != BN_FALSE) fail(reader, NT_INVALID);
    return value->kind == BN_TRUE;
}

nt_side bn_read_side(bn_reader *reader, const bn_value *value) {
    if (bn_value_is(value, "BUY")) return NT_BUY;
    if (!bn_value_is(value, "SELL")) fail(reader, NT_INVALID);
    return NT_SELL;
}

void bn_read_asset(bn_reader *reader, const bn_value *value, char out[12]) {
    memset(out, 0, 12);
    if (value->kind != BN_STRING || value->length == 0)
        fail(reader, NT_INVALID);
    else if (value->length >= 12)
        fail(reader, NT_OVERFLOW);
    else
        memcpy(out, value->text, value->length);
}

nt_instrument_id bn_read_symbol(const bn_wire *wire, bn_reader *reader, const bn_value *value) {
    if (value->kind != BN_STRING) {
        fail(reader, NT_INVALID);
        return NT_NO_INSTRUMENT;
    }
    const nt_instrument_id slot = bn_symbols_find(&wire->symbols, value->text, value->length);
    if (slot != NT_NO_INSTRUMENT) reader->instrument = &wire->instruments[slot];
    return slot;
}
