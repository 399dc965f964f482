internal import Logging
internal import Postgres

/// The process's cluster, its templates and the databases cloned from them.
actor TestDatabases {
    static let shared = TestDatabases()

    private var cluster: Task<TestCluster, any Error>?
    private var templates: [[String]: Task<String, any Error>] = [:]
    private var lastDatabase = 0

    func create(_ migrations: [Migrations]) async throws -> TestDatabase {
        let cluster = try await startedCluster()
        let template = try await self.template(migrations, cluster)
        lastDatabase += 1
        let name = "test_\(lastDatabase)"
        try await Administration.createDatabase(name, template: template, administratorURL: cluster.administratorURL())
        // Who may connect to a database is not cloned with it.
        for migration in migrations {
            try await Bootstrap(schema: migration.schema).apply(
                administratorURL: cluster.administratorURL(name), logger: .quiet)
        }
        return TestDatabase(name: name, cluster: cluster, schemas: migrations.map(\.schema))
    }

    func drop(_ database: TestDatabase) async throws {
        try await Administration.dropDatabase(database.name, administratorURL: database.cluster.administratorURL())
    }

    private func startedCluster() async throws -> TestCluster {
        let task =
            cluster
            ?? Task.detached {
                let cluster = try TestCluster.start()
                try await Administration.expectDurable(administratorURL: cluster.administratorURL())
                return cluster
            }
        cluster = task
        return try await task.value
    }

    /// One template per set of migrations. The database's name counts the templates; the roles are the cluster's.
    private func template(_ migrations: [Migrations], _ cluster: TestCluster) async throws -> String {
        let key = migrations.flatMap { migration in [migration.schema] + migration.steps.flatMap { [$0.name, $0.sql] } }
        let name = "template_\(templates.count)"
        let task =
            templates[key]
            ?? Task {
                try await Administration.createDatabase(
                    name, template: "template1", administratorURL: cluster.administratorURL())
                for migration in migrations {
                    try await Bootstrap(schema: migration.schema).apply(
                        administratorURL: cluster.administratorURL(name), logger: .quiet)
                    try await migration.apply(
                        ownerURL: cluster.url(role: migration.schema + "_owner", database: name), logger: .quiet)
                }
                return name
            }
        templates[key] = task
        return try await task.value
    }
}
