// net_stream_test.c — nt/stream.h: connecting, trust, frames of every shape, sending.
//
// Every test runs twice, with io_uring and without: one table for both kinds.
#include "net_client.h"

BOTH(stream, echoes_messages) {
    nt_server *server = start_echo(true);
    client client = {0};
    EXPECT(connect_to(&client, nt_server_port(server), refuse_ring));
    EXPECT_TEXT(nt_net_kind(client.net), refuse_ring ? "poll" : "io_uring");
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof text, "order %d", i);
        EXPECT_EQ(send_text(client.stream, text), NT_OK);
        turn_until(&client, &client.messages, i + 1);
        EXPECT_EQ(client.messages, i + 1);
        EXPECT_TEXT(client.last, text);
    }
    EXPECT_EQ(nt_stream_get_counters(client.stream).messages_out, 100);
    EXPECT(nt_stream_last_data_ns(client.stream) > 0);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, sends_as_soon_as_it_is_open) {
    nt_server *server = start_echo(true);
    client client = {.greet = true};
    EXPECT(connect_to(&client, nt_server_port(server), refuse_ring));
    turn_until(&client, &client.messages, 1);
    EXPECT_TEXT(client.last, "subscribe");
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, echoes_plain_text) {
    nt_server *server = start_echo(false);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.plain_text = true;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    for (int i = 0; i < 50; i++) {
        EXPECT_EQ(send_text(client.stream, "plain"), NT_OK);
        turn_until(&client, &client.messages, i + 1);
    }
    EXPECT_EQ(client.messages, 50);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, refuses_an_unknown_authority) {
    nt_server *server = start_echo(true);
    char other[TEMPORARY_PATH], ca[TEMPORARY_PATH + 16];
    EXPECT(make_temporary(other));
    EXPECT_EQ(nt_server_make_certificates(other), NT_OK);
    snprintf(ca, sizeof ca, "%s/ca.pem", other);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.ca_file = ca;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.closed, 1);
    EXPECT_EQ(client.opened, 0);
    EXPECT(strncmp(client.reason, "certificate not trusted: ", 25) == 0);
    nt_net_destroy(client.net);
    remove_temporary(other);
    nt_server_stop(server);
}

BOTH(stream, refuses_the_systems_store_for_our_authority) {
    nt_server *server = start_echo(true);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.ca_file = NULL;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.opened, 0);
    EXPECT(strncmp(client.reason, "certificate not trusted: ", 25) == 0);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, refuses_a_wrong_host_name) {
    nt_server *server = start_echo(true);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.host = "api.binance.com";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.opened, 0);
    EXPECT(strstr(client.reason, "certificate not trusted: ") != NULL);
    EXPECT(strcasestr(client.reason, "hostname mismatch") != NULL);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, trusts_an_address_in_the_certificate) {
    nt_server *server = start_echo(true);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.host = "127.0.0.1";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    EXPECT_EQ(client.opened, 1);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, says_who_refused_the_connection) {
    int listener;
    uint16_t port = listen_anywhere(&listener);
    close(listener);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, port);
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "connection refused by 127.0.0.1:%u", port);
    EXPECT_TEXT(client.reason, wanted);
    nt_net_destroy(client.net);
}

BOTH(stream, says_the_status_of_a_refused_upgrade) {
    nt_server *server = start_echo(true);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.path = "/forbidden";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "HTTP 403 at upgrade");
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

BOTH(stream, gives_up_a_connect_that_takes_too_long) {
    int listener;
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, listen_anywhere(&listener)); // The kernel accepts, nobody answers.
    client.config.connect_timeout_ms = 100;
    int before = open_descriptors();
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_TEXT(client.reason, "no connection within 100 ms");
    turn_for(client.net, 20);
    EXPECT_EQ(open_descriptors(), before);
    nt_net_destroy(client.net);
    close(listener);
}

