// fake_exchange.c — the fake venue's orders: places, cancels, fills, answers questions.
//
// A taker is filled at the touch, half at once and half in a second trade; what rests is filled
// when the market reaches it. Every answer waits in a queue until the test takes it.
#include "fake_inside.h"

#include <stdlib.h>

fake_venue *fake_venue_create(uint64_t seed, uint32_t instruments) {
    if (instruments == 0 || instruments > FAKE_MAX_INSTRUMENTS) return NULL;
    fake_venue *venue = calloc(1, sizeof *venue);
    if (venue == NULL) return NULL;
    venue->codec = fake_codec(venue);
    venue->random = nt_random_seeded(seed);
    venue->instruments = instruments;
    venue->last_order = 1000;
    venue->last_trade = 500;
    for (uint32_t i = 0; i < instruments; i++) {
        fake_market *market = &venue->markets[i];
        *market = (fake_market){.mid = 10000, .update_id = 100};
        for (uint32_t k = 0; k < FAKE_WIDTH; k++) market->bids[k] = market->asks[k] = 20 + k;
    }
    return venue;
}

void fake_venue_destroy(fake_venue *venue) { free(venue); }

const void *fake_venue_codec(const fake_venue *venue) { return &venue->codec; }

fake_faults *fake_venue_faults(fake_venue *venue) { return &venue->faults; }

// --- what is there -----------------------------------------------------------------------------

static fake_order *find(fake_venue *venue, nt_order_key key) {
    for (uint32_t i = 0; i < FAKE_ORDERS; i++) {
        // Newest first: the order asked for is nearly always among the last.
        uint32_t place = (venue->next_place + FAKE_ORDERS - 1 - i) % FAKE_ORDERS;
        fake_order *order = &venue->orders[place];
        if (order->id != 0 && order->intent.order == key) return order;
    }
    return NULL;
}

const fake_order *fake_venue_find(const fake_venue *venue, nt_order_key key) {
    for (uint32_t i = 0; i < FAKE_ORDERS; i++)
        if (venue->orders[i].id != 0 && venue->orders[i].intent.order == key)
            return &venue->orders[i];
    return NULL;
}

const fake_order *fake_venue_order_at(const fake_venue *venue, uint32_t place) {
    return venue->orders[place].id == 0 ? NULL : &venue->orders[place];
}

int64_t fake_venue_position(const fake_venue *venue, uint32_t instrument) {
    return venue->markets[instrument].position;
}

uint64_t fake_venue_trades(const fake_venue *venue) { return venue->trade_count; }
uint32_t fake_venue_open_orders(const fake_venue *venue) { return venue->open; }

uint32_t fake_venue_requests(const fake_venue *venue, nt_request_kind kind) {
    return venue->requests[kind];
}

// --- what is said ------------------------------------------------------------------------------

static fake_answer *say(fake_venue *venue) {
    static fake_answer unsaid;
    if (venue->faults.mute) return &unsaid;
    NT_ASSERT(venue->tail - venue->head < FAKE_QUEUE);
    fake_answer *answer = &venue->queue[venue->tail++ % FAKE_QUEUE];
    *answer = (fake_answer){.count = 0};
    return answer;
}

static nt_event evidence(const fake_order *order, nt_evidence evidence) {
    nt_event event = {.kind = NT_EVENT_REPORT, .instrument = order->intent.instrument};
    event.as.report = (nt_report){.order = order->intent.order,
                                  .venue_order = order->id,
                                  .price = order->intent.price,
                                  .quantity = order->intent.quantity,
                                  .cumulative = order->filled,
                                  .evidence = evidence,
                                  .side = order->intent.side};
    return event;
}

static void tell(fake_venue *venue, const fake_order *order, nt_evidence what) {
    fake_answer *answer = say(venue);
    answer->count = 1;
    answer->event = evidence(order, what);
}

/// Of an order that the venue does not have.
static void tell_missing(fake_venue *venue, const nt_intent *intent, nt_evidence what, bool query) {
    fake_order none = {.intent = *intent};
    fake_answer *answer = say(venue);
    answer->count = 1;
    answer->event = evidence(&none, what);
    answer->event.as.report.cumulative = -1;
    answer->event.as.report.from_query = query;
}

// --- what happens ------------------------------------------------------------------------------

static void close_order(fake_venue *venue, fake_order *order, nt_evidence state) {
    if (order->state == NT_EVIDENCE_FOUND_OPEN) venue->open--;
    order->state = state;
}

