// segment.c — names, headers and making of segments.
//
// A segment is reserved whole before its header is written, so that a full disk shows itself here
// and not in the middle of a record; a file without a header is one whose making was interrupted.
#include "segment.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nt/crypto.h"

enum { NAME_DIGITS = 20 };

nt_status nt_path_join(const char *directory, const char *name, char out[NT_PATH_MAX]) {
    const int length = snprintf(out, NT_PATH_MAX, "%s/%s", directory, name);
    if (length < 0 || length >= NT_PATH_MAX) return nt_fail(NT_INVALID, "path too long: %s", name);
    return NT_OK;
}

void nt_segment_name(uint64_t first_sequence, char out[NT_NAME_MAX]) {
    snprintf(out, NT_NAME_MAX, "%020" PRIu64 ".ntj", first_sequence);
}

nt_status nt_segment_path(const char *directory, uint64_t first_sequence, char out[NT_PATH_MAX]) {
    char name[NT_NAME_MAX];
    nt_segment_name(first_sequence, name);
    return nt_path_join(directory, name, out);
}

bool nt_files_are_system(const nt_files *files) {
    const nt_files system = nt_files_system();
    return files->open == system.open && files->write == system.write && files->sync == system.sync;
}

/// The number in a segment's name; 0 for any other name.
static uint64_t sequence_of(const char *name) {
    if (strlen(name) != NAME_DIGITS + 4 || strcmp(name + NAME_DIGITS, ".ntj") != 0) return 0;
    if (strspn(name, "0123456789") != NAME_DIGITS) return 0;
    return strtoull(name, NULL, 10);
}

uint64_t nt_segment_newest(const char *directory, const nt_files *files) {
    if (!nt_files_are_system(files)) return 0;
    DIR *listing = opendir(directory);
    if (listing == NULL) return 0;
    uint64_t newest = 0;
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        const uint64_t sequence = sequence_of(entry->d_name);
        if (sequence > newest) newest = sequence;
    }
    closedir(listing);
    return newest;
}

uint64_t nt_segment_from(const char *directory, uint64_t from) {
    DIR *listing = opendir(directory);
    if (listing == NULL) return 0;
    uint64_t least = 0;
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        const uint64_t sequence = sequence_of(entry->d_name);
        if (sequence >= from && sequence > 0 && (least == 0 || sequence < least)) least = sequence;
    }
    closedir(listing);
    return least;
}

static uint32_t header_checksum(const nt_segment_header *header) {
    return nt_crc32c(0, header, offsetof(nt_segment_header, crc));
}

static nt_status write_header(const nt_journal_config *config, uint32_t epoch,
                              const nt_chain *chain, const nt_segment *segment) {
    nt_segment_header header = {
        .magic = NT_SEGMENT_MAGIC,
        .format = NT_JOURNAL_FORMAT,
        .epoch = epoch,
        .first_sequence = segment->first_sequence,
        .previous_last = segment->first_sequence - 1,
        .created_wall_ns = nt_wall(&config->clock),
    };
    memcpy(header.account, config->account, sizeof header.account);
    memcpy(header.chain, chain->value, sizeof header.chain);
    header.crc = header_checksum(&header);
    return config->files.write(config->files.context, segment->descriptor, &header, sizeof header,
                               0);
}

nt_status nt_segment_create(const nt_journal_config *config, uint32_t epoch,
                            uint64_t first_sequence, const nt_chain *chain, nt_segment *out) {
    char path[NT_PATH_MAX];
    const nt_files *files = &config->files;
    nt_segment segment = {
        .first_sequence = first_sequence, .end = NT_SEGMENT_HEADER, .size = config->segment_bytes};
    nt_status status = nt_segment_path(config->directory, first_sequence, path);
    if (status != NT_OK) return status;
    status = files->open(files->context, path, true, &segment.descriptor);
    if (status != NT_OK) return status;
    // To nothing and back: an interrupted making leaves no byte behind.
    status = files->resize(files->context, segment.descriptor, 0);
    if (status == NT_OK) status = files->resize(files->context, segment.descriptor, segment.size);
    if (status == NT_OK) status = write_header(config, epoch, chain, &segment);
    if (status == NT_OK) status = files->sync(files->context, segment.descriptor);
    if (status == NT_OK) status = files->sync_directory(files->context, config->directory);
    if (status != NT_OK) {
        files->close(files->context, segment.descriptor);
        return status;
    }
    *out = segment;
    return NT_OK;
}

nt_status nt_segment_header_check(const nt_segment_header *header, const char *path,
                                  uint64_t first_sequence, const uint8_t *account) {
    if (header->magic != NT_SEGMENT_MAGIC || header->crc != header_checksum(header)) {
        return nt_fail(NT_CORRUPT, "%s: damaged header at offset 0", path);
    }
    if (header->format == 0 || header->format > NT_JOURNAL_FORMAT) {
        return nt_fail(NT_VERSION,
                       "%s: format %" PRIu32 ", this program reads up to %u; use a newer program",
                       path, header->format, NT_JOURNAL_FORMAT);
    }
    if (account != NULL && memcmp(header->account, account, sizeof header->account) != 0) {
        return nt_fail(NT_REFUSED, "%s: belongs to another account", path);
    }
    if (header->first_sequence != first_sequence || header->previous_last != first_sequence - 1) {
        return nt_fail(NT_CORRUPT, "%s: its header begins with sequence %" PRIu64, path,
                       header->first_sequence);
    }
    return NT_OK;
}

void nt_segment_close(const nt_files *files, nt_segment *segment) {
    if (segment->descriptor >= 0) files->close(files->context, segment->descriptor);
    segment->descriptor = -1;
}
