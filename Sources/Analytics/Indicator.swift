// Indicator.swift — what every indicator is: a small value that takes inputs one by one.

/// A streaming indicator. It is a value: a copy taken before an unfinished bar peeks without
/// changing the original. `update` neither allocates nor throws.
public protocol Indicator<Input, Output>: Sendable {
    associatedtype Input: IndicatorInput
    associatedtype Output: IndicatorOutput

    /// Inputs taken before the first output: the index of the first output in a batch.
    var lookback: Int { get }

    /// Takes the next input; nil while warming up.
    mutating func update(_ input: Input) -> Output?
}

/// What an indicator reads of a bar.
public protocol IndicatorInput: Sendable {
    init(_ bar: Bar, _ fields: [BarField])
}

extension Double: IndicatorInput {
    public init(_ bar: Bar, _ fields: [BarField]) { self = bar[fields[0]] }
}

extension Pair: IndicatorInput {
    public init(_ bar: Bar, _ fields: [BarField]) { self.init(bar[fields[0]], bar[fields[1]]) }
}

extension Bar: IndicatorInput {
    public init(_ bar: Bar, _ fields: [BarField]) { self = bar }
}

/// What an indicator says: one line or several.
public protocol IndicatorOutput: Sendable {
    static var lines: Int { get }
    subscript(line line: Int) -> Double { get }
}

extension Double: IndicatorOutput {
    public static var lines: Int { 1 }
    public subscript(line line: Int) -> Double { self }
}

extension Int: IndicatorOutput {
    public static var lines: Int { 1 }
    public subscript(line line: Int) -> Double { Double(self) }
}

extension Indicator {
    /// All outputs for `inputs`: one column a line, NaN while warming up. The values are those of
    /// `update`, bit for bit.
    public func batch(_ inputs: some Sequence<Input>) -> [[Double]] {
        var state = self
        var columns = [[Double]](repeating: [], count: Output.lines)
        for line in columns.indices { columns[line].reserveCapacity(inputs.underestimatedCount) }
        for input in inputs {
            let output = state.update(input)
            for line in columns.indices { columns[line].append(output?[line: line] ?? .nan) }
        }
        return columns
    }

    /// The output if `input` were the next one; this value stays as it is.
    public func peek(_ input: Input) -> Output? {
        var copy = self
        return copy.update(input)
    }
}
