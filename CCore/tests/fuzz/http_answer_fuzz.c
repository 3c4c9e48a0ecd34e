// http_answer_fuzz.c — any answer to a REST request, through the connector as it is used.
//
// Proves, against a reader of HTTP of its own: a well-formed answer is given with its status and
// its body, byte by byte; an answer that breaks off is an error, never a shorter body; a status is
// the one in the answer's first line, a body stands in the answer, and what the headers say of
// waiting and of used weight is what they say; every exchange ends.
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nt/connector.h"

enum {
    CONTROL = 1,
    LONGEST = 32 * 1024,
    MAX_BODY = 8 * 1024,
    MAX_HEAD = 1500,
    PATIENCE_MS = 60000
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// --- the other end: one thread, one answer for each connection ----------------------------------

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int listener;
    uint16_t port;
    const uint8_t *bytes;
    size_t length, piece;
    bool busy;
} peer = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void serve_one(int fd) {
    char request[4096];
    size_t got = 0;
    while (got < sizeof request - 1) {
        const ssize_t count = recv(fd, request + got, sizeof request - 1 - got, 0);
        if (count <= 0) return;
        got += (size_t)count;
        request[got] = 0;
        if (strstr(request, "\r\n\r\n") != NULL) break;
    }
    for (size_t at = 0; at < peer.length;) {
        const size_t length = peer.length - at < peer.piece ? peer.length - at : peer.piece;
        if (send(fd, peer.bytes + at, length, MSG_NOSIGNAL) < 0) return;
        at += length;
    }
    shutdown(fd, SHUT_WR);
    while (recv(fd, request, sizeof request, 0) > 0) {
    }
}

static void *serve(void *unused) {
    (void)unused;
    for (;;) {
        const int fd = accept4(peer.listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) abort();
        serve_one(fd);
        // A reset, so that no port waits for stragglers.
        const struct linger now = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
        pthread_mutex_lock(&peer.lock);
        peer.busy = false;
        pthread_cond_signal(&peer.changed);
        pthread_mutex_unlock(&peer.lock);
    }
}

static nt_connector *start(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    pthread_t thread;
    nt_connector *connector;
    peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(peer.listener, (struct sockaddr *)&address, size) != 0) abort();
    if (listen(peer.listener, 16) != 0) abort();
    getsockname(peer.listener, (struct sockaddr *)&address, &size);
    peer.port = ntohs(address.sin_port);
    if (nt_connector_create(&connector) != NT_OK) abort();
    if (pthread_create(&thread, NULL, serve, NULL) != 0) abort();
    pthread_detach(thread);
    return connector;
}

// --- what HTTP makes of the bytes --------------------------------------------------------------

typedef enum { UNJUDGED, BROKEN_OFF, WHOLE } verdict;

static struct {
    verdict verdict;
    uint32_t status;
    int64_t length;      ///< Content-Length, -1 = none.
    int64_t retry_after; ///< -1 = none, or no number.
    int64_t weight;
    bool chunked;
    uint8_t body[LONGEST];
    size_t body_length;
} expected;

typedef struct {
    const char *at, *end;
} text;

static char searched[LONGEST + 1]; ///< Without NUL, which would end a search.
static bool is_odd;                ///< It holds control characters, which libwebsockets may drop.

static void look_over(const char *bytes, size_t length) {
    is_odd = false;
    for (size_t i = 0; i < length; i++) {
        const bool ends_line = bytes[i] == '\r' ? bytes[i + 1] == '\n' : bytes[i] == '\n';
        if ((uint8_t)bytes[i] < ' ' && !ends_line) is_odd = true;
        searched[i] = bytes[i] != 0 ? bytes[i] : ' ';
    }
    searched[length] = 0;
}

