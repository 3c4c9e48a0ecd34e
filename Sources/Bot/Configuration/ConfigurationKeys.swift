// ConfigurationKeys.swift — what every key of a configuration means, for the file that `init`
// writes. A test holds it against the keys that are read.

/// One key: where it stands, what a fresh file says, and what a person should know.
struct ConfigurationKey {
    /// Dotted.
    let path: String
    /// As YAML.
    let value: String
    let meaning: String
    /// Nil: there is none, the key must be written (or its limit refuses every order).
    let standard: String?
    /// False: stands in a comment, since a fresh file needs none.
    var isWritten = true

    init(_ path: String, _ value: String, _ meaning: String, standard: String?) {
        self.path = path
        self.value = value
        self.meaning = meaning
        self.standard = standard
    }

    var commented: ConfigurationKey {
        var key = self
        key.isWritten = false
        return key
    }
}

private typealias Key = ConfigurationKey

extension ConfigurationKey {
    /// In the order of the file.
    static let all: [ConfigurationKey] =
        general + venue + strategy + account + instrument + paper + streams + lane + orders
        + reconcile + watch + guardian + notify

    /// What a section is about, by its path.
    static let sections: [String: String] = [
        "venue": "Where it trades.",
        "strategy": "What decides.",
        "limits":
            "What the gate lets through. A limit that is not set refuses every order. "
            + "Live trading needs all that have no default.",
        "limits.account": "For everything together; amounts in the quote currency.",
        "limits.default":
            "For every instrument that has no section of its own (write BTCUSDT: beside default:).",
        "paper": "The matcher of mode: paper.",
        "streams": "The connections to the venue.",
        "lane": "The thread from tick to order.",
        "orders": "When an order is asked about.",
        "reconcile": "When orders, trades and positions are compared with the venue's.",
        "watch": "What is looked after beside the market: the venue's names, clock and rules.",
        "guard": "The second process, needletail-guard: cancels when the bot hangs or dies.",
        "notify": "What you are told at once; addresses stand in .env.",
    ]

    private static let general: [ConfigurationKey] = [
        Key(
            "mode", "paper",
            "paper: real market data, orders filled by our own matcher, no key needed. "
                + "live: orders go to the venue; needs a key, every limit and --arm-live.",
            standard: "paper"),
        Key(
            "data_dir", "var",
            "Folder of journal, tape and socket; one bot a folder. Counts from this file's folder.",
            standard: "var"),
        Key(
            "tape", "true",
            "Keep every market message on disk as it came; it is not needed to start again.",
            standard: "true"),
        Key(
            "durability", "group",
            "group: the journal is synced every durability_group_ms. strict: no order leaves "
                + "before its record is on disk; a power failure loses none. ring: synced only "
                + "between segments, which spares a slow disk; a power failure may take minutes.",
            standard: "group"),
        Key(
            "durability_group_ms", "1",
            "Milliseconds that records gather for one sync (group); 1 to 1000.", standard: "1"
        ).commented,
        Key(
            "instruments", "[BTCUSDT, ETHUSDT]",
            "What to trade, written as the venue does. The first one's quote currency is the "
                + "currency of all amounts.",
            standard: nil),
    ]

    private static let venue: [ConfigurationKey] = [
        Key("venue.name", "binance", "binance is the only one so far.", standard: "binance"),
        Key(
            "venue.environment", "production",
            "production, testnet, demo, or simulator (a `needletail sim serve` on this machine).",
            standard: "production"),
        Key(
            "venue.account", "main",
            "Your name for the account; --arm-live must then repeat it.", standard: "any name"
        ).commented,
        Key(
            "venue.budget_percent", "90",
            "Percent of the venue's request limits that all bots here may use together; cancels "
                + "may use the rest.", standard: "90"),
        Key(
            "venue.budget_file", "var/budget",
            "Where bots count their requests together; name one file for all that share an "
                + "address. A simulator's is counted by each bot alone unless this is set.",
            standard: "one for each venue and user, in /dev/shm"
        ).commented,
        Key(
            "venue.rest_url", "https://127.0.0.1:8443",
            "Simulator only, as all that follow here; `needletail sim serve` prints them.",
            standard: "none"
        ).commented,
        Key("venue.ws_url", "wss://127.0.0.1:8443", "Market data.", standard: "none").commented,
        Key(
            "venue.ws_api_url", "wss://127.0.0.1:8443/ws-api/v3", "Orders.", standard: "none"
        ).commented,
        Key(
            "venue.ca_file", "var/venue/ca.pem",
            "PEM file of the authority that signed its certificate; nobody else is trusted then.",
            standard: "none"
        ).commented,
    ]

