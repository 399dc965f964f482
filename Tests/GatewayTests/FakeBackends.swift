import ContactsV1
import ConversationsV1
import GRPC
import GoogleProtobuf
import GoogleRPC
import RoutingV1
import ServiceRuntime
import Synchronization
import Testing
import TicketsV1

@testable import Gateway

/// Conversations and contacts as the tests need them: real gRPC servers on real sockets, answering from memory.
final class FakeConversations: ConversationsServiceProtocol, Sendable {
    struct State {
        var scope = GetScopeResponse(agentID: agentID, displayName: "Ana", departments: [Department(departmentID: "sales")])
        var requests: [any Sendable] = []
        var metadata: [Metadata] = []
        var failure: RPCError?
    }

    /// ListConversations and CountConversations each wait until the other has been asked too.
    let waitsForTheOther = Flag()
    private let (listed, counted) = (Flag(), Flag())

    static let agentID = "01939c8e-0000-7000-8000-00000000000a"
    let state = Mutex(State())

    let log = FakeLog<ConversationEvent>()

    /// Commits an event; its place in the log is its id.
    func commit(_ event: ConversationEvent) {
        log.commit { position in
            var event = event
            event.eventID = FakeLog<ConversationEvent>.id(position)
            event.tenantID = FakeAuthenticator.tenantID
            return event
        }
    }

    private func note(_ request: any Sendable, _ context: ServerContext) throws {
        try state.withLock { state in
            state.requests.append(request)
            state.metadata.append(context.metadata)
            if let failure = state.failure { throw failure }
        }
    }

    func listConversations(_ request: ListConversationsRequest, _ context: ServerContext) async throws
        -> ListConversationsResponse
    {
        try note(request, context)
        listed.raise()
        if waitsForTheOther.isRaised { await counted.wait() }
        return ListConversationsResponse(
            conversations: [
                Conversation(conversationID: "c1", etag: "\"7\"", state: .open, contactID: "p1", ticketID: "t1"),
                Conversation(conversationID: "c2", state: .open, contactID: "p2"),
            ], nextPageToken: "next=1")
    }

    func countConversations(_ request: CountConversationsRequest, _ context: ServerContext) async throws
        -> CountConversationsResponse
    {
        counted.raise()
        if waitsForTheOther.isRaised { await listed.wait() }
        return CountConversationsResponse(counts: [ViewCount(view: .queue, count: 2)])
    }

    func getConversation(_ request: GetConversationRequest, _ context: ServerContext) async throws -> GetConversationResponse {
        try note(request, context)
        return GetConversationResponse(
            conversation: Conversation(
                conversationID: request.conversationID, etag: "\"7\"", state: .open, contactID: "p1", ticketID: "t1"))
    }

    func sendMessage(_ request: SendMessageRequest, _ context: ServerContext) async throws -> SendMessageResponse {
        try note(request, context)
        return SendMessageResponse(
            message: Message(messageID: "m 1", conversationID: request.conversationID, seq: 1, text: request.text))
    }

    func accept(_ request: AcceptRequest, _ context: ServerContext) async throws -> AcceptResponse {
        try note(request, context)
        return AcceptResponse(conversation: Conversation(conversationID: request.conversationID, etag: "\"8\"", state: .open))
    }

    func updateConversation(_ request: UpdateConversationRequest, _ context: ServerContext) async throws
        -> UpdateConversationResponse
    {
        try note(request, context)
        return UpdateConversationResponse(conversation: request.conversation)
    }

    func getScope(_ request: GetScopeRequest, _ context: ServerContext) async throws -> GetScopeResponse {
        try note(request, context)
        return state.withLock { $0.scope }
    }

    func watch(
        _ request: ConversationsV1.WatchRequest, _ responses: ResponseWriter<ConversationsV1.WatchResponse>,
        _ context: ServerContext
    ) async throws {
        if request.afterCursor == "gone" { throw RPCError(code: .outOfRange, message: "an old epoch") }
        try await log.follow(after: request.liveOnly ? nil : Int(request.afterCursor) ?? 0, isHub: request.filter == nil) {
            try await responses.write(ConversationsV1.WatchResponse(cursor: "\($0)", event: $1, live: $2))
        }
    }
}

