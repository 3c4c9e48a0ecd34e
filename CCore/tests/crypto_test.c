// crypto_test.c — published vectors: FIPS 180-4, RFC 4231, RFC 8032, and those of a venue whose
// documentation prints key, payload and signature.
#include "nt/crypto.h"

#include <stdlib.h>

#include "test.h"

static const char *hex(const uint8_t *bytes, size_t length) {
    static char text[256];
    nt_hex_write(bytes, length, text);
    text[2 * length] = 0;
    return text;
}

static const char *sha256(const void *bytes, size_t length) {
    uint8_t digest[NT_SHA256_SIZE];
    nt_sha256(bytes, length, digest);
    return hex(digest, sizeof digest);
}

static const char *hmac(const void *secret, size_t secret_length, const void *bytes,
                        size_t length) {
    uint8_t signature[NT_SHA256_SIZE];
    nt_hmac_key *key = nt_hmac_key_create(secret, secret_length);
    nt_hmac_sign(key, bytes, length, signature);
    nt_hmac_key_destroy(key);
    return hex(signature, sizeof signature);
}

TEST(crypto, sha256_of_published_messages) {
    EXPECT_TEXT(sha256("", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_TEXT(sha256("abc", 3),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    EXPECT_TEXT(sha256(two_blocks, 56),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(crypto, sha256_of_a_million_letters) {
    char *letters = malloc(1000000);
    memset(letters, 'a', 1000000);
    EXPECT_TEXT(sha256(letters, 1000000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(letters);
}

TEST(crypto, hmac_of_rfc_4231) {
    uint8_t key[131], data[50];
    memset(key, 0x0b, 20);
    EXPECT_TEXT(hmac(key, 20, "Hi There", 8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_TEXT(hmac("Jefe", 4, "what do ya want for nothing?", 28),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    EXPECT_TEXT(hmac(key, 20, data, sizeof data),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
    EXPECT_TEXT(hmac(key, sizeof key, text, strlen(text)),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(crypto, hmac_key_of_exactly_one_block_is_not_hashed) {
    // A key of 64 bytes equals itself with zeros appended only while it is not hashed first.
    uint8_t key[64] = {1};
    char short_key[65];
    memcpy(short_key, hmac(key, 1, "x", 1), sizeof short_key);
    EXPECT_TEXT(hmac(key, 64, "x", 1), short_key);
    uint8_t longer[65] = {1};
    EXPECT(strcmp(hmac(longer, 65, "x", 1), short_key) != 0);
}

TEST(crypto, hmac_accepts_an_empty_key_and_an_empty_message) {
    EXPECT_TEXT(hmac("", 0, "", 0),
                "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(crypto, hmac_key_signs_many_messages) {
    nt_hmac_key *key = nt_hmac_key_create("Jefe", 4);
    uint8_t first[NT_SHA256_SIZE], other[NT_SHA256_SIZE], again[NT_SHA256_SIZE];
    nt_hmac_sign(key, "a", 1, first);
    nt_hmac_sign(key, "b", 1, other);
    nt_hmac_sign(key, "a", 1, again);
    nt_hmac_key_destroy(key);
    EXPECT(memcmp(first, other, sizeof first) != 0);
    EXPECT(memcmp(first, again, sizeof first) == 0);
}

// Key, payloads and signatures as Binance's documentation prints them.
static const char venue_secret[] =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

static const char *venue_hmac(const char *payload) {
    return hmac(venue_secret, strlen(venue_secret), payload, strlen(payload));
}

TEST(crypto, hmac_of_the_venues_examples) {
    EXPECT_TEXT(venue_hmac("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
                           "&recvWindow=5000&timestamp=1499827319559"),
                "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
    EXPECT_TEXT(venue_hmac("symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY"
                           "&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
                           "&timestamp=1499827319559"),
                "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3");
    EXPECT_TEXT(venue_hmac("apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
                           "&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL"
                           "&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"),
                "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24");
}

static const char venue_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
                                "-----END PRIVATE KEY-----\n";

static const char *ed25519(const nt_ed25519_key *key, const char *payload) {
    static char text[89];
    uint8_t signature[NT_ED25519_SIGNATURE_SIZE];
    if (nt_ed25519_sign(key, payload, strlen(payload), signature) != NT_OK) return "failed";
    text[nt_base64_write(signature, sizeof signature, text)] = 0;
    return text;
}

TEST(crypto, ed25519_of_the_venues_examples) {
    nt_ed25519_key *key = NULL;
    EXPECT_EQ(nt_ed25519_key_from_pem(venue_pem, strlen(venue_pem), &key), NT_OK);
    uint8_t public_key[32];
    nt_ed25519_public(key, public_key);
    EXPECT_TEXT(hex(public_key, 32),
                "19420abfd752a565c15625e9da6eaf0086fc40c14960183214442c14996a800d");
    EXPECT_TEXT(ed25519(key, "A\001EXAMPLE\001SPOT\0011\00120240627-11:17:25.223"),
                "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j"
                "8gCA==");
    EXPECT_TEXT(
        ed25519(key, "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1"
                     "&price=0.2&timestamp=1668481559918&recvWindow=5000"),
        "inDT086KVIP8vgUfw5sV3VTkescWztiAGlf4x8FLKHM4NInsn0c1kYVLoGMO8cyjfR6vmTku2YQE0gtfVVl"
        "fCw==");
    EXPECT_TEXT(
        ed25519(key, "apiKey=4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO"
                     "&timestamp=1649729878532"),
        "cGkloHLHGGNbrduoWDYBlzIPwRHyDVYVfCE0rDkPwKdKedurBgm2JNWRkwloQDBFG6Mcloavo1siYfEtZbV/Ag==");
    nt_ed25519_key_destroy(key);
}

TEST(crypto, ed25519_of_rfc_8032) {
    static const uint8_t seed[32] = {
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
        0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
        0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    };
    nt_ed25519_key *key = NULL;
    uint8_t public_key[32], signature[64];
    EXPECT_EQ(nt_ed25519_key_from_seed(seed, &key), NT_OK);
    nt_ed25519_public(key, public_key);
    EXPECT_TEXT(hex(public_key, 32),
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    EXPECT_EQ(nt_ed25519_sign(key, "", 0, signature), NT_OK);
    EXPECT_TEXT(
        hex(signature, 64),
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
        "39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    EXPECT(nt_ed25519_verify(public_key, "", 0, signature));
    nt_ed25519_key_destroy(key);
}

TEST(crypto, ed25519_verify_refuses_any_change) {
    nt_ed25519_key *key = NULL;
    uint8_t public_key[32], signature[64];
    EXPECT_EQ(nt_ed25519_key_generate(&key), NT_OK);
    nt_ed25519_public(key, public_key);
    EXPECT_EQ(nt_ed25519_sign(key, "pay 10", 6, signature), NT_OK);
    nt_ed25519_key_destroy(key);
    EXPECT(nt_ed25519_verify(public_key, "pay 10", 6, signature));
    EXPECT(!nt_ed25519_verify(public_key, "pay 11", 6, signature));
    EXPECT(!nt_ed25519_verify(public_key, "pay 10", 5, signature));
    signature[40] ^= 1;
    EXPECT(!nt_ed25519_verify(public_key, "pay 10", 6, signature));
    signature[40] ^= 1;
    public_key[0] ^= 1;
    EXPECT(!nt_ed25519_verify(public_key, "pay 10", 6, signature));
}

TEST(crypto, ed25519_pem_round_trips) {
    nt_ed25519_key *key = NULL, *back = NULL;
    uint8_t public_key[32], public_back[32];
    char pem[256];
    EXPECT_EQ(nt_ed25519_key_generate(&key), NT_OK);
    const size_t length = nt_ed25519_key_pem(key, pem, sizeof pem);
    EXPECT(length > 100 && length < sizeof pem);
    EXPECT_EQ(nt_ed25519_key_pem(key, pem, length), length);
    EXPECT_EQ(nt_ed25519_key_pem(key, pem, length - 1), 0);
    EXPECT_EQ(nt_ed25519_key_from_pem(pem, length, &back), NT_OK);
    nt_ed25519_public(key, public_key);
    nt_ed25519_public(back, public_back);
    EXPECT(memcmp(public_key, public_back, 32) == 0);
    nt_ed25519_key_destroy(key);
    nt_ed25519_key_destroy(back);
}

TEST(crypto, ed25519_writes_the_pem_that_it_reads) {
    nt_ed25519_key *key = NULL;
    char pem[256];
    EXPECT_EQ(nt_ed25519_key_from_pem(venue_pem, strlen(venue_pem), &key), NT_OK);
    pem[nt_ed25519_key_pem(key, pem, sizeof pem - 1)] = 0;
    nt_ed25519_key_destroy(key);
    EXPECT_TEXT(pem, venue_pem);
}

TEST(crypto, bad_pem_is_invalid_with_a_reason) {
    nt_ed25519_key *key = NULL;
    EXPECT_EQ(nt_ed25519_key_from_pem("", 0, &key), NT_INVALID);
    EXPECT_EQ(nt_ed25519_key_from_pem("not a key", 9, &key), NT_INVALID);
    EXPECT(strncmp(nt_last_error(), "read private key: ", 18) == 0);
    EXPECT_EQ(nt_ed25519_key_from_pem(venue_pem, strlen(venue_pem) / 2, &key), NT_INVALID);
    // The same words with another algorithm's number in them: X25519.
    const char *other = "-----BEGIN PRIVATE KEY-----\n"
                        "MC4CAQAwBQYDK2VuBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
                        "-----END PRIVATE KEY-----\n";
    EXPECT_EQ(nt_ed25519_key_from_pem(other, strlen(other), &key), NT_INVALID);
    EXPECT_TEXT(nt_last_error(), "read private key: not an Ed25519 key");
    EXPECT(key == NULL);
}

TEST(crypto, equal_secret_compares_every_byte) {
    EXPECT(nt_equal_secret("abcd", "abcd", 4));
    EXPECT(nt_equal_secret("abcd", "abce", 3));
    EXPECT(!nt_equal_secret("abcd", "abce", 4));
    EXPECT(!nt_equal_secret("xbcd", "abcd", 4));
    EXPECT(nt_equal_secret("a", "b", 0));
}
