// net_server_test.c — nt/server.h: raw HTTP over a plain socket, WebSocket through nt/stream.h.
#include "net_peer.h"
#include "nt/stream.h"

#include <sys/stat.h>

typedef struct {
    char method[16], path[256], query[512], api_key[128], body[8192];
    uint32_t body_length;
    atomic_int requests, opened, closed, ticks, messages;
    nt_peer last_peer;
    char open_path[256], open_query[256];
    bool stay_silent, push;
    int close_code; ///< Peers that speak are closed with it; -1 = leave them.
} record;

static void on_request(void *context, nt_server *server, const nt_server_request *request) {
    record *record = context;
    snprintf(record->method, sizeof record->method, "%s", request->method);
    snprintf(record->path, sizeof record->path, "%s", request->path);
    snprintf(record->query, sizeof record->query, "%s", request->query);
    snprintf(record->api_key, sizeof record->api_key, "%s", request->api_key);
    record->body_length = request->body_length;
    uint32_t kept = request->body_length < 8000 ? request->body_length : 8000;
    if (kept > 0) memcpy(record->body, request->body, kept);
    record->body[kept] = 0;
    atomic_fetch_add(&record->requests, 1);
    if (record->stay_silent) return;
    static uint8_t big[100000];
    memset(big, 'b', sizeof big);
    if (strcmp(request->path, "/big") == 0)
        nt_server_reply(server, 200, "text/plain", NULL, big, sizeof big);
    else
        nt_server_reply(server, strcmp(request->path, "/teapot") == 0 ? 418 : 200,
                        "application/json", "x-mbx-used-weight-1m: 7\r\n", (const uint8_t *)"{}",
                        2);
}

static bool on_open(void *context, nt_server *server, nt_peer peer, const char *path,
                    const char *query) {
    record *record = context;
    snprintf(record->open_path, sizeof record->open_path, "%s", path);
    snprintf(record->open_query, sizeof record->open_query, "%s", query);
    record->last_peer = peer;
    atomic_fetch_add(&record->opened, 1);
    if (record->push) nt_server_send(server, peer, (const uint8_t *)"welcome", 7);
    return true;
}

static void on_message(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                       uint32_t length) {
    record *record = context;
    atomic_fetch_add(&record->messages, 1);
    if (record->close_code >= 0) {
        nt_server_close_peer(server, peer, (uint16_t)record->close_code);
        return;
    }
    if (length == 5 && memcmp(bytes, "flood", 5) == 0) {
        static uint8_t block[65536];
        nt_status status = NT_OK;
        for (int i = 0; i < 100 && status == NT_OK; i++)
            status = nt_server_send(server, peer, block, sizeof block);
        atomic_store(&record->ticks, status == NT_BUSY ? -1000000 : 0);
        return;
    }
    nt_server_send(server, peer, bytes, length);
    nt_server_ping(server, peer);
}

static void on_close(void *context, nt_server *server, nt_peer peer) {
    (void)server, (void)peer;
    record *record = context;
    atomic_fetch_add(&record->closed, 1);
}

static void on_tick(void *context, nt_server *server, int64_t now_ns) {
    (void)server;
    record *record = context;
    if (now_ns > 0) atomic_fetch_add(&record->ticks, 1);
}

static nt_server_config configure(record *record, bool tls) {
    return (nt_server_config){.certificate_file = tls ? certificate_path("server.pem") : NULL,
                              .key_file = tls ? certificate_path("server.key") : NULL,
                              .api_key_header = "x-mbx-apikey:",
                              .max_body = 5000,
                              .max_peers = 4,
                              .tick_ms = 5,
                              .context = record,
                              .on_request = on_request,
                              .on_open = on_open,
                              .on_message = on_message,
                              .on_close = on_close,
                              .on_tick = on_tick};
}

static nt_server *start(record *record, bool tls) {
    nt_server_config config = configure(record, tls);
    nt_server *server = NULL;
    return nt_server_start(&config, &server) == NT_OK ? server : NULL;
}

static int connect_plain(uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) abort();
    return fd;
}

/// recv() that an io_uring of an earlier test, still going away, cannot interrupt (EINTR).
static ssize_t receive(int fd, void *bytes, size_t length, int flags) {
    ssize_t got = 0;
    do got = recv(fd, bytes, length, flags);
    while (got < 0 && errno == EINTR);
    return got;
}

