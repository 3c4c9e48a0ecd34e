// params.h — the parameters of a WebSocket API request: JSON, and the payload of its signature.
//
// The venue signs name=value pairs joined by '&' in order of name, values as they stand in the
// JSON. Parameters are therefore given in that order, and both texts grow side by side.
#ifndef BN_PARAMS_H
#define BN_PARAMS_H

#include "wire.h"
#include "writer.h"

typedef enum bn_signing {
    BN_SIGN_NONE, ///< The session is logged on, or the method is open.
    BN_SIGN_HMAC,
    BN_SIGN_ED25519 ///< Log-on only: OpenSSL may allocate.
} bn_signing;

typedef struct bn_params {
    bn_wire *wire;
    bn_writer json, payload;
    bn_signing signing;
    bool any;
} bn_params;

/// Starts {"id":…,"method":…,"params":{ in `buffer`; with a signature the apiKey comes first.
void bn_params_begin(bn_params *params, bn_wire *wire, bn_signing signing, const char *id,
                     uint32_t id_length, const char *method, uint8_t *buffer, uint32_t capacity);
void bn_params_text(bn_params *params, const char *name, const char *value, uint32_t length);
void bn_params_integer(bn_params *params, const char *name, int64_t value);
/// value × 10^-decimals as a JSON string.
void bn_params_decimal(bn_params *params, const char *name, int64_t value, uint32_t decimals);
/// Signs and closes. NT_FULL: the buffer was too small.
nt_status bn_params_end(bn_params *params, uint32_t *length);

#endif
