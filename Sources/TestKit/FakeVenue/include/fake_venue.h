// fake_venue.h — a venue in one piece for tests: its codec, a market that walks at random, and an
// exchange that answers orders. Everything follows from a seed; nothing is allocated after the
// creation, so that an allocation counter may watch the lane with it.
//
// The lane sees the codec and bytes alone. A message is what fake_message.h says.
#ifndef FAKE_VENUE_H
#define FAKE_VENUE_H

#include <stdbool.h>
#include <stdint.h>

/// One thread at a time. Created and destroyed by the test.
typedef struct fake_venue fake_venue;

/// The longest message in either direction.
#define FAKE_MAX_MESSAGE 65536u
#define FAKE_MAX_INSTRUMENTS 32u

/// Instruments 0 … count - 1, each with prices around 10,000 ticks.
fake_venue *fake_venue_create(uint64_t seed, uint32_t instruments);
void fake_venue_destroy(fake_venue *venue);
/// An nt_codec; lives as long as the venue.
const void *fake_venue_codec(const fake_venue *venue);

/// The next message of the market stream: a quote, changed levels, or a trade. Returns its length.
uint32_t fake_venue_market(fake_venue *venue, int64_t wall_ns, uint8_t *out, uint32_t capacity);
/// The book of one instrument, as a snapshot's body.
uint32_t fake_venue_snapshot(const fake_venue *venue, uint32_t instrument, uint8_t *out,
                             uint32_t capacity);

/// Takes what the lane sent on its order stream.
void fake_venue_take(fake_venue *venue, const uint8_t *bytes, uint32_t length);
/// The next message of the order stream; 0 when there is none.
uint32_t fake_venue_next(fake_venue *venue, uint8_t *out, uint32_t capacity);
/// The connection broke: what was to be said on it is lost.
void fake_venue_hang_up(fake_venue *venue);

/// The truth of the account: lots held, trades done, orders open.
int64_t fake_venue_position(const fake_venue *venue, uint32_t instrument);
uint64_t fake_venue_trades(const fake_venue *venue);
uint32_t fake_venue_open_orders(const fake_venue *venue);

#endif
