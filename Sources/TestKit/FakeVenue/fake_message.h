// fake_message.h — the fake venue's wire format, and its inside for scripted tests.
//
// A message to the lane: a count, then each event as it lies in memory, its levels behind it. A
// message from the lane: one fake_request. Nothing here is meant to be a good format.
#ifndef FAKE_MESSAGE_H
#define FAKE_MESSAGE_H

#include "include/fake_venue.h"

#include "nt/codec.h"

/// Kind of a greeting; the others are nt_request_kind.
#define FAKE_GREETING 0xffu

/// What the lane sends.
typedef struct fake_request {
    uint32_t magic;
    uint32_t step; ///< Of a greeting.
    nt_request request;
} fake_request;
#define FAKE_MAGIC 0x4e544656u

/// Writes events as one message. Returns its length.
uint32_t fake_message(const nt_event *events, uint32_t count, uint8_t *out, uint32_t capacity);

#define FAKE_ORDERS 4096u ///< The oldest closed one gives way.
#define FAKE_TRADES 4096u
#define FAKE_QUEUE 1024u

/// An order as the venue has it.
typedef struct fake_order {
    nt_intent intent;
    int64_t id;     ///< Venue's; 0 = free.
    int64_t filled;
    nt_evidence state; ///< FOUND_OPEN, FOUND_FILLED, FOUND_CANCELED, FOUND_EXPIRED.
} fake_order;

typedef struct fake_trade {
    int64_t id, order, price, quantity;
    nt_instrument_id instrument;
    nt_side side;
} fake_trade;

/// Faults, switched by the test.
typedef struct fake_faults {
    bool deaf;      ///< Requests are lost on the way.
    bool mute;      ///< Requests act; nothing is said of them.
    bool forgetful; ///< Queries and lists of open orders find nothing.
    bool resting;   ///< Nothing fills by itself.
    bool stubborn;  ///< Cancels are lost.
    bool late_books; ///< Snapshots are older than what the stream says.
} fake_faults;

fake_faults *fake_venue_faults(fake_venue *venue);
/// NULL when it never arrived.
const fake_order *fake_venue_find(const fake_venue *venue, nt_order_key key);
/// Visits places 0 … FAKE_ORDERS - 1; NULL for a free one.
const fake_order *fake_venue_order_at(const fake_venue *venue, uint32_t place);
/// Trades part of a resting order.
void fake_venue_fill(fake_venue *venue, nt_order_key key, int64_t price, int64_t quantity);
/// Requests that arrived, by kind.
uint32_t fake_venue_requests(const fake_venue *venue, nt_request_kind kind);

#endif
