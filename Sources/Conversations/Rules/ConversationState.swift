/// Where a conversation stands, with the reason where a state needs one (SPEC 10).
enum ConversationState: Hashable, Sendable {
    case automated
    case queued
    case offered
    case open
    case pending(PendingReason)
    case expired(ExpiryReason)
    case closed(ClosingReason)
}

enum PendingReason: String, CaseIterable, Sendable {
    case awaitingReply = "awaiting_reply"
    case parked
    case disconnected
}

enum ExpiryReason: String, CaseIterable, Sendable {
    case window
    case noAgent = "no_agent"
}

enum ClosingReason: String, CaseIterable, Sendable {
    case agent, bot, customer
    case noReply = "no_reply"
    case inactive, expired, blocked
    case startFailed = "start_failed"
}

extension ConversationState: CaseIterable {
    static let allCases: [ConversationState] =
        [.automated, .queued, .offered, .open]
        + PendingReason.allCases.map(Self.pending)
        + ExpiryReason.allCases.map(Self.expired)
        + ClosingReason.allCases.map(Self.closed)

    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }

    /// The assignee's slot counts it: offered + open (C10).
    var takesSlot: Bool { self == .offered || self == .open }

    /// No free-form answer is possible any more (S6, S8).
    var isInactive: Bool {
        switch self {
        case .expired, .closed: true
        case .automated, .queued, .offered, .open, .pending: false
        }
    }
}

// MARK: - As stored

extension ConversationState {
    /// The state's word in the database and in `metadata` of errors.
    var name: String {
        switch self {
        case .automated: "automated"
        case .queued: "queued"
        case .offered: "offered"
        case .open: "open"
        case .pending: "pending"
        case .expired: "expired"
        case .closed: "closed"
        }
    }

    /// The reason's word in the database; empty where the state has none.
    var reasonName: String {
        switch self {
        case .automated, .queued, .offered, .open: ""
        case .pending(let reason): reason.rawValue
        case .expired(let reason): reason.rawValue
        case .closed(let reason): reason.rawValue
        }
    }

    /// `nil` for words that are no state of ours.
    init?(name: String, reason: String) {
        guard let state = Self.allCases.first(where: { $0.name == name && $0.reasonName == reason }) else { return nil }
        self = state
    }
}

extension ConversationState: CustomStringConvertible {
    /// As SPEC 10 writes it: `pending(parked)`.
    var description: String { reasonName.isEmpty ? name : "\(name)(\(reasonName))" }
}
