// Interrupts.swift — Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends now.
// SIGUSR1 halts: it needs neither the admin socket nor the program.
import Dispatch
import Glibc
import Synchronization

final class Interrupts: Sendable {
    private let count = Atomic<Int>(0)
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []
    /// What SIGUSR1 does, or that it came before there was anything to halt.
    private let halting = Mutex<(halt: (@Sendable () -> Void)?, isRaised: Bool)>((nil, false))

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
        signal(SIGUSR1, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGUSR1, queue: .global())
        source.setEventHandler { [self] in
            let halt = halting.withLock { halting in
                halting.isRaised = true
                return halting.halt
            }
            Output.error("halting: SIGUSR1")
            halt?()
        }
        source.resume()
        sources.append(source)
        signal(SIGPIPE, SIG_IGN)
    }

    /// What SIGUSR1 does from now on; at once, if it came already.
    func onHalt(_ halt: @escaping @Sendable () -> Void) {
        let isRaised = halting.withLock { halting in
            halting.halt = halt
            return halting.isRaised
        }
        if isRaised { halt() }
    }

    /// The first signal came.
    var isRaised: Bool { count.load(ordering: .relaxed) > 0 }
}
