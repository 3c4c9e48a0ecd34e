// server.c — HTTPS and WSS on loopback: context, thread, and the callback that shares out events.
//
// One libwebsockets context on one thread. HTTP requests go to server_http.c, WebSocket peers to
// server_peer.c. The user's tick is a timerfd in the same poll, so the thread sleeps in between.
#include "server_private.h"
#include "trust.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_TIMEOUT_S = 30, KEEPALIVE_S = 120, SPARE_DESCRIPTORS = 128, HEADER_POOL = 64 };

static int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int on_ticker(nt_server *server) {
    uint64_t expired;
    if (read(server->ticker_fd, &expired, sizeof expired) != sizeof expired) return 0;
    if (server->config.on_tick != NULL)
        server->config.on_tick(server->config.context, server, monotonic_ns());
    return 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
    switch ((int)reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        if (user != NULL) SSL_CTX_set_min_proto_version(user, TLS1_2_VERSION);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return nt_peer_confirm(lws_context_user(lws_get_context(wsi)), wsi);
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return nt_server_http(lws_context_user(lws_get_context(wsi)), wsi, user, reason, in,
                              length);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (user != NULL) nt_exchange_free(user);
        return 0;
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_RECEIVE_PONG:
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return nt_peer_event(lws_context_user(lws_get_context(wsi)), wsi, reason, in, length);
    case LWS_CALLBACK_RAW_RX_FILE:
        return on_ticker(lws_context_user(lws_get_context(wsi)));
    case LWS_CALLBACK_WSI_DESTROY:
        nt_peer_gone(lws_context_user(lws_get_context(wsi)), wsi);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {{.name = "http",
                                                  .callback = callback,
                                                  .per_session_data_size = sizeof(nt_session),
                                                  .rx_buffer_size = NT_SERVER_BUFFER,
                                                  .tx_packet_size = NT_SERVER_QUEUE_LIMIT},
                                                 {0}};

static void *serve(void *argument) {
    nt_server *server = argument;
    // Relaxed: nothing is handed over; the join orders the rest.
    while (!atomic_load_explicit(&server->stopping, memory_order_relaxed))
        if (lws_service(server->context, 0) < 0) break;
    return NULL;
}

/// libwebsockets only says that it has no vhost; the reason is asked for beforehand.
static nt_status probe_port(uint16_t port, const char *where) {
    if (port == 0) return NT_OK;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return nt_fail(NT_IO, "socket: %s", strerror(errno));
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(where)};
    int result = bind(fd, (struct sockaddr *)&address, sizeof address);
    int error = errno;
    close(fd);
    if (result == 0) return NT_OK;
    if (error == EADDRINUSE) return nt_fail(NT_LOCKED, "port %u is in use", port);
    return nt_fail(NT_IO, "cannot listen on port %u: %s", port, strerror(error));
}

static struct lws_context_creation_info describe(nt_server *server) {
    struct lws_context_creation_info info = {0};
    info.port = server->config.port;
    info.iface = server->address;
    info.protocols = protocols;
    info.alpn = "http/1.1";
    info.user = server;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_DISABLE_IPV6;
    info.pt_serv_buf_size = NT_SERVER_BUFFER;
    info.max_http_header_data = NT_SERVER_BUFFER / 2;
    info.max_http_header_pool = HEADER_POOL;
    info.fd_limit_per_thread = server->config.max_peers + SPARE_DESCRIPTORS;
    info.timeout_secs = REQUEST_TIMEOUT_S;
    info.keepalive_timeout = KEEPALIVE_S;
    info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION;
    info.provided_client_ssl_ctx = server->no_client;
    if (server->config.certificate_file != NULL) {
        info.ssl_cert_filepath = server->certificate;
        info.ssl_private_key_filepath = server->key;
    }
    return info;
}

static nt_status check(const nt_server_config *config) {
    if (config->max_peers == 0 || config->tick_ms < 1 || config->tick_ms > 1000)
        return nt_fail(NT_INVALID, "max_peers must be positive and tick_ms 1 to 1000");
    struct in_addr bytes;
    if (config->address != NULL && (strncmp(config->address, "127.", 4) != 0 ||
                                    inet_pton(AF_INET, config->address, &bytes) != 1))
        return nt_fail(NT_INVALID, "a server listens on loopback only, 127.…");
    if (config->certificate_file == NULL) return NT_OK;
    if (config->key_file == NULL) return nt_fail(NT_INVALID, "a certificate needs its key");
    if (access(config->certificate_file, R_OK) != 0)
        return nt_fail(NT_INVALID, "certificate %s: %s", config->certificate_file, strerror(errno));
    if (access(config->key_file, R_OK) != 0)
        return nt_fail(NT_INVALID, "key %s: %s", config->key_file, strerror(errno));
    return NT_OK;
}

static const char *loopback(const nt_server_config *config) {
    return config->address != NULL ? config->address : "127.0.0.1";
}

static void copy_texts(nt_server *server, const nt_server_config *config) {
    const char *certificate = config->certificate_file != NULL ? config->certificate_file : "";
    const char *key = config->key_file != NULL ? config->key_file : "";
    const char *header = config->api_key_header != NULL ? config->api_key_header : "";
    snprintf(server->address, sizeof server->address, "%s", loopback(config));
    snprintf(server->certificate, sizeof server->certificate, "%s", certificate);
    snprintf(server->key, sizeof server->key, "%s", key);
    snprintf(server->api_key_header, sizeof server->api_key_header, "%s", header);
}

/// libwebsockets' own timers wait in whole milliseconds and spin for the rest; a timerfd does not.
static nt_status start_ticker(nt_server *server) {
    server->ticker_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (server->ticker_fd < 0) return nt_fail(NT_IO, "timerfd: %s", strerror(errno));
    struct timespec every = {.tv_sec = server->config.tick_ms / 1000,
                             .tv_nsec = (long)(server->config.tick_ms % 1000) * 1000000};
    struct itimerspec schedule = {.it_interval = every, .it_value = every};
    timerfd_settime(server->ticker_fd, 0, &schedule, NULL);
    lws_sock_file_fd_type file = {.filefd = server->ticker_fd};
    if (lws_adopt_descriptor_vhost(server->vhost, LWS_ADOPT_RAW_FILE_DESC, file, protocols[0].name,
                                   NULL) != NULL)
        return NT_OK; // libwebsockets closes it now.
    close(server->ticker_fd);
    return nt_fail(NT_IO, "libwebsockets refuses a timer");
}

static nt_status listen_now(nt_server *server) {
    server->no_client = nt_trust_settings("");
    struct lws_context_creation_info info = describe(server);
    server->context = lws_create_context(&info);
    if (server->context == NULL) return nt_fail(NT_IO, "libwebsockets gives no context");
    server->vhost = lws_create_vhost(server->context, &info);
    if (server->vhost == NULL)
        return nt_fail(NT_IO, "cannot serve port %u with certificate '%s'", server->config.port,
                       server->certificate);
    int port = lws_get_vhost_listen_port(server->vhost);
    if (port <= 0) return nt_fail(NT_IO, "cannot listen on port %u", server->config.port);
    server->port = (uint16_t)port;
    return start_ticker(server);
}

static void release(nt_server *server) {
    if (server->context != NULL) lws_context_destroy(server->context);
    SSL_CTX_free(server->no_client);
    free(server->peers);
    free(server);
}

nt_status nt_server_start(const nt_server_config *config, nt_server **out) {
    nt_status status = check(config);
    if (status == NT_OK) status = probe_port(config->port, loopback(config));
    if (status != NT_OK) return status;
    lws_set_log_level(0, NULL);
    nt_server *server = calloc(1, sizeof *server);
    if (server == NULL) return NT_NO_MEMORY;
    server->config = *config;
    copy_texts(server, config);
    server->peers = calloc(config->max_peers, sizeof *server->peers);
    status = server->peers == NULL ? NT_NO_MEMORY : listen_now(server);
    if (status == NT_OK && pthread_create(&server->thread, NULL, serve, server) != 0)
        status = nt_fail(NT_IO, "cannot start the server's thread");
    if (status != NT_OK) {
        release(server);
        return status;
    }
    *out = server;
    return NT_OK;
}

void nt_server_stop(nt_server *server) {
    if (server == NULL) return;
    atomic_store_explicit(&server->stopping, true, memory_order_relaxed); // As in serve().
    lws_cancel_service(server->context);
    pthread_join(server->thread, NULL);
    release(server);
}

uint16_t nt_server_port(const nt_server *server) { return server->port; }
