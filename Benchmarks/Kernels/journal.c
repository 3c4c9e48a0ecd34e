// journal.c — the lane's half of the journal: 200 bytes into the shared ring.
//
// The journal's own thread drains the ring to disk meanwhile, as it does beside a lane. Between two
// rounds the subject waits until all is on disk, so that the ring never fills up. The records are
// read back from the disk at the end: that is the result.
#include "subject.h"

#include <string.h>
#include <time.h>

#include "nt/journal.h"

#define PAYLOAD_BYTES 200u
#define RING_BYTES    (UINT64_C(32) << 20)
#define SLOTS         1024u
#define PATIENCE_MS   30000

typedef struct journal_subject {
    bk_subject subject;
    nt_journal *journal;
    char directory[1024];
    uint64_t number;
    uint8_t payload[PAYLOAD_BYTES];
    uint8_t slots[SLOTS][256]; ///< Of the floor.
} journal_subject;

static uint64_t run_journal(bk_subject *subject, uint32_t count) {
    journal_subject *journal = (journal_subject *)subject;
    uint64_t taken = 0;
    for (uint32_t i = 0; i < count; i++) {
        journal->number++;
        memcpy(journal->payload, &journal->number, sizeof journal->number);
        const nt_status status = nt_journal_append(
            journal->journal, NT_RECORD_REPORT, journal->number, journal->payload, PAYLOAD_BYTES);
        if (status != NT_OK) subject->problem = "the journal's ring was full";
        taken += status == NT_OK;
    }
    return taken;
}

static uint64_t copy_only(bk_subject *subject, uint32_t count) {
    journal_subject *journal = (journal_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *slot = journal->slots[(journal->number + i) % SLOTS];
        memcpy(slot, journal->payload, PAYLOAD_BYTES);
        bk_consume((uint64_t)(uintptr_t)slot);
        sum += slot[PAYLOAD_BYTES - 1];
    }
    return sum;
}

static void settle(bk_subject *subject) {
    journal_subject *journal = (journal_subject *)subject;
    const struct timespec pause = {.tv_nsec = 1000000};
    for (uint32_t i = 0; i < PATIENCE_MS; i++) {
        if (nt_journal_durable(journal->journal) == nt_journal_sequence(journal->journal)) return;
        nanosleep(&pause, NULL);
    }
    subject->problem = "the journal's records did not reach the disk";
}

static nt_status fold_record(void *context, const nt_record *record, const void *payload) {
    uint64_t *hash = context, words[PAYLOAD_BYTES / 8];
    if (record->payload_length != PAYLOAD_BYTES) return NT_CORRUPT;
    memcpy(words, payload, PAYLOAD_BYTES);
    *hash = bk_fold(*hash, record->sequence);
    for (uint32_t i = 0; i < PAYLOAD_BYTES / 8; i++) *hash = bk_fold(*hash, words[i]);
    return NT_OK;
}

static uint64_t hash_journal(bk_subject *subject) {
    journal_subject *journal = (journal_subject *)subject;
    nt_journal_close(journal->journal);
    journal->journal = NULL;
    uint64_t hash = BK_HASH_START;
    nt_journal_found found = {0};
    const nt_status status =
        nt_journal_read(journal->directory, nt_files_system(), fold_record, &hash, &found);
    if (status != NT_OK || found.records != journal->number)
        subject->problem = "the journal does not read back as it was written";
    return hash;
}

static void destroy_journal(bk_subject *subject) {
    journal_subject *journal = (journal_subject *)subject;
    if (journal->journal != NULL) nt_journal_close(journal->journal);
}

bk_subject *bk_journal_create(const char *directory) {
    journal_subject *journal = calloc(1, sizeof *journal);
    if (journal == NULL) return NULL;
    journal->subject = (bk_subject){.run = run_journal,
                                    .floor = copy_only,
                                    .rest = settle,
                                    .hash = hash_journal,
                                    .destroy = destroy_journal,
                                    .operation_bytes = PAYLOAD_BYTES};
    const size_t length = strlen(directory);
    for (uint32_t i = 0; i < PAYLOAD_BYTES; i++) journal->payload[i] = (uint8_t)(i * 7);
    const nt_journal_config config = {.directory = directory,
                                      .ring_bytes = RING_BYTES,
                                      .files = nt_files_system(),
                                      .clock = nt_clock_system()};
    if (length < sizeof journal->directory) {
        memcpy(journal->directory, directory, length);
        if (nt_journal_open(&config, NULL, NULL, NULL, &journal->journal) == NT_OK)
            return &journal->subject;
    }
    free(journal);
    return NULL;
}
