import ContactsV1
import EventLog
import GRPC
import Postgres
import ServiceLifecycle
import ServiceDatabase
import ServiceRuntime

/// The people who talk with a tenant: their addresses, what is known of them, and what happened with them.
///
/// Owns the schema `contacts`. Calls nobody on a request; follows conversations' events, which become lines of timelines.
package struct ContactsModule: StoredServiceModule {
    package static let name = "contacts"
    package static let calls = ["conversations"]

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + [
            Migrations.Step("0001_contacts", PackageResources._001_contacts_sql)
        ])

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]

    package init(_ runtime: Runtime, _ configuration: Void) {
        services = [
            ContactsService(
                pool: runtime.pool, eventLog: runtime.eventLog, requests: runtime.requests,
                pageTokens: runtime.pageTokens, clock: runtime.clock),
            ContactFieldsService(),
            ContactPrivacyService(),
        ]
        let conversations = runtime.channel(to: "conversations")
        let timeline = TimelineConsumer(conversations: conversations, pool: runtime.pool, logger: runtime.logger).consumer
        background = [timeline]
        settlers = [ConsumerSettler(timeline) { try await TimelineConsumer.head(of: conversations) }]
    }
}

/// Attributes as data and field layouts: in the contract, not yet built. Every RPC answers UNIMPLEMENTED.
struct ContactFieldsService: ContactFieldsServiceProtocol {}

/// Consent, export and erasure: in the contract, not yet built. Every RPC answers UNIMPLEMENTED.
struct ContactPrivacyService: ContactPrivacyServiceProtocol {}
