// StartPermission.swift — whether a configuration may trade for real. Paper always may.
//
// Paper and live must not be taken for one another: live takes the word in the file, the word on
// the command line, a key made for that environment, and every limit.

import Core

enum StartPermission {
    /// `armed`: the account named by `--arm-live`.
    static func check(
        _ configuration: Configuration, keys: VenueKeys?, armed: String?
    ) throws(BotError) {
        guard configuration.mode == .live else { return }
        guard let keys else {
            throw .setup(
                "mode: live needs a key; set BINANCE_API_KEY and BINANCE_API_SECRET (or "
                    + "BINANCE_ED25519_KEY_FILE) in .env with mode 0600, or use --mode paper")
        }
        let unset = configuration.unsetLimits
        guard unset.isEmpty else {
            throw .refused(
                "mode: live needs every limit; not set: \(unset.joined(separator: ", "))")
        }
        let environment = configuration.venue.environment
        if let meant = keys.environment, meant != environment {
            throw .refused(
                "the key is for \(meant.rawValue) (BINANCE_KEY_ENVIRONMENT), the configuration "
                    + "trades on \(environment.rawValue); make one of them follow the other")
        }
        try checkAccount(configuration.venue, armed: armed)
    }

    private static func checkAccount(
        _ venue: VenueSettings, armed: String?
    ) throws(BotError) {
        let armed = armed.flatMap { $0.isEmpty ? nil : $0 }
        if let armed, let account = venue.account, armed != account {
            throw .refused(
                "--arm-live names \"\(armed)\", the configuration trades \"\(account)\" "
                    + "(venue.account)")
        }
        // A simulator is on this machine and moves no money.
        guard venue.environment != .simulator else { return }
        guard armed != nil else {
            throw .refused("mode: live needs --arm-live ACCOUNT, the name of the account to trade")
        }
    }
}

extension BotEnvironment {
    /// What a process that holds keys does first: no core file, no reading of its memory.
    public static func forbidDumps() throws(BotError) {
        do throws(CoreError) {
            try ProcessPrivacy.forbidDumps()
        } catch {
            throw .setup(error.text)
        }
    }
}
