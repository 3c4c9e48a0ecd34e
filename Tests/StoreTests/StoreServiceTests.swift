import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store

@Suite("The store's thread") struct StoreServiceTests {
    private final class Words: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ text: String) { list.withLock { $0.append(text) } }
        var all: [String] { list.withLock { $0 } }
    }

    private func service(_ scratch: Scratch, _ words: Words) -> StoreService {
        var pace = StoreService.Pace()
        pace.interval = 0.005
        pace.longest = 0.02
        return StoreService(
            journal: scratch.journal, file: scratch.file, pace: pace, log: { words.add($0) })
    }

    /// Until it holds or thirty seconds are over.
    private func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline {
            if try condition() { return true }
            Thread.sleep(forTimeInterval: 0.002)
        }
        return false
    }

    @Test("Follows a running journal, and holds all of it when it is stopped")
    func follows() throws {
        let scratch = try Scratch()
        let words = Words()
        let service = service(scratch, words)
        service.start()
        let run = try RandomRun(scratch, seed: 31)
        try run.write(200)
        #expect(eventually { service.sequence > 200 })
        try run.write(300)
        try run.stop()
        service.stop()
        #expect(service.sequence > 500)
        #expect(words.all.isEmpty && service.problem == nil)
        #expect(try StoreCheck.run(journal: scratch.journal, file: scratch.file).isEqual)
        let stopped = try scratch.other().read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM runs WHERE stopped_at > started_at")
        }
        #expect(stopped == 1)
    }

    @Test("Says once what is wrong and once that it is over")
    func saysProblems() throws {
        let scratch = try Scratch()
        let words = Words()
        let run = try RandomRun(scratch, seed: 32)
        try run.write(50)
        try scratch.follower().run()
        let other = try scratch.other()
        try other.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        try run.write(50)
        let service = service(scratch, words)
        service.start()
        #expect(eventually { service.problem?.contains("locked") == true })
        Thread.sleep(forTimeInterval: 0.05)
        try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
        #expect(eventually { service.problem == nil && service.sequence > 100 })
        service.stop()
        #expect(words.all.count == 2)
        #expect(words.all.first?.hasPrefix("the store is behind, trading goes on:") == true)
        #expect(words.all.last == "the store works again")
    }

    @Test("Ends although the database cannot be used")
    func endsInTrouble() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 33)
        try FileManager.default.createDirectory(
            atPath: scratch.file.path, withIntermediateDirectories: true)
        let service = service(scratch, Words())
        service.start()
        #expect(eventually { service.problem != nil })
        service.stop()
        #expect(service.problem?.contains("must be a plain file") == true)
    }

    @Test("Pauses twice as long after each failure, up to a limit")
    func pauses() {
        let pace = StoreService.Pace()
        #expect((0...8).map { pace.pause(afterFailures: $0) } == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        #expect(pace.pause(afterFailures: 1_000_000) == 60)
    }
}
