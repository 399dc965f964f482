import Foundation
import PostgresTesting
import Testing

@testable import Routing

@Suite("The schema")
struct SchemaTests {
    @Test("P5: the snapshot in the tree is what the migrations build, and it bears every statement of the last release")
    func snapshotIsTrue() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Routing/Database/schema.sql")
        let migrations = try #require(RoutingModule.migrations)
        try await withTestDatabase(migrating: migrations) { database in
            let difference = try database.schemaDifference(of: RoutingModule.name, from: file.standardized.path)
            #expect(difference == nil)
            let broken = try await database.brokenStatements(of: RoutingModule.name)
            #expect(broken == [])
        }
    }
}
