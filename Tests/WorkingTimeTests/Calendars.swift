import Foundation
import Trials
import WallTime

@testable import WorkingTime

extension CommandLine {
    static var environment: [String: String] { ProcessInfo.processInfo.environment }
}

extension WorkingCalendar {
    /// Hours of every kind, with exceptions in the days around an instant.
    static func random(in zone: ZoneRules, around microseconds: Int64, using random: inout SeededGenerator) throws
        -> WorkingCalendar
    {
        let today = Int(microseconds.flooredQuotient(86_400_000_000))
        var exceptions: [Exception] = []
        for day in today - 3...today + 60 where Int.random(in: 0..<12, using: &random) == 0 {
            exceptions.append(Exception(days: day...day, hours: try .random(using: &random)))
        }
        return try WorkingCalendar(zone: zone, week: (0..<7).map { _ in try .random(using: &random) }, exceptions: exceptions)
    }

    /// The oracle: the local date and second of each second, and whether they stand inside the hours.
    func secondBySecond(from start: Int64, seconds: Int) -> TickLine {
        var isOpen: [Bool] = []
        isOpen.reserveCapacity(seconds)
        var hours: [Int: DayHours] = [:]
        func hoursOf(_ day: Int) -> DayHours {
            if let known = hours[day] { return known }
            let found = exceptions.first { $0.days.contains(day) }?.hours ?? week[((day + 3) % 7 + 7) % 7]
            hours[day] = found
            return found
        }
        var segment = zone.segment(containing: start)
        var today = Int.min
        var table: [Bool] = []
        for index in 0..<Int64(seconds) {
            let tick = start + index * 1_000_000
            if tick >= segment.microseconds.upperBound { segment = zone.segment(containing: tick) }
            let local = (tick + segment.offset).flooredQuotient(1_000_000)
            let day = Int(local.flooredQuotient(86_400))
            if day != today {
                today = day
                table = Array(repeating: false, count: 86_400)
                for interval in hoursOf(day).intervals {
                    for second in interval where second < 86_400 { table[second] = true }
                }
                for interval in hoursOf(day - 1).intervals {
                    for second in interval where second >= 86_400 { table[second - 86_400] = true }
                }
            }
            isOpen.append(table[Int(local - Int64(day) * 86_400)])
        }
        return TickLine(isOpen: isOpen)
    }
}

extension DayHours {
    static func random(using random: inout SeededGenerator) throws -> DayHours {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .closed
        case 1: return .allDay
        case 2:
            let start = Int.random(in: 16 * 3_600..<86_400, using: &random)
            return try DayHours([start..<start + Int.random(in: 1...10 * 3_600, using: &random)])
        default:
            let cuts = (0..<4).map { _ in Int.random(in: 0..<86_400, using: &random) }.sorted()
            return try DayHours(
                [cuts[0]..<cuts[1] + 1, cuts[2] + 1..<cuts[3] + 2].filter { $0.lowerBound < 86_400 && $0.lowerBound > -1 })
        }
    }
}

/// A calendar without the shortcut over weeks.
struct Unhurried: OpenTime {
    var calendar: WorkingCalendar

    func walker(from tick: Int64) -> Walker { Walker(walker: calendar.walker(from: tick)) }

    struct Walker: OpenTimeWalker {
        var walker: CalendarWalker
        mutating func next(before end: Int64) -> Range<Int64>? { walker.next(before: end) }
        mutating func skip(openMax: Int64, before end: Int64) -> Int64 { 0 }
    }
}

/// A calendar that counts the steps of its walkers.
struct CountedCalendar: OpenTime {
    final class Steps {
        var count = 0
    }

    var calendar: WorkingCalendar
    let steps = Steps()

    func walker(from tick: Int64) -> Walker { Walker(walker: calendar.walker(from: tick), steps: steps) }

    struct Walker: OpenTimeWalker {
        var walker: CalendarWalker
        let steps: Steps

        mutating func next(before end: Int64) -> Range<Int64>? {
            steps.count += 1
            return walker.next(before: end)
        }

        mutating func skip(openMax: Int64, before end: Int64) -> Int64 {
            steps.count += 1
            return walker.skip(openMax: openMax, before: end)
        }
    }
}
