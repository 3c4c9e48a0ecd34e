// journal_fuzz.c — any bytes as segment and ring: an answer within bounds, never a crash.
//
// The first bytes choose the files, their lengths and whether headers and checksums are made
// right, so that the fuzzer also reaches what lies behind them. Whatever is refused or trimmed,
// records come out in order, and a journal that opens can be appended to and read again.
#include <stdlib.h>
#include <string.h>

#include "../../journal/ring.h"
#include "../../journal/segment.h"
#include "nt/crypto.h"
#include "nt/journal.h"

enum { CONTROL = 8, MAX_INPUT = 128 << 10, SEGMENT = 8192, MAX_SEALED = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static nt_manual_time fuzz_time;

static void store(nt_files files, const char *path, const uint8_t *bytes, size_t size) {
    int descriptor;
    if (files.open(files.context, path, true, &descriptor) != NT_OK) abort();
    if (size > 0 && files.write(files.context, descriptor, bytes, size, 0) != NT_OK) abort();
    files.close(files.context, descriptor);
}

/// Seals what looks like records, one behind the other, with the sequences that would be right;
/// those of a segment of format 2 with their links.
static void seal_records(uint8_t *bytes, size_t size, uint64_t sequence, uint32_t link) {
    size_t at = 0;
    nt_chain chain = {0};
    for (int i = 0; i < MAX_SEALED && at + sizeof(nt_record) <= size; i++) {
        nt_record *record = (nt_record *)(bytes + at);
        record->payload_length %= 64;
        const uint32_t length = nt_record_size(record->payload_length) + link;
        if (length > size - at) return;
        record->length = length;
        record->sequence = sequence++;
        record->epoch = 1;
        record->kind = (nt_record_kind)(1 + record->kind % 16);
        nt_chain_take(&chain, record);
        if (link > 0) {
            nt_record_link *end = (nt_record_link *)(bytes + at + length) - 1;
            memcpy(end->chain, chain.value, sizeof end->chain);
            end->durable %= sequence;
        }
        nt_record_seal(record);
        at += length;
    }
}

/// A segment with a right header, and the input as its records.
static uint8_t *make_segment(const uint8_t *data, size_t size, uint32_t format, size_t *length) {
    *length = NT_SEGMENT_HEADER + size;
    uint8_t *bytes = calloc(1, *length);
    if (bytes == NULL) abort();
    nt_segment_header *header = (nt_segment_header *)bytes;
    header->magic = NT_SEGMENT_MAGIC;
    header->format = format;
    header->first_sequence = 1;
    header->crc = nt_crc32c(0, header, offsetof(nt_segment_header, crc));
    if (size > 0) memcpy(bytes + NT_SEGMENT_HEADER, data, size);
    return bytes;
}

/// A ring with a right header, positions from the control bytes, and the input as its records.
static uint8_t *make_ring(const uint8_t *control, const uint8_t *data, size_t size) {
    uint8_t *bytes = aligned_alloc(4096, NT_RING_HEADER + NT_RING_MIN);
    if (bytes == NULL) abort();
    memset(bytes, 0, NT_RING_HEADER + NT_RING_MIN);
    nt_ring_header *header = (nt_ring_header *)bytes;
    header->magic = NT_RING_MAGIC;
    header->format = NT_RING_FORMAT;
    header->size = NT_RING_MIN;
    header->epoch = 1;
    header->boot[0] = control[6] & 1; // A run of the machine that is over.
    header->crc = nt_crc32c(0, header, offsetof(nt_ring_header, crc));
    const uint64_t head = (uint64_t)control[0] * 8, length = (uint64_t)control[1] * 24;
    atomic_store_explicit(&header->marks.head, head, memory_order_relaxed);
    atomic_store_explicit(&header->marks.tail, head + length, memory_order_relaxed);
    atomic_store_explicit(&header->marks.durable, control[2] / 16, memory_order_relaxed);
    const uint64_t room = NT_RING_MIN - head;
    if (size > 0) memcpy(bytes + NT_RING_HEADER + head, data, size < room ? size : room);
    return bytes;
}

static nt_status check_order(void *context, const nt_record *record, const void *payload) {
    uint64_t *last = context;
    if (record->sequence != *last + 1 || payload != (const void *)(record + 1)) abort();
    if (record->payload_length > NT_RECORD_MAX_PAYLOAD) abort();
    *last = record->sequence;
    return NT_OK;
}

/// Opening repairs; what it repaired reads back without damage.
static void open_and_append(nt_files files) {
    const nt_journal_config config = {.directory = "j",
                                      .ring_bytes = NT_RING_MIN,
                                      .segment_bytes = SEGMENT,
                                      .files = files,
                                      .clock = nt_clock_manual(&fuzz_time),
                                      .inline_drain = true};
    nt_journal *journal;
    uint64_t last = 0, again = 0;
    if (nt_journal_open(&config, check_order, &last, NULL, &journal) != NT_OK) return;
    if (nt_journal_append(journal, NT_RECORD_STOP, 1, "end", 3) != NT_OK) abort();
    nt_journal_close(journal);
    nt_journal_found found;
    if (nt_journal_read("j", files, check_order, &again, &found) != NT_OK) abort();
    if (again != last + 1 || found.trimmed_bytes != 0 || !found.clean_stop) abort();
}

/// The input as the files themselves.
static void store_raw(nt_files files, const uint8_t *data, size_t size, size_t split, bool ring) {
    store(files, "j/00000000000000000001.ntj", data, split);
    if (ring) store(files, "j/" NT_RING_NAME, data + split, size - split);
}

/// The input as records of files that are otherwise right; `bytes` is the caller's to change.
static void store_sealed(nt_files files, const uint8_t *control, uint8_t *bytes, size_t size,
                         size_t split, bool seals_all) {
    size_t length;
    // Every record sealed, or one in the middle left as it came.
    const size_t sealed = seals_all ? split : split / 2;
    const uint32_t format = control[7] & 1 ? 1 : NT_JOURNAL_FORMAT;
    seal_records(bytes, sealed, 1, nt_record_link_size(format));
    seal_records(bytes + split, size - split, control[3], 0);
    uint8_t *segment = make_segment(bytes, split, format, &length);
    uint8_t *ring = make_ring(control, bytes + split, size - split);
    store(files, "j/00000000000000000001.ntj", segment, length);
    store(files, "j/" NT_RING_NAME, ring, NT_RING_HEADER + NT_RING_MIN);
    free(segment);
    free(ring);
}

static void try_journal(nt_files files, const uint8_t *control, uint8_t *bytes, size_t size) {
    size_t split = (size_t)control[4] * 64;
    if (split > size) split = size;
    split &= ~(size_t)7;
    if (control[5] & 2) {
        store_sealed(files, control, bytes, size, split, control[5] & 4);
    } else {
        store_raw(files, bytes, size, split, control[5] & 4);
    }
    uint64_t last = 0;
    nt_journal_read("j", files, check_order, &last, NULL);
    open_and_append(files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < CONTROL || size > MAX_INPUT) return 0;
    uint8_t control[CONTROL];
    memcpy(control, data, CONTROL);
    size -= CONTROL;
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL) return 0;
    memcpy(bytes, data + CONTROL, size);
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    try_journal(files, control, bytes, size);
    nt_memory_disk_destroy(disk);
    free(bytes);
    return 0;
}
