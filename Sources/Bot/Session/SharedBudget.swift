// SharedBudget.swift — finds the request budget that this bot shares with whoever else of this user
// talks to the same venue.
import Core
import Foundation
import Glibc

/// What a bot takes its requests from. Where the file cannot be used, it counts alone and says so.
struct SharedBudget: Sendable {
    let budget: RequestBudget
    /// Nil: this process alone.
    let file: String?
    /// Why it is not shared although it should be.
    let problem: String?

    /// `name`: of the venue's environment; `mark`: of the account. Throws only where not even
    /// memory is had.
    init(_ settings: VenueSettings, name: String, mark: [UInt8]) throws(BotError) {
        let percent = UInt32(settings.budgetPercent)
        // A simulator's limits are its own; it is shared where its file is named.
        let standard = settings.environment == .simulator ? nil : Self.standardFile(name)
        let wanted = settings.budgetFile ?? standard
        var shared: RequestBudget?
        var problem: String?
        if let wanted {
            do throws(CoreError) {
                try Self.prepareFolder(of: wanted)
                shared = try RequestBudget(
                    path: wanted, account: Self.number(mark), percent: percent)
            } catch {
                problem = "counted by this process alone: \(error.text)"
            }
        }
        do throws(CoreError) {
            if let shared { budget = shared } else { budget = try RequestBudget(percent: percent) }
        } catch {
            throw .setup(error.text)
        }
        file = shared == nil ? nil : wanted
        self.problem = problem
    }

    /// In memory, so that no page of it ever waits for a disk; the same for every process of this
    /// user, however it was started.
    private static func standardFile(_ name: String) -> String {
        "/dev/shm/needletail-\(getuid())/binance-\(name).budget"
    }

    private static func number(_ mark: [UInt8]) -> UInt64 {
        mark.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func prepareFolder(of file: String) throws(CoreError) {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw CoreError(.io, "\(folder): \(String(cString: strerror(errno)))")
        }
        var found = stat()
        guard lstat(folder, &found) == 0, found.st_mode & S_IFMT == S_IFDIR,
            found.st_uid == geteuid(), found.st_mode & 0o022 == 0
        else { throw CoreError(.refused, "\(folder) must be a folder that only this user writes") }
    }

    /// As `status` shows it; times in UTC.
    func document(now: Int64) -> BudgetDocument {
        let view = budget.view(now: now)
        return BudgetDocument(
            limits: view.uses.map { use in
                BudgetUseDocument(
                    name: use.limit.name, used: use.used, limit: use.allowed,
                    reserve: use.allowed - use.most, windowSeconds: use.window / 1000)
            },
            blockedUntil: view.blockedUntil.map { Times.text($0 * 1_000_000) },
            bannedUntil: view.bannedUntil.map { Times.text($0 * 1_000_000) },
            processes: view.users, file: file, problem: problem)
    }
}

extension RequestBudget.Limit {
    fileprivate var name: String {
        switch self {
        case .weight: "weight"
        case .orders: "orders"
        case .ordersDay: "orders_day"
        }
    }
}
