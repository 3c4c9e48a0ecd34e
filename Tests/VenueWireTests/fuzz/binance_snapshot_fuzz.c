// binance_snapshot_fuzz.c — book snapshots as REST gives them.
//
// Proves: no crash, a whole book or nothing, for no instrument but the one that was asked for; no
// price of zero, no number that the body does not write, nothing from a body that breaks off.
#include "json_mutator.h"
#include "wire_checks.h"

static const nt_instrument instruments[] = {
    {.symbol = "BTCUSDT",
     .base = "BTC",
     .quote = "USDT",
     .price_decimals = 2,
     .quantity_decimals = 5,
     .tick_units = 1,
     .lot_units = 1},
    {.symbol = "BTCUSD_PERP",
     .base = "BTC",
     .quote = "USD",
     .price_decimals = 8,
     .quantity_decimals = 8,
     .tick_units = 25,
     .lot_units = 100},
};
enum { INSTRUMENTS = sizeof instruments / sizeof instruments[0], LONGEST = 1 << 16 };

static bn_wire *shared_wire(void) {
    static bn_wire *wire;
    if (wire == NULL) {
        const bn_wire_config config = {.instruments = instruments, .instrument_count = INSTRUMENTS};
        wire = bn_wire_create(&config, NULL, 0);
        NT_ASSERT(wire != NULL);
    }
    return wire;
}

static void check_book(message_text text, const nt_event *event, nt_instrument_id slot) {
    const nt_depth *book = &event->as.depth;
    NT_ASSERT(event->kind == NT_EVENT_SNAPSHOT && event->instrument == slot);
    NT_ASSERT(book->last_id >= 0 && book->first_id == book->last_id && book->previous_id == -1);
    check_written(text, book->last_id, 0);
    check_time(text, event->venue_ns);
    check_side(text, &instruments[slot], book->bids, book->bid_count);
    check_side(text, &instruments[slot], book->asks, book->ask_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bn_wire *wire = shared_wire();
    const nt_codec *codec = bn_wire_codec(wire);
    if (length > LONGEST) return 0;
    const message_text text = {(const char *)bytes, (uint32_t)length};
    for (nt_instrument_id slot = 0; slot <= INSTRUMENTS; slot++) {
        nt_event events[2];
        uint32_t count;
        const nt_status status =
            check_counts(codec, NT_ROLE_SNAPSHOT, slot, text, events, 2, &count);
        if (status != NT_OK) continue;
        NT_ASSERT(slot < INSTRUMENTS && count == 1);
        check_book(text, &events[0], slot);
    }
    check_repeats(wire, NT_ROLE_SNAPSHOT, 0, text);
    check_prefixes(codec, NT_ROLE_SNAPSHOT, 0, text);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return json_mutate(data, size, max_size, seed);
}
