// net_allocation_test.c — an open stream sends and receives without allocating, OpenSSL and
// libwebsockets included. The allocator is interposed and counts for the calling thread.
#include "net_peer.h"
#include "nt/stream.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INTERPOSED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INTERPOSED 0
#endif
#endif
#ifndef INTERPOSED
#define INTERPOSED 1
#endif

static __thread uint64_t allocations;

#if INTERPOSED
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

// Weak: another test linked into the same program may bring its own.
__attribute__((weak)) void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

__attribute__((weak)) void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}

__attribute__((weak)) void *realloc(void *old, size_t size) {
    allocations++;
    return __libc_realloc(old, size);
}
#endif

typedef struct {
    int opened, messages;
} counts;

static void on_message(void *context, nt_stream *stream, const uint8_t *bytes, uint32_t length,
                       int64_t received_ns) {
    (void)stream, (void)bytes, (void)length, (void)received_ns;
    ((counts *)context)->messages++;
}

static void on_state(void *context, nt_stream *stream, nt_stream_state state, const char *reason) {
    (void)stream, (void)reason;
    if (state == NT_STREAM_OPEN) ((counts *)context)->opened++;
}

static void echo(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                 uint32_t length) {
    (void)context;
    nt_server_send(server, peer, bytes, length);
    if (length == 100) nt_server_ping(server, peer);
}

static void talk(nt_net *net, nt_stream *stream, counts *counts, int rounds) {
    static uint8_t block[20000];
    const uint32_t sizes[] = {5, 100, 1000, 4000, 20000};
    int64_t end = now_ms() + PATIENCE_MS;
    for (int i = 0; i < rounds && now_ms() < end; i++) {
        int wanted = counts->messages + 1;
        nt_stream_send(stream, block, sizes[i % 5]);
        while (counts->messages < wanted && now_ms() < end) nt_net_turn(net, 1000000);
    }
}

static void allocates_nothing(bool refuse_ring) {
    if (!INTERPOSED) SKIP("a sanitizer owns the allocator");
    void *volatile control = malloc(1);
    EXPECT(allocations > 0); // The count counts.
    free(control);
    nt_server_config server_config = {.certificate_file = certificate_path("server.pem"),
                                      .key_file = certificate_path("server.key"),
                                      .max_peers = 4,
                                      .tick_ms = 100,
                                      .on_message = echo};
    nt_server *server = NULL;
    EXPECT_EQ(nt_server_start(&server_config, &server), NT_OK);
    nt_net_config net_config = {.max_streams = 2,
                                .clock = nt_clock_system(),
                                .random = nt_random_seeded(1),
                                .refuse_ring = refuse_ring};
    nt_net *net = NULL;
    EXPECT_EQ(nt_net_create(&net_config, &net), NT_OK);
    counts counts = {0};
    nt_stream_config config = {.address = "127.0.0.1",
                               .port = nt_server_port(server),
                               .host = "localhost",
                               .path = "/",
                               .ca_file = certificate_path("ca.pem"),
                               .max_message = 65536,
                               .silence_timeout_ms = 10000,
                               .context = &counts,
                               .on_message = on_message,
                               .on_state = on_state};
    nt_stream *stream = NULL;
    EXPECT_EQ(nt_stream_open(net, &config, &stream), NT_OK);
    for (int i = 0; i < 2000 && counts.opened == 0; i++) nt_net_turn(net, 1000000);
    talk(net, stream, &counts, 100);
    uint64_t before = allocations;
    talk(net, stream, &counts, 2000);
    for (int i = 0; i < 50; i++) nt_net_turn(net, 2000000);
    uint64_t after = allocations;
    EXPECT_EQ(counts.messages, 2100);
    EXPECT_EQ(after - before, 0);
    nt_net_destroy(net);
    nt_server_stop(server);
}

TEST(allocation, none_by_ring) { allocates_nothing(false); }
TEST(allocation, none_by_poll) { allocates_nothing(true); }
