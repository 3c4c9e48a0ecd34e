// HilbertCycle.swift — the dominant cycle by the Hilbert transform.

import Foundation

/// Period of the dominant cycle of a series by Ehlers' homodyne discriminator (Rocket Science for
/// Traders, 2001): the smoothed input is detrended and split into an in-phase and a quadrature part
/// by a truncated Hilbert transform; the angle between successive pairs is the cycle's rate.
struct HilbertCycle: Sendable {
    /// The transform's taps reach six inputs back.
    private struct Transform: Sendable {
        private var inputs = Window(7)

        init() { for _ in 0..<7 { inputs.push(0) } }

        mutating func update(_ input: Double, gain: Double) -> Double {
            inputs.push(input)
            return
                (0.0962 * inputs[ago: 0] + 0.5769 * inputs[ago: 2] - 0.5769 * inputs[ago: 4]
                - 0.0962 * inputs[ago: 6]) * gain
        }
    }

    private let skipped: Int
    private var seen = 0
    private var inputs = Window(4)
    private var detrended = Window(4)
    private var detrender = Transform()
    private var quadrature = Transform()
    private var advancedInPhase = Transform()
    private var advancedQuadrature = Transform()
    private var inPhase = 0.0
    private var outOfPhase = 0.0
    private var real = 0.0
    private var imaginary = 0.0
    private var raw = 0.0

    /// Smoothed period in inputs, 6 to 50 once settled.
    private(set) var period = 0.0
    /// The input smoothed over four values, weights 4 3 2 1.
    private(set) var smooth = 0.0

    /// `skipped`: smoothed inputs that are left out before the transform begins (TA-Lib begins it
    /// 20 or 26 inputs before its first output).
    init(skipped: Int) {
        self.skipped = skipped
        for _ in 0..<4 { detrended.push(0) }
    }

    /// Takes the next input; false until the transform has begun.
    mutating func update(_ input: Double) -> Bool {
        inputs.push(input)
        guard inputs.isFull else { return false }
        smooth =
            (4 * inputs[ago: 0] + 3 * inputs[ago: 1] + 2 * inputs[ago: 2] + inputs[ago: 3]) / 10
        seen += 1
        guard seen > skipped else { return false }
        transform()
        return true
    }

    private mutating func transform() {
        let gain = 0.075 * raw + 0.54
        let level = detrender.update(smooth, gain: gain)
        let across = quadrature.update(level, gain: gain)
        let along = detrended[ago: 2]
        detrended.push(level)
        let turnedAlong = advancedInPhase.update(along, gain: gain)
        let turnedAcross = advancedQuadrature.update(across, gain: gain)
        let q = 0.2 * (across + turnedAlong) + 0.8 * outOfPhase
        let i = 0.2 * (along - turnedAcross) + 0.8 * inPhase
        real = 0.2 * (i * inPhase + q * outOfPhase) + 0.8 * real
        imaginary = 0.2 * (i * outOfPhase - q * inPhase) + 0.8 * imaginary
        (inPhase, outOfPhase) = (i, q)
        settle()
    }

    private mutating func settle() {
        let before = raw
        var now = raw
        if imaginary != 0, real != 0 { now = 2 * .pi / atan(imaginary / real) }
        now = max(min(now, 1.5 * before), 0.67 * before)
        now = min(max(now, 6), 50)
        raw = 0.2 * now + 0.8 * before
        period = 0.33 * raw + 0.67 * period
    }
}

/// The phase of the dominant cycle, and the trend that is left without it.
struct HilbertPhase: Sendable {
    private static let longest = 50
    private(set) var cycle = HilbertCycle(skipped: 34)
    private var smoothed = Window(longest)
    private var inputs = Window(longest)
    private var trends = Window(3)
    /// In degrees, −45 to 315.
    private(set) var phase = 0.0
    private(set) var trend = 0.0

    init() {
        for _ in 0..<Self.longest {
            smoothed.push(0)
        }
        for _ in 0..<3 { trends.push(0) }
    }

    /// Takes the next input; false until the transform has begun.
    mutating func update(_ input: Double) -> Bool {
        inputs.push(input)
        guard cycle.update(input) else { return false }
        smoothed.push(cycle.smooth)
        let length = Int(cycle.period + 0.5)
        measurePhase(length)
        measureTrend(length)
        return true
    }

    private mutating func measurePhase(_ length: Int) {
        var (sines, cosines) = (0.0, 0.0)
        for ago in 0..<length {
            let angle = 2 * .pi * Double(ago) / Double(length)
            sines += sin(angle) * smoothed[ago: ago]
            cosines += cos(angle) * smoothed[ago: ago]
        }
        if cosines != 0 {
            phase = atan(sines / cosines) * 180 / .pi
        } else if sines != 0 {
            phase += sines < 0 ? -90 : 90
        }
        phase += 90 + 360 / cycle.period
        if cosines < 0 { phase += 180 }
        if phase > 315 { phase -= 360 }
    }

    private mutating func measureTrend(_ length: Int) {
        var sum = 0.0
        for ago in 0..<length { sum += inputs[ago: ago] }
        let mean = length > 0 ? sum / Double(length) : sum
        trend = (4 * mean + 3 * trends[ago: 0] + 2 * trends[ago: 1] + trends[ago: 2]) / 10
        trends.push(mean)
    }
}
