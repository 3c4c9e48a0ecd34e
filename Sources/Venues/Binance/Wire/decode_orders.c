// decode_orders.c — the order connection: user events, replies, and balances of both.
#include <string.h>

#include "wire.h"

static bool is_of_interest(const bn_wire *wire, const char asset[12]) {
    for (uint32_t slot = 0; slot < wire->instrument_count; slot++) {
        const nt_instrument *instrument = &wire->instruments[slot];
        if (strcmp(asset, instrument->base) == 0 || strcmp(asset, instrument->quote) == 0) {
            return true;
        }
    }
    return false;
}

nt_status bn_decode_balances(bn_wire *wire, const bn_value *array, const char *const names[3],
                             bool all, int64_t venue_ns, bn_out *out) {
    if (array->kind != BN_ARRAY) return NT_INVALID;
    bn_cursor cursor = bn_array_begin(array);
    bn_value row;
    while (bn_array_next(&cursor, &row)) {
        bn_object fields;
        bn_reader reader = {NULL, NT_OK};
        nt_balance balance;
        const nt_status status = bn_object_read(&row, &fields);
        if (status != NT_OK) return status;
        const bn_value *asset = bn_object_get(&fields, names[0]);
        // A name that does not fit belongs to no instrument: their assets have the same room.
        if (asset->kind == BN_STRING && asset->length >= sizeof balance.asset) continue;
        bn_read_asset(&reader, asset, balance.asset);
        balance.free = bn_read_money(&reader, bn_object_get(&fields, names[1]));
        balance.locked = bn_read_money(&reader, bn_object_get(&fields, names[2]));
        if (reader.status != NT_OK) return reader.status;
        const bool empty = balance.free == 0 && balance.locked == 0;
        if (empty && !all && !is_of_interest(wire, balance.asset)) continue;
        bn_emit(out, NT_EVENT_BALANCE, NT_NO_INSTRUMENT, venue_ns)->as.balance = balance;
    }
    return NT_OK;
}

nt_status bn_decode_orders(bn_wire *wire, const char *text, uint32_t length, bn_out *out) {
    bn_value root;
    bn_object fields;
    nt_status status = bn_json_check(text, length, &root);
    if (status == NT_OK) status = bn_object_read(&root, &fields);
    if (status != NT_OK) return status;
    const bn_value *event = bn_object_get(&fields, "event");
    if (event->kind != BN_NONE) return bn_decode_user_event(wire, event, out);
    if (bn_object_get(&fields, "e")->kind != BN_NONE) return bn_decode_user_event(wire, &root, out);
    if (bn_object_get(&fields, "status")->kind != BN_NONE) {
        return bn_decode_reply(wire, &fields, out);
    }
    if (bn_object_get(&fields, "method")->kind != BN_NONE) {
        return bn_unsupported(wire, BN_UNSUPPORTED_REQUEST);
    }
    return NT_INVALID;
}
