// binance_decode_test.c — properties of every decoder: truncated, changed and odd input.
//
// No prefix of a message may give other events than the message; the fast scanner may never
// accept what the general decoder reads differently.
#include <stdlib.h>

#include "binance_fixture.h"
#include "test.h"

/// Events without their borrowed levels, which are copied beside them.
typedef struct {
    fixture_result result;
    nt_level bids[32], asks[32];
} snapshot;

static void keep(snapshot *out, const fixture_result *result) {
    out->result = *result;
    if (result->count == 0) return;
    nt_event *event = &out->result.events[0];
    if (event->kind != NT_EVENT_DEPTH && event->kind != NT_EVENT_SNAPSHOT) return;
    const nt_depth *depth = &event->as.depth;
    NT_ASSERT(depth->bid_count <= 32 && depth->ask_count <= 32);
    memcpy(out->bids, depth->bids, depth->bid_count * sizeof(nt_level));
    memcpy(out->asks, depth->asks, depth->ask_count * sizeof(nt_level));
}

static bool same_levels(const snapshot *a, const snapshot *b, const nt_depth *x,
                        const nt_depth *y) {
    return x->first_id == y->first_id && x->last_id == y->last_id &&
           x->previous_id == y->previous_id && x->bid_count == y->bid_count &&
           x->ask_count == y->ask_count &&
           memcmp(a->bids, b->bids, x->bid_count * sizeof(nt_level)) == 0 &&
           memcmp(a->asks, b->asks, x->ask_count * sizeof(nt_level)) == 0;
}

static bool same(const snapshot *a, const snapshot *b) {
    if (a->result.status != b->result.status || a->result.count != b->result.count) return false;
    for (uint32_t i = 0; i < a->result.count; i++) {
        const nt_event *x = &a->result.events[i], *y = &b->result.events[i];
        if (x->kind != y->kind || x->instrument != y->instrument || x->venue_ns != y->venue_ns) {
            return false;
        }
        if (x->kind == NT_EVENT_DEPTH || x->kind == NT_EVENT_SNAPSHOT) {
            if (!same_levels(a, b, &x->as.depth, &y->as.depth)) return false;
        } else if (x->kind == NT_EVENT_TRADE) {
            if (x->as.trade.id != y->as.trade.id || x->as.trade.price != y->as.trade.price ||
                x->as.trade.quantity != y->as.trade.quantity ||
                x->as.trade.aggressor != y->as.trade.aggressor) {
                return false;
            }
        } else if (memcmp(&x->as, &y->as, sizeof x->as) != 0) {
            return false;
        }
    }
    return true;
}

TEST(binance_decode, every_fixture_gives_events) {
    bn_wire *wire = fixture_hmac();
    for (uint32_t i = 0; i < fixture_message_count; i++) {
        const fixture_message *message = &fixture_messages[i];
        const fixture_result *result = fixture_decode(
            wire, message->role, message->slot, message->text, (uint32_t)strlen(message->text));
        if (result->status != NT_OK || result->count == 0) {
            nt_test_fail(__FILE__, __LINE__, "%d for %s", result->status, message->text);
        }
    }
    bn_wire_destroy(wire);
}

TEST(binance_decode, no_prefix_of_a_message_gives_events) {
    bn_wire *wire = fixture_hmac();
    for (uint32_t i = 0; i < fixture_message_count; i++) {
        const fixture_message *message = &fixture_messages[i];
        const uint32_t length = (uint32_t)strlen(message->text);
        for (uint32_t cut = 0; cut < length; cut++) {
            const fixture_result *result =
                fixture_decode(wire, message->role, message->slot, message->text, cut);
            EXPECT_EQ(result->status, NT_INVALID);
            EXPECT_EQ(result->count, 0);
        }
    }
    bn_wire_destroy(wire);
}

static void expect_agreement(bn_wire *wire, const char *text, uint32_t length) {
    static snapshot fast, general;
    static fixture_result result;
    bn_out out = {result.events, NT_MAX_EVENTS_PER_MESSAGE, 0, false};
    result.status = NT_OK;
    if (!bn_scan_market(wire, text, length, &out)) return;
    result.count = out.count;
    keep(&fast, &result);
    out.count = 0;
    result.status = bn_decode_market(wire, text, length, &out);
    result.count = result.status == NT_OK ? out.count : 0;
    keep(&general, &result);
    if (!same(&fast, &general)) {
        nt_test_fail(__FILE__, __LINE__, "fast and general differ: %.*s", (int)length, text);
    }
}

