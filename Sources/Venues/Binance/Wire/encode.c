// encode.c — approved requests as WebSocket API messages. Spot only.
//
// Parameters stand in order of name (params.h). Our client ids are kept through an amend, which
// would otherwise give the order a random one. A query names the venue's own id where we know it:
// a cancelled order answers to the client id of its cancel, not to ours.
#include "nt/decimal.h"
#include "params.h"
#include "request_id.h"

/// Leaves room for the end of the answer and the rate limits in one message's events.
enum { FILLS_PER_PAGE = 200 };

_Static_assert(FILLS_PER_PAGE + 4 < NT_MAX_EVENTS_PER_MESSAGE, "a page fits one message");

static const char *const types[NT_ORDER_TYPE_COUNT] = {
    [NT_LIMIT] = "LIMIT",
    [NT_MARKET] = "MARKET",
    [NT_LIMIT_MAKER] = "LIMIT_MAKER",
    [NT_STOP_MARKET] = "STOP_LOSS",
    [NT_STOP_LIMIT] = "STOP_LOSS_LIMIT",
};
static const char *const times_in_force[NT_TIF_COUNT] = {"GTC", "IOC", "FOK"};

/// One request under construction.
typedef struct {
    bn_wire *wire;
    const nt_request *request;
    const nt_instrument *instrument;
    int64_t now_ms;
    char client[NT_ORDER_ID_LENGTH];
    bn_params params;
} draft;

static void begin(draft *d, char kind, bool about_order, const char *method, uint8_t *buffer,
                  uint32_t capacity) {
    char id[BN_REQUEST_ID_SIZE];
    nt_order_id_write(d->wire->instance, d->request->intent.order, d->client);
    const uint32_t length = bn_request_id_write(kind, d->request->intent.instrument,
                                                about_order ? d->client : NULL, id);
    const bn_signing signing = d->wire->hmac != NULL ? BN_SIGN_HMAC : BN_SIGN_NONE;
    bn_params_begin(&d->params, d->wire, signing, id, length, method, buffer, capacity);
}

static void put_text(draft *d, const char *name, const char *value) {
    bn_params_text(&d->params, name, value, (uint32_t)strlen(value));
}

static void put_client(draft *d, const char *name) {
    bn_params_text(&d->params, name, d->client, NT_ORDER_ID_LENGTH);
}

/// The order that is meant: the venue's id where known, else ours.
static void put_order(draft *d) {
    if (d->request->venue_order > 0) {
        bn_params_integer(&d->params, "orderId", d->request->venue_order);
    } else {
        put_client(d, "origClientOrderId");
    }
}

static nt_status put_price(draft *d, const char *name, int64_t ticks) {
    int64_t units;
    if (ticks <= 0) return NT_INVALID;
    if (!nt_multiply(ticks, d->instrument->tick_units, &units)) return NT_OVERFLOW;
    bn_params_decimal(&d->params, name, units, d->instrument->price_decimals);
    return NT_OK;
}

static nt_status put_quantity(draft *d, const char *name) {
    int64_t units;
    if (d->request->intent.quantity <= 0) return NT_INVALID;
    if (!nt_multiply(d->request->intent.quantity, d->instrument->lot_units, &units)) {
        return NT_OVERFLOW;
    }
    bn_params_decimal(&d->params, name, units, d->instrument->quantity_decimals);
    return NT_OK;
}

static void put_window(draft *d) {
    bn_params_integer(&d->params, "recvWindow", d->wire->recv_window_ms);
}

static void put_symbol(draft *d) { put_text(d, "symbol", d->instrument->symbol); }
static void put_timestamp(draft *d) { bn_params_integer(&d->params, "timestamp", d->now_ms); }

static bool has_price(nt_order_type type) {
    return type == NT_LIMIT || type == NT_LIMIT_MAKER || type == NT_STOP_LIMIT;
}
static bool has_stop(nt_order_type type) { return type == NT_STOP_MARKET || type == NT_STOP_LIMIT; }
static bool has_time_in_force(nt_order_type type) {
    return type == NT_LIMIT || type == NT_STOP_LIMIT;
}

