import FoundationEssentials
import Postgres
import WallTime

/// One line of a conversation's history (C60).
struct HistoryEntry: Sendable {
    var number: Int32
    var kind: String
    var time: Instant
    var actor: Author
    var before: ConversationState?
    var after: ConversationState
    var assigneeBefore: UUID?
    var assigneeAfter: UUID?
    var departmentBefore: UUID?
    var departmentAfter: UUID?
    var note = ""
    var forced = false
    /// Its place in the order of the queue after it; `nil`: of before that was kept.
    var arrival: Instant?
}

extension ConversationStore {
    /// Sent together with COMMIT.
    func insert(_ entry: HistoryEntry, of conversation: UUID) {
        transaction.beforeCommit(
            """
            insert into conversations.history
                (tenant_id, conversation_id, number, kind, occur_time, actor_kind, actor_id, state_before, reason_before,
                 state_after, reason_after, assignee_before, assignee_after, department_before, department_after, note, forced,
                 arrival_time)
            values
                (\(tenantID), \(conversation), \(entry.number), \(entry.kind), \(entry.time), \(entry.actor.kind.rawValue),
                 \(entry.actor.id), \(entry.before?.name ?? ""), \(entry.before?.reasonName ?? ""), \(entry.after.name),
                 \(entry.after.reasonName), \(entry.assigneeBefore), \(entry.assigneeAfter), \(entry.departmentBefore),
                 \(entry.departmentAfter), \(entry.note), \(entry.forced), \(entry.arrival))
            """)
    }

    static let historyColumns: SQL = """
        number, kind, occur_time, actor_kind, actor_id, state_before, reason_before, state_after, reason_after,
        assignee_before, assignee_after, department_before, department_after, note, forced, arrival_time
        """

    /// The line that had brought a conversation to where it stood at an instant; `nil`: it had not begun.
    func history(of conversation: UUID, at instant: Instant) async throws -> HistoryEntry? {
        try await transaction.query(
            """
            select \(fragment: Self.historyColumns)
            from conversations.history
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and occur_time <= \(instant)
            order by number desc
            limit 1
            """
        ).map(HistoryEntry.init(row:)).first
    }

    func history(of conversation: UUID, after number: Int32, limit: Int) async throws -> [HistoryEntry] {
        try await transaction.query(
            """
            select \(fragment: Self.historyColumns)
            from conversations.history
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and number > \(number)
            order by number
            limit \(limit)
            """
        ).map(HistoryEntry.init(row:))
    }
}

extension HistoryEntry {
    init(row: Row) throws {
        number = try row["number"]
        kind = try row["kind"]
        time = try row["occur_time"]
        actor = Author(kind: try row.word("actor_kind"), id: try row["actor_id"])
        before = ConversationState(name: try row["state_before"], reason: try row["reason_before"])
        let (state, reason): (String, String) = (try row["state_after"], try row["reason_after"])
        guard let known = ConversationState(name: state, reason: reason) else { throw UnknownWord(word: "\(state) \(reason)") }
        after = known
        assigneeBefore = try row["assignee_before"]
        assigneeAfter = try row["assignee_after"]
        departmentBefore = try row["department_before"]
        departmentAfter = try row["department_after"]
        note = try row["note"]
        forced = try row["forced"]
        arrival = try row["arrival_time"]
    }
}
