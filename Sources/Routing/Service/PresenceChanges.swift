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
    func beat(_ keys: [AgentKey], ofBots: Bool = false) async throws -> Int {
        let rows = try await store.locked(Array(Set(keys))).filter { $0.isBot == ofBots }
        let due = now.advanced(by: Heartbeats.onlineAge)
        try await store.set(
            rows.map { row in
                (PresenceRow(key: row.key, presence: .online, lastBeat: max(row.lastBeat, now), isBot: row.isBot), due)
            })
        let risen = rows.filter { $0.presence != .online }
        try await store.begin(risen.filter { !$0.isBot }.map { ($0.key, .online) }, at: now)
        for row in risen { try await tell(row, to: .online, since: now) }
        return rows.count
    }

    /// A heartbeat of a bot's (C44).
    func beat(bot: AgentKey) async throws {
        try await store.insertBot(bot, at: now)
        _ = try await beat([bot], ofBots: true)
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
            if new.presence != row.presence {
                try await tell(row, to: new.presence, since: heartbeats.end(of: row.presence, notAfter: now))
            }
        }
        try await store.set(changed)
        let before = Dictionary(rows.map { ($0.key, $0.presence) }, uniquingKeysWith: { first, _ in first })
        try await store.begin(
            changed.filter { !$0.row.isBot && $0.row.presence != before[$0.row.key] }.map { ($0.row.key, $0.row.presence) },
            at: now)
        return rows.count
    }

    /// Whether an agent's heartbeats count from now on. Who does not count is offline at once.
    func setCounted(_ counted: Bool, _ key: AgentKey) async throws {
        guard let was = try await store.setCounted(counted, key), !counted, was != .offline else { return }
        try await store.begin([(key, .offline)], at: now)
        try await tell(PresenceRow(key: key, presence: was, lastBeat: now), to: .offline, since: now)
    }

    /// - Parameter since: when it came to be so.
    private func tell(_ row: PresenceRow, to after: Presence, since: Instant) async throws {
        let (key, before) = (row.key, row.presence)
        let event: RoutingEvent =
            row.isBot
            ? .botPresence(BotID(key.agent.uuid), before: before, after: after)
            : .presence(key.agent, before: before, after: after)
        try await events.append([event.newEvent(tenantID: key.tenantID, time: now)], in: store.transaction)
        if row.isBot { return }
        if before == .online { enqueue(.leave(key.agent, since), key.tenantID) }
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