static nt_status encode_place(draft *d, uint8_t *buffer, uint32_t capacity) {
    const nt_intent *intent = &d->request->intent;
    if (intent->type >= NT_ORDER_TYPE_COUNT || intent->tif >= NT_TIF_COUNT ||
        intent->side > NT_SELL) {
        return NT_INVALID;
    }
    // Post only means that it may rest: no other time in force has a meaning there.
    if (intent->type == NT_LIMIT_MAKER && intent->tif != NT_GTC) return NT_INVALID;
    begin(d, 'p', true, "order.place", buffer, capacity);
    put_client(d, "newClientOrderId");
    put_text(d, "newOrderRespType", "FULL");
    nt_status status = NT_OK;
    if (has_price(intent->type)) status = put_price(d, "price", intent->price);
    if (status == NT_OK) status = put_quantity(d, "quantity");
    put_window(d);
    put_text(d, "side", intent->side == NT_BUY ? "BUY" : "SELL");
    if (status == NT_OK && has_stop(intent->type)) {
        status = put_price(d, "stopPrice", intent->stop_price);
    }
    put_symbol(d);
    if (has_time_in_force(intent->type)) put_text(d, "timeInForce", times_in_force[intent->tif]);
    put_timestamp(d);
    put_text(d, "type", types[intent->type]);
    return status;
}

static nt_status encode_cancel(draft *d, uint8_t *buffer, uint32_t capacity) {
    begin(d, 'c', true, "order.cancel", buffer, capacity);
    put_order(d);
    put_window(d);
    put_symbol(d);
    put_timestamp(d);
    return NT_OK;
}

static nt_status encode_amend(draft *d, uint8_t *buffer, uint32_t capacity) {
    begin(d, 'a', true, "order.amend.keepPriority", buffer, capacity);
    put_client(d, "newClientOrderId");
    const nt_status status = put_quantity(d, "newQty");
    put_order(d);
    put_window(d);
    put_symbol(d);
    put_timestamp(d);
    return status;
}

static nt_status encode_query(draft *d, uint8_t *buffer, uint32_t capacity) {
    // Without a key of ours the question is whose order it is.
    bool is_ours = d->request->intent.order != 0;
    if (!is_ours && d->request->venue_order <= 0) return NT_INVALID;
    begin(d, is_ours ? 'q' : 'w', is_ours, "order.status", buffer, capacity);
    put_order(d);
    put_window(d);
    put_symbol(d);
    put_timestamp(d);
    return NT_OK;
}

static nt_status encode_open_orders(draft *d, uint8_t *buffer, uint32_t capacity) {
    begin(d, 'o', false, "openOrders.status", buffer, capacity);
    put_window(d);
    put_symbol(d);
    put_timestamp(d);
    return NT_OK;
}

static nt_status encode_fills(draft *d, uint8_t *buffer, uint32_t capacity) {
    if (d->request->since < 0) return NT_INVALID;
    begin(d, 'f', false, "myTrades", buffer, capacity);
    // Without a first id the venue lists the newest.
    if (d->request->since > 0) bn_params_integer(&d->params, "fromId", d->request->since);
    bn_params_integer(&d->params, "limit", FILLS_PER_PAGE);
    put_window(d);
    put_symbol(d);
    put_timestamp(d);
    return NT_OK;
}

static nt_status encode_kind(draft *d, uint8_t *buffer, uint32_t capacity) {
    switch (d->request->kind) {
    case NT_REQUEST_PLACE:
        return encode_place(d, buffer, capacity);
    case NT_REQUEST_CANCEL:
        return encode_cancel(d, buffer, capacity);
    case NT_REQUEST_AMEND:
        return encode_amend(d, buffer, capacity);
    case NT_REQUEST_QUERY:
        return encode_query(d, buffer, capacity);
    case NT_REQUEST_OPEN_ORDERS:
        return encode_open_orders(d, buffer, capacity);
    case NT_REQUEST_FILLS:
        return encode_fills(d, buffer, capacity);
    default:
        return NT_UNSUPPORTED;
    }
}

/// Wall time as the venue sees it.
static int64_t venue_time(const bn_wire *wire, int64_t now_ms) {
    // Relaxed: pairs with the store in bn_wire_set_clock_offset; a lone number.
    return now_ms + atomic_load_explicit(&wire->clock_offset_ms, memory_order_relaxed);
}

