import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// Notifications are in the contract and come later: every method answers UNIMPLEMENTED.
struct NotificationsService: NotificationsServiceProtocol {}

/// Keeps the log's months and drops request records that have served.
struct EventLogUpkeep: ServiceLifecycle.Service {
    let events: EventLog

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await events.run() }
    }
}

/// Brings the directory's limits and channel accounts into the database; until that has worked it tries again, so that the
/// service can start before its database does.
struct DirectorySeeding: ServiceLifecycle.Service {
    static let retryInterval: Duration = .seconds(1)
    let surroundings: Surroundings

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await surroundings.seed()
                    break
                } catch let error as PostgresError {
                    surroundings.logger.warning("the directory is not in the database yet: \(error)")
                    try await Task.sleep(for: Self.retryInterval)
                }
            }
        }
        try await gracefulShutdown()
    }
}

extension Surroundings {
    /// Agents' slots and limits, and channel accounts that are not there yet.
    func seed() async throws {
        for tenant in directory.tenants.values {
            try await transaction(tenant.id) { transaction in
                let store = ConversationStore(transaction: transaction, tenantID: tenant.id)
                for agent in tenant.agents.values.sorted(by: { $0.id.text < $1.id.text }) {
                    try await store.setLimits(of: agent.id, chat: agent.loadMax, email: agent.emailLoadMax)
                }
                for account in tenant.channelAccounts { try await seed(account, store) }
            }
        }
    }

    private func seed(_ seed: Directory.AccountSeed, _ store: ConversationStore) async throws {
        let now = clock.now
        let account = ChannelAccount(
            id: seed.id, kind: seed.kind, name: seed.name, departmentID: seed.departmentID, created: now, updated: now,
            rules: .standard(for: seed.kind),
            widget: seed.widgetKey.map {
                ChannelAccount.Widget(
                    key: $0, allowedOrigins: seed.allowedOrigins, identityEnforced: seed.identityEnforced,
                    identitySecret: seed.identitySecret, visitorSecret: ChannelAccount.random(32))
            })
        guard try await store.insert(account), let key = account.widget?.key else { return }
        if try await !store.insertKey(key, account: account.id) {
            logger.warning("a widget key of the directory is another account's", metadata: ["account": "\(account.id.text)"])
        }
    }
}
