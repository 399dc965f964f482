import Foundation
import Testing
import Trials
import WallTime
import WorkingTime

@testable import Tickets

@Suite("Clocks against counting")
struct ClockOracleTests {
    /// Random histories; the long run has a hundred thousand.
    private static let count = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 2_000 : 100_000

    @Test("G6, G7, C31: what a clock consumed, when it is due and when it ran out are what counting tick by tick finds")
    func G7_countedTickByTick() throws {
        var random = SeededGenerator(seed: 20_261_129)
        let calendars = try Self.calendars()
        for number in 0..<Self.count {
            let history = History(calendars, &random)
            let log = try #require(ClockLog(history.steps))
            let counted = history.count(until: History.ticks)
            let end = history.instant(History.ticks)
            #expect(log.consumed(at: end) == counted.consumed, "history \(number): consumed")
            #expect(log.exhaustion(until: end) == counted.exhausted, "history \(number): ran out")
            if let due = counted.due { #expect(log.due == due, "history \(number): due") }
            if log.current.isRunning, let due = log.due, due < end { #expect(counted.due == due, "history \(number): due early") }
            if !log.current.isRunning { #expect(log.due == nil, "history \(number): stands still") }
        }
    }

    /// Zones with whole, half and quarter hours, changes of the clocks in the time looked at, nights, holidays.
    private static func calendars() throws -> [WorkingCalendar] {
        func hours(_ intervals: (Int, Int)...) throws -> DayHours {
            try DayHours(intervals.map { $0.0 * 900..<$0.1 * 900 })
        }
        let office = try hours((36, 48), (52, 72))
        let night = try hours((88, 120))
        let week = try Array(repeating: office, count: 5) + [hours((40, 52)), .closed]
        let holiday = CivilDate(year: 2026, month: 10, day: 26).daysSinceEpoch
        var calendars = [WorkingCalendar.always]
        for zone in ["America/New_York", "Europe/Lisbon", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo"] {
            let zone = try ZoneRules(zone)
            calendars.append(try WorkingCalendar(zone: zone, week: week))
            calendars.append(try WorkingCalendar(zone: zone, week: Array(repeating: night, count: 7)))
            calendars.append(
                try WorkingCalendar(
                    zone: zone, week: week,
                    exceptions: [
                        .init(days: holiday...holiday, hours: .closed),
                        .init(days: holiday + 3...holiday + 4, hours: try hours((0, 4), (90, 96))),
                    ]))
        }
        return calendars
    }
}

/// A clock's history on a grid of quarter hours, in the days around the clocks' changes of autumn 2026.
private struct History {
    static let ticks = 700
    private static let origin = Instant(rfc3339: "2026-10-22T00:00:00Z")!
    private static let tick: Duration = .seconds(900)

    var steps: [ClockLog.Step]

    init(_ calendars: [WorkingCalendar], _ random: inout SeededGenerator) {
        var tick = random.below(200)
        var step = ClockLog.Step(
            time: Self.instant(tick), state: .running, target: Self.tick * random.below(120),
            calendar: calendars[random.below(calendars.count)])
        steps = [step]
        for _ in 0..<random.below(8) {
            tick += random.below(90)
            guard tick < Self.ticks else { break }
            step.time = Self.instant(tick)
            switch random.below(4) {
            case 0: step.target = Self.tick * random.below(120)
            case 1: step.calendar = calendars[random.below(calendars.count)]
            default: step.state = step.isRunning ? (random.below(3) == 0 ? .met : .paused) : .running
            }
            steps.append(step)
        }
    }

    static func instant(_ tick: Int) -> Instant { origin.advanced(by: Self.tick * tick) }
    func instant(_ tick: Int) -> Instant { Self.instant(tick) }

    /// Looks at every tick whether it counts. A step of no length still says its target at its moment.
    func count(until end: Int) -> (consumed: Duration, exhausted: Instant?, due: Instant?) {
        var (consumed, exhausted, due) = (0, Instant?.none, Instant?.none)
        for tick in 0...end {
            let now = instant(tick)
            for (index, step) in steps.enumerated() where step.time == now && step.isRunning {
                if let target = step.target, Self.tick * consumed >= target {
                    exhausted = exhausted ?? now
                    if index == steps.count - 1 { due = due ?? now }
                }
            }
            guard let index = steps.lastIndex(where: { $0.time <= now }), steps[index].isRunning, tick < end,
                steps[index].calendar?.isOpen(at: now) ?? false
            else { continue }
            consumed += 1
            if let target = steps[index].target, Self.tick * consumed >= target {
                exhausted = exhausted ?? instant(tick + 1)
                if index == steps.count - 1 { due = due ?? instant(tick + 1) }
            }
        }
        return (Self.tick * consumed, exhausted, due)
    }
}

extension SeededGenerator {
    fileprivate mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
