// decode_fast.c — the hot market messages in one pass, without building anything.
//
// Binance writes its members in a fixed order. Each scanner walks exactly that order, and gives
// up at the first byte that differs: the general decoder then has the last word. What it accepts
// must be accepted there with the same result, hence no escapes, no blanks, ASCII stream names,
// and numbers by the grammar of JSON.
#include <string.h>

#include "nt/decimal.h"
#include "wire.h"

typedef struct {
    const char *at, *end;
} scanner;

/// `text` is a literal: the length folds away.
static inline bool match(scanner *s, const char *text) {
    const size_t length = strlen(text);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, text, length) != 0) return false;
    s->at += length;
    return true;
}

/// A non-negative integer of at most 18 digits, without leading zeros.
static inline bool take_integer(scanner *s, int64_t *out) {
    const char *first = s->at;
    int64_t value = 0;
    for (; s->at < s->end && (unsigned char)(*s->at - '0') <= 9; s->at++) {
        if (s->at - first == 18) return false;
        value = value * 10 + (*s->at - '0');
    }
    *out = value;
    const long digits = s->at - first;
    return digits > 0 && (digits == 1 || *first != '0');
}

/// A decimal in quotes as a whole number of units.
static inline bool take_decimal(scanner *s, uint32_t decimals, int64_t units, int64_t *out) {
    if (s->at == s->end || *s->at != '"') return false;
    const char *first = ++s->at;
    while (s->at < s->end && ((unsigned char)(*s->at - '0') <= 9 || *s->at == '.')) s->at++;
    const uint32_t length = (uint32_t)(s->at - first);
    if (s->at == s->end || *s->at++ != '"') return false;
    return nt_decimal_read_units(first, length, decimals, units, out) == NT_OK;
}

static inline bool take_price(scanner *s, const nt_instrument *instrument, int64_t *out) {
    return take_decimal(s, instrument->price_decimals, instrument->tick_units, out);
}

static inline bool take_quantity(scanner *s, const nt_instrument *instrument, int64_t *out) {
    return take_decimal(s, instrument->quantity_decimals, instrument->lot_units, out);
}

/// A symbol of ours up to its closing quote.
static bool take_symbol(scanner *s, const bn_wire *wire, nt_instrument_id *slot) {
    const char *first = s->at;
    const char *quote = memchr(first, '"', (size_t)(s->end - first));
    if (quote == NULL || quote - first >= NT_SYMBOL_SIZE) return false;
    *slot = bn_symbols_find(&wire->symbols, first, (uint32_t)(quote - first));
    s->at = quote + 1;
    return *slot != NT_NO_INSTRUMENT;
}

/// Milliseconds; microseconds are left to the general decoder.
static bool take_time(scanner *s, int64_t *out) {
    int64_t milliseconds;
    if (!take_integer(s, &milliseconds) || milliseconds >= INT64_C(9000000000000)) return false;
    *out = milliseconds * 1000000;
    return true;
}

static bool is_stream_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' ||
           c == '_' || c == '!';
}

/// The combined envelope up to its data. Partial books are left to the general decoder.
static bool take_stream(scanner *s) {
    const char *first = s->at;
    while (s->at < s->end && is_stream_character(*s->at)) s->at++;
    const char *at = memchr(first, '@', (size_t)(s->at - first));
    if (at == NULL || !match(s, "\",\"data\":")) return false;
    return !(memcmp(at, "@depth", 6) == 0 && (unsigned char)(at[6] - '0') <= 9);
}

static bool take_levels(scanner *s, const nt_instrument *instrument, nt_level *levels,
                        uint32_t *count) {
    uint32_t n = 0;
    if (!match(s, "[")) return false;
    while (match(s, "[")) {
        if (n == BN_MAX_LEVELS) return false;
        if (!take_price(s, instrument, &levels[n].price) || levels[n].price == 0) return false;
        if (!match(s, ",") || !take_quantity(s, instrument, &levels[n].quantity)) return false;
        n++;
        if (!match(s, "]")) return false;
        if (!match(s, ",")) break;
        if (s->at == s->end || *s->at != '[') return false;
    }
    *count = n;
    return match(s, "]");
}

