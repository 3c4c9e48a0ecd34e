// world_exchange.c — the venue's orders: places, cancels, fills, and what is said of them.
//
// A taker is filled at the touch, half at once and half in a second trade; what rests is filled
// when the market reaches it. Replies and account events share one connection, as at a venue with
// an order API and a user stream; the faults lose, delay and repeat either.
#include "world_inside.h"

#include <stdlib.h>
#include <string.h>

world_venue *world_venue_create(uint64_t seed, uint32_t instruments) {
    if (instruments == 0 || instruments > WORLD_MAX_INSTRUMENTS) return NULL;
    world_venue *venue = calloc(1, sizeof *venue);
    if (venue == NULL) return NULL;
    venue->codec = world_codec_of(venue);
    venue->random = nt_random_seeded(seed);
    venue->instruments = instruments;
    venue->last_trade = 500;
    for (uint32_t i = 0; i < WORLD_STREAMS; i++) venue->connections[i].opens_ns = INT64_MAX;
    for (uint32_t i = 0; i < instruments; i++) {
        market *market = &venue->markets[i];
        market->mid = 10000;
        market->update_id = 100;
        for (uint32_t k = 0; k < WORLD_WIDTH; k++) market->bids[k] = market->asks[k] = 20 + k;
    }
    return venue;
}

const void *world_venue_codec(const world_venue *venue) { return &venue->codec; }

static order *find(world_venue *venue, nt_order_key key) {
    for (uint32_t i = venue->order_count; i > 0; i--)
        if (venue->orders[i - 1].intent.order == key) return &venue->orders[i - 1];
    return NULL;
}

static bool is_open(const order *order) { return order->state == NT_EVIDENCE_FOUND_OPEN; }

/// Uses up one of a counted fault.
static bool uses(uint32_t *count) {
    if (*count == 0) return false;
    (*count)--;
    return true;
}

// --- what is said --------------------------------------------------------------------------------

static nt_event evidence(const order *order, nt_evidence what) {
    nt_event event = {.kind = NT_EVENT_REPORT, .instrument = order->intent.instrument};
    nt_report *report = &event.as.report;
    *report = (nt_report){.order = order->intent.order,
                          .client_hash = order->intent.order == 0 ? 77 : 0,
                          .venue_order = order->id,
                          .price = order->intent.price,
                          .quantity = order->intent.quantity,
                          .cumulative = order->filled,
                          .evidence = what,
                          .side = order->intent.side};
    return event;
}

static void reply(world_venue *venue, const order *order, nt_evidence what) {
    nt_event event = evidence(order, what);
    world_tell(venue, WORLD_ORDER_STREAM, &event, 1);
}

/// Of an order that the venue does not have, or does not say.
static void reply_without(world_venue *venue, const nt_intent *intent, nt_evidence what,
                          bool query) {
    order none = {.intent = *intent};
    nt_event event = evidence(&none, what);
    event.as.report.cumulative = -1;
    event.as.report.from_query = query;
    event.as.report.code = -1;
    world_tell(venue, WORLD_ORDER_STREAM, &event, 1);
}

static void account_event(world_venue *venue, const nt_event *event) {
    if (venue->now_ns < venue->faults.silent_until) return;
    world_tell(venue, WORLD_ORDER_STREAM, event, 1);
    if (uses(&venue->faults.twice)) world_tell(venue, WORLD_ORDER_STREAM, event, 1);
}

static void tell(world_venue *venue, const order *order, nt_evidence what) {
    nt_event event = evidence(order, what);
    account_event(venue, &event);
}

static held *hold(world_venue *venue, int64_t for_ns) {
    for (uint32_t i = 0; i < WORLD_HELD; i++) {
        held *held = &venue->held[i];
        if (held->in_use) continue;
        *held = (struct held){.in_use = true, .due_ns = venue->now_ns + for_ns};
        return held;
    }
    return NULL;
}

static nt_event trade_event(const order *order, const trade *trade) {
    nt_event event = evidence(order, NT_EVIDENCE_FILL);
    nt_report *report = &event.as.report;
    report->trade = trade->id;
    report->last_price = trade->price;
    report->last_quantity = trade->quantity;
    report->fee = trade->quantity * 1000;
    report->fee_asset[0] = 'Q';
    return event;
}

