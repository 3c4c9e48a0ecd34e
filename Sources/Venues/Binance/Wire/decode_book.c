// decode_book.c — price levels and whole books: REST bodies, partial book streams.
#include "wire.h"

uint32_t bn_read_levels(bn_reader *reader, const bn_value *array, nt_level *levels) {
    if (array->kind != BN_ARRAY) reader->status = NT_INVALID;
    bn_cursor cursor = bn_array_begin(array);
    bn_value pair;
    uint32_t count = 0;
    while (reader->status == NT_OK && bn_array_next(&cursor, &pair)) {
        bn_cursor inner = bn_array_begin(&pair);
        bn_value price, quantity, more;
        if (!bn_array_next(&inner, &price) || !bn_array_next(&inner, &quantity) ||
            bn_array_next(&inner, &more)) {
            reader->status = NT_INVALID;
        } else if (count == BN_MAX_LEVELS) {
            reader->status = NT_FULL;
        } else {
            levels[count].price = bn_read_price(reader, &price);
            levels[count].quantity = bn_read_quantity(reader, &quantity);
            if (reader->status == NT_OK && levels[count].price == 0) reader->status = NT_INVALID;
            count++;
        }
    }
    return count;
}

nt_status bn_decode_book(bn_wire *wire, nt_instrument_id instrument, const bn_object *object,
                         bn_out *out) {
    bn_reader reader = {&wire->instruments[instrument], NT_OK};
    const int64_t id = bn_read_id(&reader, bn_object_get(object, "lastUpdateId"));
    const bn_value *time = bn_object_get(object, "E");
    const int64_t venue_ns = time->kind != BN_NONE ? bn_read_time(&reader, time) : 0;
    const uint32_t bids = bn_read_levels(&reader, bn_object_get(object, "bids"), wire->bids);
    const uint32_t asks = bn_read_levels(&reader, bn_object_get(object, "asks"), wire->asks);
    if (reader.status != NT_OK) return reader.status;
    nt_event *event = bn_emit(out, NT_EVENT_SNAPSHOT, instrument, venue_ns);
    event->as.depth = (nt_depth){id, id, -1, wire->bids, wire->asks, bids, asks};
    return NT_OK;
}

nt_status bn_decode_snapshot(bn_wire *wire, nt_instrument_id instrument, const char *text,
                             uint32_t length, bn_out *out) {
    bn_value root;
    bn_object object;
    if (instrument >= wire->instrument_count) return NT_INVALID;
    nt_status status = bn_json_check(text, length, &root);
    if (status == NT_OK) status = bn_object_read(&root, &object);
    if (status != NT_OK) return status;
    // Coin-M bodies name their symbol: it must be the one that was asked for.
    const bn_value *symbol = bn_object_get(&object, "symbol");
    if (symbol->kind != BN_NONE) {
        bn_reader reader = {NULL, NT_OK};
        if (bn_read_symbol(wire, &reader, symbol) != instrument) return NT_INVALID;
    }
    return bn_decode_book(wire, instrument, &object, out);
}
