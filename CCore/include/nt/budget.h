// budget.h — what a venue lets one address and one account ask for, counted once for everybody.
//
// A venue counts request weight by address and new orders by account, whoever sends them: the
// lane, the services, another bot. So all of them take from the same counters before they send, in
// memory of their own or in one small file that the processes of a user share. Counts expire by
// themselves; a process that dies takes nothing along. The venue's own statement is believed when
// it is higher, and a silence that it asked one of them for holds for all.
//
// Every call but create, open and close is safe on any thread of any process and waits for nobody.
// Times are wall-clock milliseconds, handed in.
#ifndef NT_BUDGET_H
#define NT_BUDGET_H

#include <stdbool.h>

#include "nt/status.h"

enum { ///< nt_budget_class: who asks. The earlier, the more of a limit it may use.
    NT_BUDGET_CANCEL = 0, ///< Cancels, amends, exits: the whole of the venue's limit.
    NT_BUDGET_QUERY = 1,  ///< Orders, trades, balances: 95 % of our share.
    NT_BUDGET_ORDER = 2,  ///< New risk: 90 % of our share.
    NT_BUDGET_READ = 3,   ///< Rules, clock, books, prices: 80 % of our share.
    NT_BUDGET_CLASS_COUNT = 4
};
typedef uint8_t nt_budget_class;

enum {                        ///< nt_budget_limit
    NT_BUDGET_WEIGHT = 0,     ///< Request weight of the address; a minute until told otherwise.
    NT_BUDGET_ORDERS = 1,     ///< Orders of the account in some seconds.
    NT_BUDGET_ORDERS_DAY = 2, ///< Orders of the account in a day.
    NT_BUDGET_LIMIT_COUNT = 3
};
typedef uint8_t nt_budget_limit;

#define NT_BUDGET_MAX_USERS 64u ///< Processes that are listed; more share it unlisted.

/// The longest silence that is believed, milliseconds: three days.
#define NT_BUDGET_LONGEST_BLOCK_MS INT64_C(259200000)

typedef struct nt_budget nt_budget;

/// Why nothing was taken.
typedef struct nt_budget_refusal {
    nt_budget_limit limit; ///< NT_BUDGET_LIMIT_COUNT: the venue asked for silence.
    int64_t value;         ///< Used, this request included; silence: now.
    int64_t most;          ///< What the class may use; silence: its end.
    int64_t until_ms;      ///< When it is worth trying again.
} nt_budget_refusal;

typedef struct nt_budget_use {
    int64_t used;      ///< In the last window, and up to a sixth of it more.
    int64_t limit;     ///< The venue's.
    int64_t most;      ///< Of it for new orders: the rest is the reserve.
    int64_t window_ms; ///< Length.
} nt_budget_use;

/// What an operator may see. A snapshot; its parts may be of slightly different moments.
typedef struct nt_budget_view {
    nt_budget_use uses[NT_BUDGET_LIMIT_COUNT];
    int64_t blocked_until_ms; ///< 0 = not blocked.
    int64_t banned_until_ms;  ///< 0 = not banned.
    uint32_t user_count;      ///< Living processes that share it, this one included.
    uint32_t users[NT_BUDGET_MAX_USERS];
} nt_budget_view;

/// For this process alone. `percent`: our share of the venue's limits, 1 … 100.
nt_status nt_budget_create(uint32_t percent, nt_budget **out);
/// Shared with every process of this user that opens the same file; made with mode 0600 where it
/// does not exist (its folder must). `account`: mark of the account whose orders are counted.
/// NT_REFUSED: owned by another user, open to others, or no plain file. NT_CORRUPT: not a budget.
/// NT_VERSION: of another version. NT_FULL: too many accounts. NT_BUSY: another process is making
/// it and does not come to an end. NT_IO: the system said no. Blocks; not on a lane.
nt_status nt_budget_open(const char *path, uint64_t account, uint32_t percent, nt_budget **out);
/// NULL is fine. What was taken stays counted.
void nt_budget_close(nt_budget *budget);

/// Takes the weight of a request and, for a new order, `orders` = 1. NT_BUSY: nothing was taken,
/// *refusal says why. Allocates nothing.
nt_status nt_budget_take(nt_budget *budget, nt_budget_class who, uint32_t weight, uint32_t orders,
                         int64_t wall_ms, nt_budget_refusal *refusal);
/// Gives back what was taken at this same moment and not sent.
void nt_budget_give_back(nt_budget *budget, uint32_t weight, uint32_t orders, int64_t wall_ms);
/// The venue stated how much is used by everyone, and its limit (0 = not stated).
void nt_budget_observe(nt_budget *budget, nt_budget_limit limit, int64_t used, int64_t venue_limit,
                       int64_t wall_ms);
/// The venue stated a limit and its window. Nonsense is ignored.
void nt_budget_set_limit(nt_budget *budget, nt_budget_limit limit, int64_t venue_limit,
                         int64_t window_ms);
/// Nobody sends anything before `until_ms`; `banned`: the venue has banned the address. Never
/// shortens what was told before.
void nt_budget_block(nt_budget *budget, int64_t until_ms, bool banned, int64_t wall_ms);
/// End of the silence that is in force, whoever was asked for it; 0 = none.
int64_t nt_budget_blocked_until(const nt_budget *budget, int64_t wall_ms);
/// End of the ban that is in force, whoever met it; 0 = none.
int64_t nt_budget_banned_until(const nt_budget *budget, int64_t wall_ms);
nt_budget_view nt_budget_look(const nt_budget *budget, int64_t wall_ms);

#endif
