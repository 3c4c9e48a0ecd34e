// journal.c — opening (which is recovery), appending, closing.
//
// The lane appends into a shared mapping: the record is built in place, sealed with its checksum
// and then published by one store; from that store on it survives the process. drain.c takes it
// to disk, reader.c finds it again.
#include "nt/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal_internal.h"
#include "nt/planted.h"

enum {
    DEFAULT_RING = 4 << 20,
    DEFAULT_SEGMENT = 16 << 20,
    DEFAULT_GROUP_NS = 1000000,
    MAX_GROUP_NS = 1000000000,
    ZERO_CHUNK = 64 << 10,
};

// Appending: the lane.

/// Fills to the ring's end, so that the next record begins at its start.
static void write_pad(nt_record *pad, uint64_t length) {
    if (length < NT_RECORD_HEADER) return; // Too small for a record: readers skip it unasked.
    memset(pad, 0, length);
    pad->length = (uint32_t)length;
    nt_record_seal(pad);
}

nt_status nt_journal_append(nt_journal *journal, nt_record_kind kind, uint64_t event,
                            const void *payload, uint32_t payload_length) {
    if (kind == NT_RECORD_PAD || kind >= NT_RECORD_KIND_COUNT) return NT_INVALID;
    if (payload_length > NT_RECORD_MAX_PAYLOAD) return NT_INVALID;
    nt_ring *ring = &journal->ring;
    const uint32_t length = nt_record_size(payload_length);
    const uint64_t skip = nt_ring_skip(ring, length);
    if (!nt_ring_fits(ring, skip + length)) return NT_FULL;
    if (skip > 0) write_pad((nt_record *)nt_ring_at(ring, ring->tail), skip);

    nt_record *record = (nt_record *)nt_ring_at(ring, ring->tail + skip);
    const uint64_t sequence = nt_journal_sequence(journal) + 1;
    record->length = length;
    record->sequence = sequence;
    record->event = event;
    record->monotonic_ns = nt_now(&journal->clock);
    record->wall_ns = nt_wall(&journal->clock);
    record->epoch = journal->epoch;
    record->kind = kind;
    record->payload_length = (uint16_t)payload_length;
    uint8_t *bytes = (uint8_t *)(record + 1);
    // The padding first: it is part of the last eight bytes.
    if (payload_length % NT_RECORD_ALIGN != 0) memset((uint8_t *)record + length - 8, 0, 8);
    if (payload_length > 0) memcpy(bytes, payload, payload_length);
    nt_record_seal(record);
    nt_ring_publish(ring, skip + length);
    // Relaxed: a number for display; the record itself is published above.
    atomic_store_explicit(&journal->sequence, sequence, memory_order_relaxed);
    return NT_OK;
}

uint64_t nt_journal_sequence(const nt_journal *journal) {
    return atomic_load_explicit(&journal->sequence, memory_order_relaxed); // As above.
}

uint32_t nt_journal_epoch(const nt_journal *journal) { return journal->epoch; }

uint64_t nt_journal_durable(const nt_journal *journal) { return nt_ring_durable(&journal->ring); }

bool nt_journal_is_strict(const nt_journal *journal) {
    return journal->config.durability == NT_DURABILITY_STRICT;
}

nt_status nt_journal_health(const nt_journal *journal) {
    // Relaxed: the status is all that is handed over.
    return (nt_status)atomic_load_explicit(&journal->health, memory_order_relaxed);
}

const char *nt_journal_warning(const nt_journal *journal) { return journal->warning; }

nt_status nt_journal_drain(nt_journal *journal) {
    if (!journal->config.inline_drain) {
        return nt_fail(NT_INVALID, "this journal has a thread that drains it");
    }
    return nt_journal_drain_all(journal);
}

// Opening.

