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

    enum Subject: Sendable, Hashable {
        case conversationOpened(ConversationActivity)
        case conversationClosed(ConversationActivity)
        case contactCreated
        case contactUpdated(changedPaths: [String])
        case identityChanged(IdentityID)
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

    /// The raw values stand in the database.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case conversationOpened = "conversation_opened"
        case conversationClosed = "conversation_closed"
        case contactCreated = "contact_created"
        case contactUpdated = "contact_updated"
        case identityChanged = "identity_changed"
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
        }
    }

    var conversation: TimelineEntry.ConversationActivity? {
        switch self {
        case .conversationOpened(let activity), .conversationClosed(let activity): activity
        case .contactCreated, .contactUpdated, .identityChanged: nil
        }
    }
}
