// net_peer.h — for the network tests: a badly behaved WebSocket peer over TLS, by hand.
//
// One thread accepts connections one after the other and runs the test's script on each. It shares
// nothing with CCore/net, so that a misreading there is not repeated here.
#ifndef NT_NET_PEER_H
#define NT_NET_PEER_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "nt/server.h"
#include "temporary.h"
#include "test.h"

#define UNUSED __attribute__((unused))

enum { PATIENCE_MS = 30000 }; ///< Until a test gives up; no outcome depends on it.

typedef struct peer {
    int fd;
    SSL *ssl;
    int number; ///< 0 for the first connection.
    void *context;
    char request[4096];
    char accept[64]; ///< The right answer to the request's key.
    char glue[2048]; ///< Bytes sent in the record of the 101 answer.
    size_t glue_length;
} peer;

typedef struct peer_host {
    int listener;
    uint16_t port;
    int connections;        ///< How many to serve before the thread ends.
    uint32_t address;       ///< 0 = 127.0.0.1.
    int tls;                ///< The version spoken; 0 = newest.
    void (*before)(peer *); ///< Before the upgrade's answer (sets glue), or NULL.
    void (*script)(peer *);
    void (*instead)(peer *); ///< Instead of the upgrade's answer and the script, or NULL.
    void (*raw)(peer *);     ///< Instead of TLS and all that follows, or NULL.
    void *context;
    SSL_CTX *ssl;
    pthread_t thread;
    atomic_int served;
} peer_host;

static char certificate_folder[TEMPORARY_PATH];

static UNUSED void remove_shared(void) { remove_temporary(certificate_folder); }

/// Certificates shared by all tests of the process.
static UNUSED const char *certificate_path(const char *name) {
    static __thread char paths[4][TEMPORARY_PATH + 16];
    static __thread int next;
    if (certificate_folder[0] == 0) {
        if (!make_temporary(certificate_folder)) abort();
        if (nt_server_make_certificates(certificate_folder) != NT_OK) abort();
        atexit(remove_shared);
        signal(SIGPIPE, SIG_IGN);
    }
    char *path = paths[next++ & 3];
    snprintf(path, sizeof paths[0], "%s/%s", certificate_folder, name);
    return path;
}

static UNUSED int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static UNUSED void pause_ms(int ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

static UNUSED int open_descriptors(void) {
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory != NULL && readdir(directory) != NULL) count++;
    if (directory != NULL) closedir(directory);
    return count;
}

static UNUSED bool peer_write(peer *peer, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        int piece = length > 16000 ? 16000 : (int)length;
        int written = SSL_write(peer->ssl, at, piece);
        if (written <= 0) return false;
        at += written;
        length -= (size_t)written;
    }
    return true;
}

