package import Logging
package import Postgres

/// A database of one test's own, cloned from a migrated template and dropped afterwards.
package struct TestDatabase: Sendable {
    package let name: String
    package let cluster: TestCluster
    let schemas: [String]

    /// The cluster's superuser.
    package var administratorURL: String { cluster.administratorURL(name) }
    /// The first migrated schema's owner role.
    package var ownerURL: String { ownerURL(of: schemas[0]) }
    /// The first migrated schema's runtime role: what a service under test gets.
    package var runtimeURL: String { runtimeURL(of: schemas[0]) }

    package func ownerURL(of schema: String) -> String {
        cluster.url(role: schema + "_owner", database: name)
    }

    package func runtimeURL(of schema: String) -> String {
        cluster.url(role: schema + "_runtime", database: name)
    }

    /// A pool of the first schema's runtime role, closed when the body is done.
    package func withPool<Answer>(
        isolation: isolated (any Actor)? = #isolation,
        _ configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Answer
    ) async throws -> Answer {
        let schema = schemas[0]
        return try await withPool(
            of: runtimeURL,
            { configuration in
                configuration.onPrepare = { StatementCensus.shared.note($0, of: schema) }
                configure(&configuration)
            }, body)
    }

    /// A pool of the superuser's, which sees every tenant's rows.
    package func withAdministrator<Answer>(
        isolation: isolated (any Actor)? = #isolation, _ body: (PostgresPool) async throws -> Answer
    ) async throws -> Answer {
        try await withPool(of: administratorURL, { _ in }, body)
    }

    private func withPool<Answer>(
        of url: String, isolation: isolated (any Actor)? = #isolation,
        _ configure: (inout PostgresConfiguration) -> Void, _ body: (PostgresPool) async throws -> Answer
    ) async throws -> Answer {
        var configuration = PostgresConfiguration(url: url, applicationName: "test")
        // Tests share few cores with other tests; those of the timeout set their own.
        configuration.acquireTimeout = .seconds(20)
        configure(&configuration)
        let pool = PostgresPool(configuration, logger: .quiet)
        defer { pool.close() }
        return try await body(pool)
    }
}

/// Runs the body on a database in which these schemas are bootstrapped and migrated. The first call of a process starts its
/// cluster; a database is cloned in some 50 ms.
package func withTestDatabase<Answer>(
    migrating migrations: Migrations..., isolation: isolated (any Actor)? = #isolation,
    _ body: (TestDatabase) async throws -> Answer
) async throws -> Answer {
    let database = try await TestDatabases.shared.create(migrations)
    do {
        let answer = try await body(database)
        try await TestDatabases.shared.drop(database)
        return answer
    } catch {
        try? await TestDatabases.shared.drop(database)
        throw error
    }
}

extension Logger {
    /// Says nothing below a warning.
    package static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return logger
    }
}
