// SelftestTests.swift — the figure sheet: its own figures, and those of a recorded run.
import Foundation
import Testing

extension CommandTests {
    @Suite("The figure sheet") struct SelftestTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        @Test("A self-test's document has every figure, and says which were recorded")
        func document() throws {
            let ended = try Program.run(
                ["selftest", "--first", "40", "--seeds", "3", "--json"], in: folder, within: 60)
            #expect(ended.status == 0, "\(ended.output) \(ended.errors)")
            let sheet = try ended.document()
            #expect(sheet["seeds"].number == 3)
            #expect(try #require(sheet["events"].number) >= 3 * 2000)
            #expect(try #require(sheet["intents"].number) >= 3 * 50)
            let unknown = sheet["unknown"]
            let resolved = unknown["resolved_by"]
            #expect(unknown["made"].exists && resolved["evidence"].exists)
            #expect(resolved["absence"].exists)
            #expect(!sheet["faults"].keys.isEmpty)
            #expect(sheet["violations"].isList && sheet["wall"].exists && sheet["commit"].exists)
            for name in sheet["recorded"].keys {
                #expect(sheet[name].exists, "\(name) is marked and not there")
                #expect(sheet["recorded"][name]["commit"].text != nil)
                #expect(sheet["recorded"][name]["date"].text != nil)
            }
        }

        @Test("Equal seeds make equal sheets, whoever lives them first") func repeats() throws {
            func hash() throws -> Document {
                let arguments = ["selftest", "--seeds", "2", "--first", "7", "--json"]
                return try Program.run(arguments, in: folder, within: 60).document()
            }
            let first = try hash(), second = try hash()
            #expect(first["faults"].keys == second["faults"].keys)
            #expect(first["orders"].number == second["orders"].number)
            #expect(first["events"].number == second["events"].number)
        }

        @Test("The sheet of a recorded run marks what is of another commit, and tells a violation")
        func recorded() throws {
            let ran = try Program.run(["selftest", "--seeds", "1", "--json"], in: folder)
            var lives = try #require(
                try JSONSerialization.jsonObject(with: Data(ran.output.utf8)) as? [String: Any])
            lives["violations"] = [
                ["seed": 12, "text": "an order was lost", "again": "needletail selftest --seed 12"]
            ]
            func part(_ commit: String, _ figures: Any) -> [String: Any] {
                ["commit": commit, "date": "2026-01-02", "wall": 5, "figures": figures]
            }
            let figures: [String: Any] = [
                "lives": part("aaaaaaa", lives),
                "crash": part("aaaaaaa", ["crash_images": 4321]),
                "planted": part("bbbbbbb", ["caught": 30, "total": 31, "median_seeds": 2]),
                "stages": ["crash": 5],
            ]
            let file = try folder.write(
                "figures.json",
                String(
                    decoding: try JSONSerialization.data(withJSONObject: figures), as: UTF8.self))
            let shown = try Program.run(["selftest", "--figures", file], in: folder)
            #expect(shown.status == 1)
            let lines = shown.output.split(separator: "\n").map(String.init)
            func line(_ start: String) -> String { lines.first { $0.hasPrefix(start) } ?? "" }
            #expect(line("commit").hasSuffix("aaaaaaa"))
            #expect(line("crash images").hasSuffix("4321"))
            #expect(line("planted bugs").contains("30 of 31 caught, median 2 seeds"))
            #expect(line("planted bugs").hasSuffix("recorded, bbbbbbb of 2026-01-02"))
            #expect(line("mc/dc").hasSuffix("not recorded"))
            #expect(line("violations").hasSuffix("1"))
            #expect(lines.contains { $0.contains("needletail selftest --seed 12") })
        }

        @Test("A file without seeded lives is refused") func noLives() throws {
            let file = try folder.write("figures.json", "{}")
            let ended = try Program.run(["selftest", "--figures", file], in: folder)
            #expect(ended.status == 2)
            #expect(ended.errors.contains("holds no figures"))
        }
    }
}