static void close_order(world_venue *venue, order *order, nt_evidence state) {
    order->state = state;
    order->closed_ns = venue->now_ns;
}

static void tell_trade(world_venue *venue, order *order, const trade *trade) {
    nt_event event = trade_event(order, trade);
    if (uses(&venue->faults.drop_fills)) return;
    held *late = NULL;
    if (uses(&venue->faults.late_fills))
        late = hold(venue, world_heavy(venue, 100 * WORLD_MS, 20 * WORLD_SECOND));
    if (late == NULL) {
        account_event(venue, &event);
        return;
    }
    late->is_event = true;
    late->event = event;
    if (!is_open(order)) return;
    close_order(venue, order, NT_EVIDENCE_FOUND_CANCELED);
    tell(venue, order, NT_EVIDENCE_CANCELED);
}

// --- what happens --------------------------------------------------------------------------------

static void fill(world_venue *venue, order *order, int64_t price, int64_t quantity) {
    if (venue->trade_count == WORLD_TRADES) return;
    trade *trade = &venue->trades[venue->trade_count++];
    *trade = (struct trade){.id = ++venue->last_trade,
                            .order = order->id,
                            .price = price,
                            .quantity = quantity,
                            .time_ns = venue->now_ns,
                            .key = order->intent.order,
                            .instrument = order->intent.instrument,
                            .side = order->intent.side};
    order->filled += quantity;
    if (trade->key != 0)
        venue->markets[trade->instrument].position += nt_sign(trade->side) * quantity;
    if (order->filled == order->intent.quantity)
        close_order(venue, order, NT_EVIDENCE_FOUND_FILLED);
    tell_trade(venue, order, trade);
}

static void take(world_venue *venue, order *order, int64_t price) {
    int64_t rest = order->intent.quantity - order->filled, half = rest / 2;
    if (half > 0) fill(venue, order, price, half);
    // A late trade may have closed it between the two.
    if (is_open(order)) fill(venue, order, price, order->intent.quantity - order->filled);
}

static bool reaches(const world_venue *venue, const nt_intent *intent, int64_t *price) {
    const market *market = &venue->markets[intent->instrument];
    bool buys = intent->side == NT_BUY;
    *price = buys ? market->mid + 1 : market->mid - 1;
    return intent->type == NT_MARKET || (buys ? intent->price >= *price : intent->price <= *price);
}

void world_reach(world_venue *venue, nt_instrument_id instrument) {
    int64_t price;
    for (uint32_t i = 0; i < venue->order_count; i++) {
        order *order = &venue->orders[i];
        if (!is_open(order) || order->intent.instrument != instrument) continue;
        if (reaches(venue, &order->intent, &price)) take(venue, order, order->intent.price);
    }
}

static order *new_order(world_venue *venue, const nt_intent *intent) {
    if (venue->order_count == WORLD_ORDERS) return NULL;
    order *made = &venue->orders[venue->order_count++];
    *made = (order){.intent = *intent,
                    .id = 1000 + venue->order_count,
                    .created_ns = venue->now_ns,
                    .creations = 1,
                    .state = NT_EVIDENCE_FOUND_OPEN};
    return made;
}

/// The order is there: confirmed, filled as far as the market goes, and ended where it may not
/// rest.
static void enter(world_venue *venue, const nt_intent *intent, bool is_confirmed) {
    order *order = new_order(venue, intent);
    if (order == NULL) {
        reply_without(venue, intent, NT_EVIDENCE_REFUSED, false);
        return;
    }
    bool confirms_last = uses(&venue->faults.fill_first);
    if (is_confirmed && !confirms_last) reply(venue, order, NT_EVIDENCE_ACK);
    if (!confirms_last) tell(venue, order, NT_EVIDENCE_ACK);
    int64_t price;
    if (reaches(venue, intent, &price)) take(venue, order, price);
    if (is_confirmed && confirms_last) reply(venue, order, NT_EVIDENCE_ACK);
    bool rests = intent->tif == NT_GTC && intent->type != NT_MARKET;
    if (rests || !is_open(order)) return;
    close_order(venue, order, NT_EVIDENCE_FOUND_EXPIRED);
    tell(venue, order, NT_EVIDENCE_EXPIRED);
}

