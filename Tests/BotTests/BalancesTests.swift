import Core
import Testing
import VenueKit

@testable import Bot

@Suite("Balances") struct BalancesTests {
    @Test("A total of more than fits is said, not computed")
    func largest() {
        let row = AccountBalance(
            asset: "SHIB", free: Money(units: .max), locked: Money(units: 1))
        let document = BalancesDocument(venue: [row])
        #expect(document.balances.first?.total == "over 92233720368.54775807")
    }

    @Test("The largest amounts can be rounded")
    func rounding() {
        #expect(Money(units: .max).rounded(to: 2) == "92233720368.55")
        #expect(Money(units: .min).rounded(to: 2) == "-92233720368.55")
        #expect(Money(units: 4_999_999).rounded(to: 0) == "0")
        #expect(Money(units: 50_000_000).rounded(to: 0) == "1")
        #expect(Money(units: -50_000_000).rounded(to: 0) == "-1")
        #expect(Money(units: 123_456_789).rounded(to: 3) == "1.235")
    }
}
