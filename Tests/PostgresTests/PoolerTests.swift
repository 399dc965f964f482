import FoundationEssentials
import Postgres
import PostgresTesting
import Testing
import Trials

/// Behind PgBouncer in transaction mode: no prepared statements, no session state, fewer server connections than clients.
@Test func E9_aPoolWorksBehindAPoolerThatSharesConnectionsByTransaction() async throws {
    try await withTestDatabase(migrating: first) { database in
        let pooler = try TestPooler(before: database, role: "first_runtime", serverConnections: 2)
        var configuration = PostgresConfiguration(url: pooler.url(role: "first_runtime", database: database.name))
        configuration.preparedStatements = false
        configuration.sessionState = false
        configuration.acquireTimeout = .seconds(20)
        let pool = PostgresPool(configuration, logger: .quiet)
        defer { pool.close() }
        let tenants = (0..<4).map { _ in UUID() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let settings = ["switchboard.tenant_id": tenants[number % 4].uuidString]
                    try await pool.transaction(.init(settings: settings)) { transaction in
                        try await transaction.query(
                            "insert into first.thing (tenant_id, name) values (\(tenants[number % 4]), \("\(number)"))")
                        let rows = try await transaction.query("select tenant_id from first.thing")
                        #expect(try rows.allSatisfy { try $0.decode(UUID.self) == tenants[number % 4] })
                    }
                }
            }
            try await group.waitForAll()
        }
        // A setting ends with its transaction, though the connection is another client's next.
        #expect(try await pool.query("select name from first.thing").count == 0)
        // Cancelling reaches the statement through the pooler, and nobody else's.
        for _ in 0..<5 {
            let sleeping = Task { try await pool.query("select pg_sleep(600)::text") }
            try await database.withAdministrator { administrator in
                try await eventually {
                    try await administrator.query(
                        "select 1 from pg_stat_activity where query like 'select pg_sleep(600)%' and state = 'active'"
                    ).count == 1
                }
            }
            sleeping.cancel()
            await #expect(throws: CancellationError.self) { try await sleeping.value }
            for number in 0..<10 { #expect(try await pool.query("select \(number)")[0].decode(Int.self) == number) }
        }
        try await eventually { pool.idleCount == pool.connectionCount }
    }
}
