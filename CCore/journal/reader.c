// reader.c — the one reading of segments and ring, for start-up and for tools alike.
//
// A record counts when its lengths agree, its checksum holds, its sequence is the previous one's
// plus one and its epoch does not go back. The first that does not is the end of the journal if it
// was never synced (a torn tail); else records would be lost, and reading stops with the offset.
// What was synced is known from the ring, and from the records behind: each says how far the disk
// was when it was written. A whole record whose hash does not continue the chain is another
// journal's, or was changed by hand: always damage.
#include "reader.h"

#include "nt/planted.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/// One segment in memory while it is walked.
typedef struct {
    char path[NT_PATH_MAX];
    uint64_t first_sequence;
    uint8_t *bytes;
    uint64_t length;
} loaded_segment;

typedef struct {
    const nt_journal_query *query;
    nt_journal_scan *scan;
    uint8_t account[16]; ///< Of the first file that named one.
    bool account_known;
    uint32_t header_epoch; ///< Newest that a segment was made in.
} walk;

static const uint8_t *expected_account(const walk *walk) {
    if (walk->query->account != NULL) return walk->query->account;
    return walk->account_known ? walk->account : NULL;
}

static void learn_account(walk *walk, const uint8_t account[16]) {
    memcpy(walk->account, account, sizeof walk->account);
    walk->account_known = true;
}

/// Remembers where reading stopped, for NT_CORRUPT.
static void note_place(nt_journal_place *place, uint64_t first_sequence, uint64_t offset,
                       uint64_t record) {
    nt_segment_name(first_sequence, place->file);
    place->offset = offset;
    place->record = record;
}

static nt_status read_whole(const nt_files *files, int descriptor, loaded_segment *segment) {
    uint64_t size;
    size_t got;
    nt_status status = files->size(files->context, descriptor, &size);
    if (status != NT_OK) return status;
    if (size > NT_SEGMENT_MAX) {
        return nt_fail(NT_CORRUPT, "%s: larger than a segment can be", segment->path);
    }
    segment->bytes = malloc(size > 0 ? size : 1);
    if (segment->bytes == NULL) return nt_fail(NT_NO_MEMORY, "%s: no memory", segment->path);
    status = files->read(files->context, descriptor, segment->bytes, size, 0, &got);
    segment->length = got;
    return status;
}

/// NT_NOT_FOUND when there is no such segment. The caller frees `bytes`.
static nt_status load_segment(const walk *walk, uint64_t first_sequence, loaded_segment *out) {
    const nt_files *files = &walk->query->files;
    int descriptor;
    *out = (loaded_segment){.first_sequence = first_sequence};
    nt_status status = nt_segment_path(walk->query->directory, first_sequence, out->path);
    if (status == NT_OK) status = files->open(files->context, out->path, false, &descriptor);
    if (status != NT_OK) return status;
    status = read_whole(files, descriptor, out);
    files->close(files->context, descriptor);
    return status;
}

/// Counts one verified record and shows it.
static nt_status take(const walk *walk, nt_chain *chain, const nt_record *record) {
    nt_journal_found *found = &walk->scan->found;
    memcpy(found->chain, chain->value, sizeof found->chain);
    if (record->kind >= NT_RECORD_KIND_COUNT) {
        return nt_fail(NT_VERSION, "record %" PRIu64 " is of unknown kind %u", record->sequence,
                       (unsigned)record->kind);
    }
    found->records++;
    found->last_sequence = record->sequence;
    if (record->epoch > found->last_epoch) found->last_epoch = record->epoch;
    found->clean_stop = record->kind == NT_RECORD_STOP;
    if (walk->query->visit == NULL) return NT_OK;
    return walk->query->visit(walk->query->context, record, nt_record_payload(record));
}

