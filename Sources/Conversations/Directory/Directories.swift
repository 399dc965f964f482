import FoundationEssentials
import Postgres
import ServiceRuntime
import Synchronization

/// The directories that this process has read, so that a transaction reads only what has changed since. Which revision holds
/// is what the transaction's own look at the tenant's row says: replicas agree, and nobody need be told.
final class Directories: Sendable {
    /// More tenants than these, and some are read anew.
    static let tenantsMax = 1_000

    private let held = Mutex<[UUID: Directory]>([:])

    func latest(of tenantID: UUID) -> Directory? { held.withLock { $0[tenantID] } }

    func keep(_ directory: Directory) {
        held.withLock { held in
            if held[directory.tenantID] == nil, held.count >= Self.tenantsMax, let any = held.keys.first { held[any] = nil }
            held[directory.tenantID] = directory
        }
    }
}

extension Surroundings: CustomRoles {
    package func permissions(of roles: [String], in tenantID: UUID) async throws -> Set<Permission> {
        try await transaction(tenantID, readOnly: true) { transaction in
            let directory = try await directory(ConversationStore(transaction: transaction, tenantID: tenantID))
            return roles.reduce(into: Set<Permission>()) { $0.formUnion(directory.roles[$1] ?? []) }
        }
    }
}

extension Surroundings {
    /// The tenant as this transaction sees it. Never inside one that changes it: what is rolled back would be kept.
    func directory(_ store: ConversationStore) async throws -> Directory {
        try await directory(store, try await store.transaction.query(store.tenantRow).first)
    }

    /// - Parameter row: what `tenantRow` answered, in this transaction.
    func directory(_ store: ConversationStore, _ row: Row?) async throws -> Directory {
        guard let row else { return Directory(store.tenantID) }
        let revision: Int64 = try row["revision"]
        let held = directories.latest(of: store.tenantID)
        if let held, held.revision == revision { return held }
        // An older one than is held was restored from a backup: everything is read anew.
        let base = held.flatMap { $0.revision < revision ? $0 : nil } ?? Directory(store.tenantID)
        let directory = try await store.directory(row, after: base)
        directories.keep(directory)
        return directory
    }
}