/// Reads one answer with a content-length; returns its status, 0 when the connection ended.
static int read_answer(int fd, char *text, size_t capacity) {
    size_t at = 0;
    text[0] = 0;
    for (;;) {
        char *end = strstr(text, "\r\n\r\n");
        char *length = end != NULL ? strcasestr(text, "content-length: ") : NULL;
        if (length != NULL && (size_t)(end + 4 - text) + strtoul(length + 16, NULL, 10) <= at)
            break;
        if (at + 1 >= capacity) return -1;
        ssize_t got = receive(fd, text + at, capacity - 1 - at, 0);
        if (got <= 0) return 0;
        at += (size_t)got;
        text[at] = 0;
    }
    return atoi(text + 9);
}

static int exchange(int fd, const char *request, char *text, size_t capacity) {
    size_t length = strlen(request);
    if (send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length) return -1;
    return read_answer(fd, text, capacity);
}

TEST(server, answers_requests_on_one_connection) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    int fd = connect_plain(nt_server_port(server));
    static char text[200000];
    EXPECT_EQ(exchange(fd, "GET /api/v3/depth?symbol=BTCUSDT&limit=5 HTTP/1.1\r\nHost: x\r\n\r\n",
                       text, sizeof text),
              200);
    EXPECT(strstr(text, "\r\n\r\n{}") != NULL);
    EXPECT(strstr(text, "x-mbx-used-weight-1m: 7\r\n") != NULL);
    EXPECT_TEXT(record.method, "GET");
    EXPECT_TEXT(record.path, "/api/v3/depth");
    EXPECT_TEXT(record.query, "symbol=BTCUSDT&limit=5");
    EXPECT_TEXT(record.api_key, "");
    EXPECT_EQ(exchange(fd,
                       "POST /order HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY: secret\r\n"
                       "Content-Length: 9\r\n\r\na=1&b=2%3",
                       text, sizeof text),
              200);
    EXPECT_TEXT(record.method, "POST");
    EXPECT_TEXT(record.api_key, "secret");
    EXPECT_TEXT(record.body, "a=1&b=2%3");
    EXPECT_EQ(exchange(fd, "DELETE /order HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nid=123",
                       text, sizeof text),
              200);
    EXPECT_TEXT(record.method, "DELETE");
    EXPECT_TEXT(record.body, "id=123");
    EXPECT_EQ(exchange(fd, "DELETE /none HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof text), 200);
    EXPECT_EQ(record.body_length, 0);
    EXPECT_EQ(exchange(fd, "PUT /put HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\np", text,
                       sizeof text),
              200);
    EXPECT_TEXT(record.method, "PUT");
    EXPECT_EQ(exchange(fd, "PUT /put HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", text,
                       sizeof text),
              200);
    EXPECT_EQ(exchange(fd, "POST /zero HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", text,
                       sizeof text),
              200);
    EXPECT_EQ(exchange(fd, "GET /teapot HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof text), 418);
    EXPECT_EQ(exchange(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof text), 200);
    const char *const big = strstr(text, "\r\n\r\n");
    EXPECT(big != NULL && strspn(big + 4, "b") == 100000);
    EXPECT_EQ(exchange(fd, "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", text,
                       sizeof text),
              200);
    EXPECT_EQ(receive(fd, text, 1, 0), 0);
    close(fd);
    nt_server_stop(server);
}

TEST(server, keeps_the_query_as_clients_encode_it) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    int fd = connect_plain(nt_server_port(server));
    char text[4096];
    const char *request = "GET /q?symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D&empty=&note=a+b"
                          "&signature=ab%2Bc%2F%3D HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(exchange(fd, request, text, sizeof text), 200);
    EXPECT_TEXT(record.query, "symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D&empty=&note=a+b"
                              "&signature=ab%2Bc/%3D");
    close(fd);
    nt_server_stop(server);
}

TEST(server, joins_a_body_sent_in_pieces) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    int fd = connect_plain(nt_server_port(server));
    char text[4096], body[4001];
    memset(body, 'z', 4000);
    const char *head = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n";
    send(fd, head, strlen(head), 0);
    for (int i = 0; i < 4; i++) {
        pause_ms(2);
        send(fd, body, 1000, 0);
    }
    EXPECT_EQ(read_answer(fd, text, sizeof text), 200);
    EXPECT_EQ(record.body_length, 4000);
    EXPECT_EQ(strspn(record.body, "z"), 4000);
    close(fd);
    nt_server_stop(server);
}

TEST(server, refuses_what_is_too_long) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    int fd = connect_plain(nt_server_port(server));
    char text[4096], body[6000];
    memset(body, 'z', sizeof body);
    const char *head = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 6000\r\n\r\n";
    send(fd, head, strlen(head), 0);
    send(fd, body, sizeof body, 0);
    EXPECT_EQ(read_answer(fd, text, sizeof text), 413);
    EXPECT_EQ(record.requests, 0);
    EXPECT_EQ(exchange(fd, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof text), 200);
    const char *chunked = "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(exchange(fd, chunked, text, sizeof text), 413);
    close(fd);
    nt_server_stop(server);
}

