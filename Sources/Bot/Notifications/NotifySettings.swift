// NotifySettings.swift — what a person wants to be told, and where to.
//
// What is wanted stands in the configuration under `notify:`; where it goes is secret (whoever
// knows the address can write there) and comes from `.env` or the environment.
import Core
import Foundation

public struct NotifySettings: Sendable, Hashable {
    /// A channel is used when its address is set; false leaves it out all the same.
    public var webhook = true
    public var telegram = true
    /// Every fill.
    public var fills = true
    /// An order without a proven outcome for so long.
    public var unknownSeconds: Int64 = 30
    /// No market data of an instrument for so long.
    public var staleSeconds: Int64 = 30
    /// Messages of one channel; what is more comes in one message.
    public var perMinute: Int64 = 20

    public init() {}

    static func read(_ reader: ConfigurationReader) -> NotifySettings {
        var out = NotifySettings()
        out.webhook = reader.flag("webhook") ?? out.webhook
        out.telegram = reader.flag("telegram") ?? out.telegram
        out.fills = reader.flag("fills") ?? out.fills
        out.unknownSeconds = reader.integer("unknown_s", in: 1...86_400) ?? out.unknownSeconds
        out.staleSeconds = reader.integer("stale_s", in: 1...86_400) ?? out.staleSeconds
        out.perMinute = reader.integer("per_minute", in: 1...600) ?? out.perMinute
        reader.refuseUnknownKeys()
        return out
    }
}

/// Addresses of the channels, with what is wanted.
public struct NotifyTargets: Sendable {
    public var settings = NotifySettings()
    /// `NOTIFY_WEBHOOK_URL`.
    public var webhook: Secret?
    /// `TELEGRAM_BOT_TOKEN` and `TELEGRAM_CHAT_ID`.
    public var telegramToken: Secret?
    public var telegramChat: String?
    /// `TELEGRAM_API_URL`: a Bot API server of one's own.
    public var telegramServer = "https://api.telegram.org"
    /// `NOTIFY_CA_FILE`: certificates to trust instead of the system's.
    public var caFile: String?
    var pace = NotifyPace()

    public init() {}

    public static func read(
        _ settings: NotifySettings, environment: [String: String], envFile: String?
    ) throws(BotError) -> NotifyTargets {
        var values =
            try envFile.map { path throws(BotError) in try Secrets.readEnvFile(path) } ?? [:]
        values.merge(environment) { _, outer in outer }
        func value(_ name: String) -> String? {
            values[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        var out = NotifyTargets()
        out.settings = settings
        out.webhook = value("NOTIFY_WEBHOOK_URL").map { Secret($0) }
        out.telegramToken = value("TELEGRAM_BOT_TOKEN").map { Secret($0) }
        out.telegramChat = value("TELEGRAM_CHAT_ID")
        out.telegramServer = value("TELEGRAM_API_URL") ?? out.telegramServer
        out.caFile = value("NOTIFY_CA_FILE")
        guard (out.telegramToken == nil) == (out.telegramChat == nil) else {
            throw .setup("Telegram needs both TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID; set both")
        }
        return out
    }

    /// The channels in use, not started.
    func channels(
        clock: Clock, clean: @escaping @Sendable (String) -> String
    ) throws(BotError) -> [NotifyChannel] {
        var forms: [any NotifyForm] = []
        if settings.webhook, let webhook {
            forms.append(try WebhookForm(webhook, caFile: caFile))
        }
        if settings.telegram, let telegramToken, let telegramChat {
            forms.append(
                try TelegramForm(
                    token: telegramToken, chat: telegramChat, server: telegramServer,
                    caFile: caFile))
        }
        var channels: [NotifyChannel] = []
        for form in forms {
            let connector: Connector
            do throws(CoreError) {
                connector = try Connector()
            } catch {
                throw .setup("notifications cannot start: \(error.text)")
            }
            channels.append(
                NotifyChannel(
                    form, transport: connector, clock: clock, perMinute: settings.perMinute,
                    pace: pace, clean: clean))
        }
        return channels
    }
}

/// How often a delivery is tried. Seconds.
struct NotifyPace: Sendable {
    var first = 1.0
    var longest = 60.0
    /// Then it is given up: with these numbers after about ten minutes.
    var tries = 15
    var timeoutMilliseconds: UInt32 = 10_000
}
