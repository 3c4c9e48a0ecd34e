// NeedletailGolden.swift — `make golden DIR=`: reference numbers of a folder against ours.
import ArgumentParser
import Foundation
import Golden

@main
struct NeedletailGolden: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needletail-golden",
        abstract: "Compares every reference file of a folder with our numbers.",
        discussion: "Exit codes: 0 all match, 1 a value differs, 2 a file cannot be read.")

    @Argument(help: "The folder.", completion: .directory)
    var folder: String

    func run() throws {
        let report: GoldenReport
        do throws(GoldenError) {
            report = try GoldenFolder(folder).check()
        } catch {
            FileHandle.standardError.write(Data("needletail-golden: \(error)\n".utf8))
            throw ExitCode(2)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        FileHandle.standardOutput.write(try encoder.encode(report) + Data("\n".utf8))
        if report.matched < report.cases { throw ExitCode(1) }
    }
}
