import Foundation
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing

@testable import Tickets

@Suite("The schema of tickets")
struct SchemaTests {
    @Test("P5: the snapshot in the tree is what the migrations build, and it bears every statement of the last release")
    func snapshotIsTrue() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Sources/Tickets/Database/schema.sql")
        try await withTestDatabase(migrating: TicketsModule.migrations!) { database in
            let difference = try database.schemaDifference(of: TicketsModule.name, from: file.standardized.path)
            #expect(difference == nil)
            let broken = try await database.brokenStatements(of: TicketsModule.name)
            #expect(broken == [])
        }
    }

    @Test("row-level security: a query that forgets its tenant finds nothing, one with another tenant neither")
    func rowLevelSecurity() async throws {
        try await withDesk { desk in
            _ = try await desk.create(.init(subject: "a"))
            for (tenantID, expected) in [(nil, 0), (UUID.v7(at: .now), 0), (desk.tenantID, 1)] as [(UUID?, Int)] {
                let settings = tenantID.map { ["switchboard.tenant_id": $0.text] } ?? [:]
                let rows = try await desk.surroundings.pool.query("select count(*) from tickets.ticket", settings: settings)
                #expect(try rows.only?.decode(Int.self) == expected)
            }
        }
    }

    @Test("row-level security stands on every table but those that workers read across tenants, which hold ids and times")
    func exemptTables() async throws {
        try await withDesk { desk in
            let rows = try await desk.surroundings.pool.query(
                """
                select table_class.relname
                from pg_class table_class
                join pg_namespace space on space.oid = table_class.relnamespace
                where space.nspname = 'tickets' and table_class.relkind in ('r', 'p')
                    and not (table_class.relrowsecurity and table_class.relforcerowsecurity)
                    and table_class.relname !~ '^event_y[0-9]+m[0-9]+$'
                order by 1
                """)
            let exempt = try rows.map { try $0.decode(String.self) }
            #expect(
                exempt == [
                    "clock_alarm", "event", "event_consumer", "event_epoch", "event_partition", "job", "migration",
                    "tenant_deletion", "tenant_held", "tenant_retention",
                ])
        }
    }
}
