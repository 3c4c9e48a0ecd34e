// wire.c — creates a wire and joins its parts into the core's codec.
#include "wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_RECV_WINDOW_MS = 1000, MAX_RECV_WINDOW_MS = 60000 };

static const char *const default_streams[] = {"depth@100ms", "bookTicker", "trade"};
static const char *const names[] = {"binance-spot", "binance-usdm", "binance-coinm"};

/// Request weights of the WebSocket API: web-socket-api.md of the venue's documentation.
static const uint32_t weights[NT_REQUEST_KIND_COUNT] = {
    [NT_REQUEST_PLACE] = 1, [NT_REQUEST_CANCEL] = 1,      [NT_REQUEST_AMEND] = 4,
    [NT_REQUEST_QUERY] = 4, [NT_REQUEST_OPEN_ORDERS] = 6, [NT_REQUEST_FILLS] = 20,
};

static uint32_t weight(void *context, nt_request_kind kind) {
    (void)context;
    return kind < NT_REQUEST_KIND_COUNT ? weights[kind] : 0;
}

static nt_status decode(void *context, nt_stream_role role, nt_instrument_id instrument,
                        const uint8_t *bytes, uint32_t length, nt_event *events, uint32_t capacity,
                        uint32_t *count) {
    bn_wire *wire = context;
    bn_out out = {events, capacity, 0, false};
    const char *text = (const char *)bytes;
    nt_status status;
    if (role == NT_ROLE_MARKET) {
        status = bn_scan_market(wire, text, length, &out)
                     ? NT_OK
                     : bn_decode_market(wire, text, length, &out);
    } else if (role == NT_ROLE_ORDERS) {
        status = bn_decode_orders(wire, text, length, &out);
    } else {
        status = bn_decode_snapshot(wire, instrument, text, length, &out);
    }
    if (status == NT_OK && out.overflowed) status = NT_FULL;
    *count = status == NT_OK ? out.count : 0;
    return status;
}

// --- creation ------------------------------------------------------------------------------------

typedef struct {
    char *text;
    uint32_t size;
} reason;

__attribute__((format(printf, 2, 3))) static bool refuse(reason *why, const char *format, ...) {
    if (why->text == NULL || why->size == 0) return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->text, why->size, format, arguments);
    va_end(arguments);
    return false;
}

/// A symbol must stand in JSON and in a signature as it is.
static bool is_plain(const char *text) {
    char quoted[NT_SYMBOL_SIZE + 2];
    const int length = snprintf(quoted, sizeof quoted, "\"%s\"", text);
    bn_value value;
    return strpbrk(text, "\\&=\"") == NULL &&
           bn_json_check(quoted, (uint32_t)length, &value) == NT_OK;
}

static bool take_instruments(bn_wire *wire, const bn_wire_config *config, reason *why) {
    if (config->instrument_count > NT_MAX_INSTRUMENTS) {
        return refuse(why, "more than %u instruments", NT_MAX_INSTRUMENTS);
    }
    const nt_instrument *instruments = config->instruments;
    for (uint32_t slot = 0; slot < config->instrument_count; slot++) {
        const nt_instrument *instrument = &instruments[slot];
        if (memchr(instrument->symbol, 0, NT_SYMBOL_SIZE) == NULL ||
            !is_plain(instrument->symbol) ||
            bn_symbols_add(&wire->symbols, instrument->symbol, slot) != NT_OK) {
            return refuse(why, "instrument %u: its symbol is empty, odd or there twice", slot);
        }
        if (instrument->price_decimals > 12 || instrument->quantity_decimals > 12 ||
            instrument->tick_units <= 0 || instrument->lot_units <= 0) {
            return refuse(why, "%s: decimals or units out of range", instrument->symbol);
        }
        wire->instruments[slot] = *instrument;
    }
    wire->instrument_count = config->instrument_count;
    return true;
}

static bool take_streams(bn_wire *wire, const bn_wire_config *config, reason *why) {
    const char *const *streams = config->streams;
    wire->stream_count = config->stream_count;
    if (streams == NULL) {
        streams = default_streams;
        wire->stream_count = sizeof default_streams / sizeof default_streams[0];
    }
    if (wire->stream_count > BN_MAX_STREAMS_PER_SYMBOL) return refuse(why, "too many streams");
    for (uint32_t i = 0; i < wire->stream_count; i++) {
        const size_t length = strlen(streams[i]);
        if (length == 0 || length >= BN_STREAM_SIZE || !is_plain(streams[i])) {
            return refuse(why, "stream \"%s\" is not a stream's name", streams[i]);
        }
        memcpy(wire->streams[i], streams[i], length);
    }
    return true;
}

