// gate_agree_test.c — a second gate, slow and plain, written from the table in docs/gate.md.
//
// It keeps every booked order of its session in a list and walks all of it each time. Both gates
// judge the same random intents in the same random situations; names and numbers must agree.
#include "gate_cases.h"
#include "nt/random.h"
#include "test.h"

typedef __int128 wide;

enum { SESSIONS = 1250, INTENTS = 200, REMEMBERED = 64 };

typedef struct {
    nt_intent intent;
    int64_t time_ns, weight;
} booking;

/// What the second gate knows of the past.
typedef struct {
    booking bookings[INTENTS];
    uint32_t count;
    bool told, dated;
    int64_t told_weight, told_ns, not_before_ns;
} past;

typedef struct {
    const gate_case *c;
    const past *before;
    bool reducing, full, place, decided;
    nt_refusal refusal;
    wide value, limit;
} second_gate;

static wide magnitude(wide number) { return number < 0 ? -number : number; }

/// One row of the table: the first that is true decides.
static void row(second_gate *g, bool refused, nt_refusal name, wide value, wide limit) {
    if (g->decided || !refused) return;
    g->decided = true;
    g->refusal = name;
    g->value = value;
    g->limit = limit;
}

static void more_than(second_gate *g, bool applies, nt_refusal name, wide value, wide limit) {
    row(g, applies && value > limit, name, value, limit);
}

static void less_than(second_gate *g, bool applies, nt_refusal name, wide value, wide limit) {
    row(g, applies && value < limit, name, value, limit);
}

static bool priced(nt_order_type type) {
    return type == NT_LIMIT || type == NT_LIMIT_MAKER || type == NT_STOP_LIMIT;
}

static bool stops(nt_order_type type) { return type == NT_STOP_LIMIT || type == NT_STOP_MARKET; }

static bool touch_usable(const gate_case *c) {
    return c->bid.quantity > 0 && c->ask.quantity > 0 && c->bid.price > 0 &&
           c->bid.price < c->ask.price;
}

static bool finished(nt_order_state state) {
    return state == NT_ORDER_ABANDONED || state == NT_ORDER_FILLED || state == NT_ORDER_CANCELED ||
           state == NT_ORDER_EXPIRED || state == NT_ORDER_REJECTED || state == NT_ORDER_ABSENT;
}

static wide open_of_side(const gate_case *c) {
    return c->intent.side == NT_BUY ? c->exposure.open_buy : c->exposure.open_sell;
}

static wide held(const gate_case *c) {
    return c->intent.side == NT_BUY ? -(wide)c->position.lots : (wide)c->position.lots;
}

static void rows_1_to_5(second_gate *g) {
    const gate_case *c = g->c;
    const nt_intent *intent = &c->intent;
    const nt_trading_state state = c->state > c->account_state ? c->state : c->account_state;
    row(g,
        intent->kind > NT_INTENT_AMEND || intent->side > NT_SELL || intent->type > NT_STOP_LIMIT ||
            intent->tif > NT_FOK || intent->instrument > 1 || c->no_instrument || c->no_position,
        NT_REFUSAL_BAD_INTENT, intent->kind, 0);
    if (g->decided) return;
    g->place = intent->kind == NT_INTENT_PLACE;
    g->reducing =
        !g->place || (intent->quantity > 0 && intent->quantity + open_of_side(c) <= held(c));
    g->full = g->place && !g->reducing;
    row(g, state == NT_TRADING_HALTED && intent->kind != NT_INTENT_CANCEL, NT_REFUSAL_HALTED, state,
        NT_TRADING_ACTIVE);
    row(g, state == NT_TRADING_REDUCING && g->full, NT_REFUSAL_REDUCING, state, NT_TRADING_ACTIVE);
    row(g, !c->connected, NT_REFUSAL_NOT_CONNECTED, 0, 1);
    row(g, !g->place && c->no_target, NT_REFUSAL_NO_SUCH_ORDER, 0, 0);
    const nt_order *target = &c->target;
    row(g,
        !g->place && (finished(target->state) || target->intent.order != intent->order ||
                      target->intent.instrument != intent->instrument),
        NT_REFUSAL_NO_SUCH_ORDER, target->state, 0);
}

