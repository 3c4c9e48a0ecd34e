// LabelGolden.swift — `lb_*`: labels, weights, differencing, volatilities and folds.
import Analytics
import Foundation

struct LabelGolden {
    /// `_expected.json`, as far as it is about labels and folds.
    private struct Expected: Decodable {
        struct Params: Decodable {
            let ewmSpan, maxHold, atrN: Int
            let pt, sl, ffdD, ffdTau, chandelierMult, ppy: Double
        }

        struct Fold: Decodable {
            let test: [Int]
            let nTrain, trainHash, firstAfter, lastBefore: Int
        }

        struct Purged: Decodable {
            let k: Int
            let embargo: Double
            let folds: [Fold]
        }

        struct Combinatorial: Decodable {
            struct Division: Decodable {
                let nTrain, trainSum: Int
                let tests: [[Int]]
            }

            let nFolds, nTestFolds, purged, embargo, nPaths: Int
            let splits: [Division]
        }

        let params: Params
        let purgedKfold: Purged?
        let cpcvSkfolioN600: Combinatorial?
        let fracdiffWeights: [String: [Double]]?
    }

    private let folder: GoldenFolder
    private let set: String
    private let expected: Expected
    private let bars: [Bar]

    init(_ folder: GoldenFolder, _ set: String) throws(GoldenError) {
        self.folder = folder
        self.set = set
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let input = try folder.table("\(set)_input.csv")
        let bytes = try folder.bytes("\(set)_expected.json")
        do {
            expected = try decoder.decode(Expected.self, from: bytes)
            bars = try Self.bars(input)
        } catch {
            throw .unreadable("\(folder.path)/\(set)", "\(error)")
        }
    }

    private static func bars(_ table: CSVTable) throws(CSVError) -> [Bar] {
        let columns = try BarField.allCases.map { field throws(CSVError) in
            try table.numbers(field.rawValue)
        }
        return table.rows.indices.map { row in
            Bar(
                open: columns[0][row], high: columns[1][row], low: columns[2][row],
                close: columns[3][row], volume: columns[4][row])
        }
    }

    func check() throws(GoldenError) -> [GoldenReport.File] {
        var files = [try series()]
        for (part, watch) in [("close", TripleBarrier.Watch.closes), ("intrabar", .intrabar)] {
            files.append(try labels("\(set)_triple_\(part)_expected.csv", watch))
        }
        if let purged = expected.purgedKfold {
            files.append(try folds("\(set)_triple_close_expected.csv", purged))
        }
        return files
    }

    /// Of 600 observations.
    private static func combinatorial(
        _ wanted: Expected.Combinatorial, _ file: inout GoldenReport.File
    ) {
        let folds = CombinatorialFolds(
            count: wanted.nFolds, tests: wanted.nTestFolds, purge: wanted.purged,
            embargo: wanted.embargo)
        file.compare("paths", Double(folds.paths), Double(wanted.nPaths), tolerance: 0)
        let splits = folds.splits(600)
        file.compare("splits", Double(splits.count), Double(wanted.splits.count), tolerance: 0)
        for (place, (split, wanted)) in zip(splits, wanted.splits).enumerated() {
            let tests = split.tests.flatMap { [$0.lowerBound, $0.upperBound - 1] }
            let ours = [split.training.count, split.training.reduce(0, +)] + tests
            for (value, other) in zip(
                ours, [wanted.nTrain, wanted.trainSum] + wanted.tests.flatMap(\.self))
            {
                file.compare("split \(place)", Double(value), Double(other), tolerance: 0)
            }
        }
    }

