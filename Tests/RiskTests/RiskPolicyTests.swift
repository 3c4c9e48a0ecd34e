// RiskPolicyTests.swift — the policy compiles to the gate's table: read back from a lane, it is
// what was written; what is not set stays zero, and refuses.
import Core
import Risk
import TestKit
import Testing

private func policy() -> InstrumentPolicy {
    var policy = InstrumentPolicy()
    policy.maxOrder = "1.50"
    policy.maxPosition = "3"
    policy.maxOrderValue = Money(5000)
    policy.collar = 0.02
    policy.emergencyCollar = 0.07
    policy.maxAgeMilliseconds = 1500
    policy.emergencyMaxAgeMilliseconds = 90_000
    policy.allowShort = true
    return policy
}

private func account() -> AccountPolicy {
    var policy = AccountPolicy()
    policy.maxGrossValue = Money(20_000)
    policy.maxOpenValue = Money(9000)
    policy.maxDailyLoss = Money(300)
    policy.maxOpenOrders = 7
    policy.maxOrdersPerSecond = 5
    policy.duplicateWindowMilliseconds = 0
    return policy
}

/// Buys one lot whenever it may.
private final class Eager: LaneHandler {
    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        guard call.update == nil, call.refusal == nil, context.isValid else { return }
        intents.place(
            call.event.instrument, .buy, Quantity(lots: 1), type: .limit, price: context.ask.price,
            timeInForce: .ioc)
    }
}

@Suite("Risk policy") struct RiskPolicyTests {
    private func rig(
        _ policies: [InstrumentPolicy], _ account: AccountPolicy, handler: LaneHandler = .init()
    ) throws -> LaneRig {
        let instruments = LaneRig.instruments(policies.count)
        let limits = try zip(policies, instruments).map { try $0.compiled(for: $1) }
        return try LaneRig(seed: 1, instruments: policies.count, handler: handler) {
            $0.accountLimits = account.compiled()
            $0.instrumentLimits = limits
        }
    }

    @Test("The gate's table is the policy, number for number")
    func tableIsPolicy() throws {
        let table = try rig([policy(), InstrumentPolicy()], account()).lane.gateTable
        var limits = InstrumentLimits()
        limits.maxOrderLots = 150
        limits.maxPositionLots = 300
        limits.maxOrderValue = Money(5000)
        limits.collarPPM = 20_000
        limits.emergencyCollarPPM = 70_000
        limits.maxAge = 1_500_000_000
        limits.emergencyMaxAgeMilliseconds = 90_000
        limits.allowShort = true
        #expect(table.instruments[0] == limits)
        var expected = AccountLimits()
        expected.maxGrossValue = Money(20_000)
        expected.maxOpenValue = Money(9000)
        expected.maxDailyLoss = Money(300)
        expected.maxOpenOrders = 7
        expected.maxOrdersPerWindow = 5
        expected.orderWindow = 1_000_000_000
        expected.maxRejectsPerWindow = 20
        expected.rejectWindow = 60_000_000_000
        expected.budgetWeight = 6000
        expected.budgetReserve = 600
        expected.budgetWindow = 60_000_000_000
        #expect(table.account == expected)
    }

    @Test("What is not set stays zero in the gate's table")
    func unsetIsZero() throws {
        let table = try rig([policy(), InstrumentPolicy()], AccountPolicy()).lane.gateTable
        #expect(table.instruments[1].maxOrderLots == 0)
        #expect(table.instruments[1].maxPositionLots == 0)
        #expect(table.instruments[1].maxOrderValue == .zero)
        #expect(table.account.maxGrossValue == .zero)
        #expect(table.account.maxOpenValue == .zero)
        #expect(table.account.maxDailyLoss == .zero)
        #expect(table.account.maxOpenOrders == 0)
        #expect(table.account.maxOrdersPerWindow == 0)
    }

    private func trades(_ policy: InstrumentPolicy, _ account: AccountPolicy) throws -> UInt64 {
        let rig = try rig([policy], account, handler: Eager())
        rig.connect()
        rig.run(messages: 60)
        return rig.venueTrades
    }

    @Test("Each limit that is not set refuses every order")
    func unsetRefuses() throws {
        #expect(try trades(policy(), account()) > 0)
        let instrument: [(inout InstrumentPolicy) -> Void] = [
            { $0.maxOrder = nil }, { $0.maxPosition = nil }, { $0.maxOrderValue = nil },
            { $0.collar = nil }, { $0.emergencyCollar = nil }, { $0.maxAgeMilliseconds = nil },
            { $0.emergencyMaxAgeMilliseconds = nil },
        ]
        for unset in instrument {
            var changed = policy()
            unset(&changed)
            #expect(try trades(changed, account()) == 0)
        }
        let accounts: [(inout AccountPolicy) -> Void] = [
            { $0.maxGrossValue = nil }, { $0.maxOpenValue = nil }, { $0.maxDailyLoss = nil },
            { $0.maxOpenOrders = nil }, { $0.maxOrdersPerSecond = nil },
        ]
        for unset in accounts {
            var changed = account()
            unset(&changed)
            #expect(try trades(policy(), changed) == 0)
        }
    }

    @Test(
        "Names the key of a limit that cannot be compiled",
        arguments: ["0.001", "x", "", "-1e3"])
    func badQuantity(text: String) {
        var changed = policy()
        changed.maxPosition = text
        #expect {
            try changed.compiled(for: LaneRig.instruments(1)[0])
        } throws: { ($0 as? PolicyError)?.key == "max_position" }
    }

    @Test("Refuses collars that are no fractions", arguments: [0, 1, -0.1, .nan, .infinity])
    func badCollar(collar: Double) {
        var changed = policy()
        changed.collar = collar
        #expect {
            try changed.compiled(for: LaneRig.instruments(1)[0])
        } throws: { ($0 as? PolicyError)?.key == "collar" }
    }
}
