// names.c — the names of refusals, and what an operator can do about each.
#include "nt/gate.h"

typedef struct {
    const char *name, *help;
} refusal_text;

static const refusal_text texts[NT_REFUSAL_COUNT] = {
    [NT_PASS] = {"pass", "Nothing to do."},
    [NT_REFUSAL_BAD_INTENT] = {"bad intent", "Fix the strategy: the order makes no sense."},
    [NT_REFUSAL_HALTED] = {"halted", "Find out why trading was halted, then resume by command."},
    [NT_REFUSAL_REDUCING] = {"reducing",
                             "Wait for the cause to end, then resume; orders that reduce pass."},
    [NT_REFUSAL_NOT_CONNECTED] = {"not connected",
                                  "Wait for the order connection, or look at its last error."},
    [NT_REFUSAL_NO_SUCH_ORDER] = {"no such order",
                                  "Look at the open orders: this one is finished or not ours."},
    [NT_REFUSAL_NOT_POSITIVE] = {"not positive",
                                 "Fix the strategy: price and quantity must be above zero."},
    [NT_REFUSAL_LIMIT_UNSET] = {"limit unset", "Set every limit; one that is not set refuses."},
    [NT_REFUSAL_PRICE_RANGE] = {"price range", "Choose a price within the venue's filter."},
    [NT_REFUSAL_QUANTITY_RANGE] = {"quantity range",
                                   "Choose a quantity within the venue's filter."},
    [NT_REFUSAL_NOTIONAL_RANGE] = {"notional range",
                                   "Make the order's value fit the venue's filter."},
    [NT_REFUSAL_NO_REFERENCE] = {"no reference",
                                 "Wait until the book is synchronised and has both sides; exits "
                                 "need a touch that is not older than emergency_max_age_ms."},
    [NT_REFUSAL_STALE] = {"stale", "Check the market stream and the clock: its data are old."},
    [NT_REFUSAL_COLLAR] = {"collar", "Price nearer to the touch, or widen the collar on purpose."},
    [NT_REFUSAL_ORDER_SIZE] = {"order size", "Send a smaller order, or raise the limit."},
    [NT_REFUSAL_ORDER_VALUE] = {"order value", "Send a smaller order, or raise the limit."},
    [NT_REFUSAL_NOT_REDUCING] = {"not reducing", "Offer no more than is held and not yet offered."},
    [NT_REFUSAL_POSITION] = {"position",
                             "Cancel or close something here, or raise the position limit."},
    [NT_REFUSAL_GROSS] = {"gross", "Cancel or close something, or raise the gross limit."},
    [NT_REFUSAL_OPEN_VALUE] = {"open value", "Cancel open orders, or raise the limit."},
    [NT_REFUSAL_OPEN_COUNT] = {"open count", "Cancel open orders, or raise the limit."},
    [NT_REFUSAL_DAILY_LOSS] = {"daily loss", "Stop for today, or raise the limit with a reason."},
    [NT_REFUSAL_RATE] = {"rate", "Slow the strategy down, or raise the limit."},
    [NT_REFUSAL_VENUE_BUDGET] = {"venue budget",
                                 "Wait: the venue's request budget is used up for now."},
    [NT_REFUSAL_DUPLICATE] = {"duplicate",
                              "Check that the strategy does not repeat itself; else wait."},
    [NT_REFUSAL_SELF_CROSS] = {"self cross", "Cancel the own order on the other side first."},
    [NT_REFUSAL_UNKNOWN_PENDING] = {"unknown pending",
                                    "Wait until the unknown order is found, or resolve it."},
    [NT_REFUSAL_OVERFLOW] = {"overflow", "Fix the strategy: the numbers are beyond any market."},
    [NT_REFUSAL_TABLE_FULL] = {"table full",
                               "Allow more orders in the configuration, or free the disk."},
    [NT_REFUSAL_NO_INVENTORY] = {"no inventory",
                                 "Sell no more than is held, or allow short positions."},
    [NT_REFUSAL_EXIT_PENDING] = {"exit pending",
                                 "Wait: an exit waits for these lots until a cancel is proven."},
    [NT_REFUSAL_DUST] = {"dust", "Nothing to do: the venue takes no order as small as this."},
};

const char *nt_refusal_name(nt_refusal refusal) {
    return refusal < NT_REFUSAL_COUNT ? texts[refusal].name : "?";
}

const char *nt_refusal_help(nt_refusal refusal) {
    return refusal < NT_REFUSAL_COUNT ? texts[refusal].help : "?";
}