static nt_status take_config(nt_journal *journal, const nt_journal_config *config) {
    nt_journal_config *own = &journal->config;
    *own = *config;
    if (own->ring_bytes == 0) own->ring_bytes = DEFAULT_RING;
    if (own->segment_bytes == 0) own->segment_bytes = DEFAULT_SEGMENT;
    if (own->group_ns == 0) own->group_ns = DEFAULT_GROUP_NS;
    if (own->durability > NT_DURABILITY_STRICT || own->group_ns < 0 || own->group_ns > MAX_GROUP_NS)
        return nt_fail(NT_INVALID, "journal: no such durability, or a group longer than a second");
    const uint64_t ring = own->ring_bytes, segment = own->segment_bytes;
    if (ring < NT_RING_MIN || ring > NT_RING_MAX || (ring & (ring - 1)) != 0) {
        return nt_fail(NT_INVALID,
                       "journal ring of %" PRIu64 " bytes: not a power of two from %d "
                       "to %d",
                       ring, NT_RING_MIN, NT_RING_MAX);
    }
    if (segment < NT_SEGMENT_MIN || segment > NT_SEGMENT_MAX || segment % 4096 != 0) {
        return nt_fail(NT_INVALID,
                       "journal segment of %" PRIu64 " bytes: not a multiple of 4096 "
                       "from %d to %d",
                       segment, NT_SEGMENT_MIN, NT_SEGMENT_MAX);
    }
    const int length =
        snprintf(journal->directory, sizeof journal->directory, "%s", config->directory);
    if (length < 0 || (size_t)length >= sizeof journal->directory) {
        return nt_fail(NT_INVALID, "journal directory: path too long");
    }
    own->directory = journal->directory;
    journal->clock = own->clock;
    return NT_OK;
}

/// One process per directory, for as long as the descriptor lives.
static nt_status lock_directory(nt_journal *journal) {
    char path[NT_PATH_MAX];
    if (!nt_files_are_system(&journal->config.files)) return NT_OK;
    const nt_status status = nt_path_join(journal->directory, "lock", path);
    if (status != NT_OK) return status;
    const int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return nt_fail(errno == ENOENT ? NT_NOT_FOUND : NT_IO, "open %s: %s", path,
                       strerrordesc_np(errno));
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        close(descriptor);
        if (error == EWOULDBLOCK) return nt_fail(NT_LOCKED, "%s: held by another process", path);
        return nt_fail(NT_IO, "lock %s: %s", path, strerrordesc_np(error));
    }
    journal->lock_descriptor = descriptor;
    return NT_OK;
}

/// Zeroes a torn tail, so that its bytes can never be taken for records later. `length` bytes from
/// `at`, which is the first of its sector that is not zero already: synced ones are left alone.
static nt_status trim_tail(const nt_files *files, const nt_segment *segment, uint64_t at,
                           uint64_t length) {
    static const uint8_t zeros[ZERO_CHUNK];
    nt_status status = NT_OK;
    while (length > 0 && status == NT_OK) {
        const uint64_t part = length < ZERO_CHUNK ? length : ZERO_CHUNK;
        status = files->write(files->context, segment->descriptor, zeros, part, at);
        at += part;
        length -= part;
    }
    return status;
}

/// Opens the segment that recovery ended in, whole again.
static nt_status reopen_segment(nt_journal *journal, const nt_journal_scan *scan) {
    const nt_files *files = &journal->config.files;
    nt_segment *segment = &journal->segment;
    char path[NT_PATH_MAX];
    nt_status status = nt_segment_path(journal->directory, scan->segment_first, path);
    if (status == NT_OK) status = files->open(files->context, path, false, &segment->descriptor);
    if (status != NT_OK) return status;
    segment->first_sequence = scan->segment_first;
    segment->end = scan->segment_end;
    status = files->size(files->context, segment->descriptor, &segment->size);
    if (status == NT_OK && scan->torn_bytes > 0 && !nt_planted(NT_BUG_TORN_TAIL_KEPT)) {
        const uint64_t clean = scan->torn_begin - segment->end;
        status = trim_tail(files, segment, scan->torn_begin, scan->torn_bytes - clean);
    }
    segment->end = nt_segment_next_sector(segment->end);
    return status;
}

/// Goes on in the segment that recovery ended in, or makes the next: also behind one of an older
/// format, which stays as it is.
static nt_status resume_segment(nt_journal *journal, const nt_journal_scan *scan) {
    const nt_files *files = &journal->config.files;
    nt_segment *segment = &journal->segment;
    nt_status status = NT_OK;
    if (scan->segment_first > 0) status = reopen_segment(journal, scan);
    if (status != NT_OK) return status;
    if (scan->segment_first > 0 && scan->segment_format == NT_JOURNAL_FORMAT) {
        if (segment->size >= journal->config.segment_bytes) return NT_OK;
        segment->size = journal->config.segment_bytes;
        return files->resize(files->context, segment->descriptor, segment->size);
    }
    if (segment->descriptor >= 0) {
        status = nt_disk_writer_sync(&journal->writer, segment->descriptor);
        nt_segment_close(files, segment);
    }
    if (status != NT_OK) return status;
    return nt_segment_create(&journal->config, journal->epoch, scan->disk_last + 1, &scan->chain,
                             segment);
}

