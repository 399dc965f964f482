import Testing
import Trials
import WallTime

@testable import WorkingTime

let isLong = CommandLine.environment["SWITCHBOARD_TEST_LONG"] == "1"

/// Guarantee 6: calendars in real zones, against looking at the wall clock second by second.
@Suite struct CalendarTests {
    @Test(
        "6: open time equals looking at the clock each second, for 48 hours around every change 2000 to 2037",
        arguments: ZoneTests.zones)
    func equalsTheWallClock(_ identifier: String) throws {
        let zone = try ZoneRules(identifier)
        var windows = zone.changes(from: 2000, through: 2037).map { $0 - 86_400_000_000 }
        if windows.isEmpty { windows = [Instant(rfc3339: "2026-11-20T18:15:00Z")!.microseconds] }
        var random = SeededGenerator(seed: 0x5EED_0048)
        for window in windows {
            let calendar = try WorkingCalendar.random(in: zone, around: window, using: &random)
            let line = calendar.secondBySecond(from: window, seconds: 2 * 86_400)
            var walker = calendar.walker(from: window)
            var openings: [Range<Int64>] = []
            while let open = walker.next(before: window + line.length * 1_000_000) {
                let seconds = (open.lowerBound - window) / 1_000_000..<min((open.upperBound - window) / 1_000_000, line.length)
                if let last = openings.last, last.upperBound == seconds.lowerBound {
                    openings[openings.count - 1] = last.lowerBound..<seconds.upperBound
                } else {
                    openings.append(seconds)
                }
            }
            #expect(openings == line.openings, "\(identifier), 48 h from \(Instant(microseconds: window))")
            for _ in 0..<20 {
                let from = Int64.random(in: 0..<line.length, using: &random)
                let amount = Int64.random(in: 1...40_000, using: &random)
                guard let due = line.tick(after: amount, openSince: from, before: line.length) else { continue }
                let start = Instant(microseconds: window + from * 1_000_000)
                #expect(
                    calendar.instant(after: .seconds(amount), openSince: start) == Instant(microseconds: window + due * 1_000_000)
                )
                #expect(calendar.openTime(from: start, to: Instant(microseconds: window + due * 1_000_000)) == .seconds(amount))
            }
        }
    }

    @Test("6: weeks stepped over at once equal weeks walked one by one, over years")
    func shortcutsChangeNothing() throws {
        var random = SeededGenerator(seed: 0x5EED_0052)
        for identifier in ZoneTests.zones {
            let zone = try ZoneRules(identifier)
            for _ in 0..<5 {
                let start = Int64.random(in: 946_684_800...1_900_000_000, using: &random) * 1_000_000 + 123_457
                let calendar = try WorkingCalendar.random(in: zone, around: start, using: &random)
                let slow = Unhurried(calendar: calendar)
                let amount = Int64.random(in: 1...3_000 * 3_600, using: &random) * 1_000_000
                let due = calendar.tick(after: amount, openSince: start, before: Instant.latest.microseconds)
                #expect(due == slow.tick(after: amount, openSince: start, before: Instant.latest.microseconds))
                guard let due else { continue }
                #expect(calendar.openTicks(in: start..<due) == amount)
                #expect(calendar.openTicks(in: start..<due - 1) == amount - 1)
            }
        }
    }

    @Test("6: what a calendar costs does not depend on how long it is closed")
    func closedForCenturies() throws {
        let nineToFive = try DayHours([9 * 3_600..<17 * 3_600])
        let opening = CivilDate(year: 9_000, month: 3, day: 4).daysSinceEpoch
        let closedUntil = WorkingCalendar.Exception(days: 0...opening - 1, hours: .closed)
        let zone = try ZoneRules("America/New_York")
        let calendar = try WorkingCalendar(
            zone: zone, week: Array(repeating: nineToFive, count: 7), exceptions: [closedUntil])
        let start = Instant(rfc3339: "2026-11-21T12:00:00Z")!
        let counted = CountedCalendar(calendar: calendar)
        #expect(
            counted.tick(after: 3_600_000_000, openSince: start.microseconds, before: Instant.latest.microseconds)
                == (Int64(opening) * 86_400 + 15 * 3_600) * 1_000_000)
        #expect(counted.steps.count < 10)

        let never = try WorkingCalendar(zone: zone, week: Array(repeating: .closed, count: 7))
        #expect(never.instant(after: .seconds(1), openSince: start) == nil)
        #expect(never.nextOpening(from: start) == nil)
    }

    @Test("6: a night that the clocks cut or repeat counts what the wall clock shows")
    func nightsOfChange() throws {
        let zone = try ZoneRules("America/New_York")
        let night = try DayHours([22 * 3_600..<30 * 3_600])
        let calendar = try WorkingCalendar(zone: zone, week: Array(repeating: night, count: 7))
        // 2026-03-08: 02:00 becomes 03:00; 2026-11-01: 02:00 becomes 01:00.
        let spring = Instant(rfc3339: "2026-03-07T22:00:00-05:00")!
        #expect(calendar.openTime(from: spring, to: Instant(rfc3339: "2026-03-08T06:00:00-04:00")!) == .seconds(7 * 3_600))
        let autumn = Instant(rfc3339: "2026-10-31T22:00:00-04:00")!
        #expect(calendar.openTime(from: autumn, to: Instant(rfc3339: "2026-11-01T06:00:00-05:00")!) == .seconds(9 * 3_600))
        #expect(calendar.isOpen(at: Instant(rfc3339: "2026-11-01T01:30:00-05:00")!))
        #expect(!calendar.isOpen(at: Instant(rfc3339: "2026-11-01T06:00:00-05:00")!))
        #expect(
            calendar.nextOpening(from: Instant(rfc3339: "2026-11-01T06:00:00-05:00")!)
                == Instant(rfc3339: "2026-11-01T22:00:00-05:00"))
    }

    @Test("6: a holiday closes the night that begins on it, not the one that ends on it")
    func holidays() throws {
        let night = try DayHours([8 * 3_600..<12 * 3_600, 22 * 3_600..<26 * 3_600])
        let christmas = CivilDate(year: 2026, month: 12, day: 25).daysSinceEpoch
        let calendar = try WorkingCalendar(
            zone: .utc, week: Array(repeating: night, count: 7),
            exceptions: [.init(days: christmas...christmas, hours: .closed)])
        #expect(calendar.isOpen(at: Instant(rfc3339: "2026-12-25T01:59:59.999Z")!))
        #expect(!calendar.isOpen(at: Instant(rfc3339: "2026-12-25T02:00:00Z")!))
        #expect(!calendar.isOpen(at: Instant(rfc3339: "2026-12-25T09:00:00Z")!))
        #expect(!calendar.isOpen(at: Instant(rfc3339: "2026-12-26T00:30:00Z")!))
        #expect(calendar.isOpen(at: Instant(rfc3339: "2026-12-26T08:00:00Z")!))
    }

    @Test("hours that make no calendar are refused")
    func refusals() throws {
        #expect(throws: WorkingCalendarError.intervalOutOfDay(-1..<5)) { _ = try DayHours([-1..<5]) }
        #expect(throws: WorkingCalendarError.intervalOutOfDay(3_600..<3_600)) { _ = try DayHours([3_600..<3_600]) }
        #expect(throws: WorkingCalendarError.intervalOutOfDay(1..<86_402)) { _ = try DayHours([1..<86_402]) }
        #expect(throws: WorkingCalendarError.overlap(0..<10, 9..<20)) { _ = try DayHours([9..<20, 0..<10]) }
        #expect(throws: WorkingCalendarError.tooManyIntervals) { _ = try DayHours((0..<25).map { $0 * 10..<$0 * 10 + 5 }) }
        #expect(throws: WorkingCalendarError.weekdays(6)) {
            _ = try WorkingCalendar(zone: .utc, week: Array(repeating: .allDay, count: 6))
        }
        #expect(throws: WorkingCalendarError.exceptionTwice(day: 7)) {
            _ = try WorkingCalendar(
                zone: .utc, week: Array(repeating: .allDay, count: 7),
                exceptions: [.init(days: 7...9, hours: .closed), .init(days: 3...7, hours: .allDay)])
        }
    }
}
