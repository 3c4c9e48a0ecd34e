// net_address_test.c — a venue that moves: several addresses, one after the other, and changed
// lists. The addresses are loopback's own: 127.0.0.1, 127.0.0.2, …
#include "net_client.h"

/// An echo server at one of loopback's addresses; port 0: any free one.
static nt_server *start_at(const char *address, uint16_t port) {
    nt_server_config config = {.certificate_file = certificate_path("server.pem"),
                               .key_file = certificate_path("server.key"),
                               .address = address,
                               .port = port,
                               .max_body = 1024,
                               .max_peers = 16,
                               .tick_ms = 100,
                               .on_open = welcome,
                               .on_message = echo};
    nt_server *server = NULL;
    return nt_server_start(&config, &server) == NT_OK ? server : NULL;
}

static bool open_at(client *client, const char *address, uint16_t port, bool refuse_ring) {
    client->net = make_net(1, refuse_ring);
    prepare(client, port);
    client->config.address = address;
    client->config.reconnect = true;
    client->config.backoff_min_ms = client->config.backoff_max_ms = 1;
    return nt_stream_open(client->net, &client->config, &client->stream) == NT_OK;
}

BOTH(address, follows_a_venue_that_moved) {
    nt_server *server = start_at("127.0.0.1", 0);
    uint16_t port = nt_server_port(server);
    client client = {0};
    EXPECT(open_at(&client, "127.0.0.1", port, refuse_ring));
    turn_until(&client, &client.opened, 1);
    EXPECT_TEXT(nt_stream_address(client.stream), "127.0.0.1");
    nt_server_stop(server);
    server = start_at("127.0.0.2", port);
    EXPECT(server != NULL);
    turn_until(&client, &client.waiting, 3); // Nobody there any more.
    EXPECT_EQ(client.opened, 1);
    nt_addresses moved = {.count = 1, .text = {"127.0.0.2"}};
    nt_stream_set_addresses(client.stream, &moved);
    turn_until(&client, &client.opened, 2);
    EXPECT_EQ(client.opened, 2);
    EXPECT_TEXT(nt_stream_address(client.stream), "127.0.0.2");
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(address, tries_the_next_when_one_refuses) {
    nt_server *server = start_at("127.0.0.3", 0);
    client client = {0};
    EXPECT(open_at(&client, "127.0.0.1", nt_server_port(server), refuse_ring));
    nt_addresses three = {.count = 3, .text = {"127.0.0.1", "127.0.0.2", "127.0.0.3"}};
    nt_stream_set_addresses(client.stream, &three);
    turn_until(&client, &client.opened, 1);
    EXPECT_EQ(client.opened, 1);
    EXPECT_EQ(client.waiting, 2); // One failure for each of the two before it.
    EXPECT_TEXT(nt_stream_address(client.stream), "127.0.0.3");
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(address, leaves_an_open_connection_alone) {
    nt_server *server = start_at("127.0.0.1", 0);
    client client = {0};
    EXPECT(open_at(&client, "127.0.0.1", nt_server_port(server), refuse_ring));
    turn_until(&client, &client.opened, 1);
    nt_addresses others = {.count = 2, .text = {"127.0.0.9", "127.0.0.1"}};
    nt_stream_set_addresses(client.stream, &others);
    EXPECT_EQ(send_text(client.stream, "still here"), NT_OK);
    turn_until(&client, &client.messages, 1);
    EXPECT_TEXT(client.last, "still here");
    EXPECT_EQ(nt_stream_get_counters(client.stream).disconnects, 0);
    EXPECT_TEXT(nt_stream_address(client.stream), "127.0.0.1");
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(address, keeps_what_it_has_when_told_nothing_usable) {
    client client = {0};
    EXPECT(open_at(&client, "127.0.0.1", 9, refuse_ring));
    nt_addresses none = {0};
    nt_stream_set_addresses(client.stream, &none);
    EXPECT_TEXT(nt_stream_address(client.stream), "127.0.0.1");
    nt_addresses bad = {.count = 2, .text = {"localhost", "999.0.0.1"}};
    nt_stream_set_addresses(client.stream, &bad);
    EXPECT_TEXT(nt_stream_address(client.stream), "127.0.0.1");
    nt_addresses mixed = {.count = 2, .text = {"nonsense", "::1"}};
    nt_stream_set_addresses(client.stream, &mixed);
    EXPECT_TEXT(nt_stream_address(client.stream), "::1");
    nt_net_destroy(client.net);
}

TEST(address, server_stays_on_loopback) {
    nt_server_config config = {.address = "0.0.0.0", .max_peers = 1, .tick_ms = 100};
    nt_server *server = NULL;
    EXPECT_EQ(nt_server_start(&config, &server), NT_INVALID);
    config.address = "127.0.0.300";
    EXPECT_EQ(nt_server_start(&config, &server), NT_INVALID);
}
