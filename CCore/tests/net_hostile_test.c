// net_hostile_test.c — peers that mean harm: each ends in a named reason, and the streams beside it
// on the same net lose nothing. All on both kinds.
#include "net_client.h"

#include <stdlib.h>

#include "nt/histogram.h"

static bool say(peer *peer, const char *text) { return peer_write(peer, text, strlen(text)); }

/// Until the client is gone.
static void wait_for_the_end(peer *peer) {
    char bytes[256];
    while (SSL_read(peer->ssl, bytes, sizeof bytes) > 0) continue;
}

static void drip(peer *peer, const char *bytes, size_t length) {
    while (peer_write(peer, bytes, length)) pause_ms(2);
}

// Before TLS.

static void never_speak(peer *peer) {
    char byte;
    while (recv(peer->fd, &byte, 1, 0) > 0) continue;
}

/// A record that is announced as 16 kB and comes byte by byte.
static void drip_a_handshake(peer *peer) {
    const char head[] = {0x16, 3, 3, 0x40, 0};
    ssize_t sent = send(peer->fd, head, sizeof head, MSG_NOSIGNAL);
    while (sent > 0) {
        sent = send(peer->fd, "", 1, MSG_NOSIGNAL);
        pause_ms(2);
    }
}

// Instead of the answer to the upgrade.

static void drip_an_answer(peer *peer) {
    say(peer, "HTTP/1.1 101 Switching Protocols\r\nX-Slow: ");
    drip(peer, "x", 1);
}

static void continue_for_ever(peer *peer) { drip(peer, "HTTP/1.1 100 Continue\r\n\r\n", 25); }

static void redirect(peer *peer) {
    const int *port = peer->context; // NULL: to where nobody is.
    char answer[256];
    snprintf(answer, sizeof answer,
             "HTTP/1.1 302 Found\r\nLocation: https://localhost:%d/\r\nContent-Length: 0\r\n\r\n",
             port != NULL ? *port : 1);
    say(peer, answer);
    wait_for_the_end(peer);
}

static void send_one_endless_header(peer *peer) {
    static char block[1024];
    memset(block, 'x', sizeof block);
    say(peer, "HTTP/1.1 101 Switching Protocols\r\nX-Long: ");
    while (peer_write(peer, block, sizeof block)) continue;
}

