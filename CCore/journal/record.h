// record.h — one record of the journal as bytes: its size, its seal, and whether it is whole.
//
// Length is outside the checksum but must agree with the payload's length, which is inside; so
// no single changed bit of a record goes unnoticed.
#ifndef NT_JOURNAL_RECORD_H
#define NT_JOURNAL_RECORD_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "nt/journal.h"

static_assert(sizeof(nt_record) == 48, "the record's header is a format on disk");
static_assert(offsetof(nt_record, sequence) == 8, "the checksum begins behind its own field");
static_assert(offsetof(nt_record, epoch) == 40, "the record's header is a format on disk");

enum {
    NT_RECORD_HEADER = sizeof(nt_record),
    NT_RECORD_MAX = NT_RECORD_HEADER + NT_RECORD_MAX_PAYLOAD,
    NT_RECORD_ALIGN = 8,
};

/// Bytes that a record with this payload takes.
static inline uint32_t nt_record_size(uint32_t payload_length) {
    return (uint32_t)NT_RECORD_HEADER + ((payload_length + 7u) & ~7u);
}

static inline const void *nt_record_payload(const nt_record *record) { return record + 1; }

/// Computes the checksum; every other byte is already in place.
void nt_record_seal(nt_record *record);

/// True when `room` bytes at `record` begin with one whole record: lengths agree, checksum holds.
bool nt_record_whole(const nt_record *record, uint64_t room);

/// True when `to_end` bytes at `record` are a fill to the ring's end.
bool nt_record_is_pad(const nt_record *record, uint64_t to_end);

/// True when a whole record with a sequence >= `sequence` begins anywhere in the bytes; this tells
/// damage in the middle from a torn tail. `bytes` is 8-byte aligned.
bool nt_record_follows(const uint8_t *bytes, uint64_t length, uint64_t sequence);

/// Length without the zeros at its end.
uint64_t nt_bytes_used(const uint8_t *bytes, uint64_t length);

#endif
