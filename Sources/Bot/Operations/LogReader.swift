// LogReader.swift — reads the log, also while it is written and when no bot runs.
import Foundation
import Glibc

public struct LogReader {
    private let place: LogPlace
    /// Of the file that is followed, and how far it was read.
    private var descriptor: Int32 = -1
    private var rest: [UInt8] = []

    public init(_ place: LogPlace) { self.place = place }

    /// The newest lines, oldest of them first. No log: none.
    public func last(_ count: Int) throws(LogProblem) -> [EventLine] {
        var found: [EventLine] = []
        let files = [place.path] + (1...max(1, place.kept)).map { place.older($0) }
        for file in files where found.count < count {
            guard let data = try Self.contents(file) else { break }
            found = Self.lines(Array(data)) + found
        }
        return Array(found.suffix(count))
    }

    private static func contents(_ path: String) throws(LogProblem) -> Data? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LogProblem(text: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        return data
    }

    /// A torn line, as a full disk leaves it, is left out.
    private static func lines(_ bytes: [UInt8]) -> [EventLine] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            try? JSONText.decode(EventLine.self, Data(line))
        }
    }

    /// Starts following at the end of what is there now.
    public mutating func startFollowing() {
        descriptor = open(place.path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 { lseek(descriptor, 0, SEEK_END) }
    }

    /// Lines since the last call; goes over to the next file when the log was rotated.
    public mutating func next() -> [EventLine] {
        var found = rise()
        guard wasRotated else { return found }
        if descriptor >= 0 { close(descriptor) }
        rest = []
        descriptor = open(place.path, O_RDONLY | O_CLOEXEC)
        found += rise()
        return found
    }

    public mutating func stopFollowing() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private var wasRotated: Bool {
        var named = stat()
        var held = stat()
        guard stat(place.path, &named) == 0 else { return false }
        guard descriptor >= 0, fstat(descriptor, &held) == 0 else { return true }
        return named.st_ino != held.st_ino || named.st_dev != held.st_dev
    }

    private mutating func rise() -> [EventLine] {
        guard descriptor >= 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            rest += buffer[..<count]
        }
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        defer { rest.removeFirst(end + 1) }
        return Self.lines(Array(rest[...end]))
    }
}
