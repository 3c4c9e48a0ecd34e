import Core
import Testing

@Suite("Crypto") struct CryptoTests {
    @Test("SHA-256 of the standard's examples (FIPS 180-4)")
    func sha256() {
        #expect(
            Hex.text(SHA256.digest([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Hex.text(SHA256.digest(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("HMAC-SHA-256 of RFC 4231, cases 1 and 2, with the key used again")
    func hmac() {
        let key = HMACKey(secret: [UInt8](repeating: 0x0b, count: 20))
        for _ in 0..<2 {
            #expect(
                Hex.text(key.sign(Array("Hi There".utf8)))
                    == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        }
        #expect(
            Hex.text(
                HMACKey(secret: Array("Jefe".utf8))
                    .sign(Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("Ed25519 of RFC 8032, test 2")
    func ed25519() throws {
        let key = try Ed25519Key(
            seed: [
                0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11,
                0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed,
                0x4f, 0xb8, 0xa6, 0xfb,
            ])
        let signature = try key.sign([0x72])
        #expect(
            Hex.text(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        #expect(Ed25519.verify(signature: signature, of: [0x72], publicKey: key.publicKey))
        #expect(!Ed25519.verify(signature: signature, of: [0x73], publicKey: key.publicKey))
        #expect(!Ed25519.verify(signature: [1], of: [0x72], publicKey: key.publicKey))
        #expect(!Ed25519.verify(signature: signature, of: [0x72], publicKey: []))
    }

    @Test("A generated key survives its own PEM text")
    func pem() throws {
        let key = try Ed25519Key.generate()
        let again = try Ed25519Key(pem: try key.pem())
        #expect(again.publicKey == key.publicKey)
        #expect(throws: CoreError.self) { try Ed25519Key(pem: "-----BEGIN NOTHING-----") }
        #expect(throws: CoreError.self) { try Ed25519Key(seed: [1, 2, 3]) }
    }

    @Test(
        "Base64 of RFC 4648, both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func base64(_ plain: String, _ coded: String) {
        #expect(Base64.text(Array(plain.utf8)) == coded)
        #expect(Base64.bytes(coded) == Array(plain.utf8))
    }

    @Test("Malformed base64 is refused", arguments: ["Zg", "Zg=", "Z===", "Zm9v!", "Zg==Zg=="])
    func malformedBase64(_ text: String) {
        #expect(Base64.bytes(text) == nil)
    }
}
