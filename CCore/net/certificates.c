// certificates.c — a throw-away CA and a server certificate for loopback.
//
// EC P-256, SHA-256. The CA signs once and its key is forgotten, so nothing else can ever be signed
// with it. Files appear by rename, so that a reader sees all of one or nothing.
#include "nt/server.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VALID_DAYS = 30, DAY_S = 24 * 3600, BACKDATE_S = 3600, MAX_PATH = 512 };

typedef struct {
    EVP_PKEY *ca_key, *server_key;
    X509 *ca, *server;
} certificates;

typedef struct {
    int64_t from_s, until_s; ///< Seconds from now.
} validity;

static const validity usual = {-BACKDATE_S, (int64_t)VALID_DAYS *DAY_S};

static nt_status openssl_failed(const char *what) {
    const char *reason = ERR_reason_error_string(ERR_get_error());
    return nt_fail(NT_TLS, "%s: %s", what, reason != NULL ? reason : "OpenSSL gives no reason");
}

static bool extend(X509 *certificate, X509 *issuer, int id, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    if (extension == NULL) return false;
    bool added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static X509 *blank(EVP_PKEY *key, const char *name, X509 *issuer, const validity *valid) {
    X509 *certificate = X509_new();
    if (certificate == NULL) return NULL;
    uint64_t serial = 0;
    RAND_bytes((unsigned char *)&serial, sizeof serial);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), (long)valid->from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (long)valid->until_s);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer != NULL ? issuer : certificate));
    return certificate;
}

static bool make_ca(certificates *made) {
    made->ca_key = EVP_EC_gen("P-256");
    if (made->ca_key == NULL) return false;
    X509 *ca = made->ca = blank(made->ca_key, "Needletail loopback CA", NULL, &usual);
    return ca != NULL && extend(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           extend(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           extend(ca, ca, NID_subject_key_identifier, "hash") &&
           X509_sign(ca, made->ca_key, EVP_sha256()) > 0;
}

static void forget_server(certificates *made) {
    EVP_PKEY_free(made->server_key);
    X509_free(made->server);
    made->server_key = NULL;
    made->server = NULL;
}

static bool make_server(certificates *made, const validity *valid) {
    forget_server(made);
    made->server_key = EVP_EC_gen("P-256");
    if (made->server_key == NULL) return false;
    X509 *server = made->server = blank(made->server_key, "localhost", made->ca, valid);
    return server != NULL && extend(server, made->ca, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(server, made->ca, NID_key_usage, "critical,digitalSignature") &&
           extend(server, made->ca, NID_ext_key_usage, "serverAuth") &&
           extend(server, made->ca, NID_subject_key_identifier, "hash") &&
           extend(server, made->ca, NID_authority_key_identifier, "keyid") &&
           extend(server, made->ca, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
           X509_sign(server, made->ca_key, EVP_sha256()) > 0;
}

static void release(certificates *made) {
    EVP_PKEY_free(made->ca_key);
    X509_free(made->ca);
    forget_server(made);
}

/// Writes one PEM file: `certificate` or, when that is NULL, `key`.
static nt_status write_pem(const char *directory, const char *name, mode_t mode, X509 *certificate,
                           EVP_PKEY *key) {
    char path[MAX_PATH], fresh[MAX_PATH + 8];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return nt_fail(NT_IO, "%s: %s", fresh, strerror(errno));
    FILE *file = fdopen(fd, "w");
    if (file == NULL) {
        close(fd);
        return nt_fail(NT_IO, "%s: %s", fresh, strerror(errno));
    }
    int written = certificate != NULL ? PEM_write_X509(file, certificate)
                                      : PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    if (fclose(file) != 0 || written != 1 || rename(fresh, path) != 0)
        return nt_fail(NT_IO, "%s: %s", path, strerror(errno));
    return NT_OK;
}

static X509 *read_certificate(const char *directory, const char *name) {
    char path[MAX_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) return NULL;
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return certificate;
}

static EVP_PKEY *read_key(const char *directory) {
    char path[MAX_PATH];
    snprintf(path, sizeof path, "%s/server.key", directory);
    FILE *file = fopen(path, "r");
    if (file == NULL) return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    return key;
}

/// True when all three files fit together and hold for another day.
static bool still_good(const char *directory) {
    X509 *ca = read_certificate(directory, "ca.pem");
    X509 *server = read_certificate(directory, "server.pem");
    EVP_PKEY *key = read_key(directory);
    int days = 0, seconds = 0;
    bool good = ca != NULL && server != NULL && key != NULL &&
                ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(server)) == 1 &&
                days >= 1 && X509_verify(server, X509_get0_pubkey(ca)) == 1 &&
                X509_check_private_key(server, key) == 1;
    X509_free(ca);
    X509_free(server);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}

static nt_status write_server(const char *directory, const char *certificate, const char *key,
                              const certificates *made) {
    nt_status status = write_pem(directory, key, 0600, NULL, made->server_key);
    return status != NT_OK ? status : write_pem(directory, certificate, 0644, made->server, NULL);
}

static nt_status prepare(const char *directory) {
    if (strlen(directory) > MAX_PATH - 32)
        return nt_fail(NT_INVALID, "the certificates' directory has too long a name");
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return nt_fail(NT_IO, "%s: %s", directory, strerror(errno));
    return NT_OK;
}

nt_status nt_server_make_certificates(const char *directory) {
    nt_status status = prepare(directory);
    if (status != NT_OK || still_good(directory)) return status;
    certificates made = {0};
    ERR_clear_error();
    if (!make_ca(&made) || !make_server(&made, &usual))
        status = openssl_failed("cannot make certificates");
    if (status == NT_OK) status = write_server(directory, "server.pem", "server.key", &made);
    if (status == NT_OK) status = write_pem(directory, "ca.pem", 0644, made.ca, NULL);
    release(&made);
    return status;
}

nt_status nt_server_make_dated_certificates(const char *directory, int64_t from_s,
                                            int64_t until_s) {
    const validity dated = {from_s, until_s};
    nt_status status = prepare(directory);
    if (status != NT_OK) return status;
    certificates made = {0};
    ERR_clear_error();
    if (!make_ca(&made) || !make_server(&made, &dated))
        status = openssl_failed("cannot make certificates");
    if (status == NT_OK) status = write_server(directory, "server.pem", "server.key", &made);
    if (status == NT_OK && !make_server(&made, &usual))
        status = openssl_failed("cannot make certificates");
    if (status == NT_OK) status = write_server(directory, "renewed.pem", "renewed.key", &made);
    if (status == NT_OK) status = write_pem(directory, "ca.pem", 0644, made.ca, NULL);
    release(&made);
    return status;
}
