// order_id.h — client order ids: at most 18 characters of [a-z0-9], never reused.
//
// Text: 'n', instance (4 characters), epoch (4), sequence (9), each in base 32 (digits
// 0-9a-v). The key packs epoch and sequence in 64 bits; instance is the account's own mark, so
// that any listing tells ours from foreign.
#ifndef NT_ORDER_ID_H
#define NT_ORDER_ID_H

#include "nt/event.h"
#include "nt/status.h"

#define NT_ORDER_ID_LENGTH     18
#define NT_ORDER_SEQUENCE_BITS 44
#define NT_ORDER_EPOCH_MAX     ((UINT32_C(1) << 20) - 1)
#define NT_INSTANCE_MAX        ((UINT32_C(1) << 20) - 1)

static inline nt_order_key nt_order_key_make(uint32_t epoch, uint64_t sequence) {
    return ((uint64_t)epoch << NT_ORDER_SEQUENCE_BITS) | sequence;
}
static inline uint32_t nt_order_key_epoch(nt_order_key key) {
    return (uint32_t)(key >> NT_ORDER_SEQUENCE_BITS);
}
static inline uint64_t nt_order_key_sequence(nt_order_key key) {
    return key & ((UINT64_C(1) << NT_ORDER_SEQUENCE_BITS) - 1);
}

/// Writes NT_ORDER_ID_LENGTH characters; no terminator. Never fails for valid fields.
void nt_order_id_write(uint32_t instance, nt_order_key key, char out[NT_ORDER_ID_LENGTH]);

/// Reads a client id of `instance`. NT_NOT_FOUND: well, but not ours. Nothing else is returned.
nt_status nt_order_id_read(uint32_t instance, const char *text, uint32_t length, nt_order_key *out);

/// FNV-1a, 64 bits, of a client id's text.
uint64_t nt_order_id_hash(const char *text, uint32_t length);

#endif
