// Doctor.swift — looks whether this machine and this configuration can run a bot.
//
// It changes nothing, works without privileges, and asks the venue only when told to. What it
// reads of the kernel lies under `system`, so that a test can show it another machine.
import Core
import Foundation
import Glibc
import VenueKit

public struct Doctor {
    /// The configuration's file; nil: checks of the machine alone.
    public var file: String?
    public var overrides: [String] = []
    /// Ask the venue as well.
    public var isOnline = false
    /// Folder of the fetched price data.
    public var prices = "data"
    /// Stands before `/proc` and `/sys`.
    public var system = ""
    public var environment: [String: String] = [:]
    public var clock = Clock.system
    /// Looks up the venue's hosts.
    public var names = NameBook()

    public init() {}

    public func examine() -> DoctorReport {
        let machine = MachineChecks(system: system)
        var checks = machine.all()
        let loaded = configuration()
        checks += loaded.checks
        if let configuration = loaded.configuration {
            let room = RoomChecks(directory: DataDirectory(configuration.dataDirectory))
            checks += room.all()
            checks += [authority(configuration), keys(configuration), live(configuration)]
            checks += [GuardCheck.of(configuration)]
            checks += online(configuration)
        }
        checks += [priceData, chartLibrary]
        return DoctorReport(checks: checks)
    }

    private func configuration() -> (checks: [DoctorCheck], configuration: Configuration?) {
        let (id, name) = ("config.valid", "configuration")
        guard let file else {
            let check = DoctorCheck(
                id, name, .skip, "no file named, and no needletail.yaml here",
                mend: "`needletail init` writes one; -c FILE names another.")
            return ([check], nil)
        }
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(path: file, overrides: overrides)
            return ([DoctorCheck(id, name, .ok, "\(file) is valid")], configuration)
        } catch {
            let checks = error.problems.map { problem in
                DoctorCheck(
                    id, name, .fail,
                    "\(problem.file):\(problem.line): \(problem.key): \(problem.problem)",
                    mend: problem.mend)
            }
            return (checks, nil)
        }
    }

    /// Where the keys of the configuration's bot lie.
    private var environmentFile: String? {
        file.map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(".env").path
        }
    }

    private func readKeys() throws(BotError) -> VenueKeys? {
        try Secrets.binance(environment: environment, envFile: environmentFile)
    }

    private func keys(_ configuration: Configuration) -> DoctorCheck {
        let (id, name) = ("keys.readable", "keys")
        do throws(BotError) {
            if let keys = try readKeys() {
                let kind = keys.ed25519 == nil ? "HMAC" : "Ed25519"
                return DoctorCheck(id, name, .ok, "one \(kind) key, readable by its owner only")
            }
        } catch {
            return DoctorCheck(id, name, .fail, error.text, mend: "See .env.example.")
        }
        guard configuration.mode == .live else {
            return DoctorCheck(id, name, .ok, "none; paper trading needs none")
        }
        return DoctorCheck(
            id, name, .fail, "none",
            mend: "Set BINANCE_API_KEY and a secret in .env with mode 0600; see .env.example.")
    }

    /// What `run` would say, an account named.
    private func live(_ configuration: Configuration) -> DoctorCheck {
        let (id, name) = ("live.allowed", "live trading")
        guard configuration.mode == .live else {
            return DoctorCheck(id, name, .skip, "mode: \(configuration.mode.rawValue)")
        }
        do throws(BotError) {
            let account = configuration.venue.account ?? "any"
            try StartPermission.check(configuration, keys: try readKeys(), armed: account)
            return DoctorCheck(id, name, .ok, "every limit is set; run needs --arm-live ACCOUNT")
        } catch {
            return DoctorCheck(id, name, .fail, error.text, mend: "Or run with --mode paper.")
        }
    }

    private func authority(_ configuration: Configuration) -> DoctorCheck {
        let (id, name) = ("venue.ca_file", "CA file")
        guard let path = configuration.venue.caFile else {
            return DoctorCheck(id, name, .ok, "the system's")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            return DoctorCheck(
                id, name, .fail, "\(path) cannot be read",
                mend: "`needletail sim serve` prints where it is.")
        }
        let count = PEM.certificates(String(decoding: data, as: UTF8.self))
        guard count > 0 else {
            return DoctorCheck(
                id, name, .fail, "\(path) holds no certificate", mend: "Name a PEM file.")
        }
        return DoctorCheck(id, name, .ok, "\(path), certificates: \(count)")
    }

    /// What only the venue can say.
    private func online(_ configuration: Configuration) -> [DoctorCheck] {
        let (id, name) = ("venue.reachable", "venue")
        guard isOnline else {
            return [DoctorCheck(id, name, .skip, "not asked", mend: "--online asks it.")]
        }
        do throws(BotError) {
            let link = try BinanceLink(
                configuration.venue, keys: nil, clock: clock, names: names)
            return [venue(link), VenueCertificates.check(link.certificates(), wall: clock.wall)]
        } catch {
            return [DoctorCheck(id, name, .fail, error.text, mend: "Look at venue in the file.")]
        }
    }

    private func venue(_ link: BinanceLink) -> DoctorCheck {
        let (id, name) = ("venue.reachable", "venue")
        let reading: ClockReading
        do {
            reading = try link.readClock()
        } catch {
            return DoctorCheck(
                id, name, .fail, "\(error)",
                mend: "Look at the network, and at venue in the file.")
        }
        let (offset, bound) = (reading.offset / 1_000_000, reading.error / 1_000_000 + 1)
        let found = "answers; its clock is \(offset) ms from ours, known to \(bound) ms"
        if let problem = link.budget.problem {
            return DoctorCheck(
                id, name, .warn, "\(found); request budget \(problem)",
                mend: "Mend or delete the file, or name another as venue.budget_file.")
        }
        let isNear = abs(offset) < 500
        return DoctorCheck(
            id, name, isNear ? .ok : .warn, found,
            mend: "Let chrony or systemd-timesyncd set this machine's clock.")
    }

    private var priceData: DoctorCheck {
        let (id, name) = ("data.prices", "price data of the demo")
        let files = ["sp500_daily.csv", "eurusd_hourly.csv"].map { "\(prices)/\($0)" }
        let missing = files.filter { !FileManager.default.isReadableFile(atPath: $0) }
        guard missing.isEmpty else {
            return DoctorCheck(
                id, name, .warn, "not here: \(missing.joined(separator: ", "))",
                mend: "`make setup` fetches it; the demo trades seeded random walks without.")
        }
        return DoctorCheck(id, name, .ok, files.joined(separator: ", "))
    }
}

