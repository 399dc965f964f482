import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceDatabase
import ServiceRuntime
import WallTime

/// Looks back: how things stood at a moment (guarantee 10), and who set and forced what (P7).
struct ConversationAuditService: ConversationAuditServiceProtocol {
    let surroundings: Surroundings
}

extension ConversationAuditService {
    func getConversationSnapshot(
        _ request: GetConversationSnapshotRequest, _ context: ServerContext
    ) async throws -> GetConversationSnapshotResponse {
        try surroundings.checkRequired(request)
        var violations = Violations()
        let id = violations.id(request.conversationID, "conversation_id")
        let instant = violations.past(request.readTime, "read_time", now: surroundings.clock.now)
        try violations.check()
        return try await surroundings.read(context) { work in
            let conversation = try await work.readable(id)
            guard let entry = try await work.store.history(of: conversation.id, at: instant) else {
                throw ConversationsError.conversationNotFound
            }
            return GetConversationSnapshotResponse(snapshot: work.wire.snapshot(entry, of: id, at: instant))
        }
    }

    func listQueueSnapshot(
        _ request: ListQueueSnapshotRequest, _ context: ServerContext
    ) async throws -> ListQueueSnapshotResponse {
        try surroundings.checkRequired(request)
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        var violations = Violations()
        let instant = violations.past(request.readTime, "read_time", now: surroundings.clock.now)
        let departments = violations.ids(request.departmentIDs, "department_ids", max: ConversationsService.filterIDsMax)
        try violations.check()
        let arguments =
            ["queue snapshot", try context.tenantID.text, "\(instant.microseconds)"] + departments.map(\.text)
        let place = try surroundings.pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments).map { keys in
            guard let arrival = Int64(keys[0]), let id = UUID(id: keys[1]) else { throw Failure.pageTokenInvalid }
            return (arrival: Instant(microseconds: arrival), id: id)
        }
        return try await surroundings.read(context) { work in
            let rows = try await work.store.transaction.query(
                work.store.queue(at: instant, departmentIDs: departments, after: place, limit: size + 1)
            ).map(QueuedThen.init(row:))
            var response = ListQueueSnapshotResponse(
                snapshots: rows.prefix(size).map { work.wire.snapshot($0.entry, of: $0.conversationID, at: instant) })
            if rows.count > size {
                let last = rows[size - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: ["\(last.place.microseconds)", last.conversationID.text], arguments: arguments)
            }
            return response
        }
    }

    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        let query = try AuditQuery(request, context, surroundings.pageTokens, pageMax: ConversationsService.pageMax)
        let (entries, token): ([AuditEntry], String) = try await surroundings.read(context) { work in
            try await AuditTrail(schema: Surroundings.schema).page(
                query, of: work.store.tenantID, in: work.store.transaction, surroundings.pageTokens)
        }
        return ListAuditEntriesResponse(auditEntries: entries, nextPageToken: token)
    }
}

extension ListAuditEntriesRequest: AuditEntriesRequest {}
extension AuditEntry: AuditEntryMessage {}

extension Work {
    /// Leaves a line in the trail: who does what, when and for whom, is the call's.
    func audit(_ subject: String, paths: [String] = []) {
        AuditTrail(schema: Surroundings.schema).leave(
            AuditLine(caller.author, subject, paths: paths, at: now), of: store.tenantID, in: store.transaction)
    }

    /// How the trail names what is kept for each department and channel.
    static func subject(_ department: UUID?, _ channel: ChannelKind) -> String {
        "\(department?.text ?? "all")/\(channel.rawValue)"
    }
}

extension Wire {
    func snapshot(_ entry: HistoryEntry, of id: UUID, at instant: Instant) -> ConversationSnapshot {
        ConversationSnapshot(
            conversationID: id.text, readTime: Timestamp(instant), state: .init(entry.after), reason: .init(entry.after),
            departmentID: entry.departmentAfter?.text ?? "", assigneeID: entry.assigneeAfter?.text ?? "",
            arrivalTime: entry.arrival.map { Timestamp($0) }, entry: history(entry))
    }
}

extension Violations {
    /// A moment that a request must name. Where it is missing the answer is a placeholder, and `check` will throw.
    mutating func instant(_ wire: Timestamp?, _ field: String) -> Instant {
        require(wire != nil, field, "is required", reason: "REQUIRED")
        return Instant(wire ?? Timestamp())
    }

    /// A moment that lies behind.
    mutating func past(_ wire: Timestamp?, _ field: String, now: Instant) -> Instant {
        let instant = instant(wire, field)
        require(instant <= now, field, "lies ahead")
        return instant
    }
}