/// The same key while its order is open is refused; after that it makes a second order, as it does
/// at venues that want ids to differ among open orders only.
static void place(world_venue *venue, const nt_intent *intent, bool is_confirmed) {
    order *there = find(venue, intent->order);
    if (there != NULL && is_open(there)) {
        if (is_confirmed) reply_without(venue, intent, NT_EVIDENCE_DUPLICATE_ID, false);
        return;
    }
    if (there != NULL) {
        there->creations++;
        return;
    }
    enter(venue, intent, is_confirmed);
}

static void take_place(world_venue *venue, const world_request *request, bool is_answered) {
    const nt_intent *intent = &request->request.intent;
    int64_t age_ms = venue->wall_ns / WORLD_MS - request->stamped_ms;
    bool too_old = age_ms * WORLD_MS > WORLD_VALIDITY_NS || age_ms < -1000;
    if (too_old || uses(&venue->faults.refuse)) {
        if (is_answered) reply_without(venue, intent, NT_EVIDENCE_REFUSED, false);
        return;
    }
    if (uses(&venue->faults.uncertain)) {
        bool acts = world_below(venue, 2) == 0;
        if (acts) place(venue, intent, false);
        if (is_answered) reply_without(venue, intent, NT_EVIDENCE_UNCERTAIN, false);
        return;
    }
    held *late = NULL;
    if (uses(&venue->faults.late_accepts))
        late = hold(venue, world_heavy(venue, 10 * WORLD_MS, WORLD_VALIDITY_NS / 2));
    if (late != NULL)
        late->intent = *intent;
    else
        place(venue, intent, is_answered);
}

void world_release(world_venue *venue) {
    for (uint32_t i = 0; i < WORLD_HELD; i++) {
        held *held = &venue->held[i];
        if (!held->in_use || held->due_ns > venue->now_ns) continue;
        held->in_use = false;
        if (held->is_event)
            account_event(venue, &held->event);
        else
            place(venue, &held->intent, true);
    }
}

static void cancel(world_venue *venue, const nt_intent *intent, bool is_answered) {
    order *order = find(venue, intent->order);
    if (uses(&venue->faults.lost_cancels)) return;
    if (order == NULL || !is_open(order)) {
        if (is_answered) reply_without(venue, intent, NT_EVIDENCE_CANCEL_REFUSED, false);
        return;
    }
    close_order(venue, order, NT_EVIDENCE_FOUND_CANCELED);
    if (is_answered) reply(venue, order, NT_EVIDENCE_CANCELED);
    tell(venue, order, NT_EVIDENCE_CANCELED);
}

static void amend(world_venue *venue, const nt_intent *intent, bool is_answered) {
    order *order = find(venue, intent->order);
    bool lowers = order != NULL && is_open(order) && intent->quantity < order->intent.quantity &&
                  intent->quantity > order->filled;
    if (lowers) order->intent.quantity = intent->quantity;
    if (!is_answered) return;
    if (lowers)
        reply(venue, order, NT_EVIDENCE_AMENDED);
    else
        reply_without(venue, intent, NT_EVIDENCE_AMEND_REFUSED, false);
}

void world_cancel_all(world_venue *venue) {
    for (uint32_t i = 0; i < venue->order_count; i++) {
        order *order = &venue->orders[i];
        if (!is_open(order)) continue;
        close_order(venue, order, NT_EVIDENCE_FOUND_CANCELED);
        tell(venue, order, NT_EVIDENCE_CANCELED);
    }
}

void world_trade_elsewhere(world_venue *venue) {
    nt_intent intent = {.kind = NT_INTENT_PLACE,
                        .instrument = (nt_instrument_id)world_below(venue, venue->instruments),
                        .side = (nt_side)world_below(venue, 2),
                        .type = NT_MARKET,
                        .quantity = 2};
    order *order = new_order(venue, &intent);
    int64_t price;
    if (order == NULL || !reaches(venue, &intent, &price)) return;
    tell(venue, order, NT_EVIDENCE_ACK);
    take(venue, order, price);
}

void world_end_session(world_venue *venue) {
    nt_event event = {.kind = NT_EVENT_SESSION, .instrument = NT_NO_INSTRUMENT};
    event.as.session = (nt_session){.step = 0, .code = -2, .accepted = 0};
    world_tell(venue, WORLD_ORDER_STREAM, &event, 1);
}

// --- questions -----------------------------------------------------------------------------------

static bool lags(const world_venue *venue, int64_t since_ns) {
    const faults *faults = &venue->faults;
    return venue->now_ns < faults->lag_until && venue->now_ns - since_ns < faults->lag_by;
}

