// JournalSummary.swift — how much journal there is and whether it reads, without its content.
import Core
import Foundation

/// Reads the whole journal once; the bot may write meanwhile.
struct JournalSummary: Encodable {
    struct File: Encodable {
        var name: String
        var bytes: Int
    }

    var files: [File]
    var records: UInt64 = 0
    /// Sequence of the last record.
    var lastSequence: UInt64 = 0
    var firstTime: String?
    var lastTime: String?
    /// Nil: it reads to its end.
    var problem: String?

    private static let batch: UInt64 = 100_000

    static func of(_ directory: String) -> JournalSummary {
        let manager = FileManager.default
        let names = ((try? manager.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        let files = names.compactMap { name -> File? in
            let attributes = try? manager.attributesOfItem(atPath: "\(directory)/\(name)")
            guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else {
                return nil
            }
            return File(name: name, bytes: attributes[.size] as? Int ?? 0)
        }
        var summary = JournalSummary(files: files)
        if !files.isEmpty { summary.count(directory) }
        return summary
    }

    private mutating func count(_ directory: String) {
        var times: (first: Int64?, last: Int64?)
        do throws(CoreError) {
            let replica = try JournalReplica(directory: directory)
            while true {
                let shown = try replica.read(most: Self.batch) { entry in
                    times = (times.first ?? entry.time, entry.time)
                }
                records += shown
                lastSequence = replica.sequence
                if shown == 0 { break }
            }
        } catch {
            problem = error.text
        }
        firstTime = times.first.map { Times.text($0) }
        lastTime = times.last.map { Times.text($0) }
    }
}
