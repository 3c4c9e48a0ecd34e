// tail.c — reads segments forward from a remembered offset, up to what the ring says is synced.
//
// The synced mark is looked at before the segments are, so everything up to it must be whole on
// disk: a record that is not is damage. Files are opened anew at each look: once a second that
// costs nothing, and no descriptor can point at a file that was replaced.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nt/journal_tail.h"
#include "ring.h"
#include "segment.h"

enum { BLOCK = 256 << 10 };

struct nt_journal_tail {
    char directory[NT_PATH_MAX];
    nt_files files;
    uint64_t sequence;      ///< Of the last record shown.
    uint64_t segment_first; ///< Of the segment that is read; 0 = the next one is to be found.
    uint64_t offset;        ///< In it, of the next record.
    uint32_t epoch;         ///< Of the last record shown.
    uint32_t format;        ///< Of the segment that is read.
    nt_chain chain;         ///< Of the records shown.
    uint8_t account[16];
    bool account_known;
    uint64_t got; ///< Bytes in the block.
    uint8_t block[BLOCK];
};

/// One look: what is asked for and how far it has come.
typedef struct look {
    nt_journal_visit visit;
    void *context;
    uint64_t most, durable, shown;
} look;

nt_status nt_journal_tail_open(const char *directory, nt_files files, nt_journal_tail **out) {
    nt_journal_tail *tail = calloc(1, sizeof *tail);
    if (tail == NULL) return nt_fail(NT_NO_MEMORY, "no memory to read a journal");
    if (strlen(directory) >= sizeof tail->directory) {
        free(tail);
        return nt_fail(NT_INVALID, "path too long: %s", directory);
    }
    memcpy(tail->directory, directory, strlen(directory) + 1);
    tail->files = files;
    *out = tail;
    return NT_OK;
}

void nt_journal_tail_close(nt_journal_tail *tail) { free(tail); }

uint64_t nt_journal_tail_sequence(const nt_journal_tail *tail) { return tail->sequence; }

nt_status nt_journal_tail_durable(const nt_journal_tail *tail, uint64_t *durable) {
    *durable = UINT64_MAX;
    const nt_status status = nt_ring_durable_load(tail->directory, tail->files, durable);
    return status == NT_EMPTY ? NT_OK : status;
}

/// Reads a block of the segment from `offset`. NT_NOT_FOUND: there is no such segment yet.
static nt_status load(nt_journal_tail *tail, uint64_t first, uint64_t offset) {
    char path[NT_PATH_MAX];
    int descriptor;
    size_t got = 0;
    tail->got = 0;
    nt_status status = nt_segment_path(tail->directory, first, path);
    if (status == NT_OK) {
        status = tail->files.open(tail->files.context, path, false, &descriptor);
    }
    if (status != NT_OK) return status;
    status = tail->files.read(tail->files.context, descriptor, tail->block, BLOCK, offset, &got);
    tail->files.close(tail->files.context, descriptor);
    if (status == NT_OK) tail->got = got;
    return status;
}

/// The header of a segment that is being made: nothing lies behind it yet.
static bool is_unfinished(const nt_journal_tail *tail) {
    const uint64_t header = tail->got < NT_SEGMENT_HEADER ? tail->got : NT_SEGMENT_HEADER;
    return nt_bytes_used(tail->block + header, tail->got - header) == 0;
}

/// Goes to the segment that begins with the next record. NT_EMPTY: it is not there yet. `synced`:
/// its first record is known to be safe, so it must be.
static nt_status enter_segment(nt_journal_tail *tail, bool synced) {
    char path[NT_PATH_MAX];
    const uint64_t first = tail->sequence + 1;
    nt_status status = load(tail, first, 0);
    if (status == NT_NOT_FOUND) return NT_EMPTY;
    if (status == NT_OK) status = nt_segment_path(tail->directory, first, path);
    if (status != NT_OK) return status;
    const nt_segment_header *header = (const nt_segment_header *)tail->block;
    status = tail->got < NT_SEGMENT_HEADER
                 ? nt_fail(NT_CORRUPT, "%s: no whole header", path)
                 : nt_segment_header_check(header, path, first,
                                           tail->account_known ? tail->account : NULL);
    if (status == NT_CORRUPT && !synced && is_unfinished(tail)) return NT_EMPTY;
    if (status != NT_OK) return status;
    if (header->format >= 2 && memcmp(header->chain, tail->chain.value, NT_CHAIN_SIZE) != 0) {
        return nt_fail(NT_CORRUPT, "%s: does not continue the chain of the segment before", path);
    }
    memcpy(tail->account, header->account, sizeof tail->account);
    tail->account_known = true;
    tail->segment_first = first;
    tail->format = header->format;
    tail->offset = NT_SEGMENT_HEADER;
    return NT_OK;
}

static bool is_next(const nt_journal_tail *tail, const nt_record *record, uint64_t room) {
    return nt_record_whole(record, room, nt_record_link_size(tail->format)) &&
           record->sequence == tail->sequence + 1 && record->epoch >= tail->epoch;
}

