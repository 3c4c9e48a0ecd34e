// json_mutator.h — changes that leave a message JSON more often than not, so that fuzzing reaches
// what lies behind the parser: numbers of bad classes, names of the venue, members doubled, gone,
// moved or nested.
#ifndef JSON_MUTATOR_H
#define JSON_MUTATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

typedef struct {
    uint8_t *data;
    size_t size, max_size;
    uint64_t chance;
} json_text;

typedef struct {
    size_t from, to;
} json_span;

/// What a venue must never get accepted as a price or a quantity, and what is just odd.
static const char *const json_scalars[] = {
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "1e-9",
    "1E2",
    "",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "0.0",
    "00",
    "-1",
    "-0.00000001",
    "+1",
    ".5",
    "5.",
    "1,5",
    "0x10",
    "1 ",
    " 1",
    "0.00000001",
    "0.000000001",
    "25000.1000000000000000000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "92233720368547758.07",
    "\\u0031",
    "1\\n",
    "\xc0\xaf",
    "\xed\xa0\x80",
    "\xff",
    "BTCUSDT",
    "btcusdt",
    "BTCUSD_PERP",
    "BUY",
    "SELL",
    "[]",
    "{}",
};

static const char *const json_names[] = {
    "e",
    "E",
    "s",
    "U",
    "u",
    "pu",
    "b",
    "a",
    "B",
    "A",
    "T",
    "t",
    "p",
    "q",
    "m",
    "M",
    "X",
    "x",
    "S",
    "c",
    "C",
    "i",
    "z",
    "l",
    "L",
    "n",
    "N",
    "f",
    "ps",
    "stream",
    "data",
    "id",
    "status",
    "result",
    "error",
    "code",
    "msg",
    "event",
    "rateLimits",
    "lastUpdateId",
    "bids",
    "asks",
    "symbol",
    "orderId",
    "clientOrderId",
    "price",
    "origQty",
    "qty",
    "executedQty",
    "side",
    "fills",
    "tradeId",
    "time",
    "commission",
    "commissionAsset",
    "isBuyer",
    "isMaker",
    "method",
    "retryAfter",
    "transactTime",
    "updateTime",
    "amendedOrder",
};

static inline size_t json_below(json_text *text, size_t bound) {
    text->chance = text->chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return bound == 0 ? 0 : (size_t)(text->chance >> 33) % bound;
}

/// Puts `length` bytes in place of a span; nothing happens where there is no room.
static inline void json_replace(json_text *text, json_span span, const void *bytes, size_t length) {
    const size_t rest = text->size - span.to, gone = span.to - span.from;
    if (text->size - gone + length > text->max_size) return;
    memmove(text->data + span.from + length, text->data + span.to, rest);
    memcpy(text->data + span.from, bytes, length);
    text->size = text->size - gone + length;
}

static inline bool json_is_end(uint8_t c) { return strchr(",:{}[] \n", c) != NULL; }

/// A string with its quotes, or a scalar, at or behind a random place; empty when there is none.
static inline json_span json_pick_scalar(json_text *text) {
    const size_t wanted = json_below(text, text->size);
    json_span last = {0, 0};
    for (size_t at = 0; at < text->size;) {
        if (json_is_end(text->data[at])) {
            at++;
            continue;
        }
        json_span span = {at, at + 1};
        if (text->data[at] == '"') {
            while (span.to < text->size && text->data[span.to] != '"')
                span.to += text->data[span.to] == '\\' ? 2 : 1;
            span.to = span.to < text->size ? span.to + 1 : text->size;
        } else {
            while (span.to < text->size && !json_is_end(text->data[span.to])) span.to++;
        }
        last = span;
        at = span.to;
        if (at > wanted) break;
    }
    return last;
}

/// A member or an element, without the comma: from behind an opening or a comma to the next end.
static inline json_span json_pick_member(json_text *text) {
    size_t from = json_below(text, text->size);
    while (from > 0 && strchr(",[{", text->data[from - 1]) == NULL) from--;
    json_span span = {from, from};
    int depth = 0;
    for (bool quoted = false; span.to < text->size; span.to++) {
        const uint8_t c = text->data[span.to];
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '[' || c == '{') depth++;
        if ((c == ']' || c == '}') && depth-- == 0) break;
        if (c == ',' && depth == 0) break;
    }
    return span;
}

