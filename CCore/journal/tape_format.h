// tape_format.h — the tape's files: a small header, then frames, in order.
#ifndef NT_JOURNAL_TAPE_FORMAT_H
#define NT_JOURNAL_TAPE_FORMAT_H

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>

#include "nt/tape.h"
#include "segment.h"

#define NT_TAPE_MAGIC  0x3154544eu ///< "NTT1"
#define NT_TAPE_FORMAT 1u
#define NT_TAPE_GAP    UINT32_MAX ///< nt_tape_frame.length: frames are missing from here.

enum {
    NT_TAPE_SEGMENT_MAX = 1 << 30,
    NT_TAPE_INDEX_MAX = 999999,
};

/// Begins each file.
typedef struct nt_tape_header {
    uint32_t magic, format;
    uint32_t epoch, index;
    uint8_t reserved[44];
    uint32_t crc; ///< CRC32C of everything before.
} nt_tape_header;

static_assert(sizeof(nt_tape_header) == 64, "the tape's header is a format on disk");
static_assert(sizeof(nt_tape_frame) == 32, "the tape's frame is a format on disk");

/// Bytes that a frame takes.
static inline uint64_t nt_tape_frame_size(uint32_t length) {
    const uint64_t bytes = length == NT_TAPE_GAP ? 0 : length;
    return sizeof(nt_tape_frame) + ((bytes + 7) & ~UINT64_C(7));
}

/// Checksum of the header behind `crc`, and of the frame's bytes.
uint32_t nt_tape_frame_checksum(const nt_tape_frame *frame, const void *bytes);

/// Header of one file, complete.
nt_tape_header nt_tape_header_make(uint32_t epoch, uint32_t index);

/// Epoch in 8 hexadecimal digits, index in 6 decimal ones.
nt_status nt_tape_path(const char *directory, uint32_t epoch, uint32_t index,
                       char out[NT_PATH_MAX]);

/// True for a name that nt_tape_path makes.
bool nt_tape_name_parse(const char *name, uint32_t *epoch, uint32_t *index);

#endif
