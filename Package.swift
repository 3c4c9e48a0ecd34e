// swift-tools-version: 6.2
// The module graph of Needletail. Who may import whom: docs/architecture.md.
import PackageDescription

/// Known-bad behaviours are compiled in as switches, to test the tests: `Tools/planted`.
let isPlanted = Context.environment["NEEDLETAIL_PLANTED"] != nil

let cSettings: [CSetting] =
    [
        .define("_GNU_SOURCE"),
        .unsafeFlags(["-Wall", "-Wextra", "-Wconversion", "-Werror", "-ffp-contract=off"]),
        .define("NT_STOP_ON_BUG", to: "1", .when(configuration: .debug)),
        .unsafeFlags(["-O3"], .when(configuration: .release)),
    ] + (isPlanted ? [.define("NT_PLANTED")] : [])

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
    // The second for the C headers that Swift reads.
    + (isPlanted ? [.define("NT_PLANTED"), .unsafeFlags(["-Xcc", "-DNT_PLANTED"])] : [])

/// A Swift module of ours; its path follows the layout of docs/architecture.md.
func module(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil,
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", exclude: exclude,
        swiftSettings: swiftSettings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil,
    exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path ?? "Tests/\(name)", exclude: exclude,
        swiftSettings: swiftSettings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let plantedWorld: [Target] =
    isPlanted
    ? [
        .executableTarget(
            name: "needletail-planted", dependencies: ["World"],
            path: "Sources/TestKit/PlantedWorld", swiftSettings: swiftSettings)
    ] : []

let package = Package(
    name: "needletail",
    products: [
        .executable(name: "needletail", targets: ["needletail"]),
        .executable(name: "needletail-web", targets: ["needletail-web"]),
        .executable(name: "needletail-guard", targets: ["needletail-guard"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // The low-latency core.
        .target(
            name: "CCore", path: "CCore", exclude: ["README.md", "tests"],
            publicHeadersPath: "include", cSettings: cSettings,
            linkerSettings: [
                .linkedLibrary("websockets"), .linkedLibrary("uring"), .linkedLibrary("ssl"),
                .linkedLibrary("crypto"),
            ]),

        // Values and the Swift face of the core.
        module("Core", ["CCore"]),
        module("Analytics", ["Core"]),
        module("Risk", ["Core"]),
        module("Strategy", ["Core"]),
        module(
            "EmaCross", ["Core", "Analytics", "Strategy"], path: "Sources/Strategies/EmaCross",
            exclude: ["README.md"]),

        // Venues.
        module("VenueKit", ["Core"]),
        .target(
            name: "BinanceWire", dependencies: ["CCore"], path: "Sources/Venues/Binance/Wire",
            cSettings: cSettings),
        module(
            "Binance", ["Core", "VenueKit", "BinanceWire"], path: "Sources/Venues/Binance",
            exclude: ["README.md", "Wire"]),

        // Accounts, simulation, composition.
        module("Execution", ["Core", "VenueKit"]),
        module("Simulator", ["Core"]),
        module("Store", ["Core", grdb]),
        module(
            "Bot",
            [
                "Core", "Analytics", "Risk", "Strategy", "EmaCross", "VenueKit", "Binance",
                "Execution", "Simulator", "Store", yams,
            ]),
        // The seeded simulation of everything.
        .target(
            name: "WorldVenue", dependencies: ["CCore"], path: "Sources/World/Venue",
            cSettings: cSettings),
        module("World", ["Core", "WorldVenue", "Execution", "Risk"], exclude: ["Venue"]),
        .target(
            name: "BenchmarkKernels", dependencies: ["CCore"], path: "Benchmarks/Kernels",
            cSettings: cSettings),
        module(
            "Benchmarks",
            [
                "BenchmarkKernels", "Core", "Strategy", "EmaCross", "VenueKit", "Binance",
                "Simulator",
            ], path: "Benchmarks", exclude: ["Kernels"]),
        .executableTarget(
            name: "needletail",
            dependencies: [
                "Core", "Analytics", "Bot", "Binance", "Simulator", "Store", "VenueKit",
                "Benchmarks", "World", argumentParser,
            ],
            path: "Sources/needletail",
            resources: [.embedInCode("Figures/test-full.json")], swiftSettings: swiftSettings),

        // The page: a process of its own that holds no key.
        .executableTarget(
            name: "needletail-web",
            dependencies: [
                "Core", "Bot", argumentParser, hummingbird, hummingbirdCore, httpTypes, logging,
                nioCore,
            ],
            path: "Sources/needletail-web",
            resources: [
                .embedInCode("Page/index.html"), .embedInCode("Page/page.css"),
                .embedInCode("Page/theme.js"), .embedInCode("Page/chart.js"),
                .embedInCode("Page/page.js"),
            ],
            swiftSettings: swiftSettings),

        // Reference numbers against ours, for developers: `make golden DIR=`.
        module("Golden", ["Analytics"]),
        .executableTarget(
            name: "needletail-golden", dependencies: ["Golden", argumentParser],
            path: "Sources/needletail-golden", swiftSettings: swiftSettings),

        // The guard: a process of its own that cancels when the bot hangs or dies.
        .executableTarget(
            name: "needletail-guard", dependencies: ["Core", "Bot", argumentParser],
            path: "Sources/needletail-guard", swiftSettings: swiftSettings),

        // Tests mirror the sources.
        .target(
            name: "AllocationCounter", path: "Sources/TestKit/AllocationCounter",
            cSettings: cSettings),
        .target(
            name: "FakeVenue", dependencies: ["CCore"], path: "Sources/TestKit/FakeVenue",
            cSettings: cSettings),
        module(
            "TestKit", ["Core", "FakeVenue"], path: "Sources/TestKit",
            exclude: [
                "AllocationCounter", "FakeVenue", "FaultProxy", "JournalFixture", "PlantedWorld",
                "Rogue",
            ]),
        .target(
            name: "JournalFixture", dependencies: ["CCore"],
            path: "Sources/TestKit/JournalFixture", cSettings: cSettings),
        .executableTarget(
            name: "needletail-rogue", dependencies: ["Core", "Strategy", "Bot"],
            path: "Sources/TestKit/Rogue", swiftSettings: swiftSettings),
        .executableTarget(
            name: "needletail-faults", dependencies: ["Core"],
            path: "Sources/TestKit/FaultProxy", swiftSettings: swiftSettings),
        tests("CoreTests", ["Core", "Strategy", "EmaCross", "TestKit", "AllocationCounter"]),
        tests("AnalyticsTests", ["Analytics"]),
        tests("GoldenTests", ["Golden"], exclude: ["reference"]),
        tests("RiskTests", ["Risk", "Core", "TestKit"]),
        tests("StrategyTests", ["Strategy", "EmaCross", "Core", "TestKit"]),
        tests("BinanceTests", ["Binance", "BinanceWire", "VenueKit", "Core", "TestKit"]),
        tests("ExecutionTests", ["Execution", "VenueKit", "Core", "TestKit"]),
        tests("SimulatorTests", ["Simulator", "Core", "TestKit"]),
        tests(
            "BotTests",
            [
                "Bot", "Binance", "Execution", "Risk", "Simulator", "VenueKit", "Core", "TestKit",
                "JournalFixture",
            ], exclude: ["journals"]),
        .target(
            name: "ExecutorChecks", path: "Tests/BenchmarkTests/ExecutorChecks",
            cSettings: cSettings),
        tests(
            "BenchmarkTests",
            [
                "Benchmarks", "Core", "Strategy", "TestKit", "AllocationCounter",
                "ExecutorChecks",
            ], exclude: ["ExecutorChecks"]),
        tests(
            "CommandTests",
            ["TestKit", "needletail-faults", "needletail-guard", "needletail-rogue"]),
        tests("FaultProxyTests", ["needletail-faults", "Core"]),
        tests("WebTests", ["needletail-web", "Bot", "Core", httpTypes]),
        tests("StoreTests", ["Store", "JournalFixture", "Core", "TestKit", grdb]),
        tests("WorldTests", ["World", "Core"]),
        tests("TidyTests", [], path: "Tests/Tidy"),
    ] + plantedWorld,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)
