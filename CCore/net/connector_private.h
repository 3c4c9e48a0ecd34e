// connector_private.h — what connector.c and http.c share.
#ifndef NT_CONNECTOR_PRIVATE_H
#define NT_CONNECTOR_PRIVATE_H

#include <arpa/inet.h>
#include <pthread.h>

#include "nt/connector.h"
#include "trust.h"

typedef struct nt_exchange_state { ///< One request; lives on its caller's stack.
    struct nt_exchange_state *next;
    nt_connector *connector;
    const nt_http_request *request;
    nt_http_response *response;
    char address[INET6_ADDRSTRLEN];
    char host_header[160];
    uint32_t limit_ms, timeout_ms, max_body, capacity, body_sent;
    nt_status status;
    bool done;        ///< Guarded by the connector's lock.
    int64_t expected; ///< Content-Length, -1 when absent.
    bool chunked;
    char *read_start, **read_at; ///< While reading: our buffer, and how far it was used.
    struct lws *wsi;             ///< Connector thread only, as all below.
    lws_sorted_usec_list_t timer;
} nt_exchange_state;

struct nt_connector {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    nt_exchange_state *waiting; ///< Not yet started. Guarded by the lock, as the next two.
    bool stopping;
    uint32_t callers;            ///< Inside nt_http_perform.
    nt_exchange_state *running;  ///< Connector thread only.
    nt_exchange_state *starting; ///< Inside lws_client_connect_via_info, or NULL.
    struct lws_context *context;
    nt_trust_set trust;
};

/// Starts an exchange on the connector's thread; it ends through nt_connector_finish.
void nt_http_start(nt_exchange_state *exchange);
/// Hands the outcome to the caller. The exchange must not be touched afterwards.
void nt_connector_finish(nt_exchange_state *exchange, nt_status status);
extern const struct lws_protocols nt_http_protocols[];

#endif
