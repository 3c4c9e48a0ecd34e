// net_wire_test.c — how connections end, and what they leave behind, on both kinds.
#include "net_client.h"

static void close_politely(peer *peer) {
    peer_text(peer, "last words");
    peer_close(peer, 1001, "maintenance");
    read_ending(peer);
}

FOUR(wire, answers_a_close_frame) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = close_politely, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.last, "last words");
    EXPECT_TEXT(client.reason, "peer closed: 1001 maintenance");
    turn_for(client.net, 50);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.close_code, 1001);
    if (!refuse_ring) EXPECT(ending.said_goodbye); // libwebsockets alone never says it.
}

static void close_and_leave(peer *peer) {
    peer_close(peer, 1000, "");
    shutdown(peer->fd, SHUT_RDWR);
}

FOUR(wire, understands_a_close_frame_with_the_end_behind_it) {
    peer_host host = {.tls = tls, .connections = 1, .script = close_and_leave};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "peer closed: 1000");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void talk_and_vanish(peer *peer) {
    for (int i = 0; i < 200; i++) peer_text(peer, "still here");
    shutdown(peer->fd, SHUT_RDWR);
}

FOUR(wire, notices_an_end_without_goodbye) {
    peer_host host = {.tls = tls, .connections = 1, .script = talk_and_vanish};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.messages, 200);
    EXPECT_TEXT(client.reason, "peer hung up without a close frame");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void goodbye_without_frame(peer *peer) {
    SSL_shutdown(peer->ssl);
    shutdown(peer->fd, SHUT_RDWR);
}

FOUR(wire, notices_a_goodbye_without_close_frame) {
    peer_host host = {.tls = tls, .connections = 1, .script = goodbye_without_frame};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "peer hung up without a close frame");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void reset_connection(peer *peer) {
    struct linger linger = {.l_onoff = 1};
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    pause_ms(20);
    close(peer->fd);
    peer->fd = -1;
}

FOUR(wire, notices_a_reset) {
    peer_host host = {.tls = tls, .connections = 1, .script = reset_connection};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "connection lost: Connection reset by peer");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void send_rubbish(peer *peer) {
    peer_write(peer, "\xff\xff\xff\xff\xff", 5);
    read_ending(peer);
}

FOUR(wire, drops_a_peer_that_breaks_the_protocol) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = send_rubbish, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "connection broken: not valid TLS or WebSocket data");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void say_nothing_at_first(peer *peer) {
    if (peer->number == 1) peer_text(peer, "awake");
    read_ending(peer);
}

BOTH(wire, connects_again_after_silence) {
    ending ending = {0};
    peer_host host = {.connections = 2, .script = say_nothing_at_first, .context = &ending};
    peer_start(&host);
    hands hands = stopped_now();
    client client = {.net = make_net_at(&hands, refuse_ring)};
    prepare(&client, host.port);
    client.config.silence_timeout_ms = 200;
    client.config.backoff_min_ms = client.config.backoff_max_ms = 20;
    client.config.reconnect = true;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    hands.stands_at_ns += 199 * MS;
    turn_for(client.net, 20);
    EXPECT_EQ(client.waiting, 0);
    hands.stands_at_ns += 11 * MS; // Its timers look every 10 ms.
    turn_until(&client, &client.waiting, 1);
    EXPECT_TEXT(client.reason, "no data for 200 ms");
    hands.stands_at_ns += 20 * MS; // The back-off.
    turn_until(&client, &client.messages, 1);
    EXPECT_TEXT(client.last, "awake");
    EXPECT_EQ(client.opened, 2);
    destroy_net_at(&hands, client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.pings, 1); // It was asked before it was given up.
}

static void answer_pings(peer *peer) {
    ending *ending = peer->context;
    char payload[256];
    for (;;) {
        size_t length = sizeof payload;
        int opcode = peer_next(peer, payload, &length);
        if (opcode < 0) break;
        if (opcode != 9) continue;
        ending->pings++;
        peer_frame(peer, 0x8a, payload, length);
    }
}

BOTH(wire, asks_a_silent_peer_with_a_ping) {
    ending ending = {0};
    peer_host host = {.connections = 1, .script = answer_pings, .context = &ending};
    peer_start(&host);
    hands hands = stopped_now();
    client client = {.net = make_net_at(&hands, refuse_ring)};
    prepare(&client, host.port);
    client.config.silence_timeout_ms = 300;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    for (int i = 0; i < 5; i++) { // Pongs are data: the stream lives on.
        uint64_t before = nt_stream_get_counters(client.stream).bytes_in;
        hands.stands_at_ns += 150 * MS;
        int64_t end = now_ms() + PATIENCE_MS;
        while (nt_stream_get_counters(client.stream).bytes_in == before && now_ms() < end)
            nt_net_turn(client.net, 1000000);
        EXPECT_EQ(nt_stream_get_state(client.stream), NT_STREAM_OPEN);
    }
    destroy_net_at(&hands, client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.pings, 5);
}

