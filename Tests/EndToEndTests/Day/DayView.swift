import ConversationsV1
import RoutingV1
import TicketsV1

/// What whoever follows the three streams knows: he reads on where he has stopped, each time.
struct DayView: Sendable {
    private(set) var record = DayRecord()
    private(set) var replay = DayReplay()
    /// By account and address: the last conversation.
    private(set) var conversations: [String: String] = [:]
    /// Agents who are away, though they are there.
    private(set) var away: Set<String> = []
    /// Messages of ours that are on their way to a provider.
    private var underway: Set<String> = []
    private var cursors = (conversations: "", routing: "", tickets: "")

    var isAnythingUnderway: Bool { !underway.isEmpty }

    static func key(account: String, address: String) -> String { "\(account)/\(address)" }

    /// - Returns: whether anything was told.
    mutating func readOn(at desk: DayDesk) async throws -> Bool {
        let conversations = try await desk.conversationEvents(after: cursors.conversations)
        let routing = try await desk.routingEvents(after: cursors.routing)
        let tickets = try await desk.ticketEvents(after: cursors.tickets)
        cursors = (conversations.cursor, routing.cursor, tickets.cursor)
        for event in conversations.events { take(event) }
        for event in routing.events where event.kind == .status { take(event) }
        record.conversations += conversations.events
        record.routing += routing.events
        record.tickets += tickets.events
        return !(conversations.events.isEmpty && routing.events.isEmpty && tickets.events.isEmpty)
    }

    private mutating func take(_ event: ConversationEvent) {
        let before = replay.take(event)
        if let message = event.message, message.direction == .outbound, event.channel != .webchat {
            if message.deliveryStatus == .accepted {
                underway.insert(message.messageID)
            } else {
                underway.remove(message.messageID)
            }
        }
        guard before == nil, let standing = replay[event.conversationID] else { return }
        conversations[Self.key(account: standing.account, address: standing.address)] = event.conversationID
    }

    private mutating func take(_ event: RoutingEvent) {
        if event.availabilityAfter == .away { away.insert(event.subject) } else { away.remove(event.subject) }
    }
}
