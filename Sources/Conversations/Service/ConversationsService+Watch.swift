import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime

// Watch: the log, with the rows of now joined to it (DESIGN 4, 8).
extension ConversationsService {
    static let watchedConversationsMax = 100

    func watch(_ request: WatchRequest, _ responses: ResponseWriter<WatchResponse>, _ context: ServerContext) async throws {
        context.endAtDrain()
        let watch = try Watched(request, held: context.principal.tenantID)
        var after: Cursor?
        if request.liveOnly {
            after = try await surroundings.events.head()
        } else if !request.afterCursor.isEmpty {
            guard let cursor = Cursor(request.afterCursor) else { throw ConversationsError.cursorOutOfRange }
            after = cursor
        }
        do {
            try await follow(watch, after: after, responses)
        } catch let error as EventLogError {
            guard error == .outOfRange || error == .malformedCursor else { throw error }
            throw ConversationsError.cursorOutOfRange
        }
    }

    /// The log, and beside it who types, where that is asked for.
    private func follow(_ watch: Watched, after: Cursor?, _ responses: ResponseWriter<WatchResponse>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await batch in surroundings.events.batches(after: after, watch.filter) {
                    try await send(batch, watch, responses)
                }
            }
            if watch.withTyping {
                group.addTask {
                    try await tellTyping(responses, tenantID: watch.filter.tenantID, watch.conversationIDs)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// One batch, in the log's order.
    private func send(_ batch: EventBatch, _ watch: Watched, _ responses: ResponseWriter<WatchResponse>) async throws {
        let events = batch.events.filter { watch.conversationIDs.isEmpty || watch.conversationIDs.contains($0.subjectID) }
        for (cursor, event) in try await joined(events) {
            try await responses.write(WatchResponse(cursor: cursor, event: event))
        }
        // The place behind what was left out, and the sign that the stream is alive.
        try await responses.write(WatchResponse(cursor: batch.cursor.description, live: batch.isLive))
    }

    /// Events with the rows of now, which all streams of this process read together.
    func joined(_ events: [Event]) async throws -> [(cursor: String, event: ConversationEvent)] {
        let told = try await surroundings.told.joined(events) { tenantID, events in
            let rows = try await join(events, tenantID)
            let wire = Wire(directory: rows.directory)
            return events.map { event in News(event).map { wire.event(event, $0, rows) } }
        }
        return zip(events, told).compactMap { event, told in told.map { (event.cursor.description, $0) } }
    }

    private func join(_ events: [Event], _ tenantID: UUID) async throws -> Joined {
        let messageIDs = events.compactMap { $0.attributes["message"].flatMap(UUID.init(id:)) }
        let conversationIDs = Array(Set(events.map(\.subjectID)))
        return try await surroundings.transaction(tenantID, readOnly: true) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: tenantID)
            let messages = try await store.messages(Array(Set(messageIDs)))
            let files = try await store.attachments(messages.flatMap(\.attachmentIDs))
            let conversations = try await store.conversations(conversationIDs)
            return Joined(
                directory: try await surroundings.directory(store),
                rules: try await store.rules(of: conversations),
                conversations: Dictionary(conversations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
                messages: Dictionary(messages.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
                files: Dictionary(files.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}

/// The rows a batch's events speak of, as they are now.
struct Joined: Sendable {
    /// For the names.
    var directory: Directory
    /// By account.
    var rules: [UUID: ChannelRules]
    var conversations: [UUID: Conversation]
    var messages: [UUID: Message]
    var files: [UUID: Attachment]
}

private struct Watched: Sendable {
    var filter: EventFilter
    var conversationIDs: Set<UUID>
    var withTyping: Bool

    /// - Parameter held: the tenant of the caller's token; a caller with one sees no other's events.
    init(_ request: WatchRequest, held: UUID?) throws {
        var violations = Violations()
        let wanted = request.filter ?? WatchFilter()
        let tenantID = violations.optionalID(wanted.tenantID, "filter.tenant_id")
        conversationIDs = Set(
            violations.ids(
                wanted.conversationIDs, "filter.conversation_ids", max: ConversationsService.watchedConversationsMax))
        violations.require(!request.liveOnly || request.afterCursor.isEmpty, "after_cursor", "stands against live_only")
        let kinds = violations.known(wanted.kinds, "filter.kinds", max: ConversationsService.filterWordsMax) {
            News.Kind($0)?.rawValue
        }
        if let held, let tenantID, held != tenantID { violations.add("filter.tenant_id", "is not the caller's") }
        try violations.check()
        withTyping = request.withTyping
        filter = EventFilter(tenantID: held ?? tenantID, kinds: Set(kinds))
    }
}

extension Wire {
    func event(_ event: Event, _ news: News, _ rows: Joined) -> ConversationEvent {
        var wire = ConversationEvent()
        wire.kind = news.kind.wire
        wire.eventID = event.eventID
        wire.traceparent = event.traceparent ?? ""
        wire.conversationID = news.conversationID.text
        wire.tenantID = event.tenantID.text
        wire.occurTime = Timestamp(event.time)
        wire.actor = actor(news.actor)
        wire.audienceBefore = news.before.map(audience)
        wire.audienceAfter = audience(news.after)
        wire.stateBefore = news.before.map { .init($0.state) } ?? .unspecified
        wire.stateAfter = .init(news.after.state)
        wire.reasonAfter = .init(news.after.state)
        wire.keepTicket = news.keepsTicket
        if let figures = news.figures {
            wire.channel = figures.channel.wire
            wire.waitingOnAfter = figures.waitingOn.wire
            wire.arrivalTimeAfter = Timestamp(figures.arrival)
            wire.spamAfter = figures.spam
        }
        if let told = news.notification {
            wire.notifiedAgentID = told.agentID.text
            wire.notification = ConversationsV1.Notification(
                notificationID: told.id.text, kind: told.kind.wire, conversationID: news.conversationID.text,
                messageID: news.messageID?.text ?? "", createTime: Timestamp(event.time))
        }
        let row = rows.conversations[news.conversationID]
        wire.conversation = row.flatMap { row in rows.rules[row.channelAccountID].map { conversation(row, rules: $0) } }
        let found = news.messageID.flatMap { rows.messages[$0] }
        let files = (found?.attachmentIDs ?? []).compactMap { rows.files[$0] }
        wire.message = found.map { message($0, files) }
        if let row, row.channel == .webchat { wire.visitorEvent = visitorEvent(news, row, found, files) }
        return wire
    }

    func audience(_ standing: News.Standing) -> Audience {
        Audience(
            departmentID: standing.departmentID?.text ?? "", assigneeID: standing.assigneeID?.text ?? "",
            mentionedAgentIDs: standing.mentionedAgentIDs.map(\.text))
    }

    /// Notes and the colleagues' labels are nothing to the visitor.
    private func visitorEvent(_ news: News, _ row: Conversation, _ message: Message?, _ files: [Attachment]) -> VisitorEvent? {
        if news.kind == .updated || news.kind == .notified || message?.direction == .internal { return nil }
        if news.messageID != nil && message == nil { return nil }
        return VisitorEvent(
            visitorID: row.address, channelAccountID: row.channelAccountID.text, conversation: visitorConversation(row),
            message: message.map { visitorMessage($0, files) })
    }
}