static void rows_6_and_7(second_gate *g) {
    const nt_intent *intent = &g->c->intent;
    const nt_instrument_limits *own = &g->c->limits;
    const nt_account_limits *account = &g->c->account;
    less_than(g, intent->kind != NT_INTENT_CANCEL, NT_REFUSAL_NOT_POSITIVE, intent->quantity, 1);
    less_than(g, g->place && priced(intent->type), NT_REFUSAL_NOT_POSITIVE, intent->price, 1);
    less_than(g, g->place && stops(intent->type), NT_REFUSAL_NOT_POSITIVE, intent->stop_price, 1);
    const int64_t limits[] = {own->emergency_collar_ppm,
                              account->budget_weight,
                              account->budget_window_ns,
                              own->max_order_lots,
                              own->max_order_value,
                              own->max_position_lots,
                              own->collar_ppm,
                              own->max_age_ns,
                              account->max_gross_value,
                              account->max_open_value,
                              account->max_daily_loss,
                              account->max_open_orders,
                              account->max_orders_per_window,
                              account->order_window_ns,
                              account->max_rejects_per_window,
                              account->reject_window_ns,
                              account->budget_reserve};
    for (int i = 0; i < 17; i++) {
        row(g, limits[i] <= 0 && (g->full || (g->place && i < 3)), NT_REFUSAL_LIMIT_UNSET, 0,
            i + 1);
    }
    row(g, g->place && own->emergency_max_age_ms == 0, NT_REFUSAL_LIMIT_UNSET, 0, 18);
}

static void filter(second_gate *g, nt_refusal name, wide number, int64_t least, int64_t most) {
    less_than(g, true, name, number, least);
    more_than(g, most != 0, name, number, most);
}

/// The order whose type and prices count: the intent, or what it amends.
static const nt_intent *order_of(const second_gate *g) {
    return g->place ? &g->c->intent : &g->c->target.intent;
}

/// 0 when a market order has no touch.
static int64_t price_of(const second_gate *g) {
    const nt_intent *order = order_of(g);
    if (priced(order->type)) return order->price;
    if (order->type == NT_STOP_MARKET) return order->stop_price;
    if (!touch_usable(g->c)) return 0;
    return order->side == NT_BUY ? g->c->ask.price : g->c->bid.price;
}

static void rows_8_to_10(second_gate *g) {
    const nt_instrument *venue = &g->c->instrument;
    const nt_intent *intent = &g->c->intent;
    if (g->place && priced(intent->type)) {
        filter(g, NT_REFUSAL_PRICE_RANGE, intent->price, venue->min_price, venue->max_price);
    }
    if (g->place && stops(intent->type)) {
        filter(g, NT_REFUSAL_PRICE_RANGE, intent->stop_price, venue->min_price, venue->max_price);
    }
    int64_t least = venue->min_quantity, most = venue->max_quantity;
    if (!priced(order_of(g)->type)) {
        if (venue->min_market_quantity > least) least = venue->min_market_quantity;
        const int64_t market = venue->max_market_quantity;
        if (market != 0 && (most == 0 || most > market)) most = market;
    }
    filter(g, NT_REFUSAL_QUANTITY_RANGE, intent->quantity, least, most);
    const wide value = (wide)price_of(g) * intent->quantity;
    row(g, value > INT64_MAX / UNIT, NT_REFUSAL_OVERFLOW, intent->quantity, price_of(g));
    if (g->decided || price_of(g) == 0) return;
    filter(g, NT_REFUSAL_NOTIONAL_RANGE, value * UNIT, venue->min_notional, venue->max_notional);
}

