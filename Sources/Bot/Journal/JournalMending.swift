// JournalMending.swift — `needletail journal repair`: cuts off a torn tail, or everything from a
// damaged record on, and keeps what it takes away.
import Core
import Foundation

public struct JournalMending: Encodable, Sendable {
    public var path: String
    /// `none`, `torn_tail` or `damage`.
    public var found: String
    /// Where the damage began.
    public var damage: JournalPlace?
    public var tornBytes: UInt64
    /// Records that are left.
    public var records: UInt64
    /// What was taken away lies there; nil: nothing was.
    public var kept: String?

    /// `isAgreed`: a person wants records beyond damage taken away; without, damage throws and says
    /// what would be done. No bot may run on the directory (75). `time`: UTC nanoseconds, names the
    /// folder of what is kept.
    public static func run(
        _ directory: String, isAgreed: Bool, time: Int64
    ) throws(JournalError) -> JournalMending {
        let look = try JournalVerification.of(directory)
        guard look.isWhole || isAgreed else {
            let place = look.damage.map { "\($0.file) at offset \($0.offset)" } ?? "the ring"
            throw JournalError(
                6,
                "\(look.problem ?? "damaged"). With --yes, record \(look.records + 1) and "
                    + "everything behind it are taken away (\(place)) and kept in its folder; "
                    + "first look for a copy that is whole")
        }
        guard !look.isWhole || look.tornBytes > 0 else {
            return JournalMending(
                path: directory, found: "none", damage: nil, tornBytes: 0, records: look.records,
                kept: nil)
        }
        let kept = try folder(directory, time)
        let before = try mend(directory, kept)
        return JournalMending(
            path: directory, found: before.damage == nil ? "torn_tail" : "damage",
            damage: before.damage, tornBytes: before.tornBytes,
            records: try JournalVerification.of(directory).records, kept: kept)
    }

    /// What was found before.
    private static func mend(
        _ directory: String, _ kept: String
    ) throws(JournalError) -> JournalFindings {
        do throws(CoreError) {
            return try JournalRepair.run(directory, keep: kept)
        } catch {
            rmdir(kept)  // Only where nothing was put into it.
            throw JournalError(error)
        }
    }

    private static func folder(_ directory: String, _ time: Int64) throws(JournalError) -> String {
        let name = Times.text(time).replacing(":", with: "")
        let path = "\(directory)/before-repair-\(name)"
        guard mkdir(path, 0o700) == 0 else {
            throw JournalError(2, "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        return path
    }
}
