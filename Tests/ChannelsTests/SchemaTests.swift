import PostgresTesting
import Testing

@testable import Channels

@Suite("The schema of channels")
struct SchemaTests {
    @Test("P5: the snapshot in the tree is what the migrations build, and it bears every statement of the last release")
    func snapshotIsTrue() async throws {
        try await withTestDatabase(migrating: ChannelsModule.migrations!) { database in
            let findings = try await database.schemaFindings(of: ChannelsModule.name)
            #expect(findings == [])
        }
    }

    @Test("row-level security stands on every table but those that are read across tenants, which hold ids and times")
    func exemptTables() async throws {
        try await withTestDatabase(migrating: ChannelsModule.migrations!) { database in
            let exempt = try await database.tablesWithoutRowSecurity(of: ChannelsModule.name)
            #expect(
                exempt == [
                    "event", "event_consumer", "event_epoch", "event_partition", "job", "migration", "tenant_deletion",
                    "tenant_held", "tenant_retention",
                ])
        }
    }
}