static void rows_11_to_13(second_gate *g) {
    const gate_case *c = g->c;
    const nt_intent *intent = &c->intent;
    const wide age = (wide)c->now_ns - c->reference_received_ns;
    const bool forgotten = !g->full && age > (wide)c->limits.emergency_max_age_ms * 1000000;
    row(g, !touch_usable(c) || (g->full && !c->book_valid) || forgotten, NT_REFUSAL_NO_REFERENCE, 0,
        1);
    more_than(g, g->full, NT_REFUSAL_STALE, age, c->limits.max_age_ns);
    more_than(g, g->full, NT_REFUSAL_STALE, c->reference_venue_age_ns, c->limits.max_age_ns);
    const wide ppm = g->full ? c->limits.collar_ppm : c->limits.emergency_collar_ppm;
    wide from = intent->side == NT_BUY ? c->ask.price : c->bid.price;
    if (intent->type == NT_STOP_LIMIT) from = intent->stop_price;
    // The last price that passes: rounded down for buys, up for sells.
    wide last = from * (1000000 + ppm) / 1000000;
    if (intent->side == NT_SELL) {
        const wide exact = from * (1000000 - ppm);
        last = exact / 1000000 + (exact > 0 && exact % 1000000 != 0);
    }
    const bool beyond = intent->side == NT_BUY ? intent->price > last : intent->price < last;
    row(g, priced(intent->type) && beyond, NT_REFUSAL_COLLAR, intent->price, last);
    row(g, !g->full && intent->type == NT_MARKET, NT_REFUSAL_COLLAR, 0, last);
}

static void rows_14_to_18(second_gate *g) {
    const gate_case *c = g->c;
    const wide quantity = c->intent.quantity, price = price_of(g);
    more_than(g, true, NT_REFUSAL_ORDER_SIZE, quantity, c->limits.max_order_lots);
    more_than(g, true, NT_REFUSAL_ORDER_VALUE, price * quantity * UNIT, c->limits.max_order_value);
    row(g, (c->intent.flags & NT_INTENT_REDUCE_ONLY) != 0, NT_REFUSAL_NOT_REDUCING,
        quantity + open_of_side(c), held(c) > 0 ? held(c) : 0);
    wide up = (wide)c->position.lots + c->exposure.open_buy;
    wide down = (wide)c->position.lots - c->exposure.open_sell;
    if (c->intent.side == NT_BUY)
        up += quantity;
    else
        down -= quantity;
    const wide worst = magnitude(up) > magnitude(down) ? magnitude(up) : magnitude(down);
    more_than(g, true, NT_REFUSAL_POSITION, worst, c->limits.max_position_lots);
    const wide mark = price > c->ask.price ? price : c->ask.price;
    row(g, worst * mark > INT64_MAX / UNIT, NT_REFUSAL_OVERFLOW, worst, mark);
    if (g->decided) return;
    more_than(g, true, NT_REFUSAL_GROSS, c->gross_value + worst * mark * UNIT,
              c->account.max_gross_value);
}

static void rows_19_to_22(second_gate *g) {
    const gate_case *c = g->c;
    const wide value = (wide)price_of(g) * c->intent.quantity * UNIT;
    more_than(g, true, NT_REFUSAL_OPEN_VALUE, c->open_value + value, c->account.max_open_value);
    more_than(g, true, NT_REFUSAL_OPEN_COUNT, (wide)c->open_orders + 1, c->account.max_open_orders);
    more_than(g, true, NT_REFUSAL_DAILY_LOSS, -(wide)c->day_profit, c->account.max_daily_loss);
    wide sent = 1;
    for (uint32_t i = 0; i < g->before->count; i++) {
        const booking *b = &g->before->bookings[i];
        if (b->intent.kind != NT_INTENT_PLACE) continue;
        sent += c->now_ns - b->time_ns < c->account.order_window_ns;
    }
    more_than(g, true, NT_REFUSAL_RATE, sent, c->account.max_orders_per_window);
}

