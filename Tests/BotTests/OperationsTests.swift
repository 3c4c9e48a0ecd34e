// OperationsTests.swift — limits, refusals, errands, the log and the comparison as plain values.
import Core
import Foundation
import Risk
import Testing

@testable import Bot

private func bitcoin() -> Instrument {
    Instrument(
        symbol: "BTCUSDT", base: "BTC", quote: "USDT", priceDecimals: 2, quantityDecimals: 5)
}

private func euro() -> Instrument {
    Instrument(
        symbol: "EURUSDT", base: "EUR", quote: "USDT", priceDecimals: 4, quantityDecimals: 1)
}

@Suite("Limits desk") struct OperationsLimitsTests {
    private func desk() throws -> LimitsDesk {
        var configuration = Configuration()
        configuration.symbols = ["BTCUSDT", "EURUSDT"]
        configuration.account.maxOpenOrders = 10
        configuration.account.maxDailyLoss = Money(100)
        configuration.defaultLimits.maxOrder = "0.5"
        let instruments = [bitcoin(), euro()]
        let table = LaneLimits(
            account: configuration.account.compiled(),
            instruments: try instruments.map {
                try configuration.policy($0.symbol).compiled(for: $0)
            })
        return LimitsDesk(table, configuration, instruments)
    }

    private func exit(_ body: () throws(LimitProblem) -> LimitChange) -> Int32 {
        do throws(LimitProblem) {
            _ = try body()
            return 0
        } catch {
            return error.exit
        }
    }

    @Test("Shows what is set, what is not, and where it is from") func shows() throws {
        let all = try desk().documents()
        func find(_ key: String, _ symbol: String? = nil) -> LimitDocument? {
            all.first { $0.key == key && $0.symbol == symbol }
        }
        #expect(find("max_open_orders")?.value == "10")
        #expect(find("max_open_orders")?.source == "limits.account.max_open_orders")
        #expect(find("max_rejects")?.source == "default")
        #expect(find("max_gross_value")?.isSet == false)
        #expect(find("max_order", "BTCUSDT")?.value == "0.50000")
        #expect(find("max_order", "BTCUSDT")?.unit == "BTC")
        #expect(find("max_order", "EURUSDT")?.source == "limits.default.max_order")
        #expect(find("collar", "EURUSDT")?.value == "0.010000")
        #expect(all.count == 10 + 2 * 8)
    }

    @Test("Tightening passes, loosening wants a word") func loosening() throws {
        let desk = try desk()
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change("max_open_orders", to: "5", symbol: nil, confirmed: false)
            } == 0)
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change("max_open_orders", to: "11", symbol: nil, confirmed: false)
            } == 3)
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change("max_open_orders", to: "11", symbol: nil, confirmed: true)
            } == 0)
        // A longer window refuses more.
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change("duplicate_window_ms", to: "500", symbol: nil, confirmed: false)
            } == 0)
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change("duplicate_window_ms", to: "0", symbol: nil, confirmed: false)
            } == 3)
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change("allow_short", to: "true", symbol: "BTCUSDT", confirmed: false)
            } == 3)
    }

    @Test(
        "Refuses what is no limit, no value, or would unset one",
        arguments: [
            ("max_daily_loss", "0", nil, 3), ("max_order", "0", "BTCUSDT", 3),
            ("max_order", "0.000001", "BTCUSDT", 2), ("max_order", "1", nil, 2),
            ("max_order", "1", "ETHUSDT", 2), ("max_open_orders", "1", "BTCUSDT", 2),
            ("max_open_orders", "1.5", nil, 2), ("max_open_orders", "99999", nil, 2),
            ("max_open_orders", "-1", nil, 2), ("max_moon", "1", nil, 2),
            ("collar", "0.9", "BTCUSDT", 2), ("allow_short", "maybe", "BTCUSDT", 2),
        ] as [(String, String, String?, Int32)])
    func refuses(_ key: String, _ value: String, _ symbol: String?, _ expected: Int32) throws {
        let desk = try desk()
        #expect(
            exit { () throws(LimitProblem) in
                try desk.change(key, to: value, symbol: symbol, confirmed: true)
            } == expected)
    }

    @Test("A confirmed change is the base of the next one") func confirms() throws {
        let desk = try desk()
        let change = try desk.change("max_order", to: "0.1", symbol: "BTCUSDT", confirmed: false)
        #expect(change.text == "max_order of BTCUSDT: 0.50000 → 0.10000 BTC")
        #expect(desk.table.instruments[0].maxOrderLots == 50_000)
        desk.confirm(change, source: "command")
        #expect(desk.table.instruments[0].maxOrderLots == 10_000)
        let found = desk.documents().first { $0.key == "max_order" && $0.symbol == "BTCUSDT" }
        #expect(found?.source == "command")
        #expect(desk.table.instruments[1].maxOrderLots == 5)
    }
}

