import ContactsV1
import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import Postgres
import ServiceRuntime
import TenancyV1
import Testing
import TicketsV1
import Trials

/// People and tenants leave: nothing of them stays in any table of any service, and there is a proof.
@Suite("What is erased, handed out and deleted", .serialized)
struct TenantDataTests {
    private static let words = ["Zephyrine", "Quillfeather", "11987650123", "psid-canary", "marmot"]

    @Test(
        "20: an erasure waits for every service, also one that was down, and leaves no name, address, number or word in any table",
        .timeLimit(.minutes(4)))
    func G20_erasedEverywhere() async throws {
        try await Platform.with { platform in
            try await platform.running(Platform.keepers) { services in
                let scene = try await LeavingScene(platform, services)
                let served = try await scene.serve("psid-canary", "Zephyrine Quillfeather", says: "my marmot is ill")
                let other = try await scene.serve("bystander", "Someone else", says: "hello")
                #expect(try await platform.tables(holding: Self.words).count >= 5)

                try await services["tickets"].kill()
                let erasureID = try await scene.erase(served.contactID)
                try await eventually { try await scene.erasure(erasureID).awaitedServices == ["tickets"] }
                #expect(try await scene.erasure(erasureID).state == .waiting)
                _ = try await services["tickets"].start()
                try await eventually { try await scene.erasure(erasureID).state == .complete }

                let erasure = try await scene.erasure(erasureID)
                #expect(erasure.reports.map(\.service) == ["channels", "contacts", "conversations", "tickets"])
                let counts = try #require(erasure.receipt?.counts)
                #expect(counts["tickets"] == 1 && counts["comments"] == 1 && counts["outbound_messages"] == 1)
                #expect(counts["contacts"] == 1 && counts["conversations"] == 1 && (counts["messages"] ?? 0) >= 2)
                // What was still under way from one service to the other leaves nothing, either.
                for service in ["conversations", "tickets", "channels"] { try await services[service].settle() }
                let left = try await platform.tables(holding: Self.words)
                #expect(left == [])
                let ticket = try await scene.ticket(of: other.conversationID)
                #expect(ticket.subject == "hello")

                // Whoever writes from there again is a stranger.
                let again = try await scene.receive("psid-canary", "Nobody", says: "hello again")
                #expect(again.contactID != served.contactID && again.conversationID != served.conversationID)
                #expect(again.continuedFrom.isEmpty)
                await scene.close()
            }
        }
    }

    @Test(
        "P2: the platform's tool counts, exports and deletes a tenant over every service; no row is left, the other tenant's stay",
        .timeLimit(.minutes(4)))
    func P2_tenantsLeave() async throws {
        try await Platform.with { platform in
            try await platform.running(Platform.keepers) { services in
                let scene = try await LeavingScene(platform, services)
                let addresses = Platform.keepers.flatMap { ["--\($0)", "127.0.0.1:\(services[$0].listen.grpc)"] }
                func tenants(_ verb: String, of tenant: UUID, _ arguments: String...) async throws -> String {
                    try await platform.run(
                        "switchboard", ["tenants", verb, tenant.text, "--keys", platform.keys] + addresses + arguments)
                }
                let other = UUID.v7(at: .now)
                #expect(try await tenants("create", of: other, "--name", "Other").contains("created"))
                let stays = try await scene.createContact(named: "Other's contact", of: other)
                _ = try await scene.serve("psid-canary", "Zephyrine Quillfeather", says: "my marmot is ill")
                try await eventually { try await platform.rows(of: platform.tenantID, in: "tickets") > 0 }

                let figures = try await tenants("figures", of: platform.tenantID)
                for line in ["conversations conversations 1", "contacts contacts 1", "routing agents 10", "tickets tickets 1"] {
                    #expect(figures.contains(line), "\(figures)")
                }

                let directory = platform.directory + "/export"
                _ = try await tenants("export", of: platform.tenantID, "--out", directory)
                let messages = try readFile(directory + "/conversations/message.jsonl").split(separator: "\n")
                #expect(messages.contains { $0.contains("my marmot is ill") })
                let accounts = try readFile(directory + "/conversations/channel_account.jsonl")
                #expect(accounts.contains("Web chat") && !accounts.contains("secret"), "\(accounts)")
                #expect(try !readFile(directory + "/contacts/contact.jsonl").contains("Other's contact"))

                // A service that knows it as active deletes nothing.
                let refusal = await scene.refusalOfDeletion(by: "switchboard")
                #expect(refusal?.code == .failedPrecondition && refusal?.reason == "TENANT_NOT_SUSPENDED")
                let denial = await scene.refusalOfDeletion(by: "gateway")
                #expect(denial?.code == .permissionDenied && denial?.reason == "CALLER_DENIED")

                let proof = try await tenants("delete", of: platform.tenantID, "--confirm", platform.tenantID.text)
                #expect(proof.contains("conversations message ") && proof.contains("rows, none left"))
                for service in Platform.keepers {
                    #expect(try await platform.rows(of: platform.tenantID, in: service) == 0, "\(service)")
                }
                let left = try await platform.tables(holding: Self.words + [platform.tenantID.text])
                #expect(left == [])
                // Again it finds nothing, and the proof is the same.
                let again = try await tenants("delete", of: platform.tenantID, "--confirm", platform.tenantID.text)
                #expect(again == proof)
                #expect(try await scene.contact(stays, of: other).displayName == "Other's contact")
                await scene.close()
            }
        }
    }

