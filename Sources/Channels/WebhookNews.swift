import ContactsV1
import ConversationsV1
import FoundationEssentials
import GoogleProtobuf
import Protobuf
import ServiceRuntime
import TemplatesV1
import TicketsV1
import WallTime

/// The events that integrators can have, and what they are told of each: ids, states, numbers and times.
enum WebhookNews {
    static let all = "*"
    static let typeLengthMax = 64

    /// Notifications are for one user alone.
    static let conversations = known(ConversationEventKind.self).filter { $0 != .notified }
    static let contacts = known(ContactEventKind.self)
    static let tickets = known(TicketEventKind.self)
    /// Snippets are the agents' own.
    static let templates = known(TemplateEventKind.self).filter {
        ![.snippetCreated, .snippetUpdated, .snippetRemoved].contains($0)
    }

    /// Every type there is.
    static let types = Set(
        conversations.compactMap { typeName(of: $0) } + contacts.compactMap { typeName(of: $0) }
            + tickets.compactMap { typeName(of: $0) } + templates.compactMap { typeName(of: $0) })

    static func isType(_ text: String) -> Bool { text == all || types.contains(text) }

    private static func known<Kind: ProtobufEnum>(_ kind: Kind.Type) -> [Kind] { Kind.allCases.filter { $0.rawValue != 0 } }

    /// "conversation.message_added" for CONVERSATION_EVENT_KIND_MESSAGE_ADDED.
    static func typeName(of kind: some ProtobufEnum) -> String? {
        kind.name?.lowercased().replacing("_event_kind_", with: ".")
    }
}

extension WebhookEvent {
    /// Nil for what is nobody's news but ours.
    init?(_ event: ConversationEvent) {
        guard WebhookNews.conversations.contains(event.kind) else { return nil }
        self.init(
            of: "conversations", event.kind, event.eventID, event.tenantID, event.conversationID, event.occurTime,
            ConversationDetails(event))
    }

    init?(_ event: ContactEvent) {
        guard WebhookNews.contacts.contains(event.kind) else { return nil }
        self.init(
            of: "contacts", event.kind, event.eventID, event.tenantID, event.contactID, event.eventTime, ContactDetails(event))
    }

    init?(_ event: TicketEvent) {
        guard WebhookNews.tickets.contains(event.kind) else { return nil }
        self.init(
            of: "tickets", event.kind, event.eventID, event.tenantID, event.ticketID, event.occurTime, TicketDetails(event))
    }

    init?(_ event: TemplateEvent) {
        guard WebhookNews.templates.contains(event.kind) else { return nil }
        self.init(
            of: "templates", event.kind, event.eventID, event.tenantID, event.templateID, event.eventTime,
            TemplateDetails(event))
    }

    /// - Parameter service: its events' ids are unique within it only.
    private init?(
        of service: String, _ kind: some ProtobufEnum, _ id: String, _ tenantID: String, _ subjectID: String,
        _ time: Timestamp?, _ data: some Encodable
    ) {
        guard let type = WebhookNews.typeName(of: kind), let subject = UUID(id: subjectID), let time = time.map(Instant.init)
        else {
            return nil
        }
        let id = "\(service).\(id)"
        let body = WebhookBody(id: id, type: type, tenantId: tenantID, time: "\(time)", data: data)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(body) else { return nil }
        self.init(id: id, type: type, subjectID: subject, time: time, body: String(decoding: json, as: UTF8.self))
    }
}

// MARK: - What is told. Words are those of the JSON API.

private struct WebhookBody<Details: Encodable>: Encodable {
    var id: String
    var type: String
    var tenantId: String
    var time: String
    var data: Details
}

private struct ConversationDetails: Encodable {
    var conversationId: String
    var channelAccountId: String?
    var contactId: String?
    var ticketId: String?
    var departmentId: String?
    var assigneeId: String?
    var stateBefore: String?
    var state: String?
    var stateReason: String?
    var message: Message?

    struct Message: Encodable {
        var messageId: String
        var seq: Int32
        var direction: String?
        var kind: String?
        var deliveryStatus: String?
    }

    init(_ event: ConversationEvent) {
        conversationId = event.conversationID
        channelAccountId = event.conversation?.channelAccountID.unlessEmpty
        contactId = event.conversation?.contactID.unlessEmpty
        ticketId = event.conversation?.ticketID.unlessEmpty
        departmentId = event.audienceAfter?.departmentID.unlessEmpty
        assigneeId = event.audienceAfter?.assigneeID.unlessEmpty
        stateBefore = event.stateBefore.word
        state = event.stateAfter.word
        stateReason = event.reasonAfter.word
        message = event.message.map {
            Message(
                messageId: $0.messageID, seq: $0.seq, direction: $0.direction.word, kind: $0.kind.word,
                deliveryStatus: $0.deliveryStatus.word)
        }
    }
}

private struct ContactDetails: Encodable {
    var contactId: String
    var changedPaths: [String]?
    var survivingContactId: String?
    var mergeId: String?
    var erasureId: String?

    init(_ event: ContactEvent) {
        contactId = event.contactID
        changedPaths = event.changedPaths.isEmpty ? nil : event.changedPaths
        survivingContactId = event.survivingContactID.unlessEmpty
        mergeId = event.mergeID.unlessEmpty
        erasureId = event.erasureID.unlessEmpty
    }
}

private struct TicketDetails: Encodable {
    var ticketId: String
    var statusBefore: String?
    var status: String?
    var assigneeBefore: String?
    var assigneeId: String?
    var isInternal: Bool
    var changedPaths: [String]?
    var clock: String?
    var commentId: String?
    var conversationId: String?
    var otherTicketId: String?

    enum CodingKeys: String, CodingKey {
        case ticketId, statusBefore, status, assigneeBefore, assigneeId, changedPaths, clock, commentId, conversationId
        case otherTicketId
        case isInternal = "internal"
    }

    init(_ event: TicketEvent) {
        ticketId = event.ticketID
        statusBefore = event.statusBefore.word
        status = event.statusAfter.word
        assigneeBefore = event.assigneeBefore.unlessEmpty
        assigneeId = event.assigneeAfter.unlessEmpty
        isInternal = event.internal
        changedPaths = event.changedPaths.isEmpty ? nil : event.changedPaths
        clock = event.clock.word
        commentId = event.commentID.unlessEmpty
        conversationId = event.conversationID.unlessEmpty
        otherTicketId = event.otherTicketID.unlessEmpty
    }
}

private struct TemplateDetails: Encodable {
    var templateId: String
    var statusBefore: String?
    var status: String?
    var revision: Int32

    init(_ event: TemplateEvent) {
        templateId = event.templateID
        statusBefore = event.statusBefore.word
        status = event.statusAfter.word
        revision = event.revision
    }
}

extension ProtobufEnum {
    /// Nil where nothing is said.
    fileprivate var word: String? { rawValue == 0 ? nil : name }
}

extension String {
    fileprivate var unlessEmpty: String? { isEmpty ? nil : self }
}
