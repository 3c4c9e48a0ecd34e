// Initialisation.swift — a folder ready for paper trading: all of it, or nothing.
import Foundation
import Glibc

public struct Initialisation {
    /// What was written, in the order of writing.
    public struct Written: Encodable, Sendable {
        public var directory: String
        public var files: [String]
    }

    private struct Draft {
        let name: String
        let text: String
        let mode: mode_t
    }

    private let directory: String
    private static let drafts = [
        Draft(name: "needletail.yaml", text: ConfigurationTemplate.yaml, mode: 0o600),
        Draft(name: ".env.example", text: ConfigurationTemplate.environmentExample, mode: 0o600),
        Draft(name: ".gitignore", text: ConfigurationTemplate.ignored, mode: 0o644),
    ]

    public init(directory: String) { self.directory = directory }

    private func path(_ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// Writes the files and makes the data directory. Nothing that exists is touched.
    public func perform() throws(BotError) -> Written {
        try refuseExisting()
        let made = try makeFolder(directory)
        var files: [String] = []
        do throws(BotError) {
            for draft in Self.drafts {
                try NewFile(path: path(draft.name), mode: draft.mode).write(Data(draft.text.utf8))
                files.append(path(draft.name))
            }
            let data = DataDirectory(path("var"))
            try data.prepare()
            files += [data.root, data.journal, data.tape].map { $0 + "/" }
        } catch {
            // Only what this call made: every file among `files` was new.
            for file in files { unlink(file) }
            if made { rmdir(directory) }
            throw error
        }
        return Written(directory: directory, files: files)
    }

    private func refuseExisting() throws(BotError) {
        let existing = Self.drafts.map { path($0.name) }.filter { file in
            var status = stat()
            return lstat(file, &status) == 0
        }
        guard existing.isEmpty else {
            let names = existing.joined(separator: ", ")
            let verb = existing.count == 1 ? "exists" : "exist"
            throw .refused(
                "\(names) \(verb) already and nothing is overwritten; name another folder: "
                    + "needletail init DIR")
        }
    }

    /// True: it was not there before.
    private func makeFolder(_ path: String) throws(BotError) -> Bool {
        if mkdir(path, 0o700) == 0 {
            // Whatever the umask took away.
            chmod(path, 0o700)
            return true
        }
        guard errno == EEXIST else {
            throw .setup("cannot create \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .setup("\(path) is not a folder")
        }
        return false
    }
}
