// journal.h — the truth on disk: every decision and every piece of evidence, under one sequence.
//
// The lane appends to a ring in a shared mapping (it outlives a killed process) before any byte
// of an order leaves; a thread of its own drains the ring into segment files with io_uring,
// group-committed and chained by hash. Start-up reads segments, then what the ring still holds. A
// torn tail is trimmed and reported; damage in the middle is refused with its offset.
#ifndef NT_JOURNAL_H
#define NT_JOURNAL_H

#include <stdbool.h>

#include "nt/clock.h"
#include "nt/file.h"
#include "nt/status.h"

enum {                         ///< nt_record_kind
    NT_RECORD_PAD = 0,         ///< Fills to the ring's end; never shown.
    NT_RECORD_START = 1,       ///< nt_record_start: a run begins.
    NT_RECORD_VERDICT = 2,     ///< nt_record_verdict: an intent and what the gate said.
    NT_RECORD_REQUEST = 3,     ///< nt_request: about to be sent (place, cancel, amend, query).
    NT_RECORD_STEP = 4,        ///< nt_record_step: an order moved without a report.
    NT_RECORD_REPORT = 5,      ///< nt_record_report: evidence taken, with its effect.
    NT_RECORD_COMMAND = 6,     ///< The command taken, verbatim.
    NT_RECORD_LIMITS = 7,      ///< nt_account_limits or one instrument's limits.
    NT_RECORD_STATE = 8,       ///< nt_record_state: a trading state changed.
    NT_RECORD_STREAM = 9,      ///< A connection changed state.
    NT_RECORD_SYNC = 10,       ///< A book became valid or stale.
    NT_RECORD_CLOCK = 11,      ///< The lane looked at its clock and something depended on it.
    NT_RECORD_RESTORE = 12,    ///< nt_order: an order put back at start.
    NT_RECORD_STOP = 13,       ///< Clean end; payload is the state hash.
    NT_RECORD_INSTRUMENT = 14, ///< nt_instrument of a slot.
    NT_RECORD_LISTED = 15,     ///< nt_record_listed: all trades up to an id are known.
    NT_RECORD_EQUITY = 16,     ///< nt_record_equity: worth of one instrument.
    NT_RECORD_RESOLUTION = 17, ///< nt_record_resolution: the operator's word on an order.
    NT_RECORD_KIND_COUNT = 18
};
typedef uint16_t nt_record_kind;

/// Header of a record; the payload follows. Little endian, 8-byte aligned.
typedef struct nt_record {
    uint32_t length;   ///< Header + payload + padding, multiple of 8.
    uint32_t crc;      ///< CRC32C of everything after this field.
    uint64_t sequence; ///< +1 each, no gaps.
    uint64_t event;    ///< Lane sequence of the event that caused it.
    int64_t monotonic_ns, wall_ns;
    uint32_t epoch;
    nt_record_kind kind;
    uint16_t payload_length; ///< Exact bytes of payload.
} nt_record;

#define NT_RECORD_MAX_PAYLOAD 1024u
#define NT_JOURNAL_FORMAT     2u ///< Of segments written; 1 is still read.
#define NT_CHAIN_SIZE         16u

enum {                       ///< nt_durability: when a record counts as safe.
    NT_DURABILITY_GROUP = 0, ///< Once the disk has it: groups share one sync.
    NT_DURABILITY_RING = 1,  ///< Once the kernel has it: the disk is told only between segments and
                             ///< at the end. A power failure may take up to a segment.
    NT_DURABILITY_STRICT = 2 ///< As group, at once; and the lane sends nothing before the disk has
                             ///< it (nt_journal_is_strict).
};
typedef uint8_t nt_durability;

