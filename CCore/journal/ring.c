// ring.c — the file of the ring: making it, mapping it, and reading what a dead process left.
//
// Reading takes a copy through the file and trusts nothing in it: positions are checked against
// the size, records against their checksums. A head that moves while the copy is taken (the
// journal is in use) only makes the copy shorter: what lies before the new head is on disk.
#include "ring.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "nt/crypto.h"
#include "segment.h"

enum { SNAPSHOT_TRIES = 4 };

static uint32_t header_checksum(const nt_ring_header *header) {
    return nt_crc32c(0, header, offsetof(nt_ring_header, crc));
}

// Reading.

/// The first page of format 1, which knew no run of the machine and kept its epoch in the marks.
typedef struct {
    uint32_t magic, format;
    uint8_t account[16];
    uint64_t size;
    int64_t created_wall_ns;
    uint32_t crc; ///< CRC32C from format to created_wall_ns.
    alignas(64) uint64_t tail;
    alignas(64) uint64_t head;
    uint64_t durable;
    alignas(64) uint32_t epoch;
} first_header;

static_assert(offsetof(first_header, crc) == 40 && offsetof(first_header, tail) == 64 &&
                  offsetof(first_header, durable) == 136 && offsetof(first_header, epoch) == 192,
              "format 1 is what it was");

/// What either format says, at one look.
typedef struct {
    bool present, other_boot;
    uint8_t account[16];
    uint64_t size;
    uint32_t epoch;
    uint64_t tail, head, durable;
} ring_facts;

static uint64_t mark(const _Atomic uint64_t *field) {
    return atomic_load_explicit(field, memory_order_relaxed); // A private copy.
}

/// True when the positions can be those of a ring.
static bool marks_sane(const ring_facts *facts) {
    return facts->head % NT_RECORD_ALIGN == 0 && facts->tail % NT_RECORD_ALIGN == 0 &&
           facts->head <= facts->tail && facts->tail - facts->head <= facts->size;
}

static bool size_sane(uint64_t size) {
    return size >= NT_RING_MIN && size <= NT_RING_MAX && (size & (size - 1)) == 0;
}

static nt_status damaged_header(void) {
    return nt_fail(NT_CORRUPT, NT_RING_NAME ": damaged header at offset 0");
}

static nt_status take_first(const uint8_t *page, ring_facts *out) {
    const first_header *header = (const first_header *)page;
    const uint32_t crc =
        nt_crc32c(0, &header->format, offsetof(first_header, crc) - offsetof(first_header, format));
    if (header->crc != crc) return damaged_header();
    *out = (ring_facts){.present = true,
                        .size = header->size,
                        .epoch = header->epoch,
                        .tail = header->tail,
                        .head = header->head,
                        .durable = header->durable};
    memcpy(out->account, header->account, sizeof out->account);
    return NT_OK;
}

static nt_status take_header(nt_files files, const uint8_t *page, ring_facts *out) {
    const nt_ring_header *header = (const nt_ring_header *)page;
    uint8_t boot[NT_BOOT_SIZE];
    if (header->crc != header_checksum(header)) return damaged_header();
    files.boot(files.context, boot);
    *out = (ring_facts){.present = true,
                        .other_boot = memcmp(boot, header->boot, sizeof boot) != 0,
                        .size = header->size,
                        .epoch = header->epoch,
                        .tail = mark(&header->marks.tail),
                        .head = mark(&header->marks.head),
                        .durable = mark(&header->marks.durable)};
    memcpy(out->account, header->account, sizeof out->account);
    // Not synced with what it speaks of: a failing power supply may leave anything there.
    if (out->other_boot) out->durable = 0;
    return NT_OK;
}

/// Reads the header; `present` is false where the making of a format-1 ring was interrupted.
static nt_status read_header(nt_files files, int descriptor, ring_facts *out) {
    size_t got;
    alignas(nt_ring_header) uint8_t page[NT_RING_HEADER] = {0};
    *out = (ring_facts){0};
    nt_status status = files.read(files.context, descriptor, page, sizeof page, 0, &got);
    if (status != NT_OK) return status;
    uint32_t magic, format;
    memcpy(&magic, page, sizeof magic);
    memcpy(&format, page + sizeof magic, sizeof format);
    if (magic == 0) return NT_OK;
    if (got < sizeof page || magic != NT_RING_MAGIC) return damaged_header();
    status = format == 1 ? take_first(page, out) : take_header(files, page, out);
    if (status != NT_OK) return status;
    if (format == 0 || format > NT_RING_FORMAT) {
        return nt_fail(NT_VERSION,
                       NT_RING_NAME ": format %" PRIu32
                                    ", this program reads up to %u; use a newer program",
                       format, NT_RING_FORMAT);
    }
    if (!size_sane(out->size)) return nt_fail(NT_CORRUPT, NT_RING_NAME ": impossible size");
    return NT_OK;
}

/// Copies the ring's bytes between two looks at its header. NT_BUSY: they cannot be of one ring.
static nt_status copy_ring(nt_files files, int descriptor, nt_ring_view *view) {
    size_t got;
    ring_facts facts, later;
    nt_status status = read_header(files, descriptor, &facts);
    if (status != NT_OK || !facts.present) return status;
    if (view->bytes == NULL) view->bytes = malloc(facts.size);
    if (view->bytes == NULL) return nt_fail(NT_NO_MEMORY, NT_RING_NAME ": no memory for a copy");
    status = files.read(files.context, descriptor, view->bytes, facts.size, NT_RING_HEADER, &got);
    if (status == NT_OK) status = read_header(files, descriptor, &later);
    if (status != NT_OK) return status;
    if (got < facts.size) {
        return nt_fail(NT_CORRUPT, NT_RING_NAME ": cut off at offset %zu", got + NT_RING_HEADER);
    }
    const bool sane = marks_sane(&facts) && marks_sane(&later);
    if (!sane && !facts.other_boot) return NT_BUSY;
    view->tail = sane ? facts.tail : 0;
    view->head = sane ? later.head : 0;
    if (view->head > view->tail) view->head = view->tail;
    view->present = true;
    view->other_boot = facts.other_boot;
    view->size = facts.size;
    view->epoch = facts.epoch;
    view->durable = facts.durable;
    memcpy(view->account, facts.account, sizeof view->account);
    return NT_OK;
}

