// crypto.c — SHA-256, HMAC-SHA256 and Ed25519 over OpenSSL.
//
// HMAC is built from the plain SHA-256 block functions, because EVP_MAC allocates for every
// message: the key keeps the state after each pad, and signing copies it onto the stack. This
// also saves two of the four block operations for a short message. OpenSSL 3 calls these
// functions deprecated; they are still its own fast assembly.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "nt/crypto.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

void nt_sha256(const void *bytes, size_t length, uint8_t out[NT_SHA256_SIZE]) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, length);
    SHA256_Final(out, &state);
}

// HMAC (https://www.rfc-editor.org/rfc/rfc2104)

enum { HMAC_INNER_PAD = 0x36, HMAC_OUTER_PAD = 0x5c };

struct nt_hmac_key {
    SHA256_CTX inner, outer; ///< After their pads.
};

static void absorb_pad(SHA256_CTX *state, const uint8_t block[SHA256_CBLOCK], uint8_t pad) {
    uint8_t padded[SHA256_CBLOCK];
    for (size_t i = 0; i < sizeof padded; i++) padded[i] = block[i] ^ pad;
    SHA256_Init(state);
    SHA256_Update(state, padded, sizeof padded);
    OPENSSL_cleanse(padded, sizeof padded);
}

nt_hmac_key *nt_hmac_key_create(const void *secret, size_t length) {
    nt_hmac_key *key = malloc(sizeof *key);
    if (key == NULL) return NULL;
    uint8_t block[SHA256_CBLOCK] = {0};
    if (length > sizeof block)
        nt_sha256(secret, length, block);
    else if (length > 0)
        memcpy(block, secret, length);
    absorb_pad(&key->inner, block, HMAC_INNER_PAD);
    absorb_pad(&key->outer, block, HMAC_OUTER_PAD);
    OPENSSL_cleanse(block, sizeof block);
    return key;
}

void nt_hmac_key_destroy(nt_hmac_key *key) {
    if (key == NULL) return;
    OPENSSL_cleanse(key, sizeof *key);
    free(key);
}

void nt_hmac_sign(const nt_hmac_key *key, const void *bytes, size_t length,
                  uint8_t out[NT_SHA256_SIZE]) {
    uint8_t digest[NT_SHA256_SIZE];
    SHA256_CTX state = key->inner;
    SHA256_Update(&state, bytes, length);
    SHA256_Final(digest, &state);
    state = key->outer;
    SHA256_Update(&state, digest, sizeof digest);
    SHA256_Final(out, &state);
}

// Ed25519 (https://www.rfc-editor.org/rfc/rfc8032)

struct nt_ed25519_key {
    EVP_PKEY *pair;
};

/// Records OpenSSL's reason with the operation, and empties its queue of errors.
static nt_status fail_openssl(nt_status status, const char *operation) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return nt_fail(status, "%s: %s", operation, reason != NULL ? reason : "no reason given");
}

/// Takes ownership of `pair`.
static nt_status wrap_key(EVP_PKEY *pair, nt_ed25519_key **out) {
    nt_ed25519_key *key = malloc(sizeof *key);
    if (key == NULL) {
        EVP_PKEY_free(pair);
        return nt_fail(NT_NO_MEMORY, "keep Ed25519 key: no memory");
    }
    key->pair = pair;
    *out = key;
    return NT_OK;
}

/// Answers "no password", where OpenSSL's default would ask on the terminal.
static int refuse_password(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

nt_status nt_ed25519_key_from_pem(const char *pem, size_t length, nt_ed25519_key **out) {
    if (length > INT_MAX) return nt_fail(NT_INVALID, "read private key: longer than 2 GiB");
    BIO *source = BIO_new_mem_buf(pem, (int)length);
    if (source == NULL) return nt_fail(NT_NO_MEMORY, "read private key: no memory");
    EVP_PKEY *pair = PEM_read_bio_PrivateKey(source, NULL, refuse_password, NULL);
    BIO_free(source);
    if (pair == NULL) return fail_openssl(NT_INVALID, "read private key");
    if (EVP_PKEY_get_id(pair) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(pair);
        return nt_fail(NT_INVALID, "read private key: not an Ed25519 key");
    }
    return wrap_key(pair, out);
}

nt_status nt_ed25519_key_from_seed(const uint8_t seed[NT_ED25519_SEED_SIZE], nt_ed25519_key **out) {
    EVP_PKEY *pair =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NT_ED25519_SEED_SIZE);
    if (pair == NULL) return fail_openssl(NT_INVALID, "make Ed25519 key from seed");
    return wrap_key(pair, out);
}

nt_status nt_ed25519_key_generate(nt_ed25519_key **out) {
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (pair == NULL) return fail_openssl(NT_IO, "generate Ed25519 key");
    return wrap_key(pair, out);
}

size_t nt_ed25519_key_pem(const nt_ed25519_key *key, char *out, size_t capacity) {
    BIO *sink = BIO_new(BIO_s_secmem());
    if (sink == NULL) return 0;
    size_t written = 0;
    if (PEM_write_bio_PKCS8PrivateKey(sink, key->pair, NULL, NULL, 0, NULL, NULL) == 1) {
        char *text;
        const long length = BIO_get_mem_data(sink, &text);
        if (length > 0 && (size_t)length <= capacity) {
            written = (size_t)length;
            memcpy(out, text, written);
        }
    }
    BIO_free(sink);
    ERR_clear_error();
    return written;
}

void nt_ed25519_public(const nt_ed25519_key *key, uint8_t out[32]) {
    size_t length = 32;
    NT_ASSERT(EVP_PKEY_get_raw_public_key(key->pair, out, &length) == 1 && length == 32);
}

void nt_ed25519_key_destroy(nt_ed25519_key *key) {
    if (key == NULL) return;
    EVP_PKEY_free(key->pair); // Cleanses the private half.
    free(key);
}

nt_status nt_ed25519_sign(const nt_ed25519_key *key, const void *bytes, size_t length,
                          uint8_t out[NT_ED25519_SIGNATURE_SIZE]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return nt_fail(NT_NO_MEMORY, "sign with Ed25519: no memory");
    size_t size = NT_ED25519_SIGNATURE_SIZE;
    const bool signed_ok = EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 &&
                           EVP_DigestSign(context, out, &size, bytes, length) == 1;
    EVP_MD_CTX_free(context);
    if (!signed_ok) return fail_openssl(NT_INVALID, "sign with Ed25519");
    NT_ASSERT(size == NT_ED25519_SIGNATURE_SIZE);
    return NT_OK;
}

bool nt_ed25519_verify(const uint8_t public_key[32], const void *bytes, size_t length,
                       const uint8_t signature[NT_ED25519_SIGNATURE_SIZE]) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool valid =
        key != NULL && context != NULL &&
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(context, signature, NT_ED25519_SIGNATURE_SIZE, bytes, length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return valid;
}

bool nt_equal_secret(const void *a, const void *b, size_t length) {
    return CRYPTO_memcmp(a, b, length) == 0;
}
