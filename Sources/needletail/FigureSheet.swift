// FigureSheet.swift — the one table, and the one JSON document, of `needletail selftest` and of
// `make test-full`.
import Foundation
import World

struct FigureSheet: Codable {
    /// Where a figure is from that this run did not make.
    struct Mark: Codable, Equatable {
        var commit: String
        var date: String
    }

    struct Violation: Codable {
        var seed: UInt64
        var text: String
        /// The command that lives it again, step by step.
        var again: String

        init(seed: UInt64, text: String) {
            self.seed = seed
            self.text = text
            again = "needletail selftest --seed \(seed) --trace"
        }
    }

    struct Unknown: Codable {
        var made: Int
        /// What ended them: evidence, proof of absence, an operator.
        var resolvedBy: [String: Int]
    }

    struct Fuzz: Codable {
        var executions: Int
        var corpus: Int
    }

    struct Planted: Codable {
        var caught: Int
        var total: Int
        /// Of the seeds that each bug took.
        var medianSeeds: Double?
        /// Set by the sheet: nil in the run that planted them.
        var recorded: Mark?
    }

    /// Conditions that were seen to decide alone, of all in the C core.
    struct Share: Codable {
        var covered: Int
        var total: Int
        var percent: Double
    }

    /// Of the real program by SIGKILL.
    struct Kills: Codable {
        var kills: Int
        var checks: Int
        var fills: Int
    }

    var version: String
    var commit: String?
    var seeds: Int
    var events: Int
    var eventsPerSecond: Double
    var simulatedSeconds: Double
    var intents: Int
    var orders: Int
    var fills: Int
    var restarts: Int
    var faults: [String: Int]
    var unknown: Unknown
    var crashImages: Int?
    var bitsFlipped: Int?
    var fuzz: Fuzz?
    var checkerStates: Int?
    var planted: Planted?
    var mcdc: Share?
    var kills: Kills?
    var violations: [Violation]
    var wall: Double
    /// Over all lives: equal for equal seeds.
    var hash: UInt64
    /// Figures of an earlier run, by their name here.
    var recorded: [String: Mark] = [:]
    /// Seconds; of `make test-full`.
    var stages: [String: Double]?

    /// What these seeds came to in this run; the rest is what was recorded.
    init(
        version: String, commit: String?, _ reports: [WorldReport], seeds lived: [UInt64],
        wall: Double, _ rest: RecordedFigures
    ) {
        var total = WorldReport()
        total.seeds = 0
        var found: [Violation] = []
        for (seed, report) in zip(lived, reports) {
            found += report.violations.map { Violation(seed: seed, text: $0) }
            total.add(report)
        }
        self.version = version
        self.commit = commit
        seeds = total.seeds
        events = total.events
        eventsPerSecond = Double(total.events) / max(wall, 0.001)
        simulatedSeconds = total.seconds
        intents = total.intents
        orders = total.orders
        fills = total.fills
        restarts = total.restarts
        faults = total.faults
        unknown = Unknown(
            made: total.unknown.made,
            resolvedBy: [
                "evidence": total.unknown.byEvidence, "absence": total.unknown.byAbsence,
                "operator": total.unknown.byOperator,
            ])
        violations = found
        self.wall = wall
        hash = total.hash
        take(rest)
    }

    /// The sheet of the `make test-full` that recorded these; nil: it lived no seeds. What was
    /// made of the same source bears no mark.
    init?(ofFull rest: RecordedFigures) {
        guard let lives = rest.lives else { return nil }
        self = lives.figures
        commit = lives.commit
        recorded = [:]
        take(rest)
        recorded = recorded.filter { $0.value.commit != lives.commit }
        planted?.recorded = recorded["planted"]
        stages = rest.stages
        if let stages { wall = stages.values.reduce(0, +) }
    }

    private mutating func take(_ rest: RecordedFigures) {
        crashImages = figures("crash_images", rest.crash)?.crashImages
        bitsFlipped = figures("bits_flipped", rest.bits)?.bitsFlipped
        fuzz = figures("fuzz", rest.fuzz)
        checkerStates = figures("checker_states", rest.checker)?.checkerStates
        planted = figures("planted", rest.planted)
        planted?.recorded = recorded["planted"]
        mcdc = figures("mcdc", rest.mcdc)
        kills = figures("kills", rest.kills)
    }

    private mutating func figures<Figures>(
        _ name: String, _ part: RecordedFigures.Part<Figures>?
    ) -> Figures? {
        guard let part else { return nil }
        recorded[name] = part.mark
        return part.figures
    }
}

// MARK: As a table

extension FigureSheet {
    var table: [String] {
        var lines = [
            row("commit", commit ?? "not known"),
            row("seeds", "\(seeds)"),
            row(
                "events",
                "\(events) in \(Int(simulatedSeconds)) simulated seconds, "
                    + "\(Int(eventsPerSecond)) a second"),
            row("intents, orders", "\(intents), \(orders)"),
            row("fills", "\(fills)"),
            row("restarts", "\(restarts)"),
            row("faults", "\(faults.values.reduce(0, +)) of \(faults.count) kinds"),
        ]
        let kinds = faults.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        lines += kinds.map { name, count in "    \(padded(name, 20))\(count)" }
        let ends = unknown.resolvedBy.sorted { $0.key < $1.key }
        lines.append(
            row(
                "unknown",
                "\(unknown.made) made; resolved by "
                    + ends.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))
        lines += recordedRows
        lines.append(row("violations", "\(violations.count)"))
        for violation in violations {
            lines.append("    seed \(violation.seed): \(violation.text)")
            lines.append("    live it again: \(violation.again)")
        }
        for (name, seconds) in (stages ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append(row("stage", "\(padded(name, 40)) \(Int(seconds)) s"))
        }
        return lines + [row("wall", String(format: "%.1f s", wall))]
    }

    private var recordedRows: [String] {
        [
            marked("crash images", "crash_images", crashImages.map { "\($0)" }),
            marked("bits flipped", "bits_flipped", bitsFlipped.map { "\($0)" }),
            marked(
                "fuzz", "fuzz", fuzz.map { "\($0.executions) executions, corpus \($0.corpus)" }),
            marked("checker states", "checker_states", checkerStates.map { "\($0)" }),
            marked(
                "planted bugs", "planted",
                planted.map { planted in
                    let median = planted.medianSeeds.map { String(format: "%g", $0) } ?? "no"
                    return "\(planted.caught) of \(planted.total) caught, median \(median) seeds"
                }),
            marked(
                "mc/dc", "mcdc",
                mcdc.map {
                    String(
                        format: "%.1f %%, %d of %d conditions", $0.percent, $0.covered, $0.total)
                }),
            marked(
                "real kills", "kills",
                kills.map { "\($0.kills), \($0.checks) restarts checked, \($0.fills) fills" }),
        ]
    }

    private func marked(_ title: String, _ name: String, _ text: String?) -> String {
        guard let text else { return row(title, "not recorded") }
        guard let mark = recorded[name] else { return row(title, text) }
        return row(title, "\(padded(text, 44)) recorded, \(mark.commit) of \(mark.date)")
    }

    private func row(_ title: String, _ text: String) -> String { padded(title, 17) + text }

    private func padded(_ text: String, _ width: Int) -> String {
        text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
}
