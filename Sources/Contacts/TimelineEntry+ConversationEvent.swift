import ConversationsV1
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What an event of conversations is for a contact's timeline.
extension TimelineEntry {
    /// The kinds of events of which timelines tell.
    static let conversationKinds: [ConversationEventKind] = [.created, .closed]

    /// `nil` for an event that timelines do not tell, and for one whose conversation is gone by now.
    init?(_ event: ConversationEvent) {
        guard let conversation = event.conversation, let time = event.occurTime.map(Instant.init),
            let contactID = ContactID(conversation.contactID),
            let subject = Subject(event, conversation)
        else { return nil }
        self.init(
            id: TimelineEntryID(.v7(at: time)), contactID: contactID, occurTime: time,
            actor: event.actor?.word ?? "system", subject: subject, address: ChannelAddress(conversation))
    }
}

extension TimelineEntry.Subject {
    fileprivate init?(_ event: ConversationEvent, _ conversation: Conversation) {
        guard let id = UUID(id: event.conversationID) else { return nil }
        // The audience is of the event's moment, the conversation perhaps of a later one.
        var activity = TimelineEntry.ConversationActivity(
            conversationID: id, channel: conversation.channel.word,
            departmentID: UUID(id: event.audienceAfter?.departmentID ?? ""),
            assigneeID: UUID(id: event.audienceAfter?.assigneeID ?? ""))
        switch event.kind {
        case .created:
            self = .conversationOpened(activity)
        case .closed:
            activity.closeReason = event.reasonAfter.word
            activity.outcome = conversation.outcome
            self = .conversationClosed(activity)
        default:
            return nil
        }
    }
}

extension ChannelAddress {
    /// The address a conversation runs at, as identities have it; `nil` where the conversation tells none that could be one.
    fileprivate init?(_ conversation: Conversation) {
        let (kind, isScoped): (IdentityKind, Bool)
        switch conversation.channel {
        case .whatsapp: (kind, isScoped) = (.whatsapp, false)
        case .facebook: (kind, isScoped) = (.facebook, true)
        case .instagram: (kind, isScoped) = (.instagram, true)
        case .webchat: (kind, isScoped) = (.webchat, true)
        case .email: (kind, isScoped) = (.email, false)
        case .other: (kind, isScoped) = (.other, true)
        case .unspecified, .unrecognized: return nil
        }
        guard
            let address = try? ChannelAddress(
                kind: kind, scope: isScoped ? conversation.channelAccountID : "", address: conversation.customerAddress)
        else { return nil }
        self = address
    }
}

extension Actor {
    fileprivate var word: String {
        switch kind {
        case .customer: "contact"
        case .agent, .bot: actorID
        case .system, .unspecified, .unrecognized: "system"
        }
    }
}

extension ChannelKind {
    fileprivate var word: String {
        switch self {
        case .whatsapp: "whatsapp"
        case .facebook: "facebook"
        case .instagram: "instagram"
        case .webchat: "webchat"
        case .email: "email"
        case .other: "other"
        case .unspecified, .unrecognized: ""
        }
    }
}

extension ConversationStateReason {
    /// The reasons for which conversations are closed; the others are no ends.
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
        case .unspecified, .awaitingReply, .parked, .disconnected, .window, .noAgent, .unrecognized: ""
        }
    }
}
