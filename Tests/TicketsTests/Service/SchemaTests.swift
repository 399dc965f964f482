import Foundation
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing

@testable import Tickets

@Suite("The schema of tickets")
struct SchemaTests {
    @Test("The snapshot in the tree is what the migrations build")
    func snapshotIsTrue() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Sources/Tickets/Database/schema.sql")
        try await withTestDatabase(migrating: TicketsModule.migrations!) { database in
            let difference = try database.schemaDifference(of: TicketsModule.name, from: file.standardized.path)
            #expect(difference == nil)
        }
    }
}
