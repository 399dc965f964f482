import ContactsV1
import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import Synchronization
import Testing
import WallTime

@testable import Conversations

@Suite("People: what becomes of conversations when contacts are merged, unmerged and erased")
struct PeopleTests {
    @Test("C36: conversations go with their address into a merge and out of it, and keep state, assignee and messages")
    func C36_conversationsGoWithTheirAddress() async throws {
        try await withInbox { inbox, tenant in
            let first = try await inbox.customer("v1", of: tenant).conversation!
            let second = try await inbox.customer("v2", of: tenant).conversation!
            let accepted = try await inbox.accept(second.conversationID, by: tenant.ana, of: tenant)
            try await inbox.tell(
                .init(kind: .merged, contactID: second.contactID, survivingContactID: first.contactID), of: tenant)
            var (one, two) = (
                try await inbox.get(first.conversationID, by: tenant.ana, of: tenant),
                try await inbox.get(second.conversationID, by: tenant.ana, of: tenant)
            )
            #expect(one.contactID == first.contactID && two.contactID == first.contactID)
            #expect(two.state == .open && two.assigneeID == tenant.ana.text && two.etag != accepted.etag)

            // What came between goes back, too: it runs at the same address.
            let between = try await inbox.customer("v2", says: "still there?", of: tenant).conversation!
            #expect(between.conversationID == second.conversationID)
            let identity = ContactsV1.ChannelIdentity(kind: .webchat, scope: tenant.webchat.text, address: "v2")
            try await inbox.tell(
                .init(
                    kind: .unmerged, contactID: second.contactID, survivingContactID: first.contactID,
                    contact: .init(contactID: second.contactID, identities: [identity])), of: tenant)
            (one, two) = (
                try await inbox.get(first.conversationID, by: tenant.ana, of: tenant),
                try await inbox.get(second.conversationID, by: tenant.ana, of: tenant)
            )
            #expect(one.contactID == first.contactID && two.contactID == second.contactID && two.state == .open)
        }
    }