    @Test(
        "P4: contacts alone is backed up and restored; older cursors are refused with OUT_OF_RANGE, and those who follow it start over",
        .timeLimit(.minutes(4)))
    func P4_oneServiceIsRestored() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"]) { services in
                let scene = try await LeavingScene(platform, services)
                let kept = try await scene.createContact(named: "Kept", of: platform.tenantID)
                let backup = platform.directory + "/contacts.dump"
                try await platform.postgres.tool("pg_dump", ["--format=custom", "--schema=contacts", "--file=\(backup)"])
                _ = try await scene.createContact(named: "Lost", of: platform.tenantID)
                let cursor = try await scene.contactsHead()

                _ = try await services["contacts"].stop()
                try await platform.postgres.query("drop schema contacts cascade")
                try await platform.postgres.tool("pg_restore", ["--exit-on-error", backup])
                let owner = ["SWITCHBOARD_DATABASE_OWNER_URL": platform.postgres.url("contacts_owner")]
                let said = try await platform.run("switchboard-contacts", ["restored"], owner)
                #expect(said.contains("are refused from now on"))
                _ = try await services["contacts"].start()

                #expect(try await scene.contact(kept, of: platform.tenantID).displayName == "Kept")
                let refusal = await scene.refusalToWatchContacts(after: cursor)
                #expect(refusal?.code == .outOfRange, "\(String(describing: refusal))")
                // Conversations had read further than the backup; it hears all that comes from now on.
                let received = try await scene.receive("psid-1", "Ana", says: "hello")
                _ = try await scene.erase(received.contactID)
                try await services["conversations"].settle()
                try await eventually {
                    try await scene.conversation(received.conversationID).customerAddress.isEmpty
                }
                await scene.close()
            }
        }
    }
}

/// A customer who is served, and what is asked about him.
private struct LeavingScene: Sendable {
    let platform: Platform
    let channels: [String: GRPC.Channel]

    init(_ platform: Platform, _ services: RunningServices) async throws {
        self.platform = platform
        var channels: [String: GRPC.Channel] = [:]
        for service in Set(services.all.map(\.service)) {
            var configuration = ChannelConfiguration()
            (configuration.backoff.initial, configuration.backoff.max) = (.milliseconds(50), .milliseconds(500))
            channels[service] = GRPC.Channel(
                addresses: [ServerAddress(host: "127.0.0.1", port: services[service].listen.grpc)], configuration: configuration)
        }
        self.channels = channels
    }

    func close() async {
        for channel in channels.values { await channel.close() }
    }

