import FoundationEssentials
import ServiceRuntime
import WallTime

// What the system says to customers by itself: where the channel lets it, and never an answer (C38, C45, C46).
extension Work {
    /// - Returns: whether it was said.
    @discardableResult
    func say(_ text: String, in conversation: inout Conversation, over account: ChannelAccount) async throws -> Bool {
        let draft = Draft(kind: .text, text: text, byBot: true)
        guard canSend(conversation, account).refusal(of: draft) == nil else { return false }
        let before = conversation
        let message = Message(
            id: .v7(at: now), conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .outbound,
            kind: .text, author: .system, text: text, created: now, delivery: .first(on: conversation.channel),
            deliveryTime: now)
        store.insert(message)
        conversation.systemWrote(seq: message.seq, line: line(of: message, []), at: now)
        try await append(.messageAdded, before: before, conversation, by: .system, message: message.id)
        return true
    }

    /// C46: what the customer is told before his conversation closes, once, when its time has come.
    /// - Returns: whether it was said.
    func sayBeforeClosing(
        _ notice: ClosingRule.Notice, _ plan: TimerPlan, _ conversation: inout Conversation, over account: ChannelAccount
    ) async throws -> Bool {
        guard let closing = plan.due(.inactive), now < closing, closing.advanced(by: .zero - notice.before) <= now else {
            return false
        }
        return try await say(notice.text, in: &conversation, over: account)
    }
}

extension Message.Delivery {
    /// Where a message of ours begins: the widget shows it by its stream, every other channel sends it first.
    static func first(on channel: ChannelKind) -> Message.Delivery { channel == .webchat ? .sent : .accepted }
}
