import FoundationEssentials
import Postgres
import ServiceLifecycle

/// Cuts the words of messages that were stored without: before there was search, or by the release before, which may run beside
/// this one for a while. It looks when the process starts, and then seldom, in small batches, tenant by tenant.
struct SearchIndexing: ServiceLifecycle.Service {
    static let interval: Duration = .seconds(3_600)
    /// Messages of one transaction.
    static let batchMax = 100
    let surroundings: Surroundings

    func run() async throws {
        try await untilShutdown {
            while true {
                do {
                    try await surroundings.makeAllSearchable()
                } catch let error as PostgresError {
                    surroundings.logger.warning("older messages are not searchable yet: \(error)")
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }
}

extension Surroundings {
    func makeAllSearchable() async throws {
        for tenantID in try await sweptTenants() {
            while try await makeSearchable(of: tenantID) {}
        }
    }

    /// - Returns: whether there was anything.
    private func makeSearchable(of tenantID: UUID) async throws -> Bool {
        try await transaction(tenantID) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: tenantID)
            let conversations = try await store.lockedUnsearchable(limit: SearchIndexing.batchMax)
            guard !conversations.isEmpty else { return false }
            // Only now: whoever held a row may have changed what it says.
            let messages = try await store.unsearchable(in: conversations.map(\.id), limit: SearchIndexing.batchMax)
            for conversation in conversations { store.writeWords(of: conversation) }
            for message in messages {
                store.makeSearchable(message.conversationID, message.seq, words: SearchText.plain(message.text).distinct())
            }
            return true
        }
    }
}