struct FakeWidget: WidgetServiceProtocol {
    func createWidgetSession(
        _ request: CreateWidgetSessionRequest, _ context: ServerContext
    ) async throws -> CreateWidgetSessionResponse {
        CreateWidgetSessionResponse(visitorToken: "v", visitorID: request.origin, accessToken: "visitor")
    }

    func uploadVisitorAttachment(
        _ requests: RequestStream<UploadVisitorAttachmentRequest>, _ context: ServerContext
    ) async throws -> UploadVisitorAttachmentResponse {
        var attachment = Attachment(attachmentID: "a1")
        for try await request in requests {
            switch request.piece {
            case .header(let header):
                attachment.mediaType = header.mediaType
                attachment.fileName = header.fileName
            case .data(let bytes): attachment.sizeBytes += Int32(bytes.count)
            case nil: break
            }
        }
        return UploadVisitorAttachmentResponse(attachment: attachment)
    }

    func downloadVisitorAttachment(
        _ request: DownloadVisitorAttachmentRequest, _ responses: ResponseWriter<DownloadVisitorAttachmentResponse>,
        _ context: ServerContext
    ) async throws {
        guard request.attachmentID == "a1" else { throw RPCError(code: .notFound, message: "no such file") }
        try await responses.write(
            .init(piece: .attachment(Attachment(attachmentID: "a1", mediaType: "text/html", fileName: "a\"b.html"))))
        try await responses.write(.init(piece: .data(Array("<b>".utf8))))
        try await responses.write(.init(piece: .data(Array("!".utf8))))
    }
}

final class FakeContacts: ContactsServiceProtocol, Sendable {
    let isDown = Flag()
    /// It takes calls and does not answer.
    let hangs = Flag()
    let log = FakeLog<ContactEvent>()

    /// Commits an event; its place in the log is its id.
    func commit(_ event: ContactEvent) {
        log.commit { position in
            var event = event
            event.eventID = FakeLog<ContactEvent>.id(position)
            event.tenantID = FakeAuthenticator.tenantID
            return event
        }
    }

    func watch(
        _ request: ContactsV1.WatchRequest, _ responses: ResponseWriter<ContactsV1.WatchResponse>, _ context: ServerContext
    ) async throws {
        if isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        let tenant = context.metadata[ServiceCredentials.tenantMetadata]
        #expect(tenant == nil || tenant == FakeAuthenticator.tenantID)
        try await log.follow(after: request.liveOnly ? nil : Int(request.afterCursor) ?? 0, isHub: tenant == nil) {
            // A caller's Watch breaks off; the process's own, which carries no token here, goes on.
            if isDown.isRaised, tenant == nil, context.metadata["authorization"] != nil {
                throw RPCError(code: .unavailable, message: "down")
            }
            try await responses.write(ContactsV1.WatchResponse(cursor: "\($0)", event: $1, live: $2))
        }
    }

    func batchGetContacts(_ request: BatchGetContactsRequest, _ context: ServerContext) async throws -> BatchGetContactsResponse {
        if isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        if hangs.isRaised { try await Task.sleep(for: .seconds(60)) }
        return BatchGetContactsResponse(contacts: request.contactIDs.map { Contact(contactID: $0, displayName: "Name of \($0)") })
    }

    func getContact(_ request: GetContactRequest, _ context: ServerContext) async throws -> GetContactResponse {
        if isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        if hangs.isRaised { try await Task.sleep(for: .seconds(60)) }
        return GetContactResponse(contact: Contact(contactID: request.contactID, displayName: "Name of \(request.contactID)"))
    }

    func createContact(_ request: CreateContactRequest, _ context: ServerContext) async throws -> CreateContactResponse {
        var contact = request.contact ?? Contact()
        contact.contactID = "p9"
        contact.etag = "\"1\""
        return CreateContactResponse(contact: contact)
    }

    func removeIdentity(_ request: RemoveIdentityRequest, _ context: ServerContext) async throws -> RemoveIdentityResponse {
        RemoveIdentityResponse()
    }
}

/// Tickets t1 and t2; the second is internal, and so nobody's here.
final class FakeTickets: TicketsServiceProtocol, Sendable {
    let isDown = Flag()
    let log = FakeLog<TicketEvent>()

    /// Commits an event; its place in the log is its id.
    func commit(_ event: TicketEvent) {
        log.commit { position in
            var event = event
            event.eventID = FakeLog<TicketEvent>.id(position)
            event.tenantID = FakeAuthenticator.tenantID
            return event
        }
    }

