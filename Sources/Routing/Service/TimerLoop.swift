import EventLog
import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Fires timers exactly when they are due. A timer's end and what follows from it are one transaction; any number of replicas
/// do it beside each other.
struct TimerLoop: ServiceLifecycle.Service {
    static let channel = "routing_timer"
    static let batchMax = 100

    let surroundings: Surroundings
    /// How long a timer that another replica set can go unseen when its hint is lost.
    let pollInterval: Duration

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var hints = surroundings.pool.listen(Self.channel, atLeastEvery: pollInterval).makeAsyncIterator()
            while true {
                do {
                    let next = try await surroundings.fireTimers()
                    try await surroundings.wait(until: next, orHint: &hints, on: Self.channel)
                } catch is CancellationError where Task.isCancelled {
                    return
                } catch {
                    surroundings.logger.warning("timers could not be looked at", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }
    }
}

/// A timer whose time has come.
struct DueTimer: Sendable, Hashable {
    var tenantID: UUID
    var kind: TimerKind
    var subject: UUID
}

extension Surroundings {
    /// Fires all timers that are due.
    /// - Returns: when the next one is.
    func fireTimers() async throws -> Instant? {
        while try await fireSomeTimers() == TimerLoop.batchMax {}
        return try await pool.query("select min(due_time) from routing.timer")[0].decode(Instant?.self)
    }

    /// The loop looks again once the transaction has committed.
    func timersChanged(in transaction: Transaction) {
        transaction.afterCommit { [pool] in pool.notify(TimerLoop.channel) }
    }

    private func fireSomeTimers() async throws -> Int {
        let now = clock.now
        return try await pool.transaction(TransactionOptions()) { transaction in
            let due = try await takeDueTimers(at: now, transaction)
            for timer in due {
                try await transaction.query(
                    "select set_config('switchboard.tenant_id', \(timer.tenantID.text), true)")
                let store = RoutingStore(transaction: transaction, tenantID: timer.tenantID)
                switch timer.kind {
                case .statusUntil: try await endAbsence(of: AgentID(timer.subject), at: now, store)
                case .offer:
                    jobs.enqueue(
                        [OfferTimeout(conversation: ConversationID(timer.subject)).job(timer.tenantID, now)], in: transaction)
                case .rescue:
                    jobs.enqueue(
                        [PausedRescue(conversation: ConversationID(timer.subject)).job(timer.tenantID, now)], in: transaction)
                case .dispatch: try await wantDispatch(of: [DepartmentID(timer.subject).orNil], store)
                }
            }
            return due.count
        }
    }

    private func takeDueTimers(at now: Instant, _ transaction: Transaction) async throws -> [DueTimer] {
        try await transaction.query(
            """
            -- As a subquery of the delete it could run more than once, and take more than the limit.
            with due as materialized (
                select tenant_id, kind, subject_id
                from routing.timer
                where due_time <= \(now)
                order by due_time
                limit \(TimerLoop.batchMax)
                for update skip locked
            )
            delete from routing.timer
            using due
            where timer.tenant_id = due.tenant_id and timer.kind = due.kind and timer.subject_id = due.subject_id
            returning timer.tenant_id, timer.kind, timer.subject_id
            """
        ).map { row in
            DueTimer(
                tenantID: try row["tenant_id"], kind: try TimerKind(stored: row["kind"]), subject: try row["subject_id"])
        }
    }

    /// C56: an absence that is over ends, for somebody who is there; who is not is available when he comes back.
    func endAbsence(of agent: AgentID, at now: Instant, _ store: RoutingStore) async throws {
        guard let agent = try await store.lockedAgent(agent) else { return }
        let status = agent.status.elapsed(at: now, presence: agent.presence)
        guard status != agent.status else { return }
        let work = RoutingWork(store: store, surroundings: self, now: now, actor: "system", action: "AbsenceOver")
        try await work.set(status, of: agent)
    }

    /// Returns at an instant, or when there is a hint on the channel that the iterator listens to.
    func wait(until next: Instant?, orHint hints: inout AsyncStream<Void>.Iterator, on channel: String) async throws {
        guard let next else {
            _ = await hints.next()
            return try Task.checkCancellation()
        }
        // The iterator stays in this task; the timer beside it wakes it by a hint of its own.
        let timer = Task { [clock, pool] in
            try await clock.sleep(until: next)
            pool.hint(channel)
        }
        defer { timer.cancel() }
        _ = await hints.next()
        try Task.checkCancellation()
    }
}
