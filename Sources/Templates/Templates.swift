import EventLog
import GRPC
import Postgres
import ServiceDatabase
import ServiceLifecycle
import ServiceRuntime
import TemplatesV1
import TenantDirectory

/// Message templates with their life at the provider, and snippets.
///
/// Owns the schema `templates`. Calls nobody: a submission is news that channels acts on, and the provider's verdict comes back
/// as a call. Follows routing's events: tenants, their roles, and who belongs to which department.
package struct TemplatesModule: StoredServiceModule {
    package static let name = "templates"
    package static let calls = ["routing"]

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + TenantData.migrationSteps + KnownTenants.migrationSteps + AuditTrail.migrationSteps + [
            Migrations.Step("0001_templates", PackageResources._001_templates_sql),
            Migrations.Step("0002_tenancy", PackageResources._002_tenancy_sql),
        ])

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]
    package let customRoles: (any CustomRoles)?

    package init(_ runtime: Runtime, _ configuration: Void) {
        let known = KnownTenants(runtime)
        let surroundings = Surroundings(
            tenants: known.database, eventLog: runtime.eventLog, pageTokens: runtime.pageTokens, clock: runtime.clock,
            known: known)
        services = [TemplatesService(surroundings: surroundings), SnippetsService(surroundings: surroundings)]
        let news = RoutingNews(runtime.channel(to: "routing"))
        let tenants = known.consumer(of: news, logger: runtime.logger)
        customRoles = known
        background = [tenants]
        settlers = [known.settler(of: tenants, news)]
    }
}
