// record.c — sealing and judging records.
#include "record.h"

#include <string.h>

#include "nt/crypto.h"
#include "nt/planted.h"

static uint32_t checksum(const nt_record *record) {
    return nt_crc32c(0, &record->sequence, record->length - offsetof(nt_record, sequence));
}

void nt_record_seal(nt_record *record) { record->crc = checksum(record); }

void nt_chain_take(nt_chain *chain, const nt_record *record) {
    uint8_t bytes[NT_CHAIN_SIZE + NT_RECORD_MAX], hash[NT_SHA256_SIZE];
    const size_t begin = offsetof(nt_record, sequence);
    const size_t length = nt_record_size(record->payload_length) - begin;
    memcpy(bytes, chain->value, NT_CHAIN_SIZE);
    memcpy(bytes + NT_CHAIN_SIZE, (const uint8_t *)record + begin, length);
    nt_sha256(bytes, NT_CHAIN_SIZE + length, hash);
    memcpy(chain->value, hash, NT_CHAIN_SIZE);
}

uint32_t nt_record_write_linked(const nt_record *record, uint64_t durable, nt_chain *chain,
                                uint8_t *out) {
    const uint32_t length = nt_record_size(record->payload_length);
    nt_record *copy = (nt_record *)out;
    nt_record_link *link = (nt_record_link *)(out + length);
    nt_chain_take(chain, record);
    memcpy(out, record, length);
    link->durable = durable;
    memcpy(link->chain, chain->value, NT_CHAIN_SIZE);
    copy->length = length + (uint32_t)sizeof *link;
    nt_record_seal(copy);
    return copy->length;
}

bool nt_record_whole(const nt_record *record, uint64_t room, uint32_t link) {
    if (room < NT_RECORD_HEADER || record->length > room) return false;
    if (record->payload_length > NT_RECORD_MAX_PAYLOAD) return false;
    if (record->length != nt_record_size(record->payload_length) + link) return false;
    if (nt_planted(NT_BUG_CRC_UNCHECKED)) return record->kind != NT_RECORD_PAD;
    return record->kind != NT_RECORD_PAD && record->crc == checksum(record);
}

bool nt_record_is_pad(const nt_record *record, uint64_t to_end) {
    if (to_end < NT_RECORD_HEADER) return true; // No record begins here.
    if (record->kind != NT_RECORD_PAD || record->length != to_end) return false;
    return to_end <= NT_RECORD_MAX && record->crc == checksum(record);
}

nt_followers nt_record_follow(const uint8_t *bytes, uint64_t length, uint64_t sequence,
                              uint32_t link) {
    nt_followers found = {0};
    for (uint64_t at = 0; at + NT_RECORD_HEADER <= length; at += NT_RECORD_ALIGN) {
        const nt_record *record = (const nt_record *)(bytes + at);
        if (record->sequence < sequence || !nt_record_whole(record, length - at, link)) continue;
        found.any = true;
        if (link == 0) continue;
        const uint64_t durable = nt_record_get_link(record)->durable;
        if (durable > found.durable) found.durable = durable;
    }
    return found;
}

uint64_t nt_bytes_used(const uint8_t *bytes, uint64_t length) {
    while (length > 0 && bytes[length - 1] == 0) length--;
    return length;
}
