// ring.c — the file of the ring: making it, mapping it, and reading what a dead process left.
//
// Reading takes a copy through the file and trusts nothing in it: positions are checked against
// the size, records against their checksums. A head that moves while the copy is taken (the
// journal is in use) only makes the copy shorter: what lies before the new head is on disk.
#include "ring.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "nt/crypto.h"
#include "segment.h"

enum { SNAPSHOT_TRIES = 4 };

static uint32_t header_checksum(const nt_ring_header *header) {
    return nt_crc32c(0, &header->format,
                     offsetof(nt_ring_header, crc) - offsetof(nt_ring_header, format));
}

// Reading.

static uint64_t mark(const _Atomic uint64_t *field) {
    return atomic_load_explicit(field, memory_order_relaxed); // A private copy.
}

/// True when the positions can be those of a ring.
static bool marks_sane(const nt_ring_header *header) {
    const uint64_t head = mark(&header->marks.head), tail = mark(&header->marks.tail);
    return head % NT_RECORD_ALIGN == 0 && tail % NT_RECORD_ALIGN == 0 && head <= tail &&
           tail - head <= header->size;
}

static bool size_sane(uint64_t size) {
    return size >= NT_RING_MIN && size <= NT_RING_MAX && (size & (size - 1)) == 0;
}

/// Reads the header; magic 0 says that there is no ring yet.
static nt_status read_header(nt_files files, int descriptor, nt_ring_header *out) {
    size_t got;
    memset(out, 0, sizeof *out);
    const nt_status status = files.read(files.context, descriptor, out, sizeof *out, 0, &got);
    if (status != NT_OK || out->magic == 0) return status;
    if (got < sizeof *out || out->magic != NT_RING_MAGIC || out->crc != header_checksum(out)) {
        return nt_fail(NT_CORRUPT, NT_RING_NAME ": damaged header at offset 0");
    }
    if (out->format != NT_JOURNAL_FORMAT) {
        return nt_fail(NT_VERSION, NT_RING_NAME ": format %" PRIu32 ", this program reads %u",
                       out->format, NT_JOURNAL_FORMAT);
    }
    if (!size_sane(out->size)) return nt_fail(NT_CORRUPT, NT_RING_NAME ": impossible size");
    return NT_OK;
}

/// Copies the ring's bytes between two looks at its header. NT_BUSY: they cannot be of one ring.
static nt_status copy_ring(nt_files files, int descriptor, nt_ring_view *view) {
    size_t got;
    nt_ring_header later;
    nt_status status = read_header(files, descriptor, &view->header);
    if (status != NT_OK || view->header.magic == 0) return status;
    if (view->bytes == NULL) view->bytes = malloc(view->header.size);
    if (view->bytes == NULL) return nt_fail(NT_NO_MEMORY, NT_RING_NAME ": no memory for a copy");
    status =
        files.read(files.context, descriptor, view->bytes, view->header.size, NT_RING_HEADER, &got);
    if (status == NT_OK) status = read_header(files, descriptor, &later);
    if (status != NT_OK) return status;
    if (got < view->header.size) {
        return nt_fail(NT_CORRUPT, NT_RING_NAME ": cut off at offset %zu", got + NT_RING_HEADER);
    }
    if (!marks_sane(&view->header) || !marks_sane(&later)) return NT_BUSY;
    view->tail = mark(&view->header.marks.tail);
    view->head = mark(&later.marks.head);
    if (view->head > view->tail) view->head = view->tail;
    view->present = true;
    return NT_OK;
}

const nt_record *nt_ring_view_next(const nt_ring_view *view, uint64_t *position) {
    const uint64_t size = view->header.size;
    while (*position != view->tail) {
        const uint64_t place = *position & (size - 1);
        const nt_record *record = (const nt_record *)(view->bytes + place);
        const uint64_t to_end = size - place;
        if (nt_record_is_pad(record, to_end)) {
            if (to_end > view->tail - *position) return NULL;
            *position += to_end;
            continue;
        }
        const uint64_t left = view->tail - *position;
        if (!nt_record_whole(record, to_end < left ? to_end : left)) return NULL;
        *position += record->length;
        return record;
    }
    return NULL;
}

/// True when a whole record of this or a later sequence lies between position and tail.
static bool view_follows(const nt_ring_view *view, uint64_t position, uint64_t sequence) {
    while (position != view->tail) {
        const uint64_t place = position & (view->header.size - 1);
        const uint64_t to_end = view->header.size - place, left = view->tail - position;
        const uint64_t length = to_end < left ? to_end : left;
        if (nt_record_follows(view->bytes + place, length, sequence)) return true;
        position += length;
    }
    return false;
}

/// Finds the first and last whole record; what is behind them is a torn tail or damage.
static nt_status verify_records(nt_ring_view *view) {
    uint64_t position = view->head, end = view->head, next = 0;
    const nt_record *record;
    while ((record = nt_ring_view_next(view, &position)) != NULL) {
        if (next != 0 && record->sequence != next) break;
        if (next == 0) view->first_sequence = record->sequence;
        view->last_sequence = record->sequence;
        next = record->sequence + 1;
        end = position;
    }
    if (end == view->tail) return NT_OK;
    if (view_follows(view, end, next)) {
        return nt_fail(NT_CORRUPT, NT_RING_NAME ": damaged record at offset %" PRIu64,
                       NT_RING_HEADER + (end & (view->header.size - 1)));
    }
    view->trimmed_bytes = view->tail - end;
    view->tail = end;
    return NT_OK;
}

