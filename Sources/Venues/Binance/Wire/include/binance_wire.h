// binance_wire.h — Binance's wire format behind the core's codec seam.
//
// A wire decodes market streams (spot, USD-M and coin-M), the WebSocket API's replies and user
// events, and book snapshots; it encodes log-on, subscriptions and order requests (spot). Core
// types cross as raw pointers, so that the venue's Swift target needs no import of the core's C
// module. A wire belongs to one lane thread; only the clock offset may be set by another.
#ifndef BINANCE_WIRE_H
#define BINANCE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bn_wire bn_wire;

enum { ///< bn_wire_config.product
    BN_SPOT = 0,
    BN_USDM = 1, ///< USD-M futures: market data only.
    BN_COINM = 2 ///< Coin-M futures: market data only.
};

#define BN_MAX_STREAMS_PER_SYMBOL 8u
#define BN_MAX_LEVELS             10000u ///< Per side of one message; more is NT_FULL.

/// Everything is copied; texts are NUL-terminated.
typedef struct bn_wire_config {
    const void *instruments; ///< Array of nt_instrument; the slot is the index.
    uint32_t instrument_count;
    uint32_t instance; ///< Mark of this installation in client order ids.
    uint32_t product;
    const char *api_key;        ///< NULL: market data only.
    const char *hmac_secret;    ///< Signs each request; or NULL.
    const char *ed25519_pem;    ///< Logs the session on; or NULL.
    uint32_t recv_window_ms;    ///< Default 1,000 when 0; at most 60,000.
    const char *const *streams; ///< Suffixes such as "depth@100ms"; NULL: the default three.
    uint32_t stream_count;
} bn_wire_config;

/// NULL when the configuration is refused; `error` (may be NULL) then says why.
bn_wire *bn_wire_create(const bn_wire_config *config, char *error, uint32_t error_size);
/// Wipes the keys.
void bn_wire_destroy(bn_wire *wire);

/// The `const nt_codec *` to give to a lane. Lives as long as the wire.
const void *bn_wire_codec(const bn_wire *wire);

/// Server time minus our wall clock, added to every timestamp that is signed. Any thread.
void bn_wire_set_clock_offset(bn_wire *wire, int64_t offset_ms);

/// What was met and deliberately not handled: how many names there are, each name, how often it
/// was seen, and the name that the last NT_UNSUPPORTED was about ("" when none yet).
uint32_t bn_wire_unsupported_count(void);
const char *bn_wire_unsupported_name(uint32_t index);
uint64_t bn_wire_unsupported_seen(const bn_wire *wire, uint32_t index);
const char *bn_wire_last_unsupported(const bn_wire *wire);

/// True for exactly one JSON value in UTF-8, at most 12 deep, in which no object has a name twice
/// or more than 96 names: what no two readers take differently. Any thread; allocates nothing.
bool bn_json_is_strict(const void *text, uint32_t length);

/// Decodes a message as the lane would and writes what came out as text, one event a line, such
/// as "trade BTCUSDT id=7 price=2500000 quantity=10 sell". For tools and tests; returns the
/// nt_status. `role` is an nt_stream_role; `slot` as for nt_codec.decode.
int32_t bn_wire_describe(bn_wire *wire, uint32_t role, uint32_t slot, const void *bytes,
                         uint32_t length, char *out, uint32_t capacity);

#endif
