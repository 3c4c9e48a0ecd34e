// CoverageRuleTests.swift — the rules about paths, commands and completeness refuse bad samples.
import Testing

@Suite("Path rules") struct PathRuleTests {
    @Test("Refuse files that are named and not there") func deadFiles() {
        let text = "// Also change: docs/gone.md and Sources/Bot/There.swift, `Tools/c.mk`."
        let found = deadPaths(SourceFile("CCore/book/book.c", text)) {
            ["Sources/Bot/There.swift", "Tools/c.mk"].contains($0)
        }
        #expect(found.map(\.message) == ["docs/gone.md does not exist"])
    }

    @Test(
        "Take folders, patterns and foreign places for words",
        arguments: [
            "docs/decisions", "Tests/clients/test_*.py", "Tests/<Name>Tests/A.swift",
            "https://x.org/docs/a.md", "shared/docs/a.md", "Sources/Venues",
        ])
    func words(_ text: String) {
        #expect(deadPaths(SourceFile("a.md", text)) { _ in false }.isEmpty)
    }

    @Test("Refuse places of one machine", arguments: ["home/x", "root/x", "work/x", "tmp/x"])
    func machine(_ place: String) {
        #expect(machinePaths(SourceFile("Sources/Bot/A.swift", "let a = \"/\(place)\"")).count == 1)
        let inTest = machinePaths(SourceFile("Tests/BotTests/A.swift", "let a = \"/\(place)\""))
        #expect(inTest.count == (place == "tmp/x" ? 0 : 1))
        #expect(machinePaths(SourceFile("a.md", "data/\(place) *.\(place)")).isEmpty)
    }
}

@Suite("Command rules") struct CommandRuleTests {
    private let names = CommandLineNames([
        SourceFile(
            "Sources/needletail/RunCommand.swift",
            """
            commandName: "run",
            @Option(name: [.short, .customLong("config")], help: "A file.")
            var file: String?
            @Flag(help: "Takes risk.") var armLive = false
            """),
        SourceFile("Sources/Bot/Other.swift", "commandName: \"fly\""),
    ])

    @Test("Refuse commands and options that the program does not have") func unknown() {
        let text = """
            Try `needletail fly`, or `needletail run --swim --config a`.
            ```
            .build/release/needletail run -c a --file b   # --no-option
            ```
            """
        let found = unknownCommands(SourceFile("README.md", text), names)
        #expect(found.map(\.line) == [1, 1, 3])
        #expect(found.last?.message == "needletail has no option --file")
    }

    @Test("Accept what it has, and prose about it") func known() {
        let text = "`needletail run --arm-live A --json`, `needletail` is one, a needletail flies"
        let found = unknownCommands(SourceFile("README.md", text), names)
        #expect(found.map(\.message) == ["needletail has no option --json"])
    }

    @Test("Refuse an excerpt with yesterday's columns") func excerpt() {
        let view = SourceFile(
            "V.swift", "Table(\n  \"symbol\", \">bid\",\n  \"fill at\")\nTable(\"order\", \">fee\")"
        )
        let readme = SourceFile("README.md", "symbol   bid  fill at\norder  fee  asset\n")
        #expect(staleExcerpt(readme, view: view).map(\.rule) == ["excerpt"])
        #expect(staleExcerpt(readme, view: SourceFile("V.swift", "")).count == 1)
    }
}

@Suite("Coverage rules") struct CoverageRuleTests {
    @Test("Refuse public headers that Swift or no test sees") func headers() {
        let header = SourceFile("CCore/include/nt/book.h", "")
        let files = [
            header, SourceFile("CCore/include/nt/event.h", ""),
            SourceFile("CCore/book/book_fast.c", ""),
            SourceFile("CCore/tests/a_test.c", "#include \"nt/bookkeeper.h\""),
        ]
        #expect(untestedHeaders(files).map(\.path) == [header.path])
        let test = SourceFile("CCore/tests/b_test.c", "#include \"nt/book.h\"")
        #expect(untestedHeaders(files + [test]).isEmpty)
        let map = SourceFile("module.modulemap", "header \"nt/event.h\"")
        #expect(
            unmappedHeaders(paths: files.map(\.path), moduleMap: map).map(\.message)
                == ["does not list nt/book.h"])
    }

    @Test("Refuse an indicator without its test") func indicators() {
        let room = "Sources/Analytics/Indicators"
        let files = [
            SourceFile("\(room)/EMA.swift", "source: \"TA-Lib EMA\""),
            SourceFile("\(room)/HMA.swift", "source: \"Hull\""),
            SourceFile("\(room)/TSI.swift", "source: \"Blau\""),
            SourceFile("Tests/AnalyticsTests/ATests.swift", "HMA(period: 3)"),
        ]
        #expect(untestedIndicators(files).map(\.path) == ["\(room)/TSI.swift"])
    }

    @Test("Refuse a map that leaves a folder out") func folders() {
        let map = SourceFile("a.md", "`Sources/Core` values · `Bot` · `Bot/Session` · Store")
        let paths = [
            "Sources/Core/Lane/Lane.swift", "Sources/Bot/Session/A.swift",
            "Sources/Bot/Watch/B.swift", "Sources/Store/C.swift", "Benchmarks/D.swift",
        ]
        #expect(
            unnamedFolders(map, paths: paths, corners: ["Bot"]).map(\.message)
                == ["Benchmarks", "Store", "Watch"].map { "does not say what is in \($0)/" })
    }

    @Test("Refuse decisions without number or part") func decisions() {
        let good =
            "# 0001 A\n\nStatus: accepted · Date: 2026-01-01\n\n**Context.** a\n\n"
            + "**Decision.** b\n\n**Consequences.** c\n\n**Rejected.** d\n"
        let first = SourceFile("docs/decisions/0001-a.md", good)
        #expect(malformedDecisions([first]).isEmpty)
        let second = SourceFile(
            "docs/decisions/0003-b.md", good.replacing("**Rejected.**", with: ""))
        #expect(malformedDecisions([second, first]).map(\.path) == [second.path, second.path])
    }
}