static inline bool json_is_name(const json_text *text, json_span span) {
    return span.to < text->size && text->data[span.to] == ':';
}

/// A name becomes another name, a value another value, mostly in the quotes it had.
static inline void json_change_scalar(json_text *text) {
    char bytes[64];
    const json_span span = json_pick_scalar(text);
    if (span.to == span.from) return;
    const bool name = json_is_name(text, span);
    const char *chosen =
        name ? json_names[json_below(text, sizeof json_names / sizeof json_names[0])]
             : json_scalars[json_below(text, sizeof json_scalars / sizeof json_scalars[0])];
    bool quoted = text->data[span.from] == '"';
    if (!name && json_below(text, 8) == 0) quoted = !quoted;
    size_t length = 0;
    if (quoted) bytes[length++] = '"';
    memcpy(bytes + length, chosen, strlen(chosen));
    length += strlen(chosen);
    if (quoted) bytes[length++] = '"';
    json_replace(text, span, bytes, length);
}

/// Another digit, or one more of them.
static inline void json_change_digit(json_text *text) {
    size_t at = json_below(text, text->size);
    for (size_t i = 0; i < text->size; i++, at = (at + 1) % text->size) {
        if ((uint8_t)(text->data[at] - '0') > 9) continue;
        const uint8_t digit = (uint8_t)('0' + json_below(text, 10));
        json_replace(text, (json_span){at, at + json_below(text, 2)}, &digit, 1);
        return;
    }
}

/// One member more: a copy of another one, so that names come twice and lists grow.
static inline void json_double_member(json_text *text) {
    uint8_t bytes[512];
    const json_span from = json_pick_member(text), to = json_pick_member(text);
    const size_t length = from.to - from.from;
    if (length == 0 || length >= sizeof bytes) return;
    memcpy(bytes, text->data + from.from, length);
    bytes[length] = ',';
    json_replace(text, (json_span){to.from, to.from}, bytes, length + 1);
}

static inline void json_drop_member(json_text *text) {
    json_span span = json_pick_member(text);
    if (span.to < text->size && text->data[span.to] == ',') span.to++;
    json_replace(text, span, "", 0);
}

/// One value takes the place of another.
static inline void json_copy_scalar(json_text *text) {
    uint8_t bytes[128];
    const json_span from = json_pick_scalar(text), to = json_pick_scalar(text);
    const size_t length = from.to - from.from;
    if (length == 0 || length > sizeof bytes) return;
    memcpy(bytes, text->data + from.from, length);
    json_replace(text, to, bytes, length);
}

static inline void json_nest(json_text *text) {
    static const char *const opened[] = {"[[[[[[[[[[[[[[[[", "[",
                                         "{\"data\":{\"e\":{\"a\":", "{\"data\":"};
    static const char *const closed[] = {"]]]]]]]]]]]]]]]]", "]", "}}}", "}"};
    const json_span span = json_pick_scalar(text);
    const size_t kind = json_below(text, 4);
    if (json_is_name(text, span)) return;
    json_replace(text, (json_span){span.to, span.to}, closed[kind], strlen(closed[kind]));
    json_replace(text, (json_span){span.from, span.from}, opened[kind], strlen(opened[kind]));
}

/// Returns the new size. A third of the time the fuzzer's own mutations, which know the dictionary.
static inline size_t json_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    json_text text = {data, size, max_size, seed};
    if (size == 0 || json_below(&text, 3) == 0) return LLVMFuzzerMutate(data, size, max_size);
    for (size_t steps = 1 + json_below(&text, 3); steps > 0 && text.size > 0; steps--) {
        switch (json_below(&text, 10)) {
        case 0:
        case 1:
        case 2:
            json_change_scalar(&text);
            break;
        case 3:
            json_change_digit(&text);
            break;
        case 4:
            json_double_member(&text);
            break;
        case 5:
            json_drop_member(&text);
            break;
        case 6:
        case 7:
            json_copy_scalar(&text);
            break;
        case 8:
            json_nest(&text);
            break;
        default:
            text.size -= json_below(&text, text.size < 8 ? text.size : 8);
            break;
        }
    }
    return text.size;
}

#endif
