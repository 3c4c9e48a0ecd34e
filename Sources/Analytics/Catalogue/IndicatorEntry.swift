// IndicatorEntry.swift — an indicator as people ask for it: by name, with named parameters.

public enum IndicatorGroup: String, Sendable, CaseIterable {
    case trend, momentum, volatility, volume, statistics, pattern
}

/// A named number an indicator is made with.
public struct IndicatorParameter: Sendable {
    public enum Allowed: Sendable {
        case whole(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case oneOf([Int])
    }

    public let name: String
    public let standard: Double
    public let allowed: Allowed

    static func period(
        _ standard: Int, _ name: String = "timeperiod", from least: Int = 1
    ) -> IndicatorParameter {
        IndicatorParameter(
            name: name, standard: Double(standard), allowed: .whole(least...100_000))
    }

    static func number(
        _ standard: Double, _ name: String, in range: ClosedRange<Double>
    ) -> IndicatorParameter {
        IndicatorParameter(name: name, standard: standard, allowed: .number(range))
    }

    static func average(
        _ name: String, _ standard: MovingAverage.Kind
    ) -> IndicatorParameter {
        IndicatorParameter(
            name: name, standard: Double(standard.rawValue),
            allowed: .oneOf(MovingAverage.Kind.allCases.map(\.rawValue)))
    }

    /// Bars in a year, by which a volatility is annualised.
    static var perYear: IndicatorParameter { .number(252, "per_year", in: 1...1e9) }

    func allows(_ value: Double) -> Bool {
        switch allowed {
        case .whole(let range):
            Int(exactly: value).map(range.contains) ?? false
        case .number(let range): range.contains(value)
        case .oneOf(let numbers): numbers.contains { Double($0) == value }
        }
    }

    /// "a whole number from 1 to 100000".
    public var wanted: String {
        switch allowed {
        case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .oneOf(let numbers):
            "one of " + numbers.map { String($0) }.joined(separator: ", ")
        }
    }
}

/// The numbers in the order of the entry's parameters, checked.
struct IndicatorSettings: Sendable {
    let values: [Double]

    subscript(place: Int) -> Double { values[place] }
    func whole(_ place: Int) -> Int { Int(values[place]) }
    func average(_ place: Int) -> MovingAverage.Kind {
        MovingAverage.Kind(rawValue: whole(place)) ?? .simple
    }
}

/// Why an indicator cannot be made.
public enum IndicatorError: Error, Equatable, Sendable {
    case unknownIndicator(String)
    case unknownParameter(String, of: String, known: [String])
    case outOfRange(String, of: String, given: Double, wanted: String)
    case columnCount(of: String, wanted: Int, given: Int)
}

extension IndicatorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownIndicator(let name): "no indicator \(name)"
        case .unknownParameter(let name, let indicator, let known):
            known.isEmpty
                ? "\(indicator) has no parameters, so none named \(name)"
                : "\(indicator) has no parameter \(name); it has \(known.joined(separator: ", "))"
        case .outOfRange(let name, let indicator, let given, let wanted):
            "\(indicator): \(name) is \(given), wanted is \(wanted)"
        case .columnCount(let indicator, let wanted, let given):
            "\(indicator) reads \(wanted) columns, \(given) are named"
        }
    }
}

public struct IndicatorEntry: Sendable {
    /// TA-Lib's where it has one; so are the names of parameters and lines.
    public let name: String
    public let title: String
    public let group: IndicatorGroup
    public let parameters: [IndicatorParameter]
    /// The columns it reads; an indicator of one series takes any column instead.
    public let inputs: [BarField]
    public let lines: [String]
    /// Where the formula is from.
    public let source: String
    private let make: @Sendable (IndicatorSettings) -> any Indicator

    init(
        _ name: String, _ title: String, _ group: IndicatorGroup,
        parameters: [IndicatorParameter] = [], inputs: [BarField], lines: [String] = ["real"],
        source: String, make: @escaping @Sendable (IndicatorSettings) -> any Indicator
    ) {
        self.name = name
        self.title = title
        self.group = group
        self.parameters = parameters
        self.inputs = inputs
        self.lines = lines
        self.source = source
        self.make = make
    }

    /// The indicator with `settings` by parameter name; what is not named has its standard value.
    public func indicator(
        _ settings: [String: Double] = [:]
    ) throws(IndicatorError) -> any Indicator {
        let known = parameters.map(\.name)
        for given in settings.keys.sorted() where !known.contains(given) {
            throw .unknownParameter(given, of: name, known: known)
        }
        var values: [Double] = []
        for parameter in parameters {
            let value = settings[parameter.name] ?? parameter.standard
            guard parameter.allows(value) else {
                throw .outOfRange(
                    parameter.name, of: name, given: value, wanted: parameter.wanted)
            }
            values.append(value)
        }
        return make(IndicatorSettings(values: values))
    }

    /// All lines over `bars`, one column each, NaN while warming up. `fields` replaces the columns
    /// that are read.
    public func columns(
        over bars: [Bar], fields: [BarField]? = nil, settings: [String: Double] = [:]
    ) throws(IndicatorError) -> [[Double]] {
        Self.columns(of: try indicator(settings), over: bars, fields: fields ?? inputs)
    }

    private static func columns<Made: Indicator>(
        of indicator: Made, over bars: [Bar], fields: [BarField]
    ) -> [[Double]] {
        indicator.batch(bars.lazy.map { Made.Input($0, fields) })
    }
}
