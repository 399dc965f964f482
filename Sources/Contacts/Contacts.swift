import ContactsV1
import EventLog
import GRPC
import Postgres
import ServiceLifecycle
import ServiceDatabase
import ServiceRuntime
import TenantDirectory

/// The people who talk with a tenant: their addresses, what is known of them, and what happened with them.
///
/// Owns the schema `contacts`. Calls nobody on a request; follows conversations' events, which become lines of timelines, and
/// routing's: tenants and their roles.
package struct ContactsModule: StoredServiceModule {
    package static let name = "contacts"
    package static let calls = ["conversations", "routing"]

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + TenantData.migrationSteps + KnownTenants.migrationSteps + AuditTrail.migrationSteps + [
            Migrations.Step("0001_contacts", PackageResources._001_contacts_sql),
            Migrations.Step("0002_fields", PackageResources._002_fields_sql),
            Migrations.Step("0003_linked_objects", PackageResources._003_linked_objects_sql),
            Migrations.Step("0004_merges", PackageResources._004_merges_sql),
            Migrations.Step("0005_erasures", PackageResources._005_erasures_sql),
            Migrations.Step("0006_tenancy", PackageResources._006_tenancy_sql),
        ])

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]
    package let customRoles: (any CustomRoles)?

    package init(_ runtime: Runtime, _ configuration: Void) {
        let known = KnownTenants(runtime)
        let surroundings = Surroundings(
            pool: runtime.pool, eventLog: runtime.eventLog, requests: known.requests, pageTokens: runtime.pageTokens,
            clock: runtime.clock, offload: runtime.offload)
        services = [
            ContactsService(surroundings: surroundings), ContactFieldsService(surroundings: surroundings),
            ContactPrivacyService(surroundings: surroundings),
        ]
        let conversations = runtime.channel(to: "conversations")
        let timeline = TimelineConsumer(conversations: conversations, pool: runtime.pool, logger: runtime.logger).consumer
        let news = RoutingNews(runtime.channel(to: "routing"))
        let tenants = known.consumer(of: news, logger: runtime.logger)
        customRoles = known
        background = [timeline, tenants]
        settlers = [
            ConsumerSettler(timeline) { try await TimelineConsumer.head(of: conversations) }, known.settler(of: tenants, news),
        ]
    }
}
