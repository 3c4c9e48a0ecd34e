// RuleTests.swift — every rule refuses a bad sample and accepts a good one.
import Testing

private func swift(_ text: String, at path: String = "Sources/Core/Sample.swift") -> SourceFile {
    SourceFile(path, text)
}

private func c(_ text: String, at path: String = "CCore/book/sample.c") -> SourceFile {
    SourceFile(path, text)
}

@Suite("Blanking") struct BlankingTests {
    @Test("Blanks comments and strings, keeps lines and the code around") func keepsCode() {
        let text = "let a = \"try! b\" // try!\nlet c = 1 /* x /* y */ try! */ + 2\n"
        let code = swift(text).code
        #expect(!code.contains("try!"))
        #expect(code.contains("let a = \""))
        #expect(code.contains("+ 2"))
        #expect(code.count == text.count)
    }

    @Test(
        "Finds the end of every kind of string",
        arguments: [
            ##"let a = #"quote " inside"#; after()"##,
            #"let a = "inner \(f("x", g(1))) end"; after()"#,
            "let a = \"\"\"\n  a \" quote\n  \"\"\"; after()",
            #"let a = "escaped \" quote"; after()"#,
            "let a = \"\"; after()",
        ])
    func findsStringEnds(_ text: String) {
        #expect(swift(text).code.contains("; after()"))
        #expect(!swift(text).code.contains("quote"))
    }

    @Test("Knows C's characters") func knowsCharacters() {
        let code = c(#"char a = '"'; char b = '\''; int after;"#).code
        #expect(code.contains("int after;"))
    }
}

@Suite("Size rules") struct SizeRuleTests {
    @Test("Refuse a line of 101 columns, accept 100") func lines() {
        let good = String(repeating: "é", count: 100)
        #expect(longLines(swift(good)).isEmpty)
        #expect(longLines(swift("\n" + good + "x")).map(\.line) == [2])
    }

    @Test("Refuse tabs") func tab() {
        #expect(tabs(swift("\tlet a = 1")).count == 1)
        #expect(tabs(swift("    let a = 1")).isEmpty)
    }

    @Test("Refuse long files, by language") func files() {
        let lines = String(repeating: "\n", count: 401)
        #expect(longFile(swift(lines)).count == 1)
        #expect(longFile(c(lines)).isEmpty)
        #expect(longFile(c(lines + lines)).count == 1)
    }

    @Test("Refuse a Swift function of 71 lines, accept 70", arguments: [70, 71])
    func swiftFunctions(_ count: Int) {
        let body = String(repeating: "    step()\n", count: count - 2)
        let text = "struct A {\n  func f(\n    a: Int\n  ) -> Int {\n\(body)}\n  let b = 1\n}\n"
        #expect(longFunctions(swift(text)).map(\.line) == (count > 70 ? [4] : []))
    }

    @Test("Refuse a C function of 71 lines, accept 70 and long tables", arguments: [70, 71])
    func cFunctions(_ count: Int) {
        let body = String(repeating: "    step();\n", count: count - 2)
        let table = "static const int t[] = {\n\(String(repeating: "    1,\n", count: 90))};\n"
        let text = "#define A(x) {\n\(table)int f(int a) {\n\(body)}\n"
        #expect(longFunctions(c(text)).count == (count > 70 ? 1 : 0))
    }

    @Test("See where a Swift declaration has no body") func bodies() {
        let text = """
            protocol P {
                func a() -> Int
                func b(_ x: Int)
                var c: Int { get }
            }
            let d = 1
            var e = 2
            struct S { var f: Int }
            """
        #expect(swiftFunctionBodies(swift(text).code) == [4...4])
    }
}

@Suite("Call rules") struct CallRuleTests {
    @Test(
        "Refuse banned calls in programs",
        arguments: [
            "let a = try! f()", "let a = b as! C", "let a = b!.c", "let a = f()!", "a[0]! += 1",
            "fatalError()", "print(a)", "var a: B!",
        ])
    func refuse(_ text: String) {
        #expect(bannedCallsFound(swift(text)).count == 1, "\(text)")
    }

