// server_http.c — HTTP requests: headers and body collected, one answer, keep-alive.
//
// libwebsockets hands out the query decoded and cut at '&'. Signatures are made over the encoded
// text, so it is encoded again the way clients do: letters, digits and "-_.~" stand as they are,
// so do "@/:!" (stream names), a space is '+', all else %XX. A client that encodes otherwise sees
// an equal query, but not the same bytes.
#include "server_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { LONGEST_DISCARD = 64 * 1024 * 1024, FIRST_BODY = 4096 };

static const struct {
    enum lws_token_indexes token;
    const char *name;
    bool has_body;
} methods[] = {{WSI_TOKEN_GET_URI, "GET", false},    {WSI_TOKEN_POST_URI, "POST", true},
               {WSI_TOKEN_PUT_URI, "PUT", true},     {WSI_TOKEN_DELETE_URI, "DELETE", false},
               {WSI_TOKEN_PATCH_URI, "PATCH", true}, {WSI_TOKEN_OPTIONS_URI, "OPTIONS", false},
               {WSI_TOKEN_HEAD_URI, "HEAD", false}};
enum { METHOD_COUNT = sizeof methods / sizeof methods[0] };

static int find_method(struct lws *wsi) {
    for (int i = 0; i < METHOD_COUNT; i++)
        if (lws_hdr_total_length(wsi, methods[i].token) > 0) return i;
    return -1;
}

static size_t encode(const char *text, bool first_equals, char *out, size_t at) {
    static const char hex[] = "0123456789ABCDEF";
    for (const char *c = text; *c != 0 && at + 4 < NT_SERVER_QUERY; c++) {
        bool plain = isalnum((unsigned char)*c) || strchr("-_.~@/:!", *c) != NULL;
        if (*c == '=' && first_equals) {
            first_equals = false;
            plain = true;
        }
        if (plain) {
            out[at++] = *c;
        } else if (*c == ' ') {
            out[at++] = '+';
        } else {
            out[at++] = '%';
            out[at++] = hex[(unsigned char)*c >> 4];
            out[at++] = hex[*c & 15];
        }
    }
    return at;
}

static int collect_query(struct lws *wsi, char *query) {
    char fragment[NT_SERVER_QUERY];
    size_t at = 0;
    for (int i = 0;; i++) {
        int length =
            lws_hdr_copy_fragment(wsi, fragment, sizeof fragment, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length < 0) break;
        if (i > 0) query[at++] = '&';
        at = encode(fragment, true, query, at);
        if (at + 8 >= NT_SERVER_QUERY) return -1;
    }
    query[at] = 0;
    return 0;
}

int nt_server_target(struct lws *wsi, char *path, char *query) {
    int method = find_method(wsi);
    if (method < 0 || lws_hdr_copy(wsi, path, NT_SERVER_PATH, methods[method].token) <= 0)
        return -1;
    return collect_query(wsi, query);
}

void nt_exchange_free(nt_session *session) {
    if (session->exchange == NULL) return;
    free(session->exchange->body);
    free(session->exchange);
    session->exchange = NULL;
}

static const char *status_text(uint32_t status) {
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 413:
        return "Content Too Large";
    case 418:
        return "I'm a teapot";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Status";
    }
}

static void write_answer(nt_exchange *exchange, uint32_t status, const char *content_type,
                         const char *headers, const uint8_t *body, uint32_t body_length) {
    enum { HEAD = 512 };
    size_t extra = headers != NULL ? strlen(headers) : 0;
    size_t capacity = HEAD + extra + strlen(content_type) + body_length;
    uint8_t *bytes = malloc(LWS_PRE + capacity);
    exchange->answered = true;
    if (bytes == NULL) {
        exchange->broken = true;
        return;
    }
    bool head_only = strcmp(exchange->method, "HEAD") == 0;
    size_t length = (size_t)snprintf(
        (char *)bytes + LWS_PRE, capacity,
        "HTTP/1.1 %u %s\r\ncontent-type: %s\r\ncontent-length: %u\r\nconnection: %s\r\n%s\r\n",
        status, status_text(status), content_type, body_length,
        exchange->close_after ? "close" : "keep-alive", headers != NULL ? headers : "");
    if (body_length > 0 && !head_only) {
        memcpy(bytes + LWS_PRE + length, body, body_length);
        length += body_length;
    }
    if (lws_write(exchange->wsi, bytes + LWS_PRE, length, LWS_WRITE_HTTP) < 0)
        exchange->broken = true;
    free(bytes);
}

