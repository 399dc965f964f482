import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

// ListConversations and CountConversations (S1-S11, C4).
extension ConversationsService {
    static let pageMax = 100
    /// Ids in one filter, and words of a contract.
    static let (filterIDsMax, filterWordsMax) = (100, 20)

    func listConversations(_ request: ListConversationsRequest, _ context: ServerContext) async throws
        -> ListConversationsResponse
    {
        let query = try ConversationQuery(request)
        let size = try pageSize(request.pageSize, max: Self.pageMax)
        return try await surroundings.read(context) { work in
            let viewer = try work.caller.viewer
            let arguments = query.arguments(viewer)
            let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
                .map(ConversationQuery.Position.init)
            let rows = try await work.store.list(query, for: viewer, after: position, limit: size + 1)
            var response = ListConversationsResponse(conversations: try await work.wired(Array(rows.prefix(size))))
            if rows.count > size, let last = rows.prefix(size).last {
                response.nextPageToken = surroundings.pageTokens.token(after: query.keys(of: last), arguments: arguments)
            }
            return response
        }
    }

    func countConversations(
        _ request: CountConversationsRequest, _ context: ServerContext
    ) async throws -> CountConversationsResponse {
        var violations = Violations()
        let departments = violations.ids(request.departmentIDs, "department_ids", max: Self.filterIDsMax)
        try violations.check()
        return try await surroundings.read(context) { work in
            let viewer = try work.caller.viewer
            var response = CountConversationsResponse()
            let views = InboxView.allCases.sorted { $0.wire.rawValue < $1.wire.rawValue }
            let counts = try await work.store.counts(views, departmentIDs: departments, for: viewer)
            for (view, (count, unread)) in zip(views, counts) {
                response.counts.append(
                    ViewCount(view: view.wire, count: count, truncated: count > 999, unread: min(unread, 1_000)))
            }
            return response
        }
    }
}

extension ConversationQuery {
    init(_ request: ListConversationsRequest) throws {
        var violations = Violations()
        if case .unrecognized = request.view { violations.add("view", "is unknown") }
        view = InboxView(request.view)
        departmentIDs = violations.ids(request.departmentIDs, "department_ids", max: ConversationsService.filterIDsMax)
        accountIDs = violations.ids(request.channelAccountIDs, "channel_account_ids", max: ConversationsService.filterIDsMax)
        assigneeIDs = violations.ids(request.assigneeIDs, "assignee_ids", max: ConversationsService.filterIDsMax)
        channels = violations.channels(request.channels, "channels")
        labels = violations.labels(request.labels, "labels")
        priorities = violations.priorities(request.priorities, "priorities")
        contactID = violations.optionalID(request.contactID, "contact_id")
        try violations.check()
        // The queue by arrival, oldest first; everything else by last message, newest first (C49).
        (order, newestFirst) = view == .queue ? (.arrival, false) : (.lastMessage, true)
        if !request.orderBy.isEmpty { (order, newestFirst) = try Self.order(request.orderBy) }
    }

    private static func order(_ text: String) throws -> (Order, newestFirst: Bool) {
        let words = text.split(separator: " ")
        guard let first = words.first, let order = Order(rawValue: String(first)), words.count <= 2,
            words.count == 1 || words[1] == "desc" || words[1] == "asc"
        else {
            throw Failure(
                .invalidArgument, reason: "ORDER_BY_INVALID", "order_by names no order of this list",
                fields: [.init("order_by", "is one of the documented orders")])
        }
        return (order, words.count == 2 && words[1] == "desc")
    }

    /// What the next page must repeat; the viewer is part of it, so that a token is good for its owner alone.
    func arguments(_ viewer: Viewer<UUID>) -> [String] {
        [
            "conversations", viewer.agentID.text, view?.rawValue ?? "", departmentIDs.map(\.text).joined(separator: ","),
            channels.map(\.rawValue).joined(separator: ","), accountIDs.map(\.text).joined(separator: ","),
            assigneeIDs.map(\.text).joined(separator: ","), labels.joined(separator: "\u{1F}"), contactID?.text ?? "",
            order.rawValue, "\(newestFirst)", priorities.map { "\($0)" }.joined(separator: ","),
        ]
    }

    func keys(of conversation: Conversation) -> [String] {
        let time: Instant? =
            switch order {
            case .lastMessage: conversation.lastMessage
            case .arrival: conversation.arrival
            case .start: conversation.started
            case .waitingSince: conversation.waitingSince
            }
        return [time.map { "\($0.microseconds)" } ?? "", conversation.id.text]
    }
}

extension ConversationQuery.Position {
    /// Keys of a token of ours; its tag has been checked.
    init(_ keys: [String]) throws {
        guard let id = UUID(id: keys[1]) else { throw Failure.pageTokenInvalid }
        self.init(time: Int64(keys[0]).map { Instant(microseconds: $0) }, id: id)
    }
}
