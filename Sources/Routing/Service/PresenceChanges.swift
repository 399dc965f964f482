import EventLog
import FoundationEssentials
import Postgres
import WallTime

/// Changes of presence inside one transaction: each is told, and leaves the work that follows from it as a job.
struct PresenceChanges: Sendable {
    let store: PresenceStore
    let events: EventLog
    let jobs: JobQueue
    let now: Instant

    /// Heartbeats received now.
    /// - Returns: how many count.
    func beat(_ keys: [AgentKey]) async throws -> Int {
        let rows = try await store.locked(Array(Set(keys)))
        let due = now.advanced(by: Heartbeats.onlineAge)
        try await store.set(
            rows.map { row in
                (PresenceRow(key: row.key, presence: .online, lastBeat: max(row.lastBeat, now)), due)
            })
        let risen = rows.filter { $0.presence != .online }
        try await store.begin(risen.map { ($0.key, .online) }, at: now)
        for row in risen { try await tell(row.key, from: row.presence, to: .online) }
        return rows.count
    }

    /// What has become of those whose time has come.
    /// - Parameter since: when heartbeats began to be received without a break.
    /// - Returns: how many were looked at.
    func elapse(receivingSince since: Instant, limit: Int) async throws -> Int {
        let rows = try await store.due(at: now, limit: limit)
        var changed: [(row: PresenceRow, due: Instant?)] = []
        for row in rows {
            let heartbeats = Heartbeats(last: row.lastBeat, receivingSince: since)
            var new = row
            new.presence = heartbeats.presence(at: now)
            // A break may have made the age younger than the state; only a heartbeat makes anybody online.
            if row.presence == .reconnecting, new.presence == .online { new.presence = .reconnecting }
            changed.append((new, heartbeats.nextChange(after: now)))
            if new.presence != row.presence { try await tell(row.key, from: row.presence, to: new.presence) }
        }
        try await store.set(changed)
        let before = Dictionary(rows.map { ($0.key, $0.presence) }, uniquingKeysWith: { first, _ in first })
        try await store.begin(
            changed.filter { $0.row.presence != before[$0.row.key] }.map { ($0.row.key, $0.row.presence) }, at: now)
        return rows.count
    }

    /// Whether an agent's heartbeats count from now on. Who does not count is offline at once.
    func setCounted(_ counted: Bool, _ key: AgentKey) async throws {
        guard let was = try await store.setCounted(counted, key), !counted, was != .offline else { return }
        try await store.begin([(key, .offline)], at: now)
        try await tell(key, from: was, to: .offline)
    }

    private func tell(_ key: AgentKey, from before: Presence, to after: Presence) async throws {
        let event = RoutingEvent.presence(key.agent, before: before, after: after)
        try await events.append([event.newEvent(tenantID: key.tenantID, time: now)], in: store.transaction)
        switch after {
        case .offline: enqueue(.withdraw(key.agent, .offline), key.tenantID)
        case .online: enqueue(.welcome(key.agent), key.tenantID)
        case .reconnecting: break
        }
    }

    private func enqueue(_ work: AgentWork, _ tenantID: UUID) {
        jobs.enqueue([work.job(tenantID: tenantID, at: now)], in: store.transaction)
    }
}