    private func service(_ name: String, to callee: String) async throws -> CallOptions {
        let token = try await platform.credentials(of: name).token(for: callee)
        return CallOptions(
            timeout: .seconds(30),
            metadata: ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text])
    }

    private func admin(of tenant: UUID? = nil) async throws -> CallOptions {
        let token = try await LocalKeys(directory: platform.keys).agentToken(
            tenantID: tenant ?? platform.tenantID, agentID: platform.agentID, name: "Ana", roles: ["admin"])
        return CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
    }

    // MARK: - Serving

    func receive(_ address: String, _ name: String, says text: String) async throws -> ConversationsV1.Conversation {
        let answer = try await ConversationsServiceClient(channels["conversations"]!).receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: platform.providerAccountID.text, providerMessageID: "wamid.\(address).\(text.count)",
                senderAddress: address, senderName: name, kind: .text, text: text),
            service("channels", to: "conversations"))
        return try #require(answer.conversation)
    }

    /// He writes, is accepted and answered, has a ticket with a comment, and more addresses at contacts.
    func serve(_ address: String, _ name: String, says text: String) async throws -> ConversationsV1.Conversation {
        let conversation = try await receive(address, name, says: text)
        let client = ConversationsServiceClient(channels["conversations"]!)
        _ = try await client.accept(
            AcceptRequest(conversationID: conversation.conversationID, requestID: UUID().text), admin())
        let answer = try await client.sendMessage(
            SendMessageRequest(
                conversationID: conversation.conversationID, requestID: UUID().text, text: "good morning, \(name)"), admin())
        let messageID = try #require(answer.message?.messageID)
        let ticket = try await ticket(of: conversation.conversationID)
        _ = try await TicketsServiceClient(channels["tickets"]!).addComment(
            AddCommentRequest(
                ticketID: ticket.ticketID, comment: Comment(visibility: .public, text: "\(name) called"),
                requestID: UUID().text), admin())
        for identity in [
            ChannelIdentity(kind: .email, address: "\(address)@mail.example"),
            ChannelIdentity(kind: .phone, address: address == "bystander" ? "+5511987650124" : "+5511987650123"),
        ] {
            _ = try await ContactsServiceClient(channels["contacts"]!).addIdentity(
                AddIdentityRequest(contactID: conversation.contactID, identity: identity, requestID: UUID().text), admin())
        }
        // Channels has tried to hand it over; what a provider would have answered names the receiver.
        try await eventually {
            try await platform.postgres.query(
                """
                update channels.outbound set provider_message_id = \("wamid.\(address)")
                where message_id = \(UUID(uuidString: messageID)!) and is_reported
                """
            ).affected == 1
        }
        return conversation
    }

    /// Its ticket, once it has one.
    func ticket(of conversation: String) async throws -> TicketsV1.Ticket {
        var found: TicketsV1.Ticket?
        try await eventually {
            let rows = try await platform.postgres.query(
                "select ticket_id from tickets.ticket_conversation where conversation_id = \(UUID(uuidString: conversation)!)")
            guard let id = try rows.first?.decode(UUID.self) else { return false }
            found = try await TicketsServiceClient(channels["tickets"]!).getTicket(GetTicketRequest(ticketID: id.text), admin())
                .ticket
            return true
        }
        return try #require(found)
    }

    func conversation(_ id: String) async throws -> ConversationsV1.Conversation {
        try #require(
            try await ConversationsServiceClient(channels["conversations"]!).getConversation(
                GetConversationRequest(conversationID: id), admin()
            ).conversation)
    }

    // MARK: - Contacts

    func createContact(named name: String, of tenant: UUID) async throws -> String {
        let request = CreateContactRequest(contact: .init(displayName: name), requestID: UUID().text)
        let answer = try await ContactsServiceClient(channels["contacts"]!).createContact(request, admin(of: tenant))
        return try #require(answer.contact?.contactID)
    }

    func contact(_ id: String, of tenant: UUID) async throws -> ContactsV1.Contact {
        try #require(
            try await ContactsServiceClient(channels["contacts"]!).getContact(GetContactRequest(contactID: id), admin(of: tenant))
                .contact)
    }

    func erase(_ contact: String) async throws -> String {
        let request = EraseContactRequest(contactID: contact, reason: "asked for it", requestID: UUID().text)
        let answer = try await ContactPrivacyServiceClient(channels["contacts"]!).eraseContact(request, admin())
        return try #require(answer.erasure?.erasureID)
    }

    func erasure(_ id: String) async throws -> ContactsV1.Erasure {
        try #require(
            try await ContactPrivacyServiceClient(channels["contacts"]!).getErasure(GetErasureRequest(erasureID: id), admin())
                .erasure)
    }

    func contactsHead() async throws -> String {
        let watch = ContactsServiceClient(channels["contacts"]!).watch(
            ContactsV1.WatchRequest(liveOnly: true), try await service("conversations", to: "contacts"))
        for try await response in watch where response.live { return response.cursor }
        throw RPCError(code: .unavailable, message: "the stream ended before it was live")
    }

    func refusalToWatchContacts(after cursor: String) async -> RPCError? {
        do {
            let watch = ContactsServiceClient(channels["contacts"]!).watch(
                ContactsV1.WatchRequest(afterCursor: cursor), try await service("conversations", to: "contacts"))
            for try await _ in watch { return nil }
            return nil
        } catch {
            return error as? RPCError
        }
    }

    func refusalOfDeletion(by caller: String) async -> RPCError? {
        do {
            _ = try await TenantDataServiceClient(channels["conversations"]!).deleteTenantData(
                DeleteTenantDataRequest(tenantID: platform.tenantID.text), service(caller, to: "conversations"))
            return nil
        } catch {
            return error as? RPCError
        }
    }
}

