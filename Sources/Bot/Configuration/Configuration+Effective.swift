// Configuration+Effective.swift — what a configuration comes to, with every default filled in.
import Core
import Risk

private typealias Value = ConfigurationValue
private typealias Entry = ConfigurationValue.Entry

extension Configuration {
    /// Every key with the value that holds; `null` where nothing is set. Limits are those of
    /// `default` and of every instrument that is traded.
    public var effective: ConfigurationValue {
        .section([
            Entry("mode", .text(mode.rawValue)), Entry("data_dir", .text(dataDirectory)),
            Entry("instruments", .list(symbols.map { .text($0) })),
            Entry("venue", venue.effective), Entry("strategy", strategy.effective),
            Entry("limits", effectiveLimits), Entry("paper", paper.effective),
            Entry("streams", streams.effective), Entry("lane", lane.effective),
            Entry(
                "orders",
                .section([
                    Entry("reply_timeout_ms", .number(replyTimeoutMilliseconds)),
                    Entry("absence_gap_ms", .number(absenceGapMilliseconds)),
                    Entry("queue_ms", .number(queueMilliseconds)),
                ])),
            Entry("reconcile", .section([Entry("every_s", .number(reconcileSeconds))])),
            Entry("watch", watch.effective), Entry("guard", guardian.effective),
            Entry("notify", notify.effective),
            Entry("tape", .flag(keepTape)), Entry("durability", .text(durability.rawValue)),
            Entry("durability_group_ms", .number(groupMilliseconds)),
        ])
    }

    private var effectiveLimits: ConfigurationValue {
        let bySymbol = symbols.map { Entry($0, policy($0).effective) }
        return .section(
            [Entry("account", account.effective), Entry("default", defaultLimits.effective)]
                + bySymbol)
    }
}

extension ConfigurationValue {
    fileprivate static func optional(_ text: String?) -> ConfigurationValue {
        text.map { .text($0) } ?? .none
    }

    fileprivate static func optional(_ money: Money?) -> ConfigurationValue {
        optional(money?.description)
    }

    fileprivate static func optional(_ number: (some BinaryInteger)?) -> ConfigurationValue {
        number.map { .number(Int64($0)) } ?? .none
    }

    fileprivate static func optional(_ fraction: Double?) -> ConfigurationValue {
        fraction.map { .fraction($0) } ?? .none
    }
}

extension VenueSettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("name", .text(name)), Entry("environment", .text(environment.rawValue)),
            Entry("account", .optional(account)), Entry("rest_url", .optional(restURL)),
            Entry("ws_url", .optional(streamURL)), Entry("ws_api_url", .optional(orderURL)),
            Entry("ca_file", .optional(caFile)), Entry("budget_file", .optional(budgetFile)),
            Entry("budget_percent", .number(budgetPercent)),
        ])
    }
}

extension StrategySettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("name", .text(name)), Entry("fast", .number(Int64(fast))),
            Entry("slow", .number(Int64(slow))), Entry("sample_ms", .number(sampleMilliseconds)),
            Entry("value", .optional(value)), Entry("slippage_ppm", .number(slippagePPM)),
        ])
    }
}

extension AccountPolicy {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("max_gross_value", .optional(maxGrossValue)),
            Entry("max_open_value", .optional(maxOpenValue)),
            Entry("max_daily_loss", .optional(maxDailyLoss)),
            Entry("max_open_orders", .optional(maxOpenOrders)),
            Entry("max_orders_per_second", .optional(maxOrdersPerSecond)),
            Entry("duplicate_window_ms", .number(duplicateWindowMilliseconds)),
            Entry("max_rejects", .number(Int64(maxRejects))),
            Entry("weight_per_minute", .number(weightPerMinute)),
            Entry("weight_reserve", .number(weightReserve)),
        ])
    }
}

extension InstrumentPolicy {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("max_order", .optional(maxOrder)), Entry("max_position", .optional(maxPosition)),
            Entry("max_order_value", .optional(maxOrderValue)),
            Entry("collar", .optional(collar)),
            Entry("emergency_collar", .optional(emergencyCollar)),
            Entry("max_age_ms", .optional(maxAgeMilliseconds)),
            Entry("emergency_max_age_ms", .optional(emergencyMaxAgeMilliseconds)),
            Entry("max_silence_ms", .number(maxSilenceMilliseconds)),
            Entry("allow_short", .flag(allowShort)),
        ])
    }
}

extension PaperSettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("latency_ms", .number(latencyMilliseconds)),
            Entry("maker_fee", .fraction(makerFee)), Entry("taker_fee", .fraction(takerFee)),
        ])
    }
}

extension StreamSettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("standby", .flag(standby)),
            Entry("renew_after_s", .number(renewAfterSeconds)),
        ])
    }
}

extension LaneSettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("spin", .flag(spin)), Entry("wait_us", .number(waitMicroseconds)),
            Entry("cpu", .optional(cpu)),
        ])
    }
}

extension WatchSettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("names_s", .number(namesSeconds)), Entry("clock_s", .number(clockSeconds)),
            Entry("rules_s", .number(rulesSeconds)),
            Entry("clock_reduce_ms", .number(clockReduceMilliseconds)),
            Entry("clock_halt_ms", .number(clockHaltMilliseconds)),
        ])
    }
}

extension NotifySettings {
    fileprivate var effective: ConfigurationValue {
        .section([
            Entry("webhook", .flag(webhook)), Entry("telegram", .flag(telegram)),
            Entry("fills", .flag(fills)), Entry("unknown_s", .number(unknownSeconds)),
            Entry("stale_s", .number(staleSeconds)), Entry("per_minute", .number(perMinute)),
        ])
    }
}
