// SetupCommandTests.swift — set-up commands and the support bundle as a user runs them.
import Foundation
import Testing

extension CommandTests {
    @Suite("Set-up commands") struct SetupCommandTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        private func names(_ sub: String = "") -> [String] {
            let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + sub)
            return (all ?? []).filter { !$0.hasSuffix(".out") && !$0.hasSuffix(".err") }.sorted()
        }

        @Test("init writes what config check and doctor accept") func initThenCheck() throws {
            let made = try Program.run(["init", "bot", "--json"], in: folder)
            #expect(made.status == 0, "\(made.errors)")
            let files = try made.document()["files"].list.compactMap(\.text)
            #expect(files.contains("bot/needletail.yaml") && files.contains("bot/.env.example"))
            for file in files {
                #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(file)"), "\(file)")
            }
            let check = try Program.run(
                ["config", "check", "-c", "bot/needletail.yaml", "--json"], in: folder)
            #expect(check.status == 0)
            #expect(try check.document()["errors"].list.isEmpty)
            let doctor = try Program.run(
                ["doctor", "-c", "bot/needletail.yaml", "--json"], in: folder)
            #expect(doctor.status == 0, "\(doctor.output)")
            #expect(try doctor.document()["fail"].number == 0)
        }

        @Test("init a second time is refused and changes nothing") func initTwice() throws {
            #expect(try Program.run(["init", "bot"], in: folder).status == 0)
            try folder.write("bot/needletail.yaml", "instruments: [ETHUSDT]\n")
            let again = try Program.run(["init", "bot", "--json"], in: folder)
            #expect(again.status == 3)
            #expect(try again.document()["error"].text?.contains("bot/needletail.yaml") == true)
            let text = FileManager.default.contents(atPath: folder.path + "/bot/needletail.yaml")
            #expect(text == Data("instruments: [ETHUSDT]\n".utf8))
        }

        @Test("init on a full disk leaves nothing behind") func initFullDisk() throws {
            // A file size limit of zero, and its signal ignored: writing fails as on a full disk.
            let script =
                "(trap '' XFSZ; ulimit -f 0; exec \"$0\" init bot --json 2>/dev/null) | cat"
            let ended = try Program.shell(script, [Program.path], in: folder)
            #expect(ended.output.contains("cannot be written: File too large"), "\(ended.output)")
            #expect(names() == [], "\(names())")
        }

        @Test("init where nobody may write is told") func initUnwritable() throws {
            let ended = try Program.run(["init", "/proc/nowhere", "--json"], in: folder)
            #expect(ended.status == 2)
            #expect(try ended.document()["error"].text?.contains("/proc/nowhere") == true)
        }

        @Test("config check tells every error with the five keys") func checkErrors() throws {
            try folder.write("needletail.yaml", "instruments: [BTCUSDT]\nlane: {wait_us: huge}\n")
            let arguments = ["config", "check", "--set", "strategy.fast=x"]
            let json = try Program.run(arguments + ["--json"], in: folder)
            #expect(json.status == 2)
            let errors = try json.document()["errors"].list
            #expect(errors.count == 2)
            #expect(errors.allSatisfy { $0.keys == ["file", "key", "line", "mend", "problem"] })
            let plain = try Program.run(arguments, in: folder)
            #expect(plain.status == 2 && plain.output.isEmpty)
            #expect(plain.errors.contains("needletail.yaml:2: lane.wait_us"))
            #expect(plain.errors.contains("--set:1: strategy.fast"))
        }

        @Test("config show: as written, effective, overridden") func show() throws {
            let text = "# why\ninstruments: [BTCUSDT]\nstrategy: {fast: 3}\n"
            try folder.write("needletail.yaml", text)
            #expect(try Program.run(["config", "show"], in: folder).output == text)
            let effective = try Program.run(
                ["config", "show", "--effective", "--set", "strategy.slow=44", "--json"],
                in: folder
            ).document()["configuration"]
            #expect(effective["strategy"]["fast"].number == 3)
            #expect(effective["strategy"]["slow"].number == 44)
            #expect(effective["limits"]["BTCUSDT"]["max_age_ms"].number == 2000)
            #expect(effective["data_dir"].text?.hasPrefix("/") == true)
        }

        @Test("run takes --set, and says what is wrong with it") func runSet() throws {
            try folder.write("bot.yaml", "instruments: [BTCUSDT]\n")
            let ended = try Program.run(
                ["run", "-c", "bot.yaml", "--set", "strategy.fast=x", "--json"], in: folder)
            #expect(ended.status == 2)
            #expect(try ended.document()["errors"][0]["file"].text == "--set")
        }

        @Test("A journal of paper trading is never taken for the account's") func paperIsNotLive()
            throws
        {
            let venue = try Venue(in: folder)
            try folder.write(".env", venue.environmentFile)
            let paper = try Bot(
                in: folder, configuration: venue.configuration(mode: "live"), ["--mode", "paper"])
            #expect(paper.hasFilled(), paper.story)
            #expect(paper.process.interrupt() == 0, paper.story)
            let live = try Program.run(["run", "-c", "bot.yaml", "--json"], in: folder)
            #expect(live.status == 3, "\(live.errors)")
            #expect(try live.document()["error"].text?.contains("another account") == true)
        }

        @Test("doctor ends with 1 when something fails") func doctorFails() throws {
            try folder.write("bot.yaml", "instruments: [BTCUSDT]\ndata_dir: open\n")
            try FileManager.default.createDirectory(
                atPath: folder.path + "/open", withIntermediateDirectories: false)
            chmod(folder.path + "/open", 0o777)
            let json = try Program.run(["doctor", "-c", "bot.yaml", "--json"], in: folder)
            #expect(json.status == 1)
            let checks = try json.document()["checks"].list
            let bad = checks.filter { $0["state"].text == "fail" }
            #expect(bad.compactMap { $0["id"].text } == ["data_dir.permissions"])
            #expect(bad.first?["mend"].text?.contains("chmod go-w") == true)
            let plain = try Program.run(["doctor", "-c", "bot.yaml"], in: folder)
            #expect(plain.status == 1 && plain.output.contains("1 failed"))
        }

        @Test(
            "Completion scripts are ones that the shells accept",
            arguments: [
                "bash", "zsh", "fish",
            ])
        func completion(shell: String) throws {
            let ended = try Program.run(["completion", shell], in: folder)
            #expect(ended.status == 0 && ended.output.contains("flatten"))
            let json = try Program.run(["completion", shell, "--json"], in: folder).document()
            #expect(json["script"].text.map { $0 + "\n" } == ended.output)
            guard shell == "bash" else { return }
            try folder.write("script", ended.output)
            let checked = try Program.shell("bash -n script", [], in: folder)
            #expect(checked.status == 0, "\(checked.errors)")
        }

        @Test("A support bundle never replaces a file, and stops short on a full disk")
        func bundleTrouble() throws {
            try folder.write("b.tar.gz", "mine")
            let taken = try Program.run(
                ["support", "bundle", "--out", "b.tar.gz", "--json"], in: folder)
            #expect(taken.status == 3)
            let script =
                "(trap '' XFSZ; ulimit -f 0; exec \"$0\" support bundle --out c --json 2>/dev/null)"
            let full = try Program.shell(script + " | cat", [Program.path], in: folder)
            #expect(full.output.contains("c cannot be written: File too large"), "\(full.output)")
            #expect(names() == ["b.tar.gz"], "\(names())")
        }
    }
}
