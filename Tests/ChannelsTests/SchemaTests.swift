import Foundation
import PostgresTesting
import ServiceRuntime
import Testing

@testable import Channels

@Suite("The schema of channels")
struct SchemaTests {
    @Test("P5: the snapshot in the tree is what the migrations build, and it bears every statement of the last release")
    func snapshotIsTrue() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Channels/Database/schema.sql")
        try await withTestDatabase(migrating: ChannelsModule.migrations!) { database in
            let difference = try database.schemaDifference(of: ChannelsModule.name, from: file.standardized.path)
            #expect(difference == nil)
            let broken = try await database.brokenStatements(of: ChannelsModule.name)
            #expect(broken == [])
        }
    }

    @Test("row-level security stands on every table but those that workers read across tenants, which hold ids and times")
    func exemptTables() async throws {
        try await withWorkshop { workshop in
            let rows = try await workshop.surroundings.tenants.pool.query(
                """
                select table_class.relname
                from pg_class table_class
                join pg_namespace space on space.oid = table_class.relnamespace
                where space.nspname = 'channels' and table_class.relkind in ('r', 'p')
                    and not (table_class.relrowsecurity and table_class.relforcerowsecurity)
                    and table_class.relname !~ '^event_y[0-9]+m[0-9]+$'
                order by 1
                """)
            let exempt = try rows.map { try $0.decode(String.self) }
            #expect(
                exempt == [
                    "event", "event_consumer", "event_epoch", "event_partition", "job", "migration", "tenant_deletion",
                    "tenant_held", "tenant_retention",
                ])
        }
    }
}
