import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import WallTime

/// The web-chat customer's service. Who he is comes from his token alone; no id in a request is looked up outside what is his.
struct WidgetService: WidgetServiceProtocol {
    let surroundings: Surroundings
}

/// The visitor who calls.
struct VisitorCaller: Sendable {
    var caller: Caller
    var visitorID: UUID
    var accountID: UUID
    /// Of the page that opened his session.
    var origin: String

    init(_ context: ServerContext) throws {
        caller = try Caller(machine: context)
        guard let scope = try context.principal.visitor, let visitorID = UUID(id: scope.visitorID),
            let accountID = UUID(id: scope.accountID)
        else { throw ConversationsError.visitorTokenInvalid }
        self.visitorID = visitorID
        self.accountID = accountID
        origin = scope.origin
    }
}

extension WidgetService {
    func sendVisitorMessage(_ request: SendVisitorMessageRequest, _ context: ServerContext) async throws
        -> SendVisitorMessageResponse
    {
        let visitor = try VisitorCaller(context)
        var violations = Violations()
        violations.text(request.clientMessageID, "client_message_id", 1...100)
        let files = request.attachmentIDs.enumerated().map { violations.id($1, "attachment_ids[\($0)]") }
        violations.require(files.count <= Sent.attachmentsMax, "attachment_ids", "has more than 10 files")
        violations.require(
            !request.text.allSatisfy(\.isWhitespace) || !files.isEmpty, "text", "or a file is required", reason: "REQUIRED")
        try violations.check()
        let (who, rules) = try await known(visitor)
        if let limit = rules.textLimit, !limit.allows(request.text) { throw ConversationsError.textTooLong(max: limit.max) }
        guard request.text.utf8.count <= Inbound.textBytesMax else {
            throw ConversationsError.textTooLong(max: Inbound.textBytesMax)
        }
        let address = visitor.visitorID.text
        let received = try await surroundings.receive(
            Inbound(
                accountID: visitor.accountID,
                providerMessageID: VisitorMessageID.key(visitor.visitorID, request.clientMessageID), address: address,
                addressKey: address, name: who.name, kind: request.text.allSatisfy(\.isWhitespace) ? .attachment : .text,
                text: request.text, attachmentIDs: files, locale: who.locale, email: who.email,
                verified: !who.userID.isEmpty), visitor.caller)
        let wire = Wire(directory: received.directory)
        return SendVisitorMessageResponse(
            message: wire.visitorMessage(received.message, received.files),
            conversation: wire.visitorConversation(received.conversation))
    }

