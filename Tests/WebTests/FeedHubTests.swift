// FeedHubTests.swift — browsers share one board; a stalled one costs one frame.
import Foundation
import Testing

@testable import Bot
@testable import needletail_web

@Suite("Feed hub") struct FeedHubTests {
    private func frame(_ number: Int) -> Data {
        Data(#"{"sections":{"n":\#(number)},"series":{"fills":[[\#(number),\#(number)]]}}"#.utf8)
    }

    @Test("A stalled reader's signals and frames do not pile up") func stalledReader() async throws
    {
        let hub = FeedHub()
        let reader = try #require(hub.subscribe())
        for number in 1...20_000 { try hub.take(frame(number)) }
        // One signal waits, and one frame with the newest of all.
        var signals = reader.signals.makeAsyncIterator()
        await signals.next()
        let first = try #require(reader.next())
        #expect(first.count < 40_000)
        #expect(String(decoding: first, as: UTF8.self).contains("[20000,20000]"))
        #expect(reader.next() == nil)
        hub.lost("gone")
        await signals.next()
        let second = try #require(reader.next())
        #expect(second.count < 200)
    }

    @Test("More readers than allowed are refused until one leaves") func boundsReaders() throws {
        let hub = FeedHub()
        var readers = try (0..<FeedHub.maxStreams).map { _ in try #require(hub.subscribe()) }
        #expect(hub.subscribe() == nil)
        readers.removeLast()
        #expect(hub.readerCount == FeedHub.maxStreams - 1)
        #expect(hub.subscribe() != nil)
    }

    @Test("What is known stays when the bot goes, marked as not connected") func lost() throws {
        let hub = FeedHub()
        try hub.take(frame(1))
        #expect(hub.isConnected)
        hub.lost("no bot is running here")
        #expect(!hub.isConnected)
        let reader = try #require(hub.subscribe())
        let text = String(decoding: try #require(reader.next()), as: UTF8.self)
        #expect(text.contains(#""n":1"#))
        #expect(text.contains(#""connected":false,"text":"no bot is running here""#))
    }

    @Test("A frame that cannot be read makes everything void") func malformed() throws {
        let hub = FeedHub()
        try hub.take(frame(1))
        #expect(throws: JSONSliceError.self) { try hub.take(Data("{".utf8)) }
        #expect(!hub.isConnected)
        let reader = try #require(hub.subscribe())
        let text = String(decoding: try #require(reader.next()), as: UTF8.self)
        #expect(!text.contains(#""n":1"#))
    }
}
