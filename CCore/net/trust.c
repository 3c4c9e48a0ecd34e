// trust.c — whom a client trusts, and readable reasons.
//
// libwebsockets keeps TLS settings per vhost, so each CA file gets one. A host with its own CA file
// trusts that file alone; without one, the system's store. Verification cannot be switched off.
//
// The SSL_CTX is ours. libwebsockets 4.1 finds its own objects through an index that every new
// context in the process replaces: its SSL_CTX leak, and its verify callback fails a handshake that
// is under way when another context is made. So our verify callback runs in its place; it asks
// OpenSSL, notes the date that a refusal is about, and changes nothing: OpenSSL forgets the
// certificates that it refuses.
//
// libwebsockets' error texts say little ("SSL err 1"), so the reason is taken where it is known:
// from the verify result, OpenSSL's error queue, errno and the status line.
#include "trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIBRARY_TIMEOUT_S = 3600 }; ///< Our own timers decide; these must not fire first.

struct lws_context_creation_info nt_trust_info(const struct lws_protocols *protocols) {
    struct lws_context_creation_info info = {0};
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    info.alpn = "http/1.1";
    info.timeout_secs = LIBRARY_TIMEOUT_S;
    info.connect_timeout_secs = LIBRARY_TIMEOUT_S;
    info.pt_serv_buf_size = NT_CLIENT_BUFFER;
    info.max_http_header_data = NT_CLIENT_BUFFER / 2;
    return info;
}

static pthread_once_t date_once = PTHREAD_ONCE_INIT;
static int date_index = -1; ///< Of an SSL object: the date that a refusal is about, UTC seconds.

static void reserve_date(void) { date_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL); }

static int64_t seconds_of(const ASN1_TIME *date) {
    struct tm broken_down;
    return ASN1_TIME_to_tm(date, &broken_down) == 1 ? (int64_t)timegm(&broken_down) : 0;
}

static int accept_verdict(int verdict, X509_STORE_CTX *store) {
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    if (verdict == 1 || ssl == NULL || certificate == NULL) return verdict;
    bool early = X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_NOT_YET_VALID;
    const ASN1_TIME *date =
        early ? X509_get0_notBefore(certificate) : X509_get0_notAfter(certificate);
    SSL_set_ex_data(ssl, date_index, (void *)(intptr_t)seconds_of(date));
    return verdict;
}

static int verify(X509_STORE_CTX *store, void *unused) {
    (void)unused;
    X509_STORE_CTX_set_verify_cb(store, accept_verdict);
    return X509_verify_cert(store);
}

SSL_CTX *nt_trust_settings(const char *ca_file) {
    pthread_once(&date_once, reserve_date);
    SSL_CTX *settings = SSL_CTX_new(TLS_client_method());
    if (settings == NULL) return NULL;
    SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION);
    SSL_CTX_set_options(settings, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(settings, verify, NULL);
    int loaded = 1;
    if (ca_file == NULL)
        loaded = SSL_CTX_set_default_verify_paths(settings);
    else if (ca_file[0] != 0)
        loaded = SSL_CTX_load_verify_file(settings, ca_file);
    if (loaded == 1) return settings;
    SSL_CTX_free(settings);
    return NULL;
}

static nt_status add(nt_trust_set *set, const char *ca_file) {
    nt_trust *trust = &set->entries[set->count];
    ERR_clear_error();
    trust->settings = nt_trust_settings(ca_file);
    if (trust->settings == NULL)
        return nt_fail(NT_INVALID, "CA file %s: no certificate in it",
                       ca_file != NULL ? ca_file : "of the system");
    struct lws_context_creation_info info = nt_trust_info(set->protocols);
    char name[32];
    snprintf(name, sizeof name, "trust %u", set->count);
    info.vhost_name = name;
    info.provided_client_ssl_ctx = trust->settings;
    trust->vhost = lws_create_vhost(set->context, &info);
    if (trust->vhost == NULL) {
        SSL_CTX_free(trust->settings);
        return nt_fail(NT_TLS, "libwebsockets refuses our TLS settings");
    }
    trust->system = ca_file == NULL;
    snprintf(trust->ca_file, sizeof trust->ca_file, "%s", ca_file != NULL ? ca_file : "");
    set->count++;
    return NT_OK;
}

void nt_trust_free(nt_trust_set *set) {
    for (uint32_t i = 0; i < set->count; i++) SSL_CTX_free(set->entries[i].settings);
    set->count = 0;
}

