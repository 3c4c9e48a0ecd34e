// command_stress.c — several operators, one lane, and one who collects the answers.
#include <pthread.h>

#include "../test.h"
#include "nt/command.h"
#include "nt/types.h"
#include "stress.h"

enum { CAPACITY = 16, OPERATORS = 3, COMMANDS_EACH = 100000, LOOK_EVERY = 64 };

typedef struct {
    nt_command_ring *ring;
    int64_t number; ///< Of this operator.
    uint64_t sent, wrong;
} operator;

/// Sends its commands numbered 1, 2, 3 … in the second argument.
static void *operate(void *argument) {
    operator* self = argument;
    const int64_t deadline = stress_deadline();
    uint64_t last_ticket = 0;
    for (int64_t i = 1; i <= COMMANDS_EACH; i++) {
        if (i % LOOK_EVERY == 0 && stress_is_over(deadline)) break;
        nt_command command = {.kind = NT_COMMAND_CANCEL_ORDER, .argument = {self->number, i}};
        snprintf(command.reason, sizeof command.reason, "operator %d", (int)self->number);
        while (nt_command_send(self->ring, &command) != NT_OK) stress_wait();
        self->wrong += command.ticket <= last_ticket;
        last_ticket = command.ticket;
        self->sent++;
    }
    return NULL;
}

typedef struct {
    nt_command_ring *ring;
    uint64_t taken[OPERATORS];
    uint64_t total, wrong;
} lane;

static void check_command(lane *self, const nt_command *command) {
    self->total++;
    self->wrong += command->ticket != self->total;
    const int64_t from = command->argument[0];
    char reason[NT_COMMAND_REASON_SIZE];
    snprintf(reason, sizeof reason, "operator %d", (int)from);
    self->wrong += strcmp(reason, command->reason) != 0;
    self->wrong += command->argument[1] != (int64_t)++self->taken[from];
}

/// Takes commands until STOP, which it checks off too, and answers each.
static void *run_lane(void *argument) {
    lane *self = argument;
    nt_command command = {.kind = NT_COMMAND_NONE};
    while (command.kind != NT_COMMAND_STOP) {
        if (nt_command_take(self->ring, &command) != NT_OK) {
            stress_wait();
            continue;
        }
        if (command.kind == NT_COMMAND_STOP)
            self->wrong += command.ticket != self->total + 1;
        else
            check_command(self, &command);
        const nt_answer answer = {.ticket = command.ticket,
                                  .count = command.kind == NT_COMMAND_STOP};
        while (nt_answer_send(self->ring, &answer) != NT_OK) stress_wait();
    }
    return NULL;
}

/// Collects answers up to the one for STOP. Returns how many were out of place.
static void *collect(void *argument) {
    nt_command_ring *ring = argument;
    uint64_t wanted = 1, wrong = 0;
    nt_answer answer = {.count = 0};
    while (answer.count == 0) {
        if (nt_answer_take(ring, &answer) != NT_OK) {
            stress_wait();
            continue;
        }
        wrong += answer.ticket != wanted++;
    }
    return (void *)(uintptr_t)wrong;
}

TEST(command_stress, every_command_and_answer_arrives_once_in_order) {
    lane taker = {.ring = NULL};
    operator operators[OPERATORS];
    pthread_t lane_thread, collector, threads[OPERATORS];
    EXPECT_EQ(nt_command_ring_create(CAPACITY, &taker.ring), NT_OK);
    EXPECT_EQ(pthread_create(&lane_thread, NULL, run_lane, &taker), 0);
    EXPECT_EQ(pthread_create(&collector, NULL, collect, taker.ring), 0);
    for (int i = 0; i < OPERATORS; i++) {
        operators[i] = (operator){.ring = taker.ring, .number = i};
        EXPECT_EQ(pthread_create(&threads[i], NULL, operate, &operators[i]), 0);
    }
    for (int i = 0; i < OPERATORS; i++) pthread_join(threads[i], NULL);
    nt_command stop = {.kind = NT_COMMAND_STOP};
    while (nt_command_send(taker.ring, &stop) != NT_OK) stress_wait();
    void *misplaced_answers = NULL;
    pthread_join(lane_thread, NULL);
    pthread_join(collector, &misplaced_answers);
    EXPECT_EQ((uintptr_t)misplaced_answers, 0);
    EXPECT_EQ(taker.wrong, 0);
    for (int i = 0; i < OPERATORS; i++) {
        EXPECT_EQ(operators[i].wrong, 0);
        EXPECT_EQ(taker.taken[i], operators[i].sent);
        EXPECT(operators[i].sent >= LOOK_EVERY - 1);
    }
    nt_command_ring_destroy(taker.ring);
}

typedef struct {
    nt_command_ring *ring;
    uint32_t kind;
    pthread_barrier_t *start;
} single_sender;

static void *send_once(void *argument) {
    const single_sender *self = argument;
    nt_command command = {.kind = self->kind, .instrument = NT_NO_INSTRUMENT};
    pthread_barrier_wait(self->start);
    nt_command_send(self->ring, &command);
    return NULL;
}

/// Takes two commands, accepting resumes. Returns the kind of the second.
static uint32_t take_two(nt_command_ring *ring) {
    nt_command command = {.kind = NT_COMMAND_NONE};
    for (int taken = 0; taken < 2;) {
        if (nt_command_take(ring, &command) != NT_OK) {
            stress_wait();
            continue;
        }
        if (command.kind == NT_COMMAND_RESUME) nt_command_accept_resume(ring, &command);
        taken++;
    }
    return command.kind;
}

TEST(command_stress, halt_and_resume_at_once_end_as_the_later_one_says) {
    static const uint32_t kinds[2] = {NT_COMMAND_HALT, NT_COMMAND_RESUME};
    nt_command_ring *ring = NULL;
    pthread_barrier_t start;
    uint32_t halts_last = 0;
    EXPECT_EQ(nt_command_ring_create(CAPACITY, &ring), NT_OK);
    pthread_barrier_init(&start, NULL, 2);
    for (uint32_t round = 0; round < 300; round++) {
        single_sender senders[2];
        pthread_t threads[2];
        for (uint32_t i = 0; i < 2; i++) {
            senders[i] = (single_sender){ring, kinds[(round + i) % 2], &start};
            EXPECT_EQ(pthread_create(&threads[i], NULL, send_once, &senders[i]), 0);
        }
        const bool halt_is_last = take_two(ring) == NT_COMMAND_HALT;
        for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
        EXPECT_EQ(nt_command_halted(ring), halt_is_last);
        halts_last += halt_is_last;
    }
    EXPECT(halts_last > 0 && halts_last < 300);
    pthread_barrier_destroy(&start);
    nt_command_ring_destroy(ring);
}
