// BinanceVenue+Streams.swift — the connections of a lane.
import Core
import VenueKit

extension BinanceVenue {
    /// A market stream, and the order connection when asked for. Names are resolved here, off
    /// every lane.
    public func streams(
        withOrders: Bool,
        resolve: (String) throws(CoreError) -> [String] = {
            host throws(CoreError) in try Connector.resolve(host)
        }
    ) throws(VenueError) -> [StreamConfiguration] {
        var streams = [
            try stream(.market, environment.streams, BinanceEnvironment.streamPath, resolve)
        ]
        if withOrders {
            streams.append(
                try stream(
                    .orders, environment.webSocketAPI, BinanceEnvironment.webSocketAPIPath, resolve)
            )
        }
        return streams
    }

    /// The venue pings every 20 s, so a quiet order connection is silent for no longer.
    private static let orderSilence: UInt32 = 60_000

    private func stream(
        _ role: StreamRole, _ server: BinanceHost, _ path: String,
        _ resolve: (String) throws(CoreError) -> [String]
    ) throws(VenueError) -> StreamConfiguration {
        var stream = StreamConfiguration(role: role)
        stream.host = server.host
        stream.port = server.port
        stream.path = path
        stream.caFile = environment.caFile
        if role == .orders { stream.silenceTimeoutMilliseconds = Self.orderSilence }
        do throws(CoreError) {
            stream.address = try resolve(server.host).first ?? ""
        } catch {
            throw VenueError(.notSent, error.text)
        }
        return stream
    }
}
