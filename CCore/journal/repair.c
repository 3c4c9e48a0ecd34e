// repair.c — cuts a journal at its damage, by a person's order.
//
// Nothing is deleted: the damaged segment is copied, later ones and the ring are moved into a
// folder first. The rest is then opened as a start would open it, which trims, makes a ring and
// uses up an epoch: one behind every epoch that is named in what was taken away, so that no order
// id can come again.
#include <stdlib.h>
#include <string.h>

#include "journal_internal.h"

typedef struct {
    const char *keep;
    nt_journal_found *before;
} repair;

/// A file of the journal in memory; NULL when it cannot be had. The caller frees it.
static uint8_t *load(const nt_files *files, const char *path, uint64_t *length) {
    int descriptor;
    size_t got = 0;
    uint8_t *bytes = NULL;
    if (files->open(files->context, path, false, &descriptor) != NT_OK) return NULL;
    if (files->size(files->context, descriptor, length) == NT_OK) {
        bytes = aligned_alloc(4096, (*length / 4096 + 1) * 4096);
    }
    if (bytes != NULL) {
        const nt_status status = files->read(files->context, descriptor, bytes, *length, 0, &got);
        *length = status == NT_OK ? got : 0;
    }
    files->close(files->context, descriptor);
    return bytes;
}

/// Notes the greatest epoch that a header or a whole record of the file names.
static void learn_epochs(nt_journal *journal, const char *name) {
    char path[NT_PATH_MAX];
    uint64_t length = 0;
    if (nt_path_join(journal->directory, name, path) != NT_OK) return;
    uint8_t *bytes = load(&journal->config.files, path, &length);
    uint32_t greatest = journal->least_epoch;
    if (bytes != NULL && length >= NT_SEGMENT_HEADER) {
        const nt_segment_header *segment = (const nt_segment_header *)bytes;
        const uint32_t epoch = segment->magic == NT_SEGMENT_MAGIC
                                   ? segment->epoch
                                   : ((const nt_ring_header *)bytes)->epoch;
        // A damaged header may say anything; no installation has started so often.
        if (epoch > greatest && epoch < UINT16_MAX) greatest = epoch;
    }
    for (uint64_t at = 0; bytes != NULL && at + NT_RECORD_HEADER <= length; at += NT_RECORD_ALIGN) {
        const nt_record *record = (const nt_record *)(bytes + at);
        const bool whole = nt_record_whole(record, length - at, 0) ||
                           nt_record_whole(record, length - at, sizeof(nt_record_link));
        if (whole && record->epoch > greatest) greatest = record->epoch;
    }
    journal->least_epoch = greatest;
    free(bytes);
}

static nt_status copy_into(const nt_journal *journal, const char *name, const char *keep) {
    const nt_files *files = &journal->config.files;
    char from[NT_PATH_MAX], to[NT_PATH_MAX];
    uint64_t length = 0;
    int descriptor;
    nt_status status = nt_path_join(journal->directory, name, from);
    if (status == NT_OK) status = nt_path_join(keep, name, to);
    if (status != NT_OK) return status;
    uint8_t *bytes = load(files, from, &length);
    if (bytes == NULL) return nt_fail(NT_IO, "%s: cannot be read", from);
    status = files->open(files->context, to, true, &descriptor);
    if (status == NT_OK) {
        status = files->write(files->context, descriptor, bytes, length, 0);
        if (status == NT_OK) status = files->sync(files->context, descriptor);
        files->close(files->context, descriptor);
    }
    free(bytes);
    return status;
}

static nt_status move_into(const nt_journal *journal, const char *name, const char *keep) {
    char from[NT_PATH_MAX], to[NT_PATH_MAX];
    nt_status status = nt_path_join(journal->directory, name, from);
    if (status == NT_OK) status = nt_path_join(keep, name, to);
    if (status != NT_OK) return status;
    status = journal->config.files.rename(journal->config.files.context, from, to);
    return status == NT_NOT_FOUND ? NT_OK : status;
}

