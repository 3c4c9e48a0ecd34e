// binance_orders_fuzz.c — the order connection: replies to our requests, and user events.
//
// Proves: no crash, no event from what is refused, counts within bounds for any room; of a report:
// evidence that exists, an instrument of ours, and no number that the message does not write; a
// fill has a price and a quantity; the same events each time; nothing from a message that breaks
// off.
#include "json_mutator.h"
#include "nt/intent.h"
#include "wire_checks.h"

static const nt_instrument instruments[] = {
    {.symbol = "BTCUSDT",
     .base = "BTC",
     .quote = "USDT",
     .price_decimals = 2,
     .quantity_decimals = 5,
     .tick_units = 1,
     .lot_units = 1},
    {.symbol = "ETHUSDT",
     .base = "ETH",
     .quote = "USDT",
     .price_decimals = 8,
     .quantity_decimals = 8,
     .tick_units = 5,
     .lot_units = 10},
};
enum { INSTRUMENTS = sizeof instruments / sizeof instruments[0], LONGEST = 1 << 16, ROOM = 32 };

static bn_wire *shared_wire(void) {
    static bn_wire *wire;
    if (wire == NULL) {
        const bn_wire_config config = {
            .instruments = instruments, .instrument_count = INSTRUMENTS, .instance = 7};
        wire = bn_wire_create(&config, NULL, 0);
        NT_ASSERT(wire != NULL);
    }
    return wire;
}

static void check_asset(message_text text, const char asset[12]) {
    const char *end = memchr(asset, 0, 12);
    NT_ASSERT(end != NULL);
    NT_ASSERT(text_holds(text, asset, (size_t)(end - asset)));
}

static void check_report(message_text text, const nt_event *event) {
    NT_ASSERT(event->instrument < INSTRUMENTS);
    const nt_instrument *of = &instruments[event->instrument];
    const nt_report *report = &event->as.report;
    NT_ASSERT(report->evidence > NT_EVIDENCE_NONE && report->evidence < NT_EVIDENCE_COUNT);
    NT_ASSERT(report->side == NT_BUY || report->side == NT_SELL);
    NT_ASSERT(report->venue_order >= 0 && report->trade >= 0 && report->cumulative >= -1);
    check_written(text, report->venue_order, 0);
    check_written(text, report->trade, 0);
    check_written(text, report->code, 0);
    check_price(text, of, report->price);
    check_price(text, of, report->last_price);
    check_quantity(text, of, report->last_quantity);
    if (report->cumulative > 0) check_quantity(text, of, report->cumulative);
    // After a self-trade prevention it is a difference.
    NT_ASSERT(report->quantity >= 0);
    if (report->evidence != NT_EVIDENCE_AMENDED) check_quantity(text, of, report->quantity);
    NT_ASSERT(report->fee >= 0);
    check_written(text, report->fee, NT_MONEY_DECIMALS);
    check_asset(text, report->fee_asset);
    if (report->evidence == NT_EVIDENCE_FILL)
        NT_ASSERT(report->last_price > 0 && report->last_quantity > 0);
}

static void check_balance(message_text text, const nt_balance *balance) {
    NT_ASSERT(balance->free >= 0 && balance->locked >= 0 && balance->asset[0] != 0);
    check_asset(text, balance->asset);
    check_written(text, balance->free, NT_MONEY_DECIMALS);
    check_written(text, balance->locked, NT_MONEY_DECIMALS);
}

static void check_usage(message_text text, const nt_usage *usage) {
    NT_ASSERT(usage->used >= 0 && usage->limit >= 0 && usage->retry_after_ms >= 0);
    check_written(text, usage->used, 0);
    check_written(text, usage->limit, 0);
    check_written(text, usage->retry_after_ms, 0);
}

static void check_answer(message_text text, const nt_event *event, uint32_t reports) {
    const nt_answer_end *answer = &event->as.answer;
    NT_ASSERT(event->instrument < INSTRUMENTS && answer->request < NT_REQUEST_KIND_COUNT);
    NT_ASSERT(answer->last_trade >= 0);
    check_written(text, answer->last_trade, 0);
    check_written(text, answer->code, 0);
    if (answer->accepted) NT_ASSERT(answer->count == reports || answer->count == 0);
}

static void check_event(message_text text, const nt_event *event, uint32_t before) {
    check_time(text, event->venue_ns);
    switch (event->kind) {
    case NT_EVENT_REPORT:
        check_report(text, event);
        break;
    case NT_EVENT_BALANCE:
        check_balance(text, &event->as.balance);
        break;
    case NT_EVENT_USAGE:
        check_usage(text, &event->as.usage);
        break;
    case NT_EVENT_ANSWERED:
        check_answer(text, event, before);
        break;
    default:
        NT_ASSERT(event->kind == NT_EVENT_SESSION || event->kind == NT_EVENT_NOTICE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bn_wire *wire = shared_wire();
    const nt_codec *codec = bn_wire_codec(wire);
    if (length > LONGEST) return 0;
    const message_text text = {(const char *)bytes, (uint32_t)length};
    nt_event events[ROOM];
    uint32_t count;
    for (uint32_t room = 0; room <= 4; room++) {
        check_counts(codec, NT_ROLE_ORDERS, NT_NO_INSTRUMENT, text, events, room, &count);
        for (uint32_t i = 0; i < count; i++) check_event(text, &events[i], i);
    }
    check_counts(codec, NT_ROLE_ORDERS, NT_NO_INSTRUMENT, text, events, ROOM, &count);
    for (uint32_t i = 0; i < count; i++) check_event(text, &events[i], i);
    check_repeats(wire, NT_ROLE_ORDERS, NT_NO_INSTRUMENT, text);
    check_prefixes(codec, NT_ROLE_ORDERS, NT_NO_INSTRUMENT, text);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return json_mutate(data, size, max_size, seed);
}
