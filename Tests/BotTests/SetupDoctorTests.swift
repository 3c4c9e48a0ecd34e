// SetupDoctorTests.swift — each check of the doctor, good, bad and blind.
import Foundation
import Testing

@testable import Bot

/// A made-up `/proc`, `/sys` and `/run`.
private func machine(_ files: [String: String], in folder: TemporaryFolder) throws -> MachineChecks
{
    for (path, text) in files {
        let url = URL(fileURLWithPath: folder.path + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
    return MachineChecks(system: folder.path)
}

private let release = "/proc/sys/kernel/osrelease"
private let disabled = "/proc/sys/kernel/io_uring_disabled"
private let limits = "/proc/self/limits"
private let source = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
private let online = "/sys/devices/system/cpu/online"

private func locked(_ soft: String) -> String {
    "Limit   Soft Limit  Hard Limit  Units\nMax locked memory  \(soft)  unlimited  bytes\n"
}

@Suite("Doctor, machine") struct SetupMachineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "Tells good from bad",
        arguments: [
            ("kernel.version", release, "6.1.0-18-amd64\n", DoctorCheck.State.ok),
            ("kernel.version", release, "7.0.1", .ok),
            ("kernel.version", release, "5.15.0-1", .warn),
            ("kernel.version", release, "6.0.9", .warn), ("kernel.version", release, "junk", .warn),
            ("kernel.io_uring", disabled, "0\n", .ok), ("kernel.io_uring", disabled, "1\n", .warn),
            ("kernel.io_uring", disabled, "2\n", .warn),
            ("limits.memlock", limits, locked("8388608"), .ok),
            ("limits.memlock", limits, locked("unlimited"), .ok),
            ("limits.memlock", limits, locked("65536"), .warn),
            ("limits.memlock", limits, "Max cpu time", .warn),
            ("clock.source", source, "tsc\n", .ok), ("clock.source", source, "hpet\n", .warn),
            ("clock.sync", "/run/chrony/chronyd.pid", "7", .ok),
            ("clock.sync", "/run/systemd/timesync/synchronized", "", .ok),
            ("cpu.cores", online, "0-7\n", .ok), ("cpu.cores", online, "0,2-3", .ok),
            ("cpu.cores", online, "0", .warn), ("cpu.cores", online, "", .warn),
        ])
    func tells(id: String, path: String, text: String, state: DoctorCheck.State) throws {
        let checks = try machine([path: text], in: folder).all()
        let check = try #require(checks.first { $0.id == id })
        #expect(check.state == state, "\(check)")
        #expect(check.mend.isEmpty == (state == .ok))
    }

    @Test(
        "Says what it cannot see",
        arguments: [
            "kernel.version", "limits.memlock", "clock.source", "cpu.cores",
        ])
    func blind(id: String) throws {
        let check = try #require(MachineChecks(system: folder.path).all().first { $0.id == id })
        #expect(check.state == .warn && check.found.hasPrefix("cannot see /"))
    }

    @Test("Says why the kernel refuses io_uring, and what to do") func refused() {
        var checks = MachineChecks()
        checks.probe = { ("poll", "Operation not permitted: a seccomp profile forbids it") }
        let check = checks.network
        #expect(check.state == .warn)
        #expect(check.found.contains("poll") && check.found.contains("seccomp"))
        #expect(check.mend.contains("sysctl kernel.io_uring_disabled=0"))
    }

    @Test("Asks this machine's kernel itself") func here() {
        let check = MachineChecks().network
        #expect(check.state != .fail && check.found.contains("io_uring") || check.state == .warn)
    }
}

@Suite("Doctor, data directory") struct SetupRoomTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var room: RoomChecks { RoomChecks(directory: DataDirectory(folder.path + "/var")) }

    @Test(
        "Tells modes apart",
        arguments: [
            (0o700, DoctorCheck.State.ok, ""), (0o755, .warn, "chmod 700"),
            (0o770, .fail, "chmod go-w"),
            (0o702, .fail, "chmod go-w"),
        ])
    func modes(mode: Int, state: DoctorCheck.State, mend: String) {
        mkdir(folder.path + "/var", 0o700)
        chmod(folder.path + "/var", mode_t(mode))
        #expect(room.permissions.state == state)
        #expect(mend.isEmpty || room.permissions.mend.contains(mend))
    }

    @Test("One that is not there will be made; a file in its place will not do") func unmade() {
        #expect(room.permissions.state == .ok && room.permissions.found.contains("will be made"))
        folder.write("var", "".utf8)
        #expect(room.permissions.state == .fail)
    }

    @Test("A path too long for a socket is told") func longPath() {
        let long = String(repeating: "x", count: 110)
        let check = RoomChecks(directory: DataDirectory("/tmp/\(long)")).socketPath
        #expect(check.state == .fail && check.mend.contains("shorter"))
        #expect(room.socketPath.state == .ok && room.socketPath.found == "no bot is running")
    }

    @Test("Looks at disk and loopback of this machine") func others() {
        #expect(room.space.found.hasSuffix("MiB"))
        #expect(room.loopback.state == .ok)
    }
}

