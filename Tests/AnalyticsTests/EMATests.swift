// EMATests.swift — against values worked by hand, and the seed that TA-Lib's EMA uses.
import Analytics
import Testing

@Suite("EMA") struct EMATests {
    @Test("Begins with the simple mean of the first inputs, as TA-Lib does")
    func seed() {
        var ema = EMA(period: 3)
        #expect(ema.update(1) == nil)
        #expect(ema.update(2) == nil)
        #expect(ema.update(6) == 3)
    }

    @Test("Follows value + 2 / (period + 1) × (input − value)")
    func byHand() {
        var ema = EMA(period: 3)  // Weight one half: every value is exact.
        let values = [2.0, 4, 6, 8, 0, 10, -4].map { ema.update($0) }
        #expect(values == [nil, nil, 4, 6, 3, 6.5, 1.25])
    }

    @Test("A period of one repeats its input")
    func one() {
        var ema = EMA(period: 1)
        #expect([5.0, 7, -3].map { ema.update($0) } == [5, 7, -3])
    }

    @Test("Stays at a constant input, and between the extremes of what it saw", arguments: 1...30)
    func bounds(period: Int) {
        var constant = EMA(period: period)
        for _ in 0..<200 { if let value = constant.update(42) { #expect(value == 42) } }
        var ema = EMA(period: period)
        var state: UInt64 = UInt64(period)
        for _ in 0..<500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let input = Double(state >> 40)
            if let value = ema.update(input) { #expect(value >= 0 && value <= 16_777_216) }
        }
    }

    @Test("Agrees with the sum over all inputs", arguments: [2, 5, 14])
    func agreesWithSum(period: Int) {
        let inputs = (0..<100).map { Double(($0 * 37) % 101) }
        var ema = EMA(period: period)
        let weight = 2 / Double(period + 1)
        for (index, input) in inputs.enumerated() {
            guard let value = ema.update(input) else { continue }
            // Closed form: the seed and every later input, each with its own weight.
            let seed = inputs[..<period].reduce(0, +) / Double(period)
            let later = index - period + 1
            var expected = seed * power(1 - weight, later)
            for back in 0..<later {
                expected += weight * power(1 - weight, back) * inputs[index - back]
            }
            #expect(abs(value - expected) < 1e-9)
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }
}