@Suite("Refusals in words") struct OperationsRefusalTests {
    @Test(
        "Numbers in the units of people",
        arguments: [
            ("collar", 5_000_123, 5_000_000, "collar: 50001.23 USDT against 50000.00 USDT"),
            ("order_size", 12_345, 10_000, "order size: 0.12345 BTC against 0.10000 BTC"),
            (
                "daily_loss", 10_100_000_000, 10_000_000_000,
                "daily loss: 101.00000000 USDT against 100.00000000 USDT"
            ),
            ("stale", 2_000_000_001, 2_000_000_000, "stale: 2000.001 ms against 2000.000 ms"),
            ("halted", 2, 0, "halted: halted against active"),
            ("rate", 21, 20, "rate: 21 orders/s against 20 orders/s"),
            ("limit_unset", 0, 4, "limit unset: unset against max_order"),
            ("venue_budget", 6001, 5400, "venue budget: 6001 weight/min against 5400 weight/min"),
            (
                "venue_budget", 1_000_000_000_000, 1_005_000_000_000,
                "venue budget: now against after 5000.000 ms of silence"
            ),
            ("open_count", 11, 10, "open count: 11 orders against 10 orders"),
        ] as [(String, Int64, Int64, String)])
    func words(_ name: String, _ value: Int64, _ limit: Int64, _ expected: String) {
        #expect(RefusalText(name, value, limit, bitcoin()).sentence(name) == expected)
    }
}

@Suite("Errands") struct OperationsErrandTests {
    private func number(_ reply: AdminReply) throws -> Int {
        try JSONText.decode(ErrandDocument.self, reply.document).errand
    }

    @Test("The answer comes later, once, and too many are refused") func later() throws {
        let errands = Errands()
        let gate = DispatchSemaphore(value: 0)
        let numbers = try (0..<Errands.most).map { index in
            try number(
                errands.start {
                    gate.wait()
                    return .document(["answer": index])
                })
        }
        #expect(errands.start { .document(["answer": 9]) }.exit == 3)
        #expect(try number(errands.collect(numbers[1])) == numbers[1])
        for _ in numbers { gate.signal() }
        errands.wait(seconds: 10)
        let answer = errands.collect(numbers[1])
        #expect(String(decoding: answer.document, as: UTF8.self) == #"{"answer":1}"#)
        #expect(errands.collect(numbers[1]).exit == 2)
    }
}

@Suite("Log") struct OperationsLogTests {
    private let folder: TemporaryFolder
    private var place: LogPlace

    init() throws {
        folder = try TemporaryFolder()
        place = LogPlace(dataDirectory: folder.path)
    }

    private func line(_ text: String) -> EventLine {
        EventLine(time: "t", level: .info, subject: "order", text: text)
    }

    private func data(_ text: String) throws -> Data {
        try JSONText.encode(line(text)) + Data("\n".utf8)
    }

