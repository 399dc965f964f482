import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

/// The conversations service, asked in this service's own name.
struct ConversationsClient: ConversationBook {
    let conversations: ConversationsServiceClient

    init(_ channel: GRPC.Channel) { conversations = ConversationsServiceClient(channel) }

    func checkHandover(_ messageID: UUID, requestID: UUID, tenantID: UUID) async throws -> CheckHandoverResponse {
        try await OutgoingIdentity.asService(for: tenantID) {
            try await conversations.checkHandover(
                CheckHandoverRequest(messageID: messageID.text, requestID: requestID.text))
        }
    }

    func address(in conversationID: UUID, tenantID: UUID) async throws -> String {
        try await OutgoingIdentity.asService(for: tenantID) {
            try await conversations.getConversation(GetConversationRequest(conversationID: conversationID.text))
                .conversation?.customerAddress ?? ""
        }
    }

    func providerID(of messageID: UUID, in conversationID: UUID, tenantID: UUID) async throws -> String {
        let request = GetMessageRequest(conversationID: conversationID.text, messageID: messageID.text)
        do {
            return try await OutgoingIdentity.asService(for: tenantID) {
                try await conversations.getMessage(request).message?.providerMessageID ?? ""
            }
        } catch let error as RPCError where error.code == .notFound {
            // Erased meanwhile: what quotes it goes all the same.
            return ""
        }
    }

    func report(_ request: ReportDeliveryRequest, tenantID: UUID) async throws {
        _ = try await OutgoingIdentity.asService(for: tenantID) { try await conversations.reportDelivery(request) }
    }
}
