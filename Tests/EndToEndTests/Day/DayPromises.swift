import GoogleProtobuf
import TicketsV1
import WallTime

/// What is promised to every customer of the day: a first answer within so much time, and a resolution within working hours.
enum DayPromises {
    /// Monday, 08:00 in Sao Paulo, where clocks have not been changed since 2019: three hours behind UTC.
    static let zone = "America/Sao_Paulo"
    private static let zoneOffset: Swift.Duration = .seconds(-3 * 3_600)
    static let startHour = 8

    struct Promise: Sendable, Hashable {
        var target: Swift.Duration
        var warnBefore: Swift.Duration
        /// It stands still while the customer is waited for.
        var pauses: Bool
    }

    static let firstResponse = Promise(target: .seconds(303), warnBefore: .seconds(101), pauses: false)
    static let resolution = Promise(target: .seconds(7_207), warnBefore: .seconds(3_001), pauses: true)

    /// The hours of each working day, in minutes after its midnight; the break lies in the middle of the evening's work.
    static let hours = [(open: 8 * 60, close: 8 * 60 + 20), (open: 8 * 60 + 26, close: 18 * 60)]

    static var calendar: TicketsV1.Calendar {
        let intervals = hours.map { HourInterval(startMinute: Int32($0.open), endMinute: Int32($0.close)) }
        let days: [TicketsV1.Weekday] = [.monday, .tuesday, .wednesday, .thursday, .friday]
        return TicketsV1.Calendar(
            displayName: "office", timeZone: zone, week: days.map { WeekdayHours(weekday: $0, intervals: intervals) })
    }

    static func policy(calendarID: String) -> SlaPolicy {
        func target(_ kind: ClockKind, _ promise: Promise) -> SlaTarget {
            SlaTarget(
                kind: kind, target: .init(promise.target), warnBefore: .init(promise.warnBefore), pauses: promise.pauses)
        }
        return SlaPolicy(
            displayName: "everybody", rank: 1,
            targets: [target(.firstResponse, firstResponse), target(.resolution, resolution)], calendarID: calendarID)
    }

    /// The last Monday's beginning before an instant, when the day begins.
    static func start(before now: Instant) -> Instant {
        let day = Int64(86_400_000_000)
        let local = now.advanced(by: zoneOffset - .seconds(startHour * 3_600))
        let days = local.microseconds / day
        // The epoch was a Thursday.
        let monday = days - (days + 3) % 7
        return Instant(microseconds: monday * day).advanced(by: .seconds(startHour * 3_600) - zoneOffset)
    }

    /// The open hours of the week that begins with the day, in order.
    static func openHours(from start: Instant) -> [Range<Instant>] {
        let midnight = start.advanced(by: .seconds(-startHour * 3_600))
        return (0..<5).flatMap { day in
            hours.map { hours in
                func moment(_ minute: Int) -> Instant { midnight.advanced(by: .seconds(day * 86_400 + minute * 60)) }
                return moment(hours.open)..<moment(hours.close)
            }
        }
    }
}
