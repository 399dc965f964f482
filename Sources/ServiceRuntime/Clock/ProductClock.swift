import Synchronization
import WallTime

/// Product time: when things happen for customers and agents (DESIGN.md 4).
///
/// In production it is the system clock corrected by the measured offset to the database's clock, so that replicas agree. In
/// tests it stands still at the instant a file holds, which several processes may share, until somebody writes another one.
package final class ProductClock: Sendable {
    /// How often a sleeper looks whether the test clock's file has moved.
    static let filePollInterval: Duration = .milliseconds(5)
    /// The longest single wait; after it the offset to the database is looked at anew.
    static let waitMax: Duration = .seconds(1)

    private let file: TestClockFile?
    /// The system clock, uncorrected.
    package let machine: @Sendable () -> Instant
    private let offset = Mutex<Duration>(.zero)
    private let sleepers = Mutex<Sleepers>(Sleepers())

    private struct Sleepers {
        var next = 0
        var due: [Int: Instant] = [:]
    }

    /// The system clock, to be kept on the database's time with ``correct(by:)``.
    package init(machine: @escaping @Sendable () -> Instant = { .now }) {
        file = nil
        self.machine = machine
    }

    /// The instant in a file, for tests.
    package init(file: TestClockFile) {
        self.file = file
        machine = { .now }
    }

    package var now: Instant {
        if let file { return file.now }
        return machine().advanced(by: offset.withLock { $0 })
    }

    /// Whether tests move this clock.
    package var isTestClock: Bool { file != nil }

    /// Returns once `now` has reached `instant`.
    /// - Throws: `CancellationError`.
    package func sleep(until instant: Instant) async throws {
        let id = sleepers.withLock { sleepers in
            sleepers.next += 1
            sleepers.due[sleepers.next] = instant
            return sleepers.next
        }
        defer { _ = sleepers.withLock { $0.due.removeValue(forKey: id) } }
        while true {
            let left = now.duration(to: instant)
            if left <= .zero { return }
            try await Task.sleep(for: isTestClock ? Self.filePollInterval : min(left, Self.waitMax))
        }
    }

    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now.advanced(by: duration))
    }

    /// The database's clock is this much ahead of the system's.
    package func correct(by duration: Duration) {
        offset.withLock { $0 = duration }
    }

    package var correction: Duration { offset.withLock { $0 } }

    /// Moves a test clock, for every process that shares its file.
    package func set(_ instant: Instant) throws {
        guard let file else { preconditionFailure("only a test clock can be set") }
        try file.set(instant)
    }

    /// Whether anybody sleeps.
    var isAwaited: Bool { sleepers.withLock { !$0.due.isEmpty } }

    /// Whether somebody still sleeps who should be awake by now.
    var hasDueSleepers: Bool {
        let now = now
        return sleepers.withLock { $0.due.values.contains { $0 <= now } }
    }
}
