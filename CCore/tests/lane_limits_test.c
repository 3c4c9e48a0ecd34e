// lane_limits_test.c — limits set while trading: by version, whole or not at all, journaled.
#include "lane_rig.h"

/// A lane with a cell, trading. The table as it is in force now, in *table.
static void run_with_cell(rig *rig, uint64_t seed, nt_lane_limits *table) {
    rig_open(rig, seed);
    NT_ASSERT(nt_cell_create(sizeof(nt_lane_limits), &rig->limits) == NT_OK);
    NT_ASSERT(rig_start(rig) == NT_OK);
    rig_connect(rig);
    rig_market(rig, 40);
    memset(table, 0, sizeof *table);
    table->account = nt_gate_account(nt_lane_gate(rig->lane));
    for (uint32_t i = 0; i < 2; i++)
        table->instruments[i] = nt_gate_instrument(nt_lane_gate(rig->lane), i);
}

static void close_with_cell(rig *rig) {
    rig_close(rig);
    nt_cell_destroy(rig->limits);
}

/// Lays the table ready and asks for `version`. Returns the answer's status.
static int32_t ask(rig *rig, const nt_lane_limits *table, int64_t version_off_by) {
    uint64_t version = nt_cell_write(rig->limits, table);
    nt_command command = {.kind = NT_COMMAND_SET_LIMITS,
                          .instrument = NT_NO_INSTRUMENT,
                          .generation = (uint32_t)((int64_t)version + version_off_by)};
    NT_ASSERT(nt_command_send(rig->commands, &command) == NT_OK);
    rig_tick(rig, RIG_MS);
    return rig_answer(rig, command.ticket);
}

TEST(lane_limits, a_new_table_decides_the_next_order) {
    rig rig;
    nt_lane_limits table;
    run_with_cell(&rig, 1, &table);
    fake_venue_faults(rig.venue)->resting = true;
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    table.instruments[0].max_order_lots = 5;
    EXPECT_EQ(ask(&rig, &table, 0), NT_OK);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9890, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_ORDER_SIZE);
    EXPECT_EQ(rig.last_refusal.verdict.limit, 5);
    EXPECT(rig_place(&rig, NT_BUY, 9880, 5, NT_GTC) != 0);
    close_with_cell(&rig);
}

TEST(lane_limits, a_version_that_is_not_there_changes_nothing) {
    rig rig;
    nt_lane_limits table;
    run_with_cell(&rig, 2, &table);
    uint64_t before = nt_gate_hash(nt_lane_gate(rig.lane));
    table.account.max_open_orders = 1;
    EXPECT_EQ(ask(&rig, &table, 1), NT_STALE);
    EXPECT_EQ(ask(&rig, &table, -1), NT_STALE);
    EXPECT_EQ(nt_gate_hash(nt_lane_gate(rig.lane)), before);
    close_with_cell(&rig);
}

TEST(lane_limits, no_limit_can_be_unset) {
    rig rig;
    nt_lane_limits table, wanted;
    run_with_cell(&rig, 3, &table);
    uint64_t before = nt_gate_hash(nt_lane_gate(rig.lane));
    wanted = table;
    wanted.account.max_daily_loss = 0;
    wanted.instruments[0].max_order_lots = 1;
    EXPECT_EQ(ask(&rig, &wanted, 0), NT_REFUSED);
    wanted = table;
    wanted.instruments[1].max_age_ns = 0;
    EXPECT_EQ(ask(&rig, &wanted, 0), NT_REFUSED);
    wanted = table;
    wanted.instruments[1].collar_ppm = -1;
    EXPECT_EQ(ask(&rig, &wanted, 0), NT_REFUSED);
    EXPECT_EQ(nt_gate_hash(nt_lane_gate(rig.lane)), before);
    close_with_cell(&rig);
}

TEST(lane_limits, a_lane_without_a_cell_says_so) {
    rig rig;
    rig_run(&rig, 4);
    uint64_t ticket = rig_command(&rig, NT_COMMAND_SET_LIMITS, NT_NO_INSTRUMENT);
    rig_tick(&rig, RIG_MS);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_UNSUPPORTED);
    rig_close(&rig);
}

typedef struct seen {
    uint32_t accounts, instruments;
    nt_record_limits last;
} seen;

static nt_status see(void *context, const nt_record *record, const void *payload) {
    seen *seen = context;
    if (record->kind != NT_RECORD_LIMITS) return NT_OK;
    memcpy(&seen->last, payload, sizeof seen->last);
    if (seen->last.instrument == NT_NO_INSTRUMENT)
        seen->accounts++;
    else
        seen->instruments++;
    return NT_OK;
}

TEST(lane_limits, only_what_changed_is_journaled) {
    rig rig;
    nt_lane_limits table;
    run_with_cell(&rig, 5, &table);
    table.instruments[1].max_position_lots = 77;
    EXPECT_EQ(ask(&rig, &table, 0), NT_OK);
    EXPECT_EQ(ask(&rig, &table, 0), NT_OK);
    rig_tick(&rig, RIG_MS);
    rig_kill(&rig);
    nt_journal_config config = {.directory = "j",
                                .ring_bytes = 1 << 20,
                                .segment_bytes = 1 << 20,
                                .account = {7},
                                .files = nt_files_memory(rig.disk),
                                .clock = nt_clock_manual(&rig.time),
                                .inline_drain = true};
    nt_journal_found found;
    seen seen = {0};
    EXPECT_EQ(nt_journal_open(&config, see, &seen, &found, &rig.journal), NT_OK);
    // At start: the account and two instruments. By the command: one instrument.
    EXPECT_EQ(seen.accounts, 1);
    EXPECT_EQ(seen.instruments, 3);
    EXPECT_EQ(seen.last.instrument, 1);
    EXPECT_EQ(seen.last.limits.max_position_lots, 77);
    nt_journal_close(rig.journal);
    fake_venue_destroy(rig.venue);
    nt_memory_disk_destroy(rig.disk);
    nt_cell_destroy(rig.limits);
}
