// BotSession+Resolve.swift — `needletail order resolve`: the operator's word on an order in doubt.
import Core

extension BotSession {
    /// Bytes of a reason that the journal keeps, with who gave it.
    static let longestReason = 63

    /// Arguments `order`, `as`, `reason`; `filled` in base units.
    func resolve(_ request: AdminRequest) -> AdminReply {
        do throws(AdminRefusal) {
            return carryOut(try resolution(request))
        } catch {
            return .failure(2, error.text)
        }
    }

    private func resolution(_ request: AdminRequest) throws(AdminRefusal) -> LaneCommand {
        let arguments = request.arguments
        guard let key = arguments["order"].flatMap({ orderKey($0) }) else {
            throw AdminRefusal(text: "no such order id; `needletail orders` shows them")
        }
        guard let state = arguments["as"].flatMap({ Self.ends[$0] }) else {
            throw AdminRefusal(text: "an order is resolved as filled, canceled, rejected or absent")
        }
        guard arguments["reason"]?.isEmpty == false, request.reason.utf8.count <= Self.longestReason
        else {
            throw AdminRefusal(
                text: "the reason must say why, in at most "
                    + "\(Self.longestReason - request.user.utf8.count - 2) bytes")
        }
        return .resolve(
            key, as: state, filled: try filled(arguments["filled"], key), reason: request.reason)
    }

    private static let ends: [String: OrderState] = [
        "filled": .filled, "canceled": .canceled, "rejected": .rejected, "absent": .absent,
    ]

    private func filled(_ text: String?, _ key: OrderKey) throws(AdminRefusal) -> Quantity? {
        guard let text else { return nil }
        guard let slot = state.read({ $0.orders[key]?.instrument.slot }),
            instruments.indices.contains(Int(slot))
        else { throw AdminRefusal(text: "order \(key) is not known here") }
        do throws(CoreError) {
            return try instruments[Int(slot)].quantity(text)
        } catch {
            throw AdminRefusal(text: "\(text) is not a quantity: \(error.text)")
        }
    }
}
