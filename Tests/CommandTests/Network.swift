// Network.swift — the network between a bot and its venue: the fault proxy, driven by the test.
import Foundation

/// Routes `market`, `orders` and `rest` lead to the venue. It ends with this object.
final class Network {
    let process: Running
    private let opening: Document
    private var linesRead = 1

    /// Beside the tests themselves: the build makes both.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folder = URL(fileURLWithPath: own ?? "").deletingLastPathComponent()
        return folder.appendingPathComponent("needletail-faults").path
    }()

    /// Ready when it returns.
    init(in folder: Folder, to venue: Venue, seed: UInt64 = 1) throws {
        let target = "127.0.0.1:\(venue.port)"
        let routes = ["market", "orders", "rest"].flatMap { ["--route", "\($0)=\(target)"] }
        let process = try Running(
            routes + ["--control", "--seed", "\(seed)"], in: folder, executable: Self.path,
            takesInput: true)
        guard eventually(within: 20, { process.output.contains("\n") }) else {
            throw NetworkProblem.notReady(process.errors)
        }
        opening = try Document(exactly: process.output)
        self.process = process
    }

    /// The venue's URL, by way of this route.
    func url(_ key: String, of venue: Venue, by route: String) -> String {
        let port = opening["routes"][route]["port"].number ?? 0
        let url = venue.details[key].text ?? ""
        return url.replacingOccurrences(of: ":\(venue.port)", with: ":\(port)")
    }

    /// A line of its control input; its answer.
    @discardableResult
    func tell(_ line: String) throws -> Document {
        process.say(line)
        linesRead += 1
        let isAnswered = eventually(within: 20) { lines.count >= linesRead }
        guard isAnswered else { throw NetworkProblem.silent(line + "\n" + process.errors) }
        let answer = try Document(exactly: lines[linesRead - 1])
        if let problem = answer["error"].text { throw NetworkProblem.refused(problem) }
        return answer
    }

    private var lines: [String] {
        process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }

    /// Faults that it made until now.
    func counters() throws -> Document { try tell("counters")["counters"] }
}

enum NetworkProblem: Error {
    case notReady(String)
    case silent(String)
    case refused(String)
}