static void fill(fake_venue *venue, fake_order *order, int64_t price, int64_t quantity) {
    fake_trade *trade = &venue->trades[venue->trade_count++ % FAKE_TRADES];
    *trade = (fake_trade){.id = ++venue->last_trade,
                          .order = order->id,
                          .price = price,
                          .quantity = quantity,
                          .instrument = order->intent.instrument,
                          .side = order->intent.side};
    order->filled += quantity;
    venue->markets[trade->instrument].position += nt_sign(trade->side) * quantity;
    if (order->filled == order->intent.quantity)
        close_order(venue, order, NT_EVIDENCE_FOUND_FILLED);
    fake_answer *answer = say(venue);
    answer->count = 1;
    answer->event = evidence(order, NT_EVIDENCE_FILL);
    nt_report *report = &answer->event.as.report;
    report->trade = trade->id;
    report->last_price = price;
    report->last_quantity = quantity;
    report->fee = quantity * 1000;
    report->fee_asset[0] = 'Q';
}

void fake_venue_fill(fake_venue *venue, nt_order_key key, int64_t price, int64_t quantity) {
    fake_order *order = find(venue, key);
    if (order != NULL && order->state == NT_EVIDENCE_FOUND_OPEN)
        fill(venue, order, price, quantity);
}

static void take(fake_venue *venue, fake_order *order, int64_t price) {
    int64_t rest = order->intent.quantity - order->filled, half = rest / 2;
    if (half > 0) fill(venue, order, price, half);
    fill(venue, order, price, rest - half);
}

static bool reaches(const fake_venue *venue, const nt_intent *intent, int64_t *price) {
    const fake_market *market = &venue->markets[intent->instrument];
    bool buys = intent->side == NT_BUY;
    *price = buys ? market->mid + 1 : market->mid - 1;
    if (venue->faults.resting) return false;
    return intent->type == NT_MARKET || (buys ? intent->price >= *price : intent->price <= *price);
}

void fake_exchange_reach(fake_venue *venue, nt_instrument_id instrument) {
    int64_t price;
    uint32_t left = venue->open;
    for (uint32_t i = 0; left > 0 && i < FAKE_ORDERS; i++) {
        fake_order *order = &venue->orders[i];
        if (order->id == 0 || order->state != NT_EVIDENCE_FOUND_OPEN) continue;
        left--;
        if (order->intent.instrument != instrument) continue;
        if (reaches(venue, &order->intent, &price)) take(venue, order, order->intent.price);
    }
}

static fake_order *new_order(fake_venue *venue) {
    for (uint32_t i = 0; i < FAKE_ORDERS; i++) {
        fake_order *order = &venue->orders[venue->next_place++ % FAKE_ORDERS];
        venue->next_place %= FAKE_ORDERS;
        if (order->id == 0 || order->state != NT_EVIDENCE_FOUND_OPEN) return order;
    }
    nt_assert_failed("more orders than the fake venue has room for", __FILE__, __LINE__);
}

static void place(fake_venue *venue, const nt_intent *intent) {
    if (find(venue, intent->order) != NULL) {
        tell_missing(venue, intent, NT_EVIDENCE_DUPLICATE_ID, false);
        return;
    }
    fake_order *order = new_order(venue);
    *order =
        (fake_order){.intent = *intent, .id = ++venue->last_order, .state = NT_EVIDENCE_FOUND_OPEN};
    venue->open++;
    tell(venue, order, NT_EVIDENCE_ACK);
    int64_t price;
    if (reaches(venue, intent, &price)) take(venue, order, price);
    bool rests = intent->tif == NT_GTC && intent->type != NT_MARKET;
    if (rests || order->state != NT_EVIDENCE_FOUND_OPEN) return;
    close_order(venue, order, NT_EVIDENCE_FOUND_EXPIRED);
    tell(venue, order, NT_EVIDENCE_EXPIRED);
}

static void cancel(fake_venue *venue, const nt_intent *intent) {
    fake_order *order = find(venue, intent->order);
    if (venue->faults.stubborn) return;
    if (order == NULL || order->state != NT_EVIDENCE_FOUND_OPEN) {
        tell_missing(venue, intent, NT_EVIDENCE_CANCEL_REFUSED, false);
        return;
    }
    close_order(venue, order, NT_EVIDENCE_FOUND_CANCELED);
    tell(venue, order, NT_EVIDENCE_CANCELED);
}

static void amend(fake_venue *venue, const nt_intent *intent) {
    fake_order *order = find(venue, intent->order);
    bool lowers = order != NULL && order->state == NT_EVIDENCE_FOUND_OPEN &&
                  intent->quantity < order->intent.quantity && intent->quantity > order->filled;
    if (!lowers) {
        tell_missing(venue, intent, NT_EVIDENCE_AMEND_REFUSED, false);
        return;
    }
    order->intent.quantity = intent->quantity;
    tell(venue, order, NT_EVIDENCE_AMENDED);
}

