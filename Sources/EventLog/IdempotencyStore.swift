package import FoundationEssentials
package import Postgres

/// Answers to requests that carried a request_id, kept for 48 hours, written in the transaction of their effect. Statements
/// run under the transaction's tenant (`switchboard.tenant_id`).
package struct IdempotencyStore: Sendable {
    /// How long an answer is kept at least.
    package static let retention: Duration = .seconds(48 * 3_600)

    private let schema: String

    package init(schema: String) {
        self.schema = schema
    }

    /// One request: the scope is tenant, principal and method.
    package struct Key: Sendable, Hashable {
        package var tenantID: UUID
        package var principal: String
        package var method: String
        /// At most 255 bytes.
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

    package enum Claim: Sendable, Hashable {
        /// The request is this transaction's to carry out.
        case fresh
        /// It has been carried out; this was the answer.
        case answered([UInt8])
        case refused(IdempotencyError)
    }

    /// The stored answer where the request has run before, else the body's, which is stored with the transaction.
    /// - Parameter statements: what the body asks for anyhow, in the same round trip; it gets the answers.
    /// - Throws: `IdempotencyError`, or what the body throws.
    package func run(
        _ key: Key, in transaction: Transaction, with statements: [SQL] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: ([Rows]) async throws -> [UInt8]
    ) async throws -> [UInt8] {
        let (claims, answers) = try await claim([key], with: statements, in: transaction)
        switch claims[0] {
        case .refused(let error): throw error
        case .answered(let answer): return answer
        case .fresh:
            let answer = try await body(answers)
            record([(key, answer)], in: transaction)
            return answer
        }
    }

    /// Claims keys, which must differ, in one round trip; the claims come in the keys' order and hold until the transaction
    /// ends.
    package func claim(_ keys: [Key], in transaction: Transaction) async throws -> [Claim] {
        try await claim(keys, with: [], in: transaction).claims
    }

    private func claim(
        _ keys: [Key], with statements: [SQL], in transaction: Transaction
    ) async throws -> (claims: [Claim], answers: [Rows]) {
        // The lock first and the look in a statement of its own: whoever held the lock has committed what there is to see.
        let answers = try await transaction.pipeline([lock(keys), look(keys)] + statements)
        let claims = try zip(keys, zip(answers[0], answers[1])).map { key, rows -> Claim in
            guard try rows.0.decode(Bool.self) else { return .refused(.inFlight) }
            let (hash, answer) = try rows.1.decode(([UInt8]?, [UInt8]?).self)
            guard let hash, let answer else { return .fresh }
            return hash == key.requestHash ? .answered(answer) : .refused(.reused)
        }
        return (claims, Array(answers.dropFirst(2)))
    }

    /// Stores answers to fresh requests; they are sent together with COMMIT.
    package func record(_ answers: [(key: Key, answer: [UInt8])], in transaction: Transaction) {
        transaction.collect(answers, under: "answers.\(schema)") { [schema] answers in
            let keys = answers.map(\.key)
            return [
                """
                insert into \(identifier: schema).idempotent_request (
                    tenant_id, principal, method, request_id, request_hash, answer, expire_time
                )
                select
                    new.tenant_id, new.principal, new.method, new.request_id, new.request_hash, new.answer,
                    clock_timestamp() + \(Self.retention)
                from unnest(
                    \(keys.map(\.tenantID)), \(keys.map(\.principal)), \(keys.map(\.method)), \(keys.map(\.requestID)),
                    \(keys.map(\.requestHash)), \(answers.map(\.answer))
                ) as new (tenant_id, principal, method, request_id, request_hash, answer)
                """
            ]
        }
    }

    /// Empties answers that tell of these things. Their request ids stay taken, so that no repetition does anything anew.
    /// - Returns: how many there were.
    package func emptyAnswers(about ids: [UUID], of tenantID: UUID, in transaction: Transaction) async throws -> Int32 {
        let emptied = try await transaction.query(
            """
            update \(identifier: schema).idempotent_request
            set answer = ''
            where tenant_id = \(tenantID) and exists (
                select from unnest(\(ids)) id where position(convert_to(id::text, 'UTF8') in answer) > 0
            )
            """)
        return Int32(clamping: emptied.affected)
    }

    /// A lock that is not there to be had means that another transaction carries the request out.
    private func lock(_ keys: [Key]) -> SQL {
        let names = keys.map { "\(schema)/\($0.tenantID)/\($0.principal)/\($0.method)/\($0.requestID)" }
        return """
            select pg_try_advisory_xact_lock(hashtextextended(name, 0))
            from unnest(\(names)) with ordinality as wanted (name, number)
            order by number
            """
    }

    private func look(_ keys: [Key]) -> SQL {
        """
        select stored.request_hash, stored.answer
        from unnest(
            \(keys.map(\.tenantID)), \(keys.map(\.principal)), \(keys.map(\.method)), \(keys.map(\.requestID))
        ) with ordinality as wanted (tenant_id, principal, method, request_id, number)
        left join \(identifier: schema).idempotent_request stored using (tenant_id, principal, method, request_id)
        order by wanted.number
        """
    }
}

package enum IdempotencyError: Error, Sendable, Hashable {
    /// The same request_id came with another request: FAILED_PRECONDITION, REQUEST_ID_REUSED.
    case reused
    /// The same request is being carried out: ABORTED, ask again.
    case inFlight
}