    func listVisitorMessages(_ request: ListVisitorMessagesRequest, _ context: ServerContext) async throws
        -> ListVisitorMessagesResponse
    {
        let visitor = try VisitorCaller(context)
        var violations = Violations()
        _ = violations.optionalID(request.conversationID, "conversation_id")
        try violations.check()
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        return try await look(visitor) { work in
            guard let conversation = try await own(request.conversationID, visitor, work) else {
                return ListVisitorMessagesResponse()
            }
            let arguments = ["visitor", visitor.visitorID.text, conversation.id.text, "\(request.afterSeq)"]
            let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)
                .flatMap { Int32($0[0]) }
            let page = try await work.store.messages(
                of: conversation.id, after: max(request.afterSeq, position ?? 0), withNotes: false, limit: size)
            var response = ListVisitorMessagesResponse(
                messages: try await work.withFiles(page.messages) { work.wire.visitorMessage($0, $1) },
                conversation: work.wire.visitorConversation(conversation))
            if page.hasMore, let last = page.messages.last {
                response.nextPageToken = surroundings.pageTokens.token(after: ["\(last.seq)"], arguments: arguments)
            }
            return response
        }
    }

    func markVisitorRead(_ request: MarkVisitorReadRequest, _ context: ServerContext) async throws -> MarkVisitorReadResponse {
        let visitor = try VisitorCaller(context)
        var violations = Violations()
        _ = violations.optionalID(request.conversationID, "conversation_id")
        violations.require(request.upToSeq != 0, "up_to_seq", "is required", reason: "REQUIRED")
        try violations.check()
        return try await change(visitor) { work in
            guard let found = try await own(request.conversationID, visitor, work),
                let (locked, account) = try await work.store.locked(found.id)
            else { throw ConversationsError.conversationNotFound }
            var conversation = locked
            guard (1...max(1, conversation.lastSeq)).contains(request.upToSeq) else {
                throw Failure.invalid("up_to_seq", "is 1 to the last message's number")
            }
            if request.upToSeq > conversation.customerReadSeq {
                conversation.customerReadSeq = request.upToSeq
                _ = try await work.store.markRead(in: conversation.id, upTo: request.upToSeq, at: work.now)
                let customer = Author(kind: .customer)
                try await work.append(.read, before: conversation, conversation, by: customer)
                try await work.save(&conversation, over: account)
            }
            return MarkVisitorReadResponse(conversation: work.wire.visitorConversation(conversation))
        }
    }

    func endVisitorConversation(_ request: EndVisitorConversationRequest, _ context: ServerContext) async throws
        -> EndVisitorConversationResponse
    {
        let visitor = try VisitorCaller(context)
        return try await surroundings.write(request, \.requestID, context) { work in
            guard
                var conversation = try await work.store.lockedOpenOne(
                    account: visitor.accountID, addressKey: visitor.visitorID.text)
            else { return EndVisitorConversationResponse() }
            let account = try await work.account(of: conversation)
            try await work.carryOut(
                Step(.customerEnds, .closed), by: .customer, agent: nil, as: Author(kind: .customer), on: &conversation,
                over: account)
            try await work.save(&conversation, over: account)
            return EndVisitorConversationResponse(conversation: work.wire.visitorConversation(conversation))
        }
    }

    func createStreamTicket(_ request: CreateStreamTicketRequest, _ context: ServerContext) async throws
        -> CreateStreamTicketResponse
    {
        let visitor = try VisitorCaller(context)
        let ticket = try await surroundings.visitorTokens.signed(
            visitor.visitorID, account: visitor.accountID, origin: visitor.origin, tenantID: visitor.caller.tenantID,
            lifetime: VisitorTokens.ticketLifetime)
        return CreateStreamTicketResponse(streamTicket: ticket.token, expireTime: Timestamp(ticket.expires))
    }
}

// MARK: - The visitor's rows

extension WidgetService {
    func look<Answer: Sendable>(
        _ visitor: VisitorCaller, _ body: (Work) async throws -> Answer
    ) async throws -> Answer {
        try await surroundings.transaction(visitor.caller.tenantID, readOnly: true) { transaction in
            try await body(try await work(visitor, transaction))
        }
    }

    func change<Answer: Sendable>(
        _ visitor: VisitorCaller, _ body: (Work) async throws -> Answer
    ) async throws -> Answer {
        try await surroundings.transaction(visitor.caller.tenantID) { transaction in
            let work = try await work(visitor, transaction)
            try work.directory.requireActive()
            return try await body(work)
        }
    }

    private func work(_ visitor: VisitorCaller, _ transaction: Transaction) async throws -> Work {
        let caller = visitor.caller
        let directory = try await surroundings.directory(
            ConversationStore(transaction: transaction, tenantID: caller.tenantID))
        _ = try directory.known
        return Work(surroundings, caller, directory, transaction, now: surroundings.clock.now)
    }

    /// The visitor's row, and the rules of his account.
    func known(_ visitor: VisitorCaller) async throws -> (Visitor, ChannelRules) {
        try await look(visitor) { work in
            guard let account = try await work.store.account(visitor.accountID),
                let row = try await work.store.visitor(visitor.visitorID, account: account.id)
            else { throw ConversationsError.visitorTokenInvalid }
            return (row, account.rules)
        }
    }

    /// One of his own conversations, or his last one.
    private func own(_ id: String, _ visitor: VisitorCaller, _ work: Work) async throws -> Conversation? {
        let address = visitor.visitorID.text
        if id.isEmpty { return try await work.store.latest(account: visitor.accountID, addressKey: address) }
        guard let id = UUID(id: id), let conversation = try await work.store.conversation(id),
            conversation.channelAccountID == visitor.accountID, conversation.address == address
        else { throw ConversationsError.conversationNotFound }
        return conversation
    }
}