BOTH(stream, refuses_a_bad_configuration) {
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, 443);
    nt_stream_config good = client.config;
    client.config.host = "::1";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_INVALID);
    client.config = good;
    client.config.address = "localhost";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_INVALID);
    client.config = good;
    client.config.ca_file = "/nonexistent/ca.pem";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_INVALID);
    EXPECT(strstr(nt_last_error(), "/nonexistent/ca.pem") != NULL);
    client.config = good;
    client.config.path = "/a b";
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_INVALID);
    EXPECT_EQ(nt_stream_open(client.net, &good, &client.stream), NT_OK);
    EXPECT_EQ(nt_stream_open(client.net, &good, &client.stream), NT_FULL);
    EXPECT_EQ(send_text(client.stream, "x"), NT_CLOSED);
    nt_net_destroy(client.net);
}

// Frames in every shape.

static void send_megabyte_in_pieces(peer *peer) {
    ending *ending = peer->context;
    static char block[BIG / 64];
    for (size_t i = 0; i < sizeof block; i++) block[i] = (char)('a' + i % 26);
    for (int i = 0; i < 64; i++) {
        int first = i == 0 ? 0x01 : i == 63 ? 0x80 : 0x00;
        peer_frame(peer, first, block, sizeof block);
        if (i % 8 == 7) peer_frame(peer, 0x89, "between", 7);
    }
    (void)ending;
    read_ending(peer);
}

FOUR(stream, joins_a_megabyte_of_fragments) {
    ending ending = {0};
    peer_host host = {
        .tls = tls, .connections = 1, .script = send_megabyte_in_pieces, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.messages, 1);
    EXPECT_EQ(client.bytes, BIG);
    uint64_t wanted = 0;
    for (int i = 0; i < BIG; i++) wanted = wanted * 31 + (uint64_t)('a' + i % (BIG / 64) % 26);
    EXPECT(client.checksum == wanted);
    turn_for(client.net, 20);
    nt_net_destroy(client.net);
    peer_stop(&host);
    if (!refuse_ring) EXPECT_EQ(ending.pongs, 8);
}

static void send_too_much(peer *peer) {
    static char block[4096];
    peer_frame(peer, 0x01, block, sizeof block);
    peer_frame(peer, 0x80, block, sizeof block);
    read_ending(peer);
}

BOTH(stream, refuses_a_message_that_is_too_long) {
    ending ending = {0};
    peer_host host = {.connections = 1, .script = send_too_much, .context = &ending};
    peer_start(&host);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, host.port);
    client.config.max_message = 8191;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.messages, 0);
    EXPECT_TEXT(client.reason, "a message is longer than 8191 bytes");
    turn_for(client.net, 30);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.close_code, 1009);
}

static void send_exactly(peer *peer) {
    static char block[100001];
    memset(block, 'e', sizeof block);
    peer_frame(peer, 0x81, block, 100000);
    peer_frame(peer, 0x81, block, 100001);
    read_ending(peer);
}

// One frame is larger than libwebsockets' buffer: it comes in pieces, the first of which tells.
FOUR(stream, takes_the_longest_message_and_not_a_byte_more) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = send_exactly, .context = &ending};
    peer_start(&host);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, host.port);
    client.config.max_message = 100000;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.closed, 1);
    EXPECT_EQ(client.messages, 1);
    EXPECT_EQ(client.bytes, 100000);
    EXPECT_TEXT(client.reason, "a message is longer than 100000 bytes");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void glue_three(peer *peer) {
    for (int i = 0; i < 3; i++)
        peer->glue_length += make_frame(peer->glue + peer->glue_length, 0x81, "glued", 5);
}

static void one_more(peer *peer) {
    peer_text(peer, "loose");
    read_ending(peer);
}

