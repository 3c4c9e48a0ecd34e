// tape_internal.h — the tape's state, shared by its two sides: append (lane) and drain.
#ifndef NT_TAPE_INTERNAL_H
#define NT_TAPE_INTERNAL_H

#include <pthread.h>

#include "ring.h"
#include "tape_format.h"

/// Created by nt_tape_open, freed by nt_tape_close. The lane owns the first part, the draining
/// thread the second.
struct nt_tape {
    // The lane's.
    nt_ring ring;
    bool gap_open;     ///< Frames were left out since the last one that fitted.
    nt_tape_frame gap; ///< Header of the first one left out.
    _Atomic uint64_t dropped_at_ring;

    // The drain's.
    alignas(64) int descriptor; ///< −1: the segment must be made.
    uint32_t index;             ///< Of the segment being written.
    uint64_t end;               ///< Offset behind its last frame.
    bool gap_pending;           ///< Frames could not be written; `lost` is the first.
    nt_tape_frame lost;
    _Atomic uint64_t dropped_at_disk;

    // Everyone's, constant after open.
    alignas(64) nt_ring_marks marks;
    nt_tape_config config;
    char directory[NT_PATH_MAX];
    bool has_thread;
    pthread_t thread;
    _Atomic bool stopping;
};

/// In the ring's memory only: fills to the ring's end.
#define NT_TAPE_SKIP (UINT32_MAX - 1)

/// Puts one frame or gap that is known to fit into the ring. Lane side.
void nt_tape_put(nt_ring *ring, const nt_tape_frame *frame, const uint8_t *bytes);

/// Writes what is published. NT_OK, or why frames were lost this time. Drain side.
nt_status nt_tape_drain_all(nt_tape *tape);

/// Deletes the oldest segments until one more fits under max_bytes. Never the current one.
void nt_tape_prune(const nt_tape *tape);

#endif
