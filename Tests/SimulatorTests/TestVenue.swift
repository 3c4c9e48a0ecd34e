// TestVenue.swift — a venue without sockets, whose clock the test turns.
//
// One market, BTCUSDT, without any flow of its own; two accounts. Tests place the house's orders
// themselves, so every price in them is theirs.
import Core
import Foundation
import Simulator

final class TestVenue {
    static let alice = AccountID(1)
    static let bob = AccountID(2)
    static let aliceKey = String(repeating: "a", count: 64)
    static let bobKey = String(repeating: "b", count: 64)
    static let aliceSessionKey = String(repeating: "c", count: 64)
    static let secret = "a secret only of these tests"

    let exchange: Exchange
    let venue: BinanceProtocol
    let sessionKey: Ed25519Key
    var now: Int64 = 1_700_000_000_000
    private var nextPeer: UInt32 = 1
    private var nextHouseOrder: UInt64 = 1 << 63
    private var inboxes: [Peer: [Outgoing.Content]] = [:]

    init(
        mode: MatchingEngine.Mode = .open, limits: RateLimitSettings = .init(), faults: String = "",
        connections: ConnectionRules = .init()
    ) throws {
        let listing = try Listing(
            SimulatedMarket(
                symbol: "BTCUSDT", base: "BTC", quote: "USDT", source: .flow(start: 100)
            ).instrument)
        exchange = Exchange(markets: [try Market(listing, mode: mode)])
        let start: [String: Int64] = ["BTC": 10 * Self.coin, "USDT": 100_000 * Self.coin]
        exchange.addAccount(Self.alice, balances: start)
        exchange.addAccount(Self.bob, balances: start)
        sessionKey = try Ed25519Key(seed: Array(1...32))
        venue = BinanceProtocol(
            exchange: exchange,
            keys: [
                ApiKey(Self.aliceKey, account: Self.alice, kind: .hmac(secret: Self.secret)),
                ApiKey(Self.bobKey, account: Self.bob, kind: .hmac(secret: Self.secret)),
                ApiKey(
                    Self.aliceSessionKey, account: Self.alice,
                    kind: .ed25519(publicKey: sessionKey.publicKey)),
            ],
            now: now, limits: limits, faults: try FaultPlan.parse(faults, name: "test"),
            connections: connections, random: Random(seed: 1))
    }

    static let coin: Int64 = 100_000_000

    // MARK: The house

    /// `price` in ticks of 0.01, `lots` of 0.00001.
    @discardableResult
    func house(_ side: Side, _ price: Int64, _ lots: Int64, takes: Bool = false) -> UInt64 {
        nextHouseOrder += 1
        exchange.placeHouse(
            MatchingEngine.Order(
                id: nextHouseOrder, owner: 0, side: side, type: .limit,
                timeInForce: takes ? .ioc : .gtc, price: price, quantity: lots),
            owner: takes ? 2 : 1, market: 0, now: now)
        return nextHouseOrder
    }

    /// Bids from 100.00 down and asks from 100.10 up, one coin each.
    func makeBook(levels: Int64 = 5) {
        for level in 0..<levels {
            house(.buy, 10_000 - 10 * level, 100_000)
            house(.sell, 10_010 + 10 * level, 100_000)
        }
    }

    // MARK: REST

    struct Answer {
        let status: Int
        let json: Any
        let headers: [String: String]

        var object: [String: Any] { json as? [String: Any] ?? [:] }
        var array: [[String: Any]] { json as? [[String: Any]] ?? [] }
        var code: Int? { object["code"] as? Int }
        var text: String? { object["msg"] as? String }
    }

