// SetupRedactorTests.swift — a known secret is masked in every shape that it can take.
import Foundation
import Testing

@testable import Bot

private let secret = "9dTHkwLl+kCcf7/zjPMjaYe5CcZD6vgBfEL2Be5MZ=?"

private func hex(_ text: String) -> String {
    text.utf8.map { String(format: "%02x", $0) }.joined()
}

@Suite("Redactor") struct SetupRedactorTests {
    private let redactor = Redactor()

    init() { redactor.learn(secret) }

    @Test(
        "Masks a secret in every encoding",
        arguments: [
            secret, hex(secret), hex(secret).uppercased(),
            Data(secret.utf8).base64EncodedString(),
            secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!,
        ])
    func masksEncodings(form: String) {
        let text = redactor.redact("before \(form) after")
        #expect(text.hasPrefix("before ***") && text.hasSuffix(" after"))
        #expect(!text.contains(form.prefix(12)))
    }

    @Test("Masks it within a longer text's base64, wherever it stands", arguments: 0..<6)
    func masksAligned(shift: Int) {
        let wrapped = String(repeating: "a", count: shift) + secret + "tail"
        for isForURLs in [false, true] {
            var text = Data(wrapped.utf8).base64EncodedString()
            if isForURLs {
                text = text.replacing("+", with: "-").replacing("/", with: "_")
            }
            let masked = redactor.redact(text)
            #expect(masked.contains("***"))
            #expect(masked.count < 20, "\(masked)")
        }
    }

    @Test("An address is masked whole and by its path, never by how all addresses begin")
    func masksAddresses() {
        let redactor = Redactor()
        redactor.learn("https://hooks.example.org/services/T0001/abcdefghij")
        #expect(redactor.redact("see https://127.0.0.1:8443") == "see https://127.0.0.1:8443")
        #expect(!redactor.redact("POST /services/T0001/abcdefghij failed").contains("abcdefghij"))
        #expect(
            redactor.redact("to https://hooks.example.org/services/T0001/abcdefghij now")
                == "to *** now")
    }

    @Test("Masks the first six characters alone") func masksBeginning() {
        #expect(redactor.redact("key 9dTHkw…") == "key ***…")
        #expect(redactor.redact("key 9dTHk") == "key 9dTHk")
    }

    @Test("Masks every occurrence, and the longest form first") func masksAll() {
        #expect(redactor.redact("\(secret)\(secret) \(secret)") == "****** ***")
    }

    @Test("Leaves other text and bytes as they are") func leavesOthers() {
        let text = "order 1-7 filled at 64000.10 ✓"
        #expect(redactor.redact(text) == text)
        let bytes = Data((0...255).map { UInt8($0) })
        #expect(redactor.redact(bytes) == bytes)
        #expect(redactor.redact("") == "")
    }

    @Test("Learns nothing from words too short to be a key", arguments: ["", "a", "secret7", "  "])
    func ignoresShort(word: String) {
        let redactor = Redactor()
        redactor.learn(word)
        #expect(redactor.redact("a secret7 is told") == "a secret7 is told")
    }

    @Test("Knows a PEM file by its key, not by its frame") func masksPEM() {
        let redactor = Redactor()
        let seed = (0..<32).map { UInt8(200 - $0) }
        let prefix: [UInt8] = [
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ]
        let body = Data(prefix + seed).base64EncodedString()
        let frame = "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n"
        redactor.learn(frame)
        #expect(!redactor.redact(frame).contains(body.suffix(20)))
        #expect(redactor.redact(frame).contains("BEGIN PRIVATE KEY"))
        #expect(redactor.redact(Data(seed).base64EncodedString()).count < 8)
        #expect(redactor.redact(seed.map { String(format: "%02x", $0) }.joined()) == "***")
    }

    @Test("Every secret is known to the process from its making on") func knowsSecrets() {
        let value = "canary-\(UUID().uuidString)"
        #expect(Redactor.live.redact(value) == value)
        _ = Secret(value)
        #expect(Redactor.live.redact("error: \(value)") == "error: ***")
        let name = "name-\(UUID().uuidString)"
        _ = VenueKeys(apiKey: name, hmacSecret: nil, ed25519: nil)
        #expect(Redactor.live.redact(name) == "***")
    }
}
