import ConversationsV1

// Words of the contract and words of the rules, one for one.

extension ConversationsV1.ConversationState {
    init(_ state: ConversationState) {
        self =
            switch state {
            case .automated: .automated
            case .queued: .queued
            case .offered: .offered
            case .open: .open
            case .pending: .pending
            case .expired: .expired
            case .closed: .closed
            }
    }
}

extension ConversationsV1.ConversationState {
    /// As the rules name it; `nil` for unspecified.
    var stateName: String? {
        switch self {
        case .automated: "automated"
        case .queued: "queued"
        case .offered: "offered"
        case .open: "open"
        case .pending: "pending"
        case .expired: "expired"
        case .closed: "closed"
        case .unspecified, .unrecognized: nil
        }
    }
}

extension ConversationsV1.ConversationStateReason {
    init(_ state: ConversationState) {
        self =
            switch state {
            case .automated, .queued, .offered, .open: .unspecified
            case .pending(.awaitingReply): .awaitingReply
            case .pending(.parked): .parked
            case .pending(.disconnected): .disconnected
            case .expired(.window): .window
            case .expired(.noAgent): .noAgent
            case .closed(.agent): .agent
            case .closed(.bot): .bot
            case .closed(.customer): .customer
            case .closed(.noReply): .noReply
            case .closed(.inactive): .inactive
            case .closed(.expired): .expired
            case .closed(.blocked): .blocked
            case .closed(.startFailed): .startFailed
            }
    }
}

extension WaitingOn {
    var wire: ConversationsV1.WaitingOn {
        switch self {
        case .nobody: .unspecified
        case .agent: .agent
        case .customer: .customer
        }
    }
}

extension InboxView {
    /// `nil` for unspecified: no view.
    init?(_ view: ConversationsV1.InboxView) {
        switch view {
        case .queue: self = .queue
        case .open: self = .open
        case .pending: self = .pending
        case .expired: self = .expired
        case .automated: self = .automated
        case .closed: self = .closed
        case .yours: self = .yours
        case .unspecified, .unrecognized: return nil
        }
    }

    var wire: ConversationsV1.InboxView {
        switch self {
        case .queue: .queue
        case .open: .open
        case .pending: .pending
        case .expired: .expired
        case .automated: .automated
        case .closed: .closed
        case .yours: .yours
        }
    }
}

extension ChannelKind {
    init?(_ kind: ConversationsV1.ChannelKind) {
        switch kind {
        case .whatsapp: self = .whatsapp
        case .facebook: self = .facebook
        case .instagram: self = .instagram
        case .webchat: self = .webchat
        case .email: self = .email
        case .other: self = .other
        case .unspecified, .unrecognized: return nil
        }
    }

    var wire: ConversationsV1.ChannelKind {
        switch self {
        case .whatsapp: .whatsapp
        case .facebook: .facebook
        case .instagram: .instagram
        case .webchat: .webchat
        case .email: .email
        case .other: .other
        }
    }
}

extension MessageKind {
    init?(_ kind: ConversationsV1.MessageKind) {
        switch kind {
        case .text: self = .text
        case .attachment: self = .attachment
        case .template: self = .template
        case .sticker: self = .sticker
        case .location: self = .location
        case .contactCards: self = .contactCards
        case .choice: self = .choice
        case .reaction: self = .reaction
        case .system: self = .system
        case .unsupported: self = .unsupported
        case .note: self = .note
        case .unspecified, .unrecognized: return nil
        }
    }

    var wire: ConversationsV1.MessageKind {
        switch self {
        case .text: .text
        case .attachment: .attachment
        case .template: .template
        case .sticker: .sticker
        case .location: .location
        case .contactCards: .contactCards
        case .choice: .choice
        case .reaction: .reaction
        case .system: .system
        case .unsupported: .unsupported
        case .note: .note
        }
    }
}

extension AttachmentKind {
    init?(_ kind: ConversationsV1.AttachmentKind) {
        switch kind {
        case .image: self = .image
        case .video: self = .video
        case .audio: self = .audio
        case .pdf: self = .pdf
        case .csv: self = .csv
        case .document: self = .document
        case .unspecified, .unrecognized: return nil
        }
    }

    var wire: ConversationsV1.AttachmentKind {
        switch self {
        case .image: .image
        case .video: .video
        case .audio: .audio
        case .pdf: .pdf
        case .csv: .csv
        case .document: .document
        }
    }
}

extension Message.Delivery {
    init?(_ status: ConversationsV1.DeliveryStatus) {
        switch status {
        case .accepted: self = .accepted
        case .sent: self = .sent
        case .delivered: self = .delivered
        case .read: self = .read
        case .failed: self = .failed
        case .unspecified, .unrecognized: return nil
        }
    }

    var wire: ConversationsV1.DeliveryStatus {
        switch self {
        case .none: .unspecified
        case .accepted: .accepted
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        case .failed: .failed
        }
    }
}

extension Author.Kind {
    var wire: ConversationsV1.ActorKind {
        switch self {
        case .customer: .customer
        case .agent: .agent
        case .bot: .bot
        case .system: .system
        }
    }
}

extension News.Kind {
    init?(_ kind: ConversationsV1.ConversationEventKind) {
        guard let known = Self.allCases.first(where: { $0.wire == kind }) else { return nil }
        self = known
    }

    var wire: ConversationsV1.ConversationEventKind {
        switch self {
        case .created: .created
        case .messageAdded: .messageAdded
        case .messageStatus: .messageStatus
        case .queued: .queued
        case .offered: .offered
        case .accepted: .accepted
        case .pending: .pending
        case .resumed: .resumed
        case .transferred: .transferred
        case .expired: .expired
        case .closed: .closed
        case .read: .read
        case .updated: .updated
        case .blocked: .blocked
        case .notified: .notified
        }
    }
}