nt_status nt_trust_find(nt_trust_set *set, const char *ca_file, struct lws_vhost **out) {
    for (uint32_t i = 0; i < set->count; i++) {
        const nt_trust *known = &set->entries[i];
        if (known->system != (ca_file == NULL)) continue;
        if (ca_file != NULL && strcmp(known->ca_file, ca_file) != 0) continue;
        *out = known->vhost;
        return NT_OK;
    }
    if (ca_file != NULL && strlen(ca_file) >= NT_CA_PATH)
        return nt_fail(NT_INVALID, "the CA file's path is too long");
    if (ca_file != NULL && ca_file[0] != 0 && access(ca_file, R_OK) != 0)
        return nt_fail(NT_INVALID, "CA file %s: %s", ca_file, strerror(errno));
    if (set->count == NT_MAX_TRUST) return nt_fail(NT_FULL, "more than %d CA files", NT_MAX_TRUST);
    nt_status status = add(set, ca_file);
    if (status == NT_OK) *out = set->entries[set->count - 1].vhost;
    return status;
}

static long verify_result(const nt_refusal *refusal) {
    SSL *ssl = refusal->wsi != NULL ? lws_get_ssl(refusal->wsi) : NULL;
    return ssl != NULL ? SSL_get_verify_result(ssl) : X509_V_OK;
}

int64_t nt_trust_certificate_end(struct lws *wsi) {
    SSL *ssl = lws_get_ssl(wsi);
    STACK_OF(X509) *chain = ssl != NULL ? SSL_get0_verified_chain(ssl) : NULL;
    int64_t first = 0;
    for (int i = 0; chain != NULL && i < sk_X509_num(chain); i++) {
        int64_t end = seconds_of(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (end != 0 && (first == 0 || end < first)) first = end;
    }
    return first;
}

/// The two reasons that time alone brings and mends carry their date.
static void explain_certificate(const nt_refusal *refusal, long result, char *text,
                                size_t capacity) {
    bool late = result == X509_V_ERR_CERT_HAS_EXPIRED;
    if (!late && result != X509_V_ERR_CERT_NOT_YET_VALID) {
        snprintf(text, capacity, "certificate not trusted: %s",
                 X509_verify_cert_error_string(result));
        return;
    }
    time_t date = (time_t)(intptr_t)SSL_get_ex_data(lws_get_ssl(refusal->wsi), date_index);
    struct tm broken_down;
    char when[32] = "an unreadable date";
    if (gmtime_r(&date, &broken_down) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M UTC", &broken_down);
    snprintf(text, capacity, "certificate not trusted: %s %s",
             late ? "expired on" : "not valid before", when);
}

static nt_status explain_tls(const nt_refusal *refusal, char *text, size_t capacity) {
    long result = verify_result(refusal);
    const char *detail = ERR_reason_error_string(ERR_peek_last_error());
    if (result != X509_V_OK)
        explain_certificate(refusal, result, text, capacity);
    else
        snprintf(text, capacity, "TLS handshake failed: %s",
                 detail != NULL ? detail : "the peer hung up");
    return NT_TLS;
}

static nt_status explain_socket(const nt_refusal *refusal, char *text, size_t capacity) {
    switch (refusal->error) {
    case ECONNREFUSED:
        snprintf(text, capacity, "connection refused by %s:%u", refusal->address, refusal->port);
        break;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ETIMEDOUT:
    case ECONNRESET:
        snprintf(text, capacity, "cannot connect to %s:%u: %s", refusal->address, refusal->port,
                 strerror(refusal->error));
        break;
    default:
        snprintf(text, capacity, "cannot connect to %s:%u", refusal->address, refusal->port);
        break;
    }
    return NT_IO;
}

/// libwebsockets' texts are stable enough to tell the phases apart, not to show to anyone.
nt_status nt_trust_explain(const nt_refusal *refusal, char *text, size_t capacity) {
    const char *library = refusal->library;
    if (verify_result(refusal) != X509_V_OK || strncmp(library, "connect S", 9) == 0)
        return explain_tls(refusal, text, capacity);
    if (strncmp(library, "HS: ws upgrade", 14) == 0 && refusal->http_status != 0) {
        snprintf(text, capacity, "HTTP %d at upgrade", refusal->http_status);
        return NT_PROTOCOL;
    }
    if (strcmp(library, "problems parsing header") == 0) {
        snprintf(text, capacity, "bad answer: header malformed or longer than %d bytes",
                 NT_CLIENT_BUFFER / 2);
        return NT_PROTOCOL;
    }
    if (strncmp(library, "HS: ", 4) == 0) {
        snprintf(text, capacity, "bad answer: %s", library + 4);
        return NT_PROTOCOL;
    }
    if (library[0] == 0 || strcmp(library, "Unable to connect") == 0)
        return explain_socket(refusal, text, capacity);
    snprintf(text, capacity, "%s:%u hung up before it answered", refusal->address, refusal->port);
    return NT_IO;
}