static wide used(const second_gate *g) {
    const past *before = g->before;
    const int64_t now = g->c->now_ns, length = g->c->account.budget_window_ns;
    wide own = 0, since = 0;
    for (uint32_t i = 0; i < before->count; i++) {
        const booking *b = &before->bookings[i];
        if (now - b->time_ns < length) own += b->weight;
        if (b->time_ns > before->told_ns) since += b->weight;
    }
    if (!before->told) return own;
    wide venue = before->told_weight;
    if (before->dated) venue = now - before->told_ns < length ? venue + since : 0;
    return own > venue ? own : venue;
}

static void row_23(second_gate *g) {
    const gate_case *c = g->c;
    less_than(g, true, NT_REFUSAL_VENUE_BUDGET, c->now_ns, g->before->not_before_ns);
    more_than(g, g->place, NT_REFUSAL_VENUE_BUDGET, used(g) + c->weight,
              c->account.budget_weight - (g->full ? c->account.budget_reserve : 0));
}

static void row_24(second_gate *g) {
    const gate_case *c = g->c;
    const int64_t window = c->account.duplicate_window_ns;
    uint32_t looked = 0;
    for (uint32_t i = g->before->count; i-- > 0 && looked < REMEMBERED;) {
        const nt_intent *a = &g->before->bookings[i].intent, *b = &c->intent;
        if (a->kind != NT_INTENT_PLACE) continue;
        looked++;
        const bool same = a->instrument == b->instrument && a->side == b->side &&
                          a->type == b->type && a->price == b->price &&
                          a->stop_price == b->stop_price && a->quantity == b->quantity;
        const int64_t age = c->now_ns - g->before->bookings[i].time_ns;
        row(g, same && age < window, NT_REFUSAL_DUPLICATE, age, window);
    }
}

static wide sellable(const gate_case *c) {
    // A lot is 0.001 of the base: 100,000 units of 1e-8.
    const wide left = (wide)c->position.lots * 100000 - c->position.base_fees;
    wide lots = left > 0 ? left / 100000 : 0;
    return lots < c->position.lots ? lots : c->position.lots > 0 ? c->position.lots : 0;
}

static void rows_25_to_29(second_gate *g) {
    const gate_case *c = g->c;
    const nt_intent *intent = &c->intent;
    const bool buys = intent->side == NT_BUY, market = intent->type == NT_MARKET;
    const int64_t sell = c->exposure.best_sell, buy = c->exposure.best_buy;
    const bool judged = !stops(intent->type);
    row(g, judged && buys && sell != 0 && (market || intent->price >= sell), NT_REFUSAL_SELF_CROSS,
        intent->price, sell);
    row(g, judged && !buys && buy != 0 && (market || intent->price <= buy), NT_REFUSAL_SELF_CROSS,
        intent->price, buy);
    more_than(g, g->full, NT_REFUSAL_UNKNOWN_PENDING, c->exposure.unknown, 0);
    more_than(g, !buys && !c->limits.allow_short, NT_REFUSAL_NO_INVENTORY,
              intent->quantity + open_of_side(c), sellable(c));
}

static void amend_rows(second_gate *g) {
    const nt_order *target = &g->c->target;
    more_than(g, true, NT_REFUSAL_NOT_REDUCING, g->c->intent.quantity,
              (wide)target->intent.quantity - 1);
    less_than(g, true, NT_REFUSAL_NOT_REDUCING, g->c->intent.quantity,
              (wide)target->cumulative + 1);
}

static second_gate judge(const gate_case *c, const past *before) {
    second_gate g = {.c = c, .before = before};
    rows_1_to_5(&g);
    if (g.decided) return g;
    rows_6_and_7(&g);
    if (c->intent.kind != NT_INTENT_CANCEL) rows_8_to_10(&g);
    if (g.place) rows_11_to_13(&g);
    if (c->intent.kind == NT_INTENT_AMEND) amend_rows(&g);
    if (g.full && !g.decided) rows_14_to_18(&g);
    if (g.full && !g.decided) rows_19_to_22(&g);
    row_23(&g);
    if (g.place) row_24(&g);
    if (g.place) rows_25_to_29(&g);
    return g;
}

