// FaultArguments.swift — what the program was asked for; every mistake is named before it starts.
import Core
import Foundation

struct FaultArguments {
    static let help = """
        needletail-faults: a TCP proxy on loopback that makes faults happen.

          --route NAME=HOST:PORT[@PORT]  lead a port of loopback there; may be given often
          --faults FILE                  a script, see docs/faults.md
          --mix standard                 a schedule drawn from the seed
          --seconds N                    length of the mix, 15 unless given
          --seed N                       for the mix and for chances; 1 unless given
          --control                      commands on standard input; its end ends the program

        Prints one line of JSON when it is ready and one when it ends (Ctrl-C).
        Example: needletail-faults --route market=127.0.0.1:8443 --faults faults.txt
        """

    private(set) var routes: [RouteSettings] = []
    private(set) var rules: [FaultRule] = []
    private(set) var seed: UInt64 = 1
    private(set) var takesControl = false
    private(set) var isHelp = false

    init(_ arguments: [String]) throws(FaultProxyError) {
        var rest = arguments[...]
        var file: String?
        var mix: FaultMix?
        var seconds: Int64 = 15
        while let option = rest.popFirst() {
            switch option {
            case "--help", "-h":
                isHelp = true
                return
            case "--control": takesControl = true
            case "--route": routes.append(try RouteSettings(Self.value(&rest, option)))
            case "--faults": file = try Self.value(&rest, option)
            case "--mix": mix = try Self.mix(Self.value(&rest, option))
            case "--seed": seed = try Self.number(Self.value(&rest, option), option)
            case "--seconds":
                seconds = Int64(min(try Self.number(Self.value(&rest, option), option), 86_400))
            default: throw FaultProxyError("there is no option \(option); see --help")
            }
        }
        let names = routes.map(\.name)
        guard !names.isEmpty else { throw FaultProxyError("name at least one --route") }
        guard Set(names).count == names.count else {
            throw FaultProxyError("two routes have the same name")
        }
        if let file { rules = try Self.script(file, names) }
        if let mix { rules += mix.rules(seed: seed, routes: names, milliseconds: seconds * 1_000) }
    }

    private static func value(
        _ rest: inout ArraySlice<String>, _ option: String
    ) throws(FaultProxyError) -> String {
        guard let value = rest.popFirst() else { throw FaultProxyError("\(option) needs a value") }
        return value
    }

    private static func number(_ text: String, _ option: String) throws(FaultProxyError) -> UInt64 {
        guard let value = UInt64(text) else {
            throw FaultProxyError("\(option): \"\(text)\" is no whole number")
        }
        return value
    }

    private static func mix(_ text: String) throws(FaultProxyError) -> FaultMix {
        guard let mix = FaultMix(rawValue: text) else {
            let names = FaultMix.allCases.map(\.rawValue).joined(separator: ", ")
            throw FaultProxyError("there is no mix \"\(text)\"; there is: \(names)")
        }
        return mix
    }

    private static func script(
        _ file: String, _ routes: [String]
    ) throws(FaultProxyError) -> [FaultRule] {
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(data: data, encoding: .utf8)
        else { throw FaultProxyError("\(file) cannot be read as text") }
        return try FaultScript(routes: routes).rules(text, name: file)
    }
}
