// CombinatorialFolds.swift — every choice of some folds as the test.

/// Combinatorial purged cross-validation (López de Prado 2018, chapter 12): every choice of `tests`
/// of `count` folds is once the test. Observations within `purge` of a test on either side, and
/// within `embargo` more after it, are left out of the training.
public struct CombinatorialFolds: Sendable {
    public let count, tests, purge, embargo: Int

    /// - Precondition: `0 < tests < count`; `purge` and `embargo` are not negative.
    public init(count: Int, tests: Int, purge: Int, embargo: Int) {
        precondition(tests > 0 && tests < count, "some folds test, some train")
        precondition(purge >= 0 && embargo >= 0, "purge and embargo must not be negative")
        self.count = count
        self.tests = tests
        self.purge = purge
        self.embargo = embargo
    }

    /// Ways through all folds that the splits can be joined to: C(count, tests) · tests / count.
    public var paths: Int { choices.count * tests / count }

    /// In the order of the choices: 0 1, 0 2, …
    public func splits(_ observations: Int) -> [Split] {
        let folds = Folds.even(observations, into: count)
        return choices.map { choice in
            let runs = choice.map { folds[$0] }
            let training = (0..<observations).filter { place in
                !runs.contains { run in
                    place >= run.lowerBound - purge && place < run.upperBound + purge + embargo
                }
            }
            return Split(training: training, tests: runs)
        }
    }

    private var choices: [[Int]] {
        var all: [[Int]] = []
        func choose(_ chosen: [Int], from next: Int) {
            guard chosen.count < tests else { return all.append(chosen) }
            guard next < count else { return }
            for fold in next..<count { choose(chosen + [fold], from: fold + 1) }
        }
        choose([], from: 0)
        return all
    }
}
