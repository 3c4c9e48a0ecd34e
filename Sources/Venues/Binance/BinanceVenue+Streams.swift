// BinanceVenue+Streams.swift — the connections of a lane.
import Core
import VenueKit

extension BinanceVenue {
    /// A market stream, the order connection when asked for, and a second market stream with the
    /// same subscriptions when there is to be a standby, to another address of the name where it
    /// has several. Names are resolved here, off every lane. `renewAfter`: seconds, 0 = never.
    public func streams(
        withOrders: Bool, standby: Bool = false, renewAfter: Int64 = 0,
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
        if standby {
            var second = try stream(
                .market, environment.streams, BinanceEnvironment.streamPath, resolve, address: 1)
            second.feed.group = Self.marketGroup
            streams[0].feed.group = Self.marketGroup
            streams.append(second)
        }
        for slot in streams.indices { streams[slot].feed.renewAfter = renewAfter * 1_000_000_000 }
        return streams
    }

    private static let marketGroup: UInt32 = 1

    private func stream(
        _ role: StreamRole, _ server: BinanceHost, _ path: String,
        _ resolve: (String) throws(CoreError) -> [String], address: Int = 0
    ) throws(VenueError) -> StreamConfiguration {
        var stream = StreamConfiguration(role: role)
        stream.host = server.host
        stream.port = server.port
        stream.path = path
        stream.caFile = environment.caFile
        do throws(CoreError) {
            let addresses = try resolve(server.host)
            stream.address = addresses.isEmpty ? "" : addresses[address % addresses.count]
        } catch {
            throw VenueError(.notSent, error.text)
        }
        return stream
    }
}
