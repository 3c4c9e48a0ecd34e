// cell.c — a triple buffer: one slot is being written, one is being read, one lies in between.
//
// A write fills its own slot and swaps it with the one in between; a read swaps its own slot
// with the one in between when that is news. Each swap is a single instruction that cannot
// fail, so both sides are wait-free. At every moment the three sides hold three different slots.
#include "nt/cell.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "nt/spsc.h"

enum { SLOT_COUNT = 3, SLOT_MASK = 3, NEWS = 4, VALUE_OFFSET = 16 };

struct nt_cell {
    _Alignas(NT_CACHE_PAIR) _Atomic uint32_t between; ///< Slot number, plus NEWS when unread.
    _Alignas(NT_CACHE_PAIR) uint64_t version;         ///< Writer's from here.
    uint32_t back;
    _Alignas(NT_CACHE_PAIR) uint32_t front; ///< Reader's.
    _Alignas(NT_CACHE_PAIR) uint8_t *slots; ///< From here on constant after creation.
    uint32_t value_size;
    size_t stride;
};

nt_status nt_cell_create(uint32_t value_size, nt_cell **out) {
    if (value_size == 0) return nt_fail(NT_INVALID, "create cell: value size of 0");
    const size_t padding = NT_CACHE_PAIR - 1;
    const size_t stride = (VALUE_OFFSET + (size_t)value_size + padding) & ~padding;
    nt_cell *cell = aligned_alloc(NT_CACHE_PAIR, sizeof *cell);
    uint8_t *slots = aligned_alloc(NT_CACHE_PAIR, SLOT_COUNT * stride);
    if (cell == NULL || slots == NULL) {
        free(cell);
        free(slots);
        return nt_fail(NT_NO_MEMORY, "create cell: no memory");
    }
    memset(slots, 0, SLOT_COUNT * stride);
    memset(cell, 0, sizeof *cell);
    cell->slots = slots;
    cell->stride = stride;
    cell->value_size = value_size;
    atomic_init(&cell->between, 1);
    cell->back = 0;
    cell->front = 2;
    *out = cell;
    return NT_OK;
}

void nt_cell_destroy(nt_cell *cell) {
    if (cell == NULL) return;
    free(cell->slots);
    free(cell);
}

static uint8_t *slot(const nt_cell *cell, uint32_t index) {
    return cell->slots + index * cell->stride;
}

uint64_t nt_cell_write(nt_cell *cell, const void *value) {
    uint8_t *back = slot(cell, cell->back);
    cell->version++;
    memcpy(back, &cell->version, sizeof cell->version);
    memcpy(back + VALUE_OFFSET, value, cell->value_size);
    // Release: the slot's bytes are visible before its number; pairs with the acquire of the
    // exchange in nt_cell_read. Acquire: the reader is done with the slot that we get back; pairs
    // with the release of the same exchange.
    const uint32_t old =
        atomic_exchange_explicit(&cell->between, cell->back | NEWS, memory_order_acq_rel);
    cell->back = old & SLOT_MASK;
    return cell->version;
}

bool nt_cell_has_news(const nt_cell *cell) {
    // Relaxed: only a hint; the exchange in nt_cell_read orders the bytes.
    return (atomic_load_explicit(&cell->between, memory_order_relaxed) & NEWS) != 0;
}

const void *nt_cell_read(nt_cell *cell, uint64_t *version) {
    if (nt_cell_has_news(cell)) {
        // Acquire: the value's bytes are visible after its slot number; pairs with the release of
        // the exchange in nt_cell_write. Release: our reads of the old slot are done before the
        // writer gets it; pairs with the acquire of the same exchange.
        const uint32_t old =
            atomic_exchange_explicit(&cell->between, cell->front, memory_order_acq_rel);
        cell->front = old & SLOT_MASK;
    }
    const uint8_t *front = slot(cell, cell->front);
    memcpy(version, front, sizeof *version);
    return front + VALUE_OFFSET;
}
