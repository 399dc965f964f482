import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("S14, S18, C45, C49, C57, C59, C60: words of a tenant, and what its people read")
struct WordsTests {
    @Test("S14, C5: who first replies to what is nobody's has it: by itself where the department says so, with accept elsewhere")
    func S14_firstReply() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(await reason { try await inbox.send("hi", in: id, by: tenant.ana, of: tenant) } == "NOT_ACCEPTED")
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).assigneeID.isEmpty)
            let answered = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true).conversation
            #expect(answered?.state == .open && answered?.assigneeID == tenant.ana.text && answered?.startTime != nil)
            #expect(try await inbox.list(.yours, by: tenant.ana, of: tenant).map(\.conversationID) == [id])
            #expect(try await inbox.list(.yours, by: tenant.cleo, of: tenant).isEmpty)
            // Support lets any reply accept (C5).
            let other = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.transfer(other, to: .departmentID(tenant.support.text), by: tenant.operatorID, of: tenant)
            let taken = try await inbox.send("hello", in: other, by: tenant.bob, of: tenant).conversation
            #expect(taken?.state == .open && taken?.assigneeID == tenant.bob.text)
            #expect(try await inbox.list(.yours, by: tenant.bob, of: tenant).map(\.conversationID) == [other])
            // A colleague's reply takes nothing away.
            #expect(await reason { try await inbox.send("me too", in: other, by: tenant.cleo, of: tenant) } == "NOT_YOURS")
            #expect(try await inbox.get(other, by: tenant.bob, of: tenant).assigneeID == tenant.bob.text)
        }
    }

    @Test(
        "S18, C49: Start is accept, intervene, resume, resume by template or a business start, and greyed with its reason otherwise"
    )
    func S18_start() async throws {
        try await withInbox { inbox, tenant in
            func start(_ id: String, by agent: UUID) async throws -> ConversationAction {
                try #require(try await inbox.get(id, by: agent, of: tenant).actions.first { $0.action == "start" })
            }
            func action(_ name: String, _ id: String, by agent: UUID) async throws -> ConversationAction {
                try #require(try await inbox.get(id, by: agent, of: tenant).actions.first { $0.action == name })
            }
            let id = try await inbox.customer("+5511900000001", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            var entry = try await start(id, by: tenant.ana)
            #expect(entry.allowed && entry.startAction == "accept")
            for name in ["transfer", "close"] { #expect(try await action(name, id, by: tenant.ana).allowed) }
            _ = try await inbox.assign(id, to: tenant.ana, of: tenant)
            entry = try await start(id, by: tenant.cleo)
            #expect(!entry.allowed && entry.startAction == "accept" && entry.reason == "OFFERED_TO_ANOTHER")
            #expect(try await start(id, by: tenant.ana).allowed)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            entry = try await start(id, by: tenant.ana)
            #expect(!entry.allowed && entry.startAction.isEmpty && entry.reason == "TRANSITION_NOT_ALLOWED")
            for name in ["transfer", "close"] {
                let greyed = try await action(name, id, by: tenant.cleo)
                #expect(!greyed.allowed && greyed.reason == "NOT_YOURS", "\(name)")
            }
            _ = try await inbox.setPending(id, by: tenant.ana, of: tenant)
            entry = try await start(id, by: tenant.ana)
            #expect(entry.allowed && entry.startAction == "resume")
            try await inbox.settle(at: inbox.surroundings.clock.now.advanced(by: .seconds(86_400)))
            entry = try await start(id, by: tenant.ana)
            #expect(entry.allowed && entry.startAction == "resumeByTemplate")
            _ = try await inbox.close(id, by: tenant.ana, of: tenant)
            entry = try await start(id, by: tenant.ana)
            #expect(entry.allowed && entry.startAction == "startConversation")
            // What is begun again meanwhile greys it, with the reason that StartConversation would give.
            _ = try await inbox.customer("+5511900000001", to: tenant.whatsapp, of: tenant)
            entry = try await start(id, by: tenant.ana)
            #expect(!entry.allowed && entry.reason == "CONVERSATION_EXISTS")
            let bots = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try await inbox.automate(bots)
            entry = try await start(bots, by: tenant.ana)
            #expect(entry.allowed && entry.startAction == "intervene")
            // A visitor who is gone cannot be written to first.
            let gone = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.close(gone, by: tenant.operatorID, of: tenant)
            entry = try await start(gone, by: tenant.ana)
            #expect(!entry.allowed && entry.startAction == "startConversation" && entry.reason == "VISITOR_NOT_LIVE")
        }
    }

    @Test(
        "C49: the service type is the department's until somebody changes it; lists sort by last message, arrival, start and waiting"
    )
    func C49_words() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.hear([
                tenant.event(
                    .department(.init(departmentID: tenant.sales.text, displayName: "Sales", serviceType: "orders")))
            ])
            var ids: [String] = []
            for number in 0..<3 {
                ids.append(try await inbox.customer("v\(number)", of: tenant).conversation!.conversationID)
                try inbox.advance(.seconds(10))
            }
            var first = try await inbox.get(ids[0], by: tenant.ana, of: tenant)
            #expect(first.serviceType == "orders" && first.startTime == nil && first.arrivalTime == first.createTime)
            var wanted = ConversationsV1.Conversation()
            (wanted.conversationID, wanted.serviceType) = (ids[0], "returns")
            let changed = try await inbox.update(wanted, ["service_type"], by: tenant.ana, of: tenant)
            #expect(changed.serviceType == "returns" && changed.unread == first.unread && changed.state == first.state)
            // Started in the order 2, 0; 1 waits since its arrival.
            _ = try await inbox.accept(ids[2], by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(10))
            _ = try await inbox.accept(ids[0], by: tenant.ana, of: tenant)
            first = try await inbox.get(ids[0], by: tenant.ana, of: tenant)
            #expect(first.startTime?.instant == inbox.surroundings.clock.now)
            try inbox.advance(.seconds(10))
            let sent = try await inbox.send("hi", in: ids[0], by: tenant.ana, of: tenant).message!
            func order(_ order: String) async throws -> [Int] {
                try await inbox.service.listConversations(
                    ListConversationsRequest(orderBy: order), inbox.by(tenant.ana, of: tenant)
                ).conversations.compactMap { ids.firstIndex(of: $0.conversationID) }
            }
            #expect(try await order("last_message_time desc") == [0, 2, 1])
            #expect(try await order("arrival_time") == [0, 1, 2])
            #expect(try await order("start_time") == [2, 0, 1])
            #expect(try await order("waiting_since_time") == [1, 2, 0])
            #expect(await reason { try await order("priority") } == "ORDER_BY_INVALID")
            // Read status: as far as the channel tells, and never back.
            #expect(sent.deliveryStatus == .sent)
            try await inbox.tellDelivery(sent.messageID, .read, of: tenant)
            try await inbox.tellDelivery(sent.messageID, .delivered, of: tenant)
            let message = try await inbox.service.getMessage(
                GetMessageRequest(conversationID: ids[0], messageID: sent.messageID), inbox.by(tenant.ana, of: tenant))
            #expect(message.message?.deliveryStatus == .read)
            // The badge: what came after the assignee's mark; others' looks move nothing.
            _ = try await inbox.customer("v0", of: tenant)
            _ = try await inbox.service.listMessages(
                ListMessagesRequest(conversationID: ids[0]), inbox.by(tenant.cleo, of: tenant))
            #expect(try await inbox.get(ids[0], by: tenant.cleo, of: tenant).badge == 1)
        }
    }

    @Test("C57: labels of the tenant's list and four priorities, by agent, bot and rule; lists filter by both; unread stays")
    func C57_labels() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.hear([tenant.settings { $0.labels = ["vip", "refund", "late"] }])
            // A rule of the account: what it names must be on the list.
            func setRules(_ rules: [ConversationsV1.LabelRule]) async throws {
                let account = ConversationsV1.ChannelAccount(
                    channelAccountID: tenant.webchat.text, kind: .webchat, displayName: "Web", labelRules: rules)
                _ = try await inbox.accounts.updateChannelAccount(
                    UpdateChannelAccountRequest(
                        channelAccount: account, updateMask: FieldMask(paths: ["label_rules"]), requestID: UUID().text),
                    inbox.by(tenant.admin, of: tenant, ChannelAccountsServiceDescriptor.updateChannelAccount))
            }
            #expect(await reason { try await setRules([.init(words: ["x"], labels: ["gold"])]) } == "LABEL_UNKNOWN")
            #expect(await reason { try await setRules([.init(words: ["x"])]) } == "INVALID_FIELD")
            try await setRules([
                .init(words: ["refund", "money back"], labels: ["refund"], priority: 3), .init(words: ["urgent"], priority: 4),
            ])
            let ruled = try await inbox.customer("v1", says: "URGENT: I want my Money Back", of: tenant).conversation!
            #expect(ruled.labels == ["refund"] && ruled.priority == .high)
            let plain = try await inbox.customer("v2", of: tenant).conversation!
            #expect(plain.labels.isEmpty && plain.priority == .normal)
            // Only what begins a conversation is looked at.
            #expect(try await inbox.customer("v2", says: "refund", of: tenant).conversation?.labels == [])

            var wanted = ConversationsV1.Conversation()
            (wanted.conversationID, wanted.labels, wanted.priority) = (plain.conversationID, ["vip", "vip"], .urgent)
            let labelled = try await inbox.update(wanted, ["labels", "priority"], by: tenant.ana, of: tenant)
            #expect(labelled.labels == ["vip"] && labelled.priority == .urgent && labelled.unread == 2)
            wanted.labels = ["gold"]
            #expect(
                await reason { try await inbox.update(wanted, ["labels"], by: tenant.ana, of: tenant) } == "LABEL_UNKNOWN")
            wanted.priority = .init(rawValue: 9)
            #expect(
                await reason { try await inbox.update(wanted, ["priority"], by: tenant.ana, of: tenant) } == "INVALID_FIELD")
            // A bot, as it hands over.
            let bots = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            try await inbox.automate(bots)
            func handOff(_ labels: [String]) async throws -> ConversationsV1.Conversation {
                try await inbox.service.handOff(
                    HandOffRequest(conversationID: bots, requestID: UUID().text, labels: labels, priority: .low),
                    inbox.byBot("greeter", of: tenant, ConversationsServiceDescriptor.handOff)
                ).conversation!
            }
            #expect(await reason { try await handOff(["gold"]) } == "LABEL_UNKNOWN")
            let handed = try await handOff(["late"])
            #expect(handed.state == .queued && handed.labels == ["late"] && handed.priority == .low)

            func list(_ change: (inout ListConversationsRequest) -> Void) async throws -> Set<String> {
                var request = ListConversationsRequest()
                change(&request)
                return Set(
                    try await inbox.service.listConversations(request, inbox.by(tenant.ana, of: tenant)).conversations
                        .map(\.conversationID))
            }
            #expect(try await list { $0.labels = ["vip", "late"] } == [plain.conversationID, bots])
            #expect(try await list { $0.priorities = [.high, .urgent] } == [ruled.conversationID, plain.conversationID])
            #expect(
                try await list { ($0.labels, $0.priorities) = (["vip"], [.low]) } == [])
            #expect(await reason { try await list { $0.priorities = [.unspecified] } } == "INVALID_FIELD")
            // A label that the list has no more stays where it is, and is given to nothing new.
            try await inbox.hear([tenant.settings { $0.labels = ["refund"] }])
            (wanted.labels, wanted.priority) = (["vip", "refund"], .normal)
            #expect(try await inbox.update(wanted, ["labels"], by: tenant.ana, of: tenant).labels == ["vip", "refund"])
            let scope = try await inbox.service.getScope(GetScopeRequest(), inbox.by(tenant.ana, of: tenant))
            #expect(scope.labels == ["refund"] && scope.outcomes == ["resolved", "lost", "spam"])
        }
    }

    @Test(
        "C59: a user reads in his own language and zone, else his department's, else the tenant's; customers in theirs, else the tenant's"
    )
    func C59_precedence() async throws {
        try await withInbox { inbox, tenant in
            func words() async throws -> [String] {
                let scope = try await inbox.service.getScope(GetScopeRequest(), inbox.by(tenant.ana, of: tenant))
                return [scope.locale, scope.timeZone]
            }
            #expect(try await words() == ["", "UTC"])
            try await inbox.hear([tenant.settings { ($0.locale, $0.timeZone) = ("pt-BR", "America/Sao_Paulo") }])
            #expect(try await words() == ["pt-BR", "America/Sao_Paulo"])
            let sales = RoutingV1.Department(
                departmentID: tenant.sales.text, displayName: "Sales", locale: "es", timeZone: "America/Bogota")
            try await inbox.hear([tenant.event(.department(sales))])
            #expect(try await words() == ["es", "America/Bogota"])
            var ana = tenant.agent(tenant.ana, "Ana", [tenant.sales])
            ana.locale = "en"
            try await inbox.hear([tenant.event(.agent(ana))])
            #expect(try await words() == ["en", "America/Bogota"])
            // Nobody knows the customer's language: it is the tenant's.
            try await inbox.setReply(.greeting, ["": "welcome", "pt": "bem-vindo"], of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(try await inbox.texts(in: id, of: tenant) == ["hello", "bem-vindo"])
        }
    }

    @Test(
        "C45: outside hours the next opening is told, once in each closed period, instead of the greeting, and not by who serves")
    func C45_outsideHours() async throws {
        try await withInbox { inbox, tenant in
            // Monday to Friday, 9 to 17 o'clock in São Paulo. The clock stands at a Saturday's noon, UTC.
            let hours = WorkingHours(
                timeZone: "America/Sao_Paulo",
                week: (1...5).map { day in
                    WeeklyInterval(weekday: .init(rawValue: Int32(day)), hours: DayInterval(openMinute: 540, closeMinute: 1_020))
                })
            try await inbox.hear([
                tenant.event(
                    .department(.init(departmentID: tenant.sales.text, displayName: "Sales", workingHours: hours)))
            ])
            let saturday = try #require(Instant("2026-09-26T12:00:00Z"))
            try inbox.surroundings.clock.set(saturday)
            try await inbox.setReply(.greeting, ["": "welcome"], of: tenant)
            try await inbox.setReply(.outsideHours, ["en": "We open {next_opening}."], of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try await inbox.customer("v1", of: tenant)
            let opening = "We open Monday, 28 September, 09:00."
            #expect(try await inbox.texts(in: id, of: tenant) == ["hello", opening, "hello"])
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).waitingOn == .agent)
            // Open: the greeting, as ever.
            try inbox.surroundings.clock.set(try #require(Instant("2026-09-28T13:00:00Z")))
            let second = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            #expect(try await inbox.texts(in: second, of: tenant) == ["hello", "welcome"])
            // The next closed period is another one; who is served is told nothing.
            try inbox.surroundings.clock.set(try #require(Instant("2026-09-28T23:00:00Z")))
            try await inbox.customer("v1", of: tenant)
            #expect(try await inbox.texts(in: id, of: tenant).last == "We open Tuesday, 29 September, 09:00.")
            _ = try await inbox.send("hi", in: second, by: tenant.ana, of: tenant, accept: true)
            try await inbox.customer("v2", of: tenant)
            #expect(try await inbox.texts(in: second, of: tenant).last == "hello")
            // Without a text for it, the greeting.
            try await inbox.setReply(.outsideHours, [:], of: tenant)
            let third = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            #expect(try await inbox.texts(in: third, of: tenant) == ["hello", "welcome"])
        }
    }

    @Test("C45: where no web chat expires for it, the customer is told at once that nobody is available, instead of the greeting")
    func C45_nobodyAvailable() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.setReply(.greeting, ["": "welcome"], channel: .whatsapp, of: tenant)
            try await inbox.setReply(.nobodyAvailable, ["": "nobody is here yet"], channel: .whatsapp, of: tenant)
            func said(_ phone: String) async throws -> [String] {
                let id = try await inbox.customer(phone, to: tenant.whatsapp, of: tenant).conversation!.conversationID
                return try await inbox.texts(in: id, of: tenant)
            }
            #expect(try await said("+5511900000001") == ["hello", "welcome"])
            for (agent, name) in [(tenant.ana, "Ana"), (tenant.cleo, "Cleo")] {
                var gone = tenant.agent(agent, name, [tenant.sales])
                gone.presence = .offline
                try await inbox.hear([tenant.event(.agent(gone))])
            }
            #expect(try await said("+5511900000002") == ["hello", "nobody is here yet"])
        }
    }

    @Test("C45: a mail is greeted, and one that a machine wrote never")
    func C45_email() async throws {
        try await withInbox { inbox, tenant in
            let account = ConversationsV1.ChannelAccount(
                kind: .email, displayName: "Mail", departmentID: tenant.sales.text)
            let mail = try await inbox.accounts.createChannelAccount(
                CreateChannelAccountRequest(channelAccount: account, requestID: UUID().text),
                inbox.by(tenant.admin, of: tenant, ChannelAccountsServiceDescriptor.createChannelAccount)
            ).channelAccount!.channelAccountID
            try await inbox.setReply(.greeting, ["": "we have your mail"], channel: .email, of: tenant)
            try await inbox.setReply(.closed, ["": "good bye"], channel: .email, of: tenant)
            for isAutomatic in [false, true] {
                let request = ReceiveMessageRequest(
                    channelAccountID: mail, providerMessageID: UUID().text, senderAddress: "ana@example.org",
                    thread: UUID().text, kind: .text, text: "hello", subject: "order", automatic: isAutomatic)
                let id = try await inbox.service.receiveMessage(request, inbox.byChannels(tenant)).conversation!.conversationID
                _ = try await inbox.close(id, by: tenant.operatorID, of: tenant)
                let expected = isAutomatic ? ["hello"] : ["hello", "we have your mail", "good bye"]
                #expect(try await inbox.texts(in: id, of: tenant) == expected)
            }
        }
    }

    @Test(
        "C60: every transition, assignment, reason, forced act and timer is a line, by whom and when; who may not read it is refused"
    )
    func C60_trail() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let id = try await inbox.customer("+5511900000001", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            _ = try await inbox.assign(id, to: tenant.ana, of: tenant)
            _ = try await inbox.takeBack(id, .offerTimeout, of: tenant)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            _ = try await inbox.transfer(id, to: .departmentID(tenant.support.text), by: tenant.ana, of: tenant)
            // The operator is full: he forces it.
            let own = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(own, by: tenant.operatorID, of: tenant)
            _ = try await inbox.service.accept(
                AcceptRequest(conversationID: id, requestID: UUID().text, force: true), inbox.by(tenant.operatorID, of: tenant))
            let remind = inbox.surroundings.clock.now.advanced(by: .seconds(600))
            _ = try await inbox.service.setPending(
                SetPendingRequest(conversationID: id, requestID: UUID().text, remindTime: .init(remind)),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.setPending))
            try await inbox.settle(at: remind)
            let start = try #require(try await inbox.get(id, by: tenant.operatorID, of: tenant).createTime?.instant)
            try await inbox.settle(at: start.advanced(by: .seconds(22 * 3_600)))
            try await inbox.settle(at: start.advanced(by: .seconds(24 * 3_600)))
            _ = try await inbox.service.close(
                CloseRequest(conversationID: id, requestID: UUID().text, outcome: "resolved"),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.close))
            let lines = try await inbox.history(id, of: tenant)
            #expect(lines.map(\.number) == (1...Int32(lines.count)).map { $0 })
            func line(_ entry: ConversationsV1.HistoryEntry) -> String {
                [
                    entry.kind, "\(entry.stateBefore)>\(entry.stateAfter)", "\(entry.actor?.kind ?? .unspecified)", entry.note,
                    entry.forced ? "forced" : "",
                ].filter { !$0.isEmpty }.joined(separator: " ")
            }
            #expect(
                lines.map(line) == [
                    "created unspecified>queued customer", "offered queued>offered system", "queued offered>queued system",
                    "accepted queued>open agent", "transferred open>queued agent yours", "accepted queued>open agent forced",
                    "pending open>pending agent", "updated pending>pending system reminder",
                    "updated pending>pending system window closes soon", "expired pending>expired system",
                    "closed expired>closed agent resolved",
                ])
            #expect(lines[1].assigneeAfter == tenant.ana.text && lines[2].assigneeBefore == tenant.ana.text)
            #expect(lines[4].departmentBefore == tenant.sales.text && lines[4].departmentAfter == tenant.support.text)
            #expect(lines[4].actor?.displayName == "Ana")
            #expect(lines[7].occurTime?.instant == remind)
            // It lies in support by now.
            func read(_ agent: UUID) async -> String {
                await reason {
                    try await inbox.service.listHistory(ListHistoryRequest(conversationID: id), inbox.by(agent, of: tenant))
                }
            }
            #expect(await read(tenant.bob) == "OK")
            #expect(await read(tenant.ana) == "OUT_OF_SCOPE")
        }
    }
}

// MARK: - What these tests do again and again

extension Inbox {
    fileprivate func update(
        _ conversation: ConversationsV1.Conversation, _ mask: [String], by agent: UUID, of tenant: Tenant
    ) async throws -> ConversationsV1.Conversation {
        try await service.updateConversation(
            UpdateConversationRequest(
                conversation: conversation, updateMask: FieldMask(paths: mask), requestID: UUID().text),
            by(agent, of: tenant, ConversationsServiceDescriptor.updateConversation)
        ).conversation!
    }

    fileprivate func tellDelivery(_ message: String, _ status: DeliveryStatus, of tenant: Tenant) async throws {
        _ = try await service.reportDelivery(
            ReportDeliveryRequest(messageID: message, requestID: UUID().text, status: status), byChannels(tenant))
    }
}
