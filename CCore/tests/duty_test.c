// duty_test.c — the lane's own thread: real connections on loopback to a fake venue, a real wait,
// posted books, a stop from another thread. The network is the subject, so time is real.
#include "nt/duty.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "../../Sources/TestKit/FakeVenue/fake_message.h"
#include "nt/server.h"
#include "test.h"

#define MS INT64_C(1000000)
enum { MARKET = 0, ORDERS = 1, SNAPSHOT = 2, STREAMS = 3, PATIENCE_MS = 30000 };
enum { CROWD = 48, EACH = 100, MOST = STREAMS + CROWD }; ///< Fifty connections, and the snapshots.

static const nt_stream_role roles[MOST] = {NT_ROLE_MARKET, NT_ROLE_ORDERS, NT_ROLE_SNAPSHOT};
_Static_assert(NT_ROLE_MARKET == 0, "the crowd's role");
static const nt_instrument instrument = {.symbol = "A",
                                         .base = "A",
                                         .quote = "Q",
                                         .price_decimals = 2,
                                         .quantity_decimals = 2,
                                         .tick_units = 1,
                                         .lot_units = 1,
                                         .min_quantity = 1};

/// Where the venue listens; the connections are opened to 127.0.0.1.
static const char *venue_address = "127.0.0.1";

typedef struct world {
    pthread_mutex_t lock; ///< The venue: its server's thread and the services' thread.
    fake_venue *venue;
    nt_peer market, orders;
    uint8_t message[FAKE_MAX_MESSAGE];
    nt_server *server;
    uint32_t streams;
    _Atomic uint64_t said;
    _Atomic bool hushed; ///< No more market data.
    nt_duty *duty;
    nt_lane *lane;
    nt_command_ring *commands;
    nt_bytes_ring *outbox;
    bool placed; ///< Lane thread.
} world;

// --- the venue's side, on the server's thread --------------------------------------------------

/// Messages to the lane that are not the crowd's.
static void said(world *world, nt_status status) {
    if (status == NT_OK) world->said++;
}

static void say_all(world *world) {
    uint32_t length;
    while ((length = fake_venue_next(world->venue, world->message, sizeof world->message)) > 0)
        said(world, nt_server_send(world->server, world->orders, world->message, length));
}

static bool on_open(void *context, nt_server *server, nt_peer peer, const char *path,
                    const char *query) {
    (void)query;
    world *world = context;
    world->server = server;
    if (strcmp(path, "/crowd") == 0) { // Messages without an event.
        for (int i = 0; i < EACH; i++)
            (void)nt_server_send(server, peer, (const uint8_t *)"\0\0\0\0", 4);
        return true;
    }
    *(strcmp(path, "/market") == 0 ? &world->market : &world->orders) = peer;
    return true;
}

static void on_message(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                       uint32_t length) {
    (void)server;
    (void)peer;
    world *world = context;
    pthread_mutex_lock(&world->lock);
    fake_venue_take(world->venue, bytes, length);
    say_all(world);
    pthread_mutex_unlock(&world->lock);
}

static void on_close(void *context, nt_server *server, nt_peer peer) {
    (void)server;
    world *world = context;
    if (world->market == peer) world->market = 0;
}

static void on_tick(void *context, nt_server *server, int64_t now_ns) {
    (void)now_ns;
    world *world = context;
    nt_clock clock = nt_clock_system();
    if (world->market == 0 || world->hushed) return;
    pthread_mutex_lock(&world->lock);
    uint32_t length =
        fake_venue_market(world->venue, nt_wall(&clock), world->message, sizeof world->message);
    said(world, nt_server_send(server, world->market, world->message, length));
    pthread_mutex_unlock(&world->lock);
}

// --- the lane's side ---------------------------------------------------------------------------

static void buy_once(void *context, const nt_lane_view *view, const nt_call *call,
                     nt_intents *intents) {
    world *world = context;
    if (world->placed || call->change != NULL || !view->valid || !view->trading) return;
    world->placed = true;
    intents->items[intents->count++] = (nt_intent){
        .kind = NT_INTENT_PLACE, .price = view->ask.price + 50, .quantity = 10, .tif = NT_IOC};
}

static void set_limits(nt_gate *gate) {
    nt_account_limits account = {.max_gross_value = 100000 * NT_MONEY_ONE,
                                 .max_open_value = 100000 * NT_MONEY_ONE,
                                 .max_daily_loss = 100000 * NT_MONEY_ONE,
                                 .max_open_orders = 5,
                                 .max_orders_per_window = 50,
                                 .order_window_ns = 1000 * MS,
                                 .max_rejects_per_window = 20,
                                 .reject_window_ns = 1000 * MS,
                                 .budget_weight = 10000,
                                 .budget_reserve = 100,
                                 .budget_window_ns = 60000 * MS};
    nt_instrument_limits limits = {.max_order_lots = 100,
                                   .max_order_value = 100000 * NT_MONEY_ONE,
                                   .max_position_lots = 1000,
                                   .collar_ppm = 100000,
                                   .emergency_collar_ppm = 200000,
                                   .emergency_max_age_ms = 600000,
                                   .max_age_ns = 5000 * MS};
    nt_gate_set_account(gate, &account);
    nt_gate_set_instrument(gate, 0, &limits);
}

