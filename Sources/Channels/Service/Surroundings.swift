import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import ServiceDatabase
import ServiceRuntime

/// What every handler and every loop of this service works with.
struct Surroundings: Sendable {
    static let schema = ChannelsModule.name

    var tenants: TenantDatabase
    var jobs: JobQueue
    var clock: ProductClock
    var pageTokens: PageTokens
    var conversations: any ConversationBook
    var accounts: ProviderAccounts
    var adapters: [ProviderAccount.Adapter: any ProviderAdapter]
    var outboundPlan = RetryPlan.outbound
    var webhooks: WebhookSettings
    var logger: Logger
    /// What providers are to be told of typing.
    let typing = TypingNotes()
}

extension Surroundings {
    /// Leaves a line in the trail (P7).
    func audit(_ context: ServerContext, _ subject: String, paths: [String] = [], in transaction: Transaction) throws {
        AuditTrail(schema: Self.schema).leave(
            AuditLine(try AuditAuthor(context), subject, paths: paths, at: clock.now), of: try context.tenantID, in: transaction)
    }
}

/// How webhooks are signed and sent.
struct WebhookSettings: Sendable {
    var secrets: WebhookSecrets
    var client: WebhookClient
    var plan = RetryPlan.webhook

    var allowsLoopback: Bool { client.allowsLoopback }
}

/// What is asked and told of conversations: the conversations service, or a test's own.
protocol ConversationBook: Sendable {
    /// Whether a message may go to its provider now (C48).
    func checkHandover(_ messageID: UUID, requestID: UUID, tenantID: UUID) async throws -> CheckHandoverResponse
    /// The customer's address in a conversation.
    func address(in conversationID: UUID, tenantID: UUID) async throws -> String
    /// The provider's id of a message of a conversation; empty where it has none.
    func providerID(of messageID: UUID, in conversationID: UUID, tenantID: UUID) async throws -> String
    func report(_ request: ReportDeliveryRequest, tenantID: UUID) async throws
}
