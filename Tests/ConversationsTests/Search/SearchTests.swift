import ContactsV1
import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("C62: conversations are searched")
struct SearchTests {
    @Test("C62: messages, notes, subjects, names, addresses and ticket numbers are found, with what is shown of them")
    func C62_everyPlace() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.write(
                "Meu pedido não chegou", from: "+5511987654321", named: "José Álvarez", subject: "Devolução", of: tenant)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let answer = try await inbox.send("Vou verificar o rastreio", in: id, by: tenant.ana, of: tenant).message!
            let note = try await inbox.service.addNote(
                AddNoteRequest(conversationID: id, requestID: UUID().text, text: "Cliente já reclamou ontem"),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.addNote)
            ).message!
            _ = try await inbox.service.linkTicket(
                LinkTicketRequest(
                    conversationID: id, requestID: UUID().text, ticketID: UUID().text, ticketNumber: "SUP-1042"),
                inbox.bySystem("tickets", of: tenant, ConversationsServiceDescriptor.linkTicket))
            try await inbox.write("outra coisa", from: "+5511900000000", named: "Rui", of: tenant)

            for (query, messageID, shown) in [
                ("PEDIDO nao", nil, "pedido não"), ("rastreio", answer.messageID, "rastreio"),
                ("reclamou", note.messageID, "reclamou"), ("devolucao", "", "Devolução"), ("jose alvarez", "", "José Álvarez"),
                ("4321", "", "+5511987654321"), ("(11) 98765-4321", "", "+5511987654321"), ("sup-1042", "", "SUP-1042"),
                ("1042", "", "SUP-1042"), ("recl", note.messageID, "reclamou"),
                // The words may stand in different places of one conversation.
                ("alvarez rastreio", answer.messageID, "rastreio"),
            ] as [(String, String?, String)] {
                let found = try await inbox.search(query, by: tenant.ana, of: tenant)
                #expect(found.hits.map(\.conversation?.conversationID) == [id], "\(query)")
                let hit = try #require(found.hits.first)
                if let messageID { #expect(hit.messageID == messageID, "\(query)") }
                #expect(hit.excerpt.contains(shown) && !hit.highlights.isEmpty && !found.truncated, "\(query): \(hit.excerpt)")
            }
            for query in ["pedido rui", "ped ", "xyz", "pedido -chegou", "pedido -alvarez", "\"chegou não\"", "\"meu chegou\""] {
                #expect(try await inbox.search(query, by: tenant.ana, of: tenant).hits.isEmpty, "\(query)")
            }
            for query in ["\"não chegou\"", "\"pedido nao\" -\"chegou nao\"", "\"meu pedido"] {
                #expect(try await inbox.search(query, by: tenant.ana, of: tenant).hits.count == 1, "\(query)")
            }
            let number = try await inbox.get(id, by: tenant.ana, of: tenant).ticketNumber
            #expect(number == "SUP-1042")
        }
    }

    @Test("C62, C22: nobody finds what he may not read; a mention lets him; another tenant finds nothing")
    func C62_onlyWhatTheCallerMayRead() async throws {
        try await withInbox { inbox, tenant in
            let sales = try await inbox.write("segredo das vendas", from: "+5511911111111", of: tenant)
            let support = try await inbox.write("segredo do suporte", from: "+5511922222222", of: tenant)
            _ = try await inbox.transfer(support, to: .departmentID(tenant.support.text), by: tenant.admin, of: tenant)
            func found(_ agent: UUID) async throws -> Set<String> {
                Set(try await inbox.search("segredo", by: agent, of: tenant).hits.compactMap(\.conversation?.conversationID))
            }
            #expect(try await found(tenant.ana) == [sales])
            #expect(try await found(tenant.bob) == [support])
            #expect(try await found(tenant.admin) == [sales, support])
            _ = try await inbox.service.addNote(
                AddNoteRequest(
                    conversationID: sales, requestID: UUID().text, text: "look", mentionedAgentIDs: [tenant.bob.text]),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.addNote))
            #expect(try await found(tenant.bob) == [sales, support])
            let other = Tenant(2)
            #expect(try await inbox.search("segredo", by: other.admin, of: other).hits.isEmpty)
            let bot = inbox.byBot("greeter", of: tenant, ConversationsServiceDescriptor.searchConversations)
            let refused = await reason {
                try await inbox.service.searchConversations(SearchConversationsRequest(query: "segredo"), bot)
            }
            #expect(refused == "AGENT_NOT_FOUND")
        }
    }

    @Test("C62, C57: every filter leaves out what it must, and a query that asks for nothing is refused")
    func C62_filters() async throws {
        try await withInbox { inbox, tenant in
            let (phone, web) = (
                try await inbox.write("alfa um", from: "+5511911111111", of: tenant),
                try await inbox.customer("v1", says: "alfa dois", of: tenant).conversation!.conversationID
            )
            _ = try await inbox.accept(phone, by: tenant.ana, of: tenant)
            _ = try await inbox.service.updateConversation(
                UpdateConversationRequest(
                    conversation: .init(conversationID: phone, labels: ["vip"], priority: .high),
                    updateMask: .init(paths: ["labels", "priority"]), requestID: UUID().text),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.updateConversation))
            try inbox.advance(.seconds(60))
            let between = inbox.surroundings.clock.now
            try inbox.advance(.seconds(60))
            try await inbox.customer("v1", says: "beta", of: tenant)
            let time = Timestamp(between)
            for (request, expected) in [
                (.init(query: "alfa"), [phone, web]), (.init(query: "alfa", view: .open), [phone]),
                (.init(query: "alfa", view: .queue), [web]), (.init(query: "alfa", view: .yours), [phone]),
                (.init(query: "alfa", departmentIDs: [tenant.sales.text]), [phone, web]),
                (.init(query: "alfa", departmentIDs: [tenant.support.text]), []),
                (.init(query: "alfa", assigneeIDs: [tenant.ana.text]), [phone]),
                (.init(query: "alfa", channels: [.webchat]), [web]), (.init(query: "alfa", labels: ["vip", "x"]), [phone]),
                (.init(query: "alfa", afterTime: time), [web]), (.init(query: "alfa", beforeTime: time), [phone]),
                (.init(query: "alfa", states: [.open, .closed]), [phone]), (.init(query: "alfa", states: [.closed]), []),
                (.init(query: "alfa", channelAccountIDs: [tenant.whatsapp.text]), [phone]),
                (.init(query: "alfa", priorities: [.high, .urgent]), [phone]),
                (.init(query: "alfa", priorities: [.normal]), [web]), (.init(query: "alfa", priorities: [.low]), []),
            ] as [(SearchConversationsRequest, Set<String>)] {
                let found = try await inbox.search(request, by: tenant.ana, of: tenant)
                #expect(Set(found.hits.compactMap(\.conversation?.conversationID)) == expected, "\(request)")
            }
            for request in [
                .init(), .init(query: "-alfa"), .init(query: "..."), .init(query: String(repeating: "a", count: 257)),
                .init(query: String(repeating: "a ", count: 17)), .init(query: "alfa", departmentIDs: ["x"]),
                .init(query: "alfa", states: [.unspecified]), .init(query: "alfa", priorities: [.unspecified]),
            ] as [SearchConversationsRequest] {
                let refused = await reason { try await inbox.search(request, by: tenant.ana, of: tenant) }
                #expect(refused == "INVALID_FIELD", "\(request)")
            }
        }
    }

    @Test("C62: the best first, page by page, each once; a page's token is good for the same search alone")
    func C62_rankedAndPaged() async throws {
        try await withInbox { inbox, tenant in
            var ids: [String] = []
            for (number, (text, subject)) in [
                ("gama delta juntos", ""), ("outra coisa", "Gama delta"), ("gama sozinho", ""), ("gamagata delta", ""),
            ].enumerated() {
                ids.append(try await inbox.write(text, from: "+55119000000\(number)0", subject: subject, of: tenant))
                try inbox.advance(.seconds(1))
            }
            // Words of two messages count less than the same of one.
            try await inbox.write("delta depois", from: "+5511900000020", of: tenant)
            let expected = [ids[1], ids[0], ids[2], ids[3]]
            let all = try await inbox.search("delta gama", by: tenant.ana, of: tenant)
            #expect(all.hits.compactMap(\.conversation?.conversationID) == expected && all.nextPageToken.isEmpty)

            var (paged, token) = ([String](), "")
            repeat {
                let page = try await inbox.search(
                    .init(query: "delta gama", pageSize: 1, pageToken: token), by: tenant.ana, of: tenant)
                #expect(page.hits.count == 1)
                paged += page.hits.compactMap(\.conversation?.conversationID)
                token = page.nextPageToken
            } while !token.isEmpty && paged.count < 10
            #expect(paged == expected)
            let first = try await inbox.search(.init(query: "delta gama", pageSize: 1), by: tenant.ana, of: tenant).nextPageToken
            for request in [
                .init(query: "delta", pageSize: 1, pageToken: first),
                .init(query: "delta gama", view: .queue, pageToken: first), .init(query: "delta gama", pageToken: "x"),
            ] as [SearchConversationsRequest] {
                #expect(await reason { try await inbox.search(request, by: tenant.ana, of: tenant) } == "PAGE_TOKEN_INVALID")
            }
            #expect(
                await reason {
                    try await inbox.search(.init(query: "delta gama", pageToken: first), by: tenant.admin, of: tenant)
                } == "PAGE_TOKEN_INVALID", "a token is its owner's")
            // Phrases are looked up in the texts, and fill pages all the same.
            let phrase = try await inbox.search(.init(query: "\"gama delta\"", pageSize: 1), by: tenant.ana, of: tenant)
            #expect(phrase.hits.compactMap(\.conversation?.conversationID) == [ids[1]] && !phrase.nextPageToken.isEmpty)
            let second = try await inbox.search(
                .init(query: "\"gama delta\"", pageSize: 1, pageToken: phrase.nextPageToken), by: tenant.ana, of: tenant)
            #expect(second.hits.compactMap(\.conversation?.conversationID) == [ids[0]] && second.nextPageToken.isEmpty)
        }
    }

    @Test("C62: a contact is found by the name and addresses he has now, in all his conversations")
    func C62_people() async throws {
        try await withInbox { inbox, tenant in
            let first = try await inbox.customer("v1", of: tenant).conversation!
            let second = try await inbox.customer("v2", of: tenant).conversation!
            var contact = ContactsV1.Contact(
                contactID: first.contactID, displayName: "Zélia Duncan",
                identities: [.init(kind: .email, address: "zelia@example.com", profileName: "Z.")])
            try await inbox.tell(.init(kind: .created, contactID: first.contactID, contact: contact), of: tenant)
            for query in ["zelia", "zelia@example.com", "duncan hello"] {
                let hits = try await inbox.search(query, by: tenant.ana, of: tenant).hits
                #expect(hits.map(\.conversation?.conversationID) == [first.conversationID], "\(query)")
            }
            #expect(try await inbox.search("zelia", by: tenant.ana, of: tenant).hits[0].excerpt.contains("Zélia"))
            contact.displayName = "Zilda"
            try await inbox.tell(.init(kind: .updated, contactID: first.contactID, contact: contact), of: tenant)
            #expect(try await inbox.search("duncan", by: tenant.ana, of: tenant).hits.isEmpty)
            // What was the other contact's is his when they are merged.
            try await inbox.tell(
                .init(kind: .merged, contactID: second.contactID, survivingContactID: first.contactID), of: tenant)
            #expect(try await inbox.search("zilda", by: tenant.ana, of: tenant).hits.count == 2)
        }
    }

    @Test("C62, 20: what is erased or deleted is found no more, and no word of it is left")
    func C62_erasedWordsAreGone() async throws {
        try await withInbox { inbox, tenant in
            let mine = try await inbox.receive("canarinho amarelo", from: "+5511911111111", named: "Canarinha", of: tenant)
            let theirs = try await inbox.write("canarinho verde", from: "+5511922222222", of: tenant)
            let contact = ContactsV1.Contact(contactID: mine.contactID, displayName: "Canaria")
            try await inbox.tell(.init(kind: .updated, contactID: mine.contactID, contact: contact), of: tenant)
            #expect(try await inbox.search("canar", by: tenant.ana, of: tenant).hits.count == 2)
            try await inbox.tell(
                .init(kind: .erased, contactID: mine.contactID, erasureID: UUID().text, erasedContactIDs: [mine.contactID]),
                of: tenant)
            let left = try await inbox.search("canar", by: tenant.admin, of: tenant).hits
            #expect(left.map(\.conversation?.conversationID) == [theirs])
            #expect(try await inbox.tables(holding: ["amarelo", "canarinha", "canaria", "5511911111111"], of: tenant) == [])

            // Retention, and whoever else deletes rows.
            for statement: SQL in [
                "delete from conversations.message where conversation_id = \(UUID(id: theirs))",
                "delete from conversations.conversation where conversation_id = \(UUID(id: theirs))",
            ] {
                _ = try await inbox.surroundings.transaction(tenant.id) { transaction in try await transaction.query(statement) }
            }
            #expect(try await inbox.tables(holding: ["canarinho", "verde", "5511922222222"], of: tenant) == [])
            let words = try await inbox.surroundings.transaction(tenant.id) { transaction in
                try await transaction.query(
                    "select count(*) from conversations.search_word where conversation_id = \(UUID(id: theirs))")
            }
            #expect(try words.only?.decode(Int.self) == 0)
        }
    }

    @Test("C62: what was stored without words, by the release before, gets them; twice is once")
    func C62_olderMessages() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.write("mensagem antiga", from: "+5511911111111", named: "Velho", of: tenant)
            _ = try await inbox.surroundings.transaction(tenant.id) { transaction in
                try await transaction.pipeline([
                    "delete from conversations.search_word", "update conversations.message set searchable = false",
                ])
            }
            #expect(try await inbox.search("antiga", by: tenant.ana, of: tenant).hits.isEmpty)
            async let one: Void = inbox.surroundings.makeAllSearchable()
            async let other: Void = inbox.surroundings.makeAllSearchable()
            _ = try await (one, other)
            for query in ["antiga", "velho", "1111"] {
                let hits = try await inbox.search(query, by: tenant.ana, of: tenant).hits
                #expect(hits.map(\.conversation?.conversationID) == [id], "\(query)")
            }
        }
    }

    @Test("C62: a rare word is exact however common the other; a common one says that there may be more")
    func C62_truncated() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.write("comum rara", from: "+5511911111111", of: tenant)
            try await inbox.fillWords("comum", tenant)
            let exact = try await inbox.search("comum rara", by: tenant.ana, of: tenant)
            #expect(exact.hits.map(\.conversation?.conversationID) == [id] && !exact.truncated)
            let many = try await inbox.search("comum", by: tenant.ana, of: tenant)
            #expect(many.truncated)
        }
    }

    @Test("C62: no part of a search scans a table")
    func C62_plans() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.write("comum rara", from: "+5511911111111", of: tenant)
            try await ListPlanTests.fill(inbox, tenant)
            _ = try await inbox.surroundings.transaction(tenant.id) { transaction in
                try await transaction.pipeline([
                    """
                    insert into conversations.search_word (tenant_id, conversation_id, word, seq)
                    select tenant_id, conversation_id, word, n
                    from conversations.conversation, generate_series(1, 3) as n,
                         unnest(array['comum', 'w' || conversation_id]) as word
                    where tenant_id = \(tenant.id)
                    on conflict do nothing
                    """,
                    """
                    insert into conversations.message
                        (tenant_id, conversation_id, seq, message_id, direction, kind, takes_turn, author_kind, create_time)
                    select tenant_id, conversation_id, 2, gen_random_uuid(), 'inbound', 'text', true, 'customer', create_time
                    from conversations.conversation
                    where tenant_id = \(tenant.id)
                    """,
                    """
                    insert into conversations.person_word (tenant_id, contact_id, word)
                    select tenant_id, contact_id, word
                    from conversations.conversation, unnest(array['maria', 'p' || contact_id]) as word
                    where tenant_id = \(tenant.id)
                    """,
                ])
            }
            _ = try await inbox.database.withAdministrator { connection in
                for table: SQL in [
                    "analyze conversations.search_word", "analyze conversations.person_word",
                    "analyze conversations.conversation",
                    "analyze conversations.message", "analyze conversations.person",
                ] { _ = try await connection.query(table) }
            }
            var search = Search(query: SearchQuery("rara \"comum rara\" -nada com"))
            search.after = inbox.surroundings.clock.now
            let position = Search.Position(score: 3, time: inbox.surroundings.clock.now, id: tenant.ana)
            for viewer in [
                Viewer(agentID: tenant.ana, role: .agent, departmentIDs: [tenant.sales]),
                Viewer(agentID: tenant.admin, role: .admin, departmentIDs: []),
            ] {
                for word in search.query.words {
                    let plan = try await inbox.plan(tenant) {
                        $0.found(search, by: word, for: viewer, after: position, limit: 51)
                    }
                    #expect(!plan.contains("Seq Scan"), "\(plan)")
                    for index in ["search_word_by_word", "search_word_key", "person_word_by_word", "person_word_key"] {
                        #expect(plan.contains(index), "\(index)\n\(plan)")
                    }
                }
            }
            for statement: (ConversationStore) -> SQL in [
                { $0.places(of: search.query.words) },
                { $0.messagesWith(search.query.words, in: tenant.ana, limit: 50) },
            ] {
                let plan = try await inbox.plan(tenant, statement)
                #expect(!plan.contains("Seq Scan"), "\(plan)")
            }
        }
    }
}

