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
    NT_RECORD_MAX_LINKED = NT_RECORD_MAX + 24,
};

/// Behind each record in a segment of format 2; inside its length and its checksum.
typedef struct nt_record_link {
    uint64_t durable; ///< Everything up to this sequence was synced before this was written.
    uint8_t chain[NT_CHAIN_SIZE];
} nt_record_link;

static_assert(sizeof(nt_record_link) == 24, "the record's link is a format on disk");

/// Running hash over records, their links left out: it says the same of a journal whenever it was
/// synced and in whichever format it is kept.
typedef struct nt_chain {
    uint8_t value[NT_CHAIN_SIZE]; ///< Zeros before the first record.
} nt_chain;

/// Takes one whole record in: first half of SHA-256 of the value and of what follows the checksum.
void nt_chain_take(nt_chain *chain, const nt_record *record);

/// Bytes that a record with this payload takes.
static inline uint32_t nt_record_size(uint32_t payload_length) {
    return (uint32_t)NT_RECORD_HEADER + ((payload_length + 7u) & ~7u);
}

static inline const void *nt_record_payload(const nt_record *record) { return record + 1; }

/// Computes the checksum; every other byte is already in place.
void nt_record_seal(nt_record *record);

/// Bytes that lie behind the payload in a segment of this format.
static inline uint32_t nt_record_link_size(uint32_t format) {
    return format >= 2 ? (uint32_t)sizeof(nt_record_link) : 0;
}

/// The link of a whole record of format 2.
static inline const nt_record_link *nt_record_get_link(const nt_record *record) {
    return (const nt_record_link *)((const uint8_t *)record + record->length) - 1;
}

/// Copies a whole record out of the ring as it goes into a segment. Returns its length there, at
/// most NT_RECORD_MAX_LINKED.
uint32_t nt_record_write_linked(const nt_record *record, uint64_t durable, nt_chain *chain,
                                uint8_t *out);

/// True when `room` bytes at `record` begin with one whole record: lengths agree, checksum holds.
/// `link`: bytes behind its payload, 0 in the ring.
bool nt_record_whole(const nt_record *record, uint64_t room, uint32_t link);

/// True when `to_end` bytes at `record` are a fill to the ring's end.
bool nt_record_is_pad(const nt_record *record, uint64_t to_end);

/// What lies behind a place where no valid record begins; this tells damage from a torn tail.
typedef struct nt_followers {
    bool any;         ///< Whole records of this or a later sequence.
    uint64_t durable; ///< Greatest that their links say.
} nt_followers;

/// Looks for whole records with a sequence >= `sequence` anywhere in the bytes, which are 8-byte
/// aligned.
nt_followers nt_record_follow(const uint8_t *bytes, uint64_t length, uint64_t sequence,
                              uint32_t link);

/// Length without the zeros at its end.
uint64_t nt_bytes_used(const uint8_t *bytes, uint64_t length);

#endif
