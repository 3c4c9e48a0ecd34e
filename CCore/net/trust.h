// trust.h — whom a client trusts, and why a connection was refused. Shared by streams and REST.
#ifndef NT_TRUST_H
#define NT_TRUST_H

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdbool.h>

#include "nt/status.h"

enum { NT_MAX_TRUST = 16, NT_CA_PATH = 256, NT_CLIENT_BUFFER = 32 * 1024 };

typedef struct nt_trust {
    char ca_file[NT_CA_PATH];
    bool system; ///< The system's store.
    struct lws_vhost *vhost;
    SSL_CTX *settings; ///< Ours; libwebsockets only borrows it.
} nt_trust;

/// One libwebsockets vhost per CA file. Belongs to the context's thread.
typedef struct nt_trust_set {
    struct lws_context *context;
    const struct lws_protocols *protocols;
    nt_trust entries[NT_MAX_TRUST];
    uint32_t count;
} nt_trust_set;

/// Settings of a client context or vhost: TLS 1.2 and up, HTTP/1.1, no listening.
struct lws_context_creation_info nt_trust_info(const struct lws_protocols *protocols);
/// The vhost that trusts `ca_file` alone, the system's store when NULL, nobody when "" (for plain
/// text: the system's store takes tens of milliseconds to read). NT_INVALID: unreadable.
nt_status nt_trust_find(nt_trust_set *set, const char *ca_file, struct lws_vhost **out);
/// After the context is destroyed.
void nt_trust_free(nt_trust_set *set);
/// TLS client settings that trust `ca_file` alone, the system's store when NULL, nobody when "".
SSL_CTX *nt_trust_settings(const char *ca_file);

/// When the first certificate of the peer's verified chain expires, UTC seconds; 0: no TLS.
int64_t nt_trust_certificate_end(struct lws *wsi);

typedef struct nt_refusal {
    const char *address;
    uint16_t port;
    struct lws *wsi;     ///< Still with its SSL object, or NULL.
    int error;           ///< errno of the connect, 0 if unknown.
    int http_status;     ///< Of an answer that was no upgrade, 0 if none.
    const char *library; ///< libwebsockets' own text; "" when it gave none.
} nt_refusal;

/// One sentence on why no connection came about. Returns NT_TLS, NT_PROTOCOL or NT_IO.
nt_status nt_trust_explain(const nt_refusal *refusal, char *text, size_t capacity);

#endif
