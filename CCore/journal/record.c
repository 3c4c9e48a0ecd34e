// record.c — sealing and judging records.
#include "record.h"

#include "nt/crypto.h"

static uint32_t checksum(const nt_record *record) {
    return nt_crc32c(0, &record->sequence, record->length - offsetof(nt_record, sequence));
}

void nt_record_seal(nt_record *record) { record->crc = checksum(record); }

bool nt_record_whole(const nt_record *record, uint64_t room) {
    if (room < NT_RECORD_HEADER || record->length > room) return false;
    if (record->payload_length > NT_RECORD_MAX_PAYLOAD) return false;
    if (record->length != nt_record_size(record->payload_length)) return false;
    return record->kind != NT_RECORD_PAD && record->crc == checksum(record);
}

bool nt_record_is_pad(const nt_record *record, uint64_t to_end) {
    if (to_end < NT_RECORD_HEADER) return true; // No record begins here.
    if (record->kind != NT_RECORD_PAD || record->length != to_end) return false;
    return to_end <= NT_RECORD_MAX && record->crc == checksum(record);
}

bool nt_record_follows(const uint8_t *bytes, uint64_t length, uint64_t sequence) {
    for (uint64_t at = 0; at + NT_RECORD_HEADER <= length; at += NT_RECORD_ALIGN) {
        const nt_record *record = (const nt_record *)(bytes + at);
        if (record->sequence >= sequence && nt_record_whole(record, length - at)) return true;
    }
    return false;
}

uint64_t nt_bytes_used(const uint8_t *bytes, uint64_t length) {
    while (length > 0 && bytes[length - 1] == 0) length--;
    return length;
}
