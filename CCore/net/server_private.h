// server_private.h — what server.c, server_http.c and server_peer.c share. Server thread only,
// except for `stopping`.
#ifndef NT_SERVER_PRIVATE_H
#define NT_SERVER_PRIVATE_H

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "nt/server.h"

enum {
    NT_SERVER_QUEUE_LIMIT = 4 * 1024 * 1024,    ///< Bytes waiting for one peer.
    NT_SERVER_MESSAGE_LIMIT = 16 * 1024 * 1024, ///< Longest message a peer may send.
    NT_SERVER_BUFFER = 32 * 1024,
    NT_SERVER_PATH = 1024,
    NT_SERVER_QUERY = 8 * 1024,
    NT_SERVER_KEY = 256,
};

typedef struct nt_outgoing { ///< One queued message; its bytes follow LWS_PRE.
    struct nt_outgoing *next;
    uint32_t length;
    enum lws_write_protocol kind;
    uint8_t bytes[];
} nt_outgoing;

typedef struct nt_peer_slot {
    nt_peer id;      ///< 0 = free.
    struct lws *wsi; ///< NULL until the upgrade is answered.
    nt_outgoing *first, *last;
    uint32_t queued_bytes;
    uint16_t close_code; ///< Sent after the queue, 0 = none.
    bool cut;            ///< Cut off; nothing more is queued or delivered.
    uint8_t *message;    ///< Being reassembled.
    uint32_t message_length, message_capacity;
} nt_peer_slot;

typedef struct nt_exchange { ///< One HTTP connection's current request.
    nt_server *server;
    struct lws *wsi;
    const char *method;
    uint8_t *body;
    uint32_t body_length, body_capacity;
    bool too_long, answered, close_after, broken;
    char path[NT_SERVER_PATH], query[NT_SERVER_QUERY], api_key[NT_SERVER_KEY];
} nt_exchange;

typedef struct nt_session { ///< What libwebsockets keeps per connection for us.
    nt_exchange *exchange;
} nt_session;

struct nt_server {
    nt_server_config config;
    char certificate[512], key[512], api_key_header[64], address[16];
    struct lws_context *context;
    struct lws_vhost *vhost;
    SSL_CTX *no_client; ///< libwebsockets would load the system's store otherwise.
    pthread_t thread;
    atomic_bool stopping;
    uint16_t port;
    int ticker_fd;
    nt_exchange *current; ///< The request whose callback runs.
    nt_peer last_peer;
    nt_peer_slot *peers;
};

// server_http.c
/// Path and query of the request whose headers `wsi` holds. Nonzero: they do not fit.
int nt_server_target(struct lws *wsi, char *path, char *query);
int nt_server_http(nt_server *server, struct lws *wsi, nt_session *session,
                   enum lws_callback_reasons reason, void *in, size_t length);
void nt_exchange_free(nt_session *session);

// server_peer.c
/// Asks the user; the answer to libwebsockets' "may it upgrade?".
int nt_peer_confirm(nt_server *server, struct lws *wsi);
int nt_peer_event(nt_server *server, struct lws *wsi, enum lws_callback_reasons reason, void *in,
                  size_t length);
void nt_peer_gone(nt_server *server, struct lws *wsi);

#endif
