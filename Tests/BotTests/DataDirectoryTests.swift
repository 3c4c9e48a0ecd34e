// DataDirectoryTests.swift — the bot's own folder: private, and with a lasting mark.
import Core
import Foundation
import Testing

@testable import Bot

@Suite("Data directory") struct DataDirectoryTests {
    private let folder: TemporaryFolder
    private let directory: DataDirectory

    init() throws {
        folder = try TemporaryFolder()
        directory = DataDirectory("\(folder.path)/deep/state")
    }

    private func problem(_ body: () throws(BotError) -> Void) -> BotError? {
        do throws(BotError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("Makes its folders for the owner alone") func makes() throws {
        try directory.prepare()
        for name in ["deep/state", "deep/state/journal", "deep/state/tape"] {
            #expect(folder.mode(name) == 0o700, "\(name)")
        }
        try directory.prepare()
    }

    @Test(
        "Refuses a folder that others can write into", arguments: [0o777, 0o770, 0o702] as [mode_t])
    func refusesOpen(mode: mode_t) throws {
        try directory.prepare()
        chmod(directory.root, mode)
        let found = problem { () throws(BotError) in try directory.prepare() }
        #expect(found?.exitCode == 2)
        #expect(found?.text.contains("chmod go-w \(directory.root)") == true)
    }

    @Test("A file in the folder's place is named") func fileInPlace() {
        folder.write("deep", [])
        let found = problem { () throws(BotError) in try directory.prepare() }
        #expect(found?.exitCode == 2)
        #expect(found?.text.contains(directory.root) == true)
    }

    @Test("Its mark is drawn once and stays") func markStays() throws {
        try directory.prepare()
        var random = Random(seed: 1)
        let first = try directory.instance(&random)
        #expect((1..<(1 << 20)).contains(first))
        #expect(try directory.instance(&random) == first)
        #expect(folder.mode("deep/state/instance") == 0o600)
        unlink(directory.instanceFile)
        #expect(try directory.instance(&random) != first)
    }

    @Test(
        "A mark that is damaged is refused, never replaced",
        arguments: ["", "0", "-1", "1048576", "abc", "1 2", "99999999999999999999"])
    func refusesMark(text: String) throws {
        try directory.prepare()
        folder.write("deep/state/instance", text.utf8)
        let found = problem { () throws(BotError) in
            var random = Random(seed: 1)
            _ = try directory.instance(&random)
        }
        #expect(found?.exitCode == 2)
        #expect(found?.text.contains("must hold a number from 1 to 1048575") == true)
        let kept = FileManager.default.contents(atPath: directory.instanceFile)
        #expect(kept == Data(text.utf8))
    }
}

@Suite("Bot errors") struct BotErrorTests {
    @Test(
        "A failure of the core has the exit code that says what it means",
        arguments: [
            (.locked, 75), (.corrupt, 6), (.version, 6), (.refused, 3), (.io, 2), (.noMemory, 2),
        ] as [(CoreError.Code, Int32)])
    func exitCodes(code: CoreError.Code, exit: Int32) {
        let error = BotError.starting(CoreError(code, "journal/1.ntj"))
        #expect(error.exitCode == exit)
        #expect(error.text.contains("journal/1.ntj"))
    }
}
