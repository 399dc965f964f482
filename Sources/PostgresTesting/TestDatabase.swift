package import Logging
package import Postgres

/// A database of one test's own, cloned from a migrated template and dropped afterwards.
package struct TestDatabase: Sendable {
    package let name: String
    /// The cluster's superuser.
    package let administratorURL: String
    /// The first migrated schema's owner role.
    package var ownerURL: String { ownerURL(of: schemas[0]) }
    /// The first migrated schema's runtime role: what a service under test gets.
    package var runtimeURL: String { runtimeURL(of: schemas[0]) }
    let schemas: [String]

    package func ownerURL(of schema: String) -> String { fatalError("skeleton") }
    package func runtimeURL(of schema: String) -> String { fatalError("skeleton") }
}

/// Runs the body on a database in which these schemas are bootstrapped and migrated.
package func withTestDatabase<Answer: Sendable>(
    migrating migrations: Migrations..., isolation: isolated (any Actor)? = #isolation,
    _ body: (TestDatabase) async throws -> Answer
) async throws -> Answer { fatalError("skeleton") }
