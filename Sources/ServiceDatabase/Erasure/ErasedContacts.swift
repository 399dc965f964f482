import FoundationEssentials
import Postgres
import ServiceRuntime

/// The contacts of one tenant whose erasure a service has carried out (guarantee 20), in the service's table `erased_contact`.
/// They stay there for good: news of an erased person may come late.
package struct ErasedContacts: Sendable {
    private let schema: String
    private let tenantID: UUID
    private let transaction: Transaction

    package init(schema: String, tenantID: UUID, transaction: Transaction) {
        self.schema = schema
        self.tenantID = tenantID
        self.transaction = transaction
    }

    /// Marks contacts as erased. Waits for the transactions that have asked ``contains(_:)``, and lets no other ask until this
    /// one has ended.
    package func add(_ contactIDs: [UUID]) async throws {
        _ = try await transaction.pipeline([
            "select pg_advisory_xact_lock(hashtextextended(\(lock), 0))::text",
            """
            insert into \(identifier: schema).erased_contact (tenant_id, contact_id)
            select \(tenantID), contact_id from unnest(\(contactIDs)) contact_id
            on conflict do nothing
            """,
        ])
    }

    /// Whether a contact has been erased. Who asks holds erasures up until his transaction ends, so that each of the two sees
    /// what the other has done.
    package func contains(_ contactID: UUID) async throws -> Bool {
        let found = try await transaction.pipeline([
            "select pg_advisory_xact_lock_shared(hashtextextended(\(lock), 0))::text",
            """
            select exists (
                select from \(identifier: schema).erased_contact where tenant_id = \(tenantID) and contact_id = \(contactID)
            )
            """,
        ])
        return try found[1][0].decode(Bool.self)
    }

    private var lock: String { "\(schema).erasures/\(tenantID.text)" }
}
