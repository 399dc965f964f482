import Foundation
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("The schema of conversations")
struct SchemaTests {
    @Test("P5: the snapshot in the tree is what the migrations build, and it bears every statement of the last release")
    func snapshotIsTrue() async throws {
        try await withTestDatabase(migrating: ConversationsModule.migrations!) { database in
            let findings = try await database.schemaFindings(of: ConversationsModule.name)
            #expect(findings == [])
        }
    }

    @Test("row-level security stands on every table but those that are read across tenants, which hold ids and times")
    func exemptTables() async throws {
        try await withTestDatabase(migrating: ConversationsModule.migrations!) { database in
            let exempt = try await database.tablesWithoutRowSecurity(of: ConversationsModule.name)
            #expect(
                exempt == [
                    "event", "event_consumer", "event_epoch", "event_partition", "job", "migration", "swept_tenant",
                    "tenant_deletion", "tenant_held", "tenant_retention", "timer", "widget_key",
                ])
        }
    }

    @Test("row-level security: a query that forgets its tenant finds nothing, one with another tenant neither")
    func rowLevelSecurity() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.customer("v1", of: tenant)
            let pool = inbox.surroundings.pool
            for (tenantID, expected) in [(nil, 0), (Tenant(2).id, 0), (tenant.id, 1)] as [(UUID?, Int)] {
                let settings = tenantID.map { ["switchboard.tenant_id": $0.text] } ?? [:]
                let rows = try await pool.query("select count(*) from conversations.conversation", settings: settings)
                #expect(try rows.only?.decode(Int.self) == expected)
            }
        }
    }
}
