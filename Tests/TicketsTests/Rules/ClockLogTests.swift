import Foundation
import Testing
import WallTime
import WorkingTime

@testable import Tickets

@Suite("The algebra of clocks")
struct ClockLogTests {
    /// 2026-09-26T10:00:00Z, a Saturday.
    private let start = Instant(milliseconds: 1_790_416_800_000)

    private func step(
        _ seconds: Int, _ state: ClockState = .running, hours: Int = 8, calendar: WorkingCalendar = .always
    ) -> ClockLog.Step {
        ClockLog.Step(
            time: start.advanced(by: .seconds(seconds)), state: state, target: .seconds(hours * 3_600), calendar: calendar)
    }

    private func log(_ steps: ClockLog.Step...) throws -> ClockLog { try #require(ClockLog(steps)) }

    @Test("G7: pauses put off the end by exactly their length, and a clock that stands still is due never")
    func G7_pausesPutOff() throws {
        let running = try log(step(0), step(3_600, .paused), step(10_000))
        #expect(running.due == start.advanced(by: .seconds(8 * 3_600 + 6_400)))
        #expect(running.consumed(at: start.advanced(by: .seconds(10_100))) == .seconds(3_700))
        let paused = try log(step(0), step(3_600, .paused))
        #expect(paused.due == nil && paused.consumed(at: .latest) == .seconds(3_600))
    }

    @Test("G7: another target or calendar keeps what has been consumed; a target below it runs out at the change")
    func G7_changesKeepConsumed() throws {
        let shorter = try log(step(0), step(7_200, hours: 4))
        #expect(shorter.due == start.advanced(by: .seconds(4 * 3_600)))
        let below = try log(step(0), step(7_200, hours: 1))
        #expect(below.due == start.advanced(by: .seconds(7_200)))
        #expect(below.exhaustion(until: .latest) == below.due)
        // Mondays to Fridays, 9 to 17 h in UTC: two hours of Saturday were consumed around the clock, six are left from Monday on.
        let hours = try DayHours([9 * 3_600..<17 * 3_600])
        let weekdays = try WorkingCalendar(
            zone: .utc, week: Array(repeating: hours, count: 5) + [.closed, .closed])
        let moved = try log(step(0), step(7_200, calendar: weekdays))
        #expect(moved.due == Instant(rfc3339: "2026-09-28T15:00:00Z"))
    }

    @Test("C39: resolved time is a pause; the clock goes on with what it had consumed")
    func C39_reopenedGoesOn() throws {
        let reopened = try log(step(0), step(3_600, .met), step(86_400))
        #expect(reopened.consumed(at: start.advanced(by: .seconds(86_400))) == .seconds(3_600))
        #expect(reopened.due == start.advanced(by: .seconds(86_400 + 7 * 3_600)))
    }

    @Test("G8: the moment at which a clock ran out is found in its log whatever came afterwards, also at its very last moment")
    func G8_exhaustionIsInTheLog() throws {
        let late = try log(step(0, hours: 1), step(3_601, .paused, hours: 1), step(9_000, .met, hours: 9))
        #expect(late.exhaustion(until: .latest) == start.advanced(by: .seconds(3_600)))
        #expect(late.exhaustion(until: start.advanced(by: .seconds(3_599))) == nil)
        let inTime = try log(step(0, hours: 1), step(3_599, .met, hours: 1))
        #expect(inTime.exhaustion(until: .latest) == nil)
    }

    @Test("G7: news that comes late holds from the last step on, so that nothing counted is taken back")
    func G7_lateNews() throws {
        let late = try log(step(0), step(7_200, .paused), step(3_600))
        #expect(late.current.time == start.advanced(by: .seconds(7_200)))
        #expect(late.consumed(at: start.advanced(by: .seconds(7_200))) == .seconds(7_200))
    }

    @Test("G7: time before any policy was there counts in the calendar of the first one, and ran nothing out")
    func G7_firstPolicyComesLate() throws {
        let hours = try DayHours([9 * 3_600..<17 * 3_600])
        let weekdays = try WorkingCalendar(zone: .utc, week: Array(repeating: hours, count: 5) + [.closed, .closed])
        // It began on a Saturday; the policy came two days later, on Monday at 10.
        let bare = ClockLog.Step(time: start, state: .running)
        let late = try log(bare, step(2 * 86_400, calendar: weekdays))
        #expect(late.due == Instant(rfc3339: "2026-09-28T17:00:00Z"))
        #expect(try log(bare).due == nil && log(bare).exhaustion(until: .latest) == nil)
    }

    @Test("C31: a warning is open time before the end, and moves with it")
    func C31_warning() throws {
        let clock = try log(step(0), step(3_600, .paused), step(7_200))
        #expect(clock.warning(before: .seconds(3_600)) == clock.due?.advanced(by: .seconds(-3_600)))
        #expect(clock.warning(before: nil) == nil)
        #expect(clock.warning(before: .seconds(80_000)) == start.advanced(by: .seconds(7_200)))
    }

    @Test("G6: what a clock costs does not depend on how long its calendar is closed")
    func G6_closedForCenturies() throws {
        let opens = CivilDate(year: 9000, month: 1, day: 1).daysSinceEpoch
        let closed = try WorkingCalendar(
            zone: ZoneRules("America/Sao_Paulo"), week: Array(repeating: .allDay, count: 7),
            exceptions: [.init(days: 0...opens - 1, hours: .closed)])
        let clock = try log(step(0, hours: 1, calendar: closed))
        let late = start.advanced(by: .seconds(86_400 * 365 * 6_900))
        let time = ContinuousClock().measure {
            for _ in 0..<1_000 { #expect(clock.due.map { $0 > late } == true) }
        }
        // Seven thousand years day by day would be minutes.
        #expect(time < .seconds(20))
    }
}
