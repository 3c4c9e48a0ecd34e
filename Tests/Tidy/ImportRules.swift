// ImportRules.swift — who may import whom (docs/architecture.md).
//
// SwiftPM refuses an import that no dependency leads to, but lets a module through that is only
// reachable by way of another. So each import is held against the module's own list in
// Package.swift, and the list against the prohibitions of the architecture.
import Foundation

/// One target of Package.swift.
struct Module: Equatable {
    let name: String
    /// Its folder, without a closing slash.
    let path: String
    /// Its direct dependencies by name; products count under their own name.
    let dependencies: [String]
    let isTest: Bool

    var isExecutable: Bool { path.hasPrefix("Sources/needletail") }
    var isVenue: Bool { path.hasPrefix("Sources/Venues/") }
    var isWire: Bool { isVenue && path.hasSuffix("/Wire") }
    /// C code that tests, benchmarks or the seeded world stand on; nothing that trades does.
    var isTestKernel: Bool {
        ["Sources/TestKit/", "Sources/World/", "Benchmarks/"].contains { path.hasPrefix($0) }
    }
    var isStrategy: Bool { path.hasPrefix("Sources/Strategies/") }
    var isModel: Bool { path.hasPrefix("Sources/Models/") }
    /// The folder of the venue it belongs to.
    var venueFolder: String { path.split(separator: "/").prefix(3).joined(separator: "/") }
}

struct ModuleGraph {
    let modules: [Module]

    subscript(name: String) -> Module? { modules.first { $0.name == name } }

    /// The module a source file belongs to: the one with the longest folder that holds it.
    func owner(of path: String) -> Module? {
        modules.filter { path.hasPrefix($0.path + "/") }.max { $0.path.count < $1.path.count }
    }
}

// MARK: - Reading Package.swift

/// The targets in a manifest's text: `.target(…)` and its kin, and calls of the helpers
/// `module(…)` and `tests(…)`, whose second argument is the list of dependencies.
func moduleGraph(manifest: String) -> ModuleGraph {
    let text = withoutLineComments(manifest)
    let products = productNames(text)
    let opening = #"(?<!func )(?:\.(target|executableTarget|testTarget)|\b(module|tests))\("#
    let modules = callBodies(opening, in: text).compactMap { kind, body -> Module? in
        module(kind: kind, body: body, products: products)
    }
    return ModuleGraph(modules: modules)
}

