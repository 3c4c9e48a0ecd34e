// tape_fuzz.c — any bytes as the segments of a tape: the frames that are whole, in order, and a
// name for what is not.
//
// The first bytes choose how many files the input makes and whether headers and checksums are made
// right. Proves: no frame reaches past its file; each frame that is given has the checksum of its
// bytes; reading twice gives the same.
#include <stdlib.h>
#include <string.h>

#include "../../journal/tape_format.h"
#include "nt/tape.h"

enum { CONTROL = 4, LONGEST = 64 << 10, EPOCH = 1, MAX_SEALED = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    uint64_t frames, sum;
} read_frames;

static void store(nt_files files, uint32_t index, const uint8_t *bytes, size_t size) {
    char path[NT_PATH_MAX];
    int descriptor;
    if (nt_tape_path("t", EPOCH, index, path) != NT_OK) abort();
    if (files.open(files.context, path, true, &descriptor) != NT_OK) abort();
    if (size > 0 && files.write(files.context, descriptor, bytes, size, 0) != NT_OK) abort();
    files.close(files.context, descriptor);
}

/// Right checksums on what looks like frames, one behind the other.
static void seal_frames(uint8_t *bytes, size_t size) {
    size_t at = sizeof(nt_tape_header);
    for (int i = 0; i < MAX_SEALED && at + sizeof(nt_tape_frame) <= size; i++) {
        nt_tape_frame *frame = (nt_tape_frame *)(bytes + at);
        if (frame->length != NT_TAPE_GAP) frame->length %= 512;
        const uint64_t length = nt_tape_frame_size(frame->length);
        if (length > size - at) return;
        frame->crc = nt_tape_frame_checksum(frame, frame + 1);
        at += length;
    }
}

static nt_status check_frame(void *context, const nt_tape_frame *frame, const uint8_t *bytes) {
    read_frames *seen = context;
    if (frame->length == NT_TAPE_GAP || frame->length > LONGEST) abort();
    if (nt_tape_frame_checksum(frame, bytes) != frame->crc) abort();
    seen->frames++;
    for (uint32_t i = 0; i < frame->length; i++) seen->sum = seen->sum * 31 + bytes[i];
    return NT_OK;
}

/// Splits the input into files of equal length, each with room in front for its header.
static void store_all(nt_files files, const uint8_t *control, const uint8_t *data, size_t size) {
    const uint32_t count = 1 + control[0] % 3;
    const size_t each = (size / count) & ~(size_t)7;
    for (uint32_t i = 0; i < count; i++) {
        const size_t length = i + 1 == count ? size - each * i : each;
        uint8_t *bytes = malloc(sizeof(nt_tape_header) + length);
        if (bytes == NULL) abort();
        const nt_tape_header header = nt_tape_header_make(EPOCH, i + control[1] % 2);
        memcpy(bytes, &header, sizeof header);
        if (length > 0) memcpy(bytes + sizeof header, data + each * i, length);
        if (control[2] & 1) seal_frames(bytes, sizeof header + length);
        const size_t from = control[2] & 2 ? sizeof header : 0; // Without the header.
        store(files, i, bytes + from, sizeof header + length - from);
        free(bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < CONTROL || size > LONGEST) return 0;
    nt_memory_disk *disk = nt_memory_disk_create();
    const nt_files files = nt_files_memory(disk);
    store_all(files, data, data + CONTROL, size - CONTROL);
    read_frames first = {0, 0}, second = {0, 0};
    const nt_status status = nt_tape_read("t", EPOCH, files, check_frame, &first);
    if (nt_tape_read("t", EPOCH, files, check_frame, &second) != status) abort();
    if (first.frames != second.frames || first.sum != second.sum) abort();
    nt_memory_disk_destroy(disk);
    return 0;
}
