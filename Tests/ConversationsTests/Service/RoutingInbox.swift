import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime

@testable import Conversations

// What tests do in the name of routing, of tickets and of bots.
extension Inbox {
    func assign(
        _ id: String, to agent: UUID, of tenant: Tenant, open: Bool = false, etag: String = ""
    ) async throws -> ConversationsV1.Conversation {
        let request = AssignRequest(conversationID: id, requestID: UUID().text, etag: etag, agentID: agent.text, open: open)
        return try await service.assign(
            request, bySystem("routing", of: tenant, ConversationsServiceDescriptor.assign)
        ).conversation!
    }

    func takeBack(
        _ id: String, _ cause: ReturnCause, of tenant: Tenant, etag: String = ""
    ) async throws -> ConversationsV1.Conversation {
        let request = ReturnToQueueRequest(conversationID: id, requestID: UUID().text, etag: etag, cause: cause)
        return try await service.returnToQueue(
            request, bySystem("routing", of: tenant, ConversationsServiceDescriptor.returnToQueue)
        ).conversation!
    }

    func restore(_ id: String, _ cause: RestoreCause, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.restore(
            RestoreRequest(conversationID: id, requestID: UUID().text, cause: cause),
            bySystem("routing", of: tenant, ConversationsServiceDescriptor.restore)
        ).conversation!
    }

    func expireUnattended(_ id: String, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.expireUnattended(
            ExpireUnattendedRequest(conversationID: id, requestID: UUID().text),
            bySystem("routing", of: tenant, ConversationsServiceDescriptor.expireUnattended)
        ).conversation!
    }

    func decline(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.decline(
            DeclineRequest(conversationID: id, requestID: UUID().text),
            by(agent, of: tenant, ConversationsServiceDescriptor.decline)
        ).conversation!
    }

    func handOff(_ id: String, to department: UUID? = nil, of tenant: Tenant) async throws -> HandOffResponse {
        try await service.handOff(
            HandOffRequest(conversationID: id, requestID: UUID().text, departmentID: department?.text ?? ""),
            byBot("greeter", of: tenant, ConversationsServiceDescriptor.handOff))
    }

    func link(
        _ id: String, to ticket: UUID, missing: [String] = [], of tenant: Tenant
    ) async throws -> ConversationsV1.Conversation {
        try await service.linkTicket(
            LinkTicketRequest(
                conversationID: id, requestID: UUID().text, ticketID: ticket.text, serviceType: "returns",
                missingOnClose: missing),
            bySystem("tickets", of: tenant, ConversationsServiceDescriptor.linkTicket)
        ).conversation!
    }

    /// Brings a conversation to a bot, as if its account had one.
    func automate(_ id: String) async throws {
        _ = try await database.withAdministrator {
            try await $0.query(
                "update conversations.conversation set state = 'automated' where conversation_id = \(UUID(id: id))")
        }
    }
}
