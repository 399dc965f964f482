import ConversationsV1
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What an event of conversations is for tickets.
struct ConversationNews: Sendable {
    enum What: Sendable, Hashable {
        /// Somebody serves it from now on (C24).
        /// - Parameter byBusiness: we began it: nobody has asked anything yet (C38).
        case started(byBusiness: Bool)
        case customerWrote
        /// A human answered; bots, automatic replies and notes are no answer (C38).
        case answered
        /// - Parameters:
        ///   - reason: "agent", "bot", "no_reply" and the like.
        ///   - keepsTicket: whoever closed it chose to leave the ticket as it is.
        case closed(reason: String, keepsTicket: Bool)
        /// Another assignee, perhaps another service type.
        case moved
    }

    /// The kinds of events that tickets listen to.
    static let kinds: [ConversationEventKind] = [
        .created, .messageAdded, .queued, .offered, .accepted, .resumed, .transferred, .closed,
        .updated,
    ]

    var what: What
    var id: UUID
    var eventID: String
    var time: Instant
    var actor: Actor
    var assigneeID: UUID?
    var conversation: Conversation
    /// When the customer's turn in the queue began, as it was at the event and never later than it (C24).
    var arrival: Instant

    /// Nil for what is nothing to tickets, and for an event whose conversation is gone by now.
    init?(_ event: ConversationEvent) {
        guard let conversation = event.conversation, let id = UUID(id: event.conversationID),
            let time = event.occurTime.map(Instant.init), let what = What(event)
        else { return nil }
        self.what = what
        self.id = id
        self.time = time
        self.conversation = conversation
        eventID = event.eventID
        // The audience is of the event's moment, the conversation perhaps of a later one.
        assigneeID = UUID(id: event.audienceAfter?.assigneeID ?? "")
        actor = event.actor.map(Actor.init) ?? .system
        arrival = min((event.arrivalTimeAfter ?? conversation.arrivalTime).map(Instant.init) ?? time, time)
    }

    /// As reports name it; empty for one that this release does not know.
    var channel: String {
        switch conversation.channel {
        case .whatsapp: "whatsapp"
        case .facebook: "facebook"
        case .instagram: "instagram"
        case .webchat: "webchat"
        case .email: "email"
        case .other: "other"
        case .unspecified, .unrecognized: ""
        }
    }
    var continuedFrom: UUID? { UUID(id: conversation.continuedFrom) }

    /// One line for a ticket that nobody has given a subject.
    var subject: String {
        let words = [conversation.subject, conversation.firstLine].first { !$0.isEmpty } ?? "-"
        let line = words.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String.UnicodeScalarView(line.prefix(TicketFields.subjectMax)))
    }
}

extension ConversationNews.What {
    fileprivate init?(_ event: ConversationEvent) {
        if event.startsService {
            self = .started(byBusiness: event.kind == .created)
            return
        }
        switch event.kind {
        case .messageAdded:
            // What comes after the end, such as an answer to the survey, is nobody's turn.
            guard let message = event.message, message.direction != .internal, event.stateAfter != .closed else {
                return nil
            }
            switch message.author?.kind {
            case .customer: self = .customerWrote
            case .agent: self = .answered
            default: return nil
            }
        case .closed: self = .closed(reason: event.reasonAfter.word, keepsTicket: event.keepTicket)
        case .queued, .offered, .accepted, .resumed, .transferred, .updated: self = .moved
        default: return nil
        }
    }
}

extension ConversationEvent {
    /// Accepted, taken over from a bot, or begun by us.
    fileprivate var startsService: Bool {
        switch (stateBefore, stateAfter) {
        case (.automated, .open), (.queued, .open), (.offered, .open): true
        case (.unspecified, .open), (.unspecified, .pending): kind == .created
        default: false
        }
    }
}

extension Actor {
    fileprivate init(_ actor: ConversationsV1.Actor) {
        switch actor.kind {
        case .agent: self.init(kind: .agent, id: actor.actorID)
        case .bot: self.init(kind: .bot, id: actor.actorID)
        case .customer, .system, .unspecified, .unrecognized: self = .system
        }
    }
}

extension ConversationStateReason {
    /// As a ticket's reason has it.
    fileprivate var word: String {
        switch self {
        case .agent: "agent"
        case .bot: "bot"
        case .customer: "customer"
        case .noReply: "no_reply"
        case .inactive: "inactive"
        case .expired: "expired"
        case .blocked: "blocked"
        case .startFailed: "start_failed"
        case .awaitingReply, .parked, .disconnected, .window, .noAgent, .unspecified, .unrecognized: ""
        }
    }
}
