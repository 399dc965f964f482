import WallTime
import WorkingTime

/// What a clock of a ticket measures (C33). Raw values are those of the database.
enum ClockKind: String, Sendable, Hashable, CaseIterable {
    case firstResponse = "first_response"
    case nextResponse = "next_response"
    case resolution
}

enum ClockState: String, Sendable, Hashable, CaseIterable {
    case running, paused
    /// What it measured has happened.
    case met
    /// Its ticket ended without it.
    case ended
}

/// The log of one clock: from when on it stood how, with which target, in which calendar. All that is said of the clock follows
/// from it: due = f(start, target, calendar, pauses), and another target or calendar keeps what has been consumed (guarantee 7).
struct ClockLog: Sendable, Hashable {
    struct Step: Sendable, Hashable {
        /// Since when it holds, until the next step.
        var time: Instant
        var state: ClockState
        /// How much open time there is, in all. Nil while no policy gives it a target.
        var target: Duration?
        /// `WorkingCalendar.always`: around the clock. Nil while no policy names one: such time is counted in the calendar that was
        /// the last before, or else the first after.
        var calendar: WorkingCalendar?

        var isRunning: Bool { state == .running }
    }

    /// In the order of their times; at least one.
    let steps: [Step]
    /// In which each step is counted.
    private let calendars: [WorkingCalendar]

    /// - Parameter steps: in the order in which they were made. One that came late (its news was under way) holds from the one before
    ///   it on: what has been counted stays counted.
    /// - Returns: nil if there is none.
    init?(_ steps: [Step]) {
        guard let first = steps.first else { return nil }
        var ordered = [first]
        for var step in steps.dropFirst() {
            step.time = max(step.time, ordered[ordered.count - 1].time)
            ordered.append(step)
        }
        self.steps = ordered
        var calendar = steps.lazy.compactMap(\.calendar).first ?? .always
        calendars = steps.map { step in
            calendar = step.calendar ?? calendar
            return calendar
        }
    }

    var current: Step { steps[steps.count - 1] }

    /// The open time consumed from the start to an instant.
    func consumed(at instant: Instant) -> Duration {
        steps.indices.reduce(.zero) { $0 + consumed(in: $1, until: instant) }
    }

    /// When a clock that goes on as it stands now will have consumed an amount; nil where it stands still, or never.
    func instant(consuming amount: Duration) -> Instant? {
        guard current.isRunning, let calendar = calendars.last else { return nil }
        return calendar.instant(after: amount - consumed(at: current.time), openSince: current.time)
    }

    /// When the clock runs out; nil where it stands still, or never.
    var due: Instant? { current.target.flatMap { instant(consuming: $0) } }

    /// When it warns: so much open time before its end. Nil where it stands still, or never.
    func warning(before end: Duration?) -> Instant? {
        guard let end, let target = current.target else { return nil }
        return instant(consuming: max(.zero, target - end))
    }

    /// The first instant, up to and including one, at which it had run out; nil if it had not. A step that lowers the target below
    /// what has been consumed runs it out then.
    func exhaustion(until instant: Instant) -> Instant? {
        var before = Duration.zero
        for (index, step) in steps.enumerated() where step.time <= instant && step.isRunning {
            if let target = step.target,
                let due = calendars[index].instant(after: target - before, openSince: step.time), due <= end(of: index, instant)
            {
                return due
            }
            before += consumed(in: index, until: instant)
        }
        return nil
    }

    private func consumed(in index: Int, until instant: Instant) -> Duration {
        guard steps[index].isRunning else { return .zero }
        return calendars[index].openTime(from: steps[index].time, to: end(of: index, instant))
    }

    /// A step's end: the next one's beginning, or the instant asked about.
    private func end(of index: Int, _ instant: Instant) -> Instant {
        index + 1 < steps.count ? min(steps[index + 1].time, instant) : instant
    }
}
