// HTSine.swift — sine of the dominant cycle's phase.

import Foundation

/// Sine of the dominant cycle's phase, and the same 45 degrees ahead, by Ehlers' Hilbert transform.
/// Warm-up: 63. At most 50 sines an update.
public struct HTSine: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var sine, lead: Double
        public static var lines: Int { 2 }
        public subscript(line line: Int) -> Double { line == 0 ? sine : lead }

        init(phase: Double) {
            sine = sin(phase * .pi / 180)
            lead = sin((phase + 45) * .pi / 180)
        }
    }

    private var hilbert = HilbertPhase()
    private var count = 0

    public init() {}

    public var lookback: Int { 63 }

    public mutating func update(_ input: Double) -> Output? {
        _ = hilbert.update(input)
        count += 1
        return count > lookback ? Output(phase: hilbert.phase) : nil
    }

    static let entry = IndicatorEntry(
        "HT_SINE", "Hilbert transform, sine wave", .statistics, inputs: [.close],
        lines: ["sine", "leadsine"], source: "TA-Lib HT_SINE"
    ) { _ in HTSine() }
}
