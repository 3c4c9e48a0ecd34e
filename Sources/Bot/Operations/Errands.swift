// Errands.swift — questions that take long, such as those to the venue, away from the admin
// socket: no place there is held for one. Whoever asks gets a number and comes back for the answer.
import Foundation
import Synchronization

/// The answer is not there yet; ask `errand` with this number.
public struct ErrandDocument: Codable, Sendable {
    public var errand: Int
}

final class Errands: Sendable {
    private struct Table {
        var next = 1
        var running = 0
        /// Nil: still under way.
        var answers: [Int: AdminReply?] = [:]
    }

    /// At once; more are refused, so that a loop of questions cannot pile up threads.
    static let most = 4
    /// Answers nobody came for; the oldest goes first.
    static let mostKept = 16
    private let table = Mutex(Table())

    /// Starts `work` on a thread of its own and returns its number as the reply.
    func start(_ work: @escaping @Sendable () -> AdminReply) -> AdminReply {
        let number = table.withLock { table -> Int? in
            guard table.running < Self.most else { return nil }
            table.running += 1
            table.next += 1
            table.answers[table.next - 1] = .some(nil)
            return table.next - 1
        }
        guard let number else {
            return .failure(3, "too many questions to the venue are under way; ask again")
        }
        let thread = Thread { [self] in finish(number, work()) }
        thread.name = "nt-errand"
        thread.start()
        return .document(ErrandDocument(errand: number))
    }

    private func finish(_ number: Int, _ reply: AdminReply) {
        table.withLock { table in
            table.running -= 1
            table.answers[number] = reply
            guard table.answers.count > Self.mostKept else { return }
            let done = table.answers.filter { $0.value != nil }.keys
            if let oldest = done.min() { table.answers[oldest] = nil }
        }
    }

    /// The answer, once; the number again while it is under way.
    func collect(_ number: Int) -> AdminReply {
        table.withLock { table in
            guard let found = table.answers[number] else {
                return .failure(2, "there is no errand \(number)")
            }
            guard let reply = found else { return .document(ErrandDocument(errand: number)) }
            table.answers[number] = nil
            return reply
        }
    }

    /// Waits until none is under way, at most so long: what they use is about to go.
    func wait(seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while table.withLock({ $0.running }) > 0, Date() < deadline {
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}
