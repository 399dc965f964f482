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
    package static let name = Surroundings.schema
    package static let calls = ["conversations", "contacts"]

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + TenantData.migrationSteps + [
            Migrations.Step("0001_routing", PackageResources._001_routing_sql),
            Migrations.Step("0002_presence", PackageResources._002_presence_sql),
            Migrations.Step("0003_queue", PackageResources._003_queue_sql),
            Migrations.Step("0004_rescue", PackageResources._004_rescue_sql),
            Migrations.Step("0005_availability", PackageResources._005_availability_sql),
            Migrations.Step("0006_tenancy", PackageResources._006_tenancy_sql),
            Migrations.Step("0014_reports", PackageResources._014_reports_sql),
        ])

    package struct Configuration: Sendable {
        var audience: String
    }

    package static func configuration(_ reader: inout ConfigurationReader) -> Configuration {
        Configuration(
            audience: reader.string("TOKEN_AUDIENCE", default: "switchboard", "audience of the tokens that services take"))
    }

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]

    package init(_ runtime: Runtime, _ configuration: Configuration) {
        let surroundings = Surroundings(
            tenants: runtime.tenants, events: runtime.eventLog, clock: runtime.clock,
            pageTokens: runtime.pageTokens, logger: runtime.logger)
        let secrets = APIKeySecrets(credentials: runtime.serviceCredentials, audience: configuration.audience)
        let channel = runtime.channel(to: "conversations")
        let distribution = DistributionLoops(
            surroundings: surroundings, conversations: channel, contacts: runtime.channel(to: "contacts"),
            pollInterval: runtime.pollInterval)
        services = [
            RoutingService(surroundings: surroundings, reader: distribution.reader), TenantsService(surroundings: surroundings),
            DepartmentsService(surroundings: surroundings, accounts: ConversationsClient(channel)),
            AgentsService(surroundings: surroundings),
            RolesService(surroundings: surroundings), APIKeysService(surroundings: surroundings, secrets: secrets),
            PresenceService(surroundings: surroundings), AgentReportsService(surroundings: surroundings),
        ]
        background = distribution.services
        settlers = distribution.settlers
    }
}
