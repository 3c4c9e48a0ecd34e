// BotSession+Admin.swift — what the admin socket can ask of the running bot.
import Core
import Foundation

extension BotSession {
    static let patience = 8.0
    /// Entries in one answer; so many fit into a frame.
    private static let longestList = 2000

    /// Answers one request. Any thread, several at a time.
    func handle(_ request: AdminRequest) -> AdminReply {
        let asked = request.arguments["last"].flatMap { Int($0) } ?? 500
        let last = min(max(0, asked), Self.longestList)
        switch request.command {
        case "status": return .document(statusDocument())
        case "orders":
            let all = request.arguments["all"] == "true"
            return .document(orderDocuments(all: all, last: last))
        case "positions": return .document(positionDocuments())
        case "fills": return .document(fillDocuments(last: last))
        case "halt", "reduce", "resume", "cancel", "flatten": return act(request)
        case "place": return place(request)
        case "resolve": return resolve(request)
        default:
            return operate(request)
                ?? .failure(2, "this bot does not know the command \(request.command)")
        }
    }

    private func act(_ request: AdminRequest) -> AdminReply {
        let scope: InstrumentID
        switch instrument(request) {
        case .success(let found): scope = found
        case .failure(let reply): return reply
        }
        let reason = request.reason
        switch request.command {
        case "halt": return carryOut(.halt(scope, reason: reason))
        case "reduce": return carryOut(.reduce(scope, reason: reason))
        case "resume": return carryOut(.resume(scope, reason: reason))
        case "flatten":
            return carryOut(.flatten(scope), answers: scope == .none ? instruments.count : 1)
        default: return cancel(request, scope)
        }
    }

    private func place(_ request: AdminRequest) -> AdminReply {
        do throws(AdminRefusal) {
            return carryOut(.place(try operatorOrder(request)))
        } catch {
            return .failure(2, error.text)
        }
    }

    private func instrument(_ request: AdminRequest) -> Outcome {
        if let name = request.arguments["strategy"] { return strategy(name, request) }
        guard let symbol = request.arguments["symbol"] else { return .success(.none) }
        guard let slot = instruments.firstIndex(where: { $0.symbol == symbol }) else {
            let known = instruments.map(\.symbol).joined(separator: ", ")
            return .failure(.failure(2, "\(symbol) is not traded here; traded: \(known)"))
        }
        return .success(InstrumentID(slot: UInt32(slot)))
    }

    private func strategy(_ name: String, _ request: AdminRequest) -> Outcome {
        let known = configuration.strategy.name
        guard request.arguments["symbol"] == nil, request.command != "flatten" else {
            return .failure(
                .failure(2, "a strategy is no scope of this, or stands beside a symbol"))
        }
        guard name == known else {
            return .failure(.failure(2, "\(name) does not trade here; trading: \(known)"))
        }
        return .success(.strategy(0))
    }

    private enum Outcome {
        case success(InstrumentID)
        case failure(AdminReply)
    }

    private func cancel(_ request: AdminRequest, _ scope: InstrumentID) -> AdminReply {
        guard let id = request.arguments["order"] else { return carryOut(.cancelAll(scope)) }
        guard let key = orderKey(id) else {
            return .failure(2, "\(id) is not an order id; `needletail orders` shows them")
        }
        let reply = carryOut(.cancel(key))
        return reply.exit == 0 ? confirmCancelled(key) : reply
    }

    func orderKey(_ text: String) -> OrderKey? {
        if let key = OrderKey(text) { return key }
        return state.read { content in
            content.orders.keys.first { self.lane.clientOrderID($0) == text }
        }
    }

    /// A cancel is done when the venue's evidence says so, not when it was sent.
    private func confirmCancelled(_ key: OrderKey) -> AdminReply {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while Date() < deadline {
            let found = state.read { $0.orders[key]?.state }
            if let found, found.isTerminal {
                return action(done: true, "order \(key) is \(found.name)", exit: 0)
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return action(
            done: false, "the cancel of \(key) was sent; its outcome is not proven yet", exit: 5)
    }

    func carryOut(
        _ command: LaneCommand, answers count: Int = 1, seconds: Double = patience
    ) -> AdminReply {
        let found: [LaneAnswer]
        do throws(CoreError) {
            found = try self.command(command, answers: count, seconds: seconds)
        } catch {
            return action(done: false, error.text, exit: 7)
        }
        let text = found.map(\.text).joined(separator: "; ")
        if found.count < count {
            let so = text.isEmpty ? "no proof of the outcome yet" : text
            return action(done: false, "\(so); it goes on, see `needletail status`", exit: 5)
        }
        let problems = found.compactMap(\.problem)
        if problems.isEmpty { return action(done: true, text, exit: 0) }
        if problems.contains(.notFound) { return action(done: false, text, exit: 1) }
        return action(done: false, text, exit: problems.count == count ? 3 : 7)
    }

    private func action(done: Bool, _ text: String, exit: Int32) -> AdminReply {
        .document(
            ActionDocument(done: done, text: text, openOrders: openOrderCount), exit: exit,
            error: exit == 0 ? nil : text)
    }

    var openOrderCount: Int {
        state.read { content in content.orders.values.filter { !$0.state.isTerminal }.count }
    }
}
