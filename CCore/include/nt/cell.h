// cell.h — the latest value from one thread to one other: forecasts and limits for the lane.
//
// A triple buffer and not a sequence lock, because the reader is the lane: it never retries,
// never sees a torn value, and gets a pointer instead of a copy. The price is one reader per
// cell; whoever has two readers makes two cells. The writer never waits either; values that are
// overwritten before the reader looks are lost on purpose.
#ifndef NT_CELL_H
#define NT_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "nt/status.h"

/// Created and destroyed by the owner of both threads. One writer at a time (several serialise
/// outside), one reader.
typedef struct nt_cell nt_cell;

/// `value_size` bytes, at least 1. Until the first write the value is all zero, version 0.
nt_status nt_cell_create(uint32_t value_size, nt_cell **out);
void nt_cell_destroy(nt_cell *cell);

/// Publishes a copy of `value`; returns its version, 1 more than the one before. Writer.
uint64_t nt_cell_write(nt_cell *cell, const void *value);

/// Whether nt_cell_read would give a newer value. One load. Reader.
bool nt_cell_has_news(const nt_cell *cell);
/// The newest value, aligned to 16 bytes, untouched until the next call of this function. Reader.
const void *nt_cell_read(nt_cell *cell, uint64_t *version);

#endif
