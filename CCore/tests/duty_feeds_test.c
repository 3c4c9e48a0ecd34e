// duty_feeds_test.c — two feeds over real connections; one of them is cut again and again, by seed,
// while events flow. No trade is lost or doubled, the book stays live, orders go on.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "../../Sources/TestKit/FakeVenue/fake_inside.h"
#include "nt/duty.h"
#include "nt/server.h"
#include "test.h"

#define MS INT64_C(1000000)
enum { MARKET = 0, ORDERS = 1, STANDBY = 2, SNAPSHOT = 3, STREAMS = 4 };
enum { PATIENCE_MS = 60000, CUTS = 12, IN_STEP = 150, IDS = 1 << 20, NOBODY = -1 };

static const nt_stream_role roles[STREAMS] = {NT_ROLE_MARKET, NT_ROLE_ORDERS, NT_ROLE_MARKET,
                                              NT_ROLE_SNAPSHOT};
static const nt_feed_config feeds[STREAMS] = {[MARKET] = {.group = 1}, [STANDBY] = {.group = 1}};
static const char *const paths[STREAMS] = {"/market", "/orders", "/standby", ""};
static const nt_instrument instrument = {.symbol = "A",
                                         .base = "A",
                                         .quote = "Q",
                                         .price_decimals = 2,
                                         .quantity_decimals = 2,
                                         .tick_units = 1,
                                         .lot_units = 1,
                                         .min_quantity = 1};

typedef struct world {
    pthread_mutex_t lock; ///< The venue: its server's thread and the test's.
    fake_venue *venue;
    nt_peer peers[STREAMS]; ///< 0 = not open. Server's thread only.
    nt_server *server;
    nt_duty *duty;
    nt_lane *lane;
    nt_command_ring *commands;
    nt_bytes_ring *outbox;
    uint32_t stale;
    _Atomic int cut; ///< Slot to be cut, or NOBODY.
    _Atomic bool publishing;
    _Atomic int64_t last_trade; ///< Highest id that the strategy heard.
    uint32_t calls;             ///< Lane thread.
    uint8_t seen[IDS];          ///< Lane thread; read when it has ended.
    uint8_t message[FAKE_MAX_MESSAGE];
} world;

// --- the venue's side, on the server's thread --------------------------------------------------

static bool on_open(void *context, nt_server *server, nt_peer peer, const char *path,
                    const char *query) {
    (void)server;
    (void)query;
    world *world = context;
    for (uint32_t i = 0; i < SNAPSHOT; i++)
        if (strcmp(path, paths[i]) == 0) world->peers[i] = peer;
    return true;
}

static void on_close(void *context, nt_server *server, nt_peer peer) {
    (void)server;
    world *world = context;
    for (uint32_t i = 0; i < SNAPSHOT; i++)
        if (world->peers[i] == peer) world->peers[i] = 0;
}

static void on_message(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                       uint32_t length) {
    (void)peer;
    world *world = context;
    pthread_mutex_lock(&world->lock);
    fake_venue_take(world->venue, bytes, length);
    while ((length = fake_venue_next(world->venue, world->message, sizeof world->message)) > 0)
        (void)nt_server_send(server, world->peers[ORDERS], world->message, length);
    pthread_mutex_unlock(&world->lock);
}

static void publish(world *world, nt_server *server) {
    nt_clock clock = nt_clock_system();
    uint32_t length =
        fake_venue_market(world->venue, nt_wall(&clock), world->message, sizeof world->message);
    for (uint32_t i = 0; i < SNAPSHOT; i++)
        if (i != ORDERS && world->peers[i] != 0)
            (void)nt_server_send(server, world->peers[i], world->message, length);
}

static void on_tick(void *context, nt_server *server, int64_t now_ns) {
    (void)now_ns;
    world *world = context;
    int cut = atomic_exchange(&world->cut, NOBODY);
    if (cut != NOBODY && world->peers[cut] != 0) {
        nt_server_close_peer(server, world->peers[cut], 1001);
        world->peers[cut] = 0;
    }
    if (!atomic_load(&world->publishing)) return;
    pthread_mutex_lock(&world->lock);
    for (int i = 0; i < 3; i++) publish(world, server);
    pthread_mutex_unlock(&world->lock);
}

// --- the lane's side ---------------------------------------------------------------------------

static void decide(void *context, const nt_lane_view *view, const nt_call *call,
                   nt_intents *intents) {
    world *world = context;
    if (call->change != NULL || call->refusal != NULL) return;
    if (call->event->kind == NT_EVENT_TRADE && call->event->as.trade.id < IDS) {
        int64_t id = call->event->as.trade.id;
        world->seen[id]++;
        if (id > atomic_load(&world->last_trade)) atomic_store(&world->last_trade, id);
    }
    if (++world->calls % 100 != 0 || !view->valid || !view->trading) return;
    bool buy = world->calls % 200 == 0;
    intents->items[intents->count++] =
        (nt_intent){.kind = NT_INTENT_PLACE,
                    .side = buy ? NT_BUY : NT_SELL,
                    .price = buy ? view->ask.price + 50 : view->bid.price - 50,
                    .quantity = 1,
                    .tif = NT_IOC};
}

