// crypto.h — the few primitives venues and journal need. Backed by OpenSSL; the HMAC key keeps
// its precomputed state, so that signing on the lane allocates nothing.
#ifndef NT_CRYPTO_H
#define NT_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "nt/status.h"

#define NT_SHA256_SIZE            32
#define NT_ED25519_SIGNATURE_SIZE 64
#define NT_ED25519_SEED_SIZE      32

void nt_sha256(const void *bytes, size_t length, uint8_t out[NT_SHA256_SIZE]);

/// HMAC-SHA256 key with both pads absorbed. Opaque size; zeroed by destroy.
typedef struct nt_hmac_key nt_hmac_key;
nt_hmac_key *nt_hmac_key_create(const void *secret, size_t length);
void nt_hmac_key_destroy(nt_hmac_key *key);
/// Allocates nothing. Any thread (reads only).
void nt_hmac_sign(const nt_hmac_key *key, const void *bytes, size_t length,
                  uint8_t out[NT_SHA256_SIZE]);

/// Ed25519 private key from a PKCS#8 PEM text or a raw 32-byte seed. NT_INVALID when malformed.
typedef struct nt_ed25519_key nt_ed25519_key;
nt_status nt_ed25519_key_from_pem(const char *pem, size_t length, nt_ed25519_key **out);
nt_status nt_ed25519_key_from_seed(const uint8_t seed[NT_ED25519_SEED_SIZE], nt_ed25519_key **out);
/// A fresh key from the system's randomness.
nt_status nt_ed25519_key_generate(nt_ed25519_key **out);
/// PKCS#8 PEM; returns its length without terminator, or 0 when capacity is too small.
size_t nt_ed25519_key_pem(const nt_ed25519_key *key, char *out, size_t capacity);
void nt_ed25519_public(const nt_ed25519_key *key, uint8_t out[32]);
void nt_ed25519_key_destroy(nt_ed25519_key *key);
/// May allocate inside OpenSSL: log-on only, never per order.
nt_status nt_ed25519_sign(const nt_ed25519_key *key, const void *bytes, size_t length,
                          uint8_t out[NT_ED25519_SIGNATURE_SIZE]);
bool nt_ed25519_verify(const uint8_t public_key[32], const void *bytes, size_t length,
                       const uint8_t signature[NT_ED25519_SIGNATURE_SIZE]);

/// Lower-case hex; writes 2 × length characters, no terminator.
void nt_hex_write(const uint8_t *bytes, size_t length, char *out);
/// Base64 with padding; returns the length written, no terminator. out holds 4 × ⌈length / 3⌉.
size_t nt_base64_write(const uint8_t *bytes, size_t length, char *out);
/// Strict base64; NT_INVALID when malformed, NT_FULL when capacity is too small.
nt_status nt_base64_read(const char *text, size_t length, uint8_t *out, size_t capacity,
                         size_t *written);

/// CRC32C (Castagnoli), initial value 0, hardware instruction where there is one.
uint32_t nt_crc32c(uint32_t crc, const void *bytes, size_t length);

/// Equal in constant time.
bool nt_equal_secret(const void *a, const void *b, size_t length);

#endif
