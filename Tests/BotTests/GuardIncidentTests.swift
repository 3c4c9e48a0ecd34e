// GuardIncidentTests.swift — what a guard leaves for the next start.
import Core
import Foundation
import Testing

@testable import Bot

@Suite("The guard's word to the next start") struct GuardIncidentTests {
    @Test("Written, read, taken away; private") func roundTrip() throws {
        let folder = try TemporaryFolder()
        let directory = DataDirectory(folder.path)
        #expect(GuardIncident.read(directory) == nil)
        var incident = GuardIncident(
            cause: .hung, time: "2026-01-01T00:00:00.000Z", text: "it hangs", run: 3, pid: 4)
        try incident.write(directory)
        #expect(GuardIncident.read(directory) == incident)
        incident.isClear = true
        try incident.write(directory)
        #expect(GuardIncident.read(directory) == incident)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.guardIncident)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        GuardIncident.remove(directory)
        #expect(GuardIncident.read(directory) == nil)
    }

    @Test("One that cannot be read is one all the same") func damaged() throws {
        let folder = try TemporaryFolder()
        let directory = DataDirectory(folder.path)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/guard", withIntermediateDirectories: false)
        try Data("{".utf8).write(to: URL(fileURLWithPath: directory.guardIncident))
        let found = try #require(GuardIncident.read(directory))
        #expect(found.text.contains("cannot be read"))
    }
}
