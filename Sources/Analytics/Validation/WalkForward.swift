// WalkForward.swift — train on the past, test on what comes next, step on.

/// Windows that roll through time: training, validation, calibration and test follow each other,
/// and the next begin `step` later. Nothing that a part is fitted on lies after its test begins.
public struct WalkForward: Sendable {
    public struct Window: Sendable, Equatable {
        public let training, validation, calibration, test: Range<Int>
    }

    public let training, validation, calibration, test, step: Int
    /// Training begins at the first bar always, and grows.
    public let isAnchored: Bool
    /// Bars left out between the parts: as long as a label looks ahead.
    public let gap: Int

    /// All in bars.
    /// - Precondition: training, test and step are positive, the others not negative.
    public init(
        training: Int, validation: Int = 0, calibration: Int = 0, test: Int, step: Int? = nil,
        gap: Int = 0, isAnchored: Bool = false
    ) {
        precondition(training > 0 && test > 0 && step ?? 1 > 0, "windows must be positive")
        precondition(validation >= 0 && calibration >= 0 && gap >= 0, "must not be negative")
        self.training = training
        self.validation = validation
        self.calibration = calibration
        self.test = test
        self.step = step ?? test
        self.gap = gap
        self.isAnchored = isAnchored
    }

    /// Every window whose test fits whole.
    public func windows(_ bars: Int) -> [Window] {
        var windows: [Window] = []
        var start = 0
        while let window = window(start, bars) {
            windows.append(window)
            start += step
        }
        return windows
    }

    private func window(_ start: Int, _ bars: Int) -> Window? {
        var at = start
        func take(_ length: Int) -> Range<Int> {
            guard length > 0 else { return at..<at }
            defer { at += length + gap }
            return at..<(at + length)
        }
        let train = take(training)
        let parts = (take(validation), take(calibration), take(test))
        guard parts.2.upperBound <= bars else { return nil }
        return Window(
            training: (isAnchored ? 0 : train.lowerBound)..<train.upperBound,
            validation: parts.0, calibration: parts.1, test: parts.2)
    }
}
