// Crypto.swift — the Swift face of nt/crypto.h: what signing and verifying need, and no more.
import CCore

public enum SHA256 {
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(NT_SHA256_SIZE)) { out, count in
            nt_sha256(bytes, bytes.count, out.baseAddress)
            count = Int(NT_SHA256_SIZE)
        }
    }
}

/// HMAC-SHA256 with its key's pads absorbed. Wiped when released. Any thread.
public final class HMACKey: @unchecked Sendable {
    private let handle: OpaquePointer

    public init(secret: [UInt8]) {
        guard let handle = nt_hmac_key_create(secret, secret.count) else {
            preconditionFailure("a key is refused only when memory is exhausted")
        }
        self.handle = handle
    }

    deinit { nt_hmac_key_destroy(handle) }

    public func sign(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(NT_SHA256_SIZE)) { out, count in
            nt_hmac_sign(handle, bytes, bytes.count, out.baseAddress)
            count = Int(NT_SHA256_SIZE)
        }
    }
}

/// An Ed25519 private key. Any thread.
public final class Ed25519Key: @unchecked Sendable {
    private let handle: OpaquePointer

    private init(handle: OpaquePointer) { self.handle = handle }

    /// From a PKCS#8 PEM text.
    public convenience init(pem: String) throws(CoreError) {
        var handle: OpaquePointer?
        let bytes = Array(pem.utf8CString)
        try check(nt_ed25519_key_from_pem(bytes, bytes.count - 1, &handle), "Ed25519 key")
        self.init(handle: try Ed25519Key.made(handle))
    }

    /// From a raw seed of 32 bytes.
    public convenience init(seed: [UInt8]) throws(CoreError) {
        guard seed.count == Int(NT_ED25519_SEED_SIZE) else {
            throw CoreError(.invalid, "an Ed25519 seed has \(NT_ED25519_SEED_SIZE) bytes")
        }
        var handle: OpaquePointer?
        try check(nt_ed25519_key_from_seed(seed, &handle), "Ed25519 key")
        self.init(handle: try Ed25519Key.made(handle))
    }

    /// A fresh key from the system's randomness.
    public static func generate() throws(CoreError) -> Ed25519Key {
        var handle: OpaquePointer?
        try check(nt_ed25519_key_generate(&handle), "Ed25519 key")
        return Ed25519Key(handle: try made(handle))
    }

    deinit { nt_ed25519_key_destroy(handle) }

    private static func made(_ handle: OpaquePointer?) throws(CoreError) -> OpaquePointer {
        guard let handle else { throw CoreError(.noMemory, "Ed25519 key: out of memory") }
        return handle
    }

    public var publicKey: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { out, count in
            nt_ed25519_public(handle, out.baseAddress)
            count = 32
        }
    }

    /// PKCS#8 PEM.
    public func pem() throws(CoreError) -> String {
        var text = [CChar](repeating: 0, count: 512)
        let length = nt_ed25519_key_pem(handle, &text, text.count)
        guard length > 0 else { throw CoreError(.full, "Ed25519 key: no room for its PEM text") }
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public func sign(_ bytes: [UInt8]) throws(CoreError) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(NT_ED25519_SIGNATURE_SIZE))
        try check(nt_ed25519_sign(handle, bytes, bytes.count, &signature), "Ed25519 signature")
        return signature
    }
}

public enum Ed25519 {
    /// False as well when key or signature have the wrong size.
    public static func verify(
        signature: [UInt8], of bytes: [UInt8], publicKey: [UInt8]
    ) -> Bool {
        guard signature.count == Int(NT_ED25519_SIGNATURE_SIZE), publicKey.count == 32 else {
            return false
        }
        return nt_ed25519_verify(publicKey, bytes, bytes.count, signature)
    }
}

public enum Hex {
    /// Lower case.
    public static func text(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { out in
            out.withMemoryRebound(to: CChar.self) {
                nt_hex_write(bytes, bytes.count, $0.baseAddress)
            }
            return 2 * bytes.count
        }
    }
}

public enum Base64 {
    /// With padding.
    public static func text(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: 4 * ((bytes.count + 2) / 3)) { out in
            out.withMemoryRebound(to: CChar.self) {
                nt_base64_write(bytes, bytes.count, $0.baseAddress)
            }
        }
    }

    /// Strict; nil when malformed.
    public static func bytes(_ text: String) -> [UInt8]? {
        let characters = text.utf8.map { CChar(bitPattern: $0) }
        var bytes = [UInt8](repeating: 0, count: characters.count)
        var count = 0
        let status = nt_base64_read(
            characters, characters.count, &bytes, bytes.count, &count)
        return status == NT_OK ? Array(bytes.prefix(count)) : nil
    }
}