TEST(binance_decode, fast_and_general_agree_on_every_changed_byte) {
    static const char bytes[] = "0159\"\\,:.-[]{} xTeu@\x80\t";
    bn_wire *wire = fixture_market();
    for (uint32_t i = 0; i < fixture_message_count; i++) {
        if (fixture_messages[i].role != NT_ROLE_MARKET) continue;
        const uint32_t length = (uint32_t)strlen(fixture_messages[i].text);
        char *text = malloc(length);
        for (uint32_t at = 0; at < length; at++) {
            memcpy(text, fixture_messages[i].text, length);
            for (size_t b = 0; b < sizeof bytes - 1; b++) {
                text[at] = bytes[b];
                expect_agreement(wire, text, length);
            }
        }
        free(text);
    }
    bn_wire_destroy(wire);
}

TEST(binance_decode, fast_and_general_agree_on_removed_and_doubled_bytes) {
    bn_wire *wire = fixture_market();
    for (uint32_t i = 0; i < fixture_message_count; i++) {
        if (fixture_messages[i].role != NT_ROLE_MARKET) continue;
        const char *source = fixture_messages[i].text;
        const uint32_t length = (uint32_t)strlen(source);
        char *text = malloc(length + 1);
        for (uint32_t at = 0; at < length; at++) {
            memcpy(text, source, at);
            memcpy(text + at, source + at + 1, length - at - 1);
            expect_agreement(wire, text, length - 1);
            memcpy(text, source, at + 1);
            memcpy(text + at + 1, source + at, length - at);
            expect_agreement(wire, text, length + 1);
        }
        free(text);
    }
    bn_wire_destroy(wire);
}

TEST(binance_decode, hot_shapes_take_the_fast_way) {
    // Otherwise the agreement above would hold by never being asked.
    bn_wire *wire = fixture_market();
    static nt_event events[4];
    uint32_t fast = 0;
    for (uint32_t i = 0; i < fixture_message_count; i++) {
        if (fixture_messages[i].role != NT_ROLE_MARKET) continue;
        bn_out out = {events, 4, 0, false};
        const char *text = fixture_messages[i].text;
        fast += bn_scan_market(wire, text, (uint32_t)strlen(text), &out);
    }
    bn_wire_destroy(wire);
    EXPECT_EQ(fast, 8);
}

TEST(binance_decode, an_event_array_without_room_is_full_and_gives_nothing) {
    bn_wire *wire = fixture_hmac();
    const nt_codec *codec = bn_wire_codec(wire);
    for (uint32_t i = 0; i < fixture_message_count; i++) {
        const fixture_message *message = &fixture_messages[i];
        nt_event event;
        uint32_t count = 99;
        EXPECT_EQ(codec->decode(codec->context, message->role, message->slot,
                                (const uint8_t *)message->text, (uint32_t)strlen(message->text),
                                &event, 0, &count),
                  NT_FULL);
        EXPECT_EQ(count, 0);
    }
    bn_wire_destroy(wire);
}

TEST(binance_decode, odd_texts_are_invalid_in_every_role) {
    static const char *const texts[] = {
        "",
        "null",
        "[]",
        "{}",
        "0",
        "\"x\"",
        "{\"e\":1}",
        "{\"e\":\"nobody knows\"}",
        "{\"event\":null}",
        "{\"event\":{}}",
        "{\"status\":200}",
        "{\"id\":1}",
        "hello",
    };
    bn_wire *wire = fixture_hmac();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (uint8_t role = 0; role < NT_ROLE_COUNT; role++) {
            const fixture_result *result =
                fixture_decode(wire, role, FIXTURE_BTC, texts[i], (uint32_t)strlen(texts[i]));
            const bool array = role == NT_ROLE_MARKET && strcmp(texts[i], "[]") == 0;
            if (result->status != (array ? NT_UNSUPPORTED : NT_INVALID) || result->count != 0) {
                nt_test_fail(__FILE__, __LINE__, "role %u, %d for %s", role, result->status,
                             texts[i]);
            }
        }
    }
    bn_wire_destroy(wire);
}

TEST(binance_decode, replies_without_sense_are_invalid) {
    static const char *const texts[] = {
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":\"200\",\"result\":{}}",
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":200,\"result\":null}",
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":400,\"error\":null}",
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":400,\"error\":{\"code\":\"-1\"}}",
        "{\"id\":\"p00" FIXTURE_ORDER_1 "\",\"status\":400,\"error\":{\"code\":-99999999999}}",
    };
    bn_wire *wire = fixture_hmac();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        EXPECT_EQ(fixture_orders(wire, texts[i])->status, NT_INVALID);
    }
    bn_wire_destroy(wire);
}
