// EWMDeviation.swift — exponentially weighted deviation of returns.

/// Standard deviation of simple returns with weights that fall by `1 − 2 / (span + 1)` a bar over
/// the whole past, without bias: pandas' `ewm(span).std()`. Prices must be positive. Warm-up: 2.
/// O(1) an update.
public struct EWMDeviation: Indicator {
    public let span: Int
    private let keep: Double
    private var before: Double?
    private var count = 0
    private var weight = 0.0
    private var squaredWeights = 0.0
    private var mean = 0.0
    private var squares = 0.0  // Σ weight · (value − mean)²

    /// - Precondition: `span` is positive.
    public init(span: Int = 100) {
        precondition(span > 0, "span must be positive")
        self.span = span
        keep = 1 - 2 / Double(span + 1)
    }

    public var lookback: Int { 2 }

    public mutating func update(_ input: Double) -> Double? {
        defer { before = input }
        guard let before else { return nil }
        let value = input / before - 1
        weight = keep * weight + 1
        squaredWeights = keep * keep * squaredWeights + 1
        let distance = value - mean
        mean += distance / weight
        squares = keep * squares + distance * (value - mean)
        count += 1
        guard count > 1 else { return nil }
        // One observation of weight 1 has no deviation: a span of 1 forgets all others.
        let freedom = weight * weight - squaredWeights
        return freedom > 0 ? (squares / weight * weight * weight / freedom).squareRoot() : 0
    }

    static let entry = IndicatorEntry(
        "EWM_DEVIATION", "Exponentially weighted deviation of returns", .volatility,
        parameters: [.period(100, "span")], inputs: [.close], source: "pandas ewm(span).std()"
    ) { EWMDeviation(span: $0.whole(0)) }
}
