import Synchronization

/// Something that works by itself and can tell when it has caught up: timers, consumers, job workers.
package protocol Settler: Sendable {
    /// Named in the answer when settling takes too long.
    var settlerName: String { get }

    /// Waits until nothing is left to do at the clock's present instant.
    /// - Returns: whether there was something to do, so that the others must be asked again.
    func settle() async throws -> Bool
}

/// Answers when a process has come to rest: every due timer has fired, every consumer has caught up.
package final class Settlement: Sendable {
    /// Rounds in which somebody still had something to do, before it is called a loop.
    static let roundsMax = 1_000
    /// The longest that anybody is waited for; long enough for a machine that is short of time.
    static let timeMax: Duration = .seconds(100)

    private let clock: ProductClock
    private let timeMax: Duration
    private let settlers = Mutex<[any Settler]>([])

    package init(clock: ProductClock, timeMax: Duration? = nil) {
        self.clock = clock
        self.timeMax = timeMax ?? Self.timeMax
    }

    package func add(_ settler: any Settler) {
        settlers.withLock { $0.append(settler) }
    }

    /// Asks everyone, again and again, until nobody had anything to do in a whole round.
    /// - Throws: `Failure` NEVER_SETTLES with the name of who does not come to rest.
    package func settle() async throws {
        for _ in 0..<Self.roundsMax {
            var worked = false
            if clock.hasDueSleepers {
                worked = true
                _ = try await within("timers") { [clock] in
                    while clock.hasDueSleepers { try await Task.sleep(for: ProductClock.filePollInterval) }
                    return true
                }
            }
            for settler in settlers.withLock({ $0 }) {
                if try await within(settler.settlerName, settler.settle) { worked = true }
            }
            if !worked { return }
        }
        throw neverSettles("work begets work without end")
    }

    private func within(_ name: String, _ settle: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        let trouble = Mutex<String?>(nil)
        return try await withThrowingTaskGroup(of: Bool?.self) { group in
            defer { group.cancelAll() }
            group.addTask { @Sendable in
                try await Self.persistently(settle) { error in trouble.withLock { $0 = ": \(error)" } }
            }
            group.addTask { [timeMax] in
                try await Task.sleep(for: timeMax)
                return nil
            }
            guard let worked = try await group.next() ?? nil else {
                throw neverSettles("\(name) has not come to rest\(trouble.withLock { $0 ?? "" })")
            }
            return worked
        }
    }

    /// Who cannot be asked now, such as a replica that was just started again, or one whose connections are all taken, may be
    /// there the next time: nobody is at rest until then.
    private static func persistently(
        _ settle: @Sendable () async throws -> Bool, failed: @Sendable (any Error) -> Void
    ) async throws -> Bool {
        var hasFailed = false
        while true {
            do {
                return try await settle() || hasFailed
            } catch let error where !(error is Failure || error is CancellationError) {
                hasFailed = true
                failed(error)
                try await Task.sleep(for: ProductClock.filePollInterval)
            }
        }
    }

    private func neverSettles(_ why: String) -> Failure {
        Failure(.internal, reason: "NEVER_SETTLES", why)
    }
}
