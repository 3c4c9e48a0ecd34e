// TimesTests.swift — known instants, among them the awkward ones.
import Foundation
import Testing

@testable import Bot

@Suite("Times") struct TimesTests {
    @Test(
        "Writes known instants",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_000_000_000_123_456_789, "2001-09-09T01:46:40.123Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999_999_999, "2000-02-29T23:59:59.999Z"),
            (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000Z"),
            (1_709_251_200_000_000_000, "2024-03-01T00:00:00.000Z"),
            (1_677_628_800_000_000_000, "2023-03-01T00:00:00.000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
            (4_107_456_000_000_000_000, "2100-02-28T00:00:00.000Z"),
            (1_767_225_599_999_000_000, "2025-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func writesKnown(nanoseconds: Int64, text: String) {
        #expect(Times.text(nanoseconds) == text)
    }

    @Test(
        "Rounds down before 1970 as well",
        arguments: [
            (-1, "1969-12-31T23:59:59.999Z"),
            (-1_000_000, "1969-12-31T23:59:59.999Z"),
            (-1_000_000_000, "1969-12-31T23:59:59.000Z"),
            (-86_400_000_000_000, "1969-12-31T00:00:00.000Z"),
            (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func writesNegative(nanoseconds: Int64, text: String) {
        #expect(Times.text(nanoseconds) == text)
    }

    @Test("The ends of the range do not trap") func ends() {
        #expect(Times.text(.max) == "2262-04-11T23:47:16.854Z")
        #expect(Times.text(.min) == "1677-09-21T00:12:43.145Z")
    }

    @Test("Agrees with Foundation over five centuries") func agreesWithFoundation() {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for day in stride(from: Int64(-106_000), through: 106_000, by: 61) {
            let seconds = day * 86_400 + (day &* 7919) % 43_200
            let date = Date(timeIntervalSince1970: Double(seconds))
            #expect(Times.text(seconds * 1_000_000_000) == date.formatted(format))
        }
    }
}
