// DataDirectory.swift — where a bot keeps its journal, tape and socket: one bot a directory.
import Core
import Foundation
import Glibc

/// Paths under one directory, made with mode 0700.
public struct DataDirectory: Sendable {
    public let root: String
    public var journal: String { root + "/journal" }
    public var tape: String { root + "/tape" }
    public var socket: String { root + "/admin.sock" }
    public var instanceFile: String { root + "/instance" }

    public init(_ root: String) { self.root = root }

    /// Creates what is missing. Refuses a directory that others may write into.
    public func prepare() throws(BotError) {
        for path in [root, journal, tape] {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw .setup("cannot create \(path): \(error.localizedDescription)")
            }
        }
        var status = stat()
        guard stat(root, &status) == 0 else { throw .setup("cannot read \(root)") }
        if status.st_mode & 0o022 != 0 {
            throw .setup("\(root) can be written by others; run: chmod go-w \(root)")
        }
    }

    /// This installation's mark in client order ids, made once at random.
    public func instance(_ random: inout Random) throws(BotError) -> UInt32 {
        if let data = FileManager.default.contents(atPath: instanceFile),
            let text = String(data: data, encoding: .utf8),
            let number = UInt32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            number > 0, number < 1 << 20
        {
            return number
        }
        guard !FileManager.default.fileExists(atPath: instanceFile) else {
            throw .setup("\(instanceFile) must hold a number from 1 to 1048575")
        }
        let number = UInt32(random.below((1 << 20) - 1)) + 1
        guard
            FileManager.default.createFile(
                atPath: instanceFile, contents: Data("\(number)\n".utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw .setup("cannot write \(instanceFile)") }
        return number
    }
}

extension DataDirectory {
    /// Of the bot that is meant: `named` itself, else what the configuration says, else `./var`.
    public static func find(
        config: String?, named: String?
    ) throws(ConfigurationError) -> DataDirectory {
        if let named { return DataDirectory(named) }
        guard let file = Configuration.file(config) else { return DataDirectory("var") }
        return DataDirectory(try Configuration.load(path: file).dataDirectory)
    }
}

extension Configuration {
    /// The file that is named, else the one that lies here; nil: there is none.
    public static func file(_ named: String?) -> String? {
        let here = "needletail.yaml"
        return named ?? (FileManager.default.fileExists(atPath: here) ? here : nil)
    }
}

/// Why a bot could not start or go on, with the exit code that says it.
public enum BotError: Error {
    case configuration(ConfigurationError)
    /// Directory, key, port, permission: what and how to mend.
    case setup(String)
    case alreadyRunning(String)
    case corrupt(String)
    case venue(String)
    case refused(String)

    public var exitCode: Int32 {
        switch self {
        case .configuration, .setup: 2
        case .refused: 3
        case .venue: 4
        case .corrupt: 6
        case .alreadyRunning: 75
        }
    }

    public var text: String {
        switch self {
        case .configuration(let error):
            error.problems.map(\.description).joined(separator: "\n")
        case .setup(let text), .alreadyRunning(let text), .corrupt(let text), .venue(let text),
            .refused(let text):
            text
        }
    }

    /// The meaning of a failure of the core at start-up.
    static func starting(_ error: CoreError) -> BotError {
        switch error.code {
        case .locked: .alreadyRunning("\(error.text); another needletail uses this data directory")
        case .corrupt: .corrupt(error.text)
        case .version: .corrupt(error.text)
        case .refused: .refused(error.text)
        default: .setup(error.text)
        }
    }
}