/// Whose order it is that the venue's id names.
static void tell_owner(world_venue *venue, int64_t id) {
    for (uint32_t i = 0; i < venue->order_count; i++) {
        if (venue->orders[i].id != id) continue;
        nt_event event = evidence(&venue->orders[i], venue->orders[i].state);
        event.as.report.from_query = 1;
        event.as.report.client_hash = 77;
        world_tell(venue, WORLD_ORDER_STREAM, &event, 1);
    }
}

static void query(world_venue *venue, const nt_intent *intent) {
    const order *order = find(venue, intent->order);
    bool hidden = order != NULL && lags(venue, order->created_ns);
    if (order == NULL || hidden || uses(&venue->faults.false_not_found)) {
        reply_without(venue, intent, NT_EVIDENCE_NOT_FOUND, true);
        return;
    }
    if (uses(&venue->faults.unknown_state)) {
        reply_without(venue, intent, NT_EVIDENCE_UNKNOWN_STATE, true);
        return;
    }
    nt_event event = evidence(order, order->state);
    event.as.report.from_query = 1;
    world_tell(venue, WORLD_ORDER_STREAM, &event, 1);
}

static uint32_t list_open(world_venue *venue, const nt_request *request) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < venue->order_count && count < WORLD_PAGE; i++) {
        const order *order = &venue->orders[i];
        // A list that lags lacks what is new and still has what is gone.
        bool seems_open = is_open(order) ? !lags(venue, order->created_ns)
                                         : order->closed_ns > 0 && lags(venue, order->closed_ns);
        if (!seems_open || order->intent.instrument != request->intent.instrument) continue;
        venue->rows[count] = evidence(order, NT_EVIDENCE_FOUND_OPEN);
        venue->rows[count++].as.report.from_query = 1;
    }
    return count;
}

/// A listed trade names the venue's order id, not ours.
static nt_event listed_trade(const trade *trade) {
    nt_event event = {.kind = NT_EVENT_REPORT, .instrument = trade->instrument};
    event.as.report = (nt_report){.venue_order = trade->order,
                                  .trade = trade->id,
                                  .last_price = trade->price,
                                  .last_quantity = trade->quantity,
                                  .cumulative = -1,
                                  .fee = trade->quantity * 1000,
                                  .evidence = NT_EVIDENCE_FILL,
                                  .side = trade->side,
                                  .from_query = 1};
    event.as.report.fee_asset[0] = 'Q';
    return event;
}

static bool is_listed(const world_venue *venue, const trade *trade, const nt_request *request) {
    return trade->instrument == request->intent.instrument && trade->id >= request->since &&
           !lags(venue, trade->time_ns);
}

static uint32_t list_trades(world_venue *venue, const nt_request *request, int64_t *last) {
    uint32_t matches = 0, skipped = 0, count = 0;
    for (uint32_t i = 0; i < venue->trade_count; i++)
        matches += is_listed(venue, &venue->trades[i], request);
    // Without a first id: the newest ones, all that a page holds.
    uint32_t skip = request->since == 0 && matches > WORLD_PAGE ? matches - WORLD_PAGE : 0;
    for (uint32_t i = 0; i < venue->trade_count && count < WORLD_PAGE; i++) {
        const trade *trade = &venue->trades[i];
        if (!is_listed(venue, trade, request)) continue;
        if (skipped++ < skip) continue;
        *last = trade->id;
        venue->rows[count++] = listed_trade(trade);
    }
    return count;
}

static void list(world_venue *venue, const nt_request *request) {
    int64_t last = 0;
    bool trades = request->kind == NT_REQUEST_FILLS;
    uint32_t count = trades ? list_trades(venue, request, &last) : list_open(venue, request);
    nt_event *end = &venue->rows[count];
    *end = (nt_event){.kind = NT_EVENT_ANSWERED, .instrument = request->intent.instrument};
    end->as.answer = (nt_answer_end){
        .request = request->kind, .accepted = 1, .count = count, .last_trade = last};
    world_tell(venue, WORLD_ORDER_STREAM, venue->rows, count + 1);
}

static void greeted(world_venue *venue, uint32_t step) {
    nt_event event = {.kind = NT_EVENT_SESSION, .instrument = NT_NO_INSTRUMENT};
    event.as.session = (nt_session){.step = step, .accepted = 1};
    world_tell(venue, WORLD_ORDER_STREAM, &event, 1);
}

