// connector.h — one thread for everything slow: names and REST.
//
// Calls block the caller, never the lane; each has a time limit. REST goes through
// libwebsockets' HTTP client over TLS with host name and CA verification.
#ifndef NT_CONNECTOR_H
#define NT_CONNECTOR_H

#include <stdbool.h>

#include "nt/status.h"

typedef struct nt_connector nt_connector;

typedef struct nt_http_request {
    const char *method;  ///< "GET", "POST", "PUT", "DELETE"
    const char *host;    ///< "api.binance.com" or "127.0.0.1"
    const char *address; ///< Of the host, numeric; NULL: the name is looked up.
    uint16_t port;
    const char *target;  ///< "/api/v3/depth?symbol=BTCUSDT"
    const char *headers; ///< "Name: value\r\n…" or NULL.
    const char *body;    ///< NULL = none.
    uint32_t body_length;
    const char *ca_file; ///< PEM; NULL = the system's store.
    bool plain_text;     ///< No TLS: loopback only.
    uint32_t timeout_ms; ///< Whole exchange. Default 10,000 when 0.
    uint32_t max_body;   ///< Longer answers fail with NT_FULL. Default 16 MiB when 0.
} nt_http_request;

typedef struct nt_http_response {
    uint32_t status; ///< HTTP status.
    uint8_t *body;   ///< malloc'ed, NUL-terminated; free with nt_http_response_free.
    uint32_t body_length;
    int64_t retry_after_s;     ///< Retry-After header, -1 when absent.
    int32_t used_weight;       ///< X-MBX-USED-WEIGHT-1M, -1 when absent.
    int64_t certificate_end_s; ///< When the peer's certificate expires, UTC seconds; 0: none seen.
    bool sent;                 ///< Request bytes may have left this machine.
    char error[256];           ///< Clear text when the call failed.
} nt_http_response;

/// Starts the thread. Create before the lane.
nt_status nt_connector_create(nt_connector **out);
/// Fails what is in flight with NT_CLOSED, joins the thread.
void nt_connector_destroy(nt_connector *connector);

/// One exchange. Any thread. NT_OK whenever an HTTP status came back, whatever it is. NT_TIMEOUT,
/// NT_IO, NT_TLS, NT_PROTOCOL, NT_FULL otherwise, with response->error and response->sent set;
/// NT_BUSY for the 65th at once.
nt_status nt_http_perform(nt_connector *connector, const nt_http_request *request,
                          nt_http_response *response);
void nt_http_response_free(nt_http_response *response);

#endif
