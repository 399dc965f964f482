import FoundationEssentials
import WallTime

/// One line of a contact's timeline (S45): what happened, and where it can be read.
struct TimelineEntry: Sendable, Hashable {
    let id: TimelineEntryID
    let contactID: ContactID
    let occurTime: Instant
    /// An agent's id, "contact", or a service's name.
    let actor: String
    let subject: Subject

    /// For a conversation's line: the address it runs at, with which the line goes when contacts are merged or unmerged.
    var address: ChannelAddress?

    enum Subject: Sendable, Hashable {
        case conversationOpened(ConversationActivity)
        case conversationClosed(ConversationActivity)
        case contactCreated
        case contactUpdated(changedPaths: [String])
        case identityChanged(IdentityID)
        case linkedObjectChanged(LinkedObjectID, Action)
        case mergeChanged(MergeID, Action)
        case consentRecorded(ConsentID)
        /// Of one address, or of the whole contact.
        case blockChanged(IdentityID?, Action)
    }

    /// A conversation as the timeline keeps it: ids and words of the contract, never names.
    struct ConversationActivity: Sendable, Hashable {
        var conversationID: UUID
        var channel: String
        var departmentID: UUID?
        var assigneeID: UUID?
        /// Empty for one that was opened.
        var closeReason = ""
        var outcome = ""
    }

    /// What was done, where the kind leaves it open. The raw values stand in the database and in the contract.
    enum Action: String, Sendable, Hashable, CaseIterable {
        case attached, changed, detached, merged, unmerged, blocked, unblocked
    }

    /// The raw values stand in the database.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case conversationOpened = "conversation_opened"
        case conversationClosed = "conversation_closed"
        case contactCreated = "contact_created"
        case contactUpdated = "contact_updated"
        case identityChanged = "identity_changed"
        case linkedObjectChanged = "linked_object_changed"
        case mergeChanged = "merge_changed"
        case consentRecorded = "consent_recorded"
        case blockChanged = "block_changed"
    }
}

extension TimelineEntry.Subject {
    var kind: TimelineEntry.Kind {
        switch self {
        case .conversationOpened: .conversationOpened
        case .conversationClosed: .conversationClosed
        case .contactCreated: .contactCreated
        case .contactUpdated: .contactUpdated
        case .identityChanged: .identityChanged
        case .linkedObjectChanged: .linkedObjectChanged
        case .mergeChanged: .mergeChanged
        case .consentRecorded: .consentRecorded
        case .blockChanged: .blockChanged
        }
    }

    var conversation: TimelineEntry.ConversationActivity? {
        switch self {
        case .conversationOpened(let activity), .conversationClosed(let activity): activity
        default: nil
        }
    }

    var action: TimelineEntry.Action? {
        switch self {
        case .linkedObjectChanged(_, let action), .mergeChanged(_, let action), .blockChanged(_, let action): action
        default: nil
        }
    }
}
