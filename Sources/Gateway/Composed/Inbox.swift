import ContactsV1
import ConversationsV1
import GRPC
import Protobuf

/// `GET /v1/inbox`: one list of conversations with the names of their contacts, and the counts of all views. The
/// parameters are those of ListConversations.
struct Inbox: EdgeHandler {
    let conversations: ConversationsServiceClient
    let contacts: ContactsServiceClient
    let gate: Gate
    let schema: Schema

    /// Contacts asked for in one call (ContactsService.BatchGetContacts).
    static let contactsMax = 200

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let request = try listRequest(exchange.query)
        let options = exchange.callOptions(token: exchange.bearerToken)
        async let counted = Part.of("conversations") {
            try await conversations.countConversations(
                CountConversationsRequest(departmentIDs: request.departmentIDs), options.optional)
        }
        let list = try await conversations.listConversations(request, options.required)
        let found = await names(of: list.conversations, options.optional)
        let counts = await counted

        let rows = list.conversations.map { conversation in
            JSONText.object([
                ("conversation", conversation.json(options: .emitDefaults)),
                ("contact", found.value?[conversation.contactID]?.json(options: .emitDefaults) ?? JSONText.null),
            ])
        }
        let warnings = [found.warning, counts.warning].compactMap { $0?.json }
        return .json(
            JSONText.object([
                ("conversations", JSONText.array(rows)),
                ("counts", JSONText.array((counts.value?.counts ?? []).map { $0.json(options: .emitDefaults) })),
                ("nextPageToken", JSONValue.string(list.nextPageToken).bytes),
                ("warnings", JSONValue.array(warnings).bytes),
            ]), headers: [("Cache-Control", "private, no-cache")])
    }

    private func listRequest(_ query: QueryString) throws -> ListConversationsRequest {
        var object = JSONObject()
        try schema.bind(query, of: ListConversationsRequest.typeName, except: [], in: &object)
        do {
            return try ListConversationsRequest(json: JSONValue.object(object).bytes)
        } catch {
            throw Problem.invalid("PARAMETER_INVALID", "\(error)", field: error.path)
        }
    }

    private func names(of conversations: [Conversation], _ options: CallOptions) async -> Part<[String: Contact]> {
        var ids: [String] = []
        var seen: Set<String> = [""]
        for conversation in conversations where seen.insert(conversation.contactID).inserted {
            ids.append(conversation.contactID)
        }
        guard !ids.isEmpty else { return .value([:]) }
        let asked = Array(ids.prefix(Self.contactsMax))
        return await Part.of("contacts") {
            let answer = try await contacts.batchGetContacts(BatchGetContactsRequest(contactIDs: asked), options)
            return Dictionary(answer.contacts.map { ($0.contactID, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }
}
