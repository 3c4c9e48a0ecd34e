import Foundation
import Testing

@testable import Bot

@Suite("Lines of a recording") struct ReplayTextLinesTests {
    private let folder: ReplayFolder

    init() throws { folder = try ReplayFolder() }

    private func lines(_ path: String) throws -> [String] {
        let reader = try TextLines(path)
        var found: [String] = []
        while let line = try reader.next() {
            found.append(String(decoding: line, as: UTF8.self))
            #expect(reader.number == found.count)
        }
        return found
    }

    @Test("Takes line feeds and carriage returns away, and needs none at the end")
    func endings() throws {
        let path = folder.path("text")
        try "one\r\n\ntwo\nthree".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try lines(path) == ["one", "", "two", "three"])
    }

    @Test("Gives lines longer than its buffer whole, compressed or not") func longLines() throws {
        let long = (1...3).map { String(repeating: "abcdefg\($0)", count: 250_000 * $0) }
        let wanted = ["short"] + long + ["end"]
        #expect(try lines(folder.write("plain", wanted)) == wanted)
        #expect(try lines(folder.writeCompressed("packed", wanted)) == wanted)
    }

    @Test("Can be left in the middle of a compressed file") func leftInTheMiddle() throws {
        let many = Array(repeating: String(repeating: "x", count: 999), count: 20_000)
        let path = try folder.writeCompressed("many", many)
        for _ in 1...3 { _ = try TextLines(path).next() }
        #expect(try lines(path).count == 20_000)
    }
}