static UNUSED bool peer_read(peer *peer, void *bytes, size_t length) {
    char *at = bytes;
    while (length > 0) {
        int got = SSL_read(peer->ssl, at, (int)length);
        if (got <= 0) return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

/// Writes a frame's header and payload into `out`; returns its length.
static UNUSED size_t make_frame(char *out, int first_byte, const void *payload, size_t length) {
    size_t at = 0;
    out[at++] = (char)first_byte;
    if (length < 126) {
        out[at++] = (char)length;
    } else if (length < 65536) {
        out[at++] = 126;
        out[at++] = (char)(length >> 8);
        out[at++] = (char)length;
    } else {
        out[at++] = 127;
        for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (char)(length >> shift);
    }
    if (length > 0) memcpy(out + at, payload, length);
    return at + length;
}

static UNUSED bool peer_frame(peer *peer, int first_byte, const void *payload, size_t length) {
    char *frame = malloc(length + 16);
    bool done = peer_write(peer, frame, make_frame(frame, first_byte, payload, length));
    free(frame);
    return done;
}

static UNUSED bool peer_text(peer *peer, const char *text) {
    return peer_frame(peer, 0x81, text, strlen(text));
}

static UNUSED bool peer_close(peer *peer, int code, const char *text) {
    char payload[125] = {(char)(code >> 8), (char)code};
    size_t length = strlen(text);
    memcpy(payload + 2, text, length);
    return peer_frame(peer, 0x88, payload, length + 2);
}

/// Reads one masked frame; returns its opcode or -1. `length`: in capacity, out payload length.
static UNUSED int peer_next(peer *peer, char *payload, size_t *length) {
    uint8_t head[2], mask[4];
    if (!peer_read(peer, head, 2)) return -1;
    uint64_t size = head[1] & 0x7f;
    uint8_t wide[8];
    int more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more > 0) {
        if (!peer_read(peer, wide, (size_t)more)) return -1;
        size = 0;
        for (int i = 0; i < more; i++) size = size << 8 | wide[i];
    }
    if ((head[1] & 0x80) == 0 || size > *length) return -1; // Clients must mask.
    if (!peer_read(peer, mask, 4) || !peer_read(peer, payload, size)) return -1;
    for (uint64_t i = 0; i < size; i++) payload[i] = (char)(payload[i] ^ mask[i & 3]);
    *length = size;
    return head[0] & 0x0f;
}

/// Reads the request of the upgrade and works out the answer to its key.
static UNUSED bool peer_request(peer *peer) {
    size_t at = 0;
    while (strstr(peer->request, "\r\n\r\n") == NULL) {
        int got = SSL_read(peer->ssl, peer->request + at, (int)(sizeof peer->request - 1 - at));
        if (got <= 0) return false;
        at += (size_t)got;
        peer->request[at] = 0;
    }
    const char *key = strcasestr(peer->request, "sec-websocket-key: ");
    if (key == NULL) return false;
    char text[128];
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA1((uint8_t *)text, strlen(text), digest);
    EVP_EncodeBlock((uint8_t *)peer->accept, digest, sizeof digest);
    return true;
}

/// The answer of a good server, plus `more` header lines and what `before` glues behind it.
static UNUSED bool peer_answer(peer *peer, const char *more) {
    char answer[4096];
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s\r\n",
                          peer->accept, more);
    memcpy(answer + length, peer->glue, peer->glue_length);
    return SSL_write(peer->ssl, answer, length + (int)peer->glue_length) > 0;
}

static UNUSED void peer_talk(peer_host *host, peer *peer) {
    if (SSL_accept(peer->ssl) != 1 || !peer_request(peer)) return;
    if (host->instead != NULL) {
        host->instead(peer);
        return;
    }
    if (host->before != NULL) host->before(peer);
    if (peer_answer(peer, "")) host->script(peer);
}

static UNUSED void peer_serve(peer_host *host, int fd, int number) {
    peer peer = {.fd = fd, .number = number, .context = host->context};
    struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peer.ssl = SSL_new(host->ssl);
    SSL_set_fd(peer.ssl, fd);
    if (host->raw != NULL)
        host->raw(&peer);
    else
        peer_talk(host, &peer);
    SSL_free(peer.ssl);
    if (peer.fd >= 0) close(peer.fd);
    atomic_fetch_add(&host->served, 1);
}

static UNUSED void *peer_thread(void *argument) {
    peer_host *host = argument;
    for (int i = 0; i < host->connections; i++) {
        int fd = accept4(host->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) break;
        peer_serve(host, fd, i);
    }
    return NULL;
}

static UNUSED uint16_t listen_on(uint32_t host, int *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
    socklen_t size = sizeof address;
    *listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(*listener, (struct sockaddr *)&address, size) != 0) abort();
    if (listen(*listener, 64) != 0) abort();
    getsockname(*listener, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

static UNUSED uint16_t listen_anywhere(int *listener) {
    return listen_on(INADDR_LOOPBACK, listener);
}

/// Fill `script`, `connections` and the rest first.
static UNUSED void peer_start(peer_host *host) {
    host->ssl = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(host->ssl, host->tls);
    SSL_CTX_set_max_proto_version(host->ssl, host->tls);
    SSL_CTX_use_certificate_file(host->ssl, certificate_path("server.pem"), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(host->ssl, certificate_path("server.key"), SSL_FILETYPE_PEM);
    host->port = listen_on(host->address != 0 ? host->address : INADDR_LOOPBACK, &host->listener);
    if (pthread_create(&host->thread, NULL, peer_thread, host) != 0) abort();
}

static UNUSED void peer_stop(peer_host *host) {
    shutdown(host->listener, SHUT_RDWR);
    pthread_join(host->thread, NULL);
    close(host->listener);
    SSL_CTX_free(host->ssl);
}

#endif
