import Crypto
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import Protobuf
import ServiceRuntime

/// Runs a mutating RPC once per request_id (DESIGN.md 4): a repetition gets the stored answer.
package struct RequestStore: Sendable {
    private let store: IdempotencyStore
    private let readsOnly: (@Sendable (UUID) -> SQL)?

    /// - Parameter readsOnly: asks whether a tenant may read only (P2); one row with one truth value. `nil`: the service judges
    ///   that itself.
    package init(schema: String, readsOnly: (@Sendable (UUID) -> SQL)? = nil) {
        store = IdempotencyStore(schema: schema)
        self.readsOnly = readsOnly
    }

    /// The body's answer, or the one stored for the same request before.
    ///
    /// - Parameters:
    ///   - requestID: a UUID, or empty where the contract does not require one: then the body just runs.
    ///   - request: the whole request; what it says besides the request_id must be the same at a repetition. Pass it with
    ///     its request_id cleared.
    ///   - suspended: a tenant that reads only takes it, too: it carries on what was accepted before.
    ///   - statements: what the body asks for anyhow, in the same round trip; it gets the answers.
    /// - Throws: FAILED_PRECONDITION REQUEST_ID_REUSED, ABORTED REQUEST_IN_FLIGHT, PERMISSION_DENIED TENANT_SUSPENDED, or what
    ///   the body throws.
    package func once<Request: Message, Response: Message>(
        _ requestID: String, _ request: Request, _ context: ServerContext, in transaction: Transaction, suspended: Bool = false,
        with statements: [SQL], isolation: isolated (any Actor)? = #isolation, _ body: ([Rows]) async throws -> Response
    ) async throws -> Response {
        let question = suspended ? nil : try readsOnly?(context.tenantID)
        let asked = (question.map { [$0] } ?? []) + statements
        guard !requestID.isEmpty else {
            return try await body(Self.permitted(transaction.pipeline(asked), isAsked: question != nil))
        }
        let key = try key(requestID, request, context)
        do {
            let answer = try await store.run(key, in: transaction, with: asked) { rows in
                try await body(Self.permitted(rows, isAsked: question != nil)).serialized()
            }
            return try Response(serialized: answer)
        } catch let error as IdempotencyError {
            throw Failure(error)
        }
    }

    /// What is left of the answers for the body.
    /// - Throws: TENANT_SUSPENDED, where it was asked whether the tenant reads only, and it does.
    private static func permitted(_ answers: [Rows], isAsked: Bool) throws -> [Rows] {
        guard isAsked, let readsOnly = answers.first else { return answers }
        if try readsOnly.only?.decode(Bool.self) ?? false { throw Failure.tenantSuspended }
        return Array(answers.dropFirst())
    }

    /// The same without statements that travel along.
    package func once<Request: Message, Response: Message>(
        _ requestID: String, _ request: Request, _ context: ServerContext, in transaction: Transaction, suspended: Bool = false,
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Response
    ) async throws -> Response {
        try await once(requestID, request, context, in: transaction, suspended: suspended, with: []) { _ in try await body() }
    }

    /// The answer stored for this request before; `nil`: it has not run, or carries no request_id.
    /// - Throws: as `once`.
    package func answer<Request: Message, Response: Message>(
        to requestID: String, _ request: Request, _ context: ServerContext, in transaction: Transaction
    ) async throws -> Response? {
        guard !requestID.isEmpty else { return nil }
        switch try await store.claim([key(requestID, request, context)], in: transaction)[0] {
        case .fresh: return nil
        case .answered(let answer): return try Response(serialized: answer)
        case .refused(let error): throw Failure(error)
        }
    }

    /// The key of one request, for batches.
    package func key<Request: Message>(
        _ requestID: String, _ request: Request, _ context: ServerContext
    ) throws(Failure) -> IdempotencyStore.Key {
        guard UUID(id: requestID) != nil else { throw .invalid("request_id", "is not a UUID", reason: "MALFORMED") }
        let digest = request.withSerialized { bytes in Array(SHA256.hash(data: bytes)) }
        return IdempotencyStore.Key(
            tenantID: try context.tenantID, principal: try context.principal.identity, method: context.method.path,
            requestID: requestID.lowercased(), requestHash: digest)
    }
}

extension Failure {
    /// P2: a suspended tenant reads only.
    package static let tenantSuspended = Failure(
        .permissionDenied, reason: "TENANT_SUSPENDED", "the tenant is unknown here or suspended")

    package init(_ error: IdempotencyError) {
        switch error {
        case .reused:
            self.init(
                .failedPrecondition, reason: "REQUEST_ID_REUSED", "this request_id was used for another request",
                preconditions: [.init(type: "REQUEST_ID", subject: "request_id", description: "used for another request")])
        case .inFlight:
            self.init(
                .aborted, reason: "REQUEST_IN_FLIGHT", "the same request is being carried out: ask again",
                retryAfter: .milliseconds(200))
        }
    }
}
