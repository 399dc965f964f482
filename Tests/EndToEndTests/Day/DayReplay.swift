import ConversationsV1
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// How every conversation stands, from nothing but the events that were told of them.
struct DayReplay: Sendable {
    struct Standing: Sendable, Hashable {
        var state: ConversationState
        var reason: ConversationStateReason
        var department: String
        var assignee: String
        var arrival: Instant
        var account: String
        var address: String
        var channel: ChannelKind
        /// How often it has been offered.
        var offers = 0

        /// It takes one of its assignee's slots for chats; e-mails have their own.
        var takesChatSlot: Bool { [.offered, .open].contains(state) && channel != .email }
    }

    private(set) var standings: [String: Standing] = [:]
    /// Chats offered to and open with each agent.
    private(set) var loads: [String: Int] = [:]

    subscript(id: String) -> Standing? { standings[id] }

    /// - Returns: how the conversation stood before.
    @discardableResult
    mutating func take(_ event: ConversationEvent) -> Standing? {
        let before = standings[event.conversationID]
        guard event.changesStanding else { return before }
        var after = Standing(event, offers: before?.offers ?? 0)
        if event.stateAfter == .offered, before?.state != .offered || before?.assignee != after.assignee { after.offers += 1 }
        standings[event.conversationID] = after
        if let before, before.takesChatSlot { loads[before.assignee, default: 0] -= 1 }
        if after.takesChatSlot { loads[after.assignee, default: 0] += 1 }
        return before
    }
}

extension DayReplay.Standing {
    init(_ event: ConversationEvent, offers: Int) {
        self.init(
            state: event.stateAfter, reason: event.reasonAfter, department: event.audienceAfter?.departmentID ?? "",
            assignee: event.audienceAfter?.assigneeID ?? "", arrival: event.arrivalTimeAfter.map { Instant($0) } ?? event.time,
            account: event.conversation?.channelAccountID ?? "", address: event.conversation?.customerAddress ?? "",
            channel: event.channel, offers: offers)
    }
}

extension ConversationEvent {
    var time: Instant { occurTime.map { Instant($0) } ?? .earliest }
    /// What one user is told of it changes nothing, and does not say how it stands.
    var changesStanding: Bool { kind != .notified }
    /// A message of a customer's, bot's or agent's that was not there before.
    var newMessage: ConversationsV1.Message? { kind == .messageAdded ? message : nil }
}
