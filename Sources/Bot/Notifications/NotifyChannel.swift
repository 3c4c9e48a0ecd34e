// NotifyChannel.swift — one way to a person, on a thread of its own: limited in rate, tried again
// until it is delivered or given up. Nobody waits for it.
import Core
import Foundation
import Synchronization

final class NotifyChannel: @unchecked Sendable {
    private static let capacity = 500
    private static let turn = 0.05

    private struct Content {
        var queue = NotifyQueue(capacity: NotifyChannel.capacity)
        var isSending = false
        var delivered: UInt64 = 0
        var givenUp: UInt64 = 0
        var problem: String?
    }

    /// What one try came to.
    private enum Outcome {
        case delivered
        /// To be tried again, after the other side's own word on when if it gave one (seconds).
        case later(String, after: Double?)
        case never(String)
    }

    let form: any NotifyForm
    private let transport: any HTTPTransport
    private let clock: Clock
    private let perMinute: Int64
    private let pace: NotifyPace
    private let clean: @Sendable (String) -> String
    private let content = Mutex(Content())
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        _ form: any NotifyForm, transport: any HTTPTransport, clock: Clock, perMinute: Int64,
        pace: NotifyPace, clean: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.form = form
        self.transport = transport
        self.clock = clock
        self.perMinute = perMinute
        self.pace = pace
        self.clean = clean
    }

    /// Any thread; returns at once.
    func tell(_ message: NotifyMessage) { content.withLock { $0.queue.add(message) } }

    var document: ChannelDocument {
        content.withLock { content in
            ChannelDocument(
                channel: form.name, delivered: content.delivered,
                waiting: content.queue.waiting.count + (content.isSending ? 1 : 0),
                lost: content.givenUp + content.queue.dropped, problem: content.problem)
        }
    }

    func start() {
        let thread = Thread { [self] in
            run()
            ended.signal()
        }
        thread.name = "nt-\(form.name)"
        thread.start()
    }

    /// Asks the thread to end: what waits is tried once more, in one message.
    func beginStop() { isStopping.store(true, ordering: .relaxed) }

    /// False: it did not end in time, and is left behind.
    func awaitStop(seconds: Double) -> Bool {
        ended.wait(timeout: .now() + seconds) == .success
    }

    private var stops: Bool { isStopping.load(ordering: .relaxed) }

    private func run() {
        var bucket = TokenBucket(perMinute: perMinute, now: clock.monotonic)
        while !stops {
            let tokens = bucket.available(clock.monotonic)
            let message = tokens == 0 ? nil : take(sparing: tokens == 1)
            guard let message else {
                Thread.sleep(forTimeInterval: Self.turn)
                continue
            }
            bucket.take()
            deliver(message)
        }
        if let last = take(sparing: true) { finish(attempt(last), last) }
    }

    private func take(sparing: Bool) -> NotifyMessage? {
        content.withLock { content in
            let message = content.queue.next(sparing: sparing)
            content.isSending = message != nil
            return message
        }
    }

    private func deliver(_ message: NotifyMessage) {
        var pause = pace.first
        for tries in 1...max(1, pace.tries) {
            let outcome = attempt(message)
            guard case .later(let problem, let after) = outcome, tries < pace.tries, !stops else {
                finish(outcome, message)
                return
            }
            content.withLock { $0.problem = "\(problem); tried \(tries) times" }
            wait(max(after ?? 0, pause))
            pause = min(pause * 2, pace.longest)
        }
    }

    private func wait(_ seconds: Double) {
        let end = clock.monotonic + Int64(seconds * 1e9)
        while clock.monotonic < end, !stops { Thread.sleep(forTimeInterval: Self.turn) }
    }

    private func finish(_ outcome: Outcome, _ message: NotifyMessage) {
        content.withLock { content in
            content.isSending = false
            switch outcome {
            case .delivered:
                content.delivered += UInt64(message.count)
                content.problem = nil
            case .later(let problem, _), .never(let problem):
                content.givenUp += UInt64(message.count)
                content.problem = "\(problem); given up"
            }
        }
    }

    private func attempt(_ message: NotifyMessage) -> Outcome {
        var request = form.request(message)
        request.timeoutMilliseconds = pace.timeoutMilliseconds
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try transport.perform(request)
        } catch {
            return .later(clean(form.masked(error.text)), after: nil)
        }
        switch response.status {
        case 200..<300: return .delivered
        case 408, 425, 429, 500...:
            return .later("HTTP \(response.status)", after: response.retryAfter.map { Double($0) })
        default: return .never("HTTP \(response.status): \(form.mend)")
        }
    }
}
