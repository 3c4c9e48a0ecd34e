// request_id.h — the ids of our requests carry all that is needed to read their replies.
//
//   p c a q  + slot (2 hex digits) + client order id    place, cancel, amend, query
//   o f      + slot                                     open orders, fills
//   g        + step                                     greeting of the order stream
#ifndef BN_REQUEST_ID_H
#define BN_REQUEST_ID_H

#include "json.h"
#include "nt/order_id.h"

enum { BN_REQUEST_ID_SIZE = 24 };

typedef struct bn_request_id {
    char kind;             ///< The letter; 0 = not one of ours.
    nt_instrument_id slot; ///< NT_NO_INSTRUMENT for g.
    uint32_t step;
    nt_order_key order; ///< 0 where none.
    const char *client; ///< Client order id's text, NULL where none. Borrowed.
} bn_request_id;

/// Writes the id of a request; returns its length. `client` holds NT_ORDER_ID_LENGTH characters
/// or is NULL.
uint32_t bn_request_id_write(char kind, nt_instrument_id slot, const char *client,
                             char out[BN_REQUEST_ID_SIZE]);
uint32_t bn_request_id_write_step(uint32_t step, char out[BN_REQUEST_ID_SIZE]);
bn_request_id bn_request_id_read(uint32_t instance, uint32_t instrument_count,
                                 const bn_value *value);

#endif