    @Test(
        "Accept what only looks like one",
        arguments: [
            "if a != b { }", "if !a { }", "let a = \"try! x!\"", "// fatalError()", "a !== b",
            "log.print(a)", "func print(a)", "#if !DEBUG", "func debugPrint(a)",
        ])
    func accept(_ text: String) {
        #expect(bannedCallsFound(swift(text)).isEmpty, "\(text)")
    }

    @Test("Let tests unwrap and commands print") func places() {
        #expect(bannedCallsFound(swift("a!.b", at: "Tests/CoreTests/A.swift")).isEmpty)
        #expect(bannedCallsFound(swift("print(a)", at: "Sources/needletail/A.swift")).isEmpty)
    }

    @Test(
        "Refuse clocks, chance and files where decisions are made",
        arguments: [
            "let a = Date()", "let a = Date.now", "Int.random(in: 0..<3)", "a.shuffled()",
            "FileManager.default", "SystemRandomNumberGenerator()",
        ])
    func seams(_ text: String) {
        #expect(bannedCallsFound(swift(text, at: "Sources/Risk/A.swift")).count == 1)
        #expect(bannedCallsFound(swift(text, at: "Sources/Bot/A.swift")).isEmpty)
    }

    @Test("Name the replacement") func replacement() throws {
        let found = try #require(bannedCallsFound(swift("fatalError()")).first)
        #expect(found.message.contains("preconditionFailure"))
        #expect(found.line == 1)
    }

    @Test(
        "Refuse unsafe C",
        arguments: ["strcpy(a, b);", "x = atoi(s);", "rand();", "goto again;"])
    func unsafeC(_ text: String) {
        #expect(bannedCallsFound(c(text)).count == 1)
    }

    @Test("Accept the fail ladder and our own names") func safeC() {
        #expect(bannedCallsFound(c("goto fail; nt_random(x); // rand()")).isEmpty)
    }

    @Test("Refuse default in state machines only") func defaults() {
        let text = "switch a {\ncase .b: f()\ndefault: g()\n}"
        #expect(
            defaultsInStateMachines(swift(text, at: "Sources/Bot/LinkStateMachine.swift"))
                .map(\.line) == [3])
        #expect(defaultsInStateMachines(swift(text, at: "Sources/Bot/Link.swift")).isEmpty)
    }

    @Test("Refuse open work without an issue number") func todo() {
        let word = "TO" + "DO"
        #expect(unfinishedWork(swift("// \(word): later")).count == 1)
        #expect(unfinishedWork(swift("// \(word) (#12): later")).isEmpty)
        let two = "// see #12\n\n    f()  // \(word): later\n"
        #expect(unfinishedWork(swift(two)).map(\.line) == [3])
    }
}

@Suite("Import rules") struct ImportRuleTests {
    private let graph = moduleGraph(
        manifest: """
            func module(
                _ name: String, _ dependencies: [Target.Dependency], path: String? = nil
            ) -> Target { .target(name: name, dependencies: dependencies, path: path) }
            let yams = Target.Dependency.product(name: "Yams", package: "Yams")
            let package = Package(targets: [
                .target(name: "CCore", path: "CCore", linkerSettings: [.linkedLibrary("ssl")]),
                module("Core", ["CCore"]),
                module("Store", ["Core"]),
                module(
                    "Cross", ["Core", "Store"], path: "Sources/Strategies/Cross"),
                .target(name: "AWire", dependencies: ["CCore"], path: "Sources/Venues/A/Wire"),
                module("A", ["Core", "AWire"], path: "Sources/Venues/A"),
                module("B", ["Core", "A"], path: "Sources/Venues/B"),
                module("Simulator", ["Core"]),
                module(
                    "Bot",
                    [
                        "Core", "Cross", "A", yams,
                        .product(name: "Logging", package: "swift-log"),
                    ]),
                .testTarget(name: "BotTests", dependencies: ["Bot"]),
            ])
            """)