// ---- Random situations, mostly near the limits

static int64_t draw(nt_random *random, int64_t low, int64_t high) {
    return low + (int64_t)nt_random_below(random, (uint64_t)(high - low + 1));
}

static bool one_in(nt_random *random, int64_t chance) { return draw(random, 1, chance) == 1; }

/// Any number at all, now and then, in place of a likely one.
static int64_t wild(nt_random *random, int64_t likely) {
    if (!one_in(random, 60)) return likely;
    static const int64_t extremes[] = {0, -1, 1, INT64_MAX, INT64_MIN, INT64_MAX / UNIT};
    if (one_in(random, 2)) return extremes[draw(random, 0, 5)];
    return (int64_t)nt_random_next(random);
}

static gate_case random_limits(nt_random *random) {
    gate_case c = entry_case();
    c.account = (nt_account_limits){.max_gross_value = draw(random, 300, 3000) * 1000 * UNIT,
                                    .max_open_value = draw(random, 100, 1000) * 1000 * UNIT,
                                    .max_daily_loss = draw(random, 50, 100),
                                    .max_open_orders = (uint32_t)draw(random, 5, 12),
                                    .max_orders_per_window = (uint32_t)draw(random, 1, 20),
                                    .order_window_ns = draw(random, 1, 60),
                                    .max_rejects_per_window = 5,
                                    .reject_window_ns = 100,
                                    .budget_weight = draw(random, 20, 60),
                                    .budget_reserve = draw(random, 1, 20),
                                    .budget_window_ns = draw(random, 1, 60),
                                    .duplicate_window_ns = draw(random, 0, 10)};
    c.limits = (nt_instrument_limits){.max_order_lots = draw(random, 50, 90),
                                      .max_order_value = draw(random, 50, 90) * 1000 * UNIT,
                                      .max_position_lots = draw(random, 100, 400),
                                      .collar_ppm = draw(random, 1, 20000),
                                      .emergency_collar_ppm = draw(random, 1, 60000),
                                      .max_age_ns = draw(random, 5, 10),
                                      .allow_short = one_in(random, 2)};
    if (one_in(random, 30)) c.limits.collar_ppm = 0;
    if (one_in(random, 30)) c.account.max_daily_loss = -1;
    if (one_in(random, 40)) c.limits.emergency_collar_ppm = 0;
    c.limits.emergency_max_age_ms = one_in(random, 40) ? 0 : (uint32_t)draw(random, 1, 3);
    if (one_in(random, 40)) c.limits.emergency_collar_ppm = draw(random, 900000, 1100000);
    if (one_in(random, 40)) c.limits.max_position_lots = INT64_MAX;
    if (one_in(random, 40)) c.limits.max_order_value = c.limits.max_order_lots = INT64_MAX;
    c.account_state = one_in(random, 12) ? (nt_trading_state)draw(random, 0, 2) : 0;
    c.state = one_in(random, 12) ? (nt_trading_state)draw(random, 0, 2) : 0;
    return c;
}

