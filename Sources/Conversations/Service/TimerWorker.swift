import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Fires timers the moment they are due: it sleeps until the next one is, by the product clock, and is woken where one is set
/// that is due sooner. Each process has one; a lease decides who fires which, and a process that dies leaves its own to the
/// others.
struct TimerWorker: ServiceLifecycle.Service {
    /// How soon what another process set is seen. Nothing waits for that: no timer is set to so short a time, but by a change
    /// of rules, and a process hears its own at once.
    static let lookInterval: Duration = .seconds(5)
    static let lease: Duration = .seconds(10)
    static let batchMax = 32
    /// After the database was away.
    static let retryInterval: Duration = .seconds(1)

    let surroundings: Surroundings
    private var queue: TimerQueue { TimerQueue(pool: surroundings.pool) }

    init(surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    func run() async throws {
        try await untilShutdown {
            while !Task.isCancelled {
                do {
                    if try await fireDue() == 0 { try await sleep() }
                } catch let error as PostgresError {
                    surroundings.logger.warning("timers cannot be looked at: \(error)")
                    try await Task.sleep(for: Self.retryInterval)
                }
            }
        }
    }

    /// Fires what is due now, as far as nobody else is at it.
    /// - Returns: how many it took.
    func fireDue() async throws -> Int {
        let due = try await queue.claim(at: surroundings.clock.now, limit: Self.batchMax, lease: Self.lease)
        await withDiscardingTaskGroup { group in
            for timer in due { group.addTask { await fire(timer) } }
        }
        return due.count
    }

    private func sleep() async throws {
        try await surroundings.timers.sleep(
            until: try await queue.nextDue(), by: surroundings.clock, atMost: Self.lookInterval)
    }

    /// Where it fails, its lease runs out and it is fired again.
    private func fire(_ timer: DueTimer) async {
        do {
            try await surroundings.transaction(timer.tenantID) { transaction in
                try await surroundings.systemWork(of: timer.tenantID, transaction).fire(timer)
            }
        } catch is CancellationError {
        } catch {
            surroundings.logger.error(
                "a timer did not fire",
                metadata: [
                    "kind": "\(timer.kind.rawValue)", "conversation": "\(timer.conversationID.text)", "error": "\(error)",
                ])
        }
    }
}

/// Lets `POST /test/settle` wait until every due timer has fired.
struct TimerSettler: Settler {
    static let pollInterval: Duration = .milliseconds(5)
    let surroundings: Surroundings

    var settlerName: String { "timers of conversations" }

    func settle() async throws -> Bool {
        let queue = TimerQueue(pool: surroundings.pool)
        guard try await queue.isAnyDue(at: surroundings.clock.now) else { return false }
        surroundings.timers.ring(for: surroundings.clock.now)
        repeat { try await Task.sleep(for: Self.pollInterval) } while try await queue.isAnyDue(at: surroundings.clock.now)
        return true
    }
}
