// params.c — HMAC keys keep their precomputed state, so signing an order allocates nothing.
#include "params.h"

#include "nt/decimal.h"

static void put_name(bn_params *params, const char *name) {
    bn_put(&params->json, params->any ? ",\"" : "\"");
    bn_put(&params->json, name);
    bn_put(&params->json, "\":");
    if (params->signing != BN_SIGN_NONE) {
        if (params->any) bn_put(&params->payload, "&");
        bn_put(&params->payload, name);
        bn_put(&params->payload, "=");
    }
    params->any = true;
}

static void put_value(bn_params *params, const char *value, uint32_t length, bool quoted) {
    if (quoted) bn_put(&params->json, "\"");
    bn_put_bytes(&params->json, value, length);
    if (quoted) bn_put(&params->json, "\"");
    if (params->signing != BN_SIGN_NONE) bn_put_bytes(&params->payload, value, length);
}

void bn_params_begin(bn_params *params, bn_wire *wire, bn_signing signing, const char *id,
                     uint32_t id_length, const char *method, uint8_t *buffer, uint32_t capacity) {
    *params = (bn_params){.wire = wire,
                          .json = bn_writer_over(buffer, capacity),
                          .payload = bn_writer_over(wire->payload, sizeof wire->payload),
                          .signing = signing};
    bn_put(&params->json, "{\"id\":\"");
    bn_put_bytes(&params->json, id, id_length);
    bn_put(&params->json, "\",\"method\":\"");
    bn_put(&params->json, method);
    bn_put(&params->json, "\",\"params\":{");
    if (signing == BN_SIGN_NONE) return;
    bn_params_text(params, "apiKey", wire->api_key, (uint32_t)strlen(wire->api_key));
}

void bn_params_text(bn_params *params, const char *name, const char *value, uint32_t length) {
    put_name(params, name);
    put_value(params, value, length, true);
}

void bn_params_integer(bn_params *params, const char *name, int64_t value) {
    char text[24];
    put_name(params, name);
    put_value(params, text, nt_decimal_write(value, 0, text), false);
}

void bn_params_decimal(bn_params *params, const char *name, int64_t value, uint32_t decimals) {
    char text[24];
    put_name(params, name);
    put_value(params, text, nt_decimal_write(value, decimals, text), true);
}

/// Signature of the payload as text; `out` holds at least 88 characters.
static nt_status sign(const bn_params *params, char *out, uint32_t *length) {
    const bn_writer *payload = &params->payload;
    if (params->signing == BN_SIGN_HMAC) {
        uint8_t mac[NT_SHA256_SIZE];
        nt_hmac_sign(params->wire->hmac, payload->start, bn_writer_length(payload), mac);
        nt_hex_write(mac, sizeof mac, out);
        *length = 2 * sizeof mac;
        return NT_OK;
    }
    uint8_t signature[NT_ED25519_SIGNATURE_SIZE];
    const nt_status status = nt_ed25519_sign(params->wire->ed25519, payload->start,
                                             bn_writer_length(payload), signature);
    if (status == NT_OK) *length = (uint32_t)nt_base64_write(signature, sizeof signature, out);
    return status;
}

nt_status bn_params_end(bn_params *params, uint32_t *length) {
    if (params->signing != BN_SIGN_NONE) {
        char signature[96];
        uint32_t size = 0;
        if (params->payload.full) return NT_FULL;
        const nt_status status = sign(params, signature, &size);
        if (status != NT_OK) return status;
        bn_put(&params->json, ",\"signature\":\"");
        bn_put_bytes(&params->json, signature, size);
        bn_put(&params->json, "\"");
    }
    bn_put(&params->json, "}}");
    if (params->json.full) return NT_FULL;
    *length = bn_writer_length(&params->json);
    return NT_OK;
}