TEST(server, survives_rubbish) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    char text[4096];
    const char *rubbish[] = {"\r\n\r\n\r\n",
                             "GET\r\n\r\n",
                             "GET http HTTP/1.1\r\n\r\n",
                             "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                             "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                             "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
                             "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"};
    for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
        int fd = connect_plain(nt_server_port(server));
        struct timeval limit = {.tv_usec = 50000};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        exchange(fd, rubbish[i], text, sizeof text);
        close(fd);
    }
    int fd = connect_plain(nt_server_port(server));
    EXPECT_EQ(exchange(fd, "GET /fine HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof text), 200);
    EXPECT_TEXT(record.path, "/fine");
    close(fd);
    nt_server_stop(server);
}

TEST(server, answers_500_when_nobody_else_does) {
    record record = {.close_code = -1, .stay_silent = true};
    nt_server *server = start(&record, false);
    int fd = connect_plain(nt_server_port(server));
    char text[4096];
    EXPECT_EQ(exchange(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof text), 500);
    close(fd);
    nt_server_stop(server);
}

TEST(server, names_a_port_in_use) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    nt_server_config config = configure(&record, false);
    config.port = nt_server_port(server);
    nt_server *other = NULL;
    EXPECT_EQ(nt_server_start(&config, &other), NT_LOCKED);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "port %u is in use", config.port);
    EXPECT_TEXT(nt_last_error(), wanted);
    nt_server_stop(server);
    EXPECT_EQ(nt_server_start(&config, &other), NT_OK); // The port is free again.
    EXPECT_EQ(nt_server_port(other), config.port);
    nt_server_stop(other);
}

TEST(server, refuses_a_bad_configuration) {
    record record = {.close_code = -1};
    nt_server *server = NULL;
    nt_server_config config = configure(&record, true);
    config.certificate_file = "/nonexistent/server.pem";
    EXPECT_EQ(nt_server_start(&config, &server), NT_INVALID);
    config = configure(&record, true);
    config.certificate_file = config.key_file; // A key is no certificate.
    EXPECT(nt_server_start(&config, &server) != NT_OK);
    config = configure(&record, true);
    config.tick_ms = 0;
    EXPECT_EQ(nt_server_start(&config, &server), NT_INVALID);
}

TEST(server, ticks) {
    record record = {.close_code = -1};
    int64_t begun = now_ms(), end = begun + PATIENCE_MS;
    nt_server *server = start(&record, false);
    while (atomic_load(&record.ticks) < 20 && now_ms() < end) pause_ms(1);
    int ticks = atomic_load(&record.ticks);
    int64_t taken = now_ms() - begun;
    nt_server_stop(server);
    EXPECT(ticks >= 20 && ticks <= taken / 5 + 1); // One in five milliseconds, at most.
}

// WebSocket peers.

typedef struct {
    int opened, closed, messages;
    uint64_t bytes;
    char last[64], reason[256];
} watcher;

static void watch_message(void *context, nt_stream *stream, const uint8_t *bytes, uint32_t length,
                          int64_t received_ns) {
    (void)stream, (void)received_ns;
    watcher *watcher = context;
    watcher->messages++;
    watcher->bytes += length;
    snprintf(watcher->last, sizeof watcher->last, "%.*s", (int)(length < 60 ? length : 60), bytes);
}

static void watch_state(void *context, nt_stream *stream, nt_stream_state state,
                        const char *reason) {
    (void)stream;
    watcher *watcher = context;
    if (state == NT_STREAM_OPEN) watcher->opened++;
    if (state == NT_STREAM_CLOSED) watcher->closed++;
    if (reason[0] != 0) snprintf(watcher->reason, sizeof watcher->reason, "%s", reason);
}

static nt_net *make_net(void) {
    nt_net_config config = {
        .max_streams = 8, .clock = nt_clock_system(), .random = nt_random_seeded(3)};
    nt_net *net = NULL;
    return nt_net_create(&config, &net) == NT_OK ? net : NULL;
}

