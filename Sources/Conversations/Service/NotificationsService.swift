import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// What the caller is told; nobody reads another's (C50).
struct NotificationsService: NotificationsServiceProtocol {
    static let idsMax = 200
    let surroundings: Surroundings
}

extension NotificationsService {
    func listNotifications(_ request: ListNotificationsRequest, _ context: ServerContext) async throws
        -> ListNotificationsResponse
    {
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        return try await surroundings.read(context) { work in
            let agent = try work.caller.viewer.agentID
            let arguments = ["notifications", agent.text, "\(request.unreadOnly)"]
            let before = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)
                .flatMap { UUID(id: $0[0]) }
            let rows = try await work.store.notifications(
                of: agent, unreadOnly: request.unreadOnly, before: before, limit: size + 1)
            var response = ListNotificationsResponse(notifications: rows.prefix(size).map(work.wire.notification))
            if rows.count > size {
                response.nextPageToken = surroundings.pageTokens.token(after: [rows[size - 1].id.text], arguments: arguments)
            }
            return response
        }
    }

    func markNotificationsRead(_ request: MarkNotificationsReadRequest, _ context: ServerContext) async throws
        -> MarkNotificationsReadResponse
    {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let ids = request.notificationIDs.enumerated().map { violations.id($1, "notification_ids[\($0)]") }
            violations.require(ids.count <= Self.idsMax, "notification_ids", "has more than 200")
            try violations.check()
            try await work.store.markRead(ids, of: try work.caller.viewer.agentID)
            return MarkNotificationsReadResponse()
        }
    }
}

extension Wire {
    func notification(_ n: Notification) -> ConversationsV1.Notification {
        ConversationsV1.Notification(
            notificationID: n.id.text, kind: n.kind.wire, conversationID: n.conversationID.text,
            messageID: n.messageID?.text ?? "", createTime: Timestamp(n.created), read: n.read)
    }
}

extension NotificationKind {
    var wire: ConversationsV1.NotificationKind {
        switch self {
        case .offered: .offered
        case .assigned: .assigned
        case .transferred: .transferred
        case .taken: .taken
        case .customerWrote: .customerWrote
        case .mention: .mention
        case .reminder: .reminder
        case .failedMessage: .failedMessage
        case .slaWarning: .slaWarning
        case .windowClosing: .windowClosing
        case .away: .away
        }
    }
}