static void send_headers_for_ever(peer *peer) {
    say(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    while (say(peer, "X-Filler: 0123456789\r\n")) continue;
}

static void answer_another_key(peer *peer) {
    snprintf(peer->accept, sizeof peer->accept, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    peer_answer(peer, "");
    wait_for_the_end(peer);
}

static void force_compression(peer *peer) {
    peer_answer(peer, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    wait_for_the_end(peer);
}

static void force_a_protocol(peer *peer) {
    peer_answer(peer, "Sec-WebSocket-Protocol: other\r\n");
    wait_for_the_end(peer);
}

// After the upgrade.

static void send_compressed(peer *peer) {
    peer_frame(peer, 0xc1, "\x4b\x4c\x4a\x06\x00", 5); // "abc", deflated.
    wait_for_the_end(peer);
}

static void announce_too_much(peer *peer) {
    static char block[4096];
    peer_write(peer, "\x81\x7f\0\0\1\0\0\0\0\0", 10); // A tebibyte.
    while (peer_write(peer, block, sizeof block)) continue;
}

static void announce_a_negative_length(peer *peer) {
    peer_write(peer, "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10);
    wait_for_the_end(peer);
}

static void flood_fragments(peer *peer) {
    static char block[4096];
    bool going = peer_frame(peer, 0x01, block, sizeof block);
    while (going) going = peer_frame(peer, 0x00, block, sizeof block);
}

static void ping_too_long(peer *peer) {
    peer_write(peer, "\x89\x7e\x01\x00", 4);
    wait_for_the_end(peer);
}

static void continue_nothing(peer *peer) {
    peer_frame(peer, 0x80, "end", 3);
    wait_for_the_end(peer);
}

typedef struct {
    const char *reason;
    void (*raw)(peer *);
    void (*instead)(peer *);
    void (*script)(peer *);
    bool by_time; ///< Ends by a time limit: nothing else ever would.
} attack;

static const char header_too_long[] = "bad answer: header malformed or longer than 16384 bytes";
static const char not_valid[] = "connection broken: not valid TLS or WebSocket data";
static const char too_late[] = "no connection within 300 ms";
static const char too_long[] = "a message is longer than 65536 bytes";

static const attack attacks[] = {
    {.reason = too_late, .raw = never_speak, .by_time = true},
    {.reason = too_late, .raw = drip_a_handshake, .by_time = true},
    {.reason = too_late, .instead = wait_for_the_end, .by_time = true},
    {.reason = too_late, .instead = drip_an_answer, .by_time = true},
    {.reason = "HTTP 100 at upgrade", .instead = continue_for_ever},
    {.reason = "HTTP 302 at upgrade", .instead = redirect},
    {.reason = header_too_long, .instead = send_one_endless_header},
    {.reason = header_too_long, .instead = send_headers_for_ever},
    {.reason = "bad answer: Accept hash wrong", .instead = answer_another_key},
    {.reason = "bad answer: EXT: unknown ext", .instead = force_compression},
    {.reason = "bad answer: PROTOCOL malformed", .instead = force_a_protocol},
    {.reason = not_valid, .script = send_compressed},
    {.reason = too_long, .script = announce_too_much},
    {.reason = not_valid, .script = announce_a_negative_length},
    {.reason = too_long, .script = flood_fragments},
    {.reason = not_valid, .script = ping_too_long},
    {.reason = not_valid, .script = continue_nothing},
};
enum { ATTACKS = sizeof attacks / sizeof attacks[0] };

typedef struct {
    peer_host host;
    client client;
} enemy;

/// A stream of `net` to a peer that does its worst on each of `connections`.
/// `backoff_ms`: between its lives, 0 = as configured by default.
static nt_status open_enemy(enemy *enemy, const attack *attack, nt_net *net, int connections,
                            uint32_t backoff_ms) {
    memset(enemy, 0, sizeof *enemy);
    enemy->host = (peer_host){.connections = connections,
                              .raw = attack->raw,
                              .instead = attack->instead,
                              .script = attack->script};
    peer_start(&enemy->host);
    client *client = &enemy->client;
    client->net = net;
    prepare(client, enemy->host.port);
    client->config.max_message = 65536;
    client->config.connect_timeout_ms = attack->by_time ? 300 : PATIENCE_MS;
    client->config.reconnect = connections > 1;
    client->config.backoff_min_ms = client->config.backoff_max_ms = backoff_ms;
    return nt_stream_open(net, &client->config, &client->stream);
}

// Streams beside them.

enum { GOOD = 4 };

static bool open_good(nt_net *net, client *clients, int count, uint16_t port) {
    memset(clients, 0, (size_t)count * sizeof *clients);
    for (int i = 0; i < count; i++) {
        clients[i].net = net;
        prepare(&clients[i], port);
        if (nt_stream_open(net, &clients[i].config, &clients[i].stream) != NT_OK) return false;
    }
    for (int i = 0; i < count; i++) turn_until(&clients[i], &clients[i].opened, 1);
    for (int i = 0; i < count; i++)
        if (clients[i].opened != 1) return false;
    return true;
}

/// Each says something and waits for its echo.
static bool talk_once(client *clients, int count) {
    for (int i = 0; i < count; i++)
        if (send_text(clients[i].stream, "tick") != NT_OK) return false;
    int wanted = clients[0].messages + 1;
    for (int i = 0; i < count; i++) turn_until(&clients[i], &clients[i].messages, wanted);
    for (int i = 0; i < count; i++)
        if (clients[i].messages != wanted || clients[i].opened != 1) return false;
    return true;
}

static const char *suffer(const attack *attack, bool refuse_ring) {
    static enemy enemy;
    static client good[GOOD];
    nt_server *server = start_echo(true);
    nt_net *net = make_net(GOOD + 1, refuse_ring);
    const char *problem = NULL;
    if (!open_good(net, good, GOOD, nt_server_port(server))) problem = "no good stream";
    if (open_enemy(&enemy, attack, net, 1, 20) != NT_OK) problem = "no enemy";
    int64_t end = now_ms() + PATIENCE_MS;
    while (problem == NULL && enemy.client.closed == 0 && now_ms() < end)
        if (!talk_once(good, GOOD)) problem = "a good stream lost something";
    if (problem == NULL && strcmp(enemy.client.reason, attack->reason) != 0)
        problem = enemy.client.reason;
    if (problem == NULL && enemy.client.messages != 0) problem = "it got a message through";
    // Refused by what was announced, not after gigabytes.
    if (problem == NULL && nt_stream_get_counters(enemy.client.stream).bytes_in > BIG)
        problem = "it was listened to for too long";
    nt_net_destroy(net);
    peer_stop(&enemy.host);
    nt_server_stop(server);
    return problem;
}

BOTH(hostile, each_ends_in_a_named_reason) {
    int before = open_descriptors();
    for (int i = 0; i < ATTACKS; i++) {
        const char *problem = suffer(&attacks[i], refuse_ring);
        EXPECT_TEXT(problem == NULL ? attacks[i].reason : problem, attacks[i].reason);
    }
    EXPECT_EQ(open_descriptors(), before);
}

// One net, fifty streams, every attack at the same time and again and again.

enum { FRIENDS = 50 - ATTACKS, ROUNDS = 100 };

BOTH(hostile, many_at_once_cost_the_others_no_message) {
    static enemy enemies[ATTACKS];
    static client good[FRIENDS];
    nt_server *server = start_echo(true);
    nt_net *net = make_net(50, refuse_ring);
    EXPECT(open_good(net, good, FRIENDS, nt_server_port(server)));
    for (int i = 0; i < ATTACKS; i++)
        EXPECT_EQ(open_enemy(&enemies[i], &attacks[i], net, 1000000, 20), NT_OK);
    for (int i = 0; i < ROUNDS; i++) EXPECT(talk_once(good, FRIENDS));
    for (int i = 0; i < ATTACKS; i++) {
        turn_until(&enemies[i].client, &enemies[i].client.waiting, 2);
        EXPECT(enemies[i].client.waiting >= 2); // It was there, was refused, and came again.
    }
    EXPECT(talk_once(good, FRIENDS));
    for (int i = 0; i < ATTACKS; i++) nt_stream_close(enemies[i].client.stream);
    turn_for(net, 20);
    nt_net_destroy(net);
    for (int i = 0; i < ATTACKS; i++) peer_stop(&enemies[i].host);
    nt_server_stop(server);
}

// What an enemy costs a good stream beside it in time. Figures for docs/connections.md, no test:
// NEEDLETAIL_MEASURE=1 unit_tests hostile.measure

enum { TRIPS = 10000, TURNS = 4 };

static int64_t trip_ns(client *client) {
    nt_clock clock = nt_clock_system();
    int64_t begin = nt_now(&clock);
    return talk_once(client, 1) ? nt_now(&clock) - begin : INT64_MAX;
}

static void show_cost(const char *reason, nt_histogram *alone, nt_histogram *beside) {
    printf("%-56s p50 %6.1f %6.1f  p99 %6.1f %6.1f us\n", reason,
           (double)nt_histogram_percentile(alone, 50) / 1e3,
           (double)nt_histogram_percentile(beside, 50) / 1e3,
           (double)nt_histogram_percentile(alone, 99) / 1e3,
           (double)nt_histogram_percentile(beside, 99) / 1e3);
}

static void measure_one(const attack *attack, client *good, nt_net *net) {
    static enemy enemy;
    nt_histogram *times[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) EXPECT_EQ(nt_histogram_create(&times[i]), NT_OK);
    for (int turn = 0; turn < TURNS; turn++) {
        bool beside = turn % 2 == 1;
        if (beside) EXPECT_EQ(open_enemy(&enemy, attack, net, 1000000, 0), NT_OK);
        for (int i = 0; i < TRIPS; i++) nt_histogram_record(times[beside], trip_ns(good));
        if (!beside) continue;
        nt_stream_close(enemy.client.stream);
        turn_for(net, 50);
        peer_stop(&enemy.host);
    }
    show_cost(attack->reason, times[0], times[1]);
    for (int i = 0; i < 2; i++) nt_histogram_destroy(times[i]);
}

BOTH(hostile, measure) {
    if (getenv("NEEDLETAIL_MEASURE") == NULL) SKIP("measures when asked to");
    static client good;
    nt_server *server = start_echo(true);
    nt_net *net = make_net(2 + ATTACKS * TURNS, refuse_ring);
    EXPECT(open_good(net, &good, 1, nt_server_port(server)));
    puts(refuse_ring ? "poll: alone, beside" : "io_uring: alone, beside");
    for (int i = 0; i < ATTACKS; i++) measure_one(&attacks[i], &good, net);
    nt_net_destroy(net);
    nt_server_stop(server);
}

static void look_for_a_visitor(peer *peer) { atomic_store((atomic_bool *)peer->context, true); }

BOTH(hostile, a_redirect_leads_nowhere) {
    atomic_bool visited = false;
    peer_host elsewhere = {.connections = 1, .raw = look_for_a_visitor, .context = &visited};
    peer_start(&elsewhere);
    int port = elsewhere.port;
    peer_host host = {.connections = 1, .instead = redirect, .context = &port};
    peer_start(&host);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, host.port);
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "HTTP 302 at upgrade");
    turn_for(client.net, 50);
    nt_net_destroy(client.net);
    peer_stop(&host);
    peer_stop(&elsewhere);
    EXPECT(!atomic_load(&visited));
}

// We offer no extension, so that no bomb of compressed bytes can come.

static void note_extensions(peer *peer) {
    if (strcasestr(peer->request, "sec-websocket-extensions") != NULL)
        atomic_store((atomic_bool *)peer->context, true);
    peer_answer(peer, "");
    wait_for_the_end(peer);
}

BOTH(hostile, no_extension_is_ever_offered) {
    atomic_bool offered = false;
    peer_host host = {.connections = 1, .instead = note_extensions, .context = &offered};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT(!atomic_load(&offered));
}

// Bytes that come, but never a whole message: the clock is turned by hand.

static void drip_a_frame(peer *peer) {
    peer_write(peer, "\x81\x7e\xff\x00", 4);
    drip(peer, "x", 1);
}

static void drip_fragments(peer *peer) {
    peer_frame(peer, 0x01, "a", 1);
    drip(peer, "\0\1b", 3);
}

/// Lets the clock go only while bytes come, so that it is never silence.
static bool hears(client *client, hands *hands, int64_t step_ns) {
    uint64_t before = nt_stream_get_counters(client->stream).bytes_in;
    int64_t end = now_ms() + PATIENCE_MS;
    while (nt_stream_get_counters(client->stream).bytes_in == before && client->closed == 0) {
        if (now_ms() > end) return false;
        nt_net_turn(client->net, 1000000);
    }
    hands->stands_at_ns += step_ns;
    return true;
}

static const char *drip_reason(void (*script)(peer *), bool refuse_ring) {
    static client client;
    peer_host host = {.connections = 1, .script = script};
    peer_start(&host);
    hands hands = stopped_now();
    client = (struct client){.net = make_net_at(&hands, refuse_ring)};
    prepare(&client, host.port);
    client.config.silence_timeout_ms = 1000;
    if (nt_stream_open(client.net, &client.config, &client.stream) != NT_OK) return "not opened";
    turn_until(&client, &client.opened, 1);
    int steps = 0;
    while (client.closed == 0 && steps < 100 && hears(&client, &hands, 100 * MS)) steps++;
    destroy_net_at(&hands, client.net);
    peer_stop(&host);
    if (client.messages != 0) return "a message came";
    return steps < 10 ? "ended too early" : client.reason;
}

BOTH(hostile, a_frame_that_drips_for_ever_is_cut) {
    EXPECT_TEXT(drip_reason(drip_a_frame, refuse_ring), "data, but no whole message for 1000 ms");
}

BOTH(hostile, a_message_of_endless_fragments_is_cut) {
    EXPECT_TEXT(drip_reason(drip_fragments, refuse_ring), "data, but no whole message for 1000 ms");
}

static void drip_pings(peer *peer) { drip(peer, "\x89\0", 2); }

/// A peer that only pings is alive for the connection; that its market is dead, the lane notices.
BOTH(hostile, pings_alone_keep_a_stream_alive) {
    peer_host host = {.connections = 1, .script = drip_pings};
    peer_start(&host);
    hands hands = stopped_now();
    client client = {.net = make_net_at(&hands, refuse_ring)};
    prepare(&client, host.port);
    client.config.silence_timeout_ms = 1000;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    for (int i = 0; i < 30; i++) EXPECT(hears(&client, &hands, 100 * MS));
    EXPECT_EQ(nt_stream_get_state(client.stream), NT_STREAM_OPEN);
    EXPECT(nt_stream_get_counters(client.stream).pings_in >= 5);
    destroy_net_at(&hands, client.net);
    peer_stop(&host);
}

/// Never reads what we answer, so that our answers pile up.
static void ping_without_reading(peer *peer) {
    ending *ending = peer->context;
    char pings[127 * 100], payload[125] = {0};
    size_t length = 0;
    for (int i = 0; i < 100; i++)
        length += make_frame(pings + length, 0x89, payload, sizeof payload);
    struct timeval limit = {.tv_usec = 200000};
    setsockopt(peer->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    for (int i = 0; i < 1000 && peer_write(peer, pings, length); i++) ending->pings += 100;
    atomic_store(&ending->received, 1);
    while (!atomic_load(&ending->may_read)) pause_ms(1);
}

/// The wire's own memory is fixed; this is what libwebsockets and OpenSSL keep beyond it.
BOTH(hostile, endless_pings_fill_no_memory) {
    ending ending = {0};
    peer_host host = {.connections = 1, .script = ping_without_reading, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    size_t before = heap_in_use();
    int64_t end = now_ms() + PATIENCE_MS;
    while (atomic_load(&ending.received) == 0 && now_ms() < end) nt_net_turn(client.net, 1000000);
    EXPECT(heap_in_use() < before + 256 * 1024);
    EXPECT_EQ(nt_stream_get_state(client.stream), NT_STREAM_OPEN);
    atomic_store(&ending.may_read, true);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.closed, 1);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT(ending.pings >= 100);
}
