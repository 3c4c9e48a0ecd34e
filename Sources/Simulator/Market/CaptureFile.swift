// CaptureFile.swift — a recording as one piece of memory, plain or packed by gzip.
import Foundation

package enum CaptureFile {
    /// Whole file; `.gz` through gzip, so that no second decompressor is linked.
    package static func read(_ path: String) throws(SimulatorError) -> [UInt8] {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw SimulatorError("\(path): cannot be read")
        }
        guard path.hasSuffix(".gz") else {
            return [UInt8](FileManager.default.contents(atPath: path) ?? Data())
        }
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", "--", path]
        let output = Pipe()
        gzip.standardOutput = output
        do {
            try gzip.run()
        } catch {
            throw SimulatorError("\(path): gzip does not run: \(error.localizedDescription)")
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        guard gzip.terminationStatus == 0 else {
            throw SimulatorError("\(path): gzip cannot unpack it")
        }
        return [UInt8](data)
    }
}