nt_status nt_ring_view_load(const char *directory, nt_files files, nt_ring_view *out) {
    char path[NT_PATH_MAX];
    int descriptor;
    memset(out, 0, sizeof *out);
    nt_status status = nt_path_join(directory, NT_RING_NAME, path);
    if (status != NT_OK) return status;
    status = files.open(files.context, path, false, &descriptor);
    if (status == NT_NOT_FOUND) return NT_OK;
    if (status != NT_OK) return status;
    int tries = 0;
    do {
        status = copy_ring(files, descriptor, out);
    } while (status == NT_BUSY && ++tries < SNAPSHOT_TRIES);
    files.close(files.context, descriptor);
    if (status == NT_BUSY) {
        status = nt_fail(NT_CORRUPT, NT_RING_NAME ": impossible positions at offset %zu",
                         offsetof(nt_ring_header, marks));
    }
    if (status == NT_OK && out->present) status = verify_records(out);
    if (status != NT_OK) nt_ring_view_free(out);
    return status;
}

nt_status nt_ring_durable_load(const char *directory, nt_files files, uint64_t *durable) {
    char path[NT_PATH_MAX];
    int descriptor;
    nt_ring_header header;
    nt_status status = nt_path_join(directory, NT_RING_NAME, path);
    if (status == NT_OK) status = files.open(files.context, path, false, &descriptor);
    if (status == NT_NOT_FOUND) return NT_EMPTY;
    if (status != NT_OK) return status;
    status = read_header(files, descriptor, &header);
    files.close(files.context, descriptor);
    if (status != NT_OK) return status;
    if (header.magic == 0) return NT_EMPTY;
    *durable = mark(&header.marks.durable);
    return NT_OK;
}

void nt_ring_view_free(nt_ring_view *view) {
    free(view->bytes);
    memset(view, 0, sizeof *view);
}

bool nt_ring_view_holds(const nt_ring_view *view, uint64_t sequence) {
    return view->first_sequence != 0 && sequence >= view->first_sequence &&
           sequence <= view->last_sequence;
}

// Mapping.

/// Writes one byte of every page with its own value: the first record on it finds it present.
static void touch_pages(volatile uint8_t *bytes, size_t length) {
    for (size_t at = 0; at < length; at += 4096) bytes[at] = bytes[at];
}

/// Nothing written before moves behind it, nothing after moves ahead: a kill between two stores
/// finds them in order. No other thread looks, so it is the compiler alone that must not move them.
static void set_magic(nt_ring_header *header, uint32_t magic) {
    atomic_signal_fence(memory_order_seq_cst);
    ((volatile nt_ring_header *)header)->magic = magic;
    atomic_signal_fence(memory_order_seq_cst);
}

/// Makes the header anew in place.
static void format_header(const nt_journal_config *config, uint64_t size, nt_ring_header *header) {
    set_magic(header, 0);
    memset(header, 0, sizeof *header);
    header->format = NT_JOURNAL_FORMAT;
    memcpy(header->account, config->account, sizeof header->account);
    header->size = size;
    header->created_wall_ns = nt_wall(&config->clock);
    header->crc = header_checksum(header);
    set_magic(header, NT_RING_MAGIC);
}

static nt_status map_file(nt_ring_file *file, const char *path) {
    nt_status status = file->files.open(file->files.context, path, true, &file->descriptor);
    if (status != NT_OK) return status;
    status = file->files.resize(file->files.context, file->descriptor, file->length);
    if (status == NT_OK) {
        status =
            file->files.map(file->files.context, file->descriptor, file->length, &file->mapping);
    }
    if (status != NT_OK) file->files.close(file->files.context, file->descriptor);
    return status;
}

nt_status nt_ring_file_open(const nt_journal_config *config, const nt_ring_view *view,
                            nt_ring_file *file, nt_ring *ring) {
    char path[NT_PATH_MAX];
    const bool keep = view->present && view->header.size == config->ring_bytes;
    *file = (nt_ring_file){.files = config->files,
                           .length = NT_RING_HEADER + (size_t)config->ring_bytes};
    nt_status status = nt_path_join(config->directory, NT_RING_NAME, path);
    if (status == NT_OK) status = map_file(file, path);
    if (status != NT_OK) return status;
    nt_ring_header *header = file->mapping;
    if (!keep) format_header(config, config->ring_bytes, header);
    touch_pages(file->mapping, file->length);
    file->locked = mlock(file->mapping, file->length) == 0;
    *ring = (nt_ring){.marks = &header->marks,
                      .bytes = (uint8_t *)file->mapping + NT_RING_HEADER,
                      .size = config->ring_bytes};
    ring->tail = ring->known_head = nt_ring_published(ring);
    nt_ring_release(ring, ring->tail);
    return NT_OK;
}

void nt_ring_file_close(nt_ring_file *file) {
    if (file->mapping == NULL) return;
    if (file->locked) munlock(file->mapping, file->length);
    file->files.unmap(file->files.context, file->mapping, file->length);
    file->files.close(file->files.context, file->descriptor);
    file->mapping = NULL;
}