/// Writes what only the ring held, and syncs: from here the ring may be replaced.
static nt_status save_ring_records(nt_journal *journal, const nt_journal_scan *scan) {
    uint64_t position = scan->ring.head;
    const nt_record *record;
    nt_status status = NT_OK;
    while (status == NT_OK && (record = nt_ring_view_next(&scan->ring, &position)) != NULL) {
        if (record->sequence > scan->disk_last) status = nt_journal_write(journal, record);
    }
    return status == NT_OK ? nt_journal_sync(journal) : status;
}

static void note_warnings(nt_journal *journal) {
    char *warning = journal->warning;
    const size_t size = sizeof journal->warning;
    if (!journal->ring_file.locked) {
        snprintf(warning, size, "the journal's ring is not locked in memory; ");
    }
    if (journal->writer.uring_error != 0) {
        const size_t used = strlen(warning);
        snprintf(warning + used, size - used, "io_uring is refused (%s), the journal uses pwrite; ",
                 strerrordesc_np(journal->writer.uring_error));
    }
    const size_t used = strlen(warning);
    if (used > 2) warning[used - 2] = '\0';
}

/// Recovery's answer becomes a journal that can be appended to.
static nt_status resume(nt_journal *journal, const nt_journal_scan *scan) {
    uint32_t last = scan->found.last_epoch;
    if (last < journal->least_epoch) last = journal->least_epoch;
    if (last == UINT32_MAX) return nt_fail(NT_OVERFLOW, "journal epochs end");
    journal->epoch = last + 1;
    journal->chain = scan->chain;
    journal->written = scan->disk_last;
    journal->synced = scan->durable;
    atomic_store_explicit(&journal->sequence, scan->found.last_sequence, memory_order_relaxed);
    nt_disk_writer_init(&journal->writer, journal->config.files);
    nt_status status = resume_segment(journal, scan);
    if (status == NT_OK) status = save_ring_records(journal, scan);
    if (status == NT_OK) {
        // The epoch counts as used from here, even if this run appends nothing.
        status = nt_ring_file_open(&journal->config, journal->epoch, journal->synced,
                                   &journal->ring_file, &journal->ring);
    }
    if (status == NT_OK) note_warnings(journal);
    if (status == NT_OK && !journal->config.inline_drain) {
        status = nt_journal_thread_start(journal);
    }
    return status;
}

static nt_status recover(nt_journal *journal, nt_journal_visit visit, void *context,
                         nt_journal_found *found) {
    const nt_journal_query query = {
        .directory = journal->directory,
        .files = journal->config.files,
        .account = journal->config.account,
        .visit = visit,
        .context = context,
    };
    nt_journal_scan scan;
    nt_status status = nt_journal_scan_directory(&query, &scan);
    if (found != NULL) *found = scan.found;
    if (status != NT_OK) return status;
    status = resume(journal, &scan);
    nt_ring_view_free(&scan.ring);
    return status;
}

static void release(nt_journal *journal) {
    nt_disk_writer_destroy(&journal->writer);
    nt_segment_close(&journal->config.files, &journal->segment);
    nt_ring_file_close(&journal->ring_file);
    if (journal->lock_descriptor >= 0) close(journal->lock_descriptor);
    free(journal);
}

nt_status nt_journal_open_prepared(const nt_journal_config *config, nt_journal_prepare prepare,
                                   void *prepare_context, nt_journal_visit visit, void *context,
                                   nt_journal_found *found, nt_journal **out) {
    nt_journal *journal = aligned_alloc(alignof(nt_journal), sizeof *journal);
    if (journal == NULL) return nt_fail(NT_NO_MEMORY, "no memory for a journal");
    memset(journal, 0, sizeof *journal);
    if (found != NULL) *found = (nt_journal_found){0};
    journal->segment.descriptor = -1;
    journal->lock_descriptor = -1;
    nt_status status = take_config(journal, config);
    if (status == NT_OK) status = lock_directory(journal);
    if (status == NT_OK && prepare != NULL) status = prepare(journal, prepare_context);
    if (status == NT_OK) status = recover(journal, visit, context, found);
    if (status != NT_OK) {
        release(journal);
        return status;
    }
    *out = journal;
    return NT_OK;
}

nt_status nt_journal_open(const nt_journal_config *config, nt_journal_visit visit, void *context,
                          nt_journal_found *found, nt_journal **out) {
    return nt_journal_open_prepared(config, NULL, NULL, visit, context, found, out);
}

void nt_journal_close(nt_journal *journal) {
    if (journal == NULL) return;
    nt_journal_thread_stop(journal);
    nt_journal_finish(journal);
    release(journal);
}
