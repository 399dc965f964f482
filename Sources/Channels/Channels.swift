import EventLog
import GRPC
import Postgres
import ServiceDatabase
import ServiceLifecycle
import ServiceRuntime
import TenantDirectory

/// The way out: messages to providers, and events to integrators' webhooks.
///
/// Owns the schema `channels`. Calls conversations (may it still go, what came of it), and contacts (what an erasure removed);
/// follows the events of conversations and contacts, for webhooks those of tickets and templates, and routing's: tenants and
/// their roles.
package struct ChannelsModule: StoredServiceModule {
    package static let name = "channels"
    package static let calls = ["conversations", "contacts", "tickets", "templates", "routing"]

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + TenantData.migrationSteps + KnownTenants.migrationSteps + AuditTrail.migrationSteps + [
            Migrations.Step("0001_channels", PackageResources._001_channels_sql),
            Migrations.Step("0002_tenancy", PackageResources._002_tenancy_sql),
        ])

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]
    package let customRoles: (any CustomRoles)?

    package static func configuration(_ reader: inout ConfigurationReader) -> ChannelsConfiguration { .read(&reader) }

    package init(_ runtime: Runtime, _ configuration: ChannelsConfiguration) {
        let conversations = runtime.channel(to: "conversations")
        let key = configuration.webhookKey.map { Array($0.value.utf8) } ?? runtime.serviceCredentials.secret(for: "webhooks")
        let known = KnownTenants(runtime)
        let surroundings = Surroundings(
            tenants: known.database, jobs: JobQueue(schema: Self.name, pool: runtime.pool), clock: runtime.clock,
            pageTokens: runtime.pageTokens, conversations: ConversationsClient(conversations),
            accounts: configuration.accounts, adapters: [.standIn: StandInAdapter()],
            webhooks: WebhookSettings(
                secrets: WebhookSecrets(key: key),
                client: WebhookClient(
                    allowsLoopback: configuration.webhookLoopback && runtime.environment != .production,
                    offload: runtime.offload)),
            logger: runtime.logger)
        services = [OutboundService(surroundings: surroundings), WebhooksService(surroundings: surroundings)]
        let follower = ConversationFollower(surroundings, conversations: conversations).consumer
        let news = NewsFollowers(
            surroundings: surroundings, contacts: runtime.channel(to: "contacts"), tickets: runtime.channel(to: "tickets"),
            templates: runtime.channel(to: "templates"))
        let reporter = ErasureReporter(surroundings, contacts: runtime.channel(to: "contacts"))
        let routing = RoutingNews(runtime.channel(to: "routing"))
        let tenants = known.consumer(of: routing, logger: runtime.logger)
        customRoles = known
        background =
            [
                follower, news.contacts, news.tickets, news.templates, tenants, reporter.worker,
                TypingTeller(surroundings: surroundings),
            ] + surroundings.jobWorkers()
        settlers =
            [ConsumerSettler(follower) { try await ConversationFollower.head(of: conversations) }] + news.settlers
            + [known.settler(of: tenants, routing)]
    }
}
