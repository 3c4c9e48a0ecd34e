// Interrupts.swift — Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends now.
import Dispatch
import Glibc
import Synchronization

final class Interrupts: Sendable {
    private let count = Atomic<Int>(0)
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    /// Takes the two signals over for the whole process; make one.
    init() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                let already = count.wrappingAdd(1, ordering: .relaxed).oldValue
                if already > 0 { _exit(130) }
                Output.error("stopping; once more ends at once")
            }
            source.resume()
            sources.append(source)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// The first signal came.
    var isRaised: Bool { count.load(ordering: .relaxed) > 0 }
}
