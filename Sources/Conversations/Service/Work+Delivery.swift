import FoundationEssentials
import ServiceRuntime
import WallTime

// How far a message of ours came (C48, C49).
extension Work {
    /// Moves a message's delivery forward, and tells of it.
    /// - Returns: whether it moved: a step back changes nothing.
    func move(
        _ message: Message, to delivery: Message.Delivery, _ report: DeliveryReport, in conversation: inout Conversation,
        over account: ChannelAccount
    ) async throws -> Bool {
        let moved = try await store.report(
            message.id, delivery, at: report.time, providerID: report.providerID, reason: report.reason)
        guard moved else { return false }
        try await append(.messageStatus, before: conversation, conversation, by: .system, message: message.id)
        if delivery == .failed { try await fail(message, in: &conversation) }
        try await settleAwaited(message, delivery, report, in: &conversation, over: account)
        try await save(&conversation, over: account)
        return true
    }

    /// Its conversation is marked, and its author is told (C48).
    private func fail(_ message: Message, in conversation: inout Conversation) async throws {
        conversation.failedMessage = true
        guard message.author.kind == .agent, let author = UUID(id: message.author.id) else { return }
        try await notify(.failedMessage, [author], of: conversation, message: message.id)
    }

    /// Why a message that was accepted must not go out now; `nil`: it may. The rule is the one that let it in (guarantee 13).
    func handoverRefusal(of message: Message, in conversation: Conversation, over account: ChannelAccount) async throws
        -> SendRefusal?
    {
        let files = try await store.attachments(message.attachmentIDs)
        let draft = Draft(
            kind: message.kind, text: message.text, files: files.map { Draft.File(kind: $0.kind, bytes: $0.bytes) },
            quotes: message.replyTo != nil, byBot: message.author.kind == .bot || message.author.kind == .system)
        return canSend(conversation, account).atHandover.refusal(of: draft)
    }
}

/// What is told of a delivery.
struct DeliveryReport: Sendable {
    var time: Instant
    var providerID = ""
    var reason = ""
}
