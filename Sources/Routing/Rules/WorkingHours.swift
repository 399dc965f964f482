import WallTime
import WorkingTime

/// When a department works: hours of a week in one time zone, and days that are otherwise.
struct WorkingHours: Sendable, Hashable, Codable {
    struct Interval: Sendable, Hashable, Codable {
        /// Minutes after midnight; the close may lie on the next day.
        var open: Int
        var close: Int
    }

    struct Weekly: Sendable, Hashable, Codable {
        /// 0 is Monday.
        var weekday: Int
        var hours: Interval
    }

    struct Holiday: Sendable, Hashable, Codable {
        /// As in 2026-12-24, both included.
        var first: String
        var last: String
        var hours: [Interval]
        var title: String
    }

    var timeZone: String
    var week: [Weekly]
    var holidays: [Holiday]

    /// The calendar that these hours make.
    /// - Throws: `WorkingHoursProblem` for what is none.
    func calendar() throws(WorkingHoursProblem) -> WorkingCalendar {
        let zone: ZoneRules
        do { zone = try ZoneRules(timeZone) } catch { throw WorkingHoursProblem(field: "time_zone", text: "\(error)") }
        do {
            let days = try (0..<7).map { day throws(WorkingCalendarError) in
                try DayHours(week.filter { $0.weekday == day }.map(\.hours.seconds))
            }
            var exceptions: [WorkingCalendar.Exception] = []
            for (index, holiday) in holidays.enumerated() {
                guard let first = CivilDate(iso: holiday.first)?.daysSinceEpoch,
                    let last = CivilDate(iso: holiday.last)?.daysSinceEpoch, first <= last
                else {
                    throw WorkingHoursProblem(
                        field: "holidays[\(index)].first_date", text: "must be dates as 2026-12-24, the last not before the first"
                    )
                }
                exceptions.append(
                    WorkingCalendar.Exception(
                        days: first...last, hours: try DayHours(holiday.hours.map(\.seconds))))
            }
            return try WorkingCalendar(zone: zone, week: days, exceptions: exceptions)
        } catch let problem as WorkingHoursProblem {
            throw problem
        } catch let error as WorkingCalendarError {
            throw WorkingHoursProblem(error)
        } catch {
            preconditionFailure("a calendar fails in no other way: \(error)")
        }
    }
}

/// Why hours are none: the field below `working_hours`, and what must be so.
struct WorkingHoursProblem: Error, Sendable, Hashable {
    var field: String
    var text: String
}

extension WorkingHoursProblem {
    fileprivate init(_ error: WorkingCalendarError) {
        switch error {
        case .tooManyIntervals: self.init(field: "week", text: "has more than 24 intervals on one day")
        case .intervalOutOfDay: self.init(field: "week", text: "has hours that are empty, or longer than a day")
        case .overlap: self.init(field: "week", text: "has hours that overlap")
        case .weekdays: self.init(field: "week", text: "has a day that is none of the week's")
        case .exceptionTwice: self.init(field: "holidays", text: "name a day twice")
        }
    }
}

extension WorkingHours.Interval {
    /// Empty and backward hours become ones that no day takes.
    fileprivate var seconds: Range<Int> {
        let start = max(0, open) * 60
        return start..<max(start, min(close, 4 * 1_440) * 60)
    }
}

extension CivilDate {
    /// A date as RFC 3339 writes it, in the years 1970 to 9999; `nil` for what no calendar has.
    init?(iso text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year >= 1_970,
            (1...12).contains(month), (1...CivilDate.days(in: month, of: year)).contains(day)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}
