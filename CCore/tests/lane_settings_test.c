// lane_settings_test.c — settings that cannot be are refused by name, before anything is made.
#include "lane_rig.h"
#include "nt/order_id.h"

static nt_instrument one_instrument(void) {
    return (nt_instrument){.symbol = "A",
                           .base = "A",
                           .quote = "Q",
                           .price_decimals = 2,
                           .quantity_decimals = 2,
                           .tick_units = 1,
                           .lot_units = 1,
                           .min_quantity = 1};
}

static nt_status no_send(void *context, uint32_t slot, const uint8_t *bytes, uint32_t length) {
    (void)context, (void)slot, (void)bytes, (void)length;
    return NT_CLOSED;
}

/// Whether a lane of these settings is refused with `words`.
static bool lane_is_refused(const nt_lane_config *config, const char *words) {
    nt_lane *lane = NULL;
    return nt_lane_create(config, &lane) == NT_INVALID && strstr(nt_last_error(), words) != NULL;
}

TEST(lane_settings, a_lane_refuses_what_cannot_be) {
    static nt_manual_time time;
    const nt_instrument instrument = one_instrument();
    const nt_stream_role roles[] = {NT_ROLE_MARKET, NT_ROLE_ORDERS};
    fake_venue *venue = fake_venue_create(1, 1);
    const nt_lane_config good = {.instruments = &instrument,
                                 .instrument_count = 1,
                                 .roles = roles,
                                 .stream_count = 2,
                                 .clock = nt_clock_manual(&time),
                                 .codec = fake_venue_codec(venue),
                                 .wire = {.send = no_send}};
    nt_lane_config bad = good;
    bad.instrument_count = 0;
    EXPECT(lane_is_refused(&bad, "a lane takes 1 to"));
    bad.instrument_count = NT_MAX_INSTRUMENTS + 1;
    EXPECT(lane_is_refused(&bad, "a lane takes 1 to"));
    bad = good;
    bad.stream_count = NT_MAX_STREAMS + 1;
    EXPECT(lane_is_refused(&bad, "at most"));
    bad = good;
    bad.codec = NULL;
    EXPECT(lane_is_refused(&bad, "a lane takes a codec"));
    bad = good;
    bad.wire.send = NULL;
    EXPECT(lane_is_refused(&bad, "needs a way to send"));
    bad = good;
    bad.instance = NT_INSTANCE_MAX + 1;
    EXPECT(lane_is_refused(&bad, "an instance is at most"));
    nt_lane *lane;
    EXPECT_EQ(nt_lane_create(&good, &lane), NT_OK); // With every size at its default.
    nt_lane_destroy(lane);
    fake_venue_destroy(venue);
}

/// What a start on the rig's journal says when the one instrument is `now`.
static nt_status start_with(rig *rig, const nt_instrument *now) {
    const nt_stream_role roles[] = {NT_ROLE_MARKET, NT_ROLE_ORDERS};
    const nt_lane_config config = {.instruments = now,
                                   .instrument_count = 1,
                                   .roles = roles,
                                   .stream_count = 2,
                                   .book_depth = 64,
                                   .max_orders = 64,
                                   .instance = 5,
                                   .clock = nt_clock_manual(&rig->time),
                                   .codec = fake_venue_codec(rig->venue),
                                   .wire = {.send = no_send}};
    const nt_journal_config where = {.directory = "j",
                                     .ring_bytes = 1 << 20,
                                     .segment_bytes = 1 << 20,
                                     .account = {7},
                                     .files = nt_files_memory(rig->disk),
                                     .clock = nt_clock_manual(&rig->time),
                                     .inline_drain = true};
    nt_lane *lane = NULL;
    nt_journal *journal = NULL;
    if (nt_lane_create(&config, &lane) != NT_OK) return NT_IO;
    const nt_status status = nt_journal_open(&where, nt_lane_recover, lane, NULL, &journal);
    nt_lane_destroy(lane);
    if (status == NT_OK) nt_journal_close(journal);
    return status;
}

TEST(lane_settings, a_start_refuses_instruments_that_are_not_the_journals) {
    rig rig;
    rig_open_with(&rig, 220, 1);
    EXPECT_EQ(rig_start(&rig), NT_OK);
    rig_kill(&rig);
    const nt_instrument good = one_instrument();
    nt_instrument others[5] = {good, good, good, good, good};
    others[0].symbol[0] = 'B';
    others[1].price_decimals++;
    others[2].quantity_decimals++;
    others[3].tick_units = 5;
    others[4].lot_units = 10;
    for (uint32_t i = 0; i < 5; i++) {
        EXPECT_EQ(start_with(&rig, &others[i]), NT_REFUSED);
        EXPECT(strstr(nt_last_error(), "slot 0 was A in the journal") != NULL);
        EXPECT(strstr(nt_last_error(), "start with a new data directory") != NULL);
    }
    EXPECT_EQ(start_with(&rig, &good), NT_OK);
    fake_venue_destroy(rig.venue);
    nt_memory_disk_destroy(rig.disk);
}