void world_act(world_venue *venue, const world_request *request) {
    const nt_intent *intent = &request->request.intent;
    uint32_t kind = request->request.kind;
    bool changes = kind <= NT_REQUEST_AMEND;
    bool is_answered = !(changes && uses(&venue->faults.drop_replies));
    switch (kind) {
    case NT_REQUEST_PLACE:
        take_place(venue, request, is_answered);
        break;
    case NT_REQUEST_CANCEL:
        cancel(venue, intent, is_answered);
        break;
    case NT_REQUEST_AMEND:
        amend(venue, intent, is_answered);
        break;
    case NT_REQUEST_QUERY:
        if (intent->order != 0)
            query(venue, intent);
        else
            tell_owner(venue, request->request.venue_order);
        break;
    case WORLD_GREETING:
        greeted(venue, request->step);
        break;
    default:
        list(venue, &request->request);
        break;
    }
}

// --- the truth -----------------------------------------------------------------------------------

uint32_t world_order_count(const world_venue *venue) { return venue->order_count; }

world_order world_order_at(const world_venue *venue, uint32_t place) {
    const order *order = &venue->orders[place];
    return (world_order){.key = order->intent.order,
                         .quantity = order->intent.quantity,
                         .filled = order->filled,
                         .created_ns = order->created_ns,
                         .instrument = order->intent.instrument,
                         .creations = order->creations,
                         .open = is_open(order),
                         .buys = order->intent.side == NT_BUY};
}

bool world_order_find(const world_venue *venue, uint64_t key, world_order *out) {
    for (uint32_t i = venue->order_count; i > 0; i--) {
        if (venue->orders[i - 1].intent.order != key) continue;
        *out = world_order_at(venue, i - 1);
        return true;
    }
    return false;
}

int64_t world_position(const world_venue *venue, uint32_t instrument) {
    return venue->markets[instrument].position;
}

static int64_t offered_by(const nt_intent *intent, uint32_t instrument) {
    bool sells = intent->instrument == instrument && intent->side == NT_SELL;
    return sells && intent->kind == NT_INTENT_PLACE ? intent->quantity : 0;
}

/// By orders that the venue has not made yet.
static int64_t offered_unseen(const world_venue *venue, uint32_t instrument) {
    const parcels *queue = &venue->connections[WORLD_ORDER_STREAM].to_venue;
    int64_t lots = 0;
    for (uint32_t i = 0; i < queue->count; i++) {
        const nt_request *request = &queue->items[(queue->head + i) % queue->room].request.request;
        if (request->kind == NT_REQUEST_PLACE) lots += offered_by(&request->intent, instrument);
    }
    for (uint32_t i = 0; i < WORLD_HELD; i++) {
        const held *held = &venue->held[i];
        if (held->in_use && !held->is_event) lots += offered_by(&held->intent, instrument);
    }
    return lots;
}

int64_t world_offered(const world_venue *venue, uint32_t instrument) {
    int64_t lots = 0;
    for (uint32_t i = 0; i < venue->order_count; i++) {
        const order *order = &venue->orders[i];
        bool counts = is_open(order) && order->intent.order != 0 &&
                      order->intent.instrument == instrument && order->intent.side == NT_SELL;
        if (counts) lots += order->intent.quantity - order->filled;
    }
    return lots + offered_unseen(venue, instrument);
}

uint64_t world_trades(const world_venue *venue) { return venue->trade_count; }

static uint64_t mix(uint64_t hash, uint64_t value) {
    for (uint32_t i = 0; i < 8; i++) {
        hash ^= (value >> (8 * i)) & 0xff;
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

uint64_t world_hash(const world_venue *venue) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < venue->order_count; i++) {
        const order *order = &venue->orders[i];
        hash = mix(mix(hash, order->intent.order), (uint64_t)order->filled);
        hash = mix(hash, ((uint64_t)order->state << 32) | order->creations);
    }
    for (uint32_t i = 0; i < venue->trade_count; i++)
        hash = mix(hash, (uint64_t)venue->trades[i].price);
    for (uint32_t i = 0; i < venue->instruments; i++)
        hash = mix(hash, (uint64_t)venue->markets[i].update_id);
    return hash;
}
