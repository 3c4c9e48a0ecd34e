// LatencyCommand.swift — `needletail latency report`.
import ArgumentParser
import Bot

struct LatencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "How long each stage from bytes to order takes.",
        discussion: "Example: needletail latency report",
        subcommands: [Report.self], defaultSubcommand: Report.self)

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report",
            abstract: "Percentiles of the running bot's stages, since its start.",
            discussion: "Example: needletail latency report --data-dir var")

        @OptionGroup var bot: BotOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            let reply = try bot.ask("latency", isJSON: common.json)
            try reply.finish(LatencyReport.self, isJSON: common.json) { show($0) }
        }

        private func show(_ report: LatencyReport) {
            var table = Table(
                "stage", ">count", ">p50", ">p99", ">p99.9", ">max", "from", "to")
            for stage in report.stages {
                let times = [stage.ns.p50, stage.ns.p99, stage.ns.p999, stage.ns.max].map {
                    stage.ns.count == 0 ? "-" : LiveView.duration($0)
                }
                table.add(
                    stage.stage, String(stage.ns.count), times[0], times[1], times[2], times[3],
                    stage.from, stage.to)
            }
            Output.lines(table.lines)
        }
    }
}
