import ContactsV1
import ConversationsV1
import GRPC
import Protobuf
import TicketsV1

/// `GET /v1/inbox`: one list of conversations with the names of their contacts and how their tickets stand, and the counts of
/// all views. The parameters are those of ListConversations.
struct Inbox: EdgeHandler {
    let conversations: ConversationsServiceClient
    let contacts: ContactsServiceClient
    let tickets: TicketsServiceClient
    let gate: Gate
    let schema: Schema

    /// Contacts asked for in one call (ContactsService.BatchGetContacts).
    static let contactsMax = 200
    /// Tickets asked for in one call (TicketsService.BatchGetTickets).
    static let ticketsMax = 200

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        let caller = try await gate.caller(exchange)
        let request: ListConversationsRequest = try schema.request(exchange.query)
        let options = exchange.callOptions(token: exchange.bearerToken)
        async let counted = Part.of("conversations") {
            try await conversations.countConversations(
                CountConversationsRequest(departmentIDs: request.departmentIDs), options.optional)
        }
        let list = try await conversations.listConversations(request, options.required)
        async let asked = tickets(of: list.conversations, caller, options.optional)
        let found = await names(of: list.conversations, options.optional)
        let (running, counts) = await (asked, counted)

        let rows = list.conversations.map { conversation in
            JSONText.object([
                ("conversation", conversation.json(options: .emitDefaults)),
                ("contact", found.value?[conversation.contactID]?.json(options: .emitDefaults) ?? JSONText.null),
                ("ticket", running.value?[conversation.ticketID]?.reference ?? JSONText.null),
            ])
        }
        let warnings = [found.warning, running.warning, counts.warning].compactMap { $0?.json }
        return .json(
            JSONText.object([
                ("conversations", JSONText.array(rows)),
                ("counts", JSONText.array((counts.value?.counts ?? []).map { $0.json(options: .emitDefaults) })),
                ("nextPageToken", JSONValue.string(list.nextPageToken).bytes),
                ("warnings", JSONValue.array(warnings).bytes),
            ]), headers: [("Cache-Control", "private, no-cache")])
    }

    private func names(of conversations: [Conversation], _ options: CallOptions) async -> Part<[String: Contact]> {
        let asked = Self.ids(conversations.map(\.contactID), max: Self.contactsMax)
        guard !asked.isEmpty else { return .value([:]) }
        return await Part.of("contacts") {
            let answer = try await contacts.batchGetContacts(BatchGetContactsRequest(contactIDs: asked), options)
            return Dictionary(answer.contacts.map { ($0.contactID, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    private func tickets(
        of conversations: [Conversation], _ caller: Caller, _ options: CallOptions
    ) async -> Part<[String: Ticket]> {
        let asked = Self.ids(conversations.map(\.ticketID), max: Self.ticketsMax)
        guard caller.sight.contains(.tickets), !asked.isEmpty else { return .value([:]) }
        return await Part.of("tickets") {
            let answer = try await tickets.batchGetTickets(BatchGetTicketsRequest(ticketIDs: asked), options)
            return Dictionary(answer.tickets.map { ($0.ticketID, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Each once, in their order.
    private static func ids(_ all: [String], max: Int) -> [String] {
        var seen: Set<String> = [""]
        return Array(all.filter { seen.insert($0).inserted }.prefix(max))
    }
}

extension Ticket {
    /// What a row of the list shows of it.
    fileprivate var reference: [UInt8] {
        let running = clocks.filter { $0.state == .running }.compactMap(\.dueTime)
        let due = running.min { ($0.seconds, $0.nanos) < ($1.seconds, $1.nanos) }
        return JSONText.object([
            ("ticketId", JSONValue.string(ticketID).bytes), ("number", JSONValue.string(number).bytes),
            ("status", JSONValue.string(status.name ?? "").bytes), ("priorityId", JSONValue.string(priorityID).bytes),
            // The next of its running clocks; null while none runs.
            ("dueTime", due?.json() ?? JSONText.null),
            ("breached", JSONValue.bool(clocks.contains { $0.breachTime != nil }).bytes),
        ])
    }
}
