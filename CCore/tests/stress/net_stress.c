// net_stress.c — two threads with a net each, a third that wakes them, and callers of REST, all on
// one server. Run under ThreadSanitizer; bounded to a few seconds.
#include "../net_peer.h"
#include "nt/connector.h"
#include "nt/stream.h"

enum { NETS = 2, STREAMS = 20, MESSAGES = 150, REQUESTS = 20, LIMIT_MS = 20000 };

static uint16_t port;
static char ca_file[128];
static nt_net *_Atomic nets[NETS];
static atomic_int nets_done;
static atomic_int failures;

typedef struct {
    int index, opened, messages;
} worker;

static void on_message(void *context, nt_stream *stream, const uint8_t *bytes, uint32_t length,
                       int64_t received_ns) {
    (void)stream, (void)bytes, (void)length, (void)received_ns;
    ((worker *)context)->messages++;
}

static void on_state(void *context, nt_stream *stream, nt_stream_state state, const char *reason) {
    (void)stream, (void)reason;
    if (state == NT_STREAM_OPEN) ((worker *)context)->opened++;
}

static void echo(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                 uint32_t length) {
    (void)context;
    nt_server_send(server, peer, bytes, length);
}

static void answer(void *context, nt_server *server, const nt_server_request *request) {
    (void)context, (void)request;
    nt_server_reply(server, 200, "text/plain", NULL, (const uint8_t *)"ok", 2);
}

static void open_all(nt_net *net, worker *worker, nt_stream **streams) {
    nt_stream_config config = {.address = "127.0.0.1",
                               .port = port,
                               .host = "localhost",
                               .path = "/",
                               .ca_file = ca_file,
                               .max_message = 4096,
                               .reconnect = true,
                               .backoff_min_ms = 10,
                               .backoff_max_ms = 50,
                               .context = worker,
                               .on_message = on_message,
                               .on_state = on_state};
    for (int i = 0; i < STREAMS; i++)
        if (nt_stream_open(net, &config, &streams[i]) != NT_OK) atomic_fetch_add(&failures, 1);
    int64_t end = now_ms() + LIMIT_MS;
    while (worker->opened < STREAMS && now_ms() < end) nt_net_turn(net, 1000000);
}

static void *run_net(void *argument) {
    worker *worker = argument;
    nt_net_config config = {.max_streams = STREAMS,
                            .clock = nt_clock_system(),
                            .random = nt_random_seeded((uint64_t)worker->index + 1)};
    nt_net *net = NULL;
    nt_stream *streams[STREAMS];
    if (nt_net_create(&config, &net) != NT_OK) abort();
    atomic_store(&nets[worker->index], net);
    open_all(net, worker, streams);
    int64_t end = now_ms() + LIMIT_MS;
    for (int i = 0; i < MESSAGES && now_ms() < end; i++) {
        for (int j = 0; j < STREAMS; j++) nt_stream_send(streams[j], (const uint8_t *)"tick", 4);
        while (worker->messages < (i + 1) * STREAMS && now_ms() < end) nt_net_turn(net, 1000000);
    }
    if (worker->messages != MESSAGES * STREAMS) atomic_fetch_add(&failures, 1);
    atomic_store(&nets[worker->index], NULL);
    atomic_fetch_add(&nets_done, 1);
    while (atomic_load(&nets_done) < NETS + 1 && now_ms() < end) nt_net_turn(net, 1000000);
    nt_net_destroy(net);
    return NULL;
}

/// Wakes whoever is still there; the nets wait for it before they go.
static void *wake_all(void *argument) {
    (void)argument;
    int64_t end = now_ms() + LIMIT_MS;
    while (atomic_load(&nets_done) < NETS && now_ms() < end) {
        for (int i = 0; i < NETS; i++) {
            nt_net *net = atomic_load(&nets[i]);
            if (net != NULL) nt_net_wake(net);
        }
        pause_ms(1);
    }
    atomic_fetch_add(&nets_done, 1);
    return NULL;
}

static void *ask(void *argument) {
    for (int i = 0; i < REQUESTS; i++) {
        nt_http_request request = {.method = "GET",
                                   .host = "localhost",
                                   .port = port,
                                   .target = "/",
                                   .ca_file = ca_file,
                                   .timeout_ms = LIMIT_MS};
        nt_http_response response;
        if (nt_http_perform(argument, &request, &response) != NT_OK) {
            fprintf(stderr, "%s\n", response.error);
            atomic_fetch_add(&failures, 1);
        }
        nt_http_response_free(&response);
    }
    return NULL;
}

int main(void) {
    snprintf(ca_file, sizeof ca_file, "%s", certificate_path("ca.pem"));
    nt_server_config config = {.certificate_file = certificate_path("server.pem"),
                               .key_file = certificate_path("server.key"),
                               .max_body = 1024,
                               .max_peers = 64,
                               .tick_ms = 5,
                               .on_request = answer,
                               .on_message = echo};
    nt_server *server = NULL;
    nt_connector *connector = NULL;
    if (nt_server_start(&config, &server) != NT_OK) return 1;
    if (nt_connector_create(&connector) != NT_OK) return 1;
    port = nt_server_port(server);
    pthread_t threads[NETS + 3];
    worker workers[NETS];
    for (int i = 0; i < NETS; i++) {
        workers[i] = (worker){.index = i};
        pthread_create(&threads[i], NULL, run_net, &workers[i]);
    }
    pthread_create(&threads[NETS], NULL, wake_all, NULL);
    pthread_create(&threads[NETS + 1], NULL, ask, connector);
    pthread_create(&threads[NETS + 2], NULL, ask, connector);
    for (int i = 0; i < NETS + 3; i++) pthread_join(threads[i], NULL);
    nt_connector_destroy(connector);
    nt_server_stop(server);
    int failed = atomic_load(&failures);
    printf("%d passed, %d failed, 0 skipped\n", failed == 0, failed);
    return failed == 0 ? 0 : 1;
}
