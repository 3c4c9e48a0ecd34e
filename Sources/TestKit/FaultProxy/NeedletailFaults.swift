// NeedletailFaults.swift — the program: arguments, the control input, the lines it prints.
import Core
import Foundation
import Glibc
import Synchronization

private let isAskedToStop = Atomic<Bool>(false)

@main enum NeedletailFaults {
    static func main() {
        do throws(FaultProxyError) {
            let arguments = try FaultArguments(Array(CommandLine.arguments.dropFirst()))
            if arguments.isHelp {
                Line.say(FaultArguments.help)
            } else {
                try run(arguments)
            }
        } catch {
            Line.error("error: \(error)")
            exit(2)
        }
    }

    private static func run(_ arguments: FaultArguments) throws(FaultProxyError) {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in isAskedToStop.store(true, ordering: .relaxed) }
        }
        signal(SIGPIPE, SIG_IGN)
        let proxy = try FaultProxy(
            arguments.routes, seed: arguments.seed, clock: .system, tell: Line.error)
        Line.json(Opening(proxy.ports, arguments))
        proxy.add(arguments.rules)
        var control = arguments.takesControl ? FaultControl(arguments.routes.map(\.name)) : nil
        while !isAskedToStop.load(ordering: .relaxed) {
            let isReady = try proxy.turn(also: control == nil ? nil : STDIN_FILENO)
            if isReady, control?.turn(proxy) == false { break }
        }
        Line.json(Closing(counters: proxy.counters))
    }
}

/// The first line on standard output.
private struct Opening: Encodable {
    struct Route: Encodable {
        let port: UInt16
        let target: String
    }

    let routes: [String: Route]
    /// The lines in force; with a mix, the script that repeats it.
    let script: [String]
    let seed: UInt64

    init(_ ports: [String: UInt16], _ arguments: FaultArguments) {
        routes = Dictionary(
            arguments.routes.map {
                ($0.name, Route(port: ports[$0.name] ?? 0, target: $0.targetText))
            }
        ) { first, _ in first }
        script = arguments.rules.map(\.description)
        seed = arguments.seed
    }
}

/// The last line on standard output.
struct Closing: Encodable {
    let counters: FaultCounters
}

/// Whole lines, at once.
enum Line {
    static func say(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    static func json(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("names and numbers can always be written")
        }
        say(String(decoding: data, as: UTF8.self))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
