// journal_support.h — what the journal's tests share: numbered records, a disk in memory, a
// directory of the system's, and edits of files behind the journal's back.
#ifndef NT_JOURNAL_SUPPORT_H
#define NT_JOURNAL_SUPPORT_H

#include <stdlib.h>
#include <unistd.h>

#include "../journal/ring.h"
#include "../journal/segment.h"
#include "nt/journal.h"
#include "test.h"

enum { SMALL_RING = 4096, SMALL_SEGMENT = 8192 };

static nt_manual_time test_time = {1000, 2000};

/// A journal on a disk in memory, drained by hand.
static inline nt_journal_config memory_config(nt_memory_disk *disk) {
    return (nt_journal_config){
        .directory = "j",
        .ring_bytes = SMALL_RING,
        .segment_bytes = SMALL_SEGMENT,
        .account = {1, 2, 3},
        .files = nt_files_memory(disk),
        .clock = nt_clock_manual(&test_time),
        .inline_drain = true,
    };
}

/// The payload of a sequence: its length and bytes follow from the number.
static inline uint32_t make_payload(uint64_t sequence, uint8_t *out) {
    const uint32_t length = (uint32_t)(sequence * 7 % 60);
    for (uint32_t i = 0; i < length; i++) out[i] = (uint8_t)(sequence * 31 + i);
    return length;
}

static inline nt_status append_next(nt_journal *journal) {
    uint8_t payload[64];
    const uint64_t next = nt_journal_sequence(journal) + 1;
    const uint32_t length = make_payload(next, payload);
    return nt_journal_append(journal, NT_RECORD_REPORT, next * 10, payload, length);
}

/// Appends with a drain whenever the ring is full.
static inline bool append_many(nt_journal *journal, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        if (append_next(journal) == NT_OK) continue;
        if (nt_journal_drain(journal) != NT_OK || append_next(journal) != NT_OK) return false;
    }
    return true;
}

/// Checks each record against its number.
typedef struct {
    uint64_t count;
    uint64_t wrong;
    uint32_t epoch;
} checker;

static inline nt_status check_record(void *context, const nt_record *record, const void *payload) {
    checker *seen = context;
    uint8_t wanted[64];
    const uint64_t sequence = ++seen->count;
    const uint32_t length = make_payload(sequence, wanted);
    const bool right = record->sequence == sequence && record->event == sequence * 10 &&
                       record->kind == NT_RECORD_REPORT && record->payload_length == length &&
                       record->epoch >= seen->epoch && memcmp(payload, wanted, length) == 0;
    if (!right) seen->wrong++;
    seen->epoch = record->epoch;
    return NT_OK;
}

static inline bool read_text_has(const char *part) { return strstr(nt_last_error(), part) != NULL; }

// Editing files behind the journal's back.

static inline uint8_t *load_file(nt_files files, const char *path, uint64_t *size) {
    int descriptor;
    size_t got;
    if (files.open(files.context, path, false, &descriptor) != NT_OK) return NULL;
    if (files.size(files.context, descriptor, size) != NT_OK) return NULL;
    uint8_t *bytes = aligned_alloc(4096, (*size / 4096 + 1) * 4096); // As a mapping would be.
    files.read(files.context, descriptor, bytes, *size, 0, &got);
    files.close(files.context, descriptor);
    return bytes;
}

static inline void store_file(nt_files files, const char *path, const void *bytes, uint64_t size) {
    int descriptor;
    if (files.open(files.context, path, true, &descriptor) != NT_OK) return;
    files.resize(files.context, descriptor, 0);
    if (size > 0) files.write(files.context, descriptor, bytes, size, 0);
    files.close(files.context, descriptor);
}

static inline void clear_ring(nt_files files) { store_file(files, "j/" NT_RING_NAME, "", 0); }

static const char first_segment[] = "j/00000000000000000001.ntj";

static inline nt_journal_config system_config(const char *directory) {
    return (nt_journal_config){
        .directory = directory,
        .ring_bytes = 64 << 10,
        .segment_bytes = 64 << 10,
        .account = {1, 2, 3},
        .files = nt_files_system(),
        .clock = nt_clock_system(),
    };
}

#endif
