// DailyFeatures.swift — what models are told of a symbol at the close of a bar.

import Foundation

/// Features of one symbol, all known at the close and all without unit, so that symbols and years
/// can be mixed. Warm-up: 252 bars. Every value depends on the past alone.
public struct DailyFeatures: Sendable {
    public struct Input: Sendable {
        public var bar: Bar
        /// Close of the market's index at the same time.
        public var market: Double
        /// 1 Monday … 7 Sunday.
        public var weekday: Int
        /// Trading days since the month began, from 1, and calendar days left in it.
        public var monthDay, daysLeft: Int

        public init(bar: Bar, market: Double, weekday: Int, monthDay: Int, daysLeft: Int) {
            self.bar = bar
            self.market = market
            self.weekday = weekday
            self.monthDay = monthDay
            self.daysLeft = daysLeft
        }
    }

    public static let names: [String] =
        horizons.map { "return_\($0)" } + ["gap", "range", "close_location"]
        + averages.map { "average_\($0)" }
        + [
            "macd", "macd_histogram", "rsi", "stochastic", "cci", "mfi", "adx", "di_difference",
            "atr", "volatility_ratio", "range_volatility_ratio", "volatility_percentile",
            "volume", "obv_slope", "cmf", "market_return", "market_volatility", "beta",
            "residual_momentum", "fractional_difference", "turn_of_month",
        ] + ["monday", "tuesday", "wednesday", "thursday", "friday"]

    private static let horizons = [1, 2, 5, 10, 21, 63, 126, 252]
    private static let averages = [10, 20, 50, 200]

    private var logs = Window(253)
    private var averages = Self.averages.map { SMA(period: $0) }
    private var macd = MACD()
    private var rsi = RSI()
    private var stochastic = Stochastic()
    private var cci = CCI()
    private var mfi = MFI()
    private var movement = DirectionalMovement(period: 14)
    private var adx = ADX()
    private var atr = ATR()
    private var short = RealisedVolatility(period: 20, perYear: 1)
    private var long = RealisedVolatility(period: 100, perYear: 1)
    private var garman = GarmanKlass(period: 20, perYear: 1)
    private var percentile = VolatilityPercentile(period: 20, span: 200)
    private var volume = RelativeVolume(period: 20)
    private var obv = OBV()
    private var obvLine = RollingLine(period: 20)
    private var obvSpread = RollingMoments(period: 20)
    private var cmf = CMF()
    private var market = MarketFeatures()
    private var difference: FractionalDifference
    private var level: SMA
    private let memory: Double  // What the difference keeps of the level.

    public init() {
        difference = FractionalDifference(order: 0.4, threshold: 1e-3)
        level = SMA(period: difference.weights.count)
        memory = difference.weights.reduce(0, +)
    }

    public static var warmUp: Int { 252 }

    /// Takes the next bar; all features in the order of `names`, nil while warming up.
    public mutating func update(_ input: Input) -> [Double]? {
        let (bar, close) = (input.bar, input.bar.close)
        let before = logs.count > 0 ? logs[ago: 0] : log(bar.open)
        let now = log(close)
        logs.push(now)
        let means = averages.indices.map { averages[$0].update(close) }
        let oscillators = updateOscillators(bar)
        let volatilities = updateVolatility(bar)
        let flows = updateVolume(bar)
        let beside = market.update(now - before, market: input.market)
        let remembered = difference.update(now)
        let usual = level.update(now)
        guard logs.isFull, let oscillators, let volatilities, let flows, let beside, let remembered,
            let usual
        else { return nil }
        var features = Self.horizons.map { now - logs[ago: $0] }
        features += [
            log(bar.open) - before, log(bar.high / bar.low),
            bar.range > 0 ? (close - bar.low) / bar.range : 0.5,
        ]
        let deviation = max(volatilities.deviation, 1e-12)
        features += means.map { (close / ($0 ?? close) - 1) / deviation }
        features += [oscillators.macd / close, ratio(oscillators.histogram, volatilities.range)]
        features += oscillators.rest + [volatilities.range / close] + volatilities.rest
        features += flows + beside + [remembered - memory * usual]
        features += Self.calendar(input)
        return features
    }

    private mutating func updateOscillators(
        _ bar: Bar
    ) -> (macd: Double, histogram: Double, rest: [Double])? {
        let crossing = macd.update(bar.close)
        let strength = rsi.update(bar.close)
        let place = stochastic.update(bar)
        let channel = cci.update(bar)
        let money = mfi.update(bar)
        movement.update(bar)
        let trend = adx.update(bar)
        guard let crossing, let strength, let place, let channel, let money, let trend
        else { return nil }
        let directions = movement.directions ?? (0, 0)
        return (
            crossing.macd, crossing.histogram,
            [
                strength / 100 - 0.5, place.k / 100 - 0.5, channel / 200, money / 100 - 0.5,
                trend / 100, (directions.plus - directions.minus) / 100,
            ]
        )
    }

    private mutating func updateVolatility(
        _ bar: Bar
    ) -> (range: Double, deviation: Double, rest: [Double])? {
        let range = atr.update(bar)
        let near = short.update(bar.close)
        let far = long.update(bar.close)
        let inside = garman.update(bar)
        let rank = percentile.update(bar.close)
        guard let range, let near, let far, let inside, let rank else { return nil }
        return (range, near, [ratio(near, far), ratio(inside, near), rank])
    }

    private mutating func updateVolume(_ bar: Bar) -> [Double]? {
        let relative = volume.update(bar.volume)
        let balance = obv.update(bar) ?? 0
        let line = obvLine.update(balance)
        obvSpread.update(balance)
        let flow = cmf.update(bar)
        guard let relative, let line, let flow else { return nil }
        let slope = ratio(line.slope, obvSpread.variance().squareRoot())
        // A day without trade is as far below the usual as one in a thousand.
        return [log(max(relative, 1e-3)), slope, flow]
    }

    private func ratio(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }

    private static func calendar(_ input: Input) -> [Double] {
        let turns = input.monthDay <= 3 || input.daysLeft == 0
        return [turns ? 1 : 0] + (1...5).map { input.weekday == $0 ? 1 : 0 }
    }
}

/// The symbol beside its market.
struct MarketFeatures: Sendable {
    private var before: Double?
    private var volatility = RealisedVolatility(period: 20, perYear: 1)
    private var pairs = RollingPairs(period: 60)
    private var residual = RollingSum(period: 21)

    /// Takes the symbol's log return and the index's close: the index's log return, its
    /// volatility, beta over 60 bars, and the sum over 21 bars of what beta does not explain.
    mutating func update(_ own: Double, market close: Double) -> [Double]? {
        defer { before = close }
        let deviation = volatility.update(close)
        guard let before else { return nil }
        let change = log(close / before)
        pairs.update(change, own)
        guard pairs.isFull, let deviation else { return nil }
        let beta = pairs.firstSquares > 0 ? pairs.products / pairs.firstSquares : 0
        guard let momentum = residual.update(own - beta * change) else { return nil }
        return [change, deviation, beta, momentum]
    }
}
