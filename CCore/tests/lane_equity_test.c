// lane_equity_test.c — the account's worth in the journal, once a minute and at the end.
#include "lane_rig.h"

enum { MOST = 16 };

/// The EQUITY records of a journal, in order, and what came last in it.
typedef struct {
    uint32_t count;
    nt_record_equity records[MOST];
    uint64_t sequences[MOST];
    uint64_t last_sequence;
} worths;

static nt_status note_worth(void *context, const nt_record *record, const void *payload) {
    worths *seen = context;
    seen->last_sequence = record->sequence;
    if (record->kind != NT_RECORD_EQUITY || seen->count == MOST) return NT_OK;
    if (record->payload_length != sizeof(nt_record_equity)) return NT_INVALID;
    memcpy(&seen->records[seen->count], payload, sizeof(nt_record_equity));
    seen->sequences[seen->count++] = record->sequence;
    return NT_OK;
}

static worths read_worths(const rig *rig) {
    worths seen = {0};
    nt_journal_found found;
    nt_journal_drain(rig->journal);
    nt_journal_read("j", nt_files_memory(rig->disk), note_worth, &seen, &found);
    return seen;
}

TEST(lane_equity, writes_nothing_of_what_was_never_traded) {
    rig rig;
    rig_run(&rig, 1);
    rig_wait(&rig, 130 * RIG_SECOND);
    EXPECT_EQ(read_worths(&rig).count, 0);
    rig_close(&rig);
}

TEST(lane_equity, writes_once_a_minute_at_the_closing_side) {
    rig rig;
    rig_run(&rig, 2);
    EXPECT(rig_place(&rig, NT_BUY, 10100, 10, NT_IOC) != 0);
    rig_market(&rig, 20);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    rig_wait(&rig, 130 * RIG_SECOND);
    worths seen = read_worths(&rig);
    EXPECT_EQ(seen.count, 2);
    nt_position position = nt_lane_position(rig.lane, 0);
    nt_record_equity record = seen.records[1];
    EXPECT_EQ(record.instrument, 0);
    EXPECT_EQ(record.lots, 10);
    EXPECT_EQ(record.realised, position.realised);
    EXPECT_EQ(record.fees, position.fees);
    nt_top top;
    nt_book_top(nt_lane_book(rig.lane, 0), &top);
    EXPECT_EQ(record.mark, top.bids[0].price);
    rig_close(&rig);
}

TEST(lane_equity, writes_before_the_stop) {
    rig rig;
    rig_run(&rig, 3);
    EXPECT(rig_place(&rig, NT_BUY, 10100, 10, NT_IOC) != 0);
    rig_command(&rig, NT_COMMAND_STOP, NT_NO_INSTRUMENT);
    rig_wait(&rig, RIG_SECOND);
    EXPECT(nt_lane_stopped(rig.lane));
    worths seen = read_worths(&rig);
    EXPECT_EQ(seen.count, 1);
    EXPECT_EQ(seen.sequences[0] + 1, seen.last_sequence);
    rig_close(&rig);
}