    @Test(
        "20: an erased person's words, names, addresses, files and stored answers are gone, his conversations closed, slots free")
    func G20_erasureLeavesNothing() async throws {
        try await withInbox { inbox, tenant in
            let mine = try await inbox.customer("canary-address", says: "canary text", id: "canary-provider-id", of: tenant)
                .conversation!
            _ = try await inbox.accept(mine.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.send("canary answer", in: mine.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.transfer(
                mine.conversationID, to: .agentID(tenant.cleo.text), by: tenant.ana, of: tenant)
            let theirs = try await inbox.customer("bystander", says: "hello", of: tenant).conversation!
            let words = ["canary", "Customer canary-address"]
            #expect(try await inbox.tables(holding: words, of: tenant).count > 2)

            for _ in 0..<2 {
                try await inbox.tell(
                    .init(
                        kind: .erased, contactID: mine.contactID, erasureID: UUID().text, erasedContactIDs: [mine.contactID]),
                    of: tenant)
            }
            #expect(try await inbox.tables(holding: words, of: tenant) == [])
            let left = try await inbox.get(mine.conversationID, by: tenant.admin, of: tenant)
            #expect(left.state == .closed && left.customerAddress.isEmpty && left.customerName.isEmpty && left.firstLine.isEmpty)
            let slots = try await inbox.service.listAgentSlots(
                .init(), inbox.by(tenant.admin, of: tenant, ConversationsServiceDescriptor.listAgentSlots))
            #expect(slots.slots.allSatisfy { $0.load == 0 })
            #expect(try await inbox.get(theirs.conversationID, by: tenant.admin, of: tenant).customerAddress == "bystander")
            // The same address later is a stranger's, to contacts as well.
            inbox.book.forget(try #require(UUID(id: mine.contactID)))
            let anew = try await inbox.customer("canary-address", of: tenant).conversation!
            #expect(anew.conversationID != mine.conversationID && anew.continuedFrom.isEmpty)
        }
    }

    @Test("20: with who wrote go the user he signed in as and his other browsers, from which he has not written")
    func G20_visitorsWhoNeverWrote() async throws {
        try await withInbox { inbox, tenant in
            let now = Instant.now
            func visitor(_ userID: String, joined: String = "", _ name: String) -> Visitor {
                Visitor(
                    id: .v7(at: now), channelAccountID: tenant.webchat, userID: userID, joinedUserID: joined, name: name,
                    email: "\(name)@example.org", created: now, sessionExpires: now)
            }
            let guest = visitor("", joined: "canary-user", "canary-guest")
            let silent = [visitor("canary-user", "canary-desk"), visitor("", joined: "canary-user", "canary-phone")]
            let others = [visitor("other", "bystander"), visitor("", "stranger")]
            try await inbox.surroundings.transaction(tenant.id) { transaction in
                let store = ConversationStore(transaction: transaction, tenantID: tenant.id)
                for visitor in [guest] + silent + others { try await store.save(visitor) }
            }
            let written = try await inbox.customer(guest.id.text, says: "hello", of: tenant).conversation!
            try await inbox.tell(
                .init(
                    kind: .erased, contactID: written.contactID, erasureID: UUID().text, erasedContactIDs: [written.contactID]),
                of: tenant)
            #expect(try await inbox.tables(holding: ["canary"], of: tenant) == [])
            #expect(try await inbox.tables(holding: ["bystander"], of: tenant) == ["visitor"])
            #expect(try await inbox.tables(holding: ["stranger"], of: tenant) == ["visitor"])
        }
    }

    @Test("20: a message whose sender is erased between the look-up and the write is a stranger's; a start to him is refused")
    func G20_erasedWhileReceived() async throws {
        try await withInbox { inbox, tenant in
            let erased = Mutex<[String]>([])
            inbox.book.interrupt { contact in
                erased.withLock { $0.append(contact.text) }
                inbox.book.forget(contact)
                try await inbox.tell(
                    .init(
                        kind: .erased, contactID: contact.text, erasureID: UUID().text, erasedContactIDs: [contact.text]),
                    of: tenant)
            }
            let conversation = try await inbox.customer("canary-address", of: tenant).conversation!
            let former = try #require(erased.withLock { $0.first })
            #expect(conversation.contactID != former && conversation.customerAddress == "canary-address")

            // The business has read his address before, too.
            let address = ContactAddress(channel: .webchat, accountID: tenant.webchat, address: UUID().text)
            inbox.book.add(address, to: try #require(UUID(id: former)))
            let refused = await reason {
                try await inbox.service.startConversation(
                    StartConversationRequest(
                        requestID: UUID().text, channelAccountID: tenant.webchat.text, contactID: former, text: "hello"),
                    inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.startConversation))
            }
            #expect(refused == "CONTACT_NOT_FOUND")
        }
    }

    @Test("20: what a provider tells of a message to an erased person is kept without its id")
    func G20_deliveryToldLate() async throws {
        try await withInbox { inbox, tenant in
            let conversation = try await inbox.customer("5511987650001", to: tenant.whatsapp, of: tenant).conversation!
            _ = try await inbox.accept(conversation.conversationID, by: tenant.ana, of: tenant)
            let sent = try await inbox.send("hello", in: conversation.conversationID, by: tenant.ana, of: tenant)
            try await inbox.tell(
                .init(
                    kind: .erased, contactID: conversation.contactID, erasureID: UUID().text,
                    erasedContactIDs: [conversation.contactID]), of: tenant)
            _ = try await inbox.service.reportDelivery(
                ReportDeliveryRequest(
                    messageID: sent.message!.messageID, requestID: UUID().text, status: .sent,
                    providerMessageID: "canary-provider-id"),
                inbox.byChannels(tenant))
            #expect(try await inbox.tables(holding: ["canary-provider-id"], of: tenant) == [])
        }
    }
}

extension Inbox {
    /// An event of contacts, as the consumer applies it.
    func tell(_ event: ContactsV1.ContactEvent, of tenant: Tenant) async throws {
        var event = event
        event.tenantID = tenant.id.text
        let nothing = AsyncThrowingStream<ConsumedItem<ContactsV1.ContactEvent>, any Error> { $0.finish() }
        let people = PeopleConsumer(surroundings: surroundings) { _ in nothing }
        try await surroundings.transaction(tenant.id) { transaction in try await people.apply(event, transaction) }
    }

    /// The tables of the schema in which one of these words stands, as text or as bytes.
    func tables(holding words: [String], of tenant: Tenant) async throws -> [String] {
        try await surroundings.transaction(tenant.id, readOnly: true) { transaction in
            let names = try await transaction.query(
                "select table_name::text from information_schema.tables where table_schema = 'conversations' order by 1"
            ).map { try $0.decode(String.self) }
            var found: [String] = []
            for name in names {
                let rows = try await transaction.query(
                    """
                    select exists (
                        select from conversations.\(identifier: name) line, unnest(\(words)) sought
                        where position(sought in line::text) > 0
                           or position(encode(convert_to(sought, 'UTF8'), 'hex') in line::text) > 0
                    )
                    """)
                if try rows[0].decode(Bool.self) { found.append(name) }
            }
            return found
        }
    }
}
