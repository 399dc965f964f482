import ServiceRuntime
import TicketsV1
import WallTime
import WorkingTime

extension CalendarHours {
    private static let minutesOfDay = 1_440

    /// - Parameter needsZone: false where the zone of the calendar stays as it is.
    init(_ wire: TicketsV1.Calendar, _ violations: inout Violations, needsZone: Bool) {
        self.init(timeZone: wire.timeZone, week: Array(repeating: [], count: 7))
        readZone(&violations, needsZone)
        readWeek(wire.week, &violations)
        readSpecial(wire.specialDays, &violations)
    }

    private func readZone(_ violations: inout Violations, _ isNeeded: Bool) {
        if timeZone.isEmpty {
            if isNeeded { violations.add("calendar.time_zone", "is required", reason: "REQUIRED") }
            return
        }
        do {
            _ = try ZoneRules(timeZone)
        } catch {
            violations.add(
                "calendar.time_zone", "is no time zone of the IANA database", reason: "UNKNOWN_ZONE")
        }
    }

    private mutating func readWeek(_ days: [WeekdayHours], _ violations: inout Violations) {
        violations.require(days.count <= 7, "calendar.week", "has more than seven days")
        var seen: Set<Int32> = []
        for (index, day) in days.prefix(7).enumerated() {
            let field = "calendar.week[\(index)]"
            let number = day.weekday.rawValue
            guard (1...7).contains(number) else {
                violations.add(
                    "\(field).weekday", number == 0 ? "is required" : "is unknown",
                    reason: number == 0 ? "REQUIRED" : "")
                continue
            }
            violations.require(seen.insert(number).inserted, "\(field).weekday", "is there twice")
            week[Int(number) - 1] = Self.intervals(day.intervals, field, &violations)
        }
    }

    private mutating func readSpecial(_ days: [SpecialDays], _ violations: inout Violations) {
        violations.require(
            days.count <= Self.specialDaysMax, "calendar.special_days",
            "has more than \(Self.specialDaysMax)")
        for (index, days) in days.prefix(Self.specialDaysMax).enumerated() {
            let field = "calendar.special_days[\(index)]"
            violations.line(days.displayName, "\(field).display_name", 0...Self.specialNameMax)
            let intervals = Self.intervals(days.intervals, field, &violations)
            guard let first = CivilDate(days.startDate)?.daysSinceEpoch else {
                violations.add(
                    "\(field).start_date", days.startDate.isEmpty ? "is required" : "is no day as 2026-12-24",
                    reason: days.startDate.isEmpty ? "REQUIRED" : "MALFORMED")
                continue
            }
            guard let last = days.endDate.isEmpty ? first : CivilDate(days.endDate)?.daysSinceEpoch,
                (first..<first + Self.daysAtOnceMax).contains(last)
            else {
                violations.add(
                    "\(field).end_date", "is no day within \(Self.daysAtOnceMax) days from the start")
                continue
            }
            special.append(
                Special(first: first, last: last, intervals: intervals, name: days.displayName))
        }
        special.sort { $0.first < $1.first }
        for (one, next) in zip(special, special.dropFirst()) where one.last >= next.first {
            violations.add(
                "calendar.special_days", "name a day twice: \(CivilDate(daysSinceEpoch: next.first).text)")
            return
        }
    }

    private static func intervals(
        _ wire: [HourInterval], _ field: String, _ violations: inout Violations
    ) -> [Interval] {
        let intervals = wire.prefix(25).map {
            Interval(start: Int($0.startMinute), end: Int($0.endMinute))
        }
        for (index, interval) in intervals.enumerated() {
            let place = "\(field).intervals[\(index)]"
            violations.require(
                (0..<minutesOfDay).contains(interval.start), "\(place).start_minute",
                "is not 0 to \(minutesOfDay - 1)")
            if interval.end == 0 {
                violations.add("\(place).end_minute", "is required", reason: "REQUIRED")
            } else {
                violations.require(
                    interval.end > interval.start && interval.end - interval.start <= minutesOfDay,
                    "\(place).end_minute", "is not within a day after the start")
            }
        }
        guard violations.found.isEmpty else { return intervals }
        do {
            _ = try hours(intervals)
        } catch WorkingCalendarError.tooManyIntervals {
            violations.add("\(field).intervals", "has more than 24")
        } catch {
            violations.add("\(field).intervals", "overlap")
        }
        return intervals.sorted { $0.start < $1.start }
    }
}
