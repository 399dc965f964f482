import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Keeps the log's months and drops request records that have served.
struct EventLogUpkeep: ServiceLifecycle.Service {
    let events: EventLog

    func run() async throws {
        try await untilShutdown { try await events.run() }
    }
}

/// Makes the channel accounts of the seeds' file; until that has worked it tries again, so that the service can start before
/// its database does.
struct AccountSeeding: ServiceLifecycle.Service {
    static let retryInterval: Duration = .seconds(1)
    let surroundings: Surroundings

    func run() async throws {
        try await untilShutdown {
            while true {
                do {
                    try await surroundings.seed()
                    break
                } catch let error as PostgresError {
                    surroundings.logger.warning("the channel accounts are not in the database yet: \(error)")
                    try await Task.sleep(for: Self.retryInterval)
                }
            }
        }
        try await untilShutdown { try await gracefulShutdown() }
    }
}

/// Deletes files that no message has named for a day, and pieces of uploads that were never finished.
struct AttachmentSweep: ServiceLifecycle.Service {
    static let interval: Duration = .seconds(3_600)
    static let age: Duration = .seconds(86_400)
    let surroundings: Surroundings

    func run() async throws {
        try await untilShutdown {
            while true {
                try await Task.sleep(for: Self.interval)
                do {
                    try await surroundings.sweepAttachments()
                } catch let error as PostgresError {
                    surroundings.logger.warning("unsent files were not swept: \(error)")
                }
            }
        }
    }
}

/// Runs the body until the service shuts down; being stopped is no failure.
func untilShutdown(_ body: @escaping @Sendable () async throws -> Void) async throws {
    do {
        try await cancelWhenGracefulShutdown(body)
    } catch is CancellationError {}
}

extension Surroundings {
    /// Channel accounts that are not there yet.
    func seed() async throws {
        for seed in accountSeeds {
            try await transaction(seed.tenantID) { transaction in
                try await self.seed(seed, ConversationStore(transaction: transaction, tenantID: seed.tenantID))
            }
        }
    }

    /// What nobody sent within a day, tenant by tenant.
    func sweepAttachments() async throws {
        let before = clock.now.advanced(by: .zero - AttachmentSweep.age)
        for tenantID in try await sweptTenants() {
            try await transaction(tenantID) { transaction in
                let store = ConversationStore(transaction: transaction, tenantID: tenantID)
                try await store.deleteUnsentFiles(before: before)
                try await store.deleteLooseChunks(before: UUID.first(at: before))
            }
        }
    }

    /// Read before any tenant is known.
    func sweptTenants() async throws -> [UUID] {
        try await pool.query(
            """
            select tenant_id
            from conversations.swept_tenant
            order by tenant_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    private func seed(_ seed: AccountSeed, _ store: ConversationStore) async throws {
        let now = clock.now
        let account = ChannelAccount(
            id: seed.id, kind: seed.kind, name: seed.name, departmentID: seed.departmentID, created: now, updated: now,
            rules: seed.rules,
            widget: seed.widgetKey.map {
                ChannelAccount.Widget(
                    key: $0, allowedOrigins: seed.allowedOrigins, identityEnforced: seed.identityEnforced,
                    identitySecret: seed.identitySecret, visitorSecret: ChannelAccount.random(32))
            }, botID: seed.botID, botDepartmentID: seed.botDepartmentID, botMethod: seed.botMethod)
        guard try await store.insert(account), let key = account.widget?.key else { return }
        if try await !store.insertKey(key, account: account.id) {
            logger.warning("a widget key of the seeds is another account's", metadata: ["account": "\(account.id.text)"])
        }
    }
}

extension UUID {
    /// The smallest version 7 UUID of an instant: ids made before it are smaller.
    static func first(at instant: Instant) -> UUID {
        let time = UUID.v7(at: instant).uuid
        return UUID(uuid: (time.0, time.1, time.2, time.3, time.4, time.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    }
}