/// Decides what the bytes from `at`, which are no valid next record, are.
static nt_status judge_tail(const walk *walk, const loaded_segment *segment, uint64_t at) {
    nt_journal_scan *scan = walk->scan;
    const uint64_t next = scan->found.last_sequence + 1;
    const uint64_t used = nt_bytes_used(segment->bytes + at, segment->length - at);
    scan->torn_bytes = used;
    scan->torn_begin = at;
    while (used > 0 && segment->bytes[scan->torn_begin] == 0) scan->torn_begin++;
    // The ring has every record from here on: whatever lies here is an unfinished write.
    if (used == 0 || nt_ring_view_holds(&scan->ring, next)) return NT_OK;
    const uint32_t link = nt_record_link_size(scan->segment_format);
    const nt_followers behind =
        nt_record_follow(segment->bytes + at, segment->length - at, next, link);
    // Written together with the missing one and never synced: a power failure may leave any part of
    // that. Without a ring nobody knows what was synced last.
    const bool unsynced = link > 0 && scan->ring.present && behind.durable < next;
    if (!behind.any || unsynced) return NT_OK;
    note_place(&scan->found.damage, segment->first_sequence, at, next);
    return nt_fail(NT_CORRUPT, "%s: damaged at offset %" PRIu64 " (record %" PRIu64 ")",
                   segment->path, at, next);
}

/// Moves the chain on; a record of format 2 must agree.
static nt_status follow_chain(const walk *walk, const loaded_segment *segment, uint64_t at) {
    nt_journal_scan *scan = walk->scan;
    const nt_record *record = (const nt_record *)(segment->bytes + at);
    nt_chain_take(&scan->chain, record);
    if (scan->segment_format < 2) return NT_OK;
    const nt_record_link *link = nt_record_get_link(record);
    if (link->durable > scan->durable) scan->durable = link->durable;
    if (nt_planted(NT_BUG_CHAIN_UNCHECKED)) return NT_OK;
    if (memcmp(link->chain, scan->chain.value, NT_CHAIN_SIZE) == 0) return NT_OK;
    note_place(&scan->found.damage, segment->first_sequence, at, record->sequence);
    return nt_fail(NT_CORRUPT,
                   "%s: the record at offset %" PRIu64 " (record %" PRIu64
                   ") does not continue the chain",
                   segment->path, at, record->sequence);
}

/// Where the next record begins: behind the last one, or in the next sector where a new group began
/// and only zeros lie between.
static uint64_t next_place(const walk *walk, const loaded_segment *segment, uint64_t at) {
    const uint64_t sector = nt_segment_next_sector(at);
    if (walk->scan->segment_format < 2 || sector >= segment->length) return at;
    return nt_bytes_used(segment->bytes + at, sector - at) == 0 ? sector : at;
}

static nt_status walk_records(const walk *walk, const loaded_segment *segment) {
    nt_journal_scan *scan = walk->scan;
    uint64_t at = NT_SEGMENT_HEADER;
    const uint32_t link = nt_record_link_size(scan->segment_format);
    uint64_t end = at;
    while (at < segment->length) {
        at = next_place(walk, segment, at);
        const nt_record *record = (const nt_record *)(segment->bytes + at);
        if (!nt_record_whole(record, segment->length - at, link)) break;
        if (record->sequence != scan->found.last_sequence + 1) break;
        if (record->epoch < scan->found.last_epoch) break;
        nt_status status = follow_chain(walk, segment, at);
        if (status == NT_OK) status = take(walk, &scan->chain, record);
        if (status != NT_OK) return status;
        at = end = at + record->length;
    }
    scan->segment_first = segment->first_sequence;
    scan->segment_end = end;
    note_place(&scan->found.end, segment->first_sequence, end, scan->found.last_sequence + 1);
    return judge_tail(walk, segment, end);
}

/// A header that does not hold: the file of an interrupted making, or damage.
static nt_status judge_header(const walk *walk, const loaded_segment *segment, nt_status bad) {
    if (bad != NT_CORRUPT) return bad;
    const uint64_t next = segment->first_sequence;
    const uint64_t used = nt_bytes_used(segment->bytes, segment->length);
    const bool cut = segment->length > 0 && segment->length < NT_SEGMENT_HEADER;
    if (cut || used > NT_SEGMENT_HEADER) {
        note_place(&walk->scan->found.damage, next, 0, next);
        return nt_fail(NT_CORRUPT, "%s: damaged header at offset 0 (record %" PRIu64 ")",
                       segment->path, next);
    }
    walk->scan->found.trimmed_bytes += used;
    return NT_OK;
}