    @Test("Rotates by size, keeps so many, for its owner alone") func rotates() throws {
        var small = place
        small.maxBytes = 200
        small.kept = 2
        let file = LogFile(small)
        for number in 0..<20 { try file.append(data("line \(number)")) }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/log")
        #expect(names.sorted() == ["needletail.jsonl", "needletail.jsonl.1", "needletail.jsonl.2"])
        #expect(folder.mode("log/needletail.jsonl") == 0o600)
        let texts = try LogReader(small).last(100).map(\.text)
        #expect(texts.last == "line 19")
        #expect(texts == (20 - texts.count..<20).map { "line \($0)" })
        #expect(try LogReader(small).last(5).map(\.text) == (15..<20).map { "line \($0)" })
    }

    @Test("Follows over a rotation, a torn line left out") func follows() throws {
        var small = place
        small.maxBytes = 150
        let file = LogFile(small)
        try file.append(data("before"))
        var reader = LogReader(small)
        reader.startFollowing()
        #expect(reader.next().isEmpty)
        var seen: [String] = []
        for number in 0..<6 {
            try file.append(data("\(number)"))
            seen += reader.next().map(\.text)
        }
        #expect(seen == (0..<6).map { "\($0)" })
        try file.append(Data("{\"time\": torn\n".utf8))
        try file.append(data("whole"))
        #expect(reader.next().map(\.text) == ["whole"])
        reader.stopFollowing()
    }

    @Test("Others may not read it; what cannot be written is counted") func refuses() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/log", withIntermediateDirectories: true)
        folder.write("log/needletail.jsonl", Array("x\n".utf8), mode: 0o644)
        let service = LogService(place)
        service.start()
        service.write([line("a"), line("b")])
        service.stop()
        #expect(service.lost == 2)
        #expect(service.problem?.contains("chmod 600") == true)
    }

    @Test("Texts are cleaned before they are written") func cleans() throws {
        let service = LogService(place) { $0.replacing("hunter2", with: "***") }
        service.start()
        service.write([line("the key is hunter2")])
        service.stop()
        #expect(try LogReader(place).last(1).map(\.text) == ["the key is ***"])
    }
}

@Suite("Comparison with the venue") struct OperationsReconciliationTests {
    private func order(_ filled: Int64, isOnItsWay: Bool = false) -> SideOfBook.Order {
        SideOfBook.Order(
            side: .buy, quantity: Quantity(lots: 10), filled: Quantity(lots: filled),
            isOnItsWay: isOnItsWay)
    }

    private func trade(_ side: Side, _ lots: Int64) -> SideOfBook.Trade {
        SideOfBook.Trade(side: side, price: Price(ticks: 100), quantity: Quantity(lots: lots))
    }

    @Test("Equal sides have no difference") func equal() {
        let side = SideOfBook(orders: ["a": order(1)], trades: [1: trade(.buy, 5)])
        #expect(Reconciliation.differences(bitcoin(), local: side, venue: side).isEmpty)
    }

    @Test("Each difference is named and explained") func differs() {
        let ours = SideOfBook(
            orders: ["a": order(1), "b": order(0), "c": order(0, isOnItsWay: true)],
            trades: [1: trade(.buy, 5), 2: trade(.buy, 5)])
        let theirs = SideOfBook(
            orders: ["a": order(2), "d": order(0)], trades: [1: trade(.buy, 5), 3: trade(.sell, 2)])
        let found = Reconciliation.differences(bitcoin(), local: ours, venue: theirs)
        #expect(
            found.map { "\($0.kind) \($0.id)" } == [
                "order a", "order b", "order d", "trade 2", "trade 3", "position BTCUSDT",
            ])
        #expect(found.last?.local == "0.00010" && found.last?.venue == "0.00003")
        #expect(found[1].meaning.contains("not at the venue"))
        #expect(found[2].meaning.contains("another program"))
    }
}
