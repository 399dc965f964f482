import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime

// SendTyping: who has a conversation open and who types in it (C54, C61). It writes nothing.
extension ConversationsService {
    func sendTyping(_ request: SendTypingRequest, _ context: ServerContext) async throws -> SendTypingResponse {
        var violations = Violations()
        let id = violations.id(request.conversationID, "conversation_id")
        violations.require(!(request.typing && request.left), "left", "stands against typing")
        try violations.check()
        return try await surroundings.read(context) { work in
            let viewer = try work.caller.viewer
            try work.directory.requireActive()
            let conversation = try await work.readable(id)
            let account = try await work.account(of: conversation)
            var typing = work.typing(in: conversation, by: work.caller.actor, request.typing)
            typing.open = !request.left
            // The customer is told of him alone who serves him, where the channel's row lets us.
            if account.rules.typing, conversation.state == .open, conversation.assigneeID == viewer.agentID {
                if account.kind == .webchat { typing.visitorID = conversation.address }
                typing.channelAccountID = account.id.text
            }
            surroundings.typing.say(typing, by: "\(work.tenantID.text) \(work.caller.identity)")
            return SendTypingResponse()
        }
    }

    /// What is said while the stream lasts, with the names of now.
    func tellTyping(
        _ responses: ResponseWriter<WatchResponse>, tenantID: UUID?, _ conversationIDs: Set<UUID>
    ) async throws {
        for await typing in surroundings.typing.heard {
            guard let tenant = UUID(id: typing.tenantID), let conversation = UUID(id: typing.conversationID),
                tenantID == nil || tenant == tenantID, conversationIDs.isEmpty || conversationIDs.contains(conversation)
            else { continue }
            try await responses.write(WatchResponse(typing: await named(typing, tenant)))
        }
    }

    /// Without the database there is no name; the rest holds.
    private func named(_ typing: Typing, _ tenantID: UUID) async -> Typing {
        guard typing.actor?.kind == .agent, let agent = UUID(id: typing.actor?.actorID ?? "") else { return typing }
        let name = try? await surroundings.transaction(tenantID, readOnly: true) { transaction in
            try await surroundings.directory(ConversationStore(transaction: transaction, tenantID: tenantID)).agentName(agent)
        }
        var typing = typing
        typing.actor?.displayName = name ?? ""
        return typing
    }
}

// SendVisitorTyping: the other way (C61).
extension WidgetService {
    func sendVisitorTyping(_ request: SendVisitorTypingRequest, _ context: ServerContext) async throws
        -> SendVisitorTypingResponse
    {
        let visitor = try VisitorCaller(context)
        return try await look(visitor) { work in
            try work.directory.requireActive()
            let latest = try await work.store.latest(account: visitor.accountID, addressKey: visitor.visitorID.text)
            guard let conversation = latest, !conversation.state.isClosed else { return SendVisitorTypingResponse() }
            let customer = Author(kind: .customer, id: conversation.contactID.text)
            var typing = work.typing(in: conversation, by: customer, request.typing)
            typing.open = true
            surroundings.typing.say(typing, by: "\(work.tenantID.text) \(visitor.visitorID.text)")
            return SendVisitorTypingResponse()
        }
    }
}

extension Work {
    /// Ids alone: names are joined where it is heard.
    fileprivate func typing(in conversation: Conversation, by actor: Author, _ types: Bool) -> Typing {
        Typing(
            conversationID: conversation.id.text, tenantID: tenantID.text,
            actor: ConversationsV1.Actor(kind: actor.kind.wire, actorID: actor.id), typing: types,
            expireTime: Timestamp(now.advanced(by: TypingBoard.holds)),
            audience: wire.audience(News.Standing(conversation)))
    }
}
