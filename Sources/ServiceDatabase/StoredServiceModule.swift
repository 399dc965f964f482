import EventLog
import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// A service that owns a schema in PostgreSQL.
package protocol StoredServiceModule: ServiceModule {
    /// The steps that build its schema.
    static var migrations: Migrations? { get }
    /// What it says of its tenants' data (P2, P3).
    static var tenantData: TenantData { get }
}

extension StoredServiceModule {
    package static var tenantData: TenantData { TenantData() }

    package static var storage: (any ServiceStorageKind)? {
        migrations.map { PostgresStorageKind(migrations: $0, tenantData: tenantData) }
    }
}

extension Runtime {
    /// The service's connections to its own schema. A module without migrations has none.
    package var pool: PostgresPool { postgres.pool }

    /// The service's own event log.
    package var eventLog: EventLog { postgres.eventLog }

    /// How long an event or a job can go unseen when its hint is lost.
    package var pollInterval: Duration { postgres.pollInterval }

    /// The service's own record of answered requests.
    package var requests: RequestStore { RequestStore(schema: name) }

    private var postgres: PostgresStorage {
        guard let storage = storage as? PostgresStorage else {
            preconditionFailure("\(name) has no migrations, and so no database")
        }
        return storage
    }
}
