// Machine.swift — where and with what a figure was made, read when it is made.
import BenchmarkKernels
import Foundation

public struct Machine: Sendable, Codable {
    public var cpu: String
    public var cores: Int
    public var kernel: String
    public var architecture: String
    /// One minute, before and after the run.
    public var loadBefore: Double
    public var loadAfter: Double
    public var compiler: String
    public var flags: String
    public var isOptimised: Bool
    /// What the program was built of; nil where that is not known.
    public var commit: String?

    private enum CodingKeys: String, CodingKey {
        case cpu, cores, kernel, architecture, compiler, flags, commit
        case loadBefore = "load_before"
        case loadAfter = "load_after"
        case isOptimised = "optimised"
    }

    /// Above it other work disturbs two-thread figures and all tails.
    static let busyLoad = 1.5

    static func current() -> Machine {
        var names = utsname()
        uname(&names)
        let load = loadAverage()
        return Machine(
            cpu: cpuModel(), cores: ProcessInfo.processInfo.activeProcessorCount,
            kernel: text(names.sysname) + " " + text(names.release),
            architecture: text(names.machine), loadBefore: load, loadAfter: load,
            compiler: "\(swiftVersion), \(String(cString: bk_compiler()))", flags: flags,
            isOptimised: bk_is_optimised(), commit: commit())
    }

    var warnings: [String] {
        var warnings: [String] = []
        let load = max(loadBefore, loadAfter)
        if load > Self.busyLoad {
            let figure = String(format: "%.1f", load)
            warnings.append(
                "load average \(figure): other work runs here; trust p50 and the ratios of one "
                    + "run, not p99 and above")
        }
        if cores < 2 { warnings.append("one core: figures that need two threads show switches") }
        if !isOptimised { warnings.append("built without optimisation: times say nothing") }
        return warnings
    }

    static func loadAverage() -> Double {
        var load = 0.0
        return getloadavg(&load, 1) == 1 ? load : 0
    }

    // MARK: Reading

    private static func text<Tuple>(_ tuple: Tuple) -> String {
        withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func cpuModel() -> String {
        let data = FileManager.default.contents(atPath: "/proc/cpuinfo") ?? Data()
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("model name")
        }
        let name = line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        return name ?? "unknown"
    }

    private static var swiftVersion: String {
        #if swift(>=6.4)
            "Swift 6.4 or newer"
        #elseif swift(>=6.3)
            "Swift 6.3"
        #else
            "Swift 6.2"
        #endif
    }

    /// As Package.swift sets them.
    private static var flags: String {
        bk_is_optimised()
            ? "Swift -O; C -std=gnu17 -O3 -ffp-contract=off"
            : "Swift -Onone; C -std=gnu17 -O0 -ffp-contract=off"
    }

    /// A release build holds it; else that of the repository that the program lies in.
    public static func commit() -> String? {
        let held = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let text = buffer.baseAddress else { return "" }
            bk_commit(text)
            return String(cString: text)
        }
        return held.isEmpty ? describedByGit() : held
    }

    private static func describedByGit() -> String? {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        guard let folder = program?.deletingLastPathComponent().path else { return nil }
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-C", folder, "describe", "--always", "--dirty"]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return git.terminationStatus == 0 && !text.isEmpty ? text : nil
    }
}
