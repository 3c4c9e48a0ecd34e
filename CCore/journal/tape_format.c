// tape_format.c — names, headers and checksums of the tape, for its writer and its reader.
#include "tape_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nt/crypto.h"

uint32_t nt_tape_frame_checksum(const nt_tape_frame *frame, const void *bytes) {
    const size_t from = offsetof(nt_tape_frame, sequence);
    const uint32_t crc = nt_crc32c(0, (const uint8_t *)frame + from, sizeof *frame - from);
    return frame->length == NT_TAPE_GAP ? crc : nt_crc32c(crc, bytes, frame->length);
}

nt_tape_header nt_tape_header_make(uint32_t epoch, uint32_t index) {
    nt_tape_header header = {
        .magic = NT_TAPE_MAGIC, .format = NT_TAPE_FORMAT, .epoch = epoch, .index = index};
    header.crc = nt_crc32c(0, &header, offsetof(nt_tape_header, crc));
    return header;
}

nt_status nt_tape_path(const char *directory, uint32_t epoch, uint32_t index,
                       char out[NT_PATH_MAX]) {
    char name[40];
    snprintf(name, sizeof name, "%08" PRIx32 "-%06" PRIu32 ".ntt", epoch, index);
    return nt_path_join(directory, name, out);
}

bool nt_tape_name_parse(const char *name, uint32_t *epoch, uint32_t *index) {
    if (strlen(name) != 19 || name[8] != '-' || strcmp(name + 15, ".ntt") != 0) return false;
    if (strspn(name, "0123456789abcdef") != 8) return false;
    if (strspn(name + 9, "0123456789") != 6) return false;
    *epoch = (uint32_t)strtoul(name, NULL, 16);
    *index = (uint32_t)strtoul(name + 9, NULL, 10);
    return true;
}
