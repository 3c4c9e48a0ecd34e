// MaintenanceGuard.swift — tells a venue that is down on purpose from a network that hiccups.
//
// Signs are what only a venue or its gateway can say: a close code of a server that goes away, an
// upgrade or a request answered by a status of 5xx or by a page instead of data. The end is proven
// by an answer and by connections that stand again.
import Core
import VenueKit

struct MaintenanceGuard: Sendable {
    enum Event: Sendable, Equatable {
        case began(String)
        case ended
    }

    /// So many answers of a gateway in a row; one alone happens on good days.
    private static let answersNeeded = 2

    private var badAnswers = 0
    /// Why each connection that is down was ended, when the venue itself ended it.
    private var ended: [Int: String] = [:]
    private var lastAnswer = ""
    private(set) var reason: String?

    var isOn: Bool { reason != nil }
    /// Something was seen that only an answer can settle.
    var wantsProbe: Bool { isOn || badAnswers > 0 || !ended.isEmpty }

    mutating func stream(_ slot: Int, isOpen: Bool, reason: String) -> Event? {
        if isOpen {
            ended[slot] = nil
        } else if Self.isSign(reason) {
            ended[slot] = reason
        }
        return judge()
    }

    /// `problem`: the answer was a gateway's; nil: it was the venue's own.
    mutating func answer(problem: String?) -> Event? {
        badAnswers = problem == nil ? 0 : badAnswers + 1
        if let problem { lastAnswer = problem }
        return judge()
    }

    private mutating func judge() -> Event? {
        let isDown = badAnswers >= Self.answersNeeded || (badAnswers > 0 && !ended.isEmpty)
        if reason == nil, isDown {
            let why = ended.min { $0.key < $1.key }?.value ?? lastAnswer
            reason = why
            return .began(why)
        }
        if reason != nil, badAnswers == 0, ended.isEmpty {
            reason = nil
            return .ended
        }
        return nil
    }

    /// Close codes: 1001 going away, 1012 service restart, 1013 try again later.
    private static func isSign(_ reason: String) -> Bool {
        ["peer closed: 1001", "peer closed: 1012", "peer closed: 1013", "HTTP 5"].contains {
            reason.hasPrefix($0)
        }
    }

    /// What an answer says about the venue: a sign, its own word, or nothing either way.
    static func sign(of error: VenueError) -> String? {
        guard error.kind == .unavailable else { return nil }
        let isGateway = error.code == nil && error.httpStatus != nil
        let isDown = error.code == -1016 || error.code == -1001 || isGateway
        return isDown ? error.text : nil
    }
}