@Suite("Doctor, configuration") struct SetupDoctorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func check(
        _ id: String, _ text: String, env: String? = nil, mode: mode_t = 0o600,
        set overrides: [String] = []
    ) throws -> DoctorCheck {
        if let env { folder.write(".env", env.utf8, mode: mode) }
        var doctor = Doctor()
        doctor.file = folder.write("f.yaml", text.utf8)
        doctor.prices = folder.path
        doctor.overrides = overrides
        return try #require(doctor.examine().checks.first { $0.id == id })
    }

    private let paper = "instruments: [BTCUSDT]\n"
    private let keys = "BINANCE_API_KEY=k\nBINANCE_API_SECRET=s\n"

    @Test("A broken configuration fails with place and mend") func broken() throws {
        let found = try check("config.valid", paper + "tpae: true\n")
        #expect(found.state == .fail && found.found.contains("f.yaml:2: tpae"))
        #expect(found.mend.contains("tape"))
        #expect(try check("config.valid", paper).state == .ok)
    }

    @Test("Without a file it looks at the machine alone") func noFile() {
        let report = Doctor().examine()
        #expect(report.checks.first { $0.id == "config.valid" }?.state == .skip)
        #expect(!report.checks.contains { $0.id == "keys.readable" })
    }

    @Test("Keys: none, private, open, and missing for live") func keyStates() throws {
        #expect(try check("keys.readable", paper).state == .ok)
        #expect(try check("keys.readable", paper, set: ["mode=live"]).state == .fail)
        #expect(try check("keys.readable", paper, env: keys).found.contains("HMAC"))
        let open = try check("keys.readable", paper, env: keys, mode: 0o640)
        #expect(open.state == .fail && open.found.contains("chmod 600"))
    }

    @Test("Live trading: refused until limits are set") func liveStates() throws {
        #expect(try check("live.allowed", paper).state == .skip)
        let unset = try check("live.allowed", paper, env: keys, set: ["mode=live"])
        #expect(unset.state == .fail && unset.found.contains("max_daily_loss"))
        let whole = ConfigurationTemplate.yaml
        #expect(try check("live.allowed", whole, set: ["mode=live"]).state == .ok)
    }

    @Test("CA file: the system's, missing, no certificate") func authority() throws {
        func state(_ file: String) throws -> DoctorCheck.State {
            try check(
                "venue.ca_file",
                paper + """
                    venue:
                      environment: simulator
                      rest_url: https://127.0.0.1:1
                      ws_url: wss://127.0.0.1:1
                      ws_api_url: wss://127.0.0.1:1
                      ca_file: \(file)
                    """
            ).state
        }
        #expect(try check("venue.ca_file", paper).state == .ok)
        #expect(try state("none.pem") == .fail)
        folder.write(
            "junk.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".utf8)
        #expect(try state("junk.pem") == .fail)
        let der = Data([0x30, 0x82, 0x01, 0x00] + [UInt8](repeating: 1, count: 256))
        let body = der.base64EncodedString(options: .lineLength64Characters)
        folder.write(
            "ca.pem", "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n".utf8)
        #expect(try state("ca.pem") == .ok)
    }

    @Test("The venue is asked only when told to") func offline() throws {
        #expect(try check("venue.reachable", paper).state == .skip)
    }

    @Test("Price data: here or not") func prices() throws {
        #expect(try check("data.prices", paper).state == .warn)
        for name in ["sp500_daily.csv", "eurusd_hourly.csv"] { folder.write(name, "".utf8) }
        #expect(try check("data.prices", paper).state == .ok)
    }

    @Test("Chart library of the page: here or not") func chartLibrary() throws {
        #expect(try check("data.page", paper).state == .warn)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/page", withIntermediateDirectories: false)
        folder.write("page/lightweight-charts.js", "".utf8)
        #expect(try check("data.page", paper).state == .warn)
        folder.write("page/lightweight-charts-LICENSE.txt", "".utf8)
        #expect(try check("data.page", paper).state == .ok)
    }

    @Test("Counts what it found") func counts() throws {
        var doctor = Doctor()
        doctor.file = folder.path + "/none.yaml"
        let report = doctor.examine()
        #expect(report.fail == 1)
        #expect(report.ok == report.checks.count { $0.state == .ok })
        let json = String(decoding: try JSONText.encode(report), as: UTF8.self)
        #expect(json.contains("\"fail\":1") && json.contains("\"id\":\"config.valid\""))
    }
}
