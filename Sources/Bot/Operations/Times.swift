// Times.swift — nanoseconds to ISO-8601 text in UTC, for people and JSON.

enum Times {
    /// `2026-11-24T20:18:13.123Z` of UTC nanoseconds since 1970.
    static func text(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds.floorDivided(by: 1_000_000)
        let seconds = milliseconds.floorDivided(by: 1000)
        let (year, month, day) = civil(days: seconds.floorDivided(by: 86_400))
        let inDay = seconds - seconds.floorDivided(by: 86_400) * 86_400
        let clock = [inDay / 3600, inDay / 60 % 60, inDay % 60].map { padded($0, 2) }
        let date = [padded(year, 4), padded(month, 2), padded(day, 2)].joined(separator: "-")
        let fraction = padded(milliseconds - seconds * 1000, 3)
        return "\(date)T\(clock.joined(separator: ":")).\(fraction)Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Proleptic Gregorian date of a day number
    /// (https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
    private static func civil(days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor != 0 && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}
