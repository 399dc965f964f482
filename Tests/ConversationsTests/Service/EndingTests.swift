import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("C42, C47, C24: how a conversation ends")
struct EndingTests {
    @Test("C47: an outcome of the tenant's list, or none; another is refused with the list, and no rule of the system says lost")
    func C47_outcome() async throws {
        try await withInbox { inbox, tenant in
            var ids: [String] = []
            for number in 0..<4 {
                ids.append(try await inbox.customer("v\(number)", of: tenant).conversation!.conversationID)
            }
            // Before anybody has set a list: the standard one.
            #expect(await reason { try await inbox.close(ids[0], as: "sold", of: tenant) } == "OUTCOME_UNKNOWN")
            #expect(try await inbox.get(ids[0], by: tenant.operatorID, of: tenant).state == .queued)
            #expect(try await inbox.close(ids[0], as: "resolved", of: tenant).outcome == "resolved")
            try await inbox.hear([tenant.settings { $0.outcomes = ["sold", "lost", "no interest"] }])
            #expect(await reason { try await inbox.close(ids[1], as: "resolved", of: tenant) } == "OUTCOME_UNKNOWN")
            let closed = try await inbox.close(ids[1], as: "lost", of: tenant)
            #expect(closed.outcome == "lost" && closed.stateReason == .agent)
            let entries = try await inbox.history(ids[1], of: tenant)
            #expect(entries.last?.note == "lost" && entries.last?.actor?.kind == .agent)
            #expect(try await inbox.close(ids[2], as: "", of: tenant).outcome.isEmpty)
            // One of many with an unknown one: nothing of it happens.
            let bulk = try await inbox.service.bulkUpdateConversations(
                BulkUpdateConversationsRequest(
                    requestID: UUID().text, conversationIDs: [ids[3]], action: .close(CloseRequest(outcome: "spam"))),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.bulkUpdateConversations))
            #expect(bulk.results.map(\.reason) == ["OUTCOME_UNKNOWN"])

            // Whatever time does to the others, they are not lost.
            let phone = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            try await inbox.setRule(.whatsapp, expired: .seconds(3_600), by: tenant.operatorID, of: tenant)
            let window = inbox.surroundings.clock.now.advanced(by: .seconds(86_400))
            try await inbox.settle(at: window)
            #expect(try await inbox.get(phone, by: tenant.operatorID, of: tenant).state == .expired)
            try await inbox.settle(at: window.advanced(by: .seconds(3_600)))
            let expired = try await inbox.get(phone, by: tenant.operatorID, of: tenant)
            #expect(expired.state == .closed && expired.stateReason == .expired && expired.outcome.isEmpty)
        }
    }

    @Test(
        "C42: once, at the end of what was served, the customer is asked; a bare figure or a choice within 72 h is kept and opens nothing"
    )
    func C42_survey() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.askAtEnd("How was it, 1 to 5?", of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true)
            let closed = try await inbox.close(id, by: tenant.ana, of: tenant)
            #expect(try await inbox.texts(in: id, of: tenant).last == "How was it, 1 to 5?")
            #expect(closed.survey?.askTime != nil && closed.survey?.score == 0)
            // The end comes after it, and the figure after the end.
            #expect(closed.lastSeq == 3 && closed.state == .closed)
            let answer = try await inbox.customer("v1", says: " 4 ", of: tenant)
            #expect(answer.conversation?.conversationID == id && answer.conversation?.state == .closed)
            #expect(answer.conversation?.survey?.score == 4 && answer.message?.seq == 4)
            #expect(answer.conversation?.unread == 0 && answer.conversation?.waitingOn == .unspecified)
            #expect(try await inbox.history(id, of: tenant).last?.note == "survey 4")
            // Only the first one counts; the next figure, and every word, is a new conversation (C17).
            let second = try await inbox.customer("v1", says: "5", of: tenant).conversation!
            #expect(second.conversationID != id && second.continuedFrom == id && second.state == .queued)
            #expect(try await inbox.get(id, by: tenant.operatorID, of: tenant).survey?.score == 4)
            // It was not served: nobody is asked.
            _ = try await inbox.close(second.conversationID, by: tenant.operatorID, of: tenant)
            #expect(try await inbox.get(second.conversationID, by: tenant.operatorID, of: tenant).survey == nil)
        }
    }

    @Test(
        "C42: words, figures beyond the scale, files and late ones open a conversation; a machine's figure judges nothing; a button's does"
    )
    func C42_answers() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.askAtEnd("1 to 5?", of: tenant)
            func asked(_ address: String) async throws -> String {
                let id = try await inbox.customer(address, of: tenant).conversation!.conversationID
                _ = try await inbox.send("hi", in: id, by: tenant.operatorID, of: tenant, accept: true)
                return try await inbox.close(id, by: tenant.operatorID, of: tenant).conversationID
            }
            for (number, text) in ["thanks!", "6", "0", "4 stars", "45", "-1"].enumerated() {
                let id = try await asked("word\(number)")
                let next = try await inbox.customer("word\(number)", says: text, of: tenant).conversation!
                #expect(next.conversationID != id && next.continuedFrom == id, "\(text)")
                _ = try await inbox.close(next.conversationID, by: tenant.operatorID, of: tenant)
            }
            func say(_ address: String, _ change: (inout ReceiveMessageRequest) -> Void) async throws
                -> ConversationsV1.Conversation
            {
                var request = ReceiveMessageRequest(
                    channelAccountID: tenant.webchat.text, providerMessageID: UUID().text, senderAddress: address, kind: .text,
                    text: "3")
                change(&request)
                return try await inbox.service.receiveMessage(request, inbox.byChannels(tenant)).conversation!
            }
            let machine = try await asked("machine")
            #expect(try await say("machine") { $0.automatic = true }.conversationID != machine)
            let button = try await asked("button")
            let chosen = try await say("button") {
                $0.kind = .choice
                $0.text = "Very good"
                $0.content = MessageContent(content: .choice(Choice(choiceID: "5", title: "Very good")))
            }
            #expect(chosen.conversationID == button && chosen.survey?.score == 5)
            // To the last moment of the 72 hours.
            let (late, early) = (try await asked("late"), try await asked("early"))
            try inbox.advance(.seconds(72 * 3_600) - .milliseconds(1))
            #expect(try await say("early") { _ in }.conversationID == early)
            try inbox.advance(.milliseconds(1))
            #expect(try await say("late") { _ in }.continuedFrom == late)
        }
    }

    @Test(
        "C42: of two answers at once one is kept, the other is a conversation; who is blocked is not asked, nor where the window is shut"
    )
    func C42_race() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.askAtEnd("1 to 5?", of: tenant)
            try await inbox.askAtEnd("1 to 5?", .whatsapp, of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true)
            _ = try await inbox.close(id, by: tenant.ana, of: tenant)
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for score in ["1", "2"] {
                    group.addTask {
                        try await inbox.customer("v1", says: score, of: tenant).conversation!.conversationID
                    }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(ids.filter { $0 == id }.count == 1 && Set(ids).count == 2)
            let blocked = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: blocked, by: tenant.ana, of: tenant, accept: true)
            _ = try await inbox.service.blockAddress(
                BlockAddressRequest(conversationID: blocked, requestID: UUID().text, reason: "rude"),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.blockAddress))
            #expect(try await inbox.get(blocked, by: tenant.operatorID, of: tenant).survey == nil)
            let phone = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(86_400))
            #expect(try await inbox.close(phone, by: tenant.ana, of: tenant).survey == nil)
        }
    }

    @Test(
        "C42: by the link that he was sent a customer judges once within 72 h; nobody else's token, and no other score after it, does"
    )
    func C42_link() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.askAtEnd("How was it? {survey_link}", of: tenant)
            func answer(_ token: String, _ score: Int32) async -> String {
                await reason {
                    _ = try await inbox.widget.answerSurvey(
                        AnswerSurveyRequest(token: token, score: score),
                        ServerContext(method: WidgetServiceDescriptor.answerSurvey))
                }
            }
            let first = try await inbox.askedByLink("v1", of: tenant)
            let late = try await inbox.askedByLink("v2", of: tenant)
            for score: Int32 in [0, 6, -1, 65_541] { #expect(await answer(first.token, score) == "INVALID_FIELD") }
            #expect(await answer("nonsense", 4) == "SURVEY_TOKEN_INVALID")
            #expect(await answer(String(first.token.dropLast(2)) + "AA", 4) == "SURVEY_TOKEN_INVALID")
            #expect(await answer(first.token, 4) == "OK")
            #expect(await answer(first.token, 4) == "OK")
            #expect(await answer(first.token, 5) == "SURVEY_OVER")
            let judged = try await inbox.get(first.id, by: tenant.operatorID, of: tenant)
            #expect(judged.survey?.score == 4 && judged.state == .closed)
            let entry = try await inbox.history(first.id, of: tenant).last
            #expect(entry?.note == "survey 4" && entry?.actor?.kind == .customer)
            // What he writes from now on is a conversation.
            #expect(try await inbox.customer("v1", says: "5", of: tenant).conversation?.continuedFrom == first.id)
            try inbox.advance(.seconds(72 * 3_600))
            #expect(await answer(late.token, 4) == "SURVEY_OVER")
        }
    }

    @Test("C42: the visitor's own end and the silent one's ask, too")
    func C42_ends() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.askAtEnd("1 to 5?", of: tenant)
            try await inbox.setRule(inactive: .seconds(600), by: tenant.operatorID, of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true)
            try await inbox.settle(at: inbox.surroundings.clock.now.advanced(by: .seconds(600)))
            let silent = try await inbox.get(id, by: tenant.operatorID, of: tenant)
            #expect(silent.stateReason == .inactive && silent.survey?.askTime != nil)
            #expect(try await inbox.texts(in: id, of: tenant).last == "1 to 5?")
            let visitor = UUID().text
            let own = try await inbox.customer(visitor, of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: own, by: tenant.ana, of: tenant, accept: true)
            _ = try await inbox.widget.endVisitorConversation(
                EndVisitorConversationRequest(requestID: UUID().text), inbox.byVisitor(visitor, of: tenant))
            let ended = try await inbox.get(own, by: tenant.operatorID, of: tenant)
            #expect(ended.stateReason == .customer && ended.survey?.askTime != nil)
            #expect(try await inbox.customer(visitor, says: "2", of: tenant).conversation?.survey?.score == 2)
        }
    }

    @Test("C24: who closes may leave the ticket as it is: the log says so, and only then")
    func C24_keeps() async throws {
        try await withInbox { inbox, tenant in
            var kept: [String: Bool] = [:]
            for keeps in [true, false] {
                let id = try await inbox.customer("v\(keeps)", of: tenant).conversation!.conversationID
                _ = try await inbox.service.close(
                    CloseRequest(conversationID: id, requestID: UUID().text, keepTicket: keeps),
                    inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.close))
                kept[id] = keeps
            }
            let events = try await inbox.surroundings.closings(of: tenant.id)
            #expect(events == kept)
        }
    }
}

