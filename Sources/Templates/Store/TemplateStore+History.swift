import FoundationEssentials
import Postgres
import WallTime

extension TemplateStore {
    func append(_ entry: TemplateHistoryEntry) async throws {
        try await transaction.query(
            """
            insert into templates.template_history
                (tenant_id, template_id, seq, change, actor, record_time, revision, status_before, status_after,
                 category_before, category_after, quality_before, quality_after, report, report_key, ignored_reason)
            values
                (\(tenantID), \(entry.templateID), \(entry.seq), \(entry.change.rawValue), \(entry.actor), \(entry.recordTime),
                 \(entry.revision), \(entry.statusBefore?.rawValue), \(entry.statusAfter.rawValue),
                 \(entry.categoryBefore?.rawValue), \(entry.categoryAfter.rawValue), \(entry.qualityBefore?.rawValue),
                 \(entry.qualityAfter?.rawValue), \(entry.report.map { PostgresJSON(keeping: $0) }), \(entry.report?.key),
                 \(entry.ignoredReason?.rawValue))
            """)
    }

    /// Whether the same report has been taken before.
    func hasReport(_ report: ProviderReport, of id: TemplateID) async throws -> Bool {
        let rows = try await transaction.query(
            """
            select exists (
                select from templates.template_history
                where tenant_id = \(tenantID) and template_id = \(id) and report_key = \(report.key)
            )
            """)
        return try rows[0].decode(Bool.self)
    }

    /// The history of a template, newest first, before a place (`nil`: from the newest on).
    func history(of id: TemplateID, before seq: Int32?, limit: Int) async throws -> [TemplateHistoryEntry] {
        let rows = try await transaction.query(
            """
            select template_id, seq, change, actor, record_time, revision, status_before, status_after, category_before,
                   category_after, quality_before, quality_after, report, ignored_reason
            from templates.template_history
            where tenant_id = \(tenantID) and template_id = \(id) and (\(seq)::integer is null or seq < \(seq))
            order by seq desc
            limit \(limit)
            """)
        return try rows.map(TemplateHistoryEntry.init(row:))
    }
}

extension TemplateHistoryEntry {
    init(row: Row) throws {
        func word<Word: RawRepresentable<String>>(_ column: String, as type: Word.Type = Word.self) throws -> Word? {
            try row[column, as: String?.self].map { try Word(stored: $0) }
        }
        self.init(
            seq: try row["seq"], templateID: try row["template_id"], change: try Change(stored: row["change"]),
            actor: try row["actor"], recordTime: try row["record_time"], revision: try row["revision"],
            statusBefore: try word("status_before"), statusAfter: try TemplateStatus(stored: row["status_after"]),
            categoryBefore: try word("category_before"), categoryAfter: try TemplateCategory(stored: row["category_after"]),
            qualityBefore: try word("quality_before"), qualityAfter: try word("quality_after"),
            report: try row["report", as: PostgresJSON?.self]?.kept(), ignoredReason: try word("ignored_reason"))
    }
}
