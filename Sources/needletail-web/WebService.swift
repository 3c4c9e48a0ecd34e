// WebService.swift — the HTTP server around the page: limits, binding, and its end.
import Dispatch
import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

struct WebService {
    /// Of one browser there are about six; more than this is not people.
    static let maxConnections = 64
    static let idleSeconds: Int64 = 30
    static let maxHeaders = 16 * 1024

    let server: PageServer
    let port: Int

    /// Serves until cancelled; `onBound` hears the port.
    func run(onBound: @escaping @Sendable (Int) -> Void) async throws {
        var logger = Logger(label: "needletail-web") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let box = server.port
        let application = Application(
            responder: server, server: .http1(configuration: Self.channel),
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maxConnections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                box.set(port)
                onBound(port)
            }, logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw WebFailure(
                2, "cannot serve at 127.0.0.1:\(port): \(error); name another --port, or 0")
        }
    }

    private static var channel: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [StallGuard(patience: .seconds(20))],
            idleTimeout: .seconds(idleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: maxHeaders, maxHeaderListSize: maxHeaders,
                maxHeaderFieldCount: 64))
    }
}

/// Ctrl-C and SIGTERM end the process at once: it holds nothing that could be lost.
final class EndSignals {
    private var sources: [any DispatchSourceSignal] = []

    init() {
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { exit(0) }
            source.resume()
            sources.append(source)
        }
    }
}

/// Ends the process with the one that started it, however that one ended.
enum ParentWatch {
    static func start() {
        let parent = getppid()
        let thread = Thread {
            while getppid() == parent { Thread.sleep(forTimeInterval: 0.5) }
            exit(0)
        }
        thread.name = "nt-parent"
        thread.start()
    }
}
