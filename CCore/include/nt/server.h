// server.h — HTTPS and WSS server on loopback, by libwebsockets' server side: what the venue
// simulator stands on. One thread; all callbacks run on it.
#ifndef NT_SERVER_H
#define NT_SERVER_H

#include <stdbool.h>

#include "nt/status.h"

typedef struct nt_server nt_server;
typedef uint32_t nt_peer; ///< One WebSocket connection; never reused. 0 = none.

typedef struct nt_server_request {
    const char *method; ///< Upper case.
    const char *path;   ///< Without query.
    /// Without '?', "" when none; encoded as Python's urlencode does (space '+', upper case %XX),
    /// except that '@', '/', ':' and '!' stand as they are. Equal to the client's own bytes when it
    /// encodes so too; libwebsockets hands out decoded text only.
    const char *query;
    const char *api_key; ///< Value of the api_key_header of the configuration; "".
    const uint8_t *body;
    uint32_t body_length;
} nt_server_request;

typedef struct nt_server_config {
    uint16_t port;                ///< 0 = any free one.
    const char *address;          ///< 127.…, nothing else; NULL = 127.0.0.1.
    const char *certificate_file; ///< PEM; NULL = plain text.
    const char *key_file;
    const char *api_key_header; ///< Lower case with colon, such as "x-mbx-apikey:".
    uint32_t max_body;          ///< Requests with longer bodies get 413.
    uint32_t max_peers;
    uint32_t tick_ms; ///< on_tick interval, 1 … 1000.
    void *context;
    /// Answer through nt_server_reply before returning.
    void (*on_request)(void *context, nt_server *server, const nt_server_request *request);
    /// A WebSocket peer asks to open `path?query`. False refuses it with 403.
    bool (*on_open)(void *context, nt_server *server, nt_peer peer, const char *path,
                    const char *query);
    void (*on_message)(void *context, nt_server *server, nt_peer peer, const uint8_t *bytes,
                       uint32_t length);
    void (*on_close)(void *context, nt_server *server, nt_peer peer);
    void (*on_pong)(void *context, nt_server *server, nt_peer peer); ///< NULL: nobody counts them.
    void (*on_tick)(void *context, nt_server *server, int64_t now_ns);
} nt_server_config;

/// Binds, starts the thread. NT_LOCKED: the port is in use (nt_last_error names it).
nt_status nt_server_start(const nt_server_config *config, nt_server **out);
/// Stops the thread, closes every peer, frees.
void nt_server_stop(nt_server *server);
uint16_t nt_server_port(const nt_server *server);

/// Answers the request being handled. `headers`: extra lines "Name: value\r\n…" or NULL.
/// Callback thread only, once per request.
void nt_server_reply(nt_server *server, uint32_t status, const char *content_type,
                     const char *headers, const uint8_t *body, uint32_t body_length);
/// Queues one text message. NT_BUSY: this peer's queue (4 MiB) is full: it is cut off, as venues
/// do with slow consumers. Callback thread only.
nt_status nt_server_send(nt_server *server, nt_peer peer, const uint8_t *bytes, uint32_t length);
/// Queues a ping. Callback thread only.
nt_status nt_server_ping(nt_server *server, nt_peer peer);
/// Closes a peer with a close code, or, with code 0, by cutting the TCP connection.
void nt_server_close_peer(nt_server *server, nt_peer peer, uint16_t code);

/// Makes a CA and, signed by it, a server certificate for 127.0.0.1, ::1 and localhost:
/// ca.pem, server.pem, server.key (0600) under `directory`, valid 30 days. Re-used when still
/// valid for a day. The CA's own key is thrown away.
nt_status nt_server_make_certificates(const char *directory);
/// The same, always anew, for trying out what time does to certificates: server.pem holds from
/// `from_s` to `until_s` seconds after now, renewed.pem and renewed.key are its successor by the
/// same CA, valid 30 days from now.
nt_status nt_server_make_dated_certificates(const char *directory, int64_t from_s, int64_t until_s);

#endif
