// command.c — two single-producer rings with a mutex on the slow side.
//
// Operators and the brain are slow and several, the lane is fast and one: senders serialise with
// a mutex that the lane never touches. The halt flag is a count of halts and not a bit, because
// a RESUME that waits in the ring must not end a halt that was raised after it.
#include "nt/command.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "nt/spsc.h"
#include "nt/types.h"

enum { MAX_CAPACITY = 1 << 16, ANSWERS_PER_COMMAND = 4 };

_Static_assert(sizeof(nt_command) == 128, "no padding: commands go to the journal as they are");
_Static_assert(sizeof(nt_answer) == 112, "no padding: answers go to the journal as they are");

struct nt_command_ring {
    nt_spsc *commands, *answers;
    pthread_mutex_t send_lock, take_lock;
    uint64_t last_ticket;                                  ///< Under send_lock.
    _Alignas(NT_CACHE_PAIR) _Atomic uint32_t halts_raised; ///< Written under send_lock.
    _Alignas(NT_CACHE_PAIR) uint32_t halts_ended;          ///< Lane's.
    _Atomic uint64_t answers_lost;                         ///< Lane writes.
};

nt_status nt_command_ring_create(uint32_t capacity, nt_command_ring **out) {
    if (capacity > MAX_CAPACITY) {
        return nt_fail(NT_INVALID, "create command ring: capacity of %u", capacity);
    }
    nt_command_ring *ring = aligned_alloc(NT_CACHE_PAIR, sizeof *ring);
    if (ring == NULL) return nt_fail(NT_NO_MEMORY, "create command ring: no memory");
    memset(ring, 0, sizeof *ring);
    nt_status status = nt_spsc_create(capacity, sizeof(nt_command), &ring->commands);
    if (status == NT_OK) {
        status = nt_spsc_create(capacity * ANSWERS_PER_COMMAND, sizeof(nt_answer), &ring->answers);
    }
    if (status != NT_OK) {
        nt_spsc_destroy(ring->commands);
        free(ring);
        return status;
    }
    pthread_mutex_init(&ring->send_lock, NULL);
    pthread_mutex_init(&ring->take_lock, NULL);
    *out = ring;
    return NT_OK;
}

void nt_command_ring_destroy(nt_command_ring *ring) {
    if (ring == NULL) return;
    pthread_mutex_destroy(&ring->send_lock);
    pthread_mutex_destroy(&ring->take_lock);
    nt_spsc_destroy(ring->commands);
    nt_spsc_destroy(ring->answers);
    free(ring);
}

static bool ends_halts(const nt_command *command) {
    return command->kind == NT_COMMAND_RESUME || command->kind == NT_COMMAND_REDUCE;
}

/// Under send_lock, which orders the halts and the commands among each other.
static nt_status send_locked(nt_command_ring *ring, nt_command *command) {
    const uint32_t raised = atomic_load_explicit(&ring->halts_raised, memory_order_relaxed);
    // One instrument's halt is a command like others; the flag stops the whole account.
    if (command->kind == NT_COMMAND_HALT && command->instrument == NT_NO_INSTRUMENT) {
        // Release: whatever led to the halt is visible to a lane that sees it.
        // Pairs with the acquire in nt_command_halted.
        atomic_store_explicit(&ring->halts_raised, raised + 1, memory_order_release);
    }
    if (ends_halts(command)) command->generation = raised;
    command->ticket = ring->last_ticket + 1;
    const nt_status status = nt_spsc_push(ring->commands, command);
    if (status == NT_OK) ring->last_ticket++;
    return status;
}

nt_status nt_command_send(nt_command_ring *ring, nt_command *command) {
    if (command->kind == NT_COMMAND_NONE || command->kind >= NT_COMMAND_KIND_COUNT) {
        return nt_fail(NT_INVALID, "send command: unknown kind %u", command->kind);
    }
    if (memchr(command->reason, 0, sizeof command->reason) == NULL) {
        return nt_fail(NT_INVALID, "send command: reason without end");
    }
    pthread_mutex_lock(&ring->send_lock);
    const nt_status status = send_locked(ring, command);
    pthread_mutex_unlock(&ring->send_lock);
    return status;
}

nt_status nt_answer_take(nt_command_ring *ring, nt_answer *out) {
    pthread_mutex_lock(&ring->take_lock);
    const nt_status status = nt_spsc_pop(ring->answers, out);
    pthread_mutex_unlock(&ring->take_lock);
    return status;
}

nt_status nt_command_take(nt_command_ring *ring, nt_command *out) {
    return nt_spsc_pop(ring->commands, out);
}

nt_status nt_answer_send(nt_command_ring *ring, const nt_answer *answer) {
    const nt_status status = nt_spsc_push(ring->answers, answer);
    if (status != NT_OK) {
        // Relaxed: a count for display; only the lane writes it.
        const uint64_t lost = atomic_load_explicit(&ring->answers_lost, memory_order_relaxed);
        atomic_store_explicit(&ring->answers_lost, lost + 1, memory_order_relaxed);
    }
    return status;
}

bool nt_command_halted(const nt_command_ring *ring) {
    // Acquire: pairs with the release in send_locked.
    return atomic_load_explicit(&ring->halts_raised, memory_order_acquire) != ring->halts_ended;
}

void nt_command_accept_resume(nt_command_ring *ring, const nt_command *resume) {
    NT_ASSERT(ends_halts(resume));
    ring->halts_ended = resume->generation;
}

uint64_t nt_answer_lost(const nt_command_ring *ring) {
    return atomic_load_explicit(&ring->answers_lost, memory_order_relaxed);
}
