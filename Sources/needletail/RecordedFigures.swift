// RecordedFigures.swift — what the last `make test-full` came to, part by part.
//
// Tools/figures writes it to Figures/test-full.json, which is committed and lies in the program.
import Bot
import Foundation

/// Each part has its own commit: a long run may be made in pieces.
struct RecordedFigures: Decodable {
    /// Of which source, and when, and how long it took.
    struct Part<Figures: Decodable>: Decodable {
        var commit: String
        var date: String
        var wall: Double
        var figures: Figures

        var mark: FigureSheet.Mark { .init(commit: commit, date: date) }
    }

    struct CrashImages: Decodable { var crashImages: Int }
    struct BitsFlipped: Decodable { var bitsFlipped: Int }
    struct CheckerStates: Decodable { var checkerStates: Int }

    /// As `needletail selftest --json` prints it.
    var lives: Part<FigureSheet>?
    var crash: Part<CrashImages>?
    var bits: Part<BitsFlipped>?
    var fuzz: Part<FigureSheet.Fuzz>?
    var checker: Part<CheckerStates>?
    var planted: Part<FigureSheet.Planted>?
    var mcdc: Part<FigureSheet.Share>?
    var kills: Part<FigureSheet.Kills>?
    /// Seconds of each stage that ran last.
    var stages: [String: Double]?

    /// What the program was built with.
    static func held() -> RecordedFigures {
        read(Data(PackageResources.test_full_json)) ?? RecordedFigures()
    }

    /// Nil: not such a file.
    static func read(_ data: Data) -> RecordedFigures? {
        try? JSONText.decode(RecordedFigures.self, data)
    }
}
