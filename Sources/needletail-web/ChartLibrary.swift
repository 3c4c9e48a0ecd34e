// ChartLibrary.swift — TradingView Lightweight Charts, as set-up fetched it: used only when it is
// byte for byte the version that this page was written for. Without it the page draws candles of
// its own.
import Core
import Foundation

struct ChartLibrary: Sendable {
    /// Of version 4.1.3. Also change: Tools/fetch-page-assets.
    static let digest = "a7d4221516c7ea0bb0cc17d605df8848c1c748517a2ca43c2ce1a95ddb159006"
    static let scriptName = "lightweight-charts.js"
    static let licenceName = "lightweight-charts-LICENSE.txt"
    private static let largest = 1 << 20

    let script: [UInt8]
    let licence: [UInt8]

    /// Nil when the folder lacks script or licence, or the script is another one.
    init?(folder: String) {
        guard let script = Self.read("\(folder)/\(Self.scriptName)"),
            let licence = Self.read("\(folder)/\(Self.licenceName)"),
            Self.hexadecimal(SHA256.digest(script)) == Self.digest
        else { return nil }
        self.script = script
        self.licence = licence
    }

    /// `data/page` here, else beside the program's own repository.
    static func find(_ folder: String?) -> ChartLibrary? {
        if let folder { return ChartLibrary(folder: folder) }
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        // The build folder is `.build/<configuration>`, or `.build/<triple>/<configuration>`.
        let above = ["../../data/page", "../../../data/page"].compactMap { step in
            program?.appendingPathComponent(step).standardizedFileURL.path
        }
        return (["data/page"] + above).lazy.compactMap { ChartLibrary(folder: $0) }.first
    }

    private static func read(_ path: String) -> [UInt8]? {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard let size, size <= largest else { return nil }
        return FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined()
    }
}
