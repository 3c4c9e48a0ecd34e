// net_ring_test.c — io_uring short of everything: buffers, completions, and a fair turn for all.
// It looks into the net's own counters, to know that the shortage was real.
#include "net/net_private.h"

#include "net_client.h"

static nt_net *make_small_net(uint32_t streams, uint32_t buffers, uint32_t completions) {
    nt_net_config config = {.max_streams = streams,
                            .clock = nt_clock_system(),
                            .random = nt_random_seeded(7),
                            .receive_buffers = buffers,
                            .completions = completions};
    nt_net *net = NULL;
    return nt_net_create(&config, &net) == NT_OK ? net : NULL;
}

static bool open_on(nt_net *net, client *client, uint16_t port) {
    client->net = net;
    prepare(client, port);
    if (nt_stream_open(net, &client->config, &client->stream) != NT_OK) return false;
    turn_until(client, &client->opened, 1);
    return client->opened == 1;
}

// A flood: written while the client looks away, so that all of it waits in the kernel.

typedef struct {
    int messages, size;
    bool leave; ///< Hang up behind the last one.
    bool reset; ///< … with a reset.
    atomic_bool may_send, sent;
} flood;

static void write_flood(peer *peer) {
    static char block[16384];
    flood *flood = peer->context;
    while (!atomic_load(&flood->may_send)) pause_ms(1);
    for (int i = 0; i < flood->messages; i++) {
        block[0] = (char)i;
        if (!peer_frame(peer, 0x81, block, (size_t)flood->size)) break;
    }
    atomic_store(&flood->sent, true);
    struct linger linger = {.l_onoff = 1};
    if (flood->reset) {
        pause_ms(20);
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
        close(peer->fd);
        peer->fd = -1;
    } else if (flood->leave) {
        shutdown(peer->fd, SHUT_RDWR);
    } else
        while (SSL_read(peer->ssl, block, sizeof block) > 0) continue;
}

static void let_it_come(flood *flood) {
    int64_t end = now_ms() + PATIENCE_MS;
    atomic_store(&flood->may_send, true);
    while (!atomic_load(&flood->sent) && now_ms() < end) pause_ms(1);
    pause_ms(flood->reset ? 40 : 5); // From the peer's socket to ours.
}

/// In one turn, behind a flood of 200 kB, a second stream's message must come through, and of the
/// flood no more than its share.
BOTH(ring, a_flood_leaves_the_turn_to_others) {
    flood loud = {.messages = 50, .size = 4000}, quiet = {.messages = 1, .size = 10};
    peer_host hosts[2] = {{.connections = 1, .script = write_flood, .context = &loud},
                          {.connections = 1, .script = write_flood, .context = &quiet}};
    client clients[2] = {0};
    nt_net *net = make_net(2, refuse_ring);
    for (int i = 0; i < 2; i++) {
        peer_start(&hosts[i]);
        EXPECT(open_on(net, &clients[i], hosts[i].port));
    }
    turn_for(net, 20);
    let_it_come(&loud);
    let_it_come(&quiet);
    uint64_t before = nt_stream_get_counters(clients[0].stream).bytes_in;
    nt_net_turn(net, 0);
    uint64_t taken = nt_stream_get_counters(clients[0].stream).bytes_in - before;
    EXPECT_EQ(clients[1].messages, 1);
    EXPECT(taken > 0 && taken <= 2 * (uint64_t)NT_CLIENT_BUFFER);
    EXPECT(clients[0].messages < loud.messages);
    turn_until(&clients[0], &clients[0].messages, loud.messages);
    EXPECT_EQ(clients[0].messages, loud.messages);
    EXPECT_EQ(clients[0].bytes, 50 * 4000);
    nt_net_destroy(net);
    for (int i = 0; i < 2; i++) peer_stop(&hosts[i]);
}

static const char *hear_a_flood_and_its_end(flood *flood, bool refuse_ring) {
    static client client;
    memset(&client, 0, sizeof client);
    peer_host host = {.connections = 1, .script = write_flood, .context = flood};
    peer_start(&host);
    if (!connect_to(&client, host.port, refuse_ring)) return "not connected";
    turn_for(client.net, 20);
    let_it_come(flood);
    turn_until(&client, &client.closed, 1);
    nt_net_destroy(client.net);
    peer_stop(&host);
    return client.messages == flood->messages ? client.reason : "messages are missing";
}

BOTH(ring, a_flood_is_handed_out_before_its_end) {
    flood flood = {.messages = 20, .size = 4000, .leave = true};
    EXPECT_TEXT(hear_a_flood_and_its_end(&flood, refuse_ring),
                "peer hung up without a close frame");
}

BOTH(ring, a_flood_is_handed_out_before_its_reset) {
    flood flood = {.messages = 20, .size = 4000, .reset = true};
    EXPECT_TEXT(hear_a_flood_and_its_end(&flood, refuse_ring),
                "connection lost: Connection reset by peer");
}

