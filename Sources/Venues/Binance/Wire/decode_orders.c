// decode_orders.c — the order connection: a user event, or a reply.
#include "wire.h"

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