static void random_market(nt_random *random, gate_case *c) {
    nt_instrument *venue = &c->instrument;
    venue->min_price = draw(random, 0, 975);
    venue->max_price = one_in(random, 2) ? 0 : draw(random, 1025, 1100);
    venue->min_quantity = draw(random, 0, 3);
    venue->max_quantity = one_in(random, 2) ? 0 : draw(random, 85, 100);
    venue->min_market_quantity = draw(random, 0, 4);
    venue->max_market_quantity = one_in(random, 2) ? 0 : draw(random, 70, 100);
    venue->min_notional = draw(random, 0, 3) * 1000 * UNIT;
    venue->max_notional = one_in(random, 2) ? 0 : draw(random, 80, 100) * 1000 * UNIT;
    c->bid = (nt_level){wild(random, draw(random, 990, 1005)), !one_in(random, 60)};
    c->ask = (nt_level){wild(random, c->bid.price < 2000 ? draw(random, 1004, 1010) : 7),
                        !one_in(random, 60)};
    c->book_valid = !one_in(random, 40);
    c->connected = !one_in(random, 60);
    c->reference_received_ns = c->now_ns - wild(random, draw(random, -1, 9)) % INT64_C(4000000);
    c->reference_venue_age_ns = wild(random, draw(random, -1, 9));
}

static void random_account(nt_random *random, gate_case *c) {
    c->position = (nt_position){.lots = wild(random, draw(random, -90, 90)),
                                .base_fees = one_in(random, 2) ? 0 : draw(random, -1, 400000)};
    c->exposure = (nt_exposure){.open_buy = draw(random, 0, one_in(random, 3) ? 60 : 5),
                                .open_sell = draw(random, 0, one_in(random, 3) ? 60 : 5),
                                .unknown = one_in(random, 12)};
    if (one_in(random, 100)) c->exposure.open_buy = INT64_MAX;
    if (one_in(random, 8)) c->exposure.best_buy = draw(random, 985, 1005);
    if (one_in(random, 8)) c->exposure.best_sell = draw(random, 995, 1015);
    c->gross_value = draw(random, 0, 250) * 1000 * UNIT;
    c->open_value = draw(random, 0, 90) * 1000 * UNIT;
    if (one_in(random, 80)) c->gross_value = INT64_MAX;
    if (one_in(random, 80)) c->open_value = INT64_MAX;
    c->open_orders = (uint32_t)draw(random, 0, 6);
    c->day_profit = wild(random, draw(random, -60, 40));
    c->weight = (uint32_t)draw(random, 0, 4);
}

static void random_intent(nt_random *random, gate_case *c) {
    nt_intent *intent = &c->intent;
    *intent = (nt_intent){.order = 77,
                          .price = wild(random, draw(random, 970, 1030)),
                          .stop_price = wild(random, draw(random, 970, 1030)),
                          .quantity = wild(random, draw(random, 1, one_in(random, 2) ? 90 : 20)),
                          .side = (nt_side)draw(random, 0, 1),
                          .type = (nt_order_type)draw(random, 0, NT_ORDER_TYPE_COUNT - 1),
                          .tif = (nt_time_in_force)draw(random, 0, NT_TIF_COUNT - 1),
                          .flags = one_in(random, 5)};
    if (one_in(random, 2)) intent->type = NT_LIMIT;
    if (one_in(random, 6)) intent->kind = (nt_intent_kind)draw(random, 0, 2);
    if (one_in(random, 300)) intent->kind = 3;
    if (one_in(random, 300)) intent->side = 2;
    if (one_in(random, 300)) intent->type = NT_ORDER_TYPE_COUNT;
    if (one_in(random, 300)) intent->tif = NT_TIF_COUNT;
    if (one_in(random, 300)) intent->instrument = 2;
    c->target = (nt_order){.intent = *intent,
                           .cumulative = draw(random, 0, 10),
                           .state = (nt_order_state)draw(random, 1, NT_ORDER_STATE_COUNT - 1)};
    if (one_in(random, 2)) c->target.state = NT_ORDER_LIVE;
    if (one_in(random, 20)) c->target.intent.order++;
    c->target.intent.quantity = draw(random, 1, 60);
    c->target.intent.price = draw(random, 970, 1030);
    c->target.intent.stop_price = draw(random, 970, 1030);
    c->target.intent.side &= 1;
    if (c->target.intent.type == NT_ORDER_TYPE_COUNT) c->target.intent.type = NT_LIMIT;
    c->no_target = one_in(random, 20);
}

