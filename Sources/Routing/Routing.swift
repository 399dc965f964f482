import EventLog
import GRPC
import Postgres
import RoutingV1
import ServiceDatabase
import ServiceLifecycle
import ServiceRuntime

/// Tenants, departments, agents, roles and API keys, who is there, and who gets what.
///
/// Owns the schema `routing`. Calls conversations to assign, and contacts for owners; follows conversations' events.
package struct RoutingModule: StoredServiceModule {
    package static let name = "routing"
    package static let calls = ["conversations", "contacts"]

    package static let migrations: Migrations? = Migrations(schema: name, EventLog.migrationSteps)

    package let services: [any GRPC.Service]

    package init(_ runtime: Runtime, _ configuration: Void) {
        services = [
            RoutingService(), TenantsService(), DepartmentsService(), AgentsService(), RolesService(), ApiKeysService(),
            PresenceService(),
        ]
    }
}

/// In the contract, not yet built: every RPC answers UNIMPLEMENTED.
struct RoutingService: RoutingServiceProtocol {}
struct TenantsService: TenantsServiceProtocol {}
struct DepartmentsService: DepartmentsServiceProtocol {}
struct AgentsService: AgentsServiceProtocol {}
struct RolesService: RolesServiceProtocol {}
struct ApiKeysService: ApiKeysServiceProtocol {}
struct PresenceService: PresenceServiceProtocol {}
