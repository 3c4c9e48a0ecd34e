// EventStream.swift — server-sent events: what is new for one browser, when it is ready for it.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html. A frame is one line of JSON and
// so one `data:` line.
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

struct EventStream {
    let reader: FeedHub.Reader

    /// Signals come at least every second: news, the bot's heartbeat, or a failed reconnect.
    private static let secondsBetweenComments: Double = 5

    var body: ResponseBody {
        ResponseBody { [reader] writer in
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            var lastWrite = Date()
            // Writing waits until the socket has room: a slow browser slows this loop alone.
            if let frame = reader.next() { try await writer.write(Self.event(frame)) }
            for await _ in reader.signals {
                if let frame = reader.next() {
                    try await writer.write(Self.event(frame))
                    lastWrite = Date()
                } else if -lastWrite.timeIntervalSinceNow > Self.secondsBetweenComments {
                    // A comment finds a browser that went away.
                    try await writer.write(ByteBuffer(string: ":\n\n"))
                    lastWrite = Date()
                }
            }
            try await writer.finish(nil)
        }
    }

    private static func event(_ frame: Data) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(frame.count + 8)
        buffer.writeString("data: ")
        buffer.writeBytes(frame)
        buffer.writeString("\n\n")
        return buffer
    }
}