// MARK: -

extension Inbox {
    /// A customer writes on WhatsApp.
    /// - Returns: the conversation's id.
    @discardableResult
    fileprivate func write(
        _ text: String, from address: String, named name: String = "", subject: String = "", of tenant: Tenant
    ) async throws -> String {
        try await receive(text, from: address, named: name, subject: subject, of: tenant).conversationID
    }

    fileprivate func receive(
        _ text: String, from address: String, named name: String = "", subject: String = "", of tenant: Tenant
    ) async throws -> ConversationsV1.Conversation {
        try await service.receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: tenant.whatsapp.text, providerMessageID: UUID().text, senderAddress: address, senderName: name,
                kind: .text, text: text, subject: subject), byChannels(tenant)
        ).conversation!
    }

    fileprivate func search(_ query: String, by agent: UUID, of tenant: Tenant) async throws -> SearchConversationsResponse {
        try await search(SearchConversationsRequest(query: query), by: agent, of: tenant)
    }

    fileprivate func search(
        _ request: SearchConversationsRequest, by agent: UUID, of tenant: Tenant
    ) async throws -> SearchConversationsResponse {
        try await service.searchConversations(
            request, by(agent, of: tenant, ConversationsServiceDescriptor.searchConversations))
    }

    /// A word in more places than are looked at, of conversations that are not there.
    fileprivate func fillWords(_ word: String, _ tenant: Tenant) async throws {
        _ = try await surroundings.transaction(tenant.id) { transaction in
            try await transaction.query(
                """
                insert into conversations.search_word (tenant_id, conversation_id, word, seq)
                select \(tenant.id), gen_random_uuid(), case when n <= 10001 then \(word) else 'w' || n end, 1
                from generate_series(1, 20000) as n
                """)
        }
    }
}
