import EventLog
import GRPC
import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// PostgreSQL as the runtime sees it: the pool, and the event log that looks after its months and request records.
package struct PostgresStorage: ServiceStorage {
    package let pool: PostgresPool
    package let eventLog: EventLog
    package let tenantData: TenantData
    package let pollInterval: Duration

    package func loops(clock: ProductClock, logger: Logger) -> [any ServiceLifecycle.Service] {
        let always: [any ServiceLifecycle.Service] = [PoolService(pool: pool), eventLog, retention(clock, logger)]
        return clock.isTestClock ? always : always + [DatabaseClockFollower(clock: clock, pool: pool, logger: logger)]
    }

    package var services: [any GRPC.Service] {
        [TenantDataService(schema: eventLog.schema, pool: pool, data: tenantData)]
    }

    package func settlers(clock: ProductClock, logger: Logger) -> [any Settler] {
        [RetentionSettler(worker: retention(clock, logger))]
    }

    private func retention(_ clock: ProductClock, _ logger: Logger) -> RetentionWorker {
        RetentionWorker(schema: eventLog.schema, pool: pool, data: tenantData, clock: clock, logger: logger)
    }

    package func check() async throws { _ = try await pool.query("select 1") }

    package func close() async { pool.close() }
}

package struct PostgresStorageKind: ServiceStorageKind {
    let migrations: Migrations
    let tenantData: TenantData

    package init(migrations: Migrations, tenantData: TenantData = TenantData()) {
        self.migrations = migrations
        self.tenantData = tenantData
    }

    package func open(
        _ url: Secret, service: String, connectionsMax: Int, pollInterval: Duration, logger: Logger
    ) -> any ServiceStorage {
        var settings = PostgresConfiguration(url: url.value, applicationName: "switchboard-\(service)")
        settings.connectionsMax = connectionsMax
        let pool = PostgresPool(settings, logger: logger)
        return PostgresStorage(
            pool: pool,
            eventLog: EventLog(
                schema: service, pool: pool, pollInterval: pollInterval, logger: logger,
                traceparent: { TraceContext.current?.traceparent }),
            tenantData: tenantData, pollInterval: pollInterval)
    }

    package func migrate(_ ownerURL: Secret, logger: Logger) async throws -> Int {
        try await migrations.apply(ownerURL: ownerURL.value, logger: logger)
        return migrations.steps.count
    }

    package func restored(_ ownerURL: Secret, logger: Logger) async throws {
        let pool = PostgresPool(
            PostgresConfiguration(url: ownerURL.value, applicationName: "switchboard-\(migrations.schema)"), logger: logger)
        defer { pool.close() }
        try await EventLog(schema: migrations.schema, pool: pool, logger: logger).raiseEpoch()
    }

    package func failure(_ error: any Error) -> StorageFailure? { Self.failure(error) }

    static func failure(_ error: any Error) -> StorageFailure? {
        switch error {
        case let error as IdempotencyError: StorageFailure(Failure(error), isLogged: false)
        case let error as PostgresError: StorageFailure(Failure(error), isLogged: true)
        default: nil
        }
    }
}

/// Keeps the pool's own connections until everything above it has stopped.
struct PoolService: ServiceLifecycle.Service {
    let pool: PostgresPool

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await pool.run() }
    }
}

extension Failure {
    /// The database's answer, in our words.
    package init(_ error: PostgresError) {
        switch error.category {
        case .unavailable, .outcomeUnknown:
            self.init(
                .unavailable, reason: "DATABASE_UNAVAILABLE", "the service cannot reach its data just now",
                retryAfter: .milliseconds(500))
        case .overloaded:
            self.init(
                .unavailable, reason: "OVERLOADED", "the service has too much to do just now", retryAfter: .seconds(1))
        case .conflict:
            self.init(.aborted, reason: "CONFLICT", "another change came between: ask again", retryAfter: .milliseconds(100))
        case .timeout:
            self.init(.deadlineExceeded, reason: "TOO_SLOW", "the answer took too long")
        case .invalidValue:
            self.init(.invalidArgument, reason: "VALUE_NOT_STORABLE", "the request holds a value that cannot be stored")
        default:
            self.init(.internal, reason: "INTERNAL", "something went wrong inside the service")
        }
    }
}