    @Test("Read the manifest") func manifest() {
        #expect(
            graph.modules.map(\.name)
                == [
                    "CCore", "Core", "Store", "Cross", "AWire", "A", "B", "Simulator", "Bot",
                    "BotTests",
                ])
        #expect(graph["Bot"]?.dependencies == ["Core", "Cross", "A", "Logging", "Yams"])
        #expect(graph["Simulator"]?.path == "Sources/Simulator")
        #expect(graph["BotTests"]?.isTest == true)
        #expect(graph.owner(of: "Sources/Venues/A/Wire/x.c")?.name == "AWire")
    }

    @Test("Refuse an import that is only reachable by way of another") func transitive() {
        let file = swift("import Foundation\n\npackage import Core\n", at: "Tests/BotTests/T.swift")
        #expect(undeclaredImports(file, graph).map(\.line) == [3])
        #expect(undeclaredImports(swift("import Core", at: "Sources/Bot/B.swift"), graph).isEmpty)
    }

    @Test(
        "Refuse what the architecture prohibits",
        arguments: [
            ("Bot", "CCore"), ("Simulator", "A"), ("Store", "Cross"), ("Core", "GRDB"),
            ("Simulator", "AWire"), ("Strategies/Cross", "Store"), ("Strategies/Cross", "Glibc"),
            ("Venues/B", "A"), ("Bot", "Hummingbird"), ("Bot", "COpenSSL"), ("Core", "Yams"),
            ("Bot", "ArgumentParser"),
        ])
    func prohibited(_ owner: String, _ used: String) {
        let file = swift("@preconcurrency import \(used)", at: "Sources/\(owner)/X.swift")
        #expect(prohibitedImports(file, graph).count == 1)
    }

    @Test(
        "Accept what it allows",
        arguments: [("Core", "CCore"), ("Bot", "A"), ("Bot", "Cross"), ("Venues/A", "AWire")])
    func allowed(_ owner: String, _ used: String) {
        let file = swift("import \(used)", at: "Sources/\(owner)/X.swift")
        #expect(prohibitedImports(file, graph).isEmpty)
    }

    @Test("Refuse prohibited dependencies in the manifest itself") func dependencies() {
        let found = prohibitedDependencies(graph).map(\.message)
        #expect(found.count == 2)
        #expect(found.contains { $0.hasPrefix("Cross depends on Store") })
        #expect(found.contains { $0.hasPrefix("B depends on A") })
    }
}

@Suite("Include rules") struct IncludeRuleTests {
    private let headers = HeaderMap([
        c("", at: "CCore/include/nt/book.h"), c("", at: "CCore/book/book.c"),
        c("", at: "CCore/include/nt/stream.h"), c("", at: "CCore/net/stream_lws.c"),
        c("", at: "CCore/include/nt/spsc.h"), c("", at: "CCore/queue/spsc.c"),
        c("", at: "CCore/include/nt/lane.h"),
        c("#include \"nt/types.h\"", at: "CCore/include/nt/event.h"),
        c("#include \"nt/stream.h\"\n#include <nt/event.h>", at: "CCore/include/nt/values.h"),
    ])