static nt_stream *dial(nt_net *net, nt_server *server, watcher *watcher, const char *path) {
    nt_stream_config config = {.address = "127.0.0.1",
                               .port = nt_server_port(server),
                               .host = "localhost",
                               .path = path,
                               .ca_file = certificate_path("ca.pem"),
                               .max_message = 1 << 20,
                               .context = watcher,
                               .on_message = watch_message,
                               .on_state = watch_state};
    nt_stream *stream = NULL;
    return nt_stream_open(net, &config, &stream) == NT_OK ? stream : NULL;
}

static void turn_until(nt_net *net, const int *counter, int wanted) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (*counter < wanted && now_ms() < end) nt_net_turn(net, 1000000);
}

TEST(server, greets_a_peer_on_any_path) {
    record record = {.close_code = -1, .push = true};
    nt_server *server = start(&record, true);
    nt_net *net = make_net();
    watcher watcher = {0};
    nt_stream *stream = dial(net, server, &watcher, "/stream?streams=btcusdt@depth/ethusdt@trade");
    turn_until(net, &watcher.messages, 1);
    EXPECT_TEXT(watcher.last, "welcome");
    EXPECT_TEXT(record.open_path, "/stream");
    EXPECT_TEXT(record.open_query, "streams=btcusdt@depth/ethusdt@trade");
    EXPECT_EQ(nt_stream_send(stream, (const uint8_t *)"hello", 5), NT_OK);
    turn_until(net, &watcher.messages, 2);
    EXPECT_TEXT(watcher.last, "hello");
    int64_t end = now_ms() + PATIENCE_MS;
    while (nt_stream_get_counters(stream).pings_in == 0 && now_ms() < end)
        nt_net_turn(net, 1000000);
    EXPECT_EQ(nt_stream_get_counters(stream).pings_in, 1);
    nt_net_destroy(net);
    end = now_ms() + PATIENCE_MS;
    while (atomic_load(&record.closed) == 0 && now_ms() < end) pause_ms(1);
    EXPECT_EQ(record.closed, 1);
    nt_server_stop(server);
}

TEST(server, closes_a_peer_with_a_code) {
    record record = {.close_code = 1008};
    nt_server *server = start(&record, true);
    nt_net *net = make_net();
    watcher watcher = {0};
    nt_stream *stream = dial(net, server, &watcher, "/");
    turn_until(net, &watcher.opened, 1);
    EXPECT_EQ(nt_stream_send(stream, (const uint8_t *)"bad", 3), NT_OK);
    turn_until(net, &watcher.closed, 1);
    EXPECT_TEXT(watcher.reason, "peer closed: 1008");
    nt_net_destroy(net);
    nt_server_stop(server);
}

TEST(server, cuts_a_peer_off) {
    record record = {.close_code = 0};
    nt_server *server = start(&record, true);
    nt_net *net = make_net();
    watcher watcher = {0};
    nt_stream *stream = dial(net, server, &watcher, "/");
    turn_until(net, &watcher.opened, 1);
    EXPECT_EQ(nt_stream_send(stream, (const uint8_t *)"bad", 3), NT_OK);
    turn_until(net, &watcher.closed, 1);
    EXPECT_TEXT(watcher.reason, "peer hung up without a close frame");
    nt_net_destroy(net);
    nt_server_stop(server);
    EXPECT_EQ(record.closed, 1);
}

/// Sends a frame of `length` zeros, however long; returns the close code that comes back.
static int send_long_frame(int fd, uint64_t length) {
    static char block[65536], text[4096];
    char head[14] = {(char)0x81, (char)0xff}; // The mask is zero.
    for (int i = 0; i < 8; i++) head[2 + i] = (char)(length >> (56 - 8 * i));
    const char request[] =
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) return -1;
    ssize_t got = receive(fd, text, sizeof text, 0);
    if (got < 12 || memcmp(text, "HTTP/1.1 101", 12) != 0) return -2;
    if (send(fd, head, sizeof head, MSG_NOSIGNAL) != sizeof head) return -3;
    got = 0; // The answer comes while we are still talking.
    for (uint64_t sent = 0; sent < length; sent += sizeof block) {
        if (send(fd, block, sizeof block, MSG_NOSIGNAL) < 0) break;
        if (got <= 0) got = receive(fd, text, sizeof text, MSG_DONTWAIT);
    }
    if (got <= 0) got = receive(fd, text, sizeof text, 0);
    if (got < 4 || (uint8_t)text[0] != 0x88) return -4;
    return (uint8_t)text[2] << 8 | (uint8_t)text[3];
}

TEST(server, refuses_a_message_that_is_too_long) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    int fd = connect_plain(nt_server_port(server));
    int code = send_long_frame(fd, 24 << 20);
    close(fd);
    nt_server_stop(server);
    EXPECT_EQ(code, 1009);
    EXPECT_EQ(record.messages, 0);
}

