import ContactsV1
import ConversationsV1
import GRPC
import Protobuf

/// `GET /v1/conversations/{conversation_id}/details`: the conversation with its contact, for the panel beside it (S11).
struct ConversationDetails: EdgeHandler {
    let conversations: ConversationsServiceClient
    let contacts: ContactsServiceClient
    let gate: Gate

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let options = exchange.callOptions(token: exchange.bearerToken)
        let request = GetConversationRequest(conversationID: variables.first?.text ?? "")
        guard let conversation = try await conversations.getConversation(request, options.required).conversation else {
            throw Problem.notFound()
        }
        let contact = await contact(conversation.contactID, options.optional)
        let json = JSONText.object([
            ("conversation", conversation.json(options: .emitDefaults)),
            ("contact", contact.value??.json(options: .emitDefaults) ?? JSONText.null),
            ("warnings", JSONValue.array([contact.warning].compactMap { $0?.json }).bytes),
        ])
        return .json(
            json, headers: [("Cache-Control", "private, no-cache"), ("ETag", EntityTag(resource: conversation.etag).header)])
    }

    private func contact(_ id: String, _ options: CallOptions) async -> Part<Contact?> {
        guard !id.isEmpty else { return .value(nil) }
        return await Part.of("contacts") { try await contacts.getContact(GetContactRequest(contactID: id), options).contact }
    }
}
