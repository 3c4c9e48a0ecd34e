// SetupPermissionTests.swift — live trading takes every word of the matrix, paper takes none.
import Core
import Foundation
import Risk
import Testing

@testable import Bot

private func keys(for environment: VenueEnvironment? = nil) -> VenueKeys {
    var keys = VenueKeys(apiKey: "k", hmacSecret: Secret("s"), ed25519: nil)
    keys.environment = environment
    return keys
}

/// Mode live, every limit set.
private func live(_ environment: VenueEnvironment = .production) -> Configuration {
    var configuration = Configuration()
    configuration.mode = .live
    configuration.symbols = ["BTCUSDT", "ETHUSDT"]
    configuration.venue.environment = environment
    configuration.account.maxGrossValue = Money(1)
    configuration.account.maxOpenValue = Money(1)
    configuration.account.maxDailyLoss = Money(1)
    configuration.account.maxOpenOrders = 1
    configuration.account.maxOrdersPerSecond = 1
    configuration.defaultLimits.maxOrder = "1"
    configuration.defaultLimits.maxPosition = "1"
    configuration.defaultLimits.maxOrderValue = Money(1)
    return configuration
}

private func outcome(
    _ configuration: Configuration, keys: VenueKeys? = keys(), armed: String? = nil
) -> (exit: Int32, text: String) {
    do throws(BotError) {
        try StartPermission.check(configuration, keys: keys, armed: armed)
        return (0, "")
    } catch {
        return (error.exitCode, error.text)
    }
}

@Suite("Start permission") struct SetupPermissionTests {
    @Test("Paper needs nothing", arguments: VenueEnvironment.allCases)
    func paper(environment: VenueEnvironment) {
        var configuration = Configuration()
        configuration.venue.environment = environment
        #expect(outcome(configuration, keys: nil).exit == 0)
    }

    @Test("Live without a key is refused everywhere", arguments: VenueEnvironment.allCases)
    func noKey(environment: VenueEnvironment) {
        let found = outcome(live(environment), keys: nil, armed: "main")
        #expect(found.exit == 2 && found.text.contains("BINANCE_API_KEY"))
    }

    @Test(
        "Live without an account named is refused", arguments: [nil, ""],
        [
            VenueEnvironment.production, .testnet, .demo,
        ])
    func unarmed(armed: String?, environment: VenueEnvironment) {
        let found = outcome(live(environment), armed: armed)
        #expect(found.exit == 3 && found.text.contains("--arm-live"))
        #expect(outcome(live(environment), armed: "main").exit == 0)
    }

    @Test("The simulator moves no money and needs no account") func simulator() {
        #expect(outcome(live(.simulator)).exit == 0)
    }

    @Test("The account must be the one of the file") func otherAccount() {
        for environment in VenueEnvironment.allCases {
            var configuration = live(environment)
            configuration.venue.account = "main"
            let found = outcome(configuration, armed: "Main")
            #expect(found.exit == 3 && found.text.contains("venue.account"))
            #expect(outcome(configuration, armed: "main").exit == 0)
        }
    }

    @Test(
        "A key for another environment is refused", arguments: VenueEnvironment.allCases,
        VenueEnvironment.allCases)
    func otherEnvironment(key: VenueEnvironment, venue: VenueEnvironment) {
        let found = outcome(live(venue), keys: keys(for: key), armed: "main")
        #expect(found.exit == (key == venue ? 0 : 3))
        #expect(key == venue || found.text.contains("BINANCE_KEY_ENVIRONMENT"))
    }

    @Test(
        "Every single limit is needed",
        arguments: [
            "limits.account.max_gross_value", "limits.account.max_open_value",
            "limits.account.max_daily_loss", "limits.account.max_open_orders",
            "limits.account.max_orders_per_second", "limits.BTCUSDT.max_order",
            "limits.BTCUSDT.max_position", "limits.BTCUSDT.max_order_value",
        ])
    func missingLimit(key: String) {
        var configuration = live()
        switch key {
        case "limits.account.max_gross_value": configuration.account.maxGrossValue = nil
        case "limits.account.max_open_value": configuration.account.maxOpenValue = nil
        case "limits.account.max_daily_loss": configuration.account.maxDailyLoss = nil
        case "limits.account.max_open_orders": configuration.account.maxOpenOrders = nil
        case "limits.account.max_orders_per_second":
            configuration.account.maxOrdersPerSecond = nil
        default:
            var policy = configuration.defaultLimits
            if key.hasSuffix("max_order") { policy.maxOrder = nil }
            if key.hasSuffix("max_position") { policy.maxPosition = nil }
            if key.hasSuffix("max_order_value") { policy.maxOrderValue = nil }
            configuration.instruments["BTCUSDT"] = policy
        }
        let found = outcome(configuration, armed: "main")
        #expect(found.exit == 3 && found.text.hasSuffix("not set: \(key)"), "\(found.text)")
    }

    @Test("What a key is for must be an environment") func keyEnvironment() throws {
        func read(_ text: String) -> String {
            do throws(BotError) {
                let keys = try Secrets.binance(
                    environment: [
                        "BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s",
                        "BINANCE_KEY_ENVIRONMENT": text,
                    ], envFile: nil)
                return keys?.environment?.rawValue ?? "unsaid"
            } catch {
                return error.text
            }
        }
        #expect(read("testnet") == "testnet")
        #expect(read("") == "unsaid")
        #expect(read("live").contains("production, testnet, demo, simulator"))
    }

    @Test("A key in a folder that all can write into is refused") func openFolder() throws {
        let folder = try TemporaryFolder()
        let file = folder.write(".env", "BINANCE_API_KEY=k\nBINANCE_API_SECRET=s\n".utf8)
        for (mode, isAllowed) in [(0o777, false), (0o702, false), (0o1777, true), (0o700, true)] {
            chmod(folder.path, mode_t(mode))
            let keys = try? Secrets.binance(environment: [:], envFile: file)
            #expect((keys != nil) == isAllowed, "\(String(mode, radix: 8))")
        }
    }
}
