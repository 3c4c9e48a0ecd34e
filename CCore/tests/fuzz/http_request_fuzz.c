// http_request_fuzz.c — anything a client may send to the server that the simulator stands on.
//
// Proves: what the handler sees is within its bounds; the server never answers more often than it
// was asked, and says nothing that is not HTTP; peers that close have been open.
#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "nt/server.h"

enum { CONTROL = 1, LONGEST = 64 * 1024, MAX_BODY = 4096, PATIENCE_MS = 20, MAX_PEERS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char answer_text[] = "{\"answered\":true}";
static atomic_int asked, opened, closed, messages;

static void check_text(const char *text, size_t limit) {
    if (strnlen(text, limit + 1) > limit) abort();
}

static void on_request(void *context, nt_server *server, const nt_server_request *request) {
    (void)context;
    atomic_fetch_add(&asked, 1);
    check_text(request->method, 8);
    check_text(request->path, 1024);
    check_text(request->query, 8192);
    check_text(request->api_key, 256);
    if (request->path[0] != '/' || request->body_length > MAX_BODY) abort();
    for (const char *c = request->query; *c != 0; c++)
        if (*c <= ' ' || *c > '~') abort(); // It is encoded again.
    uint32_t sum = 0;
    for (uint32_t i = 0; i < request->body_length; i++) sum += request->body[i];
    if (sum > request->body_length * 255) abort();
    nt_server_reply(server, 200, "application/json", sum % 2 != 0 ? "x-odd: yes\r\n" : NULL,
                    (const uint8_t *)answer_text, sizeof answer_text - 1);
}

static bool on_open(void *context, nt_server *server, nt_peer peer, const char *path,
                    const char *query) {
    (void)context, (void)server;
    if (peer == 0) abort();
    check_text(path, 1024);
    check_text(query, 8192);
    if (strcmp(path, "/refused") == 0) return false;
    atomic_fetch_add(&opened, 1);
    return true;
}

static void on_message(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                       uint32_t length) {
    (void)context;
    atomic_fetch_add(&messages, 1);
    nt_server_send(server, peer, bytes, length < 64 ? length : 64);
    if (length > 0 && bytes[0] == 'p') nt_server_ping(server, peer);
    if (length > 0 && bytes[0] == 'c') nt_server_close_peer(server, peer, 1000);
    if (length > 0 && bytes[0] == 'x') nt_server_close_peer(server, peer, 0);
}

static void on_close(void *context, nt_server *server, nt_peer peer) {
    (void)context, (void)server, (void)peer;
    atomic_fetch_add(&closed, 1);
}

static nt_server *start(void) {
    const nt_server_config config = {.api_key_header = "x-mbx-apikey:",
                                     .max_body = MAX_BODY,
                                     .max_peers = MAX_PEERS,
                                     .tick_ms = 1000,
                                     .on_request = on_request,
                                     .on_open = on_open,
                                     .on_message = on_message,
                                     .on_close = on_close};
    nt_server *server;
    if (nt_server_start(&config, &server) != NT_OK) abort();
    return server;
}

static int connect_to(const nt_server *server) {
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(nt_server_port(server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) abort();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

/// Everything until the server hangs up. It may first wait for the rest of a request, for its own
/// time limit; so long nobody stays.
static size_t read_all(int fd, char *into, size_t room) {
    size_t got = 0;
    for (;;) {
        char rest[4096];
        const bool full = got == room;
        const ssize_t count =
            full ? recv(fd, rest, sizeof rest, 0) : recv(fd, into + got, room - got, 0);
        if (count <= 0) return got;
        if (!full) got += (size_t)count;
    }
}

static int count_of(const char *bytes, size_t length, const char *part) {
    int count = 0;
    for (const char *at = bytes, *end = bytes + length;
         (at = memmem(at, (size_t)(end - at), part, strlen(part))) != NULL; at += strlen(part))
        count++;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static nt_server *server;
    static char answers[256 * 1024];
    if (size < CONTROL || size - CONTROL > LONGEST) return 0;
    if (server == NULL) server = start();
    atomic_store(&asked, 0);
    const size_t length = size - CONTROL, piece = 1 + length / (1 + (data[0] >> 4));
    const int fd = connect_to(server);
    for (size_t at = 0; at < length; at += piece) {
        const size_t now = length - at < piece ? length - at : piece;
        if (send(fd, data + CONTROL + at, now, MSG_NOSIGNAL) < 0) break; // It hung up already.
    }
    shutdown(fd, SHUT_WR);
    const size_t got = read_all(fd, answers, sizeof answers);
    close(fd);
    if (got > 0 && (got < 9 || memcmp(answers, "HTTP/1.", 7) != 0)) abort();
    if (got < sizeof answers && count_of(answers, got, answer_text) > atomic_load(&asked)) abort();
    if (atomic_load(&closed) > atomic_load(&opened)) abort();
    return 0;
}