static const fake_order *find_by_id(const fake_venue *venue, int64_t id) {
    for (uint32_t i = 0; i < FAKE_ORDERS; i++)
        if (venue->orders[i].id == id) return &venue->orders[i];
    return NULL;
}

/// By our key, or whose order the venue's id names.
static void query(fake_venue *venue, const nt_request *request) {
    const nt_intent *intent = &request->intent;
    const fake_order *order =
        intent->order != 0 ? find(venue, intent->order) : find_by_id(venue, request->venue_order);
    if (order == NULL || venue->faults.forgetful) {
        tell_missing(venue, intent, NT_EVIDENCE_NOT_FOUND, true);
        return;
    }
    fake_answer *answer = say(venue);
    answer->count = 1;
    answer->event = evidence(order, order->state);
    answer->event.as.report.from_query = 1;
}

static void greeted(fake_venue *venue, uint32_t step) {
    fake_answer *answer = say(venue);
    answer->count = 1;
    answer->event = (nt_event){.kind = NT_EVENT_SESSION, .instrument = NT_NO_INSTRUMENT};
    answer->event.as.session = (nt_session){.step = step, .accepted = 1};
}

void fake_venue_take(fake_venue *venue, const uint8_t *bytes, uint32_t length) {
    fake_request in;
    NT_ASSERT(length == sizeof in);
    __builtin_memcpy(&in, bytes, sizeof in);
    NT_ASSERT(in.magic == FAKE_MAGIC);
    if (venue->faults.deaf) return;
    if (in.request.kind < NT_REQUEST_KIND_COUNT) venue->requests[in.request.kind]++;
    switch (in.request.kind) {
    case NT_REQUEST_PLACE:
        place(venue, &in.request.intent);
        break;
    case NT_REQUEST_CANCEL:
        cancel(venue, &in.request.intent);
        break;
    case NT_REQUEST_AMEND:
        amend(venue, &in.request.intent);
        break;
    case NT_REQUEST_QUERY:
        query(venue, &in.request);
        break;
    case FAKE_GREETING:
        greeted(venue, in.step);
        break;
    default:
        say(venue)->request = in.request;
        break;
    }
}

// --- listings ----------------------------------------------------------------------------------

static uint32_t list_open(fake_venue *venue, const nt_request *request) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAKE_ORDERS && count < 200 && !venue->faults.forgetful; i++) {
        const fake_order *order = &venue->orders[i];
        bool listed = order->id != 0 && order->state == NT_EVIDENCE_FOUND_OPEN &&
                      order->intent.instrument == request->intent.instrument;
        if (!listed) continue;
        venue->rows[count] = evidence(order, NT_EVIDENCE_FOUND_OPEN);
        venue->rows[count++].as.report.from_query = 1;
    }
    return count;
}

/// A listed trade names the venue's order id, not ours.
static nt_event listed_trade(const fake_trade *trade) {
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

static uint32_t list_trades(fake_venue *venue, const nt_request *request, int64_t *last) {
    uint64_t kept = venue->trade_count < FAKE_TRADES ? venue->trade_count : FAKE_TRADES;
    uint64_t first = venue->trade_count - kept;
    // The newest ones: all that a page holds.
    if (request->since == 0 && kept > 200) first = venue->trade_count - 200;
    uint32_t count = 0;
    for (uint64_t i = first; i < venue->trade_count && count < 200; i++) {
        const fake_trade *trade = &venue->trades[i % FAKE_TRADES];
        if (trade->instrument != request->intent.instrument || trade->id < request->since) continue;
        *last = trade->id;
        venue->rows[count++] = listed_trade(trade);
    }
    return count;
}

static uint32_t write_listing(fake_venue *venue, const nt_request *request, uint8_t *out,
                              uint32_t capacity) {
    int64_t last = 0;
    bool trades = request->kind == NT_REQUEST_FILLS;
    uint32_t count = trades ? list_trades(venue, request, &last) : list_open(venue, request);
    nt_event *end = &venue->rows[count];
    *end = (nt_event){.kind = NT_EVENT_ANSWERED, .instrument = request->intent.instrument};
    end->as.answer = (nt_answer_end){
        .request = request->kind, .accepted = 1, .count = count, .last_trade = last};
    return fake_message(venue->rows, count + 1, out, capacity);
}

uint32_t fake_venue_next(fake_venue *venue, uint8_t *out, uint32_t capacity) {
    if (venue->head == venue->tail) return 0;
    const fake_answer *answer = &venue->queue[venue->head++ % FAKE_QUEUE];
    if (answer->count == 0) return write_listing(venue, &answer->request, out, capacity);
    return fake_message(&answer->event, 1, out, capacity);
}

void fake_venue_hang_up(fake_venue *venue) { venue->head = venue->tail; }