// MARK: - What these tests do again and again

extension Inbox {
    /// What a conversation's messages say, in order.
    func texts(in id: String, of tenant: Tenant) async throws -> [String] {
        try await service.listMessages(ListMessagesRequest(conversationID: id), by(tenant.operatorID, of: tenant)).messages
            .map(\.text)
    }

    func history(_ id: String, of tenant: Tenant) async throws -> [ConversationsV1.HistoryEntry] {
        try await service.listHistory(
            ListHistoryRequest(conversationID: id, pageSize: 100), by(tenant.operatorID, of: tenant)
        ).entries
    }

    fileprivate func close(_ id: String, as outcome: String, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.close(
            CloseRequest(conversationID: id, requestID: UUID().text, outcome: outcome),
            by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.close)
        ).conversation!
    }

    /// A customer who was served and then asked, and what his link carries.
    fileprivate func askedByLink(_ address: String, of tenant: Tenant) async throws -> (id: String, token: String) {
        let id = try await customer(address, of: tenant).conversation!.conversationID
        _ = try await send("hi", in: id, by: tenant.ana, of: tenant, accept: true)
        _ = try await close(id, by: tenant.ana, of: tenant)
        let text = try #require(try await texts(in: id, of: tenant).last)
        #expect(text.hasPrefix("How was it? http://127.0.0.1:8080/survey#"))
        return (id, String(try #require(text.split(separator: "#").last)))
    }

    fileprivate func askAtEnd(
        _ text: String, _ channel: ConversationsV1.ChannelKind = .webchat, of tenant: Tenant
    ) async throws {
        let reply = ConversationsV1.AutomaticReply(
            channel: channel, occasion: .survey, texts: [AutomaticReplyText(text: text)])
        _ = try await AutomaticRepliesService(surroundings: surroundings).setAutomaticReply(
            SetAutomaticReplyRequest(automaticReply: reply, requestID: UUID().text),
            by(tenant.operatorID, of: tenant, AutomaticRepliesServiceDescriptor.setAutomaticReply))
    }
}

extension Tenant {
    /// The tenant as routing publishes it, with settings of its own.
    func settings(_ change: (inout TenantSettings) -> Void) -> RoutingEvent {
        var settings = TenantSettings(defaultDepartmentID: sales.text)
        change(&settings)
        return event(.tenant(.init(tenantID: id.text, displayName: "T", settings: settings)))
    }
}

extension Surroundings {
    /// Which conversations were closed, and whether their tickets stay as they are.
    fileprivate func closings(of tenantID: UUID) async throws -> [String: Bool] {
        let rows = try await pool.query(
            """
            select subject_id, coalesce(attributes ->> 'keeps_ticket', '') as keeps
            from conversations.event
            where tenant_id = \(tenantID) and kind = 'conversation.closed'
            """)
        var found: [String: Bool] = [:]
        for row in rows {
            let (id, keeps): (UUID, String) = (try row["subject_id"], try row["keeps"])
            found[id.text] = keeps == "true"
        }
        return found
    }
}
