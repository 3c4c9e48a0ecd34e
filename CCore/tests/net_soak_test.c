// net_soak_test.c — thousands of lives of one stream: memory and descriptors stay where they were.
//
// `make test` runs it short; `make soak-connections` sets NEEDLETAIL_SOAK to the number of lives.
// Client and server are this process, so that what either of them kept would show.
#include "net_client.h"

enum { FEW = 250, WARM_UP = 100, HEAP_SLACK = 64 * 1024, RESIDENT_SLACK_KB = 4096 };

#if defined(__SANITIZE_ADDRESS__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 1 ///< Without: a sanitizer keeps what was freed.
#endif

static int lives(void) {
    const char *text = getenv("NEEDLETAIL_SOAK");
    int count = text != NULL ? atoi(text) : 0;
    return count > WARM_UP ? count : FEW;
}

static long resident_kb(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
    if (file != NULL) fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

typedef struct {
    size_t heap;
    long resident;
    int descriptors;
} usage;

static usage measure(void) { return (usage){heap_in_use(), resident_kb(), open_descriptors()}; }

/// "cut" and "close" end the connection from the server's side.
static void answer(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                   uint32_t length) {
    (void)context;
    if (length == 3)
        nt_server_close_peer(server, peer, 0);
    else if (length == 5)
        nt_server_close_peer(server, peer, 1001);
    else
        nt_server_send(server, peer, bytes, length);
}

static nt_server *start_answering(bool tls) {
    nt_server_config config = {.certificate_file = tls ? certificate_path("server.pem") : NULL,
                               .key_file = tls ? certificate_path("server.key") : NULL,
                               .max_body = 1024,
                               .max_peers = 64,
                               .tick_ms = 100,
                               .on_message = answer};
    nt_server *server = NULL;
    return nt_server_start(&config, &server) == NT_OK ? server : NULL;
}

/// Connect, echo, and one of three ends.
static bool live_once(client *client, int life) {
    turn_until(client, &client->opened, life + 1);
    int before = client->messages;
    if (client->opened != life + 1 || send_text(client->stream, "hello you") != NT_OK) return false;
    turn_until(client, &client->messages, before + 1);
    if (client->messages != before + 1) return false;
    int waiting = client->waiting;
    if (life % 3 == 0)
        nt_stream_restart(client->stream, "soak");
    else if (send_text(client->stream, life % 3 == 1 ? "cut" : "close") != NT_OK)
        return false;
    turn_until(client, &client->waiting, waiting + 1);
    return client->waiting == waiting + 1;
}

/// Once the wires and peers of the past are gone, and one connection stands.
static usage settle(client *client, int lives, int descriptors) {
    turn_until(client, &client->opened, lives + 1);
    int64_t end = now_ms() + PATIENCE_MS;
    while (open_descriptors() > descriptors && now_ms() < end) nt_net_turn(client->net, 1000000);
    turn_for(client->net, 20);
    return measure();
}

static void soak(const char *name, bool tls, bool refuse_ring) {
    nt_server *server = start_answering(tls);
    client client = {.net = make_net(1, refuse_ring)};
    prepare(&client, nt_server_port(server));
    client.config.plain_text = !tls;
    client.config.reconnect = true;
    client.config.backoff_min_ms = client.config.backoff_max_ms = 1;
    EXPECT_EQ(nt_stream_open(client.net, &client.config, &client.stream), NT_OK);
    turn_until(&client, &client.opened, 1);
    turn_for(client.net, 20);
    int descriptors = open_descriptors(), count = lives(), life = 0;
    while (life < WARM_UP && live_once(&client, life)) life++;
    usage before = settle(&client, life, descriptors);
    while (life < count && live_once(&client, life)) life++;
    usage after = settle(&client, life, descriptors);
    nt_net_destroy(client.net);
    nt_server_stop(server);
    if (count > FEW)
        printf("%s: %d lives, heap %zu -> %zu B, resident %ld -> %ld kB, descriptors %d -> %d\n",
               name, count, before.heap, after.heap, before.resident, after.resident,
               before.descriptors, after.descriptors);
    EXPECT_EQ(life, count);
    EXPECT_EQ(after.descriptors, descriptors);
    if (!OWN_ALLOCATOR) return;
    EXPECT(after.heap < before.heap + HEAP_SLACK);
    EXPECT(after.resident < before.resident + RESIDENT_SLACK_KB);
}

TEST(soak, tls_by_ring) { soak("TLS, io_uring", true, false); }
TEST(soak, tls_by_poll) { soak("TLS, poll", true, true); }
TEST(soak, plain_by_ring) { soak("plain text, io_uring", false, false); }
TEST(soak, plain_by_poll) { soak("plain text, poll", false, true); }