FOUR(stream, reads_frames_glued_to_the_upgrade) {
    ending ending = {0};
    peer_host host = {
        .tls = tls, .connections = 1, .before = glue_three, .script = one_more, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.messages, 4);
    EXPECT_EQ(client.messages, 4);
    EXPECT_TEXT(client.last, "loose");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void glue_half(peer *peer) {
    char frame[128];
    size_t length = make_frame(frame, 0x81, "one half here and one there", 27);
    memcpy(peer->glue, frame, 10);
    peer->glue_length = 10;
    (void)length;
}

static void other_half(peer *peer) {
    char frame[128];
    size_t length = make_frame(frame, 0x81, "one half here and one there", 27);
    pause_ms(10);
    peer_write(peer, frame + 10, length - 10);
    read_ending(peer);
}

FOUR(stream, reads_half_a_frame_glued_to_the_upgrade) {
    ending ending = {0};
    peer_host host = {.tls = tls,
                      .connections = 1,
                      .before = glue_half,
                      .script = other_half,
                      .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.messages, 1);
    EXPECT_TEXT(client.last, "one half here and one there");
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void dribble(peer *peer) {
    static char frame[20100], payload[20000];
    memset(payload, 'd', sizeof payload);
    size_t length = make_frame(frame, 0x81, payload, sizeof payload);
    for (size_t at = 0; at < length; at += 7)
        SSL_write(peer->ssl, frame + at, (int)(length - at < 7 ? length - at : 7));
    read_ending(peer);
}

FOUR(stream, reads_one_frame_from_many_records) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = dribble, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.messages, 1);
    EXPECT_EQ(client.messages, 1);
    EXPECT_EQ(client.bytes, 20000);
    nt_net_destroy(client.net);
    peer_stop(&host);
}

enum { RECORDS = 20, FRAMES_A_RECORD = 1334 }; // 26,680 frames of 12 bytes.

static void send_tiny_frames(peer *peer) {
    static char record[FRAMES_A_RECORD * 12];
    for (int i = 0; i < RECORDS; i++) {
        size_t length = 0;
        for (int j = 0; j < FRAMES_A_RECORD; j++) {
            char text[16];
            snprintf(text, sizeof text, "%010d", i * FRAMES_A_RECORD + j);
            length += make_frame(record + length, 0x81, text, 10);
        }
        SSL_write(peer->ssl, record, (int)length);
    }
    read_ending(peer);
}

FOUR(stream, reads_many_tiny_frames_of_one_record) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = send_tiny_frames, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.messages, RECORDS * FRAMES_A_RECORD);
    EXPECT_EQ(client.messages, 26680);
    EXPECT_TEXT(client.last, "0000026679");
    uint64_t wanted = 0;
    for (int i = 0; i < RECORDS * FRAMES_A_RECORD; i++) {
        char text[16];
        snprintf(text, sizeof text, "%010d", i);
        for (int j = 0; j < 10; j++) wanted = wanted * 31 + (uint64_t)text[j];
    }
    EXPECT(client.checksum == wanted);
    nt_net_destroy(client.net);
    peer_stop(&host);
}

static void expect_an_echo(peer *peer, const char *text) {
    ending *ending = peer->context;
    char payload[64];
    size_t length = sizeof payload;
    peer_text(peer, text);
    if (peer_next(peer, payload, &length) == 1 && length == strlen(text) &&
        memcmp(payload, text, length) == 0)
        ending->echoes++;
}

static void renew_keys(peer *peer) {
    for (int i = 0; i < 10; i++) {
        SSL_key_update(peer->ssl, i % 2 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
        expect_an_echo(peer, "after the update");
        SSL_new_session_ticket(peer->ssl);
        expect_an_echo(peer, "after the ticket");
    }
    read_ending(peer);
}

BOTH(stream, survives_key_updates_and_new_session_tickets) {
    ending ending = {0};
    peer_host host = {.connections = 1, .script = renew_keys, .context = &ending};
    peer_start(&host);
    client client = {.echo = true};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    turn_until(&client, &client.messages, 20);
    turn_for(client.net, 20);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.echoes, 20);
}

// Sending.

enum { HELD_BACK_MS = 2000 };

