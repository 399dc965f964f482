import ContactsV1
import ConversationsV1
import Protobuf

/// An event on its way to browsers. Its JSON is made once for all of them; its `id` is each stream's own.
struct FeedEvent: Sendable {
    let service: String
    let cursor: String
    let news: News
    /// "message_added", "contact_updated".
    let name: String
    private let data: String

    var eventID: String { news.eventID }

    init(_ news: News, of service: String, cursor: String) {
        self.service = service
        self.cursor = cursor
        self.news = news
        switch news {
        case .conversation(let event):
            name = Self.name(event.kind.name, without: "CONVERSATION_EVENT_KIND_")
            data = Self.json(event, withRow: true)
        case .contact(let event):
            name = "contact_" + Self.name(event.kind.name, without: "CONTACT_EVENT_KIND_")
            data = Self.json(event)
        }
    }

    private static func name(_ kind: String?, without prefix: String) -> String {
        String((kind ?? "").trimmingPrefix(prefix)).lowercased()
    }

    /// What an agent's browser is sent; nil for nothing.
    func sent(to viewer: Viewer) -> ServerSentEvent? {
        switch news {
        case .contact: viewer.readsContacts ? ServerSentEvent(name: name, data: data) : nil
        case .conversation(let event):
            switch viewer.view(of: event) {
            case .nothing: nil
            case .removed:
                ServerSentEvent(
                    name: "conversation_removed",
                    data: JSONValue.object(JSONObject([("conversationId", .string(event.conversationID))])).text)
            case .event(let withRow):
                ServerSentEvent(name: name, data: withRow ? data : Self.json(event, withRow: false))
            }
        }
    }

    /// What a visitor's widget is sent; nil for nothing.
    func sent(toVisitor visitorID: String, account: String) -> ServerSentEvent? {
        guard case .conversation(let event) = news, let visible = event.visitorEvent, visible.visitorID == visitorID,
            visible.channelAccountID == account
        else { return nil }
        let name =
            switch event.kind {
            case .messageAdded: "message"
            case .messageStatus: "message_status"
            case .accepted, .transferred: "agent_assigned"
            default: "conversation_state"
            }
        return ServerSentEvent(name: name, data: String(decoding: visible.json(options: .emitDefaults), as: UTF8.self))
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

    /// Which contact, and what of it: who may see its values reads them.
    private static func json(_ event: ContactEvent) -> String {
        var event = event
        event.contact = nil
        return String(decoding: event.json(options: .emitDefaults), as: UTF8.self)
    }
}
