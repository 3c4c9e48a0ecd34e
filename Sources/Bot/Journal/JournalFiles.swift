// JournalFiles.swift — the names in a journal's directory.
import Foundation

enum JournalFiles {
    static let ring = "ring.ntr"
    static let lock = "lock"

    /// Names of the segments in their order.
    static func segments(_ directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter(isSegment).sorted()
    }

    /// Twenty digits and `.ntj`.
    private static func isSegment(_ name: String) -> Bool {
        let digits = name.utf8.dropLast(4)
        return name.hasSuffix(".ntj") && digits.count == 20
            && digits.allSatisfy { (48...57).contains($0) }
    }
}
