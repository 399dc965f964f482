package import FoundationEssentials
package import Postgres

/// Answers to requests that carried a request_id, kept for 24 hours at least, written in the transaction of their effect.
package struct IdempotencyStore: Sendable {
    package init(schema: String) {}

    /// One request: the scope is tenant, principal and method.
    package struct Key: Sendable, Hashable {
        package var tenantID: UUID
        package var principal: String
        package var method: String
        package var requestID: String
        /// A digest of the request without its request_id: the same id with another one is refused.
        package var requestHash: [UInt8]

        package init(tenantID: UUID, principal: String, method: String, requestID: String, requestHash: [UInt8]) {
            self.tenantID = tenantID
            self.principal = principal
            self.method = method
            self.requestID = requestID
            self.requestHash = requestHash
        }
    }

    /// The stored answer where the request has run before, else the body's, which is stored with the transaction.
    /// - Throws: `IdempotencyError`, or what the body throws.
    package func run(
        _ key: Key, in transaction: Transaction, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> [UInt8]
    ) async throws -> [UInt8] { fatalError("skeleton") }

    /// For batches: claims every key at once. `nil` where the request is new.
    package func claim(_ keys: [Key], in transaction: Transaction) async throws -> [Claim] { fatalError("skeleton") }
    /// For batches: stores the answers with the transaction.
    package func record(_ answers: [(key: Key, answer: [UInt8])], in transaction: Transaction) { fatalError("skeleton") }

    package enum Claim: Sendable, Hashable {
        case fresh
        case answered([UInt8])
        case refused(IdempotencyError)
    }
}

package enum IdempotencyError: Error, Sendable, Hashable {
    /// The same request_id came with another request: FAILED_PRECONDITION, REQUEST_ID_REUSED.
    case reused
    /// The same request is being carried out: ABORTED, ask again.
    case inFlight
}
