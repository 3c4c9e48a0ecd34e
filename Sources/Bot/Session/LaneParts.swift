// LaneParts.swift — compiles a configuration into what a lane is made of.
import Core
import EmaCross
import Foundation
import Risk
import Strategy
import VenueKit

/// Everything that `Duty` needs; built once at start.
struct LaneParts {
    let instruments: [Instrument]
    let findings: VenueFindings
    let duty: DutyConfiguration
    let lane: LaneConfiguration
    let handler: LaneHandler
    /// Milliseconds; budgets are of a minute and a sixth.
    private static let longestWait: Int64 = 71_000

    init(
        _ configuration: Configuration, _ environment: BotEnvironment, _ access: any VenueAccess,
        _ directory: DataDirectory, pulse: Pulse?
    ) throws(BotError) {
        let clock = environment.clock
        do {
            let rules = try LaneParts.patiently(environment) {
                try access.rules(configuration.symbols)
            }
            findings = VenueFindings(rules: rules, clock: try access.readClock())
            instruments = rules.map(\.instrument)
            access.setClockOffset(findings.clock.offset)
        } catch {
            throw .venue("the venue's rules could not be read: \(error)")
        }
        let limits = try LaneParts.limits(configuration, instruments)
        let lots = try LaneParts.lots(configuration, instruments, access)
        handler = environment.strategy?(lots) ?? LaneParts.handler(configuration, lots)
        var random = Random.system()
        let instance = try directory.instance(&random)
        let isPaper = configuration.mode == .paper
        let streams: [StreamConfiguration]
        let codec: UnsafeRawPointer
        do {
            codec = try access.makeCodec(instruments, instance: instance)
            streams = try access.streams(withOrders: !isPaper, configuration.streams)
        } catch {
            throw .venue("\(error)")
        }
        var lane = LaneConfiguration(
            instruments: instruments, roles: streams.map(\.role), codec: codec, clock: clock)
        lane.feeds = streams.map(\.feed)
        lane.maxSilence = instruments.map {
            configuration.policy($0.symbol).maxSilenceMilliseconds * 1_000_000
        }
        lane.instance = instance
        lane.journalDirectory = directory.journal
        lane.durability = configuration.durability
        lane.groupTime = configuration.groupMilliseconds * 1_000_000
        lane.account = access.accountMark
        lane.tapeDirectory = configuration.keepTape ? directory.tape : nil
        lane.paper = isPaper ? configuration.paper.compiled : nil
        lane.accountLimits = configuration.account.compiled()
        lane.instrumentLimits = limits
        lane.replyTimeout = configuration.replyTimeoutMilliseconds * 1_000_000
        let queue = configuration.queueMilliseconds
        lane.queueTime = queue == 0 ? -1 : queue * 1_000_000
        lane.budget = access.budget.budget
        lane.reconcileEvery = configuration.reconcileSeconds * 1_000_000_000
        lane.pulse = pulse
        lane.absenceGap = configuration.absenceGapMilliseconds * 1_000_000
        self.lane = lane
        var duty = DutyConfiguration(streams: streams)
        duty.spin = configuration.lane.spin
        duty.wait = configuration.lane.waitMicroseconds * 1000
        duty.cpu = configuration.lane.cpu
        self.duty = duty
    }

    /// Asks once more when the venue's request budget is there again: a bot that was killed often
    /// must come up by itself.
    private static func patiently<Value>(
        _ environment: BotEnvironment, _ ask: () throws -> Value
    ) throws -> Value {
        do {
            return try ask()
        } catch let error as VenueError {
            guard case .rateLimited(banned: false) = error.kind, let end = error.retryAfter
            else { throw error }
            let wait = end - environment.clock.wall / 1_000_000
            guard (0...longestWait).contains(wait) else { throw error }
            environment.log("\(error.text); waiting \(wait / 1000 + 1) s")
            Thread.sleep(forTimeInterval: Double(wait) / 1000 + 0.05)
            return try ask()
        }
    }

    private static func limits(
        _ configuration: Configuration, _ instruments: [Instrument]
    ) throws(BotError) -> [InstrumentLimits] {
        var problems: [ConfigurationProblem] = []
        let limits = instruments.map { instrument in
            do throws(PolicyError) {
                return try configuration.policy(instrument.symbol).compiled(for: instrument)
            } catch {
                problems.append(
                    ConfigurationProblem(
                        file: "configuration", line: 1,
                        key: "limits.\(instrument.symbol).\(error.key)", problem: error.problem,
                        mend: "Write a multiple of the step."))
                return InstrumentLimits()
            }
        }
        guard problems.isEmpty else {
            throw .configuration(ConfigurationError(problems: problems))
        }
        return limits
    }

    /// Of one position, by instrument slot.
    private static func lots(
        _ configuration: Configuration, _ instruments: [Instrument], _ access: any VenueAccess
    ) throws(BotError) -> [Int64] {
        let value = configuration.strategy.value
        var lots: [Int64] = []
        for instrument in instruments {
            do {
                lots.append(quantity(value, try access.lastPrice(instrument), instrument))
            } catch {
                throw .venue("the price of \(instrument.symbol) could not be read: \(error)")
            }
        }
        return lots
    }

    private static func handler(_ configuration: Configuration, _ lots: [Int64]) -> LaneHandler {
        let settings = configuration.strategy
        return StrategyHost(
            EmaCross(
                EmaCrossParameters(
                    fast: settings.fast, slow: settings.slow,
                    sampleInterval: settings.sampleMilliseconds * 1_000_000, lots: lots,
                    slippagePPM: settings.slippagePPM)))
    }

    /// Whole lots that `value` buys at `price`, at least the venue's minimum.
    private static func quantity(_ value: Money, _ price: Price, _ instrument: Instrument) -> Int64
    {
        guard let oneLot = instrument.value(price, Quantity(lots: 1_000_000)), oneLot.units > 0
        else { return max(instrument.minQuantity, 1) }
        let lots = Int64(Double(value.units) / (Double(oneLot.units) / 1_000_000))
        return max(lots, instrument.minQuantity, 1)
    }
}

extension PaperSettings {
    var compiled: PaperConfiguration {
        PaperConfiguration(
            latency: latencyMilliseconds * 1_000_000,
            makerFeePPM: Int64((makerFee * 1_000_000).rounded()),
            takerFeePPM: Int64((takerFee * 1_000_000).rounded()))
    }
}
