#include "nt/command.h"

#include "nt/types.h"
#include "test.h"

static nt_command_ring *fresh(uint32_t capacity) {
    nt_command_ring *ring = NULL;
    nt_command_ring_create(capacity, &ring);
    return ring;
}

static nt_status send(nt_command_ring *ring, uint32_t kind) {
    nt_command command = {.kind = kind, .instrument = NT_NO_INSTRUMENT};
    return nt_command_send(ring, &command);
}

TEST(command, refuses_a_capacity_that_cannot_be) {
    nt_command_ring *ring = NULL;
    EXPECT_EQ(nt_command_ring_create(0, &ring), NT_INVALID);
    EXPECT_EQ(nt_command_ring_create(3, &ring), NT_INVALID);
    EXPECT_EQ(nt_command_ring_create(UINT32_C(1) << 31, &ring), NT_INVALID);
    EXPECT(ring == NULL);
    nt_command_ring_destroy(NULL);
}

TEST(command, arrives_whole_with_the_next_ticket) {
    nt_command_ring *ring = fresh(4);
    nt_command sent = {
        .kind = NT_COMMAND_PLACE,
        .instrument = 3,
        .position_or_order = 77,
        .generation = 5,
        .argument = {52000, 10, 0, nt_place_shape(1, 2, 1, 1)},
        .reason = "operator: test",
    };
    EXPECT_EQ(nt_command_send(ring, &sent), NT_OK);
    EXPECT_EQ(sent.ticket, 1);
    EXPECT_EQ(send(ring, NT_COMMAND_STOP), NT_OK);
    nt_command taken;
    EXPECT_EQ(nt_command_take(ring, &taken), NT_OK);
    EXPECT(memcmp(&taken, &sent, sizeof sent) == 0);
    EXPECT_EQ(nt_command_take(ring, &taken), NT_OK);
    EXPECT_EQ(taken.kind, NT_COMMAND_STOP);
    EXPECT_EQ(taken.ticket, 2);
    EXPECT_EQ(nt_command_take(ring, &taken), NT_EMPTY);
    nt_command_ring_destroy(ring);
}

TEST(command, shape_keeps_each_part_in_its_byte) {
    EXPECT_EQ(nt_place_shape(1, 2, 3, 0xff), 0xff030201);
    EXPECT_EQ(nt_place_shape(0, 0, 0, 0), 0);
}

TEST(command, refuses_unknown_kinds_and_endless_reasons) {
    nt_command_ring *ring = fresh(4);
    nt_command command = {.kind = NT_COMMAND_CANCEL_ALL};
    memset(command.reason, 'x', sizeof command.reason);
    EXPECT_EQ(nt_command_send(ring, &command), NT_INVALID);
    EXPECT_EQ(send(ring, NT_COMMAND_NONE), NT_INVALID);
    EXPECT_EQ(send(ring, NT_COMMAND_KIND_COUNT), NT_INVALID);
    EXPECT_EQ(nt_command_take(ring, &command), NT_EMPTY);
    nt_command_ring_destroy(ring);
}

TEST(command, full_ring_refuses_without_using_up_a_ticket) {
    nt_command_ring *ring = fresh(1);
    nt_command command;
    EXPECT_EQ(send(ring, NT_COMMAND_REDUCE), NT_OK);
    EXPECT_EQ(send(ring, NT_COMMAND_FLATTEN), NT_FULL);
    EXPECT_EQ(nt_command_take(ring, &command), NT_OK);
    EXPECT_EQ(send(ring, NT_COMMAND_FLATTEN), NT_OK);
    EXPECT_EQ(nt_command_take(ring, &command), NT_OK);
    EXPECT_EQ(command.kind, NT_COMMAND_FLATTEN);
    EXPECT_EQ(command.ticket, 2);
    nt_command_ring_destroy(ring);
}

TEST(command, halt_is_seen_at_once_even_when_the_ring_is_full) {
    nt_command_ring *ring = fresh(1);
    EXPECT(!nt_command_halted(ring));
    EXPECT_EQ(send(ring, NT_COMMAND_CANCEL_ALL), NT_OK);
    EXPECT(!nt_command_halted(ring));
    EXPECT_EQ(send(ring, NT_COMMAND_HALT), NT_FULL);
    EXPECT(nt_command_halted(ring));
    nt_command_ring_destroy(ring);
}

TEST(command, halt_of_one_instrument_leaves_the_flag_alone) {
    nt_command_ring *ring = fresh(8);
    nt_command command = {.kind = NT_COMMAND_HALT, .instrument = 1};
    EXPECT_EQ(nt_command_send(ring, &command), NT_OK);
    EXPECT(!nt_command_halted(ring));
    EXPECT_EQ(nt_command_take(ring, &command), NT_OK);
    EXPECT_EQ(command.kind, NT_COMMAND_HALT);
    nt_command_ring_destroy(ring);
}

TEST(command, resume_ends_earlier_halts_only) {
    nt_command_ring *ring = fresh(8);
    nt_command command;
    send(ring, NT_COMMAND_HALT);
    send(ring, NT_COMMAND_HALT);
    send(ring, NT_COMMAND_RESUME);
    send(ring, NT_COMMAND_HALT);
    send(ring, NT_COMMAND_RESUME);
    for (int i = 0; i < 3; i++) EXPECT_EQ(nt_command_take(ring, &command), NT_OK);
    EXPECT_EQ(command.kind, NT_COMMAND_RESUME);
    EXPECT(nt_command_halted(ring));
    nt_command_accept_resume(ring, &command);
    EXPECT(nt_command_halted(ring)); // By the halt that came after it.
    for (int i = 0; i < 2; i++) EXPECT_EQ(nt_command_take(ring, &command), NT_OK);
    nt_command_accept_resume(ring, &command);
    EXPECT(!nt_command_halted(ring));
    nt_command_ring_destroy(ring);
}

TEST(command, answers_come_back_in_order_and_losses_are_counted) {
    nt_command_ring *ring = fresh(1);
    nt_answer answer = {.status = NT_STALE, .text = "generation 4, not 3"};
    for (answer.ticket = 1; answer.ticket <= 4; answer.ticket++) {
        EXPECT_EQ(nt_answer_send(ring, &answer), NT_OK);
    }
    EXPECT_EQ(nt_answer_send(ring, &answer), NT_FULL);
    EXPECT_EQ(nt_answer_lost(ring), 1);
    for (uint64_t ticket = 1; ticket <= 4; ticket++) {
        EXPECT_EQ(nt_answer_take(ring, &answer), NT_OK);
        EXPECT_EQ(answer.ticket, ticket);
        EXPECT_EQ(answer.status, NT_STALE);
        EXPECT_TEXT(answer.text, "generation 4, not 3");
    }
    EXPECT_EQ(nt_answer_take(ring, &answer), NT_EMPTY);
    nt_command_ring_destroy(ring);
}