    func watch(
        _ request: TicketsV1.WatchRequest, _ responses: ResponseWriter<TicketsV1.WatchResponse>, _ context: ServerContext
    ) async throws {
        let isHub = context.metadata[ServiceCredentials.tenantMetadata] == nil
        try await log.follow(after: request.liveOnly ? nil : Int(request.afterCursor) ?? 0, isHub: isHub) {
            try await responses.write(TicketsV1.WatchResponse(cursor: "\($0)", event: $1, live: $2))
        }
    }

    static func ticket(_ id: String) -> Ticket {
        func clock(_ kind: ClockKind, _ state: ClockState, due: Int64?) -> TicketClock {
            TicketClock(kind: kind, state: state, dueTime: due.map { Timestamp(seconds: $0) })
        }
        return Ticket(
            ticketID: id, number: "SUP-7", status: .open, priorityID: "urgent",
            clocks: [
                clock(.resolution, .running, due: 1_800_000_600), clock(.nextResponse, .running, due: 1_800_000_000),
                clock(.firstResponse, .met, due: nil),
            ])
    }

    func batchGetTickets(_ request: BatchGetTicketsRequest, _ context: ServerContext) async throws -> BatchGetTicketsResponse {
        if isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        return BatchGetTicketsResponse(tickets: request.ticketIDs.map(Self.ticket))
    }

    func getTicket(_ request: GetTicketRequest, _ context: ServerContext) async throws -> GetTicketResponse {
        if isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        return GetTicketResponse(ticket: Self.ticket(request.ticketID))
    }
}

final class FakeRouting: RoutingServiceProtocol, Sendable {
    let log = FakeLog<RoutingEvent>()

    /// Commits an event; its place in the log is its id.
    func commit(_ event: RoutingEvent) {
        log.commit { position in
            var event = event
            event.eventID = FakeLog<RoutingEvent>.id(position)
            event.tenantID = FakeAuthenticator.tenantID
            return event
        }
    }

    func getBoard(_ request: GetBoardRequest, _ context: ServerContext) async throws -> GetBoardResponse {
        GetBoardResponse(departments: request.departmentIDs.map { BoardDepartment(departmentID: $0, queued: 3) })
    }

    func watch(
        _ request: RoutingV1.WatchRequest, _ responses: ResponseWriter<RoutingV1.WatchResponse>, _ context: ServerContext
    ) async throws {
        let isHub = context.metadata[ServiceCredentials.tenantMetadata] == nil
        try await log.follow(after: request.liveOnly ? nil : Int(request.afterCursor) ?? 0, isHub: isHub) {
            try await responses.write(RoutingV1.WatchResponse(cursor: "\($0)", event: $1, live: $2))
        }
    }
}

struct FakeAgents: AgentsServiceProtocol {
    func getAgent(_ request: GetAgentRequest, _ context: ServerContext) async throws -> GetAgentResponse {
        GetAgentResponse(agent: Agent(agentID: request.agentID, chatLimit: 5, presence: .online))
    }
}

/// Tokens by their text: "agent", "agent2" (who reads neither contacts nor tickets), "visitor"; everything else is refused.
struct FakeAuthenticator: Authenticating {
    static let tenantID = "01939c8e-0000-7000-8000-0000000000ff"
    /// Seconds from the moment a token is looked at.
    var lifetime: Int64 = 3600
    private var expiresAt: Int64 { UnixTime.now + lifetime }

    init(lifetime: Int64 = 3600) { self.lifetime = lifetime }

    func caller(of token: String) async throws -> Caller {
        switch token {
        case "agent", "agent2":
            Caller(
                tenantID: Self.tenantID, subject: FakeConversations.agentID, displayName: "Ana", kind: .agent, roles: ["agent"],
                sight: token == "agent2" ? [] : [.contacts, .tickets], expiresAt: expiresAt)
        case "visitor":
            Caller(
                tenantID: Self.tenantID, subject: "v1", displayName: "", kind: .visitor, roles: [], expiresAt: expiresAt,
                visitorID: "v1", channelAccountID: "acc", origin: "https://shop.example")
        default: throw Problem.unauthenticated("The token is not valid.", reason: "TOKEN_INVALID")
        }
    }

    func caller(ofTicket ticket: String) async throws -> Caller { try await caller(of: ticket == "ticket" ? "visitor" : "") }
}
