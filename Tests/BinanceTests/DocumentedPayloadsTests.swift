// DocumentedPayloadsTests.swift — every JSON payload that the venue's documents show.
//
// Each goes through the decoder of its kind and must give a typed value, or be known by name as
// not supported. A section that stands in neither table fails, so that nothing is passed over.
import Core
import Foundation
import Testing
import VenueKit

@testable import Binance

@Suite(
    "Documented payloads",
    .enabled(
        if: Shared.has(Shared.payloads),
        "the shared folder with the documented payloads is absent"))
struct DocumentedPayloadsTests {
    enum Outcome {
        case typed(String)
        case unsupported(String)
        case failed(String)
    }

    struct Payload {
        let name: String
        let source: String
        let section: String
        let json: Any
    }

    @Test("Each is typed or unsupported by name; none fails")
    func all() throws {
        let payloads = try Shared.objects(Shared.payloads).map { entry in
            let name = entry["case"] as? String ?? ""
            return Payload(
                name: name, source: String(name.prefix { $0 != "." }),
                section: entry["section"] as? String ?? "", json: entry["json"] ?? 0)
        }
        #expect(payloads.count == 205)
        let reader = try PayloadReader()
        var counts: [String: Int] = [:]
        for payload in payloads {
            switch try reader.read(payload) {
            case .typed(let name): counts["typed: " + name, default: 0] += 1
            case .unsupported(let name): counts["unsupported: " + name, default: 0] += 1
            case .failed(let reason): Issue.record("\(payload.name) \(payload.section): \(reason)")
            }
        }
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count) × \(name)") }
        #expect(counts.values.reduce(0, +) == payloads.count)
        let typed = counts.filter { $0.key.hasPrefix("typed") }.values.reduce(0, +)
        print("\(typed) typed, \(payloads.count - typed) unsupported by name")
        #expect(typed == 57)
    }
}
