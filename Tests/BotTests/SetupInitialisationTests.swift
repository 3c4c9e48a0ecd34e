// SetupInitialisationTests.swift — all files or none, private ones, and never over another.
import Foundation
import Testing

@testable import Bot

private func outcome(_ path: String) -> (files: [String], exit: Int32, text: String) {
    do throws(BotError) {
        return (try Initialisation(directory: path).perform().files, 0, "")
    } catch {
        return ([], error.exitCode, error.text)
    }
}

@Suite("Initialisation") struct SetupInitialisationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    @Test("Writes a folder that the bot can start from") func writes() throws {
        let found = outcome(folder.path + "/new")
        #expect(found.exit == 0, "\(found.text)")
        #expect(
            names(folder.path + "/new") == [".env.example", ".gitignore", "needletail.yaml", "var"])
        #expect(found.files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
        let configuration = try Configuration.load(path: folder.path + "/new/needletail.yaml")
        #expect(configuration.mode == .paper)
        #expect(configuration.dataDirectory == folder.path + "/new/var")
        try DataDirectory(configuration.dataDirectory).prepare()
    }

    @Test("Gives the modes that keys need") func modes() {
        #expect(outcome(folder.path + "/new").exit == 0)
        for name in ["new", "new/var", "new/var/journal", "new/var/tape"] {
            #expect(folder.mode(name) == 0o700, "\(name)")
        }
        #expect(folder.mode("new/.env.example") == 0o600)
        #expect(folder.mode("new/needletail.yaml") == 0o600)
    }

    @Test("Its example of keys is read as none, and copied with its mode") func exampleKeys() throws
    {
        #expect(outcome(folder.path + "/new").exit == 0)
        let file = folder.path + "/new/.env.example"
        #expect(try Secrets.binance(environment: [:], envFile: file) == nil)
    }

    @Test(
        "Overwrites nothing, names the file, writes nothing else",
        arguments: [
            "needletail.yaml", ".env.example", ".gitignore",
        ])
    func overwritesNothing(name: String) {
        folder.write(name, "mine".utf8)
        let found = outcome(folder.path)
        #expect(found.exit == 3 && found.text.contains(name), "\(found.text)")
        #expect(names(folder.path) == [name])
        #expect(FileManager.default.contents(atPath: "\(folder.path)/\(name)") == Data("mine".utf8))
    }

    @Test("A link counts as a file, also one that leads nowhere") func danglingLink() {
        symlink("/nowhere", folder.path + "/needletail.yaml")
        #expect(outcome(folder.path).exit == 3)
        #expect(names(folder.path) == ["needletail.yaml"])
    }

    @Test("A folder that cannot be used leaves nothing behind") func unusable() {
        folder.write("file", "".utf8)
        let onFile = outcome(folder.path + "/file")
        #expect(onFile.exit == 2 && onFile.text.contains("not a folder"))
        let below = outcome(folder.path + "/missing/deep")
        #expect(below.exit == 2 && below.text.contains("cannot create"))
        folder.write("var", "".utf8)
        let noData = outcome(folder.path)
        #expect(noData.exit == 2)
        #expect(names(folder.path) == ["file", "var"])
    }
}

@Suite("New file") struct SetupNewFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("Takes no name that appeared meanwhile, and leaves no rest") func race() {
        let path = folder.path + "/f"
        var text = ""
        do throws(BotError) {
            try NewFile(path: path, mode: 0o600).write { _ in folder.write("f", "other".utf8) }
        } catch {
            text = error.text
        }
        #expect(text.contains("exists already"))
        #expect(FileManager.default.contents(atPath: path) == Data("other".utf8))
        #expect(try! FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
    }

    @Test("A full disk is named, and leaves nothing") func fullDisk() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        try #require(full >= 0)
        var text = ""
        do throws(BotError) {
            let file = NewFile(path: folder.path + "/f", mode: 0o600)
            try file.write { _ throws(BotError) in try file.put(Data("x".utf8), full) }
        } catch {
            text = error.text
        }
        #expect(text.contains("No space left on device"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
