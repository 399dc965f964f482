import WallTime

extension WorkingCalendar: OpenTime {
    package func walker(from tick: Int64) -> CalendarWalker {
        CalendarWalker(calendar: self, position: tick)
    }

    /// The open time between two instants; zero if the second is not later.
    package func openTime(from start: Instant, to end: Instant) -> Duration {
        guard start < end else { return .zero }
        return .microseconds(openTicks(in: start.microseconds..<end.microseconds))
    }

    /// The earliest instant by which an amount of open time has passed since `start`; nil if it never does before year 10000.
    package func instant(after amount: Duration, openSince start: Instant) -> Instant? {
        let (seconds, attoseconds) = amount.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? start : nil }
        return tick(
            after: scaled + attoseconds / 1_000_000_000_000, openSince: start.microseconds, before: Instant.latest.microseconds
        ).map(Instant.init(microseconds:))
    }

    /// Whether a moment is open.
    package func isOpen(at instant: Instant) -> Bool {
        let tick = instant.microseconds
        var walker = walker(from: tick)
        return walker.next(before: tick + 1) != nil
    }

    /// The first open moment from an instant on, which is that instant where it is open; nil if there is none before year 10000.
    package func nextOpening(from instant: Instant) -> Instant? {
        var walker = walker(from: instant.microseconds)
        return walker.next(before: Instant.latest.microseconds).map { Instant(microseconds: $0.lowerBound) }
    }
}

/// Walks the open time of a calendar; ticks are microseconds since the Unix epoch.
///
/// While the zone's offset stays the same, a local day is a plain stretch of ticks. So the walk goes segment by segment, day by day,
/// over closed days at one step, and over weeks that hold nothing special many at a time: what it costs depends on the changes of
/// the clocks and the exceptions it meets, and not on how long the calendar is open or closed.
package struct CalendarWalker: OpenTimeWalker {
    private let calendar: WorkingCalendar
    private var position: Int64
    private var segment: ZoneRules.Segment

    init(calendar: WorkingCalendar, position: Int64) {
        self.calendar = calendar
        self.position = position
        segment = calendar.zone.segment(containing: position)
    }

    package mutating func next(before end: Int64) -> Range<Int64>? {
        while position < end {
            if position >= segment.microseconds.upperBound { segment = calendar.zone.segment(containing: position) }
            let day = day(of: position)
            for seconds in calendar.openSeconds(of: day) {
                let midnight = Int64(day) * dayTicks - segment.offset
                let opens = max(midnight + Int64(seconds.lowerBound) * 1_000_000, position)
                let closes = min(midnight + Int64(seconds.upperBound) * 1_000_000, segment.microseconds.upperBound)
                guard opens < closes else { continue }
                guard opens < end else { return nil }
                position = closes
                return opens..<closes
            }
            leave(day)
        }
        return nil
    }

    package mutating func skip(openMax: Int64, before end: Int64) -> Int64 {
        if position >= segment.microseconds.upperBound { segment = calendar.zone.segment(containing: position) }
        let day = day(of: position)
        var weeks = (min(end, segment.microseconds.upperBound) - position) / weekTicks
        if let exception = calendar.exception(notBefore: day - 1) {
            weeks = min(weeks, Int64(exception.days.lowerBound - day - 1) / 7)
        }
        guard calendar.openPerWeek > 0 else { return 0 }
        weeks = min(weeks, openMax / calendar.openPerWeek)
        guard weeks > 0 else { return 0 }
        position += weeks * weekTicks
        return weeks * calendar.openPerWeek
    }

    private func day(of tick: Int64) -> Int {
        Int((tick + segment.offset).flooredQuotient(dayTicks))
    }

    /// Moves on from a day with nothing more to give: to the next midnight, or over closed days.
    private mutating func leave(_ day: Int) {
        let midnight = Int64(day + 1) * dayTicks - segment.offset
        guard midnight < segment.microseconds.upperBound else {
            position = segment.microseconds.upperBound
            return
        }
        position = midnight
        // A change of the clocks soon after may lead back into the day just left; only without one are days stepped over.
        guard segment.microseconds.upperBound - midnight > offsetTicksMax, calendar.hours(of: day).tail == nil else { return }
        guard let next = calendar.firstDayWithHours(from: day + 1) else {
            position = .max
            return
        }
        position = max(midnight, Int64(next) * dayTicks - offsetTicksMax)
    }
}

private let dayTicks = Int64(secondsOfDay) * 1_000_000
private let weekTicks = 7 * dayTicks
/// No clock on earth was ever further from another than this; twice the 13 hours on either side of UTC, in microseconds.
private let offsetTicksMax: Int64 = 2 * 13 * 3_600_000_000 + 2 * 3_600_000_000
