// lane_budget.c — what the venue lets this address do, counted with everybody else who uses it.
//
// The gate's own window is the limit of this bot; here is the venue's, shared by all requests of
// this machine. A request that finds no room is refused by name: nothing waits behind a limit.
#include "lane_internal.h"

static int64_t wall_ms(const nt_lane *lane) { return lane->wall_ns / 1000000; }

static uint32_t weight_of(const nt_lane *lane, nt_request_kind kind) {
    return lane->config.codec->weight(lane->config.codec->context, kind);
}

/// On paper nothing is sent.
static bool is_counted(const nt_lane *lane) {
    return lane->config.budget != NULL && lane->config.paper == NULL;
}

/// The venue's number of orders is a rate; its silence is told in the gate's own time.
static nt_verdict verdict_of(const nt_lane *lane, const nt_budget_refusal *why) {
    nt_verdict verdict = {
        .refusal = NT_REFUSAL_VENUE_BUDGET, .value = why->value, .limit = why->most};
    if (why->limit == NT_BUDGET_LIMIT_COUNT) {
        verdict.value = lane->now_ns;
        verdict.limit = lane->now_ns + (why->most - why->value) * 1000000;
    } else if (why->limit != NT_BUDGET_WEIGHT) {
        verdict.refusal = NT_REFUSAL_RATE;
    }
    return verdict;
}

bool lane_take_budget(nt_lane *lane, nt_budget_class who, nt_request_kind kind,
                      nt_verdict *verdict) {
    if (!is_counted(lane)) return true;
    nt_budget_refusal why;
    nt_status status = nt_budget_take(lane->config.budget, who, weight_of(lane, kind),
                                      kind == NT_REQUEST_PLACE, wall_ms(lane), &why);
    if (status == NT_OK) return true;
    nt_verdict found = verdict_of(lane, &why);
    found.reducing = verdict->reducing;
    *verdict = found;
    return false;
}

void lane_give_back_budget(nt_lane *lane, nt_request_kind kind) {
    if (!is_counted(lane)) return;
    nt_budget_give_back(lane->config.budget, weight_of(lane, kind), kind == NT_REQUEST_PLACE,
                        wall_ms(lane));
}

bool lane_is_silenced(const nt_lane *lane) {
    if (lane->now_ns < lane->quiet_until_ns) return true;
    return is_counted(lane) && nt_budget_blocked_until(lane->config.budget, wall_ms(lane)) != 0;
}

// --- what the venue tells -----------------------------------------------------------------------

/// Monotonic time until which the venue wants silence, 0 = none told.
static int64_t silence_until(const nt_lane *lane, const nt_usage *usage) {
    int64_t until = 0;
    if (usage->retry_after_ms <= 0) return 0;
    bool fits = !__builtin_mul_overflow(usage->retry_after_ms, INT64_C(1000000), &until) &&
                !__builtin_sub_overflow(until, lane->wall_ns, &until) &&
                !__builtin_add_overflow(until, lane->now_ns, &until);
    return fits ? until : INT64_MAX;
}

static void tell_budget(nt_lane *lane, const nt_usage *usage) {
    nt_budget *budget = lane->config.budget;
    nt_budget_observe(budget, usage->is_orders ? NT_BUDGET_ORDERS : NT_BUDGET_WEIGHT, usage->used,
                      usage->limit, wall_ms(lane));
    if (usage->retry_after_ms > 0)
        nt_budget_block(budget, usage->retry_after_ms, usage->banned != 0, wall_ms(lane));
}

void lane_usage_event(nt_lane *lane, const nt_event *event) {
    const nt_usage *usage = &event->as.usage;
    int64_t until = silence_until(lane, usage);
    if (until > lane->quiet_until_ns) lane->quiet_until_ns = until;
    if (!usage->is_orders) lane->used_weight = usage->used;
    if (!usage->is_orders || until != 0)
        nt_gate_usage_at(lane->gate, lane->used_weight, until, lane->now_ns);
    if (lane->config.budget != NULL) tell_budget(lane, usage);
    if (usage->banned)
        lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_REDUCING,
                           "the venue has banned this address for a while");
}

static int64_t seconds_until(const nt_lane *lane, int64_t end_ms) {
    return (end_ms - wall_ms(lane)) / 1000 + 1;
}

void lane_budget_turn(nt_lane *lane) {
    if (lane->config.budget == NULL) return;
    int64_t blocked = nt_budget_blocked_until(lane->config.budget, wall_ms(lane));
    int64_t banned = nt_budget_banned_until(lane->config.budget, wall_ms(lane));
    if (banned > lane->banned_until_ms) {
        lane_alarm(
            lane, NT_NO_INSTRUMENT,
            "the venue has banned this address for %lld s: nothing is sent, cancels included",
            (long long)seconds_until(lane, banned));
        lane_lower_trading(lane, NT_NO_INSTRUMENT, NT_TRADING_REDUCING,
                           "the venue has banned this address for a while");
    } else if (blocked > lane->blocked_until_ms) {
        lane_alarm(lane, NT_NO_INSTRUMENT,
                   "the venue asks for %lld s of silence: nothing is sent, cancels included",
                   (long long)seconds_until(lane, blocked));
    }
    lane->blocked_until_ms = blocked;
    lane->banned_until_ms = banned;
}