/// Verifies one loaded segment. NT_EMPTY: it was never finished and holds nothing.
static nt_status walk_segment(walk *walk, const loaded_segment *segment) {
    const nt_segment_header *header = (const nt_segment_header *)segment->bytes;
    nt_status status = NT_CORRUPT;
    if (segment->length >= NT_SEGMENT_HEADER) {
        status = nt_segment_header_check(header, segment->path, segment->first_sequence,
                                         expected_account(walk));
    }
    if (status != NT_OK) {
        status = judge_header(walk, segment, status);
        return status == NT_OK ? NT_EMPTY : status;
    }
    learn_account(walk, header->account);
    nt_journal_scan *scan = walk->scan;
    scan->segment_format = header->format;
    if (header->format >= 2 && memcmp(header->chain, scan->chain.value, NT_CHAIN_SIZE) != 0) {
        note_place(&scan->found.damage, segment->first_sequence, 0, segment->first_sequence);
        return nt_fail(NT_CORRUPT, "%s: does not continue the chain of the segment before",
                       segment->path);
    }
    // Counted at the end: recovery writes an older run's records into a segment of its own.
    if (header->epoch > walk->header_epoch) walk->header_epoch = header->epoch;
    return walk_records(walk, segment);
}

/// A segment after a torn one, or beyond a missing one: records between them are lost.
static nt_status check_nothing_beyond(const walk *walk, uint64_t last_opened) {
    nt_journal_scan *scan = walk->scan;
    const uint64_t newest = nt_segment_newest(walk->query->directory, &walk->query->files);
    if (newest <= last_opened) return NT_OK;
    if (scan->torn_bytes > 0) {
        note_place(&scan->found.damage, scan->segment_first, scan->segment_end,
                   scan->found.last_sequence + 1);
    } else {
        note_place(&scan->found.damage, newest, 0, scan->found.last_sequence + 1);
    }
    return nt_fail(NT_CORRUPT,
                   "%020" PRIu64 ".ntj: records %" PRIu64 " to %" PRIu64
                   " before it are missing (segment %020" PRIu64 ".ntj, offset %" PRIu64 ")",
                   newest, scan->found.last_sequence + 1, newest - 1, scan->segment_first,
                   scan->segment_end);
}

static nt_status walk_segments(walk *walk) {
    nt_journal_scan *scan = walk->scan;
    uint64_t opened = 0;
    for (;;) {
        loaded_segment segment;
        const uint64_t first = scan->found.last_sequence + 1;
        if (first == opened) break; // The last segment holds no record yet.
        nt_status status = load_segment(walk, first, &segment);
        if (status == NT_OK && scan->torn_bytes > 0) {
            note_place(&scan->found.damage, opened, scan->segment_end, first);
            status = nt_fail(NT_CORRUPT,
                             "%020" PRIu64 ".ntj: damaged at offset %" PRIu64
                             ", and another segment follows",
                             opened, scan->segment_end);
        }
        if (status == NT_OK) status = walk_segment(walk, &segment);
        free(segment.bytes);
        if (status == NT_NOT_FOUND) break;
        opened = first;
        if (status == NT_EMPTY) {
            scan->segment_first = 0; // Made anew under the same name.
            break;
        }
        if (status != NT_OK) return status;
    }
    scan->disk_last = scan->found.last_sequence;
    scan->found.trimmed_bytes += scan->torn_bytes;
    return check_nothing_beyond(walk, opened);
}

static void note_ring(walk *walk, uint64_t record) {
    nt_journal_place *place = &walk->scan->found.damage;
    const nt_ring_view *ring = &walk->scan->ring;
    *place = (nt_journal_place){.file = NT_RING_NAME, .record = record};
    if (ring->present) place->offset = NT_RING_HEADER + (ring->head & (ring->size - 1));
}

