import EventLog
import GRPC
import Postgres
import ServiceDatabase
import ServiceLifecycle
import ServiceRuntime
import TenantDirectory
import TicketsV1

/// What is asked of a tenant until it is answered: tickets, their numbers, clocks, comments and history; what they can be about;
/// service levels and calendars.
///
/// Owns the schema `tickets`. Calls contacts (who asks, what an erasure removed) and conversations (whose ticket is whose); follows
/// conversations' events, contacts' for erasures, and routing's: tenants, their roles and departments.
package struct TicketsModule: StoredServiceModule {
    package static let name = "tickets"
    package static let calls = ["contacts", "conversations", "routing"]

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + TenantData.migrationSteps + KnownTenants.migrationSteps + [
            Migrations.Step("0001_tickets", PackageResources._001_tickets_sql),
            Migrations.Step("0002_attachments", PackageResources._002_attachments_sql),
            Migrations.Step("0003_reports", PackageResources._003_reports_sql),
            Migrations.Step("0004_tenancy", PackageResources._004_tenancy_sql),
            Migrations.Step("0005_board", PackageResources._005_board_sql),
        ])

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]
    package let customRoles: (any CustomRoles)?

    package init(_ runtime: Runtime, _ configuration: Void) {
        let (channel, contacts) = (runtime.channel(to: "conversations"), runtime.channel(to: "contacts"))
        let conversations = ConversationsClient(channel)
        let known = KnownTenants(runtime)
        let surroundings = Surroundings(
            tenants: known.database, known: known, events: runtime.eventLog,
            jobs: JobQueue(schema: Self.name, pool: runtime.pool),
            clock: runtime.clock, pageTokens: runtime.pageTokens,
            contacts: ContactsClient(contacts), conversations: conversations, logger: runtime.logger)
        services = [
            TicketsService(surroundings: surroundings), TicketAttachmentsService(surroundings: surroundings),
            TicketCatalogueService(surroundings: surroundings), SlaService(surroundings: surroundings),
            TicketReportsService(surroundings: surroundings),
        ]
        let follower = ConversationFollower(surroundings, conversations: channel).consumer
        let erasures = ErasureFollower(surroundings, contacts: contacts).consumer
        let alarms = AlarmWorker(surroundings: surroundings)
        let news = RoutingNews(runtime.channel(to: "routing"))
        let tenants = known.consumer(of: news, logger: runtime.logger)
        customRoles = known
        background = [
            follower, erasures, tenants, alarms, surroundings.jobWorker(conversations),
            ErasureReporter(surroundings, contacts: contacts).worker,
        ]
        settlers = [
            ConsumerSettler(follower) { try await ConversationFollower.head(of: channel) },
            ConsumerSettler(erasures) { try await ErasureFollower.head(of: contacts) },
            known.settler(of: tenants, news),
            JobSettler(jobs: surroundings.jobs), AlarmSettler(worker: alarms),
        ]
    }
}