static void ping_ten_times(peer *peer) {
    ending *ending = peer->context;
    char payload[256];
    for (int i = 0; i < 10; i++) peer_frame(peer, 0x89, "are you there", 13);
    while (ending->pongs < 10) {
        size_t length = sizeof payload;
        int opcode = peer_next(peer, payload, &length);
        if (opcode != 10 || length != 13) break;
        ending->pongs++;
    }
    peer_close(peer, 1000, "");
    read_ending(peer);
}

// libwebsockets reading for itself answers one ping of a burst and drops the others.
TEST(wire, answers_pings_of_a_burst_by_ring) {
    ending ending = {0};
    peer_host host = {.connections = 1, .script = ping_ten_times, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, false));
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(nt_stream_get_counters(client.stream).pings_in, 10);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.pongs, 10);
}

static void ping_one_by_one(peer *peer) {
    ending *ending = peer->context;
    char payload[256];
    for (int i = 0; i < 10; i++) {
        size_t length = sizeof payload;
        peer_frame(peer, 0x89, "ping", 4);
        if (peer_next(peer, payload, &length) == 10) ending->pongs++;
    }
    peer_close(peer, 1000, "");
    read_ending(peer);
}

FOUR(wire, answers_each_ping) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = ping_one_by_one, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(nt_stream_get_counters(client.stream).pings_in, 10);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.pongs, 10);
}

// Many lives, many streams.

BOTH(wire, connects_again_two_hundred_times_and_leaks_nothing) {
    nt_server *server = start_echo(true);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    int before = open_descriptors();
    client.config.reconnect = true;
    nt_stream *stream = NULL;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &stream), NT_OK);
    for (int i = 0; i < 200; i++) {
        turn_until(&client, &client.opened, i + 1);
        EXPECT_EQ(client.opened, i + 1);
        EXPECT_EQ(send_text(stream, "hello"), NT_OK);
        turn_until(&client, &client.messages, i + 1);
        EXPECT_EQ(client.messages, i + 1);
        nt_stream_restart(stream, "test");
    }
    turn_until(&client, &client.opened, 201);
    nt_stream_close(stream);
    int64_t end = now_ms() + PATIENCE_MS;
    while (open_descriptors() > before && now_ms() < end) nt_net_turn(client.net, 1000000);
    EXPECT_EQ(open_descriptors(), before);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(wire, may_be_ended_from_its_own_callbacks) {
    nt_server *server = start_echo(true);
    client client = {.net = make_net(2, refuse_ring), .greet = true, .restarts = 5, .close = true};
    prepare(&client, nt_server_port(server));
    client.config.reconnect = true;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.opened, 6);
    EXPECT_EQ(client.waiting, 5);
    EXPECT_EQ(client.messages, 6);
    EXPECT_TEXT(client.reason, "closed by us");
    turn_for(client.net, 50);
    EXPECT_EQ(client.opened, 6);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(wire, backs_off_between_attempts) {
    int listener;
    uint16_t port = listen_anywhere(&listener);
    close(listener);
    hands hands = stopped_now();
    client client = {.net = make_net_at(&hands, refuse_ring)};
    prepare(&client, port);
    client.config.reconnect = true;
    client.config.backoff_min_ms = 10;
    client.config.backoff_max_ms = 80;
    const int64_t longest_ms[] = {10, 20, 40, 80, 80, 80};
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    for (int i = 0; i < 6; i++) {
        turn_until(&client, &client.waiting, i + 1);
        turn_for(client.net, 10); // Whatever the load: not before its time.
        EXPECT_EQ(client.waiting, i + 1);
        EXPECT_EQ(nt_stream_get_state(client.stream), NT_STREAM_WAITING);
        hands.stands_at_ns += longest_ms[i] * MS;
    }
    turn_until(&client, &client.waiting, 7);
    nt_stream_close(client.stream);
    hands.stands_at_ns += 1000 * (int64_t)MS;
    turn_for(client.net, 20);
    EXPECT_EQ(client.waiting, 7);
    destroy_net_at(&hands, client.net);
}

enum { MANY = 50, EACH = 200 };

BOTH(wire, carries_fifty_streams) {
    nt_server *server = start_echo(true);
    nt_net *net = make_net(MANY, refuse_ring);
    static client clients[MANY];
    memset(clients, 0, sizeof clients);
    for (int i = 0; i < MANY; i++) {
        clients[i].net = net;
        prepare(&clients[i], nt_server_port(server));
        EXPECT_EQ(nt_stream_open(net, &clients[i].config, &clients[i].stream), NT_OK);
    }
    for (int i = 0; i < MANY; i++) turn_until(&clients[i], &clients[i].opened, 1);
    for (int round = 0; round < EACH; round++) {
        for (int i = 0; i < MANY; i++) EXPECT_EQ(send_text(clients[i].stream, "tick"), NT_OK);
        nt_net_turn(net, 0);
    }
    for (int i = 0; i < MANY; i++) turn_until(&clients[i], &clients[i].messages, EACH);
    for (int i = 0; i < MANY; i++) EXPECT_EQ(clients[i].messages, EACH);
    nt_net_destroy(net);
    nt_server_stop(server);
}
