// DoctorCommand.swift — `needletail doctor`: can a bot run here?
import ArgumentParser
import Bot
import Foundation

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks whether this machine and configuration can run a bot.",
        discussion: """
            Changes nothing, needs no privileges. Ends with 1 when something fails.
            Example: needletail doctor -c needletail.yaml --online
            """)

    @Option(
        name: [.short, .customLong("config")],
        help: "The configuration file; default: needletail.yaml when it is here.")
    var config: String?
    @Flag(help: "Ask the venue as well: is it there, and how far are the clocks apart?")
    var online = false
    @OptionGroup var set: SetOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let report = try Self.examine(
            config, overrides: set.overrides, online: online, isJSON: common.json)
        if common.json { try Output.json(report) } else { Self.show(report) }
        if report.fail > 0 { throw ExitCode(1) }
    }

    /// Of the named file, else of the one that lies here. Reads keys, so nobody may read us.
    static func examine(
        _ config: String?, overrides: [String] = [], online: Bool = false, isJSON: Bool
    ) throws -> DoctorReport {
        do throws(BotError) {
            try BotEnvironment.forbidDumps()
        } catch {
            throw CommandFailure(error, isJSON: isJSON)
        }
        var doctor = Doctor()
        doctor.file = Configuration.file(config)
        doctor.overrides = overrides
        doctor.isOnline = online
        doctor.environment = ProcessInfo.processInfo.environment
        return doctor.examine()
    }

    private static func show(_ report: DoctorReport) {
        let style = Style.standardOutput()
        var table = Table("", "check", "found")
        for check in report.checks { table.add(check.state.rawValue, check.check, check.found) }
        Output.lines(table.lines)
        for check in report.checks where check.state == .warn || check.state == .fail {
            let paint = check.state == .fail ? style.bad : style.warn
            Output.line(paint("\(check.state.rawValue): \(check.check)") + ": \(check.mend)")
        }
        Output.line("\(report.ok) ok, \(report.warn) to improve, \(report.fail) failed")
    }
}
