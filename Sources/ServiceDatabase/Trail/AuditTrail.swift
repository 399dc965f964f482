import FoundationEssentials
import GoogleProtobuf
import Postgres
import ServiceRuntime
import WallTime

/// Who set or forced what in a service, when and for whom (P7): the table `audit_entry` of its schema.
package struct AuditTrail: Sendable {
    let schema: String

    package init(schema: String) {
        self.schema = schema
    }

    /// The step that builds the table, for services whose own steps do not.
    package static let migrationSteps = [
        Migrations.Step("trail/0001_audit_entry", PackageResources._001_audit_entry_sql)
    ]

    /// Leaves a line. It is sent together with COMMIT: what was refused, or rolled back, leaves none.
    package func leave(_ line: AuditLine, of tenantID: UUID, in transaction: Transaction) {
        transaction.beforeCommit(
            """
            insert into \(identifier: schema).audit_entry
                (tenant_id, audit_entry_id, occur_time, actor, on_behalf_of, action, subject, changed_paths)
            values
                (\(tenantID), \(UUID.v7(at: line.time)), \(line.time), \(line.author.actor), \(line.author.onBehalfOf),
                 \(line.author.action), \(line.subject), \(line.paths))
            """)
    }

    /// A page of the lines that are asked for, the newest first, as a contract's ListAuditEntries answers them.
    package func page<Entry: AuditEntryMessage>(
        _ query: AuditQuery, of tenantID: UUID, in transaction: Transaction, _ tokens: PageTokens
    ) async throws -> (entries: [Entry], nextPageToken: String) {
        let rows = try await transaction.query(
            """
            select audit_entry_id, occur_time, actor, on_behalf_of, action, subject, changed_paths
            from \(identifier: schema).audit_entry
            where tenant_id = \(tenantID)
                and (\(query.subject.isEmpty) or subject = \(query.subject))
                and (\(query.actor.isEmpty) or actor = \(query.actor))
                and (\(query.start)::timestamptz is null or occur_time >= \(query.start))
                and (\(query.end)::timestamptz is null or occur_time < \(query.end))
                and (\(query.before)::uuid is null or audit_entry_id < \(query.before))
            order by audit_entry_id desc
            limit \(query.limit + 1)
            """)
        let entries = try rows.prefix(query.limit).map(Entry.init(row:))
        guard rows.count > query.limit, let last = rows.prefix(query.limit).last else { return (entries, "") }
        let place: UUID = try last["audit_entry_id"]
        return (entries, tokens.token(after: [place.text], arguments: query.arguments))
    }
}

/// An entry as contracts write it: each service has a message of its own, and all of them say the same.
package protocol AuditEntryMessage {
    init(occurTime: Timestamp?, actor: String, action: String, subject: String, changedPaths: [String], onBehalfOf: String)
}

extension AuditEntryMessage {
    fileprivate init(row: Row) throws {
        self.init(
            occurTime: Timestamp(try row["occur_time", as: Instant.self]), actor: try row["actor"], action: try row["action"],
            subject: try row["subject"], changedPaths: try row["changed_paths"], onBehalfOf: try row["on_behalf_of"])
    }
}

extension RetentionCategory {
    /// The trail's lines.
    package static func trail(of schema: String) -> RetentionCategory {
        RetentionCategory("logs", standard: .days(730), range: .days(90)...(.days(3_650))) { transaction, tenantID, before in
            // Ids are in the order of their times.
            try await transaction.query(
                """
                delete from \(identifier: schema).audit_entry
                where tenant_id = \(tenantID) and audit_entry_id in (
                    select audit_entry_id
                    from \(identifier: schema).audit_entry
                    where tenant_id = \(tenantID) and occur_time < \(before)
                    order by audit_entry_id
                    limit \(batchMax)
                )
                """
            ).affected
        }
    }
}