typedef struct nt_journal_config {
    const char *directory;  ///< Exists, 0700; locked by this journal (NT_LOCKED otherwise).
    uint64_t ring_bytes;    ///< Power of two; default 4 MiB when 0.
    uint64_t segment_bytes; ///< Default 16 MiB when 0.
    uint8_t account[16];    ///< Another account's journal is refused.
    nt_files files;
    nt_clock clock;
    nt_durability durability;
    int64_t group_ns;  ///< Group: so long records gather for one sync; default 1 ms when 0.
    bool inline_drain; ///< No thread: nt_journal_drain does its work (tests, replay).
} nt_journal_config;

typedef struct nt_journal nt_journal;

/// A place in one of a journal's files, beginning with the first record that cannot be read there.
typedef struct nt_journal_place {
    char file[32]; ///< Name in the directory; empty: no place.
    uint64_t offset;
    uint64_t record; ///< Its sequence.
} nt_journal_place;

/// What start-up found.
typedef struct nt_journal_found {
    uint64_t records, last_sequence;
    uint64_t trimmed_bytes; ///< Torn tail that was cut off.
    uint64_t from_ring;     ///< Records that only the ring still had.
    uint32_t last_epoch;
    bool clean_stop;              ///< The last record is a STOP.
    uint8_t chain[NT_CHAIN_SIZE]; ///< Of all records; equal journals have equal chains.
    nt_journal_place end;         ///< Behind the last record on disk.
    nt_journal_place damage;      ///< With NT_CORRUPT: where reading stopped.
} nt_journal_found;

/// Visits a record. Bytes are borrowed for the call. Non-zero stops the walk with that status.
typedef nt_status (*nt_journal_visit)(void *context, const nt_record *record, const void *payload);

/// Opens, verifies and replays into `visit` (may be NULL), then is ready to append under epoch
/// last_epoch + 1. NT_CORRUPT: damage in the middle (nt_last_error says file and offset);
/// NT_VERSION: newer format; NT_REFUSED: another account's; NT_LOCKED: in use.
nt_status nt_journal_open(const nt_journal_config *config, nt_journal_visit visit, void *context,
                          nt_journal_found *found, nt_journal **out);
/// Drains, syncs, closes. The ring's file stays.
void nt_journal_close(nt_journal *journal);

/// Appends one record. Lane thread only; never blocks, never allocates. NT_FULL: the ring has no
/// room (the drain is behind): the caller must stop taking risk. NT_INVALID: payload too long.
nt_status nt_journal_append(nt_journal *journal, nt_record_kind kind, uint64_t event,
                            const void *payload, uint32_t payload_length);
/// Sequence of the last appended record.
uint64_t nt_journal_sequence(const nt_journal *journal);
/// Epoch of this run.
uint32_t nt_journal_epoch(const nt_journal *journal);
/// Last sequence that is safe, as far as the configured durability goes. Any thread.
uint64_t nt_journal_durable(const nt_journal *journal);
/// An order waits until its record is durable (NT_DURABILITY_STRICT).
bool nt_journal_is_strict(const nt_journal *journal);
/// Set once writing failed (full disk, I/O error): NT_OK, NT_FULL or NT_IO. Any thread.
nt_status nt_journal_health(const nt_journal *journal);
/// What start-up could not have but can do without (memory lock, io_uring); empty when it had all.
const char *nt_journal_warning(const nt_journal *journal);
/// inline_drain only: moves everything from the ring to disk now.
nt_status nt_journal_drain(nt_journal *journal);

/// Makes a journal that does not open for damage one that does: from the damaged record on
/// everything is taken away, also a torn tail, and what is taken away lies in the folder `keep`,
/// which exists. `config`: as for the next start; the account is the journal's own. The epoch goes
/// on behind any that was seen. *before: what was found. NT_REFUSED: nothing would be left. Else as
/// open.
nt_status nt_journal_repair(const nt_journal_config *config, const char *keep,
                            nt_journal_found *before);

/// Reads a directory without locking or changing it: verifies and visits. Same statuses as open.
nt_status nt_journal_read(const char *directory, nt_files files, nt_journal_visit visit,
                          void *context, nt_journal_found *found);

#endif
