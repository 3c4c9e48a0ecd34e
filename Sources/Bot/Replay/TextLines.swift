// TextLines.swift — a text file line by line, plain or compressed by gzip, in bounded memory.
//
// Recordings may be larger than memory, so lines are borrowed from one buffer. Compressed files go
// through the system's gzip, which also checks their checksum and length.
import Foundation
import Glibc

/// One reader; one thread at a time.
final class TextLines {
    /// A book snapshot is the longest line there is, well under a megabyte.
    static let maxLineBytes = 64 << 20

    let path: String
    /// Of the line that `next` last gave, from 1.
    private(set) var number = 0
    private let descriptor: Int32
    private let gzip: (process: Process, errors: Pipe)?
    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    init(_ path: String) throws(ReplayError) {
        self.path = path
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable(path: path, reason: lastSystemError()) }
        guard path.hasSuffix(".gz") || TextLines.isCompressed(file) else {
            (descriptor, gzip) = (file, nil)
            buffer = .allocate(byteCount: 1 << 20, alignment: 16)
            return
        }
        close(file)
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", "--", path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw .unreadable(path: path, reason: "gzip could not be started: \(error)")
        }
        // A duplicate, so that its life does not hang on the pipe object's.
        descriptor = dup(output.fileHandleForReading.fileDescriptor)
        gzip = (process, errors)
        buffer = .allocate(byteCount: 1 << 20, alignment: 16)
    }

    deinit {
        close(descriptor)
        if let gzip, gzip.process.isRunning { gzip.process.terminate() }
        buffer.deallocate()
    }

    /// The next line without its line feed (and carriage return), borrowed until the next call;
    /// nil at the end of the file.
    func next() throws(ReplayError) -> UnsafeRawBufferPointer? {
        var searched = start
        while true {
            if let feed = lineFeed(from: searched) {
                defer { start = feed + 1 }
                return line(upTo: feed)
            }
            searched = end
            if isAtEnd {
                guard start < end else { return nil }
                defer { start = end }
                return line(upTo: end)
            }
            searched -= start
            try fill()
            searched += start
        }
    }

    /// An error that names the line last read.
    func malformed(_ problem: String) -> ReplayError {
        .malformed(path: path, line: number, problem: problem)
    }

    // MARK: Buffer

    private func lineFeed(from index: Int) -> Int? {
        guard let base = buffer.baseAddress, index < end,
            let found = memchr(base + index, 10, end - index)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private func line(upTo stop: Int) -> UnsafeRawBufferPointer {
        number += 1
        let hasReturn = stop > start && buffer[stop - 1] == 13
        return UnsafeRawBufferPointer(rebasing: buffer[start..<(hasReturn ? stop - 1 : stop)])
    }

    private func fill() throws(ReplayError) {
        makeRoom()
        guard buffer.count <= TextLines.maxLineBytes, let base = buffer.baseAddress else {
            number += 1
            throw malformed("the line is longer than \(TextLines.maxLineBytes) bytes")
        }
        let count = retryingInterrupts { read(descriptor, base + end, buffer.count - end) }
        guard count >= 0 else { throw .unreadable(path: path, reason: lastSystemError()) }
        end += count
        guard count == 0 else { return }
        isAtEnd = true
        try finishGzip()
    }

    /// Moves what is left to the front, and doubles the buffer when a line fills all of it.
    private func makeRoom() {
        if start == 0, end == buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
            buffer.deallocate()
            buffer = larger
        } else if start > 0 {
            if let base = buffer.baseAddress { memmove(base, base + start, end - start) }
            (start, end) = (0, end - start)
        }
    }

    // MARK: Compression

    private static func isCompressed(_ file: Int32) -> Bool {
        var magic: (UInt8, UInt8) = (0, 0)
        return pread(file, &magic, 2, 0) == 2 && magic == (0x1f, 0x8b)
    }

    private func finishGzip() throws(ReplayError) {
        guard let gzip else { return }
        gzip.process.waitUntilExit()
        guard gzip.process.terminationStatus != 0 else { return }
        let said = gzip.errors.fileHandleForReading.readDataToEndOfFile()
        let text = String(decoding: said, as: UTF8.self)
            .split(whereSeparator: \.isNewline).joined(separator: " ")
        throw .unreadable(path: path, reason: text.isEmpty ? "gzip failed" : text)
    }
}

private func lastSystemError() -> String { String(cString: strerror(errno)) }

private func retryingInterrupts(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