static nt_status make_duty(world *world, uint16_t port, bool refuse_ring) {
    nt_stream_config streams[MOST] = {0};
    const char *paths[STREAMS] = {"/market", "/orders", ""};
    for (uint32_t i = 0; i < world->streams; i++)
        streams[i] = (nt_stream_config){.address = "127.0.0.1",
                                        .port = port,
                                        .host = "localhost",
                                        .path = i < STREAMS ? paths[i] : "/crowd",
                                        .plain_text = true,
                                        .max_message = FAKE_MAX_MESSAGE,
                                        .reconnect = true};
    nt_duty_config config = {.net = {.clock = nt_clock_system(),
                                     .random = nt_random_seeded(1),
                                     .refuse_ring = refuse_ring},
                             .streams = streams,
                             .roles = roles,
                             .stream_count = world->streams,
                             .wait_ns = 2 * MS,
                             .cpu = -1};
    return nt_duty_create(&config, &world->duty);
}

static nt_status make_lane(world *world) {
    nt_lane_config config = {.instruments = &instrument,
                             .instrument_count = 1,
                             .roles = roles,
                             .stream_count = world->streams,
                             .book_depth = 64,
                             .max_orders = 64,
                             .clock = nt_clock_system(),
                             .codec = fake_venue_codec(world->venue),
                             .wire = nt_duty_wire(world->duty),
                             .commands = world->commands,
                             .outbox = world->outbox,
                             .strategy = world,
                             .decide = buy_once};
    nt_status status = nt_lane_create(&config, &world->lane);
    if (status != NT_OK) return status;
    set_limits(nt_lane_gate(world->lane));
    return nt_lane_start(world->lane, NULL, NULL);
}

