// decode.c — whole messages through a venue's codec.
//
// The floor reads one byte of each 64 of the message: what bringing it into the core costs.
#include "subject.h"

#include <string.h>

#include "nt/codec.h"

typedef struct decode_subject {
    bk_subject subject;
    const nt_codec *codec;
    uint8_t *bytes;
    uint64_t *ends; ///< Of message i; it begins where the one before ends.
    uint64_t length, capacity;
    uint32_t next, slots;
    nt_event events[NT_MAX_EVENTS_PER_MESSAGE];
} decode_subject;

static uint64_t first_of(const decode_subject *decode, uint32_t message) {
    return message == 0 ? 0 : decode->ends[message - 1];
}

/// What an operation answers: enough that no part of the decoder can be left out.
static uint64_t sum_of(const nt_event *event) {
    uint64_t sum = event->kind + (uint64_t)event->venue_ns;
    const nt_depth *depth = &event->as.depth;
    if (event->kind == NT_EVENT_DEPTH) {
        sum += (uint64_t)depth->last_id + depth->bid_count + depth->ask_count;
        if (depth->bid_count > 0) sum += (uint64_t)depth->bids[depth->bid_count - 1].price;
        if (depth->ask_count > 0) sum += (uint64_t)depth->asks[depth->ask_count - 1].quantity;
    } else if (event->kind == NT_EVENT_QUOTE) {
        const nt_quote *quote = &event->as.quote;
        sum += (uint64_t)(quote->id + quote->bid.price * 3 + quote->bid.quantity +
                          quote->ask.price * 5 + quote->ask.quantity);
    } else if (event->kind == NT_EVENT_TRADE) {
        const nt_trade *trade = &event->as.trade;
        sum += (uint64_t)(trade->id + trade->price * 3 + trade->quantity) + trade->aggressor;
    }
    return sum;
}

static nt_status decode_next(decode_subject *decode, uint32_t *count) {
    if (decode->next == decode->subject.operations) decode->next = 0;
    const uint32_t message = decode->next++;
    const uint64_t begin = first_of(decode, message);
    return decode->codec->decode(decode->codec->context, NT_ROLE_MARKET, NT_NO_INSTRUMENT,
                                 decode->bytes + begin, (uint32_t)(decode->ends[message] - begin),
                                 decode->events, NT_MAX_EVENTS_PER_MESSAGE, count);
}

static uint64_t run_decode(bk_subject *subject, uint32_t count) {
    decode_subject *decode = (decode_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t events = 0;
        if (decode_next(decode, &events) != NT_OK) subject->problem = "a message was refused";
        for (uint32_t k = 0; k < events; k++) sum += sum_of(&decode->events[k]);
    }
    return sum;
}

static uint64_t read_bytes(bk_subject *subject, uint32_t count) {
    decode_subject *decode = (decode_subject *)subject;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (decode->next == subject->operations) decode->next = 0;
        const uint32_t message = decode->next++;
        const uint64_t end = decode->ends[message];
        for (uint64_t at = first_of(decode, message); at < end; at += 64) sum += decode->bytes[at];
    }
    return sum;
}

static void rewind_decode(bk_subject *subject) {
    decode_subject *decode = (decode_subject *)subject;
    decode->next = 0;
    if (subject->operations == 0) subject->problem = "there is no message to decode";
}

static uint64_t fold_levels(uint64_t hash, const nt_level *levels, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        hash = bk_fold(hash, (uint64_t)levels[i].price);
        hash = bk_fold(hash, (uint64_t)levels[i].quantity);
    }
    return hash;
}

/// Every number of every event, levels included.
static uint64_t hash_decode(bk_subject *subject) {
    decode_subject *decode = (decode_subject *)subject;
    uint64_t hash = BK_HASH_START;
    decode->next = 0;
    for (uint32_t i = 0; i < subject->operations; i++) {
        uint32_t events = 0;
        if (decode_next(decode, &events) != NT_OK) subject->problem = "a message was refused";
        for (uint32_t k = 0; k < events; k++) {
            const nt_event *event = &decode->events[k];
            hash = bk_fold(hash, sum_of(event));
            if (event->kind != NT_EVENT_DEPTH) continue;
            hash = fold_levels(hash, event->as.depth.bids, event->as.depth.bid_count);
            hash = fold_levels(hash, event->as.depth.asks, event->as.depth.ask_count);
        }
    }
    return hash;
}

int32_t bk_decode_add(bk_subject *subject, const void *bytes, uint32_t length) {
    decode_subject *decode = (decode_subject *)subject;
    if (decode->length + length > decode->capacity) {
        const uint64_t larger = 2 * (decode->capacity + length);
        uint8_t *moved = realloc(decode->bytes, larger);
        if (moved == NULL) return NT_NO_MEMORY;
        decode->bytes = moved;
        decode->capacity = larger;
    }
    if (subject->operations == decode->slots) {
        const uint32_t larger = 2 * decode->slots + 1024;
        uint64_t *moved = realloc(decode->ends, larger * sizeof *moved);
        if (moved == NULL) return NT_NO_MEMORY;
        decode->ends = moved;
        decode->slots = larger;
    }
    memcpy(decode->bytes + decode->length, bytes, length);
    decode->length += length;
    decode->ends[subject->operations++] = decode->length;
    subject->operation_bytes = (uint32_t)(decode->length / subject->operations);
    return NT_OK;
}

static void destroy_decode(bk_subject *subject) {
    decode_subject *decode = (decode_subject *)subject;
    free(decode->bytes);
    free(decode->ends);
}

bk_subject *bk_decode_create(const void *codec) {
    decode_subject *decode = calloc(1, sizeof *decode);
    if (decode == NULL) return NULL;
    decode->subject = (bk_subject){.run = run_decode,
                                   .floor = read_bytes,
                                   .rewind = rewind_decode,
                                   .hash = hash_decode,
                                   .destroy = destroy_decode};
    decode->codec = codec;
    return &decode->subject;
}
