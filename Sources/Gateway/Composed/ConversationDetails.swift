import ContactsV1
import ConversationsV1
import GRPC
import Protobuf
import TicketsV1

/// `GET /v1/conversations/{conversation_id}/details`: the conversation with its contact and its ticket, clocks included, for
/// the panel beside it (S11, S42). The window is the conversation's own.
struct ConversationDetails: EdgeHandler {
    let conversations: ConversationsServiceClient
    let contacts: ContactsServiceClient
    let tickets: TicketsServiceClient
    let gate: Gate

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        let caller = try await gate.caller(exchange)
        let options = exchange.callOptions(token: exchange.bearerToken)
        let request = GetConversationRequest(conversationID: variables.first?.text ?? "")
        guard let conversation = try await conversations.getConversation(request, options.required).conversation else {
            throw Problem.notFound()
        }
        async let asked = ticket(of: conversation, caller, options.optional)
        let contact = await contact(conversation.contactID, options.optional)
        let ticket = await asked
        let json = JSONText.object([
            ("conversation", conversation.json(options: .emitDefaults)),
            ("contact", contact.value??.json(options: .emitDefaults) ?? JSONText.null),
            ("ticket", ticket.value??.json(options: .emitDefaults) ?? JSONText.null),
            // It runs through one that tickets has not made yet (C24).
            ("ticketPending", JSONValue.bool(conversation.awaitsTicket).bytes),
            ("warnings", JSONValue.array([contact.warning, ticket.warning].compactMap { $0?.json }).bytes),
        ])
        return .json(
            json, headers: [("Cache-Control", "private, no-cache"), ("ETag", EntityTag(resource: conversation.etag).header)])
    }

    private func contact(_ id: String, _ options: CallOptions) async -> Part<Contact?> {
        guard !id.isEmpty else { return .value(nil) }
        return await Part.of("contacts") { try await contacts.getContact(GetContactRequest(contactID: id), options).contact }
    }

    private func ticket(of conversation: Conversation, _ caller: Caller, _ options: CallOptions) async -> Part<Ticket?> {
        guard caller.sight.contains(.tickets), !conversation.ticketID.isEmpty else { return .value(nil) }
        return await Part.of("tickets") {
            try await tickets.getTicket(GetTicketRequest(ticketID: conversation.ticketID), options).ticket
        }
    }
}

extension Conversation {
    /// A conversation gets its ticket when service starts; until tickets has made it, the panel says so.
    fileprivate var awaitsTicket: Bool { ticketID.isEmpty && startTime != nil && state != .closed }
}