    private static let strategy: [ConfigurationKey] = [
        Key(
            "strategy.name", "ema_cross", "ema_cross: buys and sells when two averages cross.",
            standard: "ema_cross"),
        Key("strategy.fast", "8", "Period of the fast average, in samples.", standard: "8"),
        Key(
            "strategy.slow", "21", "Period of the slow average, in samples; above fast.",
            standard: "21"),
        Key(
            "strategy.sample_ms", "1000", "Time between two samples, milliseconds.",
            standard: "1000"),
        Key(
            "strategy.value", "100", "Value of one position, in the quote currency.",
            standard: "100"),
        Key(
            "strategy.slippage_ppm", "500",
            "How far beyond the best price an order may go, millionths of the price.",
            standard: "500"),
    ]

    private static let account: [ConfigurationKey] = [
        Key(
            "limits.account.max_gross_value", "1000",
            "Value of all positions and open orders, in the worst case.", standard: nil),
        Key("limits.account.max_open_value", "500", "Value of all open orders.", standard: nil),
        Key(
            "limits.account.max_daily_loss", "50",
            "Loss since midnight UTC, open positions counted; beyond it only reducing is "
                + "allowed.", standard: nil),
        Key("limits.account.max_open_orders", "10", "Open orders at a time.", standard: nil),
        Key("limits.account.max_orders_per_second", "5", "New orders a second.", standard: nil),
        Key(
            "limits.account.duplicate_window_ms", "250",
            "Within so many milliseconds the same order twice is a mistake.", standard: "250"),
        Key(
            "limits.account.max_rejects", "20",
            "Orders a minute that the venue may reject; beyond it only reducing is allowed.",
            standard: "20"),
        Key(
            "limits.account.weight_per_minute", "6000",
            "Request weight a minute that this bot's orders may use.", standard: "6000"),
        Key(
            "limits.account.weight_reserve", "600",
            "Of that, kept for cancelling and reducing.", standard: "600"),
    ]

    private static let instrument: [ConfigurationKey] = [
        Key(
            "limits.default.max_order", "0.1", "Largest order, in base units.", standard: nil),
        Key(
            "limits.default.max_position", "0.1", "Largest position, in base units.",
            standard: nil),
        Key(
            "limits.default.max_order_value", "200", "Largest order, in the quote currency.",
            standard: nil),
        Key(
            "limits.default.collar", "0.01",
            "How far from the middle of the book a price may be; a fraction, 0.01 is 1 %.",
            standard: "0.01"),
        Key(
            "limits.default.emergency_collar", "0.05",
            "The same for orders that only reduce, from the last valid prices.",
            standard: "0.05"),
        Key(
            "limits.default.max_age_ms", "2000",
            "Market data older than so many milliseconds allows no order that takes risk.",
            standard: "2000"),
        Key(
            "limits.default.emergency_max_age_ms", "600000",
            "The last valid prices, older than so many milliseconds, allow no exit either.",
            standard: "600000"),
        Key(
            "limits.default.max_silence_ms", "5000",
            "Without a change of the book for so many milliseconds, the venue's own book tells "
                + "whether the market is quiet or the data stand still; 0 asks never.",
            standard: "5000"),
        Key(
            "limits.default.allow_short", "false", "Sell more than is held.", standard: "false"),
    ]

