import Foundation
import PostgresTesting
import Testing

@testable import Contacts

@Suite("The schema")
struct SchemaTests {
    @Test("The snapshot in the tree is what the migrations build")
    func snapshotIsTrue() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Contacts/Database/schema.sql")
        let migrations = try #require(ContactsModule.migrations)
        try await withTestDatabase(migrating: migrations) { database in
            let difference = try database.schemaDifference(of: ContactsModule.name, from: file.standardized.path)
            #expect(difference == nil)
        }
    }
}