extension Doctor {
    fileprivate var chartLibrary: DoctorCheck {
        let (id, name) = ("data.page", "chart library of the page")
        let files = ["lightweight-charts.js", "lightweight-charts-LICENSE.txt"]
        let missing = files.map { "\(prices)/page/\($0)" }
            .filter { !FileManager.default.isReadableFile(atPath: $0) }
        guard missing.isEmpty else {
            return DoctorCheck(
                id, name, .warn, "not here: \(missing.joined(separator: ", "))",
                mend: "`make setup` fetches it; the page draws candles of its own without.")
        }
        return DoctorCheck(id, name, .ok, "\(prices)/page")
    }
}

/// As much of RFC 7468 as tells a certificate from something else.
enum PEM {
    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// How many whole certificates `text` holds.
    static func certificates(_ text: String) -> Int {
        text.components(separatedBy: begin).dropFirst().count { part in
            guard let body = part.components(separatedBy: end).first, body != part else {
                return false
            }
            let base64 = body.filter { !$0.isWhitespace }
            guard let der = Data(base64Encoded: base64) else { return false }
            // An ASN.1 SEQUENCE with a length of two bytes, as long as what is there.
            let head = Array(der.prefix(4))
            return head.count == 4 && head[0] == 0x30 && head[1] == 0x82
                && Int(head[2]) << 8 + Int(head[3]) + 4 == der.count
        }
    }
}