TEST(server, cuts_a_slow_consumer_off) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, true);
    nt_net *net = make_net();
    watcher watcher = {0};
    nt_stream *stream = dial(net, server, &watcher, "/");
    turn_until(net, &watcher.opened, 1);
    EXPECT_EQ(nt_stream_send(stream, (const uint8_t *)"flood", 5), NT_OK);
    turn_until(net, &watcher.closed, 1);
    EXPECT_EQ(watcher.closed, 1);
    nt_net_destroy(net);
    nt_server_stop(server);
    EXPECT(atomic_load(&record.ticks) < 0); // nt_server_send said NT_BUSY.
}

/// By hand: our own client never sends an empty fragment.
static int open_by_hand(nt_server *server) {
    static const char upgrade[] =
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    char answer[1024];
    size_t got = 0;
    const int fd = connect_plain(nt_server_port(server));
    if (send(fd, upgrade, sizeof upgrade - 1, MSG_NOSIGNAL) < 0) return -1;
    while (got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4) != 0)
        if (got == sizeof answer || receive(fd, answer + got++, 1, 0) != 1) return -1;
    return fd;
}

TEST(server, takes_a_message_that_begins_with_an_empty_fragment) {
    // "" and "hi", masked by zeros.
    static const uint8_t frames[] = {0x01, 0x80, 0, 0, 0, 0, 0x80, 0x82, 0, 0, 0, 0, 'h', 'i'};
    record record = {.close_code = -1};
    nt_server *server = start(&record, false);
    char frame[4];
    const int fd = open_by_hand(server);
    EXPECT(fd >= 0);
    EXPECT_EQ(send(fd, frames, sizeof frames, MSG_NOSIGNAL), sizeof frames);
    EXPECT_EQ(receive(fd, frame, sizeof frame, MSG_WAITALL), sizeof frame);
    EXPECT_EQ(memcmp(frame, "\x81\x02hi", 4), 0);
    close(fd);
    nt_server_stop(server);
}

TEST(server, takes_no_more_peers_than_configured) {
    record record = {.close_code = -1};
    nt_server *server = start(&record, true);
    nt_net *net = make_net();
    watcher watchers[5] = {0};
    for (int i = 0; i < 4; i++) {
        EXPECT(dial(net, server, &watchers[i], "/") != NULL);
        turn_until(net, &watchers[i].opened, 1);
        EXPECT_EQ(watchers[i].opened, 1);
    }
    nt_peer before = record.last_peer;
    EXPECT(dial(net, server, &watchers[4], "/") != NULL);
    turn_until(net, &watchers[4].closed, 1);
    EXPECT_TEXT(watchers[4].reason, "HTTP 503 at upgrade");
    nt_net_destroy(net);
    int64_t end = now_ms() + PATIENCE_MS;
    while (atomic_load(&record.closed) < 4 && now_ms() < end) pause_ms(1);
    net = make_net();
    EXPECT(dial(net, server, &watchers[4], "/") != NULL);
    turn_until(net, &watchers[4].opened, 1);
    EXPECT(record.last_peer > before); // Ids are never reused.
    nt_net_destroy(net);
    nt_server_stop(server);
}

TEST(server, makes_certificates_once) {
    char folder[TEMPORARY_PATH], path[TEMPORARY_PATH + 16];
    EXPECT(make_temporary(folder));
    EXPECT_EQ(nt_server_make_certificates(folder), NT_OK);
    struct stat first, second;
    snprintf(path, sizeof path, "%s/server.key", folder);
    EXPECT_EQ(stat(path, &first), 0);
    EXPECT_EQ(first.st_mode & 0777, 0600);
    EXPECT_EQ(nt_server_make_certificates(folder), NT_OK);
    EXPECT_EQ(stat(path, &second), 0);
    EXPECT_EQ(first.st_ino, second.st_ino);
    snprintf(path, sizeof path, "%s/ca.pem", folder);
    EXPECT_EQ(unlink(path), 0);
    EXPECT_EQ(nt_server_make_certificates(folder), NT_OK); // Incomplete: all anew.
    snprintf(path, sizeof path, "%s/server.key", folder);
    EXPECT_EQ(stat(path, &second), 0);
    EXPECT(first.st_ino != second.st_ino || first.st_mtim.tv_nsec != second.st_mtim.tv_nsec);
    EXPECT_EQ(nt_server_make_certificates("/proc/nothing"), NT_IO);
    remove_temporary(folder);
}