void nt_server_reply(nt_server *server, uint32_t status, const char *content_type,
                     const char *headers, const uint8_t *body, uint32_t body_length) {
    NT_ASSERT(server->current != NULL && !server->current->answered);
    write_answer(server->current, status, content_type, headers, body, body_length);
}

static void answer_text(nt_exchange *exchange, uint32_t status, const char *text) {
    write_answer(exchange, status, "text/plain", NULL, (const uint8_t *)text,
                 (uint32_t)strlen(text));
}

/// Nonzero closes the connection.
static int answer(nt_session *session) {
    nt_exchange *exchange = session->exchange;
    nt_server *server = exchange->server;
    if (exchange->too_long) {
        answer_text(exchange, 413, "request too long\n");
    } else {
        nt_server_request request = {.method = exchange->method,
                                     .path = exchange->path,
                                     .query = exchange->query,
                                     .api_key = exchange->api_key,
                                     .body = exchange->body,
                                     .body_length = exchange->body_length};
        server->current = exchange;
        if (server->config.on_request != NULL)
            server->config.on_request(server->config.context, server, &request);
        server->current = NULL;
        if (!exchange->answered) answer_text(exchange, 500, "no answer\n");
    }
    struct lws *wsi = exchange->wsi;
    bool close = exchange->broken || exchange->close_after;
    nt_exchange_free(session);
    if (!close) return lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
    return -1;
}

static int64_t content_length(struct lws *wsi) {
    char text[32];
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0) return -1;
    if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0) return -1;
    return strtoll(text, NULL, 10);
}

static bool wants_close(struct lws *wsi) {
    char text[32];
    return lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_CONNECTION) > 0 &&
           strcasecmp(text, "close") == 0;
}

static int begin(nt_server *server, struct lws *wsi, nt_session *session) {
    nt_exchange_free(session);
    int method = find_method(wsi);
    nt_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL || method < 0) {
        free(exchange);
        return -1;
    }
    session->exchange = exchange;
    exchange->server = server;
    exchange->wsi = wsi;
    exchange->method = methods[method].name;
    exchange->close_after = wants_close(wsi);
    if (nt_server_target(wsi, exchange->path, exchange->query) != 0) exchange->too_long = true;
    int name_length = (int)strlen(server->api_key_header);
    if (name_length > 0 && lws_hdr_custom_copy(wsi, exchange->api_key, NT_SERVER_KEY,
                                               server->api_key_header, name_length) < 0)
        exchange->api_key[0] = 0;
    bool chunked = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
    int64_t length = content_length(wsi);
    if (chunked || length > LONGEST_DISCARD) {
        exchange->too_long = exchange->close_after = true;
        return answer(session);
    }
    if (length > server->config.max_body) exchange->too_long = true;
    // libwebsockets says "body complete" also for a POST with the length 0.
    if (length > 0 || (length == 0 && methods[method].token == WSI_TOKEN_POST_URI)) return 0;
    // Without a length it would wait for a body that never ends.
    if (length < 0 && methods[method].has_body) exchange->close_after = true;
    return answer(session);
}

static int append(nt_exchange *exchange, const uint8_t *bytes, size_t length) {
    if (exchange->too_long || length == 0) return 0;
    if (exchange->body_length + length > exchange->server->config.max_body) {
        exchange->too_long = true;
        return 0;
    }
    uint32_t needed = exchange->body_length + (uint32_t)length;
    if (needed > exchange->body_capacity) {
        uint32_t capacity = needed < FIRST_BODY ? FIRST_BODY : needed * 2;
        uint8_t *grown = realloc(exchange->body, capacity);
        if (grown == NULL) return -1;
        exchange->body = grown;
        exchange->body_capacity = capacity;
    }
    memcpy(exchange->body + exchange->body_length, bytes, length);
    exchange->body_length = needed;
    return 0;
}

int nt_server_http(nt_server *server, struct lws *wsi, nt_session *session,
                   enum lws_callback_reasons reason, void *in, size_t length) {
    if (session == NULL) return -1;
    if (reason == LWS_CALLBACK_HTTP) return begin(server, wsi, session);
    if (session->exchange == NULL) return -1;
    if (reason == LWS_CALLBACK_HTTP_BODY) return append(session->exchange, in, length);
    return answer(session);
}
