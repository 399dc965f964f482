import FoundationEssentials
import Postgres
import WallTime

/// One line of the trail (P7).
struct AuditLine: Hashable, Sendable {
    var id: UUID
    var time: Instant
    /// As in agent:0198c0de-0000-7000-8000-000000000101.
    var actor: String
    var onBehalfOf: String
    var action: String
    var subject: String
    var paths: [String]
}

/// Which lines are asked for; what is empty restricts nothing.
struct AuditFilter: Hashable, Sendable {
    var subject = ""
    var actor = ""
    var start: Instant?
    var end: Instant?

    var arguments: [String] {
        [subject, actor, start.map { "\($0.microseconds)" } ?? "", end.map { "\($0.microseconds)" } ?? ""]
    }
}

/// Who waited at some instant.
struct QueuedThen: Sendable {
    var conversationID: UUID
    /// Its place in the order of the queue.
    var place: Instant
    var entry: HistoryEntry
}

extension ConversationStore {
    /// Sent together with COMMIT.
    func insert(_ line: AuditLine) {
        transaction.beforeCommit(
            """
            insert into conversations.audit_entry
                (tenant_id, audit_entry_id, occur_time, actor, on_behalf_of, action, subject, changed_paths)
            values
                (\(tenantID), \(line.id), \(line.time), \(line.actor), \(line.onBehalfOf), \(line.action), \(line.subject),
                 \(line.paths))
            """)
    }

    /// The newest first.
    func auditEntries(_ filter: AuditFilter, before: UUID?, limit: Int) -> SQL {
        """
        select audit_entry_id, occur_time, actor, on_behalf_of, action, subject, changed_paths
        from conversations.audit_entry
        where tenant_id = \(tenantID)
            and (\(filter.subject.isEmpty) or subject = \(filter.subject))
            and (\(filter.actor.isEmpty) or actor = \(filter.actor))
            and (\(filter.start)::timestamptz is null or occur_time >= \(filter.start))
            and (\(filter.end)::timestamptz is null or occur_time < \(filter.end))
            and (\(before)::uuid is null or audit_entry_id < \(before))
        order by audit_entry_id desc
        limit \(limit)
        """
    }
}

// MARK: - Rows

extension AuditLine {
    init(row: Row) throws {
        id = try row["audit_entry_id"]
        time = try row["occur_time"]
        actor = try row["actor"]
        onBehalfOf = try row["on_behalf_of"]
        action = try row["action"]
        subject = try row["subject"]
        paths = try row["changed_paths"]
    }
}

extension QueuedThen {
    init(row: Row) throws {
        conversationID = try row["conversation_id"]
        place = try row["place_time"]
        entry = try HistoryEntry(row: row)
    }
}