/// E, [T,] s, U, u, [pu,] b, a — spot and USD-M. Coin-M adds members: the general way.
static bool scan_depth(scanner *s, bn_wire *wire, nt_event *event) {
    int64_t time, ignored;
    nt_depth depth = {.previous_id = -1, .bids = wire->bids, .asks = wire->asks};
    if (!take_time(s, &time)) return false;
    if (match(s, ",\"T\":") && !take_integer(s, &ignored)) return false;
    if (!match(s, ",\"s\":\"") || !take_symbol(s, wire, &event->instrument)) return false;
    if (!match(s, ",\"U\":") || !take_integer(s, &depth.first_id)) return false;
    if (!match(s, ",\"u\":") || !take_integer(s, &depth.last_id)) return false;
    if (match(s, ",\"pu\":") && !take_integer(s, &depth.previous_id)) return false;
    if (depth.first_id > depth.last_id) return false;
    const nt_instrument *instrument = &wire->instruments[event->instrument];
    if (!match(s, ",\"b\":") || !take_levels(s, instrument, wire->bids, &depth.bid_count)) {
        return false;
    }
    if (!match(s, ",\"a\":") || !take_levels(s, instrument, wire->asks, &depth.ask_count)) {
        return false;
    }
    event->kind = NT_EVENT_DEPTH;
    event->venue_ns = time;
    event->as.depth = depth;
    return true;
}

static bool take_touch(scanner *s, const nt_instrument *instrument, nt_level *level,
                       const char *quantity_name) {
    if (!take_price(s, instrument, &level->price)) return false;
    if (!match(s, quantity_name) || !take_quantity(s, instrument, &level->quantity)) return false;
    return level->price != 0 || level->quantity == 0;
}

/// u, s, b, B, a, A [, T, E] — the futures' own "e" stands before and is eaten already.
static bool scan_quote(scanner *s, bn_wire *wire, nt_event *event) {
    nt_quote quote;
    int64_t time = 0, ignored;
    if (!take_integer(s, &quote.id)) return false;
    if (!match(s, ",\"s\":\"") || !take_symbol(s, wire, &event->instrument)) return false;
    const nt_instrument *instrument = &wire->instruments[event->instrument];
    if (!match(s, ",\"b\":") || !take_touch(s, instrument, &quote.bid, ",\"B\":")) return false;
    if (!match(s, ",\"a\":") || !take_touch(s, instrument, &quote.ask, ",\"A\":")) return false;
    if (match(s, ",\"T\":") && !take_integer(s, &ignored)) return false;
    if (match(s, ",\"E\":") && !take_time(s, &time)) return false;
    event->kind = NT_EVENT_QUOTE;
    event->venue_ns = time;
    event->as.quote = quote;
    return true;
}

/// E, s, t, p, q, T, m, M (spot); E, T, s, t, p, q, X, m (futures).
static bool scan_trade(scanner *s, bn_wire *wire, nt_event *event) {
    nt_trade trade = {0};
    int64_t time, ignored;
    if (!take_time(s, &time)) return false;
    const bool futures = match(s, ",\"T\":");
    if (futures && !take_integer(s, &ignored)) return false;
    if (!match(s, ",\"s\":\"") || !take_symbol(s, wire, &event->instrument)) return false;
    const nt_instrument *instrument = &wire->instruments[event->instrument];
    if (!match(s, ",\"t\":") || !take_integer(s, &trade.id)) return false;
    if (!match(s, ",\"p\":") || !take_price(s, instrument, &trade.price)) return false;
    if (!match(s, ",\"q\":") || !take_quantity(s, instrument, &trade.quantity)) return false;
    if (trade.price == 0 || trade.quantity == 0) return false;
    if (futures && !match(s, ",\"X\":\"MARKET\"")) return false;
    if (!futures && (!match(s, ",\"T\":") || !take_integer(s, &ignored))) return false;
    if (match(s, ",\"m\":true"))
        trade.aggressor = NT_SELL;
    else if (match(s, ",\"m\":false"))
        trade.aggressor = NT_BUY;
    else
        return false;
    if (!futures && !match(s, ",\"M\":true") && !match(s, ",\"M\":false")) return false;
    event->kind = NT_EVENT_TRADE;
    event->venue_ns = time;
    event->as.trade = trade;
    return true;
}

bool bn_scan_market(bn_wire *wire, const char *text, uint32_t length, bn_out *out) {
    scanner s = {text, text + length};
    nt_event event = {.kind = NT_EVENT_NONE};
    const bool combined = match(&s, "{\"stream\":\"");
    if (combined && !take_stream(&s)) return false;
    bool found;
    if (match(&s, "{\"u\":") || match(&s, "{\"e\":\"bookTicker\",\"u\":")) {
        found = scan_quote(&s, wire, &event);
    } else if (match(&s, "{\"e\":\"depthUpdate\",\"E\":")) {
        found = scan_depth(&s, wire, &event);
    } else if (match(&s, "{\"e\":\"trade\",\"E\":")) {
        found = scan_trade(&s, wire, &event);
    } else {
        return false;
    }
    if (!found || !match(&s, "}") || (combined && !match(&s, "}")) || s.at != s.end) return false;
    if (out->capacity == 0) return false;
    out->events[out->count++] = event;
    return true;
}
