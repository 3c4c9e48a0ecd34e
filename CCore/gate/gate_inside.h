// gate_inside.h — the inside of the gate, shared by the files of this folder.
#ifndef NT_GATE_INSIDE_H
#define NT_GATE_INSIDE_H

#include "nt/gate.h"
#include "window.h"

#define NT_GATE_ECHOES 64u ///< Approved orders remembered for the duplicate check.

/// Of told_ns: when is not known yet; the count holds until it is.
#define NT_GATE_NOT_DATED INT64_MIN

/// The economics of an approved order.
typedef struct nt_echo {
    int64_t time_ns, price, stop_price, quantity;
    nt_instrument_id instrument;
    nt_side side;
    nt_order_type type;
} nt_echo;

struct nt_gate {
    uint32_t instrument_count;
    nt_trading_state account_state;
    nt_trading_state states[NT_MAX_INSTRUMENTS];
    nt_trading_state strategies[NT_MAX_STRATEGIES];
    nt_trading_state account_hold, holds[NT_MAX_INSTRUMENTS]; ///< Not part of the hash.
    nt_account_limits account;
    nt_instrument_limits instruments[NT_MAX_INSTRUMENTS];
    nt_echo echoes[NT_GATE_ECHOES];
    uint32_t next_echo;
    int64_t told_weight, told_ns; ///< The venue's own count, and when it told.
    int64_t retry_after_ns;
    nt_window orders, weights, rejects;
};

#endif
