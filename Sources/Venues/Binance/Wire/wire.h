// wire.h — what the files of this target share: the wire's state, typed readers, event output.
#ifndef BN_WIRE_H
#define BN_WIRE_H

#include <stdatomic.h>

#include "binance_wire.h"
#include "json.h"
#include "nt/codec.h"
#include "nt/crypto.h"
#include "nt/order_id.h"
#include "symbols.h"
#include "unsupported.h"

enum { BN_API_KEY_SIZE = 136, BN_STREAM_SIZE = 24 };

struct bn_wire {
    nt_codec codec;
    nt_instrument instruments[NT_MAX_INSTRUMENTS];
    uint32_t instrument_count;
    bn_symbols symbols;
    uint32_t product, instance, recv_window_ms;
    char api_key[BN_API_KEY_SIZE]; ///< "" = market data only.
    nt_hmac_key *hmac;             ///< Owned; NULL unless requests are signed.
    nt_ed25519_key *ed25519;       ///< Owned; NULL unless the session is logged on.
    char streams[BN_MAX_STREAMS_PER_SYMBOL][BN_STREAM_SIZE];
    uint32_t stream_count;
    _Atomic int64_t clock_offset_ms;
    char payload[NT_MAX_REQUEST_BYTES]; ///< What a signature covers.
    uint64_t unsupported[BN_UNSUPPORTED_COUNT];
    uint32_t last_unsupported;                         ///< BN_UNSUPPORTED_COUNT = none yet.
    nt_level bids[BN_MAX_LEVELS], asks[BN_MAX_LEVELS]; ///< Lent to the events of one message.
};

// --- output ------------------------------------------------------------------------------------

typedef struct bn_out {
    nt_event *events;
    uint32_t capacity, count;
    bool overflowed; ///< More events than capacity: the message is NT_FULL.
} bn_out;

/// A zeroed event of a kind, to be filled in. Never NULL: past the end a spare one, and the
/// message fails.
nt_event *bn_emit(bn_out *out, nt_event_kind kind, nt_instrument_id instrument, int64_t venue_ns);

/// Counts what is known and not handled. Returns NT_UNSUPPORTED.
nt_status bn_unsupported(bn_wire *wire, bn_unsupported_id what);

// --- typed readers: the first failure sticks, values after it are zero --------------------------

typedef struct bn_reader {
    const nt_instrument *instrument; ///< For prices and quantities.
    nt_status status;
} bn_reader;

int64_t bn_read_integer(bn_reader *reader, const bn_value *value);
/// An integer that is not negative.
int64_t bn_read_id(bn_reader *reader, const bn_value *value);
/// Ticks, not negative.
int64_t bn_read_price(bn_reader *reader, const bn_value *value);
/// Lots, not negative.
int64_t bn_read_quantity(bn_reader *reader, const bn_value *value);
/// Units of 1e-8, not negative.
nt_money bn_read_money(bn_reader *reader, const bn_value *value);
/// Milliseconds or microseconds since 1970, told apart by magnitude, as nanoseconds.
int64_t bn_read_time(bn_reader *reader, const bn_value *value);
bool bn_read_bool(bn_reader *reader, const bn_value *value);
nt_side bn_read_side(bn_reader *reader, const bn_value *value);
/// Copies an asset's name; NT_OVERFLOW when it does not fit.
void bn_read_asset(bn_reader *reader, const bn_value *value, char out[12]);
/// Slot of a symbol value; NT_NO_INSTRUMENT when it is a string but none of ours.
nt_instrument_id bn_read_symbol(const bn_wire *wire, bn_reader *reader, const bn_value *value);

// --- the parts of the codec ----------------------------------------------------------------------

/// Both decode a market message; the first answers only for the hot shapes, and then exactly as
/// the second would. False: not one of them, or something is wrong with it.
bool bn_scan_market(bn_wire *wire, const char *text, uint32_t length, bn_out *out);
nt_status bn_decode_market(bn_wire *wire, const char *text, uint32_t length, bn_out *out);

/// serverShutdown, on either connection.
nt_status bn_decode_notice(const bn_object *fields, bn_out *out);
nt_status bn_decode_snapshot(bn_wire *wire, nt_instrument_id instrument, const char *text,
                             uint32_t length, bn_out *out);
/// A book without changes: lastUpdateId, bids, asks.
nt_status bn_decode_book(bn_wire *wire, nt_instrument_id instrument, const bn_object *object,
                         bn_out *out);
/// Levels of one side into `levels`. A reader's instrument sets the units.
uint32_t bn_read_levels(bn_reader *reader, const bn_value *array, nt_level *levels);

nt_status bn_decode_orders(bn_wire *wire, const char *text, uint32_t length, bn_out *out);
nt_status bn_decode_user_event(bn_wire *wire, const bn_value *event, bn_out *out);
nt_status bn_decode_reply(bn_wire *wire, const bn_object *reply, bn_out *out);

nt_status bn_greet(void *context, nt_stream_role role, uint32_t step, int64_t now_ms,
                   uint8_t *buffer, uint32_t capacity, uint32_t *length);
nt_status bn_encode(void *context, const nt_request *request, int64_t now_ms, uint8_t *buffer,
                    uint32_t capacity, uint32_t *length);

#endif