const nt_record *nt_ring_view_next(const nt_ring_view *view, uint64_t *position) {
    const uint64_t size = view->size;
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
        if (!nt_record_whole(record, to_end < left ? to_end : left, 0)) return NULL;
        *position += record->length;
        return record;
    }
    return NULL;
}

/// True when a whole record of this or a later sequence lies between position and tail.
static bool view_follows(const nt_ring_view *view, uint64_t position, uint64_t sequence) {
    while (position != view->tail) {
        const uint64_t place = position & (view->size - 1);
        const uint64_t to_end = view->size - place, left = view->tail - position;
        const uint64_t length = to_end < left ? to_end : left;
        if (nt_record_follow(view->bytes + place, length, sequence, 0).any) return true;
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
        // Of an older run: bytes that the mapping's pages were never written over on disk.
        if (view->other_boot && record->epoch != view->epoch) break;
        if (next == 0) view->first_sequence = record->sequence;
        view->last_sequence = record->sequence;
        next = record->sequence + 1;
        end = position;
    }
    if (end == view->tail) return NT_OK;
    if (!view->other_boot && view_follows(view, end, next)) {
        return nt_fail(NT_CORRUPT, NT_RING_NAME ": damaged record at offset %" PRIu64,
                       NT_RING_HEADER + (end & (view->size - 1)));
    }
    if (!view->other_boot) view->trimmed_bytes = view->tail - end;
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
    ring_facts facts;
    nt_status status = nt_path_join(directory, NT_RING_NAME, path);
    if (status == NT_OK) status = files.open(files.context, path, false, &descriptor);
    if (status == NT_NOT_FOUND) return NT_EMPTY;
    if (status != NT_OK) return status;
    status = read_header(files, descriptor, &facts);
    files.close(files.context, descriptor);
    if (status != NT_OK) return status;
    if (!facts.present || facts.other_boot) return NT_EMPTY;
    *durable = facts.durable;
    return NT_OK;
}

void nt_ring_view_free(nt_ring_view *view) {
    free(view->bytes);
    memset(view, 0, sizeof *view);
}

void nt_ring_view_drop(nt_ring_view *view) {
    view->tail = view->head;
    view->first_sequence = view->last_sequence = 0;
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

static nt_status map_file(nt_ring_file *file, const char *path) {
    const nt_files *files = &file->files;
    nt_status status = files->open(files->context, path, true, &file->descriptor);
    if (status != NT_OK) return status;
    // To nothing and back: what an interrupted making left is gone.
    status = files->resize(files->context, file->descriptor, 0);
    if (status == NT_OK) status = files->resize(files->context, file->descriptor, file->length);
    if (status == NT_OK) {
        status = files->map(files->context, file->descriptor, file->length, &file->mapping);
    }
    if (status != NT_OK) files->close(files->context, file->descriptor);
    return status;
}

static void fill_header(const nt_journal_config *config, uint32_t epoch, uint64_t durable,
                        nt_ring_header *header) {
    header->magic = NT_RING_MAGIC;
    header->format = NT_RING_FORMAT;
    memcpy(header->account, config->account, sizeof header->account);
    header->size = config->ring_bytes;
    header->created_wall_ns = nt_wall(&config->clock);
    header->epoch = epoch;
    config->files.boot(config->files.context, header->boot);
    header->crc = header_checksum(header);
    atomic_store_explicit(&header->marks.durable, durable, memory_order_relaxed); // Not shared yet.
}

nt_status nt_ring_file_open(const nt_journal_config *config, uint32_t epoch, uint64_t durable,
                            nt_ring_file *file, nt_ring *ring) {
    char path[NT_PATH_MAX], made[NT_PATH_MAX];
    const nt_files *files = &config->files;
    *file = (nt_ring_file){.files = *files, .length = NT_RING_HEADER + (size_t)config->ring_bytes};
    nt_status status = nt_path_join(config->directory, NT_RING_NAME, path);
    if (status == NT_OK) status = nt_path_join(config->directory, NT_RING_NAME ".new", made);
    if (status == NT_OK) status = map_file(file, made);
    if (status != NT_OK) return status;
    nt_ring_header *header = file->mapping;
    fill_header(config, epoch, durable, header);
    touch_pages(file->mapping, file->length);
    file->locked = mlock(file->mapping, file->length) == 0;
    status = files->sync(files->context, file->descriptor);
    if (status == NT_OK) status = files->rename(files->context, made, path);
    if (status == NT_OK) status = files->sync_directory(files->context, config->directory);
    if (status != NT_OK) {
        nt_ring_file_close(file);
        return status;
    }
    *ring = (nt_ring){.marks = &header->marks,
                      .bytes = (uint8_t *)file->mapping + NT_RING_HEADER,
                      .size = config->ring_bytes};
    return NT_OK;
}

void nt_ring_file_close(nt_ring_file *file) {
    if (file->mapping == NULL) return;
    if (file->locked) munlock(file->mapping, file->length);
    file->files.unmap(file->files.context, file->mapping, file->length);
    file->files.close(file->files.context, file->descriptor);
    file->mapping = NULL;
}