private func module(kind: String, body: String, products: [String: String]) -> Module? {
    let label = matches(of: #"^\s*(?:name:\s*)?"([^"]+)""#, in: body).first?.groups.first
    guard let name = label else { return nil }  // The helper's own definition.
    let isTest = kind == "tests" || kind == "testTarget"
    let path = matches(of: #"\bpath:\s*"([^"]+)""#, in: body).first?.groups.first
    let ofHelper = matches(of: #"^\s*"[^"]+",\s*\[([^\]]*)\]"#, in: body).first?.groups.first
    let ofTarget = matches(of: #"\bdependencies:\s*\[([^\]]*)\]"#, in: body).first?.groups.first
    let list = ofTarget ?? ofHelper ?? ""
    let quoted = matches(of: #"(?<!package: )"([^"]+)""#, in: list).compactMap(\.groups.first)
    let named = matches(of: #"(?<![".\w])([a-z]\w*)(?![\w:("])"#, in: list)
        .compactMap { $0.groups.first.flatMap { products[$0] } }
    return Module(
        name: name, path: path ?? (isTest ? "Tests/" : "Sources/") + name,
        dependencies: quoted + named, isTest: isTest)
}

/// Constants such as `let yams = Target.Dependency.product(name: "Yams", …)`.
private func productNames(_ text: String) -> [String: String] {
    let found = matches(of: #"let (\w+)[^=\n]*=[^"]*?\.product\(\s*name:\s*"([^"]+)""#, in: text)
    return Dictionary(found.map { ($0.groups[0], $0.groups[1]) }) { first, _ in first }
}

private func withoutLineComments(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { matches(of: #"^\s*//"#, in: $0).isEmpty ? String($0) : "" }
        .joined(separator: "\n")
}

/// Each call that the pattern opens: the word of its first non-empty group and its arguments.
private func callBodies(_ opening: String, in text: String) -> [(String, String)] {
    var calls: [(String, String)] = []
    var rest = Substring(text)
    while let match = matches(of: opening, in: rest).first,
        let range = rest.range(of: match.text)
    {
        rest = rest[range.upperBound...]
        var depth = 1
        let body = rest.prefix { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth > 0
        }
        calls.append((match.groups.first { !$0.isEmpty } ?? "", String(body)))
    }
    return calls
}

// MARK: - Imports of a file

private struct Import {
    let module: String
    let line: Int
}

private func imports(of file: SourceFile) -> [Import] {
    let pattern =
        #"(?m)^\s*(?:@[\w()]+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?"#
        + #"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"#
    return matches(of: pattern, in: file.code).map {
        // The match may begin on empty lines before the statement.
        Import(module: $0.groups[0], line: $0.line + $0.text.filter { $0 == "\n" }.count)
    }
}

/// Every import of one of our modules must be in the importing module's own list.
func undeclaredImports(_ file: SourceFile, _ graph: ModuleGraph) -> [Violation] {
    guard file.language == .swift, let owner = graph.owner(of: file.path) else { return [] }
    return imports(of: file).compactMap { found in
        guard graph[found.module] != nil, found.module != owner.name,
            !owner.dependencies.contains(found.module)
        else { return nil }
        let message =
            "\(owner.name) imports \(found.module), which Package.swift does not list for it"
        return file.violation("import", line: found.line, message)
    }
}

/// Imports that the architecture prohibits, whatever Package.swift lists.
func prohibitedImports(_ file: SourceFile, _ graph: ModuleGraph) -> [Violation] {
    guard file.language == .swift, let owner = graph.owner(of: file.path), !owner.isTest else {
        return []
    }
    return imports(of: file).compactMap { found in
        prohibition(of: found.module, in: owner, graph).map {
            file.violation(
                "import", line: found.line, "\(owner.name) imports \(found.module): \($0)")
        }
    }
}

/// The same for what Package.swift lists.
func prohibitedDependencies(_ graph: ModuleGraph) -> [Violation] {
    graph.modules.filter { !$0.isTest }.flatMap { owner in
        owner.dependencies.compactMap { name in
            prohibition(of: name, in: owner, graph).map {
                Violation(
                    rule: "import", path: "Package.swift", line: 1,
                    message: "\(owner.name) depends on \(name): \($0)")
            }
        }
    }
}

// MARK: - The prohibitions

/// Foreign modules that have one home each.
private let homes: [(modules: Set<String>, isHome: @Sendable (Module) -> Bool, text: String)] = [
    (["GRDB", "CSQLite"], { $0.name == "Store" }, "the database belongs to Store"),
    (["Yams"], { $0.name == "Bot" }, "the configuration's reader belongs to Bot"),
    (["ArgumentParser"], { $0.isExecutable }, "the command line belongs to the executables"),
    (
        ["Hummingbird", "HummingbirdTLS", "HummingbirdCore"], { $0.name == "needletail-web" },
        "the web server belongs to needletail-web"
    ),
    (
        ["CXGBoost", "COneDNN"], { $0.name == "Models" || $0.isModel },
        "model libraries belong to Models"
    ),
    (
        ["COpenSSL", "CLibWebSockets", "CLibURing"], { $0.name == "CCore" },
        "OpenSSL, libwebsockets and liburing belong to CCore"
    ),
]

/// Modules that see the network or a clock, which deciding code must not.
private let outsideWorld: Set<String> = [
    "FoundationNetworking", "Dispatch", "Glibc", "Musl", "NIO", "NIOCore", "NIOPosix",
    "AsyncHTTPClient",
]
private let deciding: Set<String> = ["Analytics", "Risk", "Strategy"]
private let neverInStrategies: Set<String> = [
    "VenueKit", "Store", "Execution", "Simulator", "Bot", "TestKit",
]

/// Why `owner` may not use the module called `name`; nil when it may.
private func prohibition(of name: String, in owner: Module, _ graph: ModuleGraph) -> String? {
    if name == "CCore", owner.name != "Core", !owner.isWire, !owner.isTestKernel {
        return "only Core imports CCore"
    }
    if let home = homes.first(where: { $0.modules.contains(name) }), !home.isHome(owner) {
        return home.text
    }
    if deciding.contains(owner.name) || owner.isStrategy, outsideWorld.contains(name) {
        return "deciding code does no input or output and reads no clock"
    }
    if owner.isStrategy, neverInStrategies.contains(name) {
        return "a strategy sees neither venues, nor storage, nor what runs it"
    }
    guard let used = graph[name] else { return nil }
    return prohibitionOfConcrete(used, in: owner)
}

/// Concrete venues, strategies and models meet only in Bot and the executables.
private func prohibitionOfConcrete(_ used: Module, in owner: Module) -> String? {
    let isComposer = owner.name == "Bot" || owner.name == "Benchmarks" || owner.isExecutable
    if used.isVenue {
        if owner.isVenue {
            return owner.venueFolder == used.venueFolder ? nil : "no venue imports a venue"
        }
        if owner.name == "Simulator" { return "the simulator imports no venue" }
        return isComposer ? nil : "concrete venues are known to Bot alone"
    }
    if used.isStrategy {
        return isComposer ? nil : "concrete strategies are known to Bot alone"
    }
    if used.isModel {
        return isComposer || owner.isModel ? nil : "concrete models are known to Bot alone"
    }
    return nil
}
