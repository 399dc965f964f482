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

    private let clock: ProductClock
    private let settlers = Mutex<[any Settler]>([])

    package init(clock: ProductClock) {
        self.clock = clock
    }

    package func add(_ settler: any Settler) {
        settlers.withLock { $0.append(settler) }
    }

    /// Asks everyone, again and again, until nobody had anything to do in a whole round.
    package func settle() async throws {
        for _ in 0..<Self.roundsMax {
            var worked = false
            while clock.hasDueSleepers {
                worked = true
                try await Task.sleep(for: ProductClock.filePollInterval)
            }
            for settler in settlers.withLock({ $0 }) where try await settler.settle() { worked = true }
            if !worked { return }
        }
        throw Failure(.internal, reason: "NEVER_SETTLES", "work begets work without end")
    }
}