static bool is_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/// A number of at most nine digits and nothing else; -1 otherwise.
static int64_t plain_number(const char *at, size_t length) {
    int64_t value = 0;
    if (length == 0 || length > 9) return -1;
    for (size_t i = 0; i < length; i++) {
        if (at[i] < '0' || at[i] > '9') return -1;
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

/// False: a header that makes the answer one that is not judged.
static bool take_header(const char *name, size_t name_length, const char *value, size_t length) {
    char copy[64];
    if (name_length >= sizeof copy) return true;
    memcpy(copy, name, name_length);
    copy[name_length] = 0;
    if (strcasecmp(copy, "content-length") == 0) {
        const bool again = expected.length >= 0;
        expected.length = plain_number(value, length);
        return !again && expected.length >= 0;
    }
    if (strcasecmp(copy, "transfer-encoding") == 0) {
        const bool again = expected.chunked;
        expected.chunked = length == 7 && memcmp(value, "chunked", 7) == 0;
        return !again && expected.chunked;
    }
    if (strcasecmp(copy, "retry-after") == 0) {
        if (expected.retry_after != -1) return false;
        expected.retry_after = plain_number(value, length);
        return expected.retry_after >= 0 && length < 9;
    }
    if (strcasecmp(copy, "x-mbx-used-weight-1m") == 0) {
        if (expected.weight != -1) return false;
        expected.weight = plain_number(value, length);
        return expected.weight >= 0;
    }
    // Connection, upgrades, cookies, encodings: other rules may hold.
    return strcasecmp(copy, "content-type") == 0 || strcasecmp(copy, "date") == 0;
}

/// "name: value\r\n" with printable characters alone.
static bool read_header(text *t) {
    const char *line = t->at, *end = memmem(line, (size_t)(t->end - line), "\r\n", 2);
    if (end == NULL) return false;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (colon == NULL || colon == line || end - colon < 3 || colon[1] != ' ' || colon[2] == ' ' ||
        end[-1] == ' ')
        return false;
    for (const char *c = line; c < colon; c++)
        if (!is_token(*c)) return false;
    for (const char *c = colon + 2; c < end; c++)
        if (*c < 32 || *c > 126) return false;
    t->at = end + 2;
    return take_header(line, (size_t)(colon - line), colon + 2, (size_t)(end - colon - 2));
}

static bool read_head(text *t) {
    if (t->end - t->at < 15 || memcmp(t->at, "HTTP/1.1 ", 9) != 0) return false;
    expected.status = (uint32_t)plain_number(t->at + 9, 3);
    if (memcmp(t->at + 12, " OK", 3) != 0) return false;
    // What has no body or means something else to HTTP itself is not judged.
    if (expected.status < 200 || expected.status > 599 || expected.status == 204 ||
        expected.status / 100 == 3 || expected.status == 401)
        return false;
    const char *first = t->at;
    t->at += 15;
    if (t->end - t->at < 2 || memcmp(t->at, "\r\n", 2) != 0) return false;
    t->at += 2;
    while (t->end - t->at < 2 || memcmp(t->at, "\r\n", 2) != 0)
        if (!read_header(t)) return false;
    t->at += 2;
    return t->at - first <= MAX_HEAD && !(expected.chunked && expected.length >= 0);
}

static int hex_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// One chunk's size line.
static verdict read_size(text *t, size_t *size) {
    *size = 0;
    for (int digits = 0; t->at < t->end; t->at++, digits++) {
        const int digit = hex_of(*t->at);
        if (digit < 0 && digits > 0) break;
        if (digit < 0 || digits == 6) return UNJUDGED;
        *size = *size * 16 + (size_t)digit;
    }
    if (t->end - t->at < 2) return BROKEN_OFF;
    if (memcmp(t->at, "\r\n", 2) != 0) return UNJUDGED;
    t->at += 2;
    return WHOLE;
}

static verdict read_chunks(text *t) {
    for (;;) {
        size_t size;
        const verdict read = read_size(t, &size);
        if (read != WHOLE) return read;
        if ((size_t)(t->end - t->at) < size) return BROKEN_OFF;
        memcpy(expected.body + expected.body_length, t->at, size);
        expected.body_length += size;
        t->at += size;
        if (t->end - t->at < 2) return size == 0 ? UNJUDGED : BROKEN_OFF;
        if (memcmp(t->at, "\r\n", 2) != 0) return UNJUDGED; // Trailers, or no chunks at all.
        t->at += 2;
        if (size == 0) return WHOLE;
    }
}

static verdict judge(text t) {
    expected.length = expected.retry_after = expected.weight = -1;
    expected.chunked = false;
    expected.body_length = 0;
    if (!read_head(&t)) return UNJUDGED;
    if (expected.chunked) return read_chunks(&t);
    size_t left = (size_t)(t.end - t.at);
    if (expected.length >= 0 && left < (size_t)expected.length) return BROKEN_OFF;
    if (expected.length >= 0) left = (size_t)expected.length;
    memcpy(expected.body, t.at, left);
    expected.body_length = left;
    return WHOLE;
}

// --- one input ---------------------------------------------------------------------------------

/// Some header of this name says this number, and no more than that.
static bool is_said(const char *name, int64_t value) {
    char number[24];
    if (is_odd) return true;
    const size_t digits = (size_t)snprintf(number, sizeof number, "%lld", (long long)value);
    for (const char *at = searched; (at = strcasestr(at, name)) != NULL;) {
        at += strlen(name);
        const char *c = at;
        while (*c == ':' || *c == ' ' || *c == '\t' || *c == '0') c++;
        if (value == 0 && c > at && c[-1] == '0') c--;
        if (strncmp(c, number, digits) == 0 && (c[digits] < '0' || c[digits] > '9')) return true;
    }
    return false;
}

/// Whatever it was: nothing that is not in the bytes.
static void check_any(const nt_http_response *response, text t) {
    char status[16];
    const int length = snprintf(status, sizeof status, "%u", response->status);
    if (memmem(t.at, (size_t)(t.end - t.at), status, (size_t)length) == NULL) abort();
    if (response->body == NULL || response->body[response->body_length] != 0) abort();
    if (response->body_length > MAX_BODY || response->retry_after_s < -1) abort();
    if (response->used_weight < -1 || !response->sent) abort();
    if (response->used_weight >= 0 && response->used_weight < INT32_MAX &&
        !is_said("x-mbx-used-weight-1m", response->used_weight))
        abort();
    if (response->retry_after_s >= 0 && !is_said("retry-after", response->retry_after_s)) abort();
    if (strcasestr(searched, "chunked") != NULL) return;
    if (memmem(t.at, (size_t)(t.end - t.at), response->body, response->body_length) == NULL)
        abort();
}

static void check(nt_status status, const nt_http_response *response, text t) {
    if (status == NT_TIMEOUT) abort(); // It hangs.
    if (status == NT_OK) check_any(response, t);
    if (status != NT_OK && response->error[0] == 0) abort();
    if (expected.verdict == BROKEN_OFF && status == NT_OK) abort();
    if (expected.verdict != WHOLE) return;
    if (expected.body_length > MAX_BODY) {
        if (status != NT_FULL) abort();
        return;
    }
    if (status != NT_OK || response->status != expected.status) abort();
    if (response->body_length != expected.body_length) abort();
    if (memcmp(response->body, expected.body, expected.body_length) != 0) abort();
    if (response->retry_after_s != expected.retry_after) abort();
    if (response->used_weight != expected.weight) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static nt_connector *connector;
    static char copy[LONGEST + 1];
    if (size < CONTROL || size - CONTROL > LONGEST) return 0;
    if (connector == NULL) connector = start();
    size -= CONTROL;
    memcpy(copy, data + CONTROL, size);
    look_over(copy, size);
    const text answer = {copy, copy + size};
    expected.verdict = judge(answer);
    peer.bytes = (const uint8_t *)copy;
    peer.length = size;
    peer.piece = 1 + size / (1 + (data[0] >> 4));
    peer.busy = true;
    nt_http_request request = {.method = data[0] & 1 ? "POST" : "GET",
                               .host = "127.0.0.1",
                               .port = peer.port,
                               .target = "/api/v3/account",
                               .plain_text = true,
                               .timeout_ms = PATIENCE_MS,
                               .max_body = MAX_BODY};
    nt_http_response response;
    const nt_status status = nt_http_perform(connector, &request, &response);
    check(status, &response, answer);
    if (status == NT_OK) nt_http_response_free(&response);
    pthread_mutex_lock(&peer.lock);
    while (peer.busy) pthread_cond_wait(&peer.changed, &peer.lock);
    pthread_mutex_unlock(&peer.lock);
    return 0;
}
