import Foundation
import Testing
import WallTime

@testable import Tickets

@Suite("The status machine")
struct StatusTableTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "statuses.golden")

    /// `SWITCHBOARD_WRITE_SNAPSHOTS=1` rewrites the file.
    @Test("S41: every status and every event has the answer that the golden file tells")
    func S41_wholeTable() throws {
        let lines = TicketStatus.allCases.flatMap { status in
            StatusTable.Event.allCases.map { event in
                "\(status.rawValue) + \(event.rawValue): \(Self.text(StatusTable.outcome(status, event)))"
            }
        }
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_SNAPSHOTS"] != nil {
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == text)
        #expect(lines.count == TicketStatus.allCases.count * StatusTable.Event.allCases.count)
    }

    @Test("C39: nothing leads out of closed and cancelled, and only reopening out of resolved but closing")
    func C39_endsAreEnds() {
        for status in [TicketStatus.closed, .cancelled] {
            for event in StatusTable.Event.allCases {
                #expect([.refused, .unchanged].contains(StatusTable.outcome(status, event)), "\(status) \(event)")
            }
        }
        let out = StatusTable.Event.allCases.filter {
            if case .move = StatusTable.outcome(.resolved, $0) { true } else { false }
        }
        #expect(out == [.close])
        #expect(StatusTable.Event(asking: .new) == nil)
    }

    @Test("C39: a resolved ticket reopens up to and including the last moment, and not a microsecond later")
    func C39_lastMoment() {
        let resolved = Instant(milliseconds: 1_790_416_800_000)
        let end = Reopening.end(resolved: resolved, within: Reopening.standard)
        #expect(resolved.duration(to: end) == .seconds(7 * 86_400))
        #expect(Reopening.isAllowed(resolved: resolved, within: Reopening.standard, now: end))
        #expect(!Reopening.isAllowed(resolved: resolved, within: Reopening.standard, now: end.advanced(by: .microseconds(1))))
    }

    @Test("C24: a start keeps a living ticket, reopens a resolved one in time, and follows up on every other")
    func C24_whatAStartDoes() {
        let now = Instant(milliseconds: 1_790_416_800_000)
        func start(_ status: TicketStatus, merged: Bool = false, resolvedAgo: Duration? = nil) -> ServiceStart {
            ServiceStart(
                status, isMerged: merged, resolved: resolvedAgo.map { now.advanced(by: .zero - $0) },
                within: .seconds(3_600), now: now)
        }
        for status in [TicketStatus.new, .open, .pending, .onHold] { #expect(start(status) == .keep, "\(status)") }
        #expect(start(.resolved, resolvedAgo: .seconds(3_600)) == .reopen)
        #expect(start(.resolved, resolvedAgo: .seconds(3_601)) == .followUp)
        #expect(start(.closed) == .followUp && start(.cancelled) == .followUp)
        for status in TicketStatus.allCases { #expect(start(status, merged: true, resolvedAgo: .zero) == .followUp) }
    }

    private static func text(_ outcome: StatusTable.Outcome) -> String {
        switch outcome {
        case .move(let status): status.rawValue
        case .reopen: "reopen"
        case .unchanged: "unchanged"
        case .refused: "refused"
        }
    }
}
