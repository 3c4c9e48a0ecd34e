import Core
import Foundation
import Testing

@Suite("Request budget") struct RequestBudgetTests {
    private let now: Int64 = 1_700_000_000_000

    @Test("Classes have their parts, and a refusal says until when")
    func parts() throws {
        let budget = try RequestBudget(percent: 100)
        budget.set(.weight, to: 10, window: 60_000)
        #expect(budget.take(8, for: .read, now: now) == .allowed)
        #expect(
            budget.take(1, for: .read, now: now) == .wait(until: now + 70_000, isSilence: false))
        #expect(budget.take(2, for: .cancel, now: now) == .allowed)
        #expect(budget.take(-5, for: .cancel, now: now) == .allowed)
        let use = budget.view(now: now).uses[0]
        #expect(use.used == 10 && use.allowed == 10 && use.most == 9 && use.window == 60_000)
        budget.block(until: now + 90_000, isBan: true, now: now)
        #expect(
            budget.take(1, for: .cancel, now: now + 80_000)
                == .wait(until: now + 90_000, isSilence: true))
        let view = budget.view(now: now)
        #expect(view.blockedUntil == now + 90_000 && view.bannedUntil == now + 90_000)
    }

    @Test("A file is shared; one that is no budget is refused by name")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/budget"
        let one = try RequestBudget(path: path, account: 1, percent: 90)
        let other = try RequestBudget(path: path, account: 2, percent: 90)
        one.observe(used: 77, now: now)
        #expect(other.view(now: now).uses[0].used == 77)
        #expect(other.view(now: now).users.allSatisfy { $0 == UInt32(getpid()) })
        try Data("something else".utf8).write(to: folder.appendingPathComponent("foreign"))
        chmod(folder.path + "/foreign", 0o600)
        let error = #expect(throws: CoreError.self) {
            try RequestBudget(path: folder.path + "/foreign", account: 1, percent: 90)
        }
        #expect(error?.code == .corrupt)
        #expect(error?.text.contains("is not a budget") == true)
    }
}