    private static let paper: [ConfigurationKey] = [
        Key(
            "paper.latency_ms", "20", "From decision to matcher, milliseconds.", standard: "20"),
        Key(
            "paper.maker_fee", "0.001", "Fraction of the value for resting orders; 0.001 is 0.1 %.",
            standard: "0.001"),
        Key(
            "paper.taker_fee", "0.001", "The same for orders that meet resting ones.",
            standard: "0.001"),
    ]

    private static let notify: [ConfigurationKey] = [
        Key(
            "notify.webhook", "true", "Use NOTIFY_WEBHOOK_URL when it is set.", standard: "true"),
        Key(
            "notify.telegram", "true", "Use TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID when set.",
            standard: "true"),
        Key("notify.fills", "true", "Tell every fill.", standard: "true"),
        Key(
            "notify.unknown_s", "30", "Tell of an order without a proven outcome; seconds.",
            standard: "30"),
        Key(
            "notify.stale_s", "30", "Tell of an instrument without market data; seconds.",
            standard: "30"),
        Key(
            "notify.per_minute", "20", "Messages of one channel; more come in one message.",
            standard: "20"),
    ]

    private static let streams: [ConfigurationKey] = [
        Key(
            "streams.standby", "true",
            "Two connections bring the same market data, and the first copy counts: losing one "
                + "loses nothing.",
            standard: "true"),
        Key(
            "streams.renew_after_s", "82800",
            "Seconds after which a connection is opened anew, one at a time, before the venue "
                + "ends it (Binance after 24 hours); 0 leaves it to the venue.",
            standard: "82800"),
    ]

    private static let lane: [ConfigurationKey] = [
        Key(
            "lane.spin", "false", "Never sleep: lower latency for a whole processor core.",
            standard: "false"),
        Key(
            "lane.wait_us", "2000", "Longest sleep between two looks, microseconds.",
            standard: "2000"),
        Key("lane.cpu", "2", "Pin the thread to this core.", standard: "any core").commented,
    ]

    private static let watch: [ConfigurationKey] = [
        Key(
            "watch.names_s", "60",
            "Look up the venue's names so often, seconds; also when a "
                + "connection is lost.",
            standard: "60"),
        Key(
            "watch.clock_s", "60", "Read the venue's clock so often, seconds.", standard: "60"),
        Key(
            "watch.rules_s", "3600",
            "Read the venue's rules so often, seconds; also when an order "
                + "breaks one.",
            standard: "3600"),
        Key(
            "watch.clock_reduce_ms", "250",
            "Only exits while the venue's clock is known no better than this, milliseconds.",
            standard: "250"),
        Key(
            "watch.clock_halt_ms", "1000", "Nothing at all while it is known no better than this.",
            standard: "1000"),
    ]

    private static let reconcile: [ConfigurationKey] = [
        Key(
            "reconcile.every_s", "300",
            "Beside every log-on, each so many seconds while trading goes on; 0: never.",
            standard: "300")
    ]

    private static let guardian: [ConfigurationKey] = [
        Key(
            "guard.enabled", "false", "True: live trading has a guard, and none starts without it.",
            standard: "false"),
        Key(
            "guard.start", "true",
            "The bot starts it where none runs; false: somebody else does, such as systemd.",
            standard: "true"),
        Key(
            "guard.after_ms", "5000",
            "A bot whose lane makes no turn for so many milliseconds hangs.", standard: "5000"),
        Key(
            "guard.kill", "true",
            "End a bot that hangs before cancelling: it might wake up and send.",
            standard: "true"),
    ]

    private static let orders: [ConfigurationKey] = [
        Key(
            "orders.reply_timeout_ms", "2000",
            "An order without an answer for so many milliseconds is UNKNOWN and asked about.",
            standard: "2000"),
        Key(
            "orders.absence_gap_ms", "60000",
            "Time between the two \"not found\" that prove it absent, milliseconds.",
            standard: "60000"),
        Key(
            "orders.queue_ms", "250",
            "An order that finds the connection busy waits so many milliseconds for it, then it "
                + "is given up unsent; 0: at once.",
            standard: "250"),
    ]
}
