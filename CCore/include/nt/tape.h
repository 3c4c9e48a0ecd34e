// tape.h — raw inbound frames in the order the lane handled them, for replay.
//
// Not synced; when its writer falls behind, frames are left out and the gap is marked, and a
// replay refuses at the gap instead of pretending. Start-up does not need the tape.
#ifndef NT_TAPE_H
#define NT_TAPE_H

#include <stdbool.h>

#include "nt/file.h"
#include "nt/status.h"

typedef struct nt_tape nt_tape;

typedef struct nt_tape_config {
    const char *directory;  ///< Exists.
    uint64_t ring_bytes;    ///< Power of two; default 8 MiB when 0.
    uint64_t segment_bytes; ///< Default 64 MiB when 0; a full one is followed by the next.
    uint64_t max_bytes;     ///< Oldest segments are deleted beyond it; 0 = keep all.
    nt_files files;
    uint32_t epoch;    ///< Of the run; part of the file names.
    bool inline_drain; ///< No thread (tests).
} nt_tape_config;

/// Header of a frame on the tape; bytes follow, padded to 8. Little endian.
typedef struct nt_tape_frame {
    uint32_t length;   ///< Of the bytes; UINT32_MAX: a gap starts here.
    uint32_t crc;      ///< CRC32C of the rest of the header and the bytes.
    uint64_t sequence; ///< Lane sequence of the (first) event made of it.
    int64_t received_ns;
    uint32_t stream;
    uint32_t instrument; ///< Of a snapshot body, else NT_NO_INSTRUMENT.
} nt_tape_frame;

nt_status nt_tape_open(const nt_tape_config *config, nt_tape **out);
void nt_tape_close(nt_tape *tape);
/// Lane thread only; never blocks. Frames that do not fit are counted and become a gap.
void nt_tape_append(nt_tape *tape, uint64_t sequence, int64_t received_ns, uint32_t stream,
                    uint32_t instrument, const uint8_t *bytes, uint32_t length);
uint64_t nt_tape_dropped(const nt_tape *tape);
nt_status nt_tape_drain(nt_tape *tape);

typedef nt_status (*nt_tape_visit)(void *context, const nt_tape_frame *frame, const uint8_t *bytes);
/// Reads the frames of one run in order. NT_GAP at a gap, NT_CORRUPT at damage; a torn tail ends
/// it.
nt_status nt_tape_read(const char *directory, uint32_t epoch, nt_files files, nt_tape_visit visit,
                       void *context);

#endif
