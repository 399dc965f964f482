import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// LinkTicket: the ticket a conversation runs through, and what it still lacks before closing (C24, S42).
extension ConversationsService {
    static let missingFieldsMax = 50

    func linkTicket(_ request: LinkTicketRequest, _ context: ServerContext) async throws -> LinkTicketResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let id = violations.id(request.conversationID, "conversation_id")
            let ticket = violations.id(request.ticketID, "ticket_id")
            violations.text(request.serviceType, "service_type", 0...100)
            violations.text(request.ticketNumber, "ticket_number", 0...100)
            violations.require(
                request.missingOnClose.count <= Self.missingFieldsMax, "missing_on_close", "has more than 50 names")
            for (index, name) in request.missingOnClose.enumerated() {
                violations.text(name, "missing_on_close[\(index)]", 1...100)
            }
            try violations.check()
            let version = try ETag.expectedVersion(request.etag)
            var (conversation, account) = try await work.locked(id)
            if let version, version != conversation.version { throw Failure.etagMismatch }
            try await work.link(
                &conversation, ticket, number: request.ticketNumber, request.serviceType, missing: request.missingOnClose,
                over: account)
            return LinkTicketResponse(conversation: work.wire.conversation(conversation, rules: account.rules))
        }
    }
}

extension Work {
    /// A new ticket is a line of the history; the same one with other fields missing is news alone.
    fileprivate func link(
        _ conversation: inout Conversation, _ ticket: UUID, number: String, _ serviceType: String, missing: [String],
        over account: ChannelAccount
    ) async throws {
        let before = conversation
        let isNew = before.ticketID != ticket
        conversation.ticketID = ticket
        // Another ticket's number is not this one's.
        if isNew || !number.isEmpty { conversation.ticketNumber = number }
        if !serviceType.isEmpty { conversation.serviceType = serviceType }
        conversation.missingOnClose = missing
        guard
            isNew || before.missingOnClose != missing || before.serviceType != conversation.serviceType
                || before.ticketNumber != conversation.ticketNumber
        else { return }
        conversation.updated = now
        if isNew {
            try await tell(.updated, before: before, &conversation, by: caller.actor, note: "ticket \(ticket.text)")
        } else {
            try await append(.updated, before: before, conversation, by: caller.actor)
        }
        try await save(&conversation, over: account)
    }
}
