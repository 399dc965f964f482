import Foundation
import GRPC
import Synchronization

/// An open load: writes fall due by a fixed schedule, whether or not earlier ones have been answered, and belong in turn to
/// senders of whom each is sequential. A sender that was held up sends what has fallen due meanwhile; how late each answer
/// was counts from when the write was due. Each write is repeated, with its request id, until it is acknowledged.
package final class WriteLoad: Sendable {
    /// Whether a repetition carries the id of what it repeats. A client that makes a new one each time has a bug.
    package enum RequestIDs: Sendable { case perWrite, perAttempt }

    package typealias Call = @Sendable (_ write: Write, _ requestID: UUID) async throws -> Void

    private struct State {
        var end: ContinuousClock.Instant?
        var acknowledged = 0
        var refusals: [StatusCode: Int] = [:]
        var lateness: [Duration] = []
    }

    package let journal: WriteJournal
    private let rate: Int
    private let senderCount: Int
    private let requestIDs: RequestIDs
    private let call: Call
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    /// - Parameters:
    ///   - rate: writes that fall due in a second.
    ///   - call: one attempt; returns when the write is acknowledged.
    package init(
        perSecond rate: Int, senders: Int, requestIDs: RequestIDs = .perWrite, journal: WriteJournal, call: @escaping Call
    ) {
        self.rate = rate
        senderCount = senders
        self.requestIDs = requestIDs
        self.journal = journal
        self.call = call
    }

    /// Runs the load beside the body, and after it until every write that fell due has been acknowledged.
    package func run(beside body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senderCount { group.addTask { try await self.write(as: sender) } }
            try await body()
            state.withLock { $0.end = .now }
            try await group.waitForAll()
        }
    }

    private func write(as sender: Int) async throws {
        for number in 0... {
            let due = start + .seconds(1) * (number * senderCount + sender) / rate
            if due > .now { try await Task.sleep(until: due, clock: .continuous) }
            if let end = state.withLock({ $0.end }), due > end { return }
            let write = Write(sender: sender, number: number)
            try await journal.intend(write)
            try await send(write)
            try await journal.acknowledge(write)
            state.withLock { state in
                state.acknowledged += 1
                state.lateness.append(.now - due)
            }
        }
    }

    private func send(_ write: Write) async throws {
        let requestID = UUID()
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await call(write, requestIDs == .perWrite ? requestID : UUID())
            } catch let error as RPCError {
                state.withLock { $0.refusals[error.code, default: 0] += 1 }
                guard Self.mayBeRepeated.contains(error.code), .now < limit else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// UNAVAILABLE and DEADLINE_EXCEEDED leave open whether the write has happened; ABORTED says that an earlier attempt is
    /// still under way.
    private static let mayBeRepeated: Set<StatusCode> = [.unavailable, .deadlineExceeded, .aborted]

    // MARK: - How it goes

    package var acknowledgedCount: Int { state.withLock(\.acknowledged) }

    /// Calls that failed behind the channel's own repetitions, by code.
    package var refusals: [StatusCode: Int] { state.withLock(\.refusals) }

    /// Waits until as many writes have been acknowledged as have fallen due by now, and some more.
    /// - Returns: how long that took.
    @discardableResult
    package func caughtUp(within limit: Duration = .seconds(300)) async throws -> Duration {
        let begun = ContinuousClock.now
        try await acknowledged(Int((begun - start) / .seconds(1) * Double(rate)) + senderCount, within: limit)
        return .now - begun
    }

    /// Waits until so many writes have been acknowledged.
    package func acknowledged(_ count: Int, within limit: Duration = .seconds(300)) async throws {
        let deadline = ContinuousClock.now + limit
        while acknowledgedCount < count {
            guard .now < deadline else {
                throw ChildProcessError("\(acknowledgedCount) of \(count) writes were acknowledged; refused: \(refusals)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Figures for people.
    package var summary: String {
        let (count, refusals, lateness) = state.withLock { ($0.acknowledged, $0.refusals, $0.lateness.sorted()) }
        guard let last = lateness.last else { return "no writes" }
        func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
        let (median, p99) = (lateness[count / 2], lateness[count * 99 / 100])
        return """
            \(count) writes at \(rate)/s, late by \(milliseconds(median)) ms (median), \(milliseconds(p99)) ms (p99), \
            \(milliseconds(last)) ms (most); refused: \(refusals.map { "\($0.key) \($0.value)" }.sorted())
            """
    }
}
