// LogFile.swift — the log on disk: one JSON object a line, rotated by size, readable by its owner.
import Foundation
import Glibc

/// Where the log lies and how much of it is kept.
public struct LogPlace: Sendable {
    public var path: String
    public var maxBytes = 8 << 20
    /// Older files beside the current one: `.1` is the newest of them.
    public var kept = 5

    public init(dataDirectory: String) { path = dataDirectory + "/log/needletail.jsonl" }

    var folder: String { (path as NSString).deletingLastPathComponent }
    func older(_ number: Int) -> String { "\(path).\(number)" }
}

/// Why the log cannot be written or read.
public struct LogProblem: Error, Equatable {
    public let text: String
}

/// Appends whole lines. One thread at a time.
final class LogFile {
    private let place: LogPlace
    private var descriptor: Int32 = -1
    private var size: Int64 = 0

    init(_ place: LogPlace) { self.place = place }

    deinit { shut() }

    /// All of it or nothing; a line that did not fit on the disk is taken back.
    func append(_ data: Data) throws(LogProblem) {
        try open()
        if size > 0, size + Int64(data.count) > Int64(place.maxBytes) {
            rotate()
            try open()
        }
        var written = 0
        while written < data.count {
            let count = data.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress.map { $0 + written }, data.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                let reason = Self.reason
                _ = ftruncate(descriptor, Int(size))
                shut()
                throw LogProblem(text: "\(place.path) cannot be written: \(reason)")
            }
        }
        size += Int64(written)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private func open() throws(LogProblem) {
        if descriptor >= 0, isInPlace { return }
        shut()
        // One that is there already is looked at below.
        _ = mkdir(place.folder, 0o700)
        descriptor = Glibc.open(
            place.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw LogProblem(text: "\(place.path) cannot be opened: \(Self.reason)")
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0 else {
            shut()
            throw LogProblem(
                text: "\(place.path) may be used by others; run: chmod 600 \(place.path)")
        }
        size = Int64(status.st_size)
    }

    /// False once somebody moved or deleted the file.
    private var isInPlace: Bool {
        var named = stat()
        var held = stat()
        return stat(place.path, &named) == 0 && fstat(descriptor, &held) == 0
            && named.st_ino == held.st_ino && named.st_dev == held.st_dev
    }

    private func rotate() {
        shut()
        for number in stride(from: place.kept - 1, through: 1, by: -1) {
            // What is not there yet need not move.
            _ = rename(place.older(number), place.older(number + 1))
        }
        _ = place.kept > 0 ? rename(place.path, place.older(1)) : unlink(place.path)
    }

    private func shut() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
