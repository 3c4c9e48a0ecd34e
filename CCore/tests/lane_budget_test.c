// lane_budget_test.c — the lane and others, out of one budget.
#include "lane_rig.h"

static int64_t wall(const rig *rig) { return rig->time.wall_ns / RIG_MS; }

/// A rig with a budget of so much weight a minute. All weights of the fake venue are 1.
static void start(rig *rig, uint64_t seed, int64_t weight) {
    rig_open(rig, seed);
    NT_ASSERT(nt_budget_create(100, &rig->budget) == NT_OK);
    nt_budget_set_limit(rig->budget, NT_BUDGET_WEIGHT, weight, 60000);
    nt_budget_set_limit(rig->budget, NT_BUDGET_ORDERS, 1000, 10000);
    NT_ASSERT(rig_start(rig) == NT_OK);
    rig_connect(rig);
    rig_market(rig, 40);
    fake_venue_faults(rig->venue)->resting = true;
}

static void end(rig *rig) {
    rig_close(rig);
    nt_budget_close(rig->budget);
}

static int64_t used(const rig *rig) {
    return nt_budget_look(rig->budget, wall(rig)).uses[NT_BUDGET_WEIGHT].used;
}

static uint32_t sent(const rig *rig) {
    uint32_t sum = 0;
    for (uint32_t kind = 0; kind < 7; kind++) sum += rig->sent[kind];
    return sum;
}

/// Somebody else, who takes what reads may have.
static void read_all(rig *rig) {
    nt_budget_refusal why;
    while (nt_budget_take(rig->budget, NT_BUDGET_READ, 1, 0, wall(rig), &why) == NT_OK) {
    }
}

TEST(lane_budget, every_request_is_taken_from_it_and_what_was_not_sent_is_given_back) {
    rig rig;
    start(&rig, 1, 1000);
    EXPECT_EQ(used(&rig), sent(&rig));
    EXPECT(sent(&rig) >= 4); // Two lists of each instrument.
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig_cancel(&rig, key);
    EXPECT_EQ(used(&rig), sent(&rig));
    EXPECT_EQ(nt_budget_look(rig.budget, wall(&rig)).uses[NT_BUDGET_ORDERS].used, 1);
    const int64_t before = used(&rig);
    rig.send_status = NT_BUSY;
    key = rig_place(&rig, NT_BUY, 9900, 11, NT_GTC);
    rig_market(&rig, 100);
    EXPECT_EQ(used(&rig), before);
    rig.send_status = NT_OK;
    rig_market(&rig, 2);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_LIVE);
    EXPECT_EQ(used(&rig), sent(&rig));
    end(&rig);
}

TEST(lane_budget, when_others_have_used_theirs_orders_end_by_name_and_cancels_still_go) {
    rig rig;
    start(&rig, 2, 100);
    read_all(&rig);
    EXPECT_EQ(used(&rig), 80);
    nt_order_key keys[10];
    for (int i = 0; i < 10; i++) keys[i] = rig_place(&rig, NT_BUY, 9900 - i, 10, NT_GTC);
    EXPECT(keys[9] != 0);
    EXPECT_EQ(used(&rig), 90);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9800, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_VENUE_BUDGET);
    EXPECT_EQ(rig.last_refusal.verdict.value, 91);
    EXPECT_EQ(rig.last_refusal.verdict.limit, 90);
    for (int i = 0; i < 10; i++) {
        rig_cancel(&rig, keys[i]);
        rig_pump(&rig);
        EXPECT_EQ(rig_state(&rig, keys[i]), NT_ORDER_CANCELED);
    }
    EXPECT_EQ(used(&rig), 100);
    rig_market(&rig, 100);
    EXPECT_EQ(used(&rig), 100); // Nor do questions go beyond it.
    rig_wait(&rig, 75 * RIG_SECOND);
    rig_market(&rig, 5);
    EXPECT(rig_place(&rig, NT_BUY, 9800, 10, NT_GTC) != 0);
    end(&rig);
}

