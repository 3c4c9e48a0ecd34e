// command_model.c — two who command and a lane that obeys; a lane that answers and two who listen.
#include <stdlib.h>

#include "model.h"
#include "nt/command.h"
#include "nt/types.h"

typedef struct {
    nt_command_ring *ring;
    int why; ///< Written before a halt, read by a lane that sees it.
    uint64_t sent_tickets, taken_tickets;
    uint32_t answers, answered, last_kind;
    bool was_full, was_halted;
} world;

static void *start_with(uint32_t capacity) {
    world *made = calloc(1, sizeof *made);
    MODEL_EXPECT(nt_command_ring_create(capacity, &made->ring) == NT_OK);
    return made;
}
static void *start_one(void) { return start_with(1); }
static void *start_two(void) { return start_with(2); }

static nt_status send(world *at, uint32_t kind) {
    nt_command command = {.kind = kind, .instrument = NT_NO_INSTRUMENT};
    return nt_command_send(at->ring, &command);
}

static void send_halt(void *context) {
    world *at = context;
    at->why = 7;
    send(at, NT_COMMAND_HALT);
}
static void send_resume(void *context) { send(context, NT_COMMAND_RESUME); }

static void look_for_halt(world *at) {
    if (!nt_command_halted(at->ring)) return;
    at->was_halted = true;
    MODEL_EXPECT(at->why == 7);
}

/// Tickets arrive in order and without holes.
static bool take(world *at) {
    nt_command command;
    if (nt_command_take(at->ring, &command) != NT_OK) return false;
    MODEL_EXPECT(command.ticket == ++at->taken_tickets);
    at->last_kind = command.kind;
    if (command.kind == NT_COMMAND_RESUME) nt_command_accept_resume(at->ring, &command);
    return true;
}

static void obey(void *context) {
    for (int i = 0; i < 2; i++) {
        look_for_halt(context);
        take(context);
    }
    look_for_halt(context);
}

/// The later of the two says whether the lane is halted, however they met.
static void end_halted(void *context) {
    world *at = context;
    while (take(at)) {
    }
    MODEL_EXPECT(at->taken_tickets == 2);
    const bool halted = nt_command_halted(at->ring);
    MODEL_EXPECT(halted == (at->last_kind == NT_COMMAND_HALT));
    model_outcome((uint32_t)(halted + 2 * at->was_halted));
}

MODEL_CASE(command, halt_meets_resume, .start = start_two,
           .threads = {send_halt, send_resume, obey}, .end = end_halted, .outcomes = 0xf)

// Two operators, more commands than room.

static void send_two(void *context) {
    for (int i = 0; i < 2; i++) send(context, NT_COMMAND_CANCEL_ALL);
}
static void take_four(void *context) {
    world *at = context;
    for (int i = 0; i < 4; i++) take(at);
    model_outcome((uint32_t)at->taken_tickets);
}
static void end_taken(void *context) {
    while (take(context)) {
    }
}

MODEL_CASE(command, two_operators, .start = start_one, .threads = {send_two, send_two, take_four},
           .end = end_taken, .outcomes = 0x1f)

// No room: the flag is raised all the same.

static void send_halt_twice(void *context) {
    world *at = context;
    at->why = 7;
    for (int i = 0; i < 2; i++) at->was_full |= send(at, NT_COMMAND_HALT) == NT_FULL;
}
static void end_full(void *context) {
    world *at = context;
    while (take(at)) {
    }
    MODEL_EXPECT(nt_command_halted(at->ring));
    MODEL_EXPECT(at->taken_tickets == (at->was_full ? 1 : 2));
    model_outcome((uint32_t)(at->was_full + 2 * at->was_halted));
}

// Room for the second means that the lane took the first, and so saw the halt: 0 is not among them.
MODEL_CASE(command, halt_without_room, .start = start_one, .threads = {send_halt_twice, obey},
           .end = end_full, .outcomes = 0xe)

// Answers: four fit behind one command, the fifth is counted as lost.

static void answer_five(void *context) {
    world *at = context;
    for (uint64_t i = 1; i <= 5; i++) {
        const nt_answer answer = {.ticket = i};
        if (nt_answer_send(at->ring, &answer) == NT_OK) at->answers++;
    }
}
static bool listen(world *at) {
    nt_answer answer;
    const bool got = nt_answer_take(at->ring, &answer) == NT_OK;
    MODEL_EXPECT(!got || (answer.ticket >= 1 && answer.ticket <= 5));
    return got;
}
static void listen_twice(void *context) {
    for (int i = 0; i < 2; i++) {
        if (listen(context)) model_outcome(0);
    }
}
static void listen_and_count(void *context) {
    const world *at = context;
    if (listen(context)) model_outcome(1);
    MODEL_EXPECT(nt_answer_lost(at->ring) <= 1);
}
static void end_answered(void *context) {
    world *at = context;
    const uint64_t lost = nt_answer_lost(at->ring);
    MODEL_EXPECT(at->answers + lost == 5);
    model_outcome(lost == 0 ? 2 : 3);
}

MODEL_CASE(command, two_listen, .start = start_one,
           .threads = {answer_five, listen_twice, listen_and_count}, .end = end_answered,
           .outcomes = 0xf)
