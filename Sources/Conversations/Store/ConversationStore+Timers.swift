import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

/// A timer under lease.
struct DueTimer: Sendable {
    var tenantID: UUID
    var conversationID: UUID
    var kind: TimerKind
    /// The fencing token.
    var token: Int64
}

extension ConversationStore {
    /// A conversation's timers are these from now on; sent together with COMMIT.
    func setTimers(of conversation: UUID, _ due: [TimerKind: Instant]) {
        let kinds = due.keys.map(\.rawValue).sorted()
        let times = due.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
        transaction.beforeCommit(
            """
            with gone as (
                delete from conversations.timer
                where tenant_id = \(tenantID) and conversation_id = \(conversation) and kind <> all(\(kinds))
            )
            insert into conversations.timer (tenant_id, conversation_id, kind, due_time)
            select \(tenantID), \(conversation), wanted.kind, wanted.due_time
            from unnest(\(kinds), \(times)) as wanted (kind, due_time)
            on conflict (tenant_id, conversation_id, kind) do update
            -- Whoever is at it with the old time finds another token, and does nothing.
            set due_time = excluded.due_time, lease_until = '-infinity', token = timer.token + 1
            where timer.due_time <> excluded.due_time
            """)
    }

    /// Ends a timer, if its lease is still this one.
    /// - Returns: whether it was.
    func end(_ timer: DueTimer) async throws -> Bool {
        try await transaction.query(
            """
            delete from conversations.timer
            where tenant_id = \(tenantID) and conversation_id = \(timer.conversationID) and kind = \(timer.kind.rawValue)
                and token = \(timer.token)
            """
        ).affected == 1
    }

    /// Conversations whose timers another rule decides from now on look again: each gets one that is due.
    func wake(_ kind: TimerKind, states: [String], department: UUID?, channel: ChannelKind, at now: Instant) async throws {
        try await transaction.query(
            """
            insert into conversations.timer (tenant_id, conversation_id, kind, due_time)
            select tenant_id, conversation_id, \(kind.rawValue), \(now)
            from conversations.conversation
            where tenant_id = \(tenantID) and state = any(\(states)) and channel = \(channel.rawValue)
                and (\(department == nil) or department_id = \(department))
            on conflict (tenant_id, conversation_id, kind) do update
            set due_time = excluded.due_time, lease_until = '-infinity', token = timer.token + 1
            """)
    }

    /// Conversations of an account whose window has another length from now on look again.
    func wakeWindows(of account: UUID, at now: Instant) async throws {
        try await transaction.query(
            """
            insert into conversations.timer (tenant_id, conversation_id, kind, due_time)
            select tenant_id, conversation_id, \(TimerKind.window.rawValue), \(now)
            from conversations.conversation
            where tenant_id = \(tenantID) and state in ('automated', 'queued', 'offered', 'open', 'pending')
                and channel_account_id = \(account)
            on conflict (tenant_id, conversation_id, kind) do update
            set due_time = excluded.due_time, lease_until = '-infinity', token = timer.token + 1
            """)
    }
}

/// The timers of all tenants, as the process that fires them sees them. Lease time is the database's alone.
struct TimerQueue: Sendable {
    let pool: PostgresPool

    /// Takes due timers under lease, the longest due first. Two processes never get the same one.
    func claim(at now: Instant, limit: Int, lease: Duration) async throws -> [DueTimer] {
        try await pool.query(
            """
            -- As a subquery of the update it could run more than once, and take more than the limit.
            with due as materialized (
                select tenant_id, conversation_id, kind
                from conversations.timer
                where due_time <= \(now) and lease_until < clock_timestamp()
                order by due_time
                limit \(limit)
                for update skip locked
            )
            update conversations.timer
            set lease_until = clock_timestamp() + \(lease), token = timer.token + 1
            from due
            where timer.tenant_id = due.tenant_id and timer.conversation_id = due.conversation_id and timer.kind = due.kind
            returning timer.tenant_id, timer.conversation_id, timer.kind, timer.token
            """
        ).map(DueTimer.init(row:))
    }

    /// When the next timer is due that nobody works on; `nil`: there is none.
    func nextDue() async throws -> Instant? {
        try await pool.query(
            """
            select due_time
            from conversations.timer
            where lease_until < clock_timestamp()
            order by due_time
            limit 1
            """
        ).only?.decode(Instant.self)
    }

    /// Whether a timer is due, whoever works on it.
    func isAnyDue(at now: Instant) async throws -> Bool {
        try await pool.query(
            """
            select exists (select from conversations.timer where due_time <= \(now))
            """
        ).only?.decode(Bool.self) ?? false
    }
}

extension DueTimer {
    fileprivate init(row: Row) throws {
        tenantID = try row["tenant_id"]
        conversationID = try row["conversation_id"]
        kind = try row.word("kind")
        token = try row["token"]
    }
}