TEST(lane_budget, an_exit_may_use_the_reserve) {
    rig rig;
    start(&rig, 3, 100);
    fake_venue_faults(rig.venue)->resting = false;
    EXPECT(rig_place(&rig, NT_BUY, 10100, 10, NT_IOC) != 0);
    EXPECT_EQ(rig_lots(&rig, 0), 10);
    nt_budget_observe(rig.budget, NT_BUDGET_WEIGHT, 95, 0, wall(&rig));
    EXPECT_EQ(rig_place(&rig, NT_BUY, 10100, 10, NT_IOC), 0);
    EXPECT(rig_place(&rig, NT_SELL, 9900, 10, NT_IOC) != 0);
    EXPECT_EQ(rig_lots(&rig, 0), 0);
    end(&rig);
}

TEST(lane_budget, the_venues_count_of_orders_refuses_as_a_rate) {
    rig rig;
    start(&rig, 4, 1000);
    nt_budget_set_limit(rig.budget, NT_BUDGET_ORDERS, 10, 10000);
    for (int i = 0; i < 9; i++) EXPECT(rig_place(&rig, NT_BUY, 9900 - i, 10, NT_GTC) != 0);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9800, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_RATE);
    end(&rig);
}

TEST(lane_budget, what_the_venue_tells_the_lane_others_know) {
    rig rig;
    start(&rig, 5, 1000);
    nt_event usage = {.kind = NT_EVENT_USAGE, .instrument = NT_NO_INSTRUMENT};
    usage.as.usage = (nt_usage){.used = 700, .limit = 900};
    rig_event(&rig, RIG_ORDERS, &usage);
    const nt_budget_view view = nt_budget_look(rig.budget, wall(&rig));
    EXPECT_EQ(view.uses[NT_BUDGET_WEIGHT].used, 700);
    EXPECT_EQ(view.uses[NT_BUDGET_WEIGHT].limit, 900);
    usage.as.usage = (nt_usage){.retry_after_ms = wall(&rig) + 5000};
    rig_event(&rig, RIG_ORDERS, &usage);
    EXPECT_EQ(nt_budget_blocked_until(rig.budget, wall(&rig)), wall(&rig) + 5000);
    EXPECT_EQ(nt_budget_banned_until(rig.budget, wall(&rig)), 0);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    usage.as.usage = (nt_usage){.retry_after_ms = wall(&rig) + 9000, .banned = 1};
    rig_event(&rig, RIG_ORDERS, &usage);
    EXPECT_EQ(nt_budget_banned_until(rig.budget, wall(&rig)), wall(&rig) + 9000);
    end(&rig);
}

TEST(lane_budget, a_silence_that_another_was_asked_for_is_kept_and_then_all_goes_on) {
    rig rig;
    start(&rig, 6, 1000);
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    nt_budget_block(rig.budget, wall(&rig) + 3000, false, wall(&rig));
    const uint32_t before = sent(&rig);
    EXPECT_EQ(rig_place(&rig, NT_BUY, 9800, 10, NT_GTC), 0);
    EXPECT_EQ(rig.last_refusal.verdict.refusal, NT_REFUSAL_VENUE_BUDGET);
    EXPECT(rig.last_refusal.verdict.limit > rig.last_refusal.verdict.value);
    EXPECT(rig.last_refusal.verdict.limit <= rig.time.monotonic_ns + 3 * RIG_SECOND);
    EXPECT(strstr(rig.last_alarm.text, "silence") != NULL);
    const uint64_t ticket = rig_command(&rig, NT_COMMAND_CANCEL_ALL, NT_NO_INSTRUMENT);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(sent(&rig), before);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    rig_wait(&rig, 3 * RIG_SECOND);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    EXPECT_EQ(rig_answer(&rig, ticket), NT_OK);
    EXPECT_EQ(rig.alarms, 1);
    end(&rig);
}

static uint32_t states_of_ban;
static nt_status note_state(void *context, const nt_record *record, const void *payload) {
    (void)context;
    nt_record_state state;
    if (record->kind != NT_RECORD_STATE) return NT_OK;
    memcpy(&state, payload, sizeof state);
    states_of_ban += state.state == NT_TRADING_REDUCING && strstr(state.reason, "banned") != NULL;
    return NT_OK;
}