static void set_limits(nt_gate *gate) {
    nt_account_limits account = {.max_gross_value = 1000000 * NT_MONEY_ONE,
                                 .max_open_value = 1000000 * NT_MONEY_ONE,
                                 .max_daily_loss = 1000000 * NT_MONEY_ONE,
                                 .max_open_orders = 50,
                                 .max_orders_per_window = 5000,
                                 .order_window_ns = 1000 * MS,
                                 .max_rejects_per_window = 20,
                                 .reject_window_ns = 1000 * MS,
                                 .budget_weight = 1000000,
                                 .budget_reserve = 100,
                                 .budget_window_ns = 60000 * MS};
    nt_instrument_limits limits = {.max_order_lots = 100,
                                   .max_order_value = 100000 * NT_MONEY_ONE,
                                   .max_position_lots = 10000,
                                   .collar_ppm = 100000,
                                   .emergency_collar_ppm = 200000,
                                   .emergency_max_age_ms = 600000,
                                   .max_age_ns = 60000 * MS,
                                   .allow_short = true};
    nt_gate_set_account(gate, &account);
    nt_gate_set_instrument(gate, 0, &limits);
}

static nt_status make_duty(world *world, uint16_t port) {
    nt_stream_config streams[STREAMS] = {0};
    for (uint32_t i = 0; i < SNAPSHOT; i++)
        streams[i] = (nt_stream_config){.address = "127.0.0.1",
                                        .port = port,
                                        .host = "localhost",
                                        .path = paths[i],
                                        .plain_text = true,
                                        .max_message = FAKE_MAX_MESSAGE,
                                        .backoff_min_ms = 5,
                                        .backoff_max_ms = 20,
                                        .reconnect = true};
    nt_duty_config config = {.net = {.clock = nt_clock_system(), .random = nt_random_seeded(1)},
                             .streams = streams,
                             .roles = roles,
                             .stream_count = STREAMS,
                             .wait_ns = 2 * MS,
                             .cpu = -1};
    return nt_duty_create(&config, &world->duty);
}

static nt_status make_lane(world *world) {
    nt_lane_config config = {.instruments = &instrument,
                             .instrument_count = 1,
                             .roles = roles,
                             .feeds = feeds,
                             .stream_count = STREAMS,
                             .book_depth = 64,
                             .max_orders = 256,
                             .clock = nt_clock_system(),
                             .agree_gap_ns = -1, // Trades at once.
                             .codec = fake_venue_codec(world->venue),
                             .wire = nt_duty_wire(world->duty),
                             .commands = world->commands,
                             .outbox = world->outbox,
                             .strategy = world,
                             .decide = decide};
    nt_status status = nt_lane_create(&config, &world->lane);
    if (status != NT_OK) return status;
    set_limits(nt_lane_gate(world->lane));
    return nt_lane_start(world->lane, NULL, NULL);
}

static nt_status begin(world *world, uint64_t seed) {
    memset(world, 0, sizeof *world);
    atomic_init(&world->cut, NOBODY);
    atomic_init(&world->publishing, true);
    pthread_mutex_init(&world->lock, NULL);
    world->venue = fake_venue_create(seed, 1);
    nt_command_ring_create(16, &world->commands);
    nt_bytes_ring_create(1 << 22, &world->outbox);
    nt_server_config config = {.max_peers = 8,
                               .max_body = 1024,
                               .tick_ms = 1,
                               .context = world,
                               .on_open = on_open,
                               .on_message = on_message,
                               .on_close = on_close,
                               .on_tick = on_tick};
    nt_status status = nt_server_start(&config, &world->server);
    if (status == NT_OK) status = make_duty(world, nt_server_port(world->server));
    if (status == NT_OK) status = make_lane(world);
    return status == NT_OK ? nt_duty_start(world->duty, world->lane) : status;
}

static void end(world *world) {
    nt_duty_destroy(world->duty);
    if (world->server != NULL) nt_server_stop(world->server);
    nt_lane_destroy(world->lane);
    nt_command_ring_destroy(world->commands);
    nt_bytes_ring_destroy(world->outbox);
    fake_venue_destroy(world->venue);
    pthread_mutex_destroy(&world->lock);
}

// --- the test's thread -------------------------------------------------------------------------

static void fetch_book(world *world) {
    uint8_t *body = malloc(FAKE_MAX_MESSAGE);
    pthread_mutex_lock(&world->lock);
    uint32_t length = fake_venue_snapshot(world->venue, 0, body, FAKE_MAX_MESSAGE);
    pthread_mutex_unlock(&world->lock);
    if (nt_duty_post_snapshot(world->duty, 0, body, length) != NT_OK) free(body);
}

