import ContactsV1
import ConversationsV1
import Protobuf
import RoutingV1
import TicketsV1

/// An event on its way to browsers. Its JSON is made once for all of them; its `id` is each stream's own.
///
/// Of a conversation the browser is sent the row. Of everything else it is told which one, and what of it: who may see the
/// values reads them.
struct FeedEvent: Sendable {
    let service: String
    let cursor: String
    let news: News
    /// "message_added", "contact_updated", "ticket_breached", "routing_presence", "typing".
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
            data = Self.json(event) { $0.contact = nil }
        case .ticket(let event):
            name = "ticket_" + Self.name(event.kind.name, without: "TICKET_EVENT_KIND_")
            data = Self.json(event) { $0.ticket = nil }
        case .routing(let event):
            name = "routing_" + Self.name(event.kind.name, without: "ROUTING_EVENT_KIND_")
            data = Self.json(event) { $0.row = nil }
        case .typing(let typing):
            name = "typing"
            data = Self.json(typing) { typing in
                typing.audience = nil
                (typing.visitorID, typing.channelAccountID) = ("", "")
            }
        }
    }

    private static func name(_ kind: String?, without prefix: String) -> String {
        String((kind ?? "").trimmingPrefix(prefix)).lowercased()
    }

    /// What an agent's browser is sent; nil for nothing.
    func sent(to viewer: Viewer) -> ServerSentEvent? {
        switch news {
        case .contact, .routing: ServerSentEvent(name: name, data: data)
        case .ticket(let event):
            event.internal && !viewer.sight.contains(.internalTickets) ? nil : ServerSentEvent(name: name, data: data)
        case .typing(let typing):
            // He knows what he does himself.
            typing.actor?.actorID == viewer.agentID || typing.audience.map(viewer.sees) != true
                ? nil : ServerSentEvent(name: name, data: data)
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

    /// Whether an agent works here no more, which ends his sessions at once (C41).
    func dismisses(_ agentID: String?) -> Bool {
        guard case .routing(let event) = news, event.kind == .agent, event.subject == agentID,
            case .agent(let agent) = event.row
        else { return false }
        return agent.state == .deactivated
    }

    /// What a visitor's widget is sent; nil for nothing.
    func sent(toVisitor visitorID: String, account: String) -> ServerSentEvent? {
        if case .typing(let typing) = news {
            guard typing.visitorID == visitorID, typing.channelAccountID == account else { return nil }
            let data = Self.json(typing) { typing in
                (typing.audience, typing.tenantID, typing.visitorID, typing.channelAccountID) = (nil, "", "", "")
                typing.actor?.actorID = ""
            }
            return ServerSentEvent(name: name, data: data)
        }
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
        json(event) { event in
            event.audienceBefore = nil
            event.audienceAfter = nil
            event.visitorEvent = nil
            if !withRow { event.conversation = nil }
        }
    }

    private static func json<Message: GeneratedMessage>(_ event: Message, without leaveOut: (inout Message) -> Void) -> String {
        var event = event
        leaveOut(&event)
        return String(decoding: event.json(options: .emitDefaults), as: UTF8.self)
    }
}
