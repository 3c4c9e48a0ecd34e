// PlantedTests.swift — the program that people run has no planted bug, and no way to have one.
import Foundation
import Testing

extension CommandTests {
    @Suite("Planted bugs") struct PlantedTests {
        /// All that a switch, its list or the choice of a number would leave behind: symbols and
        /// texts alike lie in the file as they are.
        private static let traces = [
            "nt_planted", "NT_BUG_", "NEEDLETAIL_PLANTED_BUG", "PlantedBug", "NT_PLANTED",
        ]

        @Test("Are absent from the program: no symbol, no text") func absent() throws {
            let file = try Data(
                contentsOf: URL(fileURLWithPath: Program.path), options: .mappedIfSafe)
            func has(_ text: String) -> Bool { file.range(of: Data(text.utf8)) != nil }
            #expect(has("nt_lane_create"), "symbols can be seen in it at all")
            for trace in Self.traces { #expect(!has(trace), "\(trace) is in the program") }
        }
    }
}
