// writer.h — text into a fixed buffer; running out of room is remembered, not written past.
#ifndef BN_WRITER_H
#define BN_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct bn_writer {
    char *start, *at, *end;
    bool full;
} bn_writer;

static inline bn_writer bn_writer_over(void *buffer, uint32_t capacity) {
    return (bn_writer){buffer, buffer, (char *)buffer + capacity, false};
}

static inline void bn_put_bytes(bn_writer *writer, const char *text, size_t length) {
    if ((size_t)(writer->end - writer->at) < length) {
        writer->full = true;
        return;
    }
    memcpy(writer->at, text, length);
    writer->at += length;
}

static inline void bn_put(bn_writer *writer, const char *text) {
    bn_put_bytes(writer, text, strlen(text));
}

static inline uint32_t bn_writer_length(const bn_writer *writer) {
    return (uint32_t)(writer->at - writer->start);
}

#endif
