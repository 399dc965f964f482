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
        try await withTestDatabase(migrating: TicketsModule.migrations!) { database in
            let findings = try await database.schemaFindings(of: TicketsModule.name)
            #expect(findings == [])
        }
    }

    @Test("row-level security stands on every table but those that are read across tenants, which hold ids and times")
    func exemptTables() async throws {
        try await withTestDatabase(migrating: TicketsModule.migrations!) { database in
            let exempt = try await database.tablesWithoutRowSecurity(of: TicketsModule.name)
            #expect(
                exempt == [
                    "clock_alarm", "event", "event_consumer", "event_epoch", "event_partition", "job", "migration",
                    "tenant_deletion", "tenant_held", "tenant_retention",
                ])
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
}
