import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
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
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        var violations = Violations()
        violations.text(request.subject, "subject", 0...100)
        violations.text(request.actor, "actor", 0...200)
        let start = request.startTime.map { Instant($0) }
        let end = request.endTime.map { Instant($0) }
        if let start, let end { violations.require(start <= end, "end_time", "lies before start_time") }
        try violations.check()
        let filter = AuditFilter(subject: request.subject, actor: request.actor, start: start, end: end)
        let arguments = ["audit", try context.tenantID.text] + filter.arguments
        let before = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments).map { keys in
            guard let id = UUID(id: keys[0]) else { throw Failure.pageTokenInvalid }
            return id
        }
        return try await surroundings.read(context) { work in
            let rows = try await work.store.transaction.query(
                work.store.auditEntries(filter, before: before, limit: size + 1)
            ).map(AuditLine.init(row:))
            var response = ListAuditEntriesResponse(auditEntries: rows.prefix(size).map(\.wire))
            if rows.count > size {
                response.nextPageToken = surroundings.pageTokens.token(after: [rows[size - 1].id.text], arguments: arguments)
            }
            return response
        }
    }
}

extension Work {
    /// Leaves a line in the trail: who does what, when and for whom, is the call's.
    func audit(_ subject: String, paths: [String] = []) {
        store.insert(
            AuditLine(
                id: .v7(at: now), time: now, actor: caller.identity, onBehalfOf: caller.onBehalfOf, action: caller.action,
                subject: subject, paths: paths))
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

extension AuditLine {
    fileprivate var wire: AuditEntry {
        AuditEntry(
            occurTime: Timestamp(time), actor: actor, action: action, subject: subject, changedPaths: paths,
            onBehalfOf: onBehalfOf)
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
