import ConversationsV1
import ServiceRuntime
import TicketsV1
import WallTime

/// 7, 8: every warning and every breach was told once, stamped with the moment that was due; the moment is counted anew from the
/// conversations' events, the promises, and the hours, minute by minute of what was open.
extension DayJudge {
    func alarms() -> [DayFinding] {
        let expected = expectedAlarms()
        var told: [DayAlarm: Int] = [:]
        for event in record.tickets where event.kind == .warned || event.kind == .breached {
            told[DayAlarm(event), default: 0] += 1
        }
        let twice = told.filter { $0.value > 1 }.map { DayFinding(8, "\($0.key) was told \($0.value) times") }
        let missing = expected.subtracting(told.keys).map { DayFinding(7, "\($0) was not told") }
        let wrong = Set(told.keys).subtracting(expected).map { DayFinding(7, "\($0) was told, and is not due") }
        return twice + missing + wrong
    }

    func expectedAlarms() -> Set<DayAlarm> {
        let open = DayPromises.openHours(from: start)
        return Set(
            histories().flatMap { ticket, history in
                history.firstResponse.alarms(DayPromises.firstResponse, .firstResponse, of: ticket, open, until: record.end)
                    + history.resolution.alarms(DayPromises.resolution, .resolution, of: ticket, open, until: record.end)
            })
    }

    /// What has happened to each ticket, from the events of its conversations.
    private func histories() -> [String: TicketHistory] {
        var ticketOf: [String: String] = [:]
        for event in record.tickets {
            for linked in event.ticket?.conversations ?? [] { ticketOf[linked.conversationID] = event.ticketID }
        }
        var histories: [String: TicketHistory] = [:]
        for event in record.conversations {
            guard let ticket = ticketOf[event.conversationID] else { continue }
            histories[ticket, default: TicketHistory()].take(event)
        }
        return histories
    }
}

/// A warning or breach of one ticket's clock.
struct DayAlarm: Sendable, Hashable, CustomStringConvertible {
    var ticket: String
    var kind: TicketEventKind
    var clock: TicketsV1.ClockKind
    var time: Instant

    var description: String { "\(kind) of \(clock) of ticket \(ticket) for \(time)" }
}

extension DayAlarm {
    init(_ event: TicketEvent) {
        self.init(
            ticket: event.ticketID, kind: event.kind, clock: event.clock, time: event.occurTime.map { Instant($0) } ?? .earliest)
    }
}

/// The conversations of one ticket as its clocks see them.
private struct TicketHistory {
    /// Spans in which a clock ran; the last one may still.
    struct Runs {
        var spans: [(start: Instant, end: Instant?)] = []

        mutating func run(_ runs: Bool, at time: Instant) {
            let isRunning = spans.last.map { $0.end == nil } ?? false
            if runs, !isRunning { spans.append((time, nil)) }
            if !runs, isRunning { spans[spans.count - 1].end = time }
        }
    }

    private(set) var firstResponse = Runs()
    private(set) var resolution = Runs()
    private var waitingOn: [String: ConversationsV1.WaitingOn] = [:]
    private var closed: Set<String> = []
    private var begun: Set<String> = []
    private var isAnswered = false

    mutating func take(_ event: ConversationEvent) {
        let id = event.conversationID
        if startsService(event), begun.insert(id).inserted {
            // Whoever waits has waited since he came.
            let time = event.arrivalTimeAfter.map { Instant($0) } ?? event.time
            if begun.count == 1 { firstResponse.run(true, at: time) }
            waitingOn[id] = .agent
            settle(at: time)
        }
        guard begun.contains(id) else { return }
        if let message = event.newMessage, event.stateAfter != .closed {
            if message.author?.kind == .customer { waitingOn[id] = .agent }
            if message.author?.kind == .agent {
                waitingOn[id] = .customer
                firstResponse.run(false, at: event.time)
            }
        }
        if event.stateAfter == .closed {
            closed.insert(id)
            waitingOn[id] = nil
            if closed == begun { firstResponse.run(false, at: event.time) }
        }
        settle(at: event.time)
    }

    private mutating func settle(at time: Instant) {
        let waits = waitingOn.values
        let isPaused = !waits.contains(.agent) && waits.contains(.customer)
        resolution.run(closed != begun && !isPaused, at: time)
    }

    private func startsService(_ event: ConversationEvent) -> Bool {
        [.automated, .queued, .offered].contains(event.stateBefore) && event.stateAfter == .open
    }
}

extension TicketHistory.Runs {
    fileprivate func alarms(
        _ promise: DayPromises.Promise, _ clock: TicketsV1.ClockKind, of ticket: String, _ open: [Range<Instant>],
        until end: Instant
    ) -> [DayAlarm] {
        let amounts: [(TicketEventKind, Swift.Duration)] = [
            (.warned, promise.target - promise.warnBefore), (.breached, promise.target),
        ]
        return amounts.compactMap { kind, amount in
            moment(consuming: amount, open, until: end).map {
                DayAlarm(ticket: ticket, kind: kind, clock: clock, time: $0)
            }
        }
    }

    /// The first moment at which so much open time had run; nil if it had not until the end.
    private func moment(consuming amount: Swift.Duration, _ open: [Range<Instant>], until end: Instant) -> Instant? {
        var left = amount
        for span in spans {
            for hours in open {
                let from = max(span.start, hours.lowerBound)
                let to = min(span.end ?? end, hours.upperBound)
                guard from < to else { continue }
                if from.duration(to: to) >= left { return from.advanced(by: left) }
                left -= from.duration(to: to)
            }
        }
        return nil
    }
}
