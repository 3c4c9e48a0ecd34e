// Bar.swift — what happened in one interval of time: the input of most indicators.

/// Open, high, low, close and volume of one interval. Prices in the quote currency, volume in
/// units of the base. Whoever makes bars checks them first (finite, low ≤ open, close ≤ high,
/// volume ≥ 0); indicators trust what they are given.
public struct Bar: Sendable, Equatable {
    public var open, high, low, close, volume: Double

    public init(open: Double, high: Double, low: Double, close: Double, volume: Double) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }

    var typical: Double { (high + low + close) / 3 }
    var median: Double { (high + low) / 2 }
    var range: Double { high - low }
    var body: Double { abs(close - open) }

    subscript(field: BarField) -> Double {
        get {
            switch field {
            case .open: open
            case .high: high
            case .low: low
            case .close: close
            case .volume: volume
            }
        }
        set {
            switch field {
            case .open: open = newValue
            case .high: high = newValue
            case .low: low = newValue
            case .close: close = newValue
            case .volume: volume = newValue
            }
        }
    }
}

/// A column of bars.
public enum BarField: String, Sendable, CaseIterable {
    case open, high, low, close, volume
}

/// Two series that are compared with each other.
public struct Pair: Sendable, Equatable {
    public var first, second: Double

    public init(_ first: Double, _ second: Double) {
        self.first = first
        self.second = second
    }
}