    func rest(
        _ method: String, _ path: String, query: String = "", body: String = "", key: String = ""
    ) -> Answer {
        let reply = venue.handle(
            ServerRequest(
                method: method, path: "/api/v3/" + path, query: query, apiKey: key,
                body: Array(body.utf8)), now: now)
        let json = try? JSONSerialization.jsonObject(
            with: Data(reply.body), options: .fragmentsAllowed)
        return Answer(
            status: reply.status, json: json ?? NSNull(),
            headers: Dictionary(reply.headers.map { ($0.name, $0.value) }) { $1 })
    }

    /// Signed with the test's secret; `asBody` sends the parameters as a form.
    func signed(
        _ method: String, _ path: String, _ parameters: String, key: String = aliceKey,
        asBody: Bool = false
    ) -> Answer {
        let payload = (parameters.isEmpty ? "" : parameters + "&") + "timestamp=\(now)"
        let text = payload + "&signature=" + Self.hmac(payload)
        return asBody
            ? rest(method, path, body: text, key: key) : rest(method, path, query: text, key: key)
    }

    static func hmac(_ payload: String) -> String {
        Hex.text(HMACKey(secret: Array(secret.utf8)).sign(Array(payload.utf8)))
    }

    static func limit(
        _ side: String, _ price: String, _ quantity: String, id: String? = nil
    ) -> String {
        "symbol=BTCUSDT&side=\(side)&type=LIMIT&timeInForce=GTC&quantity=\(quantity)&price=\(price)"
            + (id.map { "&newClientOrderId=\($0)" } ?? "")
    }

    // MARK: Sockets

    func connect(_ path: String, query: String = "") -> Peer? {
        let peer = Peer(id: nextPeer)
        nextPeer += 1
        return venue.open(peer, path: path, query: query, now: now) ? peer : nil
    }

    func send(_ text: String, from peer: Peer) {
        venue.receive(Array(text.utf8), from: peer, now: now)
    }

    /// Lets time pass and what is due happen.
    func pass(milliseconds: Int64) {
        now += milliseconds
        venue.tick(now: now)
    }

    /// Everything sent to a peer since the last call.
    func contents(_ peer: Peer) -> [Outgoing.Content] {
        for message in venue.takeOutbox(now: now) {
            inboxes[message.peer, default: []].append(message.content)
        }
        defer { inboxes[peer] = [] }
        return inboxes[peer] ?? []
    }

    func messages(_ peer: Peer) -> [[String: Any]] {
        contents(peer).compactMap { content in
            guard case .text(let bytes) = content else { return nil }
            return try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        }
    }

    /// One request of the WebSocket API, signed per request by `key`.
    func call(
        _ method: String, _ parameters: [String: String], on peer: Peer, key: String? = aliceKey,
        id: Int = 1
    ) -> [[String: Any]] {
        ask(method, parameters, on: peer, key: key, id: id)
        return messages(peer)
    }

    /// As `call`, leaving the answer in the peer's inbox.
    func ask(
        _ method: String, _ parameters: [String: String], on peer: Peer, key: String? = aliceKey,
        id: Int = 1
    ) {
        var all = parameters
        all["timestamp"] = String(now)
        if let key {
            all["apiKey"] = key
            let payload = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: "&")
            all["signature"] =
                key == Self.aliceSessionKey
                ? (try? sessionKey.sign(Array(payload.utf8))).map(Base64.text) : Self.hmac(payload)
        }
        let fields = all.map { name, value in
            name == "timestamp" ? "\"\(name)\":\(value)" : "\"\(name)\":\"\(value)\""
        }
        send(
            "{\"id\":\(id),\"method\":\"\(method)\",\"params\":{\(fields.joined(separator: ","))}}",
            from: peer)
    }

    // MARK: Proofs

    /// Per asset: accounts, house and commissions together.
    func totals() -> [String: Int64] {
        var sums = exchange.house
        for (asset, units) in exchange.collected { sums[asset, default: 0] += units }
        for account in exchange.accounts.values {
            for (asset, balance) in account.balances {
                sums[asset, default: 0] += balance.free + balance.locked
            }
        }
        return sums
    }
}
