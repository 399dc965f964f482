import FoundationEssentials
import Postgres
import WallTime

/// A closing rule as its row holds it.
struct StoredClosingRule: Sendable {
    /// `nil`: departments without a row of their own.
    var departmentID: UUID?
    var channel: ChannelKind
    /// 0: nobody has said anything.
    var version: Int64 = 0
    var rule: ClosingRule
    var updated: Instant?
}

extension ConversationStore {
    /// The rule that holds for a department and channel: its own, else the one for all, else the standard one.
    func closingRule(department: UUID?, channel: ChannelKind) async throws -> StoredClosingRule {
        try await transaction.query(
            """
            select \(fragment: Self.closingColumns)
            from conversations.closing_rule
            where tenant_id = \(tenantID) and channel = \(channel.rawValue)
                and (department_id = \(department) or department_id is null)
            order by department_id nulls last
            limit 1
            """
        ).map(StoredClosingRule.init(row:)).first
            ?? StoredClosingRule(channel: channel, rule: .standard(for: channel))
    }

    /// Rules by department, those for all first, then by channel.
    func closingRules(after: (department: UUID?, channel: String)?, limit: Int) async throws -> [StoredClosingRule] {
        // No department has the nil UUID: it stands for "all" in the order.
        try await transaction.query(
            """
            select \(fragment: Self.closingColumns)
            from conversations.closing_rule
            where tenant_id = \(tenantID)
                and (\(after == nil)
                     or (coalesce(department_id, \(UUID.allZero)), channel)
                        > (coalesce(\(after?.department)::uuid, \(UUID.allZero)), \(after?.channel ?? "")))
            order by coalesce(department_id, \(UUID.allZero)), channel
            limit \(limit)
            """
        ).map(StoredClosingRule.init(row:))
    }

    /// - Returns: the row's new version; `nil`: it is at another one than expected, or not there.
    func set(_ stored: StoredClosingRule, expected: Int64?, at now: Instant) async throws -> Int64? {
        let rule = stored.rule
        return try await transaction.query(
            """
            insert into conversations.closing_rule as current
                (tenant_id, department_id, channel, inactive_after_seconds, notice_text, notice_before_seconds,
                 close_expired_after_seconds, update_time)
            select \(tenantID), \(stored.departmentID), \(stored.channel.rawValue), \(rule.inactiveAfter?.components.seconds),
                   \(rule.notice?.text ?? ""), \(rule.notice?.before.components.seconds),
                   \(rule.closeExpiredAfter?.components.seconds), \(now)
            where \(expected == nil) or exists (
                select from conversations.closing_rule
                where tenant_id = \(tenantID) and department_id is not distinct from \(stored.departmentID)
                    and channel = \(stored.channel.rawValue)
            )
            on conflict (tenant_id, department_id, channel) do update
            set version = current.version + 1, inactive_after_seconds = excluded.inactive_after_seconds,
                notice_text = excluded.notice_text, notice_before_seconds = excluded.notice_before_seconds,
                close_expired_after_seconds = excluded.close_expired_after_seconds, update_time = excluded.update_time
            where \(expected == nil) or current.version = \(expected)
            returning version
            """
        ).only?.decode(Int64.self)
    }

    static let closingColumns: SQL = """
        department_id, channel, version, inactive_after_seconds, notice_text, notice_before_seconds,
        close_expired_after_seconds, update_time
        """
}

extension StoredClosingRule {
    fileprivate init(row: Row) throws {
        departmentID = try row["department_id"]
        channel = try row.word("channel")
        version = try row["version"]
        let inactive: Int64? = try row["inactive_after_seconds"]
        let before: Int64? = try row["notice_before_seconds"]
        let expired: Int64? = try row["close_expired_after_seconds"]
        let text: String = try row["notice_text"]
        rule = ClosingRule(
            inactiveAfter: inactive.map { .seconds($0) }, notice: before.map { .init(text: text, before: .seconds($0)) },
            closeExpiredAfter: expired.map { .seconds($0) })
        updated = try row["update_time"]
    }
}

extension UUID {
    static let allZero = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
