import ContactsV1
import EventLog
import Foundation
import GRPC
import Logging
import Postgres
import WallTime

/// Creates, lists and watches contacts: row, event, job and stored answer in one transaction, unless a mistake is planted.
struct SampleContacts: ContactsServiceProtocol {
    static let schema = "sample"
    static let tenantID = UUID(uuid: (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))

    private let pool: PostgresPool
    private let bug: PlantedBug
    private let log: EventLog
    private let jobs: JobQueue
    private let requests = IdempotencyStore(schema: schema)
    private let unwritten = AsyncStream.makeStream(of: CreateContactRequest.self)

    init(pool: PostgresPool, bug: PlantedBug) {
        self.pool = pool
        self.bug = bug
        log = EventLog(schema: Self.schema, pool: pool, logger: Logger(label: "log"))
        jobs = JobQueue(schema: Self.schema, pool: pool)
    }

    func createContact(_ request: CreateContactRequest, _ context: ServerContext) async throws -> CreateContactResponse {
        if bug == .acknowledgesBeforeCommit {
            unwritten.continuation.yield(request)
        } else {
            try await create(request)
            try await Task.sleep(for: Window.answer)
        }
        return CreateContactResponse(contact: request.contact)
    }

    /// What M1 has acknowledged, later.
    func writeBehind() async throws {
        for await request in unwritten.stream {
            try await Task.sleep(for: Window.commit)
            try await create(request)
        }
    }

    func listContacts(_ request: ListContactsRequest, _ context: ServerContext) async throws -> ListContactsResponse {
        let rows = try await pool.query("select label from sample.contact order by number")
        return ListContactsResponse(contacts: try rows.map { Contact(displayName: try $0.decode(String.self)) })
    }

    // MARK: - Create

    private func create(_ request: CreateContactRequest) async throws {
        let label = request.contact?.displayName ?? ""
        do {
            let isFresh = try await pool.transaction(Self.options) { transaction in
                guard bug != .noDedupe else {
                    try await insert(label, transaction)
                    return true
                }
                var isFresh = false
                _ = try await requests.run(key(request.requestID, label), in: transaction) { _ in
                    try await insert(label, transaction)
                    isFresh = true
                    return []
                }
                return isFresh
            }
            guard isFresh, bug == .eventOutsideTransaction else { return }
            try await Task.sleep(for: Window.event)
            try await pool.transaction { try await log.append([event(label)], in: $0) }
        } catch is IdempotencyError {
            throw RPCError(code: .aborted, message: "the same request is under way")
        } catch is PostgresError {
            throw RPCError(code: .unavailable, message: "the database cannot be reached")
        }
    }

    private func insert(_ label: String, _ transaction: Transaction) async throws {
        try await transaction.query("insert into sample.contact (label) values (\(label))")
        jobs.enqueue(
            [NewJob(tenantID: Self.tenantID, kind: Greetings.kind, cause: label, payload: Array(label.utf8))], in: transaction)
        switch bug {
        case .eventOutsideTransaction: break
        case .cursorBySequence:
            try await transaction.query("insert into sample.numbered_event (label) values (\(label))")
            try await Task.sleep(for: .milliseconds(Int.random(in: Window.numberMilliseconds)))
        default: try await log.append([event(label)], in: transaction)
        }
    }

    static let options = TransactionOptions(settings: ["switchboard.tenant_id": tenantID.uuidString])

    private func key(_ requestID: String, _ label: String) -> IdempotencyStore.Key {
        .init(
            tenantID: Self.tenantID, principal: "agent", method: "CreateContact", requestID: requestID,
            requestHash: Array(label.utf8))
    }

    private func event(_ label: String) -> NewEvent {
        NewEvent(
            tenantID: Self.tenantID, kind: "contact.created", subjectID: UUID(), time: .now, attributes: ["label": label])
    }

    // MARK: - Watch

    func watch(_ request: WatchRequest, _ responses: ResponseWriter<WatchResponse>, _ context: ServerContext) async throws {
        if bug == .cursorBySequence { return try await watchNumbers(after: Int64(request.afterCursor) ?? 0, responses) }
        for try await batch in log.batches(after: Cursor(request.afterCursor)) {
            for event in batch.events {
                try await responses.write(created(event.attributes["label"] ?? "", cursor: event.cursor.description))
            }
            try await responses.write(WatchResponse(cursor: batch.cursor.description, live: batch.isLive))
        }
    }

    /// M4: takes the highest number seen for the place it has come to.
    private func watchNumbers(after start: Int64, _ responses: ResponseWriter<WatchResponse>) async throws {
        var last = start
        while true {
            for row in try await pool.query("select id, label from sample.numbered_event where id > \(last) order by id") {
                let (id, label) = try row.decode((Int64, String).self)
                last = id
                try await responses.write(created(label, cursor: "\(id)"))
            }
            try await responses.write(WatchResponse(cursor: "\(last)", live: true))
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func created(_ label: String, cursor: String) -> WatchResponse {
        WatchResponse(cursor: cursor, event: ContactEvent(kind: .created, contact: Contact(displayName: label)))
    }
}
