// wire_checks.h — what must hold of whatever a decoder gives: bounds, order of ids, and no number
// that the message does not write.
#ifndef WIRE_CHECKS_H
#define WIRE_CHECKS_H

#include <stdlib.h>
#include <string.h>

#include "nt/decimal.h"
#include "wire.h"

enum { CHECKED_LEVELS = 8, CHECKED_PREFIXES = 4, SCRATCH = 1 << 20 };

typedef struct {
    const char *bytes;
    uint32_t length;
} message_text;

static inline bool text_holds(message_text text, const char *part, size_t length) {
    return memmem(text.bytes, text.length, part, length) != NULL;
}

/// value × 10^-decimals stands in the text, apart from zeros at its end. Zero may stand anywhere.
static inline void check_written(message_text text, int64_t value, uint32_t decimals) {
    char number[32];
    if (value == 0) return;
    uint32_t length = nt_decimal_write(value, decimals, number);
    while (decimals > 0 && number[length - 1] == '0') length--;
    if (decimals > 0 && number[length - 1] == '.') length--;
    NT_ASSERT(text_holds(text, number, length));
}

static inline void check_time(message_text text, int64_t venue_ns) {
    char number[32];
    NT_ASSERT(venue_ns >= 0 && venue_ns % 1000 == 0);
    if (venue_ns == 0) return;
    const bool milliseconds =
        venue_ns % 1000000 == 0 &&
        text_holds(text, number, nt_decimal_write(venue_ns / 1000000, 0, number));
    if (!milliseconds) check_written(text, venue_ns / 1000, 0);
}

static inline void check_price(message_text text, const nt_instrument *of, int64_t ticks) {
    NT_ASSERT(ticks >= 0);
    check_written(text, ticks * of->tick_units, of->price_decimals);
}

static inline void check_quantity(message_text text, const nt_instrument *of, int64_t lots) {
    NT_ASSERT(lots >= 0);
    check_written(text, lots * of->lot_units, of->quantity_decimals);
}

static inline void check_level(message_text text, const nt_instrument *of, nt_level level) {
    check_price(text, of, level.price);
    check_quantity(text, of, level.quantity);
}

static inline void check_side(message_text text, const nt_instrument *of, const nt_level *levels,
                              uint32_t count) {
    NT_ASSERT(count <= BN_MAX_LEVELS);
    for (uint32_t i = 0; i < count; i++) {
        NT_ASSERT(levels[i].price > 0 && levels[i].quantity >= 0);
        if (i < CHECKED_LEVELS) check_level(text, of, levels[i]);
    }
}

/// What a codec may give for one message, by its own account of it.
static inline nt_status check_counts(const nt_codec *codec, nt_stream_role role,
                                     nt_instrument_id slot, message_text text, nt_event *events,
                                     uint32_t capacity, uint32_t *count) {
    *count = 77;
    const nt_status status = codec->decode(codec->context, role, slot, (const uint8_t *)text.bytes,
                                           text.length, events, capacity, count);
    NT_ASSERT(status == NT_OK ? *count <= capacity : *count == 0);
    return status;
}

/// The same message gives the same events, whatever was decoded before it.
static inline void check_repeats(bn_wire *wire, nt_stream_role role, nt_instrument_id slot,
                                 message_text text) {
    static char first[SCRATCH], second[SCRATCH];
    const int32_t status =
        bn_wire_describe(wire, role, slot, text.bytes, text.length, first, SCRATCH);
    NT_ASSERT(bn_wire_describe(wire, role, slot, text.bytes, text.length, second, SCRATCH) ==
              status);
    NT_ASSERT(strcmp(first, second) == 0);
}

/// A message that breaks off says nothing. Each piece lies alone in memory, so that reading past
/// its end is seen.
static inline void check_prefixes(const nt_codec *codec, nt_stream_role role, nt_instrument_id slot,
                                  message_text text) {
    bn_value root;
    if (bn_json_check(text.bytes, text.length, &root) != NT_OK || root.kind != BN_OBJECT) return;
    const uint32_t whole = (uint32_t)(root.text - text.bytes) + root.length;
    nt_event events[8];
    for (uint32_t i = 0; i < CHECKED_PREFIXES; i++) {
        // All but the last byte, and some that the message itself chooses.
        const uint8_t chance = (uint8_t)text.bytes[(i * text.length) / CHECKED_PREFIXES];
        const uint32_t length = i == 0 ? whole - 1 : chance * 7919u * i % whole;
        char *exact = malloc(length + (length == 0));
        NT_ASSERT(exact != NULL);
        memcpy(exact, text.bytes, length);
        uint32_t count;
        const nt_status status =
            check_counts(codec, role, slot, (message_text){exact, length}, events, 8, &count);
        NT_ASSERT(status != NT_OK && status != NT_UNSUPPORTED);
        free(exact);
    }
}

#endif
