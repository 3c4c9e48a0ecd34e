// command.h — orders from operator and brain to the lane, and the lane's answers.
//
// A command that changes something names what it means (order or position, and generation), so
// that the lane refuses one that has become stale; every command taken is answered under its
// ticket. Both directions are bounded: a full ring is an answer too. Halting does not depend on
// room in the ring: it is also a flag that the lane sees at its next event.
#ifndef NT_COMMAND_H
#define NT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "nt/status.h"

enum { ///< nt_command_kind
    NT_COMMAND_NONE = 0,
    NT_COMMAND_HALT = 1,         ///< No new risk from now on; of all: raises the flag too.
    NT_COMMAND_RESUME = 2,       ///< Ends the halts raised before it was sent, no later one.
    NT_COMMAND_REDUCE = 3,       ///< Only orders that reduce risk; ends halts as RESUME does.
    NT_COMMAND_CANCEL_ORDER = 4, ///< position_or_order: key of the order.
    NT_COMMAND_CANCEL_ALL = 5,   ///< Of the instrument, or NT_NO_INSTRUMENT for all.
    NT_COMMAND_FLATTEN = 6,      ///< Closes the position of the instrument, or all.
    NT_COMMAND_SET_LIMITS = 7,   ///< generation: version in the limits cell to take over.
    NT_COMMAND_PLACE = 8,        ///< An operator's order; see the arguments below.
    NT_COMMAND_STOP = 9,         ///< The lane ends after this one.
    NT_COMMAND_HOLD = 10,        ///< Sets or lifts a hold of one cause; see the arguments below.
    NT_COMMAND_RESOLVE = 11,     ///< position_or_order is how the arguments say; see below.
    NT_COMMAND_RECONCILE = 12,   ///< Lists orders and trades now; answered when that is done.
    NT_COMMAND_KIND_COUNT = 13
};

enum {                       ///< Places in nt_command.argument for PLACE.
    NT_PLACE_PRICE = 0,      ///< Ticks; 0 for market orders.
    NT_PLACE_QUANTITY = 1,   ///< Lots.
    NT_PLACE_STOP_PRICE = 2, ///< Ticks; stops only.
    NT_PLACE_SHAPE = 3,      ///< nt_place_shape(side, type, tif, flags).
    NT_COMMAND_ARGUMENTS = 4
};

/// Places in nt_command.argument for RESOLVE, of an UNKNOWN or DISPUTED order.
enum {
    NT_RESOLVE_AS = 0,    ///< nt_order_state: FILLED, CANCELED, REJECTED or ABSENT.
    NT_RESOLVE_FILLED = 1 ///< Lots that the venue has traded of it; -1: not said.
};

/// Places in nt_command.argument for HOLD. A hold lowers trading beside what operator and lane
/// decide, and lifting it restores nothing that they lowered: each cause is set and lifted by its
/// own service. A start knows none: what is still true is found again.
enum {
    NT_HOLD_CAUSE = 0, ///< nt_hold_cause
    NT_HOLD_STATE = 1  ///< nt_trading_state; ACTIVE lifts it.
};

enum {                       ///< nt_hold_cause
    NT_HOLD_CLOCK = 0,       ///< The venue's clock and ours are not known well enough.
    NT_HOLD_MAINTENANCE = 1, ///< The venue does not serve for now.
    NT_HOLD_CLOSED = 2,      ///< The venue does not trade this instrument for now.
    NT_HOLD_RULES = 3,       ///< The venue's rules are no longer those that this run began with.
    NT_HOLD_UNGUARDED = 4,   ///< The guard that should watch this bot is gone.
    NT_HOLD_CAUSES = 5
};

#define NT_COMMAND_REASON_SIZE 64
#define NT_ANSWER_TEXT_SIZE    96

/// Plain value without padding, so that it goes to the journal as it is.
typedef struct nt_command {
    uint32_t kind;
    uint32_t instrument; ///< nt_instrument_id; NT_NO_INSTRUMENT where it concerns all.
    uint64_t position_or_order;
    uint32_t generation;
    uint32_t reserved;
    uint64_t ticket; ///< Set by nt_command_send, 1 and up.
    int64_t argument[NT_COMMAND_ARGUMENTS];
    char reason[NT_COMMAND_REASON_SIZE]; ///< NUL-terminated; who and why, for the journal.
} nt_command;

/// What became of a command. A list (such as of orders) is several answers under one ticket:
/// `count` says how many follow this one.
typedef struct nt_answer {
    uint64_t ticket;
    int32_t status; ///< nt_status
    uint32_t count;
    char text[NT_ANSWER_TEXT_SIZE]; ///< NUL-terminated.
} nt_answer;

/// Packs side, type, time in force and intent flags (one byte each) into one argument.
static inline int64_t nt_place_shape(uint8_t side, uint8_t type, uint8_t tif, uint8_t flags) {
    return (int64_t)((uint32_t)side | (uint32_t)type << 8 | (uint32_t)tif << 16 |
                     (uint32_t)flags << 24);
}

/// Created before and destroyed after the lane and all senders.
typedef struct nt_command_ring nt_command_ring;

/// `capacity`: commands, a power of two; answers have room for four times as many.
nt_status nt_command_ring_create(uint32_t capacity, nt_command_ring **out);
void nt_command_ring_destroy(nt_command_ring *ring);

/// Sets the ticket (and for RESUME the generation) and queues a copy. Any thread but the lane;
/// senders wait for each other, never for the lane. A HALT of all raises the flag even when
/// NT_FULL. NT_INVALID: unknown kind, or an unterminated reason.
nt_status nt_command_send(nt_command_ring *ring, nt_command *command);
/// Takes the oldest answer; NT_EMPTY when there is none. Any thread but the lane.
nt_status nt_answer_take(nt_command_ring *ring, nt_answer *out);

/// Takes the oldest command; NT_EMPTY when there is none. Lane only, lock-free.
nt_status nt_command_take(nt_command_ring *ring, nt_command *out);
/// Queues an answer; NT_FULL when nobody collects them, and nt_answer_lost() counts it.
/// Lane only, lock-free.
nt_status nt_answer_send(nt_command_ring *ring, const nt_answer *answer);
/// Whether a halt is raised that no accepted RESUME covers. Lane only, one load.
bool nt_command_halted(const nt_command_ring *ring);
/// Accepts a RESUME or a REDUCE: lowers the flag for the halts raised before it was sent. Lane
/// only.
void nt_command_accept_resume(nt_command_ring *ring, const nt_command *resume);

/// Answers that found no room. Any thread.
uint64_t nt_answer_lost(const nt_command_ring *ring);

#endif