    @Test(
        "Refuse includes that point upwards",
        arguments: [
            ("CCore/base/a.c", "nt/book.h"), ("CCore/book/a.c", "nt/stream.h"),
            ("CCore/net/a.c", "../lane/lane_internal.h"), ("CCore/include/nt/spsc.h", "nt/book.h"),
            ("CCore/net/a.h", "nt/lane.h"), ("CCore/book/a.c", "nt/values.h"),
        ])
    func upwards(_ path: String, _ header: String) {
        #expect(
            wrongIncludes(c("\n#include \"\(header)\"\n", at: path), headers).map(\.line) == [2])
    }

    @Test(
        "Accept includes that point down or sideways",
        arguments: [
            ("CCore/net/a.c", "nt/book.h"), ("CCore/book/a.c", "nt/spsc.h"),
            ("CCore/gate/a.c", "nt/book.h"), ("CCore/book/a.c", "stdio.h"),
            ("CCore/base/a.c", "nt/event.h"), ("CCore/net/a.c", "nt/values.h"),
            ("CCore/tests/a_test.c", "nt/stream.h"),
        ])
    func downwards(_ path: String, _ header: String) {
        #expect(wrongIncludes(c("#include <\(header)>", at: path), headers).isEmpty)
    }

    @Test("Let a venue's wire see only its headers") func wire() {
        let path = "Sources/Venues/A/Wire/decode.c"
        #expect(wrongIncludes(c("#include \"nt/book.h\"", at: path), headers).count == 1)
        #expect(wrongIncludes(c("#include \"nt/codec.h\"", at: path), headers).isEmpty)
        #expect(wrongIncludes(c("#include \"json.h\"", at: path), headers).isEmpty)
    }

    @Test("Let only the core include its libraries", arguments: ["openssl/evp.h", "liburing.h"])
    func libraries(_ header: String) {
        let text = "#include <\(header)>"
        for path in ["Sources/Venues/A/Wire/sign.c", "Sources/TestKit/FakeVenue/a.c"] {
            #expect(wrongIncludes(c(text, at: path), headers).count == 1)
        }
        #expect(wrongIncludes(c(text, at: "CCore/net/a.c"), headers).isEmpty)
    }
}

@Suite("Document rules") struct DocumentRuleTests {
    private let source = [
        c("int nt_book_set(int a) { return a; }"),
        swift("struct Ledger { func record() {} }"),
    ]

    private func names(_ text: String) -> [String] {
        unknownNames(SourceFile("docs/architecture.md", text), source: source).map(\.message)
    }

    @Test("Refuse names in the life traces that the source lacks") func unknown() {
        let trace =
            "## Life of a tick\n`nt_book_get`, `Ledger.erase`, `Book.record`, `go()`, `onMarket`, "
            + "`lane_go`\n"
        #expect(names(trace).count == 6)
        #expect(names("## Threads\n`nt_book_get`").isEmpty)
    }

    @Test("Accept names that exist, and words that are no names") func known() {
        let trace = "## Life of an order\n`nt_book_set`, `Ledger.record(_:)`, `CCore/net`, `lane`\n"
        #expect(names(trace).isEmpty)
    }

    @Test("Refuse make targets that do not exist") func targets() {
        let text =
            "Run `make run`, `make fly`.\n```\n$ make test\nmake swim ARGS=1\nplease make it\n```\n"
        let found = unknownMakeTargets(
            SourceFile("README.md", text), makefile: "run: ## x\n\t@a\ntest:\n")
        #expect(found.map(\.line) == [1, 4])
    }

    @Test("Refuse links that lead nowhere") func links() {
        let text = "[a](b.md) [c](../d.md#x) [e](https://f.g) [h](i.md)"
        let found = deadLinks(SourceFile("docs/x.md", text)) { ["docs/b.md", "d.md"].contains($0) }
        #expect(found.map(\.message) == ["i.md does not exist"])
    }

    @Test("Refuse strategies and venues without README or tests") func folders() {
        let paths = [
            "Sources/Venues/A/A.swift", "Sources/Venues/A/README.md", "Tests/ATests/T.swift",
            "Sources/Strategies/Naked/S.swift",
        ]
        #expect(
            incompleteFolders(paths: paths).map(\.path)
                == Array(repeating: "Sources/Strategies/Naked", count: 2))
    }
}

@Suite("Exceptions") struct AllowanceTests {
    private let violation = Violation(rule: "file-length", path: "a.swift", line: 1, message: "")

    @Test("Lift one rule for one file, with a reason") func lift() {
        #expect(Allowances("file-length a.swift a table").apply(to: [violation]).isEmpty)
        #expect(Allowances("tabs a.swift a table").apply(to: [violation]).count == 2)
    }

    @Test("Refuse entries without reason, and entries that lift nothing") func wrongEntries() {
        #expect(Allowances("file-length a.swift").apply(to: [violation]).count == 2)
        #expect(Allowances("file-length b.swift old").apply(to: []).map(\.path) == ["tidy.allow"])
        #expect(Allowances("# a remark\n\n").apply(to: []).isEmpty)
    }
}
