// DemoKeys.swift — the keys of the demo account, made anew at each start.
import Core
import Foundation

/// One account's two keys; the private Ed25519 key lies in a file that only its owner can read.
struct DemoKeys {
    let hmacKey: String
    let hmacSecret: String
    let ed25519Key: String
    let ed25519KeyFile: String
    private let publicKey: [UInt8]

    init(directory: String) throws(SimulatorError) {
        var random = Random.system()
        hmacKey = Self.token(&random)
        hmacSecret = Self.token(&random)
        ed25519Key = Self.token(&random)
        ed25519KeyFile = directory + "/demo-ed25519.pem"
        do {
            let key = try Ed25519Key.generate()
            publicKey = key.publicKey
            try Self.writePrivate(try key.pem(), to: ed25519KeyFile)
        } catch {
            throw SimulatorError("\(ed25519KeyFile): \(error)")
        }
    }

    func apiKeys(for account: AccountID) -> [ApiKey] {
        [
            ApiKey(hmacKey, account: account, kind: .hmac(secret: hmacSecret)),
            ApiKey(ed25519Key, account: account, kind: .ed25519(publicKey: publicKey)),
        ]
    }

    /// 64 letters and digits, as the venue's keys are.
    private static func token(_ random: inout Random) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<64).map { _ in alphabet[Int(random.below(UInt64(alphabet.count)))] })
    }

    /// Created with its final mode, so that it is never readable by others, not even briefly.
    private static func writePrivate(_ text: String, to path: String) throws {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SimulatorError("cannot be written: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data(text.utf8))
    }
}
