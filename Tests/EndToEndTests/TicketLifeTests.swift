import ConversationsV1
import EndToEndSupport
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing
import Trials

@Suite("The life of tickets", .serialized)
struct TicketLifeTests {
    private static let count = 20

    @Test(
        "C24: with tickets down accepting goes on; back, and killed on the way, it makes one ticket for each service that started"
    )
    func C24_ticketsAreMadeOnce() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "tickets"]) { services in
                let tickets = services["tickets"]
                try await tickets.kill()
                try await withChannel(to: [services["conversations"].listen.grpc]) { channel in
                    let ids = try await Self.queued(platform, channel)
                    for (number, id) in ids.enumerated() { try await Self.accept(id, number, platform, channel) }
                }
                // Killed twice while it catches up.
                for share in [Self.count / 4, Self.count / 2] {
                    _ = try await tickets.start()
                    try await platform.awaitTickets(share)
                    try await tickets.kill()
                }
                _ = try await tickets.start()
                try await platform.awaitTickets(Self.count)
                // And each conversation is told of it.
                while try await platform.linkedConversations() < Self.count { try await Task.sleep(for: .milliseconds(10)) }
                let rows = try await platform.postgres.query("select count(*), max(sequence) from tickets.ticket")
                let (made, highest) = try rows[0].decode((Int, Int).self)
                #expect(made == Self.count && highest == Self.count)
            }
        }
    }

    @Test("S11, S42: an agent's browser hears of the ticket that his accepting made, and finds it in list and detail")
    func S42_theBrowserIsShownTheTicket() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "tickets", "gateway"]) { services in
                let gateway = services["gateway"]
                let stream = try await platform.liveStream(of: gateway)
                let token = try await platform.agentToken(role: "agent")
                try await withChannel(to: [services["conversations"].listen.grpc]) { channel in
                    let id = try await Self.queued(platform, channel)[0]
                    try await Self.accept(id, 0, platform, channel)
                    try await stream.says("event: ticket_created")
                    // The conversation learns of its ticket by a call of tickets.
                    var details = ""
                    try await eventually {
                        details = try await gateway.http("GET", "/v1/conversations/\(id)/details", token: token).body
                        return details.contains(#""ticketPending":false"#)
                    }
                    #expect(details.contains(#""number":"1""#) && details.contains(#""warnings":[]"#))
                    let inbox = try await gateway.http("GET", "/v1/inbox?view=INBOX_VIEW_YOURS", token: token).body
                    #expect(inbox.contains(#""number":"1","status":"TICKET_STATUS_"#) && inbox.contains(#""warnings":[]"#))
                }
                try await gateway.stop()
                try await stream.ended()
            }
        }
    }

    private static func queued(_ platform: Platform, _ channel: Channel) async throws -> [String] {
        let token = try await platform.credentials(of: "channels").token(for: "conversations")
        let metadata: Metadata = [
            "authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text,
        ]
        var ids: [String] = []
        for number in 0..<count {
            let request = ReceiveMessageRequest(
                channelAccountID: platform.channelAccountID.text, providerMessageID: "m\(number)",
                senderAddress: "visitor-\(number)", kind: .text, text: "hello")
            let response = try await ConversationsServiceClient(channel).receiveMessage(
                request, CallOptions(timeout: .seconds(30), metadata: metadata))
            ids.append(try #require(response.conversation?.conversationID))
        }
        return ids
    }

    private static func accept(_ id: String, _ number: Int, _ platform: Platform, _ channel: Channel) async throws {
        let token = try await LocalKeys(directory: platform.keys).agentToken(
            tenantID: platform.tenantID, agentID: platform.agentIDs[number % platform.agentIDs.count], name: "Ana",
            roles: ["agent"])
        _ = try await ConversationsServiceClient(channel).accept(
            AcceptRequest(conversationID: id, requestID: UUID().text),
            CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"]))
    }
}

extension Platform {
    /// Until this many conversations have their tickets.
    fileprivate func awaitTickets(_ count: Int) async throws {
        while try await postgres.query("select count(*) from tickets.ticket_conversation")[0].decode(Int.self) < count {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Conversations that carry the ticket which has them.
    fileprivate func linkedConversations() async throws -> Int {
        try await postgres.query(
            """
            select count(*)
            from conversations.conversation
            join tickets.ticket_conversation linked using (tenant_id, conversation_id, ticket_id)
            """)[0].decode(Int.self)
    }
}
