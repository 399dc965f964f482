import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// Looks at one conversation, its messages and its history. They write nothing: the transaction is read-only (S13).
extension ConversationsService {
    func getConversation(_ request: GetConversationRequest, _ context: ServerContext) async throws -> GetConversationResponse {
        let id = try Self.id(request.conversationID)
        return try await surroundings.read(context, with: { $0.withAccount(id) }) { work, answers in
            let (conversation, account) = try work.readable(try ConversationStore.withAccount(answers))
            var wire = work.wire.conversation(conversation, rules: account.rules)
            wire.actions = work.actions(on: conversation, over: account)
            wire.actions += [try await work.startAction(on: conversation, over: account, wire.actions)]
            return GetConversationResponse(conversation: wire)
        }
    }

    func listMessages(_ request: ListMessagesRequest, _ context: ServerContext) async throws -> ListMessagesResponse {
        let size = try pageSize(request.pageSize, max: Self.pageMax)
        let newestFirst = try Self.newestFirst(request.orderBy)
        return try await surroundings.read(context) { work in
            let conversation = try await work.readable(try Self.id(request.conversationID))
            let arguments = ["messages", conversation.id.text, "\(request.afterSeq)", "\(newestFirst)"]
            let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)
                .flatMap { Int32($0[0]) }
            let page = try await work.store.messages(
                of: conversation.id, after: newestFirst ? request.afterSeq : max(request.afterSeq, position ?? 0),
                before: newestFirst ? position ?? .max : .max, newestFirst: newestFirst, limit: size)
            var response = ListMessagesResponse(
                messages: try await work.withFiles(page.messages) { work.wire.message($0, $1) })
            if page.hasMore, let last = page.messages.last {
                response.nextPageToken = surroundings.pageTokens.token(after: ["\(last.seq)"], arguments: arguments)
            }
            return response
        }
    }

    func getMessage(_ request: GetMessageRequest, _ context: ServerContext) async throws -> GetMessageResponse {
        var violations = Violations()
        let (id, messageID) = (
            violations.id(request.conversationID, "conversation_id"), violations.id(request.messageID, "message_id")
        )
        try violations.check()
        return try await surroundings.read(context) { work in
            let conversation = try await work.readable(id)
            let found = try await work.store.messages([messageID]).filter { $0.conversationID == conversation.id }
            guard let message = try await work.withFiles(found, { work.wire.message($0, $1) }).first else {
                throw ConversationsError.messageNotFound
            }
            return GetMessageResponse(message: message)
        }
    }

    func listHistory(_ request: ListHistoryRequest, _ context: ServerContext) async throws -> ListHistoryResponse {
        let size = try pageSize(request.pageSize, max: Self.pageMax)
        return try await surroundings.read(context) { work in
            let conversation = try await work.readable(try Self.id(request.conversationID))
            let arguments = ["history", conversation.id.text]
            let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)
                .flatMap { Int32($0[0]) }
            let rows = try await work.store.history(of: conversation.id, after: position ?? 0, limit: size + 1)
            var response = ListHistoryResponse(entries: rows.prefix(size).map(work.wire.history))
            if rows.count > size {
                response.nextPageToken = surroundings.pageTokens.token(after: ["\(rows[size - 1].number)"], arguments: arguments)
            }
            return response
        }
    }

    static func id(_ text: String) throws -> UUID {
        var violations = Violations()
        let id = violations.id(text, "conversation_id")
        try violations.check()
        return id
    }

    private static func newestFirst(_ order: String) throws -> Bool {
        switch order {
        case "", "seq", "seq asc": return false
        case "seq desc": return true
        default:
            throw Failure(
                .invalidArgument, reason: "ORDER_BY_INVALID", "order_by names no order of this list",
                fields: [.init("order_by", "is `seq` or `seq desc`")])
        }
    }
}

extension Work {
    /// S18, C49: the menu, with the reason where an entry is greyed.
    func actions(on conversation: Conversation, over account: ChannelAccount) -> [ConversationAction] {
        guard let viewer = try? caller.viewer else { return [] }
        let actor = viewer.actor(department: conversation.departmentID, assignee: conversation.assigneeID)
        let menu: [(String, TransitionEvent)] = [
            ("accept", .accept), ("decline", .decline), ("take", .take), ("intervene", .intervene), ("resume", .resume),
            ("resumeByTemplate", .resumeByTemplate), ("send", .send), ("setPending", .setPending),
            ("transfer", .transferToDepartment), ("close", .close),
        ]
        return menu.map { name, event in
            switch TransitionTable.decide(conversation.state, event, by: actor) {
            case .allowed(let outcome):
                if event == .send || outcome.guards.contains(.window),
                    let refusal = canSend(conversation, account).freeForm()
                {
                    let error = ConversationsError(refusal, window: conversation.window, rules: account.rules)
                    return ConversationAction(action: name, allowed: false, reason: error.failure.reason)
                }
                if event == .resumeByTemplate {
                    let allowed = account.rules.businessResume == .template
                    return ConversationAction(
                        action: name, allowed: allowed,
                        reason: allowed ? "" : ConversationsError.resumeNotAllowed.failure.reason)
                }
                return ConversationAction(action: name, allowed: true)
            case .refused(let refusal):
                let error = ConversationsError(
                    refusal, event, on: conversation, assigneeName: agentName(conversation.assigneeID), rules: account.rules)
                return ConversationAction(action: name, allowed: false, reason: error.failure.reason)
            }
        }
    }

    /// C49: what "Start" is for the caller now; greyed with the reason of what it stands for.
    fileprivate func startAction(
        on conversation: Conversation, over account: ChannelAccount, _ menu: [ConversationAction]
    ) async throws -> ConversationAction {
        let name: String
        switch conversation.state {
        case .queued, .offered: name = "accept"
        case .automated: name = "intervene"
        case .pending: name = "resume"
        case .expired: name = "resumeByTemplate"
        case .open:
            let refusal = ConversationsError.transitionNotAllowed(conversation.state, .accept)
            return ConversationAction(action: "start", allowed: false, reason: refusal.failure.reason)
        case .closed:
            let refusal = try await startRefusal(after: conversation, over: account)
            return ConversationAction(
                action: "start", allowed: refusal == nil, reason: refusal?.failure.reason ?? "",
                startAction: "startConversation")
        }
        guard let entry = menu.first(where: { $0.action == name }) else { return ConversationAction(action: "start") }
        return ConversationAction(action: "start", allowed: entry.allowed, reason: entry.reason, startAction: name)
    }

    /// Why the business cannot write first to the address of a conversation that is over; `nil`: it can.
    private func startRefusal(
        after conversation: Conversation, over account: ChannelAccount
    ) async throws -> ConversationsError? {
        if account.disabled { return .channelDisabled }
        if account.rules.businessStart == .rejected { return .startNotAllowed }
        if account.kind != .email,
            let there = try await store.openOne(account: account.id, contact: conversation.contactID)
        {
            return exists(there)
        }
        guard account.rules.businessStart == .liveSession else { return nil }
        guard let id = UUID(id: conversation.address), let visitor = try await store.visitor(id, account: account.id),
            now < visitor.sessionExpires
        else { return .visitorNotLive }
        return nil
    }

    func canSend(_ conversation: Conversation, _ account: ChannelAccount) -> CanSend {
        CanSend(
            rules: account.rules, disabled: account.disabled, state: conversation.state, window: conversation.window, now: now)
    }
}