/// The ring must join the segments: nothing synced is missing, no gap between the two.
static nt_status check_ring(walk *walk) {
    nt_journal_scan *scan = walk->scan;
    const nt_ring_view *ring = &scan->ring;
    const uint64_t durable = ring->durable;
    if (durable > scan->durable) scan->durable = durable;
    if (durable > scan->disk_last) {
        note_place(&scan->found.damage, scan->segment_first, scan->segment_end,
                   scan->disk_last + 1);
        return nt_fail(NT_CORRUPT,
                       "%020" PRIu64 ".ntj: ends at offset %" PRIu64 " with record %" PRIu64
                       ", but record %" PRIu64 " had been synced",
                       scan->segment_first, scan->segment_end, scan->disk_last, durable);
    }
    if (ring->other_boot && ring->first_sequence > scan->disk_last + 1) {
        nt_ring_view_drop(&scan->ring); // Its head is older than what lies there.
        return NT_OK;
    }
    if (ring->first_sequence > scan->disk_last + 1) {
        note_ring(walk, scan->disk_last + 1);
        return nt_fail(NT_CORRUPT,
                       NT_RING_NAME ": begins at offset %" PRIu64 " with record %" PRIu64
                                    ", but the segments end with %" PRIu64,
                       NT_RING_HEADER + (ring->head & (ring->size - 1)), ring->first_sequence,
                       scan->disk_last);
    }
    return NT_OK;
}

/// Shows the records that are not in the segments.
static nt_status walk_ring(walk *walk) {
    nt_journal_scan *scan = walk->scan;
    uint64_t position = scan->ring.head;
    nt_chain chain = scan->chain; // The scan keeps that of the segments.
    const nt_record *record;
    while ((record = nt_ring_view_next(&scan->ring, &position)) != NULL) {
        if (record->sequence <= scan->disk_last) continue;
        if (record->epoch < scan->found.last_epoch) {
            note_ring(walk, record->sequence);
            return nt_fail(NT_CORRUPT, NT_RING_NAME ": record %" PRIu64 " is of an older run",
                           record->sequence);
        }
        nt_chain_take(&chain, record);
        const nt_status status = take(walk, &chain, record);
        if (status != NT_OK) return status;
        scan->found.from_ring++;
    }
    scan->found.trimmed_bytes += scan->ring.trimmed_bytes;
    return NT_OK;
}

static nt_status check_ring_account(walk *walk) {
    const nt_ring_view *ring = &walk->scan->ring;
    const uint8_t *account = expected_account(walk);
    if (!ring->present) return NT_OK;
    if (account != NULL && memcmp(ring->account, account, sizeof walk->account) != 0) {
        return nt_fail(NT_REFUSED, NT_RING_NAME ": belongs to another account");
    }
    learn_account(walk, ring->account);
    return NT_OK;
}

nt_status nt_journal_scan_directory(const nt_journal_query *query, nt_journal_scan *out) {
    *out = (nt_journal_scan){0};
    walk walk = {.query = query, .scan = out};
    // The ring first: what leaves it while the segments are read is then in the segments.
    nt_status status = nt_ring_view_load(query->directory, query->files, &out->ring);
    if (status == NT_CORRUPT) note_ring(&walk, 0);
    if (status != NT_OK) return status;
    status = check_ring_account(&walk);
    if (status == NT_OK) status = walk_segments(&walk);
    if (status == NT_OK) status = check_ring(&walk);
    if (status == NT_OK) status = walk_ring(&walk);
    const uint32_t epochs[] = {out->ring.epoch, walk.header_epoch};
    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++) {
        if (epochs[i] > out->found.last_epoch) out->found.last_epoch = epochs[i];
    }
    if (status != NT_OK) nt_ring_view_free(&out->ring);
    return status;
}

nt_status nt_journal_read(const char *directory, nt_files files, nt_journal_visit visit,
                          void *context, nt_journal_found *found) {
    const nt_journal_query query = {
        .directory = directory, .files = files, .visit = visit, .context = context};
    nt_journal_scan scan;
    const nt_status status = nt_journal_scan_directory(&query, &scan);
    if (found != NULL) *found = scan.found;
    if (status == NT_OK) nt_ring_view_free(&scan.ring);
    return status;
}
