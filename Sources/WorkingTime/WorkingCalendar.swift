import WallTime

/// When a place works: hours for each weekday in a time zone, and days that are otherwise (holidays, special days).
///
/// A moment is open if the wall clock of the zone then stands inside the hours of its day, or inside what the hours of the day
/// before reach over midnight. So an hour that the clocks repeat is open twice, and one that they skip is never open. Hours
/// belong to the day on which they begin: a holiday closes the night that begins on it, not the one that ends on it.
package struct WorkingCalendar: Sendable, Hashable {
    package let zone: ZoneRules
    /// Monday first.
    package let week: [DayHours]
    /// Days that do not follow the week, ascending, no day in two of them.
    package let exceptions: [Exception]
    /// Open microseconds of a week without exceptions and without a change of the clocks.
    let openPerWeek: Int64

    /// Consecutive days with hours of their own.
    package struct Exception: Sendable, Hashable {
        /// Days since 1970-01-01, both ends included.
        package var days: ClosedRange<Int>
        package var hours: DayHours

        package init(days: ClosedRange<Int>, hours: DayHours) {
            self.days = days
            self.hours = hours
        }
    }

    /// - Parameters:
    ///   - week: the hours of Monday to Sunday.
    ///   - exceptions: in any order.
    package init(zone: ZoneRules, week: [DayHours], exceptions: [Exception] = []) throws(WorkingCalendarError) {
        guard week.count == 7 else { throw .weekdays(week.count) }
        self.zone = zone
        self.week = week
        self.exceptions = try Self.ordered(exceptions)
        openPerWeek = (0..<7).reduce(0) { sum, weekday in
            let hours = Self.merged(week[weekday], tail: week[(weekday + 6) % 7].tail)
            return sum + hours.reduce(0) { $0 + Int64($1.count) * 1_000_000 }
        }
    }

    /// Open at every moment.
    package static let always = WorkingCalendar(alwaysIn: .utc)

    private init(alwaysIn zone: ZoneRules) {
        self.zone = zone
        week = Array(repeating: .allDay, count: 7)
        exceptions = []
        openPerWeek = 7 * Int64(secondsOfDay) * 1_000_000
    }

    /// The hours of a day that begin on it.
    func hours(of day: Int) -> DayHours {
        if let exception = exception(notBefore: day), exception.days.contains(day) { return exception.hours }
        return week[Self.weekday(of: day)]
    }

    /// What is open on a day, in seconds after its midnight; ascending.
    func openSeconds(of day: Int) -> [Range<Int>] {
        Self.merged(hours(of: day), tail: hours(of: day - 1).tail)
    }

    /// The first exception that ends on a day or later.
    func exception(notBefore day: Int) -> Exception? {
        var low = 0
        var high = exceptions.count
        while low < high {
            let middle = (low + high) / 2
            if exceptions[middle].days.upperBound < day { low = middle + 1 } else { high = middle }
        }
        return low < exceptions.count ? exceptions[low] : nil
    }

    /// The first day, from a day on, on which hours begin; nil if none ever does. Steps over closed stretches of any length.
    func firstDayWithHours(from start: Int) -> Int? {
        var day = start
        while true {
            let exception = exception(notBefore: day)
            if let exception, exception.days.contains(day) {
                if !exception.hours.isClosed { return day }
                day = exception.days.upperBound + 1
            } else {
                let weekday = Self.weekday(of: day)
                let wait = (0..<7).first { !week[(weekday + $0) % 7].isClosed }
                if let wait, exception.map({ day + wait < $0.days.lowerBound }) ?? true { return day + wait }
                guard let exception else { return nil }
                day = exception.days.lowerBound
            }
        }
    }

    /// Monday is 0; 1970-01-01 was a Thursday.
    private static func weekday(of day: Int) -> Int {
        ((day + 3) % 7 + 7) % 7
    }

    /// A day's own hours, and before them what reaches over from the day before.
    private static func merged(_ hours: DayHours, tail: Range<Int>?) -> [Range<Int>] {
        guard let tail else { return hours.own }
        var open = [tail]
        for interval in hours.own {
            if let last = open.last, interval.lowerBound <= last.upperBound {
                open[open.count - 1] = last.lowerBound..<max(last.upperBound, interval.upperBound)
            } else {
                open.append(interval)
            }
        }
        return open
    }

    /// Ascending; closed stretches that touch become one, so that each is stepped over at once.
    private static func ordered(_ exceptions: [Exception]) throws(WorkingCalendarError) -> [Exception] {
        var ordered: [Exception] = []
        for exception in exceptions.sorted(by: { $0.days.lowerBound < $1.days.lowerBound }) {
            if let last = ordered.last {
                guard last.days.upperBound < exception.days.lowerBound else {
                    throw .exceptionTwice(day: exception.days.lowerBound)
                }
                if last.days.upperBound + 1 == exception.days.lowerBound, last.hours == exception.hours {
                    ordered[ordered.count - 1].days = last.days.lowerBound...exception.days.upperBound
                    continue
                }
            }
            ordered.append(exception)
        }
        return ordered
    }
}
