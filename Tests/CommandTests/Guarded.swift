// Guarded.swift — a live bot with a guard: the rogue of TestKit, whose strategy rests orders and
// misbehaves when told to, and `needletail-guard` beside it.
import Foundation
import Glibc
import Testing

final class Guarded {
    /// Of these the bot trades one; the other belongs to somebody else.
    static let traded = "SPXUSDT"
    static let foreign = "EURUSDT"
    /// Per symbol, once the strategy has what it wants.
    static let resting = 2

    let folder: Folder
    let venue: Venue
    private(set) var bot: Running
    private let network: Network?
    private let vice: String

    /// `byNetwork`: the guard, and the bot's REST, go by way of a proxy that can be cut.
    init(vice: String = "loop", settings: String = "", byNetwork: Bool = false) throws {
        folder = try Folder()
        venue = try Venue(in: folder)
        network = byNetwork ? try Network(in: folder, to: venue) : nil
        self.vice = vice
        // A key of its own, of the same account.
        let own = venue.ed25519EnvironmentFile.split(separator: "\n").map { "GUARD_\($0)\n" }
        try folder.write(".env", venue.environmentFile + own.joined())
        var text = venue.configuration(mode: "live", by: network)
        text = text.replacingOccurrences(
            of: "instruments: [\(venue.symbols.joined(separator: ", "))]",
            with: "instruments: [\(Self.traded)]")
        text = text.replacingOccurrences(of: "max_age_ms: 5000}", with: Self.wide)
        text += "\nguard: {enabled: true, after_ms: 1500\(settings)}\n"
        try folder.write("bot.yaml", text)
        bot = try Self.start(vice, folder)
    }

    /// Orders at rest are far from the market.
    private static let wide = "max_age_ms: 5000, collar: 0.4, emergency_collar: 0.5}"

    deinit {
        // A guard is nobody's child: what a failed test leaves is ended here.
        let id = try? report()["guard"]["pid"].number
        bot.kill()
        if let id = id ?? nil { kill(pid_t(id), SIGKILL) }
    }

    private static func start(_ vice: String, _ folder: Folder) throws -> Running {
        // A backtrace would take its time before the process is gone.
        try Running(
            ["bot.yaml", vice], in: folder, environment: ["SWIFT_BACKTRACE": "enable=no"],
            executable: beside("needletail-rogue"))
    }

    /// Beside the tests themselves: the build makes them.
    static func beside(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? "").deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    func startAgain() throws { bot = try Self.start(vice, folder) }

    /// A guard of its own, not the bot's child.
    func startGuard(_ arguments: [String] = []) throws -> Running {
        try Running(
            ["-c", "bot.yaml"] + arguments, in: folder, executable: Self.beside("needletail-guard"))
    }

    func ask(_ command: String, _ arguments: [String] = []) throws -> Ended {
        try Program.run([command, "-c", "bot.yaml", "--json"] + arguments, in: folder)
    }

    func status() -> Document? { try? ask("status").document() }

    /// What `needletail guard` says.
    func report() throws -> Document { try ask("guard", ["--last", "200"]).document() }

    func events() -> [String] {
        (try? report()["records"].list.compactMap { $0["event"].text }) ?? []
    }

    func reaches(_ event: String, within seconds: Double = 30) -> Bool {
        eventually(within: seconds) { events().contains(event) }
    }

    var guardID: pid_t? {
        (try? report()["guard"]["pid"].number).flatMap { $0 }.map { pid_t($0) }
    }

    /// Open orders of that symbol, as the venue itself tells.
    func open(_ symbol: String = traded) throws -> Int {
        try venue.account()["open"].list.count { $0["symbol"].text == symbol }
    }

    /// The strategy has what it wants, and the guard watches.
    func rests() -> Bool {
        eventually(within: 30) { ((try? open()) ?? 0) == Self.resting }
            && reaches("watching")
    }

    /// Ready when it says so, after a start on a journal.
    func isReady() -> Bool { eventually(within: 20) { status()?["ready"].flag == true } }

    func provoke() { bot.send(SIGUSR2) }

    /// A line for the proxy.
    func spoil(_ line: String) throws { _ = try #require(network).tell(line) }

    /// A resting order of somebody else's, placed with Python's standard library alone.
    func placeForeign() throws {
        let keys = ["rest_url", "ca_file", "api_key", "api_secret"]
        let placed = try Program.shell(
            "exec python3 -c \"$0\" \"$@\"",
            [Self.script] + keys.map { venue.details[$0].text ?? "" } + [Self.foreign], in: folder)
        try #require(placed.status == 0, "\(placed.errors)")
    }

    private static let script = """
        import hashlib, hmac, json, ssl, sys, time, urllib.parse, urllib.request
        origin, authority, key, secret, symbol = sys.argv[1:]
        context = ssl.create_default_context(cafile=authority)
        with urllib.request.urlopen(
                f"{origin}/api/v3/ticker/price?symbol={symbol}", context=context) as reply:
            price = float(json.load(reply)["price"]) * 0.8
        query = urllib.parse.urlencode({
            "symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
            "quantity": "50", "price": f"{price:.4f}", "timestamp": int(time.time() * 1000)})
        mark = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            f"{origin}/api/v3/order?{query}&signature={mark}", method="POST",
            headers={"X-MBX-APIKEY": key})
        print(urllib.request.urlopen(request, context=context, timeout=10).read().decode())
        """

    /// For the message of a failed expectation.
    var story: Comment {
        let errors = FileManager.default.contents(atPath: "\(folder.path)/state/guard/guard.err")
        let text = String(decoding: errors ?? Data(), as: UTF8.self)
        return "bot: \(bot.errors.suffix(1500))\nguard: \(text.suffix(2500))"
    }
}
