// SupportBundle.swift — what helps to understand a bot, in one private archive without secrets.
//
// Everything that is text goes through the redactor. The journal holds orders and fills, never a
// key, but it tells what was traded: its content goes in only when that is asked for.
import Core
import Foundation
import Glibc

public struct SupportBundle {
    /// What was written; keys are part of the command line's contract.
    public struct Written: Encodable, Sendable {
        public var file: String
        public var contents: [String]
        /// What could not be had, and why.
        public var missing: [String]
    }

    /// Of one log file; the end tells most.
    private static let longestLog = 1 << 20
    private static let folder = "needletail-support"

    /// The configuration's file; nil: there is none.
    public var file: String?
    /// Where the bot is when no configuration says it.
    public var dataDirectory = "var"
    public var environment: [String: String] = [:]
    public var withJournal = false
    public var clock = Clock.system
    public var doctor: DoctorReport

    private var texts: [(name: String, content: Data)] = []
    private var copies: [(name: String, path: String)] = []
    private var missing: [String] = []

    public init(doctor: DoctorReport) { self.doctor = doctor }

    /// `needletail-support-20261124T201813Z.tar.gz`.
    public var defaultName: String {
        let time = Times.text(clock.wall).prefix(19).filter { $0 != "-" && $0 != ":" }
        return "\(Self.folder)-\(time)Z.tar.gz"
    }

    /// Collects, then writes `path` whole or not at all.
    public mutating func write(to path: String) throws(BotError) -> Written {
        learnSecrets()
        collectConfiguration()
        put("versions.json", versions)
        put("doctor.json", doctor)
        let directory = DataDirectory(dataDirectory)
        collectJournal(directory)
        collectStatus(directory)
        collectLogs(directory)
        let contents = texts.map(\.name) + copies.map(\.name)
        texts.insert(("CONTENTS.txt", contentsText(contents)), at: 0)
        try write(archive: path)
        return Written(file: path, contents: ["CONTENTS.txt"] + contents, missing: missing)
    }

    /// Only what is known can be masked.
    private mutating func learnSecrets() {
        let env = file.map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(".env").path
        }
        do throws(BotError) {
            try Secrets.learn(environment: environment, envFile: env)
        } catch {
            missing.append("keys to mask: \(error.text)")
        }
    }

    private mutating func put(_ name: String, _ value: some Encodable) {
        guard let data = try? JSONText.encode(value, pretty: true) else {
            missing.append("\(name): cannot be written as JSON")
            return
        }
        texts.append((name, Redactor.live.redact(data)))
    }

    private mutating func put(_ name: String, text: String) {
        texts.append((name, Data(ConfigurationListing.masked(text).utf8)))
    }

    private mutating func collectConfiguration() {
        guard let file else {
            missing.append("configuration: no file named, and no needletail.yaml here")
            return
        }
        do throws(ConfigurationError) {
            put("configuration.yaml", text: try Configuration.readText(file))
            let configuration = try Configuration.load(path: file)
            dataDirectory = configuration.dataDirectory
            let listing = try ConfigurationListing.effective(file: file)
            put("effective.yaml", text: listing.text)
        } catch {
            put("configuration-problems.json", error.problems)
        }
    }

    private var versions: [String: String] {
        var name = utsname()
        uname(&name)
        return [
            "needletail": needletailVersion, "system": Self.text(of: name.sysname),
            "release": Self.text(of: name.release), "machine": Self.text(of: name.machine),
            "time": Times.text(clock.wall),
        ]
    }

    private static func text<Field>(of field: Field) -> String {
        withUnsafeBytes(of: field) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private mutating func collectJournal(_ directory: DataDirectory) {
        let summary = JournalSummary.of(directory.journal)
        put("journal.json", summary)
        guard withJournal else { return }
        for segment in summary.files {
            copies.append(("journal/\(segment.name)", "\(directory.journal)/\(segment.name)"))
        }
    }

    private mutating func collectStatus(_ directory: DataDirectory) {
        for (command, arguments) in [
            ("status", [:]), ("orders", [:]), ("why-not", ["last": "100"]),
        ] {
            do throws(AdminError) {
                let reply = try AdminClient.perform(
                    AdminRequest(command, arguments), socket: directory.socket, timeout: 5)
                texts.append(("\(command).json", Redactor.live.redact(reply.document)))
            } catch {
                missing.append("\(command): the bot does not answer (\(error))")
                return
            }
        }
    }

    private mutating func collectLogs(_ directory: DataDirectory) {
        for folder in ["log", "logs"] {
            let path = "\(directory.root)/\(folder)"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            for name in names.sorted() {
                guard let text = Self.tail("\(path)/\(name)") else { continue }
                put("logs/\(name)", text: text)
            }
        }
    }

    /// The last whole lines; nil: not a file, or not readable.
    private static func tail(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        let start = max(0, Int(status.st_size) - longestLog)
        lseek(descriptor, off_t(start), SEEK_SET)
        guard let data = try? handle.read(upToCount: longestLog) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard start > 0, let end = text.firstIndex(where: \.isNewline) else { return text }
        return String(text[text.index(after: end)...])
    }

    private func contentsText(_ names: [String]) -> Data {
        let journal =
            withJournal
            ? "The journal is inside: every order and fill of this bot, but no key."
            : "The journal's records are not inside, only how many there are."
        let lines =
            ["Secrets are masked as \(Redactor.mask). \(journal)", "", "Inside:"]
            + names.map { "  \($0)" }
            + (missing.isEmpty ? [] : ["", "Not to be had:"] + missing.map { "  \($0)" })
        return Data(Redactor.live.redact(lines.joined(separator: "\n") + "\n").utf8)
    }
}

extension SupportBundle {
    private func write(archive path: String) throws(BotError) {
        let file = NewFile(path: path, mode: 0o600)
        try file.write { descriptor throws(BotError) in
            try withScratch(beside: path) { scratch throws(BotError) in
                let tar = TarWriter(
                    file: file, descriptor: scratch, time: clock.wall / 1_000_000_000)
                for text in texts { try tar.add("\(Self.folder)/\(text.name)", text.content) }
                for copy in copies {
                    try tar.add("\(Self.folder)/\(copy.name)", contentsOf: copy.path)
                }
                try tar.end()
                lseek(scratch, 0, SEEK_SET)
                try compress(scratch, into: descriptor, path)
            }
        }
    }

    /// A file without a name: it is gone when the process is.
    private func withScratch(
        beside path: String, _ body: (Int32) throws(BotError) -> Void
    ) throws(BotError) {
        let name = "\(path).\(getpid()).tar"
        let scratch = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard scratch >= 0 else {
            throw .setup("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        unlink(name)
        defer { close(scratch) }
        try body(scratch)
    }

    private func compress(
        _ source: Int32, into target: Int32, _ path: String
    ) throws(BotError) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-c"]
        process.environment = SecretNames.harmlessEnvironment
        process.standardInput = FileHandle(fileDescriptor: source)
        process.standardOutput = FileHandle(fileDescriptor: target)
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw .setup("gzip cannot be started: \(error.localizedDescription)")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw .setup(
                "\(path) cannot be written: gzip ended with \(process.terminationStatus); is it "
                    + "installed, and is there room?")
        }
    }
}
