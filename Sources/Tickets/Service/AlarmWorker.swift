import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Tells of warnings and breaches when they are due: sleeps until the next one, is woken when an earlier one comes, and stamps what it
/// tells with the moment that was due, however late it looks (guarantee 8). Replicas share the work by leases; an alarm ends in the
/// transaction that tells of it, and what was told stands in the clock's row, so that it is told once.
struct AlarmWorker: ServiceLifecycle.Service {
    static let hint = "tickets_alarm"
    static let lease: Duration = .seconds(30)
    static let batchMax = 50
    /// How long a hint that was lost can delay an alarm that came in meanwhile; one that was known is never late.
    static let lookInterval: Duration = .seconds(5)
    static let retryInterval: Duration = .seconds(1)

    let surroundings: Surroundings

    func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }

    private func work() async {
        while !Task.isCancelled {
            // Before the look: a hint that comes between it and the wait is not lost.
            let hints = surroundings.pool.listen(Self.hint, atLeastEvery: Self.lookInterval)
            do {
                if try await fireDue() { continue }
                await wait(until: try await AlarmStore(pool: surroundings.pool).next(), hints)
            } catch is CancellationError {
                return
            } catch {
                surroundings.logger.warning("alarms cannot be looked at", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.retryInterval)
            }
        }
    }

    /// Until the next alarm is due, or a hint comes.
    private func wait(until next: Instant?, _ hints: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in hints { break } }
            if let next { group.addTask { try? await surroundings.clock.sleep(until: next) } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Fires what is due at the clock's present instant.
    /// - Returns: whether there was anything.
    func fireDue() async throws -> Bool {
        let due = try await AlarmStore(pool: surroundings.pool).claim(
            until: surroundings.clock.now, limit: Self.batchMax, lease: Self.lease)
        for alarm in due { try await fire(alarm) }
        return !due.isEmpty
    }

    private func fire(_ alarm: DueAlarm) async throws {
        try await surroundings.tenants.transaction(as: alarm.tenantID) { transaction in
            let work = surroundings.ownWork(alarm.tenantID, transaction)
            // The ticket first, as everybody locks it first.
            guard var open = try await work.opened([alarm.ticketID]).first else {
                _ = try await work.store.end(alarm)
                return
            }
            guard try await work.store.end(alarm) else { return }
            try await work.fire(alarm.kind, of: &open)
        }
    }
}

/// When everything that is due has been told, for `POST /test/settle`.
struct AlarmSettler: Settler {
    let worker: AlarmWorker

    var settlerName: String { "tickets.alarms" }

    func settle() async throws -> Bool {
        let (store, clock) = (AlarmStore(pool: worker.surroundings.pool), worker.surroundings.clock)
        guard try await store.hasDue(until: clock.now) else { return false }
        // One that another replica holds is awaited.
        while try await store.hasDue(until: clock.now) {
            if try await !worker.fireDue() { try await Task.sleep(for: Self.pollInterval) }
        }
        return true
    }

    private static let pollInterval: Duration = .milliseconds(5)
}

extension Work {
    /// Tells what is due of one clock. The ticket stays as it is but for its history.
    fileprivate func fire(_ kind: ClockKind, of open: inout OpenTicket) async throws {
        let alarms = open.clocks.book.alarms(kind, until: now)
        for alarm in alarms { try await tell(alarm, of: &open) }
        if !alarms.isEmpty {
            open.ticket.version += 1
            open.ticket.updated = max(open.ticket.updated, now)
            try await store.update(open.ticket)
        }
        var own = open.clocks
        own.book.clocks = own.book.clocks.filter { $0.key == kind }
        try await save(own, of: open.ticket.id)
    }
}

/// The alarms of all tenants: ids and times only. Lease time is the database's alone; an alarm's time is product time.
struct AlarmStore: Sendable {
    let pool: PostgresPool

    func claim(until now: Instant, limit: Int, lease: Duration) async throws -> [DueAlarm] {
        try await pool.query(
            """
            -- As a subquery of the update it could run more than once, and take more than the limit.
            with due as materialized (
                select tenant_id, ticket_id, kind
                from tickets.clock_alarm
                where due_time <= \(now) and lease_until < clock_timestamp()
                order by due_time
                limit \(limit)
                for update skip locked
            )
            update tickets.clock_alarm
            set lease_until = clock_timestamp() + \(lease), token = clock_alarm.token + 1
            from due
            where clock_alarm.tenant_id = due.tenant_id and clock_alarm.ticket_id = due.ticket_id and clock_alarm.kind = due.kind
            returning clock_alarm.tenant_id, clock_alarm.ticket_id, clock_alarm.kind, clock_alarm.token
            """
        ).map {
            DueAlarm(
                tenantID: try $0["tenant_id"], ticketID: try $0["ticket_id"],
                kind: try ClockKind(stored: $0["kind"]),
                token: try $0["token"])
        }
    }

    /// Whether anything is due, whoever holds it.
    func hasDue(until now: Instant) async throws -> Bool {
        try await pool.query(
            "select exists (select from tickets.clock_alarm where due_time <= \(now))")[0].decode(
                Bool.self)
    }

    /// When the next alarm that nobody holds is due.
    func next() async throws -> Instant? {
        try await pool.query(
            """
            select due_time
            from tickets.clock_alarm
            where lease_until < clock_timestamp()
            order by due_time
            limit 1
            """
        ).first?.decode(Instant.self)
    }
}