static nt_status begin(world *world, uint32_t crowd, uint16_t *port, bool refuse_ring) {
    memset(world, 0, sizeof *world);
    world->streams = STREAMS + crowd;
    pthread_mutex_init(&world->lock, NULL);
    world->venue = fake_venue_create(3, 1);
    nt_command_ring_create(16, &world->commands);
    nt_bytes_ring_create(1 << 20, &world->outbox);
    if (*port == 0) {
        nt_server_config config = {.address = venue_address,
                                   .max_peers = 64,
                                   .max_body = 1024,
                                   .tick_ms = 1,
                                   .context = world,
                                   .on_open = on_open,
                                   .on_message = on_message,
                                   .on_close = on_close,
                                   .on_tick = on_tick};
        nt_status status = nt_server_start(&config, &world->server);
        if (status != NT_OK) return status;
        *port = nt_server_port(world->server);
    }
    nt_status status = make_duty(world, *port, refuse_ring);
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

/// The services' work: fetches the book that the lane wants.
static void serve(world *world) {
    uint32_t length;
    const uint8_t *bytes;
    while ((bytes = nt_bytes_ring_peek(world->outbox, &length)) != NULL) {
        nt_notice notice;
        memcpy(&notice, bytes, sizeof notice);
        nt_bytes_ring_release(world->outbox);
        if (notice.kind != NT_NOTICE_SNAPSHOT_WANTED) continue;
        uint8_t *body = malloc(FAKE_MAX_MESSAGE);
        pthread_mutex_lock(&world->lock);
        length = fake_venue_snapshot(world->venue, 0, body, FAKE_MAX_MESSAGE);
        pthread_mutex_unlock(&world->lock);
        nt_status status = nt_duty_post_snapshot(world->duty, 0, body, length);
        if (status != NT_OK) free(body);
        said(world, status);
    }
    for (uint8_t *used = NULL; (used = nt_duty_take_used(world->duty)) != NULL;) free(used);
}

static void pause_ms(int64_t ms) {
    struct timespec time = {.tv_sec = 0, .tv_nsec = ms * MS};
    nanosleep(&time, NULL);
}

static bool wait_for_fills(world *world, uint64_t fills) {
    for (int i = 0; i < PATIENCE_MS / 2; i++) {
        serve(world);
        if (nt_lane_get_counters(world->lane).fills >= fills) return true;
        pause_ms(2);
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

static bool wait_for_crowd(world *world, uint64_t messages) {
    world->hushed = true;
    for (int i = 0; i < PATIENCE_MS / 2; i++) {
        serve(world);
        if (nt_lane_get_counters(world->lane).messages >= messages + world->said) return true;
        pause_ms(2);
    }
    return false;
}

static const char *trade(uint32_t crowd, bool refuse_ring) {
    static world world;
    uint16_t port = 0;
    if (begin(&world, crowd, &port, refuse_ring) != NT_OK) return nt_last_error();
    const char *problem = NULL;
    if (!wait_for_fills(&world, 2)) problem = "no fills in time";
    if (!wait_for_crowd(&world, crowd * EACH)) problem = "the crowd was not heard";
    if (nt_lane_get_counters(world.lane).undecodable != 0) problem = "a message was not read";
    const char *kind = nt_duty_net_kind(world.duty);
    if (refuse_ring && strcmp(kind, "poll") != 0) problem = "not the kind that was asked for";
    if (refuse_ring != (nt_duty_net_refusal(world.duty)[0] != 0)) problem = "nothing said";
    if (nt_duty_health(world.duty) != NT_OK || nt_duty_heartbeat(world.duty) == 0)
        problem = "no sign of life";
    if (!stop_and_join(&world)) problem = "not stopped";
    if (problem == NULL && nt_lane_position(world.lane, 0).lots != 10) problem = "position";
    if (problem == NULL &&
        nt_lane_position(world.lane, 0).lots != fake_venue_position(world.venue, 0))
        problem = "position differs from the venue's";
    end(&world);
    return problem;
}

TEST(duty, trades_over_its_connections_and_stops) {
    const char *problem = trade(0, false);
    EXPECT_TEXT(problem == NULL ? "" : problem, "");
}

TEST(duty, trades_where_the_ring_is_refused) {
    const char *problem = trade(0, true);
    EXPECT_TEXT(problem == NULL ? "" : problem, "");
}

TEST(duty, trades_over_one_of_fifty_connections) {
    const char *problem = trade(CROWD, false);
    EXPECT_TEXT(problem == NULL ? "" : problem, "");
}

TEST(duty, trades_over_one_of_fifty_connections_without_the_ring) {
    const char *problem = trade(CROWD, true);
    EXPECT_TEXT(problem == NULL ? "" : problem, "");
}

static bool wait_for_state(world *world, uint32_t slot, nt_stream_state state) {
    for (int i = 0; i < PATIENCE_MS / 2; i++) {
        if (nt_duty_connections(world->duty)[slot].state == state) return true;
        pause_ms(2);
    }
    return false;
}

TEST(duty, follows_the_addresses_that_are_posted) {
    static world world;
    uint16_t port = 0;
    venue_address = "127.0.0.2";
    EXPECT_EQ(begin(&world, 0, &port, false), NT_OK);
    venue_address = "127.0.0.1";
    EXPECT(wait_for_state(&world, MARKET, NT_STREAM_WAITING));
    EXPECT_TEXT(nt_duty_connections(world.duty)[MARKET].address, "127.0.0.1");
    nt_addresses moved = {.count = 1, .text = {"127.0.0.2"}};
    EXPECT_EQ(nt_duty_post_addresses(world.duty, MARKET, &moved), NT_OK);
    EXPECT_EQ(nt_duty_post_addresses(world.duty, ORDERS, &moved), NT_OK);
    EXPECT_EQ(nt_duty_post_addresses(world.duty, SNAPSHOT, &moved), NT_OK); // Has no connection.
    EXPECT(wait_for_fills(&world, 2));
    EXPECT(wait_for_state(&world, ORDERS, NT_STREAM_OPEN));
    EXPECT_TEXT(nt_duty_connections(world.duty)[ORDERS].address, "127.0.0.2");
    EXPECT_TEXT(nt_duty_connections(world.duty)[MARKET].address, "127.0.0.2");
    EXPECT_EQ(nt_duty_post_addresses(world.duty, STREAMS, &moved), NT_INVALID);
    moved.count = NT_MAX_ADDRESSES + 1;
    EXPECT_EQ(nt_duty_post_addresses(world.duty, MARKET, &moved), NT_INVALID);
    EXPECT(stop_and_join(&world));
    end(&world);
}

TEST(duty, lives_without_a_venue_and_ends_by_force) {
    static world world;
    uint16_t port = 1; // Nobody listens there.
    EXPECT_EQ(begin(&world, 0, &port, false), NT_OK);
    for (int i = 0; i < 1000 && nt_duty_heartbeat(world.duty) == 0; i++) pause_ms(2);
    int64_t first = nt_duty_heartbeat(world.duty);
    for (int i = 0; i < 1000 && nt_duty_heartbeat(world.duty) == first; i++) pause_ms(2);
    EXPECT(nt_duty_heartbeat(world.duty) > first);
    EXPECT(!nt_lane_ready(world.lane));
    nt_duty_join(world.duty, true);
    EXPECT(!nt_lane_stopped(world.lane));
    end(&world);
}

TEST(duty, refuses_a_wait_that_would_hide_a_halt) {
    nt_duty *duty = NULL;
    nt_duty_config config = {.wait_ns = 11 * MS, .cpu = -1};
    EXPECT_EQ(nt_duty_create(&config, &duty), NT_INVALID);
    config.wait_ns = 0;
    EXPECT_EQ(nt_duty_create(&config, &duty), NT_INVALID);
}
