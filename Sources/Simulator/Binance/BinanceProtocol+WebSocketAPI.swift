// BinanceProtocol+WebSocketAPI.swift — requests over a socket, sessions and user data.
import Core

/// One connection to the WebSocket API.
struct ApiSession {
    struct Logon {
        let key: String
        let account: AccountID
        let since: Int64
    }

    let connectedSince: Int64
    let showsLimits: Bool
    var logon: Logon?
    /// User data by subscription id.
    var subscriptions: [Int64: AccountID] = [:]
    var nextSubscription: Int64 = 0

    init(connectedSince: Int64, showsLimits: Bool) {
        self.connectedSince = connectedSince
        self.showsLimits = showsLimits
    }
}

/// One request as it came.
private struct ApiRequest {
    /// Written back as it was sent.
    let id: JSONValue
    let method: String
    let parameters: Parameters

    /// Throws with the id, where there is one, so that the answer can carry it.
    init(_ bytes: [UInt8]) throws(MalformedRequest) {
        guard let json = JSONValue(bytes), case .object = json else {
            throw MalformedRequest(id: .null, error: .badJSON)
        }
        let id = json["id"] ?? .null
        switch id {
        case .null: break
        case .number(let text) where Int64(text) != nil: break
        case .string(let text) where text.count <= 36: break
        default:
            throw MalformedRequest(id: .null, error: .illegal("id", range: "int64, string, null"))
        }
        guard let method = json["method"]?.string, !method.isEmpty else {
            throw MalformedRequest(id: id, error: .missing("method"))
        }
        self.id = id
        self.method = method
        guard let parameters = Self.parameters(json["params"]) else {
            throw MalformedRequest(id: id, error: .badJSON)
        }
        self.parameters = parameters
    }

    private static func parameters(_ json: JSONValue?) -> Parameters? {
        guard let json else { return Parameters() }
        guard case .object(let members) = json else { return nil }
        var pairs: [(name: String, value: String)] = []
        for member in members {
            if let text = member.value.scalarText {
                pairs.append((member.name, text))
            } else if case .array = member.value {
                let text = JSONWriter.write { member.value.write(to: &$0) }
                pairs.append((member.name, String(decoding: text, as: UTF8.self)))
            } else if case .object = member.value {
                return nil
            }
        }
        return Parameters(pairs)
    }
}

private struct MalformedRequest: Error {
    let id: JSONValue
    let error: BinanceError
}

extension BinanceProtocol {
    func receiveApiMessage(_ bytes: [UInt8], from peer: Peer, now: Int64) {
        let request: ApiRequest
        do {
            request = try ApiRequest(bytes)
        } catch {
            send(answer(peer, id: error.id, error: error.error, account: nil, now: now), to: peer)
            return
        }
        lastPlaced = nil
        var account: AccountID?
        let planned = request.method == "order.place" ? faults.onOrder(&random) : []
        guard !planned.contains(.loseRequest) else { return }
        do {
            let result = try perform(request, peer, &account, now: now)
            let answer = answer(
                peer, id: request.id, result: result, account: account, now: now)
            reply(peer, order: lastPlaced, planned, answer, request, now: now)
        } catch {
            send(
                answer(peer, id: request.id, error: error, account: account, now: now), to: peer)
        }
    }

    /// Answers a request that succeeded, with whatever faults its order has.
    private func reply(
        _ peer: Peer, order: UInt64?, _ planned: [Fault], _ bytes: [UInt8],
        _ request: ApiRequest, now: Int64
    ) {
        guard let order else {
            send(bytes, to: peer)
            return
        }
        lastPlaced = nil
        var answer: [UInt8]? = bytes
        var readyAt: Int64 = 0
        for fault in planned {
            switch fault {
            case .dropReply: answer = nil
            case .cutConnection:
                answer = nil
                disconnect(peer, code: 0)
            case .timeout:
                answer = self.answer(
                    peer, id: request.id, error: .timeout, account: nil, now: now)
            case .delayReply(let milliseconds): readyAt = now + milliseconds
            case .duplicateReports: duplicated.insert(order)
            case .reportsFirst: publishEvents(now: now)
            case .loseRequest, .gap, .freeze, .close, .shutdownNotice, .venue: break
            }
        }
        if let answer { send(answer, to: peer, readyAt: readyAt) }
    }

    private func perform(
        _ request: ApiRequest, _ peer: Peer, _ account: inout AccountID?, now: Int64
    ) throws(BinanceError) -> [UInt8] {
        if let operation = Operation.webSocket[request.method] {
            try limits.spend(operation.weight(request.parameters), now: now)
            if operation.isSigned { account = try authorize(request, peer, now: now) }
            return try run(
                operation, Call(parameters: request.parameters, account: account, now: now))
        }
        try limits.spend(2, now: now)
        switch request.method {
        case "session.logon": return try logOn(request, peer, now: now)
        case "session.status": return status(peer, now: now)
        case "session.logout":
            sessions[peer]?.logon = nil
            return status(peer, now: now)
        case "session.subscriptions": return subscriptions(peer)
        case "userDataStream.subscribe":
            guard let logon = sessions[peer]?.logon else { throw .rejectedKey }
            return try subscribe(peer, logon.account)
        case "userDataStream.subscribe.signature":
            return try subscribe(peer, try authorizeBySignature(request, now: now))
        case "userDataStream.unsubscribe": return try unsubscribe(request, peer)
        default: throw .notSupported
        }
    }