/// The stream is restarted, then the net destroyed, while received buffers still wait.
TEST(ring, held_buffers_come_back_when_nobody_wants_them) {
    flood flood = {.messages = 50, .size = 4000};
    peer_host host = {.connections = 2, .script = write_flood, .context = &flood};
    peer_start(&host);
    int before = open_descriptors();
    client client = {0};
    client.config.reconnect = true;
    nt_net *net = make_small_net(1, 16, 0);
    client.net = net;
    prepare(&client, host.port);
    client.config.reconnect = true;
    EXPECT_EQ(nt_stream_open(net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    turn_for(net, 20);
    let_it_come(&flood);
    nt_net_turn(net, 0);
    EXPECT(net->uring.held_count > 0);
    nt_stream_restart(client.stream, "data known to be bad");
    int messages = client.messages;
    turn_until(&client, &client.opened, 2);
    EXPECT_EQ(net->uring.held_count, 0);
    EXPECT(client.messages >= messages);
    for (int i = 0; i < 1000 && net->uring.held_count == 0; i++) nt_net_turn(net, 1000000);
    nt_net_destroy(net);
    peer_stop(&host);
    EXPECT_EQ(open_descriptors(), before - 1); // The listener.
}

// Too few buffers, too few completions.

TEST(ring, a_lack_of_buffers_loses_nothing) {
    flood floods[2] = {{.messages = 10000, .size = 200}, {.messages = 10000, .size = 200}};
    peer_host hosts[2];
    client clients[2] = {0};
    nt_net *net = make_small_net(2, 4, 0);
    EXPECT(net != NULL);
    for (int i = 0; i < 2; i++) {
        hosts[i] = (peer_host){.connections = 1, .script = write_flood, .context = &floods[i]};
        peer_start(&hosts[i]);
        EXPECT(open_on(net, &clients[i], hosts[i].port));
        atomic_store(&floods[i].may_send, true);
    }
    pause_ms(50); // More than four buffers' worth gathers in the sockets.
    for (int i = 0; i < 2; i++) turn_until(&clients[i], &clients[i].messages, 10000);
    for (int i = 0; i < 2; i++) EXPECT_EQ(clients[i].messages, 10000);
    EXPECT(net->uring.starved > 0);
    nt_net_destroy(net);
    for (int i = 0; i < 2; i++) peer_stop(&hosts[i]);
}

enum { CROWD = 20, ROUNDS = 200 };

TEST(ring, an_overflow_of_completions_loses_nothing) {
    nt_server *server = start_echo(true);
    static client clients[CROWD];
    memset(clients, 0, sizeof clients);
    nt_net *net = make_small_net(CROWD, 64, 8);
    EXPECT(net != NULL);
    for (int i = 0; i < CROWD; i++) EXPECT(open_on(net, &clients[i], nt_server_port(server)));
    turn_for(net, 20);
    uint64_t before = net->uring.rearmed;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CROWD; i++) EXPECT_EQ(send_text(clients[i].stream, "tick"), NT_OK);
        if (round % 10 == 0) pause_ms(5); // All echoes wait before the queue is looked at.
        nt_net_turn(net, 0);
    }
    for (int i = 0; i < CROWD; i++) turn_until(&clients[i], &clients[i].messages, ROUNDS);
    for (int i = 0; i < CROWD; i++) EXPECT_EQ(clients[i].messages, ROUNDS);
    EXPECT(net->uring.rearmed > before);
    nt_net_destroy(net);
    nt_server_stop(server);
}

TEST(ring, sizes_must_be_powers_of_two) {
    EXPECT(make_small_net(1, 3, 0) == NULL);
    EXPECT(make_small_net(1, 0, 8192) == NULL);
    EXPECT(strstr(nt_last_error(), "powers of two") != NULL);
}

// The end of a net whose receives are armed.

BOTH(ring, a_net_ends_while_it_waits_for_bytes) {
    int before = open_descriptors();
    nt_server *server = start_echo(true);
    client clients[3] = {0};
    nt_net *net = make_net(3, refuse_ring);
    for (int i = 0; i < 3; i++) EXPECT(open_on(net, &clients[i], nt_server_port(server)));
    turn_for(net, 20);
    for (int i = 0; i < 3; i++) EXPECT(refuse_ring || clients[i].stream->wire->receiving);
    nt_net_destroy(net);
    nt_server_stop(server);
    EXPECT_EQ(open_descriptors(), before);
}

BOTH(ring, a_net_ends_while_it_connects) {
    int before = open_descriptors();
    int listener;
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, listen_anywhere(&listener));
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_for(client.net, 20);
    nt_net_destroy(client.net);
    close(listener);
    EXPECT_EQ(open_descriptors(), before);
}