static bool is_done(const nt_journal_tail *tail, const look *look) {
    return look->shown == look->most || tail->sequence >= look->durable;
}

static nt_status show(nt_journal_tail *tail, const nt_record *record, look *look) {
    if (record->kind >= NT_RECORD_KIND_COUNT) {
        return nt_fail(NT_VERSION, "record %" PRIu64 " is of unknown kind %u", record->sequence,
                       (unsigned)record->kind);
    }
    nt_chain chain = tail->chain;
    nt_chain_take(&chain, record);
    if (tail->format >= 2 &&
        memcmp(nt_record_get_link(record)->chain, chain.value, NT_CHAIN_SIZE) != 0) {
        return nt_fail(NT_CORRUPT,
                       "%020" PRIu64 ".ntj: the record at offset %" PRIu64
                       " does not continue the chain",
                       tail->segment_first, tail->offset);
    }
    const nt_status status = look->visit(look->context, record, nt_record_payload(record));
    if (status != NT_OK) return status;
    tail->chain = chain;
    tail->sequence = record->sequence;
    tail->epoch = record->epoch;
    tail->offset += record->length;
    look->shown++;
    return NT_OK;
}

/// Where in the block the next record begins: behind the last one, or in the next sector where a
/// new group began and only zeros lie between.
static uint64_t next_place(const nt_journal_tail *tail, uint64_t at) {
    const uint64_t skip = nt_segment_next_sector(tail->offset) - tail->offset;
    if (tail->format < 2 || skip >= tail->got - at) return at;
    return nt_bytes_used(tail->block + at, skip) == 0 ? at + skip : at;
}

/// Shows the records of the block. *stopped_at: offset in it of the first that is no next record.
static nt_status show_block(nt_journal_tail *tail, look *look, uint64_t *stopped_at) {
    uint64_t at = 0;
    while (at < tail->got && !is_done(tail, look)) {
        const uint64_t place = next_place(tail, at);
        const nt_record *record = (const nt_record *)(tail->block + place);
        if (!is_next(tail, record, tail->got - place)) break;
        tail->offset += place - at;
        at = place;
        const nt_status status = show(tail, record, look);
        if (status != NT_OK) return status;
        at += record->length;
    }
    *stopped_at = at;
    return NT_OK;
}

static nt_status damaged(const nt_journal_tail *tail) {
    return nt_fail(NT_CORRUPT,
                   "%020" PRIu64 ".ntj: damaged at offset %" PRIu64 " (record %" PRIu64 ")",
                   tail->segment_first, tail->offset, tail->sequence + 1);
}

/// The block begins with no next record: the segment's end, a torn tail, or damage.
static nt_status judge(nt_journal_tail *tail, const look *look) {
    const bool synced = look->durable != UINT64_MAX; // What comes next must be on disk.
    const uint64_t used = nt_bytes_used(tail->block, tail->got);
    if (used == 0 && tail->sequence + 1 != tail->segment_first) {
        const nt_status status = enter_segment(tail, synced);
        if (status != NT_EMPTY || !synced) return status;
    } else if (!synced) {
        // What was written together and never synced is the next start's to cut off.
        const uint64_t next = tail->sequence + 1;
        const uint32_t link = nt_record_link_size(tail->format);
        const nt_followers behind = nt_record_follow(tail->block, tail->got, next, link);
        return behind.any && (link == 0 || behind.durable >= next) ? damaged(tail) : NT_EMPTY;
    }
    return damaged(tail);
}

static nt_status read_some(nt_journal_tail *tail, look *look) {
    const bool synced = look->durable != UINT64_MAX;
    nt_status status = tail->segment_first == 0 ? enter_segment(tail, synced) : NT_OK;
    if (status == NT_EMPTY && synced) {
        return nt_fail(NT_CORRUPT, "%020" PRIu64 ".ntj is missing", tail->sequence + 1);
    }
    if (status == NT_OK) status = load(tail, tail->segment_first, tail->offset);
    if (status == NT_NOT_FOUND) {
        return nt_fail(NT_CORRUPT, "%020" PRIu64 ".ntj is gone", tail->segment_first);
    }
    if (status != NT_OK) return status;
    uint64_t stopped_at;
    status = show_block(tail, look, &stopped_at);
    if (status != NT_OK || stopped_at > 0) return status;
    return judge(tail, look);
}

nt_status nt_journal_tail_read(nt_journal_tail *tail, uint64_t most, nt_journal_visit visit,
                               void *context, uint64_t *shown) {
    look look = {.visit = visit, .context = context, .most = most};
    nt_status status = nt_journal_tail_durable(tail, &look.durable);
    while (status == NT_OK && !is_done(tail, &look)) status = read_some(tail, &look);
    *shown = look.shown;
    return status == NT_EMPTY ? NT_OK : status;
}

nt_status nt_journal_tail_account(const nt_journal_tail *tail, uint8_t account[16]) {
    if (!tail->account_known) return NT_EMPTY;
    memcpy(account, tail->account, sizeof tail->account);
    return NT_OK;
}
