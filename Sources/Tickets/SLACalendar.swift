import FoundationEssentials
import WallTime
import WorkingTime

/// When a tenant works, as it is stored: one version of a calendar.
struct CalendarHours: Sendable, Hashable, Codable {
    static let specialDaysMax = 1_000
    static let daysAtOnceMax = 366
    static let specialNameMax = 100

    /// Minutes after a day's midnight, the end excluded and perhaps on the next day.
    struct Interval: Sendable, Hashable, Codable {
        var start: Int
        var end: Int
    }

    /// Consecutive days with hours of their own.
    struct Special: Sendable, Hashable, Codable {
        /// Days since 1970-01-01, both included.
        var first: Int
        var last: Int
        var intervals: [Interval]
        var name: String
    }

    var timeZone: String
    /// Monday first.
    var week: [[Interval]]
    var special: [Special] = []

    /// - Throws: `WorkingCalendarError` for hours that make no calendar, `TimeZoneError` for a zone that is none.
    func calendar() throws -> WorkingCalendar {
        try WorkingCalendar(
            zone: ZoneRules(timeZone), week: week.map(Self.hours),
            exceptions: special.map {
                .init(days: $0.first...$0.last, hours: try Self.hours($0.intervals))
            })
    }

    /// - Throws: `WorkingCalendarError`.
    static func hours(_ intervals: [Interval]) throws -> DayHours {
        try DayHours(intervals.map { $0.start * 60..<$0.end * 60 })
    }
}

/// A tenant's calendar.
struct SLACalendar: Sendable, Hashable {
    var id: UUID
    var name: String
    var hours: CalendarHours
    var isArchived = false
    /// Of its hours.
    var hoursVersion = 1
    var version: Int64 = 1

    var key: CalendarVersion.Key { CalendarVersion.Key(calendarID: id, version: hoursVersion) }
}
