// Venue.swift — a running `sim serve`, what a bot needs to trade on it, and what it knows itself.
import Foundation

final class Venue {
    let folder: Folder
    let details: Document
    let process: Running

    /// Ready when it returns. `speed` shortens the wait for the strategy's first order.
    init(
        in folder: Folder, faults: String? = nil, speed: Int = 5, seed: Int = 7,
        weight: Int = 6000
    ) throws {
        self.folder = folder
        var arguments = ["sim", "serve", "--port", "0", "--json", "--speed", "\(speed)"]
        arguments += [
            "--weight", "\(weight)", "--seed", "\(seed)", "--state-dir", folder.fresh("venue"),
        ]
        if let faults {
            let file = folder.fresh("faults")
            try Data(faults.utf8).write(to: URL(fileURLWithPath: file))
            arguments += ["--faults", file]
        }
        let process = try Running(arguments, in: folder)
        guard eventually(within: 20, { (try? Document(exactly: process.output)) != nil }) else {
            throw VenueProblem.notReady(process.output + process.errors)
        }
        self.process = process
        details = try Document(exactly: process.output)
    }

    var symbols: [String] { details["symbols"].list.compactMap(\.text) }

    /// On loopback.
    var port: String {
        details["rest_url"].text?.split(separator: ":").last.map(String.init) ?? "0"
    }

    /// The account's HMAC key as `.env` has it.
    var environmentFile: String {
        "BINANCE_API_KEY=\(details["api_key"].text ?? "")\n"
            + "BINANCE_API_SECRET=\(details["api_secret"].text ?? "")\n"
    }

    var ed25519EnvironmentFile: String {
        "BINANCE_API_KEY=\(details["ed25519_api_key"].text ?? "")\n"
            + "BINANCE_ED25519_KEY_FILE=\(details["ed25519_key_file"].text ?? "")\n"
    }

    /// A bot that trades often, within wide limits; by way of a network when one is given.
    func configuration(
        mode: String, dataDirectory: String = "state", by network: Network? = nil
    ) -> String {
        func url(_ key: String, _ route: String) -> String {
            network?.url(key, of: self, by: route) ?? details[key].text ?? ""
        }
        return configuration(
            mode, dataDirectory,
            (url("rest_url", "rest"), url("ws_url", "market"), url("ws_api_url", "orders")))
    }

    private func configuration(
        _ mode: String, _ dataDirectory: String, _ urls: (rest: String, ws: String, api: String)
    ) -> String {
        """
        mode: \(mode)
        data_dir: \(dataDirectory)
        instruments: [\(symbols.joined(separator: ", "))]
        venue:
          environment: simulator
          rest_url: \(urls.rest)
          ws_url: \(urls.ws)
          ws_api_url: \(urls.api)
          ca_file: \(details["ca_file"].text ?? "")
        strategy: {fast: 2, slow: 4, sample_ms: 40, value: 300, slippage_ppm: 2000}
        limits:
          account:
            max_gross_value: 5000
            max_open_value: 5000
            max_daily_loss: 5000
            max_open_orders: 20
            max_orders_per_second: 50
            duplicate_window_ms: 20
          default: {max_order: 1000, max_position: 2000, max_order_value: 1000, max_age_ms: 5000}
        orders: {reply_timeout_ms: 500, absence_gap_ms: 500}
        """
    }

    /// Orders, trades and open orders of the account, asked for with Python's standard library
    /// alone, so that no code of ours stands on both sides.
    func account() throws -> Document {
        let arguments = [
            "rest_url", "ca_file", "api_key", "api_secret",
        ].map { details[$0].text ?? "" }
        let asked = try Program.shell(
            "exec python3 -c \"$0\" \"$@\"", [Self.script] + arguments + symbols, in: folder)
        guard asked.status == 0 else { throw VenueProblem.notAnswering(asked.errors) }
        return try asked.document()
    }

    private static let script = """
        import hashlib, hmac, json, ssl, sys, time, urllib.parse, urllib.request
        origin, authority, key, secret, *symbols = sys.argv[1:]
        context = ssl.create_default_context(cafile=authority)

        def ask(path, **parameters):
            parameters["timestamp"] = int(time.time() * 1000)
            query = urllib.parse.urlencode(parameters)
            mark = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
            request = urllib.request.Request(
                f"{origin}{path}?{query}&signature={mark}", headers={"X-MBX-APIKEY": key})
            with urllib.request.urlopen(request, context=context, timeout=10) as reply:
                return json.load(reply)

        def pages(path, symbol, id, first):
            found, last = [], 0
            while True:
                page = ask(path, symbol=symbol, limit=1000, **{first: last})
                found += page
                if len(page) < 1000:
                    return found
                last = page[-1][id] + 1

        print(json.dumps({
            "open": ask("/api/v3/openOrders"),
            "orders": {s: pages("/api/v3/allOrders", s, "orderId", "orderId") for s in symbols},
            "trades": {s: pages("/api/v3/myTrades", s, "id", "fromId") for s in symbols}}))
        """
}

enum VenueProblem: Error {
    case notReady(String)
    case notAnswering(String)
}
