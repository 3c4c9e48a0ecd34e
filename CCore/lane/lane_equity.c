// lane_equity.c — what the account is worth, journaled once a minute and at the end of a run.
//
// Marked at the side that would close: the newest valid bid of what is long, the ask of what is
// short, as for the day's loss. Instruments that were never traded are left out.
#include "lane_internal.h"

#include <string.h>

#define EQUITY_NS (60 * LANE_SECOND_NS)

static void journal_equity(nt_lane *lane, nt_instrument_id instrument) {
    const lane_market *market = &lane->markets[instrument];
    const nt_position *position = &market->position;
    nt_record_equity record;
    memset(&record, 0, sizeof record);
    record.instrument = instrument;
    record.lots = position->lots;
    record.mark = position->lots >= 0 ? market->valid_bid.price : market->valid_ask.price;
    record.realised = position->realised;
    record.fees = position->fees;
    if (record.mark > 0)
        record.unrealised = nt_position_unrealised(position, &market->instrument, record.mark);
    lane_journal(lane, NT_RECORD_EQUITY, &record, sizeof record);
}

void lane_journal_equity(nt_lane *lane) {
    lane->equity_ns = lane->now_ns;
    for (uint32_t i = 0; i < lane->config.instrument_count; i++)
        if (lane->markets[i].position.fills > 0) journal_equity(lane, i);
}

void lane_equity_turn(nt_lane *lane) {
    if (lane->now_ns - lane->equity_ns >= EQUITY_NS) lane_journal_equity(lane);
}