extension Platform {
    /// The tables of all services in which one of these words stands, as text or as bytes; what proves a deletion names the tenant.
    fileprivate func tables(holding words: [String]) async throws -> [String] {
        var found: [String] = []
        for (schema, table) in try await tables(where: "true") where table != "tenant_deletion" {
            let rows = try await postgres.query(
                """
                select exists (
                    select from \(identifier: schema).\(identifier: table) line, unnest(\(words)) as sought (canary)
                    where position(sought.canary in line::text) > 0
                       or position(encode(convert_to(sought.canary, 'UTF8'), 'hex') in line::text) > 0
                )
                """)
            if try rows[0].decode(Bool.self) { found.append("\(schema).\(table)") }
        }
        return found
    }

    /// The rows of a tenant in a service's tables, but for those that prove its deletion.
    fileprivate func rows(of tenant: UUID, in service: String) async throws -> Int {
        var count = 0
        for (schema, table) in try await tables(where: "held.relname <> 'tenant_deletion'") where schema == service {
            let rows = try await postgres.query(
                """
                select count(*) from \(identifier: schema).\(identifier: table) line
                where to_jsonb(line) ->> 'tenant_id' = \(tenant.text)
                """)
            count += try rows[0].decode(Int.self)
        }
        return count
    }

    private func tables(where condition: SQL) async throws -> [(String, String)] {
        try await postgres.query(
            """
            select space.nspname::text, held.relname::text
            from pg_class held
            join pg_namespace space on space.oid = held.relnamespace
            where space.nspname = any(\(Platform.keepers)) and held.relkind in ('r', 'p') and not held.relispartition
              and \(fragment: condition)
            order by 1, 2
            """
        ).map { try $0.decode((String, String).self) }
    }
}

extension PrivatePostgres {
    /// Runs one of PostgreSQL's own programs as its superuser.
    fileprivate func tool(_ name: String, _ arguments: [String]) async throws {
        let database = ["--dbname=\(cluster.administratorURL(Self.database))"]
        _ = try await ChildProcess.run(
            ["\(cluster.binaries)/\(name)"] + database + arguments, environment: ["PATH": "/usr/bin:/bin"],
            logFile: "\(logFile).\(name)")
    }
}