TEST(lane_budget, a_ban_that_another_met_lets_only_reduce_until_a_person_resumes) {
    rig rig;
    start(&rig, 7, 1000);
    nt_budget_block(rig.budget, wall(&rig) + 3000, true, wall(&rig));
    rig_market(&rig, 5);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING);
    EXPECT(strstr(rig.last_alarm.text, "banned") != NULL);
    EXPECT_EQ(rig.alarms, 1);
    const uint32_t before = rig.sent[7] + sent(&rig);
    rig_disconnect(&rig); // A new connection does not log on either.
    rig_connect(&rig);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.sent[7] + sent(&rig), before);
    rig_wait(&rig, 10 * RIG_SECOND);
    rig_market(&rig, 50);
    EXPECT(nt_lane_ready(rig.lane));
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_REDUCING); // It does not end by itself.
    nt_journal_found found;
    states_of_ban = 0;
    nt_journal_drain(rig.journal);
    EXPECT_EQ(nt_journal_read("j", nt_files_memory(rig.disk), note_state, NULL, &found), NT_OK);
    EXPECT_EQ(states_of_ban, 1);
    rig_command(&rig, NT_COMMAND_RESUME, NT_NO_INSTRUMENT);
    rig_market(&rig, 2);
    EXPECT_EQ(nt_lane_trading(rig.lane), NT_TRADING_ACTIVE);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    end(&rig);
}

TEST(lane_budget, a_cancel_that_found_no_room_waits_for_the_end_of_a_silence_as_well) {
    rig rig;
    start(&rig, 8, 1000);
    nt_order_key key = rig_place(&rig, NT_BUY, 9900, 10, NT_GTC);
    rig.send_status = NT_BUSY;
    rig_cancel(&rig, key);
    nt_budget_block(rig.budget, wall(&rig) + 2000, false, wall(&rig));
    rig.send_status = NT_OK;
    rig_wait(&rig, RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 0);
    rig_wait(&rig, 2 * RIG_SECOND);
    EXPECT_EQ(rig.sent[NT_REQUEST_CANCEL], 1);
    EXPECT_EQ(rig_state(&rig, key), NT_ORDER_CANCELED);
    end(&rig);
}

TEST(lane_budget, paper_takes_nothing) {
    rig rig;
    rig_open(&rig, 9);
    rig.with_paper = true;
    EXPECT_EQ(nt_budget_create(100, &rig.budget), NT_OK);
    nt_budget_block(rig.budget, wall(&rig) + 60000, false, wall(&rig));
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_connect(&rig);
    rig_market(&rig, 40);
    EXPECT(rig_place(&rig, NT_BUY, 9900, 10, NT_GTC) != 0);
    EXPECT_EQ(used(&rig), 0);
    end(&rig);
}

/// Nobody, in no minute that begins anywhere, sends more than the venue allows.
TEST(lane_budget, a_busy_lane_and_greedy_readers_stay_within_it_and_every_cancel_arrives) {
    enum { LIMIT = 200, TICKS = 24000 };
    static uint32_t sent_at[TICKS]; // Each 10 ms.
    rig rig;
    start(&rig, 10, LIMIT);
    rig_wait(&rig, 80 * RIG_SECOND);
    uint32_t before = sent(&rig), canceled = 0, wanted = 0, reads = 0;
    nt_order_key open = 0;
    for (int i = 0; i < TICKS; i++) {
        nt_budget_refusal why;
        sent_at[i] = 0;
        if (i % 3 == 0 &&
            nt_budget_take(rig.budget, NT_BUDGET_READ, 3, 0, wall(&rig), &why) == NT_OK)
            sent_at[i] += 3, reads++;
        if (i % 100 == 0) rig_market(&rig, 4);
        if (i % 50 == 1) {
            if (open != 0) rig_cancel(&rig, open);
            wanted += open != 0;
            canceled += open != 0 && rig_state(&rig, open) == NT_ORDER_CANCELED;
            open = rig_place(&rig, NT_BUY, 9000 + i % 900, 1, NT_GTC);
        }
        rig_tick(&rig, 10 * RIG_MS);
        rig_pump(&rig);
        sent_at[i] += sent(&rig) - before;
        before = sent(&rig);
    }
    int64_t sum = 0, most = 0;
    for (int i = 0; i < TICKS; i++) {
        sum += sent_at[i] - (i >= 6000 ? (int64_t)sent_at[i - 6000] : 0);
        if (sum > most) most = sum;
    }
    EXPECT(most <= LIMIT);
    EXPECT(most > LIMIT * 7 / 10);
    EXPECT(reads > 50);
    EXPECT(rig.refused > 0); // It was a squeeze.
    EXPECT_EQ(canceled, wanted);
    EXPECT(canceled > 30);
    end(&rig);
}
