// FaultControl.swift — commands on standard input, one a line, each answered by one line.
//
// A fault without a trigger happens now; with one, its times count from now. `mix standard SEED
// TIME` draws a schedule, `heal` ends all that lasts and forgets all that was to come, `counters`
// prints what was counted so far. The input's end ends the proxy.
import Glibc

struct FaultControl {
    private struct Answer: Encodable {
        let line: String
        /// Connections that a fault met at once.
        var connections: Int?
        /// The lines that a mix has drawn.
        var script: [String]?
        var error: String?
    }

    private static let longestLine = 4_096
    private let routes: [String]
    private let script: FaultScript
    private var unread: [UInt8] = []

    init(_ routes: [String]) {
        self.routes = routes
        script = FaultScript(routes: routes, takesNow: true)
    }

    /// Reads once and carries out the whole lines. False: the input has ended.
    mutating func turn(_ proxy: FaultProxy) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Self.longestLine)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        guard count > 0 else { return count < 0 && (errno == EINTR || errno == EAGAIN) }
        unread += buffer.prefix(count)
        while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: unread[..<end], as: UTF8.self)
            unread.removeFirst(end + 1)
            carryOut(line, proxy)
        }
        return unread.count <= Self.longestLine
    }

    private func carryOut(_ line: String, _ proxy: FaultProxy) {
        var answer = Answer(line: line)
        do throws(FaultProxyError) {
            switch line {
            case "heal": try proxy.heal()
            case "counters": return Line.json(Closing(counters: proxy.counters))
            case _ where line.hasPrefix("mix "):
                let rules = try mix(line)
                proxy.add(rules)
                answer.script = rules.map(\.description)
            default:
                guard let rule = try script.rule(line) else { return }
                if rule.trigger == .now {
                    answer.connections = try proxy.fire(rule)
                } else {
                    proxy.add([rule])
                }
            }
        } catch {
            answer.error = error.description
        }
        Line.json(answer)
    }

    private func mix(_ line: String) throws(FaultProxyError) -> [FaultRule] {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 4, let mix = FaultMix(rawValue: words[1]), let seed = UInt64(words[2]),
            let length = TimeText.milliseconds(words[3])
        else { throw FaultProxyError("write \"mix standard 7 15s\"") }
        return mix.rules(seed: seed, routes: routes, milliseconds: length)
    }
}