    /// Columns over all bars.
    private func series() throws(GoldenError) -> GoldenReport.File {
        let name = "\(set)_series_expected.csv"
        let table = try folder.table(name)
        let params = expected.params
        let closes = bars.map(\.close)
        let chandelier = Chandelier(period: params.atrN, multiplier: params.chandelierMult)
        let stops = chandelier.batch(bars)
        let columns: [(String, [Double])] = [
            ("ret", ROCP(period: 1).batch(closes)[0]),
            ("ewm_vol", EWMDeviation(span: params.ewmSpan).batch(closes)[0]),
            (
                "ffd_logclose",
                FractionalDifference(order: params.ffdD, threshold: params.ffdTau)
                    .batch(closes.map { log($0) })[0]
            ),
            ("atr", ATR(period: params.atrN).batch(bars)[0]),
            ("chandelier_long", stops[0]), ("chandelier_short", stops[1]),
            ("rv20_ann", RealisedVolatility(period: 20, perYear: params.ppy).batch(closes)[0]),
            (
                "rv20_pctile_252_incl",
                VolatilityPercentile(period: 20, span: 252).batch(closes)[0]
            ),
            ("parkinson20", Parkinson(period: 20, perYear: params.ppy).batch(bars)[0]),
            ("garman_klass20", GarmanKlass(period: 20, perYear: params.ppy).batch(bars)[0]),
            ("rogers_satchell20", RogersSatchell(period: 20, perYear: params.ppy).batch(bars)[0]),
            ("yang_zhang20", YangZhang(period: 20, perYear: params.ppy).batch(bars)[0]),
            ("ewma_riskmetrics_vol", EWMAVolatility(perYear: params.ppy).batch(closes)[0]),
        ]
        var file = GoldenReport.File(name)
        for (column, ours) in columns where table.header.contains(column) {
            file.compare(column, ours, try folder.numbers(table, column, name))
        }
        return file
    }

    private func labels(
        _ name: String, _ watch: TripleBarrier.Watch
    ) throws(GoldenError) -> GoldenReport.File {
        let table = try folder.table(name)
        let params = expected.params
        let barrier = TripleBarrier(
            target: params.pt, stop: params.sl, limit: params.maxHold, watch: watch)
        let closes = bars.map(\.close)
        let volatility = EWMDeviation(span: params.ewmSpan).batch(closes)[0]
        let starts = try folder.numbers(table, "t0", name).map { Int($0) }
        let labels = starts.compactMap {
            barrier.label(bars, start: $0, volatility: volatility[$0])
        }
        var file = GoldenReport.File(name)
        guard labels.count == starts.count else {
            file.fail("\(labels.count) labels, wanted \(starts.count)")
            return file
        }
        let weights = EventWeights(spans: labels.map { $0.start...$0.end }, bars: bars.count)
        let columns: [(String, [Double])] = [
            ("t1", labels.map { Double($0.end) }), ("label", labels.map { Double($0.sign) }),
            ("ret_close", labels.map(\.simpleReturn)), ("vol", starts.map { volatility[$0] }),
            ("ambiguous", labels.map { $0.isAmbiguous ? 1 : 0 }),
            ("uniqueness", weights.uniqueness),
            ("weight_ret_attrib", weights.returnAttribution(closes: closes)),
        ]
        for (column, ours) in columns {
            file.compare(column, ours, try folder.numbers(table, column, name))
        }
        return file
    }

    private func folds(
        _ labels: String, _ purged: Expected.Purged
    ) throws(GoldenError) -> GoldenReport.File {
        let table = try folder.table(labels)
        let starts = try folder.numbers(table, "t0", labels)
        let ends = try folder.numbers(table, "t1", labels)
        let spans = zip(starts, ends).map { Int($0)...Int($1) }
        let splits = PurgedFolds(count: purged.k, embargo: purged.embargo)
            .splits(spans)
        var file = GoldenReport.File("\(set)_expected.json")
        for (place, (split, wanted)) in zip(splits, purged.folds).enumerated() {
            let (test, training) = (split.tests[0], split.training)
            let values: [(String, Int, Int)] = [
                ("test", test.lowerBound, wanted.test[0]),
                ("test end", test.upperBound - 1, wanted.test[1]),
                ("n_train", training.count, wanted.nTrain),
                (
                    "train_hash", training.reduce(0) { ($0 + ($1 + 1) * ($1 + 7)) % 1_000_003 },
                    wanted.trainHash
                ),
                ("last_before", training.last { $0 < test.lowerBound } ?? -1, wanted.lastBefore),
                ("first_after", training.first { $0 >= test.upperBound } ?? -1, wanted.firstAfter),
            ]
            for (name, ours, wanted) in values {
                file.compare(
                    "fold \(place) \(name)", Double(ours), Double(wanted), tolerance: 0)
            }
        }
        if let wanted = expected.cpcvSkfolioN600 { Self.combinatorial(wanted, &file) }
        for (order, weights) in expected.fracdiffWeights ?? [:] {
            let ours = FractionalDifference(order: Double(order) ?? 0, threshold: 1e-9).weights
            for (place, weight) in weights.enumerated() {
                file.compare(
                    "fracdiff_weights \(order) \(place)", place < ours.count ? ours[place] : 0,
                    weight, tolerance: 1e-12)
            }
        }
        return file
    }
}
