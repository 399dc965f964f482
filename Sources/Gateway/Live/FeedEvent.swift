import ConversationsV1
import Protobuf

/// An event of conversations on its way to browsers. Its JSON is made once for all of them.
struct FeedEvent: Sendable {
    let eventID: String
    let cursor: String
    let event: ConversationEvent
    /// "message_added".
    let name: String
    private let data: String

    init(_ event: ConversationEvent, cursor: String) {
        eventID = event.eventID
        self.cursor = cursor
        self.event = event
        let kind = event.kind.name ?? ""
        name = String(kind.trimmingPrefix("CONVERSATION_EVENT_KIND_")).lowercased()
        data = Self.json(event, withRow: true)
    }

    private var position: String { StreamPosition(cursors: [ConversationsFeed.service: cursor]).text }

    /// What an agent's browser is sent; nil for nothing.
    func sent(to viewer: Viewer) -> ServerSentEvent? {
        switch viewer.view(of: event) {
        case .nothing: nil
        case .removed:
            ServerSentEvent(
                id: position, name: "conversation_removed",
                data: JSONValue.object(JSONObject([("conversationId", .string(event.conversationID))])).text)
        case .event(let withRow):
            ServerSentEvent(id: position, name: name, data: withRow ? data : Self.json(event, withRow: false))
        }
    }

    /// What a visitor's widget is sent; nil for nothing.
    func sent(toVisitor visitorID: String, account: String) -> ServerSentEvent? {
        guard let visible = event.visitorEvent, visible.visitorID == visitorID, visible.channelAccountID == account else {
            return nil
        }
        let name =
            switch event.kind {
            case .messageAdded: "message"
            case .messageStatus: "message_status"
            case .accepted, .transferred: "agent_assigned"
            default: "conversation_state"
            }
        return ServerSentEvent(
            id: position, name: name, data: String(decoding: visible.json(options: .emitDefaults), as: UTF8.self))
    }

    /// Without what only the gateway needs.
    private static func json(_ event: ConversationEvent, withRow: Bool) -> String {
        var event = event
        event.audienceBefore = nil
        event.audienceAfter = nil
        event.visitorEvent = nil
        if !withRow { event.conversation = nil }
        return String(decoding: event.json(options: .emitDefaults), as: UTF8.self)
    }
}