    // MARK: Sessions

    /// By the request's own signature, else by the session's log-on.
    private func authorize(
        _ request: ApiRequest, _ peer: Peer, now: Int64
    ) throws(BinanceError) -> AccountID {
        if request.parameters["apiKey"] == nil, request.parameters["signature"] == nil,
            let logon = sessions[peer]?.logon
        {
            try authority.checkTime(request.parameters, now: now)
            return logon.account
        }
        return try authorizeBySignature(request, now: now)
    }

    private func authorizeBySignature(
        _ request: ApiRequest, now: Int64
    ) throws(BinanceError) -> AccountID {
        try authority.authorize(
            request.parameters, key: try request.parameters.text("apiKey"),
            payload: request.parameters.sortedPayload, now: now)
    }

    private func logOn(
        _ request: ApiRequest, _ peer: Peer, now: Int64
    ) throws(BinanceError) -> [UInt8] {
        let key = try request.parameters.text("apiKey")
        if authority.knows(key), !authority.isEd25519(key) { throw .keyKindNotSupported }
        let account = try authorizeBySignature(request, now: now)
        sessions[peer]?.logon = ApiSession.Logon(key: key, account: account, since: now)
        return status(peer, now: now)
    }

    private func status(_ peer: Peer, now: Int64) -> [UInt8] {
        let session = sessions[peer]
        return JSONWriter.write { json in
            json.object { json in
                json.name("apiKey")
                (session?.logon?.key).map { json.value($0) } ?? json.null()
                json.name("authorizedSince")
                (session?.logon?.since).map { json.value($0) } ?? json.null()
                json.member("connectedSince", session?.connectedSince ?? now)
                json.member("returnRateLimits", session?.showsLimits ?? true)
                json.member("serverTime", now)
                json.member("userDataStream", !(session?.subscriptions ?? [:]).isEmpty)
            }
        }
    }

    // MARK: Subscriptions

    private func subscribe(_ peer: Peer, _ account: AccountID) throws(BinanceError) -> [UInt8] {
        guard var session = sessions[peer] else { throw .rejectedKey }
        guard !session.subscriptions.values.contains(account) else { throw .subscriptionActive }
        let id = session.nextSubscription
        session.nextSubscription += 1
        session.subscriptions[id] = account
        sessions[peer] = session
        return JSONWriter.write { $0.object { $0.member("subscriptionId", id) } }
    }

    private func unsubscribe(
        _ request: ApiRequest, _ peer: Peer
    ) throws(BinanceError) -> [UInt8] {
        if let id = try request.parameters.optionalInteger("subscriptionId") {
            guard sessions[peer]?.subscriptions.removeValue(forKey: id) != nil else {
                throw .subscriptionInactive
            }
        } else {
            sessions[peer]?.subscriptions = [:]
        }
        return Array("{}".utf8)
    }

    private func subscriptions(_ peer: Peer) -> [UInt8] {
        JSONWriter.write { json in
            json.array { json in
                for id in (sessions[peer]?.subscriptions ?? [:]).keys.sorted() {
                    json.object { $0.member("subscriptionId", id) }
                }
            }
        }
    }

    // MARK: Answers

    private func answer(
        _ peer: Peer, id: JSONValue, result: [UInt8], account: AccountID?, now: Int64
    ) -> [UInt8] {
        JSONWriter.write { json in
            json.object { json in
                json.name("id")
                id.write(to: &json)
                json.member("status", 200)
                json.name("result")
                json.raw(result)
                writeLimits(&json, peer, account, now: now)
            }
        }
    }

    private func answer(
        _ peer: Peer, id: JSONValue, error: BinanceError, account: AccountID?, now: Int64
    ) -> [UInt8] {
        JSONWriter.write { json in
            json.object { json in
                json.name("id")
                id.write(to: &json)
                json.member("status", Int64(error.status))
                json.member(
                    "error",
                    object: { json in
                        json.member("code", error.code)
                        json.member("msg", error.text)
                        if let retryAfter = error.retryAfter {
                            json.member(
                                "data",
                                object: { json in
                                    json.member("serverTime", now)
                                    json.member("retryAfter", retryAfter)
                                })
                        }
                    })
                writeLimits(&json, peer, account, now: now)
            }
        }
    }

    private func writeLimits(
        _ json: inout JSONWriter, _ peer: Peer, _ account: AccountID?, now: Int64
    ) {
        guard sessions[peer]?.showsLimits == true else { return }
        json.member(
            "rateLimits",
            array: { json in
                if let account, lastPlaced != nil {
                    limits.writeOrders(to: &json, account, now: now)
                }
                limits.writeWeight(to: &json, now: now, counting: true)
            })
    }
}