nt_status bn_encode(void *context, const nt_request *request, int64_t now_ms, uint8_t *buffer,
                    uint32_t capacity, uint32_t *length) {
    bn_wire *wire = context;
    const nt_instrument_id slot = request->intent.instrument;
    *length = 0;
    if (wire->product != BN_SPOT) return NT_UNSUPPORTED;
    if (wire->api_key[0] == 0) return NT_REFUSED;
    if (slot >= wire->instrument_count) return NT_INVALID;
    draft d = {.wire = wire,
               .request = request,
               .instrument = &wire->instruments[slot],
               .now_ms = venue_time(wire, now_ms)};
    const nt_status status = encode_kind(&d, buffer, capacity);
    return status == NT_OK ? bn_params_end(&d.params, length) : status;
}

// --- greetings -----------------------------------------------------------------------------------

enum { STREAM_NAME_SIZE = NT_SYMBOL_SIZE + 1 + BN_STREAM_SIZE };

/// "btcusdt@depth@100ms"; returns the length.
static uint32_t stream_name(const bn_wire *wire, nt_instrument_id slot, uint32_t stream,
                            char out[STREAM_NAME_SIZE]) {
    const char *symbol = wire->instruments[slot].symbol;
    uint32_t length = 0;
    for (; symbol[length] != 0; length++) {
        const char c = symbol[length];
        out[length] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[length++] = '@';
    const size_t size = strlen(wire->streams[stream]);
    memcpy(out + length, wire->streams[stream], size);
    return length + (uint32_t)size;
}

/// One SUBSCRIBE for everything; its id is the step.
static nt_status greet_market(const bn_wire *wire, uint32_t step, uint8_t *buffer,
                              uint32_t capacity, uint32_t *length) {
    if (step > 0 || wire->instrument_count * wire->stream_count == 0) {
        return NT_EMPTY;
    }
    bn_writer json = bn_writer_over(buffer, capacity);
    bn_put(&json, "{\"method\":\"SUBSCRIBE\",\"params\":[");
    for (uint32_t slot = 0; slot < wire->instrument_count; slot++) {
        for (uint32_t stream = 0; stream < wire->stream_count; stream++) {
            char name[STREAM_NAME_SIZE];
            const uint32_t size = stream_name(wire, slot, stream, name);
            bn_put(&json, slot + stream == 0 ? "\"" : ",\"");
            bn_put_bytes(&json, name, size);
            bn_put(&json, "\"");
        }
    }
    bn_put(&json, "],\"id\":0}");
    if (json.full) return NT_FULL;
    *length = bn_writer_length(&json);
    return NT_OK;
}

/// Ed25519: log on, then subscribe. HMAC: subscribe with a signature. No key: nothing.
static nt_status greet_orders(bn_wire *wire, uint32_t step, int64_t now_ms, uint8_t *buffer,
                              uint32_t capacity, uint32_t *length) {
    char id[BN_REQUEST_ID_SIZE];
    bn_params params;
    const bool logs_on = wire->ed25519 != NULL;
    if (wire->api_key[0] == 0 || step > (logs_on ? 1u : 0u)) return NT_EMPTY;
    const uint32_t id_length = bn_request_id_write_step(step, id);
    if (logs_on && step == 1) {
        bn_params_begin(&params, wire, BN_SIGN_NONE, id, id_length, "userDataStream.subscribe",
                        buffer, capacity);
        return bn_params_end(&params, length);
    }
    bn_params_begin(&params, wire, logs_on ? BN_SIGN_ED25519 : BN_SIGN_HMAC, id, id_length,
                    logs_on ? "session.logon" : "userDataStream.subscribe.signature", buffer,
                    capacity);
    bn_params_integer(&params, "timestamp", venue_time(wire, now_ms));
    return bn_params_end(&params, length);
}

nt_status bn_greet(void *context, nt_stream_role role, uint32_t step, int64_t now_ms,
                   uint8_t *buffer, uint32_t capacity, uint32_t *length) {
    bn_wire *wire = context;
    *length = 0;
    if (role == NT_ROLE_MARKET) return greet_market(wire, step, buffer, capacity, length);
    if (role != NT_ROLE_ORDERS || wire->product != BN_SPOT) return NT_EMPTY;
    return greet_orders(wire, step, now_ms, buffer, capacity, length);
}