static bool is_api_key(const char *key) {
    const size_t length = strlen(key);
    if (length == 0 || length >= BN_API_KEY_SIZE) return false;
    for (size_t i = 0; i < length; i++) {
        const char c = key[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_')) {
            return false;
        }
    }
    return true;
}

static bool take_keys(bn_wire *wire, const bn_wire_config *config, reason *why) {
    if (config->api_key == NULL) {
        const bool bare = config->hmac_secret == NULL && config->ed25519_pem == NULL;
        return bare || refuse(why, "a secret without an API key");
    }
    if (!is_api_key(config->api_key)) return refuse(why, "the API key is malformed");
    if ((config->hmac_secret == NULL) == (config->ed25519_pem == NULL)) {
        return refuse(why, "an API key needs either an HMAC secret or an Ed25519 private key");
    }
    memcpy(wire->api_key, config->api_key, strlen(config->api_key));
    if (config->hmac_secret != NULL) {
        if (config->hmac_secret[0] == 0) return refuse(why, "the HMAC secret is empty");
        wire->hmac = nt_hmac_key_create(config->hmac_secret, strlen(config->hmac_secret));
        return wire->hmac != NULL || refuse(why, "the HMAC secret was not taken");
    }
    const nt_status status =
        nt_ed25519_key_from_pem(config->ed25519_pem, strlen(config->ed25519_pem), &wire->ed25519);
    return status == NT_OK || refuse(why, "the Ed25519 key is not a PKCS#8 PEM private key");
}

static bool take_settings(bn_wire *wire, const bn_wire_config *config, reason *why) {
    if (config->product > BN_COINM) return refuse(why, "unknown product");
    if (config->instance > NT_INSTANCE_MAX) return refuse(why, "the instance is too large");
    if (config->recv_window_ms > MAX_RECV_WINDOW_MS) {
        return refuse(why, "recvWindow is above %d ms", MAX_RECV_WINDOW_MS);
    }
    wire->product = config->product;
    wire->instance = config->instance;
    wire->recv_window_ms =
        config->recv_window_ms != 0 ? config->recv_window_ms : DEFAULT_RECV_WINDOW_MS;
    wire->last_unsupported = BN_UNSUPPORTED_COUNT;
    return true;
}

bn_wire *bn_wire_create(const bn_wire_config *config, char *error, uint32_t error_size) {
    reason why = {error, error_size};
    bn_wire *wire = calloc(1, sizeof *wire);
    if (wire == NULL) {
        refuse(&why, "out of memory");
        return NULL;
    }
    if (!take_settings(wire, config, &why) || !take_instruments(wire, config, &why) ||
        !take_streams(wire, config, &why) || !take_keys(wire, config, &why)) {
        bn_wire_destroy(wire);
        return NULL;
    }
    wire->codec = (nt_codec){.name = names[config->product],
                             .context = wire,
                             .decode = decode,
                             .greet = bn_greet,
                             .encode = bn_encode,
                             .weight = weight};
    return wire;
}

void bn_wire_destroy(bn_wire *wire) {
    if (wire == NULL) return;
    nt_hmac_key_destroy(wire->hmac);
    nt_ed25519_key_destroy(wire->ed25519);
    explicit_bzero(wire->api_key, sizeof wire->api_key);
    explicit_bzero(wire->payload, sizeof wire->payload);
    free(wire);
}

// --- small answers -----------------------------------------------------------------------------

const void *bn_wire_codec(const bn_wire *wire) { return &wire->codec; }

void bn_wire_set_clock_offset(bn_wire *wire, int64_t offset_ms) {
    // Relaxed: a lone number, no other memory depends on it. Read in encode.c.
    atomic_store_explicit(&wire->clock_offset_ms, offset_ms, memory_order_relaxed);
}

uint32_t bn_wire_unsupported_count(void) { return BN_UNSUPPORTED_COUNT; }

const char *bn_wire_unsupported_name(uint32_t index) {
    return bn_unsupported_text((bn_unsupported_id)index);
}

uint64_t bn_wire_unsupported_seen(const bn_wire *wire, uint32_t index) {
    return index < BN_UNSUPPORTED_COUNT ? wire->unsupported[index] : 0;
}

const char *bn_wire_last_unsupported(const bn_wire *wire) {
    return bn_unsupported_text((bn_unsupported_id)wire->last_unsupported);
}
