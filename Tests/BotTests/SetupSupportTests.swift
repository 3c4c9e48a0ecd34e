// SetupSupportTests.swift — the bundle is a private archive that tells no secret.
import Foundation
import Testing

@testable import Bot

@Suite("Support bundle") struct SetupSupportTests {
    private static let secret = "9dTHkwLlkCcf7zjPMjaYe5CcZD6vgBfEL2Be5MZq"
    private static let name = "Zk3PqXw0vLmN8sYtR5uBcD1eF7gH2jKa4oI6pQxW"
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        folder.write(
            "f.yaml", "# api_key: \(Self.name)\ninstruments: [BTCUSDT]\ndata_dir: var\n".utf8)
        folder.write(
            ".env", "BINANCE_API_KEY=\(Self.name)\nBINANCE_API_SECRET=\(Self.secret)\n".utf8)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/var/log", withIntermediateDirectories: true)
        let line =
            "2026-01-01 order by \(Self.name): \(Data(Self.secret.utf8).base64EncodedString())"
        folder.write("var/log/bot.log", (line + "\nlast line\n").utf8)
    }

    private func bundle() -> SupportBundle {
        var bundle = SupportBundle(doctor: Doctor().examine())
        bundle.file = folder.path + "/f.yaml"
        return bundle
    }

    private func write(_ bundle: SupportBundle, _ path: String) -> (SupportBundle.Written?, String)
    {
        var bundle = bundle
        do throws(BotError) {
            return (try bundle.write(to: path), "")
        } catch {
            return (nil, error.text)
        }
    }

    /// Unpacked by the system's tar.
    private func unpack(_ path: String) throws {
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzf", path, "-C", folder.path]
        try tar.run()
        tar.waitUntilExit()
        #expect(tar.terminationStatus == 0)
    }

    private func text(_ name: String) -> String {
        let data = FileManager.default.contents(
            atPath: folder.path + "/needletail-support/" + name)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test("Holds what it says, readable by its owner only") func contents() throws {
        let path = folder.path + "/b.tar.gz"
        let written = try #require(write(bundle(), path).0)
        #expect(folder.mode("b.tar.gz") == 0o600)
        try unpack(path)
        for name in written.contents { #expect(!text(name).isEmpty, "\(name)") }
        #expect(written.contents.contains("logs/bot.log"))
        #expect(written.missing.contains { $0.contains("bot does not answer") })
        #expect(text("CONTENTS.txt").contains("doctor.json"))
        #expect(text("versions.json").contains(needletailVersion))
        #expect(text("effective.yaml").contains("fast: 8"))
        #expect(text("logs/bot.log").hasSuffix("last line\n"))
    }

    @Test("Tells no secret, in no encoding") func noSecret() throws {
        let path = folder.path + "/b.tar.gz"
        let written = try #require(write(bundle(), path).0)
        try unpack(path)
        for name in written.contents {
            for secret in [Self.secret, Self.name] {
                let base64 = Data(secret.utf8).base64EncodedString()
                #expect(!text(name).contains(secret.prefix(6)), "\(name)")
                #expect(!text(name).contains(base64.prefix(12)), "\(name)")
            }
        }
        #expect(text("configuration.yaml").contains("***"))
        #expect(text("logs/bot.log").contains("order by ***: ***"))
    }

    @Test("Masks all that the key file holds, not only the venue's key") func otherSecrets() throws
    {
        let url = "https://hooks.example.org/T0123456/abcdefgh"
        folder.write(".env", "NOTIFY_WEBHOOK_URL=\(url)\n".utf8)
        folder.write("var/log/bot.log", "posting to \(url) failed\n".utf8)
        let path = folder.path + "/b.tar.gz"
        #expect(write(bundle(), path).0 != nil)
        try unpack(path)
        #expect(text("logs/bot.log") == "posting to *** failed\n")
    }

    @Test("Never over another file, and nothing half-written") func noOverwriting() throws {
        let path = folder.write("b.tar.gz", "mine".utf8)
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let (written, text) = write(bundle(), path)
        #expect(written == nil && text.contains("exists already"))
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
        let gone = write(bundle(), folder.path + "/none/b.tar.gz")
        #expect(gone.0 == nil && gone.1.contains("No such file"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }

    @Test("A broken configuration goes in with its problems") func broken() throws {
        folder.write("f.yaml", "instruments: [BTCUSDT]\ntpae: true\n".utf8)
        let written = try #require(write(bundle(), folder.path + "/b.tar.gz").0)
        #expect(written.contents.contains("configuration-problems.json"))
    }

    @Test("The journal's content goes in only when asked for") func journal() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/var/journal", withIntermediateDirectories: true)
        let size = 70_000
        folder.write("var/journal/note", (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        let without = try #require(write(bundle(), folder.path + "/a.tar.gz").0)
        #expect(!without.contents.contains("journal/note"))
        var whole = bundle()
        whole.withJournal = true
        let path = folder.path + "/b.tar.gz"
        #expect(write(whole, path).0?.contents.contains("journal/note") == true)
        try unpack(path)
        let copy = FileManager.default.contents(
            atPath: folder.path + "/needletail-support/journal/note")
        #expect(copy == Data((0..<size).map { UInt8(truncatingIfNeeded: $0) }))
    }
}
