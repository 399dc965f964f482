/// The hours of one kind of day: none, several, perhaps into the next day. Seconds after local midnight, ends excluded.
package struct DayHours: Sendable, Hashable {
    /// Ascending, apart from each other. Each begins within the day and lasts at most 24 hours, so the last may end on the next.
    package let intervals: [Range<Int>]

    /// A day on which nothing is open.
    package static let closed = DayHours()
    /// Midnight to midnight.
    package static let allDay = DayHours(intervals: [0..<secondsOfDay])

    private init(intervals: [Range<Int>] = []) {
        self.intervals = intervals
    }

    /// - Parameter intervals: in any order, at most 24.
    /// - Throws: ``WorkingCalendarError``: an interval that is empty, begins outside of the day, or overlaps another.
    package init(_ intervals: [Range<Int>]) throws(WorkingCalendarError) {
        guard intervals.count <= 24 else { throw .tooManyIntervals }
        let sorted = intervals.sorted { $0.lowerBound < $1.lowerBound }
        for interval in sorted {
            guard (0..<secondsOfDay).contains(interval.lowerBound), (1...secondsOfDay).contains(interval.count) else {
                throw .intervalOutOfDay(interval)
            }
        }
        for (one, next) in zip(sorted, sorted.dropFirst()) where one.upperBound > next.lowerBound {
            throw .overlap(one, next)
        }
        self.intervals = sorted
    }

    var isClosed: Bool { intervals.isEmpty }

    /// What of these hours lies on the day itself.
    var own: [Range<Int>] { intervals.map { $0.clamped(to: 0..<secondsOfDay) } }

    /// What of these hours lies on the next day, on its own axis.
    var tail: Range<Int>? {
        guard let last = intervals.last, last.upperBound > secondsOfDay else { return nil }
        return 0..<last.upperBound - secondsOfDay
    }
}

let secondsOfDay = 86_400

/// Why hours make no calendar.
package enum WorkingCalendarError: Error, Hashable {
    /// More than 24 intervals on one day.
    case tooManyIntervals
    /// Begins before midnight or after the day, is empty, or lasts more than 24 hours.
    case intervalOutOfDay(Range<Int>)
    /// Two intervals of one day share time.
    case overlap(Range<Int>, Range<Int>)
    /// A week has seven days.
    case weekdays(Int)
    /// Two exceptions name the same day (days since 1970-01-01).
    case exceptionTwice(day: Int)
}
