// binance_fixture.h — what the Binance wire's tests share: wires, messages composed from the
// documented fields, and one call to decode.
#ifndef BINANCE_FIXTURE_H
#define BINANCE_FIXTURE_H

#include "wire.h"

enum { FIXTURE_BTC = 0, FIXTURE_ETH = 1, FIXTURE_PERPETUAL = 2 };

/// Key of the client id "n00070000000000001" etc.: instance 7, epoch 0.
#define FIXTURE_INSTANCE 7u
#define FIXTURE_ORDER_1  "n00070000000000001"
#define FIXTURE_ORDER_2  "n00070000000000002"

/// Spot with the venue's documented example key and secret.
bn_wire *fixture_hmac(void);
/// Spot with the venue's documented example Ed25519 key.
bn_wire *fixture_ed25519(void);
/// Market data only.
bn_wire *fixture_market(void);

typedef struct fixture_result {
    nt_status status;
    uint32_t count;
    nt_event events[NT_MAX_EVENTS_PER_MESSAGE];
} fixture_result;

/// Decodes from a buffer of exactly the text's size, so that the sanitizer sees any overrun.
fixture_result *fixture_decode(bn_wire *wire, nt_stream_role role, nt_instrument_id slot,
                               const char *text, uint32_t length);
fixture_result *fixture_orders(bn_wire *wire, const char *text);
fixture_result *fixture_stream(bn_wire *wire, const char *text);

typedef struct fixture_message {
    nt_stream_role role;
    nt_instrument_id slot;
    const char *text;
} fixture_message;

/// Every kind of message that decodes to events.
extern const fixture_message fixture_messages[];
extern const uint32_t fixture_message_count;

#endif
