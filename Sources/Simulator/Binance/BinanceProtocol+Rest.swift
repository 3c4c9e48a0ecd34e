// BinanceProtocol+Rest.swift — HTTP requests: routing, weights, authorization, headers.
import Core

extension BinanceProtocol {
    package func handle(_ request: ServerRequest, now: Int64) -> ServerReply {
        defer { publishEvents(now: now) }
        if let reply = troubles.gatewayReply(elapsed(now)) { return reply }
        guard let operation = Operation.rest["\(request.method) \(request.path)"] else {
            return ServerReply(
                status: 404, contentType: "text/html", body: Array("<h1>Not Found</h1>".utf8))
        }
        let body = String(decoding: request.body, as: UTF8.self)
        var account: AccountID?
        do {
            let parameters = try Parameters(query: request.query, body: body)
            try limits.spend(operation.weight(parameters), now: now)
            if operation.isSigned {
                account = try authority.authorize(
                    parameters, key: request.apiKey,
                    payload: Parameters.rawPayload(query: request.query, body: body), now: now)
            }
            lastPlaced = nil
            let planned = operation == .orderPlace ? faults.onOrder(&random) : []
            guard !planned.contains(.loseRequest) else { return Self.gatewayTimeout }
            let result = try run(
                operation, Call(parameters: parameters, account: account, now: now))
            let headers = headers(operation, account, now: now)
            return faulty(ServerReply(status: 200, headers: headers, body: result), planned)
        } catch {
            var headers = headers(operation, account, now: now)
            if let retryAfter = error.retryAfter {
                headers.append(("Retry-After", String(max(1, (retryAfter - now + 999) / 1_000))))
            }
            return ServerReply(
                status: error.status, headers: headers, body: JSONWriter.write(error.write))
        }
    }

    private static let gatewayTimeout = ServerReply(status: 504, contentType: "text/html")

    private func headers(
        _ operation: Operation, _ account: AccountID?, now: Int64
    ) -> [(name: String, value: String)] {
        let weight = String(limits.usedWeight(now: now))
        var headers = [("X-MBX-USED-WEIGHT", weight), ("X-MBX-USED-WEIGHT-1M", weight)]
        if let account, operation.countsOrders {
            for interval in RateLimits.Interval.allCases {
                headers.append(
                    (
                        "X-MBX-ORDER-COUNT-\(interval.header)",
                        String(limits.orderCount(account, interval, now: now))
                    ))
            }
        }
        return headers
    }

    /// A reply that was lost on the way is, over HTTP, a gateway's answer.
    private func faulty(_ reply: ServerReply, _ planned: [Fault]) -> ServerReply {
        guard let order = lastPlaced else { return reply }
        lastPlaced = nil
        for fault in planned {
            switch fault {
            case .dropReply, .cutConnection: return Self.gatewayTimeout
            case .timeout:
                return ServerReply(
                    status: BinanceError.timeout.status,
                    body: JSONWriter.write(BinanceError.timeout.write))
            case .duplicateReports:
                duplicated.insert(order)
            case .loseRequest, .delayReply, .reportsFirst, .gap, .freeze, .close, .shutdownNotice,
                .venue:
                break  // HTTP answers at once or not at all here.
            }
        }
        return reply
    }
}