static void serve(world *world) {
    uint32_t length;
    const uint8_t *bytes;
    while ((bytes = nt_bytes_ring_peek(world->outbox, &length)) != NULL) {
        nt_notice notice;
        memcpy(&notice, bytes, sizeof notice);
        nt_bytes_ring_release(world->outbox);
        if (notice.kind == NT_NOTICE_SNAPSHOT_WANTED) fetch_book(world);
        if (notice.kind == NT_NOTICE_SYNC) world->stale += notice.value == NT_SYNC_STALE;
    }
    for (uint8_t *used = NULL; (used = nt_duty_take_used(world->duty)) != NULL;) free(used);
}

static void step(world *world) {
    struct timespec time = {.tv_nsec = 2 * MS};
    nanosleep(&time, NULL);
    serve(world);
}

static uint64_t heard(const nt_feed *feed) { return feed->first + feed->later; }

/// Waits until both feeds are open and have brought many events in a row without a gap.
static bool both_in_step(world *world) {
    nt_feed begun[2] = {nt_lane_feed(world->lane, MARKET), nt_lane_feed(world->lane, STANDBY)};
    for (int i = 0; i < PATIENCE_MS / 2; i++) {
        bool all = true;
        for (uint32_t k = 0; k < 2; k++) {
            nt_feed now = nt_lane_feed(world->lane, k == 0 ? MARKET : STANDBY);
            bool anew = now.opened_ns != begun[k].opened_ns || now.gaps != begun[k].gaps;
            if (anew) begun[k] = now;
            all = all && now.opened_ns != 0 && heard(&now) >= heard(&begun[k]) + IN_STEP;
        }
        if (all) return true;
        step(world);
    }
    return false;
}

/// Cuts one feed; true when the lane has noticed.
static bool cut(world *world, uint32_t slot) {
    int64_t opened = nt_lane_feed(world->lane, slot).opened_ns;
    atomic_store(&world->cut, (int)slot);
    for (int i = 0; i < PATIENCE_MS / 2; i++) {
        if (nt_lane_feed(world->lane, slot).opened_ns != opened) return true;
        step(world);
    }
    return false;
}

static bool stop_and_join(world *world) {
    nt_command stop = {.kind = NT_COMMAND_STOP, .instrument = NT_NO_INSTRUMENT};
    if (nt_command_send(world->commands, &stop) != NT_OK) return false;
    nt_duty_wake(world->duty);
    nt_duty_join(world->duty, false);
    return nt_lane_stopped(world->lane);
}

/// Waits for the last trade that was published.
static bool all_is_heard(world *world, int64_t last) {
    for (int i = 0; i < PATIENCE_MS / 2; i++) {
        if (atomic_load(&world->last_trade) >= last) return true;
        step(world);
    }
    return false;
}

static int64_t last_published(world *world) {
    pthread_mutex_lock(&world->lock);
    int64_t last = world->venue->markets[0].public_trade;
    pthread_mutex_unlock(&world->lock);
    return last;
}

static void expect_all(const world *world, int64_t first, int64_t last) {
    for (int64_t id = first; id <= last; id++) EXPECT_EQ(world->seen[id], 1);
    const fake_market *market = &world->venue->markets[0];
    const nt_book *book = nt_lane_book(world->lane, 0);
    for (uint32_t i = 0; i < FAKE_WIDTH; i++) {
        EXPECT_EQ(nt_book_level(book, NT_BUY, i).price, market->mid - 1 - i);
        EXPECT_EQ(nt_book_level(book, NT_BUY, i).quantity, market->bids[i]);
        EXPECT_EQ(nt_book_level(book, NT_SELL, i).quantity, market->asks[i]);
    }
    nt_feed market_feed = nt_lane_feed(world->lane, MARKET);
    nt_feed standby = nt_lane_feed(world->lane, STANDBY);
    // A feed that is back before the other one brought anything was not switched from.
    uint64_t switches = market_feed.switches + standby.switches;
    EXPECT(switches > 0 && switches <= CUTS);
    EXPECT(market_feed.max_switch_ns >= 0 && standby.max_switch_ns >= 0);
}

TEST(duty_feeds, cutting_feeds_by_seed_loses_and_doubles_nothing) {
    static world world;
    nt_random random = nt_random_seeded(17);
    bool good = begin(&world, 17) == NT_OK && both_in_step(&world);
    int64_t first = last_published(&world) + 1;
    uint32_t stale = world.stale;
    uint64_t sent = nt_lane_get_counters(world.lane).orders_sent;
    for (int i = 0; good && i < CUTS; i++) {
        good = cut(&world, nt_random_below(&random, 2) == 0 ? MARKET : STANDBY);
        good = good && both_in_step(&world);
    }
    EXPECT(good);
    EXPECT(nt_lane_get_counters(world.lane).orders_sent > sent);
    int64_t last = last_published(&world);
    EXPECT(all_is_heard(&world, last));
    atomic_store(&world.publishing, false);
    EXPECT(all_is_heard(&world, last_published(&world)));
    EXPECT_EQ(world.stale, stale);
    EXPECT(stop_and_join(&world));
    if (good) expect_all(&world, first, last);
    end(&world);
}