/// Zeroes a segment from the damage to its end.
static nt_status clear_from(const nt_journal *journal, const nt_journal_place *damage) {
    const nt_files *files = &journal->config.files;
    char path[NT_PATH_MAX];
    uint64_t size = 0;
    int descriptor;
    nt_status status = nt_path_join(journal->directory, damage->file, path);
    if (status == NT_OK) status = files->open(files->context, path, false, &descriptor);
    if (status != NT_OK) return status;
    status = files->size(files->context, descriptor, &size);
    // To the damage and back: what is given anew is zeros.
    if (status == NT_OK) status = files->resize(files->context, descriptor, damage->offset);
    if (status == NT_OK && size > damage->offset) {
        status = files->resize(files->context, descriptor, size);
    }
    if (status == NT_OK) status = files->sync(files->context, descriptor);
    files->close(files->context, descriptor);
    return status;
}

/// Takes away what lies at and behind the damage; the ring last, because it names the last epoch.
static nt_status cut(nt_journal *journal, const nt_journal_place *damage, const char *keep) {
    const nt_files *files = &journal->config.files;
    char name[NT_NAME_MAX];
    nt_status status = NT_OK;
    uint64_t first;
    learn_epochs(journal, NT_RING_NAME);
    for (first = nt_segment_from(journal->directory, 1); first != 0;
         first = nt_segment_from(journal->directory, first + 1)) {
        nt_segment_name(first, name);
        learn_epochs(journal, name);
    }
    if (strcmp(damage->file, NT_RING_NAME) != 0) {
        if (damage->offset > 0) {
            status = copy_into(journal, damage->file, keep);
            if (status == NT_OK) status = clear_from(journal, damage);
        }
        while (status == NT_OK &&
               (first = nt_segment_from(journal->directory, damage->record)) != 0) {
            nt_segment_name(first, name);
            status = move_into(journal, name, keep);
        }
    }
    if (status == NT_OK) status = files->sync_directory(files->context, keep);
    if (status == NT_OK) status = move_into(journal, NT_RING_NAME, keep);
    return status == NT_OK ? files->sync_directory(files->context, journal->directory) : status;
}

/// The account is the first segment's; without one, or with the damage before its first record,
/// nothing would be left.
static nt_status take_account(nt_journal *journal, const nt_journal_place *damage) {
    char path[NT_PATH_MAX];
    uint64_t length = 0;
    nt_status status = nt_segment_path(journal->directory, 1, path);
    if (status != NT_OK) return status;
    uint8_t *bytes = load(&journal->config.files, path, &length);
    const bool left = bytes != NULL && length >= NT_SEGMENT_HEADER && damage->record != 1;
    if (left) {
        memcpy(journal->config.account, ((const nt_segment_header *)bytes)->account,
               sizeof journal->config.account);
    }
    free(bytes);
    if (left) return NT_OK;
    return nt_fail(NT_REFUSED, "%s: no record would be left; begin with a new data directory",
                   journal->directory);
}

static nt_status prepare(nt_journal *journal, void *context) {
    const repair *order = context;
    const nt_journal_query query = {.directory = journal->directory,
                                    .files = journal->config.files};
    nt_journal_scan scan;
    const nt_status found = nt_journal_scan_directory(&query, &scan);
    *order->before = scan.found;
    if (found == NT_OK) nt_ring_view_free(&scan.ring);
    if (found != NT_OK && found != NT_CORRUPT) return found;
    nt_status status = take_account(journal, &scan.found.damage);
    if (status != NT_OK) return status;
    if (found == NT_CORRUPT) return cut(journal, &scan.found.damage, order->keep);
    if (scan.torn_bytes == 0) return NT_OK;
    return copy_into(journal, scan.found.end.file, order->keep);
}

nt_status nt_journal_repair(const nt_journal_config *config, const char *keep,
                            nt_journal_found *before) {
    repair order = {.keep = keep, .before = before};
    nt_journal *journal;
    *before = (nt_journal_found){0};
    const nt_status status =
        nt_journal_open_prepared(config, prepare, &order, NULL, NULL, NULL, &journal);
    if (status == NT_OK) nt_journal_close(journal);
    return status;
}
