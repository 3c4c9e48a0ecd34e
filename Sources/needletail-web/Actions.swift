// Actions.swift — what the page may ask of the bot, and how its answers become HTTP.
//
// The page can take risk away and let the bot go on; it cannot place an order. Whatever it asks
// goes through the admin socket like any command, is journaled there, and says where it came from.
import Bot
import Foundation
import HTTPTypes
import Synchronization

struct PageAction: Equatable {
    static let names = ["halt", "reduce", "resume", "cancel", "flatten"]
    private static let keys: Set<String> = ["action", "symbol", "order", "reason"]
    private static let longestText = 64

    let request: AdminRequest

    /// Reads a body; says what is wrong with it.
    init(_ body: Data) throws(Refusal) {
        guard let fields = try? JSONDecoder().decode([String: String].self, from: body) else {
            throw Refusal(.badRequest, "The body must be a JSON object of texts.")
        }
        if let unknown = fields.keys.filter({ !Self.keys.contains($0) }).min() {
            throw Refusal(.badRequest, "\(Self.short(unknown)) is not a field of an action.")
        }
        guard let name = fields["action"], Self.names.contains(name) else {
            let known = Self.names.joined(separator: ", ")
            throw Refusal(.badRequest, "action must be one of: \(known).")
        }
        guard fields.values.allSatisfy({ $0.count <= Self.longestText }) else {
            throw Refusal(.badRequest, "A field is longer than \(Self.longestText) characters.")
        }
        guard name == "cancel" || fields["order"] == nil else {
            throw Refusal(.badRequest, "order belongs to cancel alone.")
        }
        guard name != "cancel" || fields["order"]?.isEmpty == false else {
            throw Refusal(.badRequest, "cancel needs the order's id.")
        }
        var arguments = fields.filter { $0.key != "action" && !$0.value.isEmpty }
        arguments["reason"] = arguments["reason"].map { "page: \($0)" } ?? "page"
        request = AdminRequest(name, arguments)
    }

    var isHalt: Bool { request.command == "halt" }

    private static func short(_ text: String) -> String { String(text.prefix(longestText)) }

    static func == (a: PageAction, b: PageAction) -> Bool {
        a.request.command == b.request.command && a.request.arguments == b.request.arguments
    }
}

/// Carries actions out, a few at a time.
final class ActionDesk: Sendable {
    static let maxAtOnce = 4
    /// Kept free for those who halt, whatever else waits for its proof.
    static let haltsBesides = 4
    private let socket: String
    private let patience: Int
    private let running = Mutex(0)

    /// `patience`: seconds until the bot's answer counts as unknown.
    init(socket: String, patience: Int = 15) {
        self.socket = socket
        self.patience = patience
    }

    struct Outcome: Encodable {
        var done: Bool
        var text: String
        /// Exit code of the same command on the command line.
        var exit: Int32
        var status: HTTPResponse.Status { ActionDesk.status(exit) }

        private enum CodingKeys: CodingKey { case done, text, exit }
    }

    func perform(_ action: PageAction) async throws(Refusal) -> Outcome {
        let most = Self.maxAtOnce + (action.isHalt ? Self.haltsBesides : 0)
        let hasRoom = running.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
        guard hasRoom else {
            throw Refusal(.tooManyRequests, "Earlier actions are still running.")
        }
        return await withCheckedContinuation { continuation in
            // The admin call blocks until the bot has proof; it gets a thread, not one of the pool.
            let thread = Thread { [self] in
                let outcome = ask(action.request)
                running.withLock { $0 -= 1 }
                continuation.resume(returning: outcome)
            }
            thread.name = "nt-page-action"
            thread.start()
        }
    }

    private func ask(_ request: AdminRequest) -> Outcome {
        do throws(AdminError) {
            let reply = try AdminClient.perform(request, socket: socket, timeout: patience)
            let document = try? JSONText.decode(ActionDocument.self, reply.document)
            return Outcome(
                done: reply.exit == 0, text: document?.text ?? reply.error ?? "",
                exit: reply.exit)
        } catch {
            switch error {
            case .notRunning: return Outcome(done: false, text: "no bot is running", exit: 4)
            case .broken(let text): return Outcome(done: false, text: text, exit: 4)
            case .notPermitted(let text): return Outcome(done: false, text: text, exit: 77)
            case .timedOut:
                return Outcome(done: false, text: "no answer; the outcome is unknown", exit: 5)
            }
        }
    }

    static func status(_ exit: Int32) -> HTTPResponse.Status {
        switch exit {
        case 0: .ok
        case 1: .notFound
        case 2: .badRequest
        case 3: .conflict
        case 4: .serviceUnavailable
        case 5: .gatewayTimeout
        case 77: .forbidden
        default: .internalServerError
        }
    }
}