static void read_when_allowed(peer *peer) {
    ending *ending = peer->context;
    while (!atomic_load(&ending->may_read)) pause_ms(1);
    char *payload = malloc(BIG);
    for (;;) {
        size_t length = BIG;
        int opcode = peer_next(peer, payload, &length);
        if (opcode < 0) break;
        if (opcode == 1) atomic_fetch_add(&ending->received, 1);
    }
    free(payload);
}

FOUR(stream, says_busy_to_a_peer_that_does_not_read) {
    ending ending = {0};
    peer_host host = {
        .tls = tls, .connections = 1, .script = read_when_allowed, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    static uint8_t block[4000];
    memset(block, 'x', sizeof block);
    int sent = 0, busy = 0;
    nt_status status = NT_OK;
    int64_t stop = now_ms() + (tls == TLS1_3_VERSION ? HELD_BACK_MS : 0);
    for (int tries = 0; tries < 3 || now_ms() < stop; tries += status == NT_BUSY) {
        status = nt_stream_send(client.stream, block, sizeof block);
        EXPECT(status == NT_OK || status == NT_BUSY);
        sent += status == NT_OK;
        busy += status == NT_BUSY;
        if (status == NT_BUSY) nt_net_turn(client.net, 1000000);
    }
    EXPECT(busy >= 3 && sent > 30);
    EXPECT_EQ(nt_stream_get_counters(client.stream).busy, busy);
    // What was taken lies in sockets' buffers and in ours, which is bounded.
    EXPECT((uint64_t)sent * sizeof block < 16 * (uint64_t)BIG);
    atomic_store(&ending.may_read, true);
    int64_t end = now_ms() + PATIENCE_MS;
    while ((status = send_text(client.stream, "again")) == NT_BUSY && now_ms() < end)
        nt_net_turn(client.net, 1000000);
    EXPECT_EQ(status, NT_OK);
    while (atomic_load(&ending.received) <= sent && now_ms() < end)
        nt_net_turn(client.net, 1000000);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.received, sent + 1);
}

BOTH(stream, refuses_a_message_larger_than_its_buffer) {
    nt_server *server = start_echo(true);
    client client = {0};
    EXPECT(connect_to(&client, nt_server_port(server), refuse_ring));
    static uint8_t block[300 * 1024];
    EXPECT_EQ(nt_stream_send(client.stream, block, sizeof block), NT_INVALID);
    EXPECT_EQ(nt_stream_send(client.stream, block, 200 * 1024), NT_OK);
    turn_until(&client, &client.messages, 1);
    EXPECT_EQ(client.bytes, 200 * 1024);
    nt_net_destroy(client.net);
    nt_server_stop(server);
}

static void read_at_once(peer *peer) {
    ending *ending = peer->context;
    char payload[64];
    size_t length = sizeof payload;
    if (peer_next(peer, payload, &length) == 1) atomic_store(&ending->received, 1);
    read_ending(peer);
}

FOUR(stream, sends_before_the_call_returns) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = read_at_once, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    EXPECT_EQ(send_text(client.stream, "now"), NT_OK);
    int64_t end = now_ms() + PATIENCE_MS; // No turn: the peer must have it all the same.
    while (atomic_load(&ending.received) == 0 && now_ms() < end) pause_ms(1);
    EXPECT_EQ(ending.received, 1);
    nt_net_destroy(client.net);
    peer_stop(&host);
}

FOUR(stream, closes_with_a_code) {
    ending ending = {0};
    peer_host host = {.tls = tls, .connections = 1, .script = read_ending, .context = &ending};
    peer_start(&host);
    client client = {0};
    EXPECT(connect_to(&client, host.port, refuse_ring));
    nt_stream_close(client.stream);
    EXPECT_EQ(nt_stream_get_state(client.stream), NT_STREAM_CLOSED);
    EXPECT_EQ(send_text(client.stream, "late"), NT_CLOSED);
    turn_for(client.net, 50);
    nt_net_destroy(client.net);
    peer_stop(&host);
    EXPECT_EQ(ending.close_code, 1000);
    EXPECT_EQ(client.closed, 1);
}
