// LogService.swift — writes the log on a thread of its own; nobody waits for the disk.
import Foundation
import Synchronization

final class LogService: @unchecked Sendable {
    /// Lines that wait for the disk; more are dropped and counted.
    static let mostWaiting = 4096
    private static let interval = 0.1

    private struct Content {
        var waiting: [EventLine] = []
        var lost: UInt64 = 0
        var problem: String?
    }

    private let file: LogFile
    private let clean: @Sendable (String) -> String
    private let content = Mutex(Content())
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    /// `clean` takes out of a text what must not be written, such as secrets.
    init(_ place: LogPlace, clean: @escaping @Sendable (String) -> String = { $0 }) {
        file = LogFile(place)
        self.clean = clean
    }

    /// Any thread; returns at once.
    func write(_ lines: [EventLine]) {
        guard !lines.isEmpty else { return }
        content.withLock { content in
            let room = max(0, Self.mostWaiting - content.waiting.count)
            content.waiting += lines.prefix(room)
            content.lost += UInt64(max(0, lines.count - room))
        }
    }

    /// Nil while it can be written.
    var problem: String? { content.withLock { $0.problem } }
    /// Lines that found no room.
    var lost: UInt64 { content.withLock { $0.lost } }

    func start() {
        let thread = Thread { [self] in
            while !isStopping.load(ordering: .relaxed) {
                flush()
                Thread.sleep(forTimeInterval: Self.interval)
            }
            flush()
            ended.signal()
        }
        thread.name = "nt-log"
        thread.start()
    }

    /// Ends after what waits is written. Once started; a second call does nothing.
    func stop() {
        guard !isStopping.exchange(true, ordering: .relaxed) else { return }
        ended.wait()
    }

    /// What the disk does not take is lost, and counted: the journal has the truth.
    private func flush() {
        let lines = content.withLock { content in
            defer { content.waiting.removeAll(keepingCapacity: true) }
            return content.waiting
        }
        guard !lines.isEmpty else { return }
        let data = lines.reduce(into: Data()) { data, line in
            var line = line
            line.text = clean(line.text)
            guard let json = try? JSONText.encode(line) else { return }
            data.append(json)
            data.append(UInt8(ascii: "\n"))
        }
        do throws(LogProblem) {
            try file.append(data)
            content.withLock { $0.problem = nil }
        } catch {
            content.withLock { content in
                content.problem = error.text
                content.lost += UInt64(lines.count)
            }
        }
    }
}
