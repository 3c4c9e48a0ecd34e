// BinanceCaptureReplay.swift — recorded market streams through the venue's codec and a real book.
//
// The first snapshot of the file is taken before everything else: updates older than it come back
// as old, the one that straddles it joins, and from there each update is applied on its own and
// can be checked. Taken where it was received, it would swallow all updates kept until then in one
// step. After a gap the next snapshot of the file is taken where it stands.
import Binance
import Core
import VenueKit

package struct BinanceCaptureReplay {
    /// Prices and quantities as the venue writes them need at most eight decimals.
    private static let decimals: UInt8 = 8
    /// Far more than a snapshot has, so that nothing near the touch is ever dropped.
    private static let bookDepth: UInt32 = 1 << 17
    private static let maxBufferedLevels: UInt32 = 1 << 20
    private static let instrument = InstrumentID(slot: 0)

    private let path: String
    private let clock: Clock
    private let symbol: Instrument
    private let snapshot: CaptureSurvey.Snapshot?
    private let decoder: MessageDecoder
    private let sync: BookSync
    private var touch = TouchRecord()
    private var trustedFrom: Int64 = 0
    private var report: ReplayReport

    /// `product`: nil takes what the messages look like.
    package static func run(
        _ path: String, product: BinanceCodec.Product? = nil, clock: Clock,
        progress: ReplayProgress = { _ in }
    ) throws(ReplayError) -> ReplayReport {
        let survey = try CaptureSurvey(path)
        guard let symbol = survey.symbol else {
            var report = ReplayReport(format: "binance-capture", file: path)
            report.problem = survey.isEmpty ? "the file is empty" : "it holds no depth update"
            return report
        }
        var replay = try inCore { () throws(CoreError) in
            try BinanceCaptureReplay(
                path, symbol, product ?? survey.product, survey.snapshot, clock)
        }
        return try replay.result(progress)
    }

    private init(
        _ path: String, _ symbol: String, _ product: BinanceCodec.Product,
        _ snapshot: CaptureSurvey.Snapshot?, _ clock: Clock
    ) throws(CoreError) {
        self.path = path
        self.clock = clock
        self.snapshot = snapshot
        self.symbol = Instrument(
            symbol: symbol, base: "", quote: "", priceDecimals: Self.decimals,
            quantityDecimals: Self.decimals)
        let codec = try Self.codec(product, self.symbol)
        decoder = MessageDecoder(codec: codec.pointer, ownedBy: codec)
        sync = try BookSync(
            book: BookHandle(depth: Self.bookDepth), maxBufferedLevels: Self.maxBufferedLevels)
        report = ReplayReport(format: "binance-capture", file: path)
        report.subject = "\(product.rawValue) \(symbol)"
    }

    /// Without keys: it decodes only.
    private static func codec(
        _ product: BinanceCodec.Product, _ symbol: Instrument
    ) throws(CoreError) -> BinanceCodec {
        do throws(VenueError) {
            return try BinanceCodec(instruments: [symbol], instance: 0, product: product)
        } catch {
            throw CoreError(.invalid, "codec: \(error.text)")
        }
    }

    private mutating func result(_ progress: ReplayProgress) throws(ReplayError) -> ReplayReport {
        let lines = try TextLines(path)
        if let snapshot {
            try snapshot.body.withUnsafeBufferPointer { bytes throws(ReplayError) in
                let body = UnsafeRawBufferPointer(bytes)
                try take(snapshot: body, at: snapshot.line, snapshot.received)
            }
        }
        while let bytes = try lines.next() {
            report.messages += 1
            if lines.number.isMultiple(of: replayProgressInterval) { progress(lines.number) }
            let line = try CaptureLine(bytes, of: lines)
            if !line.isSnapshot {
                try take(line, lines)
            } else if lines.number != snapshot?.line {
                try take(snapshot: line.message, at: lines.number, line.received)
            }
        }
        touch.check(&report, symbol)
        report.gaps = Int(sync.gaps)
        if sync.book.dropped > 0 { report.notes["levels_dropped"] = Int(sync.book.dropped) }
        report.problem = problem
        return report
    }

    private var problem: String? {
        if snapshot == nil { return "it holds no book snapshot, so no book could be built" }
        if sync.applied == 0 { return "no depth update joins the snapshot" }
        if report.rowsChecked == 0 { return "it holds no bookTicker to compare with" }
        guard sync.state != .live else { return nil }
        let left = report.notes["depth_kept", default: 0]
        return "\(sync.reason), and no snapshot mends it; \(left) updates could not be applied"
    }

    // MARK: Messages

    private mutating func take(
        snapshot body: UnsafeRawBufferPointer, at line: Int, _ received: Int64
    ) throws(ReplayError) {
        let begin = clock.monotonic
        let decoded = decoder.decode(
            body, role: .snapshot, instrument: Self.instrument, received: received)
        guard decoded == .events(1) else { throw unreadable(decoded, line, "book snapshot") }
        let appliedBefore = sync.applied
        // While the book is live, a later snapshot adds nothing that can be checked.
        guard sync.state != .live else { return report.note("snapshots_not_needed") }
        let outcome = sync.snapshot(decoder.event(0))
        report.coreNanoseconds += clock.monotonic - begin
        switch outcome {
        case .applied:
            report.note("snapshots")
            if sync.applied > appliedBefore { try record(line) }
        case .old, .kept, .gap:
            report.note("snapshots_too_old")
        case .refused:
            throw .malformed(
                path: path, line: line, problem: "a book snapshot that contradicts itself")
        }
    }

    private mutating func take(_ line: CaptureLine, _ lines: TextLines) throws(ReplayError) {
        let begin = clock.monotonic
        let decoded = decoder.decode(line.message, role: .market, received: line.received)
        report.coreNanoseconds += clock.monotonic - begin
        switch decoded {
        case .unsupported:
            report.note("unsupported")
        case .malformed:
            throw unreadable(decoded, lines.number, "market message")
        case .events(let count):
            for index in 0..<count { try take(decoder.event(index), lines.number) }
        }
    }

    private mutating func take(_ event: MarketEvent, _ line: Int) throws(ReplayError) {
        switch event.kind {
        case .depth:
            try take(depth: event, line)
        case .quote:
            report.note("quotes")
            let entry = TouchRecord.Entry(
                id: event.quoteID, bid: event.bid, ask: event.ask, line: line)
            guard touch.append(quote: entry) else { throw tooLong(line) }
        case .trade:
            report.note("trades")
        case .snapshot, .other:
            report.note("others")
        }
    }

    private mutating func take(depth event: MarketEvent, _ line: Int) throws(ReplayError) {
        report.note("depth_updates")
        let begin = clock.monotonic
        let outcome = sync.depth(event)
        report.coreNanoseconds += clock.monotonic - begin
        switch outcome {
        case .applied:
            try record(line)
        case .gap:
            trustedFrom = event.firstUpdateID
            // It was applied, and crossed the book: that row counts, and cannot agree.
            if sync.updateID == event.lastUpdateID {
                try record(line)
            } else {
                report.note("depth_kept")
            }
        case .old:
            report.note("depth_old")
        case .kept, .refused:
            report.note("depth_kept")
        }
    }

    /// Notes the best levels as of the update that was just applied.
    private mutating func record(_ line: Int) throws(ReplayError) {
        let entry = TouchRecord.Entry(
            id: sync.updateID, bid: sync.book.best(.buy), ask: sync.book.best(.sell), line: line,
            trustedFrom: trustedFrom)
        guard touch.append(update: entry) else { throw tooLong(line) }
    }

    // MARK: Errors

    private func unreadable(
        _ decoded: MessageDecoder.Outcome, _ line: Int, _ what: String
    ) -> ReplayError {
        guard case .malformed(let text) = decoded else {
            return .malformed(path: path, line: line, problem: "not a \(what) of this product")
        }
        return .malformed(path: path, line: line, problem: "not a \(what): \(text)")
    }

    private func tooLong(_ line: Int) -> ReplayError {
        .malformed(
            path: path, line: line,
            problem: "more than \(TouchRecord.maxEntries) messages of a kind; split the file")
    }
}
