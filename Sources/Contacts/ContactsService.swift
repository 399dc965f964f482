import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import Protobuf
import ServiceDatabase
import ServiceRuntime
import WallTime

/// The RPCs of contacts; each family has a file of its own. An RPC that has none answers UNIMPLEMENTED.
///
/// A handler parses, decides, stores, answers.
struct ContactsService: ContactsServiceProtocol {
    let pool: PostgresPool
    let eventLog: EventLog
    let requests: RequestStore
    let pageTokens: PageTokens
    let clock: ProductClock
}

// MARK: - What every handler needs

extension ContactsService {
    /// Reads as the caller's tenant.
    func reading<Answer: Sendable>(
        _ context: ServerContext, _ body: (ContactStore) async throws -> Answer
    ) async throws -> Answer {
        let tenantID = try context.tenantID
        return try await pool.transaction(.reading(as: tenantID)) { transaction in
            try await body(ContactStore(transaction: transaction, tenantID: tenantID))
        }
    }

    /// Changes as the caller's tenant, once per request id. State, timeline, events and the answer to be repeated are
    /// committed together.
    func changing<Request: Message, Answer: Message>(
        _ request: Request, requestID: WritableKeyPath<Request, String>, _ context: ServerContext,
        _ body: (ContactChanges) async throws -> Answer
    ) async throws -> Answer {
        let (tenantID, actor) = (try context.tenantID, try context.principal.subject)
        var repeatable = request
        repeatable[keyPath: requestID] = ""
        return try await pool.transaction(.changing(as: tenantID)) { transaction in
            let store = ContactStore(transaction: transaction, tenantID: tenantID)
            let changes = ContactChanges(store: store, eventLog: eventLog, now: clock.now, actor: actor)
            return try await requests.once(request[keyPath: requestID], repeatable, context, in: transaction) {
                try await body(changes)
            }
        }
    }
}

extension TransactionOptions {
    /// Row-level security lets through the rows of this tenant alone.
    static func changing(as tenantID: UUID) -> TransactionOptions {
        TransactionOptions(settings: [tenantSetting: tenantID.text])
    }

    static func reading(as tenantID: UUID) -> TransactionOptions {
        TransactionOptions(settings: [tenantSetting: tenantID.text], readOnly: true)
    }

    private static let tenantSetting = "switchboard.tenant_id"
}