// ---- Both gates side by side

typedef struct {
    uint32_t judged, disagreed;
    uint32_t seen[NT_REFUSAL_COUNT];
} tally;

static void book(past *before, nt_gate *gate, const gate_case *c) {
    nt_gate_commit(gate, &c->intent, c->weight, c->now_ns);
    before->bookings[before->count++] = (booking){c->intent, c->now_ns, c->weight};
    if (before->told && !before->dated) {
        before->dated = true;
        before->told_ns = c->now_ns - 1;
    }
}

static void random_usage(nt_random *random, past *before, nt_gate *gate, int64_t now_ns) {
    if (!one_in(random, 15)) return;
    before->told = true;
    before->dated = one_in(random, 2);
    before->told_weight = draw(random, 0, 40);
    before->told_ns = before->dated ? now_ns : INT64_MAX;
    const int64_t not_before = one_in(random, 10) ? now_ns + draw(random, -2, 5) : 0;
    if (not_before > before->not_before_ns) before->not_before_ns = not_before;
    if (before->dated)
        nt_gate_usage_at(gate, before->told_weight, not_before, now_ns);
    else
        nt_gate_usage(gate, before->told_weight, not_before);
}

static int64_t clamp(wide value) {
    if (value > INT64_MAX) return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

static bool compare(const gate_case *c, const past *before, const nt_gate *gate, tally *sum) {
    const nt_gate_view view = view_of(c);
    const nt_verdict first = nt_gate_check(gate, &view, &c->intent, c->now_ns);
    const second_gate second = judge(c, before);
    sum->judged++;
    sum->seen[first.refusal]++;
    const bool same = first.refusal == second.refusal && first.reducing == second.reducing &&
                      first.value == clamp(second.value) && first.limit == clamp(second.limit);
    if (!same && sum->disagreed++ < 3) {
        nt_test_fail(__FILE__, __LINE__,
                     "case %u: gate says %s (%" PRId64 ", %" PRId64 "), table says %s (%" PRId64
                     ", %" PRId64 "), reducing %d %d",
                     sum->judged, nt_refusal_name(first.refusal), first.value, first.limit,
                     nt_refusal_name(second.refusal), clamp(second.value), clamp(second.limit),
                     first.reducing, second.reducing);
    }
    return first.refusal == NT_PASS;
}

static void run_session(uint64_t seed, tally *sum) {
    nt_random random = nt_random_seeded(seed);
    gate_case c = random_limits(&random);
    nt_gate *gate = gate_of(&c);
    past before = {0};
    for (uint32_t i = 0; i < INTENTS; i++) {
        c.now_ns += draw(&random, 0, 6);
        random_market(&random, &c);
        random_account(&random, &c);
        random_usage(&random, &before, gate, c.now_ns);
        // Now and then the last order once more.
        if (i == 0 || !one_in(&random, 4)) random_intent(&random, &c);
        if (compare(&c, &before, gate, sum)) book(&before, gate, &c);
    }
    nt_gate_destroy(gate);
}

TEST(gate_agree, both_gates_say_the_same_of_250000_intents) {
    tally sum = {0};
    for (uint64_t seed = 1; seed <= SESSIONS; seed++) run_session(seed, &sum);
    EXPECT_EQ(sum.judged, SESSIONS * INTENTS);
    EXPECT_EQ(sum.disagreed, 0);
    for (nt_refusal i = 0; i < NT_REFUSAL_COUNT; i++) {
        const bool of_lane =
            i == NT_REFUSAL_TABLE_FULL || i == NT_REFUSAL_EXIT_PENDING || i == NT_REFUSAL_DUST;
        if (of_lane) continue;
        if (sum.seen[i] < 100) {
            nt_test_fail(__FILE__, __LINE__, "\"%s\" was seen %u times", nt_refusal_name(i),
                         sum.seen[i]);
        }
    }
}
